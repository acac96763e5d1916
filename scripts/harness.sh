#!/bin/bash
# The core in userspace, see tools/harness.
#   scripts/harness.sh               tests; prints TAP
#   scripts/harness.sh --quick       the suites alone, plain and with sanitizers
#   scripts/harness.sh --timing [ARGUMENT...]
#       a table of nanoseconds on this machine, by one thread, two, four and so on to its
#       CPUs, also as build/harness.txt and harness.csv; the arguments are harness-time's
#   scripts/harness.sh --callgrind [--lines] [WHAT...]
#       instructions of each function in one operation; with --lines also of each
#       line. WHAT is pair-ORDER, comp-ORDER (a pair with __GFP_COMP), get-ORDER
#       or put-ORDER (many in a row); from the start pair-0 -3 -9 -10 and comp-9
#   scripts/harness.sh --lines [WHAT...]
#       cache lines that one operation writes to, by structure: what other CPUs would
#       have to wait for. It does not depend on the machine

. "$(dirname "$0")/lib.sh"

HARNESS=$BUILD/harness
PAIRS=1000
IN_A_ROW=32768	# of order 0; the same memory of others
TRACED_PAGES=4096	# in a row, one by one
STRESS_TIME=300	# seconds; it takes a few
COUNTED=(pair-0 pair-3 pair-9 pair-10 comp-9)
TRACED=(pair-0 get-0 put-0 pair-3 get-3 put-3 pair-9 get-9 put-9 pair-10)

# build VARIANT [ARGUMENT...]: see tools/harness/core.mk.
build() {
	say "building the harness: $*"
	with_lock_here env -u MAKEFLAGS -u MFLAGS make -s "-j$(nproc)" \
		-C "$ROOT/tools/harness" OUT="$HARNESS" CFLAGS=-Werror \
		VARIANT="$1" "${@:2}" >&2 ||
		die "the harness does not build: $*"
}

# Two runs in one tree do not write each other's objects.
with_lock_here() {
	local fd
	mkdir -p "$HARNESS"
	exec {fd}>"$HARNESS/.lock"
	flock "$fd"
	"$@" {fd}>&-
	exec {fd}>&-
}

# tests ----------------------------------------------------------------------

# suites VARIANT NUMBER: one document inside of ours.
suites() {
	local status=0
	"$HARNESS/$1/harness-kunit" >"$HARNESS/$1.tap" </dev/null || status=$?
	sed 's/^/    /' "$HARNESS/$1.tap"
	[ "$status" = 0 ] || echo "# exit status $status"
	printf '%sok %d suites, %s\n' "$([ "$status" = 0 ] || echo 'not ')" "$2" "$1"
	return "$status"
}

fault_names() {
	sed -n 's/^\([a-z][a-z-]*\)  *.*/\1/p' "$ROOT/tools/conformance/faults/list"
}

with_fault() { "$HARNESS/plain-faults/harness-kunit" "fault=$1"; }

# A suite notices where one of its cases is not ok, and not by dying.
is_noticed() {
	local status=0
	with_fault "$1" >"$HARNESS/fault.tap" || status=$?
	grep '^not ok' "$HARNESS/fault.tap"
	[ "$status" = 1 ]
}

# ThreadSanitizer wants addresses that are not random, and all of its memory of
# the past, to say of both accesses where they are.
stress() {
	local fixed=()
	! setarch -R true 2>/dev/null || fixed=(setarch -R)
	TSAN_OPTIONS=history_size=7:suppress_equal_addresses=0 \
		"${fixed[@]}" timeout "$STRESS_TIME" "$HARNESS/$1/harness-stress"
}

# Leaves SUITES_FAILED=yes where one did.
all_suites() {
	local variant
	SUITES_FAILED=no
	for variant in plain asan; do
		TAP_COUNT=$((TAP_COUNT + 1))
		suites "$variant" "$TAP_COUNT" || SUITES_FAILED=yes
	done
}

quick_tests() {
	build plain kunit
	build asan kunit
	tap_start
	all_suites
	tap_end && [ "$SUITES_FAILED" = no ]
}

tests() {
	local fault variant
	build plain kunit stress
	build asan kunit stress
	build tsan stress
	build plain kunit FAULTS=1
	tap_start
	all_suites
	for variant in plain asan tsan; do
		tap_case "four threads at a time, $variant" stress "$variant"
	done
	tap_case "no suite fails with rules stated anew (fault-none)" with_fault none
	for fault in $(fault_names); do
		tap_case "some suite notices fault-$fault" is_noticed "$fault"
	done
	tap_end && [ "$SUITES_FAILED" = no ]
}

# measurements ---------------------------------------------------------------

about() {
	printf '# mirror_mm: %s\n' \
		"$(git -C "$ROOT" describe --always --dirty 2>/dev/null || echo unknown)"
	printf '# compiler: %s\n' "$(gcc --version | head -n 1)"
}

