// SPDX-License-Identifier: GPL-2.0
/*
 * The other side: mirror_mm, through the calls it offers to modules. What those
 * do not show, the lists in order and the counters, is read from its structures;
 * the folder's headers say how.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mirror_mm.h>
#include <linux/module.h>
#include "core/mirror.h"
#include "driver.h"

MIRROR_MM_IMPORT_NS();

static int cpu_node;
module_param(cpu_node, int, 0);
MODULE_PARM_DESC(cpu_node, "node that the CPU belongs to, as the reference is told (default: 0)");

static struct mirror *m;
static unsigned int nr_nodes;
static void (*drain_all_fn)(struct mirror *m);
static void (*fold_cpu_fn)(struct mirror *m, unsigned int cpu);
static void (*pcp_tick_fn)(struct mirror *m, unsigned int cpu);

static u64 nodemask(u32 nodes)
{
	return (u64)CONF_ALLOWED(nodes) << CONF_FIRST_NODE;
}

static void *mirror_alloc(u32 gfp, unsigned int order, u32 nodes)
{
	return mirror_alloc_pages_nodemask(m, gfp, order,
					   CONF_FIRST_NODE + CONF_PREFERRED(nodes),
					   nodemask(nodes));
}

static void mirror_can_move(void *page)
{
	WARN_ON(mirror_set_page_movable(m, page, true));
}

static void mirror_free(void *page, unsigned int order)
{
	mirror_free_pages(m, page, order);
}

static void mirror_get(void *page)
{
	mirror_get_page(m, page);
}

static void mirror_put(void *page)
{
	mirror_put_page(m, page);
}

static int mirror_count(void *page)
{
	return mirror_page_count(m, page);
}

static void mirror_split(void *page, unsigned int order)
{
	mirror_split_page(m, page, order);
}

static void *mirror_part(void *page, unsigned int i)
{
	return (struct mirror_page *)page + i;
}

static unsigned int mirror_bulk(u32 gfp, unsigned int nr, void **pages, u32 nodes)
{
	return mirror_alloc_pages_bulk_nodemask(m, gfp,
						CONF_FIRST_NODE + CONF_PREFERRED(nodes),
						nodemask(nodes), nr,
						(struct mirror_page **)pages);
}

static const u8 zone_types[CONF_TYPES] = {
	MIRROR_ZONE_DMA32, MIRROR_ZONE_NORMAL, MIRROR_ZONE_MOVABLE,
};

static unsigned int nr_zones(void)
{
	return nr_nodes * CONF_TYPES;
}

static struct mirror_zone *nth_zone(unsigned int i)
{
	return &m->nodes[CONF_FIRST_NODE + i / CONF_TYPES]->zones[zone_types[i % CONF_TYPES]];
}

static u32 zone_offset(const struct mirror_zone *zone)
{
	u32 offset = 0;
	unsigned int i;

	for (i = 0; i < nr_zones() && nth_zone(i) != zone; i++)
		offset += nth_zone(i)->spanned;
	return offset;
}

static u32 mirror_offset(const void *page)
{
	const struct mirror_zone *zone = mirror_page_zone(m, page);

	return zone_offset(zone) +
	       mirror_idx_to_pfn(m, mirror_page_idx(m, page)) - zone->start_pfn;
}

static u32 idx_offset(u32 idx)
{
	return mirror_offset(&m->pages[idx]);
}

static void *mirror_address(const void *page)
{
	return mirror_page_address(m, page);
}

/* looking at it ---------------------------------------------------------------- */

static void mirror_view(struct conf_view *views)
{
	unsigned int i;

	for (i = 0; i < nr_zones(); i++) {
		const struct mirror_zone *zone = nth_zone(i);
		const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, 0);

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

static void zone_fields(struct conf_writer *w, const struct mirror_zone *zone)
{
	const struct mirror_zonestat *stat = per_cpu_ptr(zone->stat, 0);
	u32 f[CONF_NR_ZONE_FIELDS] = {
		[CONF_ZONE_START] = zone_offset(zone),
		[CONF_ZONE_SPANNED] = zone->spanned,
		[CONF_ZONE_PRESENT] = zone->present,
		[CONF_ZONE_MANAGED] = zone->managed,
		[CONF_ZONE_FREE] =
			atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_PAGES]),
		[CONF_ZONE_FREE_CMA] =
			atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_CMA]),
		[CONF_ZONE_DRIFT] = (s32)stat->diff[MIRROR_NR_FREE_PAGES],
		[CONF_ZONE_STAT_THRESHOLD] = stat->threshold,
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
		f[CONF_ZONE_NUMA_HIT + e] = stat->numa[e];
	conf_put_fields(w, CONF_REC_ZONE, zone_number(zone), f, ARRAY_SIZE(f));
}

static void pcp_fields(struct conf_writer *w, const struct mirror_zone *zone)
{
	const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, 0);
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

	conf_put_fields(w, CONF_REC_PCP, zone_number(zone), f, ARRAY_SIZE(f));
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

