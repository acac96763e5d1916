#!/bin/bash
# Runs parts of the test, two at a time, and counts their cases.
#   scripts/part.sh PART...
# Parts: kunit-um kunit-x86_64 kunit-i386 kunit-arm64 kunit-arm64-64k kunit-faults
# vmtest-6.1 vmtest-6.12 vmtest-debug vmtest-clang chosen-6.1 debug failnth conformance
# controls control-faults control-rules bench dkms-6.1 dkms-6.12 check messages docs harness
# harness-quick fuzz fuzz-device explore fuzz-mutants mutants kcsan fresh-CODENAME shell
# shell-debian memory-arm64-64k memory-cma-newest memory-cma-all memory-nodes-all, and a memory-NAME for
# each scripts/memory-NAME.sh; "memory" stands for all of these.
# Each part writes TAP to build/test-results/PART.tap and the rest to PART.log.
# The last line is "N passed, N failed"; JOBS= changes how many run at a time.

. "$(dirname "$0")/lib.sh"

JOBS=${JOBS:-2}
# The modules are built in the cache, see build.sh.
export KEEP_BUILDS=yes

# What was compiled before, here or in another clone, comes from the cache. Copies of a
# file are newer than their compiler's start, which says nothing where content decides.
use_ccache() {
	[ -d /usr/lib/ccache ] && mkdir -p "$CACHE/ccache" 2>/dev/null && [ -w "$CACHE/ccache" ] || return 0
	case ":$PATH:" in *:/usr/lib/ccache:*) return 0 ;; esac
	export PATH=/usr/lib/ccache:$PATH CCACHE_DIR=$CACHE/ccache CCACHE_MAXSIZE=3G
	# A miss is not to cost a second run of the preprocessor.
	export CCACHE_DEPEND=1 CCACHE_BASEDIR=$ROOT CCACHE_SLOPPINESS=include_file_mtime,include_file_ctime
}

command_of() {
	case "$1" in
	kunit-faults) echo kunit-faults.sh ;;
	kunit-*) echo "kunit.sh ${1#kunit-}" ;;
	vmtest-*) echo "vmtest.sh ${1#vmtest-}" ;;
	debug) echo vmtest.sh --chosen debug ;;
	chosen-*) echo "vmtest.sh --chosen ${1#chosen-}" ;;
	failnth) echo failnth.sh ;;
	memory-cma-newest | memory-cma-all) echo "memory-cma.sh ${1#memory-cma-}" ;;
	memory-arm64) echo memory-arm64.sh 4k ;;
	memory-arm64-64k) echo memory-arm64.sh 64k ;;
	memory-nodes-all) echo memory-nodes.sh all ;;
	memory-*) echo "$1.sh" ;;
	shell) echo shell-test.sh ;;
	shell-debian) echo shell-test.sh debian ;;
	fresh-*) echo "fresh-test.sh ${1#fresh-}" ;;
	dkms-*) echo "dkms-test.sh ${1#dkms-}" ;;
	conformance) echo conformance.sh --fixed ;;
	controls) echo conformance.sh --controls ;;
	control-*) echo "conformance.sh --${1#control-}" ;;
	bench) echo bench.sh --tap ;;
	check) echo check.sh ;;
	messages) echo messages-test.sh ;;
	fuzz) echo fuzz.sh --tap ;;
	fuzz-device) echo fuzz-device.sh --tap ;;
	fuzz-mutants) echo fuzz.sh --mutants ;;
	explore) echo fuzz.sh --explore ;;
	mutants) echo mutants.sh ;;
	docs) echo "docs.sh --tap" ;;
	harness) echo harness.sh ;;
	kcsan) echo kcsan.sh ;;
	harness-quick) echo "harness.sh --quick" ;;
	*) die "no such part: $1; scripts/part.sh names them in its first lines" ;;
	esac
}

