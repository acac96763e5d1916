#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Runs test programs in the guest and prints one KTAP document: each program is
# a test, what it prints are its subtests. TESTS holds the names, all of them
# in /mirror/tests. The module is loaded freshly for each, except for those
# named load-*, which load it on their own.
#
# A program finds in its environment: MIRROR_MM_KO (the module), MIRROR_MM_DIR
# (the test modules), MIRROR_MM_REGION (what to load it with), MIRROR_MM_PARAMS
# (parameters to load it with instead; empty for none), and mirrorctl in PATH.
# Programs named *.sh are run by busybox sh. A module that is built into the kernel
# is reset instead of loaded. TEST_DIR is another folder than /mirror/tests.

export MIRROR_MM_REGION="${MIRROR_MM_REGION:-256M@4G}"
TIME=${TEST_TIME:-240}
cd "${TEST_DIR:-/mirror/tests}" || exit 1

built_in() { [ ! -e "$MIRROR_MM_KO" ]; }

loads_itself() {
	case "$1" in
	load-* | guest-load-* | fail-load | fail-kmap) ;;
	*) return 1 ;;
	esac
}

load() {
	! loads_itself "$1" || return 0
	if built_in; then
		echo 1 >/sys/kernel/debug/mirror_mm/reset
		return
	fi
	# shellcheck disable=SC2086 # a list of parameters
	insmod "$MIRROR_MM_KO" ${MIRROR_MM_PARAMS-"region=$MIRROR_MM_REGION"}
}

# After a program that loads on its own nothing may be left either.
unload() {
	if loads_itself "$1"; then
		! grep -q '^mirror_mm ' /proc/modules && return 0
		echo "# the test left the module loaded"
		rmmod mirror_mm
		return 1
	fi
	built_in || rmmod mirror_mm
}

run() {
	case "$1" in
	*.sh) timeout -k 5 "$TIME" sh "./$1" ;;
	*) timeout -k 5 "$TIME" "./$1" ;;
	esac
}

# The exit status goes round the pipe in a file: busybox sh has no pipefail.
test_one() {
	load "$1" 2>&1 || return 1
	began=$(cut -d. -f1 /proc/uptime)
	{
		run "$1" 2>&1
		echo $? >/tmp/status
	} </dev/null | sed 's/^/    /'
	status=$(cat /tmp/status)
	echo "# $1: $(($(cut -d. -f1 /proc/uptime) - began)) s"
	[ "$status" = 0 ] || echo "# $1: exit status $status"
	unload "$1" 2>&1 && [ "$status" = 0 ]
}

# shellcheck disable=SC2086 # a list of names
set -- $TESTS
echo "KTAP version 1"
leaks=$([ ! -e /sys/kernel/debug/kmemleak ] || echo 1)
# A scan at any time takes what a module is just being made from for lost; only the last
# one, when all is at rest, counts.
[ -z "$leaks" ] || echo scan=off >/sys/kernel/debug/kmemleak
echo "1..$(($# + ${leaks:-0}))"
number=0 failed=0
for name; do
	number=$((number + 1))
	# So that a message in the kernel's log can be told to belong to a test.
	echo "mirror_mm-guest: test $name" >/dev/kmsg
	if test_one "$name"; then
		echo "ok $number $name"
	else
		echo "not ok $number $name"
		failed=$((failed + 1))
	fi
done

# A debug kernel looks for memory that nothing points to any more; it takes only
# what is older than five seconds for lost. A kmemleak that has switched itself off
# refuses to scan.
if [ -n "$leaks" ]; then
	sleep 6
	number=$((number + 1))
	if echo scan >/sys/kernel/debug/kmemleak && echo scan >/sys/kernel/debug/kmemleak &&
		found=$(cat /sys/kernel/debug/kmemleak) && [ -z "$found" ]; then
		echo "ok $number kmemleak finds nothing"
	else
		echo "$found" | sed 's/^/# /'
		echo "not ok $number kmemleak finds nothing"
		failed=$((failed + 1))
	fi
fi
# What KCSAN has looked at; its reports are in the kernel's log.
if [ -r /sys/kernel/debug/kcsan ]; then
	sed 's/^/# kcsan /' /sys/kernel/debug/kcsan
fi
[ "$failed" = 0 ] && [ "$number" -gt 0 ]
