#!/bin/bash
# Compares mirror_mm with the running kernel's own allocator, call by call.
#   scripts/conformance.sh            prints tables and, as its last line,
#                                     "conformance: S sequences, O operations, D differences"
#   scripts/conformance.sh --fixed    the fixed set and a few fresh seeds, as TAP
#   scripts/conformance.sh --controls mirrors with a fault each must be found, and
#                                     each rule must have fired in the fixed set; TAP.
#                                     --faults and --rules are its two halves
# Settings in the environment (make conformance SEED=...):
#   SEED  first seed (default: a fresh one)     OPS  operations of a sequence
#   NODES kinds of node, some of: normal        SEQUENCES  in each guest (default:
#         movable holes spread nodes            each mix once)
#         nodezones nodespread cpus
#         reclaim nodereclaim
#   MIX   one mix, or several: "full,bulk",     SHRINK  seconds for shrinking
#         or your own: "full+comp=90"; MIX=list prints all of them as that
#   POLICY  of the mirror (default: linux-6.12); with another, the first difference
#           shows what it does otherwise
#   REPLAY  a file: the list of a failure, as a run before has left it
#   KERNEL  6.12, the only reference there is

. "$(dirname "$0")/lib.sh"
unset KDIR

OPS=${OPS:-100000}
MIX=${MIX:-all}
KINDS="normal movable holes spread nodes nodezones nodespread"
# Two CPUs and direct reclaim have a mix of their own, and that has nodes of its own.
case "$MIX" in
all | list) NODES=${NODES:-$KINDS cpus reclaim nodereclaim} ;;
cpus*) NODES=${NODES:-cpus} ;;
reclaim*) NODES=${NODES:-reclaim nodereclaim} ;;
*) NODES=${NODES:-$KINDS} ;;
esac
SEQUENCES=${SEQUENCES:-}
SHRINK=${SHRINK:-60}
KERNEL=${KERNEL:-6.12}

# A seed for whoever gave none; it is printed with every sequence.
fresh_seed() { od -An -N4 -tu4 /dev/urandom | tr -d ' '; }

# Node 0 has the CPU and the guest's own memory; the reference is node 1, and in
# some kinds node 2, whose memory is plugged in and belongs to nobody.
MACHINE_BASE="-m 1G,slots=4,maxmem=8G -object memory-backend-ram,id=r0,size=1G
 -numa node,nodeid=0,cpus=0,memdev=r0 -numa node,nodeid=1"
DIMM="-object memory-backend-ram,id=r1,size=256M -device pc-dimm,id=d1,memdev=r1,node=1"
DIMM_HALVES="-object memory-backend-ram,id=r1,size=128M
 -device pc-dimm,id=d1,memdev=r1,node=1,addr=0x100000000
 -object memory-backend-ram,id=r2,size=128M
 -device pc-dimm,id=d2,memdev=r2,node=1,addr=0x110000000"

# Two nodes, 256 MiB each. The machine tells the kernel of a node only where it has
# something: node 1 has a CPU that is not there, node 2 the room for memory.
MACHINE_NODES="${MACHINE_BASE/nodeid=1/nodeid=1,cpus=1} -numa node,nodeid=2
 -object memory-backend-ram,id=r1,size=256M
 -device pc-dimm,id=d1,memdev=r1,node=1,addr=0x100000000
 -object memory-backend-ram,id=r2,size=256M
 -device pc-dimm,id=d2,memdev=r2,node=2,addr=0x110000000"

# two_nodes: what kinds with two nodes have in common.
# shellcheck disable=SC2016
two_nodes() {
	MACHINE="$MACHINE_NODES" RESERVED='512M$256M' REGION=256M@256M:1,256M@512M:2
	BLOCKS="32=online_kernel 33=online_kernel 34=online_kernel 35=online_kernel"
	SMP=1,maxcpus=2
}

# one_translator: where QEMU translates, it does so for one CPU after the other, and the
# one that waits for its turn gives way. Two threads would only take each other's time.
one_translator() {
	case "$MACHINE $("$ROOT/scripts/accel.sh" "$IMAGE")" in
	*-icount*) ;;
	*-accel\ tcg*) MACHINE="$MACHINE -accel tcg,thread=single" ;;
	esac
}

