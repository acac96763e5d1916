#!/bin/bash
# Runs the KUnit suites with the kernel's own kunit.py and prints their KTAP.
#   scripts/kunit.sh [ARCH] [build]     build: stop before running
# ARCH is um (default), x86_64, i386, arm64 or arm64-64k, which has 64 KiB pages.

. "$(dirname "$0")/lib.sh"
ARCH=${1:-um}
. "$ROOT/scripts/kunit-lib.sh"

run_suites() {
	say "running the KUnit suites on $ARCH"
	run "$@" || warn "kunit.py: exit status $?"
}

main() {
	if [ "$1" = build ]; then
		with_kunit_kernel true
		return
	fi
	with_kunit_kernel run_suites
	"$PYTHON" "$ROOT/scripts/tap.py" extract "$LOG"
	tap_start
	tap_case "KUnit on $ARCH: the kernel's log is clean" clean_log
	tap_end
}

main "${2:-run}"
