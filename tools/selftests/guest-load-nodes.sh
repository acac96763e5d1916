#!/bin/busybox sh
# shellcheck shell=dash
# SPDX-License-Identifier: GPL-2.0
# A mirror of two nodes with two zones each, and a hole inside of one, as people
# see it: "mirrorctl nodes" and "mirrorctl zones" against the files of debugfs, and
# against the kernel's own. What is expected is worked out here from the files, by
# other means than mirrorctl's. Prints TAP.
#
#   node 0, CPU 0   4096M  DMA32 64M | Normal 64M | hole 64M | Normal 64M
#   node 1, CPU 1   4352M  Normal 64M | Movable 64M
#
# All of it runs on CPU 0, so that it is known which node is near.

mirror=/sys/kernel/debug/mirror_mm
host=/sys/devices/system/node
MIRRORCTL_RUN_DIR=/tmp/holders
export MIRRORCTL_RUN_DIR
number=0
failed=0

result() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
		return
	fi
	echo "not ok $number $2"
	sed 's/^/# /' /tmp/why
	failed=1
}

# same WANTED GOT WHAT: two files with one content.
same() {
	[ -s "$1" ] && diff "$1" "$2" >/tmp/why 2>&1
	result $? "$3"
}

# equal WANTED GOT WHAT: two texts.
equal() {
	printf 'wanted: %s\ngot:    %s\n' "$1" "$2" >/tmp/why
	[ -n "$1" ] && [ "$1" = "$2" ]
	result $? "$3"
}

# hardware DIR IDS: what "nodes" should make of the folders in DIR.
hardware() {
	nr=0
	for node in "$1"/node[0-9]*; do
		[ ! -d "$node" ] || nr=$((nr + 1))
	done
	echo "available: $nr nodes ($2)"
	for id in $(seq 0 $((nr - 1))); do
		echo "node $id cpus:$(awk -F, '{
			for (i = 1; i <= NF; i++) {
				n = split($i, end, "-")
				for (cpu = end[1]; cpu <= end[n]; cpu++)
					printf " %d", cpu
			}
		}' "$1/node$id/cpulist")"
		awk -v id="$id" '
			$3 == "MemTotal:" { print "node", id, "size:", int($4 / 1024), "MB" }
			$3 == "MemFree:" { print "node", id, "free:", int($4 / 1024), "MB" }
		' "$1/node$id/meminfo"
	done
	echo "node distances:"
	for id in $(seq 0 $((nr - 1))); do
		cat "$1/node$id/distance"
	done | awk '
		NR == 1 { printf "node "; for (i = 0; i < NF; i++) printf "%3d ", i; print "" }
		{ printf "%3d: ", NR - 1; for (i = 1; i <= NF; i++) printf "%3d ", $i; print "" }'
}

# stat_table DIR: the numastat of two nodes, side by side.
stat_table() {
	printf '%32s%16s\n' node0 node1
	awk 'NR == FNR { first[$1] = $2; next }
		{ printf "%-16s%16s%16s\n", $1, first[$1], $2 }' \
		"$1/node0/numastat" "$1/node1/numastat"
}

# zone_table FILE: rows of "zones", with one blank between two columns.
zone_table() {
	echo "NODE ZONE START SPANNED PRESENT MANAGED HOLES FREE MIN LOW HIGH BOOST PROTECTION"
	awk '
	function flush(	i, text, list) {
		if (present > 0)
			row[rows++] = sprintf("%d %s 0x%x %d %d %d %d %d %d %d %d %d", node,
				zone, start, spanned, present, managed,
				spanned - present, free, min, low, high, boost) "|" node "|" kept
		present = 0
	}
	/^Node/ { flush(); node = $2 + 0; zone = $4; name[node, names[node]++] = zone }
	$1 == "pages" { free = $3 }
	$1 == "boost" { boost = $2 }
	$1 == "min" { min = $2 }
	$1 == "low" { low = $2 }
	$1 == "high" { high = $2 }
	$1 == "spanned" { spanned = $2 }
	$1 == "present" { present = $2 }
	$1 == "managed" { managed = $2 }
	$1 == "start_pfn:" { start = $2 }
	$1 == "protection:" { kept = $0; gsub(/[^0-9,]/, "", kept) }
	END {
		flush()
		for (i = 0; i < rows; i++) {
			split(row[i], part, "|")
			n = split(part[3], pages, ",")
			text = ""
			for (k = 1; k <= n; k++)
				if (pages[k] > 0)
					text = text " " name[part[2], k - 1] ":" pages[k]
			print part[1] (text == "" ? " -" : text)
		}
	}' "$1"
}

