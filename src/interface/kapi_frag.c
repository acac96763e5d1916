// SPDX-License-Identifier: GPL-2.0
/*
 * Page fragments: pieces of a few bytes to some KiB, cut from one block from its end to
 * its beginning. Follows the page_frag functions of Linux 6.12.
 *
 *   block   [ . . . . . . . . | C |  B  | A ]      A was cut first
 *           0                 offset        size
 *
 * Each fragment is one reference to the block, and whoever has it gives that back. The
 * cache takes a large number of references at once and counts in pagecnt_bias how many
 * of them it still has, so cutting a fragment writes nothing that others write. When the
 * block is used up the cache gives these back. If no fragment is left by then, it has
 * the block for itself again and begins at the end once more.
 *
 * A cache belongs to its user: no two calls may have the same one at a time.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/log2.h>
#include <linux/mirror_mm.h>
#include "compat.h"
#include "core/mirror.h"
#include "region/region.h"

#define MAX_ORDER_OF_FRAGS	order_base_2(MIRROR_PAGE_FRAG_MAX_SIZE / PAGE_SIZE)
/* References of a new block: for as many fragments of a byte as it has, and one more. */
#define FULL_BIAS		(MIRROR_PAGE_FRAG_MAX_SIZE + 1)

static int refuse(struct mirror *m, const char *what)
{
	if (__ratelimit(&m->report_limit))
		pr_err("page fragment refused: %s\n", what);
	return -EINVAL;
}

/* A large block at best, and a single page where there is none at hand. */
static struct mirror_page *alloc_block(struct mirror_page_frag_cache *cache, u32 gfp)
{
	struct mirror_page *page = NULL;
	u32 eager = (gfp & ~__MIRROR_GFP_DIRECT_RECLAIM) | __MIRROR_GFP_COMP |
		    __MIRROR_GFP_NOWARN | __MIRROR_GFP_NORETRY | __MIRROR_GFP_NOMEMALLOC;

	cache->size = PAGE_SIZE;
	if (MAX_ORDER_OF_FRAGS)
		page = mirror_alloc_pages(cache->m, eager, MAX_ORDER_OF_FRAGS,
					  MIRROR_MM_NODE_ANY);
	if (page)
		cache->size = MIRROR_PAGE_FRAG_MAX_SIZE;
	else
		page = mirror_alloc_pages(cache->m, gfp, 0, MIRROR_MM_NODE_ANY);
	return page;
}

static bool refill(struct mirror_page_frag_cache *cache, u32 gfp)
{
	struct mirror_page *page = alloc_block(cache, gfp);

	cache->page = page;
	cache->va = page ? mirror_content_address(cache->m, page) : NULL;
	if (page && !cache->va) {
		refuse(cache->m, "the mirror's memory has no address");
		/* Fails only out of service, which the log has told. */
		(void)mirror_core_put(cache->m, page);
		cache->page = NULL;
	}
	if (!cache->va)
		return false;
	mirror_core_add_refs(page, MIRROR_PAGE_FRAG_MAX_SIZE);
	cache->pagecnt_bias = FULL_BIAS;
	cache->reserve = page->flags & MIRROR_PF_RESERVE;
	cache->offset = cache->size;
	return true;
}

/*
 * The block is used up. True where no fragment of it is left, so that it can be used
 * again; else the cache has nothing to do with it any more. A page from below the
 * watermarks goes back to where it is needed more.
 */
static bool recycle(struct mirror_page_frag_cache *cache)
{
	struct mirror_page *page = cache->page;

	if (!mirror_core_sub_refs(cache->m, page, cache->pagecnt_bias))
		return false;
	if (cache->reserve) {
		mirror_core_release(cache->m, page);
		return false;
	}
	mirror_core_reuse(page, FULL_BIAS);
	cache->pagecnt_bias = FULL_BIAS;
	cache->offset = cache->size;
	return true;
}

static bool request_ok(struct mirror *m, unsigned int bytes, u32 gfp, unsigned int align)
{
	if (!bytes)
		return !refuse(m, "0 bytes");
	if (!align || align & (align - 1))
		return !refuse(m, "the alignment is no power of two");
	if (gfp & __MIRROR_GFP_HIGHMEM)
		return !refuse(m, "pages of HIGHMEM have no address");
	return true;
}

/**
 * mirror_page_frag_alloc_align - cut a fragment from a cache
 * @cache: set up with mirror_page_frag_cache_init()
 * @bytes: its size; more than a page only where large blocks are to be had
 * @gfp: as for mirror_alloc_pages(), for a block where the cache has none that will do;
 *       without __MIRROR_GFP_HIGHMEM
 * @align: what its address has to be a multiple of, a power of two, up to PAGE_SIZE
 *
 * Follows page_frag_alloc_align() of Linux 6.12.
 *
 * Context: as for mirror_alloc_pages(). Calls with the same cache must not overlap.
 * Return: its address, for mirror_page_frag_free(), or NULL: no block is free, or it is
 * smaller than @bytes; the mirror is out of service; its memory has no address; or the
 * arguments make no sense, which the log says.
 */
void *mirror_page_frag_alloc_align(struct mirror_page_frag_cache *cache, unsigned int bytes,
				   u32 gfp, unsigned int align)
{
	if (!request_ok(cache->m, bytes, gfp, align))
		return NULL;
	if (!cache->page && !refill(cache, gfp))
		return NULL;
	if (bytes > cache->offset && !recycle(cache) && !refill(cache, gfp))
		return NULL;
	/* The block stays in the cache, for smaller ones. */
	if (bytes > cache->offset)
		return NULL;
	cache->pagecnt_bias--;
	cache->offset = (cache->offset - bytes) & -align;
	return cache->va + cache->offset;
}
EXPORT_SYMBOL_MIRROR(mirror_page_frag_alloc_align);

/**
 * mirror_page_frag_drain - let go of the block that a cache cuts from
 * @cache: the cache; it can be used again
 *
 * The block is freed with its last fragment, which may be now. Follows
 * page_frag_cache_drain() of Linux 6.12.
 *
 * Context: Any. Calls with the same cache must not overlap.
 */
void mirror_page_frag_drain(struct mirror_page_frag_cache *cache)
{
	if (!cache->page)
		return;
	if (mirror_core_sub_refs(cache->m, cache->page, cache->pagecnt_bias))
		mirror_core_release(cache->m, cache->page);
	cache->page = NULL;
	cache->va = NULL;
}
EXPORT_SYMBOL_MIRROR(mirror_page_frag_drain);

/**
 * mirror_page_frag_free - free a fragment
 * @m: the mirror of its cache
 * @address: the fragment
 *
 * Follows page_frag_free() of Linux 6.12.
 *
 * Context: Any.
 * Return: 0; -EIO out of service; -ENXIO no address of this mirror; -EINVAL nobody has a
 * fragment there. A refusal changes nothing and is reported in the log.
 */
int mirror_page_frag_free(struct mirror *m, const void *address)
{
	return mirror_core_put(m, mirror_content_page(m, address));
}
EXPORT_SYMBOL_MIRROR(mirror_page_frag_free);
