// SPDX-License-Identifier: GPL-2.0
/*
 * When a type's own free lists are empty.
 *
 * In this order, each riskier for fragmentation than the one before:
 *
 *   CMA     movable requests only
 *   claim   take over a whole pageblock of another type, found by its largest
 *           free block
 *   steal   take one block of another type, the smallest that does, and leave
 *           its pageblock as it is
 *
 * Also here, as they bend pageblock types for a request's sake: the reserve for
 * high-order atomic requests, and the boost that mixing types gives the marks.
 */
#include "fallback_ops.h"

static const u8 fallbacks_612[MIRROR_PCP_TYPES][MIRROR_PCP_TYPES - 1] = {
	[MIRROR_MIGRATE_UNMOVABLE] = {
		MIRROR_MIGRATE_RECLAIMABLE, MIRROR_MIGRATE_MOVABLE },
	[MIRROR_MIGRATE_MOVABLE] = {
		MIRROR_MIGRATE_RECLAIMABLE, MIRROR_MIGRATE_UNMOVABLE },
	[MIRROR_MIGRATE_RECLAIMABLE] = {
		MIRROR_MIGRATE_UNMOVABLE, MIRROR_MIGRATE_MOVABLE },
};

/* The first type with a free block of exactly this order, or -1. */
static int find_fallback(const struct mirror_zone *zone, unsigned int order,
			 int start_mt)
{
	const u8 (*table)[MIRROR_PCP_TYPES - 1] = fallbacks_612;
	unsigned int i;

	if (static_branch_unlikely(&mirror_policy_key) &&
	    zone->m->policy->fallbacks)
		table = zone->m->policy->fallbacks;
	for (i = 0; i < MIRROR_PCP_TYPES - 1; i++)
		if (zone->free_mask[table[start_mt][i]] & BIT(order))
			return table[start_mt][i];
	return -1;
}

/*
 * Pages that cannot move do lasting harm in a movable pageblock, so they may
 * claim at any size. Movable ones only where most of a pageblock is at stake.
 */
static bool can_claim(const struct mirror_zone *zone, unsigned int order,
		      int start_mt)
{
	return order >= zone->pb_order / 2 ||
	       start_mt == MIRROR_MIGRATE_RECLAIMABLE ||
	       start_mt == MIRROR_MIGRATE_UNMOVABLE ||
	       zone->m->mobility_off;
}

/* Half of the pageblock free or of our kind: then it may as well be ours. */
static bool half_is_ours(const struct mirror_zone *zone, unsigned int nr_free,
			 unsigned int nr_alike)
{
	return nr_free + nr_alike >= 1u << (zone->pb_order - 1) ||
	       zone->m->mobility_off;
}

/*
 * Pages in use that are of the request's kind. In a movable pageblock those are pages
 * that cannot move; among the other two types nobody can tell them apart.
 */
static unsigned int alike_pages(const struct mirror_zone *zone,
				const struct mirror_pageblock_pages *nr, int start_mt,
				int block_mt)
{
	if (start_mt == MIRROR_MIGRATE_MOVABLE)
		return nr->movable;
	if (block_mt == MIRROR_MIGRATE_MOVABLE)
		return (1u << zone->pb_order) - (nr->free + nr->movable);
	return 0;
}

static struct mirror_page *claim_large(struct mirror_zone *zone, u32 idx,
				       unsigned int high, unsigned int order,
				       int block_mt, int start_mt)
{
	unsigned long added;

	if (!mirror_del_free(zone, idx, high, block_mt))
		return NULL;
	mirror_account_free(zone, -(1l << high), block_mt);
	mirror_set_pageblock_range(zone->m, idx, high, start_mt);
	added = mirror_expand(zone, idx, order, high, start_mt);
	mirror_account_free(zone, added, start_mt);
	return &zone->pages[idx];
}

