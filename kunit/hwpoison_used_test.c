// SPDX-License-Identifier: GPL-2.0
/*
 * Bad pages that somebody holds: by whichever way their block goes, they are isolated
 * and its other pages are free. Then reports at random among allocations.
 */
#include "hwpoison.h"

/* pages in use ---------------------------------------------------------------- */

static void any_page_of_a_block_in_use_of_any_order(struct kunit *test)
{
	static const u32 gfps[] = { 0, __MIRROR_GFP_COMP };
	struct mirror *m = one_block(test, 6);
	unsigned int order, i;
	u32 at;

	/* The report of a double free is the same each time. */
	m->report_limit.burst = 1;
	for (order = 0; order <= 6; order++)
		for (at = 0; at < 2u << order; at++) {
			struct mirror_page *page = alloc(test, m, gfps[at % 2], order);
			u32 idx = idx_of(m, page);

			mark(test, m, page, at / 2);
			KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
			KUNIT_EXPECT_EQ(test, mirror_unpoison(m, pfn_of(m, idx + at / 2)),
					-EBUSY);
			KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, order), 0);
			expect_isolated(test, m, idx + at / 2);
			expect_rest_free(test, m, 1);
			KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, order), -EINVAL);
			for (i = 0; i < 1u << order; i++)
				KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + i), -EINVAL);
			take_back(test, m, idx + at / 2);
			expect_one_block(test, m);
		}
}

/* The type of each pageblock decides where its pages go. */
static void block_of_several_pageblocks(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 4, 128);
	struct mirror_page *page = alloc(test, m, 0, 6);
	u32 idx = idx_of(m, page);

	mark(test, m, page, 17);
	mark(test, m, page, 63);
	mirror_test_set_type(normal_zone(m), idx + 16, CMA);
	mirror_test_set_type(normal_zone(m), idx + 32, ISOLATE);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 6), 0);
	expect_isolated(test, m, idx + 17);
	expect_isolated(test, m, idx + 63);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 128 - 2 - 16);
	mirror_test_set_type(normal_zone(m), idx + 32, MOVABLE);
	mirror_test_set_type(normal_zone(m), idx + 16, MOVABLE);
	expect_rest_free(test, m, 2);
}

static void last_of_several_references(struct kunit *test)
{
	static const u32 gfps[] = { 0, __MIRROR_GFP_COMP };
	struct mirror *m = one_block(test, 6);
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(gfps); i++) {
		struct mirror_page *page = alloc(test, m, gfps[i % 2], 3);
		u32 bad = idx_of(m, page) + 6;
		/* The tails of a block that is not compound have no references. */
		u32 any = i % 2 ? 6 : 0;

		if (i < 2)
			mark(test, m, page, 6);
		KUNIT_EXPECT_EQ(test, mirror_core_get(m, page + any), 0);
		KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
		if (i >= 2)
			mark(test, m, page, 6);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + any), 0);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
		KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_USED);
		KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + any), 0);
		expect_isolated(test, m, bad);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), -EINVAL);
		expect_rest_free(test, m, 1);
		take_back(test, m, bad);
		expect_one_block(test, m);
	}
}

/* One free too many, while whoever had the last reference is just freeing. */
static void reference_that_nobody_had(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_page *page = alloc(test, m, 0, 2);

	mark(test, m, page, 1);
	atomic_dec(&page->refs);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), -EINVAL);
	expect_isolated(test, m, idx_of(m, page) + 1);
	expect_rest_free(test, m, 1);
}

/* Of a block that is not compound all but the first page is freed. */
static void tails_of_a_shared_block(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	u32 at;

	for (at = 0; at < 16; at++) {
		struct mirror_page *page = alloc(test, m, 0, 4);
		u32 bad = idx_of(m, page) + at;

		KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
		mark(test, m, page, at);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 4), 0);
		KUNIT_EXPECT_EQ(test, mirror_page_flags(page) & ~MIRROR_PF_ZONE,
				mirror_head_flags(MIRROR_PAGE_USED, 0));
		mirror_drain_all(m);
		KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed - 1 - !!at);
		KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
		expect_isolated(test, m, bad);
		expect_rest_free(test, m, 1);
		take_back(test, m, bad);
		expect_one_block(test, m);
	}
}

static void split_block(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	unsigned int i;
	u32 at;

	for (at = 0; at < 16; at++) {
		struct mirror_page *page = alloc(test, m, 0, 4);
		u32 idx = idx_of(m, page);

		page->owner = 7;
		mark(test, m, page, at);
		KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 4), 0);
		KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
		for (i = 0; i < 16; i++) {
			KUNIT_EXPECT_EQ(test, atomic_read(&page[i].refs) == 1, i != at);
			KUNIT_EXPECT_EQ(test, mirror_refs_held(atomic_read(&page[i].refs)),
					1);
			KUNIT_EXPECT_EQ(test, page[i].owner, 7);
		}
		for (i = 0; i < 16; i++)
			KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page + i, 0), 0);
		expect_isolated(test, m, idx + at);
		expect_rest_free(test, m, 1);
		take_back(test, m, idx + at);
		expect_one_block(test, m);
	}
}

