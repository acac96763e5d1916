// SPDX-License-Identifier: GPL-2.0
/*
 * What a request may do after its first failure: how deep its flags let it go,
 * and what it gets back from where it lies idle.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

/* flags ---------------------------------------------------------------------- */

#define HIGH		__MIRROR_GFP_HIGH
#define DIRECT		__MIRROR_GFP_DIRECT_RECLAIM
#define KSWAPD		__MIRROR_GFP_KSWAPD_RECLAIM
#define NOMEMALLOC	__MIRROR_GFP_NOMEMALLOC
#define MEMALLOC	__MIRROR_GFP_MEMALLOC
#define NOWARN		__MIRROR_GFP_NOWARN

#define MIN_RESERVE	MIRROR_ALLOC_MIN_RESERVE
#define NON_BLOCK	MIRROR_ALLOC_NON_BLOCK

struct rights {
	u32 gfp;
	unsigned int single;	/* flags at order 0 */
	unsigned int larger;	/* and above */
};

/*
 * HIGH opens half of the min reserve, whoever asks. Not being able to wait
 * counts as urgent unless the request declines reserves; only together do they
 * open what is kept for high orders, and only to those.
 */
static const struct rights all_rights[] = {
	{ 0, NON_BLOCK, NON_BLOCK },
	{ NOMEMALLOC, 0, 0 },
	{ DIRECT, 0, 0 },
	{ DIRECT | NOMEMALLOC, 0, 0 },
	{ HIGH, MIN_RESERVE | NON_BLOCK,
	  MIN_RESERVE | NON_BLOCK | MIRROR_ALLOC_HIGHATOMIC },
	{ HIGH | NOMEMALLOC, MIN_RESERVE, MIN_RESERVE },
	{ HIGH | DIRECT, MIN_RESERVE, MIN_RESERVE },
	{ HIGH | DIRECT | NOMEMALLOC, MIN_RESERVE, MIN_RESERVE },
};

static void rights_desc(const struct rights *r, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s%s%s",
		 r->gfp & HIGH ? "high " : "",
		 r->gfp & DIRECT ? "direct " : "",
		 r->gfp & NOMEMALLOC ? "nomemalloc " : "",
		 r->gfp ? "" : "nothing");
}

KUNIT_ARRAY_PARAM(rights, all_rights, rights_desc);

/* Bits that say where, what for or how to fail, but not how deep to go. */
static const u32 irrelevant[] = {
	0, __MIRROR_GFP_IO, __MIRROR_GFP_FS, __MIRROR_GFP_ZERO,
	__MIRROR_GFP_WRITE, NOWARN, __MIRROR_GFP_RETRY_MAYFAIL,
	__MIRROR_GFP_NOFAIL, __MIRROR_GFP_NORETRY, MEMALLOC, __MIRROR_GFP_COMP,
	__MIRROR_GFP_HARDWALL, __MIRROR_GFP_THISNODE, __MIRROR_GFP_DMA,
	__MIRROR_GFP_DMA32, __MIRROR_GFP_HIGHMEM, __MIRROR_GFP_RECLAIMABLE,
};

static void expect_rights(struct kunit *test, const struct rights *r,
			  unsigned int order, u32 more)
{
	unsigned int want = order ? r->larger : r->single;

	KUNIT_EXPECT_EQ(test, want,
			mirror_gfp_to_alloc_flags(r->gfp | more, order, UNMOVABLE));
	KUNIT_EXPECT_EQ(test, want,
			mirror_gfp_to_alloc_flags(r->gfp | more, order,
						  RECLAIMABLE));
	KUNIT_EXPECT_EQ(test, want | MIRROR_ALLOC_CMA,
			mirror_gfp_to_alloc_flags(r->gfp | more, order, MOVABLE));
	KUNIT_EXPECT_EQ(test, want | MIRROR_ALLOC_KSWAPD,
			mirror_gfp_to_alloc_flags(r->gfp | more | KSWAPD, order,
						  UNMOVABLE));
}

static void urgency_decides_about_reserves(struct kunit *test)
{
	const struct rights *r = test->param_value;
	unsigned int order, i;

	for (order = 0; order <= 10; order++)
		for (i = 0; i < ARRAY_SIZE(irrelevant); i++)
			expect_rights(test, r, order, irrelevant[i]);
}

/* marks ---------------------------------------------------------------------- */

struct depth {
	const char *name;
	u32 gfp;
	unsigned long left;
};

/*
 * 1024 pages, min 200, low 300, high 400. Those who may not go below min stop
 * there, having started at low: the slow path never gives up before min.
 */
