#!/bin/bash
# Builds the debug kernel of the guest tests, once, and prints its folder:
# KASAN, lockdep, kmemleak and two nodes, as in the KUnit kernel for x86_64.
#   scripts/debug-kernel.sh
# It is that kernel's build copied and linked again without us in it: a minute
# instead of five. KUnit stays, as everything depends on it; there is no suite.
# The module is then built against the folder.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kernel-lib.sh"

KUNIT_BUILD=$CACHE/kunit/x86_64
KERNEL_SOURCE=$CACHE/kunit/tree
KERNEL_FOLDER=$CACHE/kunit/debug
NEW=$KERNEL_FOLDER.new

made_for() {
	cat "$KERNEL_SOURCE/.debian-version" "$ROOT/kunit/kunitconfig.x86_64" \
		"$ROOT/kunit/kunitconfig"
}

build() {
	! fresh || return 0
	say "building the debug kernel for the guests"
	rm -rf "$KERNEL_FOLDER" "$NEW" &&
		with_lock kunit-x86_64 cp -a "$KUNIT_BUILD" "$NEW" &&
		sed -i '/CONFIG_MIRROR_MM/d' "$NEW/.config" &&
		make_kernel "$NEW" olddefconfig && make_kernel "$NEW" all &&
		make_kernel "$NEW" modules_prepare &&
		made_for >"$NEW/.made-for" && mv "$NEW" "$KERNEL_FOLDER"
}

# Where nothing has changed, nobody who uses the KUnit kernel is waited for.
if ! fresh; then
	"$ROOT/scripts/kunit.sh" x86_64 build
	with_lock kunit-debug build || die "the debug kernel does not build"
fi
echo "$KERNEL_FOLDER"
