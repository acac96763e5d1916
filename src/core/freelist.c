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
#include "internal.h"

#define ZONE_BITS	(__MIRROR_GFP_DMA | __MIRROR_GFP_DMA32 | __MIRROR_GFP_HIGHMEM)
#define MOBILITY_BITS	(__MIRROR_GFP_MOVABLE | __MIRROR_GFP_RECLAIMABLE)

/* what the flags mean ------------------------------------------------------ */

/**
 * mirror_gfp_check - are these flags ones that make sense together?
 * @gfp: MIRROR_GFP_*
 *
 * Context: Any.
 * Return: 0, or -EINVAL for an unknown bit, more than one zone, or two
 * mobilities.
 */
int mirror_gfp_check(u32 gfp)
{
	if (gfp & ~__MIRROR_GFP_ALL)
		return -EINVAL;
	if (hweight32(gfp & ZONE_BITS) > 1)
		return -EINVAL;
	return (gfp & MOBILITY_BITS) == MOBILITY_BITS ? -EINVAL : 0;
}

/**
 * mirror_gfp_zone - highest zone that a request may use
 * @gfp: MIRROR_GFP_* that mirror_gfp_check() accepts
 *
 * MOVABLE is a zone only together with HIGHMEM; alone it is a mobility.
 *
 * Context: Any.
 * Return: enum mirror_zone_type.
 */
int mirror_gfp_zone(u32 gfp)
{
	if (gfp & __MIRROR_GFP_DMA)
		return MIRROR_ZONE_DMA;
	if (gfp & __MIRROR_GFP_DMA32)
		return MIRROR_ZONE_DMA32;
	if (gfp & __MIRROR_GFP_HIGHMEM)
		return gfp & __MIRROR_GFP_MOVABLE ? MIRROR_ZONE_MOVABLE :
						    MIRROR_ZONE_HIGHMEM;
	return MIRROR_ZONE_NORMAL;
}

/**
 * mirror_gfp_migratetype - mobility that a request asks for
 * @m: the mirror
 * @gfp: MIRROR_GFP_* that mirror_gfp_check() accepts
 *
 * Context: Any.
 * Return: UNMOVABLE, MOVABLE or RECLAIMABLE of enum mirror_migratetype.
 */
int mirror_gfp_migratetype(const struct mirror *m, u32 gfp)
{
	if (unlikely(m->mobility_off))
		return MIRROR_MIGRATE_UNMOVABLE;
	if (gfp & __MIRROR_GFP_MOVABLE)
		return MIRROR_MIGRATE_MOVABLE;
	return gfp & __MIRROR_GFP_RECLAIMABLE ? MIRROR_MIGRATE_RECLAIMABLE :
						MIRROR_MIGRATE_UNMOVABLE;
}

static unsigned int cma_flag(int migratetype)
{
	return migratetype == MIRROR_MIGRATE_MOVABLE ? MIRROR_ALLOC_CMA : 0;
}

/**
 * mirror_gfp_to_alloc_flags - how far a request may go after its first failure
 * @gfp: MIRROR_GFP_*
 * @order: of the request
 * @migratetype: of the request, from mirror_gfp_migratetype()
 *
 * Context: Any.
 * Return: MIRROR_ALLOC_* with the min watermark.
 */
unsigned int mirror_gfp_to_alloc_flags(u32 gfp, unsigned int order,
				       int migratetype)
{
	unsigned int flags = MIRROR_ALLOC_WMARK_MIN | cma_flag(migratetype);

	if (gfp & __MIRROR_GFP_HIGH)
		flags |= MIRROR_ALLOC_MIN_RESERVE;
	if (gfp & __MIRROR_GFP_KSWAPD_RECLAIM)
		flags |= MIRROR_ALLOC_KSWAPD;
	if (!(gfp & (__MIRROR_GFP_DIRECT_RECLAIM | __MIRROR_GFP_NOMEMALLOC))) {
		flags |= MIRROR_ALLOC_NON_BLOCK;
		if (order && flags & MIRROR_ALLOC_MIN_RESERVE)
			flags |= MIRROR_ALLOC_HIGHATOMIC;
	}
	return flags;
}

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

static unsigned int first_zone(const struct mirror_alloc_context *ac)
{
	unsigned int i;

	for (i = 0; i < ac->zonelist->nr; i++)
		if (mirror_zoneref_allowed(&ac->zonelist->refs[i], ac))
			break;
	return i;
}

static bool stays_on_node(u32 gfp)
{
	return gfp & __MIRROR_GFP_THISNODE;
}

/**
 * mirror_prepare_alloc - find out where a request may look
 * @m: the mirror
 * @gfp: MIRROR_GFP_* that mirror_gfp_check() accepts
 * @nid: preferred node, a valid one
 * @nodemask: allowed nodes, 0 for all
 * @ac: filled in
 *
 * Context: Any.
 * Return: false where no zone is eligible at all.
 */
