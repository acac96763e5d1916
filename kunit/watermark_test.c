// SPDX-License-Identifier: GPL-2.0
/*
 * Watermarks: how they follow from sizes and settings, and what they let pass.
 */
#include <linux/sizes.h>
#include "fixture.h"

struct marks {
	unsigned long nr_pages;
	unsigned long min, low, high, promo;
};

/*
 * One zone of 4 KiB pages with default settings. min is the square root of 16
 * times the KiB, at least 128 KiB; the distance a quarter of that or 1/1000 of
 * the zone.
 */
static const struct marks defaults[] = {
	{ 64, 32, 40, 48, 56 },
	{ 1024, 64, 80, 96, 112 },
	{ 4096, 128, 160, 192, 224 },
	{ 8192, 181, 226, 271, 316 },
	{ 32768, 362, 452, 542, 632 },
	{ 65536, 512, 640, 768, 896 },
	{ 262144, 1024, 1286, 1548, 1810 },
};

static void marks_desc(const struct marks *w, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lu pages", w->nr_pages);
}

KUNIT_ARRAY_PARAM(default, defaults, marks_desc);

static struct mirror *plain(struct kunit *test, unsigned long nr_pages)
{
	struct mirror_config conf;

	mirror_test_config(&conf, 10, 9);
	return mirror_test_range(test, &conf, TEST_PFN, nr_pages);
}

static void expect_marks(struct kunit *test, const struct mirror_zone *zone,
			 unsigned long min, unsigned long low, unsigned long high,
			 unsigned long promo)
{
	KUNIT_EXPECT_EQ(test, zone->watermark[MIRROR_WMARK_MIN], min);
	KUNIT_EXPECT_EQ(test, zone->watermark[MIRROR_WMARK_LOW], low);
	KUNIT_EXPECT_EQ(test, zone->watermark[MIRROR_WMARK_HIGH], high);
	KUNIT_EXPECT_EQ(test, zone->watermark[MIRROR_WMARK_PROMO], promo);
}

static void need_4k_pages(struct kunit *test)
{
	if (PAGE_SIZE != SZ_4K)
		kunit_skip(test, "the numbers are for pages of 4 KiB");
}

static void default_marks_follow_from_the_square_root(struct kunit *test)
{
	const struct marks *w = test->param_value;

	need_4k_pages(test);
	expect_marks(test, normal_zone(plain(test, w->nr_pages)), w->min, w->low,
		     w->high, w->promo);
}

static void min_free_kbytes_is_shared_by_zone_size(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror_zone *zones;

	need_4k_pages(test);
	mirror_test_config(&conf, 10, 9);
	conf.zone_pages[MIRROR_ZONE_DMA] = 1000;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 3000;
	conf.min_free_kbytes = 800;
	zones = mirror_test_range(test, &conf, TEST_PFN, 10000)->nodes[0]->zones;
	expect_marks(test, &zones[MIRROR_ZONE_DMA], 20, 25, 30, 35);
	expect_marks(test, &zones[MIRROR_ZONE_DMA32], 60, 75, 90, 105);
	expect_marks(test, &zones[MIRROR_ZONE_NORMAL], 120, 150, 180, 210);
}

/* Their own mark is a token, the distance is not. They are no lowmem either. */
static void high_zones_have_a_small_min(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror_zone *zones;

	need_4k_pages(test);
	mirror_test_config(&conf, 10, 9);
	conf.zone_pages[MIRROR_ZONE_NORMAL] = 8000;
	conf.zone_pages[MIRROR_ZONE_HIGHMEM] = 65536;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	conf.min_free_kbytes = 1600;
	zones = mirror_test_range(test, &conf, TEST_PFN,
				  8000 + 65536 + 8000)->nodes[0]->zones;
	expect_marks(test, &zones[MIRROR_ZONE_NORMAL], 400, 500, 600, 700);
	expect_marks(test, &zones[MIRROR_ZONE_HIGHMEM], 64, 64 + 819, 64 + 1638,
		     64 + 2457);
	expect_marks(test, &zones[MIRROR_ZONE_MOVABLE], 32, 132, 232, 332);
}

static void high_zone_min_is_at_most_128_pages(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 10, 9);
	conf.zone_pages[MIRROR_ZONE_NORMAL] = 1024;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	m = mirror_test_range(test, &conf, TEST_PFN, 200 << 10);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->zones[MIRROR_ZONE_MOVABLE].watermark[0],
			128);
}