# column NAME: of "nodes --stat", node 0 first.
column() { mirrorctl nodes --stat | awk -v name="$1" '$1 == name { print $2, $3 }'; }

# rise NAME BEFORE: by how much the counts have grown.
rise() { echo "$2 $(column "$1")" | awk '{ print NF == 4 ? $3 - $1 " " $4 - $2 : "?" }'; }

# nodes_of ALLOC-ARGUMENT...: where blocks came from, one after the other.
nodes_of() { mirrorctl --json alloc --hold 0 "$@" | awk -F'[:,]' '/"node":/ { printf "%d", $2 }'; }

# refused STATUS WORDS ARGUMENT...: mirrorctl fails so and says so.
refused() {
	status=$1 words=$2
	shift 2
	mirrorctl "$@" >/tmp/why 2>&1
	[ $? = "$status" ] && grep -qF -- "$words" /tmp/why
	result $? "$* is refused"
}

# Afterwards nothing changes by itself: no page waits on a per-CPU list to go home,
# and no count to be folded.
settle() {
	echo 1 >$mirror/drain
	echo 1 >$mirror/stat_refresh
}

free_mb() { settle; mirrorctl nodes | awk -v id="$1" '$2 == id && $3 == "free:" { print $4 }'; }

echo "TAP version 13"
taskset -p 1 $$ >/dev/null
insmod "$MIRROR_MM_KO" region=128M@4096M:0,64M@4288M:0,128M@4352M:1 \
	zones=DMA32:64M,NORMAL:192M,MOVABLE cpus=0:0,1:1 || { echo "Bail out! the module does not load"; exit 1; }

# Zones: where they lie is known, the rest stands in zoneinfo.
mirrorctl zones | tr -s ' ' | sed 's/^ //' >/tmp/got
awk 'NR > 1 { print $1, $2, $3, $4, $5, $6, $7 }' /tmp/got >/tmp/places
cat >/tmp/wanted <<'END'
0 DMA32 0x100000 16384 16384 16384 0
0 Normal 0x104000 49152 32768 32768 16384
1 Normal 0x110000 16384 16384 16384 0
1 Movable 0x114000 16384 16384 16384 0
END
same /tmp/wanted /tmp/places "zones lie where they were put, and the hole is known"
zone_table $mirror/zoneinfo >/tmp/wanted
same /tmp/wanted /tmp/got "free pages, watermarks and protection are those of zoneinfo"
mirrorctl alloc --node 1 --type movable --gfp HIGHUSER,THISNODE --order 10 --count 3 --hold 0 >/tmp/why
mirrorctl alloc --order 3 --count 40 >/tmp/why
settle
mirrorctl zones | tr -s ' ' | sed 's/^ //' >/tmp/got
zone_table $mirror/zoneinfo >/tmp/wanted
same /tmp/wanted /tmp/got "also while blocks are held"
mirrorctl free --all >/tmp/why

# The picture: by pagetypeinfo, which counts pageblocks of each type.
mirrorctl alloc --order 9 --count 6 --type reclaimable >/tmp/why
mirrorctl alloc --node 1 --type movable --gfp HIGHUSER,THISNODE --order 10 --count 3 >/tmp/why
settle
mirrorctl zones --map >/tmp/map
awk '/^Number of blocks/ { for (i = 5; i <= NF; i++) name[i] = $i; wide = NF; table = 1; next }
	!/^Node/ { table = 0 }
	table { for (i = 5; i <= wide; i++) sum[name[i]] += $i }
	END { print sum["Unmovable"], sum["Movable"], sum["Reclaimable"] }' $mirror/pagetypeinfo >/tmp/wanted
