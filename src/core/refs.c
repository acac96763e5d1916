// SPDX-License-Identifier: GPL-2.0
/*
 * References to blocks in use, and parts of them:
 *
 *   mirror_core_get, mirror_core_put   one reference more or less; the last one frees the
 *                                      folio: a compound block, or a single page
 *   mirror_free_shared                 a free that finds more references than its own
 *   mirror_core_split                  each page becomes a block of its own
 *
 * A block that is not compound may be shared, and its tails must be freed once. Who
 * makes the first page a block of its own does so by a compare-and-exchange of the
 * flags, and adds MIRROR_REFS_BAD to the references that are left. So whoever read the
 * flags before that finds another count than 1, looks at the flags again, and is
 * refused for the order.
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

/* Makes each half above the first page a block in use without references. */
static void cut_tails(struct mirror_page *page, unsigned int order)
{
	while (order-- > 0)
		mirror_page_set_head(page + (1ul << order), MIRROR_PAGE_USED, order);
}

/* All but what any holder may change at any time, see mirror_core_set_movable(). */
static bool same_block(u32 flags, u32 other)
{
	return !((flags ^ other) & ~MIRROR_PF_MOVABLE);
}

/* Makes the first page a block of its own. False where the block is another one by now. */
static bool claim_cut(struct mirror_page *page, u32 flags)
{
	u32 cut = (flags & MIRROR_PF_ZONE) | mirror_head_flags(MIRROR_PAGE_USED, 0);
	u32 old;

	do {
		old = flags;
		flags = cmpxchg(&page->flags, old, cut);
	} while (flags != old && same_block(flags, old));
	return flags == old;
}

/*
 * Drops a reference to the first page of a block that was cut. What is left gets the
 * mark, which keeps whoever still takes the page for the whole block off the short path.
 * Returns what is left; 1 where nobody had a reference any more, which changes nothing.
 */
static int drop_cut(struct mirror_page *page)
{
	int old = atomic_read(&page->refs), left;

	do {
		/* One less than the mark: a put without a reference is under way. */
		if (mirror_refs_held(old) <= 0 || old == MIRROR_REFS_BAD - 1)
			return 1;
		left = old - 1;
		if (left)
			left |= MIRROR_REFS_BAD;
	} while (!atomic_try_cmpxchg(&page->refs, &old, left));
	return left;
}

/*
 * Somebody else still holds the first page: make it a block of its own before
 * the reference goes, then free the rest, the upper half first.
 */
static noinline int release_tails(struct mirror *m, struct mirror_page *page,
				  unsigned int order, u32 flags)
{
	struct mirror_zone *zone = mirror_page_zone(m, page);
	u32 idx = mirror_page_idx(m, page);
	int left;

	/* A validation may stop the machine, but not in between. */
	preempt_disable();
	if (!claim_cut(page, flags)) {
		preempt_enable();
		return mirror_refuse_page(m, page, order, "free with the wrong order");
	}
	if (mirror_has_bad(m, idx, order)) {
		mirror_free_tails_around_bad(m, idx, order);
		order = 0;
	}
	cut_tails(page, order);
	preempt_enable();
	left = drop_cut(page);
	if (!left)
		mirror_release(zone, idx, 0, mirror_pageblock_type(m, idx));
	else if (left == MIRROR_REFS_BAD)
		mirror_free_bad_block(m, page, left);
	while (order-- > 0)
		mirror_release(zone, idx + (1u << order), order,
			       mirror_pageblock_type(m, idx + (1u << order)));
	return 0;
}

static noinline void report_lost(struct mirror *m, const struct mirror_page *page,
				 unsigned int order)
{
	if (!__ratelimit(&m->report_limit))
		return;
	pr_err("put of pfn %#lx freed that page alone: its block of order %u was not compound, and nobody can free the rest\n",
	       mirror_idx_to_pfn(m, mirror_page_idx(m, page)), order);
	dump_stack();
}

/* False where a caller without a reference was just freeing the block, and has them. */
static bool lose_tails(struct mirror_page *head, unsigned int order, u32 flags)
{
	bool ours;

	preempt_disable();
	ours = claim_cut(head, flags);
	if (ours)
		cut_tails(head, order);
	preempt_enable();
	return ours;
}

