// SPDX-License-Identifier: GPL-2.0
/*
 * The boost of the marks: how far it goes, and for which zones it asks for kswapd; bounds
 * of the settings that marks follow from.
 */
#include "fixture.h"

/* Three zones on two nodes: 128 pages of DMA32 and of NORMAL on 0, 256 on 1. */
static struct mirror *make(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 256, 0 },
		{ TEST_PFN + 256, TEST_PFN + 512, 1 },
	};
	struct mirror_config conf;

	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 128;
	return mirror_test_create(test, &conf);
}

/* asking for kswapd ------------------------------------------------------------------ */

/* Who takes from a boosted zone asks for it and those below, not for the one above. */
static void zone_above_is_not_asked_for(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *dma32 = &m->nodes[0]->zones[MIRROR_ZONE_DMA32];

	mirror_test_marks(test, m, 0, 0, 0);
	set_bit(MIRROR_ZONE_BOOSTED, &dma32->flags);
	KUNIT_ASSERT_NOT_NULL(test, mirror_test_alloc(m, __MIRROR_GFP_KSWAPD_RECLAIM |
						      __MIRROR_GFP_DMA32, 0));
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_BOOSTED, &dma32->flags));
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &dma32->flags));
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &dma32[1].flags));
}

/* raising --------------------------------------------------------------------------- */

static bool boost(struct mirror_zone *zone)
{
	bool boosted;

	raw_spin_lock_irq(&zone->lock);
	boosted = mirror_boost_watermark(zone);
	raw_spin_unlock_irq(&zone->lock);
	return boosted;
}

struct limit {
	unsigned long high;	/* mark */
	unsigned int factor;
	unsigned long before;
	unsigned long after;
	bool boosted;
};

/* In steps of a pageblock, 32 pages, to so many 1/10000 of the high mark. */
static const struct limit limits[] = {
	{ 100, 10000, 0, 32, true },
	{ 100, 10000, 60, 92, true },
	{ 100, 10000, 68, 100, true },
	{ 100, 10000, 69, 100, true },
	{ 100, 10000, 100, 100, true },
	{ 10000, 10000, 9990, 10000, true },
	{ 10000, 15000, 14990, 15000, true },
	{ 33, 10000, 32, 33, true },
	/* A pageblock at least, unless it is nothing. */
	{ 31, 10000, 0, 32, true },
	{ 1, 10000, 32, 32, true },
	{ 1, 9999, 0, 0, false },
	{ 100, 99, 0, 0, false },
	{ 100, 100, 0, 32, true },
	{ 0, 15000, 5, 5, false },
	{ 100, 0, 5, 5, false },
	{ 10000, 1, 0, 32, true },
};

static void boost_ends_at_its_limit(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 6, 5, 256));
	unsigned int i;

	if (zone->m->policy != &mirror_policy_612)
		kunit_skip(test, "the boost is the policy's");
	for (i = 0; i < ARRAY_SIZE(limits); i++) {
		zone->watermark[MIRROR_WMARK_HIGH] = limits[i].high;
		zone->m->tunables.watermark_boost_factor = limits[i].factor;
		zone->watermark_boost = limits[i].before;
		KUNIT_EXPECT_EQ_MSG(test, boost(zone), limits[i].boosted, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, zone->watermark_boost, limits[i].after, "case %u", i);
	}
}

/* settings -------------------------------------------------------------------------- */

static void all_that_there_is_may_be_kept_free(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	unsigned long kbytes = 256ul << (PAGE_SHIFT - 10), min = m->tunables.min_free_kbytes;

	KUNIT_EXPECT_EQ(test, mirror_set_min_free_kbytes(m, kbytes + PAGE_SIZE / 1024),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, min);
	KUNIT_EXPECT_EQ(test, m->tunables.user_min_free_kbytes, -1);
	KUNIT_EXPECT_EQ(test, mirror_set_min_free_kbytes(m, kbytes), 0);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, kbytes);
	KUNIT_EXPECT_EQ(test, m->tunables.user_min_free_kbytes, (long)kbytes);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark[MIRROR_WMARK_MIN], 256);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->totalreserve, 256);
	KUNIT_EXPECT_EQ(test, mirror_set_min_free_kbytes(m, 0), 0);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark[MIRROR_WMARK_MIN], 0);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->totalreserve,
			normal_zone(m)->watermark[MIRROR_WMARK_HIGH]);
}