letters() { awk '/^ / { printf "%s", $2 }' /tmp/map | tr -cd "$1" | wc -c; }
echo "$(letters Uu) $(letters Mm) $(letters Rr)" >/tmp/got
same /tmp/wanted /tmp/got "the picture has each pageblock, by its type"
equal 32 "$(letters .)" "and the hole"
equal mmmmmm "$(awk '/^  *0x114000/ { print substr($2, 1, 6) }' /tmp/map)" "what is in use is small"
mirrorctl free --all >/tmp/why
cat /proc/zoneinfo >/tmp/zoneinfo
zone_table /tmp/zoneinfo >/tmp/wanted
mirrorctl zones /tmp/zoneinfo | tr -s ' ' | sed 's/^ //' >/tmp/got
same /tmp/wanted /tmp/got "the kernel's own zoneinfo"
mirrorctl zones /proc/zoneinfo | awk 'NR > 1 { print $1, $2, $3, $4 }' >/tmp/got
awk 'NR > 1 { print $1, $2, $3, $4 }' /tmp/wanted >/tmp/places
same /tmp/places /tmp/got "the same, read where it is"
equal 4 "$(mirrorctl zones --json | grep -c '"zone":')" "as JSON, too"

# Nodes: numactl's text. The tick must not give pages back between two looks.
echo 1 >$mirror/drain
hardware $mirror 0-1 >/tmp/wanted
mirrorctl nodes >/tmp/got 2>&1
same /tmp/wanted /tmp/got "nodes are those of debugfs"
equal "0 1" "$(cat $mirror/node0/cpulist $mirror/node1/cpulist | xargs)" "each has a CPU"
equal "192 128" "$(awk '$3 == "size:" { print $4 }' /tmp/got | xargs)" "with the memory that was claimed for each"
hardware $host 0 >/tmp/wanted
mirrorctl nodes $host >/tmp/got 2>&1
sed 's/\(free:\) .*/\1/' /tmp/wanted >/tmp/places
sed 's/\(free:\) .*/\1/' /tmp/got | diff /tmp/places - >/tmp/why
result $? "the kernel's own nodes"
before=$(free_mb 1)
mirrorctl alloc --node 1 --gfp HIGHUSER_MOVABLE,THISNODE --order 10 --count 10 >/tmp/why
equal $((before - 40)) "$(free_mb 1)" "40 MB that are held on node 1 are not free there"
echo 1 >$mirror/drain
hardware $mirror 0-1 >/tmp/wanted
mirrorctl nodes >/tmp/got 2>&1
same /tmp/wanted /tmp/got "nodes are those of debugfs while blocks are held"
mirrorctl free --all >/tmp/why
equal "$before" "$(free_mb 1)" "and free again afterwards"

# Counts.
hit=$(column numa_hit) near=$(column local_node) far=$(column other_node)
mirrorctl alloc --node 1 --count 5 --hold 0 >/tmp/why
mirrorctl alloc --node 0 --count 3 --hold 0 >/tmp/why
equal "3 5" "$(rise numa_hit "$hit")" "each request was a hit on the node that it named"
equal "3 0 0 5" "$(rise local_node "$near") $(rise other_node "$far")" "near for node 0, far for node 1"
hit=$(column numa_hit) miss=$(column numa_miss)
mirrorctl alloc --node 1 --gfp DMA32 --count 7 --hold 0 >/tmp/why
equal "7 0 0 0" "$(rise numa_hit "$hit") $(rise numa_miss "$miss")" \
	"who asks node 1 for a zone that only node 0 has wants node 0"
hit=$(column numa_hit) miss=$(column numa_miss) foreign=$(column numa_foreign)
mirrorctl alloc --node 1 --gfp HIGHUSER_MOVABLE --order 10 --count 40 --hold 0 >/tmp/why
echo "$(rise numa_hit "$hit") $(rise numa_miss "$miss") $(rise numa_foreign "$foreign")" >/tmp/why
awk '{ exit !($1 == 0 && $2 > 20 && $3 > 0 && $2 + $3 == 40 && $4 == 0 && $5 == 0 && $6 == $3) }' /tmp/why
result $? "what node 1 cannot give is a miss of node 0 and foreign to node 1"
stat_table $mirror >/tmp/wanted
mirrorctl nodes --stat >/tmp/got 2>&1
same /tmp/wanted /tmp/got "counts are those of debugfs"

