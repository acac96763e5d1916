#!/bin/bash
# `make test`, `make quick` and `make test-long`; the last line is
# "N passed, N failed".
#   scripts/test.sh          every test that CI runs
#   scripts/test.sh quick    an answer in less than three minutes, while one works
#   scripts/test.sh long     what takes hours, before a release; without the parts above

. "$(dirname "$0")/lib.sh"

# The kernel builds take longest; the guests fill the gaps that they leave.
ALL=(kunit-x86_64 kunit-um kunit-i386 kunit-arm64-64k conformance control-faults
	vmtest-6.12 chosen-6.1 memory bench debug check messages
	dkms-6.12 docs harness fuzz fuzz-device explore shell)
QUICK=(vmtest-6.12 kunit-um harness-quick)
QUICK_PROGRAMS="device-args device-map device-owner submit submit-args exhaust load-again"
LONG=(kunit-arm64 kunit-faults control-rules vmtest-6.1 memory-arm64-64k memory-nodes-all memory-cma-all
	vmtest-debug failnth kcsan mutants fuzz-mutants vmtest-clang vmtest-newest
	vmtest-6.12-rt vmtest-newest-rt dkms-6.1 dkms-newest memory-cma-newest shell-debian fresh-bookworm fresh-trixie)

cd "$ROOT/scripts"
rm -f "$RESULTS/summary"
# Without its packages nothing can run, which is a result too.
./setup.sh run test docs || { echo "0 passed, 1 failed"; exit 1; }
case "${1:-}" in
"") exec ./part.sh "${ALL[@]}" ;;
quick) ONLY=$QUICK_PROGRAMS exec ./part.sh "${QUICK[@]}" ;;
long) exec ./part.sh "${LONG[@]}" ;;
*) die "usage: test.sh [quick | long]" ;;
esac
