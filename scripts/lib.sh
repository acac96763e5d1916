# shellcheck shell=bash
# shellcheck disable=SC2034 # the settings are for those who source this
# What all scripts share. Source it; it only looks whether anything can be built here:
#   . "$(dirname "$0")/lib.sh"
#
# Settings people may give in the environment:
#   MIRROR_MM_CACHE  where kernels, sources and KUnit builds are kept
#   KERNEL           6.12 (default), 6.1, newest, 6.12-rt or newest-rt: the kernel to
#                    build for and boot; own, with
#   IMAGE, KDIR      a kernel's image and the tree that it was built in

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=$(realpath -m "${MIRROR_MM_CACHE:-/var/cache/mirror_mm}")
BUILD=$ROOT/build
RESULTS=$BUILD/test-results
SUPPORTED_KERNELS="6.1 6.12"
# Those of make test-long: "newest" is what Debian has for its stable release.
OTHER_KERNELS="newest 6.12-rt newest-rt"
# Scripts that boot guests drop KDIR, which is for the command that builds a module.
export OWN_IMAGE=${OWN_IMAGE:-${IMAGE:-}} OWN_KDIR=${OWN_KDIR:-${KDIR:-}}
SOURCE_SERIES=6.12
SUPPORTED_ARCHS="x86_64 arm64 i386"
KUNIT_ARCHS="um x86_64 i386 arm64 arm64-64k"
# Debian's Python modules belong to Debian's Python, whatever PATH has first.
PYTHON=/usr/bin/python3
export LC_ALL=C.UTF-8

# The parts of the test that are about claims, nodes and memory models: one for each
# scripts/memory-NAME.sh, which prints TAP.
memory_parts() {
	local script
	for script in "$ROOT"/scripts/memory-*.sh; do
		[ -e "$script" ] && basename "$script" .sh
	done
}

# Output of people's interest goes to stderr: stdout is for the answers that
# one script gives to another.
say() { printf '==> %s\n' "$*" >&2; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# What make and kbuild cannot have in the name of a folder.
check_path() {
	case "$1" in
	*[[:space:]:\#\$%\"\'\\\*\?\;\&\|\<\>\(\)\`]*)
		die "$2$1 has a blank or a character in its name that the kernel's build cannot take; ${3:-use another folder}"
		;;
	esac
}

# check_folder FOLDER ADVICE: it is there from here on, and can be written to.
check_folder() {
	local said
	said=$(mkdir -p "$1" 2>&1) && [ -w "$1" ] && return 0
	said=${said##*: }
	die "cannot write to $1: ${said:-it belongs to $(stat -c %U "$1"), or is read-only}; $2"
}

# What a guest's console must not show. BUG and WARNING cover KASAN, lockdep and
# sleeping in atomic context as well; the rest has its own first words.
BAD_LOG='BUG:|WARNING:|Oops|KASAN:|UBSAN:|ODEBUG:|non-static key|possible circular locking|possible recursive locking|inconsistent lock state|Invalid wait context|suspicious RCU usage|unreferenced object|kmemleak: [1-9][0-9]* new|Kernel panic|rcu.*stall|general protection|task .* blocked for more than'

check_own() {
	local say="KERNEL=own needs IMAGE=, a kernel's image such as /boot/vmlinuz-\$(uname -r), and KDIR=, the tree that it was built in such as /lib/modules/\$(uname -r)/build"
	if [ -z "$OWN_IMAGE" ] || [ -z "$OWN_KDIR" ]; then
		die "$say"
	fi
	if [ ! -f "$OWN_IMAGE" ] || [ ! -r "$OWN_IMAGE" ]; then
		die "IMAGE=$OWN_IMAGE cannot be read; $say"
	fi
	[ -r "$OWN_KDIR/include/config/kernel.release" ] ||
		die "KDIR=$OWN_KDIR has no include/config/kernel.release, so no kernel was built in it; $say"
}

# check_series SERIES [MORE]
check_series() {
	local all="$SUPPORTED_KERNELS $OTHER_KERNELS own${2:+ $2}"
	case " $all " in
	*" own "*) [ "$1" != own ] || check_own ;;&
	*" $1 "*) ;;
	*) die "KERNEL=$1 is not known; give one of: $all" ;;
	esac
}

