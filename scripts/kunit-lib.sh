# shellcheck shell=bash
# The KUnit kernel: its tree, its build, its runs. Source it after lib.sh, with
# ARCH set to one of KUNIT_ARCHS (lib.sh).
#
# The kernel source is a shadow of the cached one, made of hard links, in which
# drivers/misc/mirror_mm is this repository. The first build takes minutes,
# later ones build what changed.

SHADOW=$CACHE/kunit/tree
[ "$ARCH" = x86_64 ] || SHADOW=$SHADOW-$ARCH
# What kunit.py knows it as. 64 KiB pages are a configuration of arm64.
KERNEL_ARCH=${ARCH%-64k}
OUTPUT=$CACHE/kunit/$ARCH
CONFIG=$OUTPUT.kunitconfig
LOG=$RESULTS/kunit-$ARCH.console
TIMEOUT=${TIMEOUT:-1500}

# Replaces file $1 of the shadow: a hard link is shared with the pristine tree,
# so the text goes to a new file that takes the name.
replace_file() {
	cat >"$1.new"
	mv -f "$1.new" "$1"
}

make_shadow() {
	local source=$1 new=$SHADOW.new misc
	cmp -s "$source/.debian-version" "$SHADOW/.debian-version" && return 0
	say "making the kernel tree for KUnit"
	rm -rf "$new" "$SHADOW" "$OUTPUT"
	mkdir -p "$CACHE/kunit"
	cp -al "$source" "$new"
	misc=$new/drivers/misc
	sed 's,^endmenu$,source "drivers/misc/mirror_mm/Kconfig"\n&,' "$source/drivers/misc/Kconfig" |
		replace_file "$misc/Kconfig"
	{
		cat "$source/drivers/misc/Makefile"
		# Kconfig decides inside, in our own Kbuild.
		echo 'obj-y += mirror_mm/'
	} | replace_file "$misc/Makefile"
	mkdir "$misc/mirror_mm"
	mv "$new" "$SHADOW"
}

overlay() {
	copy_tree "$SHADOW/drivers/misc/mirror_mm" Kbuild Kconfig include src kunit \
		tools/conformance/faults
}

kunit_py() {
	local command=$1 cross
	shift
	cross=$(cross_prefix "$KERNEL_ARCH")
	CCACHE_DISABLE=1 "$PYTHON" "$SHADOW/tools/testing/kunit/kunit.py" "$command" \
		"--arch=$KERNEL_ARCH" ${cross:+"--cross_compile=$cross"} \
		"--build_dir=$OUTPUT" "$@" </dev/null
}

# The files of kunit/ that make the configuration.
config_files() {
	local name
	for name in "" ".$KERNEL_ARCH" ".$ARCH"; do
		echo "$ROOT/kunit/kunitconfig$name"
	done | sort -u
	case "$KERNEL_ARCH" in i386 | arm64) echo "$ROOT/kunit/kunitconfig.small" ;; esac
}

# kunit.py keeps an existing configuration only where it contains ours.
build() {
	mkdir -p "$OUTPUT"
	config_files | xargs cat >"$CONFIG"
	say "building the KUnit kernel for $ARCH"
	kunit_py config "--kunitconfig=$CONFIG" >&2 &&
		kunit_py build "--kunitconfig=$CONFIG" "--jobs=$(nproc)" >&2
}

# Two nodes with a CPU each, where the architecture has nodes.
two_nodes() {
	local node
	echo -n "-smp 2,sockets=2"
	for node in 0 1; do
		echo -n " -object memory-backend-ram,id=m$node,size=512M"
		echo -n " -numa node,nodeid=$node,memdev=m$node,cpus=$node"
	done
}

# Sets MACHINE to kunit.py's options for the machine. On x86 it has a range that no
# one owns.
# shellcheck disable=SC2016 # the dollar sign is memmap's own
choose_machine() {
	case "$KERNEL_ARCH" in
	um) MACHINE=() ;;
	# While the kernel looks at its CPU it forgets for a moment that it has
	# five page table levels, and KASAN reports an interrupt at that time.
	x86_64) MACHINE=("--qemu_args=$(two_nodes) -cpu max"
		'--kernel_args=memmap=64M$512M' --kernel_args=no5lvl --kernel_args=no_timer_check) ;;
	i386) MACHINE=("--qemu_args=-smp 2 -cpu coreduo"
		'--kernel_args=memmap=64M$512M' --kernel_args=no_timer_check) ;;
	arm64) MACHINE=("--qemu_args=$(two_nodes)") ;;
	esac
}

# run ARGUMENTS: boots the kernel once; the arguments are kunit.py's.
run() {
	local MACHINE
	choose_machine
	for _ in 1 2 3; do
		kunit_py exec --raw_output=all "--timeout=$TIMEOUT" "${MACHINE[@]}" "$@" >"$LOG" 2>&1
		# The same fault of older QEMU that vm.sh knows.
		[[ "$(grep -m 1 -E "$BAD_LOG|int3: 0000" "$LOG")" == *"int3: 0000"* ]] || return 0
		warn "KUnit on $ARCH: QEMU ran a stale int3; once more"
	done
}

# kunit.py says nothing about what else the kernel had to say.
clean_log() { ! grep -nE "$BAD_LOG" "$LOG"; }

build_then() {
	if ! { overlay && build; }; then
		warn "the KUnit kernel for $ARCH does not build"
		return 1
	fi
	"$@"
}

# with_kunit_kernel COMMAND...: builds the kernel and runs a command with it. From
# the overlay to the end of the command nobody else, perhaps from another clone,
# may put other sources into the tree.
with_kunit_kernel() {
	local source
	check_kunit_arch "$ARCH"
	mkdir -p "$RESULTS"
	source=$("$ROOT/scripts/fetch.sh" source)
	with_lock "kunit-$ARCH" make_shadow "$source"
	with_lock "kunit-$ARCH" build_then "$@"
}
