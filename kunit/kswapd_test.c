// SPDX-License-Identifier: GPL-2.0
/*
 * kswapd of a node: what it is asked for, when it is woken, what a run changes, and when
 * it gives a node up.
 */
#include "fixture.h"

#define DIRECT		__MIRROR_GFP_DIRECT_RECLAIM
#define HOPELESS	16
#define NO_ZONE		MIRROR_KSWAPD_NO_ZONE

static unsigned long runs(const struct mirror *m)
{
	return mirror_node_events(m, MIRROR_EVENT_pageoutrun);
}

static unsigned long hit_high(const struct mirror *m)
{
	return mirror_node_events(m, MIRROR_EVENT_kswapd_high_wmark_hit_quickly);
}

/* 256 pages of DMA32 and 256 of NORMAL on node 0, all free, and marks of 0. */
static struct mirror *make(struct kunit *test)
{
	static const struct mirror_range range = { TEST_PFN, TEST_PFN + 512, 0 };
	struct mirror *m = mirror_test_with_dma32(test, &range, 1);

	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	return m;
}

static struct mirror_zone *dma32_zone(struct mirror *m)
{
	return &m->nodes[0]->zones[MIRROR_ZONE_DMA32];
}

static bool awake(const struct mirror_node *node)
{
	return test_bit(MIRROR_KSWAPD_AWAKE, &node->kswapd_flags);
}

/* No zone is above its high mark: that is all it has. */
static void unbalance(struct kunit *test, struct mirror *m)
{
	mirror_test_marks(test, m, 0, 0, 256);
}

static void wake(struct mirror_zone *zone, unsigned int order)
{
	mirror_wakeup_kswapd(zone, DIRECT, order, zone->type);
}

/* being asked ----------------------------------------------------------------------- */

static void largest_order_and_highest_zone_are_noted(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];

	KUNIT_EXPECT_EQ(test, node->kswapd_highest_zoneidx, NO_ZONE);
	wake(dma32_zone(m), 2);
	KUNIT_EXPECT_EQ(test, node->kswapd_highest_zoneidx, MIRROR_ZONE_DMA32);
	KUNIT_EXPECT_EQ(test, node->kswapd_order, 2);
	wake(normal_zone(m), 1);
	KUNIT_EXPECT_EQ(test, node->kswapd_highest_zoneidx, MIRROR_ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, node->kswapd_order, 2);
	wake(dma32_zone(m), 3);
	KUNIT_EXPECT_EQ(test, node->kswapd_highest_zoneidx, MIRROR_ZONE_NORMAL);
	KUNIT_EXPECT_EQ(test, node->kswapd_order, 3);
}

/* The note stays for the next time; so does that for kcompactd, of who cannot wait. */
static void balanced_node_is_not_woken(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];

	wake(normal_zone(m), 3);
	KUNIT_EXPECT_FALSE(test, awake(node));
	KUNIT_EXPECT_EQ(test, node->kswapd_order, 3);
	KUNIT_EXPECT_EQ(test, node->kcompactd_max_order, 0);
	mirror_wakeup_kswapd(dma32_zone(m), 0, 0, MIRROR_ZONE_DMA32);
	KUNIT_EXPECT_EQ(test, node->kcompactd_max_order, 0);
	mirror_wakeup_kswapd(dma32_zone(m), 0, 2, MIRROR_ZONE_DMA32);
	KUNIT_EXPECT_EQ(test, node->kcompactd_max_order, 2);
	KUNIT_EXPECT_EQ(test, node->kcompactd_highest_zoneidx, MIRROR_ZONE_DMA32);
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_EQ(test, runs(m), 0);
	KUNIT_EXPECT_EQ(test, node->kswapd_order, 3);
}