/* Takes the pageblock around a free block over, where that is worth it. */
static struct mirror_page *claim_block(struct mirror_zone *zone, u32 idx,
				       unsigned int high, unsigned int order,
				       int start_mt, unsigned int alloc_flags)
{
	int block_mt = mirror_pageblock_type(zone->m, idx);
	struct mirror_pageblock_pages nr;
	unsigned int nr_alike;
	u32 start;

	if (block_mt == MIRROR_MIGRATE_HIGHATOMIC)
		return NULL;
	if (high >= zone->pb_order)
		return claim_large(zone, idx, high, order, block_mt, start_mt);

	if (mirror_boost_watermark(zone) && alloc_flags & MIRROR_ALLOC_KSWAPD)
		set_bit(MIRROR_ZONE_BOOSTED, &zone->flags);
	if (!mirror_pageblock_in_zone(zone, idx, &start))
		return NULL;
	nr = mirror_pageblock_count(zone, start);
	nr_alike = MIRROR_DECIDE(zone->m, alike_pages, alike_pages, zone, &nr, start_mt,
				 block_mt);
	if (!MIRROR_DECIDE(zone->m, claim_block, half_is_ours, zone, nr.free, nr_alike))
		return NULL;
	mirror_move_freepages(zone, start, block_mt, start_mt);
	return mirror_rmqueue_smallest(zone, order, start_mt);
}

/* Looks for the largest free block: its pageblock likely has the most free. */
static struct mirror_page *rmqueue_claim(struct mirror_zone *zone,
					 unsigned int order, int start_mt,
					 unsigned int alloc_flags)
{
	int high, lowest = order;

	if (order < zone->pb_order &&
	    alloc_flags & MIRROR_ALLOC_NOFRAGMENT)
		lowest = zone->pb_order;

	for (high = zone->max_order; high >= lowest; high--) {
		int mt = find_fallback(zone, high, start_mt);
		struct mirror_page *page;

		if (mt < 0)
			continue;
		if (!MIRROR_DECIDE(zone->m, can_claim, can_claim, zone, high,
				   start_mt))
			break;
		page = claim_block(zone, zone->free_area[high].list[mt].first,
				   high, order, start_mt, alloc_flags);
		if (page)
			return page;
	}
	return NULL;
}

static struct mirror_page *rmqueue_steal(struct mirror_zone *zone,
					 unsigned int order, int start_mt)
{
	unsigned int high;

	for (high = order; high <= zone->max_order; high++) {
		int mt = find_fallback(zone, high, start_mt);

		if (mt >= 0)
			return mirror_take_and_expand(zone, order, high, mt);
	}
	return NULL;
}

/**
 * mirror_rmqueue_other - take a block where the type's own lists have nothing
 * @zone: the zone
 * @order: wanted
 * @mt: of the request
 * @alloc_flags: as for mirror_rmqueue_locked()
 * @mode: likewise
 *
 * Context: zone->lock held.
 * Return: as mirror_rmqueue_locked().
 */
noinline struct mirror_page *
mirror_rmqueue_other(struct mirror_zone *zone, unsigned int order, int mt,
		     unsigned int alloc_flags, enum mirror_rmqueue_mode *mode)
{
	struct mirror_page *page;

	/* A moment ago, under the same lock, there was nothing worth a claim. */
	if (*mode == MIRROR_RMQUEUE_STEAL)
		return rmqueue_steal(zone, order, mt);
	if (alloc_flags & MIRROR_ALLOC_CMA && *mode != MIRROR_RMQUEUE_CLAIM) {
		*mode = MIRROR_RMQUEUE_CMA;
		page = mirror_rmqueue_smallest(zone, order, MIRROR_MIGRATE_CMA);
		if (page)
			return page;
	}
	/* A claimed pageblock fills our own lists again. */
	*mode = MIRROR_RMQUEUE_NORMAL;
	page = rmqueue_claim(zone, order, mt, alloc_flags);
	if (page)
		return page;
	if (alloc_flags & MIRROR_ALLOC_NOFRAGMENT)
		return NULL;
	*mode = MIRROR_RMQUEUE_STEAL;
	return rmqueue_steal(zone, order, mt);
}

/* About 1 % of the zone, in whole pageblocks; nothing where that is not one. */
static unsigned long reserve_max(const struct mirror_zone *zone)
{
	unsigned long block = 1ul << zone->pb_order;

	if (zone->managed / 100 < block)
		return 0;
	return ALIGN(zone->managed / 100, block);
}

static void add_reserved(struct mirror_zone *zone, long nr_pages)
{
	lockdep_assert_held(&zone->lock);

	WRITE_ONCE(zone->nr_reserved_highatomic,
		   zone->nr_reserved_highatomic + nr_pages);
}