/* With no lowmem there is no reserve to have a share of. */
static void high_zones_alone_have_marks_they_can_keep(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	need_4k_pages(test);
	mirror_test_config(&conf, 10, 9);
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	m = mirror_test_range(test, &conf, TEST_PFN, 65536);
	expect_marks(test, &m->nodes[0]->zones[MIRROR_ZONE_MOVABLE], 64, 64 + 65,
		     64 + 130, 64 + 195);
}

static void scale_factor_sets_the_distance(struct kunit *test)
{
	struct mirror *m = plain(test, 65536);

	need_4k_pages(test);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 3001), -EINVAL);
	expect_marks(test, normal_zone(m), 512, 640, 768, 896);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 100), 0);
	expect_marks(test, normal_zone(m), 512, 512 + 655, 512 + 1310, 512 + 1965);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 3000), 0);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark[MIRROR_WMARK_LOW],
			512 + 19660);
}

static void min_free_kbytes_can_be_set(struct kunit *test)
{
	struct mirror *m = plain(test, 65536);

	need_4k_pages(test);
	KUNIT_EXPECT_EQ(test, mirror_set_min_free_kbytes(m, (65536 + 1) * 4), -EINVAL);
	expect_marks(test, normal_zone(m), 512, 640, 768, 896);
	KUNIT_EXPECT_EQ(test, mirror_set_min_free_kbytes(m, 4000), 0);
	expect_marks(test, normal_zone(m), 1000, 1250, 1500, 1750);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 20), 0);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark[MIRROR_WMARK_MIN], 1000);
	KUNIT_EXPECT_EQ(test, mirror_set_min_free_kbytes(m, 0), 0);
	expect_marks(test, normal_zone(m), 0, 131, 262, 393);
}

static void new_marks_end_the_boost(struct kunit *test)
{
	struct mirror *m = plain(test, 65536);

	normal_zone(m)->watermark_boost = 100;
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 10), 0);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark_boost, 0);
}

static void marks_that_fall_or_exceed_the_zone_are_refused(struct kunit *test)
{
	static const unsigned long bad[][MIRROR_NR_WMARK] = {
		{ 20, 10, 30, 40 }, { 10, 30, 20, 40 }, { 10, 20, 40, 30 },
		{ 10, 20, 30, 1025 }, { 1025, 1025, 1025, 1025 },
	};
	static const unsigned long good[MIRROR_NR_WMARK] = { 10, 10, 1024, 1024 };
	struct mirror *m = plain(test, 1024);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int i;

	need_4k_pages(test);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, mirror_set_zone_watermarks(m, zone, bad[i]),
				-EINVAL);
	expect_marks(test, zone, 64, 80, 96, 112);
	KUNIT_EXPECT_EQ(test, mirror_set_zone_watermarks(m, zone, good), 0);
	expect_marks(test, zone, 10, 10, 1024, 1024);
}

/* reserves between zones --------------------------------------------------- */

static struct mirror_node *four_zones(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 10, 9);
	conf.zone_pages[MIRROR_ZONE_DMA] = 1024;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 2048;
	conf.zone_pages[MIRROR_ZONE_MOVABLE] = 512;
	m = mirror_test_range(test, &conf, TEST_PFN, 1024 + 2048 + 4096 + 512);
	mirror_test_marks(test, m, 0, 0, 10);
	return m->nodes[0];
}

static void expect_reserve(struct kunit *test, const struct mirror_zone *zone,
			   const long *want)
{
	unsigned int i;

	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		KUNIT_EXPECT_EQ_MSG(test, zone->lowmem_reserve[i], want[i],
				    "zone %d from %u", zone->type, i);
}

static void lower_zones_are_reserved_by_what_is_above(struct kunit *test)
{
	static const long dma[] = { 0, 8, 24, 24, 26 };
	static const long dma32[] = { 0, 0, 16, 16, 18 };
	static const long normal[] = { 0, 0, 0, 0, 16 };
	static const long none[MIRROR_MAX_NR_ZONES];
	struct mirror_node *node = four_zones(test);

	expect_reserve(test, &node->zones[MIRROR_ZONE_DMA], dma);
	expect_reserve(test, &node->zones[MIRROR_ZONE_DMA32], dma32);
	expect_reserve(test, &node->zones[MIRROR_ZONE_NORMAL], normal);
	expect_reserve(test, &node->zones[MIRROR_ZONE_HIGHMEM], none);
	expect_reserve(test, &node->zones[MIRROR_ZONE_MOVABLE], none);
	KUNIT_EXPECT_EQ(test, node->totalreserve, 36 + 28 + 26 + 0 + 10);
}

