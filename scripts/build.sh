#!/bin/bash
# Builds outside the source tree and prints where the result is.
#   scripts/build.sh module SERIES   build/SERIES/mirror_mm.ko; with KDIR= for that tree
#   scripts/build.sh modules SERIES  the same and the test modules, for the guests
#   scripts/build.sh conformance SERIES   the same and the modules that compare
#   scripts/build.sh bench SERIES    the same and the modules of the benchmark
#   scripts/build.sh bench-programs  the benchmark's programs, for the guests
#   scripts/build.sh compare         the program that compares
#   scripts/build.sh faults SERIES   build/SERIES-faults/: the module with deliberate faults,
#                                    its core counting its lines, and mirror_mm_gcov.ko
#   scripts/build.sh tools           mirrorctl for this machine
#   scripts/build.sh install         the same, and installs it: DESTDIR=, PREFIX=
#   scripts/build.sh static          mirrorctl for the guests
#   scripts/build.sh selftests       test programs for the guests
# W=1, C=2 and the like are taken from MAKE_ARGS. DEST= changes the folder.
# ARCH=arm64 or i386: module, modules, static and selftests for such a guest, in
# build/SERIES-ARCH and build/guest-ARCH.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kdir.sh"
. "$(dirname "$0")/root.sh"

MODULE_SOURCES=(Kbuild Kconfig include src)
TEST_MODULES=tools/selftests/modules
CONFORMANCE=tools/conformance
BENCH=tools/bench/module
FAULTS=tools/conformance/faults
read -ra EXTRA <<<"${MAKE_ARGS:-}"
case "${MAKE_ARGS:-}" in *MIRROR_MM_FUZZ_USER*) MODULE_SOURCES+=(tools/devfuzz/module) ;; esac

# um is make kunit's, and the same machine.
ARCH_GIVEN=${ARCH:-}
case "$ARCH_GIVEN" in um | amd64 | x86) ARCH_GIVEN=x86_64 ;; esac
case "${ARCH:-}" in
"" | um | amd64 | x86) ARCH=x86_64 ;;
*) check_arch "$ARCH" ;;
esac
CROSS=$(cross_prefix "$ARCH")
SUFFIX=${CROSS:+-$ARCH}
# For what is built by make alone.
TOOLCHAIN=()
[ -z "$CROSS" ] || TOOLCHAIN=("CC=${CROSS}gcc")

headers_of() {
	local kernel
	if [ -n "${KDIR:-}" ]; then
		check_tree "$KDIR" "$ARCH_GIVEN"
		realpath "$KDIR"
	else
		kernel=$("$ROOT/scripts/fetch.sh" kernel "$1" "$ARCH") || exit 1
		echo "$kernel/headers"
	fi
}

# kbuild HEADERS FOLDER ARGUMENTS: an M= build, without an outer make's flags.
kbuild() {
	local headers=$1 folder=$2 compiler words=() where=()
	shift 2
	if [ -z "${KDIR:-}" ] && needs_root "$headers"; then
		where=(in_root)
	fi
	compiler=$(compiler_arguments "$headers" "$CROSS") || exit 1
	mapfile -t words < <(printf '%s' "$compiler")
	set -- "${words[@]}" "$@"
	[ -z "$CROSS" ] || set -- "ARCH=$ARCH" "CROSS_COMPILE=$CROSS" "$@"
	# make keeps the objects itself, see kept(); ccache would only add to the time.
	"${where[@]}" env -u MAKEFLAGS -u MFLAGS -u ARCH -u KERNEL -u LLVM CCACHE_DISABLE=1 \
		make -s -C "$headers" "M=$folder" "-j$(nproc)" "${EXTRA[@]}" "$@" modules >&2
}

build_module() {
	local headers dest
	headers=$(headers_of "$1")
	dest=${DEST:-$BUILD/$([ -n "${KDIR:-}" ] && echo kdir || echo "$1")$SUFFIX}
	say "building mirror_mm.ko in ${dest#"$ROOT"/}"
	copy_tree "$dest" "${MODULE_SOURCES[@]}"
	kbuild "$headers" "$dest" || die "mirror_mm.ko does not build"
	echo "$dest"
}

# build_others DEST SERIES FOLDER FILE...: modules that call mirror_mm.ko, which is
# built in DEST, and the files that they need from elsewhere.
build_others() {
	local dest=$1 series=$2 folder=$3 headers
	say "building the modules of $folder for $series"
	copy_tree "$dest" "${@:3}"
	# Kbuild does not notice that the symbols from outside have changed.
	cmp -s "$dest/Module.symvers" "$dest/$folder/mirror_mm.symvers" ||
		rm -f "$dest/$folder/Module.symvers"
	cp "$dest/Module.symvers" "$dest/$folder/mirror_mm.symvers"
	headers=$(headers_of "$series") || exit 1
	kbuild "$headers" "$dest/$folder" \
		"KBUILD_EXTRA_SYMBOLS=$dest/Module.symvers" ||
		die "the modules of $folder do not build"
}

