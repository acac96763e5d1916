#!/bin/bash
# Follows the DKMS recipe of Documentation/usage.rst, line by line, against a stock
# kernel's headers. What differs from the page is where: DKMS gets trees of its own,
# so that this machine's DKMS never hears of it. Prints TAP.
#   scripts/dkms-test.sh KERNEL
# A line of DKMS about an error counts as one, also where DKMS itself goes on.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/root.sh"

SERIES=${1:-6.12}
PACKAGE=mirror_mm

# recipe REGEX: the commands of the page's section that match.
recipe() {
	# shellcheck disable=SC2016 # these are the page's own quotes
	sed -n '/^DKMS$/,/^Parameters$/ { s/^  # //p; s/^``\(dkms remove .*\)`` .*/\1/p }' \
		"$ROOT/Documentation/usage.rst" | grep -E "$1"
}

# Prints what a command prints and fails where that speaks of an error.
sound() {
	local out status=0
	out=$("$@" 2>&1) || status=$?
	printf '%s\n' "$out"
	! grep -iE 'bad exit status|error' <<<"$out" && [ "$status" = 0 ]
}

in_trees() {
	dkms --dkmstree "$WORK/tree" --sourcetree "$WORK/src" \
		--installtree "$WORK/root/lib/modules" "$@"
}

# The page's commands that lay out the sources, with their /usr/src in WORK.
lay_out() {
	local commands
	commands=$(recipe '^(mkdir|cp) ') || return 1
	(cd "$ROOT" && sound bash -ec "${commands//\/usr\/src\//$WORK/src/}")
}

# documented VERB OPTION...: the page's dkms command of that name, with more options.
documented() {
	local command
	read -ra command <<<"$(recipe "^dkms $1 ")"
	[ "${#command[@]}" -gt 2 ] || { echo "the page has no dkms $1"; return 1; }
	sound in_trees "${command[@]:1}" "${@:2}"
}

# That is for the kernel which runs, where nothing else is said.
for_kernel() {
	documented "$1" -k "$RELEASE" -a x86_64 --kernelsourcedir "$HEADERS" "${@:2}"
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

# What the page's modprobe would load, with the page's options.
modprobe_finds_it() {
	local command
	read -ra command <<<"$(recipe '^modprobe ')"
	modprobe -d "$WORK/root" -S "$RELEASE" --show-depends "${command[@]:1}" |
		grep "insmod .*/$PACKAGE.ko.* region=auto"
}

installed_module() { find "$WORK/root/lib/modules" -name "$PACKAGE.ko*" | grep .; }

module_is_for_kernel() {
	modinfo -F vermagic "$(installed_module)" | grep -F "$RELEASE "
}

version_is_the_packages() {
	[ "$(modinfo -F version "$(installed_module)")" = "$VERSION" ]
}

nothing_left() {
	! installed_module && ! status_is "$PACKAGE"
}

main() {
	local kernel
	check_series "$SERIES"
	kernel=$("$ROOT/scripts/fetch.sh" kernel "$SERIES")
	RELEASE=$(cat "$kernel/release")
	HEADERS=$kernel/headers
	if needs_root "$HEADERS"; then
		# DKMS of that release builds it, in there.
		in_root "$ROOT/scripts/dkms-test.sh" "$SERIES"
		return
	fi
	WORK=$(mktemp -d)
	trap 'rm -rf "$WORK"' EXIT
	VERSION=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$ROOT/dkms.conf")
	mkdir -p "$WORK/src" "$WORK/tree" "$WORK/root/lib/modules/$RELEASE"

	tap_start
	tap_case "the sources are laid out" lay_out
	tap_case "dkms add" documented add
	tap_case "dkms build for $RELEASE" for_kernel build
	tap_case "dkms status says built" status_is built
	tap_case "dkms install" for_kernel install --no-depmod
	tap_case "dkms status says installed" status_is installed
	tap_case "the installed module is for $RELEASE" module_is_for_kernel
	tap_case "the installed module says version $VERSION" version_is_the_packages
	tap_case "depmod finds it" depmod_finds_it
	tap_case "modprobe finds it" modprobe_finds_it
	tap_case "dkms remove" documented remove --no-depmod
	tap_case "nothing is left behind" nothing_left
	tap_end
}

main
