#!/bin/bash
# What an operation of a random mix consists of, for performance.rst. Needs what
# scripts/setup.sh harness installs.
#   Documentation/count_trace.sh

. "$(dirname "$0")/../scripts/lib.sh"

OUT=$BUILD/count-trace
# As in count_trace.c; all but one run are to warm up.
NR_OPS=100000
RUNS=4

make -s -f - OUT="$OUT" VARIANT=time program >&2 <<END || die "count_trace does not build"
include $ROOT/tools/harness/core.mk
program: $ROOT/Documentation/count_trace.c \$(LIBCORE)
	\$(CC) \$(HARNESS_CFLAGS) -o $OUT/count_trace \$^
END

valgrind -q --tool=callgrind --callgrind-out-file="$OUT/profile" \
	--toggle-collect='counted_trace' "$OUT/count_trace" >&2 || die "the mix failed"

callgrind_annotate --tree=calling --inclusive=yes --threshold=100 "$OUT/profile" 2>/dev/null |
	awk -v nr="$NR_OPS" -v runs="$RUNS" '
	# A callee, with how often it was called in all runs.
	/\) +> / && match($0, /\([0-9,]+x\)/) {
		count = substr($0, RSTART + 1, RLENGTH - 3); gsub(",", "", count)
		match($0, /:[a-z_0-9]+/)
		calls[substr($0, RSTART + 1, RLENGTH - 1)] += count / runs
		next
	}
	# A function. What was compiled into it from other files has lines of its own beside
	# the one for all of it.
	/^ *[0-9,]+ \(.*\) +\* / {
		cost = $1; gsub(",", "", cost)
		sub(/^ *[0-9,]+ *\([^)]*\) */, "")
		if (!match($0, /:[a-z_0-9]+[.a-z0-9]*( |$)/)) next
		name = substr($0, RSTART + 1); sub(/[. ].*/, "", name)
		if (cost / nr > of[name]) of[name] = cost / nr
	}
	END {
		all = of["mirror_alloc_pages"] + of["mirror_free_pages"]
		if (!all) exit 1
		other = of["alloc_any_order"] + of["free_any_order"]
		flush = of["mirror_pcp_settle"]
		way = of["alloc_cold_from"] - of["mirror_pcp_refill"]
		printf "%7.1f  in all\n", all
		printf "%7.1f  orders 0 to 3 and 9, the short way\n", all - other - flush - of["alloc_cold_from"]
		printf "%7.1f  the long way, where a list was empty\n", way
		printf "%7.1f  refilling that list from the zone\n", of["mirror_pcp_refill"]
		printf "%7.1f  flushing lists to the zone\n", flush
		printf "%7.1f  orders 4 to 8 and 10, from and to the zone\n", other
		printf "%7.1f  times in 100 operations a list is refilled\n", calls["mirror_pcp_refill"] * 100 / nr
		printf "%7.1f  times in 100 operations lists are flushed\n", calls["flush_to_high"] * 100 / nr
	}' || die "callgrind counted nothing"
