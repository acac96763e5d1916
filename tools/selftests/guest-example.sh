#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# The C program of the documentation works as it is printed there, and leaves
# nothing behind.

cd "$(dirname "$0")" || exit 1
mirror=/sys/kernel/debug/mirror_mm

free_blocks() {
	echo 1 >$mirror/drain
	cat $mirror/buddyinfo
}

echo "TAP version 13"
echo "1..2"
if [ ! -x lib/example ]; then
	echo "ok 1 example # SKIP not built"
	echo "ok 2 nothing lost # SKIP not built"
	exit 0
fi

failed=0
before=$(free_blocks)
if ./lib/example >/tmp/example.out 2>&1; then
	echo "ok 1 example"
else
	echo "not ok 1 example"
	failed=1
fi
sed 's/^/# /' /tmp/example.out
if [ "$(free_blocks)" = "$before" ] && grep -qx "check: clean" $mirror/check; then
	echo "ok 2 nothing lost"
else
	echo "not ok 2 nothing lost"
	failed=1
fi
exit $failed