build_modules() {
	local dest
	dest=$(build_module "$1")
	build_others "$dest" "$1" "$TEST_MODULES"
	echo "$dest"
}

build_conformance() {
	local dest
	dest=$(build_module "$1")
	build_others "$dest" "$1" "$CONFORMANCE/module" "$CONFORMANCE/protocol.h"
	echo "$dest"
}

build_bench() {
	local dest
	dest=$(build_module "$1")
	build_others "$dest" "$1" "$BENCH"
	echo "$dest"
}

# bench/ has those that need nothing but a mirror; all that is there is run, so
# nothing of an earlier state must stay.
build_bench_programs() {
	local dest=$BUILD/guest makefile folder out
	rm -rf "$dest/tools/bench" "$dest/bench"
	copy_tree "$dest" include tools/bench
	say "building the benchmark's programs"
	for makefile in "$dest"/tools/bench/*/Makefile; do
		folder=$(dirname "$makefile")
		out=$dest/bench
		[ "$(basename "$folder")" != init ] || out=$dest/bin
		make -s -C "$folder" OUT="$out" >&2 || die "a program of the benchmark does not build"
	done
	echo "$dest"
}

# The program that compares, for the guests.
build_compare() {
	local dest=$BUILD/guest
	copy_tree "$dest" include "$CONFORMANCE" tools/mirrorctl/words.c tools/mirrorctl/words.h
	say "building the comparison program"
	mkdir -p "$dest/bin"
	make -s "-j$(nproc)" -C "$dest/$CONFORMANCE" OUT="$dest/bin" >&2 ||
		die "the comparison program does not build"
	echo "$dest/bin/conformance"
}

# See tools/conformance/faults for what is in there.
build_faults() {
	local headers dest=${DEST:-$BUILD/$1-faults}
	say "building mirror_mm.ko with faults in ${dest#"$ROOT"/}"
	BUILD_PRODUCTS+=(--exclude='*.gcno')
	copy_tree "$dest" "${MODULE_SOURCES[@]}" "$FAULTS"
	headers=$(headers_of "$1") || exit 1
	kbuild "$headers" "$dest" CONFIG_MIRROR_MM_FAULTS=y \
		CONFIG_MIRROR_MM_GCOV=y || die "the module with faults does not build"
	cp -p "$dest/$FAULTS"/mirror_mm_gcov*.ko "$dest/"
	echo "$dest"
}

# json-c of another architecture is unpacked, not installed.
foreign_json() {
	local lib root
	[ -n "$CROSS" ] || return 0
	root=$("$ROOT/scripts/fetch.sh" userland "$ARCH")
	lib=$(echo "$root"/usr/lib/*/libjson-c.a)
	TOOLCHAIN+=(PKG_CONFIG=false "CFLAGS=-O2 -g -I$root/usr/include/json-c"
		"LDFLAGS=-L$(dirname "$lib")")
}

# build_mirrorctl FOLDER ARGUMENTS: static and dynamic objects never mix.
build_mirrorctl() {
	local dest=$BUILD/$1
	shift
	copy_tree "$dest" include tools/mirrorctl
	say "building mirrorctl in ${dest#"$ROOT"/}"
	mkdir -p "$dest/bin"
	foreign_json
	make -s -C "$dest/tools/mirrorctl" OUT="$dest/bin" "${TOOLCHAIN[@]}" "$@" >&2 ||
		die "mirrorctl does not build"
	echo "$dest/bin/mirrorctl"
}

# Debian packs json-c for static programs as well, and others do not; vm.sh takes the shared
# libraries along then.
has_static_json() {
	local libs=()
	[ -z "$CROSS" ] || return 0
	read -ra libs < <(pkg-config --libs json-c)
	echo 'int main(void) { return 0; }' |
		gcc -static -x c - -o /dev/null "${libs[@]}" 2>/dev/null
}

# What people use, where they have it; the module is for KDIR= or DKMS.
install_tools() {
	build_mirrorctl tools >/dev/null
	check_path "${DESTDIR:-}" DESTDIR=
	check_path "${PREFIX:-}" PREFIX=
	make -s -C "$BUILD/tools/tools/mirrorctl" OUT="$BUILD/tools/bin" \
		"DESTDIR=${DESTDIR:-}" "PREFIX=${PREFIX:-/usr/local}" install >&2 ||
		die "cannot install in ${DESTDIR:-}${PREFIX:-/usr/local}; be root, or give PREFIX= or DESTDIR="
	say "installed in ${DESTDIR:-}${PREFIX:-/usr/local}"
}