# with_reclaim: direct reclaim waits, and what else runs then must repeat.
with_reclaim() {
	MACHINE="$MACHINE -icount shift=0,sleep=off -rtc base=2024-01-01,clock=vm"
	case "$MIX" in reclaim*) ;; *) NODE_ARGS="--mix=reclaim" ;; esac
}

# The mix of the two CPUs with arrays, which the block interface does not have.
CPUS_BULK="cpus+bulk=8+free_bulk=8"

# node_options KIND: the machine, the mirror and how the memory goes online, and
# the seeds of the fixed set, each of which is used with every mix, or FIXED_MIXES.
# shellcheck disable=SC2016 # the dollar sign is memmap's own
node_options() {
	MACHINE="$MACHINE_BASE $DIMM" RESERVED='256M$512M' REGION=256M@512M:1
	BLOCKS="32=online_kernel 33=online_kernel" MIRROR_ARGS="" ADD_MEMORY=""
	DRIVER_ARGS="" SMP=1 FIXED_MIXES=""
	NODE_ARGS="--mix=$MIX"
	case "$1" in
	normal) SEEDS=1,2,3 ;;
	movable)
		SEEDS=4
		BLOCKS="32=online_kernel 33=online_movable"
		NODE_ARGS="$NODE_ARGS --movable-blocks=1"
		MIRROR_ARGS="zones=NORMAL:128M,MOVABLE"
		;;
	holes)
		SEEDS=5
		MACHINE="$MACHINE_BASE $DIMM_HALVES" RESERVED='384M$512M'
		REGION=128M@512M:1,128M@768M:1
		BLOCKS="32=online_kernel 34=online_kernel"
		;;
	spread)
		SEEDS=6
		# A zone DMA32 below the zone NORMAL, in memory of the guest's own.
		MACHINE="$MACHINE_BASE ${DIMM/256M/128M}" RESERVED='384M$512M'
		REGION=256M@512M:1 ADD_MEMORY="start=0x30000000 size=0x8000000"
		BLOCKS="6=online_kernel 32=online_kernel"
		MIRROR_ARGS="zones=DMA32:128M,NORMAL"
		;;
	nodes)
		SEEDS=21 FIXED_MIXES="order0,large,onesided,atomic,bulk"
		two_nodes
		;;
	nodezones)
		SEEDS=22 FIXED_MIXES="mixed,bursts,bulk,tune,full"
		two_nodes
		BLOCKS="32=online_kernel 33=online_movable 34=online_kernel 35=online_movable"
		NODE_ARGS="$NODE_ARGS --movable-blocks=1"
		# The mirror's zones follow the addresses, and here they are two on each
		# node. No blocks: they are told by addresses.
		REGION=128M@256M:1,128M@384M:2,128M@512M:1,128M@640M:2
		MIRROR_ARGS="zones=NORMAL:256M,MOVABLE"
		NODE_ARGS="$NODE_ARGS --no-blocks"
		# As if the CPU were of the first node.
		DRIVER_ARGS="cpu_node=1"
		;;
	nodespread)
		SEEDS=24 FIXED_MIXES="mixed,fragment,refs"
		two_nodes
		# The first node has a zone DMA32, too: mixing types is avoided there.
		MACHINE="${MACHINE_NODES/size=256M/size=128M}" RESERVED='640M$256M'
		REGION=256M@256M:1,256M@512M:2 MIRROR_ARGS="zones=DMA32:128M,NORMAL"
		ADD_MEMORY="start=0x30000000 size=0x8000000"
		BLOCKS="6=online_kernel 32=online_kernel 34=online_kernel 35=online_kernel"
		;;
	cpus)
		SEEDS=31 FIXED_MIXES="cpus,$CPUS_BULK"
		MACHINE="${MACHINE_BASE/cpus=0/cpus=0-1} $DIMM" SMP=2
		[ "$MIX" != all ] || NODE_ARGS="--mix=$FIXED_MIXES"
		;;
	reclaim)
		SEEDS=7,8,9,10,11,12,13
		with_reclaim
		;;
	nodereclaim)
		SEEDS=300,301,302
		two_nodes
		with_reclaim
		;;
	*) die "NODES=$1 is not known; give some of: $KINDS cpus reclaim nodereclaim" ;;
	esac
}

prepare() {
	IMAGE=$("$ROOT/scripts/fetch.sh" kernel 6.12)/vmlinuz
	MODULES=$("$ROOT/scripts/build.sh" conformance 6.12)
	PROGRAM=$("$ROOT/scripts/build.sh" compare)
	FILES=("$MODULES/mirror_mm.ko")
}

