// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists under pressure and over time: what lowers "high", and what the
 * statistics tick takes away from an idle CPU.
 */
#include "fixture.h"

static struct mirror_pcp *tune(struct mirror_zone *zone, int batch, int high_min,
			       int high_max)
{
	struct mirror_pcp *pcp = this_pcp(zone);

	pcp->batch = batch;
	pcp->high_min = high_min;
	pcp->high_max = high_max;
	pcp->high = high_min;
	return pcp;
}

static struct mirror_zone *large_zone(struct kunit *test)
{
	return normal_zone(mirror_test_flat(test, 10, 9, 1 << 13));
}

static void free_fresh(struct kunit *test, struct mirror_zone *zone,
		       unsigned int nr)
{
	struct mirror_page *page;

	while (nr--) {
		page = mirror_test_take(zone, 0, MOVABLE);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_ASSERT_EQ(test, mirror_free_pages(zone->m, page, 0), 0);
	}
}

static void tick(struct mirror *m)
{
	mirror_fold_cpu(m, raw_smp_processor_id());
	mirror_pcp_tick(m, raw_smp_processor_id());
}

static void frees_below_the_high_mark_shrink_the_list(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 2, 8, 100);

	free_fresh(test, zone, 20);
	pcp->high = 50;
	pcp->free_count = 2;
	set_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
	mirror_test_marks(test, zone->m, 0, 0, zone->managed);
	tune(zone, 2, 8, 100)->high = 50;
	pcp->count = pcp->lists[mirror_pcp_index(MOVABLE, 0)].nr;
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->high, 50 - 3);
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags));
}

static void flush_notices_that_the_zone_is_whole_again(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 2, 8, 100);

	set_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
	free_fresh(test, zone, 7);
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags));
	KUNIT_EXPECT_EQ(test, pcp->count, 7);
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags));
	KUNIT_EXPECT_EQ(test, pcp->count, 2);
}

static void reclaim_limits_the_list_to_four_batches(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 2, 6, 100);

	pcp->high = 60;
	set_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &zone->flags);
	free_fresh(test, zone, 7);
	KUNIT_EXPECT_EQ(test, pcp->count, 7);
	/* 2, 2, 3, 4, 5, 6 and 7 less than before */
	KUNIT_EXPECT_EQ(test, pcp->high, 60 - 29);
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->count, 2);
}

static void full_list_grows_to_hold_what_is_freed_in_a_row(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 2, 8, 100);

	free_fresh(test, zone, 7);
	pcp->free_count = 20;
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->high, 23);
	pcp->free_count = 63;
	pcp->high = 8;
	free_fresh(test, zone, 8);
	KUNIT_EXPECT_LE(test, pcp->high, 66);
}

static void fixed_high_stays(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 2, 8, 8);

	set_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
	free_fresh(test, zone, 40);
	KUNIT_EXPECT_EQ(test, pcp->high, 8);
}

static void list_of_no_pages_frees_at_once(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 1, 0, 0);

	free_fresh(test, zone, 3);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
	KUNIT_EXPECT_EQ(test, zone_free(zone), zone->managed);
}

/* the tick ----------------------------------------------------------------- */

static void high_sinks_by_an_eighth_a_tick(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 1, 10, 1000);

	pcp->high = 800;
	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->high, 700);
	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->high, 700 - 87);
	pcp->high = 11;
	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->high, 10);
	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->high, 10);
}

static void pages_above_high_go_with_the_tick(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 10, 1000);

	pcp->high = 1000;
	free_fresh(test, zone, 100);
	KUNIT_EXPECT_EQ(test, pcp->count, 100);
	pcp->high = 100;
	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->high, 88);
	KUNIT_EXPECT_EQ(test, pcp->count, 88);
}

/* No more than 32 batches at once. */
static void tick_takes_a_bounded_number(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 1, 10, 1000);

	pcp->high = 1000;
	free_fresh(test, zone, 200);
	pcp->high = 100;
	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->high, 168);
	KUNIT_EXPECT_EQ(test, pcp->count, 168);
}

static void remote_lists_expire_after_three_idle_ticks(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 10, 9, 4096);
	struct mirror_zone *zone = &m->nodes[1]->zones[MIRROR_ZONE_NORMAL];
	struct mirror_pcp *pcp = tune(zone, 4, 50, 50);

	free_fresh(test, zone, 10);
	mirror_mod_zone_state(zone, MIRROR_NR_FREE_CMA, 1);
	mirror_mod_zone_state(zone, MIRROR_NR_FREE_CMA, -2);
	tick(m);
	KUNIT_EXPECT_EQ(test, pcp->expire, 2);
	tick(m);
	KUNIT_EXPECT_EQ(test, pcp->expire, 1);
	KUNIT_EXPECT_EQ(test, pcp->count, 10);
	tick(m);
	KUNIT_EXPECT_EQ(test, pcp->expire, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 6);
	mirror_mod_zone_state(zone, MIRROR_NR_FREE_CMA, 1);
}

static void use_in_between_starts_the_ticks_again(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 10, 9, 4096);
	struct mirror_zone *zone = &m->nodes[1]->zones[MIRROR_ZONE_NORMAL];
	struct mirror_pcp *pcp = tune(zone, 4, 50, 50);

	free_fresh(test, zone, 1);
	tick(m);
	tick(m);
	KUNIT_EXPECT_EQ(test, pcp->expire, 1);
	free_fresh(test, zone, 1);
	tick(m);
	KUNIT_EXPECT_EQ(test, pcp->expire, 2);
	KUNIT_EXPECT_EQ(test, pcp->count, 2);
}

static void local_lists_do_not_expire(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_two_nodes(test, 10, 9, 4096));
	struct mirror_pcp *pcp = tune(zone, 4, 50, 50);
	unsigned int i;

	free_fresh(test, zone, 10);
	for (i = 0; i < 10; i++)
		tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->expire, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 10);
}

static struct kunit_case pcp_tune_cases[] = {
	KUNIT_CASE(frees_below_the_high_mark_shrink_the_list),
	KUNIT_CASE(flush_notices_that_the_zone_is_whole_again),
	KUNIT_CASE(reclaim_limits_the_list_to_four_batches),
	KUNIT_CASE(full_list_grows_to_hold_what_is_freed_in_a_row),
	KUNIT_CASE(fixed_high_stays),
	KUNIT_CASE(list_of_no_pages_frees_at_once),
	KUNIT_CASE(high_sinks_by_an_eighth_a_tick),
	KUNIT_CASE(pages_above_high_go_with_the_tick),
	KUNIT_CASE(tick_takes_a_bounded_number),
	KUNIT_CASE(remote_lists_expire_after_three_idle_ticks),
	KUNIT_CASE(use_in_between_starts_the_ticks_again),
	KUNIT_CASE(local_lists_do_not_expire),
	{}
};

static struct kunit_suite pcp_tune_suite = {
	.name = "mirror_pcp_tune",
	.test_cases = pcp_tune_cases,
};

kunit_test_suite(pcp_tune_suite);