check_kunit_arch() {
	[[ " $KUNIT_ARCHS " == *" $1 "* ]] || die "ARCH=$1 is not known; give one of: $KUNIT_ARCHS"
}

check_arch() {
	case " $SUPPORTED_ARCHS " in
	*" $1 "*) ;;
	*) die "the architecture '$1' is not known; give one of: $SUPPORTED_ARCHS" ;;
	esac
}

# check_number NAME VALUE [LEAST MOST]: a setting that somebody gave, where he gave
# one. Decimal, or hexadecimal behind 0x, as mirrorctl takes numbers, too.
check_number() {
	local value=$2 give=${3:+; give one from $3 to $4}
	[[ "$value" =~ ^(0x[0-9a-fA-F]{1,16}|[0-9]{0,18})$ ]] || die "$1=$2 is no number${give:-; give one such as 42 or 0x2a}"
	[ -n "$value" ] && [ -n "$give" ] || return 0
	# A zero in front means nothing here; to bash it means octal.
	value=$(decimal "$value")
	((value >= $3 && value <= $4)) || die "$1=$2 is out of bounds$give"
}

# decimal VALUE: of a number that was checked, for what knows no other.
decimal() {
	case "$1" in
	0x*) echo "$(($1))" ;;
	*) echo "$((10#$1))" ;;
	esac
}

# check_word NAME VALUE WORD...: the value is one of these.
check_word() {
	local name=$1 value=$2 word
	shift 2
	for word; do
		[ "$word" != "$value" ] || return 0
	done
	die "$name=$value is not known;$(meant "$value" "$@") give one of: $*"
}

# meant VALUE WORD...: a question, where a word contains the value or has its
# beginning.
meant() {
	local value=$1 word
	shift
	[ "${#value}" -ge 3 ] || return 0
	for word; do
		case "$word" in
		*"$value"* | "${value:0:4}"*)
			echo " did you mean $word? Or"
			return
			;;
		esac
	done
}

# What ONLY= may name: the programs and the guest scripts of tools/selftests.
selftest_names() {
	(cd "$ROOT/tools/selftests" && grep -l 'TEST_HARNESS_MAIN\|^int main' -- *.c | sed 's/\.c$//' &&
		ls guest-*.sh)
}

check_only() {
	local name names
	[ -n "${ONLY:-}" ] || return 0
	names=$(selftest_names)
	# shellcheck disable=SC2086 # lists of names
	for name in $ONLY; do
		grep -qxF -- "$name" <<<"$names" ||
			die "ONLY=$name is no selftest;$(meant "$name" $names) there are: $(tr '\n' ' ' <<<"$names")"
	done
}

# What the names of the cross compiler of an architecture begin with.
cross_prefix() {
	case "$1" in
	arm64) echo aarch64-linux-gnu- ;;
	i386) echo i686-linux-gnu- ;;
	esac
}

# The list of kernel series that KERNEL= stands for.
expand_series() {
	case "$1" in
	both | "") echo "$SUPPORTED_KERNELS" ;;
	*) check_series "$1" && echo "$1" ;;
	esac
}

# lock_in FOLDER NAME COMMAND...: only one process at a time.
lock_in() {
	local file=$1/$2 name=$2 fd status
	shift 2
	: 2>/dev/null >>"$file" || die "cannot write to $file: it belongs to $(stat -c %U "$file" 2>/dev/null || echo somebody else); be that user, or remove it"
	exec {fd}>"$file"
	if ! flock -n "$fd"; then
		say "waiting for another run that works on $name"
		flock "$fd"
	fi
	# The command does not inherit the lock, so that no left-over child holds it.
	"$@" {fd}>&-
	status=$?
	exec {fd}>&-
	return "$status"
}

# with_lock NAME COMMAND...: an item of the cache.
with_lock() {
	check_folder "$CACHE/locks" "be root, or give MIRROR_MM_CACHE=folder"
	lock_in "$CACHE/locks" "$@"
}

