#!/bin/bash
# Bad memory. QEMU injects machine checks into a guest, where the module has to hear of
# those in its mirror; in another one pages are reported to the kernel's own
# memory_failure() and to a mirror alike.
#   scripts/memory-mce.sh
# Prints TAP: what each guest found, and a document about the guest.
#
# The first guest asks for each error with a line "# inject STATUS MCGSTATUS ADDRESS MISC"; the
# injector passes it to QEMU's monitor, with "mce 0 1" before it: CPU 0, bank 1. For
# errors that a kernel survives, Linux wants a processor of Intel's.

. "$(dirname "$0")/lib.sh"

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

machine_checks() {
	local status=0
	NAME=memory-mce OUT=$BUILD/logs/memory-mce.out
	mkfifo "$WORK/monitor.in" "$WORK/monitor.out"
	mkdir -p "$BUILD/logs"
	: >"$OUT"
	injector &
	INJECTOR=$!
	say "guest $NAME"
	"$ROOT/scripts/vm.sh" --name "$NAME" --smp 1 --time 240 \
		--qemu "-M q35 -m 3G -global max-x86_64-cpu.vendor=GenuineIntel -monitor pipe:$WORK/monitor" \
		--file "$FOLDER/mirror_mm.ko" --file "$MIRRORCTL:/mirror/bin/mirrorctl" \
		"$IMAGE" "$ROOT/scripts/guest-mce.sh" || status=$?
	kill "$INJECTOR" && INJECTOR=""
	guest_result "$NAME" "$status"
}

# shellcheck disable=SC2016 # the dollar sign is memmap's own
beside_the_kernel() {
	local status=0 name=memory-hwpoison
	say "guest $name"
	"$ROOT/scripts/vm.sh" --name "$name" --smp 1 --time 240 --memmap '256M$512M' \
		--append "memhp_default_state=offline init_on_alloc=0" \
		--env "SEED=${MIRROR_MM_SEED:-$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}" \
		--qemu "-M q35 -m 1G,slots=4,maxmem=8G -object memory-backend-ram,id=r0,size=1G -numa node,nodeid=0,cpus=0,memdev=r0 -numa node,nodeid=1 -object memory-backend-ram,id=r1,size=256M -device pc-dimm,memdev=r1,node=1,addr=0x100000000" \
		--file "$FOLDER/mirror_mm.ko" "$IMAGE" "$ROOT/scripts/guest-hwpoison.sh" ||
		status=$?
	guest_result "$name" "$status"
}

main() {
	IMAGE=$("$ROOT/scripts/fetch.sh" kernel 6.12)/vmlinuz
	FOLDER=$("$ROOT/scripts/build.sh" module 6.12)
	MIRRORCTL=$("$ROOT/scripts/build.sh" static)
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-mce.XXXXXX")
	trap '[ -z "$INJECTOR" ] || kill "$INJECTOR"; rm -rf "$WORK"' EXIT
	machine_checks
	beside_the_kernel
}

FAILED="" INJECTOR=""
main
[ -z "$FAILED" ]
