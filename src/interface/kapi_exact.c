// SPDX-License-Identifier: GPL-2.0
/*
 * Pages for other kernel modules in other portions than one block: so many bytes, a
 * cleared page, an array of blocks. See include/linux/mirror_mm.h.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/mirror_mm.h>
#include "compat.h"
#include "core/mirror.h"

/* Pages of a compound block cannot be freed one by one. */
static u32 without_comp(struct mirror *m, u32 gfp)
{
	if (gfp & __MIRROR_GFP_COMP && __ratelimit(&m->report_limit))
		pr_err("exact pages cannot be compound; __MIRROR_GFP_COMP is ignored\n");
	return gfp & ~__MIRROR_GFP_COMP;
}

/**
 * mirror_alloc_pages_exact - allocate contiguous pages for so many bytes
 * @m: from mirror_mm_get()
 * @bytes: how many; at most those of the largest block
 * @gfp: as for mirror_alloc_pages(); __MIRROR_GFP_COMP is ignored, with a line in the log
 * @nid: preferred node, or MIRROR_MM_NODE_ANY
 *
 * A block of the smallest order that has room for them is allocated, and the pages at
 * its end that are not needed are freed at once. Each page that is left has a reference
 * of its own. Follows alloc_pages_exact_nid() of Linux 6.12, but for what is returned:
 * pages of a HIGHMEM zone have no address, and may be asked for here.
 *
 * Context: as for mirror_alloc_pages().
 * Return: the first page, for mirror_free_pages_exact(), or NULL: as for
 * mirror_alloc_pages(), and where @bytes is 0 or more than the largest block has.
 */
struct mirror_page *mirror_alloc_pages_exact(struct mirror *m, size_t bytes, u32 gfp, int nid)
{
	struct mirror_page *page;
	unsigned int order;
	unsigned long nr;

	nr = mirror_exact_order(bytes, &order);
	if (!nr)
		return NULL;
	page = mirror_alloc_pages(m, without_comp(m, gfp), order, nid);
	/* Fails only where the mirror has gone out of service since. */
	if (page && mirror_core_trim(m, page, order, nr))
		return NULL;
	return page;
}
EXPORT_SYMBOL_MIRROR(mirror_alloc_pages_exact);

/**
 * mirror_free_pages_exact - free what mirror_alloc_pages_exact() returned
 * @m: from mirror_mm_get()
 * @page: the first page
 * @bytes: as for mirror_alloc_pages_exact()
 *
 * The pages are freed one by one in ascending order; one that others hold a reference
 * to stays with them. Follows free_pages_exact() of Linux 6.12.
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL @bytes is 0 or
 * more than the largest block has, @page is not the first page, or some page is freed
 * already. A refusal changes nothing and is reported in the log.
 */
int mirror_free_pages_exact(struct mirror *m, struct mirror_page *page, size_t bytes)
{
	unsigned int order;
	unsigned long nr = mirror_exact_order(bytes, &order);

	if (nr)
		return mirror_core_free_trimmed(m, page, order, nr);
	if (__ratelimit(&m->report_limit))
		pr_err("free of exact pages refused: 0 bytes; give the size that was allocated\n");
	return -EINVAL;
}
EXPORT_SYMBOL_MIRROR(mirror_free_pages_exact);

/**
 * mirror_get_zeroed_page - allocate a single page and clear it
 * @m: from mirror_mm_get()
 * @gfp: as for mirror_alloc_pages()
 * @nid: preferred node, or MIRROR_MM_NODE_ANY
 *
 * Follows get_zeroed_page() of Linux 6.12, but for what is returned, as with
 * mirror_alloc_pages_exact().
 *
 * Context: as for mirror_alloc_pages().
 * Return: as for mirror_alloc_pages(); NULL also where the page cannot be cleared.
 */
struct mirror_page *mirror_get_zeroed_page(struct mirror *m, u32 gfp, int nid)
{
	return mirror_alloc_pages(m, gfp | __MIRROR_GFP_ZERO, 0, nid);
}
EXPORT_SYMBOL_MIRROR(mirror_get_zeroed_page);

/**
 * mirror_free_blocks_batch - free an array of blocks of mixed orders
 * @m: from mirror_mm_get()
 * @nr: length of @pages and of @orders
 * @pages: what mirror_alloc_pages() returned; each freed element becomes NULL; NULL
 *         elements are passed over
 * @orders: the order of each; those of NULL elements are not looked at
 *
 * The same as mirror_free_pages() for each, but faster, and the blocks come to lie on
 * the lists in the order in which free_unref_folios() of Linux 6.12 leaves them.
 *
 * Context: Any.
 * Return: how many were freed; those that were refused stay in the array.
 */
unsigned int mirror_free_blocks_batch(struct mirror *m, unsigned int nr,
				      struct mirror_page **pages, const unsigned int *orders)
{
	return mirror_core_free_batch(m, nr, pages, orders);
}
EXPORT_SYMBOL_MIRROR(mirror_free_blocks_batch);
