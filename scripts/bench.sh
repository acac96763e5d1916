#!/bin/bash
# What the mirror costs, beside the kernel's own allocator, gen_pool and gpu_buddy, in
# guest instructions.
#   scripts/bench.sh             all rows; writes build/bench.txt, .csv, .png and .svg
#                                and prints the first
#   scripts/bench.sh --quick     some groups of rows only, in half the time
#   scripts/bench.sh --tap       all rows, and what must be true of them, as TAP
#   scripts/bench.sh --document  puts the last table and picture into Documentation/
#
# The guests run stock Linux 6.12 of the flavour that has gpu_buddy, with -icount: the
# cycle counter counts instructions, and neither the machine nor its load shows.
# Addresses of programs are not random: by chance a mapping needs a page table of its own
# or not, which is a fifth of what a fault costs.

. "$(dirname "$0")/lib.sh"
unset KDIR

SERIES=6.12
OUT=$BUILD/bench
# Each word is one load, on memory that nobody has touched.
QUICK_ROWS="init,pair,comp,bulk,trace"
ALL_ROWS="init,pair,comp,bulk,burst,outstanding,trace occ70 set"

# Node 0 has the CPUs and the guest's own memory; node 1 is the kernel's to measure,
# as in conformance.sh. The mirror is on a range that is just as large.
# shellcheck disable=SC2016 # the dollar sign is memmap's own
RESERVED='256M$512M' REGION=256M@512M SMALL=16M@512M
MACHINE='-m 1G,slots=4,maxmem=8G -object memory-backend-ram,id=r0,size=1G
 -numa node,nodeid=0,cpus=CPUS,memdev=r0 -numa node,nodeid=1
 -object memory-backend-ram,id=r1,size=256M -device pc-dimm,id=d1,memdev=r1,node=1
 -icount shift=0,sleep=off'

prepare() {
	local kernel
	kernel=$("$ROOT/scripts/fetch.sh" kernel "$SERIES" full)
	IMAGE=$kernel/vmlinuz
	DEST=$BUILD/$SERIES-full
	KDIR=$kernel/headers DEST=$DEST "$ROOT/scripts/build.sh" bench "$SERIES" >/dev/null
	# Loading must not be drowned in reading what is for debuggers.
	strip --strip-debug -o "$DEST/stripped.ko" "$DEST/mirror_mm.ko"
	FILES=(--file "$DEST/stripped.ko:/mirror/mirror_mm.ko" --file "$DEST/tools/bench/module/mirror_mm_bench.ko")
	GUEST=$("$ROOT/scripts/build.sh" bench-programs)
	FILES+=(--file "$GUEST/bin/mirror-bench-init:/mirror/bin/mirror-bench-init")
	[ ! -d "$GUEST/bench" ] || FILES+=(--file "$GUEST/bench:/mirror/bench")
}

# guest NAME CPUS ROWS PROGRAMS: see guest-bench.sh.
guest() {
	local machine
	machine=$(tr '\n' ' ' <<<"${MACHINE/CPUS/0-$(($2 - 1))}")
	say "guest $1: $3${4:+, programs}"
	"$ROOT/scripts/vm.sh" --name "$1" --smp "$2" --time 900 --memmap "$RESERVED" \
		--qemu "${machine/0-0/0}" \
		--append "memhp_default_state=offline init_on_alloc=0 nohz=off norandmaps" \
		"${FILES[@]}" --env "REGION=$REGION" --env "SMALL=$SMALL" --env "ROWS=$3" \
		--env "PROGRAMS=$4" "$IMAGE" "$ROOT/scripts/guest-bench.sh" || {
		grep -vE '^(bench|refused|fact) ' "$BUILD/logs/$1.out" >&2
		return 1
	}
}

# log_has TIMES REGEX
log_has() {
	local times
	times=$(cat "${LOGS[@]}" | grep -cE "mirror_mm: $2" || true)
	[ "$times" = "$1" ] || { warn "the log has '$2' $times times, not $1"; return 1; }
}

# Each load makes three mistakes; the mirror's log must have them, and no others.
reported() {
	local loads
	loads=$(cat "${OUTPUTS[@]}" | grep -c '^refused double-free' || true)
	[ "$loads" -gt 0 ] && log_has "$loads" 'double free of pfn .* refused' &&
		log_has "$loads" 'free with the wrong order of pfn .* refused' &&
		log_has "$loads" 'free of .* refused: no page of this mirror' &&
		log_has $((3 * loads)) '.* refused'
}

