#!/bin/busybox sh
# shellcheck shell=dash disable=SC2317 # what is called by its name
# SPDX-License-Identifier: GPL-2.0
# Loads the module in a guest whose device tree says what is its own, looks what
# became of it, and prints KTAP. Then it runs the programs that TESTS names.
#   WANT     claimed or refused
#   LINE     what a line of the module in the log must match
#   RANGE    for claimed: the range as /proc/iomem has it, where it is ours by name
#   LOAD     parameters of the module
# Built into the kernel, the module has been loaded already and stays.

DONE=0 FAILED=0

# check NAME COMMAND...
check() {
	name=$1
	shift
	DONE=$((DONE + 1))
	if "$@" >/tmp/said 2>&1; then
		echo "ok $DONE $name"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $DONE $name"
		sed 's/^/# /' /tmp/said
	fi
}

built_in() { [ ! -e "$MIRROR_MM_KO" ]; }

# What we said during the last load. busybox loads twice where loading fails, and the
# kernel has its own lines about modules from outside.
ours() {
	dmesg | sed "1,${BEFORE}d" | sed -n 's/^\(\[[^]]*\] \)*mirror_mm: //p' |
		grep -vE '^(loading out-of-tree|module verification)' | sort -u
}

load() {
	BEFORE=1
	built_in && return 0
	BEFORE=$(dmesg | wc -l)
	# shellcheck disable=SC2086 # a list of parameters
	insmod "$MIRROR_MM_KO" $LOAD
}

load_fails() { ! load; }
logged() { ours; ours | grep -qE "$LINE"; }
# One clear line, not several.
logged_once() { ours; [ "$(ours | wc -l)" = 1 ]; }
device() { [ -c /dev/mirror_mm ] && [ -d /sys/kernel/debug/mirror_mm ]; }
no_device() { [ ! -e /dev/mirror_mm ] && [ ! -e /sys/kernel/debug/mirror_mm ]; }
in_iomem() { cat /proc/iomem; grep -qE "$RANGE : mirror_mm" /proc/iomem; }
not_in_iomem() { cat /proc/iomem; ! grep -q mirror_mm /proc/iomem; }
not_loaded() { ! grep '^mirror_mm ' /proc/modules; }

sound() {
	cat /sys/kernel/debug/mirror_mm/buddyinfo
	[ "$(cat /sys/kernel/debug/mirror_mm/check)" = "check: clean" ]
}

# claimed and refused are given what to add to each name.
claimed() {
	check "the module loads$1" load
	check "the log says what was claimed$1" logged
	check "the device is there$1" device
	check "it is sound$1" sound
	[ -z "$RANGE" ] || check "the range is ours in /proc/iomem$1" in_iomem
	built_in && return 0
	check "the module goes$1" rmmod mirror_mm
	check "the device is gone$1" no_device
	check "the range is nobody's again$1" not_in_iomem
}

refused() {
	if built_in; then
		load
	else
		check "the module does not load$1" load_fails
	fi
	check "the log says why$1" logged
	check "in one line$1" logged_once
	check "there is no device$1" no_device
	check "no module stays$1" not_loaded
	check "no range stays$1" not_in_iomem
}

echo "KTAP version 1"
"$WANT" ""
built_in || "$WANT" ", the second time"
echo "1..$DONE"
status=0
[ "$FAILED" = 0 ] || status=1
if [ -n "$TESTS" ]; then
	export MIRROR_MM_PARAMS="$LOAD"
	sh /mirror/guest-selftests.sh || status=1
fi
exit "$status"
