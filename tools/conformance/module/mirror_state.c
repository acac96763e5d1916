// SPDX-License-Identifier: GPL-2.0
/*
 * What there is to see of the mirror: its zones, counted over all nodes that are
 * compared, and their complete state.
 */
#include <linux/mirror_mm.h>
#include "mirror.h"

static struct mirror *m;
static unsigned int nr_nodes;

/* Once, when the driver is loaded. */
void conf_look_at(struct mirror *mirror)
{
	m = mirror;
	nr_nodes = m->nr_nodes - CONF_FIRST_NODE;
}

static const u8 zone_types[CONF_TYPES] = {
	MIRROR_ZONE_DMA32, MIRROR_ZONE_NORMAL, MIRROR_ZONE_MOVABLE,
};

unsigned int conf_nr_mirror_zones(void)
{
	return nr_nodes * CONF_TYPES;
}

struct mirror_zone *conf_mirror_zone(unsigned int i)
{
	return &m->nodes[CONF_FIRST_NODE + i / CONF_TYPES]->zones[zone_types[i % CONF_TYPES]];
}

static u32 zone_offset(const struct mirror_zone *zone)
{
	u32 offset = 0;
	unsigned int i;

	for (i = 0; i < conf_nr_mirror_zones() && conf_mirror_zone(i) != zone; i++)
		offset += conf_mirror_zone(i)->spanned;
	return offset;
}

u32 mirror_offset(const void *page)
{
	const struct mirror_zone *zone = mirror_page_zone(m, page);

	return zone_offset(zone) +
	       mirror_idx_to_pfn(m, mirror_page_idx(m, page)) - zone->start_pfn;
}

static u32 idx_offset(u32 idx)
{
	return mirror_offset(&m->pages[idx]);
}

/* looking at it ---------------------------------------------------------------- */

void mirror_view(struct conf_view *views)
{
	unsigned int i;

	for (i = 0; i < conf_nr_mirror_zones(); i++) {
		const struct mirror_zone *zone = conf_mirror_zone(i);
		const struct mirror_pcp *pcp = raw_cpu_ptr(zone->pcp);

		if (!mirror_zone_populated(zone))
			continue;
		views[i] = (struct conf_view) {
			.boost = zone->watermark_boost,
			.reserved = zone->nr_reserved_highatomic,
			.largest = zone->free_area[zone->max_order].nr_free,
			.count = pcp->count,
			.high = pcp->high,
			.factor = pcp->alloc_factor,
			.below_high = test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags),
		};
	}
}

static unsigned int zone_number(const struct mirror_zone *zone)
{
	return CONF_ZONE(zone->node->nid - CONF_FIRST_NODE, zone->type);
}

static u32 numa_events(const struct mirror_zone *zone, unsigned int event)
{
	unsigned int cpu;
	u32 nr = 0;

	for_each_online_cpu(cpu)
		nr += per_cpu_ptr(zone->stat, cpu)->numa[event];
	return nr;
}

static void zone_fields(struct conf_writer *w, const struct mirror_zone *zone)
{
	u32 f[CONF_NR_ZONE_FIELDS] = {
		[CONF_ZONE_START] = zone_offset(zone),
		[CONF_ZONE_SPANNED] = zone->spanned,
		[CONF_ZONE_PRESENT] = zone->present,
		[CONF_ZONE_MANAGED] = zone->managed,
		[CONF_ZONE_FREE] =
			atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_PAGES]),
		[CONF_ZONE_FREE_CMA] =
			atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_CMA]),
		[CONF_ZONE_DRIFT_MARK] = zone->percpu_drift_mark,
		[CONF_ZONE_MIN] = zone->watermark[MIRROR_WMARK_MIN],
		[CONF_ZONE_LOW] = zone->watermark[MIRROR_WMARK_LOW],
		[CONF_ZONE_HIGH] = zone->watermark[MIRROR_WMARK_HIGH],
		[CONF_ZONE_PROMO] = zone->watermark[MIRROR_WMARK_PROMO],
		[CONF_ZONE_BOOST] = zone->watermark_boost,
		[CONF_ZONE_RESERVED_HIGHATOMIC] = zone->nr_reserved_highatomic,
		[CONF_ZONE_FREE_HIGHATOMIC] = zone->nr_free_highatomic,
		[CONF_ZONE_BOOSTED] = test_bit(MIRROR_ZONE_BOOSTED, &zone->flags),
		[CONF_ZONE_BELOW_HIGH] = test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags),
		[CONF_ZONE_RECLAIM_ACTIVE] =
			test_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &zone->flags),
		[CONF_ZONE_KSWAPD_DUE] = test_bit(MIRROR_ZONE_KSWAPD_DUE, &zone->flags),
		[CONF_ZONE_KSWAPD_ORDER] = zone->node->kswapd_order,
		[CONF_ZONE_RESERVE_NORMAL] = zone->lowmem_reserve[MIRROR_ZONE_NORMAL],
		[CONF_ZONE_RESERVE_MOVABLE] = zone->lowmem_reserve[MIRROR_ZONE_MOVABLE],
	};
	unsigned int e;

	for (e = 0; e < MIRROR_NR_NUMA_EVENTS; e++)
		f[CONF_ZONE_NUMA_HIT + e] = numa_events(zone, e);
	conf_put_fields(w, CONF_REC_ZONE, zone_number(zone), 0, f, ARRAY_SIZE(f));
}

