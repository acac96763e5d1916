#!/bin/bash
# Fuzzes /dev/mirror_mm in a guest, with a kernel that tells which code of the module a
# program reached (KCOV) and that has KASAN and lockdep; see Documentation/fuzzing.rst.
#   scripts/fuzz-device.sh             FUZZ_SECONDS (600) of fuzzing
#   scripts/fuzz-device.sh FILE...     replay inputs, one after the other, in words
#   scripts/fuzz-device.sh --tap       the corpus and FUZZ_SECONDS (60), as TAP
#   scripts/fuzz-device.sh --corpus    choose the corpus again, from all inputs
#   scripts/fuzz-device.sh --lines     which lines of src/interface and src/blocks the
#                                      corpus and FUZZ_SECONDS (60) reach
#   scripts/fuzz-device.sh --many [N]  N operations (10^8), most of them in large SUBMITs,
#                                      on the kernel that KERNEL names (6.12), which
#                                      debugs nothing; SEED= begins as another run did
# FUZZ_QUICK=1 runs more programs, none of which repeats anything so often that it fills
# a table. TREE= is another checkout of the project, whose module is fuzzed then. EMPTY=1 begins
# without a corpus. Inputs that reach something new, and those of a finding, go to
# build/fuzz-device.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/fuzz-lib.sh"
unset KDIR

SOURCE=$ROOT/tools/devfuzz
CORPUS=$SOURCE/corpus
# More than of the core, as there are more operations and files.
CORPUS_FILES=150
WORK=$BUILD/fuzz-device
TREE=$(realpath "${TREE:-$ROOT}")
NAME=${FUZZ_NAME:-fuzz-device}
BOX_MIB=32
# Seconds after which reading the corpus and fuzzing are given up.
MOST_SECONDS=1200
# Inputs that were made by hand; what they are for is in Documentation/fuzzing.rst.
KEPT=$SOURCE/kept
# shellcheck disable=SC2016 # the dollar sign is memmap's own
REGION='48M$512M'
PARAMS=${FUZZ_PARAMS:-region=16M@512M nodes=2 zones=DMA32:4M,NORMAL}
# More than the check does in one go, without memory; and a hole, a node without memory,
# HIGHMEM, a limit.
LIVES="region=test:17G nodes=2 zones=DMA32:4M,NORMAL;region=16M@512M,8M@536M,8M@552M:2 zones=DMA:4M,NORMAL:20M,HIGHMEM policy=lifo distance=10,30,50,30,10,20,50,20,10 cpus=0-N:1 file_page_limit=3000"
COMMON=(-len_control=0 -max_len=1536 -timeout=600 -rss_limit_mb=0 -handle_segv=0
	-handle_bus=0 -handle_abrt=0 -artifact_prefix=/tmp/crashes/ -print_final_stats=1
	-entropic_scale_per_exec_time=1 -reload=0)

box() { "$PYTHON" "$ROOT/scripts/devfuzz.py" "$1" "$WORK/$NAME.box" "${@:2}"; }

# Names of the shared libraries that a program needs, with their folders.
libraries() { ldd "$1" | grep -oE '/[^ ]+'; }

# prepare [gcov]: sets IMAGE and FILES.
prepare() {
	local kdir module lib dest=$WORK/module what=module
	local args="KCOV_INSTRUMENT=y CONFIG_MIRROR_MM_FUZZ_USER=m"
	kdir=$("$ROOT/scripts/debug-kernel.sh")
	IMAGE=$kdir/arch/x86/boot/bzImage
	mkdir -p "$WORK"
	if [ "${1:-}" = gcov ]; then
		dest=$WORK/module-gcov what=faults
		args="$args CONFIG_MIRROR_MM_GCOV_ALL=y"
	fi
	[ "$TREE" = "$ROOT" ] || dest=$WORK/module-tree
	module=$(KDIR=$kdir DEST=$dest MAKE_ARGS=$args "$TREE/scripts/build.sh" "$what")
	with_build_lock fuzz-device-program env -u MAKEFLAGS -u MFLAGS make -s "-j$(nproc)" \
		-f "$SOURCE/Makefile" "OUT=$dest-program" "UAPI=$TREE/include/uapi" >&2 ||
		die "the fuzzer of the device does not build; clang comes with: scripts/setup.sh fuzz"
	FILES=(--file "$module/mirror_mm.ko" --file "$dest-program/devfuzz")
	# A module of another checkout may have none of these.
	for lib in mirror_mm_gcov_end.ko tools/devfuzz/module/mirror_mm_user.ko; do
		[ ! -e "$module/$lib" ] || FILES+=(--file "$module/$lib")
	done
	FILES+=(--file "$KEPT:/mirror/kept")
	for lib in $(libraries "$dest-program/devfuzz"); do
		FILES+=(--file "$lib:$lib")
	done
}

