#!/bin/bash
# Suspend and hibernation, for real: prints TAP. A guest with reserved memory holds
# blocks, is refused to hibernate, suspends to RAM, gives the blocks back, and
# hibernates to a disk. Another guest with that disk wakes up as the first one. On
# arm64, whose kernel has CMA, blocks of it are held all the time.
#   scripts/memory-hibernate.sh
# KERNEL=6.1 takes the other kernel on x86_64.

. "$(dirname "$0")/lib.sh"
unset KDIR

NAME=memory-hibernate
SERIES=${KERNEL:-6.12}
KEPT="0 of 2097152 words differ"
CLEAN="check: clean"

# use ARCH SERIES: sets IMAGE and FILES, and SAID to what its guests will have said.
use() {
	local module tests
	IMAGE=$("$ROOT/scripts/fetch.sh" kernel "$2" "$1")/vmlinuz
	module=$(ARCH=$1 "$ROOT/scripts/build.sh" module "$2")
	tests=$(ARCH=$1 "$ROOT/scripts/build.sh" selftests)
	FILES=(--arch "$1" --file "$module/mirror_mm.ko" --file "$tests/lib/hold:/mirror/lib/hold")
	SAID=$WORK/$1.said
	truncate -s 2G "$WORK/$1"
}

# guest BOOT OPTION...
guest() {
	local boot=$1 status=0
	shift
	say "guest $NAME-$boot"
	"$ROOT/scripts/vm.sh" --name "$NAME-$boot" --time 240 "${FILES[@]}" --env "BOOT=$boot" \
		"$@" "$IMAGE" "$ROOT/scripts/guest-hibernate.sh" || status=$?
	tr -d '\r' <"$BUILD/logs/$NAME-$boot.out" >>"$SAID"
	return "$status"
}

# fact NAME WHICH: what the guests said, in one line.
fact() { sed -n "s/^fact $1 \?$2 //p" "$SAID" | paste -sd '|'; }

# says NAME WHICH VALUE: exactly that, and as often.
says() {
	echo "$1 $2: '$(fact "$1" "$2")', wanted: '$3'"
	[ "$(fact "$1" "$2")" = "$3" ]
}

refused() {
	tap_case "$1: while reserved memory is held it is refused" \
		says hibernate held "Device or resource busy"
	tap_case "$1: the log says how much is held" \
		says log held "hibernation refused: 4096 page(s) in 4 block(s) are held here"
	tap_case "$1: the content is as before" says content held "$KEPT"
	tap_case "$1: and the mirror is sound" says check held "$CLEAN"
}

# The image is found again where the second guest has to be booted another time.
reserved() {
	use x86_64 "$SERIES"
	tap_case "reserved: a guest hibernates to its disk once nothing is held" \
		guest reserved --env LOAD=region=256M@4G --drive "$WORK/x86_64" --until "the image is made"
	tap_case "reserved: another one wakes up as the first and runs to its end" \
		guest again --env LOAD=region=256M@4G --drive "$WORK/x86_64,snapshot=on"
	refused reserved
	# Before the hibernation and after it. No clock wakes such a guest from
	# suspend to idle, which to a module is the same.
	tap_case "reserved: suspend to RAM works with blocks held" says suspend "" "slept|slept"
	tap_case "reserved: and keeps the content" says content suspend "$KEPT|$KEPT"
	tap_case "reserved: and the mirror is sound" says check suspend "$CLEAN|$CLEAN"
	tap_case "reserved: the program that hibernated goes on" says hibernate free "went on"
	tap_case "reserved: the mirror is sound after the resume" says check restored "$CLEAN"
	tap_case "reserved: the same blocks are free" says free "" same
	tap_case "reserved: blocks taken then keep their content" says content restored "$KEPT"
	tap_case "reserved: the module can be loaded again" says check again "$CLEAN"
	tap_case "reserved: nothing else went wrong" says failed "" ""
}

device_tree() {
	cat <<-END
		/dts-v1/;
		/plugin/;

		/ {
			fragment@0 {
				target-path = "/";
				__overlay__ {
					reserved-memory {
						#address-cells = <2>;
						#size-cells = <2>;
						ranges;

						mirror_range: mirror@60000000 {
							reg = <0 0x60000000 0 0x4000000>;
							no-map;
						};
					};
					page-allocator {
						compatible = "linux,mirror-mm";
						memory-region = <&mirror_range>;
						numa-node-id = <0>;
					};
				};
			};
		};
	END
}

# With 52 bits of address Linux 6.12 on arm64 can restore no image, with this module or
# without: it oopses in trans_pgd_create_copy().
cma() {
	use arm64 6.12
	device_tree >"$WORK/dts"
	FILES+=(--dts "$WORK/dts" --append arm64.nolva)
	tap_case "cma: a guest hibernates to its disk while blocks of it are held" \
		guest cma --env LOAD=cma=32M:1 --drive "$WORK/arm64" --until "the image is made"
	tap_case "cma: another one wakes up as the first and runs to its end" \
		guest resume --drive "$WORK/arm64,snapshot=on"
	refused cma
	tap_case "cma: the program that hibernated goes on" says hibernate cma "went on"
	tap_case "cma: the content is restored" says content cma "$KEPT"
	tap_case "cma: the mirror is sound after the resume" says check cma "$CLEAN"
	tap_case "cma: and with nothing held" says check free "$CLEAN"
	tap_case "cma: nothing else went wrong" says failed "" ""
}

main() {
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-hibernate.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	tap_start
	reserved
	cma
	tap_end
}

main
