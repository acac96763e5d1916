#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# In the guest of memory-mce.sh: asks for machine checks and looks what becomes of the
# pages that they name. Prints TAP, and comments "inject ..." for the injector.

mirror=/sys/kernel/debug/mirror_mm
machinecheck=/sys/devices/system/machinecheck/machinecheck0
number=0 failed=0
exec 3>&1

result() {
	number=$((number + 1))
	[ "$2" = 0 ] && echo "ok $number $1" && return
	failed=$((failed + 1))
	echo "not ok $number $1"
	cat /tmp/said "$mirror/hwpoison" 2>/dev/null | sed 's/^/# /'
	dmesg | tail -n 8 | sed 's/^/# /'
}

# Runs a command again and again until it succeeds; at most 30 s.
wait_for() {
	for _ in $(seq 300); do
		"$@" && return
		sleep 0.1
	done
	return 1
}

# An error that is recoverable, with no action required: what a patrol scrubber finds.
# VAL UC EN MISCV ADDRV S, memory scrubbing error; MCIP and RIPV; a page's address.
uncorrected() { echo "# inject 0xbd000000000000c0 0x5 $1 0x8c" >&3; }

# VAL EN MISCV ADDRV: a read error that the memory controller has put right.
corrected() { echo "# inject 0x9c0000000000009f 0x0 $1 0x8c" >&3; }

says() { grep -q "^$1" "$mirror/hwpoison"; }
clean() { grep -qx "check: clean" "$mirror/check"; }
logged() { dmesg | grep -q "$1"; }

# It is not said when the kernel finds one that does not interrupt it: it polls.
corrected_error_changes_nothing() {
	echo 1 >"$machinecheck/check_interval"
	corrected 0x100321000
	wait_for logged "Machine check events logged" && sleep 2 &&
		[ ! -s "$mirror/hwpoison" ] && ! grep -q . "$mirror/hwpoison" && clean
}

free_page_is_isolated() {
	uncorrected 0x103456789
	wait_for says "0x103456 isolated" && clean
}

# Held by a process that mirrorctl leaves behind, until "free".
page_in_use_is_isolated_when_freed() {
	pfn=$(mirrorctl alloc --order 4 --json | sed -n 's/.*"pfn": *\([0-9]*\).*/\1/p')
	page=$(printf '%#x' $((pfn + 5)))
	uncorrected "$(printf '%#x' $(((pfn + 5) * 4096)))"
	wait_for says "$page in-use head $(printf '%#x' "$pfn") order 4 file" && clean &&
		mirrorctl free --all && wait_for says "$page isolated" && clean
}

same_page_again_is_no_news() {
	before=$(grep -c . "$mirror/hwpoison")
	uncorrected 0x103456000
	wait_for logged "mirror_mm: pfn 0x103456: bad memory, reported before" &&
		[ "$(grep -c . "$mirror/hwpoison")" = "$before" ] && clean
}

# Behind the mirror, where there is nothing.
page_of_nobody_changes_nothing() {
	before=$(cat "$mirror/hwpoison")
	uncorrected 0x150000000
	wait_for logged "Memory failure: 0x150000: memory outside" &&
		[ "$(cat "$mirror/hwpoison")" = "$before" ] && clean
}

no_page_is_given_back() {
	! echo 0x103456 >"$mirror/unpoison" && says "0x103456 isolated" && clean
}

# The next mirror knows nothing of it, and no module may be called that is gone.
nobody_listens_after_unloading() {
	rmmod mirror_mm || return 1
	uncorrected 0x103457000
	wait_for logged "Memory failure: 0x103457: memory outside" &&
		! logged "mirror_mm: pfn 0x103457" && insmod /mirror/mirror_mm.ko region=256M@4G &&
		! grep -q . "$mirror/hwpoison" && rmmod mirror_mm
}

insmod /mirror/mirror_mm.ko region=256M@4G || exit 1
echo "TAP version 13"
echo "1..7"
for name in corrected_error_changes_nothing free_page_is_isolated \
	page_in_use_is_isolated_when_freed same_page_again_is_no_news \
	page_of_nobody_changes_nothing no_page_is_given_back \
	nobody_listens_after_unloading; do
	"$name" >/tmp/said 2>&1
	result "$name" $?
done
[ "$failed" = 0 ]
