// SPDX-License-Identifier: GPL-2.0
/*
 * A block of which only the first pages are wanted: make_alloc_exact() of the reference.
 *
 *   order 3, 5 pages wanted   [ 0 1 2 3 4 . . . ]
 *   trimmed                   [0][1][2][3][4]  5, 6 and 7 to the ends of their lists
 *
 * What is not wanted goes page by page, in ascending order and past the per-CPU lists,
 * so that it is not the next thing to be handed out.
 */
#include "vmstat_ops.h"

static void free_page_to_tail(struct mirror *m, u32 idx)
{
	struct mirror_zone *zone = mirror_page_zone(m, &m->pages[idx]);
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	mirror_free_to_buddy(zone, idx, 0, mirror_pageblock_type(m, idx), true);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	mirror_count_pages(zone, MIRROR_ZONE_PGFREE, 1);
}

/* A page that was reported as bad since the block was allocated stays out. */
static void give_up_page(struct mirror *m, struct mirror_page *page)
{
	if (atomic_cmpxchg(&page->refs, 1, 0) == 1)
		free_page_to_tail(m, mirror_page_idx(m, page));
	else
		mirror_free_bad_block(m, page, MIRROR_REFS_BAD + 1);
}

/**
 * mirror_core_trim - keep the first pages of a block, each as a block of its own
 * @m: the mirror
 * @page: head of a block that is not compound; the caller has the only reference
 * @order: its order
 * @nr: pages to keep, one at least and not more than there are
 *
 * Context: Any.
 * Return: 0, or what mirror_core_split() said, with nothing changed.
 */
int mirror_core_trim(struct mirror *m, struct mirror_page *page, unsigned int order,
		     unsigned long nr)
{
	int ret = mirror_core_split(m, page, order);

	for (; !ret && nr < 1ul << order; nr++)
		give_up_page(m, page + nr);
	return ret;
}

/**
 * mirror_exact_order - order of the block that so many bytes are cut from
 * @bytes: how many, any number
 * @order: set to the smallest order that has room for them
 *
 * Context: Any.
 * Return: pages that @bytes are, rounded up; 0 where @bytes is 0, which no block holds.
 */
unsigned long mirror_exact_order(size_t bytes, unsigned int *order)
{
	unsigned long nr = bytes ? ((bytes - 1) >> PAGE_SHIFT) + 1 : 0;

	*order = order_base_2(nr);
	return nr;
}

/* How many of these, from the first on, are single pages that somebody has. */
static unsigned long nr_held(const struct mirror_page *page, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		u32 flags = mirror_page_flags(&page[i]);

		if (mirror_flags_state(flags) != MIRROR_PAGE_USED || mirror_flags_order(flags) ||
		    mirror_refs_held(atomic_read(&page[i].refs)) <= 0)
			break;
	}
	return i;
}

/**
 * mirror_core_free_trimmed - free what mirror_core_trim() kept
 * @m: the mirror
 * @page: the first page
 * @order: of the block that it was cut from
 * @nr: pages
 *
 * Each page loses one reference, in ascending order, as if it were freed alone.
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL where @page is
 * not the beginning of such a block, or one of the pages is freed already or part of a
 * larger block. Nothing has changed then.
 */
int mirror_core_free_trimmed(struct mirror *m, struct mirror_page *page, unsigned int order,
			     unsigned long nr)
{
	unsigned long i;
	int ret = 0;
	u32 idx;

	if (!mirror_page_is_ours(m, page))
		return mirror_core_free(m, page, 0);
	idx = mirror_page_idx(m, page);
	if (order > m->max_order || idx & ((1u << order) - 1) || nr > m->nr_desc - idx)
		return mirror_refuse_page(m, page, order, "free of exact pages");
	i = nr_held(page, nr);
	if (i < nr)
		return mirror_refuse_page(m, page + i, 0, "free of exact pages");
	for (i = 0; i < nr && !ret; i++)
		ret = mirror_core_free(m, page + i, 0);
	return ret;
}