header() {
	local commit
	commit=$(git -C "$ROOT" describe --always --dirty 2>/dev/null || echo unknown)
	cat <<-END
		# Instructions for one operation, or for one page in rows of bulk, burst, cross
		# and init; the least of several runs, without the loop ("empty"). ratio is
		# mirror/kernel, best_ratio mirror/best of the others. Lower is better.
		# mirror_mm: $commit
		# kernel: $(sed -n 's/^fact kernel //p' "${OUTPUTS[0]}" | tr -d '\r') (Debian $(cat "$(dirname "$IMAGE")/package")), init_on_alloc=0
		# machine: $(qemu-system-x86_64 --version | head -n 1), TCG, -icount shift=0,sleep=off,
		#   1 CPU (cross: 2); $(sed -n 's/^# \([0-9]*\) ticks.*/\1/p' "${OUTPUTS[0]}" | head -n 1) ticks for 1000 instructions
	END
}

# outputs_of GUEST...
outputs_of() {
	OUTPUTS=("${@/#/$BUILD/logs/}")
	LOGS=("${OUTPUTS[@]/%/.log}")
	OUTPUTS=("${OUTPUTS[@]/%/.out}")
}

# run ROWS CROSS
run() {
	local table=("$PYTHON" "$ROOT/tools/bench/table.py" make)
	prepare
	rm -f "$OUT".*
	guest bench 1 "$1" yes
	outputs_of bench
	if [ -n "$2" ]; then
		guest bench-cross 2 "$2" ""
		outputs_of bench bench-cross
	fi
	reported
	header >"$OUT.header"
	"${table[@]}" "$OUT" "$OUT.header" "${OUTPUTS[@]}"
	"$PYTHON" "$ROOT/tools/bench/plot.py" "$OUT"
	cat "$OUT.txt"
}

# has ROW...: they are in the table.
has() {
	local row
	for row; do
		grep -E "^$row,[0-9.]+," "$OUT.csv" || { echo "no row $row"; return 1; }
	done
}

# full COLUMN: some row has a figure in it.
full() { awk -F, -v n="$1" 'NR > 1 && $1 != "empty-loop" && $n != "-" { print; found = 1 } END { exit !found }' "$OUT.csv"; }

refused() { cat "${OUTPUTS[@]}" | grep "^refused $1 $2" && reported; }

pictures() {
	[ "$(head -c 4 "$OUT.png" | tail -c 3)" = PNG ] &&
		grep -q '</svg>' "$OUT.svg"
}

tap() {
	local n rows=() i
	for n in 0 1 2 3 4 5 6 7 8 9 10; do rows+=("pair-$n"); done
	rows+=(comp-3 comp-9 bulk64-alloc bulk64-free trace-100k init-per-page submit-256)
	tap_start
	# A run of its own: there the first error ends it.
	tap_case "all is measured, with a clean log" "$ROOT/scripts/bench.sh"
	outputs_of bench bench-cross
	for n in "${rows[@]}"; do
		tap_case "there is a row $n" has "$n"
	done
	i=2
	for n in mirror kernel gen_pool gpu_buddy; do
		tap_case "there are figures for $n" full "$i"
		i=$((i + 1))
	done
	tap_case "a double free was refused and reported" refused double-free -22
	tap_case "a free with the wrong order was refused and reported" refused wrong-order -22
	tap_case "a free of a foreign page was refused and reported" refused foreign-page -6
	tap_case "the text says what the CSV says" "$PYTHON" "$ROOT/tools/bench/table.py" check "$OUT"
	tap_case "there are pictures" pictures
	tap_end
}

document() {
	local what=$ROOT/Documentation/performance
	"$PYTHON" "$ROOT/tools/bench/table.py" check "$OUT" ||
		die "there is no whole table in build/; run make bench first"
	has cross-free set-random-put-0 >/dev/null || die "the last run was a short one; run make bench first"
	cp "$OUT.txt" "$what-table.txt"
	cp "$OUT.svg" "$what.svg"
	say "Documentation/performance-table.txt and performance.svg are those of the last run"
}

# No && after run: with one, an error in it would not end the script.
"$ROOT/scripts/setup.sh" bench
case "${1:-}" in
"") run "$ALL_ROWS" cross ;;
--quick) run "$QUICK_ROWS" "" ;;
--tap) tap ;;
--document) document ;;
*) die "usage: bench.sh [--quick|--tap|--document]" ;;
esac
