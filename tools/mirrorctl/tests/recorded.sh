#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# mirrorctl on recorded texts. recorded/NAME holds what a guest's kernel said of
# its nodes and zones and, in nodes.out and stat*.out, what numactl(8) and
# numastat(8) made of it there: mirrorctl has to print the same, byte for byte.
#   one, two, eight  that many nodes; of the eight, one has no memory and five
#                    have no CPU
#   gaps             nodes 3 and 4 are missing
#   mirror-*         zoneinfo or state of a mirror, with a hole inside of a zone
# MIRRORCTL names the program. Prints TAP.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib/tap.sh"
cd "$(dirname "$0")/recorded" || exit 1
: "${MIRRORCTL:?}"
unset NUMASTAT_WIDTH COLUMNS
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

details() { cat "$work/out"; }

# same FILE ARGUMENT...: mirrorctl succeeds and prints what is in FILE.
same() {
	wanted=$1
	shift
	"$MIRRORCTL" "$@" >"$work/got" 2>"$work/err"
	status=$?
	{
		echo "exit status $status"
		cat "$work/err"
		diff "$wanted" "$work/got"
	} >"$work/out"
	[ "$status" = 0 ] && [ ! -s "$work/err" ] && cmp -s "$wanted" "$work/got"
	result $? "$* is $wanted"
}

# refused STATUS WORDS ARGUMENT...: it fails so, says so, and prints nothing else.
refused() {
	wanted=$1 words=$2
	shift 2
	"$MIRRORCTL" "$@" >"$work/got" 2>"$work/out"
	status=$?
	[ "$status" = "$wanted" ] && [ ! -s "$work/got" ] &&
		grep -qF -- "$words" "$work/out"
	result $? "says \"$words\""
}

# spoiled NODE-FILE TEXT: a copy of "two" with another text in one place.
spoiled() {
	rm -rf "$work/spoiled"
	cp -r two "$work/spoiled"
	printf '%b' "$2" >"$work/spoiled/$1"
}

echo "TAP version 13"
for name in one two eight gaps; do
	same $name/nodes.out nodes $name
	same $name/stat.out nodes --stat $name
done
NUMASTAT_WIDTH=80
export NUMASTAT_WIDTH
same eight/stat-80.out nodes --stat eight
unset NUMASTAT_WIDTH
same two/nodes.out --debugfs=two nodes
same gaps/nodes.json --json nodes gaps
for name in one two eight mirror-two mirror-gaps; do
	same $name/zones.out zones $name/zoneinfo
done
same mirror-two/zones.out --debugfs=mirror-two zones
same mirror-two/zones.json zones --json mirror-two/zoneinfo

same mirror-used/map.out --debugfs=mirror-used zones --map
COLUMNS=45 "$MIRRORCTL" --debugfs=mirror-used zones --map >"$work/out" 2>&1
awk '/^ / { cells += length($2); if (length($2) != 16) bad = 1 }
	END { exit bad || cells != 192 }' "$work/out"
result $? "a narrow picture has all pageblocks, too"
# Pretends that the zone is 64 times as large.
mkdir "$work/large"
sed -n '/^zone 1 Movable/s/spanned 16384/spanned 1048576/p
	/^pageblocks 1 Movable/s/32/2048/p' mirror-used/state >"$work/large/state"
"$MIRRORCTL" --debugfs="$work/large" zones --map >"$work/out" 2>&1
grep -q "a letter is 4 MiB" "$work/out" &&
	[ "$(grep -c '^    0x[0-9a-f]*  m\{64\}$' "$work/out")" = 16 ]
result $? "in a large zone a letter stands for several pageblocks"

"$MIRRORCTL" --debugfs=watch watch --count 2 --interval 0.3 --zone normal >"$work/out" 2>&1
[ "$(grep -c 'node 0, zone Normal  31723 pages free' "$work/out")" = 2 ] &&
	[ "$(grep -c '^CPU 1 *529 pages  order 0: U4 M13  order 9: other 1$' "$work/out")" = 2 ] &&
	! grep -q "$(printf '\033')" "$work/out"
