#!/bin/bash
# Keeps stock Debian kernels and the kernel source in the cache, and prints
# where they are. Nothing is installed: packages are downloaded and unpacked,
# because an installed kernel would become the next one that this machine boots.
#   scripts/fetch.sh kernel 6.12|6.1   folder with vmlinuz, config, headers/, release
#   scripts/fetch.sh source            unpacked linux-source-6.12
#   scripts/fetch.sh update            forget what is cached; the next use takes the newest
# What is in the cache is used without touching the network.

. "$(dirname "$0")/lib.sh"

APT_UPDATED=
apt_update_once() {
	[ -z "$APT_UPDATED" ] || return 0
	APT_UPDATED=yes
	[ "$(id -u)" = 0 ] || { warn "not root: package lists are not updated"; return 0; }
	say "updating the package lists"
	with_lock apt apt-get -q update </dev/null >/dev/null 2>&1 ||
		warn "apt-get update failed for some source; going on with the others"
}

image_meta() { [ "$1" = 6.1 ] && echo linux-image-cloud-amd64 || echo "linux-image-$1-cloud-amd64"; }

# The first dependency of package $1 that matches $2, without the version.
# --important leaves out recommendations.
depends_on() {
	apt-cache depends --important "$1" | sed -n 's/^ *|\?Depends: //p' | grep -m1 -E "$2"
}

# download PACKAGE FOLDER: gets one package and unpacks it there.
download() {
	local work=$2.debs
	mkdir -p "$work" "$2"
	say "downloading $1"
	(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$1" >/dev/null) ||
		die "cannot download $1"
	dpkg-deb -x "$work"/*.deb "$2"
	rm -rf "$work"
}

package_version() { apt-cache policy "$1" | sed -n 's/^ *Candidate: //p'; }

# The header packages expect to live below /. Three places name that root.
relocate_headers() {
	local unpacked=$1 final=$2 release=$3 tree=$1/usr/src/linux-headers-$3
	sed -i "s,/usr/src/linux-headers,$final/usr/src/linux-headers,; s,/usr/lib/linux,$final/usr/lib/linux," "$tree/Makefile"
	grep -q "$final" "$tree/Makefile" ||
		die "the headers of $release have a Makefile that is not understood"
	ln -s "usr/src/linux-headers-$release" "$unpacked/headers"
}

fetch_kernel() {
	local series=$1 final=$CACHE/kernel/$1 new image release headers
	[ -e "$final/release" ] && return 0
	apt_update_once
	image=$(depends_on "$(image_meta "$series")" '^linux-image-[0-9]') ||
		die "no package $(image_meta "$series") is known to apt-get"
	release=${image#linux-image-}
	headers=linux-headers-$release
	new=$CACHE/kernel/.new-$series
	rm -rf "$new" "$new.image" "$new".*debs
	download "$image" "$new.image"
	download "$headers" "$new"
	download "$(depends_on "$headers" '^linux-headers-.*-common')" "$new"
	download "$(depends_on "$headers" '^linux-kbuild-')" "$new"
	cp "$new.image/boot/vmlinuz-$release" "$new/vmlinuz"
	cp "$new.image/boot/config-$release" "$new/config"
	relocate_headers "$new" "$final" "$release"
	package_version "$image" >"$new/package"
	echo "$release" >"$new/release"
	rm -rf "$new.image" "$final"
	mv "$new" "$final"
}

fetch_source() {
	local final=$CACHE/source/$SOURCE_SERIES new=$CACHE/source/.new package=linux-source-$SOURCE_SERIES
	[ -e "$final/.debian-version" ] && return 0
	apt_update_once
	rm -rf "$new" "$new.debs" "$new.deb"
	download "$package" "$new.deb"
	say "unpacking $package"
	mkdir -p "$new"
	tar -xf "$new.deb/usr/src/$package.tar.xz" -C "$new" --strip-components=1
	package_version "$package" >"$new/.debian-version"
	rm -rf "$new.deb" "$final"
	mv "$new" "$final"
}

kernel() {
	check_series "$1"
	with_lock "kernel-$1" fetch_kernel "$1"
	record_version "kernel-$1" "$(cat "$CACHE/kernel/$1/release") (Debian $(cat "$CACHE/kernel/$1/package"))"
	echo "$CACHE/kernel/$1"
}

source_tree() {
	with_lock source fetch_source
	record_version source "linux-source-$SOURCE_SERIES (Debian $(cat "$CACHE/source/$SOURCE_SERIES/.debian-version"))"
	echo "$CACHE/source/$SOURCE_SERIES"
}

case "${1:-}" in
kernel) kernel "${2:-6.12}" ;;
source) source_tree ;;
update) rm -rf "${CACHE:?}/kernel" "$CACHE/source" "$CACHE/kunit" ;;
*) die "usage: fetch.sh kernel 6.12|6.1, fetch.sh source, fetch.sh update" ;;
esac