static void pcp_lists(struct conf_writer *w, const struct mirror_zone *zone)
{
	const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, 0);
	unsigned int i;
	u32 start;

	for (i = 0; i < MIRROR_NR_PCP_LISTS; i++) {
		start = conf_begin(w, CONF_REC_LIST, zone_number(zone), i, 0);
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

static void mirror_state(struct conf_writer *w)
{
	unsigned int i;

	for (i = 0; i < nr_zones(); i++) {
		const struct mirror_zone *zone = nth_zone(i);

		if (!mirror_zone_populated(zone))
			continue;
		zone_fields(w, zone);
		pcp_fields(w, zone);
		free_lists(w, zone);
		pcp_lists(w, zone);
		pageblocks(w, zone);
	}
}

static void mirror_counters(u64 *nr)
{
	struct mirror_zone *zone;
	unsigned int i;

	nr[CONF_EVENT_CLAIM] = CONF_UNSEEN;
	nr[CONF_EVENT_STEAL] = CONF_UNSEEN;
	mirror_for_each_populated_zone(m, zone, i) {
		const unsigned long *events = this_cpu_ptr(zone->stat)->events;

		nr[CONF_EVENT_PGALLOC] += events[MIRROR_ZONE_PGALLOC];
		nr[CONF_EVENT_PGFREE] += events[MIRROR_ZONE_PGFREE];
	}
}

/* between segments ------------------------------------------------------------- */

static void mirror_drain(void)
{
	drain_all_fn(m);
}

/* As forget_kswapd() of the reference. */
static void forget_kswapd(struct mirror_node *node)
{
	unsigned int type;

	node->kswapd_highest_zoneidx = MIRROR_KSWAPD_NO_ZONE;
	node->kswapd_order = 0;
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		clear_bit(MIRROR_ZONE_KSWAPD_DUE, &node->zones[type].flags);
}

/* The part of kswapd is left out, but for that what it was asked is over. */
static void mirror_tick(void)
{
	unsigned int i, cpu = get_cpu();

	fold_cpu_fn(m, cpu);
	pcp_tick_fn(m, cpu);
	put_cpu();
	for (i = 0; i < nr_zones(); i++)
		forget_kswapd(nth_zone(i)->node);
}

/* Writing to the mirror's "reset" does the rest. */
static void mirror_reset(void)
{
}

static const struct conf_allocator mirror = {
	.name = "conf_mirror",
	.alloc = mirror_alloc,
	.can_move = mirror_can_move,
	.free = mirror_free,
	.get = mirror_get,
	.put = mirror_put,
	.count = mirror_count,
	.split = mirror_split,
	.part = mirror_part,
	.bulk = mirror_bulk,
	.offset = mirror_offset,
	.address = mirror_address,
	.view = mirror_view,
	.state = mirror_state,
	.counters = mirror_counters,
	.drain = mirror_drain,
	.tick = mirror_tick,
	.reset = mirror_reset,
};

static const struct file_operations fops = {
	.owner		= THIS_MODULE,
	.open		= nonseekable_open,
	.unlocked_ioctl	= conf_ioctl,
};

static struct conf_device *device;

static bool find_symbols(void)
{
	drain_all_fn = conf_symbol("mirror_drain_all");
	fold_cpu_fn = conf_symbol("mirror_fold_cpu");
	pcp_tick_fn = conf_symbol("mirror_pcp_tick");
	return drain_all_fn && fold_cpu_fn && pcp_tick_fn;
}

static bool nodes_ok(void)
{
	if (m->nr_nodes <= CONF_FIRST_NODE ||
	    m->nr_nodes > CONF_FIRST_NODE + CONF_MAX_NODES) {
		pr_err("the mirror has %u nodes; load it with region=SIZE@START:%d, and at most %d nodes from there on\n",
		       m->nr_nodes, CONF_FIRST_NODE, CONF_MAX_NODES);
		return false;
	}
	if (!mirror_nid_valid(m, cpu_node)) {
		pr_err("cpu_node=%d is no node of the mirror; it has %u\n",
		       cpu_node, m->nr_nodes);
		return false;
	}
	return true;
}

static int __init mirror_init(void)
{
	int ret = -ENOENT;

	m = mirror_mm_get();
	if (!m)
		return -ENODEV;
	if (!nodes_ok()) {
		ret = -ENODEV;
	} else if (find_symbols()) {
		nr_nodes = m->nr_nodes - CONF_FIRST_NODE;
		m->cpu_node[0] = cpu_node;
		device = conf_driver_register(&mirror, &fops);
		ret = PTR_ERR_OR_ZERO(device);
	}
	if (ret)
		mirror_mm_put(m);
	return ret;
}
module_init(mirror_init);

static void __exit mirror_exit(void)
{
	conf_driver_unregister(device);
	mirror_mm_put(m);
}
module_exit(mirror_exit);

MODULE_DESCRIPTION("mirror_mm driven by operation lists, for comparison");
MODULE_LICENSE("GPL");
