#!/bin/bash
# Does `make shell` do what its help says? Prints TAP.
#   scripts/shell-test.sh            with the small guest
#   scripts/shell-test.sh debian     with GUEST=debian, which fetches 100 MB once

. "$(dirname "$0")/lib.sh"
export GUEST=${1:-busybox}
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

# in_guest COMMANDS: what they print goes to $WORK/out.
in_guest() {
	echo "$1" | TIME=600 FILES="${FILES:-}" "$ROOT/scripts/shell.sh" >"$WORK/out" 2>"$WORK/err" &&
		return 0
	cat "$WORK/err" "$WORK/out"
	return 1
}

# said TEXT...: each of them is a line.
said() {
	local text
	for text; do
		grep -qxF "$text" "$WORK/out" && continue
		echo "there is no line '$text' in:"
		cat "$WORK/out"
		return 1
	done
}

own_program() {
	cat >"$WORK/own.c" <<-'END'
		#include <linux/mirror_mm.h>
		#include <fcntl.h>
		#include <stdio.h>
		#include <sys/ioctl.h>

		int main(void)
		{
			struct mirror_mm_info info = {};
			int fd = open("/dev/mirror_mm", O_RDWR | O_CLOEXEC);

			if (fd < 0 || ioctl(fd, MIRROR_MM_INFO, &info))
				return 1;
			printf("%llu pages\n", (unsigned long long)info.nr_pages);
			return 0;
		}
	END
	gcc -I "$ROOT/include/uapi" -o "$WORK/a.out" "$WORK/own.c" || return
	FILES="$WORK/a.out" in_guest ./a.out && said "65536 pages"
}

# The shell of the guest runs it, and so does its first line.
own_script() {
	printf '#!/bin/sh\nmirrorctl info | grep -c "in service"\n' >"$WORK/own.sh"
	chmod +x "$WORK/own.sh"
	FILES="$WORK/own.sh" in_guest 'sh own.sh; ./own.sh; echo end' && said 1 end &&
		[ "$(grep -cx 1 "$WORK/out")" = 2 ]
}

plain_user() {
	in_guest 'su user -c "id -un; mirrorctl alloc --order 3 | grep -c unmovable; cat /sys/kernel/debug/mirror_mm/state 2>&1 | grep -c denied"' &&
		said user 1 && [ "$(grep -cx 1 "$WORK/out")" = 2 ]
}

characters() {
	# shellcheck disable=SC2016 # the guest's
	in_guest 'echo "LANG=$LANG"; printf "\303\244\342\202\254\n"' && said "LANG=C.UTF-8" "ä€"
}

python_script() {
	printf 'import mmap, os\nfd = os.open("/dev/mirror_mm", os.O_RDWR)\nprint("opened", fd > 2)\n' \
		>"$WORK/own.py"
	FILES="$WORK/own.py" in_guest 'python3 own.py' && said "opened True"
}

debian_tools() {
	# shellcheck disable=SC2016 # the guest's
	in_guest 'for tool in python3 gdb trace-cmd bpftool tmux strace; do command -v $tool; done
tmux -f /dev/null new -d "sleep 5" && tmux ls | grep -c windows
strace -c -e trace=openat true 2>&1 | grep -c openat
gdb --batch -ex "print 6 * 7"' &&
		said /usr/bin/{python3,gdb,tmux,strace} "\$1 = 42"
}

tap_start
tap_case "a program of one's own, GUEST=$GUEST" own_program
tap_case "a script of one's own, GUEST=$GUEST" own_script
tap_case "a plain user, GUEST=$GUEST" plain_user
tap_case "UTF-8, GUEST=$GUEST" characters
if [ "$GUEST" = debian ]; then
	tap_case "a Python script, GUEST=$GUEST" python_script
	tap_case "the tools that the help names" debian_tools
fi
tap_end
