#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What mirrorctl says of a command line that it does not take: the option, the
# value and what there is, and what may have been meant. Every JSON is an object
# with a version. MIRRORCTL names the program. Prints TAP.

# shellcheck source=/dev/null
. "$(dirname "$0")/lib/tap.sh"
cd "$(dirname "$0")/recorded" || exit 1
: "${MIRRORCTL:?}"
unset NUMASTAT_WIDTH COLUMNS LINES
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
page=$(getconf PAGESIZE)

details() { cat "$work/out"; }

# refused WORDS ARGUMENT...: exit status 2, these words on stderr, nothing else.
refused() {
	words=$1
	shift
	"$MIRRORCTL" --device=/nonexistent "$@" >"$work/got" 2>"$work/out" </dev/null
	status=$?
	[ "$status" = 2 ] && [ ! -s "$work/got" ] && grep -qF -- "$words" "$work/out"
	result $? "$*: $words"
}

# taken ARGUMENT...: the command line is understood: it fails at the device.
taken() {
	"$MIRRORCTL" --device=/nonexistent "$@" >"$work/got" 2>"$work/out" </dev/null
	status=$?
	[ "$status" = 1 ] && grep -qF /nonexistent "$work/out"
	result $? "$* is understood"
}

# versioned ARGUMENT...: what is printed is one object that begins with a version.
versioned() {
	"$MIRRORCTL" "$@" >"$work/got" 2>"$work/out" </dev/null
	status=$?
	[ "$status" = 0 ] && tr -d ' \n' <"$work/got" | grep -q '^{"version":1,.*}$'
	result $? "$* has a version"
}

echo "TAP version 13"
# Commands and options.
refused 'no command "aloc"; did you mean alloc?' aloc
refused 'no command "budyinfo"; did you mean buddyinfo?' budyinfo
refused 'no command "xyzzy"; give one of: info alloc free buddyinfo' xyzzy
refused '--order belongs behind its command: mirrorctl alloc --order 3' --order 3
refused '--order=3 belongs behind its command: mirrorctl alloc --order=3' --order=3 alloc
refused '--all belongs behind its command: mirrorctl free --all' --all
refused 'no option "--ordr"; did you mean --order?' alloc --ordr 3
refused 'no option "--intreval"; did you mean --interval?' watch --intreval=3
refused 'give one of: --summary --device --debugfs --json' buddyinfo --xyzzy
taken alloc --ord 3
taken alloc --gfp KERNEL --order=0x3 -n0x10
refused 'takes no argument, not "now"' info now
refused 'takes no argument, not "now"' demo now
refused 'takes no argument, not "now"' watch now
refused 'takes no argument, not "now"' buddyinfo now
refused 'no tour "splt"; did you mean split?' tour splt
refused 'give one of: split pcp fallback watermark highatomic' tour xyzzy
refused 'one tour at a time, not "pcp" and "split"' tour pcp split
refused 'no option "--jsno"; did you mean --json?' tour --jsno
taken tour
taken tour highatomic
taken tour --json
# What is not there is refused before the screen is another, with what there is.
refused 'no zone "Norml" here; did you mean Normal?' --debugfs=watch watch --zone Norml
refused 'There are: node 0 DMA32, node 0 Normal.' --debugfs=watch watch --zone Movable
refused 'There are: node 0 DMA32, node 0 Normal.' --debugfs=watch watch --zone '' --json
refused 'no node 1 with memory here' --debugfs=watch watch --node 1 --zone Normal
# What looks like a request.
refused "did you mean --order 3 (8 pages, $((8 * page / 1024)) KiB) or --count 3?" alloc 3
refused 'did you mean --count 3000?' alloc 3000
refused 'did you mean --type movable?' alloc movable
refused 'did you mean --policy interleave?' alloc interleave
refused 'did you mean --gfp ATOMIC?' alloc ATOMIC
refused 'did you mean --list?' alloc list
refused 'mirrorctl free --holder h1' alloc h1
if [ "$page" = 4096 ]; then
	refused 'the largest is order 10 (4 MiB); use --order 10 --count 16' alloc --size 64M
	refused 'use --order 0 (4 KiB)' alloc --size=4KiB
	refused 'use --order 2 (16 KiB)' alloc --size=9k
	refused 'use --order 10 --count 16' alloc 64M
	refused 'use --order 4 (64 KiB)' alloc --order 64K
