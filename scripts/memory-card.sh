#!/bin/bash
# The memory of a PCI card that no driver holds is never written: boots a machine with
# one, reserves its addresses with memmap=, tries to claim them in all ways, and
# compares each byte of the card afterwards. Prints TAP.
#   scripts/memory-card.sh [6.12|6.1]...

. "$(dirname "$0")/lib.sh"
unset KDIR

# Where q35 puts the card's memory; it is its third BAR.
AT=0xf8000000
MIB=64
BAR='0000:00:[0-9a-f.]+ BAR 2 \[mem 0x0*f8000000-0x0*fbffffff'

# Each byte from the position that it has, so that no write goes unnoticed.
make_card() {
	"$PYTHON" -c 'import random, sys
r = random.Random(4711)
for i in range(int(sys.argv[1])): sys.stdout.buffer.write(r.randbytes(1 << 20))' "$MIB"
}

cases() {
	local part
	cat <<-END
		fails "region=auto" region=auto
		says "device, wholly or in part: $BAR"
		fails "region=auto with force" region=auto force=may-overwrite-device-memory
		says "$BAR"
		fails "the BAR by its addresses" region=${MIB}M@$AT
		says "$BAR"
	END
	for part in 4M@0xf8000000 4M@0xfa000000 4M@0xfbc00000; do
		cat <<-END
			fails "a part, $part, with force" region=$part force=may-overwrite-device-memory
			says "$BAR"
		END
	done
	cat <<-END
		fails "more than the BAR" region=128M@0xf4000000 force=may-overwrite-device-memory
		says "$BAR"
		fails "addresses of PCI without a device" region=64M@0xf4000000
		says "PCI devices.*PCI Bus 0000:00"
		fails "the same with force" region=64M@0xf4000000 force=may-overwrite-device-memory
		says "PCI devices.*PCI Bus 0000:00"
		works "RAM beside it" region=256M@4G
	END
}

guest() {
	local name=memory-card-$1 series=$1 image module status=0
	image=$("$ROOT/scripts/fetch.sh" kernel "$series")/vmlinuz
	module=$("$ROOT/scripts/build.sh" module "$series")
	make_card >"$BUILD/logs/card"
	cp "$BUILD/logs/card" "$BUILD/logs/card.used"
	cases >"$BUILD/logs/$name.cases"
	say "guest $name"
	"$ROOT/scripts/vm.sh" --name "$name" --file "$module/mirror_mm.ko" \
		--file "$BUILD/logs/$name.cases:/mirror/cases.sh" \
		--memmap "128M\$0xf4000000,256M\$4G" \
		--qemu "-M q35 -m 3G -object memory-backend-file,share=on,size=${MIB}M,mem-path=$BUILD/logs/card.used,id=card -device ivshmem-plain,memdev=card" \
		"$image" "$ROOT/scripts/guest-load.sh" || status=$?
	guest_result "$name" "$status"
	tap_start
	TAP_COUNT=0
	tap_case "$name: no byte of the card was written" cmp "$BUILD/logs/card" "$BUILD/logs/card.used"
	tap_end || FAILED=yes
	rm -f "$BUILD/logs/card" "$BUILD/logs/card.used"
}

main() {
	local series
	FAILED=""
	mkdir -p "$BUILD/logs"
	for series; do
		guest "$series"
	done
	[ -z "$FAILED" ]
}

[ $# -gt 0 ] || set -- 6.12 6.1
main "$@"