# Where blocks may come from, and where policies take them from.
equal 0000 "$(nodes_of --count 4)" "blocks come from the CPU's node"
equal 1111 "$(nodes_of --count 4 --nodes 1)" "but from others where they have to"
equal 0000 "$(nodes_of --count 4 --node 1 --nodes 0)" "also if they are told to prefer another"
spread=$(column interleave_hit)
equal 010101 "$(nodes_of --count 6 --policy interleave --nodes 0-1)" "nodes take turns"
equal "3 3" "$(rise interleave_hit "$spread")" "which is counted"
echo 3 >$mirror/node1/weight
equal 01110111 "$(nodes_of --count 8 --policy weighted_interleave --nodes 0,1)" "turns have weights"
equal 1111 "$(nodes_of --count 4 --policy preferred --nodes 1)" "a preferred node"
equal 1111 "$(nodes_of --count 4 --policy bind --nodes 1)" "a node to keep to"
equal 0000 "$(nodes_of --count 4 --policy preferred-many --nodes 0-1)" "the nearest of two"
equal 0000 "$(nodes_of --count 4 --policy local)" "the local one"
got=$(nodes_of --count 28 --order 10 --policy bind --nodes 1 --gfp HIGHUSER_MOVABLE)
equal "28 28" "${#got} $(echo "$got" | tr -cd 1 | wc -c)" "28 of 32 blocks of a node to keep to"
refused 1 "Cannot allocate memory" alloc --count 40 --order 10 --policy bind --nodes 1 --gfp HIGHUSER_MOVABLE --hold 0
refused 1 "The nodes here are 0 to 1." alloc --nodes 0-2 --hold 0
refused 1 "It needs --nodes" alloc --policy bind --hold 0
refused 1 "This one takes no nodes" alloc --policy local --nodes 0 --hold 0
refused 2 "exclude each other" alloc --policy bind --nodes 0 --node 0 --hold 0
refused 2 "exclude each other" alloc --policy bind --nodes 0 --gfp KERNEL,THISNODE --hold 0
refused 2 "no memory policy" alloc --policy binding --nodes 0 --hold 0
refused 2 "--nodes is nodes from 0 to 63, such as" alloc --nodes 1-0 --hold 0

equal "check: clean" "$(cat $mirror/check)" "the validator finds nothing"
rmmod mirror_mm

# Four nodes, two of them without a CPU, none as far as another.
insmod "$MIRROR_MM_KO" region=128M@4096M,128M@4352M nodes=4 cpus=0:0,1:2 \
	distance=10,21,32,43,21,10,54,65,32,54,10,76,43,65,76,10 2>/tmp/why
result $? "a mirror of four nodes"
echo 1 >$mirror/drain
hardware $mirror 0-3 >/tmp/wanted
mirrorctl nodes >/tmp/got 2>&1
same /tmp/wanted /tmp/got "its nodes are those of debugfs"
cat >/tmp/wanted <<'END'
available: 4 nodes (0-3)
node 0 cpus: 0
node 0 size: 64 MB
node 0 free: 64 MB
node 1 cpus:
node 1 size: 64 MB
node 1 free: 64 MB
node 2 cpus: 1
node 2 size: 64 MB
node 2 free: 64 MB
node 3 cpus:
node 3 size: 64 MB
node 3 free: 64 MB
node distances:
node   0   1   2   3 
  0:  10  21  32  43 
  1:  21  10  54  65 
  2:  32  54  10  76 
  3:  43  65  76  10 
END
same /tmp/wanted /tmp/got "and what was asked for"
rmmod mirror_mm

# Neither of them without a mirror.
for command in nodes zones "nodes --stat" "zones --json"; do
	# shellcheck disable=SC2086 # a command with its options
	mirrorctl $command >/tmp/why 2>&1
	[ $? = 1 ] && grep -q "is mirror_mm loaded?" /tmp/why
	result $? "without the module \"$command\" fails and says why"
done
umount /sys/kernel/debug
mirrorctl zones >/tmp/why 2>&1
grep -q "debugfs is not mounted" /tmp/why
result $? "without debugfs it says how to mount it"
mount -t debugfs debugfs /sys/kernel/debug
echo "1..$number"
exit $failed
