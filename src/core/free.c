// SPDX-License-Identifier: GPL-2.0
/*
 * The free path: who may free what, and where it goes.
 *
 *   mirror_core_free   the block's order is known: checked against it
 *   mirror_core_put    gives a reference back; the last one frees the block
 *
 * A caller's mistake is refused before anything changes: the count of references
 * only ever goes down from above zero, so of two that free the same block one
 * comes too late and is told so. Freeing part of a block is a mistake here too.
 */
#include "internal.h"

static const char * const state_names[] = {
	[MIRROR_PAGE_TAIL] = "inside another block",
	[MIRROR_PAGE_BUDDY] = "free",
	[MIRROR_PAGE_PCP] = "free, on a per-CPU list",
	[MIRROR_PAGE_USED] = "in use",
	[MIRROR_PAGE_HOLE] = "a hole",
};

/**
 * mirror_page_is_ours - does this pointer name a descriptor of the mirror?
 * @m: the mirror
 * @page: anything
 *
 * Context: Any. @page is not dereferenced.
 * Return: true where it does.
 */
bool mirror_page_is_ours(const struct mirror *m, const struct mirror_page *page)
{
	unsigned long offset = (unsigned long)page - (unsigned long)m->pages;

	return offset < (unsigned long)m->nr_desc * sizeof(*page) &&
	       offset % sizeof(*page) == 0;
}

static int refuse_foreign(struct mirror *m, const struct mirror_page *page,
			  const char *what)
{
	if (__ratelimit(&m->report_limit)) {
		pr_err("%s of %p refused: no page of this mirror; pass what mirror_alloc_pages() returned\n",
		       what, page);
		dump_stack();
	}
	return -ENXIO;
}

static int refuse(struct mirror *m, struct mirror_page *page,
		  unsigned int order, const char *what)
{
	struct mirror_page *head = mirror_page_head(m, page);
	u32 flags = mirror_page_flags(page);
	u32 owner = head ? READ_ONCE(head->owner) : MIRROR_NIL;

	if (!__ratelimit(&m->report_limit))
		return -EINVAL;
	pr_err("%s of pfn %#lx, order %u, refused: it is %s, order %u, %d references\n",
	       what, mirror_idx_to_pfn(m, mirror_page_idx(m, page)), order,
	       state_names[min_t(u32, mirror_flags_state(flags),
				 MIRROR_PAGE_HOLE)],
	       mirror_flags_order(flags), atomic_read(&page->refs));
	if (head && mirror_page_state(head) == MIRROR_PAGE_USED)
		pr_err("its block begins at pfn %#lx, order %u, held by %s %u\n",
		       mirror_idx_to_pfn(m, mirror_page_idx(m, head)),
		       mirror_page_order(head),
		       owner == MIRROR_NIL ? "a kernel module, tag" : "block",
		       owner == MIRROR_NIL ? READ_ONCE(head->private) : owner);
	dump_stack();
	return -EINVAL;
}

/* What the flags say leads to arrays, so a stray write must not lead past them. */
static bool flags_sane(struct mirror *m, const struct mirror_page *page,
		       u32 flags)
{
	if (likely(mirror_flags_order(flags) <= m->max_order &&
		   mirror_flags_zone(flags) <
		   m->nr_nodes * MIRROR_MAX_NR_ZONES))
		return true;
	mirror_broken(m, "pfn %#lx: flags %#x name an order or a zone that do not exist",
		      mirror_idx_to_pfn(m, mirror_page_idx(m, page)), flags);
	return false;
}

/* The caller had the last reference, or made the block itself. */
static void release(struct mirror *m, struct mirror_page *page,
		    unsigned int order)
{
	struct mirror_zone *zone = mirror_page_zone(m, page);
	int mt;

	if (mirror_pcp_order(zone, order)) {
		mt = mirror_pageblock_type(m, mirror_page_idx(m, page));
		if (mt != MIRROR_MIGRATE_ISOLATE) {
			if (!mirror_type_mergeable(mt))
				mt = MIRROR_MIGRATE_MOVABLE;
			if (mirror_free_pcp(zone, page, order, mt))
				return;
		}
	}
	mirror_free_one(zone, page, order);
}

