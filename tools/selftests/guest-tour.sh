#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# "mirrorctl tour" and the keys of "mirrorctl watch". Each number in a sentence has to
# be what the zone was seen to be before and after the step; afterwards nothing is held,
# the mirror is sound and tunables are as before, however the tour ended. Prints TAP.

cd "$(dirname "$0")" || exit 1
mirror=/sys/kernel/debug/mirror_mm
tunables=/sys/class/misc/mirror_mm
out=/tmp/tour.out
number=0
failed=0

# result STATUS NAME
result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
		return
	fi
	failed=1
	echo "not ok $number $2"
	tail -n 40 $out | cut -c1-200 | tr -d '\033' | sed 's/^/# /'
}

# What a tour has to leave as it found it.
settings() {
	for file in min_free_kbytes watermark_scale_factor watermark_boost_factor \
		lowmem_reserve_ratio percpu_pagelist_high_fraction stat_interval page_limit; do
		echo "$file $(cat $tunables/$file)"
	done
	cut -d' ' -f1-6,8- $mirror/watermarks
}

free_pages() {
	echo 1 >$mirror/drain
	awk '{ for (i = 5, size = 1; i <= NF; i++) { nr += $i * size; size *= 2 } }
		END { print nr }' $mirror/buddyinfo
}

remember() {
	settings >/tmp/settings
	pages=$(free_pages)
}

# as_before WHAT
as_before() {
	settings >/tmp/settings.now
	cmp -s /tmp/settings /tmp/settings.now && [ "$(free_pages)" = "$pages" ] &&
		grep -qx 'check: clean' $mirror/check
	result $? "$1: all is as before"
}

# One line for each value of a pretty JSON: its way from the top, and the value.
flatten() {
	awk '
	{ sub(/^ +/, ""); sub(/,$/, "") }
	/^[]}]/ { depth--; next }
	{
		key = ""
		if (match($0, /^"[a-z_0-9]+":/)) {
			key = substr($0, 2, RLENGTH - 3)
			$0 = substr($0, RLENGTH + 1)
		} else if (depth) {
			key = place[depth]++
		}
		if ($0 == "{" || $0 == "[") {
			way[++depth] = key
			place[depth] = 0
			next
		}
		text = ""
		for (i = 2; i <= depth; i++)
			text = text way[i] "."
		gsub(/^"|"$/, "")
		print text key "\t" $0
	}'
}

# agrees LEAST TOUR...: all as expected; a statistics tick may come in between.
agrees() {
	least=$1
	shift
	for try in 1 2 3; do
		mirrorctl tour --json "$@" >$out 2>&1 || break
		flatten <$out >/tmp/flat
		awk -v least="$least" -f ./guest-tour.awk /tmp/flat >/tmp/agree.out && break
		echo "# try $try"
		sed 's/^/# /' /tmp/agree.out
	done
	tail -n 1 /tmp/agree.out
	cat /tmp/agree.out >>$out
	awk -v least="$least" -f ./guest-tour.awk /tmp/flat >/dev/null
	result $? "the sentences of ${1:-all tours} agree with what was seen"
}

# refused WORDS COMMAND...
refused() {
	words=$1
	shift
	"$@" >/tmp/stdout 2>$out
	status=$?
	[ $status = 1 ] && grep -qF -- "$words" $out
	result $? "says \"$words\""
}

reload() {
	rmmod mirror_mm
	insmod "$MIRROR_MM_KO" "$@"
}

echo "TAP version 13"
echo 4 >$tunables/watermark_scale_factor
echo 16 >$tunables/percpu_pagelist_high_fraction
remember
agrees 12 split
as_before split
agrees 15 pcp
as_before pcp
echo 0 >$tunables/percpu_pagelist_high_fraction
echo 10 >$tunables/watermark_scale_factor
remember
for tour in fallback watermark highatomic; do
	agrees 6 $tour
	as_before $tour
done
agrees 60
grep -q '"skipped":\[' $out && grep -q '"version":1' $out && grep -q '"ended_early":false' $out
result $? "the JSON has a version and an end"
as_before "all tours"

mirrorctl tour >$out 2>&1 </dev/null
status=$?
[ $status = 0 ] && grep -q '^tour: 36 steps' $out &&
	[ "$(grep -c '^\[' $out)" = 36 ] && ! grep -q "$(printf '\033')" $out
result $? "without a terminal all tours run through"
as_before "all tours as text"

# Ends in the middle.
for after in 20000 60000 150000 300000 500000 900000; do
	mirrorctl tour >$out 2>&1 &
	usleep $after
	kill -TERM $! 2>/dev/null
	wait $!
done
as_before "ended by a signal"
mirrorctl tour 2>$out | head -n 12 >/dev/null
as_before "the reader went away"
mirrorctl tour >/dev/full 2>$out
[ $? = 1 ]
result $? "a full disk is an error"
as_before "a full disk"

