#!/bin/bash
# Memory models: mirrors of a terabyte without memory, and of ranges far apart.
#   scripts/memory-model.sh
# Prints TAP. The first guest counts instructions (-icount), one a nanosecond, so
# neither the machine nor its load shows in a figure; its ratios may fail a test.
# The second one runs programs on two ranges at both ends of the address space.
#
# Costs are compared at per-CPU lists of the same length, 8192 pages. By default
# they are longer in a larger mirror, as in Linux 6.12, and a burst costs less.
# The batch differs too: 15 pages at 256 MiB, 63 from 1 GiB on.

. "$(dirname "$0")/lib.sh"

NAME=memory-model
LOG=$BUILD/logs/$NAME.log OUT=$BUILD/logs/$NAME.out
# 40 bits of address are what QEMU's translator gives an x86 machine: 1 TiB.
FAR_AT=832G
FAR="-object memory-backend-ram,id=far,size=256M -device pc-dimm,memdev=far,addr=0xd000000000"
# The kernel leaves the memory alone that it was not told of by its firmware.
# shellcheck disable=SC2016 # the dollar sign is memmap's own
FAR_ARGS=(--memmap '256M$4G,256M$'"$FAR_AT" --append "acpi_no_memhotplug init_on_alloc=0")
PROGRAMS="device-map device-share submit exhaust"

prepare() {
	IMAGE=$("$ROOT/scripts/fetch.sh" kernel 6.12)/vmlinuz
	MODULE=$("$ROOT/scripts/build.sh" modules 6.12)
	MIRRORCTL=$("$ROOT/scripts/build.sh" static)
	TESTS=$("$ROOT/scripts/build.sh" selftests)
	FILES=(--file "$MODULE/mirror_mm.ko" --file "$MIRRORCTL:/mirror/bin/mirrorctl")
	FILES+=(--file "$MODULE/tools/selftests/modules/mirror_mm_cost.ko")
}

count_guest() {
	"$ROOT/scripts/vm.sh" --name "$NAME" --time 900 --smp 1 "${FAR_ARGS[@]}" "${FILES[@]}" \
		--qemu "-M q35 -m 6G,slots=1,maxmem=900G $FAR -icount shift=0,sleep=off" \
		"$IMAGE" "$ROOT/scripts/guest-memory-model.sh"
}

program_guest() {
	"$ROOT/scripts/vm.sh" --name "$NAME-programs" --time 600 "${FAR_ARGS[@]}" "${FILES[@]}" \
		--qemu "-M q35 -m 3G,slots=1,maxmem=900G $FAR" \
		--file "$MODULE/tools/selftests/modules/mirror_mm_apitest.ko" \
		--file "$TESTS:/mirror/tests" --env "TESTS=$PROGRAMS" \
		--env "MIRROR_MM_REGION=128M@4G,128M@$FAR_AT" \
		--env "MIRROR_MM_PARAMS=region=128M@4G,128M@$FAR_AT force=may-overwrite-device-memory" \
		"$IMAGE" "$ROOT/scripts/guest-selftests.sh" || {
		grep -E '^ *not ok|^ *# ' "$BUILD/logs/$NAME-programs.out"
		return 1
	}
}

# fact NAME WHICH: what the guest said, in one line.
fact() { sed -n "s/^fact $1 $2 //p" "$OUT" | tr -d '\r'; }

# value KEY LINE: the word behind KEY.
value() { awk -v key="$1" '{ for (i = 1; i < NF; i++) if ($i == key) { print $(i + 1); exit } }' <<<"$2"; }

# within PERCENT A B: neither is larger than the other by more.
within() {
	echo "$2 and $3"
	awk -v p="$1" -v a="$2" -v b="$3" \
		'BEGIN { exit !(a > 0 && b > 0 && a <= b * (1 + p / 100) && b <= a * (1 + p / 100)) }'
}

# load_cost MIB: instructions for each page from the claim to the end of the load;
# the least of all loads of that size, as the kernel may have something else to do.
load_cost() {
	sed -n 's/^\[ *\([0-9.]*\)\] mirror_mm: \(test region of '"$1"' MiB\|'"$1"' MiB in \).*/\1/p' "$LOG" |
		awk -v pages=$(($1 * 256)) 'NR % 2 { t = $1; next }
			!least || $1 - t < least { least = $1 - t }
			END { printf "%.3f\n", least * 1e9 / pages }'
}

