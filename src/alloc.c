// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation: a block that is at hand (core/route_ops.h), else the fast path
 * (core/freelist.c), else the slow path (slowpath.c). The entries of most requests are in
 * hot.c.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include "alloc.h"
#include "compat.h"
#include "core/gfp_ops.h"
#include "core/route_ops.h"
#include "region/region.h"
#include "slowpath.h"

static noinline struct mirror_page *alloc_cold(struct mirror *m, u32 gfp,
					       unsigned int order, int nid,
					       u64 nodemask)
{
	struct mirror_alloc_context ac;
	struct mirror_page *page = NULL;

	if (mirror_prepare_alloc(m, gfp, nid, nodemask, &ac)) {
		page = mirror_alloc_fast(m, gfp, order, &ac);
		if (unlikely(!page))
			page = mirror_alloc_slow(m, gfp, order, &ac);
	}
	if (unlikely(!page))
		mirror_warn_alloc(m, gfp, order, nid, nodemask);
	return page;
}

/* A block that is at hand, or is after a refill; or NULL. */
static __mirror_inline struct mirror_page *
alloc_hot(struct mirror *m, u32 gfp, unsigned int order, int nid, u64 nodemask)
{
	struct mirror_page *page;
	struct mirror_zone *zone;
	unsigned int mt;

	zone = nodemask ? NULL : mirror_hot_zone(m, gfp, order, nid, &mt);
	if (unlikely(!zone))
		return NULL;
	if (likely(mirror_alloc_hot(zone, gfp, order, mt, &page)))
		return page;
	return mirror_alloc_refilled(zone, gfp, order, mt);
}

static __mirror_inline struct mirror_page *
alloc_pages_on(struct mirror *m, u32 gfp, unsigned int order, int nid, u64 nodemask)
{
	struct mirror_page *page = alloc_hot(m, gfp, order, nid, nodemask);

	if (likely(page))
		return page;
	return alloc_cold(m, gfp, order, nid, nodemask);
}

/*
 * Where it cannot be cleared the block goes back and is not handed out. Returns the
 * block or NULL.
 */
static noinline struct mirror_page *clear_block(struct mirror *m, struct mirror_page *page)
{
	unsigned int order = mirror_page_order(page);

	WRITE_ONCE(page->flags, page->flags & ~MIRROR_PF_ZERO);
	if (likely(!mirror_content_zero(m, page, order)))
		return page;
	/* A mirror out of service keeps it, and says so at every call. */
	(void)mirror_free_pages(m, page, order);
	return NULL;
}

static __mirror_inline struct mirror_page *clear_if_due(struct mirror *m,
							struct mirror_page *page)
{
	if (!page || !(page->flags & MIRROR_PF_ZERO))
		return page;
	return clear_block(m, page);
}

/**
 * mirror_alloc_pages_nodemask - allocate from some of the nodes only
 * @m: from mirror_mm_get()
 * @gfp: as for mirror_alloc_pages()
 * @order: at most the mirror's largest
 * @nid: preferred node, or MIRROR_MM_NODE_ANY; need not be among the allowed
 * @nodemask: allowed nodes, bit by node; 0 for all
 *
 * Follows __alloc_pages() of Linux 6.12, without reclaim and compaction.
 *
 * Context: as for mirror_alloc_pages().
 * Return: as for mirror_alloc_pages(); NULL also where no allowed node has a
 * zone for the request.
 */
struct mirror_page *mirror_alloc_pages_nodemask(struct mirror *m, u32 gfp,
						unsigned int order, int nid,
						u64 nodemask)
{
	nid = mirror_resolve_node(m, nid);
	if (!mirror_request_ok(m, gfp, order, nid))
		return NULL;
	might_sleep_if(mirror_gfp_may_wait(gfp));
	return clear_if_due(m, alloc_pages_on(m, gfp, order, nid, nodemask));
}
EXPORT_SYMBOL_MIRROR(mirror_alloc_pages_nodemask);

