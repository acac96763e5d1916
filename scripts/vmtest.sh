#!/bin/bash
# Runs the selftests in guests with a stock kernel, with the debug kernel, with the one
# that has KCSAN (see kcsan.sh) or that clang built, and prints KTAP.
#   scripts/vmtest.sh KERNEL|debug|kcsan|clang
#   scripts/vmtest.sh --chosen debug|6.1   the programs of tools/selftests/debug.list (and
#                                       less of stress) or 6.1.list
# ONLY=NAME... runs some of them, MIRROR_MM_SEED= reaches them. Three kinds of guest:
#   broken-*       without panic_on_warn; exactly one warning of ours must show
#   with NAME.vm   a guest of its own; the file holds options for vm.sh
#   all others     together in one guest

. "$(dirname "$0")/lib.sh"
# The kernel tree that someone gave for `make modules` is not meant here.
unset KDIR

CHOSEN=""
[ "${1:-}" != --chosen ] || { CHOSEN=yes && shift; }
SERIES=${1:-6.12}
# What the guests are called.
PART=vmtest-$SERIES
if [ -n "$CHOSEN" ]; then
	PART=chosen-$SERIES
	ONLY=${ONLY:-$(sed 's/#.*//' "$ROOT/tools/selftests/debug.list" | xargs)}
fi
COMMON=(--time 1500 --env "MIRROR_MM_SEED=${MIRROR_MM_SEED:-}")
[ "$CHOSEN $SERIES" != "yes debug" ] || COMMON+=(--env MIRROR_MM_OPERATIONS=24000)
# It compares with the files of a kernel that is configured as Debian does.
STOCK_ONLY=" debugfs-format "
BROKEN=(--expect-warning mirror_mm 1)

# use_tree FOLDER: a kernel that was built here, and the module for it
use_tree() {
	KERNEL_IMAGE=$1/arch/x86/boot/bzImage
	MODULE=$(KDIR=$1 DEST=$BUILD/$SERIES "$ROOT/scripts/build.sh" modules)
}

# Sets KERNEL_IMAGE, and MODULE to the folder with the module built for it.
prepare_kernel() {
	local tree
	case "$SERIES" in
	debug)
		tree=$("$ROOT/scripts/debug-kernel.sh")
		use_tree "$tree"
		# Everything takes several times as long under KASAN, which reports
		# an interrupt while the kernel looks for five page table levels.
		COMMON=(--time 1500 --env TEST_TIME=600 --append no5lvl "${COMMON[@]:2}")
		;;
	kcsan)
		tree=$("$ROOT/scripts/guest-kernel.sh" kcsan)
		use_tree "$tree"
		# One report is not to be the end: the next one may be another.
		COMMON=(--time 5400 --env TEST_TIME=1200 --smp 4 --append panic_on_warn=0
			--env "MIRROR_MM_SECONDS=${MIRROR_MM_SECONDS:-}" "${COMMON[@]:2}")
		;;
	clang)
		tree=$("$ROOT/scripts/guest-kernel.sh" clang)
		use_tree "$tree"
		;;
	*)
		check_series "$SERIES"
		KERNEL_IMAGE=$("$ROOT/scripts/fetch.sh" kernel "$SERIES")/vmlinuz
		MODULE=$("$ROOT/scripts/build.sh" modules "$SERIES")
		;;
	esac
}

prepare() {
	local mirrorctl file
	prepare_kernel
	mirrorctl=$("$ROOT/scripts/build.sh" static)
	TESTS=$("$ROOT/scripts/build.sh" selftests)
	COMMON+=(--file "$TESTS:/mirror/tests" --file "$mirrorctl:/mirror/bin/mirrorctl")
	for file in "$MODULE"/mirror_mm.ko "$MODULE"/tools/selftests/modules/*.ko; do
		[ ! -e "$file" ] || COMMON+=(--file "$file")
	done
}

# Programs, as opposed to the data and options that may lie beside them.
all_tests() {
	local file
	for file in "$TESTS"/*; do
		[ -f "$file" ] || continue
		case "$file" in *.vm | *.ko | *.o | *.d) continue ;; esac
		[ -x "$file" ] || [ "${file%.sh}" != "$file" ] || continue
		case " ${ONLY:-$(basename "$file")} " in
		*" $(basename "$file") "*) basename "$file" ;;
		esac
	done
}

# guest NAME TESTS OPTION...: the guest's own document, then one about the guest.
guest() {
	local name=$1 tests=$2 status=0
	shift 2
	say "guest $name: $(wc -w <<<"$tests") test programs"
	"$ROOT/scripts/vm.sh" --name "$name" "${COMMON[@]}" --env "TESTS=$tests" "$@" \
		"$KERNEL_IMAGE" "$ROOT/scripts/guest-selftests.sh" || status=$?
	guest_result "$name" "$status"
}

main() {
	local name together="" alone="" broken="" options
	check_only
	prepare
	for name in $(all_tests); do
		if [[ " debug kcsan clang " == *" $SERIES "* && $STOCK_ONLY == *" $name "* ]]; then
			printf 'TAP version 13\n1..1\nok 1 %s # SKIP only for stock kernels\n' "$name"
			continue
		fi
		case "$name" in
		broken-* | guest-broken-*) broken="$broken $name" ;;
		*) if [ -e "$TESTS/$name.vm" ]; then
			alone="$alone $name"
		else
			together="$together $name"
		fi ;;
		esac
	done
	[ -n "$together$alone$broken" ] || die "there are no selftests to run"
	FAILED=""
	[ -z "$together" ] || guest "$PART" "${together# }"
	for name in $alone $broken; do
		options=()
		case " $broken " in *" $name "*) options=("${BROKEN[@]}") ;; esac
		[ ! -e "$TESTS/$name.vm" ] || read -ra options <"$TESTS/$name.vm"
		guest "$PART-$name" "$name" "${options[@]}"
	done
	[ -z "$FAILED" ]
}

main
