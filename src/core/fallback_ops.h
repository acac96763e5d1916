/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block from the zone, of the request's own type while there is one; in line.
 */
#ifndef _MIRROR_CORE_FALLBACK_OPS_H
#define _MIRROR_CORE_FALLBACK_OPS_H

#include "buddy_ops.h"

/* More than half of what is free lies in CMA: use that before it is too late. */
static inline bool mirror_cma_first(const struct mirror_zone *zone, unsigned int alloc_flags)
{
	return alloc_flags & MIRROR_ALLOC_CMA &&
	       mirror_zone_state(zone, MIRROR_NR_FREE_CMA) >
	       mirror_zone_state(zone, MIRROR_NR_FREE_PAGES) / 2;
}

/**
 * mirror_rmqueue_locked - take a block, from other types' lists if need be
 * @zone: the zone
 * @order: wanted
 * @mt: of the request
 * @alloc_flags: MIRROR_ALLOC_CMA, _NOFRAGMENT and _KSWAPD matter
 * @mode: where the last block of this hold of the lock was found; the search
 *        goes on from there. Start with MIRROR_RMQUEUE_NORMAL
 *
 * Context: zone->lock held.
 * Return: the head in state TAIL, or NULL where nothing fits.
 */
static __mirror_inline struct mirror_page *
mirror_rmqueue_locked(struct mirror_zone *zone, unsigned int order, int mt,
		      unsigned int alloc_flags, enum mirror_rmqueue_mode *mode)
{
	struct mirror_page *page;

	lockdep_assert_held(&zone->lock);

	if (unlikely(mirror_cma_first(zone, alloc_flags))) {
		page = mirror_rmqueue_smallest(zone, order, MIRROR_MIGRATE_CMA);
		if (page)
			return page;
	}
	if (likely(*mode == MIRROR_RMQUEUE_NORMAL)) {
		page = mirror_rmqueue_smallest(zone, order, mt);
		if (likely(page))
			return page;
	}
	return mirror_rmqueue_other(zone, order, mt, alloc_flags, mode);
}

#endif /* _MIRROR_CORE_FALLBACK_OPS_H */
