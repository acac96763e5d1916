/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the bits of a request mean, in line.
 */
#ifndef _MIRROR_CORE_GFP_OPS_H
#define _MIRROR_CORE_GFP_OPS_H

#include "internal.h"

#define MIRROR_GFP_ZONE_BITS \
	(__MIRROR_GFP_DMA | __MIRROR_GFP_DMA32 | __MIRROR_GFP_HIGHMEM)
#define MIRROR_GFP_MOBILITY_BITS \
	(__MIRROR_GFP_MOVABLE | __MIRROR_GFP_RECLAIMABLE)

/**
 * mirror_gfp_check - are these flags ones that make sense together?
 * @gfp: MIRROR_GFP_*
 *
 * Context: Any.
 * Return: 0, or -EINVAL for an unknown bit, more than one zone, or two
 * mobilities.
 */
static __mirror_inline int mirror_gfp_check(u32 gfp)
{
	u32 zone = gfp & MIRROR_GFP_ZONE_BITS;

	/* Taking the lowest of several zone bits away leaves another. */
	if (unlikely(gfp & ~__MIRROR_GFP_ALL || zone & (zone - 1)))
		return -EINVAL;
	return (gfp & MIRROR_GFP_MOBILITY_BITS) == MIRROR_GFP_MOBILITY_BITS ? -EINVAL : 0;
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
static __mirror_inline int mirror_gfp_zone(u32 gfp)
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
static __mirror_inline int mirror_gfp_migratetype(const struct mirror *m, u32 gfp)
{
	if (unlikely(m->mobility_off))
		return MIRROR_MIGRATE_UNMOVABLE;
	if (gfp & __MIRROR_GFP_MOVABLE)
		return MIRROR_MIGRATE_MOVABLE;
	return gfp & __MIRROR_GFP_RECLAIMABLE ? MIRROR_MIGRATE_RECLAIMABLE :
						MIRROR_MIGRATE_UNMOVABLE;
}

/* Movable requests alone may have pages of a CMA area. */
/* what the flags mean ------------------------------------------------------ */

static inline unsigned int mirror_cma_flag(int migratetype)
{
	return migratetype == MIRROR_MIGRATE_MOVABLE ? MIRROR_ALLOC_CMA : 0;
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
static __mirror_inline bool mirror_request_ok(const struct mirror *m, u32 gfp,
					      unsigned int order, int nid)
{
	return order <= m->max_order && mirror_nid_valid(m, nid) &&
	       !mirror_gfp_check(gfp);
}

#endif /* _MIRROR_CORE_GFP_OPS_H */
