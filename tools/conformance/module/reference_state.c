// SPDX-License-Identifier: GPL-2.0
/*
 * What there is to see of the reference: its zones, counted over all nodes that are
 * compared, and their complete state.
 */
#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/vmstat.h>
#include <uapi/linux/mirror_mm.h>
#include "reference.h"

unsigned int conf_nr_nodes;

static const u8 zone_types[CONF_TYPES][2] = {
	{ ZONE_DMA32,	MIRROR_ZONE_DMA32 },
	{ ZONE_NORMAL,	MIRROR_ZONE_NORMAL },
	{ ZONE_MOVABLE,	MIRROR_ZONE_MOVABLE },
};

unsigned int conf_nr_zones(void)
{
	return conf_nr_nodes * CONF_TYPES;
}

struct zone *conf_nth_zone(unsigned int i)
{
	return &NODE_DATA(CONF_FIRST_NODE + i / CONF_TYPES)->node_zones
		[zone_types[i % CONF_TYPES][0]];
}

/* As the mirror calls it. */
static unsigned int zone_number(unsigned int i)
{
	return CONF_ZONE(i / CONF_TYPES, zone_types[i % CONF_TYPES][1]);
}

bool conf_node_is_ours(int nid)
{
	return nid >= CONF_FIRST_NODE && nid < CONF_FIRST_NODE + (int)conf_nr_nodes;
}

static u32 zone_offset(const struct zone *zone)
{
	u32 offset = 0;
	unsigned int i;

	for (i = 0; i < conf_nr_zones() && conf_nth_zone(i) != zone; i++)
		offset += conf_nth_zone(i)->spanned_pages;
	return offset;
}

u32 reference_offset(const void *page)
{
	const struct zone *zone = page_zone((struct page *)page);

	return zone_offset(zone) + page_to_pfn((struct page *)page) -
	       zone->zone_start_pfn;
}

/* looking at it ---------------------------------------------------------------- */

void reference_view(struct conf_view *views)
{
	unsigned int i;

	for (i = 0; i < conf_nr_zones(); i++) {
		struct zone *zone = conf_nth_zone(i);
		const struct per_cpu_pages *pcp = raw_cpu_ptr(zone->per_cpu_pageset);

		if (!populated_zone(zone))
			continue;
		views[i] = (struct conf_view) {
			.boost = zone->watermark_boost,
			.reserved = zone->nr_reserved_highatomic,
			.largest = zone->free_area[MAX_PAGE_ORDER].nr_free,
			.count = pcp->count,
			.high = pcp->high,
			.factor = pcp->alloc_factor,
			.below_high = test_bit(ZONE_BELOW_HIGH, &zone->flags),
		};
	}
}

static u32 numa_events(struct zone *zone, enum numa_stat_item item)
{
	static_assert(NUMA_OTHER - NUMA_HIT == CONF_ZONE_NUMA_OTHER - CONF_ZONE_NUMA_HIT);
	u32 nr = atomic_long_read(&zone->vm_numa_event[item]);
	unsigned int cpu;

	for_each_online_cpu(cpu)
		nr += per_cpu_ptr(zone->per_cpu_zonestats, cpu)->vm_numa_event[item];
	return nr;
}

/* What kswapd would look at, once it ran: the node's zones up to the noted one. */
static bool kswapd_due(struct zone *zone)
{
	int highest = READ_ONCE(zone->zone_pgdat->kswapd_highest_zoneidx);

	return highest != MAX_NR_ZONES && zone_idx(zone) <= highest;
}

static u32 numa_base[CONF_ZONES][NR_VM_NUMA_EVENT_ITEMS];

