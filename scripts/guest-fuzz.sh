#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Fuzzes the device inside a guest. FUZZ_ARGS holds libFuzzer's arguments, FUZZ_PARAMS
# the module's, and what is in /mirror/corpus is where it begins. What it keeps goes to
# the memory of a PCI card, which the host sees: scripts/devfuzz.py reads it.

# shellcheck disable=SC2086 # lists of parameters
insmod "$MIRROR_MM_KO" $FUZZ_PARAMS || exit 1
[ ! -e /mirror/mirror_mm_gcov.ko ] || insmod /mirror/mirror_mm_gcov.ko || exit 1

for card in /sys/bus/pci/devices/*; do
	[ "$(cat "$card/vendor") $(cat "$card/device")" = "0x1af4 0x1110" ] || continue
	echo 1 >"$card/enable"
	export MAILBOX="$card/resource2"
done

# An allocation that is made to fail is no news, whatever it was for.
for kind in /sys/kernel/debug/failslab /sys/kernel/debug/fail_page_alloc; do
	[ -d "$kind" ] || continue
	echo 0 >"$kind/verbose"
	echo N >"$kind/ignore-gfp-wait"
done
[ ! -e /sys/kernel/debug/fail_page_alloc/min-order ] ||
	echo 0 >/sys/kernel/debug/fail_page_alloc/min-order

# What the module refuses it says in the log; the console would take most of the time.
dmesg -n 2
mkdir -p /tmp/inputs /tmp/crashes /mirror/corpus
export DEVFUZZ_UNITS=/tmp/inputs
status=0
if [ -n "$FUZZ_MERGE" ]; then
	mkdir /tmp/chosen
	# shellcheck disable=SC2086 # a list of arguments
	/mirror/devfuzz $FUZZ_ARGS -set_cover_merge=1 /tmp/chosen /mirror/corpus || status=$?
	# Only what was chosen is to be kept.
	DEVFUZZ_KEEP=/tmp/chosen /mirror/devfuzz
else
	# shellcheck disable=SC2086 # a list of arguments
	/mirror/devfuzz $FUZZ_ARGS || status=$?
fi
dmesg -n 7
[ "$status" = 0 ] || exit "$status"
[ ! -e /sys/kernel/debug/mirror_mm_gcov ] || cat /sys/kernel/debug/mirror_mm_gcov

# What nothing points to any more after five seconds is lost.
if [ -z "$FUZZ_FAST" ] && [ -w /sys/kernel/debug/kmemleak ]; then
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	grep . /sys/kernel/debug/kmemleak && exit 1
fi
rmmod mirror_mm_gcov 2>/dev/null
rmmod mirror_mm