timing() {
	about
	sed -n 's/^model name[^:]*: /# machine: /p' /proc/cpuinfo | sort | uniq -c |
		sed 's/^ *\([0-9]*\) # machine: \(.*\)/# machine: \1 x \2\n/'
	"$HARNESS/time/harness-time" --csv "$BUILD/harness.csv" "$@"
}

# parse_what WHAT: sets PART, ORDER and EXTRA of harness-time.
parse_what() {
	PART=${1%-*} ORDER=${1##*-} EXTRA=()
	[[ "$1" =~ ^(pair|comp|get|put)-(10|[0-9])$ ]] ||
		die "'$1' cannot be counted; give pair-ORDER, comp-ORDER, get-ORDER or put-ORDER"
	[ "$PART" != comp ] || { PART=pair EXTRA=(--comp); }
}

# run_counted WHAT: leaves the profile in PROFILE, sets CALLS.
run_counted() {
	parse_what "$1"
	CALLS=$PAIRS
	[ "$PART" = pair ] || CALLS=$((IN_A_ROW >> ORDER))
	valgrind --tool=callgrind --callgrind-out-file="$PROFILE" --toggle-collect='counted*' \
		"$HARNESS/time/harness-time" "${EXTRA[@]}" --count "$PART" "$ORDER" "$CALLS" \
		>"$HARNESS/callgrind.log" 2>&1 && return 0
	cat "$HARNESS/callgrind.log" >&2
	die "callgrind could not count $1"
}

# What callgrind_annotate prints, as instructions of one call. A function's lines
# may come from several files, where others were compiled into it.
by_function() {
	awk -v calls="$CALLS" '
	$NF == "TOTALS" { gsub(",", "", $1); printf "%9.1f  in all\n", $1 / calls }
	$0 ~ /^ *[0-9,]+ .*:[^ ]/ && !/TOTALS/ {
		count = $1; gsub(",", "", count)
		sub(/^ *[0-9,]+ *\([^)]*\) */, ""); sub(/ \[.*/, ""); sub(/.*:/, "")
		sub(/\..*/, ""); sum[$0] += count
	}
	END { for (f in sum) printf "%9.1f  %s\n", sum[f] / calls, f | "sort -rn" }' <<<"$1"
}

# The same for lines of the source, where they count for something.
by_line() {
	callgrind_annotate --auto=yes --threshold=100 --context=2 \
		"$PROFILE" 2>/dev/null | awk -v calls="$CALLS" '
	/^-- Auto-annotated source/ { on = 1 }
	!on || / => / { next }
	/^ *[0-9,]+ \([^)]*\)/ {
		count = $1; gsub(",", "", count)
		sub(/^ *[0-9,]+ \([^)]*\) */, ""); printf "%9.1f  %s\n", count / calls, $0; next
	}
	{ sub(/^ +\. +/, "           "); print }'
}

callgrind() {
	local what lines=no
	[ "${1:-}" != --lines ] || { lines=yes; shift; }
	[ $# -gt 0 ] || set -- "${COUNTED[@]}"
	PROFILE=$HARNESS/callgrind.out
	about && echo
	for what; do
		run_counted "$what"
		printf '%s: instructions of one operation\n' "$what"
		by_function "$(callgrind_annotate --auto=no --threshold=100 "$PROFILE")" |
			grep -v ' 0\.0  '
		echo
		[ "$lines" = no ] || by_line
	done
}

lines_written() {
	local what
	[ $# -gt 0 ] || set -- "${TRACED[@]}"
	about && echo
	for what; do
		parse_what "$what"
		printf '%-8s' "$what"
		valgrind --tool=lackey --trace-mem=yes --log-fd=9 "$HARNESS/time/harness-time" \
			--size 256 "${EXTRA[@]}" --lines "$PART" "$ORDER" \
			"$((TRACED_PAGES >> ORDER))" 9>&1 |
			grep -E '^( [SM] |region |mark )' | "$PYTHON" "$ROOT/tools/harness/lines.py" ||
			die "$what could not be traced"
	done
}

case "${1:-}" in
"") tests ;;
--quick) quick_tests ;;
--timing)
	build time time
	timing "${@:2}" | tee "$BUILD/harness.txt"
	say "the same in build/harness.txt and harness.csv"
	;;
--callgrind)
	build time time
	callgrind "${@:2}" | tee "$BUILD/harness-count.txt"
	;;
--lines)
	build time time
	lines_written "${@:2}" | tee "$BUILD/harness-lines.txt"
	;;
*) die "usage: harness.sh [--quick | --timing [ARGUMENT...] | --callgrind [--lines] [WHAT...] | --lines [WHAT...]]" ;;
esac
