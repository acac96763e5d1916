# SPDX-License-Identifier: GPL-2.0
# What the picture buddy.svg shows: blocks of three mobilities, taken in turns,
# three in five of them freed again, then all. It runs in the guest:
#
#   make shell < Documentation/plot_buddy.sh | sed -n '/^step/,/^end/p' \
#		> Documentation/plot_buddy.txt
#   /usr/bin/python3 Documentation/plot_buddy.py
#
# Prints, for each step, the lines of debugfs "state" and one "used" line for
# each type and order: first page frames of the blocks that are held.

mirror=/sys/kernel/debug/mirror_mm

# shot TITLE
shot() {
	echo "step $*"
	echo 1 >$mirror/drain
	grep -E '^(zone|free|pageblocks) ' $mirror/state
	mirrorctl alloc --list | awk '
		$1 ~ /^0x/ { held[$5 " " $2] = held[$5 " " $2] " " $9 }
		END { for (kind in held) print "used " kind ":" held[kind] }'
}

shot 1 loaded

round=0
while [ $round -lt 52 ]; do
	turn=0
	for type in unmovable movable reclaimable; do
		order=$(((round * 5 + turn * 2) % 7))
		count=$((384 >> order))
		[ $count -lt 40 ] || count=40
		mirrorctl alloc --order $order --count $count --type $type >/dev/null
		turn=$((turn + 1))
	done
	round=$((round + 1))
done
shot 2 taken

holder=1
while [ $holder -le 156 ]; do
	[ $((holder % 5)) -lt 2 ] || mirrorctl free --holder h$holder >/dev/null
	holder=$((holder + 1))
done
shot 3 freed

mirrorctl free --all >/dev/null
shot 4 all-freed
echo end
