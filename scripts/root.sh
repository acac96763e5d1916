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

# in_root COMMAND...: in Debian's stable release, where this tree and the cache are at
# their own places.
in_root() {
	local stable
	"$ROOT/scripts/setup.sh" newest
	stable=$("$ROOT/scripts/fetch.sh" root) || exit 1
	[ "$(id -u)" = 0 ] || die "only root can build in the root of another release, $stable"
	# shellcheck disable=SC2016 # the inner shell's own
	unshare --mount --propagation private bash -ec '
		root=$1 tree=$2 cache=$3
		shift 3
		for folder in "$tree" "$cache"; do
			mkdir -p "$root$folder"
			mount --bind "$folder" "$root$folder"
		done
		mount -t proc proc "$root/proc"
		mount --bind /dev "$root/dev"
		exec chroot "$root" env -C "$PWD" "$@"
		' - "$stable" "$ROOT" "$CACHE" "$@"
}