static void ratio_of_zero_reserves_nothing(struct kunit *test)
{
	static const unsigned int ratio[] = { 0, 2, 1, 0, 0 };
	static const long dma[MIRROR_MAX_NR_ZONES];
	static const long dma32[] = { 0, 0, 2048, 2048, 2304 };
	static const long normal[] = { 0, 0, 0, 0, 512 };
	struct mirror_node *node = four_zones(test);

	KUNIT_EXPECT_EQ(test, mirror_set_lowmem_reserve_ratio(node->m, ratio), 0);
	expect_reserve(test, &node->zones[MIRROR_ZONE_DMA], dma);
	expect_reserve(test, &node->zones[MIRROR_ZONE_DMA32], dma32);
	expect_reserve(test, &node->zones[MIRROR_ZONE_NORMAL], normal);
	/* DMA32 cannot reserve more than it has. */
	KUNIT_EXPECT_EQ(test, node->totalreserve, 10 + 2048 + 522 + 0 + 10);
}

static struct mirror_node *five_zones(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 10, 9);
	conf.zone_pages[MIRROR_ZONE_DMA] = 1024;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 2048;
	conf.zone_pages[MIRROR_ZONE_NORMAL] = 4096;
	conf.zone_pages[MIRROR_ZONE_HIGHMEM] = 8192;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	m = mirror_test_range(test, &conf, TEST_PFN, 31 * 1024);
	mirror_test_marks(test, m, 0, 0, 100);
	return m->nodes[0];
}

/* 1, 2, 4, 8 and 16 Ki pages; only what is above counts, and HIGHMEM's own ratio. */
static void five_zones_by_what_is_above_each(struct kunit *test)
{
	static const unsigned int ratio[] = { 64, 32, 16, 8, 1 };
	static const long dma[] = { 0, 32, 96, 224, 480 };
	static const long dma32[] = { 0, 0, 128, 384, 896 };
	static const long normal[] = { 0, 0, 0, 512, 1536 };
	static const long highmem[] = { 0, 0, 0, 0, 2048 };
	static const long movable[MIRROR_MAX_NR_ZONES];
	struct mirror_node *node = five_zones(test);

	KUNIT_ASSERT_EQ(test, mirror_set_lowmem_reserve_ratio(node->m, ratio), 0);
	expect_reserve(test, &node->zones[MIRROR_ZONE_DMA], dma);
	expect_reserve(test, &node->zones[MIRROR_ZONE_DMA32], dma32);
	expect_reserve(test, &node->zones[MIRROR_ZONE_NORMAL], normal);
	expect_reserve(test, &node->zones[MIRROR_ZONE_HIGHMEM], highmem);
	expect_reserve(test, &node->zones[MIRROR_ZONE_MOVABLE], movable);
	KUNIT_EXPECT_EQ(test, node->totalreserve,
			480 + 896 + 1536 + 2048 + 5 * 100);
}

/* The ratios that a mirror has at first are those of the reference. */
static void first_ratios_are_the_references(struct kunit *test)
{
	static const unsigned int want[] = { 256, 256, 32, 0, 0 };
	struct mirror *m = five_zones(test)->m;
	unsigned int i;

	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		KUNIT_EXPECT_EQ_MSG(test, m->tunables.lowmem_reserve_ratio[i],
				    want[i], "zone %u", i);
}

/* A ratio that changes while pages are taken holds for the next request. */
static void ratio_at_run_time_opens_and_closes_a_zone(struct kunit *test)
{
	static const unsigned int all[] = { 1, 1, 1, 1, 1 };
	static const unsigned int none[MIRROR_MAX_NR_ZONES];
	struct mirror_node *node = five_zones(test);
	struct mirror_zone *normal = &node->zones[MIRROR_ZONE_NORMAL];

	KUNIT_EXPECT_EQ(test, mirror_set_lowmem_reserve_ratio(node->m, all), 0);
	/* 24 Ki pages are above, and it has four. */
	KUNIT_EXPECT_FALSE(test, mirror_watermark_ok_now(normal, 0, 0,
							 MIRROR_ZONE_MOVABLE, 0));
	KUNIT_EXPECT_FALSE(test, mirror_watermark_ok_now(normal, 0, 0,
							 MIRROR_ZONE_HIGHMEM, 0));
	KUNIT_EXPECT_TRUE(test, mirror_watermark_ok_now(normal, 0, 0,
							MIRROR_ZONE_NORMAL, 0));
	KUNIT_EXPECT_EQ(test, mirror_set_lowmem_reserve_ratio(node->m, none), 0);
	KUNIT_EXPECT_TRUE(test, mirror_watermark_ok_now(normal, 0, 0,
							MIRROR_ZONE_MOVABLE, 0));
	KUNIT_EXPECT_EQ(test, node->totalreserve, 5 * 100);
}

