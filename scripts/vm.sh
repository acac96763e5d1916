#!/bin/bash
# Boots a kernel in QEMU with a reserved memory range and runs a script in it.
#   scripts/vm.sh [OPTION...] KERNEL-IMAGE GUEST-SCRIPT
#
#   --file SOURCE[:TARGET]  a file or folder for the guest (default target: /mirror/NAME)
#   --name NAME             the log is build/logs/NAME.log (kernel), NAME.out (script)
#   --memmap ARGUMENT       the reservation (default 256M$4G); several: 256M$4G,64M$8G
#   --no-memmap             no reservation
#   --append TEXT           more for the kernel's command line
#   --qemu TEXT             more for QEMU's, in place of -M q35 -m 3G (arm64: -M virt
#                           -m 2G; i386: -M q35 -m 2G)
#   --arch ARCH             x86_64 (default), i386 or arm64. An i386 guest's reservation is
#                           256M$1G; an arm64 guest has none: its device tree says
#   --dts FILE              an overlay for the device tree of an arm64 guest, as source
#   --dtb FILE              a device tree in place of the machine's own
#   --smp N                 CPUs (default 2)
#   --drive FILE            a raw image as the disk /dev/nvme0n1; FILE,snapshot=on
#                           keeps nothing of what the guest writes
#   --until TEXT            the guest is to end in the middle of its script, whose
#                           last line is TEXT then; there is no success line
#   --time SECONDS          the time limit (default 300)
#   --env NAME=VALUE        a variable for the guest script
#   --expect-warning REGEX N  boot without panic_on_warn; the log must hold exactly
#                           N WARNINGs, all of them matching, and nothing else bad
#   --root FILE             an initramfs with more than busybox, which ours is laid over
#   --interactive           the guest's console is this terminal
#   --socket FILE           a second line of an interactive guest
#   --show                  print what the script prints while it runs
#
# It fails unless the script succeeded and the kernel's log is clean (exit status
# 2: the log is clean, only the script failed). KVM is used where it works.
# MACHINE, MEMMAP and SMP in the environment change the defaults.

. "$(dirname "$0")/lib.sh"

MACHINE=${MACHINE:-}
MEMMAP=${MEMMAP:-}
SMP=${SMP:-2}
NAME=guest APPEND="" TIME=300 INTERACTIVE="" SHOW="" EXPECT="" EXPECT_COUNT=0
FILES=() ENVIRONMENT=() DISK=() UNTIL="" BASE="" SOCKET=""
GUEST_ARCH=x86_64 DTS="" DTB=""
PANIC="panic_on_warn=1" RESERVE=yes

parse_options() {
	while [ $# -gt 0 ]; do
		case "$1" in
		--file) FILES+=("$2") && shift ;;
		--name) NAME=$2 && shift ;;
		--memmap) MEMMAP=$2 && shift ;;
		--no-memmap) RESERVE="" ;;
		--append) APPEND=$2 && shift ;;
		--qemu) MACHINE=$2 && shift ;;
		--arch) GUEST_ARCH=$2 && shift ;;
		--dts) DTS=$2 && shift ;;
		--dtb) DTB=$2 && shift ;;
		--smp) SMP=$2 && shift ;;
		--drive) DISK=(-drive "file=$2,format=raw,if=none,id=disk" -device "nvme,drive=disk,serial=1") && shift ;;
		--until) UNTIL=$2 && shift ;;
		--time) TIME=$2 && shift ;;
		--env) ENVIRONMENT+=("$2") && shift ;;
		--expect-warning) EXPECT=$2 EXPECT_COUNT=$3 PANIC="" && shift 2 ;;
		--root) BASE=$2 && shift ;;
		--socket) SOCKET=$2 && shift ;;
		--interactive) INTERACTIVE=yes ;;
		--show) SHOW=yes ;;
		-*) die "vm.sh: unknown option $1" ;;
		*) break ;;
		esac
		shift
	done
	[ $# = 2 ] || die "usage: vm.sh [OPTION...] KERNEL-IMAGE GUEST-SCRIPT"
	IMAGE=$1 SCRIPT=$2
	check_arch "$GUEST_ARCH"
	[ -z "$DTS$DTB" ] || [ "$GUEST_ARCH" = arm64 ] ||
		die "vm.sh: only arm64 guests have a device tree"
}

