#!/bin/bash
# Installs the Debian packages that a purpose needs, if they are missing.
#   scripts/setup.sh PURPOSE...      PURPOSE: build, tools, run, test, docs, cross,
#                                    binding, bench, harness, fuzz, newest,
#                                    clang
# Nothing is fetched when everything is there. It never asks.

. "$(dirname "$0")/lib.sh"

packages_for() {
	case "$1" in
	build) echo gcc libc6-dev make rsync xz-utils libelf-dev pahole ;;
	tools) echo gcc libc6-dev make rsync pkg-config libjson-c-dev ;;
	run) packages_for build && packages_for tools &&
		echo cpio busybox-static qemu-system-x86 ;;
	docs) echo make rsync python3 python3-sphinx furo ;;
	test) packages_for run && packages_for docs &&
		echo ccache bc bison flex g++ libelf-dev libssl-dev binutils perl kmod \
			dkms sparse shellcheck python3 zsh bash-completion && packages_for cross &&
		packages_for binding && packages_for bench && packages_for harness && packages_for fuzz ;;
	cross) echo gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm \
		device-tree-compiler gcc-i686-linux-gnu libc6-dev-i386-cross ;;
	bench) packages_for run && echo python3 python3-matplotlib ;;
	newest) echo mmdebstrap ;;
	clang) packages_for run && echo bc bison flex clang lld llvm ;;
	binding) echo device-tree-compiler dt-schema ;;
	harness) echo gcc libc6-dev make valgrind ;;
	fuzz) echo clang libclang-rt-dev llvm gcc libc6-dev make rsync python3 util-linux ;;
	*) die "setup: unknown purpose '$1'" ;;
	esac
}

# The programs of a purpose, for systems that have other packages.
programs_for() {
	case "$1" in
	build) echo gcc make rsync xz ;;
	tools) echo gcc make rsync pkg-config ;;
	run) programs_for build && programs_for tools && echo cpio busybox qemu-system-x86_64 ;;
	*) die "this needs Debian 12 or 13 (dpkg and apt-get); elsewhere there are make modules KDIR=, make tools, and make run, shell and vmtest with IMAGE= and KDIR=" ;;
	esac
}

# Where packages are not Debian's, what is missing is named and not installed.
check_programs() {
	local purpose program programs missing=""
	for purpose; do
		programs=$(programs_for "$purpose") || exit 1
		for program in $programs; do
			command -v "$program" >/dev/null || missing="$missing $program"
		done
		[ "$purpose" = build ] || pkg-config --exists json-c || missing="$missing json-c"
	done
	[ -z "$missing" ] ||
		die "this system is not Debian, so nothing is installed; missing: $(xargs -n1 <<<"$missing" | sort -u | xargs)"
}

# Of these packages, those that are not installed.
missing_of() {
	local package there
	# shellcheck disable=SC2016 # dpkg-query's own
	there=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
	for package in $(printf '%s\n' "$@" | sort -u); do
		grep -qx "$package installed" <<<"$there" || echo "$package"
	done
}

# quietly COMMAND...: what apt-get says is of interest when it fails.
quietly() {
	"$@" </dev/null >>"$LOG" 2>&1
}

# The last complaint; what comes before it is about single files.
apt_said() {
	local said
	said=$(grep -E '^(E|W|Err):' "$LOG" | tail -n 1)
	echo "${said:-$(tail -n 1 "$LOG")}"
}

install_packages() {
	[ "$(id -u)" = 0 ] ||
		die "packages are missing, and only root can install them: sudo apt-get install $*"
	export DEBIAN_FRONTEND=noninteractive
	LOG=$BUILD/logs/apt.log
	mkdir -p "$BUILD/logs"
	: >"$LOG"
	say "installing: $*"
	with_lock apt quietly apt-get -q update || true
	with_lock apt quietly apt-get -q -y -o DPkg::Lock::Timeout=300 \
		--no-install-recommends install "$@" && return 0
	die "apt-get could not install $*: $(apt_said); check the network and what apt is told of sources and proxies (${LOG#"$ROOT"/} has all of it)"
}

main() {
	local purpose wanted="" missing
	[ $# -gt 0 ] ||
		die "usage: setup.sh build|tools|run|test|docs|cross|binding|bench|harness|fuzz|newest ..."
	if ! command -v dpkg-query >/dev/null; then
		check_programs "$@"
		return
	fi
	for purpose in "$@"; do
		wanted="$wanted $(packages_for "$purpose")"
	done
	# shellcheck disable=SC2086 # lists of plain package names
	missing=$(missing_of $wanted)
	[ -z "$missing" ] && return 0
	# shellcheck disable=SC2086
	install_packages $missing
}

main "$@"
