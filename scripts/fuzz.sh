#!/bin/bash
# Fuzzes the core in userspace against a model, and searches tiny mirrors
# exhaustively; see Documentation/fuzzing.rst.
#   scripts/fuzz.sh                    FUZZ_SECONDS (600) of fuzzing
#   scripts/fuzz.sh FILE...            replay inputs, with their operations in words
#   scripts/fuzz.sh --tap              the corpus and FUZZ_SECONDS (60), as TAP
#   scripts/fuzz.sh --explore          the exhaustive search, as TAP; DEPTH=
#   scripts/fuzz.sh --faults [SECONDS] the deliberate faults of the comparison: how
#                                      many the model sees, SECONDS (20) for each
#   scripts/fuzz.sh --mutants [NAME...]  the core with a mistake in it, as TAP:
#                                      each has to be found in MUTANT_SECONDS (60)
#   scripts/fuzz.sh --corpus           choose the corpus again, from all inputs
# What is found goes to build/fuzz.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fuzz-lib.sh"

SOURCE=tools/harness/fuzz
CORPUS=$ROOT/$SOURCE/corpus
FAULTS=$ROOT/tools/conformance/faults
WORK=$BUILD/fuzz
OUT=$WORK/out
# Fewer runs than this in a second mean that nothing was fuzzed.
FLOOR=10
COMMON=(-print_final_stats=1 -len_control=0 -max_len=4096 -timeout=20)

# make_in TREE OUT ARGUMENT...: what is built stays in OUT. Two runs in one tree do
# not write each other's objects.
make_in() {
	local fd status=0
	mkdir -p "$2"
	exec {fd}>"$2/.lock"
	flock "$fd"
	env -u MAKEFLAGS -u MFLAGS make -s "-j$(nproc)" -f "$1/$SOURCE/Makefile" \
		"OUT=$2" "${@:3}" >&2 {fd}>&- || status=$?
	exec {fd}>&-
	return "$status"
}

build_fuzz() {
	make_in "$ROOT" "$OUT" VARIANT=fuzz "FAULTS=${1:-}" fuzz ||
		die "the fuzzer does not build; clang comes with: scripts/setup.sh fuzz"
}

# fuzz_for SECONDS PROGRAM FOLDER [ARGUMENT...]: inputs that reach something new
# stay in FOLDER; an input that found something is in FOLDER.found.
fuzz_for() {
	local seconds=$1 program=$2 folder=$3
	rm -rf "$folder.found"
	mkdir -p "$folder" "$folder.found"
	timeout "$((seconds + 120))" "$program" "${COMMON[@]}" \
		"-max_total_time=$seconds" "-artifact_prefix=$folder.found/" \
		"${@:4}" "$folder" "$CORPUS"
}

executions() { sed -n 's/^stat::number_of_executed_units: *//p' "$1"; }

# What was found, in a line, or nothing.
finding() {
	grep -m 1 -oE '^FOUND: .*|WARNING: .*|runtime error: .*|ERROR: [A-Za-z]+: .*' \
		"$1" | sed "s|$ROOT/||g" || true
}

