#!/bin/bash
# Each allocation of the kernel for an operation of ours fails once, in a guest with
# the debug kernel; afterwards nothing may be lost, and each call of the module that
# allocates has to have been met. Prints TAP.
#   scripts/failnth.sh
# FAIL_STEP=N (24): of the allocations of one place in the module, when it is loaded,
# each Nth fails once it has failed six times.
# The programs are tools/selftests/helpers/fail-*.c. What is looked for in the guest's
# log, and why not everything can be met, is in tools/failnth.

. "$(dirname "$0")/lib.sh"
# The kernel tree that someone gave for `make modules` is not meant here.
unset KDIR

FAILNTH=$ROOT/tools/failnth
DEST=$BUILD/failnth
# Line numbers for the report; and every call is a frame on the stack.
FLAGS="-g -fno-optimize-sibling-calls -include $FAILNTH/loud.h"

guest() {
	local name=$1 programs=$2 status=0
	shift 2
	say "guest $name: $programs"
	"$ROOT/scripts/vm.sh" --name "$name" --time 3600 --env "TESTS=$programs" \
		--env TEST_DIR=/mirror/tests/lib --env TEST_TIME=3600 --env "FAIL_STEP=${FAIL_STEP:-24}" \
		--file "$DEST/mirror_mm.ko" --file "$DEST/tools/selftests/modules/mirror_mm_kmap.ko" \
		--file "$TESTS:/mirror/tests" \
		"$@" "$KDIR/arch/x86/boot/bzImage" "$ROOT/scripts/guest-selftests.sh" || status=$?
	guest_result "$name" "$status"
}

main() {
	check_number FAIL_STEP "${FAIL_STEP:-}" 1 100000
	KDIR=$("$ROOT/scripts/debug-kernel.sh")
	KDIR=$KDIR DEST=$DEST KCFLAGS=$FLAGS "$ROOT/scripts/build.sh" modules >&2
	TESTS=$("$ROOT/scripts/build.sh" selftests)
	FAILED=""
	guest failnth "${ONLY:-fail-load fail-device fail-map fail-files fail-kmap}" \
		--append "no5lvl cma=64M" --env "MIRROR_MM_PARAMS=region=8M@4G,8M@0x108000000:1"
	"$PYTHON" "$FAILNTH/sites.py" "$DEST/mirror_mm.ko" "$FAILNTH" \
		"$BUILD/logs/failnth.log" || FAILED=yes
	[ -z "$FAILED" ]
}

main