# with_build_lock NAME COMMAND...: a folder below build/.
with_build_lock() {
	mkdir -p "$BUILD/locks"
	lock_in "$BUILD/locks" "$@"
}

# record_version KEY TEXT: keeps build/versions, one line for each key.
record_version() {
	local line="$1: $2" file=$BUILD/versions fd
	grep -qxF "$line" "$file" 2>/dev/null && return 0
	mkdir -p "$BUILD"
	exec {fd}>>"$file"
	flock "$fd"
	{
		grep -v "^$1: " "$file" || true
		echo "$line"
	} | sort >"$file.new"
	cat "$file.new" >"$file"
	rm "$file.new"
	exec {fd}>&-
	say "$line"
}

# copy_tree DEST ITEM...: brings repository items to DEST. Content decides, not
# the time stamp, so that make rebuilds exactly what changed, also after a
# checkout or from another clone. What a build made in DEST stays.
copy_tree() {
	local dest=$1 item foreign
	shift
	check_folder "$dest" "be that user, or run: sudo make clean"
	# What root has built is not for others to overwrite.
	foreign=$(find "$dest" ! -type l ! -writable -print -quit 2>/dev/null)
	[ -z "$foreign" ] || die "cannot write to $foreign: it belongs to $(stat -c %U "$foreign"); be that user, or run: sudo make clean"
	for item in "$@"; do
		[ -e "$ROOT/$item" ] || continue
		(cd "$ROOT" && rsync -rlpcR --delete "${BUILD_PRODUCTS[@]}" \
			"$item" "$dest/")
	done
}

BUILD_PRODUCTS=(--exclude='*.o' --exclude='*.ko' --exclude='*.mod'
	--exclude='*.mod.c' --exclude='.*.cmd' --exclude='*.d'
	--exclude='*.symvers' --exclude='modules.order' --exclude='*.a'
	--exclude='.module-common.*' --exclude='*.dtb' --exclude=__pycache__)

# TAP for parts that are made of commands: tap_case NAME COMMAND... runs one
# test case; what the command said is shown as comments when it failed.
TAP_COUNT=0
TAP_FAILED=0
tap_start() { printf 'TAP version 13\n'; }
tap_case() {
	local name=$1 out status=0
	shift
	TAP_COUNT=$((TAP_COUNT + 1))
	out=$(mktemp)
	"$@" >"$out" 2>&1 </dev/null || status=$?
	if [ "$status" = 0 ]; then
		printf 'ok %d %s\n' "$TAP_COUNT" "$name"
	else
		TAP_FAILED=$((TAP_FAILED + 1))
		printf 'not ok %d %s\n# exit status %d\n' "$TAP_COUNT" "$name" "$status"
		tail -n 40 "$out" | sed 's/^/# /'
	fi
	rm -f "$out"
	return 0
}
tap_end() {
	printf '1..%d\n' "$TAP_COUNT"
	[ "$TAP_FAILED" = 0 ] && [ "$TAP_COUNT" -gt 0 ]
}

# guest_result NAME STATUS: what a guest printed, then a document about the guest.
# STATUS is vm.sh's; 2 is a test that failed, which the guest's own document says
# already. Sets FAILED where anything did.
guest_result() {
	local name=$1 status=$2
	grep -v '^mirror_mm-guest:' "$BUILD/logs/$name.out" | tr -d '\r' || true
	[ "$status" = 0 ] || FAILED=yes
	[ "$status" = 2 ] && status=0
	printf 'TAP version 13\n1..1\n%sok 1 guest %s ran to its end with a clean kernel log\n' \
		"$([ "$status" = 0 ] || echo 'not ')" "$name"
}

BUILD_ADVICE="make a copy of the tree that you may write to"
check_path "$ROOT" "" "move this tree to another folder, such as /tmp/mirror_mm"
check_path "$CACHE" MIRROR_MM_CACHE=
check_folder "$BUILD" "$BUILD_ADVICE"
