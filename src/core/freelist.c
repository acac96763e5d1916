// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path: all of an allocation that never waits.
 *
 *   gfp --> zone, migratetype, how deep into the reserves
 *       --> for each zone of the zonelist: watermark?  --> rmqueue
 *                                                            |-- per-CPU list
 *                                                            `-- buddy lists
 *
 * A first pass refuses to mix types (NOFRAGMENT) as long as another zone of the
 * node may still have a block of the right one.
 */
#include "fallback_ops.h"
#include "gfp_ops.h"

/*
 * Only a NORMAL zone avoids mixing, as only below it lies one, DMA32, that is
 * large enough to go to instead. With several nodes it has to exist.
 */
static unsigned int nofragment(const struct mirror_zone *zone)
{
	if (zone->type != MIRROR_ZONE_NORMAL)
		return 0;
	if (zone->m->nr_nodes > 1 && !mirror_zone_populated(zone - 1))
		return 0;
	return MIRROR_ALLOC_NOFRAGMENT;
}

/* taking a block ------------------------------------------------------------ */

/**
 * mirror_bad_taken - take the mirror out of service for a block that was not free
 * @zone: whose list it was on
 * @page: its head
 *
 * Context: zone->lock held.
 */
noinline void mirror_bad_taken(struct mirror_zone *zone, struct mirror_page *page)
{
	mirror_broken(zone->m, "pfn %#lx came off a free list with flags %#x and %d references",
		      mirror_idx_to_pfn(zone->m, mirror_zone_idx(zone, page)),
		      page->flags, atomic_read(&page->refs));
}

static noinline struct mirror_page *
rmqueue_buddy(struct mirror_zone *zone, unsigned int order, int mt,
	      unsigned int alloc_flags)
{
	enum mirror_rmqueue_mode mode = MIRROR_RMQUEUE_NORMAL;
	struct mirror_page *page = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	if (alloc_flags & MIRROR_ALLOC_HIGHATOMIC)
		page = mirror_rmqueue_smallest(zone, order,
					       MIRROR_MIGRATE_HIGHATOMIC);
	if (!page)
		page = mirror_rmqueue_locked(zone, order, mt, alloc_flags, &mode);
	if (!page && alloc_flags & (MIRROR_ALLOC_OOM | MIRROR_ALLOC_NON_BLOCK))
		page = mirror_rmqueue_smallest(zone, order,
					       MIRROR_MIGRATE_HIGHATOMIC);
	if (page && unlikely(!mirror_taken_ok(zone, page)))
		page = NULL;
	if (page)
		mirror_page_set_head(page, MIRROR_PAGE_USED, order);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

static noinline void kswapd_due(struct mirror_zone *zone)
{
	clear_bit(MIRROR_ZONE_BOOSTED, &zone->flags);
	mirror_wakeup_kswapd(zone, 0, 0, zone->type);
}

static __mirror_inline struct mirror_page *
rmqueue(struct mirror_zone *preferred, struct mirror_zone *zone,
	unsigned int order, int mt, unsigned int alloc_flags)
{
	struct mirror_page *page = NULL;

	if (likely(mirror_pcp_order(zone, order))) {
		page = mirror_rmqueue_pcp(zone, order, mt, alloc_flags);
		/* It may have met damage: the zone's lists are not trusted then. */
		if (unlikely(!page) && mirror_is_broken(zone->m))
			return NULL;
	}
	if (!page)
		page = rmqueue_buddy(zone, order, mt, alloc_flags);
	if (page)
		mirror_count_alloc(preferred, zone, order, 1);
	if (unlikely(test_bit(MIRROR_ZONE_BOOSTED, &zone->flags)) &&
	    alloc_flags & MIRROR_ALLOC_KSWAPD)
		kswapd_due(zone);
	return page;
}

/* walking the zones ---------------------------------------------------------- */

/*
 * Once a zone fell below its high mark, that is remembered so that per-CPU lists
 * shrink, until a flush finds it whole.
 */
static noinline bool enough_below_high(struct mirror_zone *zone,
				       unsigned int order, int highest_zoneidx,
				       unsigned int alloc_flags)
{
	unsigned long mark = mirror_zone_wmark(zone, alloc_flags &
					       MIRROR_ALLOC_WMARK_MASK);

	if (!test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags))
		set_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
	if (mirror_watermark_fast(zone, order, mark, highest_zoneidx, alloc_flags))
		return true;
	return alloc_flags & MIRROR_ALLOC_NO_WATERMARKS;
}

/* Above the high mark there is nothing to weigh. */
static __mirror_inline bool zone_has_enough(struct mirror_zone *zone,
					    unsigned int order, int highest_zoneidx,
					    unsigned int alloc_flags)
{
	if (likely(!test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags) &&
		   mirror_watermark_fast(zone, order,
					 mirror_zone_wmark(zone, MIRROR_WMARK_HIGH),
					 highest_zoneidx, alloc_flags)))
		return true;
	return enough_below_high(zone, order, highest_zoneidx, alloc_flags);
}

/* A block of this zone, if it has one to give. */
static __mirror_inline struct mirror_page *
try_zone(struct mirror_zone *preferred, struct mirror_zone *zone, u32 gfp,
	 unsigned int order, int highest_zoneidx, int mt, unsigned int alloc_flags)
{
	struct mirror_page *page;

	if (!zone_has_enough(zone, order, highest_zoneidx, alloc_flags))
		return NULL;
	page = rmqueue(preferred, zone, order, mt, alloc_flags);
	if (unlikely(!page))
		return NULL;
	mirror_prep_page(page, order, gfp, alloc_flags);
	if (unlikely(alloc_flags & MIRROR_ALLOC_HIGHATOMIC))
		mirror_reserve_highatomic(zone, page, order);
	return page;
}

/* While mixing is avoided, a walk does not leave the node. */
static __mirror_inline bool must_stay(const struct mirror_zone *preferred,
				      const struct mirror_zone *zone,
				      unsigned int alloc_flags)
{
	return alloc_flags & MIRROR_ALLOC_NOFRAGMENT && zone->node != preferred->node;
}

/* One walk over the zones. */
static struct mirror_page *
walk_zones(u32 gfp, unsigned int order, unsigned int alloc_flags,
	   const struct mirror_alloc_context *ac)
{
	struct mirror_zone *preferred = ac->zonelist->refs[ac->preferred].zone;
	unsigned int i;

	for (i = ac->preferred; i < ac->zonelist->nr; i++) {
		const struct mirror_zoneref *ref = &ac->zonelist->refs[i];
		struct mirror_page *page;

		if (!mirror_zoneref_allowed(ref, ac))
			continue;
		if (must_stay(preferred, ref->zone, alloc_flags))
			return NULL;
		page = try_zone(preferred, ref->zone, gfp, order,
				ac->highest_zoneidx, ac->migratetype, alloc_flags);
		if (page)
			return page;
		/* What it found may have been damage: no other zone is trusted then. */
		if (mirror_is_broken(ref->zone->m))
			return NULL;
	}
	return NULL;
}

/**
 * mirror_get_page_from_freelist - one attempt with given flags
 * @m: the mirror
 * @gfp: MIRROR_GFP_*
 * @order: at most m->max_order
 * @alloc_flags: MIRROR_ALLOC_*
 * @ac: from mirror_prepare_alloc(), which found a zone
 *
 * Rather mixes types than leaves the node.
 *
 * Context: Any.
 * Return: a block with one reference, or NULL.
 */
struct mirror_page *
mirror_get_page_from_freelist(struct mirror *m, u32 gfp, unsigned int order,
			      unsigned int alloc_flags,
			      const struct mirror_alloc_context *ac)
{
	struct mirror_page *page;

	if (mirror_is_broken(m))
		return NULL;
	page = walk_zones(gfp, order, alloc_flags, ac);
	if (likely(page) || !(alloc_flags & MIRROR_ALLOC_NOFRAGMENT) ||
	    mirror_is_broken(m))
		return page;
	return walk_zones(gfp, order, alloc_flags & ~MIRROR_ALLOC_NOFRAGMENT, ac);
}

/* What the first attempt may do; @zone is the preferred one. */
static __mirror_inline unsigned int first_flags(const struct mirror_zone *zone, u32 gfp, int mt)
{
	unsigned int flags = MIRROR_ALLOC_WMARK_LOW | mirror_cma_flag(mt);

	if (gfp & __MIRROR_GFP_KSWAPD_RECLAIM)
		flags |= MIRROR_ALLOC_KSWAPD;
	return flags | MIRROR_DECIDE(zone->m, nofragment, nofragment, zone);
}

/**
 * mirror_alloc_fast - the first attempt of every request
 * @m: the mirror
 * @gfp: MIRROR_GFP_*
 * @order: at most m->max_order
 * @ac: from mirror_prepare_alloc(), which found a zone
 *
 * Context: Any.
 * Return: a block with one reference, or NULL.
 */
struct mirror_page *
mirror_alloc_fast(struct mirror *m, u32 gfp, unsigned int order,
		  const struct mirror_alloc_context *ac)
{
	const struct mirror_zone *preferred = ac->zonelist->refs[ac->preferred].zone;

	return mirror_get_page_from_freelist(m, gfp, order,
					     first_flags(preferred, gfp, ac->migratetype), ac);
}

/**
 * mirror_alloc_refilled - the first attempt where mirror_alloc_hot() found an empty list
 * @zone: from mirror_hot_zone(), so that no mark is to be looked at again
 * @gfp: of the request
 * @order: of the request
 * @mt: of the request
 *
 * Only where the zone has a block of the request's type, for without one the walk over the
 * zones would have to go on behind this one.
 *
 * Context: Any.
 * Return: a block with one reference, or NULL, after which mirror_alloc_fast() is due.
 */
struct mirror_page *mirror_alloc_refilled(struct mirror_zone *zone, u32 gfp,
					  unsigned int order, int mt)
{
	unsigned int flags = first_flags(zone, gfp, mt);
	struct mirror_page *page;

	if (mirror_is_broken(zone->m) || !(READ_ONCE(zone->free_mask[mt]) >> order))
		return NULL;
	page = rmqueue(zone, zone, order, mt, flags);
	if (likely(page))
		mirror_prep_page(page, order, gfp, flags);
	return page;
}

/* A zone of the preferred node that can give all pages and stay above low. */
static struct mirror_zone *zone_for_bulk(unsigned int nr, unsigned int flags,
					 const struct mirror_alloc_context *ac)
{
	const struct mirror_zoneref *first = &ac->zonelist->refs[ac->preferred];
	unsigned long mark;
	unsigned int i;

	for (i = ac->preferred; i < ac->zonelist->nr; i++) {
		const struct mirror_zoneref *ref = &ac->zonelist->refs[i];

		if (!mirror_zoneref_allowed(ref, ac))
			continue;
		if (ref->zone->node != first->zone->node)
			return NULL;
		mark = mirror_zone_wmark(ref->zone, MIRROR_WMARK_LOW) + nr;
		if (mirror_watermark_fast(ref->zone, 0, mark, first->zone_idx,
					  flags))
			return ref->zone;
	}
	return NULL;
}

/**
 * mirror_alloc_fast_bulk - many single pages under one hold of a lock
 * @m: the mirror
 * @gfp: MIRROR_GFP_*
 * @nr: length of @pages
 * @pages: NULL elements are filled from the first on, others left alone
 * @ac: from mirror_prepare_alloc(), which found a zone
 *
 * Context: Any.
 * Return: pages added, each with one reference.
 */
unsigned int mirror_alloc_fast_bulk(struct mirror *m, u32 gfp, unsigned int nr,
				    struct mirror_page **pages,
				    const struct mirror_alloc_context *ac)
{
	struct mirror_zoneref *first = &ac->zonelist->refs[ac->preferred];
	unsigned int flags = MIRROR_ALLOC_WMARK_LOW | mirror_cma_flag(ac->migratetype);
	struct mirror_zone *zone;
	unsigned int taken;

	if (mirror_is_broken(m))
		return 0;
	zone = zone_for_bulk(nr, flags, ac);
	if (!zone)
		return 0;
	taken = mirror_rmqueue_pcp_bulk(zone, ac->migratetype, flags, gfp, nr,
					pages);
	if (taken)
		mirror_count_alloc(first->zone, zone, 0, taken);
	return taken;
}
