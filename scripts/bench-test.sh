#!/bin/bash
# Tests what makes the table of the benchmark: a run that is not whole must fail.
# Prints TAP.
#   scripts/bench-test.sh

. "$(dirname "$0")/lib.sh"

TABLE=("$PYTHON" "$ROOT/tools/bench/table.py")
WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-bench.XXXXXX")
trap 'rm -rf "$WORK"' EXIT

# A whole run: every row that must be there, for everyone who has such a thing.
whole() {
	local what
	for what in pair-{0..10} bulk64-alloc bulk64-free trace-100k; do
		printf "bench $what %s\n" "empty 6.30" "mirror 100.50" "kernel 201.00" \
			"gen_pool 50.25" "gpu_buddy 402.00"
	done
	for what in comp-3 comp-9; do
		printf "bench $what %s\n" "empty 6.30" "mirror 100.50" "kernel 201.00" \
			"gen_pool -" "gpu_buddy -"
	done
	printf "bench init-per-page %s\n" "mirror 10" "kernel 40" "gen_pool 0.1" "gpu_buddy 0.00"
	printf "bench submit-256 %s\n" "mirror 150" "kernel -"
	printf "refused %s\n" "double-free -22" "wrong-order -22" "foreign-page -6"
	printf "fact %s\n" "check pair check: clean" "held pair 0"
}

# make_table SED-SCRIPT: the table of a run that was changed so.
make_table() {
	rm -f "$WORK"/out.*
	echo "# a header" >"$WORK/header"
	whole | sed -E "$1" >"$WORK/run"
	"${TABLE[@]}" make "$WORK/out" "$WORK/header" "$WORK/run"
}

# refuses TEXT SED-SCRIPT: the reason is given and nothing is written.
refuses() {
	local why
	! why=$(make_table "$2" 2>&1) || { echo "it was taken"; return 1; }
	echo "$why"
	grep -qF -- "$1" <<<"$why" && [ ! -e "$WORK/out.csv" ] && [ ! -e "$WORK/out.txt" ]
}

# has LINE: the CSV has it.
has() { grep -xF "$1" "$WORK/out.csv" || { cat "$WORK/out.csv"; return 1; }; }

csv_of_a_whole_run() {
	make_table '' && "${TABLE[@]}" check "$WORK/out" &&
		[ "$(head -n 1 "$WORK/out.csv" | cut -d, -f1-6)" = what,mirror,kernel,gen_pool,gpu_buddy,ratio ] &&
		has pair-0,100.50,201.00,50.25,402.00,0.500,2.000,6.30 &&
		has comp-9,100.50,201.00,-,-,0.500,0.500,6.30 &&
		has submit-256,150.00,-,-,-,-,-,- &&
		has empty-loop,6.30,6.30,6.30,6.30,-,-,-
}

notices_a_difference() {
	make_table '' && sed -i 's/^pair-3,100.50/pair-3,100.51/' "$WORK/out.csv" || return
	! "${TABLE[@]}" check "$WORK/out"
}

tap_start
tap_case "a whole run becomes a table" csv_of_a_whole_run
tap_case "a table that differs from its CSV is noticed" notices_a_difference
tap_case "a row must be there" refuses "pair-7 of mirror is missing" '/ pair-7 /d'
tap_case "a program's row must be there" refuses "submit-256 of mirror is missing" '/submit/d'
tap_case "a row that is not of an order must be there" \
	refuses "trace-100k of mirror is missing" '/trace/d'
tap_case "a peer that has it must have measured it" \
	refuses "pair-3 of gpu_buddy is missing" '/pair-3 gpu_buddy/d'
tap_case "the kernel cannot do without" refuses "pair-3 of kernel is missing" \
	's/(pair-3 kernel) .*/\1 -/'
tap_case "a column must not be empty" refuses "no figure at all for gpu_buddy" \
	's/(gpu_buddy) .*/\1 -/'
tap_case "a figure is a number" refuses "is no number" 's/(pair-3 mirror) .*/\1 fast/'
tap_case "a figure comes once" refuses "came twice" 's/^(bench pair-4 mirror .*)/\1\n\1/'
tap_case "a target is known" refuses "which is no target" 's/pair-4 mirror/pair-4 slab/'
tap_case "a double free must be refused" refuses "double-free" 's/(double-free) -22/\1 0/'
tap_case "it must have been tried" refuses "never tried" '/double-free/d'
tap_case "all memory must come back" refuses "did not come back" 's/(held pair) 0/\1 1/'
tap_case "the mirror must be sound" refuses "not sound" 's/check: clean/check: 1 problem/'
tap_end