/*
 * The last reference was put. Of a block that is not compound the reference frees the
 * first page alone: folio_put() knows no order of it. The tails have no reference, so
 * nobody can free them, and they stay in use.
 */
static int release_folio(struct mirror *m, struct mirror_page *head)
{
	u32 idx = mirror_page_idx(m, head), flags = mirror_page_flags(head);
	unsigned int order = mirror_flags_order(flags);

	if (unlikely(order && !(flags & MIRROR_PF_COMPOUND))) {
		if (lose_tails(head, order, flags))
			report_lost(m, head, order);
		order = 0;
	}
	return mirror_release(mirror_page_zone(m, head), idx, order,
			      mirror_pageblock_type(m, idx));
}

/**
 * mirror_release_block - free a block that has no references left, and no bad page
 * @m: the mirror
 * @head: of the block
 * @put: the last reference was put, so what is freed is the folio
 *
 * Context: Any.
 */
void mirror_release_block(struct mirror *m, struct mirror_page *head, bool put)
{
	u32 idx = mirror_page_idx(m, head);

	if (put)
		release_folio(m, head);
	else
		mirror_release(mirror_page_zone(m, head), idx, mirror_page_order(head),
			       mirror_pageblock_type(m, idx));
}

/*
 * Is there one reference, and the mark? Pairs with drop_cut(): who sees the mark that it
 * adds sees the flags of the single page, too. Nobody can cut the block after that, as
 * the reference is the caller's.
 */
static bool is_last_marked(struct mirror_page *page)
{
	return atomic_read_acquire(&page->refs) == MIRROR_REFS_BAD + 1;
}

/**
 * mirror_drop_last_marked - give back the last reference to a block with the mark
 * @m: the mirror
 * @page: head of the block
 * @order: its order
 * @flags: of the head, as the caller saw them
 *
 * Context: Any.
 * Return: true where the block is the caller's to put away. Not where a page of it is bad,
 * which mirror_free_bad_block() takes out.
 */
bool mirror_drop_last_marked(struct mirror *m, struct mirror_page *page,
			     unsigned int order, u32 flags)
{
	bool last;

	if (!is_last_marked(page) || !same_block(mirror_page_flags(page), flags))
		return false;
	preempt_disable();
	last = !mirror_has_bad(m, mirror_page_idx(m, page), order) &&
	       atomic_cmpxchg(&page->refs, MIRROR_REFS_BAD + 1, 0) == MIRROR_REFS_BAD + 1;
	preempt_enable();
	return last;
}

/* Somebody else has a reference, or nobody has. */
noinline int mirror_free_shared(struct mirror *m, struct mirror_page *page,
				unsigned int order, u32 flags)
{
	if (unlikely(is_last_marked(page))) {
		if (!same_block(mirror_page_flags(page), flags))
			return mirror_refuse_page(m, page, order, "free with the wrong order");
		if (mirror_free_bad_block(m, page, MIRROR_REFS_BAD + 1))
			return 0;
	}
	if (flags & MIRROR_PF_COMPOUND || !order)
		return mirror_core_put(m, page);
	if (mirror_refs_held(atomic_read(&page->refs)) <= 0)
		return mirror_refuse_page(m, page, order, "double free");
	return release_tails(m, page, order, flags);
}

/**
 * mirror_folio_head - the descriptor that counts a page's references
 * @m: the mirror
 * @page: one of its descriptors
 *
 * Follows page_folio() of Linux 6.12.
 *
 * Context: as for mirror_page_head().
 * Return: the head of a compound block, or of any other block if @page is it. NULL for
 * a tail of such a block, which has no references, and where no block covers the page.
 */
struct mirror_page *mirror_folio_head(const struct mirror *m, struct mirror_page *page)
{
	struct mirror_page *head = mirror_page_head(m, page);

	if (head && head != page && !(mirror_page_flags(head) & MIRROR_PF_COMPOUND))
		return NULL;
	return head;
}

/*
 * The head of the folio in use that has @page, with its flags, or NULL. Most callers have
 * the first page, which is a head in use itself, so nothing else is looked at then.
 */