static unsigned int first_gap(unsigned int nr, struct mirror_page **pages)
{
	unsigned int i = 0;

	while (i < nr && pages[i])
		i++;
	return i;
}

/*
 * The order in which alloc_pages_bulk() tries: many at once, else a single one.
 * After that one it does not look at what the array holds behind it.
 */
static unsigned int fill_gaps(struct mirror *m, u32 gfp, int nid, u64 nodemask,
			      unsigned int nr, struct mirror_page **pages)
{
	unsigned int gap = first_gap(nr, pages);
	struct mirror_alloc_context ac;
	unsigned int taken;

	if (gap == nr)
		return nr;
	if (nr - gap > 1) {
		if (!mirror_prepare_alloc(m, gfp, nid, nodemask, &ac))
			return gap;
		taken = mirror_alloc_fast_bulk(m, gfp, nr, pages, &ac);
		if (taken)
			return taken == nr - gap ? nr : first_gap(nr, pages);
	}
	pages[gap] = alloc_pages_on(m, gfp, 0, nid, nodemask);
	return pages[gap] ? gap + 1 : gap;
}

/**
 * mirror_alloc_pages_bulk - fill an array with single pages
 * @m: from mirror_mm_get()
 * @gfp: as for mirror_alloc_pages()
 * @nid: preferred node, or MIRROR_MM_NODE_ANY
 * @nr: length of @pages
 * @pages: NULL elements are filled, others left alone
 *
 * Follows alloc_pages_bulk() of Linux 6.12: one call may fill only a part, so
 * callers that need all repeat it while it makes progress.
 *
 * Context: as for mirror_alloc_pages().
 * Return: so many elements from the first on are not NULL. More of them may be,
 * where the call could fill a single gap only.
 */
unsigned int mirror_alloc_pages_bulk(struct mirror *m, u32 gfp, int nid,
				     unsigned int nr,
				     struct mirror_page **pages)
{
	return mirror_alloc_pages_bulk_nodemask(m, gfp, nid, 0, nr, pages);
}
EXPORT_SYMBOL_MIRROR(mirror_alloc_pages_bulk);

/* Returns how many pages from the first on there still are. */
static unsigned int clear_bulk(struct mirror *m, unsigned int nr, struct mirror_page **pages)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		pages[i] = clear_if_due(m, pages[i]);
	return first_gap(nr, pages);
}

/**
 * mirror_alloc_pages_bulk_nodemask - the same from some of the nodes only
 * @m: from mirror_mm_get()
 * @gfp: as for mirror_alloc_pages()
 * @nid: preferred node, or MIRROR_MM_NODE_ANY; need not be among the allowed
 * @nodemask: allowed nodes, bit by node; 0 for all
 * @nr: length of @pages
 * @pages: NULL elements are filled, others left alone
 *
 * Context: as for mirror_alloc_pages().
 * Return: as for mirror_alloc_pages_bulk().
 */
unsigned int mirror_alloc_pages_bulk_nodemask(struct mirror *m, u32 gfp, int nid,
					      u64 nodemask, unsigned int nr,
					      struct mirror_page **pages)
{
	unsigned int filled;

	nid = mirror_resolve_node(m, nid);
	if (!mirror_request_ok(m, gfp, 0, nid))
		return first_gap(nr, pages);
	might_sleep_if(mirror_gfp_may_wait(gfp));
	filled = fill_gaps(m, gfp, nid, nodemask, nr, pages);
	return gfp & __MIRROR_GFP_ZERO ? clear_bulk(m, filled, pages) : filled;
}
EXPORT_SYMBOL_MIRROR(mirror_alloc_pages_bulk_nodemask);

/**
 * mirror_free_pages_bulk - free the single pages of an array
 * @m: from mirror_mm_get()
 * @nr: length of @pages
 * @pages: each freed element becomes NULL; NULL elements are passed over
 *
 * Context: Any.
 * Return: how many were freed; those that were refused stay in the array.
 */
