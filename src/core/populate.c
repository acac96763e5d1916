// SPDX-License-Identifier: GPL-2.0
/*
 * From ranges to free blocks.
 *
 * The ranges are dealt out to nodes, as they say, and to zones, lowest address
 * to lowest zone. What comes out is a short list of runs: memory of one zone
 * without a hole, in address order. Everything that follows goes along the runs:
 *
 *   descriptors   written once each, piece by piece, on all CPUs at a time
 *   first freeing the largest aligned blocks, each to the end of its list, so
 *                 that lists begin in address order; it touches one descriptor a
 *                 block, so one CPU does it, and the order is always the same
 *   reset         takes the blocks off the lists and does the first freeing again,
 *                 around pages that were reported as bad
 *
 * No block reaches over the end of a run, and runs end where a hole, a zone or a
 * node does.
 */
#include "internal.h"

/* Descriptors that one CPU writes at a time: those of 128 MiB. */
#define PIECE_ORDER	15

/* dealing out -------------------------------------------------------------------- */

static void add_to_zone(struct mirror_zone *zone, unsigned long start,
			unsigned long end)
{
	if (!zone->present)
		zone->start_pfn = start;
	zone->spanned = end - zone->start_pfn;
	zone->present += end - start;
	zone->managed = zone->present;
}

static void add_to_node(struct mirror_node *node, unsigned long start,
			unsigned long end)
{
	if (!node->present)
		node->start_pfn = start;
	node->spanned = end - node->start_pfn;
	node->present += end - start;
}

/* Ranges that touch make one run: a block may lie in both. */
static void add_run(struct mirror *m, const struct mirror_zone *zone,
		    unsigned long start, unsigned long end)
{
	u32 first = mirror_pfn_slot_idx(m, start);
	struct mirror_run *last = m->nr_runs ? &m->runs[m->nr_runs - 1] : NULL;

	if (last && last->end == first && last->zone == zone->id) {
		last->end += end - start;
		return;
	}
	m->runs[m->nr_runs++] = (struct mirror_run){
		.first = first,
		.end = first + (end - start),
		.zone = zone->id,
	};
}

/* How many pages each zone gets in all; the rest goes to one of them. */
static int share_zones(const struct mirror *m, const struct mirror_config *conf,
		       unsigned long *pages)
{
	unsigned long total = m->managed, fixed = 0;
	unsigned int type;

	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++) {
		pages[type] = type == conf->rest_zone ? 0 :
			      conf->zone_pages[type];
		if (pages[type] > total - fixed)
			return -EINVAL;
		fixed += pages[type];
	}
	pages[conf->rest_zone] = total - fixed;
	return 0;
}

/* Each range ends one run, and each zone's last page one more. */
static int alloc_runs(struct mirror *m)
{
	unsigned int nr = m->nr_ranges + MIRROR_MAX_NR_ZONES;

	m->runs = kmalloc_array(nr, sizeof(*m->runs), GFP_KERNEL);
	if (!m->runs)
		return -ENOMEM;
	mirror_charge(m, MIRROR_COST_SECTIONS, nr * sizeof(*m->runs));
	return 0;
}

/**
 * mirror_deal_ranges - give each page to a node and a zone
 * @m: the mirror, with its ranges and empty zones
 * @conf: the sizes of the zones
 *
 * Context: Process context; may sleep.
 * Return: 0, -EINVAL where the zones want more than there is, or -ENOMEM.
 */
int mirror_deal_ranges(struct mirror *m, const struct mirror_config *conf)
{
	unsigned long left[MIRROR_MAX_NR_ZONES];
	unsigned int i, type = 0;
	int ret;

	ret = share_zones(m, conf, left) ?: alloc_runs(m);
	if (ret)
		return ret;
	for (i = 0; i < m->nr_ranges; i++) {
		struct mirror_node *node = m->nodes[m->ranges[i].nid];
		unsigned long pfn = m->ranges[i].start_pfn;

		add_to_node(node, pfn, m->ranges[i].end_pfn);
		while (pfn < m->ranges[i].end_pfn) {
			unsigned long end;

			while (!left[type])
				type++;
			end = min(m->ranges[i].end_pfn, pfn + left[type]);
			add_to_zone(&node->zones[type], pfn, end);
			add_run(m, &node->zones[type], pfn, end);
			left[type] -= end - pfn;
			pfn = end;
		}
	}
	return 0;
}

/* descriptors --------------------------------------------------------------------- */

static void mark_frames(struct mirror *m, u32 idx, u32 end, u32 flags)
{
	const struct mirror_page value = { .flags = flags };
	struct mirror_page *page = &m->pages[idx], *last = &m->pages[end];

	while (page < last)
		*page++ = value;
}

/* One piece: what lies in a run is a tail of its zone, all else a hole. */
static void fill_piece(void *arg, unsigned int piece)
{
	struct mirror *m = arg;
	u32 idx = piece << PIECE_ORDER;
	u32 end = idx + min(m->nr_desc - idx, 1u << PIECE_ORDER);
	const struct mirror_run *run;

	for (run = m->runs; run < m->runs + m->nr_runs; run++) {
		u32 first = clamp(run->first, idx, end);
		u32 last = clamp(run->end, idx, end);

		mark_frames(m, idx, first, MIRROR_PAGE_HOLE);
		mark_frames(m, first, last,
			    (u32)run->zone << MIRROR_PF_ZONE_SHIFT | MIRROR_PAGE_TAIL);
		idx = last;
	}
	mark_frames(m, idx, end, MIRROR_PAGE_HOLE);
}

