/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page-level interface of mirror_mm for other kernel modules.
 *
 * Import the namespace: MIRROR_MM_IMPORT_NS(), beside MODULE_LICENSE().
 *
 * A page of a mirror is named by its descriptor, struct mirror_page, and never
 * by a struct page: reserved memory may have none, and pfn_valid() says nothing
 * about it. Never pass such a frame to pfn_to_page(), virt_to_page(),
 * dma_map_page() or dma_map_single().
 *
 * Content
 *   Most pages have an address, mirror_page_address(). Pages of a HIGHMEM zone,
 *   and of a MOVABLE zone above one, have none; they are mapped while they are
 *   needed, and these calls work for all pages:
 *
 *	address = mirror_kmap(m, page);		may sleep; for long use
 *	...
 *	mirror_kunmap(m, page);
 *
 *	address = mirror_kmap_local(m, page);	any context but NMI; no sleeping
 *	...					until the other call
 *	mirror_kunmap_local(m, address);	the last one first
 *
 *   Each maps one page, also of a larger block.
 *
 * DMA
 *   A frame without a struct page is mapped for a device as a resource:
 *
 *	phys = mirror_page_to_phys(m, page);
 *	dma = dma_map_resource(dev, phys, PAGE_SIZE << order, dir, 0);
 *	if (dma_mapping_error(dev, dma))
 *		...
 *	dma_unmap_resource(dev, dma, PAGE_SIZE << order, dir, 0);
 *
 *   The call sets up the IOMMU where there is one, and nothing else: it does
 *   no bounce buffering and no cache maintenance. On a device that is not
 *   coherent, flush by the architecture's own means. The mapping must be
 *   undone before the page is freed.
 */
#ifndef _LINUX_MIRROR_MM_H
#define _LINUX_MIRROR_MM_H

#include <linux/types.h>
#include <uapi/linux/mirror_mm.h>

/* What MODULE_IMPORT_NS() makes, which takes a word up to 6.12 and a string later. */
#define MIRROR_MM_IMPORT_NS()	MODULE_INFO(import_ns, "MIRROR_MM")

struct mirror;
struct mirror_page;

struct mirror *mirror_mm_get(void);
void mirror_mm_put(struct mirror *m);

struct mirror_page *mirror_alloc_pages(struct mirror *m, u32 gfp,
				       unsigned int order, int nid);
struct mirror_page *mirror_alloc_pages_nodemask(struct mirror *m, u32 gfp,
						unsigned int order, int nid,
						u64 nodemask);
int mirror_free_pages(struct mirror *m, struct mirror_page *page,
		      unsigned int order);
unsigned int mirror_alloc_pages_bulk(struct mirror *m, u32 gfp, int nid,
				     unsigned int nr,
				     struct mirror_page **pages);
unsigned int mirror_alloc_pages_bulk_nodemask(struct mirror *m, u32 gfp, int nid,
					      u64 nodemask, unsigned int nr,
					      struct mirror_page **pages);
unsigned int mirror_free_pages_bulk(struct mirror *m, unsigned int nr,
				    struct mirror_page **pages);

int mirror_get_page(struct mirror *m, struct mirror_page *page);
int mirror_put_page(struct mirror *m, struct mirror_page *page);
int mirror_split_page(struct mirror *m, struct mirror_page *page,
		      unsigned int order);
int mirror_set_page_movable(struct mirror *m, struct mirror_page *page, bool movable);
int mirror_page_count(struct mirror *m, const struct mirror_page *page);

void *mirror_page_address(struct mirror *m, const struct mirror_page *page);
unsigned long mirror_page_to_pfn(struct mirror *m,
				 const struct mirror_page *page);
struct mirror_page *mirror_pfn_to_page(struct mirror *m, unsigned long pfn);
phys_addr_t mirror_page_to_phys(struct mirror *m,
				const struct mirror_page *page);

/* Most local mappings that a CPU can have at a time, those of interrupts too. */
#define MIRROR_KMAP_LOCAL_DEPTH	8

void *mirror_kmap(struct mirror *m, struct mirror_page *page);
int mirror_kunmap(struct mirror *m, struct mirror_page *page);
void *mirror_kmap_local(struct mirror *m, struct mirror_page *page);
int mirror_kunmap_local(struct mirror *m, const void *address);

#endif /* _LINUX_MIRROR_MM_H */