/* One balanced zone is enough, and those above the request do not count. */
static void one_balanced_zone_is_enough(struct kunit *test)
{
	static const unsigned long high[] = { 0, 0, 256, 256 };
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];

	KUNIT_ASSERT_EQ(test, mirror_set_zone_watermarks(m, normal_zone(m), high), 0);
	dma32_zone(m)->lowmem_reserve[MIRROR_ZONE_NORMAL] = 0;
	KUNIT_EXPECT_TRUE(test, mirror_node_balanced(node, 0, MIRROR_ZONE_NORMAL));
	KUNIT_EXPECT_TRUE(test, mirror_node_balanced(node, 0, MIRROR_ZONE_DMA));
	dma32_zone(m)->lowmem_reserve[MIRROR_ZONE_NORMAL] = 256;
	KUNIT_EXPECT_FALSE(test, mirror_node_balanced(node, 0, MIRROR_ZONE_NORMAL));
	KUNIT_EXPECT_TRUE(test, mirror_node_balanced(node, 0, MIRROR_ZONE_DMA32));
	dma32_zone(m)->watermark_boost = 256;
	KUNIT_EXPECT_FALSE(test, mirror_node_balanced(node, 0, MIRROR_ZONE_DMA32));
	dma32_zone(m)->watermark_boost = 0;
}

static void boost_wakes_for_its_zone_and_those_above(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];

	normal_zone(m)->watermark_boost = 7;
	wake(dma32_zone(m), 0);
	KUNIT_EXPECT_FALSE(test, awake(node));
	wake(normal_zone(m), 0);
	KUNIT_EXPECT_TRUE(test, awake(node));
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_FALSE(test, awake(node));
	dma32_zone(m)->watermark_boost = 7;
	wake(normal_zone(m), 0);
	KUNIT_EXPECT_TRUE(test, awake(node));
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_EQ(test, dma32_zone(m)->watermark_boost, 0);
}

static void count_wake(void *arg)
{
	++*(unsigned int *)arg;
}

static void host_hears_of_a_wake_up_once(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int wakes = 0;

	m->wake_kswapd = count_wake;
	m->wake_kswapd_arg = &wakes;
	wake(normal_zone(m), 0);
	KUNIT_EXPECT_EQ(test, wakes, 0);
	normal_zone(m)->watermark_boost = 7;
	wake(normal_zone(m), 0);
	wake(normal_zone(m), 0);
	KUNIT_EXPECT_EQ(test, wakes, 1);
	mirror_serve_kswapd(m);
	normal_zone(m)->watermark_boost = 7;
	wake(normal_zone(m), 0);
	KUNIT_EXPECT_EQ(test, wakes, 2);
	normal_zone(m)->watermark_boost = 0;
	m->wake_kswapd = NULL;
}

/* running --------------------------------------------------------------------------- */

static void run_ends_boosts_up_to_the_highest_zone(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];

	dma32_zone(m)->watermark_boost = 7;
	normal_zone(m)->watermark_boost = 9;
	wake(dma32_zone(m), 0);
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_EQ(test, dma32_zone(m)->watermark_boost, 0);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark_boost, 9);
	KUNIT_EXPECT_EQ(test, node->kswapd_failures, 1);
	KUNIT_EXPECT_EQ(test, node->kcompactd_max_order, m->pb_order);
	KUNIT_EXPECT_EQ(test, node->kswapd_highest_zoneidx, NO_ZONE);
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &dma32_zone(m)->flags));
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &dma32_zone(m)->flags));
	wake(normal_zone(m), 0);
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark_boost, 0);
	KUNIT_EXPECT_EQ(test, runs(m), 2);
	KUNIT_EXPECT_EQ(test, hit_high(m), 0);
}

/* It goes on until it gives up; then nobody wakes it, and boosts stay. */
static void unbalanced_node_becomes_hopeless(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];

	unbalance(test, m);
	wake(normal_zone(m), 0);
	KUNIT_EXPECT_TRUE(test, awake(node));
	KUNIT_EXPECT_FALSE(test, mirror_node_hopeless(node));
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_EQ(test, node->kswapd_failures, HOPELESS);
	KUNIT_EXPECT_TRUE(test, mirror_node_hopeless(node));
	KUNIT_EXPECT_EQ(test, runs(m), HOPELESS);
	KUNIT_EXPECT_EQ(test, hit_high(m), HOPELESS - 1);
	normal_zone(m)->watermark_boost = 7;
	wake(normal_zone(m), 0);
	KUNIT_EXPECT_FALSE(test, awake(node));
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark_boost, 7);
}

/* Enough without the boost: a boost alone must not keep itself alive. */
static void node_with_enough_is_hopeless_no_more(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];

	unbalance(test, m);
	wake(normal_zone(m), 0);
	mirror_serve_kswapd(m);
	KUNIT_ASSERT_TRUE(test, mirror_node_hopeless(node));
	mirror_test_marks(test, m, 0, 0, 255);
	normal_zone(m)->watermark_boost = 7;
	wake(normal_zone(m), 0);
	KUNIT_EXPECT_TRUE(test, awake(node));
	KUNIT_EXPECT_EQ(test, node->kswapd_failures, 0);
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->watermark_boost, 0);
	KUNIT_EXPECT_EQ(test, node->kswapd_failures, 1);
}

