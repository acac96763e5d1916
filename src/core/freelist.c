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
__mirror_inline int mirror_gfp_check(u32 gfp)
{
	u32 zone = gfp & ZONE_BITS;

	/* Taking the lowest of several zone bits away leaves another. */
	if (unlikely(gfp & ~__MIRROR_GFP_ALL || zone & (zone - 1)))
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
__mirror_inline int mirror_gfp_zone(u32 gfp)
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
__mirror_inline int mirror_gfp_migratetype(const struct mirror *m, u32 gfp)
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

static __mirror_inline unsigned int first_zone(const struct mirror_alloc_context *ac)
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
__mirror_inline bool
mirror_prepare_alloc(struct mirror *m, u32 gfp, int nid, u64 nodemask,
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

/**
 * mirror_request_ok - could anything be allocated with these arguments?
 * @m: the mirror
 * @gfp: MIRROR_GFP_*
 * @order: of the block
 * @nid: preferred node
 *
 * Context: Any.
 * Return: true where they make sense.
 */
__mirror_inline bool mirror_request_ok(const struct mirror *m, u32 gfp,
				       unsigned int order, int nid)
{
	return order <= m->max_order && mirror_nid_valid(m, nid) &&
	       !mirror_gfp_check(gfp);
}

/* taking a block ------------------------------------------------------------ */

static noinline void bad_taken(struct mirror_zone *zone, struct mirror_page *page)
{
	mirror_broken(zone->m, "pfn %#lx came off a free list with flags %#x and %d references",
		      mirror_idx_to_pfn(zone->m, mirror_zone_idx(zone, page)),
		      page->flags, atomic_read(&page->refs));
}

static __mirror_inline struct mirror_page *check_taken(struct mirror_zone *zone,
						       struct mirror_page *page)
{
	if (likely(!page || (mirror_page_state(page) == MIRROR_PAGE_TAIL &&
			     !atomic_read(&page->refs))))
		return page;
	bad_taken(zone, page);
	return NULL;
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
	page = check_taken(zone, page);
	if (page)
		mirror_page_set_head(page, MIRROR_PAGE_USED, order);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/* Whoever asks kswapd for a zone asks it for those below, too. */
static noinline void kswapd_due(struct mirror_zone *zone)
{
	struct mirror_node *node = zone->node;
	unsigned int type;

	clear_bit(MIRROR_ZONE_BOOSTED, &zone->flags);
	for (type = 0; type <= zone->type; type++)
		if (mirror_zone_populated(&node->zones[type]))
			set_bit(MIRROR_ZONE_KSWAPD_DUE, &node->zones[type].flags);
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
	page = walk_zones(gfp, order, alloc_flags, ac);
	if (likely(page) || !(alloc_flags & MIRROR_ALLOC_NOFRAGMENT) ||
	    mirror_is_broken(m))
		return page;
	return walk_zones(gfp, order, alloc_flags & ~MIRROR_ALLOC_NOFRAGMENT, ac);
}

static __mirror_inline unsigned int
fast_flags(const struct mirror *m, u32 gfp, const struct mirror_alloc_context *ac)
{
	unsigned int flags = MIRROR_ALLOC_WMARK_LOW | cma_flag(ac->migratetype);

	if (gfp & __MIRROR_GFP_KSWAPD_RECLAIM)
		flags |= MIRROR_ALLOC_KSWAPD;
	return flags | MIRROR_DECIDE(m, nofragment, nofragment,
				     ac->zonelist->refs[ac->preferred].zone);
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
	return mirror_get_page_from_freelist(m, gfp, order,
					     fast_flags(m, gfp, ac), ac);
}

/*
 * A quick look for what mirror_watermark_fast() says of the high mark. It is not
 * always enough: a "no" means that one has to ask there.
 */
static __mirror_inline bool has_plenty(const struct mirror_zone *zone,
				       unsigned int order,
				       unsigned int highest_zoneidx)
{
	unsigned long mark = mirror_glance(zone->watermark[MIRROR_WMARK_HIGH] +
				       zone->watermark_boost);
	long nr = atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_PAGES]) -
		  mirror_glance(zone->nr_free_highatomic);

	if (unlikely(atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_CMA])))
		return false;
	if (order) {
		nr -= (1l << order) - 1;
		if (unlikely(!mirror_block_fits(zone, order, 0)))
			return false;
	}
	return nr > (long)mark + mirror_glance(zone->lowmem_reserve[highest_zoneidx]);
}

/* A block of the request's own type, where the zone has one that is large enough. */
static noinline bool take_from_zone(struct mirror_zone *zone, unsigned int order,
				    int mt, struct mirror_page **taken)
{
	struct mirror_page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	page = check_taken(zone, mirror_rmqueue_smallest(zone, order, mt));
	if (likely(page))
		mirror_page_set_head(page, MIRROR_PAGE_USED, order);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	*taken = page;
	return page;
}

/* Bits with which a zone has more to do than to give a block. */
#define BUSY_ZONE	(BIT(MIRROR_ZONE_BELOW_HIGH) | BIT(MIRROR_ZONE_BOOSTED) | \
			 BIT(MIRROR_ZONE_BROKEN))

/**
 * mirror_hot_zone - the zone of a request that is no special case
 * @m: the mirror
 * @gfp: any number
 * @order: any number
 * @nid: any number
 * @mt: type of the request
 *
 * Context: Any.
 * Return: the preferred zone where it is above its high mark and has nothing else
 * to do; NULL in any other case, be it an error.
 */
__mirror_inline struct mirror_zone *mirror_hot_zone(struct mirror *m, u32 gfp,
						    unsigned int order, int nid,
						    unsigned int *mt)
{
	const struct mirror_route *route;
	struct mirror_zone *zone;

	if (unlikely(gfp & (~__MIRROR_GFP_ALL | __MIRROR_GFP_ZERO) ||
		     !mirror_nid_valid(m, nid)))
		return NULL;
	if (order > MIRROR_PCP_COSTLY_ORDER && unlikely(order > m->max_order))
		return NULL;
	route = &m->nodes[nid]->routes[gfp % MIRROR_NR_ROUTES];
	zone = route->zone;
	*mt = route->migratetype;
	if (unlikely(!zone || READ_ONCE(zone->flags) & BUSY_ZONE ||
		     !has_plenty(zone, order, route->highest_zoneidx)))
		return NULL;
	return zone;
}

/**
 * mirror_alloc_hot - take a block that is at hand
 * @zone: from mirror_hot_zone()
 * @gfp: of the request
 * @order: of the request
 * @mt: of the request
 * @page: a block with one reference
 *
 * From this CPU's lists, or of the request's own type from the zone for an order
 * that passes by the lists. All in all that is what mirror_prepare_alloc() and
 * mirror_alloc_fast() would have done.
 *
 * Context: Any.
 * Return: false, with nothing changed, where there is no such block.
 */
__mirror_inline bool mirror_alloc_hot(struct mirror_zone *zone, u32 gfp,
				      unsigned int order, unsigned int mt,
				      struct mirror_page **page)
{
	if (unlikely(!(mirror_pcp_order(zone, order) ?
		       mirror_take_hot(zone, order, mt, page) :
		       take_from_zone(zone, order, mt, page))))
		return false;
	mirror_count_alloc(zone, zone, order, 1);
	mirror_prep_page(*page, order, gfp & __MIRROR_GFP_COMP, 0);
	return true;
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
