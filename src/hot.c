// SPDX-License-Identifier: GPL-2.0
/*
 * The entries of most requests: a function for each order of which many are asked for.
 * With a number in the order's place the compiler leaves out what other orders need.
 * Where a block is at hand they call nothing; all else goes to alloc.c and core/free.c.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include "alloc.h"
#include "compat.h"
#include "core/free_ops.h"
#include "core/route_ops.h"
#include "slowpath.h"

/* What is asked for was not at hand; the zone knows where that was. */
static noinline struct mirror_page *alloc_cold_from(struct mirror_zone *zone, u32 gfp,
						    unsigned int order, unsigned int mt)
{
	struct mirror_page *page = mirror_alloc_refilled(zone, gfp, order, mt);

	if (likely(page))
		return page;
	return mirror_alloc_pages_nodemask(zone->m, gfp, order, zone->node->nid, 0);
}

/* Who may wait has to be told where he must not, which is done elsewhere. */
static __mirror_inline struct mirror_page *
alloc_nowait(struct mirror *m, u32 gfp, unsigned int order, int nid)
{
	struct mirror_page *page;
	struct mirror_zone *zone;
	unsigned int mt;

	if (unlikely(mirror_gfp_may_wait(gfp)))
		return mirror_alloc_pages_nodemask(m, gfp, order, nid, 0);
	zone = mirror_hot_zone(m, gfp, order, nid, &mt);
	if (unlikely(!zone))
		return mirror_alloc_pages_nodemask(m, gfp, order, nid, 0);
	if (likely(mirror_alloc_hot(zone, gfp, order, mt, &page)))
		return page;
	return alloc_cold_from(zone, gfp, order, mt);
}

#define HOT_ORDER(name, order)						\
static noinline notrace struct mirror_page *				\
alloc_order_##name(struct mirror *m, u32 gfp, int nid)			\
{									\
	return alloc_nowait(m, gfp, order, nid);			\
}

#include "hot_orders.h"

static noinline notrace struct mirror_page *
alloc_any_order(struct mirror *m, u32 gfp, unsigned int order, int nid)
{
	return alloc_nowait(m, gfp, order, nid);
}

/**
 * mirror_alloc_pages - allocate 2^order contiguous pages
 * @m: from mirror_mm_get()
 * @gfp: MIRROR_GFP_*; with __MIRROR_GFP_ZERO the content is cleared, otherwise
 *       it is what the last holder left
 * @order: at most the mirror's largest
 * @nid: preferred node, or MIRROR_MM_NODE_ANY
 *
 * Context: Any; with __MIRROR_GFP_DIRECT_RECLAIM process context, may take long.
 * Return: head of the block with one reference, or NULL: nothing suitable is
 * free, the arguments make no sense, or the mirror is out of service.
 */
struct mirror_page *mirror_alloc_pages(struct mirror *m, u32 gfp,
				       unsigned int order, int nid)
{
	if (likely(!order))
		return alloc_order_0(m, gfp, nid);
	switch (order) {
#define HOT_ORDER(name, order)	case order: { return alloc_order_##name(m, gfp, nid); }
#include "hot_orders.h"
	default:
		return alloc_any_order(m, gfp, order, nid);
	}
}
EXPORT_SYMBOL_MIRROR(mirror_alloc_pages);

/* Most of the other orders pass by the per-CPU lists. */
static noinline notrace int free_any_order(struct mirror *m, struct mirror_page *page,
					   unsigned int order)
{
	return mirror_free_block(m, page, order);
}

#define HOT_ORDER(name, order)						\
static noinline notrace int						\
free_order_##name(struct mirror *m, struct mirror_page *page)		\
{									\
	return mirror_free_block(m, page, order);			\
}

#include "hot_orders.h"

/**
 * mirror_free_pages - free a block
 * @m: from mirror_mm_get()
 * @page: what mirror_alloc_pages() returned
 * @order: the order it was called with
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL freed
 * already, another order, or not the block's first page. A refusal changes
 * nothing and is reported in the log.
 */
int mirror_free_pages(struct mirror *m, struct mirror_page *page,
		      unsigned int order)
{
	if (likely(!order))
		return free_order_0(m, page);
	switch (order) {
#define HOT_ORDER(name, order)	case order: { return free_order_##name(m, page); }
#include "hot_orders.h"
	default:
		return free_any_order(m, page, order);
	}
}
EXPORT_SYMBOL_MIRROR(mirror_free_pages);
