#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# What `make shell` does inside the guest: loads the module, then gives a prompt
# or runs /mirror/commands.

insmod "$MIRROR_MM_KO" "region=${MIRROR_MM_REGION:-256M@4G}" || exit 1
cd /root || exit 1
[ ! -e /mirror/commands ] || exec sh /mirror/commands

stty rows "${ROWS:-24}" cols "${COLUMNS:-80}" 2>/dev/null
cat <<'END'

The module is loaded on 256M@4G. Try:
  mirrorctl demo
  mirrorctl --help
  cat /sys/kernel/debug/mirror_mm/buddyinfo
  rmmod mirror_mm; insmod /mirror/mirror_mm.ko region=auto
Leave with `exit` or Ctrl-D; Ctrl-A x ends QEMU at once.

END
export PS1='mirror:\w# '
# A session with a controlling terminal: Ctrl-C and job control work.
setsid cttyhack sh
