#!/bin/bash
# Takes the module through DKMS against a stock kernel's headers, with trees of
# its own, so that this machine's DKMS never hears of it. Prints TAP.
#   scripts/dkms-test.sh 6.12|6.1

. "$(dirname "$0")/lib.sh"

SERIES=${1:-6.12}
PACKAGE=mirror_mm

in_trees() {
	dkms --dkmstree "$WORK/tree" --sourcetree "$WORK/src" \
		--installtree "$WORK/root/lib/modules" "$@"
}

for_kernel() {
	local verb=$1
	shift
	in_trees "$verb" -m "$PACKAGE" -v "$VERSION" -k "$RELEASE" -a x86_64 "$@"
}

status_is() {
	local status
	status=$(in_trees status -m "$PACKAGE" -v "$VERSION")
	echo "$status"
	grep -q "$1" <<<"$status"
}

# DKMS can only call depmod for /lib/modules of this machine; the test calls it
# for the tree that it installed to.
depmod_finds_it() {
	depmod -b "$WORK/root" "$RELEASE" &&
		grep "$PACKAGE" "$WORK/root/lib/modules/$RELEASE/modules.dep"
}

installed_module() { find "$WORK/root/lib/modules" -name "$PACKAGE.ko*" | grep .; }

module_is_for_kernel() {
	modinfo -F vermagic "$(installed_module)" | grep -F "$RELEASE "
}

nothing_left() {
	! installed_module && ! status_is "$PACKAGE"
}

main() {
	local kernel
	check_series "$SERIES"
	kernel=$("$ROOT/scripts/fetch.sh" kernel "$SERIES")
	RELEASE=$(cat "$kernel/release")
	WORK=$(mktemp -d)
	trap 'rm -rf "$WORK"' EXIT
	VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$ROOT/dkms.conf")
	mkdir -p "$WORK/tree" "$WORK/root/lib/modules/$RELEASE"
	copy_tree "$WORK/src/$PACKAGE-$VERSION" dkms.conf Makefile Kbuild Kconfig include src

	tap_start
	tap_case "dkms add" in_trees add -m "$PACKAGE" -v "$VERSION"
	tap_case "dkms build for $RELEASE" for_kernel build --kernelsourcedir "$kernel/headers"
	tap_case "dkms status says built" status_is built
	tap_case "dkms install" for_kernel install --kernelsourcedir "$kernel/headers" --no-depmod
	tap_case "dkms status says installed" status_is installed
	tap_case "the installed module is for $RELEASE" module_is_for_kernel
	tap_case "depmod finds it" depmod_finds_it
	tap_case "dkms remove" in_trees remove -m "$PACKAGE" -v "$VERSION" --all --no-depmod
	tap_case "nothing is left behind" nothing_left
	tap_end
}

main
