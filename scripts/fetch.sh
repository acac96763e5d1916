#!/bin/bash
# Keeps stock Debian kernels and the kernel source in the cache, and prints
# where they are. Nothing is installed: packages are downloaded and unpacked,
# because an installed kernel would become the next one that this machine boots.
#   scripts/fetch.sh kernel 6.12|6.1 [ARCH]  folder with vmlinuz, config, headers/, release
#   scripts/fetch.sh kernel 6.12 full  the same of the flavour for all machines, which
#                                      has drivers (gpu_buddy among them) built in
#   scripts/fetch.sh userland ARCH     folder with bin/busybox, and json-c to link with
#   scripts/fetch.sh source            unpacked linux-source-6.12
#   scripts/fetch.sh update            forget what is cached; the next use takes the newest
# ARCH is x86_64 (default), arm64 or i386. What is in the cache is used without
# touching the network. Packages of another architecture come through package lists of
# our own in the cache: this machine's apt-get and dpkg do not learn of any.

. "$(dirname "$0")/lib.sh"

# Why the package lists are not of today; for the message where that matters.
APT_UPDATED=
APT_STALE=

# What apt-get complained of first, on one line.
apt_reason() {
	local reason
	reason=$(grep -m 1 '^[EW]: ' "$1" || tail -n 1 "$1")
	tr -s ' ' <<<"${reason#[EW]: }"
}

# update_lists LOG COMMAND...: apt-get succeeds, too, where it used old lists.
update_lists() {
	local log=$1
	shift
	"$@" </dev/null >"$log" 2>&1 && ! grep -q '^[EW]: Failed' "$log" && return 0
	APT_STALE="the package lists could not be updated ($(apt_reason "$log")); check the network and what apt is told of proxies"
}

apt_update_once() {
	[ -z "$APT_UPDATED" ] || return 0
	APT_UPDATED=yes
	if [ "$(id -u)" != 0 ]; then
		APT_STALE="only root can update the package lists"
		return 0
	fi
	say "updating the package lists"
	mkdir -p "$BUILD/logs"
	with_lock apt update_lists "$BUILD/logs/apt-update.log" apt-get -q update
}

# The meta package of series $1 for architecture $2. The cloud flavours are the
# smallest; there is none for i386. "full" is x86_64's other flavour.
image_meta() {
	local flavour series=""
	case "$2" in
	x86_64) flavour=cloud-amd64 ;;
	full) flavour=amd64 ;;
	arm64) flavour=cloud-arm64 ;;
	i386) flavour=686-pae ;;
	esac
	[ "$1" = 6.1 ] || series=$1-
	echo "linux-image-$series$flavour"
}

# The places that this machine takes Debian from, as lines of a sources.list.
debian_sources() {
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg option=""
	[ ! -e "$keys" ] || option="[signed-by=$keys] "
	apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
		--format "deb $option\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" | sort -u
}

