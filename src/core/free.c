// SPDX-License-Identifier: GPL-2.0
/*
 * Freeing a block whose order the caller knows, and many single pages; what is said of a
 * free that is refused. References, and blocks that somebody else holds too, are in refs.c.
 *
 * A caller's mistake is refused before anything changes: the count of references
 * only ever goes down from above zero, so of two that free the same block one
 * comes too late and is told so. Freeing part of a block is a mistake here too.
 */
#include "free_ops.h"

static const char * const state_names[] = {
	[MIRROR_PAGE_TAIL] = "inside another block",
	[MIRROR_PAGE_BUDDY] = "free",
	[MIRROR_PAGE_PCP] = "free, on a per-CPU list",
	[MIRROR_PAGE_USED] = "in use",
	[MIRROR_PAGE_HOLE] = "a hole",
	[MIRROR_PAGE_BAD] = "bad memory",
	[MIRROR_PAGE_ISOLATED] = "isolated",
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
	return mirror_page_place(m, page) < m->nr_desc;
}

noinline int mirror_refuse_foreign(struct mirror *m,
				   const struct mirror_page *page, const char *what)
{
	if (__ratelimit(&m->report_limit)) {
		pr_err("%s of %p refused: no page of this mirror; pass what mirror_alloc_pages() returned\n",
		       what, page);
		dump_stack();
	}
	return -ENXIO;
}

static void report_holder(const struct mirror *m, const struct mirror_page *head)
{
	u32 owner = mirror_glance(head->owner), private = mirror_glance(head->private);
	unsigned long pfn = mirror_idx_to_pfn(m, mirror_page_idx(m, head));
	unsigned int order = mirror_page_order(head);

	if (owner == MIRROR_NIL)
		pr_err("its block begins at pfn %#lx, order %u, held by a kernel module, tag %u\n",
		       pfn, order, private);
	else
		pr_err("its block begins at pfn %#lx, order %u, held by file %u, block %u\n",
		       pfn, order, owner, private);
}

/**
 * mirror_refuse_page - report a mistake of a caller, at a limited rate
 * @m: the mirror
 * @page: a descriptor of it
 * @order: of the block that it was taken for
 * @what: what was tried, as in "free"
 *
 * Context: Any.
 * Return: -EINVAL.
 */
noinline int mirror_refuse_page(struct mirror *m, struct mirror_page *page,
				unsigned int order, const char *what)
{
	struct mirror_page *head = mirror_page_head(m, page);
	u32 flags = mirror_page_flags(page);

	if (!__ratelimit(&m->report_limit))
		return -EINVAL;
	pr_err("%s of pfn %#lx, order %u, refused: it is %s, order %u, %d references\n",
	       what, mirror_idx_to_pfn(m, mirror_page_idx(m, page)), order,
	       state_names[min_t(u32, mirror_flags_state(flags),
				 MIRROR_PAGE_ISOLATED)],
	       mirror_flags_order(flags),
	       mirror_refs_held(atomic_read(&page->refs)));
	if (head && mirror_page_state(head) == MIRROR_PAGE_USED)
		report_holder(m, head);
	dump_stack();
	return -EINVAL;
}

/* What the flags say leads to arrays. Returns -EIO. */
noinline int mirror_flags_insane(struct mirror *m, const struct mirror_page *page, u32 flags)
{
	mirror_broken(m, "pfn %#lx: flags %#x name an order or a zone that do not exist",
		      mirror_idx_to_pfn(m, mirror_page_idx(m, page)), flags);
	return -EIO;
}

/*
 * There is no list of the pageblock's type: that of movable ones will do, but for
 * an isolated one.
 */
noinline int mirror_release_elsewhere(struct mirror_zone *zone, u32 idx,
				      unsigned int order)
{
	int busy = -EBUSY;

	if (mirror_pageblock_type(zone->m, idx) != MIRROR_MIGRATE_ISOLATE)
		busy = mirror_free_pcp(zone, idx, order, MIRROR_MIGRATE_MOVABLE);
	if (busy)
		mirror_free_one(zone, &zone->pages[idx], order);
	return 0;
}

/* Why a block that does not look as it should cannot be freed. */
noinline int mirror_refuse_free(struct mirror *m, struct mirror_page *page,
				unsigned int order, u32 flags)
{
	if (mirror_flags_state(flags) == MIRROR_PAGE_TAIL)
		return mirror_refuse_page(m, page, order, "free");
	if (mirror_flags_state(flags) != MIRROR_PAGE_USED)
		return mirror_refuse_page(m, page, order, "double free");
	if (mirror_flags_order(flags) != order)
		return mirror_refuse_page(m, page, order, "free with the wrong order");
	return mirror_flags_insane(m, page, flags);
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
int mirror_core_free(struct mirror *m, struct mirror_page *page, unsigned int order)
{
	return mirror_free_block(m, page, order);
}

/* The zone that single page @page is to go back to, if all is well with it. */
static __mirror_inline struct mirror_zone *
bulk_zone(const struct mirror *m, const struct mirror_page *page, unsigned long place)
{
	u32 flags;

	if (unlikely(place >= READ_ONCE(m->nr_freeable)))
		return NULL;
	flags = mirror_page_flags(page);
	return likely(mirror_flags_used(m, 0, flags)) ? m->zones[mirror_flags_zone(flags)] : NULL;
}

/*
 * Frees pages of one zone under one hold of its lists. Returns how many elements it
 * dealt with, which may be none; the next one is a case of its own then.
 */
static unsigned int free_bulk_in_zone(struct mirror *m, struct mirror_zone *zone,
				      unsigned int nr, struct mirror_page **pages)
{
	struct mirror_pcp *pcp;
	unsigned long flags;
	unsigned int i;

	if (!mirror_free_pcp_begin(zone, &pcp, &flags))
		return 0;
	for (i = 0; i < nr; i++) {
		unsigned long place = mirror_page_place(m, pages[i]);
		int mt;

		if (unlikely(bulk_zone(m, pages[i], place) != zone))
			break;
		mt = mirror_pageblock_type(m, place);
		if (unlikely(!mirror_type_mergeable(mt) || !mirror_drop_last(pages[i])))
			break;
		pages[i] = NULL;
		mirror_free_pcp_next(zone, pcp, place, 0, mt);
	}
	mirror_free_pcp_end(pcp, flags);
	return i;
}

/**
 * mirror_core_free_bulk - free single pages
 * @m: the mirror
 * @nr: length of @pages
 * @pages: each freed element becomes NULL; NULL elements are passed over
 *
 * Context: Any.
 * Return: how many were freed. The others were refused by mirror_core_free() and
 * are left.
 */
unsigned int mirror_core_free_bulk(struct mirror *m, unsigned int nr,
				   struct mirror_page **pages)
{
	unsigned int i = 0, freed = 0, run;

	while (i < nr) {
		struct mirror_zone *zone =
			pages[i] ? bulk_zone(m, pages[i], mirror_page_place(m, pages[i])) : NULL;

		run = zone ? free_bulk_in_zone(m, zone, nr - i, pages + i) : 0;
		freed += run;
		i += run;
		if (run)
			continue;
		if (pages[i] && !mirror_core_free(m, pages[i], 0)) {
			pages[i] = NULL;
			freed++;
		}
		i++;
	}
	return freed;
}
