// SPDX-License-Identifier: GPL-2.0
/*
 * A mirror at its beginning: what a configuration says where nobody said anything, and
 * that a reset brings all of it back.
 */
#include "fixture.h"

/* As an amd64 kernel without CMA would print it. */
static void plain_configuration_is_that_of_linux(struct kunit *test)
{
	struct mirror_config conf;
	unsigned int i;

	memset(&conf, 0xff, sizeof(conf));
	mirror_config_default(&conf);
	KUNIT_EXPECT_NULL(test, conf.ranges);
	KUNIT_EXPECT_EQ(test, conf.nr_ranges, 0);
	KUNIT_EXPECT_EQ(test, conf.max_order, 10);
	KUNIT_EXPECT_EQ(test, conf.pb_order, 9);
	KUNIT_EXPECT_EQ(test, 1ul << conf.section_order, (128ul << 20) / PAGE_SIZE);
	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		KUNIT_EXPECT_EQ(test, conf.zone_pages[i], 0);
	KUNIT_EXPECT_EQ(test, conf.rest_zone, MIRROR_ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, conf.nr_nodes, 0);
	KUNIT_EXPECT_NULL(test, conf.distance);
	KUNIT_EXPECT_NULL(test, conf.cpu_node);
	KUNIT_EXPECT_FALSE(test, conf.cpus_late);
	KUNIT_EXPECT_NULL(test, conf.policy);
	KUNIT_EXPECT_EQ(test, conf.min_free_kbytes, 0);
	KUNIT_EXPECT_EQ(test, conf.watermark_scale_factor, 10);
	/* All zones but HIGHMEM, and DEVICE; all types but CMA. */
	KUNIT_EXPECT_EQ(test, conf.print_zones, 0x3f & ~BIT(MIRROR_ZONE_HIGHMEM));
	KUNIT_EXPECT_EQ(test, conf.print_types, 0x3f & ~BIT(CMA));
}

static void tunables_are_those_of_linux(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 6, 5);
	conf.watermark_scale_factor = 0;
	m = mirror_test_range(test, &conf, TEST_PFN, 1024);
	KUNIT_EXPECT_EQ(test, m->tunables.watermark_scale_factor, 10);
	KUNIT_EXPECT_EQ(test, m->tunables.user_min_free_kbytes, -1);
	KUNIT_EXPECT_EQ(test, m->tunables.percpu_pagelist_high_fraction, 0);
	KUNIT_EXPECT_EQ(test, m->tunables.stat_interval, 1);
	KUNIT_EXPECT_EQ(test, m->tunables.lowmem_reserve_ratio[MIRROR_ZONE_HIGHMEM], 0);
	KUNIT_EXPECT_EQ(test, m->tunables.lowmem_reserve_ratio[MIRROR_ZONE_MOVABLE], 0);
	conf.watermark_scale_factor = 11;
	conf.min_free_kbytes = 1000;
	m = mirror_test_range(test, &conf, TEST_PFN, 1024);
	KUNIT_EXPECT_EQ(test, m->tunables.watermark_scale_factor, 11);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, 1000);
	KUNIT_EXPECT_EQ(test, m->tunables.user_min_free_kbytes, 1000);
	KUNIT_EXPECT_EQ(test, m->bad.moving, MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, m->nr_freeable, m->nr_desc);
}

/* reset ----------------------------------------------------------------------------- */

static void reset_forgets_what_zones_went_through(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 256);
	struct mirror_zone *zone;
	unsigned int i, type;

	mirror_for_each_populated_zone(m, zone, i) {
		u32 first = 256 * zone->node->nid;

		mirror_test_set_type(zone, first + 64, HIGHATOMIC);
		mirror_test_set_type(zone, first + 128, CMA);
		zone->watermark_boost = 5;
		zone->percpu_drift_mark = 1000;
		zone->flags = BIT(MIRROR_ZONE_BELOW_HIGH) | BIT(MIRROR_ZONE_KSWAPD_DUE);
	}
	KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
	mirror_for_each_populated_zone(m, zone, i) {
		KUNIT_EXPECT_EQ(test, zone->flags, 0);
		KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
		KUNIT_EXPECT_NE(test, zone->percpu_drift_mark, 1000);
		KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
		KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic, 0);
		KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, MIRROR_NR_FREE_CMA), 0);
		KUNIT_EXPECT_EQ(test, zone_free(zone), 256);
		for (type = 0; type < MIRROR_MIGRATE_TYPES; type++)
			KUNIT_EXPECT_EQ(test, zone->free_mask[type],
					type == MOVABLE ? BIT(6) : 0);
	}
	for (i = 0; i < 512; i += 32)
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, i), MOVABLE);
}

/* One page that somebody holds, be it the last of the last zone. */
static void reset_waits_for_the_last_page(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 256);
	struct mirror_zone *zone = &m->nodes[1]->zones[MIRROR_ZONE_NORMAL];
	struct mirror_page *page = mirror_test_take(zone, 0, MOVABLE);
	struct mirror_page *before = mirror_test_snapshot(test, m);

	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
	mirror_test_give(zone, page);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
}

/* Heads on per-CPU lists must be tails again after a reset, or the validator sees them. */
static void expect_reset_from_lists(struct kunit *test, unsigned int order, int mt)
{
	struct mirror *m = mirror_test_flat(test, 10, 9, 4096);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	struct mirror_page *pages[2];
	struct mirror_check check;
	unsigned int i;

	pcp->high_min = 4096;
	pcp->high_max = 4096;
	pcp->high = 4096;
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = mirror_test_take(zone, order, MOVABLE);
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
	}
	if (mt != MOVABLE)
		mirror_test_set_type(zone, idx_of(m, pages[0]), mt);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		KUNIT_ASSERT_EQ(test, mirror_core_free(m, pages[i], order), 0);
	KUNIT_EXPECT_EQ(test, pcp->lists[mirror_pcp_index(mt, order)].nr, 2);
	KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_check(m, &check), 0);
	EXPECT_FREE_LIST(test, zone, 10, MOVABLE, 0, 1024, 2048, 3072);
}

static void reset_empties_all_per_cpu_lists(struct kunit *test)
{
	unsigned int order, mt;

	for (order = 0; order <= 3; order++)
		for (mt = 0; mt < MIRROR_PCP_TYPES; mt++)
			expect_reset_from_lists(test, order, mt);
	KUNIT_EXPECT_EQ(test, mirror_pcp_index(MOVABLE, 9), MIRROR_NR_PCP_LISTS - 1);
	expect_reset_from_lists(test, 9, MOVABLE);
}

static struct kunit_case fresh_cases[] = {
	KUNIT_CASE(plain_configuration_is_that_of_linux),
	KUNIT_CASE(tunables_are_those_of_linux),
	KUNIT_CASE(reset_forgets_what_zones_went_through),
	KUNIT_CASE(reset_waits_for_the_last_page),
	KUNIT_CASE(reset_empties_all_per_cpu_lists),
	{}
};

static struct kunit_suite fresh_suite = {
	.name = "mirror_fresh",
	.test_cases = fresh_cases,
};

kunit_test_suite(fresh_suite);
