// SPDX-License-Identifier: GPL-2.0
/*
 * Memory kept for some: CMA and who may use it, the high-order atomic reserve,
 * and the boost that mixing types gives the marks.
 */
#include "fixture.h"

#define ATOMIC_FLAGS	(MIRROR_ALLOC_WMARK_MIN | MIRROR_ALLOC_HIGHATOMIC | \
			 MIRROR_ALLOC_MIN_RESERVE | MIRROR_ALLOC_NON_BLOCK)

/* Pageblocks of 32, larger blocks of 64. */
static struct mirror_zone *zone_of(struct kunit *test, unsigned long nr_pages)
{
	return normal_zone(mirror_test_flat(test, 6, 5, nr_pages));
}

static void fold(struct mirror_zone *zone)
{
	mirror_fold_cpu(zone->m, raw_smp_processor_id());
}

/* CMA ---------------------------------------------------------------------- */

/* 256 pages, half of them CMA: the upper half. */
static struct mirror_zone *half_cma(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);
	u32 idx;

	for (idx = 128; idx < 256; idx += 32)
		mirror_test_set_type(zone, idx, CMA);
	fold(zone);
	KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, MIRROR_NR_FREE_CMA), 128);
	return zone;
}

static bool in_cma(struct mirror_zone *zone, struct mirror_page *page)
{
	return page && mirror_pageblock_type(zone->m, idx_of(zone->m, page)) == CMA;
}

static void cma_comes_first_above_half_of_what_is_free(struct kunit *test)
{
	struct mirror_zone *zone = half_cma(test);
	struct mirror_page *page;

	page = mirror_test_rmqueue(zone, 0, MOVABLE, MIRROR_ALLOC_CMA);
	KUNIT_EXPECT_FALSE(test, in_cma(zone, page));
	fold(zone);
	page = mirror_test_rmqueue(zone, 0, MOVABLE, MIRROR_ALLOC_CMA);
	KUNIT_EXPECT_TRUE(test, in_cma(zone, page));
	fold(zone);
	page = mirror_test_rmqueue(zone, 0, MOVABLE, MIRROR_ALLOC_CMA);
	KUNIT_EXPECT_FALSE(test, in_cma(zone, page));
}

static void only_movable_requests_get_cma(struct kunit *test)
{
	struct mirror_zone *zone = half_cma(test);
	unsigned int nr = 0;

	while (mirror_test_rmqueue(zone, 0, UNMOVABLE, 0))
		nr++;
	KUNIT_EXPECT_EQ(test, nr, 128);
	KUNIT_EXPECT_NULL(test, mirror_test_rmqueue(zone, 0, MOVABLE, 0));
	KUNIT_EXPECT_TRUE(test, in_cma(zone, mirror_test_rmqueue(zone, 0, MOVABLE,
								 MIRROR_ALLOC_CMA)));
}

static void cma_comes_before_other_types(struct kunit *test)
{
	struct mirror_zone *zone = half_cma(test);
	struct mirror_page *page;
	u32 idx;

	for (idx = 0; idx < 128; idx += 32)
		mirror_test_set_type(zone, idx, UNMOVABLE);
	page = mirror_test_rmqueue(zone, 0, MOVABLE, MIRROR_ALLOC_CMA);
	KUNIT_EXPECT_TRUE(test, in_cma(zone, page));
	page = mirror_test_rmqueue(zone, 0, MOVABLE, 0);
	KUNIT_EXPECT_FALSE(test, in_cma(zone, page));
}

/* high-order atomic reserve ------------------------------------------------ */

static struct mirror_page *atomic_alloc(struct mirror_zone *zone,
					unsigned int order)
{
	return mirror_test_alloc_flags(zone->m, MIRROR_GFP_ATOMIC, order,
				       ATOMIC_FLAGS);
}

static void reserve_grows_to_one_percent(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 4096);
	unsigned int i;

	/* Two requests to a pageblock; 1 % is 40 pages, so two pageblocks. */
	for (i = 0; i < 8; i++) {
		KUNIT_ASSERT_NOT_NULL(test, atomic_alloc(zone, 4));
		KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic,
				i < 2 ? 32 : 64);
		KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic,
				i == 0 || i == 2 ? 16 : 0);
	}
}

static void large_requests_reserve_all_their_pageblocks(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 4096);
	struct mirror_page *page = atomic_alloc(zone, 6);
	u32 idx = idx_of(zone->m, page);

	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 64);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx), HIGHATOMIC);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx + 32), HIGHATOMIC);
}

static void zone_with_less_than_100_pageblocks_reserves_nothing(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 3199);

	KUNIT_ASSERT_NOT_NULL(test, atomic_alloc(zone, 4));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	zone = zone_of(test, 3200);
	KUNIT_ASSERT_NOT_NULL(test, atomic_alloc(zone, 4));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 32);
}