# guest SECONDS VM-OPTION... -- ARGUMENT...: ARGUMENTs are libFuzzer's.
guest() {
	local seconds=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	rm -f "$WORK/$NAME.box"
	truncate -s "${BOX_MIB}M" "$WORK/$NAME.box"
	"$ROOT/scripts/vm.sh" --name "$NAME" "${FILES[@]}" --time "$((seconds + 420))" \
		--memmap "$REGION" --append "no5lvl nokaslr panic_print=0x20 ${FUZZ_APPEND:-}" \
		--qemu "-M q35 -m 1G -object memory-backend-file,share=on,size=${BOX_MIB}M,mem-path=$WORK/$NAME.box,id=box -device ivshmem-plain,memdev=box" \
		--env "FUZZ_ARGS=$*" --env "FUZZ_REPLAY_ARGS=${COMMON[*]}" --env "FUZZ_PARAMS=$PARAMS" --env "FUZZ_FAST=${FUZZ_FAST:-}" \
		"${options[@]}" "$IMAGE" "$ROOT/scripts/guest-fuzz.sh"
}

# Fresh corpus for a guest: the tree's, and what other runs have kept.
gather() {
	rm -rf "$WORK/$NAME.start"
	mkdir -p "$WORK/$NAME.start" "$WORK/inputs"
	[ -z "${EMPTY:-}" ] || return 0
	find "$CORPUS" "$KEPT" "$@" -type f -exec cp -t "$WORK/$NAME.start" {} + 2>/dev/null || true
}

# fuzz_for SECONDS VM-OPTION...
fuzz_for() {
	local status=0
	guest "$1" --file "$WORK/$NAME.start:/mirror/corpus" "${@:2}" -- "${COMMON[@]}" \
		"-max_total_time=$1" /tmp/inputs /mirror/corpus || status=$?
	rm -rf "$WORK/$NAME.found"
	[ -n "${EMPTY:-}" ] || box units "$WORK/inputs" || true
	[ "$status" = 0 ] || box inputs "$WORK/$NAME.found" || true
	return "$status"
}

# What was found, in a line.
finding() {
	local text
	text=$(box found || true)
	[ -n "$text" ] || text=$(grep -m 1 -E "$BAD_LOG" "$BUILD/logs/$NAME.log" || true)
	echo "${text:-the guest ended}"
}

say_finding() {
	say "after $(box counts | head -n 1)"
	say "the input is ${WORK#"$ROOT"/}/$NAME.found/last; replay it with: scripts/fuzz-device.sh FILE"
	say "the kernel's log is build/logs/$NAME.log"
}

fuzz() {
	local seconds=${FUZZ_SECONDS:-600}
	check_seconds "$seconds"
	prepare
	gather "$WORK/inputs"
	say "fuzzing for $seconds s; FUZZ_SECONDS= changes that"
	if ! fuzz_for "$seconds" --time "$((seconds + 1200))" --env "FUZZ_LIVES=$LIVES" \
		--env "DEVFUZZ_QUICK=${FUZZ_QUICK:+1}"; then
		say_finding
		die "found: $(finding)"
	fi
	box counts
}

replay() {
	local file i=0
	for file; do
		[ -f "$file" ] || die "there is no file $file"
	done
	prepare
	rm -rf "$WORK/$NAME.start"
	mkdir -p "$WORK/$NAME.start"
	for file; do
		i=$((i + 1))
		cp "$file" "$WORK/$NAME.start/$(printf %03d "$i")"
	done
	guest 300 --show --env DEVFUZZ_WORDS=1 --env DEVFUZZ_SLOW=1 \
		--file "$WORK/$NAME.start:/mirror/corpus" -- "${COMMON[@]}" "/mirror/corpus/*" ||
		die "found: $(finding)"
}