static const struct depth depths[] = {
	{ "kernel", MIRROR_GFP_KERNEL, 200 },
	{ "nofs", MIRROR_GFP_NOFS, 200 },
	{ "movable", MIRROR_GFP_HIGHUSER_MOVABLE, 200 },
	{ "noretry", MIRROR_GFP_KERNEL | __MIRROR_GFP_NORETRY, 200 },
	{ "nowait", MIRROR_GFP_NOWAIT, 200 },
	{ "nothing", 0, 200 },
	{ "high that may wait", MIRROR_GFP_KERNEL | HIGH, 100 },
	{ "atomic", MIRROR_GFP_ATOMIC, 75 },
	{ "atomic, no reserves", MIRROR_GFP_ATOMIC | NOMEMALLOC, 100 },
	{ "memalloc", MIRROR_GFP_KERNEL | MEMALLOC, 0 },
	{ "memalloc, atomic", MIRROR_GFP_ATOMIC | MEMALLOC, 0 },
	{ "memalloc, movable", MIRROR_GFP_HIGHUSER_MOVABLE | MEMALLOC, 0 },
	{ "both", MIRROR_GFP_KERNEL | MEMALLOC | NOMEMALLOC, 200 },
	{ "nofail once", MIRROR_GFP_KERNEL | __MIRROR_GFP_NOFAIL | __MIRROR_GFP_NORETRY, 100 },
	{ "both, atomic", MIRROR_GFP_ATOMIC | MEMALLOC | NOMEMALLOC, 100 },
};

KUNIT_ARRAY_PARAM_DESC(depth, depths, name);

static struct mirror *make(struct kunit *test, unsigned long nr_pages)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, nr_pages);

	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	return m;
}

static struct mirror *make_marked(struct kunit *test)
{
	struct mirror *m = make(test, 1024);

	mirror_test_marks(test, m, 200, 300, 400);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	return m;
}

static void single_pages_come_down_to_the_mark(struct kunit *test)
{
	const struct depth *d = test->param_value;
	struct mirror *m = make_marked(test);
	unsigned long nr = 0;

	while (mirror_alloc_pages(m, d->gfp | NOWARN, 0, 0))
		nr++;
	KUNIT_EXPECT_EQ(test, nr, 1024 - d->left);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), d->left);
	mirror_test_free_all(test, m);
}

/*
 * All but one page of a larger block count as gone before the mark is looked at.
 * The zone holds whole blocks, so it stops at the mark rounded up to one.
 */
static void larger_blocks_come_down_to_the_mark(struct kunit *test)
{
	const struct depth *d = test->param_value;
	unsigned int order;

	for (order = 1; order <= 6; order++) {
		struct mirror *m = make_marked(test);
		struct mirror_zone *zone = normal_zone(m);

		while (mirror_alloc_pages(m, d->gfp | NOWARN, order, 0))
			;
		KUNIT_EXPECT_EQ_MSG(test, zone_free(zone),
				    round_up(d->left, 1u << order),
				    "order %u", order);
		KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	}
}

static void marks_are_noted_on_the_page(struct kunit *test)
{
	struct mirror *m = make_marked(test);
	struct mirror_page *page;
	unsigned long nr;

	for (nr = 0; nr < 824; nr++) {
		page = mirror_alloc_pages(m, MIRROR_GFP_KERNEL | MEMALLOC | NOWARN,
					  0, 0);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_ASSERT_FALSE(test, page->flags & MIRROR_PF_RESERVE);
	}
	page = mirror_alloc_pages(m, MIRROR_GFP_KERNEL | MEMALLOC | NOWARN, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, page->flags & MIRROR_PF_RESERVE);
	/* Neither from above nor with the rights of an atomic request. */
	page = mirror_alloc_pages(m, MIRROR_GFP_ATOMIC | NOWARN, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, page->flags & MIRROR_PF_RESERVE);
}

/* Only the second attempt, at min, asks for kswapd, and only where allowed. */
static void kswapd_is_asked_for_below_low(struct kunit *test)
{
	struct mirror *m = make_marked(test);
	struct mirror_zone *zone = normal_zone(m);
	unsigned long nr;

	for (nr = 0; nr < 724; nr++)
		KUNIT_ASSERT_NOT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT,
							       0, 0));
	KUNIT_EXPECT_EQ(test, zone_free(zone), 300);
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &zone->flags));
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, NOWARN, 0, 0));
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &zone->flags));
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, 0, 0));
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &zone->flags));
}