# What differs between the architectures. The second serial line, the one for the
# script, is a PCI card on arm64, whose machine has just one.
# shellcheck disable=SC2016 # the dollar sign is memmap's own
choose_machine() {
	QEMU_ARCH=x86_64 CONSOLE=ttyS0,115200 OUTPUT=/dev/ttyS1 BUSYBOX=$(command -v busybox || echo /bin/busybox)
	CARD=(-serial "file:$OUT")
	# On a busy machine the emulated timer may come too late for the kernel's test
	# of it, which then panics.
	BOOT=no_timer_check
	case "$GUEST_ARCH" in
	x86_64) MACHINE=${MACHINE:--M q35 -m 3G} MEMMAP=${MEMMAP:-'256M$4G'} ;;
	i386) MACHINE=${MACHINE:--M q35 -m 2G} MEMMAP=${MEMMAP:-'256M$1G'} ;;
	arm64)
		MACHINE=${MACHINE:--M virt -m 2G}
		[ -z "$MEMMAP" ] || die "vm.sh: on arm64 the device tree reserves: --dts"
		QEMU_ARCH=aarch64 CONSOLE=ttyAMA0 OUTPUT=/dev/ttyS0 BOOT=""
		CARD=(-chardev "file,id=card,path=$OUT" -device "pci-serial,chardev=card")
		;;
	esac
	[ "$GUEST_ARCH" = x86_64 ] ||
		BUSYBOX=$("$ROOT/scripts/fetch.sh" userland "$GUEST_ARCH")/bin/busybox
}

choose_accel() {
	case "$GUEST_ARCH $MACHINE" in
	# KVM cannot count instructions.
	*-icount*) echo "-accel tcg -cpu max" ;;
	# The architected way to sign pointers takes TCG half of its time.
	arm64*) echo "-accel tcg -cpu max,pauth-impdef=on" ;;
	*) "$ROOT/scripts/accel.sh" "$IMAGE" ;;
	esac
}

# Sets DTB where an overlay was given. QEMU fills in memory, CPUs and the command line.
make_dtb() {
	[ -n "$DTS" ] || return 0
	local own=$WORK/machine.dtb
	# shellcheck disable=SC2086 # these are lists of options
	"qemu-system-$QEMU_ARCH" $MACHINE $1 -smp "$SMP" -display none -nodefaults \
		-machine "dumpdtb=$own" </dev/null >"$WORK/qemu.out" 2>&1 ||
		die "vm.sh: QEMU gives no device tree: $(cat "$WORK/qemu.out")"
	dtc -q -@ -I dts -O dtb -o "$WORK/overlay.dtbo" "$DTS" ||
		die "vm.sh: $DTS is no device tree source"
	DTB=$WORK/guest.dtb
	fdtoverlay -i "$own" -o "$DTB" "$WORK/overlay.dtbo" ||
		die "vm.sh: $DTS does not fit the machine's device tree"
}

