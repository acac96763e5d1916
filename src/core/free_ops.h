/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hot path of a free, in line: all checks, then back to the per-CPU list or the zone. What
 * is refused is for free.c, what is shared for refs.c.
 */
#ifndef _MIRROR_CORE_FREE_OPS_H
#define _MIRROR_CORE_FREE_OPS_H

#include "buddy_ops.h"
#include "pcp_ops.h"

#define MIRROR_DESCRIPTOR_SHIFT	4
static_assert(sizeof(struct mirror_page) == 1 << MIRROR_DESCRIPTOR_SHIFT);

/*
 * Place of a descriptor in the array, or a number that is none for any other
 * pointer: what does not lie on a descriptor's start turns up in the highest bits.
 */
static __mirror_inline unsigned long mirror_page_place(const struct mirror *m,
						       const struct mirror_page *page)
{
	unsigned long offset = (unsigned long)page - (unsigned long)m->pages;

	return offset >> MIRROR_DESCRIPTOR_SHIFT |
	       offset << (BITS_PER_LONG - MIRROR_DESCRIPTOR_SHIFT);
}

/*
 * The caller had the last reference, or made the block itself. Always 0, for
 * callers that end with it.
 */
static __mirror_inline int mirror_release(struct mirror_zone *zone, u32 idx,
					  unsigned int order, int mt)
{
	if (mirror_pcp_order(zone, order)) {
		if (unlikely(!mirror_type_mergeable(mt)))
			return mirror_release_elsewhere(zone, idx, order);
		if (unlikely(mirror_free_pcp(zone, idx, order, mt)))
			mirror_free_one(zone, &zone->pages[idx], order);
		return 0;
	}
	mirror_free_one_here(zone, idx, order);
	return 0;
}

/* The last of several references is gone only for the one who brought it to 0. */
static __mirror_inline bool mirror_drop_last(struct mirror_page *page)
{
	return atomic_cmpxchg(&page->refs, 1, 0) == 1;
}

/*
 * Is this the head of a block in use, of an order and a zone that there are? There
 * are lists for the smallest orders in any mirror.
 */
static __mirror_inline bool mirror_flags_used(const struct mirror *m, unsigned int order,
					      u32 flags)
{
	return (flags & (MIRROR_PF_STATE | MIRROR_PF_ORDER)) ==
	       mirror_head_flags(MIRROR_PAGE_USED, order) &&
	       (order <= MIRROR_PCP_COSTLY_ORDER || order <= m->max_order) &&
	       mirror_flags_zone(flags) < m->nr_zones;
}

static __mirror_inline int mirror_free_block(struct mirror *m, struct mirror_page *page,
					     unsigned int order)
{
	unsigned long place = mirror_page_place(m, page);
	u32 flags;

	if (unlikely(place >= READ_ONCE(m->nr_freeable)))
		return mirror_is_broken(m) ? -EIO : mirror_refuse_foreign(m, page, "free");
	flags = mirror_page_flags(page);
	if (unlikely(!mirror_flags_used(m, order, flags)))
		return mirror_refuse_free(m, page, order, flags);
	if (unlikely(!mirror_drop_last(page)))
		return mirror_free_shared(m, page, order, flags);
	return mirror_release(m->zones[mirror_flags_zone(flags)], place, order,
		       mirror_pageblock_type(m, place));
}

#endif /* _MIRROR_CORE_FREE_OPS_H */