/* what lies idle ------------------------------------------------------------- */

/* 256 pages: all in use one by one, but for a block of 16 on a per-CPU list. */
static struct mirror *all_on_the_lists(struct kunit *test)
{
	struct mirror *m = make(test, 256);
	struct mirror_page **pages;
	unsigned int i;

	mirror_test_take_all(test, normal_zone(m), &pages);
	mirror_test_hoard(normal_zone(m));
	for (i = 32; i < 48; i++)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, pages[i], 0), 0);
	KUNIT_ASSERT_EQ(test, mirror_pcp_count(m), 16);
	return m;
}

static void waiting_request_drains_the_lists(struct kunit *test)
{
	struct mirror *m = all_on_the_lists(test);
	struct mirror_page *page;

	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, 4, 0));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_ATOMIC | MEMALLOC |
						   NOWARN, 4, 0));
	KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 16);
	page = mirror_alloc_pages(m, MIRROR_GFP_KERNEL | NOWARN, 4, 0);
	KUNIT_EXPECT_PTR_EQ(test, page, &m->pages[32]);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 0);
}

/*
 * The given number of pageblocks is reserved, none of them buddies: 64, 128 and
 * 192. Nothing else is free.
 */
static struct mirror *all_reserved(struct kunit *test, unsigned int nr)
{
	struct mirror *m = make(test, 256);
	struct mirror_zone *zone = normal_zone(m);
	u32 idx;

	for (idx = 64; idx < 64 + 64 * nr; idx += 64)
		mirror_test_set_type(zone, idx, HIGHATOMIC);
	while (mirror_test_take(zone, 5, MOVABLE))
		;
	KUNIT_ASSERT_EQ(test, zone->nr_reserved_highatomic, 32 * nr);
	KUNIT_ASSERT_EQ(test, zone->nr_free_highatomic, 32 * nr);
	KUNIT_ASSERT_EQ(test, zone_free(zone), 32 * nr);
	return m;
}

static void request_gets_the_reserve_only_by_waiting(struct kunit *test)
{
	struct mirror *m = all_reserved(test, 1);
	struct mirror_zone *zone = normal_zone(m);

	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT |
						   NOMEMALLOC, 0, 0));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL | NOWARN |
						   __MIRROR_GFP_NORETRY, 0, 0));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 32);
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL |
						       NOWARN, 0, 0));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, 64), UNMOVABLE);
}

/* One that cannot wait gets single pages of it, and it stays reserved. */
static void atomic_request_borrows_from_the_reserve(struct kunit *test)
{
	struct mirror *m = all_reserved(test, 1);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = mirror_alloc_pages(m, MIRROR_GFP_ATOMIC, 0, 0);

	KUNIT_EXPECT_PTR_EQ(test, page, &m->pages[64]);
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 32);
	KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic, 31);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, 64), HIGHATOMIC);
	/* A larger one takes it first, even if there were others. */
	page = mirror_alloc_pages(m, MIRROR_GFP_ATOMIC, 4, 0);
	KUNIT_EXPECT_PTR_EQ(test, page, &m->pages[80]);
}

/* One pageblock at a time, and only for who keeps trying. */
static void reserve_is_given_up_by_the_pageblock(struct kunit *test)
{
	u32 gfp = MIRROR_GFP_KERNEL | NOWARN | __MIRROR_GFP_RECLAIMABLE;
	struct mirror *m = all_reserved(test, 3);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int i;

	/* A costly order alone is no reason to go on, and neither is NORETRY. */
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, gfp, 5, 0));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, gfp | __MIRROR_GFP_NORETRY,
						   0, 0));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 96);
	for (i = 1; i <= 3; i++) {
		KUNIT_EXPECT_NOT_NULL(test,
				      mirror_alloc_pages(m, gfp |
							 __MIRROR_GFP_RETRY_MAYFAIL,
							 5, 0));
		KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 96 - 32 * i);
		KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic, 96 - 32 * i);
	}
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, gfp |
						   __MIRROR_GFP_RETRY_MAYFAIL,
						   5, 0));
}

/* An order that is not costly is worth the last of it without being asked. */
static void small_request_takes_the_last_of_the_reserve(struct kunit *test)
{
	u32 gfp = MIRROR_GFP_KERNEL | NOWARN;
	struct mirror *m = all_reserved(test, 1);
	struct mirror_zone *zone = normal_zone(m);

	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, gfp, 3, 0));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	KUNIT_EXPECT_EQ(test, zone_free(zone) + 8, 32);
}

/* unreserving ---------------------------------------------------------------- */

