// SPDX-License-Identifier: GPL-2.0
/*
 * Allocation, addresses, numbers and bulk.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "apitest.h"

#define MAX_ORDER_TESTED	10
#define MANY			64

static void every_order(struct mirror *m, struct apitest *t)
{
	static const u32 gfps[] = {
		APITEST_GFP, APITEST_GFP | __MIRROR_GFP_MOVABLE,
		APITEST_GFP | __MIRROR_GFP_RECLAIMABLE,
		APITEST_GFP | __MIRROR_GFP_COMP, MIRROR_GFP_ATOMIC,
	};
	struct mirror_page *page;
	unsigned int order, i;

	for (order = 0; order <= MAX_ORDER_TESTED; order++)
		for (i = 0; i < ARRAY_SIZE(gfps); i++) {
			page = mirror_alloc_pages(m, gfps[i], order,
						  MIRROR_MM_NODE_ANY);
			if (!expect(t, page))
				return;
			expect(t, mirror_page_count(m, page) == 1);
			expect(t, mirror_page_to_pfn(m, page) %
				  (1ul << order) == 0);
			expect(t, mirror_free_pages(m, page, order) == 0);
			expect(t, mirror_page_count(m, page) == 0);
		}
}

static void requests_without_sense(struct mirror *m, struct apitest *t)
{
	expect(t, !mirror_alloc_pages(m, APITEST_GFP, 11, 0));
	expect(t, !mirror_alloc_pages(m, APITEST_GFP, UINT_MAX, 0));
	expect(t, !mirror_alloc_pages(m, APITEST_GFP, 0, 1));
	expect(t, !mirror_alloc_pages(m, APITEST_GFP, 0, -2));
	expect(t, !mirror_alloc_pages(m, APITEST_GFP, 0, 4096));
	expect(t, !mirror_alloc_pages(m, APITEST_GFP | 1u << 31, 0, 0));
	expect(t, !mirror_alloc_pages(m, APITEST_GFP | __MIRROR_GFP_DMA |
				      __MIRROR_GFP_HIGHMEM, 0, 0));
	expect(t, !mirror_alloc_pages(m, APITEST_GFP | __MIRROR_GFP_MOVABLE |
				      __MIRROR_GFP_RECLAIMABLE, 0, 0));
}

static void numbers_and_pages(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, 4, 0);
	unsigned long pfn, first, last;
	unsigned int i;

	if (!expect(t, page))
		return;
	pfn = mirror_page_to_pfn(m, page);
	expect(t, mirror_page_to_phys(m, page) == PFN_PHYS(pfn));
	for (i = 0; i < 16; i++) {
		struct mirror_page *next = mirror_pfn_to_page(m, pfn + i);

		expect(t, next && mirror_page_to_pfn(m, next) == pfn + i);
	}
	expect(t, mirror_pfn_to_page(m, pfn) == page);
	/* Both ends of the range, found by walking. */
	for (first = pfn; mirror_pfn_to_page(m, first - 1); first--)
		;
	for (last = pfn; mirror_pfn_to_page(m, last + 1); last++)
		;
	expect(t, first % (1ul << MAX_ORDER_TESTED) == 0);
	expect(t, (last + 1) % (1ul << MAX_ORDER_TESTED) == 0);
	expect(t, last > first);
	expect(t, !mirror_pfn_to_page(m, 0));
	expect(t, !mirror_pfn_to_page(m, ULONG_MAX));
	expect(t, !mirror_pfn_to_page(m, first + (1ul << (BITS_PER_LONG == 64 ? 32 : 24))));
	expect(t, !mirror_pfn_to_page(m, first - (1ul << 20)));
	expect(t, mirror_free_pages(m, page, 4) == 0);
}

/* The address leads to the very memory that the physical address names. */
static void address_is_the_memory(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, 2, 0);
	size_t size = PAGE_SIZE << 2, i;
	u32 *address, *alias;

	if (!expect(t, page))
		return;
	address = mirror_page_address(m, page);
	alias = memremap(mirror_page_to_phys(m, page), size, MEMREMAP_WB);
	if (expect(t, address) && expect(t, alias)) {
		expect(t, PAGE_ALIGNED(address));
		for (i = 0; i < size / sizeof(*address); i++)
			address[i] = i * 2654435761u;
		expect(t, !memcmp(address, alias, size));
		memset(alias, 0x5a, size);
		expect(t, !memchr_inv(address, 0x5a, size));
	}
	if (alias)
		memunmap(alias);
	expect(t, mirror_free_pages(m, page, 2) == 0);
}

static void dirty_and_free(struct mirror *m, struct apitest *t,
			   struct mirror_page **pages, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		pages[i] = mirror_alloc_pages(m, APITEST_GFP, order, 0);
		if (!expect(t, pages[i]))
			continue;
		memset(mirror_page_address(m, pages[i]), 0xee,
		       PAGE_SIZE << order);
	}
	for (i = 0; i < MANY; i++)
		if (pages[i])
			expect(t, !mirror_free_pages(m, pages[i], order));
}

static void zeroed_on_request(struct mirror *m, struct apitest *t)
{
	struct mirror_page **dirty, **clean;
	unsigned int i, j, same = 0, order = 3;

	dirty = kcalloc(2 * MANY, sizeof(*dirty), GFP_KERNEL);
	if (!expect(t, dirty))
		return;
	clean = dirty + MANY;
	dirty_and_free(m, t, dirty, order);
	for (i = 0; i < MANY; i++) {
		clean[i] = mirror_alloc_pages(m, APITEST_GFP |
					      __MIRROR_GFP_ZERO, order, 0);
		if (!expect(t, clean[i]))
			continue;
		expect(t, !memchr_inv(mirror_page_address(m, clean[i]), 0,
				      PAGE_SIZE << order));
		for (j = 0; j < MANY; j++)
			same += clean[i] == dirty[j];
	}
	/* Otherwise it was not the dirty memory that came back clean. */
	expect(t, same > 0);
	for (i = 0; i < MANY; i++)
		if (clean[i])
			expect(t, !mirror_free_pages(m, clean[i], order));
	kfree(dirty);
}

