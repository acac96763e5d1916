#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# The C programs of the documentation work as they are printed there, and leave
# nothing behind.

cd "$(dirname "$0")" || exit 1
mirror=/sys/kernel/debug/mirror_mm

free_blocks() {
	echo 1 >$mirror/drain
	cat $mirror/buddyinfo
}

echo "TAP version 13"
echo "1..4"
number=0
failed=0

# result STATUS NAME
result() {
	number=$((number + 1))
	[ "$1" = 0 ] || failed=1
	echo "$([ "$1" = 0 ] || echo 'not ')ok $number $2"
}

before=$(free_blocks)
for example in example example_nodes example_grant; do
	if [ -x "lib/$example" ]; then
		"./lib/$example" >/tmp/example.out 2>&1
		result $? "$example"
		sed 's/^/# /' /tmp/example.out
	else
		result 0 "$example # SKIP not built"
	fi
done
[ "$(free_blocks)" = "$before" ] && grep -qx "check: clean" $mirror/check
result $? "nothing lost"
exit $failed