static void array_of_pages(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	struct mirror_page *pages[32], *copy[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = alloc(test, m, 0, 0);
	memcpy(copy, pages, sizeof(pages));
	for (i = 0; i < ARRAY_SIZE(pages); i += 5)
		mark(test, m, pages[i], 0);
	KUNIT_EXPECT_EQ(test, mirror_core_free_bulk(m, 32, pages), 32);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		KUNIT_EXPECT_NULL(test, pages[i]);
		KUNIT_EXPECT_EQ(test, mirror_page_state(copy[i]) == MIRROR_PAGE_BAD,
				i % 5 == 0);
	}
	expect_rest_free(test, m, 7);
}

/* A block may keep the mark without a reason: it is freed like any other. */
static void mark_without_a_bad_page(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	struct mirror_page *page = alloc(test, m, 0, 5);

	atomic_or(MIRROR_REFS_BAD, &page->refs);
	KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 5), 0);
	mirror_test_free_all(test, m);
	page = alloc(test, m, 0, 5);
	atomic_or(MIRROR_REFS_BAD, &page->refs);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 5), 0);
	expect_one_block(test, m);
}

/* all of it at random ------------------------------------------------------------------ */

#define NR_HELD		64
/* A quarter of them stop all CPUs, which takes an emulated machine 10 ms. */
#define NR_OPS		(IS_ENABLED(CONFIG_SMP) ? 1000u : 4000u)

struct chaos {
	struct kunit *test;
	struct mirror *m;
	struct rnd_state rnd;
	struct mirror_page *held[NR_HELD];
	u8 order[NR_HELD];
};

static u32 pick(struct chaos *c, u32 below)
{
	return prandom_u32_state(&c->rnd) % below;
}

/* No page of a block that was just handed out may be known to be bad. */
static void take_or_free(struct chaos *c, unsigned int slot)
{
	struct mirror *m = c->m;
	unsigned int order = c->order[slot];

	if (c->held[slot]) {
		KUNIT_EXPECT_EQ(c->test, mirror_free_pages(m, c->held[slot], order), 0);
		c->held[slot] = NULL;
		return;
	}
	order = pick(c, m->max_order + 1);
	if (pick(c, 2))
		order = 0;
	c->held[slot] = mirror_test_alloc(m, pick(c, 2) ? __MIRROR_GFP_MOVABLE : 0,
					  order);
	c->order[slot] = order;
	if (c->held[slot])
		KUNIT_EXPECT_FALSE(c->test,
				   mirror_has_bad(m, idx_of(m, c->held[slot]), order));
}

static void random_step(struct chaos *c)
{
	struct mirror *m = c->m;
	u32 idx = mirror_pfn_to_idx(m, m->ranges[0].start_pfn + pick(c, m->managed));
	struct mirror_bad_page bad;
	int ret;

	switch (pick(c, 8)) {
	case 0:
		ret = report(m, idx, &bad);
		KUNIT_EXPECT_TRUE(c->test, !ret || ret == -EHWPOISON);
		return;
	case 1:
		/* The next bad page from there on, so that there are never too many. */
		if (mirror_next_bad_page(m, idx, &bad)) {
			ret = mirror_unpoison(m, pfn_of(m, bad.idx));
			KUNIT_EXPECT_EQ(c->test, ret,
					bad.where == MIRROR_BAD_IN_USE ? -EBUSY : 0);
		}
		return;
	default:
		take_or_free(c, pick(c, NR_HELD));
	}
}

static void reports_among_allocations(struct kunit *test)
{
	struct chaos *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct mirror_bad_page bad;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->test = test;
	c->m = mirror_test_flat(test, 5, 4, 700);
	mirror_test_seed(test, &c->rnd);
	for (i = 0; i < NR_OPS; i++) {
		random_step(c);
		if (i % 128 == 0)
			KUNIT_EXPECT_EQ(test, mirror_test_faults(test, c->m), 0);
	}
	for (i = 0; i < NR_HELD; i++)
		if (c->held[i])
			take_or_free(c, i);
	expect_rest_free(test, c->m, mirror_nr_hwpoison(c->m));
	while (mirror_next_bad_page(c->m, 0, &bad))
		take_back(test, c->m, bad.idx);
	expect_rest_free(test, c->m, 0);
}

static struct kunit_case hwpoison_used_cases[] = {
	KUNIT_CASE(any_page_of_a_block_in_use_of_any_order),
	KUNIT_CASE(block_of_several_pageblocks),
	KUNIT_CASE(last_of_several_references),
	KUNIT_CASE(reference_that_nobody_had),
	KUNIT_CASE(tails_of_a_shared_block),
	KUNIT_CASE(split_block),
	KUNIT_CASE(array_of_pages),
	KUNIT_CASE(mark_without_a_bad_page),
	KUNIT_CASE(reports_among_allocations),
	{}
};

static struct kunit_suite hwpoison_used_suite = {
	.name = "mirror_hwpoison_used",
	.test_cases = hwpoison_used_cases,
};

kunit_test_suite(hwpoison_used_suite);