# Programs of an earlier state must not stay among those that are run.
drop_stale_selftests() {
	local list
	# Objects come with the first build, and are no reason for a second one.
	list=$(ls --ignore='*.o' "$1/tools/selftests")
	[ "$list" = "$(cat "$1/tests.list" 2>/dev/null)" ] && return 0
	rm -rf "$1/tests"
	echo "$list" >"$1/tests.list"
}

build_selftests() {
	local dest=$BUILD/guest$SUFFIX source
	source=$("$ROOT/scripts/fetch.sh" source)
	copy_tree "$dest" include tools/selftests Documentation
	say "building the selftests"
	drop_stale_selftests "$dest"
	mkdir -p "$dest/tests"
	make -s "-j$(nproc)" -C "$dest/tools/selftests" OUT="$dest/tests" \
		KSFT_DIR="$source/tools/testing/selftests" "${TOOLCHAIN[@]}" >&2 ||
		die "the selftests do not build"
	echo "$dest/tests"
}

# kept FOLDER NAME: the same build in the cache, where only what has changed since the last
# one of any clone is compiled, and a copy of it in FOLDER. It has W=1, and sparse where its
# version fits the kernel's, so that it is the build of the part "check" as well. Where
# anything was complained of it is not kept, so that the next build says it again.
kept() {
	local folder=$1 work=$CACHE/build/$2 status=0 said args="W=1"
	# sparse 0.6.4 loses count of a lock that guard() takes and drops.
	[ "$series${CROSS:-}" != "$SOURCE_SERIES" ] || args="W=1 C=1 CF=-Wno-context"
	said=$(mktemp)
	mkdir -p "$folder"
	KEEP_BUILDS="" DEST=$work MAKE_ARGS=${MAKE_ARGS:-$args} \
		"$ROOT/scripts/build.sh" "$what" "$series" >/dev/null 2>"$said" || status=$?
	cat "$said" >&2
	[ ! -d "$work" ] || rsync -a "$work/" "$folder/"
	if [ "$status" != 0 ] || grep -v 'compiler differs' "$said" | grep -qiE 'warning:|error:'; then
		rm -rf "$work"
	fi
	rm -f "$said"
	[ "$status" = 0 ] || return "$status"
	echo "$folder"
}

what=${1:-module}
series=${2:-6.12}
[ -n "${KDIR:-}" ] || check_series "$series"
# Two builds in one folder wait for each other.
FOLDER=$([ -n "${KDIR:-}" ] && echo kdir || echo "$series")$SUFFIX
[ "$what" != faults ] || FOLDER=$series-faults
FOLDER=$(basename "${DEST:-$FOLDER}")
case "${KEEP_BUILDS:-} $what" in
"yes module" | "yes modules" | "yes conformance" | "yes bench" | "yes faults")
	NAME=$FOLDER
	[ -z "${KDIR:-}" ] || NAME=$NAME-$(realpath "$KDIR" | sha256sum | cut -c 1-8)
	check_folder "$CACHE/build" "be root, or give MIRROR_MM_CACHE=folder"
	with_lock "build-$NAME" kept "${DEST:-$BUILD/$FOLDER}" "$NAME"
	exit
	;;
esac
case "$what" in
module) with_build_lock "$FOLDER" build_module "$series" ;;
modules) with_build_lock "$FOLDER" build_modules "$series" ;;
conformance) with_build_lock "$FOLDER" build_conformance "$series" ;;
bench) with_build_lock "$FOLDER" build_bench "$series" ;;
bench-programs) with_build_lock guest build_bench_programs ;;
compare) with_build_lock guest build_compare ;;
faults) with_build_lock "$FOLDER" build_faults "$series" ;;
tools) with_build_lock tools build_mirrorctl tools ;;
install) with_build_lock tools install_tools ;;
static)
	if has_static_json; then
		with_build_lock "guest$SUFFIX" build_mirrorctl "guest$SUFFIX" STATIC=1
	else
		with_build_lock "guest$SUFFIX" build_mirrorctl "guest$SUFFIX"
	fi ;;
selftests) with_build_lock "guest$SUFFIX" build_selftests ;;
*) die "usage: build.sh module|modules|conformance|bench|bench-programs|compare|faults|tools|install|static|selftests [SERIES]" ;;
esac