static void special_pageblocks_are_not_reserved(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 4096);
	struct mirror_page *page = mirror_test_take(zone, 4, MOVABLE);

	mirror_test_set_type(zone, idx_of(zone->m, page), CMA);
	mirror_reserve_highatomic(zone, page, 4);
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx_of(zone->m, page)),
			CMA);
}

/* Its other part lies in another zone, which did not ask for it. */
static void pageblock_over_a_zone_border_is_not_reserved(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror_zone *zone;
	struct mirror_page *page;

	mirror_test_config(&conf, 6, 5);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 16;
	zone = normal_zone(mirror_test_range(test, &conf, TEST_PFN, 4096));
	page = mirror_test_take(zone, 4, MOVABLE);
	KUNIT_ASSERT_PTR_EQ(test, page, &zone->pages[16]);
	mirror_reserve_highatomic(zone, page, 4);
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 16), MOVABLE);
	page = mirror_test_take(zone, 5, MOVABLE);
	mirror_reserve_highatomic(zone, page, 5);
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 32);
}

/* 1 % of the zone, rounded up to whole pageblocks; none for less than one. */
static void reserve_stops_at_its_share_of_any_zone(struct kunit *test)
{
	static const unsigned long shares[][2] = {
		{ 3199, 0 }, { 3200, 32 }, { 3299, 32 }, { 3300, 64 },
		{ 6400, 64 }, { 6499, 64 }, { 6500, 96 },
	};
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(shares); i++) {
		struct mirror_zone *zone = zone_of(test, shares[i][0]);

		for (k = 0; k < 5; k++)
			KUNIT_ASSERT_NOT_NULL(test, atomic_alloc(zone, 5));
		KUNIT_EXPECT_EQ_MSG(test, zone->nr_reserved_highatomic,
				    shares[i][1], "%lu pages", shares[i][0]);
	}
}

/* One free page left, and it is reserved. */
static struct mirror_zone *only_the_reserve(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);
	struct mirror_page **pages;

	mirror_test_take_all(test, zone, &pages);
	mirror_test_set_type(zone, 32, HIGHATOMIC);
	mirror_test_give(zone, &zone->pages[33]);
	fold(zone);
	return zone;
}

static void urgent_requests_get_the_reserve_at_last(struct kunit *test)
{
	struct mirror_zone *zone = only_the_reserve(test);
	struct mirror *m = zone->m;

	KUNIT_EXPECT_NULL(test, mirror_test_alloc_flags(m, 0, 0, 0));
	KUNIT_EXPECT_NULL(test, mirror_test_alloc_flags(m, 0, 0,
							MIRROR_ALLOC_MIN_RESERVE));
	KUNIT_EXPECT_NOT_NULL(test, mirror_test_alloc_flags(m, 0, 0,
							    MIRROR_ALLOC_NON_BLOCK));
	zone = only_the_reserve(test);
	KUNIT_EXPECT_NOT_NULL(test, mirror_test_alloc_flags(zone->m, 0, 0,
							    MIRROR_ALLOC_OOM));
}

static bool unreserve(struct mirror_zone *zone, u32 gfp, bool force)
{
	struct mirror_alloc_context ac;

	return mirror_prepare_alloc(zone->m, gfp, 0, 0, &ac) &&
	       mirror_unreserve_highatomic(zone->m, &ac, force);
}

static void last_reserved_pageblock_goes_by_force_only(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 4096);

	KUNIT_ASSERT_NOT_NULL(test, atomic_alloc(zone, 4));
	KUNIT_EXPECT_FALSE(test, unreserve(zone, 0, false));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 32);
	KUNIT_EXPECT_TRUE(test, unreserve(zone, __MIRROR_GFP_RECLAIMABLE, true));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
	KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic, 0);
	KUNIT_EXPECT_EQ(test, list_len(zone, 4, RECLAIMABLE), 1);
}

static void only_pageblocks_with_free_pages_are_unreserved(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 4096);
	unsigned int i;

	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_NOT_NULL(test, atomic_alloc(zone, 4));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 64);
	KUNIT_EXPECT_FALSE(test, unreserve(zone, 0, true));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 64);
}

static void one_of_several_pageblocks_is_unreserved(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 4096);

	mirror_test_set_type(zone, 64, HIGHATOMIC);
	mirror_test_set_type(zone, 128, HIGHATOMIC);
	EXPECT_FREE_LIST(test, zone, 5, HIGHATOMIC, 128, 64);
	KUNIT_EXPECT_TRUE(test, unreserve(zone, 0, false));
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 128), UNMOVABLE);
	EXPECT_FREE_LIST(test, zone, 5, HIGHATOMIC, 64);
	EXPECT_FREE_LIST(test, zone, 5, UNMOVABLE, 128);
	KUNIT_EXPECT_FALSE(test, unreserve(zone, 0, false));
}

/* boost -------------------------------------------------------------------- */

