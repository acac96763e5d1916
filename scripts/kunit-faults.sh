#!/bin/bash
# Shows what the KUnit suites are worth: boots their kernel once for each of the
# deliberate faults (tools/conformance/faults) and counts the suites that fail.
#   scripts/kunit-faults.sh [NAME...]     only these faults
# Prints TAP, with a table of faults and one of suites as comments. A fault that
# no suite notices fails, and so does a suite that fails without a fault. A
# kernel that hangs (BOOT_TIME seconds, default 60) or dies has noticed.

. "$(dirname "$0")/lib.sh"
ARCH=um
. "$ROOT/scripts/kunit-lib.sh"

FAULTS=$ROOT/tools/conformance/faults
LOGS=$RESULTS/kunit-faults
TIMEOUT=${BOOT_TIME:-60}
# The slow cases are about mapping pages, which no fault touches.
QUICK=("--filter=speed>slow")

names() { sed -n 's/^\([a-z][a-z-]*\)  *.*/\1/p' "$FAULTS/list"; }

# Suites in the order they ran, with their verdict: "ok mirror_buddy".
verdicts() {
	"$PYTHON" "$ROOT/scripts/tap.py" extract "$1" |
		sed -nE 's/^((not )?ok) [0-9]+ (mirror_[a-z_0-9]+).*/\1 \3/p'
}

# boot_with FAULT: leaves the verdicts in the log's folder.
boot_with() {
	LOG=$LOGS/$1.console
	run "${QUICK[@]}" "--kernel_args=mirror_mm_kunit.fault=$1" || true
	verdicts "$LOG" >"$LOGS/$1"
}

boot_all() {
	local name
	rm -rf "$LOGS"
	mkdir -p "$LOGS"
	LOG=$LOGS/without.console
	say "running the KUnit suites without a fault"
	run "${QUICK[@]}" || true
	verdicts "$LOG" >"$LOGS/without"
	for name in none "$@"; do
		say "running the KUnit suites with fault-$name"
		boot_with "$name"
	done
}

suites() { sed 's/.* //' "$LOGS/without"; }

# killers FAULT: the suites that noticed. Of a boot that ended early it is the
# first one without a verdict; of those behind it nothing is known.
killers() {
	sed -n 's/^not ok //p' "$LOGS/$1"
	suites | grep -vxFf <(sed 's/.* //' "$LOGS/$1") | head -n 1 || true
}

is_killed() {
	grep "^$1 " "$FAULTS/list"
	[ -n "$(killers "$1")" ]
}

# Every planned suite has a verdict, and it is a good one.
all_pass() {
	local passed
	passed=$("$PYTHON" "$ROOT/scripts/tap.py" count "$LOGS/$1.console")
	echo "passed, failed, skipped: $passed"
	grep '^not ok' "$LOGS/$1" || true
	[ -s "$LOGS/$1" ] && [[ "$passed" == *" 0 "* ]]
}

# What is listed is what there is.
list_is_complete() {
	diff <(names | sort) <(sed -n 's/.*\.name = "fault-\([a-z-]*\)".*/\1/p' \
		"$FAULTS/faults.c" | grep -vx none | sort)
}

print_tables() {
	local name suite found
	printf '# %-18s %s\n' fault "suites that notice"
	for name in "$@"; do
		found=$(killers "$name" | sed 's/^mirror_//' | paste -sd ' ')
		printf '# %-18s %s\n' "$name" "${found:-NONE}"
	done
	printf '#\n# %-18s %s\n' suite "faults noticed, of $#"
	for suite in $(suites); do
		found=$(for name in "$@"; do killers "$name"; done | grep -cx "$suite" || true)
		printf '# %-18s %d\n' "${suite#mirror_}" "$found"
	done
}

main() {
	local name
	[ $# -gt 0 ] || mapfile -t < <(names)
	[ $# -gt 0 ] || set -- "${MAPFILE[@]}"
	with_kunit_kernel boot_all "$@"
	tap_start
	print_tables "$@"
	tap_case "the list names every fault there is" list_is_complete
	tap_case "no suite fails without a fault" all_pass without
	tap_case "no suite fails with rules stated anew (fault-none)" all_pass none
	for name in "$@"; do
		tap_case "some suite notices fault-$name" is_killed "$name"
	done
	tap_end
}

main "$@"