static void reserve_locked(struct mirror_zone *zone, u32 idx,
			   unsigned int order)
{
	int mt = mirror_pageblock_type(zone->m, idx);

	if (!mirror_type_mergeable(mt))
		return;
	if (order >= zone->pb_order) {
		mirror_set_pageblock_range(zone->m, idx, order,
					   MIRROR_MIGRATE_HIGHATOMIC);
		add_reserved(zone, 1l << order);
	} else if (mirror_move_freepages(zone, idx, mt,
					 MIRROR_MIGRATE_HIGHATOMIC) >= 0) {
		add_reserved(zone, 1l << zone->pb_order);
	}
}

/**
 * mirror_reserve_highatomic - keep a pageblock for high-order atomic requests
 * @zone: the zone
 * @page: the block that such a request has just got
 * @order: of it
 *
 * The rest of its pageblock joins the reserve until that has its share.
 *
 * Context: Any; takes zone->lock.
 */
void mirror_reserve_highatomic(struct mirror_zone *zone,
			       struct mirror_page *page, unsigned int order)
{
	unsigned long flags, max;

	max = MIRROR_DECIDE(zone->m, reserve_max, reserve_max, zone);
	if (READ_ONCE(zone->nr_reserved_highatomic) >= max)
		return;
	raw_spin_lock_irqsave(&zone->lock, flags);
	if (zone->nr_reserved_highatomic < max)
		reserve_locked(zone, mirror_zone_idx(zone, page), order);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

/* Gives one reserved pageblock, or one larger free block, to another type. */
static bool unreserve_one(struct mirror_zone *zone, u32 idx,
			  unsigned int order, int mt)
{
	unsigned long size = max(1ul << zone->pb_order, 1ul << order);

	if (mirror_pageblock_type(zone->m, idx) == MIRROR_MIGRATE_HIGHATOMIC)
		add_reserved(zone, -(long)min(size, zone->nr_reserved_highatomic));
	if (order < zone->pb_order)
		return mirror_move_freepages(zone, idx,
					     MIRROR_MIGRATE_HIGHATOMIC, mt) > 0;
	if (!mirror_del_free(zone, idx, order, MIRROR_MIGRATE_HIGHATOMIC))
		return false;
	mirror_account_free(zone, -(1l << order), MIRROR_MIGRATE_HIGHATOMIC);
	mirror_set_pageblock_range(zone->m, idx, order, mt);
	mt = mirror_pageblock_type(zone->m, idx);
	mirror_add_free(zone, idx, order, mt, true);
	mirror_account_free(zone, 1l << order, mt);
	return true;
}

static bool unreserve_zone(struct mirror_zone *zone, int mt)
{
	u32 orders = zone->free_mask[MIRROR_MIGRATE_HIGHATOMIC];
	unsigned int order;

	for (order = 0; orders; order++, orders >>= 1) {
		struct mirror_list *list;

		if (!(orders & 1))
			continue;
		list = &zone->free_area[order].list[MIRROR_MIGRATE_HIGHATOMIC];
		if (!mirror_list_empty(list) &&
		    unreserve_one(zone, list->first, order, mt))
			return true;
	}
	return false;
}

/**
 * mirror_unreserve_highatomic - give reserved memory to a request in need
 * @m: the mirror
 * @ac: the request: its zones, and the type the pageblock becomes
 * @force: also a zone's last reserved pageblock
 *
 * One pageblock at a time, and only one that has something free.
 *
 * Context: Any; takes zone->lock.
 * Return: true where one was given up.
 */
bool mirror_unreserve_highatomic(struct mirror *m,
				 const struct mirror_alloc_context *ac,
				 bool force)
{
	unsigned long flags;
	unsigned int i;
	bool done;

	for (i = 0; i < ac->zonelist->nr; i++) {
		const struct mirror_zoneref *ref = &ac->zonelist->refs[i];
		struct mirror_zone *zone = ref->zone;

		if (!mirror_zoneref_allowed(ref, ac))
			continue;
		if (!force && READ_ONCE(zone->nr_reserved_highatomic) <=
			      1ul << m->pb_order)
			continue;
		raw_spin_lock_irqsave(&zone->lock, flags);
		done = unreserve_zone(zone, ac->migratetype);
		raw_spin_unlock_irqrestore(&zone->lock, flags);
		if (done)
			return true;
	}
	return false;
}