static void zone_fields(struct conf_writer *w, struct zone *zone, unsigned int i)
{
	u32 f[CONF_NR_ZONE_FIELDS] = {
		[CONF_ZONE_START] = zone_offset(zone),
		[CONF_ZONE_SPANNED] = zone->spanned_pages,
		[CONF_ZONE_PRESENT] = zone->present_pages,
		[CONF_ZONE_MANAGED] = zone_managed_pages(zone),
		[CONF_ZONE_FREE] = zone_page_state(zone, NR_FREE_PAGES),
		[CONF_ZONE_FREE_CMA] = zone_page_state(zone, NR_FREE_CMA_PAGES),
		[CONF_ZONE_DRIFT_MARK] = zone->percpu_drift_mark,
		[CONF_ZONE_MIN] = zone->_watermark[WMARK_MIN],
		[CONF_ZONE_LOW] = zone->_watermark[WMARK_LOW],
		[CONF_ZONE_HIGH] = zone->_watermark[WMARK_HIGH],
		[CONF_ZONE_PROMO] = zone->_watermark[WMARK_PROMO],
		[CONF_ZONE_BOOST] = zone->watermark_boost,
		[CONF_ZONE_RESERVED_HIGHATOMIC] = zone->nr_reserved_highatomic,
		[CONF_ZONE_FREE_HIGHATOMIC] = zone->nr_free_highatomic,
		[CONF_ZONE_BOOSTED] = test_bit(ZONE_BOOSTED_WATERMARK, &zone->flags),
		[CONF_ZONE_BELOW_HIGH] = test_bit(ZONE_BELOW_HIGH, &zone->flags),
		[CONF_ZONE_RECLAIM_ACTIVE] = test_bit(ZONE_RECLAIM_ACTIVE, &zone->flags),
		[CONF_ZONE_KSWAPD_DUE] = kswapd_due(zone),
		[CONF_ZONE_KSWAPD_ORDER] = READ_ONCE(zone->zone_pgdat->kswapd_order),
		[CONF_ZONE_RESERVE_NORMAL] = zone->lowmem_reserve[ZONE_NORMAL],
		[CONF_ZONE_RESERVE_MOVABLE] = zone->lowmem_reserve[ZONE_MOVABLE],
	};
	unsigned int e;

	for (e = NUMA_HIT; e <= NUMA_OTHER; e++)
		f[CONF_ZONE_NUMA_HIT + e - NUMA_HIT] =
			numa_events(zone, e) - numa_base[i][e];
	conf_put_fields(w, CONF_REC_ZONE, zone_number(i), 0, f, ARRAY_SIZE(f));
}

static void stat_fields(struct conf_writer *w, const struct zone *zone,
			unsigned int type, unsigned int cpu)
{
	const struct per_cpu_zonestat *stat = per_cpu_ptr(zone->per_cpu_zonestats, cpu);
	const u32 f[CONF_NR_STAT_FIELDS] = {
		[CONF_STAT_DRIFT] = (s32)stat->vm_stat_diff[NR_FREE_PAGES],
		[CONF_STAT_DRIFT_CMA] = (s32)stat->vm_stat_diff[NR_FREE_CMA_PAGES],
		[CONF_STAT_THRESHOLD] = stat->stat_threshold,
	};

	conf_put_fields(w, CONF_REC_STAT, type, cpu, f, ARRAY_SIZE(f));
}

static void pcp_fields(struct conf_writer *w, const struct zone *zone,
		       unsigned int type, unsigned int cpu)
{
	const struct per_cpu_pages *pcp = per_cpu_ptr(zone->per_cpu_pageset, cpu);
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

	conf_put_fields(w, CONF_REC_PCP, type, cpu, f, ARRAY_SIZE(f));
}

static void free_lists(struct conf_writer *w, struct zone *zone, unsigned int type)
{
	/* By enum mirror_migratetype; stock kernels have no CMA. */
	static const int types[] = {
		MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_RECLAIMABLE,
		MIGRATE_HIGHATOMIC, -1, MIGRATE_ISOLATE,
	};
	unsigned int mt, order;
	struct page *page;
	u32 start;

	for (mt = 0; mt < ARRAY_SIZE(types); mt++) {
		if (types[mt] < 0)
			continue;
		for (order = 0; order <= MAX_PAGE_ORDER; order++) {
			start = conf_begin(w, CONF_REC_FREE, type, order, mt);
			list_for_each_entry(page,
					    &zone->free_area[order].free_list[types[mt]],
					    buddy_list)
				conf_put(w, reference_offset(page));
			conf_end(w, start, false);
		}
	}
}

