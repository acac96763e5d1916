#!/bin/sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# What `make shell` does inside the guest: loads the module, then gives a prompt
# or runs /mirror/commands.

# The plain user of the guest may use the device.
insmod "$MIRROR_MM_KO" "region=${MIRROR_MM_REGION:-256M@4G}" || exit 1
chgrp user /dev/mirror_mm && chmod 660 /dev/mirror_mm
cd /root || exit 1
[ ! -e /mirror/commands ] || exec /bin/sh /mirror/commands

# A shell with a controlling terminal: Ctrl-C and job control work.
prompt() {
	if [ -x /bin/bash ]; then
		set -- bash --norc
	else
		set -- sh
	fi
	if command -v cttyhack >/dev/null; then
		setsid cttyhack "$@"
	else
		setsid -c "$@"
	fi
}

export PS1='mirror:\w# '
# The second line has no size of its own to tell.
while :; do
	stty sane iutf8 rows "${ROWS:-24}" cols "${COLUMNS:-80}"
	prompt
done <>/dev/ttyS1 >&0 2>&0 &

stty iutf8 rows "${ROWS:-24}" cols "${COLUMNS:-80}" 2>/dev/null
cat <<'END'

The module is loaded on 256M@4G. Try:
  mirrorctl demo
  mirrorctl --help
  cat /sys/kernel/debug/mirror_mm/buddyinfo
  su user -c 'mirrorctl alloc --order 3'
  rmmod mirror_mm; insmod /mirror/mirror_mm.ko region=auto
Your FILES= are in /root. Leave with `exit` or Ctrl-D; Ctrl-A x ends QEMU at once.

END
prompt