result $? "watch shows the lists of the CPUs"
"$MIRRORCTL" --debugfs=watch watch --once --interval 0.1 >"$work/out" 2>&1
! grep -q '^CPU' "$work/out" && grep -q '2 zones together' "$work/out"
result $? "and leaves them out where frames are close"

refused 1 "there is no folder node0" nodes mirror-two
refused 1 "is the module older than mirrorctl?" --debugfs=mirror-two nodes
refused 1 "is mirror_mm loaded?" --debugfs="$work/none" nodes
refused 1 "is mirror_mm loaded?" --debugfs="$work/none" zones
refused 1 "No such file or directory" nodes "$work/none"
refused 1 "No such file or directory" zones "$work/none"
refused 2 "more than one DIR" nodes one two
refused 2 "more than one FILE" zones one/zoneinfo two/zoneinfo
spoiled node1/cpulist '1-\n'
refused 1 "node1/cpulist: its text is not understood" nodes "$work/spoiled"
spoiled node1/distance '20\n'
refused 1 "node1/distance has 1 entries, but there are 2 nodes" nodes "$work/spoiled"
spoiled node1/meminfo 'Node 0 MemTotal: 8 kB\nNode 0 MemFree: 4 kB\n'
refused 1 "node1/meminfo: its text is not understood" nodes "$work/spoiled"
spoiled node1/numastat 'numa_hit 5\n'
refused 1 "node1/numastat has other lines than that of node0" nodes --stat "$work/spoiled"
rm "$work/spoiled/node1/numastat"
refused 1 "node1/numastat: No such file or directory" nodes --stat "$work/spoiled"
refused 1 "there is no zone in it" zones two/nodes.out
head -n 120 two/zoneinfo >"$work/cut"
refused 1 "is not complete; was the text cut off?" zones "$work/cut"
sed 's/^ *boost .*//' one/zoneinfo >"$work/old"
refused 2 "--map goes with no FILE, such as \"one/zoneinfo\"" zones --map one/zoneinfo
refused 1 "is mirror_mm loaded?" --debugfs="$work/none" zones --map --json
refused 1 "is mirror_mm loaded?" --debugfs="$work/none" zones --map
# bad_state SCRIPT: what sed makes of a state is none.
bad_state() {
	mkdir -p "$work/bad"
	sed "$1" mirror-used/state >"$work/bad/state"
	refused 1 "state: its text is not understood" --debugfs="$work/bad" zones --map
}
bad_state '/^pageblocks 1 Normal/d'
bad_state '/^zone 1 Normal/d'
bad_state '/^pageblocks 1 Normal/p'
bad_state 's/hole\*32/hole*31/'
bad_state 's/hole\*32/hole*99999999999999/'
bad_state 's/Unmovable\*2/Frozen*2/'
bad_state 's/^\(free 1 Normal Movable 10\): .*/\1/'
bad_state 's/^\(pageblocks 1 Normal\): .*/\1/'
bad_state 's/^free 1 Normal Movable 10: 1114112/free 1 Normal Movable 10: 1114111/'
bad_state 's/^\(free 1 Normal Movable\) 10: 1114112/\1 10: 18446744073709551615/'
bad_state 's/ 1129472$/ 1129473/'
bad_state 's/ 1129472$/ (damaged)/'
bad_state '/./d'
"$MIRRORCTL" zones "$work/old" >"$work/out" 2>&1 &&
	awk 'NR > 1 && $12 != "-" { bad = 1 } END { exit bad || NR < 3 }' "$work/out"
result $? "a kernel that has no boost"
sed 's/^\( *present *\)65536/\10/' eight/zoneinfo >"$work/offline"
"$MIRRORCTL" zones "$work/offline" >"$work/out" 2>&1
[ "$(awk 'NR > 1 { printf "%s ", $1 }' "$work/out")" = "0 0 2 5 6 7 " ]
result $? "zones whose memory is all offline are left out"
tap_end
