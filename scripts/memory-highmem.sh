#!/bin/bash
# Pages without an address: the usual selftests, and those about mapping, on mirrors
# with a HIGHMEM zone.
#   scripts/memory-highmem.sh [6.12|6.1|i386]...
# i386 is a 32-bit kernel, which has real highmem: it could not map the range as a
# whole. Debian's newest for it is 6.1. Without arguments the others are meant.
# ONLY=NAME... runs some of the tests. Prints KTAP, a document for each guest and one
# about it.

. "$(dirname "$0")/lib.sh"
unset KDIR

# So few windows that users of pages have to wait for each other.
HIGH="zones=NORMAL:32M,HIGHMEM kmap_slots=5"
MIXED="zones=DMA:16M,NORMAL:48M,HIGHMEM:64M,MOVABLE kmap_slots=5"
FEW=${ONLY:-api-run device-content device-memtype load-highmem}
MANY=${ONLY:-$FEW device-map device-race submit-fault stress}

# guest NAME IMAGE FOLDER TESTS REGION OPTION...: boots one with the module built
# in FOLDER and runs the tests.
guest() {
	local name=highmem-$1 image=$2 folder=$3 tests=$4 region=$5 status=0 file files=()
	shift 5
	for file in "$folder"/mirror_mm.ko "$folder"/tools/selftests/modules/*.ko; do
		files+=(--file "$file")
	done
	say "guest $name: $(wc -w <<<"$tests") test programs"
	"$ROOT/scripts/vm.sh" --name "$name" --time 600 "${files[@]}" \
		--file "$PROGRAMS:/mirror/tests" --env "TESTS=$tests" \
		--env "MIRROR_MM_SEED=${MIRROR_MM_SEED:-}" \
		--env "MIRROR_MM_REGION=$region" "$@" \
		"$image" "$ROOT/scripts/guest-selftests.sh" || status=$?
	guest_result "$name" "$status"
}

x86_64() {
	local series=$1 image folder
	image=$("$ROOT/scripts/fetch.sh" kernel "$series")/vmlinuz
	folder=$("$ROOT/scripts/build.sh" modules "$series")
	PROGRAMS=$("$ROOT/scripts/build.sh" selftests)
	if [ "$series" = 6.1 ]; then
		guest "$series" "$image" "$folder" "$FEW" "256M@4G $HIGH"
	else
		guest "$series" "$image" "$folder" "$MANY" "256M@4G $HIGH"
		guest "$series-mixed" "$image" "$folder" "$FEW" "256M@4G $MIXED"
	fi
}

# The kernel has little more than 100 MiB of addresses for all mappings.
i386() {
	local image folder
	image=$("$ROOT/scripts/fetch.sh" kernel 6.1 i386)/vmlinuz
	folder=$(ARCH=i386 "$ROOT/scripts/build.sh" modules 6.1)
	PROGRAMS=$(ARCH=i386 "$ROOT/scripts/build.sh" selftests)
	guest i386 "$image" "$folder" "$MANY" "256M@1G $HIGH" --arch i386
}

FAILED=""
[ $# -gt 0 ] || set -- 6.12 6.1
for kind; do
	case "$kind" in
	i386) i386 ;;
	*) x86_64 "$kind" ;;
	esac
done
[ -z "$FAILED" ]
