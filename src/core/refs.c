// SPDX-License-Identifier: GPL-2.0
/*
 * References to blocks in use, and parts of them:
 *
 *   mirror_core_get, mirror_core_put   one reference more or less; the last one frees
 *   mirror_free_shared                 a free that finds more references than its own
 *   mirror_core_split                  each page becomes a block of its own
 */
#include "free_ops.h"

/* What the flags say leads to arrays, so a stray write must not lead past them. */
static __mirror_inline bool flags_sane(struct mirror *m,
				       const struct mirror_page *page, u32 flags)
{
	if (likely(mirror_flags_order(flags) <= m->max_order &&
		   mirror_flags_zone(flags) < m->nr_zones))
		return true;
	mirror_flags_insane(m, page, flags);
	return false;
}

/*
 * Somebody else still holds the first page: make it a block of its own before
 * the reference goes, then free the rest, the upper half first.
 */
static noinline int release_tails(struct mirror *m, struct mirror_page *page,
				  unsigned int order)
{
	struct mirror_zone *zone = mirror_page_zone(m, page);
	u32 idx = mirror_page_idx(m, page);
	unsigned int i;
	int left;

	/* A validation may stop the machine, but not in between. */
	preempt_disable();
	if (mirror_has_bad(m, idx, order)) {
		mirror_free_tails_around_bad(m, idx, order);
		order = 0;
	}
	for (i = 0; i < order; i++)
		mirror_page_set_head(page + (1ul << i), MIRROR_PAGE_USED, i);
	mirror_page_set_head(page, MIRROR_PAGE_USED, 0);
	preempt_enable();
	left = atomic_dec_return(&page->refs);
	if (!left)
		mirror_release(zone, idx, 0, mirror_pageblock_type(m, idx));
	else if (left == MIRROR_REFS_BAD)
		mirror_free_bad_block(m, page, left);
	while (order-- > 0)
		mirror_release(zone, idx + (1u << order), order,
			       mirror_pageblock_type(m, idx + (1u << order)));
	return 0;
}

/* Somebody else has a reference, or nobody has. */
noinline int mirror_free_shared(struct mirror *m, struct mirror_page *page,
				unsigned int order, u32 flags)
{
	if (unlikely(atomic_read(&page->refs) == MIRROR_REFS_BAD + 1) &&
	    mirror_free_bad_block(m, page, MIRROR_REFS_BAD + 1))
		return 0;
	if (flags & MIRROR_PF_COMPOUND || !order)
		return mirror_core_put(m, page);
	if (mirror_refs_held(atomic_read(&page->refs)) <= 0)
		return mirror_refuse_page(m, page, order, "double free");
	return release_tails(m, page, order);
}

/**
 * mirror_core_get - take another reference to a block
 * @m: the mirror
 * @page: any page of it
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL
 * nobody holds the block.
 */
int mirror_core_get(struct mirror *m, struct mirror_page *page)
{
	struct mirror_page *head;

	if (mirror_is_broken(m))
		return -EIO;
	if (!mirror_page_is_ours(m, page))
		return mirror_refuse_foreign(m, page, "get");
	head = mirror_page_head(m, page);
	if (!head || mirror_page_state(head) != MIRROR_PAGE_USED ||
	    !atomic_inc_not_zero(&head->refs))
		return mirror_refuse_page(m, page, 0, "get");
	return 0;
}

/**
 * mirror_core_put - give a reference back
 * @m: the mirror
 * @page: any page of the block
 *
 * The last one frees the whole block, be it compound or not.
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL
 * nobody holds the block.
 */
int mirror_core_put(struct mirror *m, struct mirror_page *page)
{
	struct mirror_page *head;
	int left;

	if (mirror_is_broken(m))
		return -EIO;
	if (!mirror_page_is_ours(m, page))
		return mirror_refuse_foreign(m, page, "put");
	head = mirror_page_head(m, page);
	if (!head || mirror_page_state(head) != MIRROR_PAGE_USED)
		return mirror_refuse_page(m, page, 0, "put");
	if (unlikely(!flags_sane(m, head, mirror_page_flags(head))))
		return -EIO;
	left = atomic_dec_if_positive(&head->refs);
	if (left < 0)
		return mirror_refuse_page(m, page, 0, "put");
	if (!left)
		return mirror_release(mirror_page_zone(m, head), mirror_page_idx(m, head),
			       mirror_page_order(head),
			       mirror_pageblock_type(m, mirror_page_idx(m, head)));
	if (unlikely(left >= MIRROR_REFS_BAD - 1) &&
	    !mirror_put_bad_block(m, head, left))
		return mirror_refuse_page(m, page, 0, "put");
	return 0;
}

/**
 * mirror_core_set_movable - say whether the holder of a block can move it
 * @m: the mirror
 * @page: its head
 * @movable: he can
 *
 * Such pages count as alike where a movable request wants their pageblock, and keep it
 * from others. It ends with the block.
 *
 * Context: Any. The caller holds the block, and nobody else does this meanwhile.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL not the head of
 * a block in use. A refusal changes nothing and is reported in the log.
 */
int mirror_core_set_movable(struct mirror *m, struct mirror_page *page, bool movable)
{
	u32 flags;

	if (mirror_is_broken(m))
		return -EIO;
	if (!mirror_page_is_ours(m, page))
		return mirror_refuse_foreign(m, page, "set movable");
	flags = mirror_page_flags(page);
	if (mirror_flags_state(flags) != MIRROR_PAGE_USED ||
	    mirror_refs_held(atomic_read(&page->refs)) <= 0)
		return mirror_refuse_page(m, page, mirror_flags_order(flags), "set movable");
	WRITE_ONCE(page->flags, movable ? flags | MIRROR_PF_MOVABLE :
					  flags & ~MIRROR_PF_MOVABLE);
	return 0;
}

/**
 * mirror_core_split - make every page of a block a block of its own
 * @m: the mirror
 * @page: head of a block that is not compound
 * @order: its order
 *
 * The one operation whose cost grows with the block.
 *
 * Context: Any. The caller holds the only reference.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL not
 * such a block.
 */
int mirror_core_split(struct mirror *m, struct mirror_page *page,
		      unsigned int order)
{
	unsigned long i;
	u32 flags;

	if (mirror_is_broken(m))
		return -EIO;
	if (!mirror_page_is_ours(m, page))
		return mirror_refuse_foreign(m, page, "split");
	flags = mirror_page_flags(page);
	if (mirror_flags_state(flags) != MIRROR_PAGE_USED ||
	    mirror_flags_order(flags) != order || flags & MIRROR_PF_COMPOUND ||
	    mirror_refs_held(atomic_read(&page->refs)) != 1)
		return mirror_refuse_page(m, page, order, "split");
	preempt_disable();
	for (i = 1; i < 1ul << order; i++) {
		mirror_page_set_head(page + i, MIRROR_PAGE_USED, 0);
		page[i].owner = page->owner;
		page[i].private = page->private;
		atomic_set(&page[i].refs, 1);
	}
	mirror_page_set_head(page, MIRROR_PAGE_USED, 0);
	if (mirror_has_bad(m, mirror_page_idx(m, page), order))
		mirror_mark_split(m, mirror_page_idx(m, page), order);
	preempt_enable();
	return 0;
}
