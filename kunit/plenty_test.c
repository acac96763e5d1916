// SPDX-License-Identifier: GPL-2.0
/*
 * The short way of a common request: which zone counts as one with plenty, and what a
 * block has that came this way. A wrong "yes" breaks a mark, a wrong "no" costs time.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define FREE	1024	/* pages of the mirror, all of them free at first */

static struct mirror *make(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, FREE);

	mirror_test_no_drift(m);
	if (m->policy != &mirror_policy_612)
		kunit_skip(test, "a policy is asked anew for each request");
	return m;
}

static bool has_plenty(struct mirror *m, u32 gfp, unsigned int order)
{
	unsigned int mt = 99;
	struct mirror_zone *zone = mirror_hot_zone(m, gfp, order, 0, &mt);

	return zone == normal_zone(m) && (int)mt == mirror_gfp_migratetype(m, gfp);
}

/* Plenty with a high mark of @most, and not with one more. */
static void expect_edge(struct kunit *test, struct mirror *m, u32 gfp, unsigned int order,
			unsigned long most)
{
	struct mirror_zone *zone = normal_zone(m);

	zone->watermark[MIRROR_WMARK_HIGH] = most;
	KUNIT_EXPECT_TRUE_MSG(test, has_plenty(m, gfp, order), "order %u, %lu", order, most);
	zone->watermark[MIRROR_WMARK_HIGH] = most + 1;
	KUNIT_EXPECT_FALSE_MSG(test, has_plenty(m, gfp, order), "order %u, %lu", order, most);
}

static void one_page_above_the_high_mark_is_plenty(struct kunit *test)
{
	static const u32 gfps[] = { MIRROR_GFP_KERNEL, MIRROR_GFP_ATOMIC, 0,
				    __MIRROR_GFP_MOVABLE, __MIRROR_GFP_RECLAIMABLE };
	struct mirror *m = make(test);
	unsigned int order, i;

	for (i = 0; i < ARRAY_SIZE(gfps); i++)
		for (order = 0; order <= 6; order++)
			expect_edge(test, m, gfps[i], order, FREE - (1 << order));
}

static void all_that_raises_the_mark_counts(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);

	zone->watermark_boost = 10;
	expect_edge(test, m, MIRROR_GFP_KERNEL, 0, FREE - 11);
	expect_edge(test, m, MIRROR_GFP_KERNEL, 3, FREE - 18);
	zone->lowmem_reserve[MIRROR_ZONE_NORMAL] = 100;
	zone->lowmem_reserve[MIRROR_ZONE_MOVABLE] = 300;
	expect_edge(test, m, MIRROR_GFP_KERNEL, 0, FREE - 111);
	expect_edge(test, m, MIRROR_GFP_HIGHUSER_MOVABLE, 0, FREE - 311);
	zone->watermark_boost = 0;
	zone->lowmem_reserve[MIRROR_ZONE_NORMAL] = 0;
	zone->lowmem_reserve[MIRROR_ZONE_MOVABLE] = 0;
	mirror_test_set_type(zone, 64, HIGHATOMIC);
	expect_edge(test, m, MIRROR_GFP_KERNEL, 0, FREE - 33);
	expect_edge(test, m, MIRROR_GFP_KERNEL, 2, FREE - 36);
	mirror_test_set_type(zone, 64, MOVABLE);
	expect_edge(test, m, MIRROR_GFP_KERNEL, 0, FREE - 1);
}

/* A request that may use them has to count them first. */
static void free_cma_pages_need_a_closer_look(struct kunit *test)
{
	struct mirror *m = make(test);

	mirror_test_set_type(normal_zone(m), 64, CMA);
	KUNIT_EXPECT_FALSE(test, has_plenty(m, __MIRROR_GFP_MOVABLE, 0));
	KUNIT_EXPECT_FALSE(test, has_plenty(m, MIRROR_GFP_KERNEL, 0));
	mirror_test_set_type(normal_zone(m), 64, MOVABLE);
	KUNIT_EXPECT_TRUE(test, has_plenty(m, __MIRROR_GFP_MOVABLE, 0));
}

