#!/bin/bash
# Keeps stock Debian kernels and the kernel source in the cache, and prints
# where they are. Nothing is installed: packages are downloaded and unpacked,
# because an installed kernel would become the next one that this machine boots.
#   scripts/fetch.sh kernel NAME [ARCH]  folder with vmlinuz, config, headers/, release;
#                                      NAME is 6.12, 6.1, newest, 6.12-rt or newest-rt
#   scripts/fetch.sh kernel 6.12 full  the same of the flavour for all machines, which
#                                      has drivers (gpu_buddy among them) built in
#   scripts/fetch.sh userland ARCH     folder with bin/busybox, and json-c to link with
#   scripts/fetch.sh source            unpacked linux-source-6.12
#   scripts/fetch.sh guest             an initramfs: a small Debian for guests (root only)
#   scripts/fetch.sh root              Debian's stable release in a folder, with what builds
#                                      modules for its newest kernel (root only)
#   scripts/fetch.sh update            forget what is cached; the next use takes the newest
# ARCH is x86_64 (default), arm64 or i386. What is in the cache is used without
# touching the network. Packages of another architecture or of another release of Debian
# come through package lists of our own in the cache: this machine's apt-get and dpkg do
# not learn of any. "newest" is what Debian has in the backports of its stable release.

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

# The meta packages that kernel $1 for architecture $2 may have, a line each. The cloud
# flavours are the smallest; there is none for i386. "full" is x86_64's other flavour.
metas_of() {
	local flavour series=${1%-rt}
	case "$1 $2" in
	*-rt\ x86_64) flavour=rt-amd64 ;;
	*\ x86_64) flavour=cloud-amd64 ;;
	*\ full) flavour=amd64 ;;
	*\ arm64) flavour=cloud-arm64 ;;
	*\ i386) flavour=686-pae ;;
	esac
	# Debian 12 names the kernel that is not its own by the series.
	[ "$series" = newest ] || echo "linux-image-$series-$flavour"
	echo "linux-image-$flavour"
}

# find_image NAME ARCH: the package with the kernel, among the lists in use.
find_image() {
	local meta pattern='^linux-image-[0-9]'
	[ "${1%-rt}" = newest ] || pattern="^linux-image-${1%-rt}\\.[0-9]"
	for meta in $(metas_of "$@"); do
		depends_on "$meta" "$pattern" && return 0
	done
	return 1
}

# The releases that have a kernel where this machine's own has not.
suites_of() {
	case "$1" in
	6.1) echo bookworm bookworm-security ;;
	6.12*) echo trixie trixie-security ;;
	newest*) echo "$(stable_codename)-backports" ;;
	esac
}

# The places that this machine takes Debian from, as lines of a sources.list.
debian_sources() {
	local keys=/usr/share/keyrings/debian-archive-keyring.gpg option=""
	[ ! -e "$keys" ] || option="[signed-by=$keys] "
	apt-get indextargets 'Created-By: Packages' 'Origin: Debian' \
		--format "deb $option\$(REPO_URI) \$(RELEASE) \$(COMPONENT)" | sort -u
}

# sources_of SUITE...: the same for other releases, from the places that this machine
# knows: security updates have one of their own.
sources_of() {
	local suite own
	for suite; do
		case "$suite" in
		*-security) own='/^deb .*-security main$/' ;;
		*) own='/-security main$/!' ;;
		esac
		debian_sources | sed -nE "/ main\$/ { $own s, [^ ]+ main\$, $suite main,p; }" |
			sort -u | sed 1q
	done
}

