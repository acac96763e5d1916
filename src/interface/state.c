// SPDX-License-Identifier: GPL-2.0
/*
 * The text of debugfs "state": every list of a mirror, in order.
 *
 * One fact a line, words and numbers only, so that two states can be compared
 * with diff and read by a script:
 *
 *   zone 0 Normal start 1048576 managed 65536 free 65536 boost 0 flags 0 ...
 *   free 0 Normal Movable 10: 1048576 1049600 ...
 *   pcp 0 Normal cpu 0 count 14 high 0 batch 15 ...
 *   pcplist 0 Normal cpu 0 order 0 Unmovable: 1048577 ...
 *   pageblocks 0 Normal: Unmovable*1 Movable*127
 *   kswapd 0 order 0 zone 5 failures 0 awake 0 compact_order 0 compact_zone 4
 *   bad 0 Normal: 1048576			isolated, where there are any
 *   bad_in_use 0 Normal: 1048577		in a block that somebody holds, likewise
 */
#include <linux/seq_file.h>
#include "core/internal.h"
#include "device.h"

static void print_list(struct seq_file *s, const struct mirror *m,
		       const struct mirror_list *list)
{
	u32 idx = list->first, nr = list->nr;

	for (; idx < m->nr_desc && nr--; idx = m->pages[idx].next)
		seq_printf(s, " %lu", mirror_idx_to_pfn(m, idx));
	seq_puts(s, idx == MIRROR_NIL ? "\n" : " (damaged)\n");
}

static void print_zone_line(struct seq_file *s, const struct mirror_zone *zone)
{
	seq_printf(s, "zone %d %s start %lu spanned %lu present %lu managed %lu",
		   zone->node->nid, mirror_zone_names[zone->type],
		   zone->start_pfn, zone->spanned, zone->present, zone->managed);
	seq_printf(s, " free %lu free_exact %lu cma %lu",
		   mirror_zone_state(zone, MIRROR_NR_FREE_PAGES),
		   mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES),
		   mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA));
	seq_printf(s, " boost %lu flags %#lx highatomic %lu highatomic_free %lu\n",
		   zone->watermark_boost, zone->flags,
		   zone->nr_reserved_highatomic, zone->nr_free_highatomic);
}

static void print_free_lists(struct seq_file *s, const struct mirror_zone *zone)
{
	unsigned int order, mt;

	for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
		for (order = 0; order <= zone->max_order; order++) {
			const struct mirror_list *list =
				&zone->free_area[order].list[mt];

			if (mirror_list_empty(list))
				continue;
			seq_printf(s, "free %d %s %s %u:", zone->node->nid,
				   mirror_zone_names[zone->type],
				   mirror_migratetype_names[mt], order);
			print_list(s, zone->m, list);
		}
}

static const char *pcp_type_name(unsigned int pindex)
{
	if (pindex < MIRROR_PCP_LOW_LISTS)
		return mirror_migratetype_names[pindex % MIRROR_PCP_TYPES];
	return pindex == MIRROR_PCP_LOW_LISTS ? "Other" :
	       mirror_migratetype_names[MIRROR_MIGRATE_MOVABLE];
}

static void print_pcp(struct seq_file *s, const struct mirror_zone *zone,
		      unsigned int cpu)
{
	const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
	const char *name = mirror_zone_names[zone->type];
	int nid = zone->node->nid;
	unsigned int i;

	seq_printf(s, "pcp %d %s cpu %u count %d high %d high_min %d high_max %d",
		   nid, name, cpu, pcp->count, pcp->high, pcp->high_min,
		   pcp->high_max);
	seq_printf(s, " batch %d free_count %d alloc_factor %u flags %#x expire %u drift %d\n",
		   pcp->batch, pcp->free_count, pcp->alloc_factor, pcp->flags,
		   pcp->expire,
		   per_cpu_ptr(zone->stat, cpu)->diff[MIRROR_NR_FREE_PAGES]);
	for (i = 0; i < MIRROR_NR_PCP_LISTS; i++) {
		if (mirror_list_empty(&pcp->lists[i]))
			continue;
		seq_printf(s, "pcplist %d %s cpu %u order %u %s:", nid, name,
			   cpu, mirror_pcp_index_order(zone, i),
			   pcp_type_name(i));
		print_list(s, zone->m, &pcp->lists[i]);
	}
}