# Dies of what a part would die of later, among other parts' lines.
check_part() {
	case "$1" in
	kunit-faults) ;;
	kunit-*) check_kunit_arch "${1#kunit-}" ;;
	vmtest-debug | debug) check_only ;;
	vmtest-*) check_series "${1#vmtest-}" "debug clang" && check_only ;;
	dkms-*) check_series "${1#dkms-}" ;;
	chosen-6.1) check_only ;;
	chosen-*) die "no such part: $1; only 6.1 has a list of chosen programs" ;;
	memory-cma-newest) check_series newest ;;
	memory-arm64-64k | memory-nodes-all | memory-cma-all) ;;
	control-faults | control-rules) ;;
	control-*) die "no such part: $1; the controls are of faults and of rules" ;;
	memory-*) [ -e "$ROOT/scripts/$1.sh" ] || die "no such part: $1" ;;
	explore) check_number DEPTH "${DEPTH:-}" 1 1000 ;;
	fuzz | fuzz-device) check_number FUZZ_SECONDS "${FUZZ_SECONDS:-}" 1 1000000 ;;
	mutants) check_number SEED "${SEED:-}" && check_number COUNT "${COUNT:-}" ;;
	*) command_of "$1" >/dev/null ;;
	esac
}

# run_part PART: its exit status is kept in a file, with the time it took.
run_part() {
	local part=$1 status=0 start=$SECONDS command
	read -ra command <<<"$(command_of "$part")"
	"$ROOT/scripts/${command[0]}" "${command[@]:1}" </dev/null \
		>"$RESULTS/$part.tap" 2>"$RESULTS/$part.log" || status=$?
	echo "$status $((SECONDS - start))" >"$RESULTS/$part.status"
	say "$part: done after $((SECONDS - start)) s$([ "$status" = 0 ] || echo ", with failures")"
}

run_all() {
	local part running=0
	for part; do
		rm -f "$RESULTS/$part".{tap,log,status}
	done
	for part; do
		if [ "$running" -ge "$JOBS" ]; then
			wait -n || true
			running=$((running - 1))
		fi
		say "$part: started"
		run_part "$part" 9>&- &
		running=$((running + 1))
	done
	wait
}

# What a reader needs first of a part that failed.
explain() {
	local part=$1
	printf '\n--- %s failed; build/test-results/%s.tap and .log have all of it\n' "$part" "$part"
	"$PYTHON" "$ROOT/scripts/tap.py" failures "$RESULTS/$part.tap" | sed -n '1,30s/^/  failed: /p'
	tail -n 20 "$RESULTS/$part.log" | sed 's/^/  | /'
}

# count PART: sets passed, failed, skipped. A part that ended badly without a
# failed case has failed once more than it says.
count() {
	local status=1 seconds=0
	[ ! -e "$RESULTS/$1.status" ] || read -r status seconds <"$RESULTS/$1.status"
	read -r passed failed skipped \
		< <("$PYTHON" "$ROOT/scripts/tap.py" count "$RESULTS/$1.tap" || echo 0 1 0)
	[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
	printf '%-14s %7d %7d %8d %6d s\n' "$1" "$passed" "$failed" "$skipped" "$seconds"
}

summary() {
	local part passed failed skipped all_passed=0 all_failed=0 bad="" table=""
	table=$(printf '%-14s %7s %7s %8s %8s' part passed failed skipped time)
	for part; do
		count "$part" >"$RESULTS/$part.count"
		table="$table"$'\n'"$(cat "$RESULTS/$part.count")"
		all_passed=$((all_passed + passed))
		all_failed=$((all_failed + failed))
		[ "$failed" = 0 ] || bad="$bad $part"
	done
	for part in $bad; do
		explain "$part"
	done
	printf '\n%s\n' "$table" | tee "$RESULTS/summary"
	# Who sees only the end of this has to see what failed.
	for part in $bad; do
		"$PYTHON" "$ROOT/scripts/tap.py" failures "$RESULTS/$part.tap" |
			sed -n "1,5s/^/failed in $part: /p"
	done
	printf '\n%d passed, %d failed\n' "$all_passed" "$all_failed" | tee -a "$RESULTS/summary"
	[ "$all_failed" = 0 ] && [ "$all_passed" -gt 0 ]
}

[ $# -gt 0 ] || die "usage: part.sh PART..."
PARTS=()
for part; do
	case "$part" in
	memory) mapfile -t -O "${#PARTS[@]}" PARTS < <(memory_parts) ;;
	*) PARTS+=("$part") ;;
	esac
done
check_number JOBS "$JOBS" 1 256
JOBS=$(decimal "$JOBS")
for part in "${PARTS[@]}"; do
	check_part "$part"
done
mkdir -p "$RESULTS"
use_ccache
# Two runs in one tree would write each other's logs.
exec 9>"$BUILD/.test-lock"
flock -n 9 || { say "waiting for another test run in this tree"; flock 9; }
run_all "${PARTS[@]}"
summary "${PARTS[@]}"
