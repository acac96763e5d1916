#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# In a guest of memory-mce.sh: reports the same pages to the kernel's own
# memory_failure(), on a node of which nothing is used, and to a mirror of the same
# size. Both have to tell the same of their free blocks after each. Prints TAP.
#
# Node 1 is 256 MiB from 4 GiB on, and has the CPU-less zone Normal alone. The mirror's
# only node lies at 512 MiB.

mirror=/sys/kernel/debug/mirror_mm
memory=/sys/devices/system/memory

# The rows of one node, without its number.
rows() { sed -n "s/^Node *$2, zone   Normal//p" "$1"; }
free_pages() { awk -v node="Node $2," '/^Node/ { on = index($0, node) == 1 && /Normal/ }
	on && ($1 == "pages" || $1 == "managed" || $1 == "present")' "$1"; }

kernel_says() {
	rows /proc/buddyinfo 1
	rows /proc/pagetypeinfo 1
	free_pages /proc/zoneinfo 1
}

mirror_says() {
	rows "$mirror/buddyinfo" 0
	rows "$mirror/pagetypeinfo" 0
	free_pages "$mirror/zoneinfo" 0
}

same() {
	kernel_says >/tmp/kernel
	mirror_says >/tmp/mirror
	cmp -s /tmp/kernel /tmp/mirror && [ "$(wc -l </tmp/kernel)" -gt 8 ]
}

# Pages near each other, too, so that remains of split blocks are split again.
offsets() {
	awk -v seed="$1" 'BEGIN { srand(seed); print 0; print 65535
		for (i = 0; i < 60; i++)
			print int(rand() * (i % 3 ? 65536 : 2048)) }' | uniq
}

report() {
	printf '%#x' $(((0x100000 + $1) * 4096)) >"$memory/hard_offline_page" &&
		printf '%#x' $((0x20000 + $1)) >"$mirror/hwpoison"
}

echo "TAP version 13"
echo "1..2"
begin() {
	echo online_kernel >"$memory/memory32/state" &&
		echo online_kernel >"$memory/memory33/state" &&
		insmod /mirror/mirror_mm.ko region=256M@512M && same
}

if ! begin; then
	echo "Bail out! the kernel's node and the mirror are not alike at first"
	cat /tmp/kernel /tmp/mirror
	exit 1
fi
echo "# MIRROR_MM_SEED=$SEED"
reports=0 different=0
for offset in $(offsets "$SEED"); do
	# The same page may come twice; both refuse it then.
	report "$offset" 2>/dev/null && reports=$((reports + 1))
	same && continue
	different=$((different + 1))
	echo "# after the report of page $offset:"
	diff /tmp/kernel /tmp/mirror | sed 's/^/# /'
done
echo "# $reports reports, $(grep HardwareCorrupted /proc/meminfo)"
[ "$reports" -gt 40 ] && [ "$(wc -l <"$mirror/hwpoison")" = "$reports" ] &&
	grep -qx "HardwareCorrupted: *$((4 * reports)) kB" /proc/meminfo
status=$?
[ "$status" = 0 ] || echo -n "not "
echo "ok 1 both take the reports"
[ "$different" = 0 ] || echo -n "not "
echo "ok 2 both have the same free blocks after each report"
[ "$status$different" = 00 ] && grep -qx "check: clean" "$mirror/check"