say_how_to_replay() {
	local file
	for file in "$1".found/*; do
		[ -e "$file" ] || continue
		say "the input is ${file#"$ROOT"/}; replay it with: scripts/fuzz.sh ${file#"$ROOT"/}"
	done
}

fuzz() {
	local seconds=${FUZZ_SECONDS:-600} log=$WORK/log status=0
	check_seconds "$seconds"
	seconds=$(decimal "$seconds")
	build_fuzz
	mkdir -p "$WORK"
	say "fuzzing for $seconds s; FUZZ_SECONDS= changes that"
	fuzz_for "$seconds" "$OUT/fuzz/fuzz" "$WORK/inputs" >"$log" 2>&1 || status=$?
	if [ "$status" != 0 ]; then
		grep -vE '^#[0-9]+[[:space:]](NEW|REDUCE|RELOAD|pulse)' "$log" | tail -n 60
		say_how_to_replay "$WORK/inputs"
		die "found: $(finding "$log")"
	fi
	say "nothing found in $(executions "$log") runs"
}

replay() {
	local file
	for file; do
		[ -f "$file" ] || die "there is no file $file"
	done
	build_fuzz "${FAULT:+1}"
	FUZZ_WORDS=1 "$OUT/fuzz${FAULT:+-faults}/fuzz" "$@"
}

# as TAP ------------------------------------------------------------------------

corpus_is_clean() {
	"$OUT/fuzz/fuzz" "${COMMON[@]}" "$CORPUS"/*
}

nothing_found() {
	local status=0
	fuzz_for "$1" "$OUT/fuzz/fuzz" "$WORK/tap-inputs" >"$WORK/tap.log" 2>&1 || status=$?
	[ "$status" = 0 ] && return 0
	finding "$WORK/tap.log"
	say_how_to_replay "$WORK/tap-inputs" 2>&1
	tail -n 40 "$WORK/tap.log"
	return 1
}

has_fuzzed() { [ "$(executions "$WORK/tap.log")" -ge "$1" ]; }

tap() {
	local seconds=${FUZZ_SECONDS:-60}
	check_seconds "$seconds"
	seconds=$(decimal "$seconds")
	rm -rf "$WORK/tap-inputs" "$WORK/tap.log"
	mkdir -p "$WORK"
	tap_start
	tap_case "the fuzzer builds" eval '(build_fuzz)'
	tap_case "the corpus is small" corpus_is_small
	tap_case "the corpus replays without a finding" corpus_is_clean
	tap_case "$seconds s of fuzzing find nothing" nothing_found "$seconds"
	printf '# %s runs\n' "$(executions "$WORK/tap.log")"
	tap_case "at least $((seconds * FLOOR)) inputs were run" has_fuzzed "$((seconds * FLOOR))"
	tap_end
}

# search VARIANT NUMBER [DEPTH]
search() {
	"$OUT/$1/explore" "$2" ${3:+"$3"} >"$WORK/explore" 2>&1 ||
		{ tail -n 60 "$WORK/explore"; return 1; }
}

# The model is watched, too, a little way.
search_sanitized() {
	local i
	for ((i = 1; i <= $1; i++)); do
		search asan "$i" 2 || return 1
	done
}

explore() {
	local names i
	mkdir -p "$WORK"
	tap_start
	tap_case "the search builds" make_in "$ROOT" "$OUT" VARIANT=plain explore
	mapfile -t names < <("$OUT/plain/explore" --list)
	for ((i = 0; i < ${#names[@]}; i++)); do
		tap_case "all states of ${names[i]}" search plain "$((i + 1))" "${DEPTH:-}"
		sed -n 's/^  /#   /p' "$WORK/explore"
	done
	tap_case "the search builds with sanitizers" make_in "$ROOT" "$OUT" VARIANT=asan explore
	tap_case "all of them with sanitizers, to depth 2" search_sanitized "${#names[@]}"
	tap_case "there were geometries to search" [ "${#names[@]}" -gt 0 ]
	tap_end
}

# deliberate faults -----------------------------------------------------------------

fault_names() { sed -n 's/^\([a-z][a-z-]*\)  *.*/\1/p' "$FAULTS/list"; }

# try_fault NAME SECONDS: prints what was found.
try_fault() {
	local log=$WORK/faults/$1.log
	rm -rf "$WORK/faults/$1"
	FAULT=$1 fuzz_for "$2" "$OUT/fuzz-faults/fuzz" "$WORK/faults/$1" >"$log" 2>&1 || true
	finding "$log"
}

faults() {
	local seconds=${1:-20} name found nr=0 all=0
	check_seconds "$seconds"
	seconds=$(decimal "$seconds")
	build_fuzz 1
	mkdir -p "$WORK/faults"
	found=$(try_fault none "$seconds")
	[ -z "$found" ] || die "fault-none, with which nothing is wrong, was found: $found"
	[ "$(executions "$WORK/faults/none.log")" -gt 0 ] ||
		die "the fuzzer did not run; see ${WORK#"$ROOT"/}/faults/none.log"
	for name in $(fault_names); do
		found=$(try_fault "$name" "$seconds")
		all=$((all + 1))
		[ -z "$found" ] || nr=$((nr + 1))
		printf '%-16s %s\n' "$name" "${found:--}"
	done
	printf '%d of %d found, %d s each\n' "$nr" "$all" "$seconds"
}

# mutants -------------------------------------------------------------------------------

# Lines "NAME FILE WORDS" and, below each, a sed script behind a tab.
mutant_names() { sed -n 's/^\([a-z][a-z-]*\) .*/\1/p' "$ROOT/$SOURCE/mutants"; }
mutant_file() { sed -n "s/^$1 \([^ ]*\) .*/\1/p" "$ROOT/$SOURCE/mutants"; }
mutant_words() { sed -n "s/^$1 [^ ]* *//p" "$ROOT/$SOURCE/mutants"; }
mutant_script() {
	awk -v name="$1" '/^[a-z]/ { on = $1 == name; next } on && /^\t/ { print substr($0, 2) }' \
		"$ROOT/$SOURCE/mutants"
}

# mutate NAME: fails where nothing changes, since the core was changed meanwhile.
mutate() {
	local file
	file=$(mutant_file "$1")
	sed -e "$(mutant_script "$1")" "$ROOT/$file" >"$WORK/mutants/tree/$file"
	if cmp -s "$ROOT/$file" "$WORK/mutants/tree/$file"; then
		echo "the mutant no longer matches $file; change $SOURCE/mutants"
		return 1
	fi
	diff "$ROOT/$file" "$WORK/mutants/tree/$file" || true
}

unmutate() { cp "$ROOT/$1" "$WORK/mutants/tree/$1"; }

make_mutants() {
	make_in "$WORK/mutants/tree" "$WORK/mutants/out" WERROR=-w VARIANT=fuzz fuzz &&
		make_in "$WORK/mutants/tree" "$WORK/mutants/out" WERROR=-w VARIANT=plain explore
}

# search_mutant LOG: what the search finds in two operations, if anything.
search_mutant() {
	local i nr found
	nr=$("$WORK/mutants/out/plain/explore" --list | wc -l)
	for ((i = 1; i <= nr; i++)); do
		timeout 60 "$WORK/mutants/out/plain/explore" "$i" 2 >"$1" 2>&1 && continue
		found=$(finding "$1")
		echo "${found:-it died or hung}"
		return
	done
}

# try_mutant NAME: leaves what was found in a file for each way to look.
try_mutant() {
	local log=$WORK/mutants/$1
	rm -rf "$log" "$log".*
	touch "$log.fuzz" "$log.search"
	mutate "$1" && make_mutants 2>&1 || return 1
	fuzz_for "${MUTANT_SECONDS:-60}" "$WORK/mutants/out/fuzz/fuzz" "$log" >"$log.log" 2>&1 ||
		true
	finding "$log.log" >"$log.fuzz"
	search_mutant "$log.search.log" >"$log.search"
}

mutant_is_found() {
	local status=0
	try_mutant "$1" || status=1
	unmutate "$(mutant_file "$1")"
	[ "$status" = 0 ] && [ -s "$WORK/mutants/$1.fuzz" ]
}

# The search is for what goes wrong in few steps: it need not find all.
search_finds_most() {
	local name found=0
	for name; do
		[ ! -s "$WORK/mutants/$name.search" ] || found=$((found + 1))
	done
	echo "$found of $#" | tee "$WORK/mutants/search"
	[ "$((found * 2))" -ge "$#" ]
}

mutants() {
	local name
	[ $# -gt 0 ] || mapfile -t < <(mutant_names)
	[ $# -gt 0 ] || set -- "${MAPFILE[@]}"
	for name; do
		[ -n "$(mutant_file "$name")" ] || die "there is no mutant $name"
	done
	check_seconds "${MUTANT_SECONDS:-60}"
	mkdir -p "$WORK/mutants/tree"
	copy_tree "$WORK/mutants/tree" Kbuild include src tools/harness "${FAULTS#"$ROOT"/}"
	# An interrupted run may have left a mutant's object behind.
	rm -rf "$WORK/mutants/out"
	tap_start
	tap_case "the core as it is builds" make_mutants
	for name; do
		tap_case "found: $name, $(mutant_words "$name")" mutant_is_found "$name"
		sed 's/^/#   /' "$WORK/mutants/$name.fuzz"
		sed 's/^/#   by the search: /' "$WORK/mutants/$name.search"
	done
	tap_case "the search finds at least half of them" search_finds_most "$@"
	sed 's/^/#   /' "$WORK/mutants/search"
	tap_end
}

# the corpus ---------------------------------------------------------------------------------

# Of all inputs there are, so few that together they reach every edge of the core
# that any of them reaches.
choose_corpus() {
	build_fuzz
	mkdir -p "$WORK/inputs"
	rm -rf "$WORK/chosen"
	mkdir "$WORK/chosen"
	"$OUT/fuzz/fuzz" -set_cover_merge=1 -use_counters=0 -max_len=2048 "$WORK/chosen" \
		"$CORPUS" "$WORK/inputs" >"$WORK/log" 2>&1 || die "the merge failed: $(tail -n 1 "$WORK/log")"
	rsync -rc --delete "$WORK/chosen/" "$CORPUS/"
	corpus_is_small || die "that is too much for the tree"
}

case "${1:-}" in
"") fuzz ;;
--tap) tap ;;
--explore) explore ;;
--faults) faults "${@:2}" ;;
--mutants) mutants "${@:2}" ;;
--corpus) choose_corpus ;;
-*) die "usage: fuzz.sh [FILE... | --tap | --explore | --faults [SECONDS] | --mutants [NAME...] | --corpus]" ;;
*) replay "$@" ;;
esac