# guest KIND NAME ARGUMENT...: one comparison, on a node of that kind.
guest() {
	local kind=$1 name=$2 file files=()
	shift 2
	node_options "$kind"
	MIRROR_ARGS+=${POLICY:+ policy=$POLICY}
	[ "$SMP" != 2 ] || one_translator
	for file in "${FILES[@]}" "$MODULES"/tools/conformance/module/*.ko "$PROGRAM"; do
		files+=(--file "$file")
	done
	"$ROOT/scripts/vm.sh" --name "$name" --smp "$SMP" --time "${TIME:-1500}" \
		--memmap "$RESERVED" --qemu "$(tr '\n' ' ' <<<"$MACHINE")" \
		--append "memhp_default_state=offline init_on_alloc=0 nohz=off nr_cpus=${SMP%%,*}" \
		"${files[@]}" --env "BLOCKS=$BLOCKS" --env "REGION=$REGION" \
		--env "MIRROR_ARGS=$MIRROR_ARGS" --env "ADD_MEMORY=$ADD_MEMORY" --env "DRIVER_ARGS=$DRIVER_ARGS" --env "ARGS=$NODE_ARGS $*" \
		"$IMAGE" "$ROOT/scripts/guest-conformance.sh"
}

output_of() {
	tr -d '\r' <"$BUILD/logs/$1.out" |
		grep -vE '^(mirror_mm-guest|failing-list|gcov-[a-z]+)[: ]' || true
}

# A failing list comes out of the guest with its output; REPLAY= runs it again.
keep_failing_list() {
	local list=$BUILD/$1.list
	tr -d '\r' <"$BUILD/logs/$1.out" | sed -n 's/^failing-list: //p' >"$list"
	if [ -s "$list" ]; then
		say "the failing list is ${list#"$ROOT"/}; try: make conformance NODES=$2${POLICY:+ POLICY=$POLICY} REPLAY=${list#"$ROOT"/}"
	else
		rm "$list"
	fi
}

# Adds up the last lines of all guests.
total() {
	local kind
	for kind in $NODES; do
		output_of "conformance-$kind" | grep -E '^conformance: [0-9]+ sequences,' ||
			warn "node kind $kind was not compared; see build/logs/conformance-$kind.out"
	done | awk '{ s += $2; o += $4; d += $6 }
		END { printf "conformance: %d sequences, %d operations, %d differences\n", s, o, d
		      exit d || !o }'
}

# What somebody gave, before anything is fetched or built for it.
check_settings() {
	local kind mixes policies
	check_number SEED "${SEED:-}"
	# The bounds are the program's.
	check_number OPS "$OPS" 1 50000000
	check_number SEQUENCES "$SEQUENCES" 1 100000
	check_number SHRINK "$SHRINK" 0 86400
	mixes=$(names_in tools/conformance/mixes.c)
	policies=$(names_in src/core/policy.c)
	# shellcheck disable=SC2086 # lists of names
	{
		for kind in ${MIX//,/ }; do
			check_word MIX "${kind%%+*}" all list $mixes
		done
		[ -z "${POLICY:-}" ] || check_word POLICY "$POLICY" $policies
	}
	for kind in $NODES; do
		node_options "$kind"
	done
	[ -z "${REPLAY:-}" ] || { [ -f "$REPLAY" ] && [ -r "$REPLAY" ]; } ||
		die "REPLAY=$REPLAY cannot be read; give a list that a run has left in build/$(lists_left)"
	[ "$KERNEL" = 6.12 ] ||
		die "KERNEL=$KERNEL is no reference: the mirror behaves as Linux 6.12; give KERNEL=6.12"
}

# names_in FILE: what it has as .name of its mixes or policies.
names_in() { sed -nE 's/.*\.name = "([a-z0-9.-]+)".*/\1/p' "$ROOT/$1"; }

lists_left() {
	local list lists=""
	for list in "$BUILD"/*.list; do
		[ ! -e "$list" ] || lists+=" ${list#"$ROOT"/}"
	done
	echo "${lists:+; there are:$lists}"
}

people() {
	local kind status=0 what said
	check_settings
	SEED=${SEED:-$(fresh_seed)}
	if [ "$MIX" = list ]; then
		"$("$ROOT/scripts/build.sh" compare)" --list-mixes
		return
	fi
	# The fields of a mix are known to the program alone, and it takes seconds to build.
	said=$("$("$ROOT/scripts/build.sh" compare)" "--mix=$MIX" --list-mixes 2>&1 >/dev/null) ||
		die "MIX=$MIX: ${said%%$'\n'*}"
	prepare
	what=("--seed=$SEED" "--ops=$OPS" "--shrink-seconds=$SHRINK"
		${SEQUENCES:+"--sequences=$SEQUENCES"})
	if [ -n "${REPLAY:-}" ]; then
		FILES+=("$REPLAY:/mirror/list")
		what=(--replay=/mirror/list)
	fi
	for kind in $NODES; do
		say "node kind $kind: ${what[*]}"
		guest "$kind" "conformance-$kind" "${what[@]}" || status=1
		output_of "conformance-$kind" | grep -v '^conformance:' || true
		keep_failing_list "conformance-$kind" "$kind"
	done
	total && [ "$status" = 0 ]
}

# tap_guest KIND NAME ARGUMENT...: the guest's own document, then one about it.
FAILED=""
tap_guest() {
	local kind=$1 name=$2 status=0
	shift 2
	say "guest $name: $*"
	guest "$kind" "$name" --tap "$@" || status=$?
	output_of "$name"
	keep_failing_list "$name" "$kind"
	[ "$status" = 0 ] || FAILED=yes
	# A difference is 1, which the document above says already.
	! grep -qE '^mirror_mm-guest: exit status 1\s*$' "$BUILD/logs/$name.out" || [ "$status" != 2 ] ||
		status=0
	printf 'TAP version 13\n1..1\n%sok 1 guest %s ran to its end with a clean kernel log\n' \
		"$([ "$status" = 0 ] || echo 'not ')" "$name"
}

# Reclaim waits and is slow: shorter sequences.
fixed_set() {
	local kind ops
	for kind in $KINDS cpus reclaim nodereclaim; do
		node_options "$kind"
		ops=$OPS
		case "$kind" in *reclaim) ops=$((OPS / 5)) ;; esac
		tap_guest "$kind" "$1-$kind" "--seeds=$SEEDS" "--ops=$ops" \
			${FIXED_MIXES:+"--mix=$FIXED_MIXES"} "${@:2}"
	done
}

# events_of NAME: a line "EVENT NUMBER" for each event of each guest's reference.
events_of() {
	local log
	for log in "$BUILD/logs/$1"-*.out; do
		tr -d '\r' <"$log" | sed -n '/^event  /,/^conformance:/p' |
			sed -nE 's/^([A-Z_0-9]+) +([0-9]+) .*/\1 \2/p'
	done
}

# What the drivers and the kernel's tracepoint saw happen to the reference in the
# fixed set, all guests together. Only reclaim counts ALLOCSTALL, where the whole
# guest's counter says nothing about the node.
fired() {
	events_of conformance-fixed | awk -v least=100 '
		$1 != "ALLOCSTALL" { if (!($1 in sum)) name[++nr] = $1; sum[$1] += $2 }
		END {
			printf "TAP version 13\n1..%d\n", nr
			for (i = 1; i <= nr; i++) {
				low = sum[name[i]] < least
				printf "%sok %d the reference did %s often enough\n# %d times, at least %d\n",
					low ? "not " : "", i, name[i], sum[name[i]], least
				bad += low
			}
			exit bad || !nr
		}' || FAILED=yes
}

fixed() {
	prepare
	rm -f "$BUILD"/logs/conformance-fixed-*
	fixed_set conformance-fixed "--shrink-seconds=$SHRINK"
	fired
	tap_guest normal conformance-fresh "--seed=$(fresh_seed)" --sequences=6 \
		"--ops=$OPS" "--shrink-seconds=$SHRINK"
	[ -z "$FAILED" ]
}

# Both are runs of a build of its own, with faults and with a core that counts.
prepare_controls() {
	prepare
	DEST=$("$ROOT/scripts/build.sh" faults 6.12)
	FILES=("$DEST/mirror_mm.ko")
}

# fault_names LIST GREP-ARGUMENT...: policies of such a file, separated by commas.
fault_names() {
	local list=$1
	shift
	sed -n 's/^\([a-z][a-z-]*\)  *.*/\1/p' "$ROOT/tools/conformance/faults/$list" |
		grep "$@" | sed 's/^/fault-/' | paste -sd,
}

# faults_on KIND NAME SEEDS SHRINK LIST GREP-ARGUMENT...: of these faults, each must be
# found, and the list that finds the first gets shorter in so many seconds.
faults_on() {
	local kind=$1 name=$2 seeds=$3 shrink=$4 arg args=()
	shift 4
	node_options "$kind"
	# shellcheck disable=SC2086 # a list of arguments
	for arg in "region=$REGION" $MIRROR_ARGS; do
		args+=("--insmod-args=$arg")
	done
	[ -z "$DRIVER_ARGS" ] || args+=("--driver-args=$DRIVER_ARGS")
	tap_guest "$kind" "$name" "--seeds=$seeds" "--ops=$OPS" "--shrink-seconds=$shrink" \
		"--faults=$(fault_names "$@")" --mirror-ko=/mirror/mirror_mm.ko \
		--driver-ko=/mirror/conf_mirror.ko "${args[@]}"
}

# Every fault must be found, and what has none must not.
faults() {
	faults_on normal conformance-faults 11,12 60 list -v '^node-'
	faults_on nodezones conformance-node-faults 11 0 list '^node-'
	faults_on cpus conformance-cpu-faults 11 0 cpus '^cpus-'
}

# Every rule must have fired in the fixed set.
rules() {
	local tools=$ROOT/tools/conformance
	FILES+=("$DEST/mirror_mm_gcov.ko")
	rm -f "$BUILD"/logs/conformance-rules-*
	fixed_set conformance-rules --shrink-seconds=0 --no-blocks --no-text
	"$PYTHON" "$tools/gcda.py" "$DEST" "$BUILD/rules" \
		"$BUILD"/logs/conformance-rules-*.out >&2
	"$PYTHON" "$tools/rules.py" tap "$DEST" "$BUILD"/rules/*.json >"$BUILD/rules/tap" ||
		FAILED=yes
	cat "$BUILD/rules/tap"
	TAP_COUNT=0 TAP_FAILED=0
	tap_start
	tap_case "each line that was not reached has a reason" explained
	tap_end || FAILED=yes
	as_often || FAILED=yes
}

# The table goes into Documentation/unreached.txt.
explained() {
	"$PYTHON" "$ROOT/tools/conformance/unreached.py" "$ROOT/tools/conformance/unreached" \
		"$BUILD"/rules/*.json >"$BUILD/rules/unreached.rst"
}

# ran RULE...: how often these lines of the core ran.
ran() {
	local rule
	for rule; do
		grep -A 1 -E "rule: $rule( # SKIP|$)" "$BUILD/rules/tap"
	done | sed -n 's/.*fired \([0-9]*\) times.*/\1/p' | paste -sd+ | bc
}

# same EVENT RULE...: the reference, by what is seen from outside, and the mirror, by
# its lines, have done it equally often.
same() {
	local event=$1 reference mirror
	shift
	reference=$(events_of conformance-rules | awk -v event="$event" '$1 == event { n += $2 } END { print n + 0 }')
	mirror=$(ran "$@")
	echo "the reference $reference times, the mirror $mirror times"
	[ "$reference" = "$mirror" ] && [ "$mirror" -gt 0 ]
}

as_often() {
	TAP_COUNT=0 TAP_FAILED=0
	tap_start
	tap_case "claims are as many" same CLAIM "claim" "claim of a whole block"
	tap_case "steals are as many" same STEAL "steal"
	tap_case "reserves are as many" same RESERVE "highatomic reserve" \
		"highatomic reserve, a larger block"
	tap_case "zones fell below high as often" same BELOW_HIGH_SET "below high is noted"
	tap_end
}

controls() {
	local what
	prepare_controls
	for what; do
		"$what"
	done
	[ -z "$FAILED" ]
}

# What the tests run is not for the environment to change.
if [ $# -gt 0 ]; then
	OPS=100000 MIX=all SHRINK=60 KERNEL=6.12 POLICY="" REPLAY=""
fi
case "${1:-}" in
"") people ;;
--fixed) fixed ;;
--controls) controls faults rules ;;
--faults | --rules) controls "${1#--}" ;;
*) die "usage: conformance.sh [--fixed|--controls|--faults|--rules]" ;;
esac