static void settings_have_their_bounds(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);

	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 3001), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 1), 0);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 3000), 0);
	KUNIT_EXPECT_EQ(test, m->tunables.watermark_scale_factor, 3000);
	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 7), -EINVAL);
	KUNIT_EXPECT_EQ(test, m->tunables.percpu_pagelist_high_fraction, 0);
	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 8), 0);
	KUNIT_EXPECT_EQ(test, m->tunables.percpu_pagelist_high_fraction, 8);
	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 0), 0);
	KUNIT_EXPECT_EQ(test, m->tunables.percpu_pagelist_high_fraction, 0);
}

/* All pages, and marks that do not rise, are as far as it goes. */
static void marks_may_be_alike_and_as_large_as_the_zone(struct kunit *test)
{
	static const unsigned long equal[] = { 256, 256, 256, 256 };
	static const unsigned long larger[] = { 0, 0, 0, 257 };
	static const unsigned long falling[] = { 1, 0, 2, 3 };
	static const unsigned long falling_last[] = { 0, 1, 3, 2 };
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_zone *zone = normal_zone(m);

	zone->watermark_boost = 9;
	KUNIT_EXPECT_EQ(test, mirror_set_zone_watermarks(m, zone, larger), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_set_zone_watermarks(m, zone, falling), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_set_zone_watermarks(m, zone, falling_last), -EINVAL);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 9);
	KUNIT_EXPECT_EQ(test, mirror_set_zone_watermarks(m, zone, equal), 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark[MIRROR_WMARK_MIN], 256);
	KUNIT_EXPECT_EQ(test, zone->watermark[MIRROR_WMARK_PROMO], 256);
	/* The high mark and the largest reserve, but no more than there is. */
	KUNIT_EXPECT_EQ(test, zone->node->totalreserve, 256);
}

static void total_reserve_adds_up_the_zones_of_a_node(struct kunit *test)
{
	static const unsigned long marks[] = { 1, 2, 40, 50 };
	static const unsigned int ratio[MIRROR_MAX_NR_ZONES] = { 0, 4 };
	struct mirror *m = make(test);
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		KUNIT_ASSERT_EQ(test, mirror_set_zone_watermarks(m, zone, marks), 0);
	KUNIT_ASSERT_EQ(test, mirror_set_lowmem_reserve_ratio(m, ratio), 0);
	/* DMA32 keeps a fourth of what is above it, 128 pages. */
	zone = &m->nodes[0]->zones[MIRROR_ZONE_DMA32];
	KUNIT_EXPECT_EQ(test, zone->lowmem_reserve[MIRROR_ZONE_NORMAL], 32);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->totalreserve, 40 + 32 + 40);
	KUNIT_EXPECT_EQ(test, m->nodes[1]->totalreserve, 40);
	zone->watermark_boost = 3;
	KUNIT_ASSERT_EQ(test, mirror_set_lowmem_reserve_ratio(m, ratio), 0);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->totalreserve, 43 + 32 + 40);
	zone->watermark_boost = 0;
}

static struct kunit_case boost_cases[] = {
	KUNIT_CASE(zone_above_is_not_asked_for),
	KUNIT_CASE(boost_ends_at_its_limit),
	KUNIT_CASE(all_that_there_is_may_be_kept_free),
	KUNIT_CASE(settings_have_their_bounds),
	KUNIT_CASE(marks_may_be_alike_and_as_large_as_the_zone),
	KUNIT_CASE(total_reserve_adds_up_the_zones_of_a_node),
	{}
};

static struct kunit_suite boost_suite = {
	.name = "mirror_boost",
	.test_cases = boost_cases,
};

kunit_test_suite(boost_suite);