static bool all_different(struct mirror_page **pages, unsigned int nr)
{
	unsigned int i, j;

	for (i = 0; i < nr; i++)
		for (j = i + 1; j < nr; j++)
			if (pages[i] && pages[i] == pages[j])
				return false;
	return true;
}

/* One call may fill only a part, so it is repeated while that helps. */
static unsigned int fill_all(struct mirror *m, u32 gfp, unsigned int nr,
			     struct mirror_page **pages)
{
	unsigned int filled = 0, before;

	do {
		before = filled;
		filled = mirror_alloc_pages_bulk(m, gfp, 0, nr, pages);
	} while (filled < nr && filled > before);
	return filled;
}

static void bulk_fills_the_gaps(struct mirror *m, struct apitest *t)
{
	struct mirror_page *pages[MANY] = {}, *kept[MANY] = {};
	unsigned int i;

	for (i = 0; i < MANY; i += 7) {
		pages[i] = mirror_alloc_pages(m, APITEST_GFP, 0, 0);
		kept[i] = pages[i];
		expect(t, pages[i]);
	}
	expect(t, fill_all(m, APITEST_GFP, MANY, pages) == MANY);
	for (i = 0; i < MANY; i++) {
		if (!expect(t, pages[i]))
			continue;
		expect(t, !kept[i] || kept[i] == pages[i]);
		expect(t, mirror_page_count(m, pages[i]) == 1);
	}
	expect(t, all_different(pages, MANY));
	/* Nothing to do for an array that is full. */
	expect(t, mirror_alloc_pages_bulk(m, APITEST_GFP, 0, MANY, pages) ==
		  MANY);
	expect(t, mirror_free_pages_bulk(m, MANY, pages) == MANY);
	for (i = 0; i < MANY; i++)
		expect(t, !pages[i]);
	expect(t, mirror_free_pages_bulk(m, MANY, pages) == 0);
}

static void bulk_of_nothing(struct mirror *m, struct apitest *t)
{
	struct mirror_page *pages[2] = {};

	expect(t, mirror_alloc_pages_bulk(m, APITEST_GFP, 0, 0, pages) == 0);
	expect(t, mirror_free_pages_bulk(m, 0, pages) == 0);
	expect(t, !pages[0] && !pages[1]);
	expect(t, mirror_alloc_pages_bulk(m, 1u << 31, 0, 2, pages) == 0);
	expect(t, mirror_alloc_pages_bulk(m, APITEST_GFP, 9, 2, pages) == 0);
	expect(t, !pages[0] && !pages[1]);
}

static void bulk_pages_can_be_zeroed(struct mirror *m, struct apitest *t)
{
	struct mirror_page *pages[MANY] = {}, *first;
	unsigned int i;

	expect(t, fill_all(m, APITEST_GFP, MANY, pages) == MANY);
	for (i = 0; i < MANY; i++)
		if (pages[i])
			memset(mirror_page_address(m, pages[i]), 0xee, PAGE_SIZE);
	first = pages[0];
	/* One that is there already keeps what it has. */
	pages[0] = NULL;
	expect(t, mirror_free_pages_bulk(m, MANY, pages) == MANY - 1);
	pages[0] = first;
	expect(t, fill_all(m, APITEST_GFP | __MIRROR_GFP_ZERO, MANY, pages) ==
		  MANY);
	expect(t, !memchr_inv(mirror_page_address(m, first), 0xee, PAGE_SIZE));
	for (i = 1; i < MANY; i++)
		if (pages[i])
			expect(t, !memchr_inv(mirror_page_address(m, pages[i]),
					      0, PAGE_SIZE));
	expect(t, mirror_free_pages_bulk(m, MANY, pages) == MANY);
}

static void until_nothing_is_left(struct mirror *m, struct apitest *t)
{
	struct mirror_page **blocks;
	unsigned int nr = 0, max = 4096;

	blocks = kvcalloc(max, sizeof(*blocks), GFP_KERNEL);
	if (!expect(t, blocks))
		return;
	while (nr < max) {
		blocks[nr] = mirror_alloc_pages(m, APITEST_GFP,
						MAX_ORDER_TESTED, 0);
		if (!blocks[nr])
			break;
		nr++;
	}
	expect(t, nr > 0 && nr < max);
	expect(t, all_different(blocks, nr));
	while (nr--)
		expect(t, !mirror_free_pages(m, blocks[nr], MAX_ORDER_TESTED));
	kvfree(blocks);
}

struct apitest apitest_pages[] = {
	{ "pages of every order and type", every_order },
	{ "requests that make no sense get nothing", requests_without_sense },
	{ "frame numbers and pages lead to each other", numbers_and_pages },
	{ "the address is that of the memory", address_is_the_memory },
	{ "pages are zeroed on request", zeroed_on_request },
	{ "bulk fills the gaps of an array", bulk_fills_the_gaps },
	{ "bulk of nothing does nothing", bulk_of_nothing },
	{ "bulk pages are zeroed on request", bulk_pages_can_be_zeroed },
	{ "until nothing is left", until_nothing_is_left },
	{}
};
