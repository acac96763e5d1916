#!/bin/bash
# The device tree binding: prints TAP. The document follows the rules for
# bindings, its example compiles and is what the document describes, and an example
# with a mistake is not.

. "$(dirname "$0")/lib.sh"

BINDINGS=$ROOT/Documentation/devicetree
BINDING=$BINDINGS/misc/linux,mirror-mm.yaml

# Succeeds where a command says nothing: these tools complain and exit with 0.
silent() {
	local said
	said=$("$@" 2>&1) || { echo "$said"; return 1; }
	[ -z "$said" ] || { echo "$said"; return 1; }
}

compile() { silent dtc -I dts -O dtb -o "$WORK/$1.dtb" "$WORK/$1.dts"; }

validate() { silent dt-validate -s "$BINDINGS" -u "$BINDINGS" "$WORK/$1.dtb"; }

# spoil NAME SED-EXPRESSION WORD: the mistake is named in the complaint.
spoil() {
	sed "$2" "$WORK/example.dts" >"$WORK/$1.dts"
	! cmp -s "$WORK/example.dts" "$WORK/$1.dts" &&
		dtc -q -I dts -O dtb -o "$WORK/$1.dtb" "$WORK/$1.dts" &&
		{ validate "$1" || true; } | grep -F "$3"
}

main() {
	"$ROOT/scripts/setup.sh" binding
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-binding.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	tap_start
	tap_case "binding: follows the rules" silent dt-doc-validate -u "$BINDINGS" "$BINDING"
	dt-extract-example "$BINDING" >"$WORK/example.dts"
	tap_case "binding: the example compiles" compile example
	tap_case "binding: the example is as described" validate example
	tap_case "binding: memory-region is required" \
		spoil none '/memory-region = /d' "'memory-region' is a required property"
	tap_case "binding: other properties are not known" \
		spoil other 's/memory-region = .*/&\n bogus = <1>;/' bogus
	tap_case "binding: node numbers end at 63" \
		spoil node 's/memory-region = .*/&\n numa-node-id = <64>;/' numa-node-id
	tap_end
}

main
