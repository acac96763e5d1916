// SPDX-License-Identifier: GPL-2.0
/*
 * Pages for other kernel modules: references, addresses, numbers. Allocation is
 * in alloc.c. See include/linux/mirror_mm.h.
 */
#include <linux/mirror_mm.h>
#include "compat.h"
#include "core/mirror.h"
#include "region/region.h"

/**
 * mirror_get_page - take another reference to a block
 * @m: from mirror_mm_get()
 * @page: any page of a compound block, or the first one of another block: its other
 *        pages have no references, as in Linux 6.12
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL nobody
 * holds it.
 */
int mirror_get_page(struct mirror *m, struct mirror_page *page)
{
	return mirror_core_get(m, page);
}
EXPORT_SYMBOL_MIRROR(mirror_get_page);

/**
 * mirror_put_page - give a reference back
 * @m: from mirror_mm_get()
 * @page: as for mirror_get_page()
 *
 * The last reference frees what put_page() of Linux 6.12 frees: a compound block, or a
 * single page. Of a block of several pages that is not compound only the first page is
 * freed; the others are lost until the module is unloaded, which the log says. Such a
 * block is freed with mirror_free_pages().
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL nobody
 * holds it.
 */
int mirror_put_page(struct mirror *m, struct mirror_page *page)
{
	return mirror_core_put(m, page);
}
EXPORT_SYMBOL_MIRROR(mirror_put_page);

/**
 * mirror_page_count - references to a block
 * @m: from mirror_mm_get()
 * @page: as for mirror_get_page()
 *
 * Context: Any.
 * Return: how many; 0 for a page that is free or not of this mirror, and for all but
 * the first page of a block that is not compound.
 */
int mirror_page_count(struct mirror *m, const struct mirror_page *page)
{
	struct mirror_page *head;

	if (!mirror_page_is_ours(m, page))
		return 0;
	head = mirror_folio_head(m, &m->pages[mirror_page_idx(m, page)]);
	return head ? mirror_refs_held(atomic_read(&head->refs)) : 0;
}
EXPORT_SYMBOL_MIRROR(mirror_page_count);

/**
 * mirror_split_page - make every page of a block a block of its own
 * @m: from mirror_mm_get()
 * @page: what mirror_alloc_pages() returned, without __MIRROR_GFP_COMP
 * @order: the order it was called with
 *
 * From then on each page is freed by itself, with order 0. The first page keeps its
 * references, each other page has one. Follows split_page() of Linux 6.12.
 *
 * Context: Any. The caller holds a reference.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL not
 * such a block. A refusal changes nothing and is reported in the log.
 */
int mirror_split_page(struct mirror *m, struct mirror_page *page,
		      unsigned int order)
{
	return mirror_core_split(m, page, order);
}
EXPORT_SYMBOL_MIRROR(mirror_split_page);

/**
 * mirror_set_page_movable - say whether you could move a block's content elsewhere
 * @m: from mirror_mm_get()
 * @page: what mirror_alloc_pages() returned
 * @movable: you could
 *
 * The allocator then keeps the pageblock for pages like it: a request that cannot move
 * takes a pageblock over only where at least half of it is free or cannot move either.
 * Linux: PageLRU() and __SetPageMovable().
 *
 * Context: Any. The caller holds the block, and nobody else does this meanwhile.
 * Return: 0; -EIO out of service; -ENXIO no page of this mirror; -EINVAL not the first
 * page of a block in use. A refusal changes nothing and is reported in the log.
 */
int mirror_set_page_movable(struct mirror *m, struct mirror_page *page, bool movable)
{
	return mirror_core_set_movable(m, page, movable);
}
EXPORT_SYMBOL_MIRROR(mirror_set_page_movable);

/**
 * mirror_page_address - where the kernel sees a page's content
 * @m: from mirror_mm_get()
 * @page: the page
 *
 * Context: Any.
 * Return: the address, valid as long as the caller holds the page, or NULL for a
 * page of a HIGHMEM zone, or of a MOVABLE zone above one: mirror_kmap() and
 * mirror_kmap_local() lead to their content.
 */
void *mirror_page_address(struct mirror *m, const struct mirror_page *page)
{
	return mirror_page_is_ours(m, page) ? mirror_content_address(m, page) :
	       NULL;
}
EXPORT_SYMBOL_MIRROR(mirror_page_address);

/**
 * mirror_page_to_pfn - page frame number of a page
 * @m: from mirror_mm_get()
 * @page: the page
 *
 * Context: Any.
 * Return: the number.
 */
unsigned long mirror_page_to_pfn(struct mirror *m,
				 const struct mirror_page *page)
{
	return mirror_idx_to_pfn(m, mirror_page_idx(m, page));
}
EXPORT_SYMBOL_MIRROR(mirror_page_to_pfn);

/**
 * mirror_pfn_to_page - page of a page frame number
 * @m: from mirror_mm_get()
 * @pfn: any number
 *
 * Context: Any.
 * Return: the page, or NULL where the mirror has no such frame.
 */
struct mirror_page *mirror_pfn_to_page(struct mirror *m, unsigned long pfn)
{
	u32 idx = mirror_pfn_to_idx(m, pfn);

	return idx == MIRROR_NIL ? NULL : &m->pages[idx];
}
EXPORT_SYMBOL_MIRROR(mirror_pfn_to_page);

/**
 * mirror_page_to_phys - physical address of a page
 * @m: from mirror_mm_get()
 * @page: the page
 *
 * Context: Any.
 * Return: the address, for dma_map_resource().
 */
phys_addr_t mirror_page_to_phys(struct mirror *m,
				const struct mirror_page *page)
{
	return (phys_addr_t)mirror_page_to_pfn(m, page) << PAGE_SHIFT;
}
EXPORT_SYMBOL_MIRROR(mirror_page_to_phys);
