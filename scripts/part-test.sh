#!/bin/bash
# Tests part.sh: what it says of parts that fail in every way. Prints TAP.
#   scripts/part-test.sh

. "$(dirname "$0")/lib.sh"

# run_with TEXT-OF-A-SCRIPT: the part "docs" of a tree of its own is that script.
run_with() {
	local tree=$WORK/tree
	rm -rf "$tree"
	mkdir -p "$tree/scripts"
	cp "$ROOT"/scripts/{lib,part}.sh "$ROOT/scripts/tap.py" "$tree/scripts/"
	printf '#!/bin/bash\n%s\n' "$1" >"$tree/scripts/docs.sh"
	chmod 755 "$tree/scripts/docs.sh"
	MIRROR_MM_CACHE=$WORK/cache "$tree/scripts/part.sh" docs
}

# ends "N passed, N failed" EXIT-STATUS TEXT-OF-A-SCRIPT
ends() {
	local out status=0
	out=$(run_with "$3" 2>&1) || status=$?
	printf '%s\n' "$out" | tail -n 5
	[ "$(tail -n 1 <<<"$out")" = "$1" ] && [ "$status" = "$2" ]
}

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
tap_start
tap_case "a part that passes" ends "1 passed, 0 failed" 0 'echo 1..1; echo ok 1 a'
tap_case "a part with failed cases" ends "1 passed, 1 failed" 1 \
	'echo 1..2; echo ok 1 a; echo not ok 2 b; exit 1'
tap_case "failed cases, but a good exit status" ends "0 passed, 1 failed" 1 \
	'echo 1..1; echo not ok 1 a'
tap_case "a part that ends badly after good cases" ends "1 passed, 1 failed" 1 \
	'echo 1..1; echo ok 1 a; exit 3'
tap_case "a part that prints nothing" ends "0 passed, 1 failed" 1 true
tap_case "a part that cannot be run" ends "0 passed, 1 failed" 1 'kill -KILL $$'
# More than a pipe holds.
tap_case "more failed cases than anybody reads" ends "0 passed, 20000 failed" 1 \
	'echo 1..20000; seq -f "not ok %.0f of many" 20000; exit 1'
tap_end