static __mirror_inline struct mirror_page *
folio_in_use(const struct mirror *m, struct mirror_page *page, u32 *flags)
{
	*flags = mirror_page_flags(page);
	if (likely(mirror_flags_state(*flags) == MIRROR_PAGE_USED))
		return page;
	page = mirror_folio_head(m, page);
	if (!page)
		return NULL;
	*flags = mirror_page_flags(page);
	return mirror_flags_state(*flags) == MIRROR_PAGE_USED ? page : NULL;
}

/**
 * mirror_core_get - take another reference to a block
 * @m: the mirror
 * @page: any page of a compound block, or the head of another one
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL
 * nobody holds the block.
 */
int mirror_core_get(struct mirror *m, struct mirror_page *page)
{
	struct mirror_page *head;
	u32 flags;

	if (mirror_is_broken(m))
		return -EIO;
	if (unlikely(mirror_page_place(m, page) >= m->nr_desc))
		return mirror_refuse_foreign(m, page, "get");
	head = folio_in_use(m, page, &flags);
	if (!head || !atomic_inc_not_zero(&head->refs))
		return mirror_refuse_page(m, page, 0, "get");
	return 0;
}

/**
 * mirror_core_put - give a reference back
 * @m: the mirror
 * @page: any page of a compound block, or the head of another one
 *
 * The last one frees what folio_put() frees: a compound block as a whole, and of any
 * other block the first page. The other pages of such a block are lost to the mirror;
 * who has it whole calls mirror_core_free().
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL
 * nobody holds the page.
 */
int mirror_core_put(struct mirror *m, struct mirror_page *page)
{
	struct mirror_page *head;
	u32 flags;
	int left;

	if (mirror_is_broken(m))
		return -EIO;
	if (unlikely(mirror_page_place(m, page) >= m->nr_desc))
		return mirror_refuse_foreign(m, page, "put");
	head = folio_in_use(m, page, &flags);
	if (!head)
		return mirror_refuse_page(m, page, 0, "put");
	if (unlikely(!flags_sane(m, head, flags)))
		return -EIO;
	left = atomic_dec_if_positive(&head->refs);
	if (left < 0)
		return mirror_refuse_page(m, page, 0, "put");
	if (!left)
		return release_folio(m, head);
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
	/* Not by a store, which would undo that another holder cut the block meanwhile. */
	do {
		flags = mirror_page_flags(page);
		if (mirror_flags_state(flags) != MIRROR_PAGE_USED ||
		    mirror_refs_held(atomic_read(&page->refs)) <= 0)
			return mirror_refuse_page(m, page, mirror_flags_order(flags),
						  "set movable");
	} while (cmpxchg(&page->flags, flags, movable ? flags | MIRROR_PF_MOVABLE :
						       flags & ~MIRROR_PF_MOVABLE) != flags);
	return 0;
}

/**
 * mirror_core_split - make every page of a block a block of its own
 * @m: the mirror
 * @page: head of a block that is not compound
 * @order: its order
 *
 * The first page keeps its references, each other page gets one. The one operation
 * whose cost grows with the block.
 *
 * Context: Any. The caller holds a reference.
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
	    mirror_refs_held(atomic_read(&page->refs)) <= 0)
		return mirror_refuse_page(m, page, order, "split");
	preempt_disable();
	if (!claim_cut(page, flags)) {
		preempt_enable();
		return mirror_refuse_page(m, page, order, "split");
	}
	for (i = 1; i < 1ul << order; i++) {
		mirror_page_set_head(page + i, MIRROR_PAGE_USED, 0);
		page[i].owner = page->owner;
		page[i].private = page->private;
		atomic_set(&page[i].refs, 1);
	}
	if (mirror_has_bad(m, mirror_page_idx(m, page), order))
		mirror_mark_split(m, mirror_page_idx(m, page), order);
	/* For those who still take the page for the block; see the top of the file. */
	if (mirror_refs_held(atomic_read(&page->refs)) > 1)
		atomic_or(MIRROR_REFS_BAD, &page->refs);
	preempt_enable();
	return 0;
}
