// SPDX-License-Identifier: GPL-2.0
/*
 * Free blocks that leave the free lists without being allocated, and come back:
 *
 *   mirror_isolate_free_page      a block as it lies on its list, for compaction and
 *   mirror_putback_isolated_page  for reporting of free pages
 *   mirror_take_page_off_buddy    one page out of whatever block has it, because it is
 *   mirror_put_page_back_buddy    bad (hwpoison.c); the rest of the block stays free
 *
 * A block that was isolated has a state of its own, which a validation counts and no call of
 * a caller takes for a block in use.
 */
#include "buddy_ops.h"

/* blocks ---------------------------------------------------------------------------- */

/*
 * As if the block were being allocated. A block of this size is known to be there, so
 * the mark for single pages will do, with the block's pages on top; a boost is left out.
 */
static bool may_isolate(const struct mirror_zone *zone, unsigned int order, int mt)
{
	unsigned long mark = READ_ONCE(zone->watermark[MIRROR_WMARK_MIN]) + (1ul << order);

	return mt == MIRROR_MIGRATE_ISOLATE ||
	       mirror_watermark_ok_now(zone, 0, mark, 0, MIRROR_ALLOC_CMA);
}

/*
 * Half a pageblock or more will be filled with movable pages, so that is what its
 * pageblocks become, but for those that are no mobility. A mirror too small for grouping
 * has unmovable pageblocks only.
 */
static void make_movable(struct mirror_zone *zone, u32 idx, unsigned int order)
{
	u32 last = idx + (1u << order) - 1;

	if (order + 1 < zone->pb_order || zone->m->mobility_off)
		return;
	for (; idx < last; idx += 1u << zone->pb_order) {
		int mt = mirror_pageblock_type(zone->m, idx);

		if (mirror_type_mergeable(mt))
			mirror_move_freepages(zone, idx, mt, MIRROR_MIGRATE_MOVABLE);
	}
}

static bool is_free_block(const struct mirror_zone *zone, u32 idx, unsigned int order)
{
	return order <= zone->max_order &&
	       mirror_page_flags(&zone->pages[idx]) ==
	       mirror_zone_head(zone, MIRROR_PAGE_BUDDY, order);
}

/**
 * mirror_isolate_free_page - take a free block off its list as a whole
 * @zone: the zone
 * @idx: first frame of the block
 * @order: its order
 *
 * Follows __isolate_free_page() of Linux 6.12. mirror_putback_isolated_page() gives the
 * block back.
 *
 * Context: zone->lock held.
 * Return: its pages; 0, with nothing changed, where that would go below the min mark, or
 * where no free block of this order begins there.
 */
unsigned long mirror_isolate_free_page(struct mirror_zone *zone, u32 idx, unsigned int order)
{
	int mt = mirror_pageblock_type(zone->m, idx);

	lockdep_assert_held(&zone->lock);

	if (!is_free_block(zone, idx, order) || !may_isolate(zone, order, mt) ||
	    !mirror_del_free(zone, idx, order, mt))
		return 0;
	mirror_account_free(zone, -(1l << order), mt);
	mirror_page_set_head(&zone->pages[idx], MIRROR_PAGE_ISOLATED, order);
	make_movable(zone, idx, order);
	return 1ul << order;
}

/**
 * mirror_putback_isolated_page - give a block back that was isolated
 * @zone: the zone
 * @idx: first frame, from mirror_isolate_free_page()
 * @order: its order
 * @mt: type of its pageblock
 *
 * It goes to the end of its list. Follows __putback_isolated_page() of Linux 6.12.
 *
 * Context: zone->lock held.
 * Return: false, with nothing changed, where no isolated block of this order begins there.
 */
bool mirror_putback_isolated_page(struct mirror_zone *zone, u32 idx, unsigned int order,
				  int mt)
{
	lockdep_assert_held(&zone->lock);

	if (order > zone->max_order || mirror_page_flags(&zone->pages[idx]) !=
	    mirror_zone_head(zone, MIRROR_PAGE_ISOLATED, order))
		return false;
	mirror_free_to_buddy(zone, idx, order, mt, true);
	return true;
}

/* single pages ----------------------------------------------------------------------- */

/* Takes a free block off its list and gives all but one of its pages back. */
static bool split_off(struct mirror_zone *zone, u32 head, unsigned int order, u32 idx)
{
	int mt = mirror_pageblock_type(zone->m, head);

	if (!mirror_del_free(zone, head, order, mt))
		return false;
	mirror_account_free(zone, -(1l << order), mt);
	while (order > 0) {
		u32 other = head + (1u << --order);

		if (idx >= other)
			swap(head, other);
		mirror_add_free(zone, other, order, mt, false);
		mirror_account_free(zone, 1l << order, mt);
	}
	mirror_page_set_head(&zone->pages[idx], MIRROR_PAGE_BAD, 0);
	return true;
}

/**
 * mirror_take_page_off_buddy - take one page out of the free block that has it
 * @zone: the zone
 * @idx: the page
 *
 * It is then MIRROR_PAGE_BAD, which nothing merges with. Follows take_page_off_buddy()
 * of Linux 6.12.
 *
 * Context: Any; takes zone->lock.
 * Return: false where the page is in no block on a free list.
 */
bool mirror_take_page_off_buddy(struct mirror_zone *zone, u32 idx)
{
	const struct mirror_page *head;
	bool taken = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	head = mirror_page_head(zone->m, &zone->pages[idx]);
	if (head && mirror_page_state(head) == MIRROR_PAGE_BUDDY &&
	    mirror_page_order(head) <= zone->max_order)
		taken = split_off(zone, mirror_zone_idx(zone, head),
				  mirror_page_order(head), idx);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return taken;
}

/**
 * mirror_put_page_back_buddy - give a page back that was taken out
 * @zone: the zone
 * @idx: the page, from mirror_take_page_off_buddy()
 *
 * It merges as any freed page does. Follows put_page_back_buddy() of Linux 6.12.
 *
 * Context: Any; takes zone->lock.
 * Return: false where the page is not MIRROR_PAGE_BAD.
 */
bool mirror_put_page_back_buddy(struct mirror_zone *zone, u32 idx)
{
	unsigned long flags;
	bool bad;

	raw_spin_lock_irqsave(&zone->lock, flags);
	bad = mirror_page_state(&zone->pages[idx]) == MIRROR_PAGE_BAD;
	if (bad)
		mirror_free_to_buddy(zone, idx, 0, mirror_pageblock_type(zone->m, idx), false);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return bad;
}