add_files() {
	local file source target
	for file in "${FILES[@]}"; do
		source=${file%%:*}
		target=/mirror/$(basename "$source")
		case "$file" in *:*) target=${file#*:} ;; esac
		mkdir -p "$STAGE$(dirname "$target")"
		cp -rL "$source" "$STAGE$target"
		case "$target" in /mirror/bin/*) add_libraries "$source" ;; esac
	done
}

# The shared libraries of a program, in the places where it looks for them.
add_libraries() {
	local library
	[ "$GUEST_ARCH" = x86_64 ] || return 0
	while read -r library; do
		mkdir -p "$STAGE$(dirname "$library")"
		cp -L "$library" "$STAGE$library"
	done < <(ldd "$1" 2>/dev/null | grep -oE '(^|[[:space:]])/[^[:space:]]+' | tr -d '[:blank:]')
}

make_initramfs() {
	local bin=bin
	STAGE=$WORK/root
	# A folder would take the place of the link that /bin is in Debian.
	[ -z "$BASE" ] || bin=usr/bin
	mkdir -p "$STAGE/$bin" "$STAGE/mirror/bin" "$STAGE/dev"
	cp "$BUSYBOX" "$STAGE/$bin/busybox"
	cp "$ROOT/tools/selftests/init" "$STAGE/init"
	cp "$SCRIPT" "$STAGE/guest.sh"
	add_files
	{
		echo "GUEST_INTERACTIVE=$INTERACTIVE"
		echo "GUEST_OUTPUT=$OUTPUT"
		for variable in "${ENVIRONMENT[@]}"; do
			printf 'export %s=%q\n' "${variable%%=*}" "${variable#*=}"
		done
	} >"$STAGE/guest.env"
	{
		[ -z "$BASE" ] || cat "$BASE"
		(cd "$STAGE" && find . | cpio --quiet -o -H newc -R 0:0)
	} >"$WORK/initramfs"
}

command_line() {
	local level=7
	[ -z "$INTERACTIVE" ] || level=4
	[ -n "$RESERVE" ] || MEMMAP=""
	echo "console=$CONSOLE loglevel=$level printk.devkmsg=on${MEMMAP:+ memmap=$MEMMAP} $BOOT $PANIC oops=panic panic=-1 $APPEND"
}

qemu_command() {
	local serial=(-serial "file:$LOG" "${CARD[@]}")
	[ -z "$INTERACTIVE" ] || serial=(-serial mon:stdio
		${SOCKET:+-serial "unix:$SOCKET,server=on,wait=off"})
	# shellcheck disable=SC2206 # these are lists of options
	QEMU=("qemu-system-$QEMU_ARCH" $MACHINE $1 -smp "$SMP" -no-reboot -display none
		-nodefaults "${serial[@]}" "${DISK[@]}" -kernel "$IMAGE" -initrd "$WORK/initramfs"
		${DTB:+-dtb "$DTB"} -append "$(command_line)")
}

# Prints the script's output as it comes, until the guest is gone.
follow() {
	[ -n "$SHOW" ] || return 0
	tail -q -s 0.2 -n +1 --pid="$1" -f "$OUT" &
	wait $! || true
}

# Nobody must take what an earlier guest of this name has said for this one's.
empty_logs() {
	: >"$LOG"
	: >"$OUT"
}

# Two guests of one name would write each other's logs.
lock_name() {
	exec 8>"$BUILD/logs/$NAME.lock"
	flock -n 8 && return 0
	say "waiting for another guest of the name $NAME"
	flock 8
}

boot() {
	local status=0 pid
	PROBLEMS=0
	empty_logs
	timeout -k 5 "$TIME" "${QEMU[@]}" </dev/null >"$WORK/qemu.out" 2>&1 8>&- &
	pid=$!
	GUEST_PID=$pid
	follow "$pid"
	wait "$pid" || status=$?
	GUEST_PID=""
	tr -d '\r' <"$LOG" >"$WORK/log" && mv "$WORK/log" "$LOG"
	case "$status" in
	0) ;;
	124 | 137) problem "the guest did not end within $TIME s" ;;
	*) problem "QEMU: exit status $status: $(tail -n 3 "$WORK/qemu.out")" ;;
	esac
}

# QEMU before 8.1 may run a stale int3 of the kernel's text patching when it
# translates for two CPUs at once. A kernel that dies of that says nothing about
# us, so the guest is booted again. Only a first complaint of that kind counts.
translator_failed() {
	[[ "${QEMU[*]}" == *"-accel tcg"* ]] &&
		[[ "$(grep -m 1 -E "$BAD_LOG|int3: 0000" "$LOG")" == *"int3: 0000"* ]]
}

boot_soundly() {
	local attempt
	for attempt in 1 2 3; do
		boot
		translator_failed || return 0
		warn "guest $NAME, boot $attempt: QEMU ran a stale int3 (fixed in QEMU 8.1)"
	done
}

# A guest without its script would go on until its time is over.
GUEST_PID=""
leave() {
	[ -z "$GUEST_PID" ] || kill "$GUEST_PID" 2>/dev/null || true
	rm -rf "$WORK"
}

PROBLEMS=0
problem() {
	PROBLEMS=$((PROBLEMS + 1))
	printf 'guest %s: %s\n' "$NAME" "$*" >&2
}

check_expected() {
	local all matching
	all=$(grep -c 'WARNING:' "$LOG" || true)
	matching=$(grep 'WARNING:' "$LOG" | grep -cE "$EXPECT" || true)
	[ "$all" = "$EXPECT_COUNT" ] && [ "$matching" = "$EXPECT_COUNT" ] && return 0
	problem "$matching of $all warnings match '$EXPECT'; exactly $EXPECT_COUNT wanted"
	grep -n 'WARNING:' "$LOG" >&2 || true
}

check_log() {
	local bad=$BAD_LOG found
	if [ -n "$EXPECT" ]; then
		bad=${BAD_LOG/|WARNING:/}
		check_expected
	fi
	found=$(grep -nE "$bad" "$LOG" | head -n 10 || true)
	[ -z "$found" ] || problem "the kernel's log ($LOG) shows:"$'\n'"$found"
	if [ -n "$UNTIL" ]; then
		[ "$(tail -n 1 "$OUT" | tr -d '\r')" = "$UNTIL" ] && return 0
	elif grep -qx 'mirror_mm-guest: success' "$OUT"; then
		return 0
	fi
	# The script ended, only not well: the guest itself is not to blame.
	if grep -q '^mirror_mm-guest: exit status' "$OUT" && [ "$PROBLEMS" = 0 ]; then
		printf 'guest %s: the script failed, %s\n' "$NAME" "$(tail -n 1 "$OUT")" >&2
		exit 2
	fi
	problem "no ${UNTIL:-success} line at the end; the script's output ended with:"
	tail -n 5 "$OUT" >&2
	# Without a single line of the script the reason is in the kernel's log.
	[ -s "$OUT" ] || tail -n 15 "$LOG" >&2
}

main() {
	local accel
	parse_options "$@"
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-vm.XXXXXX")
	trap leave EXIT
	trap 'exit 143' INT TERM
	mkdir -p "$BUILD/logs"
	LOG=$BUILD/logs/$NAME.log OUT=$BUILD/logs/$NAME.out
	[ -n "$INTERACTIVE" ] || lock_name
	empty_logs
	choose_machine
	make_initramfs
	accel=$(choose_accel)
	make_dtb "$accel"
	qemu_command "$accel"
	if [ -n "$INTERACTIVE" ]; then
		# One thread is slower, and a session cannot be begun again (see above).
		"${QEMU[@]/#tcg/tcg,thread=single}"
		return
	fi
	boot_soundly
	check_log
	[ "$PROBLEMS" = 0 ]
}

main "$@"