static void stat_fields(struct conf_writer *w, const struct mirror_zone *zone,
			unsigned int cpu)
{
	const struct mirror_zonestat *stat = per_cpu_ptr(zone->stat, cpu);
	const u32 f[CONF_NR_STAT_FIELDS] = {
		[CONF_STAT_DRIFT] = (s32)stat->diff[MIRROR_NR_FREE_PAGES],
		[CONF_STAT_DRIFT_CMA] = (s32)stat->diff[MIRROR_NR_FREE_CMA],
		[CONF_STAT_THRESHOLD] = stat->threshold,
	};

	conf_put_fields(w, CONF_REC_STAT, zone_number(zone), cpu, f, ARRAY_SIZE(f));
}

static void pcp_fields(struct conf_writer *w, const struct mirror_zone *zone,
		       unsigned int cpu)
{
	const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
	const u32 f[CONF_NR_PCP_FIELDS] = {
		[CONF_PCP_COUNT] = pcp->count,
		[CONF_PCP_HIGH] = pcp->high,
		[CONF_PCP_HIGH_MIN] = pcp->high_min,
		[CONF_PCP_HIGH_MAX] = pcp->high_max,
		[CONF_PCP_BATCH] = pcp->batch,
		[CONF_PCP_FREE_COUNT] = pcp->free_count,
		[CONF_PCP_ALLOC_FACTOR] = pcp->alloc_factor,
		[CONF_PCP_FLAGS] = pcp->flags,
		[CONF_PCP_EXPIRE] = pcp->expire,
	};

	conf_put_fields(w, CONF_REC_PCP, zone_number(zone), cpu, f, ARRAY_SIZE(f));
}

static void put_list(struct conf_writer *w, const struct mirror_list *list)
{
	u32 idx;

	for (idx = list->first; idx != MIRROR_NIL; idx = m->pages[idx].next)
		conf_put(w, idx_offset(idx));
}

static void free_lists(struct conf_writer *w, const struct mirror_zone *zone)
{
	unsigned int mt, order;
	u32 start;

	for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
		for (order = 0; order <= zone->max_order; order++) {
			start = conf_begin(w, CONF_REC_FREE, zone_number(zone),
					   order, mt);
			put_list(w, &zone->free_area[order].list[mt]);
			conf_end(w, start, false);
		}
}

static void pcp_lists(struct conf_writer *w, const struct mirror_zone *zone,
		      unsigned int cpu)
{
	const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
	unsigned int i;
	u32 start;

	for (i = 0; i < MIRROR_NR_PCP_LISTS; i++) {
		start = conf_begin(w, CONF_REC_LIST, zone_number(zone), i, cpu);
		put_list(w, &pcp->lists[i]);
		conf_end(w, start, false);
	}
}

static void pageblocks(struct conf_writer *w, const struct mirror_zone *zone)
{
	u32 start = conf_begin(w, CONF_REC_BLOCKS, zone_number(zone), 0, 0);
	struct mirror_page *page;
	unsigned long pfn;

	for (pfn = zone->start_pfn; pfn < mirror_zone_end_pfn(zone);
	     pfn += 1ul << zone->pb_order) {
		page = mirror_pfn_to_page(m, pfn);
		conf_put(w, page ? m->pageblock_type[mirror_page_idx(m, page) >>
						     zone->pb_order] : CONF_FAILED);
	}
	conf_end(w, start, false);
}

static void zone_state(struct conf_writer *w, const struct mirror_zone *zone)
{
	unsigned int cpu;

	zone_fields(w, zone);
	for_each_online_cpu(cpu)
		stat_fields(w, zone, cpu);
	for_each_online_cpu(cpu)
		pcp_fields(w, zone, cpu);
	free_lists(w, zone);
	for_each_online_cpu(cpu)
		pcp_lists(w, zone, cpu);
	pageblocks(w, zone);
}

void mirror_state(struct conf_writer *w)
{
	unsigned int i;

	for (i = 0; i < conf_nr_mirror_zones(); i++)
		if (mirror_zone_populated(conf_mirror_zone(i)))
			zone_state(w, conf_mirror_zone(i));
}