/* One of the order lies on a list of this CPU, but the zone has single pages only. */
static void block_on_a_per_cpu_list_is_not_the_zones(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *block = mirror_test_take(zone, 2, MOVABLE), *page;
	struct mirror_pcp *pcp = this_pcp(zone);

	pcp->high = 100;
	pcp->high_min = 100;
	pcp->high_max = 100;
	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, block, 2), 0);
	while (mirror_test_take(zone, 1, MOVABLE))
		;
	mirror_test_give(zone, &m->pages[512]);
	page = mirror_test_take(zone, 0, MOVABLE);
	mirror_test_give(zone, &m->pages[514]);
	KUNIT_ASSERT_EQ(test, pcp->count, 4);
	KUNIT_EXPECT_TRUE(test, has_plenty(m, __MIRROR_GFP_MOVABLE, 0));
	KUNIT_EXPECT_TRUE(test, has_plenty(m, __MIRROR_GFP_MOVABLE, 1));
	KUNIT_EXPECT_FALSE(test, has_plenty(m, __MIRROR_GFP_MOVABLE, 2));
	mirror_test_give(zone, page);
	mirror_test_free_all(test, m);
}

static void busy_zone_has_no_short_way(struct kunit *test)
{
	static const unsigned int busy[] = { MIRROR_ZONE_BELOW_HIGH, MIRROR_ZONE_BOOSTED,
					     MIRROR_ZONE_BROKEN };
	static const unsigned int idle[] = { MIRROR_ZONE_RECLAIM_ACTIVE,
					     MIRROR_ZONE_KSWAPD_DUE };
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(busy); i++) {
		zone->flags = BIT(busy[i]);
		KUNIT_EXPECT_FALSE(test, has_plenty(m, MIRROR_GFP_KERNEL, 0));
	}
	for (i = 0; i < ARRAY_SIZE(idle); i++) {
		zone->flags = BIT(idle[i]);
		KUNIT_EXPECT_TRUE(test, has_plenty(m, MIRROR_GFP_KERNEL, 0));
	}
	zone->flags = 0;
}

/* What makes no sense, what has to be cleared, and zones that there are none of. */
static void request_that_is_not_common_has_none(struct kunit *test)
{
	static const struct {
		u32 gfp;
		unsigned int order;
		int nid;
	} requests[] = {
		{ MIRROR_GFP_KERNEL | __MIRROR_GFP_ZERO, 0, 0 },
		{ MIRROR_GFP_KERNEL | ~__MIRROR_GFP_ALL, 0, 0 },
		{ MIRROR_GFP_KERNEL | __MIRROR_GFP_DMA, 0, 0 },
		{ __MIRROR_GFP_DMA | __MIRROR_GFP_DMA32, 0, 0 },
		{ __MIRROR_GFP_HIGHMEM | __MIRROR_GFP_DMA32, 0, 0 },
		{ __MIRROR_GFP_MOVABLE | __MIRROR_GFP_RECLAIMABLE, 0, 0 },
		{ MIRROR_GFP_KERNEL, 7, 0 },
		{ MIRROR_GFP_KERNEL, UINT_MAX, 0 },
		{ MIRROR_GFP_KERNEL, 0, 1 },
		{ MIRROR_GFP_KERNEL, 0, -1 },
	};
	struct mirror *m = make(test);
	unsigned int mt, i;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		KUNIT_EXPECT_NULL(test, mirror_hot_zone(m, requests[i].gfp, requests[i].order,
							requests[i].nid, &mt));
}

/* A mirror without all orders of the lists asks each time, so that the others need not. */
static void mirror_of_small_blocks_has_none(struct kunit *test)
{
	unsigned int order;

	for (order = 1; order <= 4; order++) {
		struct mirror *m = mirror_test_flat(test, order, order, 1024);

		if (m->policy != &mirror_policy_612)
			kunit_skip(test, "a policy is asked anew for each request");
		mirror_test_no_drift(m);
		KUNIT_EXPECT_EQ(test, has_plenty(m, MIRROR_GFP_KERNEL, 0), order >= 3);
	}
}

/* blocks ---------------------------------------------------------------------------- */

