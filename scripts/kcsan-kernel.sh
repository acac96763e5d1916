#!/bin/bash
# Builds the kernel with KCSAN that kcsan.sh boots, once, and prints its folder. What
# was built so far is kept where it is interrupted.
#   scripts/kcsan-kernel.sh
# Its own files are compiled without instrumentation, though with the barriers that
# KCSAN has to know of: the watchpoints are all for the modules, which are built
# against the folder in the ordinary way, and no report is about the kernel alone.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kernel-lib.sh"

KERNEL_SOURCE=$("$ROOT/scripts/fetch.sh" source)
KERNEL_FOLDER=$CACHE/kunit/kcsan
CONFIG_FILES=("$ROOT/tools/kcsan/config" "$ROOT/kunit/kunitconfig.small")

made_for() { cat "$KERNEL_SOURCE/.debian-version" "${CONFIG_FILES[@]}"; }

make_it() { make_kernel "$KERNEL_FOLDER" CFLAGS_KCSAN=-D__KCSAN_INSTRUMENT_BARRIERS__ "$@"; }

# What depends on something else has been left out of the configuration silently.
config_is_complete() {
	local line
	while read -r line; do
		grep -qxF "$line" "$KERNEL_FOLDER/.config" || die "the KCSAN kernel has no $line"
	done < <(grep -h '^CONFIG_' "${CONFIG_FILES[@]}")
}

build() {
	! fresh || return 0
	say "building the kernel with KCSAN"
	mkdir -p "$KERNEL_FOLDER"
	rm -f "$KERNEL_FOLDER/.made-for"
	cat "${CONFIG_FILES[@]}" >"$KERNEL_FOLDER/.config"
	make_it olddefconfig && config_is_complete && make_it all &&
		make_it modules_prepare && made_for >"$KERNEL_FOLDER/.made-for"
}

with_lock kunit-kcsan build || die "the kernel with KCSAN does not build"
echo "$KERNEL_FOLDER"
