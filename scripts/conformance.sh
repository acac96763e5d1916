#!/bin/bash
# Compares mirror_mm with the running kernel's own allocator, call by call.
#   scripts/conformance.sh          prints tables and, as its last line,
#                                   "conformance: S sequences, O operations, D differences"
#   scripts/conformance.sh --tap    the fixed set and a few fresh seeds, as TAP
# Settings in the environment (make conformance SEED=...):
#   SEED  first seed (default: a fresh one)     OPS  operations of a sequence
#   MIX   one mix, or several: "full,bulk"      SEQUENCES  in each guest (default: each mix once)
#   NODES kinds of node, some of: normal movable holes reclaim
#   KERNEL  6.12 (the only reference there is)  SHRINK  seconds for shrinking

. "$(dirname "$0")/lib.sh"
unset KDIR

NODES=${NODES:-normal movable holes reclaim}
OPS=${OPS:-100000}
MIX=${MIX:-all}
SEQUENCES=${SEQUENCES:-}
SHRINK=${SHRINK:-60}
KERNEL=${KERNEL:-6.12}
FIXED_SEED=20261121

# A seed for whoever gave none; it is printed with every sequence.
fresh_seed() { od -An -N4 -tu4 /dev/urandom | tr -d ' '; }

# Node 0 has the CPU and the guest's own memory; the reference is node 1, whose
# memory is plugged in and belongs to nobody.
MACHINE_BASE="-m 1G,slots=4,maxmem=8G -object memory-backend-ram,id=r0,size=1G
 -numa node,nodeid=0,cpus=0,memdev=r0 -numa node,nodeid=1"
DIMM="-object memory-backend-ram,id=r1,size=256M -device pc-dimm,id=d1,memdev=r1,node=1"
DIMM_HALVES="-object memory-backend-ram,id=r1,size=128M
 -device pc-dimm,id=d1,memdev=r1,node=1,addr=0x100000000
 -object memory-backend-ram,id=r2,size=128M
 -device pc-dimm,id=d2,memdev=r2,node=1,addr=0x110000000"

# node_options KIND: the machine, the mirror and how the memory goes online.
node_options() {
	MACHINE="$MACHINE_BASE $DIMM" RESERVED='256M$512M' REGION=256M@512M:1
	BLOCKS="32=online_kernel 33=online_kernel" MIRROR_ARGS="" APPEND_MORE=""
	NODE_ARGS="--mix=$MIX"
	case "$1" in
	normal) ;;
	movable)
		BLOCKS="32=online_kernel 33=online_movable"
		NODE_ARGS="$NODE_ARGS --movable-blocks=1"
		MIRROR_ARGS="zones=NORMAL:128M,MOVABLE"
		;;
	holes)
		MACHINE="$MACHINE_BASE $DIMM_HALVES" RESERVED='384M$512M'
		REGION=128M@512M:1,128M@768M:1
		BLOCKS="32=online_kernel 34=online_kernel"
		;;
	reclaim)
		# Direct reclaim waits, and what else runs then must repeat.
		MACHINE="$MACHINE -icount shift=0,sleep=off -rtc base=2024-01-01,clock=vm"
		NODE_ARGS="--mix=reclaim"
		;;
	*) die "NODES=$1 is not known; give some of: normal movable holes reclaim" ;;
	esac
}

prepare() {
	[ "$KERNEL" = 6.12 ] ||
		die "KERNEL=$KERNEL is no reference: the mirror behaves as Linux 6.12; give KERNEL=6.12"
	IMAGE=$("$ROOT/scripts/fetch.sh" kernel 6.12)/vmlinuz
	MODULES=$("$ROOT/scripts/build.sh" conformance 6.12)
	PROGRAM=$("$ROOT/scripts/build.sh" compare)
}

# guest KIND NAME FOLDER ARGUMENTS: one comparison; MODULES is where mirror_mm.ko is.
guest() {
	local kind=$1 name=$2 modules=$3 file files=()
	shift 3
	node_options "$kind"
	for file in "$modules/mirror_mm.ko" "$MODULES"/tools/conformance/module/*.ko "$PROGRAM"; do
		files+=(--file "$file")
	done
	"$ROOT/scripts/vm.sh" --name "$name" --smp 1 --time "${TIME:-900}" \
		--memmap "$RESERVED" --qemu "$(tr '\n' ' ' <<<"$MACHINE")" \
		--append "memhp_default_state=offline init_on_alloc=0 nohz=off" \
		"${files[@]}" --env "BLOCKS=$BLOCKS" --env "REGION=$REGION" \
		--env "MIRROR_ARGS=$MIRROR_ARGS" --env "ARGS=$NODE_ARGS $*" \
		"$IMAGE" "$ROOT/scripts/guest-conformance.sh"
}

output_of() { tr -d '\r' <"$BUILD/logs/$1.out" | grep -v '^mirror_mm-guest:'; }

# Adds up the last lines of all guests.
total() {
	local kind
	for kind in $NODES; do
		output_of "conformance-$kind" | grep '^conformance:' || echo "conformance: 0 sequences, 0 operations, 1 differences"
	done | awk '{ s += $2; o += $4; d += $6 }
		END { printf "conformance: %d sequences, %d operations, %d differences\n", s, o, d
		      exit d || !o }'
}

people() {
	local kind status=0
	SEED=${SEED:-$(fresh_seed)}
	prepare
	for kind in $NODES; do
		say "node kind $kind, seed $SEED, mixes $MIX, $OPS operations a sequence"
		guest "$kind" "conformance-$kind" "$MODULES" "--seed=$SEED" "--ops=$OPS" \
			${SEQUENCES:+"--sequences=$SEQUENCES"} "--shrink-seconds=$SHRINK" || status=1
		output_of "conformance-$kind" | grep -v '^conformance:' || true
	done
	total && [ "$status" = 0 ]
}

people
