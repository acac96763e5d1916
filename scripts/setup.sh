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
		echo bc bison flex g++ libelf-dev libssl-dev binutils perl kmod \
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
	command -v dpkg-query >/dev/null ||
		die "this needs Debian 12 or 13 (dpkg and apt-get); elsewhere build with make modules KDIR= and load the module in a guest of your own"
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
