#!/bin/bash
# Prints QEMU's options for the fastest accelerator that really works here.
#   scripts/accel.sh KERNEL-IMAGE
# Some machines have a /dev/kvm on which a stock kernel hangs before its first
# line. So a kernel is booted once to see whether it speaks within seconds; the
# verdict holds until this machine boots again.

. "$(dirname "$0")/lib.sh"

WAIT_SECONDS=5

# The probe has no initramfs: a kernel that gets as far as missing its root
# device has passed all that hangs.
kvm_speaks() {
	local log pid step status=1
	log=$(mktemp)
	qemu-system-x86_64 -M q35,accel=kvm -cpu host -m 512M -smp 2 -no-reboot \
		-display none -nodefaults -serial "file:$log" -kernel "$1" \
		-append "console=ttyS0 panic=-1" </dev/null >/dev/null 2>&1 &
	pid=$!
	for ((step = 0; step < WAIT_SECONDS * 10; step++)); do
		grep -qE 'Unable to mount root|Run /init|Freeing unused' "$log" && status=0 && break
		kill -0 "$pid" 2>/dev/null || break
		sleep 0.1
	done
	kill -9 "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	rm -f "$log"
	return "$status"
}

decide() {
	local boot verdict=$CACHE/accel
	boot=$(cat /proc/sys/kernel/random/boot_id)
	grep -qs "^$boot " "$verdict" && return 0
	if [ -w /dev/kvm ] && kvm_speaks "$1"; then
		echo "$boot kvm" >"$verdict.new"
		say "KVM works here"
	else
		echo "$boot tcg" >"$verdict.new"
		say "KVM does not work here: QEMU translates instead (TCG, slower)"
	fi
	mv "$verdict.new" "$verdict"
}

with_lock accel decide "$1"
case "$(cut -d ' ' -f 2 "$CACHE/accel")" in
kvm) echo "-accel kvm -cpu host" ;;
*) echo "-accel tcg -cpu max" ;;
esac
