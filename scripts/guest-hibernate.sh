#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# In the guests of memory-hibernate.sh, two of which share a disk: what BOOT=reserved
# and BOOT=cma leave there when they hibernate, BOOT=again and BOOT=resume read, and
# what goes on from there is the script of the first one. What it finds out is in
# lines of "fact NAME VALUE...".

mirror=/sys/kernel/debug/mirror_mm
disk=/dev/nvme0n1
rtc=/sys/class/rtc/rtc0/wakealarm

fact() { echo "fact $*"; }

die() {
	fact failed "$*"
	exit 1
}

load() { insmod "$MIRROR_MM_KO" "$LOAD" || die "insmod $LOAD"; }

# hold TAG [NODE]: 16 MiB with a content that no other tag has.
hold() {
	rm -f /tmp/ask /tmp/answer
	mkfifo /tmp/ask /tmp/answer
	/mirror/lib/hold 4 "$@" </tmp/ask >/tmp/answer 2>&1 &
	holder=$!
	exec 3>/tmp/ask 4</tmp/answer
	read -r answer <&4
	[ "$answer" = "holds 4 blocks" ] || die "$answer"
}

compare() {
	echo >&3
	read -r answer <&4
	fact content "$1" "$answer"
}

let_go() {
	exec 3>&- 4<&-
	wait "$holder" || die "the holder ended with $?"
}

check() { fact check "$1" "$(cat $mirror/check)"; }

# To RAM; the clock wakes the machine.
suspend_to_ram() {
	echo 0 >$rtc
	echo +10 >$rtc
	echo deep >/sys/power/mem_sleep
	if echo mem >/sys/power/state; then fact suspend slept; else fact suspend refused; fi
	compare suspend
	check suspend
}

# Nothing is written to the script's output on the way.
hibernate() {
	if echo disk >/sys/power/state 2>/tmp/why; then
		fact hibernate "$1" "went on"
	else
		fact hibernate "$1" "$(sed 's/.*: //' /tmp/why)"
	fi
}

# QEMU ends where a machine would boot again.
prepare() {
	mkswap $disk >/dev/null || die "no swap on $disk"
	swapon $disk || die "swapon"
	echo reboot >/sys/power/disk
}

# refused [NODE]
refused() {
	hold 0x1000 "$@"
	hibernate held
	compare held
	check held
	fact log held "$(dmesg | grep -o 'hibernation refused: .* are held here')"
}

reserved() {
	load
	prepare
	refused
	suspend_to_ram
	let_go
	cat $mirror/buddyinfo >/tmp/before
	echo "the image is made"
	hibernate free
	after
}

# The machine is another one by now.
after() {
	check restored
	if cmp -s $mirror/buddyinfo /tmp/before; then fact free same; else fact free other; fi
	hold 0x2000
	compare restored
	suspend_to_ram
	let_go
	rmmod mirror_mm || die "rmmod after the resume"
	load
	check again
	rmmod mirror_mm
}

# Node 0 is reserved memory, node 1 is the host's.
cma() {
	load
	prepare
	refused 0
	let_go
	hold 0x2000 1
	echo "the image is made"
	hibernate cma
	compare cma
	check cma
	let_go
	check free
	rmmod mirror_mm
}

resume() {
	cat "/sys/block/${disk#/dev/}/dev" >/sys/power/resume
	die "the image was not restored"
}

# Other content in the same memory, which nobody asks for any more.
again() {
	load
	hold 0x3000
	resume
}

"$BOOT"
