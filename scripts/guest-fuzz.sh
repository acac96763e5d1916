#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Fuzzes the device inside a guest. FUZZ_ARGS holds libFuzzer's arguments, FUZZ_PARAMS
# the module's, and what is in /mirror/corpus is where it begins. What it keeps goes to
# the memory of a PCI card, which the host sees: scripts/devfuzz.py reads it.
# FUZZ_AFTER is for how many seconds to fuzz when the corpus has been read.
# FUZZ_LIVES holds further parameters of the module, those of one life after the other's
# semicolon. In each the module is loaded anew and inputs are replayed: the corpus, or where
# there is no memory behind the pages those in /mirror/kept.

# Loads the module, with these parameters, and the one that uses it.
load() {
	insmod "$MIRROR_MM_KO" "$@" || exit 1
	[ ! -e /mirror/mirror_mm_user.ko ] ||
		insmod /mirror/mirror_mm_user.ko ${FUZZ_HARDWARE:+hardware=1} || exit 1
}

unload() {
	rmmod mirror_mm_user 2>/dev/null
	rmmod mirror_mm || exit 1
}

# libFuzzer's own time includes that for the corpus, which is most of it on a busy machine.
for_seconds_after_corpus() {
	# shellcheck disable=SC2086 # a list of arguments
	/mirror/devfuzz $FUZZ_ARGS >/tmp/fuzzer 2>&1 &
	fuzzer=$!
	(
		until grep -qs INITED /tmp/fuzzer; do sleep 1; done
		sleep "$FUZZ_AFTER"
		kill -USR1 "$fuzzer"
	) &
	ended=0
	wait "$fuzzer" || ended=$?
	kill "$!" 2>/dev/null
	cat /tmp/fuzzer
	return "$ended"
}

[ ! -e /mirror/mirror_mm_gcov_end.ko ] || insmod /mirror/mirror_mm_gcov_end.ko || exit 1
# shellcheck disable=SC2086 # lists of parameters
load $FUZZ_PARAMS

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
mkdir -p /tmp/inputs /tmp/crashes /mirror/corpus /mirror/kept
export DEVFUZZ_UNITS=/tmp/inputs
status=0
if [ -n "$FUZZ_MERGE" ]; then
	mkdir /tmp/chosen
	# shellcheck disable=SC2086 # a list of arguments
	/mirror/devfuzz $FUZZ_ARGS -set_cover_merge=1 /tmp/chosen /mirror/corpus || status=$?
	# Only what was chosen is to be kept.
	DEVFUZZ_KEEP=/tmp/chosen /mirror/devfuzz
elif [ -n "$FUZZ_AFTER" ]; then
	for_seconds_after_corpus || status=$?
else
	# shellcheck disable=SC2086 # a list of arguments
	/mirror/devfuzz $FUZZ_ARGS || status=$?
fi
dmesg -n 7
[ "$status" = 0 ] || exit "$status"

# one_life PARAMETER...: machine checks may be about the mirror, which is unloaded next.
one_life() {
	inputs=/mirror/corpus
	case "$*" in *region=test:*) inputs=/mirror/kept ;; esac
	unload
	load "$@"
	dmesg -n 2
	# shellcheck disable=SC2086 # a list of arguments
	DEVFUZZ_HARDWARE=1 /mirror/devfuzz $FUZZ_REPLAY_ARGS $inputs/* >/tmp/life ||
		status=$?
	dmesg -n 7
	[ "$status" = 0 ] && return
	tail -n 20 /tmp/life
	exit "$status"
}

FUZZ_HARDWARE=yes
rest=$FUZZ_LIVES
while [ -n "$rest" ]; do
	echo "life: ${rest%%;*}"
	# shellcheck disable=SC2086 # lists of parameters
	one_life ${rest%%;*}
	case "$rest" in *";"*) rest=${rest#*;} ;; *) rest="" ;; esac
done

# What nothing points to any more after five seconds is lost.
if [ -z "$FUZZ_FAST" ] && [ -w /sys/kernel/debug/kmemleak ]; then
	sleep 6
	echo scan >/sys/kernel/debug/kmemleak
	echo scan >/sys/kernel/debug/kmemleak
	grep . /sys/kernel/debug/kmemleak && exit 1
fi
unload
[ ! -e /sys/kernel/debug/mirror_mm_gcov_end ] || cat /sys/kernel/debug/mirror_mm_gcov_end
