# shellcheck shell=bash
# Building for a kernel of a newer Debian than this machine's: its headers bring tools
# that want a newer libc, and flags that want a newer compiler. Source it after lib.sh.

# The major version of the compiler that built the kernel of these headers.
compiler_of() {
	sed -n 's/^CONFIG_GCC_VERSION=\([0-9]*\)[0-9]\{4\}$/\1/p' "$1/include/config/auto.conf"
}

# needs_root HEADERS: their tools do not run here, or the compiler is too old.
needs_root() {
	local wanted
	ldd "$1/scripts/basic/fixdep" 2>&1 | grep -q 'GLIBC.*not found' && return 0
	wanted=$(compiler_of "$1")
	[ "${wanted:-0}" -gt "$(gcc -dumpversion 2>/dev/null | cut -d . -f 1 || echo 0)" ]
}

# enter_root ROOT FOLDER... -- COMMAND...: in that root, where these folders are at their
# own places. Processes that the command leaves behind end with it.
enter_root() {
	[ "$(id -u)" = 0 ] || die "only root can build in the root of another release, $1"
	# shellcheck disable=SC2016 # the inner shell's own
	unshare --mount --propagation private --pid --fork --kill-child bash -ec '
		root=$1
		shift
		while [ "$1" != -- ]; do
			mkdir -p "$root$1"
			mount --bind "$1" "$root$1"
			shift
		done
		shift
		mount -t proc proc "$root/proc"
		mount --bind /dev "$root/dev"
		exec chroot "$root" "$@"
		' - "$@"
}

# in_root COMMAND...: in Debian's stable release, with this tree and the cache.
in_root() {
	local stable
	"$ROOT/scripts/setup.sh" newest
	stable=$("$ROOT/scripts/fetch.sh" root) || exit 1
	enter_root "$stable" "$ROOT" "$CACHE" -- env -C "$PWD" "$@"
}
