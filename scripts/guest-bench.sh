#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# In the guest of bench.sh, which counts instructions: makes node 1 a pristine node
# of the kernel's, loads the mirror on as much memory, and measures.
#
#   ROWS      the module's groups of rows
#   PROGRAMS  not empty: every executable in /mirror/bench is run as well. Each prints
#             lines "bench WHAT TARGET VALUE" on stdout, as the module does, and its
#             exit status counts; one that others need is no executable there.
#
# The host reads the figures, "refused" and "fact" from the output.

memory=/sys/devices/system/memory
mirror=/sys/kernel/debug/mirror_mm

# What runs by itself would be counted, or would touch the node.
quiet() {
	dmesg -n 1
	echo 100000 >/proc/sys/vm/stat_interval
	echo 0 >/proc/sys/vm/compaction_proactiveness
	# Ticks that were due by the old interval have to pass.
	sleep 4
}

# A node goes online last: nothing may have taken a page of it.
online() {
	echo online_kernel >"$memory/memory32/state"
	echo online_kernel >"$memory/memory33/state"
}

fact() { echo "fact $*"; }

programs() {
	for program in /mirror/bench/*; do
		[ -x "$program" ] || continue
		echo "# ${program##*/}"
		"$program"
	done
}

set -e
quiet
insmod /mirror/mirror_mm.ko "region=$REGION"
online
insmod /mirror/mirror_mm_bench.ko node=1 "rows=$ROWS"
cat /sys/kernel/debug/mirror_mm_bench
rmmod mirror_mm_bench
if [ -n "$PROGRAMS" ]; then
	programs
fi
fact check "$(cat "$mirror/check")"
fact free "$(awk '{ for (i = 5; i <= NF; i++) n += $i * 2 ^ (i - 5) } END { print n }' "$mirror/buddyinfo")"
rmmod mirror_mm
fact kernel "$(uname -r)"