# as TAP ------------------------------------------------------------------------

nothing_found() {
	fuzz_for "$@" && return 0
	finding
	say_finding 2>&1
	return 1
}

# has_fuzzed N: beyond the corpus
has_fuzzed() {
	local inputs
	inputs=$(find "$WORK/$NAME.start" -type f | wc -l)
	[ "$(box runs)" -ge "$((inputs + $1))" ]
}

tap() {
	local seconds=${FUZZ_SECONDS:-60}
	check_seconds "$seconds"
	prepare
	gather
	tap_start
	tap_case "the corpus is small" corpus_is_small
	tap_case "the corpus and $seconds s of fuzzing find nothing" \
		nothing_found "$MOST_SECONDS" --env DEVFUZZ_QUICK=1 --env "FUZZ_AFTER=$seconds"
	box counts | sed 's/^/# /' || true
	tap_case "new programs were run" has_fuzzed 1
	tap_end
}

# the corpus and the lines ---------------------------------------------------------

# Of all inputs there are, few that together reach what any of them reaches.
choose_corpus() {
	prepare
	gather "$WORK/inputs"
	guest 3000 --smp 1 --env FUZZ_MERGE=1 --env DEVFUZZ_QUICK=1 --env DEVFUZZ_SLOW=1 --file "$WORK/$NAME.start:/mirror/corpus" -- \
		"${COMMON[@]}" || die "found: $(finding)"
	rm -rf "$WORK/chosen"
	box units "$WORK/chosen"
	# Those that were made by hand are there anyway.
	sha1sum "$KEPT"/* | while read -r sum _; do rm -f "$WORK/chosen/$sum"; done
	mkdir -p "$CORPUS"
	rsync -rc --delete "$WORK/chosen/" "$CORPUS/"
	corpus_is_small || die "that is too much for the tree"
}

lines() {
	local seconds=${FUZZ_SECONDS:-60}
	check_seconds "$seconds"
	prepare gcov
	gather
	fuzz_for "$seconds" --smp 1 --time "$((seconds + 1200))" --env DEVFUZZ_QUICK=1 \
		--env DEVFUZZ_SLOW=1 --env "FUZZ_LIVES=$LIVES" || die "found: $(finding)"
	"$PYTHON" "$ROOT/tools/conformance/gcda.py" "$WORK/module-gcov" "$WORK/gcov" \
		"$BUILD/logs/$NAME.out"
	"$PYTHON" "$ROOT/tools/devfuzz/lines.py" "$WORK/gcov"/*.json
}

# very many operations -----------------------------------------------------------------

# shellcheck disable=SC2016 # the dollar sign is memmap's own
MANY_REGION='512M$4G'

many() {
	local number=${1:-100000000} series=${KERNEL:-6.12} image dest
	check_number OPERATIONS "$number" 1 1000000000000
	check_number SEED "${SEED:-}" 1 9223372036854775807
	check_series "$series"
	image=$("$ROOT/scripts/fetch.sh" kernel "$series")/vmlinuz
	dest=$(DEST=$WORK/module-$series "$TREE/scripts/build.sh" module "$series")
	with_build_lock fuzz-device-many env -u MAKEFLAGS -u MFLAGS make -s \
		-C "$SOURCE/many" "OUT=$WORK/many" >&2 || die "the program does not build"
	# The slowest machine that was seen did 5000 operations in a second.
	"$ROOT/scripts/vm.sh" --name "${FUZZ_NAME:-many}" --show --time "$((300 + number / 5000))" \
		--file "$dest/mirror_mm.ko" --file "$WORK/many/many" --append no5lvl \
		--memmap "$MANY_REGION" --env "MANY=$number ${SEED:-}" \
		--env "MANY_PARAMS=region=512M@4G nodes=2 zones=DMA32:16M,NORMAL" \
		"$image" "$ROOT/scripts/guest-many.sh" ||
		die "see above; the kernel's log is build/logs/${FUZZ_NAME:-many}.log"
}

case "${1:-}" in
"") fuzz ;;
--tap) tap ;;
--corpus) choose_corpus ;;
--lines) lines ;;
--many) many "${@:2}" ;;
-*) die "usage: fuzz-device.sh [FILE... | --tap | --corpus | --lines | --many [N]]" ;;
*) replay "$@" ;;
esac
