// SPDX-License-Identifier: GPL-2.0
/*
 * The text of buddyinfo, pagetypeinfo, zoneinfo and vmstat.
 *
 * Character for character what the files of these names in /proc say under
 * Linux 6.12 for the same state, whichever kernel runs below. Which zones and
 * types have a row is the mirror's configuration, as it is the reference's.
 */
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "device.h"

#define DEVICE_ROW	MIRROR_MAX_NR_ZONES
/* What pagetypeinfo prints at most for one list; more gets a '>' in front. */
#define COUNT_MAX	100000

static bool zone_is_printed(const struct mirror *m, unsigned int type)
{
	return m->print_zones & BIT(type);
}

static bool type_is_printed(const struct mirror *m, unsigned int mt)
{
	return m->print_types & BIT(mt);
}

/* buddyinfo -------------------------------------------------------------------- */

static void show_free_blocks(struct seq_file *s, struct mirror_zone *zone)
{
	unsigned long flags;
	unsigned int order;

	seq_printf(s, "Node %d, zone %8s ", zone->node->nid,
		   mirror_zone_names[zone->type]);
	raw_spin_lock_irqsave(&zone->lock, flags);
	for (order = 0; order <= zone->max_order; order++)
		seq_printf(s, "%6lu ", zone->free_area[order].nr_free);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	seq_putc(s, '\n');
}

/**
 * mirror_buddyinfo_show - free blocks by zone and order
 * @s: where; its private pointer is the device
 * @unused: for seq_file
 *
 * Context: Process context.
 * Return: 0.
 */
int mirror_buddyinfo_show(struct seq_file *s, void *unused)
{
	struct mirror_device *dev = s->private;
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(dev->m, zone, i)
		show_free_blocks(s, zone);
	return 0;
}

/* pagetypeinfo ------------------------------------------------------------------ */

static void show_type_counts(struct seq_file *s, struct mirror_zone *zone,
			     unsigned int mt)
{
	unsigned int order;

	seq_printf(s, "Node %4d, zone %8s, type %12s ", zone->node->nid,
		   mirror_zone_names[zone->type], mirror_migratetype_names[mt]);
	for (order = 0; order <= zone->max_order; order++) {
		u32 nr = mirror_glance(zone->free_area[order].list[mt].nr);

		seq_printf(s, "%s%6u ", nr >= COUNT_MAX ? ">" : "",
			   min_t(u32, nr, COUNT_MAX));
	}
	seq_putc(s, '\n');
}

static void show_free_by_type(struct seq_file *s, struct mirror_node *node)
{
	const struct mirror *m = node->m;
	unsigned int order, type, mt;

	seq_printf(s, "%-43s ", "Free pages count per migrate type at order");
	for (order = 0; order <= m->max_order; order++)
		seq_printf(s, "%6d ", order);
	seq_putc(s, '\n');
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
			if (mirror_zone_populated(&node->zones[type]) &&
			    type_is_printed(m, mt))
				show_type_counts(s, &node->zones[type], mt);
}

static void count_pageblocks(const struct mirror_zone *zone,
			     unsigned long *count)
{
	const struct mirror *m = zone->m;
	unsigned long pfn, step = 1ul << m->pb_order;

	/* As the reference does, from the zone's start in steps of a pageblock. */
	for (pfn = zone->start_pfn; pfn < mirror_zone_end_pfn(zone);
	     pfn = mirror_skip_hole(m, pfn + step, step)) {
		u32 idx = mirror_pfn_to_idx(m, pfn);

		if (idx != MIRROR_NIL &&
		    mirror_flags_zone(mirror_page_flags(&m->pages[idx])) == zone->id)
			count[mirror_pageblock_type(m, idx)]++;
	}
}

static void show_block_counts(struct seq_file *s, const struct mirror_zone *zone)
{
	unsigned long count[MIRROR_MIGRATE_TYPES] = {};
	unsigned int mt;

	count_pageblocks(zone, count);
	seq_printf(s, "Node %d, zone %8s ", zone->node->nid,
		   mirror_zone_names[zone->type]);
	for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
		if (type_is_printed(zone->m, mt))
			seq_printf(s, "%12lu ", count[mt]);
	seq_putc(s, '\n');
}

static void show_blocks_by_type(struct seq_file *s, struct mirror_node *node)
{
	unsigned int type, mt;

	seq_printf(s, "\n%-23s", "Number of blocks type ");
	for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
		if (type_is_printed(node->m, mt))
			seq_printf(s, "%12s ", mirror_migratetype_names[mt]);
	seq_putc(s, '\n');
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		if (mirror_zone_populated(&node->zones[type]))
			show_block_counts(s, &node->zones[type]);
}

/**
 * mirror_pagetypeinfo_show - free blocks by zone, type and order; pageblocks
 * @s: where; its private pointer is the device
 * @unused: for seq_file
 *
 * Context: Process context.
 * Return: 0.
 */
