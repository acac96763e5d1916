#!/bin/bash
# Machine checks: QEMU injects errors of memory into a guest, where the module has to
# hear of those in its mirror.
#   scripts/memory-mce.sh
# Prints TAP: what the guest found, and a document about the guest.
#
# The guest asks for each error with a line "# inject STATUS MCGSTATUS ADDRESS MISC"; the
# injector passes it to QEMU's monitor, with "mce 0 1" before it: CPU 0, bank 1. For
# errors that a kernel survives, Linux wants a processor of Intel's.

. "$(dirname "$0")/lib.sh"

NAME=memory-mce
OUT=$BUILD/logs/$NAME.out

# Passes on each line that the guest has not asked with before. A guest may be booted
# again, with an empty file.
injector() {
	local sent=0 asked=()
	while sleep 0.1; do
		mapfile -t asked < <(tr -d '\r' <"$OUT" | grep '^# inject .* 0x8c$' || true)
		[ "${#asked[@]}" -ge "$sent" ] || sent=0
		while [ "$sent" -lt "${#asked[@]}" ]; do
			echo "mce 0 1 ${asked[sent]#\# inject }" >"$WORK/monitor.in"
			sent=$((sent + 1))
		done
	done
}

main() {
	local image folder mirrorctl status=0
	image=$("$ROOT/scripts/fetch.sh" kernel 6.12)/vmlinuz
	folder=$("$ROOT/scripts/build.sh" module 6.12)
	mirrorctl=$("$ROOT/scripts/build.sh" static)
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-mce.XXXXXX")
	trap 'kill $INJECTOR 2>/dev/null; rm -rf "$WORK"' EXIT
	mkfifo "$WORK/monitor.in" "$WORK/monitor.out"
	mkdir -p "$BUILD/logs"
	: >"$OUT"
	injector &
	INJECTOR=$!
	say "guest $NAME"
	"$ROOT/scripts/vm.sh" --name "$NAME" --smp 1 --time 240 \
		--qemu "-M q35 -m 3G -global max-x86_64-cpu.vendor=GenuineIntel -monitor pipe:$WORK/monitor" \
		--file "$folder/mirror_mm.ko" --file "$mirrorctl:/mirror/bin/mirrorctl" \
		"$image" "$ROOT/scripts/guest-mce.sh" || status=$?
	guest_result "$NAME" "$status"
}

FAILED=""
main
[ -z "$FAILED" ]
