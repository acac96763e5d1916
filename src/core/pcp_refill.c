// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists: a refill fetches blocks from the zone, under its lock. As a rule they come
 * in runs, from the head of one free list or from the front of one larger block:
 *
 *   free list   [7]-[12]-[96]-[4]	--> [7]-[12]-[96]	the rest stays
 *   order 3     [ . . . . . . . . ]	--> [0]-[1]-[2]-[3]-[4]; [5] and [6 7] stay free
 *
 * What the zone looks like afterwards, its counter included, is what it would look like had
 * they been taken one by one.
 */
#include "fallback_ops.h"

/* Ends a run of blocks that are linked already, at the end of a per-CPU list. */
static void append_run(struct mirror_zone *zone, struct mirror_list *list, u32 first, u32 last,
		       unsigned int nr)
{
	struct mirror_page *pages = zone->pages;

	pages[first].prev = list->last;
	pages[last].next = MIRROR_NIL;
	WRITE_ONCE(*(list->last == MIRROR_NIL ? &list->first : &pages[list->last].next), first);
	list->last = last;
	list->nr += nr;
}

/*
 * Cuts blocks of @order off the front of the first free one of order @high, which is larger.
 * Taken one by one they would be the same, and so would what is left: all lists below
 * @high are empty.
 */
static unsigned int cut_run(struct mirror_zone *zone, struct mirror_list *list,
			    unsigned int order, unsigned int high, int mt, unsigned int most)
{
	const u32 listed = mirror_zone_head(zone, MIRROR_PAGE_PCP, order), step = 1u << order;
	unsigned int nr = min(most, 1u << (high - order));
	u32 first = mirror_del_first_free(zone, high, mt);
	struct mirror_page *pages = zone->pages;
	u32 at, end = first + nr * step;

	if (unlikely(first == MIRROR_NIL))
		return 0;
	for (at = first; at != end; at += step) {
		pages[at].prev = at - step;
		pages[at].next = at + step;
		WRITE_ONCE(pages[at].flags, listed);
	}
	append_run(zone, list, first, end - step, nr);
	while (at != first + (1u << high)) {
		unsigned int rest = __ffs(at - first);

		mirror_add_free(zone, at, rest, mt, false);
		at += 1u << rest;
	}
	return nr;
}

/*
 * Moves the first blocks of a free list, in their order, up to one that is not what was put
 * there.
 */
static unsigned int move_run(struct mirror_zone *zone, struct mirror_list *list,
			     unsigned int order, int mt, unsigned int most)
{
	const u32 free = mirror_zone_head(zone, MIRROR_PAGE_BUDDY, order);
	struct mirror_list *from = mirror_list_here(&zone->free_area[order].list[mt]);
	struct mirror_page *pages = zone->pages;
	u32 first = from->first, idx = first, prev = MIRROR_NIL;
	unsigned int nr = 0;

	while (nr < most && idx < zone->nr_desc && pages[idx].prev == prev &&
	       mirror_page_flags(&pages[idx]) == free) {
		WRITE_ONCE(pages[idx].flags, free - MIRROR_PAGE_BUDDY + MIRROR_PAGE_PCP);
		prev = idx;
		idx = pages[idx].next;
		nr++;
	}
	if (unlikely(!nr || !mirror_list_cut(pages, from, prev, nr, zone->nr_desc)))
		mirror_free_list_damaged(zone, nr ? prev : first, order, mt);
	if (unlikely(!nr))
		return 0;
	zone->free_area[order].nr_free -= nr;
	if (mirror_list_empty(from))
		WRITE_ONCE(zone->free_mask[mt], zone->free_mask[mt] & ~BIT(order));
	append_run(zone, list, first, prev, nr);
	return nr;
}

/*
 * Blocks of the request's own type, as many as one list or one larger block has; 0 where
 * none fits. A refill that has to look at CMA pages before each block does without.
 */
static unsigned int refill_run(struct mirror_zone *zone, struct mirror_list *list,
			       unsigned int order, int mt, unsigned int alloc_flags,
			       unsigned int most)
{
	u32 fits = zone->free_mask[mt] >> order;
	unsigned int nr;

	if (unlikely(!fits || (alloc_flags & MIRROR_ALLOC_CMA &&
			       mirror_zone_state(zone, MIRROR_NR_FREE_CMA))))
		return 0;
	if (fits & 1)
		nr = move_run(zone, list, order, mt, most);
	else
		nr = cut_run(zone, list, order, order + __ffs(fits), mt, most);
	mirror_mod_zone_state_times(zone, MIRROR_NR_FREE_PAGES, -(1l << order), nr);
	return nr;
}

/* One block, from wherever it may come. */
static unsigned int refill_one(struct mirror_zone *zone, struct mirror_list *list,
			       unsigned int order, int mt, unsigned int alloc_flags,
			       enum mirror_rmqueue_mode *mode)
{
	struct mirror_page *page = mirror_rmqueue_locked(zone, order, mt, alloc_flags, mode);

	if (unlikely(!page))
		return 0;
	WRITE_ONCE(page->flags, mirror_zone_head(zone, MIRROR_PAGE_PCP, order));
	mirror_list_add_tail(zone->pages, list, mirror_zone_idx(zone, page));
	return 1;
}

/**
 * mirror_pcp_refill - fetch blocks for an empty list
 * @zone: whose lists
 * @pcp: the lists, locked
 * @list: the empty one
 * @order: of its blocks
 * @mt: mobility of the request
 * @alloc_flags: of the request
 *
 * In the order of the zone's list, so that requests in a row get rising addresses. The
 * list stays empty where the zone has no such block.
 *
 * Context: Any.
 */
noinline void mirror_pcp_refill(struct mirror_zone *zone, struct mirror_pcp *pcp,
				struct mirror_list *list, unsigned int order, int mt,
				unsigned int alloc_flags)
{
	enum mirror_rmqueue_mode mode = MIRROR_RMQUEUE_NORMAL;
	int nr = MIRROR_DECIDE(zone->m, pcp_nr_alloc, mirror_pcp_nr_alloc, pcp, zone,
			       order);
	unsigned long flags;
	int left, some;

	left = mirror_host_hold(nr);
	mirror_host_zone_lock(&zone->lock, flags);
	while (left > 0 && !mirror_is_broken(zone->m)) {
		some = mode == MIRROR_RMQUEUE_NORMAL ?
		       refill_run(zone, list, order, mt, alloc_flags, left) : 0;
		if (!some && !mirror_is_broken(zone->m))
			some = refill_one(zone, list, order, mt, alloc_flags, &mode);
		if (!some)
			break;
		left -= some;
		pcp->count += some << order;
	}
	mirror_host_zone_unlock(&zone->lock, flags);
}
