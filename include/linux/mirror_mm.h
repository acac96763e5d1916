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

struct mirror_page *mirror_alloc_pages_exact(struct mirror *m, size_t bytes,
					     u32 gfp, int nid);
int mirror_free_pages_exact(struct mirror *m, struct mirror_page *page,
			    size_t bytes);
struct mirror_page *mirror_get_zeroed_page(struct mirror *m, u32 gfp, int nid);
unsigned int mirror_free_blocks_batch(struct mirror *m, unsigned int nr,
				      struct mirror_page **pages,
				      const unsigned int *orders);

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

/* Largest block that a cache of page fragments cuts from, in bytes. */
#define MIRROR_PAGE_FRAG_MAX_SIZE	\
	((unsigned int)(PAGE_SIZE > 32768 ? PAGE_SIZE : 32768))

/**
 * struct mirror_page_frag_cache - a block that page fragments are cut from
 * @m: its mirror
 * @page: the block, NULL for none
 * @va: its address
 * @offset: where the last fragment began, in bytes
 * @size: of the block, in bytes
 * @pagecnt_bias: references to the block that the cache has
 * @reserve: the block came from below the watermarks
 *
 * Its user sees to it that no two calls have it at a time.
 */
struct mirror_page_frag_cache {
	struct mirror *m;
	struct mirror_page *page;
	void *va;
	unsigned int offset;
	unsigned int size;
	unsigned int pagecnt_bias;
	bool reserve;
};

static inline void mirror_page_frag_cache_init(struct mirror_page_frag_cache *cache,
					       struct mirror *m)
{
	*cache = (struct mirror_page_frag_cache){ .m = m };
}

void *mirror_page_frag_alloc_align(struct mirror_page_frag_cache *cache,
				   unsigned int bytes, u32 gfp,
				   unsigned int align);
void mirror_page_frag_drain(struct mirror_page_frag_cache *cache);
int mirror_page_frag_free(struct mirror *m, const void *address);

static inline void *mirror_page_frag_alloc(struct mirror_page_frag_cache *cache,
					   unsigned int bytes, u32 gfp)
{
	return mirror_page_frag_alloc_align(cache, bytes, gfp, 1);
}

/* Most local mappings that a CPU can have at a time, those of interrupts too. */
#define MIRROR_KMAP_LOCAL_DEPTH	8

void *mirror_kmap(struct mirror *m, struct mirror_page *page);
int mirror_kunmap(struct mirror *m, struct mirror_page *page);
void *mirror_kmap_local(struct mirror *m, struct mirror_page *page);
int mirror_kunmap_local(struct mirror *m, const void *address);

#endif /* _LINUX_MIRROR_MM_H */
