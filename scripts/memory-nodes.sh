#!/bin/bash
# The order in which nodes and zones follow each other, and the files that tell of
# nodes, against the running kernel: guests with emulated NUMA nodes and a mirror of
# the same distances. Prints TAP.
#   scripts/memory-nodes.sh         the tables that make test has time for
#   scripts/memory-nodes.sh all     all tables, and random ones
# MIRROR_MM_SEED= repeats a run's random tables; JOBS= guests run at a time; TABLES=
# is a pattern for the names of those that are run.

. "$(dirname "$0")/lib.sh"

JOBS=${JOBS:-2}
TABLES=${TABLES:-}
ALL=${1:-}
check_word WHICH "${ALL:-all}" all
SERIES=6.12
# Reserved inside of the first node's memory: 12 MiB for each node of a mirror.
RESERVED_AT=128 PART=12
# MiB of the first node that has memory, and of each other. A kernel with all of its
# memory there has to boot in what the reservation leaves.
FIRST=512 OTHER=128
RANDOM_TABLES=8
# One of each kind.
CHOSEN="two nodes, not symmetric
two nodes, one without memory
four nodes, CPUs on 0 and 3
four nodes, 0 without memory
two sockets of two clusters
ring of eight
mesh of eight"

# table NAME CPUS MEMORY DISTANCES [OFFLINE]: the node of each CPU; y or n for each
# node; the distances row by row; CPUs that go before the kernel builds again. The
# kernel numbers nodes as it meets them, those of the CPUs first and in their order,
# so that is how they have to be numbered here.
NAMES=() CPUS=() MEMORY=() DISTANCES=() OFFLINE=()
table() {
	# shellcheck disable=SC2053 # it is a pattern
	[[ $1 == ${TABLES:-*} ]] || return 0
	[ -n "$ALL$TABLES" ] || grep -qxF "$1" <<<"$CHOSEN" || return 0
	NAMES+=("$1") CPUS+=("$2") MEMORY+=("$3") DISTANCES+=("$4") OFFLINE+=("${5:-}")
}

# alike NODES: all at 20.
alike() {
	local i j
	for ((i = 0; i < $1; i++)); do
		for ((j = 0; j < $1; j++)); do
			printf '%d ' $((i == j ? 10 : 20))
		done
	done
}

# ring NODES: 5 more for each step around.
ring() {
	local i j d
	for ((i = 0; i < $1; i++)); do
		for ((j = 0; j < $1; j++)); do
			d=$((i > j ? i - j : j - i))
			printf '%d ' $((10 + 5 * (d * 2 > $1 ? $1 - d : d)))
		done
	done
}

