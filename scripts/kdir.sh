# shellcheck shell=bash
# A kernel build tree that somebody names with KDIR=: what is wrong with it, in one
# line, before kbuild says it in many; and the compiler that it wants. Source it
# after lib.sh.

config_of() { cat "$1/include/config/auto.conf" "$1/.config" 2>/dev/null; }

config_has() { grep -qx "CONFIG_$2=y" < <(config_of "$1"); }

config_value() { config_of "$1" | sed -n "s/^CONFIG_$2=//p" | head -n 1 | tr -d '"'; }

# The architecture of a tree, as this project's scripts call it.
arch_of_tree() {
	if config_has "$1" X86_64; then
		echo x86_64
	elif config_has "$1" X86_32; then
		echo i386
	elif config_has "$1" ARM64; then
		echo arm64
	else
		echo another
	fi
}

this_arch() {
	case "$(uname -m)" in
	aarch64) echo arm64 ;;
	i?86) echo i386 ;;
	*) uname -m ;;
	esac
}

no_tree() {
	local hint="give the folder in which a kernel was built"
	case "$1" in
	/lib/modules/*)
		hint=${1#/lib/modules/}
		hint="install the headers of that kernel: apt-get install linux-headers-${hint%%/*}"
		;;
	esac
	die "KDIR=$1 is no kernel build tree; $hint"
}

check_release() {
	local release major minor
	release=$(cat "$1/include/config/kernel.release" 2>/dev/null) || return 0
	IFS=.- read -r major minor _ <<<"$release"
	[ "$major" -gt 6 ] || { [ "$major" = 6 ] && [ "$minor" -ge 1 ]; } ||
		die "KDIR=$1 is Linux $release; mirror_mm needs 6.1 or newer"
}

# check_tree FOLDER ARCH: dies with what is missing. ARCH is that of the build, empty
# for this machine's.
check_tree() {
	local tree=$1 arch=${2:-$(this_arch)} found
	[ -e "$tree/Makefile" ] || no_tree "$tree"
	check_path "$tree" "KDIR="
	[ -e "$tree/include/config/auto.conf" ] || [ -e "$tree/.config" ] ||
		die "KDIR=$tree has no .config: configure the kernel and build it there first, or give the folder of make O="
	config_has "$tree" MODULES ||
		die "KDIR=$tree is a kernel without modules (CONFIG_MODULES is not set)"
	check_release "$tree"
	found=$(arch_of_tree "$tree")
	[ "$found" = "$arch" ] ||
		die "KDIR=$tree is a kernel for $found, and the build is for $arch$(case "$found" in another) ;; *) echo "; add ARCH=$found" ;; esac)"
	if [ ! -e "$tree/include/config/auto.conf" ] || [ ! -e "$tree/scripts/mod/modpost" ]; then
		die "KDIR=$tree is not prepared for building modules; run there: make modules_prepare"
	fi
	[ -s "$tree/Module.symvers" ] ||
		die "KDIR=$tree has no Module.symvers: the kernel was not built there yet; run there: make"
}

has_all() {
	local tool
	for tool; do
		command -v "$tool" >/dev/null || return 1
	done
}

# llvm_of SUFFIX: prints what LLVM= is to be where all tools of that name are there.
llvm_of() {
	has_all "clang$1" "ld.lld$1" "llvm-ar$1" "llvm-nm$1" "llvm-objcopy$1" || return 1
	echo "LLVM=${1:-1}"
}

# clang_arguments TREE: for a kernel that clang built, by whose options gcc stumbles.
clang_arguments() {
	local version major
	version=$(config_value "$1" CC_VERSION_TEXT)
	major=$(($(config_value "$1" CLANG_VERSION) / 10000))
	if config_has "$1" LD_IS_LLD; then
		llvm_of "-$major" || llvm_of "" ||
			die "this kernel was built by clang and lld ($version), which are not installed: apt-get install clang-$major lld-$major llvm-$major, or clang lld llvm"
	elif has_all "clang-$major"; then
		echo "CC=clang-$major"
	elif has_all clang; then
		echo "CC=clang"
	else
		die "this kernel was built by clang ($version), which is not installed: apt-get install clang-$major, or clang"
	fi
}

# compiler_arguments TREE CROSS: prints what make is to be told, a word on each line.
compiler_arguments() {
	if [ -n "${LLVM:-}" ]; then
		echo "LLVM=$LLVM"
	elif config_has "$1" CC_IS_CLANG; then
		clang_arguments "$1"
	elif ! has_all "${2}gcc"; then
		die "${2}gcc is not installed: apt-get install gcc${2:+-${2%-}}"
	fi
}
