#!/bin/bash
# `make run`: from nothing to the module at work in a guest.
#   scripts/run.sh [6.12|6.1]

. "$(dirname "$0")/lib.sh"
# The kernel tree that someone gave for `make modules` is not meant here.
unset KDIR

series=${1:-6.12}
check_series "$series"
start=$SECONDS
cd "$ROOT/scripts"

./setup.sh run
kernel=$(./fetch.sh kernel "$series")
module=$(./build.sh module "$series")
mirrorctl=$(./build.sh static)

say "booting $(cat "$kernel/release") in QEMU with 256 MiB reserved at 4 GiB"
./vm.sh --name "run-$series" --show --time 120 \
	--file "$module/mirror_mm.ko" --file "$mirrorctl:/mirror/bin/mirrorctl" \
	"$kernel/vmlinuz" guest-run.sh ||
	die "the run failed; the guest's kernel log is build/logs/run-$series.log"

cat <<END

It worked, in $((SECONDS - start)) s. Where to go next:
  make shell       a prompt in this guest, with the module loaded
  make test        all tests
  make docs        the documentation as HTML; its source is Documentation/
  make help        all commands
The guest's kernel log is build/logs/run-$series.log.
END