# mesh ROWS COLUMNS: 7 more for each step in either direction.
mesh() {
	local i j dx dy n=$(($1 * $2))
	for ((i = 0; i < n; i++)); do
		for ((j = 0; j < n; j++)); do
			dx=$((i % $2 - j % $2)) dy=$((i / $2 - j / $2))
			printf '%d ' $((10 + 7 * (${dx#-} + ${dy#-})))
		done
	done
}

# clusters SOCKETS NODES: sub-NUMA clusters, near inside of a socket.
clusters() {
	local i j n=$(($1 * $2))
	for ((i = 0; i < n; i++)); do
		for ((j = 0; j < n; j++)); do
			printf '%d ' $((i == j ? 10 : i / $2 == j / $2 ? 12 : 21))
		done
	done
}

# any NODES: from few values, so that many are equal; not symmetric.
any() {
	local values=(11 12 20 21 30 255) i j
	for ((i = 0; i < $1; i++)); do
		for ((j = 0; j < $1; j++)); do
			printf '%d ' $((i == j ? 10 : values[RANDOM % ${#values[@]}]))
		done
	done
}

fixed_tables() {
	local all8="0 1 2 3 4 5 6 7"
	table "two nodes" "0 1" "y y" "10 20 20 10"
	table "two nodes, not symmetric" "0 1" "y y" "10 17 33 10"
	table "two nodes, one without CPUs" "0 0" "y y" "10 20 20 10"
	table "two nodes, one without memory" "0 1" "y n" "10 20 20 10"
	table "four nodes, all alike" "0 1 2 3" "y y y y" "$(alike 4)"
	table "four nodes, CPUs on 0" "0" "y y y y" "$(alike 4)"
	table "four nodes, CPUs on 0 and 3" "0 1 2 3" "y y y y" "$(alike 4)" "1 2"
	table "ring of four" "0 1" "y y y y" "$(ring 4)"
	table "line of four, CPUs on 0 and 2" "0 1 2" "y y y y" "$(mesh 1 4)" "1"
	table "four nodes, not symmetric" "0 1" "y y y y" \
		"10 15 25 20 16 10 21 21 30 12 10 12 20 21 20 10"
	table "two sockets of two clusters" "0 1 2 3" "y y y y" "$(clusters 2 2)"
	table "two sockets, far memory without CPUs" "0 1" "y y y y" \
		"10 21 17 28 21 10 28 17 17 28 10 28 28 17 28 10"
	table "four nodes, 1 without memory" "0 1 2" "y n y y" "$(alike 4)"
	table "four nodes, 0 without memory" "0 1 2" "n y y y" "$(ring 4)"
	table "eight nodes, all alike" "$all8" "y y y y y y y y" "$(alike 8)"
	table "eight nodes, CPUs on 0, 3 and 6" "$all8" "y y y y y y y y" \
		"$(alike 8)" "1 2 4 5 7"
	table "ring of eight" "0 1" "y y y y y y y y" "$(ring 8)"
	table "mesh of eight" "0 1 2" "y y y y y y y y" "$(mesh 2 4)" "1"
	table "two sockets of four clusters" "0 1" "y y y y y y y y" "$(clusters 2 4)"
	table "four sockets of two clusters" "0 1 2 3" "y y y y y y y y" \
		"$(clusters 4 2)" "2"
	table "eight nodes, 0 and 2 without memory" "0 1 2" "n y n y y y y y" "$(mesh 2 4)"
}

# A node without memory has to have a CPU. CPU 0 cannot go.
random_tables() {
	local count n i nr_cpus cpus memory offline sizes=(2 4 8)
	RANDOM=$((SEED % 32768))
	for ((count = 0; count < RANDOM_TABLES; count++)); do
		n=${sizes[RANDOM % 3]} cpus="" memory="" offline=""
		nr_cpus=$((1 + RANDOM % (n < 4 ? n : 4)))
		for ((i = 0; i < n; i++)); do
			if [ "$i" -lt "$nr_cpus" ]; then
				cpus="$cpus$i "
				[ "$i" = 0 ] || [ $((RANDOM % 3)) != 0 ] || offline="$offline$i "
			fi
			if [ "$i" -lt "$nr_cpus" ] && [ "$i" -lt $((n - 1)) ] &&
				[ $((RANDOM % 4)) = 0 ]; then
				memory="${memory}n "
			else
				memory="${memory}y "
			fi
		done
		table "random $((count + 1)) of $n" "$cpus" "$memory" "$(any "$n")" "$offline"
	done
}

# machine CPUS MEMORY DISTANCES: QEMU's options, in MACHINE; the empty memory
# device is what lets the kernel build its zonelists again.
machine() {
	local node n i size total=0 last=0 options="" cpus memory
	read -ra cpus <<<"$1"
	read -ra memory <<<"$2"
	n=${#memory[@]} node=$FIRST
	for ((i = 0; i < n; i++)); do
		size=""
		if [ "${memory[i]}" = y ]; then
			size=",memdev=m$i" last=$i total=$((total + node))
			options+=" -object memory-backend-ram,id=m$i,size=${node}M"
			node=$OTHER
		fi
		options+=" -numa node,nodeid=$i$size"
	done
	for ((i = 0; i < ${#cpus[@]}; i++)); do
		options+=" -numa cpu,node-id=${cpus[i]},socket-id=$i"
	done
	i=0
	for size in $3; do
		options+=" -numa dist,src=$((i / n)),dst=$((i % n)),val=$size"
		i=$((i + 1))
	done
	MACHINE="-M q35 -m ${total}M,slots=1,maxmem=4G$options"
	MACHINE+=" -object memory-backend-ram,id=d0,size=128M"
	MACHINE+=" -device pc-dimm,memdev=d0,node=$last"
}

# mirror_params CPUS MEMORY: what the mirror is loaded with, in PARAMS.
mirror_params() {
	local i at=$RESERVED_AT cpu_map="" region="" cpus memory
	read -ra cpus <<<"$1"
	read -ra memory <<<"$2"
	for ((i = 0; i < ${#cpus[@]}; i++)); do
		cpu_map+="${cpu_map:+,}$i:${cpus[i]}"
	done
	for ((i = 0; i < ${#memory[@]}; i++)); do
		[ "${memory[i]}" = y ] || continue
		region+="${region:+,}${PART}M@${at}M:$i"
		at=$((at + PART))
	done
	PARAMS=(--env "CPUS=$cpu_map")
	# Where every node has memory nodes= does the same.
	if [[ $2 == *n* ]]; then
		PARAMS+=(--env "REGION=$region")
	else
		PARAMS+=(--env "REGION=$((PART * ${#memory[@]}))M@${RESERVED_AT}M"
			--env "NODES=${#memory[@]}")
	fi
}

# guest NUMBER: its exit status and words go to files.
guest() {
	local i=$1 status=0 cpus control=()
	local distance=${DISTANCES[i]% }
	read -ra cpus <<<"${CPUS[i]}"
	machine "${CPUS[i]}" "${MEMORY[i]}" "$distance"
	mirror_params "${CPUS[i]}" "${MEMORY[i]}"
	# Where these differ from the usual ones, that has to show.
	[ "${NAMES[i]}" != "ring of eight" ] || control=(--env CONTROL=yes)
	"$ROOT/scripts/vm.sh" --name "nodes-$i" --time 120 --qemu "$MACHINE" \
		--smp "${#cpus[@]},sockets=${#cpus[@]}" \
		--memmap "96M\$${RESERVED_AT}M" --append "memhp_default_state=offline" \
		--file "$MODULE/mirror_mm.ko" \
		--file "$MODULE/tools/selftests/modules/mirror_mm_zonelists.ko" \
		--env "DISTANCE=${distance// /,}" --env "OFFLINE=${OFFLINE[i]}" "${PARAMS[@]}" "${control[@]}" \
		"$KERNEL_IMAGE" "$ROOT/scripts/guest-nodes.sh" \
		>"$WORK/$i.said" 2>&1 || status=$?
	echo "$status" >"$WORK/$i.status"
}

# What a reader needs where it failed.
result() {
	local i=$1
	printf 'CPUs on %s; memory %s; distances %s; CPUs that went %s\n' \
		"${CPUS[i]}" "${MEMORY[i]}" "${DISTANCES[i]}" "${OFFLINE[i]}"
	cat "$WORK/$i.said"
	tr -d '\r' <"$BUILD/logs/nodes-$i.out"
	[ "$(cat "$WORK/$i.status")" = 0 ]
}

main() {
	local i running=0
	SEED=${MIRROR_MM_SEED:-$((RANDOM + 1))}
	KERNEL_IMAGE=$("$ROOT/scripts/fetch.sh" kernel "$SERIES")/vmlinuz
	MODULE=$("$ROOT/scripts/build.sh" modules "$SERIES")
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-nodes.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	fixed_tables
	random_tables
	for ((i = 0; i < ${#NAMES[@]}; i++)); do
		if [ "$running" -ge "$JOBS" ]; then
			wait -n || true
			running=$((running - 1))
		fi
		guest "$i" &
		running=$((running + 1))
	done
	wait
	tap_start
	echo "# MIRROR_MM_SEED=$SEED"
	for ((i = 0; i < ${#NAMES[@]}; i++)); do
		tap_case "order and files as the kernel's: ${NAMES[i]}" result "$i"
	done
	tap_end
}

main
