#!/bin/bash
# What the module makes of boot lines: a guest for each, in which it is loaded in
# several ways. The lines hold what the kernel reads, what looks like it and is not,
# and nothing at all; the messages have to be true, and to advise only what a machine
# boots with. Prints TAP.
#   scripts/memory-boot.sh [NAME...]      only these, as in "forms"
# KERNEL=6.1 takes another kernel.
# shellcheck disable=SC2016 # the dollar sign is memmap's own

. "$(dirname "$0")/lib.sh"
unset KDIR

NAMES="twice forms unaligned unaligned-alone none pmem limit mem long many"
SERIES=${KERNEL:-6.12}
# An advice that reserves anything below 4 GiB may be one that nobody boots with.
LOW_ADVICE='boot with memmap=[^ ]*\$(0x[0-9a-f]{1,8}|[0-9]+[KM]|[0-3]G)?[^0-9a-fGx]'

line_of() {
	case "$1" in
	twice) echo 'memmap=256M$4G memmap=256M$4G memmap=64M$0x10c000000,128M$0x10c000000' ;;
	# Only the first is one for the kernel.
	forms) echo '"memmap=64M$4G" xmemmap=64M$0x110000000 foo="memmap=64M$0x120000000" MEMMAP=64M$0x118000000 -- memmap=64M$0x128000000' ;;
	unaligned) echo 'memmap=100M$0x100100000,2M$0x120000000,1M$0x130300000 memmap=64M$0x110000000' ;;
	unaligned-alone) echo 'memmap=2M$0x120000000,6M$0x130100000' ;;
	none) echo '' ;;
	pmem) echo 'memmap=256M!4G' ;;
	limit) echo 'memmap=2GM' ;;
	mem) echo 'mem=2G' ;;
	# Nearly all that x86 keeps of a boot line, which is 2048 bytes.
	long) printf 'pad=%s memmap=64M$4G\n' "$(head -c 1750 /dev/zero | tr '\0' x)" ;;
	many) echo "memmap=$(for i in $(seq 17); do printf '4M$%#x,' $((0x100000000 + i * 0x800000)); done)" ;;
	*) die "no such boot line: $1; there are: $NAMES" ;;
	esac
}

cases_of() {
	case "$1" in
	twice) cat <<-'END' ;;
		works "given twice and overlapping" region=auto
		says 'claimed \[mem 0x0000000100000000-0x0000000113ffffff\]'
		works "over the border of two arguments" region=64M@0x10e000000
		fails "more than reserved" region=64M@0x112000000
		says 'reserved is 320M@4G; load with region=auto'
	END
	forms) cat <<-'END' ;;
		works "what is the kernel's" region=auto
		says 'claimed \[mem 0x0000000100000000-0x0000000103ffffff\]'
		says '^64 MiB in'
		fails "the end of another name" region=64M@0x110000000
		fails "the value of another" region=64M@0x120000000
		fails "another case" region=64M@0x118000000
		fails "an argument of init" region=64M@0x128000000
		says 'System RAM.*reserved is 64M@4G'
		fails nothing
		says 'no region given.*reserved is 64M@4G'
		fails "the size last" region=4G@64M
		says 'the size comes first: what is reserved is 64M@4G'
	END
	unaligned) cat <<-'END' ;;
		works "whole blocks are used" region=auto
		says 'of memmap=100M\$0x100100000 whole blocks of 4M are used, which are 96M@0x100400000'
		says 'memmap=2M\$0x120000000 is left out: no whole block of 4M'
		says 'memmap=1M\$0x130300000 is left out'
		says 'claimed \[mem 0x0000000100400000-0x00000001063fffff\]'
		says 'claimed \[mem 0x0000000110000000-0x0000000113ffffff\]'
		says '^160 MiB in'
		fails "by hand" region=100M@0x100100000
		says 'the part of it that can be used is 96M@0x100400000'
		works "that part" region=96M@0x100400000
	END
	unaligned-alone) cat <<-'END' ;;
		load region=auto
		[ "$loaded" != 0 ]; result $? "no block: it is refused"
		says 'no memmap= argument that reserves a block of 4M'
		says 'memmap=6M\$0x130100000 is left out'
	END
	none) cat <<-END ;;
		fails auto region=auto
		says 'no memmap= argument.*boot with memmap=256M\\\$4G .*region=auto'
		never '$LOW_ADVICE'
		fails nothing
		says 'no region given.*boot with memmap=256M\\\$4G .*region=auto'
		never '$LOW_ADVICE'
		fails "the beginning of memory" region=64M@0
		says 'System RAM.*boot with memmap=64M\\\$4G '
		never '$LOW_ADVICE'
		fails swapped region=4G@256M
		says 'System RAM.*claims.rst'
		never 'boot with'
		fails "most of memory" region=2G@4G
		says 'claims.rst'
		never 'boot with'
		fails "beyond all memory" region=64M@0x180000000
		says 'no memmap= argument.*PCI devices have addresses there: PCI Bus 0000:00'
		never '$LOW_ADVICE'
		fails "no size" region=0@4G
		never 'boot with'
	END
	pmem) cat <<-'END' ;;
		fails auto region=auto
		says 'memmap=256M!4G makes persistent memory; to reserve it, write \$ in place of !'
		fails "the range" region=256M@4G
		says 'memmap=256M!4G makes persistent memory'
		never 'boot with'
	END
	limit) cat <<-'END' ;;
		fails auto region=auto
		says 'memmap=2GM limits the kernel.s memory'
		fails "a range" region=256M@4G
		says 'memmap=2GM limits the kernel.s memory'
	END
	mem) cat <<-'END' ;;
		fails auto region=auto
		says 'mem=2G limits the kernel.s memory; to reserve, write memmap=SIZE\$START'
		fails "a range" region=256M@4G
		says 'mem=2G limits the kernel.s memory'
	END
	long) cat <<-'END' ;;
		works "at the end of the line" region=auto
		says 'claimed \[mem 0x0000000100000000-0x0000000103ffffff\]'
	END
	many) cat <<-'END' ;;
		fails auto region=auto
		says 'more than 16 ranges; merge some, or name those to take'
		works "one of them" region=4M@0x100800000
	END
	esac
}

guest() {
	local name=memory-boot-$1 line status=0
	line=$(line_of "$1")
	cases_of "$1" >"$BUILD/logs/$name.cases"
	say "guest $name: ${line:0:100}"
	"$ROOT/scripts/vm.sh" --name "$name" --no-memmap --append "$line" \
		--file "$MODULE/mirror_mm.ko" \
		--file "$BUILD/logs/$name.cases:/mirror/cases.sh" \
		"$IMAGE" "$ROOT/scripts/guest-load.sh" || status=$?
	guest_result "$name" "$status"
}

main() {
	local name
	FAILED=""
	IMAGE=$("$ROOT/scripts/fetch.sh" kernel "$SERIES")/vmlinuz
	MODULE=$("$ROOT/scripts/build.sh" module "$SERIES")
	mkdir -p "$BUILD/logs"
	for name; do
		guest "$name"
	done
	[ -z "$FAILED" ]
}

# shellcheck disable=SC2086 # a list of names
[ $# -gt 0 ] || set -- $NAMES
main "$@"
