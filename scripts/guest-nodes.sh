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

# shape NAME FILE: the text with every number but a line's node left out, as the
# mirror has the same zones on the same nodes, only of other sizes.
shape() {
	case "$1" in
	vmstat | numastat) sed 's/ .*//' "$2" ;;
	meminfo) sed 's/ *[0-9]* kB$//' "$2" | head -n 3 ;;
	cpulist | distance) cat "$2" ;;
	*) sed 's/^Node *\([0-9]*\),/node-\1,/; s/[ (][ >]*[0-9][0-9]*/ #/g' "$2" ;;
	esac
}

# differs_in_shape WHEN NAME KERNEL MIRROR
differs_in_shape() {
	shape "$2" "$3" >/tmp/kernel
	shape "$2" "$4" >/tmp/mirror
	cmp -s /tmp/kernel /tmp/mirror && return 1
	echo "$1, $4: how it differs from the kernel's $3:"
	diff /tmp/kernel /tmp/mirror | head -n 20
}

# A kernel has these of nodes that are online.
compare_files() {
	local node name differences=0
	for node in "$SYS"/node[0-9]*; do
		for name in cpulist distance numastat meminfo; do
			differs_in_shape "$1" "$name" "$node/$name" \
				"$MIRROR/${node##*/}/$name" &&
				differences=$((differences + 1))
		done
	done
	for name in buddyinfo pagetypeinfo zoneinfo vmstat; do
		differs_in_shape "$1" "$name" "/proc/$name" "$MIRROR/$name" &&
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