static void pcp_lists(struct conf_writer *w, const struct zone *zone,
		      unsigned int type, unsigned int cpu)
{
	const struct per_cpu_pages *pcp = per_cpu_ptr(zone->per_cpu_pageset, cpu);
	struct page *page;
	unsigned int i;
	u32 start;

	for (i = 0; i < NR_PCP_LISTS; i++) {
		start = conf_begin(w, CONF_REC_LIST, type, i, cpu);
		list_for_each_entry(page, &pcp->lists[i], pcp_list)
			conf_put(w, reference_offset(page));
		conf_end(w, start, false);
	}
}

/* The numbers of the types that pages of the node can have are the same. */
static_assert((int)MIGRATE_UNMOVABLE == (int)MIRROR_MIGRATE_UNMOVABLE);
static_assert((int)MIGRATE_MOVABLE == (int)MIRROR_MIGRATE_MOVABLE);
static_assert((int)MIGRATE_RECLAIMABLE == (int)MIRROR_MIGRATE_RECLAIMABLE);
static_assert((int)MIGRATE_HIGHATOMIC == (int)MIRROR_MIGRATE_HIGHATOMIC);

/* The kernel's getter is not for modules; the bitmap hangs on the section. */
u32 conf_pageblock_type(unsigned long pfn)
{
	struct mem_section *ms = __pfn_to_section(pfn);
	const unsigned long *map;
	unsigned long bit;
	int mt;

	if (!online_section(ms))
		return CONF_FAILED;
	map = section_to_usemap(ms);
	bit = (pfn & (PAGES_PER_SECTION - 1)) / pageblock_nr_pages * NR_PAGEBLOCK_BITS;
	mt = map[bit / BITS_PER_LONG] >> bit % BITS_PER_LONG & MIGRATETYPE_MASK;
	return mt == MIGRATE_ISOLATE ? MIRROR_MIGRATE_ISOLATE : mt;
}

static void pageblocks(struct conf_writer *w, const struct zone *zone,
		       unsigned int type)
{
	u32 start = conf_begin(w, CONF_REC_BLOCKS, type, 0, 0);
	unsigned long pfn;

	for (pfn = zone->zone_start_pfn; pfn < zone_end_pfn(zone);
	     pfn += pageblock_nr_pages)
		conf_put(w, conf_pageblock_type(pfn));
	conf_end(w, start, false);
}

/* Nobody else uses the nodes, so no CPU changes its part meanwhile. */
static void zone_state(struct conf_writer *w, struct zone *zone, unsigned int i)
{
	unsigned int cpu, type = zone_number(i);

	zone_fields(w, zone, i);
	for_each_online_cpu(cpu)
		stat_fields(w, zone, type, cpu);
	for_each_online_cpu(cpu)
		pcp_fields(w, zone, type, cpu);
	spin_lock(&zone->lock);
	free_lists(w, zone, type);
	spin_unlock(&zone->lock);
	for_each_online_cpu(cpu)
		pcp_lists(w, zone, type, cpu);
	pageblocks(w, zone, type);
}

void reference_state(struct conf_writer *w)
{
	unsigned int i;

	for (i = 0; i < conf_nr_zones(); i++)
		if (populated_zone(conf_nth_zone(i)))
			zone_state(w, conf_nth_zone(i), i);
}

/* NUMA counters never go back; from now on they are told from here. */
void reference_forget_numa(unsigned int i)
{
	unsigned int e;

	for (e = 0; e < NR_VM_NUMA_EVENT_ITEMS; e++)
		numa_base[i][e] = numa_events(conf_nth_zone(i), e);
}
