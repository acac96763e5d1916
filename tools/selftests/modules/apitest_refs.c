// SPDX-License-Identifier: GPL-2.0
/*
 * References, and callers' mistakes: they are refused and change nothing.
 */
#include <linux/slab.h>
#include "apitest.h"

#define COMPOUND	(APITEST_GFP | __MIRROR_GFP_COMP)

/* Still in working order? */
static void works(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, 1, 0);

	if (expect(t, page))
		expect(t, mirror_free_pages(m, page, 1) == 0);
}

static void last_reference_frees(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, 0, 0);

	if (!expect(t, page))
		return;
	expect(t, mirror_get_page(m, page) == 0);
	expect(t, mirror_get_page(m, page) == 0);
	expect(t, mirror_page_count(m, page) == 3);
	expect(t, mirror_put_page(m, page) == 0);
	expect(t, mirror_put_page(m, page) == 0);
	expect(t, mirror_page_count(m, page) == 1);
	expect(t, mirror_put_page(m, page) == 0);
	expect(t, mirror_page_count(m, page) == 0);
	expect(t, mirror_get_page(m, page) < 0);
	expect(t, mirror_put_page(m, page) < 0);
	works(m, t);
}

/* Of a compound block any page stands for the whole. */
static void compound_block_goes_as_one(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, COMPOUND, 3, 0);
	struct mirror_page *tail;

	if (!expect(t, page))
		return;
	tail = mirror_pfn_to_page(m, mirror_page_to_pfn(m, page) + 5);
	expect(t, mirror_get_page(m, tail) == 0);
	expect(t, mirror_page_count(m, page) == 2);
	expect(t, mirror_page_count(m, tail) == 2);
	expect(t, mirror_put_page(m, page) == 0);
	expect(t, mirror_page_count(m, tail) == 1);
	expect(t, mirror_put_page(m, tail) == 0);
	expect(t, mirror_page_count(m, page) == 0);
	expect(t, mirror_page_count(m, tail) == 0);
	expect(t, mirror_free_pages(m, page, 3) < 0);
}

static void compound_block_waits_for_the_last(struct mirror *m,
					      struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, COMPOUND, 4, 0);

	if (!expect(t, page))
		return;
	expect(t, mirror_get_page(m, page) == 0);
	expect(t, mirror_free_pages(m, page, 4) == 0);
	expect(t, mirror_page_count(m, page) == 1);
	expect(t, mirror_free_pages(m, page, 4) == 0);
	expect(t, mirror_page_count(m, page) == 0);
}

/* Of any other block, all but the page that is still held is freed. */
static void other_block_leaves_its_first_page(struct mirror *m,
					      struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, 3, 0);
	unsigned long pfn;
	unsigned int i;

	if (!expect(t, page))
		return;
	pfn = mirror_page_to_pfn(m, page);
	expect(t, mirror_get_page(m, mirror_pfn_to_page(m, pfn + 1)) < 0);
	expect(t, mirror_put_page(m, mirror_pfn_to_page(m, pfn + 1)) < 0);
	expect(t, mirror_get_page(m, page) == 0);
	expect(t, mirror_free_pages(m, page, 3) == 0);
	expect(t, mirror_page_count(m, page) == 1);
	for (i = 1; i < 8; i++)
		expect(t, mirror_page_count(m, mirror_pfn_to_page(m, pfn + i)) ==
			  0);
	expect(t, mirror_put_page(m, page) == 0);
	expect(t, mirror_page_count(m, page) == 0);
}

static void double_free_is_refused(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page;
	unsigned int order;

	/* Through the per-CPU lists and past them. */
	for (order = 0; order <= 6; order += 2) {
		page = mirror_alloc_pages(m, APITEST_GFP, order, 0);
		if (!expect(t, page))
			return;
		expect(t, mirror_free_pages(m, page, order) == 0);
		expect(t, mirror_free_pages(m, page, order) < 0);
		expect(t, mirror_free_pages(m, page, order) < 0);
		expect(t, mirror_put_page(m, page) < 0);
		works(m, t);
	}
}

static void wrong_order_is_refused(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page;
	unsigned int order, wrong;

	for (order = 0; order <= 4; order++) {
		page = mirror_alloc_pages(m, APITEST_GFP, order, 0);
		if (!expect(t, page))
			return;
		for (wrong = 0; wrong <= 11; wrong++)
			if (wrong != order)
				expect(t, mirror_free_pages(m, page, wrong) < 0);
		expect(t, mirror_free_pages(m, page, UINT_MAX) < 0);
		expect(t, mirror_page_count(m, page) == 1);
		expect(t, mirror_free_pages(m, page, order) == 0);
		works(m, t);
	}
}

