#!/bin/bash
# Builds the documentation; a warning is an error.
#   scripts/docs.sh          into build/docs/
#   scripts/docs.sh --tap    the same, and prints the result as TAP
# The C example of the documentation is taken out, compiled and run by the
# selftests.

. "$(dirname "$0")/lib.sh"

build() {
	copy_tree "$BUILD/docs-source" Documentation include dkms.conf
	"$PYTHON" -m sphinx -q -W --keep-going -b html \
		-d "$BUILD/docs-source/.doctrees" \
		"$BUILD/docs-source/Documentation" "$BUILD/docs"
}

if [ "${1:-}" = --tap ]; then
	tap_start
	tap_case "Documentation builds without a warning" build
	tap_end
else
	build
	say "the start page is build/docs/index.html"
fi
