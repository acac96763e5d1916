#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Loads the module in a guest again and again, looks whether it may and what it says,
# and prints KTAP. The cases are in /mirror/cases.sh, made of these:
#   works NAME PARAMETER...    it loads, is sound, and is unloaded again
#   fails NAME PARAMETER...    it does not, with one line, and leaves nothing behind
#   says REGEX                 some line of the last load matches
#   never REGEX                none does

DONE=0 FAILED=0 NAME=""

# result STATUS NAME: one case; what was said is shown where it failed.
result() {
	DONE=$((DONE + 1))
	if [ "$1" = 0 ]; then
		echo "ok $DONE $2"
		return
	fi
	FAILED=$((FAILED + 1))
	echo "not ok $DONE $2"
	sed 's/^/# /' /tmp/said
}

# busybox loads twice where loading fails, and the kernel has its own lines about
# modules from outside.
load() {
	before=$(dmesg | wc -l)
	insmod "$MIRROR_MM_KO" "$@" >/tmp/insmod 2>&1
	loaded=$?
	dmesg | sed "1,${before}d" | sed -n 's/^\(\[[^]]*\] \)*mirror_mm: //p' |
		grep -vE '^(loading out-of-tree|module verification|unknown parameter)' |
		awk '!seen[$0]++' >/tmp/said
}

works() {
	NAME=$1
	shift
	load "$@"
	status=$loaded
	if [ "$status" = 0 ]; then
		[ "$(cat /sys/kernel/debug/mirror_mm/check)" = "check: clean" ] || status=1
		rmmod mirror_mm || status=1
	fi
	result "$status" "$NAME: it loads"
}

fails() {
	NAME=$1
	shift
	load "$@"
	status=0
	if [ "$loaded" = 0 ]; then
		rmmod mirror_mm
		status=1
	fi
	[ "$(wc -l </tmp/said)" = 1 ] || status=1
	! grep -q mirror_mm /proc/iomem || status=1
	result "$status" "$NAME: it is refused, with one line"
}

says() {
	grep -qE "$1" /tmp/said
	result $? "$NAME: the log has $1"
}

never() {
	! grep -qE "$1" /tmp/said
	result $? "$NAME: the log has not $1"
}

echo "KTAP version 1"
# shellcheck source=/dev/null
. /mirror/cases.sh
echo "1..$DONE"
[ "$FAILED" = 0 ] && [ "$DONE" -gt 0 ]
