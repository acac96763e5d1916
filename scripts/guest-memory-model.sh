#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# In the guest of memory-model.sh: loads mirrors of many sizes and has the test
# module count what allocations cost on each. What it finds out is in lines of
# "fact NAME VALUE..."; how long each load took is in the kernel's log.

mirror=/sys/kernel/debug/mirror_mm
fraction=/sys/class/misc/mirror_mm/percpu_pagelist_high_fraction

load() { insmod /mirror/mirror_mm.ko "$@"; }
unload() { rmmod mirror_mm; }
fact() { echo "fact $*"; }

# cost NAME HIGH: with per-CPU lists of at most HIGH pages.
cost() {
	awk -v high="$2" '$1 == "pages" { print int($2 / high) }' "$mirror/memory" >"$fraction"
	insmod /mirror/mirror_mm_cost.ko || return 1
	rmmod mirror_mm_cost
	fact cost "$1" "$(dmesg | sed -n 's/.*mirror_mm_cost: //p' | tail -n 1)"
}

# The names of the file "memory" with their values, in one line.
memory() { grep -v '^#' "$mirror/memory" | tr '\n' ' '; }

available() { awk '/^MemAvailable/ { print $2 }' /proc/meminfo; }

small() {
	load "region=test:$1" && cost "$1" 8192 && fact memory "$1" "$(memory)" && unload
}

large() {
	load region=test:1T || return 1
	fact memory 1T "$(memory)"
	fact check 1T "$(cat "$mirror/check")"
	cost 1T 8192
	fact size 1T "$(mirrorctl info | head -n 3 | tr '\n' ' ')"
	echo 1 >"$mirror/reset" && fact reset 1T "$(cat "$mirror/check")"
	unload
}

# More than there is to describe it with; nothing may be taken for it.
refused() {
	before=$(available)
	! load region=test:8T 2>/tmp/why || return 1
	after=$(available)
	fact refused 8T "$(cat /tmp/why)"
	fact taken 8T $((before - after))
}

# Memory at both ends of what this machine can address, and names far beyond it. The
# memory at 832G is plugged in, which the firmware's map does not know.
apart() {
	load region=128M@4G,128M@832G,test:64M force=may-overwrite-device-memory || return 1
	fact memory apart "$(memory)"
	fact check apart "$(cat "$mirror/check")"
	fact blocks apart "$(sed -n 's/^pageblocks 0 Normal: //p' "$mirror/state")"
	mirrorctl alloc --order 10 --count 70 --hold 0 >/dev/null && fact use apart ok
	unload
}

again() {
	for _ in 1 2 3; do
		load "region=test:$1" && unload || return 1
	done
}

# Once before anything is counted, so that what the kernel loads is loaded.
load region=test:256M && unload
apart && small 256M && small 1G && again 64G && small 64G && small 256G && again 256G &&
	large && refused
