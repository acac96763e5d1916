// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy system: free blocks of 2^order pages, taken, split and merged.
 *
 * Two blocks of one order are buddies when their first frames differ in bit
 * "order" alone. Slots start at multiples of the largest block, so a buddy is
 * found by flipping that bit in the descriptor's index; no pfn is needed.
 *
 *   take order 0 from a free block of order 3     give it back
 *
 *   [ . . . . . . . . ] 3                         [x] [ ] [   ] [       ]
 *   [ . . . . ] [ 2   ]   upper halves go           0   0   1       2
 *   [ . . ] [ 1 ]         to the head of          each free buddy leaves its
 *   [x] [0]               their lists             list and doubles the block
 *
 * Everything here runs under zone->lock. The type of a block on a list is that
 * of the pageblock it starts in.
 */
#include "buddy_ops.h"

/**
 * mirror_account_special - the same for lists of types that are no mobility
 * @zone: the zone
 * @nr_pages: positive when they come
 * @mt: type of the list, any
 *
 * Context: zone->lock held.
 */
noinline void mirror_account_special(struct mirror_zone *zone, long nr_pages, int mt)
{
	if (mt == MIRROR_MIGRATE_ISOLATE)
		return;
	mirror_mod_zone_state(zone, MIRROR_NR_FREE_PAGES, nr_pages);
	if (mt == MIRROR_MIGRATE_CMA)
		mirror_mod_zone_state(zone, MIRROR_NR_FREE_CMA, nr_pages);
	else if (mt == MIRROR_MIGRATE_HIGHATOMIC)
		WRITE_ONCE(zone->nr_free_highatomic,
			   zone->nr_free_highatomic + nr_pages);
}

/**
 * mirror_free_list_damaged - take the mirror out of service for a damaged free list
 * @zone: whose list
 * @idx: the entry, a descriptor that there is
 * @order: of the list
 * @mt: of the list
 *
 * Context: zone->lock held.
 */
noinline void mirror_free_list_damaged(struct mirror_zone *zone, u32 idx,
				       unsigned int order, int mt)
{
	const struct mirror_page *page = &zone->pages[idx];

	mirror_broken(zone->m,
		      "node %d zone %d order %u type %d: entry %u of the free list (pfn %#lx) is not what was put there: next %#x prev %#x flags %#x",
		      zone->node->nid, zone->type, order, mt, idx,
		      mirror_idx_to_pfn(zone->m, idx), page->next, page->prev,
		      page->flags);
}

/**
 * mirror_take_and_expand - take the first block of a free list and keep the lower part of it
 * @zone: the zone
 * @low: order wanted
 * @high: order of the block
 * @mt: list it is on, and that the rest goes back to
 *
 * Context: zone->lock held.
 * Return: the head, in state TAIL until the caller says what becomes of it, or
 * NULL with the mirror out of service.
 */
noinline struct mirror_page *
mirror_take_and_expand(struct mirror_zone *zone, unsigned int low, unsigned int high, int mt)
{
	return mirror_take_and_expand_here(zone, low, high, mt);
}

/* Reserved, contiguous and isolated pageblocks keep their pages to themselves. */
static bool types_mergeable(int mt, int buddy_mt)
{
	return mt == buddy_mt ||
	       (mirror_type_mergeable(mt) && mirror_type_mergeable(buddy_mt));
}

/*
 * Takes the buddy off its list for a merge. Its pageblocks become @mt, so that
 * whatever the merged block is later cut into lies on the list of its type.
 */
static __mirror_inline bool absorb(struct mirror_zone *zone, u32 buddy,
				   unsigned int order, int mt)
{
	int buddy_mt = mt;

	if (order >= zone->pb_order)
		buddy_mt = mirror_pageblock_type(zone->m, buddy);
	if (buddy_mt != mt &&
	    !MIRROR_DECIDE(zone->m, can_merge, types_mergeable, mt, buddy_mt))
		return false;
	if (!mirror_unlist_free(zone, buddy, order, buddy_mt))
		return false;
	if (unlikely(buddy_mt != mt))
		mirror_set_pageblock_range(zone->m, buddy, order, mt);
	return true;
}

/* A block on its way up: its first frame, the order that it has grown to, is it captured? */
struct growing {
	u32 idx;
	u16 order;
	bool taken;
};

/*
 * Merges a block as far as its pageblock goes, within which all lists are of one type.
 * What the mask says of orders whose last block was taken is set right once.
 */