static void tail_is_refused(struct mirror *m, struct apitest *t)
{
	u32 gfps[] = { APITEST_GFP, COMPOUND };
	struct mirror_page *page, *tail;
	unsigned int i, at;

	for (i = 0; i < ARRAY_SIZE(gfps); i++) {
		page = mirror_alloc_pages(m, gfps[i], 5, 0);
		if (!expect(t, page))
			return;
		for (at = 1; at < 32; at++) {
			tail = mirror_pfn_to_page(m, mirror_page_to_pfn(m, page) +
						  at);
			expect(t, mirror_free_pages(m, tail, 0) < 0);
			expect(t, mirror_free_pages(m, tail, 5) < 0);
		}
		expect(t, mirror_page_count(m, page) == 1);
		expect(t, mirror_free_pages(m, page, 5) == 0);
		works(m, t);
	}
}

static void foreign_pointer_is_refused(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, 0, 0);
	unsigned long pfn;
	void *foreign[6];
	unsigned int i;

	if (!expect(t, page))
		return;
	/* Found by walking to the first and last descriptor there is. */
	for (pfn = mirror_page_to_pfn(m, page); mirror_pfn_to_page(m, pfn - 1);)
		pfn--;
	foreign[0] = NULL;
	foreign[1] = kzalloc(64, GFP_KERNEL);
	foreign[2] = (char *)page + 4;
	foreign[3] = (char *)mirror_pfn_to_page(m, pfn) - 16;
	for (; mirror_pfn_to_page(m, pfn + 1);)
		pfn++;
	foreign[4] = (char *)mirror_pfn_to_page(m, pfn) + 16;
	foreign[5] = (void *)ULONG_MAX;
	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		expect(t, mirror_free_pages(m, foreign[i], 0) < 0);
		expect(t, mirror_put_page(m, foreign[i]) < 0);
		expect(t, mirror_get_page(m, foreign[i]) < 0);
		expect(t, mirror_page_count(m, foreign[i]) <= 0);
	}
	kfree(foreign[1]);
	expect(t, mirror_page_count(m, page) == 1);
	expect(t, mirror_free_pages(m, page, 0) == 0);
	works(m, t);
}

static void bulk_refuses_single_elements(struct mirror *m, struct apitest *t)
{
	struct mirror_page *pages[5] = {}, *large, *gone;

	large = mirror_alloc_pages(m, APITEST_GFP, 2, 0);
	gone = mirror_alloc_pages(m, APITEST_GFP, 6, 0);
	if (!expect(t, large) || !expect(t, gone))
		return;
	expect(t, mirror_free_pages(m, gone, 6) == 0);
	pages[0] = mirror_alloc_pages(m, APITEST_GFP, 0, 0);
	pages[1] = large;
	pages[3] = gone;
	pages[4] = mirror_alloc_pages(m, APITEST_GFP, 0, 0);
	if (!expect(t, pages[0]) || !expect(t, pages[4]))
		return;
	/* The block may have been split for them; then it is no mistake. */
	if (pages[0] == gone || pages[4] == gone)
		pages[3] = large;
	expect(t, mirror_free_pages_bulk(m, 5, pages) == 2);
	expect(t, !pages[0] && !pages[2] && !pages[4]);
	expect(t, pages[1] && pages[3]);
	expect(t, mirror_free_pages(m, large, 2) == 0);
	works(m, t);
}

static void split_block_goes_page_by_page(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, 3, 0);
	unsigned long pfn;
	unsigned int i;

	if (!expect(t, page))
		return;
	pfn = mirror_page_to_pfn(m, page);
	expect(t, mirror_split_page(m, page, 2) < 0);
	expect(t, mirror_split_page(m, mirror_pfn_to_page(m, pfn + 1), 0) < 0);
	expect(t, mirror_get_page(m, page) == 0);
	expect(t, mirror_split_page(m, page, 3) == 0);
	expect(t, mirror_page_count(m, page) == 2);
	expect(t, mirror_free_pages(m, page, 3) < 0);
	expect(t, mirror_put_page(m, page) == 0);
	/* In any order, and each of them once. */
	for (i = 0; i < 8; i++) {
		struct mirror_page *part = mirror_pfn_to_page(m, pfn + i * 3 % 8);

		expect(t, mirror_page_count(m, part) == 1);
		expect(t, mirror_free_pages(m, part, 0) == 0);
		expect(t, mirror_free_pages(m, part, 0) < 0);
	}
	page = mirror_alloc_pages(m, COMPOUND, 3, 0);
	if (!expect(t, page))
		return;
	expect(t, mirror_split_page(m, page, 3) < 0);
	expect(t, mirror_free_pages(m, page, 3) == 0);
	works(m, t);
}

struct apitest apitest_refs[] = {
	{ "the last reference frees", last_reference_frees },
	{ "a compound block goes as one", compound_block_goes_as_one },
	{ "a compound block waits for the last reference",
	  compound_block_waits_for_the_last },
	{ "another block leaves its first page to who holds it",
	  other_block_leaves_its_first_page },
	{ "a double free is refused", double_free_is_refused },
	{ "a wrong order is refused", wrong_order_is_refused },
	{ "a tail is refused", tail_is_refused },
	{ "a foreign pointer is refused", foreign_pointer_is_refused },
	{ "a split block goes page by page", split_block_goes_page_by_page },
	{ "bulk refuses single elements", bulk_refuses_single_elements },
	{}
};