bool mirror_prepare_alloc(struct mirror *m, u32 gfp, int nid, u64 nodemask,
			  struct mirror_alloc_context *ac)
{
	const struct mirror_node *node = m->nodes[nid];

	ac->zonelist = MIRROR_DECIDE(m, stays_on_node, stays_on_node, gfp) ?
		       &node->nofallback : &node->fallback;
	ac->highest_zoneidx = mirror_gfp_zone(gfp);
	ac->migratetype = mirror_gfp_migratetype(m, gfp);
	ac->nodemask = nodemask;
	ac->preferred = first_zone(ac);
	return ac->preferred < ac->zonelist->nr;
}

/*
 * Requests that may empty a zone, and urgent ones that cannot wait, are the
 * system's own; who set a nodemask did not mean them.
 */
static bool drops_nodemask(u32 gfp)
{
	if (gfp & __MIRROR_GFP_MEMALLOC && !(gfp & __MIRROR_GFP_NOMEMALLOC))
		return true;
	return gfp & __MIRROR_GFP_HIGH && !(gfp & __MIRROR_GFP_DIRECT_RECLAIM);
}

/**
 * mirror_drop_nodemask - let a request in distress go to nodes that it excluded
 * @m: the mirror
 * @gfp: its MIRROR_GFP_*, which say whether it may
 * @ac: the request; with THISNODE it still stays where it is
 *
 * Context: Any.
 */
void mirror_drop_nodemask(struct mirror *m, u32 gfp,
			  struct mirror_alloc_context *ac)
{
	if (!MIRROR_DECIDE(m, drops_nodemask, drops_nodemask, gfp))
		return;
	ac->nodemask = 0;
	ac->preferred = first_zone(ac);
}

/* taking a block ------------------------------------------------------------ */

static struct mirror_page *check_taken(struct mirror_zone *zone,
				       struct mirror_page *page)
{
	if (likely(!page || (mirror_page_state(page) == MIRROR_PAGE_TAIL &&
			     !atomic_read(&page->refs))))
		return page;
	mirror_broken(zone->m, "pfn %#lx came off a free list with flags %#x and %d references",
		      mirror_idx_to_pfn(zone->m, mirror_zone_idx(zone, page)),
		      page->flags, atomic_read(&page->refs));
	return NULL;
}

static struct mirror_page *rmqueue_buddy(struct mirror_zone *zone,
					 unsigned int order, int mt,
					 unsigned int alloc_flags)
{
	enum mirror_rmqueue_mode mode = MIRROR_RMQUEUE_NORMAL;
	struct mirror_page *page = NULL;
	unsigned long flags;

	spin_lock_irqsave(&zone->lock, flags);
	if (alloc_flags & MIRROR_ALLOC_HIGHATOMIC)
		page = mirror_rmqueue_smallest(zone, order,
					       MIRROR_MIGRATE_HIGHATOMIC);
	if (!page)
		page = mirror_rmqueue_locked(zone, order, mt, alloc_flags, &mode);
	if (!page && alloc_flags & (MIRROR_ALLOC_OOM | MIRROR_ALLOC_NON_BLOCK))
		page = mirror_rmqueue_smallest(zone, order,
					       MIRROR_MIGRATE_HIGHATOMIC);
	page = check_taken(zone, page);
	if (page)
		mirror_page_set_head(page, MIRROR_PAGE_USED, order);
	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* Whoever asks kswapd for a zone asks it for those below, too. */
static void kswapd_due(struct mirror_node *node, unsigned int highest)
{
	unsigned int type;

	for (type = 0; type <= highest; type++)
		if (mirror_zone_populated(&node->zones[type]))
			set_bit(MIRROR_ZONE_KSWAPD_DUE, &node->zones[type].flags);
}

static struct mirror_page *rmqueue(struct mirror_zone *preferred,
				   struct mirror_zone *zone, unsigned int order,
				   int mt, unsigned int alloc_flags)
{
	struct mirror_page *page = NULL;

	if (likely(mirror_pcp_order(zone, order)))
		page = mirror_rmqueue_pcp(zone, order, mt, alloc_flags);
	if (!page)
		page = rmqueue_buddy(zone, order, mt, alloc_flags);
	if (page)
		mirror_count_alloc(preferred, zone, order, 1);
	if (alloc_flags & MIRROR_ALLOC_KSWAPD &&
	    unlikely(test_bit(MIRROR_ZONE_BOOSTED, &zone->flags))) {
		clear_bit(MIRROR_ZONE_BOOSTED, &zone->flags);
		kswapd_due(zone->node, zone->type);
	}
	return page;
}

/* From here on the block is somebody's: one reference, no owner yet. */
static void prep_new_page(struct mirror_page *page, unsigned int order, u32 gfp,
			  unsigned int alloc_flags)
{
	u32 flags = 0;

	if (order && gfp & __MIRROR_GFP_COMP)
		flags |= MIRROR_PF_COMPOUND;
	if (alloc_flags & MIRROR_ALLOC_NO_WATERMARKS)
		flags |= MIRROR_PF_RESERVE;
	if (gfp & __MIRROR_GFP_ZERO)
		flags |= MIRROR_PF_ZERO;
	if (flags)
		WRITE_ONCE(page->flags, page->flags | flags);
	page->owner = MIRROR_NIL;
	page->private = 0;
	atomic_set_release(&page->refs, 1);
}

/* walking the zones ---------------------------------------------------------- */

/*
 * Above the high mark there is nothing to weigh. Once a zone fell below it,
 * that is remembered so that per-CPU lists shrink, until a flush finds it whole.
 */
static bool zone_has_enough(struct mirror_zone *zone, unsigned int order,
			    unsigned int alloc_flags,
			    const struct mirror_alloc_context *ac)
{
	unsigned long mark;

	if (!test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags)) {
		mark = mirror_zone_wmark(zone, MIRROR_WMARK_HIGH);
		if (mirror_watermark_fast(zone, order, mark,
					  ac->highest_zoneidx, alloc_flags))
			return true;
		set_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
	}
	mark = mirror_zone_wmark(zone, alloc_flags & MIRROR_ALLOC_WMARK_MASK);
	if (mirror_watermark_fast(zone, order, mark, ac->highest_zoneidx,
				  alloc_flags))
		return true;
	return alloc_flags & MIRROR_ALLOC_NO_WATERMARKS;
}

