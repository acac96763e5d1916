#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# mirrorctl for people other than root, and what it says when something is closed:
# to a user, to everybody because the kernel was locked down, or not there at all.
# It locks the kernel down, which nobody can undo, so it has a guest of its own.
# Prints TAP.

mirror=/sys/kernel/debug/mirror_mm
out=/tmp/said
number=0
failed=0

result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
		return
	fi
	echo "not ok $number $2"
	sed 's/^/# /' $out
	failed=1
}

# as USER COMMAND...: busybox' setpriv knows no ids, its su wants names.
as() {
	user=$1
	shift
	su -s /bin/sh "$user" -c "$*"
}

# says WORDS WHAT COMMAND...: it fails, and on stderr are these words.
says() {
	words=$1 what=$2
	shift 2
	"$@" >/tmp/stdout 2>$out
	status=$?
	[ $status = 1 ] && grep -qF -- "$words" $out
	result $? "$what"
}

# works WORDS WHAT COMMAND...
works() {
	words=$1 what=$2
	shift 2
	"$@" >$out 2>&1 && grep -q -- "$words" $out
	result $? "$what"
}

echo "TAP version 13"
mkdir -p /etc /run
cat >/etc/passwd <<-END
	root:x:0:0::/root:/bin/sh
	ann:x:1001:1001::/tmp:/bin/sh
	bob:x:1002:1002::/tmp:/bin/sh
END
chmod 1777 /tmp

# Root first, which closed /run/mirrorctl to all others once.
works "Holder h1 keeps 1 block" "root has a holder" mirrorctl alloc --order 3
says "mode 0600" "a user is told whose the device is" as ann mirrorctl info
says "you are not root" "a user is told that debugfs is root's" as ann mirrorctl buddyinfo

chmod 666 /dev/mirror_mm
works "Holder h1 keeps 1 block" "a user has a holder" as ann mirrorctl alloc --order 2
works "Holder h1 keeps 2 blocks" "so has another" as bob mirrorctl alloc --order 1 --count 2
works "holds 1 block, 4 pages" "a user sees his own" as ann mirrorctl alloc --list
works "holds 2 blocks, 4 pages" "so does the other" as bob mirrorctl alloc --list
works "holds 1 block, 8 pages" "and root" mirrorctl alloc --list
[ "$(stat -c '%U %a' /tmp/mirrorctl-1001)" = "ann 700" ]
result $? "the folder is closed to others"
as bob "mirrorctl free --all" >$out 2>&1
works "holds 1 block, 4 pages" "what one gives back leaves the other's alone" \
	as ann mirrorctl alloc --list
as ann "mirrorctl free --all" >$out 2>&1
rm -rf /tmp/mirrorctl-1001
as bob "mkdir -m 777 /tmp/mirrorctl-1001"
says "must be yours and closed to others" "a folder that another has made is refused" \
	as ann mirrorctl alloc --order 0
mkdir -m 700 /run/ann
chown ann /run/ann
works "Holder h1 keeps 1 block" "and that of a session is taken" \
	as ann "XDG_RUNTIME_DIR=/run/ann mirrorctl alloc --order 0"
[ -S /run/ann/mirrorctl/h1.sock ]
result $? "the session's folder has the socket"
as ann "XDG_RUNTIME_DIR=/run/ann mirrorctl free --all" >$out 2>&1
mirrorctl free --all >$out 2>&1

umount /sys/kernel/debug
says "debugfs is not mounted" "debugfs that is not mounted is told from a module that is not there" \
	mirrorctl buddyinfo
mount -t debugfs debugfs /sys/kernel/debug

# From here on nothing in debugfs can be written.
mount -t securityfs securityfs /sys/kernel/security
if echo integrity >/sys/kernel/security/lockdown 2>/dev/null; then
	! echo 1 2>/dev/null >$mirror/drain
	result $? "a kernel that is locked down closes what can be written"
	works "the kernel is locked down, which closes it to root, too" \
		"root is told that the kernel is locked down" mirrorctl demo
	works "Node 0, zone" "what can only be read is read all the same" mirrorctl buddyinfo
else
	echo "ok $((number + 1)) # SKIP this kernel has no lockdown"
	number=$((number + 1))
fi

mknod /tmp/elsewhere c 10 255
says "The module is loaded, but /tmp/elsewhere is not its device" \
	"a node of another device is told from a module that is not loaded" \
	mirrorctl --device /tmp/elsewhere info
echo "1..$number"
exit $failed
