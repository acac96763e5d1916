#!/bin/bash
# `make shell`: a prompt in a guest with the module loaded and mirrorctl in PATH.
#   scripts/shell.sh [6.12|6.1]
# Where stdin is no terminal, it is a script: the guest runs it and powers off.
#   echo 'mirrorctl info' | make shell

. "$(dirname "$0")/lib.sh"
# The kernel tree that someone gave for `make modules` is not meant here.
unset KDIR

series=${1:-6.12}
check_series "$series"
cd "$ROOT/scripts"

./setup.sh run
kernel=$(./fetch.sh kernel "$series")
module=$(./build.sh module "$series")
mirrorctl=$(./build.sh static)
options=(--name "shell-$series" --file "$module/mirror_mm.ko"
	--file "$mirrorctl:/mirror/bin/mirrorctl")

say "booting $(cat "$kernel/release")"
if [ -t 0 ]; then
	read -r rows columns < <(stty size || echo 24 80)
	exec ./vm.sh "${options[@]}" --interactive --env "ROWS=$rows" \
		--env "COLUMNS=$columns" "$kernel/vmlinuz" guest-shell.sh
fi
commands=$(mktemp)
trap 'rm -f "$commands"' EXIT
cat >"$commands"
./vm.sh "${options[@]}" --show --time "${TIME:-3600}" --file "$commands:/mirror/commands" \
	"$kernel/vmlinuz" guest-shell.sh
