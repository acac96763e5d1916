#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# Pages are reported as bad while threads of a kernel module allocate, share, split and
# free the blocks that they are in. Prints TAP.

mirror=/sys/kernel/debug/mirror_mm
churn=/sys/module/mirror_mm_churn/parameters
number=0
failed=0
SECONDS_TO_RUN=20

result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		echo "not ok $number $2"
		failed=1
	fi
}

free_blocks() {
	echo 1 >"$mirror/drain"
	cat "$mirror/buddyinfo"
}

# Frames where the threads have their blocks.
some_pages() {
	awk -v seed="$1" -v low="$(cat "$churn/low")" -v high="$(cat "$churn/high")" \
		'BEGIN { srand(seed); for (i = 0; i < 8; i++)
			printf "0x%x\n", low + int(rand() * (high - low + 32)) }'
}

# All pages that are isolated; what is in use has to be freed first.
take_back() {
	awk '{ print $1 }' "$mirror/hwpoison" | while read -r page; do
		echo "$page" >"$mirror/unpoison"
	done 2>/dev/null
}

echo "TAP version 13"
echo "1..5"
seed=${MIRROR_MM_SEED:-$(awk 'BEGIN { srand(); print int(rand() * 100000) }')}
echo "# MIRROR_MM_SEED=$seed"
before=$(free_blocks)
insmod "$MIRROR_MM_DIR/mirror_mm_churn.ko" || exit 1
sleep 1
reports=0 faults=0 rounds=0
end=$(($(date +%s) + SECONDS_TO_RUN))
while [ "$(date +%s)" -lt "$end" ]; do
	rounds=$((rounds + 1))
	[ $((rounds % 4)) != 0 ] || take_back
	for page in $(some_pages "$((seed + rounds))"); do
		# One that comes twice is refused.
		echo "$page" >"$mirror/hwpoison" && reports=$((reports + 1))
	done 2>/dev/null
	grep -qx "check: clean" "$mirror/check" || faults=$((faults + 1))
done
echo "# $reports reports, $(dmesg | grep -c "bad memory in a page in use") of pages in use"
[ "$reports" -gt 20 ] && grep -q . "$mirror/hwpoison"
result $? "pages are reported while they are used"
[ "$faults" = 0 ]
result $? "the validator finds nothing meanwhile"
[ "$(cat "$churn/refused")" = 0 ] && rmmod mirror_mm_churn
result $? "no call of the users is refused"
! grep -v isolated "$mirror/hwpoison" && grep -qx "check: clean" "$mirror/check"
result $? "all are isolated once nobody uses them"
take_back
[ "$(free_blocks)" = "$before" ] && ! grep . "$mirror/hwpoison"
result $? "without them all memory is free"
exit $failed