# Package lists of $1 (Debian's name) and of this machine's architecture, whose
# programs the header packages need.
make_lists() {
	local folder=$CACHE/apt/$1
	mkdir -p "$folder/lists/partial" "$folder/archives/partial"
	touch "$folder/status"
	debian_sources >"$folder/sources.list"
	[ -s "$folder/sources.list" ] || die "apt-get knows no source of Debian's packages"
	cat >"$folder/apt.conf" <<-END
		Dir::State "$folder";
		Dir::State::status "$folder/status";
		Dir::State::lists "$folder/lists";
		Dir::Cache "$folder";
		Dir::Etc::sourcelist "$folder/sources.list";
		Dir::Etc::sourceparts "-";
		APT::Architecture "$1";
		APT::Architectures { "$1"; "$(dpkg --print-architecture)"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	END
}

# From here on apt-get and apt-cache of this script speak of another architecture.
use_lists() {
	apt_update_once
	say "updating the package lists for $1"
	make_lists "$1"
	export APT_CONFIG=$CACHE/apt/$1/apt.conf
	update_lists "$CACHE/apt/$1/log" apt-get -q update
}

# The first dependency of package $1 that matches $2, without the version.
# --important leaves out recommendations.
depends_on() {
	apt-cache depends --important "$1" 2>/dev/null | sed -n 's/^ *|\?Depends: //p' | grep -m1 -E "$2"
}

# download PACKAGE FOLDER: gets one package and unpacks it there.
download() {
	local work=$2.debs
	mkdir -p "$work" "$2"
	say "downloading $1"
	(cd "$work" && apt-get -q -o APT::Sandbox::User=root download "$1") >"$work/log" 2>&1 ||
		die "cannot download the package $1: ${APT_STALE:-$(apt_reason "$work/log")}"
	dpkg-deb -x "$work"/*.deb "$2" ||
		die "cannot unpack the package $1 in $2; is there room?"
	rm -rf "$work"
}

# dependency PACKAGE REGEX: depends_on(), where there has to be one.
dependency() {
	depends_on "$@" || die "the package $1 names none that begins with $2; $(no_package_hint)"
}

no_package_hint() {
	echo "${APT_STALE:-apt knows the sources in /etc/apt and theirs may be in the middle of a change: try again later}"
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

# fetch_kernel SERIES ARCH NAME: the folder is called NAME.
fetch_kernel() {
	local series=$1 arch=$2 final=$CACHE/kernel/$3 new image release headers common kbuild
	[ -e "$final/release" ] && return 0
	if [ "$arch" = x86_64 ] || [ "$arch" = full ]; then
		apt_update_once
	else
		use_lists "$arch"
	fi
	image=$(depends_on "$(image_meta "$series" "$arch")" '^linux-image-[0-9]') ||
		die "apt knows no package $(image_meta "$series" "$arch"); $(no_package_hint)"
	release=${image#linux-image-}
	headers=linux-headers-$release
	new=$CACHE/kernel/.new-$3
	rm -rf "$new" "$new.image" "$new".*debs
	download "$image" "$new.image"
	download "$headers" "$new"
	common=$(dependency "$headers" '^linux-headers-.*-common')
	kbuild=$(dependency "$headers" '^linux-kbuild-')
	download "$common" "$new"
	[ "$arch" = x86_64 ] || [ "$arch" = full ] || kbuild=${kbuild%:*}:$(dpkg --print-architecture)
	download "$kbuild" "$new"
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

# What a guest of another architecture runs, and what its programs link with.
fetch_userland() {
	local final=$CACHE/userland/$1 new=$CACHE/userland/.new-$1
	[ -e "$final/bin/busybox" ] && return 0
	use_lists "$1"
	rm -rf "$new" "$new.debs"
	download busybox-static "$new"
	download libjson-c-dev "$new"
	rm -rf "$final"
	mv "$new" "$final"
}

# needed FILE NAME COMMAND...: what is there needs no lock, and no right to write.
needed() {
	local file=$1
	shift
	[ -e "$file" ] || with_lock "$@"
}

kernel() {
	local name=$1
	check_series "$1"
	[ "$2" = full ] || check_arch "$2"
	[ "$2" = x86_64 ] || name=$1-$2
	needed "$CACHE/kernel/$name/release" "kernel-$name" fetch_kernel "$1" "$2" "$name"
	record_version "kernel-$name" "$(cat "$CACHE/kernel/$name/release") (Debian $(cat "$CACHE/kernel/$name/package"))"
	echo "$CACHE/kernel/$name"
}

userland() {
	check_arch "$1"
	[ "$1" != x86_64 ] || die "fetch.sh userland is for other architectures than this machine's"
	needed "$CACHE/userland/$1/bin/busybox" "userland-$1" fetch_userland "$1"
	echo "$CACHE/userland/$1"
}

source_tree() {
	needed "$CACHE/source/$SOURCE_SERIES/.debian-version" source fetch_source
	record_version source "linux-source-$SOURCE_SERIES (Debian $(cat "$CACHE/source/$SOURCE_SERIES/.debian-version"))"
	echo "$CACHE/source/$SOURCE_SERIES"
}

case "${1:-}" in
kernel) kernel "${2:-6.12}" "${3:-x86_64}" ;;
userland) userland "${2:-}" ;;
source) source_tree ;;
update) rm -rf "${CACHE:?}/kernel" "$CACHE/source" "$CACHE/kunit" "$CACHE/apt" "$CACHE/userland" ;;
*) die "usage: fetch.sh kernel 6.12|6.1 [ARCH|full], fetch.sh userland ARCH, fetch.sh source, fetch.sh update" ;;
esac
