#!/bin/bash
# Boots a kernel in QEMU with a reserved memory range and runs a script in it.
#   scripts/vm.sh [OPTION...] KERNEL-IMAGE GUEST-SCRIPT
#
#   --file SOURCE[:TARGET]  a file or folder for the guest (default target: /mirror/NAME)
#   --name NAME             the log is build/logs/NAME.log (kernel), NAME.out (script)
#   --memmap ARGUMENT       the reservation (default 256M$4G); several: 256M$4G,64M$8G
#   --append TEXT           more for the kernel's command line
#   --qemu TEXT             more for QEMU's, in place of -M q35 -m 3G
#   --smp N                 CPUs (default 2)
#   --time SECONDS          the time limit (default 300)
#   --env NAME=VALUE        a variable for the guest script
#   --expect-warning REGEX N  boot without panic_on_warn; the log must hold exactly
#                           N WARNINGs, all of them matching, and nothing else bad
#   --interactive           the guest's console is this terminal
#   --show                  print what the script prints while it runs
#
# It fails unless the script succeeded and the kernel's log is clean (exit status
# 2: the log is clean, only the script failed). KVM is used where it works.
# MACHINE, MEMMAP and SMP in the environment change the defaults.

. "$(dirname "$0")/lib.sh"

MACHINE=${MACHINE:--M q35 -m 3G}
# shellcheck disable=SC2016 # the dollar sign is memmap's own
MEMMAP=${MEMMAP:-'256M$4G'}
SMP=${SMP:-2}
NAME=guest APPEND="" TIME=300 INTERACTIVE="" SHOW="" EXPECT="" EXPECT_COUNT=0
FILES=() ENVIRONMENT=()
PANIC="panic_on_warn=1"

parse_options() {
	while [ $# -gt 0 ]; do
		case "$1" in
		--file) FILES+=("$2") && shift ;;
		--name) NAME=$2 && shift ;;
		--memmap) MEMMAP=$2 && shift ;;
		--append) APPEND=$2 && shift ;;
		--qemu) MACHINE=$2 && shift ;;
		--smp) SMP=$2 && shift ;;
		--time) TIME=$2 && shift ;;
		--env) ENVIRONMENT+=("$2") && shift ;;
		--expect-warning) EXPECT=$2 EXPECT_COUNT=$3 PANIC="" && shift 2 ;;
		--interactive) INTERACTIVE=yes ;;
		--show) SHOW=yes ;;
		-*) die "vm.sh: unknown option $1" ;;
		*) break ;;
		esac
		shift
	done
	[ $# = 2 ] || die "usage: vm.sh [OPTION...] KERNEL-IMAGE GUEST-SCRIPT"
	IMAGE=$1 SCRIPT=$2
}

add_files() {
	local file source target
	for file in "${FILES[@]}"; do
		source=${file%%:*}
		target=/mirror/$(basename "$source")
		case "$file" in *:*) target=${file#*:} ;; esac
		mkdir -p "$STAGE$(dirname "$target")"
		cp -rL "$source" "$STAGE$target"
	done
}

make_initramfs() {
	STAGE=$WORK/root
	mkdir -p "$STAGE/bin" "$STAGE/mirror/bin" "$STAGE/dev"
	cp /bin/busybox "$STAGE/bin/busybox"
	cp "$ROOT/tools/selftests/init" "$STAGE/init"
	cp "$SCRIPT" "$STAGE/guest.sh"
	add_files
	{
		echo "GUEST_INTERACTIVE=$INTERACTIVE"
		for variable in "${ENVIRONMENT[@]}"; do
			printf 'export %s=%q\n' "${variable%%=*}" "${variable#*=}"
		done
	} >"$STAGE/guest.env"
	(cd "$STAGE" && find . | cpio --quiet -o -H newc -R 0:0) >"$WORK/initramfs"
}

command_line() {
	local level=7
	[ -z "$INTERACTIVE" ] || level=4
	echo "console=ttyS0,115200 loglevel=$level printk.devkmsg=on memmap=$MEMMAP $PANIC oops=panic panic=-1 $APPEND"
}

qemu_command() {
	local serial=(-serial "file:$LOG" -serial "file:$OUT")
	[ -z "$INTERACTIVE" ] || serial=(-serial mon:stdio)
	# shellcheck disable=SC2206 # these are lists of options
	QEMU=(qemu-system-x86_64 $MACHINE $1 -smp "$SMP" -no-reboot -display none
		-nodefaults "${serial[@]}" -kernel "$IMAGE" -initrd "$WORK/initramfs"
		-append "$(command_line)")
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

boot() {
	local status=0 pid
	PROBLEMS=0
	empty_logs
	timeout -k 5 "$TIME" "${QEMU[@]}" </dev/null >"$WORK/qemu.out" 2>&1 &
	pid=$!
	follow "$pid"
	wait "$pid" || status=$?
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
	grep -qx 'mirror_mm-guest: success' "$OUT" && return 0
	# The script ended, only not well: the guest itself is not to blame.
	if grep -q '^mirror_mm-guest: exit status' "$OUT" && [ "$PROBLEMS" = 0 ]; then
		printf 'guest %s: the script failed, %s\n' "$NAME" "$(tail -n 1 "$OUT")" >&2
		exit 2
	fi
	problem "no success line; the script's output ended with:"
	tail -n 5 "$OUT" >&2
	# Without a single line of the script the reason is in the kernel's log.
	[ -s "$OUT" ] || tail -n 15 "$LOG" >&2
}

main() {
	parse_options "$@"
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-vm.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	mkdir -p "$BUILD/logs"
	LOG=$BUILD/logs/$NAME.log OUT=$BUILD/logs/$NAME.out
	empty_logs
	make_initramfs
	case "$MACHINE" in
	# KVM cannot count instructions.
	*-icount*) qemu_command "-accel tcg -cpu max" ;;
	*) qemu_command "$("$ROOT/scripts/accel.sh" "$IMAGE")" ;;
	esac
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
