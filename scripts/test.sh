#!/bin/bash
# `make test`: every test there is; the last line is "N passed, N failed".
#   scripts/test.sh

. "$(dirname "$0")/lib.sh"

cd "$ROOT/scripts"
rm -f "$RESULTS/summary"
# Without its packages nothing can run, which is a result too.
./setup.sh run test docs || { echo "0 passed, 1 failed"; exit 1; }
# The kernel builds take longest; the guests fill the gaps that they leave.
exec ./part.sh kunit-x86_64 kunit-um kunit-i386 kunit-arm64 kunit-arm64-64k conformance controls kunit-faults \
	vmtest-6.12 vmtest-6.1 memory bench check messages dkms-6.12 dkms-6.1 docs harness fuzz explore