/* A zone where unmovable requests find one movable page at a time. */
static struct mirror_zone *zone_to_mix(struct kunit *test, unsigned long nr_pages,
				       unsigned long high)
{
	struct mirror_zone *zone = zone_of(test, nr_pages);
	struct mirror_page **pages;

	mirror_test_take_all(test, zone, &pages);
	mirror_test_marks(test, zone->m, 0, 0, high);
	return zone;
}

static void mix(struct mirror_zone *zone, unsigned int alloc_flags)
{
	mirror_test_set_type(zone, 0, MOVABLE);
	mirror_test_give(zone, mirror_page_head(zone->m, &zone->pages[0]));
	mirror_test_rmqueue(zone, 0, UNMOVABLE, alloc_flags);
}

static void mixing_boosts_up_to_the_cap(struct kunit *test)
{
	struct mirror_zone *zone = zone_to_mix(test, 256, 60);

	mix(zone, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 32);
	KUNIT_EXPECT_EQ(test, mirror_zone_wmark(zone, MIRROR_WMARK_HIGH), 92);
	KUNIT_EXPECT_EQ(test, mirror_zone_wmark(zone, MIRROR_WMARK_MIN), 32);
	mix(zone, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 64);
	mix(zone, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 90);
	mix(zone, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 90);
}

static void cap_is_at_least_a_pageblock(struct kunit *test)
{
	struct mirror_zone *zone = zone_to_mix(test, 256, 2);

	mix(zone, 0);
	mix(zone, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 32);
}

static void no_boost_where_it_makes_no_sense(struct kunit *test)
{
	struct mirror_zone *zone = zone_to_mix(test, 256, 0);

	mix(zone, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
	mirror_test_marks(test, zone->m, 0, 0, 60);
	zone->m->tunables.watermark_boost_factor = 0;
	mix(zone, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
	zone->m->tunables.watermark_boost_factor = 100;
	mix(zone, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
}

static void zone_of_less_than_four_pageblocks_is_not_boosted(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 127);
	bool boosted;

	mirror_test_marks(test, zone->m, 0, 0, 60);
	raw_spin_lock_irq(&zone->lock);
	boosted = mirror_boost_watermark(zone);
	raw_spin_unlock_irq(&zone->lock);
	KUNIT_EXPECT_FALSE(test, boosted);
	zone = zone_of(test, 128);
	mirror_test_marks(test, zone->m, 0, 0, 60);
	raw_spin_lock_irq(&zone->lock);
	boosted = mirror_boost_watermark(zone);
	raw_spin_unlock_irq(&zone->lock);
	KUNIT_EXPECT_TRUE(test, boosted);
}

static void boost_calls_for_kswapd_where_allowed(struct kunit *test)
{
	struct mirror_zone *zone = zone_to_mix(test, 256, 60);

	mix(zone, 0);
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_BOOSTED, &zone->flags));
	mix(zone, MIRROR_ALLOC_KSWAPD);
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_BOOSTED, &zone->flags));
	mirror_test_alloc_flags(zone->m, 0, 0, MIRROR_ALLOC_NO_WATERMARKS);
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_BOOSTED, &zone->flags));
	mirror_test_alloc_flags(zone->m, 0, 0, MIRROR_ALLOC_NO_WATERMARKS |
				MIRROR_ALLOC_KSWAPD);
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_BOOSTED, &zone->flags));
	mirror_serve_kswapd(zone->m);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
}

static struct kunit_case reserve_cases[] = {
	KUNIT_CASE(cma_comes_first_above_half_of_what_is_free),
	KUNIT_CASE(only_movable_requests_get_cma),
	KUNIT_CASE(cma_comes_before_other_types),
	KUNIT_CASE(reserve_grows_to_one_percent),
	KUNIT_CASE(large_requests_reserve_all_their_pageblocks),
	KUNIT_CASE(zone_with_less_than_100_pageblocks_reserves_nothing),
	KUNIT_CASE(special_pageblocks_are_not_reserved),
	KUNIT_CASE(pageblock_over_a_zone_border_is_not_reserved),
	KUNIT_CASE(reserve_stops_at_its_share_of_any_zone),
	KUNIT_CASE(urgent_requests_get_the_reserve_at_last),
	KUNIT_CASE(last_reserved_pageblock_goes_by_force_only),
	KUNIT_CASE(only_pageblocks_with_free_pages_are_unreserved),
	KUNIT_CASE(one_of_several_pageblocks_is_unreserved),
	KUNIT_CASE(mixing_boosts_up_to_the_cap),
	KUNIT_CASE(cap_is_at_least_a_pageblock),
	KUNIT_CASE(no_boost_where_it_makes_no_sense),
	KUNIT_CASE(zone_of_less_than_four_pageblocks_is_not_boosted),
	KUNIT_CASE(boost_calls_for_kswapd_where_allowed),
	{}
};

static struct kunit_suite reserve_suite = {
	.name = "mirror_reserve",
	.test_cases = reserve_cases,
};

kunit_test_suite(reserve_suite);
