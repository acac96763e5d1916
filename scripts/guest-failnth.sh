#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# In the guest of scripts/failnth.sh: runs the programs in which each allocation fails
# once, and prints one KTAP document. PROGRAMS holds names of /mirror/tests/lib; XX

cd /mirror/tests/lib || exit 1

load() {
	case "$1" in fail-load | fail-kmap) return 0 ;; esac
	# shellcheck disable=SC2086 # a list of parameters
	insmod "$MIRROR_MM_KO" $PARAMETERS
}

unload() {
	grep -q '^mirror_mm ' /proc/modules || return 0
	rmmod mirror_mm || return 1
	case "$1" in fail-load | fail-kmap) echo "# it left the module loaded" && return 1 ;; esac
}

test_one() {
	load "$1" 2>&1 || return 1
	{
		"./$1" 2>&1
		echo $? >/tmp/status
	} </dev/null | sed 's/^/    /'
	status=$(cat /tmp/status)
	[ "$status" = 0 ] || echo "# $1: exit status $status"
	unload "$1" 2>&1 && [ "$status" = 0 ]
}

# shellcheck disable=SC2086 # a list of names
set -- $PROGRAMS
echo "KTAP version 1"
echo "1..$(($# + 1))"
number=0 failed=0
for name; do
	number=$((number + 1))
	echo "mirror_mm-guest: test $name" >/dev/kmsg
	if test_one "$name"; then
		echo "ok $number $name"
	else
		echo "not ok $number $name"
		failed=$((failed + 1))
	fi
done

# What is younger than five seconds is not taken for lost.
sleep 6
# A kmemleak that has switched itself off refuses to scan.
number=$((number + 1))
if echo scan >/sys/kernel/debug/kmemleak && echo scan >/sys/kernel/debug/kmemleak &&
	leaks=$(cat /sys/kernel/debug/kmemleak) && [ -z "$leaks" ]; then
	echo "ok $number kmemleak finds nothing"
else
	echo "$leaks" | sed 's/^/# /'
	echo "not ok $number kmemleak finds nothing"
	failed=$((failed + 1))
fi
[ "$failed" = 0 ]
