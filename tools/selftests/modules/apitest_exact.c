// SPDX-License-Identifier: GPL-2.0
/*
 * Pages in other portions than one block, with content: so many bytes, cleared ones,
 * batches, fragments.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "apitest.h"

#define NR_ORDERS	11
#define NR_FRAGS	200

static void exact_pages_can_be_written(struct mirror *m, struct apitest *t)
{
	static const size_t sizes[] = {
		1, PAGE_SIZE, PAGE_SIZE + 1, 5 * PAGE_SIZE - 1, 33 * PAGE_SIZE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct mirror_page *page;
		char *at;

		page = mirror_alloc_pages_exact(m, sizes[i], APITEST_GFP | __MIRROR_GFP_ZERO, 0);
		if (!expect(t, page))
			return;
		at = mirror_page_address(m, page);
		expect(t, !memchr_inv(at, 0, PAGE_ALIGN(sizes[i])));
		memset(at, 0xa5, PAGE_ALIGN(sizes[i]));
		expect(t, mirror_free_pages_exact(m, page, 0) == -EINVAL);
		expect(t, mirror_free_pages_exact(m, page, sizes[i]) == 0);
		expect(t, mirror_free_pages_exact(m, page, sizes[i]) == -EINVAL);
	}
	expect(t, !mirror_alloc_pages_exact(m, 0, APITEST_GFP, 0));
	expect(t, !mirror_alloc_pages_exact(m, SIZE_MAX, APITEST_GFP, 0));
}

/* The page that was just written to and freed is the first to come again. */
static void zeroed_page_is_zero(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, 0, 0);

	if (!expect(t, page))
		return;
	memset(mirror_page_address(m, page), 0xa5, PAGE_SIZE);
	expect(t, mirror_free_pages(m, page, 0) == 0);
	page = mirror_get_zeroed_page(m, APITEST_GFP, 0);
	if (!expect(t, page))
		return;
	expect(t, !memchr_inv(mirror_page_address(m, page), 0, PAGE_SIZE));
	expect(t, mirror_free_pages(m, page, 0) == 0);
}

static void batch_of_all_orders(struct mirror *m, struct apitest *t)
{
	struct mirror_page *pages[NR_ORDERS], *first;
	unsigned int orders[NR_ORDERS], i;

	for (i = 0; i < NR_ORDERS; i++) {
		orders[i] = NR_ORDERS - 1 - i;
		pages[i] = mirror_alloc_pages(m, APITEST_GFP, orders[i], 0);
		expect(t, pages[i]);
	}
	first = pages[0];
	orders[3]++;
	expect(t, mirror_free_blocks_batch(m, NR_ORDERS, pages, orders) == NR_ORDERS - 1);
	orders[3]--;
	expect(t, !pages[0] && pages[3]);
	expect(t, mirror_page_count(m, first) == 0);
	expect(t, mirror_free_blocks_batch(m, NR_ORDERS, pages, orders) == 1);
}

static unsigned int frag_size(unsigned int i)
{
	return 1 + i * 97 % 3000;
}

static void fragments_do_not_overlap(struct mirror *m, struct apitest *t)
{
	char **frags = kcalloc(NR_FRAGS, sizeof(*frags), GFP_KERNEL);
	struct mirror_page_frag_cache cache;
	unsigned int i;

	if (!expect(t, frags))
		return;
	mirror_page_frag_cache_init(&cache, m);
	for (i = 0; i < NR_FRAGS; i++) {
		frags[i] = mirror_page_frag_alloc_align(&cache, frag_size(i), APITEST_GFP,
							1u << i % 8);
		if (expect(t, frags[i]))
			memset(frags[i], i, frag_size(i));
	}
	mirror_page_frag_drain(&cache);
	for (i = 0; i < NR_FRAGS; i++) {
		if (!frags[i])
			continue;
		expect(t, (unsigned long)frags[i] % (1u << i % 8) == 0);
		expect(t, !memchr_inv(frags[i], i, frag_size(i)));
		expect(t, mirror_page_frag_free(m, frags[i]) == 0);
	}
	expect(t, mirror_page_frag_free(m, frags) == -ENXIO);
	kfree(frags);
}

struct apitest apitest_exact[] = {
	{ "exact pages can be written to and are freed once", exact_pages_can_be_written },
	{ "a zeroed page is zero", zeroed_page_is_zero },
	{ "a batch of all orders is freed but for what is refused", batch_of_all_orders },
	{ "fragments do not overlap", fragments_do_not_overlap },
	{}
};
