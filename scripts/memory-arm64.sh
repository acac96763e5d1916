#!/bin/bash
# Mirrors on arm64, with pages of 4 KiB and of 64 KiB, on memory that a device tree
# reserves. Prints TAP.
#   scripts/memory-arm64.sh [4k|64k|GUEST...]     only these, as in "4k-no-map"
# With 4 KiB pages it is Debian's kernel and the module. For 64 KiB pages Debian has
# none, so there it is the KUnit kernel for arm64-64k, which has the module built in
# and does not run its suites then.

. "$(dirname "$0")/lib.sh"
unset KDIR
ARCH=arm64-64k
. "$ROOT/scripts/kunit-lib.sh"

SERIES=6.12
USERS="device-args device-map device-content submit submit-fault exhaust stress"
GUESTS="4k-no-map 4k-reusable 4k-neither 4k-region-reserved 4k-region-ram 4k-no-region
	64k-no-map 64k-reusable 64k-neither"

# device_tree SIZE PROPERTIES [named]: an overlay with a reservation at 1.5 GiB, and
# with a node that names it.
device_tree() {
	local node=""
	[ -z "${3:-}" ] || node='page-allocator {
		compatible = "linux,mirror-mm";
		memory-region = <&mirror_range>;
	};'
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
							reg = <0 0x60000000 0 $1>;
							$2
						};
					};
					$node
				};
			};
		};
	END
}

# Sets IMAGE and FILES for guests with pages of 4k or 64k.
use_4k() {
	local module
	module=$(ARCH=arm64 "$ROOT/scripts/build.sh" module "$SERIES")
	IMAGE=$("$ROOT/scripts/fetch.sh" kernel "$SERIES" arm64)/vmlinuz
	FILES=(--file "$module/mirror_mm.ko")
	TAP_COUNT=0 TAP_FAILED=0
	tap_start
	tap_case "udev loads the module for a node of the device tree" has_alias "$module"
	tap_end || FAILED=yes
}

has_alias() {
	modinfo -F alias "$1/mirror_mm.ko" | grep -xF 'of:N*T*Clinux,mirror-mm'
}

use_64k() {
	IMAGE=$BUILD/arm64-64k.Image.gz
	with_kunit_kernel cp "$OUTPUT/arch/arm64/boot/Image.gz" "$IMAGE"
	FILES=(--append kunit.enable=0)
}

# guest NAME OVERLAY-FILE WANT LINE OPTION...: what the guest prints, then one
# result about itself.
guest() {
	local name=memory-arm64-$1 dts=$2 want=$3 line=$4 status=0
	shift 4
	say "guest $name"
	"$ROOT/scripts/vm.sh" --arch arm64 --name "$name" --time 600 ${dts:+--dts "$dts"} \
		"${FILES[@]}" --file "$PROGRAMS:/mirror/tests" \
		--file "$ROOT/scripts/guest-selftests.sh" \
		--env "MIRROR_MM_SEED=${MIRROR_MM_SEED:-}" \
		--env "WANT=$want" --env "LINE=$line" "$@" \
		"$IMAGE" "$ROOT/scripts/guest-dt.sh" || status=$?
	guest_result "$name" "$status"
}

RANGE_256M=60000000-6fffffff
CLAIMED='claimed \[mem 0x0*60000000-0x0*'
POOL='compatible = "shared-dma-pool"; reusable;'
NEITHER='mirror@60000000 has neither no-map nor reusable.*add no-map'

# Each guest is a function of its name. 64 KiB pages make blocks of 64 MiB, and CMA
# areas of 512 MiB.
run_guest() {
	local dts=$BUILD/logs/memory-arm64-$1.dts
	case "$1" in
	4k-no-map)
		device_tree 0x10000000 'no-map;' named >"$dts"
		guest "$1" "$dts" claimed "${CLAIMED}6fffffff" --env "TESTS=$USERS" \
			--env "RANGE=$RANGE_256M"
		;;
	4k-reusable)
		device_tree 0x8000000 "$POOL" named >"$dts"
		guest "$1" "$dts" claimed "${CLAIMED}67ffffff" \
			--env "TESTS=device-content submit exhaust"
		;;
	*k-neither)
		device_tree 0x10000000 '' named >"$dts"
		guest "$1" "$dts" refused "$NEITHER"
		;;
	4k-region-reserved)
		device_tree 0x10000000 'no-map;' >"$dts"
		guest "$1" "$dts" refused 'no memmap= .*linux,mirror-mm node' \
			--env LOAD=region=256M@0x60000000
		;;
	4k-region-ram)
		guest "$1" "" refused 'System RAM.*linux,mirror-mm node' \
			--env LOAD=region=256M@0x60000000
		;;
	4k-no-region)
		guest "$1" "" refused 'no region given.*linux,mirror-mm node'
		;;
	64k-no-map)
		device_tree 0x20000000 'no-map;' named >"$dts"
		guest "$1" "$dts" claimed "${CLAIMED}7fffffff" --env "TESTS=$USERS" \
			--env RANGE=60000000-7fffffff
		;;
	64k-reusable)
		device_tree 0x20000000 "$POOL" named >"$dts"
		guest "$1" "$dts" claimed "${CLAIMED}7fffffff" \
			--env "TESTS=device-content submit exhaust"
		;;
	*) die "no such guest: $1; there are: ${GUESTS//[$'\n\t']/ }" ;;
	esac
}

main() {
	local name pages=""
	FAILED=""
	PROGRAMS=$(ARCH=arm64 "$ROOT/scripts/build.sh" selftests)
	mkdir -p "$BUILD/logs"
	for name; do
		[ "${name%%-*}" = "$pages" ] || "use_${name%%-*}"
		pages=${name%%-*}
		run_guest "$name"
	done
	[ -z "$FAILED" ]
}

case "${1:-}" in
"" | 4k | 64k) mapfile -t NAMES < <(xargs -n 1 <<<"$GUESTS" | grep "^${1:-}") ;;
*) NAMES=("$@") ;;
esac
main "${NAMES[@]}"
