#!/bin/bash
# Builds a kernel that the guests boot, once, and prints its folder. What was built so
# far is kept where it is interrupted.
#   scripts/guest-kernel.sh kcsan    with KCSAN, for kcsan.sh
#   scripts/guest-kernel.sh clang    built by clang and lld
# The configurations are in tools/kernels. The module is then built against the folder in
# the ordinary way.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kernel-lib.sh"

KIND=${1:-}
case "$KIND" in
# Its own files are compiled without instrumentation, though with the barriers that KCSAN
# has to know of: the watchpoints are all for the modules, and no report is about the
# kernel alone.
kcsan) HOW=(CFLAGS_KCSAN=-D__KCSAN_INSTRUMENT_BARRIERS__) ;;
clang) HOW=(LLVM=1) ;;
*) die "usage: guest-kernel.sh kcsan|clang" ;;
esac
KERNEL_SOURCE=$("$ROOT/scripts/fetch.sh" source)
KERNEL_FOLDER=$CACHE/kunit/$KIND
CONFIG_FILES=("$ROOT/tools/kernels/config" "$ROOT/tools/kernels/config.$KIND"
	"$ROOT/kunit/kunitconfig.small")

made_for() {
	cat "$KERNEL_SOURCE/.debian-version" "${CONFIG_FILES[@]}"
	[ "$KIND" != clang ] || clang --version
}

make_it() { make_kernel "$KERNEL_FOLDER" "${HOW[@]}" "$@"; }

# What depends on something else has been left out of the configuration silently.
config_is_complete() {
	local line
	while read -r line; do
		grep -qxF "$line" "$KERNEL_FOLDER/.config" || die "the $KIND kernel has no $line"
	done < <(grep -h '^CONFIG_' "${CONFIG_FILES[@]}")
}

build() {
	! fresh || return 0
	say "building the $KIND kernel"
	mkdir -p "$KERNEL_FOLDER"
	rm -f "$KERNEL_FOLDER/.made-for"
	cat "${CONFIG_FILES[@]}" >"$KERNEL_FOLDER/.config"
	make_it olddefconfig && config_is_complete && make_it all &&
		make_it modules_prepare && made_for >"$KERNEL_FOLDER/.made-for"
}

[ "$KIND" != clang ] || "$ROOT/scripts/setup.sh" clang
with_lock "kunit-$KIND" build || die "the $KIND kernel does not build"
echo "$KERNEL_FOLDER"