/*
 * Somebody else still holds the first page: make it a block of its own before
 * the reference goes, then free the rest, the upper half first.
 */
static void release_tails(struct mirror *m, struct mirror_page *page,
			  unsigned int order)
{
	unsigned int i;

	/* A validation may stop the machine, but not in between. */
	preempt_disable();
	for (i = 0; i < order; i++)
		mirror_page_set_head(page + (1ul << i), MIRROR_PAGE_USED, i);
	mirror_page_set_head(page, MIRROR_PAGE_USED, 0);
	preempt_enable();
	if (atomic_dec_and_test(&page->refs))
		release(m, page, 0);
	while (order-- > 0)
		release(m, page + (1ul << order), order);
}

/* The last of several references is gone only for the one who brought it to 0. */
static bool drop_last(struct mirror_page *page)
{
	return atomic_cmpxchg(&page->refs, 1, 0) == 1;
}

/**
 * mirror_core_free - free a block
 * @m: the mirror
 * @page: its head
 * @order: its order
 *
 * With other references left, a compound block stays until they are gone; of
 * any other block all but the first page is freed.
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL freed
 * already, another order, or not the head. Nothing has changed then.
 */
int mirror_core_free(struct mirror *m, struct mirror_page *page,
		     unsigned int order)
{
	u32 flags;

	if (mirror_is_broken(m))
		return -EIO;
	if (!mirror_page_is_ours(m, page))
		return refuse_foreign(m, page, "free");
	flags = mirror_page_flags(page);
	if (unlikely(mirror_flags_state(flags) != MIRROR_PAGE_USED))
		return refuse(m, page, order, mirror_flags_state(flags) ==
			      MIRROR_PAGE_TAIL ? "free" : "double free");
	if (unlikely(mirror_flags_order(flags) != order))
		return refuse(m, page, order, "free with the wrong order");
	if (unlikely(!flags_sane(m, page, flags)))
		return -EIO;
	if (likely(drop_last(page))) {
		release(m, page, order);
		return 0;
	}
	if (flags & MIRROR_PF_COMPOUND || !order)
		return mirror_core_put(m, page);
	if (unlikely(atomic_read(&page->refs) <= 0))
		return refuse(m, page, order, "double free");
	release_tails(m, page, order);
	return 0;
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
		return refuse_foreign(m, page, "get");
	head = mirror_page_head(m, page);
	if (!head || mirror_page_state(head) != MIRROR_PAGE_USED ||
	    !atomic_inc_not_zero(&head->refs))
		return refuse(m, page, 0, "get");
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
		return refuse_foreign(m, page, "put");
	head = mirror_page_head(m, page);
	if (!head || mirror_page_state(head) != MIRROR_PAGE_USED)
		return refuse(m, page, 0, "put");
	if (unlikely(!flags_sane(m, head, mirror_page_flags(head))))
		return -EIO;
	left = atomic_dec_if_positive(&head->refs);
	if (left < 0)
		return refuse(m, page, 0, "put");
	if (!left)
		release(m, head, mirror_page_order(head));
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
		return refuse_foreign(m, page, "split");
	flags = mirror_page_flags(page);
	if (mirror_flags_state(flags) != MIRROR_PAGE_USED ||
	    mirror_flags_order(flags) != order || flags & MIRROR_PF_COMPOUND ||
	    atomic_read(&page->refs) != 1)
		return refuse(m, page, order, "split");
	preempt_disable();
	for (i = 1; i < 1ul << order; i++) {
		mirror_page_set_head(page + i, MIRROR_PAGE_USED, 0);
		page[i].owner = page->owner;
		page[i].private = page->private;
		atomic_set(&page[i].refs, 1);
	}
	mirror_page_set_head(page, MIRROR_PAGE_USED, 0);
	preempt_enable();
	return 0;
}