fi
refused 'blocks are 2^N pages; say which by --order N' alloc --size huge
# Names.
refused 'no mobility type "moveable"; did you mean movable?' alloc --type moveable
refused 'but an allocation flag: --gfp' alloc --type ZERO
refused 'the allocator alone sets it; give one of: unmovable movable reclaimable' alloc --type isolate
taken alloc --type MOVABLE
refused '--type unmovable' alloc --gfp unmovable
refused 'no allocation flag "KERNAL"; did you mean KERNEL?' alloc --gfp KERNAL
refused 'give one of: HIGHUSER_MOVABLE HIGHUSER USER KERNEL' alloc --gfp 'KERNEL|QQQQQQ'
refused 'no memory policy "interleaved"; did you mean interleave?' alloc --policy interleaved
refused 'give one of: default preferred bind interleave local' alloc --policy qqqqqq
refused '"h1" is a holder, not an ID: mirrorctl free --holder h1' free h1
refused 'mirrorctl free --all' free all
refused 'did you mean --holder h2?' free --holder 2
refused 'mirrorctl alloc --list' free --holder x
refused 'mirrorctl alloc --list' free x
refused '"one" and "two"' nodes one two
# Numbers: the same everywhere.
for bad in -1 1x 0x '' ' 1' +1 1.5 99999999999999999999; do
	refused "--order is a number from 0 to 63, not \"$bad\"" alloc "--order=$bad"
	refused "--count is a number from 1 to 1000000, not \"$bad\"" alloc "--count=$bad"
	refused "--count is a number from 1 to 1000000, not \"$bad\"" watch "--count=$bad"
	refused "--node is a number from 0 to 1023, not \"$bad\"" alloc "--node=$bad"
	refused "--node is a number from 0 to 1023, not \"$bad\"" watch "--node=$bad"
done
for bad in -1 1x inf nan 1e9 '' ' 1' 0x1p3; do
	refused "--hold is seconds from 0 to 1000000, not \"$bad\"" alloc "--hold=$bad"
	refused "--interval is seconds from 0.01 to 1000000, not \"$bad\"" watch "--interval=$bad"
done
refused '--count is a number from 1 to 1000000, not "0"' alloc --count 0
refused '--count is a number from 1 to 1000000, not "0"' watch --count 0
refused '--nodes is nodes from 0 to 63, such as 0-1,3, not "0-64"' alloc --nodes 0-64
taken alloc --hold 0.5
taken alloc --hold 0x10
taken alloc --hold 1e3
# What is no width is as if it were not set.
"$MIRRORCTL" nodes --stat eight >"$work/plain" 2>&1
for bad in 80x -80 0; do
	NUMASTAT_WIDTH=$bad "$MIRRORCTL" nodes --stat eight >"$work/out" 2>&1
	cmp -s "$work/plain" "$work/out"
	result $? "NUMASTAT_WIDTH=$bad"
done
NUMASTAT_WIDTH=0x50 "$MIRRORCTL" nodes --stat eight >"$work/out" 2>&1
cmp -s eight/stat-80.out "$work/out"
result $? "NUMASTAT_WIDTH=0x50"
# JSON.
mkdir -m 700 "$work/run"
MIRRORCTL_RUN_DIR=$work/run
export MIRRORCTL_RUN_DIR
versioned --json alloc --list
versioned --json free --all
versioned --json nodes two
versioned --json nodes --stat two
versioned --json zones two/zoneinfo
versioned --json --debugfs=mirror-used zones --map
# 512 pages of a pageblock, and as many pageblocks as the picture has letters.
[ "$(grep -c '"pageblock_pages"' "$work/got")" = "$(grep -c '^Node' mirror-used/map.out)" ] &&
	[ "$(grep -cE '^ *("(unmovable|movable|reclaimable|highatomic|cma|isolate)"|null),?$' "$work/got")" = 192 ]
result $? "the map in JSON has all pageblocks"
tap_end