# make_lists FOLDER ARCH [SUITE...]: package lists of an architecture (Debian's name) and
# of this machine's, whose programs the header packages need.
make_lists() {
	local folder=$1
	mkdir -p "$folder/lists/partial" "$folder/archives/partial"
	touch "$folder/status"
	if [ $# -gt 2 ]; then
		sources_of "${@:3}"
	else
		debian_sources
	fi >"$folder/sources.list"
	[ -s "$folder/sources.list" ] || die "apt-get knows no source of Debian's packages"
	cat >"$folder/apt.conf" <<-END
		Dir::State "$folder";
		Dir::State::status "$folder/status";
		Dir::State::lists "$folder/lists";
		Dir::Cache "$folder";
		Dir::Etc::sourcelist "$folder/sources.list";
		Dir::Etc::sourceparts "-";
		APT::Architecture "$2";
		APT::Architectures { "$2"; "$(dpkg --print-architecture)"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
	END
}

# use_lists ARCH [SUITE...]: from here on apt-get and apt-cache of this script speak of
# another architecture, or of other releases.
use_lists() {
	local folder arch=$1
	case "$arch" in x86_64 | full) arch=amd64 ;; esac
	folder=$CACHE/apt/$arch${2:+-$2}
	unset APT_CONFIG
	apt_update_once
	say "updating the package lists for $arch${2:+ ${*:2}}"
	make_lists "$folder" "$arch" "${@:2}"
	export APT_CONFIG=$folder/apt.conf
	update_lists "$folder/log" apt-get -q update
}

# Asked of the archive, as it changes every two years.
stable_codename() {
	use_lists amd64 stable
	# shellcheck disable=SC2016 # apt-get's own
	apt-get indextargets 'Created-By: Packages' --format '$(CODENAME)' | grep -m 1 . ||
		die "the archive does not say what its stable release is called; $(no_package_hint)"
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

# Sets IMAGE. A kernel that this machine's own release has comes from there.
choose_image() {
	if [ "${1%-rt}" != newest ]; then
		if [ "$2" = x86_64 ] || [ "$2" = full ]; then
			apt_update_once
		else
			use_lists "$2"
		fi
		IMAGE=$(find_image "$@") && return 0
		# Whoever cannot reach his own release reaches no other.
		[ -z "$APT_STALE" ] || die "apt knows no package $(metas_of "$@" | head -n 1); $APT_STALE"
	fi
	local suites
	suites=$(suites_of "$1") || exit 1
	# shellcheck disable=SC2086 # a list of plain words
	use_lists "$2" $suites
	IMAGE=$(find_image "$@") ||
		die "apt knows no package $(metas_of "$@" | head -n 1); $(no_package_hint)"
}

# place_image NEW RELEASE: from 7.1 on the package of that name has no file, and what it
# asks for has them at other places.
place_image() {
	local new=$1 release=$2 file
	download "linux-image-$release" "$new.image"
	if [ ! -e "$new.image/boot/vmlinuz-$release" ]; then
		download "linux-binary-$release" "$new.image"
	fi
	for file in vmlinuz config; do
		find "$new.image" -name "$file-$release" -o -path "*/modules/$release/$file" |
			head -n 1 | xargs -r -I{} cp {} "$new/$file"
	done
	[ -e "$new/config" ] || cp "$new/headers/.config" "$new/config"
	[ -e "$new/vmlinuz" ] || die "the packages of $release hold no vmlinuz; $(no_package_hint)"
	rm -rf "$new.image"
}

# fetch_kernel NAME ARCH FOLDER
fetch_kernel() {
	local arch=$2 final=$CACHE/kernel/$3 new=$CACHE/kernel/.new-$3 release headers common kbuild
	local IMAGE
	[ -e "$final/release" ] && return 0
	choose_image "$1" "$arch"
	release=${IMAGE#linux-image-}
	headers=linux-headers-$release
	rm -rf "$new" "$new.image" "$new".*debs
	download "$headers" "$new"
	common=$(dependency "$headers" '^linux-headers-.*-common')
	kbuild=$(dependency "$headers" '^linux-kbuild-')
	download "$common" "$new"
	[ "$arch" = x86_64 ] || [ "$arch" = full ] || kbuild=${kbuild%:*}:$(dpkg --print-architecture)
	download "$kbuild" "$new"
	relocate_headers "$new" "$final" "$release"
	place_image "$new" "$release"
	package_version "$IMAGE" >"$new/package"
	echo "$release" >"$new/release"
	rm -rf "$final"
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

# What a kernel of Debian's stable release is built with, where this machine is older.
ROOT_PACKAGES=gcc,libc6-dev,make,libelf-dev,pahole,bc,kmod,dkms,rsync

fetch_root() {
	local final=$CACHE/root new=$CACHE/.new-root suite
	[ -e "$final/.release" ] && return 0
	[ "$(id -u)" = 0 ] || die "only root can make a root of another release in $final"
	suite=$(stable_codename) || exit 1
	rm -rf "$new"
	say "unpacking Debian's $suite in ${final}"
	mkdir -p "$BUILD/logs"
	# Its lists would take half of the place.
	sources_of "$suite" | mmdebstrap --quiet --variant=apt "--include=$ROOT_PACKAGES" \
		--aptopt='Acquire::Languages "none"' "$suite" "$new" - \
		>"$BUILD/logs/root.log" 2>&1 ||
		die "mmdebstrap could not unpack $suite: $(tail -n 1 "$BUILD/logs/root.log")"
	echo "$suite" >"$new/.release"
	rm -rf "$final"
	mv "$new" "$final"
}

# needed FILE NAME COMMAND...: what is there needs no lock, and no right to write.
needed() {
	local file=$1
	shift
	[ -e "$file" ] || with_lock "$@"
}

# The kernel that somebody gave, in the form of the others.
own_kernel() {
	local folder=$BUILD/own
	mkdir -p "$folder"
	ln -sfn "$(realpath "$OWN_IMAGE")" "$folder/vmlinuz"
	ln -sfn "$(realpath "$OWN_KDIR")" "$folder/headers"
	cp "$OWN_KDIR/include/config/kernel.release" "$folder/release"
	echo "$folder"
}

kernel() {
	local name=$1
	check_series "$1"
	[ "$1" != own ] || { own_kernel && return; }
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

# What people want at hand who look into a kernel; the newest of this machine's release.
GUEST_PACKAGES=python3,gdb,trace-cmd,bpftool,tmux,strace,procps,less,kmod,bash-completion

fetch_guest() {
	local final=$CACHE/guest new=$CACHE/.new-guest suite
	[ -e "$final/initramfs" ] && return 0
	[ "$(id -u)" = 0 ] || die "only root can make a root for guests in $final"
	rm -rf "$new"
	mkdir -p "$new" "$BUILD/logs"
	suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
	say "unpacking Debian's $suite with $GUEST_PACKAGES"
	debian_sources | mmdebstrap --quiet --variant=minbase "--include=$GUEST_PACKAGES" \
		--aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
		"$suite" "$new/root" - >"$BUILD/logs/guest.log" 2>&1 ||
		die "mmdebstrap could not unpack $suite: $(tail -n 1 "$BUILD/logs/guest.log")"
	(cd "$new/root" && find . -path ./var/lib/apt/lists -prune -o -path ./var/cache -prune \
		-o -print | cpio --quiet -o -H newc -R 0:0) >"$new/initramfs"
	rm -rf "$new/root" "$final"
	mv "$new" "$final"
}

guest() {
	"$ROOT/scripts/setup.sh" newest
	needed "$CACHE/guest/initramfs" guest fetch_guest
	echo "$CACHE/guest/initramfs"
}

root() {
	needed "$CACHE/root/.release" root fetch_root
	record_version root "Debian $(cat "$CACHE/root/etc/debian_version") ($(cat "$CACHE/root/.release"))"
	echo "$CACHE/root"
}

case "${1:-}" in
root) root ;;
sources) sources_of "${2:-}" ;;
guest) guest ;;
kernel) kernel "${2:-6.12}" "${3:-x86_64}" ;;
userland) userland "${2:-}" ;;
source) source_tree ;;
update) rm -rf "${CACHE:?}/kernel" "$CACHE/source" "$CACHE/kunit" "$CACHE/apt" "$CACHE/userland" "$CACHE/root" "$CACHE/guest" ;;
*) die "usage: fetch.sh kernel NAME [ARCH|full], fetch.sh userland ARCH, fetch.sh source, fetch.sh root, fetch.sh sources SUITE, fetch.sh guest, fetch.sh update" ;;
esac
