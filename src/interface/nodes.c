// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mirror_mm/nodeN/: what there is to say about one node.
 *
 *   numastat, distance, cpulist   as in /sys/devices/system/node/nodeN of Linux 6.12,
 *                                 character for character
 *   meminfo    likewise, only the lines for what a mirror has
 *   zonelist   both lists: "fallback: 0:Normal 0:DMA32 1:Normal"
 *   weight     blocks in a row that weighted interleaving takes from it; writable
 */
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "device.h"

/* numastat ------------------------------------------------------------------------ */

static const char * const numastat_names[MIRROR_NR_NUMA_EVENTS] = {
	[MIRROR_NUMA_HIT] = "numa_hit",
	[MIRROR_NUMA_MISS] = "numa_miss",
	[MIRROR_NUMA_FOREIGN] = "numa_foreign",
	[MIRROR_NUMA_INTERLEAVE] = "interleave_hit",
	[MIRROR_NUMA_LOCAL] = "local_node",
	[MIRROR_NUMA_OTHER] = "other_node",
};

static int numastat_show(struct seq_file *s, void *unused)
{
	const struct mirror_node *node = s->private;
	unsigned int i, type;

	for (i = 0; i < MIRROR_NR_NUMA_EVENTS; i++) {
		unsigned long sum = 0;

		for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
			sum += mirror_numa_events(&node->zones[type], i);
		seq_printf(s, "%s %lu\n", numastat_names[i], sum);
	}
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(numastat);

/* distance and cpulist --------------------------------------------------------------- */

static int distance_show(struct seq_file *s, void *unused)
{
	const struct mirror_node *node = s->private;
	const struct mirror *m = node->m;
	unsigned int i;

	for (i = 0; i < m->nr_nodes; i++)
		seq_printf(s, "%s%u", i ? " " : "",
			   m->distance[node->nid * m->nr_nodes + i]);
	seq_putc(s, '\n');
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(distance);

static int cpulist_show(struct seq_file *s, void *unused)
{
	const struct mirror_node *node = s->private;
	cpumask_var_t cpus;
	unsigned int cpu;

	if (!zalloc_cpumask_var(&cpus, GFP_KERNEL))
		return -ENOMEM;
	for_each_online_cpu(cpu)
		if (node->m->cpu_node[cpu] == node->nid)
			cpumask_set_cpu(cpu, cpus);
	seq_printf(s, "%*pbl\n", cpumask_pr_args(cpus));
	free_cpumask_var(cpus);
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(cpulist);

/* meminfo ------------------------------------------------------------------------- */

struct memory {
	unsigned long total;
	unsigned long free;
};

/* Until CPUs fold their shares, the counter may say more than there is. */
static void add_zone(struct memory *sum, const struct mirror_zone *zone)
{
	sum->total += zone->managed;
	sum->free += min(mirror_zone_state(zone, MIRROR_NR_FREE_PAGES),
			 zone->managed);
}

static void show_memory_row(struct seq_file *s, const char *name,
			    unsigned long pages)
{
	const struct mirror_node *node = s->private;

	seq_printf(s, "Node %d %-15s %8lu kB\n", node->nid, name,
		   pages << (PAGE_SHIFT - 10));
}

/* Where there is HIGHMEM, MOVABLE is cut from it, and counts as such. */
static u32 high_zones(const struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		if (zone->type == MIRROR_ZONE_HIGHMEM)
			return BIT(MIRROR_ZONE_HIGHMEM) | BIT(MIRROR_ZONE_MOVABLE);
	return BIT(MIRROR_ZONE_HIGHMEM);
}

/* The rows about HIGHMEM are those of a kernel that is configured to have it. */
static int meminfo_show(struct seq_file *s, void *unused)
{
	const struct mirror_node *node = s->private;
	struct memory low = {}, high = {};
	u32 is_high = high_zones(node->m);
	unsigned long total, free;
	unsigned int type;

	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		add_zone(is_high & BIT(type) ? &high : &low, &node->zones[type]);
	total = low.total + high.total;
	free = low.free + high.free;
	show_memory_row(s, "MemTotal:", total);
	show_memory_row(s, "MemFree:", free);
	show_memory_row(s, "MemUsed:", total - free);
	if (!(node->m->print_zones & BIT(MIRROR_ZONE_HIGHMEM)))
		return 0;
	show_memory_row(s, "HighTotal:", high.total);
	show_memory_row(s, "HighFree:", high.free);
	show_memory_row(s, "LowTotal:", low.total);
	show_memory_row(s, "LowFree:", low.free);
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(meminfo);

/* zonelist ------------------------------------------------------------------------ */

static void show_list(struct seq_file *s, const char *name,
		      const struct mirror_zonelist *list)
{
	unsigned int i;

	seq_printf(s, "%s:", name);
	for (i = 0; i < list->nr; i++)
		seq_printf(s, " %d:%s", list->refs[i].zone->node->nid,
			   mirror_zone_names[list->refs[i].zone_idx]);
	seq_putc(s, '\n');
}

static int zonelist_show(struct seq_file *s, void *unused)
{
	const struct mirror_node *node = s->private;

	show_list(s, "fallback", &node->fallback);
	show_list(s, "nofallback", &node->nofallback);
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(zonelist);

/* weight -------------------------------------------------------------------------- */

static int weight_get(void *data, u64 *value)
{
	const u8 *weight = data;

	*value = READ_ONCE(*weight) ?: 1;
	return 0;
}

static int weight_set(void *data, u64 value)
{
	u8 *weight = data;

	if (!value || value > U8_MAX)
		return -EINVAL;
	WRITE_ONCE(*weight, value);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(weight_fops, weight_get, weight_set, "%llu\n");

/* the folders ---------------------------------------------------------------------- */

static void create_folder(struct mirror_device *dev, struct mirror_node *node)
{
	static const struct {
		const char *name;
		const struct file_operations *fops;
	} files[] = {
		{ "numastat", &numastat_fops },
		{ "distance", &distance_fops },
		{ "cpulist", &cpulist_fops },
		{ "meminfo", &meminfo_fops },
		{ "zonelist", &zonelist_fops },
	};
	struct dentry *folder;
	char name[16];
	unsigned int i;

	snprintf(name, sizeof(name), "node%d", node->nid);
	folder = debugfs_create_dir(name, dev->debugfs);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		debugfs_create_file(files[i].name, 0444, folder, node,
				    files[i].fops);
	debugfs_create_file_unsafe("weight", 0644, folder,
				   &dev->weights.of[node->nid], &weight_fops);
}

/**
 * mirror_nodes_create - make the folders of all nodes
 * @dev: the device, with its own folder
 *
 * They go with that folder.
 *
 * Context: Process context; may sleep.
 */
void mirror_nodes_create(struct mirror_device *dev)
{
	struct mirror_node *node;
	unsigned int i;

	mirror_for_each_node(dev->m, node, i)
		create_folder(dev, node);
}
