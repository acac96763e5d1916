#!/bin/bash
# What a new user does: a fresh Debian with git and make, a clean clone, and the
# README's commands. Prints TAP.
#   scripts/fresh-test.sh CODENAME [TARGET...]     TARGETs are make's: run test
# The root is unpacked for this and removed afterwards; the cache in it is empty.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/root.sh"

SUITE=${1:?usage: fresh-test.sh CODENAME [TARGET...]}
shift
[ $# -gt 0 ] || set -- run test
check_path "$SUITE" CODENAME
[ "$(id -u)" = 0 ] || die "only root can unpack a root of Debian"
FRESH=$(mktemp -d "${TMPDIR:-/tmp}/mirror_mm-fresh.XXXXXX")
trap 'rm -rf "$FRESH"' EXIT

unpack() {
	"$ROOT/scripts/fetch.sh" sources "$SUITE" | tee "$FRESH/sources"
	[ -s "$FRESH/sources" ] || return 1
	mmdebstrap --variant=minbase --include=git,make,ca-certificates \
		"$SUITE" "$FRESH/root" "$FRESH/sources" &&
		cp -L /etc/resolv.conf "$FRESH/root/etc/resolv.conf"
}

# What is not committed is not what a user gets.
clone() {
	git -C "$ROOT" bundle create "$FRESH/root/root/bundle" HEAD &&
		inside git clone -q bundle /root/mirror_mm
}

# inside COMMAND...: in the clone, with nothing of this machine's environment.
inside() {
	enter_root "$FRESH/root" -- env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		bash -c 'cd /root; cd mirror_mm 2>/dev/null; exec "$@"' - "$@"
}

# The demo's last words are in the guest's output, ours behind them.
run_works() {
	inside make run | tee "$FRESH/out"
	grep -q '^demo: all .* blocks verified, everything merged back' "$FRESH/out" &&
		grep -q '^It worked' "$FRESH/out"
}

# It ends as .ci/run does: a line that counts.
target_works() {
	inside make "$1" | tee "$FRESH/out"
	grep -qE '^[1-9][0-9]* passed, 0 failed$' <(tail -n 1 "$FRESH/out")
}

"$ROOT/scripts/setup.sh" newest
tap_start
tap_case "$SUITE: a fresh root" unpack
tap_case "$SUITE: a clean clone" clone
for target; do
	case "$target" in
	run) tap_case "$SUITE: make run" run_works ;;
	*) tap_case "$SUITE: make $target" target_works "$target" ;;
	esac
done
tap_end
