#!/bin/bash
# What the mirror costs, beside the kernel's own allocator, gen_pool and gpu_buddy, in
# guest instructions.
#   scripts/bench.sh             all rows; writes build/bench.txt, .csv, .png and .svg
#   scripts/bench.sh --quick     a few groups of rows only, in less than a minute
#
# The guests run stock Linux 6.12 of the flavour that has gpu_buddy, with -icount: the
# cycle counter counts instructions, and neither the machine nor its load shows.

. "$(dirname "$0")/lib.sh"
unset KDIR

SERIES=6.12
QUICK_ROWS=pair
ALL_ROWS="pair,comp,bulk,burst,outstanding,trace occ70 set"

# Node 0 has the CPUs and the guest's own memory; node 1 is the kernel's to measure,
# as in conformance.sh. The mirror is on a range that is just as large.
# shellcheck disable=SC2016 # the dollar sign is memmap's own
MACHINE='-m 1G,slots=4,maxmem=8G -object memory-backend-ram,id=r0,size=1G
 -numa node,nodeid=0,cpus=0,memdev=r0 -numa node,nodeid=1
 -object memory-backend-ram,id=r1,size=256M -device pc-dimm,id=d1,memdev=r1,node=1
 -icount shift=0,sleep=off'
# shellcheck disable=SC2016
RESERVED='256M$512M' REGION=256M@512M

prepare() {
	local kernel
	kernel=$("$ROOT/scripts/fetch.sh" kernel "$SERIES" full)
	IMAGE=$kernel/vmlinuz
	DEST=$BUILD/$SERIES-full
	KDIR=$kernel/headers DEST=$DEST "$ROOT/scripts/build.sh" bench "$SERIES" >/dev/null
	FILES=(--file "$DEST/mirror_mm.ko" --file "$DEST/tools/bench/module/mirror_mm_bench.ko")
	GUEST=$("$ROOT/scripts/build.sh" bench-programs)
	FILES+=(--file "$GUEST/bin/mirror-bench-init:/mirror/bin/mirror-bench-init")
	[ ! -d "$GUEST/bench" ] || FILES+=(--file "$GUEST/bench:/mirror/bench")
}

# guest NAME CPUS ROWS PROGRAMS
guest() {
	local machine
	machine=$(tr '\n' ' ' <<<"$MACHINE")
	[ "$2" = 1 ] || machine=${machine/cpus=0/cpus=0-1}
	"$ROOT/scripts/vm.sh" --name "$1" --smp "$2" --time 900 --memmap "$RESERVED" \
		--qemu "$machine" \
		--append "memhp_default_state=offline init_on_alloc=0 nohz=off" \
		"${FILES[@]}" --env "REGION=$REGION" --env "ROWS=$3" --env "PROGRAMS=$4" \
		"$IMAGE" "$ROOT/scripts/guest-bench.sh"
}

if [ "${1:-}" = --x ]; then prepare; guest bench-cross 2 cross ""; cat build/logs/bench-cross.out; exit; fi
prepare
case "${1:-}" in
--quick) guest bench 1 "$QUICK_ROWS" yes ;;
"") guest bench 1 "$ALL_ROWS" yes ;;
esac
cat build/logs/bench.out