/* One walk over the zones. While mixing is avoided it does not leave the node. */
static struct mirror_page *
walk_zones(struct mirror *m, u32 gfp, unsigned int order,
	   unsigned int alloc_flags, const struct mirror_alloc_context *ac)
{
	struct mirror_zone *preferred = ac->zonelist->refs[ac->preferred].zone;
	unsigned int i;

	for (i = ac->preferred; i < ac->zonelist->nr; i++) {
		const struct mirror_zoneref *ref = &ac->zonelist->refs[i];
		struct mirror_zone *zone = ref->zone;
		struct mirror_page *page;

		if (!mirror_zoneref_allowed(ref, ac))
			continue;
		if (alloc_flags & MIRROR_ALLOC_NOFRAGMENT &&
		    zone->node != preferred->node)
			return NULL;
		if (!zone_has_enough(zone, order, alloc_flags, ac))
			continue;
		page = rmqueue(preferred, zone, order, ac->migratetype,
			       alloc_flags);
		if (!page)
			continue;
		prep_new_page(page, order, gfp, alloc_flags);
		if (unlikely(alloc_flags & MIRROR_ALLOC_HIGHATOMIC))
			mirror_reserve_highatomic(zone, page, order);
		return page;
	}
	return NULL;
}

/**
 * mirror_wake_kswapds - note that a request found too little in its zones
 * @ac: the request
 *
 * Context: Any.
 */
void mirror_wake_kswapds(const struct mirror_alloc_context *ac)
{
	unsigned int i;

	for (i = ac->preferred; i < ac->zonelist->nr; i++)
		if (mirror_zoneref_allowed(&ac->zonelist->refs[i], ac))
			set_bit(MIRROR_ZONE_KSWAPD_DUE,
				&ac->zonelist->refs[i].zone->flags);
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
	page = walk_zones(m, gfp, order, alloc_flags, ac);
	if (likely(page) || !(alloc_flags & MIRROR_ALLOC_NOFRAGMENT))
		return page;
	return walk_zones(m, gfp, order,
			  alloc_flags & ~MIRROR_ALLOC_NOFRAGMENT, ac);
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
	unsigned int flags = MIRROR_ALLOC_WMARK_LOW | cma_flag(ac->migratetype);

	if (gfp & __MIRROR_GFP_KSWAPD_RECLAIM)
		flags |= MIRROR_ALLOC_KSWAPD;
	flags |= MIRROR_DECIDE(m, nofragment, nofragment,
			       ac->zonelist->refs[ac->preferred].zone);
	return mirror_get_page_from_freelist(m, gfp, order, flags, ac);
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
	unsigned int flags = MIRROR_ALLOC_WMARK_LOW | cma_flag(ac->migratetype);
	struct mirror_zone *zone;
	unsigned int i, taken;

	if (mirror_is_broken(m))
		return 0;
	zone = zone_for_bulk(nr, flags, ac);
	if (!zone)
		return 0;
	taken = mirror_rmqueue_pcp_bulk(zone, ac->migratetype, flags, nr, pages);
	for (i = 0; i < nr && taken; i++)
		if (pages[i] && !atomic_read(&pages[i]->refs))
			prep_new_page(pages[i], 0, gfp, 0);
	if (taken)
		mirror_count_alloc(first->zone, zone, 0, taken);
	return taken;
}
