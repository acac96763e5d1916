#!/bin/bash
# What the mirror computes for zones, against kernels that have all of them: boots
# the KUnit kernel on machines whose memory lies below and above 4 GiB, with and
# without a zone MOVABLE, and runs the suite mirror_reference on each. It compares
# protection, marks, total reserve and the sizes of the per-CPU lists, by default
# and with many values of each sysctl. Prints TAP.
#   scripts/memory-zones.sh

. "$(dirname "$0")/lib.sh"
ARCH=x86_64
. "$ROOT/scripts/kunit-lib.sh"

SUITE=mirror_reference

# NAME  LOW MEMORY  KERNEL ARGUMENT  ZONES, as the suite prints them: node.type
#   of two nodes with 512 MiB each. One has DMA32 and MOVABLE and nothing in between:
#   what the lower one keeps follows from what lies above the empty one.
MACHINES="normal        256M  -                0.0 0.1 0.2 1.2
all-zones     256M  movablecore=400M 0.0 0.1 0.2 0.4 1.2 1.4
empty-between 768M  movablecore=300M 0.0 0.1 1.1 1.4
one-node      512M  numa=off         0.0 0.1 0.2"

boot_each() {
	local name low argument zones
	while read -r name low argument zones; do
		say "running $SUITE on a machine with $low below 4 GiB, $argument: zones $zones"
		LOG=$RESULTS/memory-zones-$name.console
		run "--qemu_args=-machine max-ram-below-4g=$low" \
			${argument:+"--kernel_args=${argument#-}"} "$SUITE" ||
			warn "kunit.py: exit status $?"
	done <<<"$MACHINES"
}

# The zones that the suite had, as node.type.
zones_of() {
	tr -d '\r' <"$1" |
		sed -nE 's/.*: node ([0-9]+), type ([0-9]+): [0-9]+ pages, marks.*/\1.\2/p' | sort -u | paste -sd ' '
}

has_zones() {
	echo "there are: $(zones_of "$1"), wanted: $2"
	[ "$(zones_of "$1")" = "$2" ]
}

passes() {
	local passed
	passed=$("$PYTHON" "$ROOT/scripts/tap.py" count "$1")
	echo "passed, failed, skipped: $passed"
	grep -E '^ *not ok|# .*(EXPECT|ASSERT)ION FAILED' "$1" | head || true
	[[ "$passed" == *" 0 "* && "$passed" != "0 "* ]]
}

main() {
	local name low argument zones
	with_kunit_kernel boot_each
	tap_start
	while read -r name low argument zones; do
		LOG=$RESULTS/memory-zones-$name.console
		tap_case "$name: the kernel has the zones that are meant" has_zones "$LOG" "$zones"
		tap_case "$name: the mirror computes what the kernel does" passes "$LOG"
		tap_case "$name: the kernel's log is clean" clean_log
	done <<<"$MACHINES"
	tap_end
}

main