/* What was asked for fails; then single pages are all that is asked for. */
static void large_order_is_tried_once(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];
	struct mirror_page **pages;
	unsigned int i, nr;

	nr = mirror_test_take_all(test, dma32_zone(m), &pages);
	for (i = 0; i < nr; i += 2)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, pages[i], 0), 0);
	wake(dma32_zone(m), 1);
	KUNIT_ASSERT_TRUE(test, awake(node));
	mirror_serve_kswapd(m);
	KUNIT_EXPECT_EQ(test, node->kswapd_failures, 1);
	KUNIT_EXPECT_EQ(test, runs(m), 1);
	KUNIT_EXPECT_FALSE(test, awake(node));
}

static void reset_forgets(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_node *node = m->nodes[0];

	unbalance(test, m);
	mirror_wakeup_kswapd(normal_zone(m), 0, 4, MIRROR_ZONE_NORMAL);
	mirror_serve_kswapd(m);
	wake(normal_zone(m), 4);
	KUNIT_ASSERT_TRUE(test, mirror_node_hopeless(node));
	KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, node->kswapd_failures, 0);
	KUNIT_EXPECT_EQ(test, node->kswapd_order, 0);
	KUNIT_EXPECT_EQ(test, node->kswapd_highest_zoneidx, NO_ZONE);
	KUNIT_EXPECT_EQ(test, runs(m), 0);
}

/* counters and mobility ------------------------------------------------------------- */

static void cpu_that_left_something_behind_is_found(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zonestat *stat;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		mirror_fold_cpu(m, cpu);
	for_each_possible_cpu(cpu) {
		KUNIT_EXPECT_FALSE(test, mirror_cpu_has_diffs(m, cpu));
		stat = per_cpu_ptr(normal_zone(m)->stat, cpu);
		stat->diff[MIRROR_NR_FREE_CMA] = -1;
		KUNIT_EXPECT_TRUE(test, mirror_cpu_has_diffs(m, cpu));
		stat->diff[MIRROR_NR_FREE_CMA] = 0;
	}
}

/* Five pageblocks of 32; what the files print is another matter. */
static void grouping_needs_a_pageblock_of_each_type(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 5, 5);
	conf.print_types = BIT(MOVABLE);
	m = mirror_test_range(test, &conf, TEST_PFN, 128);
	KUNIT_EXPECT_TRUE(test, m->mobility_off);
	conf.print_types = 0x3f;
	m = mirror_test_range(test, &conf, TEST_PFN, 160);
	KUNIT_EXPECT_FALSE(test, m->mobility_off);
	/* With marks it is what lies above the high ones. */
	mirror_test_marks(test, m, 0, 0, 1);
	mirror_update_mobility(m);
	KUNIT_EXPECT_TRUE(test, m->mobility_off);
	mirror_test_marks(test, m, 0, 0, 0);
	mirror_update_mobility(m);
	KUNIT_EXPECT_FALSE(test, m->mobility_off);
}

static struct kunit_case kswapd_cases[] = {
	KUNIT_CASE(largest_order_and_highest_zone_are_noted),
	KUNIT_CASE(balanced_node_is_not_woken),
	KUNIT_CASE(one_balanced_zone_is_enough),
	KUNIT_CASE(boost_wakes_for_its_zone_and_those_above),
	KUNIT_CASE(host_hears_of_a_wake_up_once),
	KUNIT_CASE(run_ends_boosts_up_to_the_highest_zone),
	KUNIT_CASE(unbalanced_node_becomes_hopeless),
	KUNIT_CASE(node_with_enough_is_hopeless_no_more),
	KUNIT_CASE(large_order_is_tried_once),
	KUNIT_CASE(reset_forgets),
	KUNIT_CASE(cpu_that_left_something_behind_is_found),
	KUNIT_CASE(grouping_needs_a_pageblock_of_each_type),
	{}
};

static struct kunit_suite kswapd_suite = {
	.name = "mirror_kswapd",
	.test_cases = kswapd_cases,
};

kunit_test_suite(kswapd_suite);
