# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# TAP for the scripts beside this folder. They define details(), which prints what a
# reader needs of a case that failed, and end with tap_end.

number=0 failed=0

# result STATUS NAME
result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
		return
	fi
	failed=1
	echo "not ok $number $2"
	details | sed 's/^/# /'
}

tap_end() {
	echo "1..$number"
	exit "$failed"
}