static __mirror_inline struct growing
merge_in_pageblock(struct mirror_zone *zone, u32 idx, unsigned int order, int mt)
{
	u32 buddy_flags = mirror_zone_head(zone, MIRROR_PAGE_BUDDY, order);
	const u32 tail_flags = mirror_zone_head(zone, MIRROR_PAGE_TAIL, 0);
	struct mirror_free_area *area = &zone->free_area[order];
	struct mirror_page *pages = zone->pages;
	u32 emptied = 0;

	for (; order < zone->pb_order; order++) {
		u32 buddy = idx ^ (1u << order);

		if (mirror_page_flags(&pages[buddy]) != buddy_flags)
			break;
		if (unlikely(!mirror_list_del(pages, &area->list[mt], buddy, zone->nr_desc))) {
			mirror_free_list_damaged(zone, buddy, order, mt);
			break;
		}
		emptied |= (u32)mirror_list_empty(&area->list[mt]) << order;
		area->nr_free--;
		WRITE_ONCE(pages[buddy].flags, tail_flags);
		buddy_flags += mirror_head_flags(0, 1);
		area++;
		idx &= buddy;
	}
	WRITE_ONCE(zone->free_mask[mt], zone->free_mask[mt] & ~emptied);
	return (struct growing){ idx, order, false };
}

/* Merges across pageblocks, whose types may differ, or where a compaction waits. */
static __mirror_inline struct growing
merge_with_care(struct mirror_zone *zone, u32 idx, unsigned int order, int mt)
{
	for (; order < zone->max_order; order++) {
		u32 buddy = idx ^ (1u << order);

		if (unlikely(zone->captures) && mirror_capture_block(zone, idx, order, mt))
			return (struct growing){ idx, order, true };
		if (!mirror_buddy_is_free(zone, idx, order) ||
		    !absorb(zone, buddy, order, mt))
			break;
		idx &= buddy;
	}
	return (struct growing){ idx, order, false };
}

static bool merges_with_care(const struct mirror_zone *zone, unsigned int order)
{
	return unlikely(zone->captures) || (order >= zone->pb_order && order < zone->max_order);
}

/**
 * mirror_free_to_buddy - give a block back and merge it as far as it goes
 * @zone: the zone
 * @idx: first frame
 * @order: of the block
 * @mt: type of its pageblock
 * @to_tail: at the end of the list, whatever the policy says
 *
 * Context: zone->lock held.
 */
void mirror_free_to_buddy(struct mirror_zone *zone, u32 idx, unsigned int order,
			  int mt, bool to_tail)
{
	struct growing block = { idx, order, false };

	lockdep_assert_held(&zone->lock);

	mirror_account_free(zone, 1l << order, mt);
	WRITE_ONCE(zone->pages[idx].flags,
		   mirror_zone_head(zone, MIRROR_PAGE_TAIL, 0));

	if (order < zone->pb_order && likely(!zone->captures))
		block = merge_in_pageblock(zone, idx, order, mt);
	if (merges_with_care(zone, block.order)) {
		block = merge_with_care(zone, block.idx, block.order, mt);
		if (unlikely(block.taken)) {
			mirror_account_free(zone, -(1l << block.order), mt);
			return;
		}
	}
	mirror_add_merged(zone, block.idx, block.order, mt, to_tail);
}

/*
 * Would the pageblocks of this block, freed one by one, be one block again at the
 * end, with the same counters? Each is folded at once where no per-CPU difference
 * can hold it.
 */
static bool merges_again(const struct mirror_zone *zone, u32 idx,
			 unsigned int order)
{
	const u8 *type = &zone->m->pageblock_type[idx >> zone->pb_order];
	unsigned int i;

	if (1 << zone->pb_order <= S8_MAX || zone->captures)
		return false;
	for (i = 1; i < 1u << (order - zone->pb_order); i++)
		if (READ_ONCE(type[i]) != READ_ONCE(type[0]))
			return false;
	return true;
}

/**
 * mirror_free_large - give a block back that may span several pageblocks
 * @zone: the zone
 * @idx: first frame
 * @order: of the block
 * @to_tail: as in mirror_free_to_buddy()
 *
 * Its pageblocks may have got different types while it was in use, so each
 * part goes to the list of its own.
 *
 * Context: zone->lock held.
 */
void mirror_free_large(struct mirror_zone *zone, u32 idx, unsigned int order,
		       bool to_tail)
{
	u32 end = idx + (1u << order);

	if (order <= zone->pb_order || merges_again(zone, idx, order)) {
		mirror_free_to_buddy(zone, idx, order,
				     mirror_pageblock_type(zone->m, idx), to_tail);
		return;
	}
	for (; idx != end; idx += 1u << zone->pb_order)
		mirror_free_to_buddy(zone, idx, zone->pb_order,
				     mirror_pageblock_type(zone->m, idx),
				     to_tail);
}

/**
 * mirror_free_one - give one block back past the per-CPU lists
 * @zone: the zone
 * @page: its head
 * @order: of the block
 *
 * Context: Any; takes zone->lock.
 */
void mirror_free_one(struct mirror_zone *zone, struct mirror_page *page,
		     unsigned int order)
{
	mirror_free_one_here(zone, mirror_zone_idx(zone, page), order);
}
