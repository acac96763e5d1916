#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Compares the order of nodes and zones with that of the running kernel. The kernel
# built its zonelists when it booted, before any CPU was known to belong to a node;
# it builds them again when a zone gets its first memory, and knows all CPUs then.
#
# REGION, NODES, DISTANCE and CPUS are for the mirror. The CPUs in OFFLINE go before
# the kernel builds again. CONTROL=yes wants a mirror without distances to differ.

SYS=/sys/devices/system/node
KERNEL=/sys/kernel/debug/mirror_mm_zonelists
MIRROR=/sys/kernel/debug/mirror_mm
failed=0

# differs NAME FILE FILE: says so where they do.
differs() {
	cmp -s "$2" "$3" && return 1
	echo "$1: the kernel's file, then the mirror's"
	cat "$2" "$3"
}

compare_zonelists() {
	local file differences=0
	for file in "$KERNEL"/node*; do
		differs "$1, ${file##*/}" "$file" "$MIRROR/${file##*/}/zonelist" &&
			differences=$((differences + 1))
	done
	return "$differences"
}

# A kernel's cpulist and distance are told of the nodes that are online.
compare_files() {
	local node name differences=0
	for node in "$SYS"/node[0-9]*; do
		for name in cpulist distance; do
			differs "$1, $name of ${node##*/}" "$node/$name" \
				"$MIRROR/${node##*/}/$name" &&
				differences=$((differences + 1))
		done
		sed 's/ [0-9]*$//' "$node/numastat" >/tmp/kernel
		sed 's/ [0-9]*$//' "$MIRROR/${node##*/}/numastat" >/tmp/mirror
		differs "$1, names of numastat" /tmp/kernel /tmp/mirror &&
			differences=$((differences + 1))
		sed 's/ *[0-9]* kB$//' "$node/meminfo" | head -n 3 >/tmp/kernel
		sed 's/ *[0-9]* kB$//' "$MIRROR/${node##*/}/meminfo" | head -n 3 >/tmp/mirror
		differs "$1, names of meminfo" /tmp/kernel /tmp/mirror &&
			differences=$((differences + 1))
	done
	return "$differences"
}

# compare WHAT NAME
compare() {
	case "$1" in
	zonelists) compare_zonelists "$2" ;;
	all) compare_zonelists "$2" && compare_files "$2" ;;
	control) ! compare_zonelists "$2" >/dev/null ;;
	esac
}

# with_mirror WHAT NAME PARAMETER...: loads one, compares, unloads it.
with_mirror() {
	local what=$1 name=$2
	shift 2
	if ! insmod /mirror/mirror_mm.ko "region=$REGION" ${NODES:+"nodes=$NODES"} "$@"; then
		echo "$name: the module does not load with region=$REGION $NODES $*"
		failed=$((failed + 1))
		return
	fi
	if ! compare "$what" "$name"; then
		echo "$name: not what was wanted ($what)"
		failed=$((failed + 1))
	fi
	grep -qx 'check: clean' "$MIRROR/check" || failed=$((failed + 1))
	rmmod mirror_mm
}

start_over() {
	local cpu block
	dmesg -c >/dev/null
	for cpu in $OFFLINE; do
		echo 0 >"/sys/devices/system/cpu/cpu$cpu/online" || return 1
	done
	for block in /sys/devices/system/memory/memory*; do
		grep -qx offline "$block/state" || continue
		echo online_movable >"$block/state" || return 1
	done
	# Without a line of the kernel's nothing was built again.
	dmesg | grep -q 'Fallback order for Node'
}

insmod /mirror/mirror_mm_zonelists.ko
with_mirror all "at boot" zones=DMA:4M,DMA32 "distance=$DISTANCE" "cpus=$CPUS,late"
if ! start_over; then
	echo "the kernel did not build its zonelists again"
	exit 1
fi
set -- zones=DMA:4M,DMA32,MOVABLE:4M
with_mirror all "with all CPUs" "$@" "distance=$DISTANCE" "cpus=$CPUS"
with_mirror all "with the kernel's map" "$@" "distance=$DISTANCE"
[ "$CONTROL" != yes ] || with_mirror control "without distances" "$@"
exit "$failed"
