// SPDX-License-Identifier: GPL-2.0
/*
 * Pageblocks: the granularity at which pages are grouped by mobility.
 *
 * Every pageblock has one migratetype. Free blocks lie on the lists of the
 * pageblock they start in; changing a pageblock's type therefore moves its free
 * blocks along. Types change under zone->lock and are read without it by the
 * free path, which lives with a value that has just gone stale.
 */
#include "buddy_ops.h"

/**
 * mirror_set_pageblock_type - change the label, not the lists
 * @m: the mirror
 * @idx: a frame of the pageblock
 * @mt: new type
 *
 * A mirror too small for grouping knows unmovable pageblocks only, apart from
 * the types that are no mobility.
 *
 * Context: zone->lock held, or the mirror not in use yet.
 */
void mirror_set_pageblock_type(struct mirror *m, u32 idx, int mt)
{
	if (m->mobility_off && mirror_type_mergeable(mt))
		mt = MIRROR_MIGRATE_UNMOVABLE;
	WRITE_ONCE(m->pageblock_type[idx >> m->pb_order], mt);
}

/**
 * mirror_set_pageblock_range - label all pageblocks of a large block
 * @m: the mirror
 * @idx: first frame
 * @order: of the block, at least a pageblock's
 * @mt: new type
 *
 * Context: zone->lock held.
 */
void mirror_set_pageblock_range(struct mirror *m, u32 idx, unsigned int order,
				int mt)
{
	u32 end = idx + (1u << order);

	for (; idx < end; idx += 1u << m->pb_order)
		mirror_set_pageblock_type(m, idx, mt);
}

/**
 * mirror_pageblock_in_zone - is all of a frame's pageblock in the zone?
 * @zone: the zone
 * @idx: the frame
 * @start: first frame of the pageblock
 *
 * A pageblock that straddles a zone's border cannot change its type: the other
 * zone's lock covers the rest of it.
 *
 * Context: Any.
 * Return: true where it is.
 */
bool mirror_pageblock_in_zone(const struct mirror_zone *zone, u32 idx,
			      u32 *start)
{
	unsigned long first;

	*start = round_down(idx, 1u << zone->pb_order);
	first = mirror_idx_to_pfn(zone->m, *start);
	return first >= zone->start_pfn &&
	       first + (1ul << zone->pb_order) <=
	       mirror_zone_end_pfn(zone);
}

/* Frames to the next head; a tail or a hole tells nothing about its followers. */
static u32 step(u32 flags)
{
	if (!mirror_state_is_head(mirror_flags_state(flags)) ||
	    mirror_flags_order(flags) >= MIRROR_NR_ORDERS_MAX)
		return 1;
	return 1u << mirror_flags_order(flags);
}

static bool is_movable(u32 flags)
{
	return mirror_flags_state(flags) == MIRROR_PAGE_USED && flags & MIRROR_PF_MOVABLE;
}

/**
 * mirror_pageblock_count - count a pageblock's free and movable pages
 * @zone: the zone
 * @start: first frame
 *
 * Linux: prep_move_freepages_block(). Holders do not take zone->lock to change what they
 * say of their blocks, so that the second number is a guess, as there.
 *
 * Context: zone->lock held.
 * Return: pages on free lists, and pages in use whose holders can move them.
 */
struct mirror_pageblock_pages mirror_pageblock_count(const struct mirror_zone *zone,
						     u32 start)
{
	u32 idx = start, end = start + (1u << zone->pb_order);
	struct mirror_pageblock_pages nr = {};

	lockdep_assert_held(&zone->lock);

	while (idx < end) {
		u32 flags = mirror_page_flags(&zone->pages[idx]);

		if (mirror_flags_state(flags) == MIRROR_PAGE_BUDDY)
			nr.free += 1u << mirror_flags_order(flags);
		else if (is_movable(flags))
			nr.movable += step(flags);
		idx += step(flags);
	}
	return nr;
}

/* To the end of the other list, where it is not taken again at once. */
static bool move_one(struct mirror_zone *zone, u32 idx, unsigned int order,
		     int old_mt, int new_mt)
{
	if (order > zone->max_order) {
		mirror_broken(zone->m, "pfn %#lx is free at order %u, which does not exist",
			      mirror_idx_to_pfn(zone->m, idx), order);
		return false;
	}
	if (!mirror_del_free(zone, idx, order, old_mt))
		return false;
	mirror_add_free(zone, idx, order, new_mt, true);
	mirror_account_free(zone, -(1l << order), old_mt);
	mirror_account_free(zone, 1l << order, new_mt);
	return true;
}

/**
 * mirror_move_freepages - give a pageblock another type, with its free blocks
 * @zone: the zone
 * @idx: a frame of the pageblock
 * @old_mt: type it has
 * @new_mt: type it gets
 *
 * Free blocks larger than a pageblock are not for this function.
 *
 * Context: zone->lock held.
 * Return: pages moved, or -1 where the pageblock reaches beyond the zone.
 */
int mirror_move_freepages(struct mirror_zone *zone, u32 idx, int old_mt,
			  int new_mt)
{
	int moved = 0;
	u32 end;

	lockdep_assert_held(&zone->lock);

	if (!mirror_pageblock_in_zone(zone, idx, &idx))
		return -1;
	for (end = idx + (1u << zone->pb_order); idx < end;) {
		u32 flags = mirror_page_flags(&zone->pages[idx]);
		unsigned int order = mirror_flags_order(flags);

		if (mirror_flags_state(flags) == MIRROR_PAGE_BUDDY) {
			if (!move_one(zone, idx, order, old_mt, new_mt))
				return moved;
			moved += 1 << order;
		}
		idx += step(flags);
	}
	mirror_set_pageblock_type(zone->m, end - 1, new_mt);
	return moved;
}

/* First frame of a free block that holds @start, be it head or tail; or NIL. */
static u32 free_block_around(const struct mirror_zone *zone, u32 start)
{
	unsigned int order;

	for (order = zone->pb_order; order <= zone->max_order; order++) {
		u32 idx = round_down(start, 1u << order);
		u32 flags = mirror_page_flags(&zone->pages[idx]);

		if (mirror_flags_state(flags) == MIRROR_PAGE_BUDDY)
			return start - idx < 1u << mirror_flags_order(flags) ?
			       idx : MIRROR_NIL;
	}
	return MIRROR_NIL;
}

/**
 * mirror_pageblock_isolate - give one pageblock another type, whatever it is in
 * @zone: the zone
 * @idx: a frame of the pageblock
 * @mt: new type
 *
 * A free block larger than a pageblock is cut at pageblock borders first, so
 * that its other parts keep their type.
 *
 * Context: zone->lock held.
 * Return: false where the pageblock reaches beyond the zone.
 */
bool mirror_pageblock_isolate(struct mirror_zone *zone, u32 idx, int mt)
{
	unsigned int order;
	u32 start, head;

	lockdep_assert_held(&zone->lock);

	if (!mirror_pageblock_in_zone(zone, idx, &start))
		return false;
	head = free_block_around(zone, start);
	order = head == MIRROR_NIL ? 0 : mirror_page_order(&zone->pages[head]);
	if (order <= zone->pb_order) {
		mirror_move_freepages(zone, start,
				      mirror_pageblock_type(zone->m, start), mt);
		return true;
	}
	if (!mirror_del_free(zone, head, order,
			     mirror_pageblock_type(zone->m, head)))
		return false;
	mirror_account_free(zone, -(1l << order),
			    mirror_pageblock_type(zone->m, head));
	mirror_set_pageblock_type(zone->m, start, mt);
	mirror_free_large(zone, head, order, false);
	return true;
}
