#!/bin/bash
# Static checks of everything we wrote. Prints TAP.
#   scripts/check.sh
# W=1 builds for both kernels, sparse, checkpatch --strict and kernel-doc for
# each file, shellcheck, and the tests of what runs on the host. A warning of any
# of them is a failure. A file that checkpatch has passed is not read again while
# the file, its name and what is ignored are the same.

. "$(dirname "$0")/lib.sh"
# The kernel tree that someone gave for `make modules` is not meant here.
unset KDIR

# What checkpatch.pl is told to ignore, and why:
IGNORE=(
	# The module is built for two kernels; src/compat.h has to ask which.
	LINUX_VERSION_CODE
	# Files are checked whole: there is no patch that could change MAINTAINERS.
	FILE_PATH_CHANGES
	# An iterator names its cursor in each part of its for.
	MACRO_ARG_REUSE
	# The name of a struct's member cannot stand in parentheses.
	MACRO_ARG_PRECEDENCE
	# Programs have no __printf() but what they define themselves.
	PREFER_DEFINED_ATTRIBUTE_MACRO
)

# The userspace twin of the kernel's headers has to make what these tell to use.
TWIN_IGNORE=(NEW_TYPEDEFS VOLATILE MEMORY_BARRIER USE_LOCKDEP COMPLEX_MACRO
	MACRO_ARG_UNUSED EXPORT_SYMBOL SPACING DATA_RACE CAMELCASE ARCH_DEFINES
	IS_ENABLED_CONFIG)

sources() { (cd "$ROOT" && find src include kunit tools Documentation -name '*.[ch]' | sort); }

# Whatever a compiler, modpost or sparse says about us is a failure. The headers
# were built with another build of the same compiler, which says nothing. These are the
# builds that the other parts use, with W=1, and with sparse for the source's series.
quiet_build() {
	local log status=0
	log=$(mktemp)
	"$ROOT/scripts/build.sh" "$1" "$2" >"$log" 2>&1 || status=$?
	grep -v 'compiler differs' "$log" | grep -E 'warning:|WARNING:|error:|Error ' && status=1
	[ "$status" = 0 ] || tail -n 20 "$log"
	rm -f "$log"
	return "$status"
}

# Its modules need the kernel that it runs on.
bench_build() {
	local full
	full=$("$ROOT/scripts/fetch.sh" kernel "$SOURCE_SERIES" full)
	KDIR=$full/headers DEST=$BUILD/$SOURCE_SERIES-full quiet_build bench "$SOURCE_SERIES"
}

checkpatch() {
	local ignore key
	ignore=$(IFS=,; echo "${IGNORE[*]}")
	case "$1" in
	tools/harness/host_*.h | tools/harness/l*.[ch] | tools/harness/kunit.h)
		ignore=$ignore,$(IFS=,; echo "${TWIN_IGNORE[*]}") ;;
	esac
	cd "$ROOT" || return
	key=$CACHE/checkpatch/$(echo "$1 $ignore" |
		sha256sum - "$1" "$SOURCE/scripts/checkpatch.pl" | sha256sum | cut -c 1-32)
	[ ! -e "$key" ] || return 0
	perl "$SOURCE/scripts/checkpatch.pl" --strict --no-tree --quiet \
		--show-types --ignore "$ignore" -f "$1" && touch "$key"
}

kernel_doc() { perl "$SOURCE/scripts/kernel-doc" -Werror -none "$ROOT/$1"; }

# The module, its package and the page name one version.
one_version() {
	local version
	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$ROOT/dkms.conf")
	[ -n "$version" ] || { echo "dkms.conf names no version"; return 1; }
	grep -F "MODULE_VERSION(\"$version\");" "$ROOT/src/main.c" || return 1
	grep -oE 'mirror_mm(-| -v )[0-9][0-9.]*[0-9]' "$ROOT/Documentation/usage.rst" |
		grep -vF " $version" | grep -vF -- "-$version" && return 1
	return 0
}

# What modinfo reads of the module that a build above has left.
says_version() { modinfo -F version "$BUILD/$1/mirror_mm.ko" | grep .; }

mirrorctl_tests() {
	DEST="" "$ROOT/scripts/build.sh" tools >&2 &&
		make -s -C "$BUILD/tools/tools/mirrorctl" OUT="$BUILD/tools/bin" check
}

conformance_tests() {
	DEST="" "$ROOT/scripts/build.sh" compare >&2 &&
		make -s -C "$BUILD/guest/tools/conformance" OUT="$BUILD/guest/bin" check
}

mutants_tests() { cd "$ROOT/tools/mutants" && "$PYTHON" -B -m unittest; }

main() {
	local series file
	SOURCE=$("$ROOT/scripts/fetch.sh" source)
	export KEEP_BUILDS=yes
	unset DEST MAKE_ARGS
	tap_start
	mkdir -p "$CACHE/checkpatch"
	find "$CACHE/checkpatch" -type f -mtime +30 -delete
	for series in $SUPPORTED_KERNELS; do
		tap_case "W=1 build for $series" quiet_build modules "$series"
		tap_case "the module for $series says its version" says_version "$series"
	done
	tap_case "one version everywhere" one_version
	tap_case "W=1 and sparse on the comparison's modules" quiet_build conformance "$SOURCE_SERIES"
	tap_case "W=1 and sparse on the benchmark's modules" bench_build
	tap_case "W=1 and sparse with faults" quiet_build faults "$SOURCE_SERIES"
	for file in $(sources); do
		tap_case "checkpatch $file" checkpatch "$file"
		if grep -q '^[[:space:]]*/\*\*' "$ROOT/$file"; then
			tap_case "kernel-doc $file" kernel_doc "$file"
		fi
	done
	for file in "$ROOT"/scripts/*.sh "$ROOT"/tools/selftests/init; do
		tap_case "shellcheck ${file#"$ROOT"/}" shellcheck "$file"
	done
	tap_case "the counter of test cases" "$ROOT/scripts/tap-test.sh"
	tap_case "the words of a bad kernel log" "$ROOT/scripts/bad-log-test.sh"
	tap_case "mirrorctl's own tests" mirrorctl_tests
	tap_case "the comparison's own tests" conformance_tests
	tap_case "the mutants' own tests" mutants_tests
	tap_case "the benchmark's table" "$ROOT/scripts/bench-test.sh"
	tap_case "the verdict over parts" "$ROOT/scripts/part-test.sh"
	tap_case "the counter of rules" "$ROOT/scripts/rules-test.sh"
	tap_end
}

main
