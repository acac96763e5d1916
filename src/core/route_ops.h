/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hot path of an allocation, in line: the zone where a request begins, if that has plenty,
 * and a block that is at hand there. Anything else is for freelist.c.
 */
#ifndef _MIRROR_CORE_ROUTE_OPS_H
#define _MIRROR_CORE_ROUTE_OPS_H

#include "buddy_ops.h"
#include "pcp_ops.h"

/*
 * A quick look for what mirror_watermark_fast() says of the high mark. It is not
 * always enough: a "no" means that one has to ask there.
 */
static __mirror_inline bool mirror_zone_has_plenty(const struct mirror_zone *zone,
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

/* Bits with which a zone has more to do than to give a block. */
#define MIRROR_BUSY_ZONE	(BIT(MIRROR_ZONE_BELOW_HIGH) | BIT(MIRROR_ZONE_BOOSTED) | \
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
static __mirror_inline struct mirror_zone *mirror_hot_zone(struct mirror *m, u32 gfp,
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
	if (unlikely(!zone || READ_ONCE(zone->flags) & MIRROR_BUSY_ZONE ||
		     !mirror_zone_has_plenty(zone, order, route->highest_zoneidx)))
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
static __mirror_inline bool mirror_alloc_hot(struct mirror_zone *zone, u32 gfp,
					     unsigned int order, unsigned int mt,
					     struct mirror_page **page)
{
	if (unlikely(!(mirror_pcp_order(zone, order) ?
		       mirror_take_hot(zone, order, mt, page) :
		       mirror_take_from_zone(zone, order, mt, page))))
		return false;
	mirror_count_alloc(zone, zone, order, 1);
	mirror_prep_page(*page, order, gfp & __MIRROR_GFP_COMP, 0);
	return true;
}

#endif /* _MIRROR_CORE_ROUTE_OPS_H */
