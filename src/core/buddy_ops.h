/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Free lists of the zone, in line: put a block on one, take it off, cut it down. All under
 * zone->lock; buddy.c has the rest.
 */
#ifndef _MIRROR_CORE_BUDDY_OPS_H
#define _MIRROR_CORE_BUDDY_OPS_H

#include "vmstat_ops.h"

/**
 * mirror_account_free - count pages that come to or leave the free lists
 * @zone: the zone
 * @nr_pages: positive when they come
 * @mt: type of the list
 *
 * Isolated pages are nobody's, so they do not count as free.
 *
 * Context: zone->lock held.
 */
static __mirror_inline void mirror_account_free(struct mirror_zone *zone, long nr_pages,
						int mt)
{
	lockdep_assert_held(&zone->lock);

	if (likely(mirror_type_mergeable(mt)))
		mirror_mod_zone_state(zone, MIRROR_NR_FREE_PAGES, nr_pages);
	else
		mirror_account_special(zone, nr_pages, mt);
}

/**
 * mirror_add_free - make a block the head of a free list entry
 * @zone: the zone
 * @idx: first frame
 * @order: of the block
 * @mt: type of the list
 * @tail: at the end of the list
 *
 * Counts the block, not its pages; see mirror_account_free().
 *
 * Context: zone->lock held.
 */
static __mirror_inline void mirror_add_free(struct mirror_zone *zone, u32 idx,
					    unsigned int order, int mt, bool tail)
{
	struct mirror_free_area *area = &zone->free_area[order];
	struct mirror_list *list = mirror_list_here(&area->list[mt]);

	lockdep_assert_held(&zone->lock);

	WRITE_ONCE(zone->pages[idx].flags,
		   mirror_zone_head(zone, MIRROR_PAGE_BUDDY, order));
	if (mirror_list_empty(list))
		WRITE_ONCE(zone->free_mask[mt], zone->free_mask[mt] | BIT(order));
	if (tail)
		mirror_list_add_tail(zone->pages, list, idx);
	else
		mirror_list_add(zone->pages, list, idx);
	area->nr_free++;
}

/* Takes off its list what is known to be the head of a free block of this order. */
static __mirror_inline bool mirror_unlist_free(struct mirror_zone *zone, u32 idx,
					       unsigned int order, int mt)
{
	struct mirror_free_area *area = &zone->free_area[order];
	struct mirror_list *list = mirror_list_here(&area->list[mt]);
	struct mirror_page *pages = zone->pages;

	if (unlikely(!mirror_list_del(pages, list, idx, zone->nr_desc))) {
		mirror_free_list_damaged(zone, idx, order, mt);
		return false;
	}
	if (mirror_list_empty(list))
		WRITE_ONCE(zone->free_mask[mt], zone->free_mask[mt] & ~BIT(order));
	area->nr_free--;
	WRITE_ONCE(pages[idx].flags, mirror_zone_head(zone, MIRROR_PAGE_TAIL, 0));
	return true;
}

/**
 * mirror_del_free - take a block off its free list
 * @zone: the zone
 * @idx: first frame
 * @order: of the block
 * @mt: type of the list
 *
 * Context: zone->lock held.
 * Return: false, with the mirror out of service, where the list is damaged.
 */
static __mirror_inline bool mirror_del_free(struct mirror_zone *zone, u32 idx,
					    unsigned int order, int mt)
{
	lockdep_assert_held(&zone->lock);

	if (likely(mirror_page_flags(&zone->pages[idx]) ==
		   mirror_zone_head(zone, MIRROR_PAGE_BUDDY, order)))
		return mirror_unlist_free(zone, idx, order, mt);
	mirror_free_list_damaged(zone, idx, order, mt);
	return false;
}

/**
 * mirror_expand - cut a block down and free the upper halves
 * @zone: the zone
 * @idx: first frame; the block is on no list
 * @low: order to end with
 * @high: order of the block
 * @mt: list that the halves go to
 *
 * Context: zone->lock held.
 * Return: pages put on free lists, for the caller to account.
 */
static __mirror_inline unsigned long mirror_expand(struct mirror_zone *zone, u32 idx,
						   unsigned int low, unsigned int high,
						   int mt)
{
	unsigned long added = (1ul << high) - (1ul << low);
	struct mirror_free_area *area = &zone->free_area[high];
	u32 flags = mirror_zone_head(zone, MIRROR_PAGE_BUDDY, high);
	struct mirror_page *pages = zone->pages;

	lockdep_assert_held(&zone->lock);

	if (!added)
		return 0;
	/* Each of these orders has a block from here on. */
	WRITE_ONCE(zone->free_mask[mt], zone->free_mask[mt] | (u32)added);
	while (high > low) {
		u32 upper = idx + (1u << --high);

		area--;
		flags -= mirror_head_flags(0, 1);
		WRITE_ONCE(pages[upper].flags, flags);
		mirror_list_add(pages, &area->list[mt], upper);
		area->nr_free++;
	}
	return added;
}

/*
 * What came off a free list is nobody's. False, with the mirror out of service, where it says
 * otherwise.
 */
static __mirror_inline bool mirror_taken_ok(struct mirror_zone *zone, struct mirror_page *page)
{
	if (likely(mirror_page_state(page) == MIRROR_PAGE_TAIL && !atomic_read(&page->refs)))
		return true;
	mirror_bad_taken(zone, page);
	return false;
}

/*
 * Takes the first block off a free list that has one, as mirror_del_free() does any. Returns
 * its first frame, or MIRROR_NIL with the mirror out of service.
 */
