#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# In a guest of bench.sh, which counts instructions: makes node 1 a pristine node of
# the kernel's, loads the mirror on as much memory, and measures.
#
#   ROWS      the module's groups of rows; each word is one load of both modules
#   PROGRAMS  not empty: what making them costs is measured, and every executable in
#             /mirror/bench is run, with a mirror loaded. Its argument is what a pair
#             of order 0 costs. It prints lines "bench WHAT TARGET VALUE", as the
#             module does, and its exit status counts.
#
# The host reads lines that begin with "bench", "refused" or "fact".

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

# Makes node 1 pristine. It goes online last: nothing may have taken a page of it.
online() {
	echo online_kernel >"$memory/memory32/state"
	echo online_kernel >"$memory/memory33/state"
}

offline() {
	echo offline >"$memory/memory33/state"
	echo offline >"$memory/memory32/state"
}

# measure GROUPS: on memory that nobody has touched before.
measure() {
	insmod /mirror/mirror_mm.ko "region=$REGION"
	online
	insmod /mirror/mirror_mm_bench.ko node=1 "rows=$1" || {
		dmesg | tail -n 60
		exit 1
	}
	tee -a /tmp/figures </sys/kernel/debug/mirror_mm_bench
	rmmod mirror_mm_bench
	offline
}

# sound WHEN: nothing is taken any more, and all is in its place.
sound() {
	fact check "$1" "$(cat "$mirror/check")"
	# What ticks move from list to list must not be counted twice.
	echo 100000 >/sys/class/misc/mirror_mm/stat_interval
	sleep 2
	fact held "$1" "$(held)"
}

# Pages that are neither in a free list nor on a per-CPU list.
held() {
	cat "$mirror/zoneinfo" "$mirror/buddyinfo" | awk '
		/^ *managed/ { n += $2 }
		/^ *count:/ { n -= $2 }
		/^Node .* zone .* [0-9]+ +[0-9]+/ {
			for (i = 5; i <= NF; i++) {
				size = i == 5 ? 1 : 2 * size
				n -= $i * size
			}
		}
		END { print n }'
}

fact() { echo "fact $*"; }

pair() { sed -n 's/^bench pair-0 mirror //p' /tmp/figures; }

programs() {
	for program in /mirror/bench/*; do
		[ -x "$program" ] || continue
		echo "# ${program##*/}"
		"$program" "$(pair)"
	done
}

set -e
quiet
for groups in $ROWS; do
	measure "$groups"
	sound "$groups"
	rmmod mirror_mm
done
if [ -n "$PROGRAMS" ]; then
	mirror-bench-init /mirror/mirror_mm.ko "region=$SMALL" "region=$REGION" 61440 \
		memory32 memory33 32768
	insmod /mirror/mirror_mm.ko "region=$REGION"
	programs
	sound programs
	rmmod mirror_mm
fi
fact kernel "$(uname -r)"
# The console, which the host reads, has not seen it yet.
dmesg >/dev/ttyS0
