#!/bin/bash
# Builds the debug kernel of the guest tests, once, and prints its folder:
# KASAN, lockdep, kmemleak and two nodes, as in the KUnit kernel for x86_64.
#   scripts/debug-kernel.sh
# It is that kernel's build copied and linked again without us in it: a minute
# instead of five. KUnit stays, as everything depends on it; there is no suite.
# The module is then built against the folder.

. "$(dirname "$0")/lib.sh"

KUNIT_BUILD=$CACHE/kunit/x86_64
DEBUG=$CACHE/kunit/debug

make_kernel() {
	env -u MAKEFLAGS -u MFLAGS make -s -C "$CACHE/kunit/tree" ARCH=x86_64 \
		"O=$DEBUG.new" "-j$(nproc)" "$@" >&2
}

# What the folder was made from; a copy of the text is kept in it.
made_for() {
	cat "$CACHE/kunit/tree/.debian-version" "$ROOT/kunit/kunitconfig.x86_64" \
		"$ROOT/kunit/kunitconfig"
}

fresh() { cmp -s "$DEBUG/.made-for" <(made_for); }

build() {
	! fresh || return 0
	say "building the debug kernel for the guests"
	rm -rf "$DEBUG" "$DEBUG.new" &&
		with_lock kunit-x86_64 cp -a "$KUNIT_BUILD" "$DEBUG.new" &&
		sed -i '/CONFIG_MIRROR_MM/d' "$DEBUG.new/.config" &&
		make_kernel olddefconfig && make_kernel all && make_kernel modules_prepare &&
		made_for >"$DEBUG.new/.made-for" && mv "$DEBUG.new" "$DEBUG"
}

# Where nothing has changed, nobody who uses the KUnit kernel is waited for.
if ! fresh; then
	"$ROOT/scripts/kunit.sh" x86_64 build
	with_lock kunit-debug build || die "the debug kernel does not build"
fi
echo "$DEBUG"