/**
 * mirror_fill_descriptors - write every descriptor for the first time
 * @m: the mirror, its ranges dealt out
 *
 * Context: Process context; may sleep. All CPUs take part.
 * Return: 0, or -EINTR for a fatal signal.
 */
int mirror_fill_descriptors(struct mirror *m)
{
	return mirror_host_for_each(DIV_ROUND_UP(m->nr_desc, 1u << PIECE_ORDER),
				    fill_piece, m, "writing page descriptors");
}

/* first freeing ------------------------------------------------------------------- */

static void empty_zone(struct mirror_zone *zone)
{
	unsigned int order, mt;

	for (order = 0; order < MIRROR_NR_ORDERS_MAX; order++) {
		zone->free_area[order].nr_free = 0;
		for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
			mirror_list_init(&zone->free_area[order].list[mt]);
	}
	memset(zone->free_mask, 0, sizeof(zone->free_mask));
	zone->nr_reserved_highatomic = 0;
	zone->nr_free_highatomic = 0;
	zone->percpu_drift_mark = 0;
	zone->flags = 0;
}

/* The largest block that is aligned at @idx and ends by @end. */
static unsigned int largest_order(const struct mirror *m, u32 idx, u32 end)
{
	unsigned int order = idx ? min_t(unsigned int, __ffs(idx), m->max_order) :
				   m->max_order;

	while (end - idx < 1u << order)
		order--;
	return order;
}

/* From low to high addresses, each block to the tail. */
static void free_frames(struct mirror_zone *zone, u32 idx, u32 end, bool may_sleep)
{
	unsigned long flags;

	while (idx < end) {
		unsigned int order = largest_order(zone->m, idx, end);

		raw_spin_lock_irqsave(&zone->lock, flags);
		mirror_free_large(zone, idx, order, true);
		raw_spin_unlock_irqrestore(&zone->lock, flags);
		idx += 1u << order;
		if (may_sleep)
			mirror_host_relax();
	}
}

static void free_pristine_run(struct mirror *m, const struct mirror_run *run,
			      bool may_sleep)
{
	struct mirror_zone *zone = mirror_zone_by_id(m, run->zone);
	u32 idx, bad;

	for (idx = run->first; idx < run->end; idx = bad + 1) {
		bad = mirror_next_bad(m, idx, run->end);
		free_frames(zone, idx, bad, may_sleep);
	}
}

/* Movable even where grouping is off: the reference decides that later on. */
static void init_pageblocks(struct mirror *m)
{
	memset(m->pageblock_type, MIRROR_MIGRATE_MOVABLE,
	       DIV_ROUND_UP(m->nr_desc, 1u << m->pb_order));
}

/**
 * mirror_make_pristine - marks, lists and counters as before the first request
 * @m: the mirror, every frame a tail or a hole
 * @may_sleep: the caller may
 *
 * Context: as @may_sleep says; nobody else uses the mirror.
 */
void mirror_make_pristine(struct mirror *m, bool may_sleep)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_zone(m, zone, i)
		empty_zone(zone);
	mirror_vmstat_reset(m);
	mirror_kswapd_reset(m);
	init_pageblocks(m);
	mirror_setup_watermarks(m);
	mirror_refresh_thresholds(m);
	mirror_setup_lowmem_reserve(m);
	for (i = 0; i < m->nr_runs; i++)
		free_pristine_run(m, &m->runs[i], may_sleep);
}

/* reset --------------------------------------------------------------------------- */

static void dissolve(struct mirror *m, const struct mirror_list *list)
{
	u32 idx = list->first, nr = list->nr;

	for (; nr-- && idx < m->nr_desc; idx = m->pages[idx].next)
		mirror_page_set_tail(&m->pages[idx]);
}

/* Where nothing is in use, every head is on a list. */
static void dissolve_zone(struct mirror_zone *zone)
{
	unsigned int order, mt, cpu, i;

	for (order = 0; order <= zone->max_order; order++)
		for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
			dissolve(zone->m, &zone->free_area[order].list[mt]);
	for_each_possible_cpu(cpu) {
		struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);

		for (i = 0; i < MIRROR_NR_PCP_LISTS; i++)
			dissolve(zone->m, &pcp->lists[i]);
		mirror_pcp_reset(pcp);
	}
	zone->pcp_batch = 0;
}

/**
 * mirror_core_reset - back to the state after creation
 * @m: the mirror
 *
 * Settings and bad pages stay, counters and pageblock types do not. The time it takes grows
 * with the number of blocks, not of pages: what is free is merged, but for what
 * lies on per-CPU lists.
 *
 * Context: everybody else is kept from running: stop_machine(), or the only
 * user there is.
 * Return: 0; -EIO out of service; -EBUSY while somebody holds a page; -EAGAIN
 * where a change of the settings or the report of a bad page was interrupted
 * halfway: let it end and try again.
 */
int mirror_core_reset(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	if (mirror_is_broken(m))
		return -EIO;
	if (mutex_is_locked(&m->tunables_lock) || mutex_is_locked(&m->bad.lock))
		return -EAGAIN;
	if (mirror_nr_free(m) + mirror_nr_isolated(m) != m->managed)
		return -EBUSY;
	mirror_for_each_populated_zone(m, zone, i)
		dissolve_zone(zone);
	mirror_make_pristine(m, false);
	return 0;
}