/* Two empty zones in between: what lies above them counts all the same. */
static void empty_zones_in_between_pass_the_reserve_on(struct kunit *test)
{
	static const long dma[] = { 0, 0, 0, 0, 64 };
	static const long none[MIRROR_MAX_NR_ZONES];
	struct mirror_config conf;
	struct mirror_node *node;
	unsigned int type;
	struct mirror *m;

	mirror_test_config(&conf, 10, 9);
	conf.zone_pages[MIRROR_ZONE_DMA] = 1024;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	m = mirror_test_range(test, &conf, TEST_PFN, 17 * 1024);
	node = m->nodes[0];
	expect_reserve(test, &node->zones[MIRROR_ZONE_DMA], dma);
	for (type = MIRROR_ZONE_DMA32; type < MIRROR_MAX_NR_ZONES; type++)
		expect_reserve(test, &node->zones[type], none);
	mirror_test_marks(test, m, 0, 0, 100);
	KUNIT_EXPECT_EQ(test, node->totalreserve, 64 + 2 * 100);
}

/* Each node by itself: the other's zones are not above anything here. */
static void reserves_do_not_look_at_other_nodes(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 4096, 0 },
		{ TEST_PFN + 4096, TEST_PFN + 4096 + 8192, 1 },
	};
	static const long none[MIRROR_MAX_NR_ZONES];
	static const long normal[] = { 0, 0, 0, 0, 4096 / 32 };
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 10, 9);
	conf.section_order = 12;
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.nr_nodes = 2;
	conf.zone_pages[MIRROR_ZONE_NORMAL] = 8192;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	m = mirror_test_create(test, &conf);
	mirror_test_marks(test, m, 0, 0, 100);
	expect_reserve(test, &m->nodes[0]->zones[MIRROR_ZONE_NORMAL], none);
	expect_reserve(test, &m->nodes[1]->zones[MIRROR_ZONE_NORMAL], normal);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->totalreserve, 100);
	KUNIT_EXPECT_EQ(test, m->nodes[1]->totalreserve, 128 + 2 * 100);
}

static void empty_zone_reserves_nothing(struct kunit *test)
{
	static const long none[MIRROR_MAX_NR_ZONES];
	struct mirror *m = plain(test, 65536);

	expect_reserve(test, normal_zone(m) - 1, none);
}

static struct kunit_case watermark_cases[] = {
	KUNIT_CASE_PARAM(default_marks_follow_from_the_square_root,
			 default_gen_params),
	KUNIT_CASE(min_free_kbytes_is_shared_by_zone_size),
	KUNIT_CASE(high_zones_have_a_small_min),
	KUNIT_CASE(high_zone_min_is_at_most_128_pages),
	KUNIT_CASE(high_zones_alone_have_marks_they_can_keep),
	KUNIT_CASE(scale_factor_sets_the_distance),
	KUNIT_CASE(min_free_kbytes_can_be_set),
	KUNIT_CASE(new_marks_end_the_boost),
	KUNIT_CASE(marks_that_fall_or_exceed_the_zone_are_refused),
	KUNIT_CASE(lower_zones_are_reserved_by_what_is_above),
	KUNIT_CASE(ratio_of_zero_reserves_nothing),
	KUNIT_CASE(empty_zone_reserves_nothing),
	KUNIT_CASE(five_zones_by_what_is_above_each),
	KUNIT_CASE(first_ratios_are_the_references),
	KUNIT_CASE(ratio_at_run_time_opens_and_closes_a_zone),
	KUNIT_CASE(empty_zones_in_between_pass_the_reserve_on),
	KUNIT_CASE(reserves_do_not_look_at_other_nodes),
	{}
};

static struct kunit_suite watermark_suite = {
	.name = "mirror_watermark",
	.test_cases = watermark_cases,
};

kunit_test_suite(watermark_suite);