unsigned int mirror_free_pages_bulk(struct mirror *m, unsigned int nr,
				    struct mirror_page **pages)
{
	return mirror_core_free_bulk(m, nr, pages);
}
EXPORT_SYMBOL_MIRROR(mirror_free_pages_bulk);

/* for blocks, see alloc.h -------------------------------------------------------- */

/*
 * mirror_hot_zone() looks at order, gfp and node, and what it refuses comes here. So a
 * request that is not sound after all ends here, at no cost to the others.
 */
static noinline struct mirror_page *
alloc_cold_checked(struct mirror *m, u32 gfp, unsigned int order, int nid, u64 nodemask)
{
	if (unlikely(!mirror_request_ok(m, gfp, order, nid)))
		return NULL;
	return alloc_cold(m, gfp, order, nid, nodemask);
}

/* A single page from wherever it may come: what most of a file's requests are. */
static noinline notrace struct mirror_page *
alloc_block_page(struct mirror *m, u32 gfp, int nid)
{
	struct mirror_page *page;
	struct mirror_zone *zone;
	unsigned int mt;

	zone = mirror_hot_zone(m, gfp, 0, nid, &mt);
	if (unlikely(!zone))
		return alloc_cold_checked(m, gfp, 0, nid, 0);
	if (likely(mirror_alloc_hot(zone, gfp, 0, mt, &page)))
		return page;
	page = mirror_alloc_refilled(zone, gfp, 0, mt);
	if (likely(page))
		return page;
	return alloc_cold(zone->m, gfp, 0, zone->node->nid, 0);
}

static noinline notrace struct mirror_page *
alloc_block(struct mirror *m, u32 gfp, unsigned int order, int nid, u64 nodemask)
{
	struct mirror_page *page = alloc_hot(m, gfp, order, nid, nodemask);

	if (likely(page))
		return page;
	return alloc_cold_checked(m, gfp, order, nid, nodemask);
}

/**
 * mirror_alloc_pages_on - allocate pages for a request that is known to be sound
 * @m: the mirror
 * @gfp: MIRROR_GFP_* that mirror_gfp_check() accepts; ZERO is not looked at
 * @order: at most the mirror's largest
 * @nid: preferred node, a valid one
 * @nodemask: allowed nodes, bit by node; 0 for all
 *
 * Context: as for mirror_alloc_pages().
 * Return: as for mirror_alloc_pages_nodemask().
 */
struct mirror_page *mirror_alloc_pages_on(struct mirror *m, u32 gfp,
					  unsigned int order, int nid, u64 nodemask)
{
	if (likely(!order && !nodemask))
		return alloc_block_page(m, gfp, nid);
	return alloc_block(m, gfp, order, nid, nodemask);
}

/**
 * mirror_alloc_pages_at - the same where a policy has wishes
 * @m: the mirror
 * @gfp: as for mirror_alloc_pages_on()
 * @order: at most the mirror's largest
 * @nid: preferred node, a valid one
 * @at: nodemask and wishes
 *
 * Context: as for mirror_alloc_pages().
 * Return: as for mirror_alloc_pages_nodemask().
 */
struct mirror_page *mirror_alloc_pages_at(struct mirror *m, u32 gfp,
					  unsigned int order, int nid,
					  const struct mirror_placement *at)
{
	struct mirror_page *page;
	u32 first = gfp;

	if (at->wish)
		first = (gfp | __MIRROR_GFP_NOWARN) &
			~(__MIRROR_GFP_DIRECT_RECLAIM | __MIRROR_GFP_NOFAIL);
	page = alloc_block(m, first, order, nid, at->nodemask);
	if (!page && at->wish)
		page = alloc_block(m, gfp, order, nid, 0);
	if (page && at->interleave && mirror_page_zone(m, page)->node->nid == nid)
		mirror_count_interleave(mirror_page_zone(m, page));
	return page;
}