static void short_way_leaves_the_same_block(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int order, nr = 0;

	for (order = 0; order <= 6; order++) {
		struct mirror_page *page = NULL;

		if (mirror_pcp_order(zone, order))
			mirror_test_give(zone, mirror_test_take(zone, order, MOVABLE));
		KUNIT_EXPECT_EQ(test, mirror_alloc_hot(zone, __MIRROR_GFP_COMP, order,
						       MOVABLE, &page),
				!mirror_pcp_order(zone, order));
		if (mirror_pcp_order(zone, order))
			continue;
		nr += 1u << order;
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, page->flags, mirror_zone_head(zone, MIRROR_PAGE_USED,
								    order) |
						   MIRROR_PF_COMPOUND);
		KUNIT_EXPECT_EQ(test, atomic_read(&page->refs), 1);
		KUNIT_EXPECT_EQ(test, page->owner, MIRROR_NIL);
		KUNIT_EXPECT_EQ(test, page->private, 0);
		KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + MIRROR_ZONE_NORMAL),
				nr);
	}
}

/* Also where the list has nothing: that is not taking. */
static void short_way_counts_as_taking(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_pcp *pcp = this_pcp(zone);
	struct mirror_page *page = mirror_test_take(zone, 0, MOVABLE);

	pcp->high = 100;
	pcp->high_min = 100;
	pcp->high_max = 100;
	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 0), 0);
	pcp->free_count = 9;
	KUNIT_EXPECT_TRUE(test, mirror_take_hot(zone, 0, MOVABLE, &page));
	KUNIT_EXPECT_EQ(test, pcp->free_count, 4);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
	KUNIT_EXPECT_FALSE(test, mirror_take_hot(zone, 0, MOVABLE, &page));
	KUNIT_EXPECT_EQ(test, pcp->free_count, 4);
}

struct prep {
	unsigned int order;
	u32 gfp;
	unsigned int alloc_flags;
	u32 want;
};

#define COMP	__MIRROR_GFP_COMP
#define ZERO	__MIRROR_GFP_ZERO
#define NO_MARK	MIRROR_ALLOC_NO_WATERMARKS

static const struct prep preps[] = {
	{ 0, 0, 0, 0 },
	{ 0, COMP, 0, 0 },
	{ 1, 0, 0, 0 },
	{ 1, COMP, 0, MIRROR_PF_COMPOUND },
	{ 0, ZERO, 0, MIRROR_PF_ZERO },
	{ 0, 0, NO_MARK, MIRROR_PF_RESERVE },
	{ 2, COMP | ZERO, 0, MIRROR_PF_COMPOUND | MIRROR_PF_ZERO },
	{ 2, COMP, NO_MARK, MIRROR_PF_COMPOUND | MIRROR_PF_RESERVE },
	{ 2, ZERO, NO_MARK, MIRROR_PF_ZERO | MIRROR_PF_RESERVE },
	{ 0, COMP | ZERO, NO_MARK, MIRROR_PF_ZERO | MIRROR_PF_RESERVE },
	{ 2, COMP | ZERO, NO_MARK, MIRROR_PF_COMPOUND | MIRROR_PF_ZERO | MIRROR_PF_RESERVE },
	{ 2, ~(COMP | ZERO), ~NO_MARK, 0 },
};

static void request_adds_its_flags_to_the_block(struct kunit *test)
{
	struct mirror_page page = { .flags = 0x12340303 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(preps); i++) {
		const struct prep *p = &preps[i];

		KUNIT_EXPECT_EQ_MSG(test, mirror_prep_flags(p->order, p->gfp, p->alloc_flags),
				    p->want, "case %u", i);
		page.flags = 0x12340303;
		mirror_prep_page(&page, p->order, p->gfp, p->alloc_flags);
		KUNIT_EXPECT_EQ_MSG(test, page.flags, 0x12340303 | p->want, "case %u", i);
	}
}

static struct kunit_case plenty_cases[] = {
	KUNIT_CASE(one_page_above_the_high_mark_is_plenty),
	KUNIT_CASE(all_that_raises_the_mark_counts),
	KUNIT_CASE(free_cma_pages_need_a_closer_look),
	KUNIT_CASE(block_on_a_per_cpu_list_is_not_the_zones),
	KUNIT_CASE(busy_zone_has_no_short_way),
	KUNIT_CASE(request_that_is_not_common_has_none),
	KUNIT_CASE(mirror_of_small_blocks_has_none),
	KUNIT_CASE(short_way_leaves_the_same_block),
	KUNIT_CASE(short_way_counts_as_taking),
	KUNIT_CASE(request_adds_its_flags_to_the_block),
	{}
};

static struct kunit_suite plenty_suite = {
	.name = "mirror_plenty",
	.test_cases = plenty_cases,
};

kunit_test_suite(plenty_suite);