int mirror_pagetypeinfo_show(struct seq_file *s, void *unused)
{
	struct mirror_device *dev = s->private;
	struct mirror_node *node;
	unsigned int i;

	mirror_for_each_node(dev->m, node, i) {
		if (!node->present)
			continue;
		seq_printf(s, "Page block order: %u\nPages per block:  %lu\n\n",
			   dev->m->pb_order, 1ul << dev->m->pb_order);
		show_free_by_type(s, node);
		show_blocks_by_type(s, node);
	}
	return 0;
}

/* zoneinfo ---------------------------------------------------------------------- */

/* @row: of mirror_vmstat_zone[] */
static unsigned long zone_counter(const struct mirror_zone *zone, unsigned int row)
{
	const char *name = mirror_vmstat_zone[row];

	if (!strcmp(name, "nr_free_pages"))
		return mirror_zone_state(zone, MIRROR_NR_FREE_PAGES);
	if (!strcmp(name, "nr_free_cma"))
		return mirror_zone_state(zone, MIRROR_NR_FREE_CMA);
	return 0;
}

static void show_node_stats(struct seq_file *s)
{
	unsigned int i;

	seq_puts(s, "\n  per-node stats");
	for (i = 0; i < mirror_nr_vmstat_node; i++)
		seq_printf(s, "\n      %-12s %lu", mirror_vmstat_node[i], 0ul);
}

static unsigned long cma_pages(const struct mirror_zone *zone)
{
	unsigned long count[MIRROR_MIGRATE_TYPES] = {};

	count_pageblocks(zone, count);
	return count[MIRROR_MIGRATE_CMA] << zone->pb_order;
}

static void show_sizes(struct seq_file *s, const struct mirror_zone *zone)
{
	const struct {
		const char *name;
		unsigned long value;
	} rows[] = {
		{ "boost", READ_ONCE(zone->watermark_boost) },
		{ "min", mirror_zone_wmark(zone, MIRROR_WMARK_MIN) },
		{ "low", mirror_zone_wmark(zone, MIRROR_WMARK_LOW) },
		{ "high", mirror_zone_wmark(zone, MIRROR_WMARK_HIGH) },
		{ "promo", mirror_zone_wmark(zone, MIRROR_WMARK_PROMO) },
		{ "spanned", zone->spanned },
		{ "present", zone->present },
		{ "managed", zone->managed },
		{ "cma", cma_pages(zone) },
	};
	unsigned int i;

	seq_printf(s, "\n  pages %-8s %lu", "free",
		   mirror_zone_state(zone, MIRROR_NR_FREE_PAGES));
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		seq_printf(s, "\n        %-8s %lu", rows[i].name, rows[i].value);
}

static void show_protection(struct seq_file *s, const struct mirror_zone *zone)
{
	const char *before = "\n        protection: (";
	unsigned int type;

	for (type = 0; type <= DEVICE_ROW; type++) {
		if (!zone_is_printed(zone->m, type))
			continue;
		/* A device zone has no pages, so it adds nothing to the last one. */
		seq_printf(s, "%s%ld", before,
			   READ_ONCE(zone->lowmem_reserve[min_t(unsigned int, type,
								DEVICE_ROW - 1)]));
		before = ", ";
	}
	seq_putc(s, ')');
}

static void show_counters(struct seq_file *s, const struct mirror_zone *zone)
{
	unsigned int i;

	for (i = 0; i < mirror_nr_vmstat_zone; i++)
		seq_printf(s, "\n      %-12s %lu", mirror_vmstat_zone[i],
			   zone_counter(zone, i));
	for (i = 0; i < MIRROR_NR_NUMA_EVENTS; i++)
		seq_printf(s, "\n      %-12s %lu", mirror_vmstat_numa[i],
			   mirror_numa_events(zone, i));
}

static void show_pagesets(struct seq_file *s, const struct mirror_zone *zone)
{
	static const char indent[] = "\n              ";
	unsigned int cpu;

	seq_puts(s, "\n  pagesets");
	for_each_online_cpu(cpu) {
		const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);

		seq_printf(s, "\n    cpu: %u%scount: %i%shigh:  %i%sbatch: %i",
			   cpu, indent, mirror_glance(pcp->count), indent,
			   mirror_glance(pcp->high), indent, READ_ONCE(pcp->batch));
		seq_printf(s, "\n  vm stats threshold: %d",
			   READ_ONCE(per_cpu_ptr(zone->stat, cpu)->threshold));
	}
}

static bool first_populated(const struct mirror_zone *zone)
{
	unsigned int type;

	for (type = 0; type < zone->type; type++)
		if (mirror_zone_populated(&zone->node->zones[type]))
			return false;
	return mirror_zone_populated(zone);
}

static void show_zone(struct seq_file *s, const struct mirror_zone *zone)
{
	seq_printf(s, "Node %d, zone %8s", zone->node->nid,
		   mirror_zone_names[zone->type]);
	if (first_populated(zone))
		show_node_stats(s);
	show_sizes(s, zone);
	show_protection(s, zone);
	if (mirror_zone_populated(zone)) {
		show_counters(s, zone);
		show_pagesets(s, zone);
		seq_printf(s, "\n  node_unreclaimable:  %u\n  start_pfn:           %lu",
			   mirror_node_hopeless(zone->node), zone->start_pfn);
	}
	seq_putc(s, '\n');
}

