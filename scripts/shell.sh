#!/bin/bash
# `make shell`: a prompt in a guest with the module loaded and mirrorctl in PATH.
#   scripts/shell.sh [KERNEL]
# FILES="a.out script.py" puts files and folders into the guest's /root; what a
# program links with comes along. GUEST=debian gives a guest with Python, gdb,
# trace-cmd, bpftool and tmux, where the guest is busybox alone otherwise.
# MACHINE="-M q35 -m 8G" gives it more memory than 3 GiB.
# Where stdin is no terminal, it is a script: the guest runs it and powers off.
#   echo 'mirrorctl info' | make shell

. "$(dirname "$0")/lib.sh"
# The kernel tree that someone gave for `make modules` is not meant here.
unset KDIR

SERIES=${1:-6.12}
GUEST=${GUEST:-busybox}
SOCKET=$BUILD/logs/shell-$SERIES.socket

# Whoever gave a wrong name hears of it before anything is built.
check_files() {
	local file
	case "$GUEST" in
	busybox | debian) ;;
	*) die "GUEST=$GUEST is not known; give one of: busybox debian" ;;
	esac
	for file in ${FILES:-}; do
		[ -e "$file" ] || die "FILES=$file: there is no such file (paths are relative to $PWD)"
		[ -r "$file" ] || die "FILES=$file cannot be read"
	done
}

# The shared libraries of a program, in the places where it looks for them. Debian's
# guest has libraries of its own.
add_libraries() {
	local library
	[ "$GUEST" = busybox ] || return 0
	while read -r library; do
		case " ${options[*]} " in *" $library:$library "*) continue ;; esac
		options+=(--file "$library:$library")
	done < <(ldd "$1" 2>/dev/null | grep -oE '(^|[[:space:]])/[^[:space:]]+' | tr -d '[:blank:]')
}

add_file() {
	local file=$1
	options+=(--file "$file:/root/$(basename "$file")")
	if head -c 4 "$file" 2>/dev/null | grep -q ELF; then
		add_libraries "$file"
	elif [ "$GUEST" = busybox ] && head -n 1 "$file" 2>/dev/null | grep -aqE '^#!.*(python|perl|bash)'; then
		warn "$file is for $(head -n 1 "$file" | sed 's/.*[/ ]//'), which is not in this guest; try GUEST=debian"
	fi
}

main() {
	local kernel module mirrorctl file rows columns commands options=()
	check_series "$SERIES"
	check_files
	"$ROOT/scripts/setup.sh" run
	kernel=$("$ROOT/scripts/fetch.sh" kernel "$SERIES")
	module=$("$ROOT/scripts/build.sh" module "$SERIES")
	mirrorctl=$("$ROOT/scripts/build.sh" static)
	options=(--name "shell-$SERIES" --file "$module/mirror_mm.ko"
		--file "$mirrorctl:/mirror/bin/mirrorctl")
	[ "$GUEST" = busybox ] || options+=(--root "$("$ROOT/scripts/fetch.sh" guest)")
	for file in ${FILES:-}; do
		add_file "$file"
	done
	say "booting $(cat "$kernel/release")"
	if [ -t 0 ]; then
		read -r rows columns < <(stty size || echo 24 80)
		say "a second prompt, from another terminal: socat -,rawer,escape=0x1d UNIX:${SOCKET#"$PWD"/} (Ctrl-] leaves it)"
		exec "$ROOT/scripts/vm.sh" "${options[@]}" --interactive --socket "$SOCKET" \
			--env "ROWS=$rows" --env "COLUMNS=$columns" \
			"$kernel/vmlinuz" "$ROOT/scripts/guest-shell.sh"
	fi
	commands=$(mktemp)
	# shellcheck disable=SC2064 # the name of now
	trap "rm -f '$commands'" EXIT
	cat >"$commands"
	"$ROOT/scripts/vm.sh" "${options[@]}" --show --time "${TIME:-3600}" \
		--file "$commands:/mirror/commands" "$kernel/vmlinuz" "$ROOT/scripts/guest-shell.sh"
}

main