static __mirror_inline u32 mirror_del_first_free(struct mirror_zone *zone, unsigned int order,
						 int mt)
{
	struct mirror_free_area *area = &zone->free_area[order];
	struct mirror_list *list = mirror_list_here(&area->list[mt]);
	struct mirror_page *pages = zone->pages;
	u32 idx = list->first;

	lockdep_assert_held(&zone->lock);

	if (unlikely(mirror_page_flags(&pages[idx]) !=
		     mirror_zone_head(zone, MIRROR_PAGE_BUDDY, order) ||
		     !mirror_list_del_first(pages, list, zone->nr_desc))) {
		mirror_free_list_damaged(zone, idx, order, mt);
		return MIRROR_NIL;
	}
	if (mirror_list_empty(list))
		WRITE_ONCE(zone->free_mask[mt], zone->free_mask[mt] & ~BIT(order));
	area->nr_free--;
	WRITE_ONCE(pages[idx].flags, mirror_zone_head(zone, MIRROR_PAGE_TAIL, 0));
	return idx;
}

static __mirror_inline struct mirror_page *
mirror_take_and_expand_here(struct mirror_zone *zone, unsigned int low, unsigned int high,
			    int mt)
{
	u32 idx = mirror_del_first_free(zone, high, mt);

	if (unlikely(idx == MIRROR_NIL))
		return NULL;
	mirror_expand(zone, idx, low, high, mt);
	mirror_account_free(zone, -(1l << low), mt);
	return &zone->pages[idx];
}

/**
 * mirror_rmqueue_smallest - take from the smallest free block that fits
 * @zone: the zone
 * @order: wanted
 * @mt: from this type's lists only
 *
 * Context: zone->lock held.
 * Return: the head, or NULL where no such block is free.
 */
static __mirror_inline struct mirror_page *
mirror_rmqueue_smallest(struct mirror_zone *zone, unsigned int order, int mt)
{
	u32 fits = zone->free_mask[mt] >> order;
	unsigned int high;

	lockdep_assert_held(&zone->lock);

	if (!fits)
		return NULL;
	high = order + __ffs(fits);
	return mirror_take_and_expand_here(zone, order, high, mt);
}

/* Is the buddy, in the same zone, a free block of the same order? */
static __mirror_inline bool mirror_buddy_is_free(const struct mirror_zone *zone, u32 idx,
						 unsigned int order)
{
	u32 buddy = idx ^ (1u << order);

	return mirror_page_flags(&zone->pages[buddy]) ==
	       mirror_zone_head(zone, MIRROR_PAGE_BUDDY, order);
}

/*
 * The buddy one order up is free already, so once this block's own buddy comes
 * back the two levels collapse at once. Keep it for last.
 */
static __mirror_inline bool mirror_merge_likely(const struct mirror_zone *zone, u32 idx,
						u32 buddy_idx, unsigned int order)
{
	if (order + 1 >= zone->max_order)
		return false;
	return mirror_buddy_is_free(zone, idx & buddy_idx, order + 1);
}

/* Puts a block on its free list that has merged as far as it goes. */
static __mirror_inline void mirror_add_merged(struct mirror_zone *zone, u32 idx,
					      unsigned int order, int mt, bool to_tail)
{
	if (!to_tail)
		to_tail = MIRROR_DECIDE(zone->m, free_to_tail, mirror_merge_likely, zone, idx,
					idx ^ (1u << order), order);
	mirror_add_free(zone, idx, order, mt, to_tail);
}

/**
 * mirror_free_to_buddy_here - mirror_free_to_buddy() in line, for a block whose buddy is in use
 * @zone: the zone
 * @idx: first frame
 * @order: of the block
 * @mt: type of its pageblock
 *
 * Most blocks have nothing to merge with; what has goes out of line.
 *
 * Context: zone->lock held.
 */
static __mirror_inline void mirror_free_to_buddy_here(struct mirror_zone *zone, u32 idx,
						      unsigned int order, int mt)
{
	lockdep_assert_held(&zone->lock);

	if (order >= zone->pb_order || unlikely(zone->captures) ||
	    mirror_buddy_is_free(zone, idx, order)) {
		mirror_free_to_buddy(zone, idx, order, mt, false);
		return;
	}
	mirror_account_free(zone, 1l << order, mt);
	mirror_add_merged(zone, idx, order, mt, false);
}

/**
 * mirror_take_from_zone - take a block of the request's own type past the per-CPU lists
 * @zone: the zone
 * @order: of the request
 * @mt: of the request
 * @taken: the head in state USED, without references
 *
 * Context: Any; takes zone->lock.
 * Return: false where the zone has none that is large enough.
 */
static __mirror_inline bool mirror_take_from_zone(struct mirror_zone *zone, unsigned int order,
						  int mt, struct mirror_page **taken)
{
	struct mirror_page *page;
	unsigned long flags;

	mirror_host_zone_lock(&zone->lock, flags);
	page = mirror_rmqueue_smallest(zone, order, mt);
	if (likely(page && mirror_taken_ok(zone, page)))
		WRITE_ONCE(page->flags, mirror_zone_head(zone, MIRROR_PAGE_USED, order));
	else
		page = NULL;
	mirror_host_zone_unlock(&zone->lock, flags);
	*taken = page;
	return page;
}

/* mirror_free_one() in line. */
static __mirror_inline void mirror_free_one_here(struct mirror_zone *zone, u32 idx,
						 unsigned int order)
{
	unsigned long flags;

	mirror_host_zone_lock(&zone->lock, flags);
	if (likely(order < zone->pb_order))
		mirror_free_to_buddy_here(zone, idx, order,
					  mirror_pageblock_type(zone->m, idx));
	else
		mirror_free_large(zone, idx, order, false);
	mirror_host_zone_unlock(&zone->lock, flags);
	mirror_count_pages(zone, MIRROR_ZONE_PGFREE, 1ul << order);
}

#endif /* _MIRROR_CORE_BUDDY_OPS_H */
