#!/bin/bash
# Tests what counts the rules of the allocator (tools/conformance). Prints TAP.
#   scripts/rules-test.sh

. "$(dirname "$0")/lib.sh"

WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-rules.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
CONFORMANCE=$ROOT/tools/conformance

# Four lines of code: the third ran 150 times, the last never.
make_source() {
	mkdir -p "$WORK/src/core"
	printf '%s\n' 'if (a &&' '    b)' '	merge(a);' 'else' '	merge(b);' \
		'split();' >"$WORK/src/core/x.c"
	cat >"$WORK/x.json" <<-END
	{"files": [{"file": "/any/where/src/core/x.c", "lines": [
	 {"line_number": 1, "count": 200}, {"line_number": 3, "count": 100},
	 {"line_number": 3, "count": 50}, {"line_number": 5, "count": 50},
	 {"line_number": 6, "count": 0}]},
	 {"file": "/usr/include/x.c", "lines": [{"line_number": 6, "count": 9}]}]}
	END
}

# verdict STATUS TEXT TABLE: what check prints of a table of one line, or more.
verdict() {
	local status=0
	printf '%b' "$3" >"$WORK/table"
	RULES=$WORK/table "$PYTHON" "$CONFORMANCE/rules.py" check "$WORK" "$WORK/x.json" \
		>"$WORK/out" 2>&1 || status=$?
	cat "$WORK/out"
	[ "$status" = "$1" ] && tr -s ' ' <"$WORK/out" | grep -qF -- "$2"
}

# unreached STATUS TEXT REASONS: what is said of functions that did not run, or only in part.
unreached() {
	local status=0
	printf '%b' "$3" >"$WORK/reasons"
	cat >"$WORK/f.json" <<-END
	{"files": [{"file": "/any/where/src/core/x.c", "lines": [
	 {"line_number": 1, "function_name": "all", "count": 3},
	 {"line_number": 2, "function_name": "some", "count": 1},
	 {"line_number": 3, "function_name": "some", "count": 0},
	 {"line_number": 5, "function_name": "none", "count": 0}]}]}
	END
	"$PYTHON" "$CONFORMANCE/unreached.py" "$WORK/reasons" "$WORK/f.json" >"$WORK/out" 2>&1 ||
		status=$?
	cat "$WORK/out"
	[ "$status" = "$1" ] && grep -qF -- "$2" "$WORK/out"
}

# What this machine's gcc and gcov say about a program, with its counters going
# through the guest's text form.
gcda_agrees() {
	local build=$WORK/gcda
	mkdir -p "$build/src/core"
	cat >"$build/src/core/y.c" <<-'END'
	int odd;
	int main(void)
	{
		for (int i = 0; i < 7; i++)
			if (i & 1)
				odd++;
		return 0;
	}
	END
	(cd "$build/src/core" && gcc --coverage -O0 -c y.c &&
		gcc --coverage -o y y.o && ./y) || return 1
	"$PYTHON" - "$build/src/core/y.gcda" >"$build/log" <<-'END' || return 1
	import struct, sys
	words = memoryview(open(sys.argv[1], "rb").read()).cast("I")
	print("gcov-object", *words[1:4], "/gone/src/core/y.gcda")
	at = 4
	while at + 1 < len(words) and words[at]:
	    tag, size = words[at], words[at + 1] // 4
	    body = words[at + 2 : at + 2 + size]
	    if tag == 0x01000000:
	        print("gcov-function", *body, end="")
	    elif tag == 0x01A10000:
	        print("", *struct.unpack(f"<{size // 2}q", body.tobytes()))
	    at += 2 + size
	END
	"$PYTHON" "$CONFORMANCE/gcda.py" "$build" "$build/out" "$build/log" "$build/log" || return 1
	# odd++ ran three times.
	grep -qE '"count": 6\b' "$build/out/y.json"
}

core_fits() { "$PYTHON" "$CONFORMANCE/rules.py" lines "$ROOT"; }

make_source
tap_start
tap_case "a line in two functions is added up" verdict 0 'yes 150 150' 'yes  150  x.c  merge(a);\n'
tap_case "one too few fails" verdict 1 'yes 150 151 TOO RARE' 'yes  151  x.c  merge(a);\n'
tap_case "without a minimum nothing is too few" verdict 0 'no 0 -' 'no  -  x.c  split();\n'
tap_case "the difference of two lines" verdict 0 'd 100 100' 'd  100  x.c  merge(a); ~ merge(b);\n'
tap_case "text across lines counts where it ends" verdict 0 'e 50 1' 'e  1  x.c  else merge(b);\n'
tap_case "text that is not there fails" verdict 1 'stands 0 times' 'f  1  x.c  gone();\n'
tap_case "text that is there twice fails" verdict 1 'stands 2 times' 'g  1  x.c  merge(\n'
tap_case "a line where no code begins fails" verdict 1 'no code begins in line 2' 'h  1  x.c  if (a && b)\n'
tap_case "a file that is not there fails" verdict 1 'no such file' 'i  1  z.c  merge(a);\n'
tap_case "a line that is no rule fails" verdict 1 'table:1: not NAME' 'merge\n'
tap_case "functions that did not run" unreached 0 '(1 of 2)' \
	'reason: a\n b\ntested: c\nx.c  none\nx.c s*\n'
tap_case "the first reason that fits" unreached 1 'x.c *: all of it ran' \
	'reason: a\ntested: b\nx.c  none some\nreason: c\ntested: d\nx.c *\n'
tap_case "a function without a reason" unreached 1 'x.c some: 1 of 2 lines did not run' \
	'reason: a\ntested: b\nx.c  none\n'
tap_case "a reason without a function" unreached 1 ':5: x.c all: all of it ran' \
	'reason: a\ntested: b\nx.c  none some\n\nreason: c\ntested: d\nx.c all\n'
tap_case "a reason that nothing tests" unreached 1 'not a reason' 'reason: a\nx.c none some\n'
tap_case "each rule of the table has its line in the core" core_fits
tap_case "counters that went through text are gcc's own, twice" gcda_agrees
tap_end
