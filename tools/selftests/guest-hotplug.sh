#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# A CPU that goes leaves nothing on its per-CPU lists, while programs allocate and
# after it; one that comes back takes part again. Prints TAP.

mirror=/sys/kernel/debug/mirror_mm
cpu=/sys/devices/system/cpu/cpu1/online
number=0
failed=0

result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		echo "not ok $number $2"
		failed=1
	fi
}

# Pages on the lists of CPU 1; nothing where it is gone.
listed() { awk '/^pcp .* cpu 1 /{ print $7 }' "$mirror/state"; }

# Free pages that no list of an online CPU accounts for.
missing() {
	awk '/^zone /{ m += $11; f += $15 } /^pcp /{ f += $7 } END { print m - f }' \
		"$mirror/state"
}

echo "TAP version 13"
echo "1..6"
[ -w "$cpu" ] || { echo "Bail out! this guest has no second CPU to take away"; exit 1; }

taskset 2 mirrorctl demo >/dev/null
taskset 2 mirrorctl alloc --count 2000 --hold 0 >/dev/null
before=$(listed)
mirrorctl demo >/dev/null &
echo 0 >"$cpu"
[ "${before:-0}" -gt 0 ] && [ -z "$(listed)" ]
result $? "a CPU with pages on its lists goes while a program allocates"
wait
[ "$(missing)" = 0 ]
result $? "all memory is free or on the lists of CPUs that are there"
[ "$(cat "$mirror/check")" = "check: clean" ]
result $? "the validator finds nothing"
echo 1 >"$cpu"
taskset 2 mirrorctl demo >/dev/null && [ -n "$(listed)" ]
result $? "the CPU comes back and takes part"
[ "$(missing)" = 0 ] && [ "$(cat "$mirror/check")" = "check: clean" ]
result $? "nothing was lost"
writers=""
for file in stat_refresh drain reset; do
	(while :; do echo 1 >"$mirror/$file"; done) 2>/dev/null &
	writers="$writers $!"
done
for _ in 1 2 3 4 5 6; do
	echo 0 >"$cpu"
	echo 1 >"$cpu"
done
# shellcheck disable=SC2086 # a list of numbers
kill -9 $writers
# shellcheck disable=SC2086
wait $writers 2>/dev/null
[ "$(missing)" = 0 ] && [ "$(cat "$mirror/check")" = "check: clean" ]
result $? "ticks, drains and resets by hand while it goes and comes, then killed"
exit $failed