same_load_cost() {
	local one other
	one=$(load_cost "$1") other=$(load_cost "$2")
	within 5 "$one" "$other"
}

same_cost() {
	within "$1" "$(value "$2" "$(fact cost "$3")")" "$(value "$2" "$(fact cost "$4")")"
}

# little_more INSTRUCTIONS KEY FROM TO: what one page costs more there. In instructions, not
# in parts of a hundred: the larger batch costs what it costs, however cheap the rest is.
little_more() {
	local from to
	from=$(value "$2" "$(fact cost "$3")") to=$(value "$2" "$(fact cost "$4")")
	echo "$from and $to, in hundredths"
	[ "$from" -gt 0 ] && [ $((to - from)) -le $(($1 * 100)) ] && [ $((from - to)) -le $(($1 * 100)) ]
}

adds_up() {
	local line key sum=0
	line=$(fact memory "$1")
	echo "$line"
	for key in descriptors pageblocks sections nodes percpu; do
		sum=$((sum + $(value "$key" "$line")))
	done
	[ "$sum" = "$(value total "$line")" ] && [ "$sum" -gt 0 ]
}

# No descriptor stands for anything but a page.
describes_pages_only() {
	local line
	line=$(fact memory "$1")
	echo "$line"
	[ "$(value described "$line")" = "$(value pages "$line")" ] && adds_up "$1"
}

progress_is_told() {
	grep 'mirror_mm: writing page descriptors: [1-9][0-9]* % done' "$LOG"
}

refused_in_time() {
	fact refused 8T
	grep -F 'MiB of memory need 32772 MiB for their descriptors, and only' "$LOG" || return 1
	[[ "$(fact refused 8T)" == *"Cannot allocate memory"* ]] && within_kib 65536 "$(fact taken 8T)"
}

within_kib() { [ "${2#-}" -le "$1" ]; }

says() {
	echo "$1 $2: $(fact "$1" "$2")"
	[ "$(fact "$1" "$2")" = "$3" ]
}

# 4 PiB of hole are counted and not walked.
hole_is_one_word() {
	fact blocks apart
	[[ "$(fact blocks apart)" =~ ^Movable\*64\ hole\*[0-9]+\ Movable\*64\ hole\*[0-9]{10}\ Movable\*32$ ]]
}

figures() {
	local size
	for size in 64 256 1024; do
		printf '# load, %4d GiB: %s instructions a page\n' "$size" "$(load_cost $((size * 1024)))"
	done
	for size in 256M 1G 64G 256G 1T; do
		printf '# %5s, instructions x 100: %s\n' "$size" "$(fact cost "$size")"
	done
	printf '# 1T: %s\n# apart: %s\n' "$(fact memory 1T)" "$(fact memory apart)"
}

main() {
	prepare
	tap_start
	tap_case "a guest loads mirrors of up to 1 TiB and of ranges far apart" count_guest
	figures
	tap_case "a load of 256 GiB takes the instructions a page that 64 GiB take" same_load_cost 65536 262144
	tap_case "a load of 1 TiB takes the instructions a page that 64 GiB take" same_load_cost 65536 1048576
	tap_case "a load that takes seconds says how far it is" progress_is_told
	tap_case "an order-0 pair costs the same at 1 TiB as at 256 MiB" same_cost 5 pair0 256M 1T
	tap_case "an order-10 pair costs the same at 1 TiB as at 256 MiB" same_cost 5 pair10 256M 1T
	tap_case "a burst of 16384 costs the same at 1 TiB as at 1 GiB" same_cost 1 burst 1G 1T
	tap_case "and little more than with the small batch of 256 MiB" little_more 61 burst 256M 1T
	tap_case "1 TiB is described by 4 GiB, which add up" describes_pages_only 1T
	tap_case "1 TiB is validated, and the machine lives" says check 1T "check: clean"
	tap_case "1 TiB is reset, and sound" says reset 1T "check: clean"
	tap_case "8 TiB are refused before anything is taken" refused_in_time
	tap_case "ranges far apart have descriptors for their pages only" describes_pages_only apart
	tap_case "ranges far apart are sound" says check apart "check: clean"
	tap_case "the hole between them is told in one word" hole_is_one_word
	tap_case "blocks of all ranges can be had" says use apart ok
	tap_case "programs use memory at both ends of the address space" program_guest
	tap_end
}

main
