#!/bin/bash
# What people see who do something that cannot work: one line that begins with
# "error:", says what is wrong and what to do, and an exit status that is not 0.
# Prints TAP. Fetches nothing and builds nothing but in a folder of its own.
#   scripts/messages-test.sh

. "$(dirname "$0")/lib.sh"
# What people see, whose builds stay in their tree.
unset KEEP_BUILDS
PATH=${PATH#/usr/lib/ccache:}
unset KDIR IMAGE OWN_KDIR OWN_IMAGE ONLY ARCH KERNEL LLVM SEED NODES MAKEFLAGS MFLAGS MAKELEVEL

NOBODY=(setpriv --reuid=65534 --regid=65534 --clear-groups)

# one_error TEXT COMMAND...: what it prints is that error, progress, and the one
# line that make itself adds.
one_error() {
	local text=$1 out status=0
	shift
	out=$("$@" 2>&1) || status=$?
	printf '%s\n' "$out"
	[ "$status" != 0 ] || { echo "it succeeded"; return 1; }
	[ "$(grep -c '^error: ' <<<"$out")" = 1 ] || { echo "not one error"; return 1; }
	grep '^error: ' <<<"$out" | grep -qF -- "$text" || { echo "not: $text"; return 1; }
	! grep -vE '^(error: |==> |make: \*\*\* \[Makefile:[0-9]+: [a-z-]+\] Error [0-9]+$)' <<<"$out"
}

# tree FOLDER: a copy that has nothing built.
tree() {
	mkdir -p "$1"
	(cd "$ROOT" && cp -r Makefile Kbuild Kconfig dkms.conf include src scripts \
		tools kunit Documentation "$1")
	chmod -R a+rX "$1"
}

in_tree() {
	local folder=$1
	shift
	make --no-print-directory -C "$folder" "$@"
}

here() { in_tree "$COPY" "$@"; }

# kernel_tree FOLDER [OPTION...]: what make modules finds in a kernel that was built,
# with more of its configuration. It is enough to be looked at.
kernel_tree() {
	local folder=$1
	shift
	rm -rf "$folder"
	mkdir -p "$folder/include/config" "$folder/scripts/mod"
	touch "$folder/Makefile" "$folder/scripts/mod/modpost" "$folder/.config"
	echo "0x00000000 kfree vmlinux EXPORT_SYMBOL" >"$folder/Module.symvers"
	echo "6.12.1" >"$folder/include/config/kernel.release"
	printf '%s\n' CONFIG_MODULES=y "$@" >"$folder/include/config/auto.conf"
}

# kdir TEXT [OPTION...]: the tree K, which was prepared by the caller.
kdir() { one_error "$1" here modules "KDIR=$K" "${@:2}"; }

# Without the file $1, relative to the tree.
kdir_without() {
	kernel_tree "$K" CONFIG_X86_64=y
	(cd "$K" && rm -r "$1")
	kdir "$2"
}

# A PATH in which some programs are missing.
path_without() {
	local bin=$WORK/bin name
	rm -rf "$bin"
	mkdir "$bin"
	cp -s /usr/bin/* "$bin/" 2>/dev/null || true
	for name; do
		find "$bin" -name "$name" -delete
	done
	echo "$bin"
}

clang_is_missing() {
	local path
	path=$(path_without 'clang*' '*lld*' 'llvm*')
	kernel_tree "$K" CONFIG_X86_64=y CONFIG_CC_IS_CLANG=y CONFIG_CLANG_VERSION=170006 \
		"$1" 'CONFIG_CC_VERSION_TEXT="Debian clang version 17.0.6"'
	one_error "$2" env "PATH=$path" make --no-print-directory -C "$COPY" modules "KDIR=$K"
}

# What make is told for a tree that was built by clang; all tools are scripts here.
clang_is_used() {
	local path tool
	path=$(path_without 'clang*' '*lld*' 'llvm*')
	for tool in clang ld.lld llvm-ar llvm-nm llvm-objcopy; do
		ln -s /bin/true "$path/$tool$2"
	done
	kernel_tree "$K" CONFIG_X86_64=y CONFIG_CC_IS_CLANG=y CONFIG_CLANG_VERSION=170006 "$1"
	# shellcheck disable=SC2016 # the inner shell's own
	[ "$(PATH=$path bash -c '. "$1/scripts/lib.sh"; . "$1/scripts/kdir.sh"
		compiler_arguments "$2" ""' - "$ROOT" "$K")" = "$3" ]
}

cross_compiler_is_missing() {
	local path
	path=$(path_without 'aarch64-linux-gnu-*')
	kernel_tree "$K" CONFIG_ARM64=y
	one_error "apt-get install gcc-aarch64-linux-gnu" env "PATH=$path" \
		make --no-print-directory -C "$COPY" modules "KDIR=$K" ARCH=arm64
}

# Somebody without rights, in a tree of root's.
as_nobody() { env -u MIRROR_MM_CACHE "${NOBODY[@]}" "$@"; }

build_is_roots() {
	one_error "cannot write to $COPY2/build" as_nobody make --no-print-directory -C "$COPY2" "$@"
}

# The tree is his, but an earlier run was root's.
something_built_is_roots() {
	mkdir -p "$COPY3/build/tools/include"
	chown 65534 "$COPY3" "$COPY3/build"
	one_error "sudo make clean" as_nobody make --no-print-directory -C "$COPY3" tools
}

cache_is_roots() {
	rm -rf "$COPY3/build"
	mkdir -p "$WORK/cache-of-root"
	one_error "MIRROR_MM_CACHE=folder" env "MIRROR_MM_CACHE=$WORK/cache-of-root" "${NOBODY[@]}" \
		make --no-print-directory -C "$COPY3" modules
}

cache_is_a_file() {
	touch "$WORK/file"
	one_error "MIRROR_MM_CACHE=folder" here modules "MIRROR_MM_CACHE=$WORK/file"
}

# apt-get whose network is a port where nobody listens, with lists of its own.
dead_network() {
	rm -rf "$WORK/apt"
	mkdir -p "$WORK/apt/lists/partial" "$WORK/apt/cache/archives/partial"
	cat >"$WORK/apt.conf" <<-END
		Acquire::http::Proxy "http://127.0.0.1:9";
		Acquire::https::Proxy "http://127.0.0.1:9";
		Acquire::Retries "0";
		Dir::State::lists "$WORK/apt/lists";
		Dir::Cache "$WORK/apt/cache";
	END
	[ "$1" = empty ] || cp /var/lib/apt/lists/*_* "$WORK/apt/lists/" 2>/dev/null || true
}

# fetch LISTS TEXT ARGUMENT...
fetch() {
	dead_network "$1"
	one_error "$2" env "APT_CONFIG=$WORK/apt.conf" "MIRROR_MM_CACHE=$WORK/cache" \
		"$COPY/scripts/fetch.sh" "${@:3}"
}

# setup_with STATUS-OF-APT TEXT WHO...: no package is there.
setup_with() {
	local bin=$WORK/fake status=$1 text=$2
	shift 2
	rm -rf "$bin"
	mkdir "$bin"
	printf '#!/bin/sh\nexit 1\n' >"$bin/dpkg-query"
	printf '#!/bin/sh\necho "E: Unable to fetch some archives"\nexit %d\n' "$status" >"$bin/apt-get"
	chmod 755 "$bin"/*
	rm -rf "$COPY3/build"
	one_error "$text" env "PATH=$bin:$PATH" "MIRROR_MM_CACHE=$WORK/cache" "$@" \
		make --no-print-directory -C "$COPY3" tools
}

values() {
	tap_case "KERNEL=7 (run)" one_error "give one of: 6.1 6.12" here run KERNEL=7
	tap_case "KERNEL=7 (modules)" one_error "give one of: 6.1 6.12" here modules KERNEL=7
	tap_case "KERNEL=7 (vmtest)" one_error "give one of: 6.1 6.12 newest 6.12-rt newest-rt own debug clang" here vmtest KERNEL=7
	tap_case "KERNEL=own alone" one_error "KERNEL=own needs IMAGE=" here run KERNEL=own
	tap_case "IMAGE= of nothing" one_error "IMAGE=/nope cannot be read" here shell IMAGE=/nope KDIR=/tmp
	tap_case "IMAGE= without a tree" one_error "KDIR=/tmp has no include/config/kernel.release" \
		here run IMAGE=/etc/passwd KDIR=/tmp
	tap_case "KERNEL= of two, one of them unknown" one_error "KERNEL=7 is not" here vmtest "KERNEL=6.1 7"
	tap_case "ONLY=unknown" one_error "ONLY=unknown is no selftest" here vmtest ONLY=unknown
	tap_case "ONLY= of two, one of them unknown" one_error "ONLY=other is no selftest" \
		here vmtest "ONLY=exhaust other"
	tap_case "ARCH=unknown" one_error "ARCH=mips is not known" here kunit ARCH=mips
	tap_case "SEED=abc" one_error "SEED=abc is no number" here conformance SEED=abc
	tap_case "OPS=-1" one_error "OPS=-1 is no number" here conformance OPS=-1
	tap_case "NODES=unknown" one_error "NODES=unknown is not known" here conformance NODES=unknown
	tap_case "SEED=1.5" one_error "SEED=1.5 is no number; give one such as 42 or 0x2a" here conformance SEED=1.5
	tap_case "OPS=0" one_error "OPS=0 is out of bounds; give one from 1 to 50000000" here conformance OPS=0
	tap_case "OPS=0xffffffff" one_error "OPS=0xffffffff is out of bounds" here conformance OPS=0xffffffff
	tap_case "SEQUENCES=0" one_error "SEQUENCES=0 is out of bounds; give one from 1 to 100000" here conformance SEQUENCES=0
	tap_case "SHRINK=1h" one_error "SHRINK=1h is no number; give one from 0 to 86400" here conformance SHRINK=1h
	tap_case "MIX=unknown" one_error "MIX=unknown is not known; give one of: all list order0 mixed large" \
		here conformance MIX=unknown
	tap_case "MIX= of two, one of them mistyped" one_error "MIX=frag is not known; did you mean fragment?" \
		here conformance MIX=full,frag+comp=90
	tap_case "MIX= with an unknown field" one_error "MIX=full+colour=3: " here conformance MIX=full+colour=3
	tap_case "POLICY=unknown" one_error "POLICY=unknown is not known; give one of: linux-6.12 lifo" \
		here conformance POLICY=unknown
	tap_case "POLICY= of a build for the tests" one_error "POLICY=fault-merge is not known" \
		here conformance POLICY=fault-merge
	tap_case "KERNEL=6.1 (conformance)" one_error "KERNEL=6.1 is no reference" here conformance KERNEL=6.1
	tap_case "GUEST=unknown" one_error "GUEST=fedora is not known; give one of: busybox debian" here shell GUEST=fedora
	tap_case "FILES=missing" one_error "FILES=missing: there is no such file" here shell FILES=missing
	tap_case "ONLY=mistyped" one_error "ONLY=exhau is no selftest; did you mean exhaust?" here vmtest ONLY=exhau
	tap_case "REPLAY= of a folder" one_error "REPLAY=/ cannot be read" here conformance REPLAY=/
	tap_case "DEPTH=0" one_error "DEPTH=0 is out of bounds; give one from 1 to 1000" here explore DEPTH=0
	tap_case "JOBS=0" one_error "JOBS=0 is out of bounds; give one from 1 to 256" env JOBS=0 "$COPY/scripts/part.sh" docs
	tap_case "REPLAY=missing" one_error "REPLAY=missing cannot be read" here conformance REPLAY=missing
	tap_case "DEPTH=x" one_error "DEPTH=x is no number" here explore DEPTH=x
	tap_case "FUZZ_SECONDS=0" one_error "FUZZ_SECONDS=0 is out of bounds; give one from 1 to 1000000" here fuzz FUZZ_SECONDS=0
	tap_case "JOBS=many" one_error "JOBS=many is no number" env JOBS=many "$COPY/scripts/part.sh" docs
}

kernels() {
	K=$WORK/kernel
	tap_case "KDIR= of nothing" one_error "is no kernel build tree" here modules KDIR=/nonexistent
	tap_case "KDIR= of headers that are not installed" one_error \
		"apt-get install linux-headers-9.9-none" here modules KDIR=/lib/modules/9.9-none/build
	mkdir -p "$WORK/k d"
	touch "$WORK/k d/Makefile"
	tap_case "KDIR= with a blank" one_error "KDIR=$WORK/k d has a blank" here modules "KDIR=$WORK/k d"
	rm -rf "$K"
	mkdir "$K"
	touch "$K/Makefile"
	tap_case "KDIR= that is not configured" kdir "has no .config"
	tap_case "KDIR= that is not prepared" kdir_without scripts/mod "make modules_prepare"
	tap_case "KDIR= that is not built" kdir_without Module.symvers "has no Module.symvers"
	kernel_tree "$K" CONFIG_ARM64=y
	tap_case "KDIR= of another architecture" kdir "add ARCH=arm64"
	kernel_tree "$K" CONFIG_X86_64=y
	tap_case "KDIR= of another architecture than ARCH=" kdir "is a kernel for x86_64, and the build is for arm64" ARCH=arm64
	kernel_tree "$K" CONFIG_RISCV=y
	tap_case "KDIR= of an architecture that nobody knows" kdir "is a kernel for another"
	kernel_tree "$K" CONFIG_X86_64=y
	echo 5.10.0-8-amd64 >"$K/include/config/kernel.release"
	tap_case "KDIR= of an old kernel" kdir "mirror_mm needs 6.1 or newer"
	kernel_tree "$K" CONFIG_X86_64=y
	sed -i /MODULES/d "$K/include/config/auto.conf"
	tap_case "KDIR= without modules" kdir "CONFIG_MODULES is not set"
	tap_case "clang and lld are missing" clang_is_missing CONFIG_LD_IS_LLD=y \
		"apt-get install clang-17 lld-17 llvm-17, or clang lld llvm"
	tap_case "clang is missing" clang_is_missing CONFIG_LD_IS_BFD=y "apt-get install clang-17, or clang"
	tap_case "clang of the kernel's version is taken" clang_is_used CONFIG_LD_IS_LLD=y -17 LLVM=-17
	tap_case "clang of another version is taken" clang_is_used CONFIG_LD_IS_LLD=y "" LLVM=1
	tap_case "clang is taken with another linker" clang_is_used CONFIG_LD_IS_BFD=y -17 CC=clang-17
	tap_case "the cross compiler is missing" cross_compiler_is_missing
}

folders() {
	tree "$WORK/a b/mirror_mm"
	tap_case "a tree with a blank in its path" one_error "$WORK/a b/mirror_mm has a blank" \
		in_tree "$WORK/a b/mirror_mm" modules
	tap_case "MIRROR_MM_CACHE= with a blank" one_error "MIRROR_MM_CACHE=$WORK/c d has a blank" \
		here modules "MIRROR_MM_CACHE=$WORK/c d"
	tap_case "MIRROR_MM_CACHE= is a file" cache_is_a_file
	if [ "$(id -u)" != 0 ]; then
		tap_case "folders of root's # SKIP only root can have them" true
		return
	fi
	COPY2=$WORK/roots COPY3=$WORK/his
	tree "$COPY2"
	tree "$COPY3"
	tap_case "build/ cannot be made (modules)" build_is_roots modules
	tap_case "build/ cannot be made (check)" build_is_roots check
	tap_case "something in build/ is root's" something_built_is_roots
	tap_case "the cache is root's" cache_is_roots
	tap_case "packages are missing, and it is not root" setup_with 0 \
		"only root can install them: sudo apt-get install" "${NOBODY[@]}"
	tap_case "packages cannot be installed" setup_with 100 \
		"E: Unable to fetch some archives; check the network"
}

network() {
	tap_case "no package list can be fetched" fetch empty \
		"apt knows no package linux-image-6.12-cloud-amd64; the package lists could not be updated (Failed to fetch" \
		kernel 6.12
	tap_case "no package can be fetched" fetch full \
		"cannot download the package linux-source-6.12: the package lists could not be updated" source
}

main() {
	WORK=$(mktemp -d)
	trap 'rm -rf "$WORK"' EXIT
	chmod 755 "$WORK"
	COPY=$WORK/copy
	tree "$COPY"
	tap_start
	values
	kernels
	folders
	network
	tap_end
}

main