/* The row of a zone that a mirror never has. */
static void show_device_zone(struct seq_file *s, const struct mirror_node *node)
{
	struct mirror_zone *none = kzalloc(sizeof(*none), GFP_KERNEL);

	if (!none)
		return;
	none->m = node->m;
	none->pb_order = node->m->pb_order;
	seq_printf(s, "Node %d, zone %8s", node->nid,
		   mirror_zone_names[DEVICE_ROW]);
	show_sizes(s, none);
	show_protection(s, none);
	seq_putc(s, '\n');
	kfree(none);
}

/**
 * mirror_zoneinfo_show - all there is to say about each zone
 * @s: where; its private pointer is the device
 * @unused: for seq_file
 *
 * Context: Process context.
 * Return: 0.
 */
int mirror_zoneinfo_show(struct seq_file *s, void *unused)
{
	struct mirror_device *dev = s->private;
	struct mirror_node *node;
	unsigned int i, type;

	mirror_for_each_node(dev->m, node, i) {
		for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
			if (zone_is_printed(dev->m, type))
				show_zone(s, &node->zones[type]);
		if (zone_is_printed(dev->m, DEVICE_ROW))
			show_device_zone(s, node);
	}
	return 0;
}

/* vmstat -------------------------------------------------------------------------- */

static unsigned long all_zones(const struct mirror *m,
			       unsigned long (*value)(const struct mirror_zone *zone,
						      unsigned int item),
			       unsigned int item)
{
	struct mirror_zone *zone;
	unsigned long sum = 0;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		sum += value(zone, item);
	return sum;
}

static unsigned long numa_counter(const struct mirror_zone *zone, unsigned int item)
{
	return mirror_numa_events(zone, item);
}

static unsigned long global_counter(const struct mirror *m, const char *name)
{
	return strcmp(name, "nr_memmap_pages") ? 0 :
	       DIV_ROUND_UP(READ_ONCE(m->metadata_bytes), PAGE_SIZE);
}

static const char * const zone_suffixes[MIRROR_MAX_NR_ZONES + 1] = {
	"dma", "dma32", "normal", "high", "movable", "device",
};

static unsigned long zone_event(const struct mirror *m, const char *name,
				unsigned int type)
{
	if (type == DEVICE_ROW)
		return 0;
	if (!strcmp(name, "pgalloc_"))
		return mirror_events(m, MIRROR_PGALLOC + type);
	if (!strcmp(name, "allocstall_"))
		return mirror_events(m, MIRROR_ALLOCSTALL + type);
	return 0;
}

static unsigned long event(const struct mirror *m, const char *name)
{
	unsigned int i;

	if (!strcmp(name, "pgfree"))
		return mirror_events(m, MIRROR_PGFREE);
	for (i = 0; i < MIRROR_NR_NODE_EVENTS; i++)
		if (!strcmp(name, mirror_node_event_names[i]))
			return mirror_node_events(m, i);
	return 0;
}

static void show_event(struct seq_file *s, const struct mirror *m,
		       const char *name)
{
	unsigned int type;

	if (name[strlen(name) - 1] != '_') {
		seq_printf(s, "%s %lu\n", name, event(m, name));
		return;
	}
	for (type = 0; type <= DEVICE_ROW; type++)
		if (zone_is_printed(m, type))
			seq_printf(s, "%s%s %lu\n", name, zone_suffixes[type],
				   zone_event(m, name, type));
}

/**
 * mirror_vmstat_show - counters of the whole mirror
 * @s: where; its private pointer is the device
 * @unused: for seq_file
 *
 * Context: Process context.
 * Return: 0.
 */
int mirror_vmstat_show(struct seq_file *s, void *unused)
{
	struct mirror_device *dev = s->private;
	const struct mirror *m = dev->m;
	unsigned int i;

	for (i = 0; i < mirror_nr_vmstat_zone; i++)
		seq_printf(s, "%s %lu\n", mirror_vmstat_zone[i],
			   all_zones(m, zone_counter, i));
	for (i = 0; i < MIRROR_NR_NUMA_EVENTS; i++)
		seq_printf(s, "%s %lu\n", mirror_vmstat_numa[i],
			   all_zones(m, numa_counter, i));
	for (i = 0; i < mirror_nr_vmstat_node; i++)
		seq_printf(s, "%s %lu\n", mirror_vmstat_node[i], 0ul);
	for (i = 0; i < mirror_nr_vmstat_global; i++)
		seq_printf(s, "%s %lu\n", mirror_vmstat_global[i],
			   global_counter(m, mirror_vmstat_global[i]));
	for (i = 0; i < mirror_nr_vmstat_events; i++)
		show_event(s, m, mirror_vmstat_events[i]);
	return 0;
}