struct block_run {
	int mt;			/* -1 for a hole */
	unsigned long nr;
};

/* Prints a run of pageblocks when one of another type comes. */
static void count_pageblocks(struct seq_file *s, struct block_run *run, int mt,
			     unsigned long nr)
{
	if (mt != run->mt && run->nr) {
		seq_printf(s, " %s*%lu", run->mt < 0 ? "hole" :
			   mirror_migratetype_names[run->mt], run->nr);
		run->nr = 0;
	}
	run->mt = mt;
	run->nr += nr;
}

static void print_pageblocks(struct seq_file *s, const struct mirror_zone *zone)
{
	const struct mirror *m = zone->m;
	unsigned long pfn, next, step = 1ul << m->pb_order;
	struct block_run run = {};

	seq_printf(s, "pageblocks %d %s:", zone->node->nid,
		   mirror_zone_names[zone->type]);
	for (pfn = zone->start_pfn; pfn < mirror_zone_end_pfn(zone); pfn = next) {
		u32 idx = mirror_pfn_to_idx(m, pfn);

		count_pageblocks(s, &run, idx == MIRROR_NIL ? -1 :
				 mirror_pageblock_type(m, idx), 1);
		next = mirror_skip_hole(m, pfn + step, step);
		if (next < mirror_zone_end_pfn(zone) && next > pfn + step)
			count_pageblocks(s, &run, -1, (next - pfn) / step - 1);
	}
	count_pageblocks(s, &run, MIRROR_MIGRATE_TYPES, 0);
	seq_putc(s, '\n');
}

/* What each node's kswapd was asked for; the highest zone plus one stands for none. */
static void print_kswapd(struct seq_file *s, const struct mirror_node *node)
{
	seq_printf(s, "kswapd %d order %u zone %d failures %u awake %d", node->nid,
		   node->kswapd_order, node->kswapd_highest_zoneidx, node->kswapd_failures,
		   test_bit(MIRROR_KSWAPD_AWAKE, &node->kswapd_flags));
	seq_printf(s, " compact_order %u compact_zone %d\n", node->kcompactd_max_order,
		   node->kcompactd_highest_zoneidx);
}

/* One line of the bad pages that are isolated, or of the others. */
static void print_bad(struct seq_file *s, const struct mirror_zone *zone,
		      const char *name, bool isolated)
{
	const struct mirror *m = zone->m;
	bool any = false;
	unsigned int i;

	for (i = 0; i < m->bad.nr; i++) {
		u32 idx = m->bad.idx[i], flags = mirror_page_flags(&m->pages[idx]);

		if (mirror_flags_zone(flags) != zone->id ||
		    (mirror_flags_state(flags) == MIRROR_PAGE_BAD) != isolated)
			continue;
		if (!any)
			seq_printf(s, "%s %d %s:", name, zone->node->nid,
				   mirror_zone_names[zone->type]);
		any = true;
		seq_printf(s, " %lu", mirror_idx_to_pfn(m, idx));
	}
	if (any)
		seq_putc(s, '\n');
}

/**
 * mirror_print_state - print every list in order
 * @m: the mirror, which nobody uses meanwhile
 * @s: where
 *
 * Context: Any.
 */
void mirror_print_state(struct mirror *m, struct seq_file *s)
{
	struct mirror_zone *zone;
	struct mirror_node *node;
	unsigned int i, cpu;

	mirror_for_each_node(m, node, i)
		if (node->present)
			print_kswapd(s, node);
	mirror_for_each_populated_zone(m, zone, i) {
		print_zone_line(s, zone);
		print_free_lists(s, zone);
		for_each_online_cpu(cpu)
			print_pcp(s, zone, cpu);
		print_pageblocks(s, zone);
		print_bad(s, zone, "bad", true);
		print_bad(s, zone, "bad_in_use", false);
	}
}