# Somebody else uses the mirror at the same time.
(
	while [ ! -e /tmp/enough ]; do
		taskset 2 mirrorctl alloc --count 40 --hold 0 >/dev/null 2>&1
		taskset 1 mirrorctl alloc --order 4 --type movable --hold 0 >/dev/null 2>&1
	done
) &
mirrorctl tour >$out 2>&1
status=$?
touch /tmp/enough
wait
[ $status = 0 ] && grep -qE '^tour: [0-9]+ steps' $out
result $? "tours beside another user come to their end"
as_before "beside another user"

# The terminal.
pty=./lib/pty
export TERM=xterm-256color COLORTERM=
$pty 40 100 '////q' mirrorctl tour split >$out 2>&1
status=$?
[ $status = 0 ] && [ "$(grep -c 'Enter goes on' $out)" = 5 ] && grep -q 'ended early' $out
result $? "on a terminal each step waits for Enter, and q ends"
$pty 40 100 '//^' mirrorctl tour pcp >$out 2>&1
[ $? = 1 ] && grep -q 'ended early' $out
result $? "Ctrl-C ends a tour"
$pty 40 100 '//////' mirrorctl tour split >$out 2>&1
status=$?
[ $status = 0 ] && grep -q 'tour: 6 steps, all as expected' $out &&
	grep -q "$(printf '\033\\[38;5;')" $out
result $? "a tour on a terminal of 256 colours"
as_before "tours on a terminal"

$pty 30 130 'a++tafdpashhpgq' mirrorctl watch --interval 0.5 >$out 2>&1
status=$?
[ $status = 0 ] && grep -q 'you took order 0, unmovable: node 0 Normal, pfn 0x' $out &&
	grep -q 'you took order 2, movable: node 0 Normal' $out &&
	grep -q 'you gave 1 block back and hold 1' $out &&
	grep -q 'you drained the per-CPU lists' $out
result $? "keys of watch take, give back and drain"
grep -q 'PAUSED' $out && grep -q 'you gave 2 blocks back and hold 0' $out &&
	grep -q 'a take, + - its order, t its type' $out
result $? "keys of watch pause and explain"
grep -q 'split, down to order' $out && grep -qE 'CPU [01] +[0-9]+ pages +order 0:' $out
result $? "watch tells of splits and of the lists of the CPUs"
as_before "watch"
$pty 30 100 '  ^' mirrorctl watch >$out 2>&1 && grep -q "$(printf '\033\\[?1049l')" $out
result $? "Ctrl-C ends watch, and the screen is the old one"
for how in NO_COLOR=1 TERM=vt100 TERM=xterm-mono; do
	env "$how" $pty 30 100 'aq' mirrorctl watch >$out 2>&1 &&
		! grep -q "$(printf '\033\\[3')" $out && grep -q '▓\|=' $out
	result $? "watch without colours: $how"
done
$pty 30 100 '' mirrorctl watch --zone Foo >$out 2>&1
[ $? = 2 ] && grep -q 'no zone "Foo" here' $out && grep -q 'There are: node 0 Normal' $out &&
	! grep -q "$(printf '\033\\[?1049h')" $out
result $? "an unknown zone is refused before the screen is another"
as_before "watch once more"

# What is refused.
refused '/nonexistent' mirrorctl --device /nonexistent tour
refused 'is mirror_mm loaded?' mirrorctl --debugfs /nonexistent tour split
chmod 666 /dev/mirror_mm
refused 'That takes CAP_SYS_ADMIN' su user -c 'mirrorctl tour'
chmod 600 /dev/mirror_mm
refused 'It belongs to user 0' su user -c 'mirrorctl tour split'
echo 1000 >$tunables/page_limit
refused 'Write 0 to /sys/class/misc/mirror_mm/page_limit' mirrorctl tour watermark
echo 0 >$tunables/page_limit
mirrorctl alloc --order 10 --count 63 --type movable >/dev/null
refused 'give something back (mirrorctl free --all)' mirrorctl tour fallback
mirrorctl free --all >/dev/null

# Other geometries.
reload region=16M@4G
refused 'load the module with a larger region' mirrorctl tour highatomic
remember
mirrorctl tour >$out 2>&1 && grep -q '^\[highatomic\] cannot be given here' $out
result $? "a small mirror: the others are given"
as_before "a small mirror"
reload region=256M@4G zones=MOVABLE
refused 'no zone but Movable' mirrorctl tour
reload region=256M@4G nodes=2 zones=DMA32:64M,NORMAL
remember
agrees 40
as_before "two nodes of two zones"
reload region=256M@4G policy=lifo
remember
mirrorctl tour >$out 2>&1
result $? "another policy"
as_before "another policy"
echo "1..$number"
exit $failed
