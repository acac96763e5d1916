#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Makes node 1, and node 2 where there is one, a pristine reference and a mirror of
# the same shape beside it, then compares them. ARGS are the program's, BLOCKS says how their memory
# blocks go online, in order: "32=online_kernel 33=online_movable"; REGION is the
# mirror's, MIRROR_ARGS more for it,
# DRIVER_ARGS is for both drivers. ADD_MEMORY is memory that node 1 gets first.

memory=/sys/devices/system/memory

# What runs by itself would touch the node's counters or its pages.
quiet() {
	echo 100000 >/proc/sys/vm/stat_interval
	echo 100000 >/sys/class/misc/mirror_mm/stat_interval
	echo 0 >/proc/sys/vm/compaction_proactiveness
	# Ticks that were due by the old interval have to pass.
	sleep 4
}

online() {
	for block in $BLOCKS; do
		echo "${block#*=}" >"$memory/memory${block%=*}/state" || return
	done
}

set -e
cd /mirror
# shellcheck disable=SC2086 # lists of arguments
insmod mirror_mm.ko "region=$REGION" $MIRROR_ARGS
quiet
insmod conf_driver.ko
if [ -n "$ADD_MEMORY" ]; then
	# shellcheck disable=SC2086
	insmod conf_add_memory.ko $ADD_MEMORY
fi
online
# shellcheck disable=SC2086
{
	insmod conf_reference.ko $DRIVER_ARGS
	insmod conf_mirror.ko $DRIVER_ARGS
}
if [ -e mirror_mm_gcov.ko ]; then
	insmod mirror_mm_gcov.ko
fi
status=0
# shellcheck disable=SC2086
./conformance $ARGS || status=$?
# A failing list goes out with the guest's output; the host keeps it.
if [ -e /tmp/conformance-failing.txt ]; then
	sed 's/^/failing-list: /' /tmp/conformance-failing.txt
fi
if [ -e mirror_mm_gcov.ko ]; then
	cat /sys/kernel/debug/mirror_mm_gcov
	rmmod mirror_mm_gcov
fi
rmmod conf_mirror mirror_mm conf_reference
exit $status
