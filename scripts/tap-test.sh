#!/bin/bash
# Tests the TAP counter, on which every verdict of `make test` rests. Prints TAP.
#   scripts/tap-test.sh

. "$(dirname "$0")/lib.sh"

# counts "PASSED FAILED SKIPPED" TEXT: printf's escapes work in the text.
counts() {
	local file got
	file=$(mktemp)
	printf '%b' "$2" >"$file"
	got=$("$PYTHON" "$ROOT/scripts/tap.py" count "$file")
	rm -f "$file"
	echo "wanted $1, got $got"
	[ "$got" = "$1" ]
}

tap_start
tap_case "a plain document" counts "2 0 0" '1..2\nok 1 a\nok 2 - b\n'
tap_case "a plan at the end" counts "2 0 0" 'ok 1 a\nok 2 b\n1..2\n'
tap_case "a failure" counts "1 1 0" '1..2\nok 1 a\nnot ok 2 b\n'
tap_case "skips are told apart" counts "1 0 1" '1..2\nok 1 a # SKIP why\nok 2 b\n'
tap_case "nothing at all" counts "0 1 0" ''
tap_case "an empty plan" counts "0 1 0" 'TAP version 13\n1..0\n'
tap_case "no plan" counts "1 1 0" 'ok 1 a\n'
tap_case "planned and not run" counts "1 2 0" '1..3\nok 1 a\n'
tap_case "more than planned" counts "2 1 0" '1..1\nok 1 a\nok 2 b\n'
tap_case "text that is no result" counts "1 0 0" '1..1\nokay 1\nok then\nok 1 a\n# not ok 2\n'
tap_case "subtests are counted, not their group" counts "3 0 0" \
	'KTAP version 1\n1..2\n    KTAP version 1\n    1..2\n    ok 1 a\n    ok 2 b\nok 1 g\nok 2 c\n'
tap_case "a group that died in its middle" counts "1 2 0" \
	'1..1\n    1..3\n    ok 1 a\nnot ok 1 g\n'
tap_case "a group that fails on its own" counts "2 1 0" \
	'1..1\n    1..2\n    ok 1 a\n    ok 2 b\nnot ok 1 g\n'
tap_case "a group without a case" counts "0 1 0" '1..1\n    1..0\nok 1 g\n'
tap_case "a skipped group" counts "0 0 1" '1..1\nok 1 g # SKIP no device\n'
tap_case "a log that ends inside a group" counts "1 3 0" \
	'1..2\n    1..2\n    ok 1 a\n'
tap_case "parameters, which KUnit does not plan" counts "2 0 0" \
	'1..1\n    # Subtest: s\n    1..1\n        KTAP version 1\n        # Subtest: p\n        ok 1 a\n        ok 2 b\n    # p: pass:2 fail:0 skip:0 total:2\n    ok 1 p\nok 1 s\n'
tap_case "parameters of which one is missing" counts "1 1 0" \
	'1..1\n    # Subtest: s\n    1..1\n        KTAP version 1\n        # Subtest: p\n        ok 1 a\n    # p: pass:2 fail:0 skip:0 total:2\n    ok 1 p\nok 1 s\n'
tap_case "a single parameter" counts "1 0 0" \
	'1..1\n    # Subtest: s\n    1..1\n        # Subtest: p\n        ok 1 a\n    ok 1 p\nok 1 s\n'
tap_case "three levels" counts "2 1 0" \
	'1..1\n    1..1\n        1..3\n        ok 1 a\n        not ok 2 b\n        ok 3 c\n    not ok 1 s\nnot ok 1 g\n'
tap_case "two documents" counts "2 0 0" \
	'TAP version 13\n1..1\nok 1 a\nTAP version 13\n1..1\nok 1 b\n'
tap_case "an empty document before the real one" counts "1 0 0" \
	'KTAP version 1\n1..0\nKTAP version 1\n1..1\nok 1 a\n'
tap_case "a bail-out" counts "1 2 0" '1..2\nok 1 a\nBail out! no memory\n'
tap_end
