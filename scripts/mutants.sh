#!/bin/bash
# Mistakes of one token in the core, each of which some suite has to notice; see
# Documentation/mutants.rst.
#   scripts/mutants.sh                 as TAP: SEED= (fresh) COUNT= (300) FILE=
#                                      (all; a pattern) WORKERS= (CPUs)
#   scripts/mutants.sh --list          all mutants there are
#   scripts/mutants.sh --only ID       one mutant, or those of a pattern
# build/mutants/results.tsv has what became of each.

. "$(dirname "$0")/lib.sh"

WORK=$BUILD/mutants
WORKERS=${WORKERS:-$(nproc)}
SEED=${SEED:-$((RANDOM << 15 | RANDOM))}
COUNT=${COUNT:-300}

check_number SEED "$SEED"
check_number COUNT "$COUNT"
check_number WORKERS "$WORKERS"

# Each worker has a tree of its own. What an earlier run compiled of a file that has
# changed since does not count.
make_trees() {
	local i
	for ((i = 0; i < WORKERS; i++)); do
		copy_tree "$WORK/$i/tree" Kbuild include kunit src tools/harness \
			tools/conformance/faults tools/mutants
	done
}

run() {
	make_trees
	nice -n 10 "$PYTHON" -B "$ROOT/tools/mutants/mutants.py" --root "$ROOT" --work "$WORK" \
		--workers "$WORKERS" --seed "$SEED" --count "$COUNT" ${FILE:+--file "$FILE"} "$@"
}

# Each is compiled once, and what a file needs is asked of the compiler itself.
export CCACHE_DISABLE=1
mkdir -p "$WORK"
case "${1:-}" in
"" | --list | --only | --stages) with_build_lock mutants run "$@" ;;
*) die "usage: mutants.sh [--list | --only ID | --stages LIST]" ;;
esac
