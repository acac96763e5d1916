#!/bin/bash
# Memory of the kernel's CMA area, cma=: prints TAP.
#   scripts/memory-cma.sh           the debug kernel, and what a stock 6.12 says
#   scripts/memory-cma.sh all       the same with more programs
#   scripts/memory-cma.sh newest    the newest stock kernel
# The debug kernel has CMA, and so have Debian's kernels for x86 from 6.17 on. Each runs
# with an area, where selftests of all kinds are given CMA memory instead of a reserved
# range, and without one. Debian's 6.12 shows how a kernel that knows no CMA is told apart.

. "$(dirname "$0")/lib.sh"
unset KDIR

# While the kernel looks at its CPU it forgets for a moment that it has five page
# table levels, and KASAN reports an interrupt at that time.
DEBUG_APPEND=no5lvl
# Under KASAN each mapping of a range costs shadow pages for all of it.
# shellcheck disable=SC2016 # the dollar sign is memmap's own
RANGE='64M$4G'
# Large beside the rest of its zone, so the host's programs get pages of it.
AREA=cma=512M
USERS="load-cma load-again load-busy load-fault device-content device-map submit api-run"
# Those that make test has time for on the debug kernel.
CHOSEN="load-cma load-busy device-content submit"

guest_files() {
	local file
	FILES=(--file "$TESTS:/mirror/tests")
	for file in "$1"/mirror_mm.ko "$1"/tools/selftests/modules/*.ko; do
		[ ! -e "$file" ] || FILES+=(--file "$file")
	done
}

# guest NAME IMAGE TESTS OPTION...: as in vmtest.sh, the guest's own document and
# one about the guest.
guest() {
	local name=memory-cma-$1 image=$2 tests=$3 status=0
	shift 3
	say "guest $name"
	"$ROOT/scripts/vm.sh" --name "$name" --time 900 --env TEST_TIME=400 "${FILES[@]}" \
		--env "TESTS=$tests" --env "MIRROR_MM_SEED=${MIRROR_MM_SEED:-}" "$@" \
		"$image" "$ROOT/scripts/guest-selftests.sh" || status=$?
	guest_result "$name" "$status"
}

# with_area NAME IMAGE APPEND: all that a kernel with CMA is asked.
with_area() {
	guest "$1area" "$2" "$USERS" --memmap "$RANGE" --append "$3 $AREA" \
		--env MIRROR_MM_PARAMS=cma=128M --env MIRROR_MM_WAYS=cma
	[ "$USERS" = "$CHOSEN" ] || guest "$1broken" "$2" broken-invariant --append "$3 $AREA" \
		--env MIRROR_MM_PARAMS=cma=128M --expect-warning mirror_mm 1
	guest "$1none" "$2" load-cma --append "$3"
}

newest() {
	local stock
	stock=$("$ROOT/scripts/build.sh" modules newest)
	guest_files "$stock"
	with_area newest- "$("$ROOT/scripts/fetch.sh" kernel newest)/vmlinuz" ""
}

debug() {
	local kdir debug stock
	kdir=$("$ROOT/scripts/debug-kernel.sh")
	debug=$(KDIR=$kdir DEST=$BUILD/debug "$ROOT/scripts/build.sh" modules)
	stock=$("$ROOT/scripts/build.sh" modules 6.12)
	guest_files "$debug"
	with_area "" "$kdir/arch/x86/boot/bzImage" "$DEBUG_APPEND"
	guest_files "$stock"
	guest stock "$("$ROOT/scripts/fetch.sh" kernel 6.12)/vmlinuz" load-cma
}

FAILED=""
TESTS=$("$ROOT/scripts/build.sh" selftests)
case "${1:-}" in
"") USERS=$CHOSEN && debug ;;
all) debug ;;
newest) newest ;;
*) die "usage: memory-cma.sh [all | newest]" ;;
esac
[ -z "$FAILED" ]