static bool unreserve(struct mirror *m, u32 gfp, bool force)
{
	struct mirror_alloc_context ac;

	return mirror_prepare_alloc(m, gfp, 0, 0, &ac) &&
	       mirror_unreserve_highatomic(m, &ac, force);
}

/* The smallest free block is looked for first: it may be in another pageblock. */
static void pageblock_with_the_smallest_block_goes_first(struct kunit *test)
{
	struct mirror *m = all_reserved(test, 3);
	struct mirror_zone *zone = normal_zone(m);

	KUNIT_ASSERT_PTR_EQ(test, mirror_test_take(zone, 2, HIGHATOMIC),
			    &m->pages[192]);
	KUNIT_EXPECT_TRUE(test, unreserve(m, __MIRROR_GFP_MOVABLE, false));
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, 192), MOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, 64), HIGHATOMIC);
	KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic, 64);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 196);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 200);
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 208);
}

/* A free block over several pageblocks is given up as a whole. */
static void large_reserved_block_goes_at_once(struct kunit *test)
{
	struct mirror *m = make(test, 256);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = mirror_test_take(zone, 6, MOVABLE);

	mirror_test_set_type(zone, 0, HIGHATOMIC);
	mirror_test_set_type(zone, 32, HIGHATOMIC);
	mirror_test_give(zone, page);
	mirror_test_set_type(zone, 128, UNMOVABLE);
	mirror_test_set_type(zone, 160, UNMOVABLE);
	mirror_test_set_type(zone, 64, HIGHATOMIC);
	EXPECT_FREE_LIST(test, zone, 5, HIGHATOMIC, 64);
	EXPECT_FREE_LIST(test, zone, 6, HIGHATOMIC, 0);
	KUNIT_EXPECT_TRUE(test, unreserve(m, 0, false));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 64);
	KUNIT_EXPECT_TRUE(test, unreserve(m, 0, false));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic, 0);
	/* At the end of its new list, where it is taken last. */
	EXPECT_FREE_LIST(test, zone, 5, UNMOVABLE, 64);
	EXPECT_FREE_LIST(test, zone, 6, UNMOVABLE, 128, 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, 32), UNMOVABLE);
	KUNIT_EXPECT_FALSE(test, unreserve(m, 0, true));
}

/* Zones that the request cannot use keep what they have. */
static void other_zones_keep_their_reserve(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror_zone *zone;
	struct mirror *m;

	mirror_test_config(&conf, 6, 5);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 256;
	m = mirror_test_range(test, &conf, TEST_PFN, 512);
	zone = normal_zone(m);
	mirror_test_set_type(zone, 256, HIGHATOMIC);
	KUNIT_EXPECT_FALSE(test, unreserve(m, __MIRROR_GFP_DMA32, true));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 32);
	mirror_test_set_type(zone - 1, 0, HIGHATOMIC);
	/* From the highest zone down. */
	KUNIT_EXPECT_TRUE(test, unreserve(m, 0, true));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	KUNIT_EXPECT_EQ(test, zone[-1].nr_reserved_highatomic, 32);
	KUNIT_EXPECT_TRUE(test, unreserve(m, 0, true));
	KUNIT_EXPECT_EQ(test, zone[-1].nr_reserved_highatomic, 0);
}

static struct kunit_case slowpath_cases[] = {
	KUNIT_CASE_PARAM(urgency_decides_about_reserves, rights_gen_params),
	KUNIT_CASE_PARAM(single_pages_come_down_to_the_mark, depth_gen_params),
	KUNIT_CASE_PARAM(larger_blocks_come_down_to_the_mark, depth_gen_params),
	KUNIT_CASE(marks_are_noted_on_the_page),
	KUNIT_CASE(kswapd_is_asked_for_below_low),
	KUNIT_CASE(waiting_request_drains_the_lists),
	KUNIT_CASE(request_gets_the_reserve_only_by_waiting),
	KUNIT_CASE(atomic_request_borrows_from_the_reserve),
	KUNIT_CASE(reserve_is_given_up_by_the_pageblock),
	KUNIT_CASE(small_request_takes_the_last_of_the_reserve),
	KUNIT_CASE(pageblock_with_the_smallest_block_goes_first),
	KUNIT_CASE(large_reserved_block_goes_at_once),
	KUNIT_CASE(other_zones_keep_their_reserve),
	{}
};

static struct kunit_suite slowpath_suite = {
	.name = "mirror_slowpath",
	.test_cases = slowpath_cases,
};

kunit_test_suite(slowpath_suite);
