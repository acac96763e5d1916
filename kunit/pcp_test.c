// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists at work: how much a refill fetches, when and what they give
 * back, and how "high" moves. Batch and limits are set by hand here, so that
 * the numbers do not depend on the machine.
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

static struct mirror_page *alloc(struct kunit *test, struct mirror_zone *zone,
				 unsigned int order)
{
	struct mirror_page *page = mirror_test_alloc_flags(zone->m,
							   __MIRROR_GFP_MOVABLE,
							   order, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

/* Frees a page that never was on a list: its type decides about the list. */
static void free_fresh(struct kunit *test, struct mirror_zone *zone,
		       unsigned int order)
{
	struct mirror_page *page = mirror_test_take(zone, order, MOVABLE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, mirror_free_pages(zone->m, page, order), 0);
}

/* refilling ---------------------------------------------------------------- */

static void refills_double_while_pages_are_only_taken(struct kunit *test)
{
	static const int left[] = { 3, 7, 15, 31, 63, 127, 127 };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 16, 1000);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(left); i++) {
		alloc(test, zone, 0);
		KUNIT_EXPECT_EQ(test, pcp->count, left[i]);
		KUNIT_EXPECT_EQ(test, pcp->alloc_factor, min(i + 1, 5u));
		while (pcp->count)
			alloc(test, zone, 0);
	}
}

static void refill_leaves_room_below_high(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 16, 16);

	pcp->alloc_factor = 5;
	alloc(test, zone, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 11);
	KUNIT_EXPECT_EQ(test, pcp->alloc_factor, 5);
	KUNIT_EXPECT_EQ(test, pcp->high, 16);
}

static void refill_raises_high(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 16, 26);

	alloc(test, zone, 0);
	KUNIT_EXPECT_EQ(test, pcp->high, 20);
	alloc(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->high, 24);
	alloc(test, zone, 2);
	KUNIT_EXPECT_EQ(test, pcp->high, 26);
}

static void high_does_not_rise_below_the_high_mark(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 16, 1000);

	set_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
	alloc(test, zone, 0);
	KUNIT_EXPECT_EQ(test, pcp->high, 16);
	KUNIT_EXPECT_EQ(test, pcp->count, 3);
}

static void larger_blocks_come_in_proportion_but_two(struct kunit *test)
{
	static const int left[] = { 7, 6, 4, 8 };
	struct mirror_zone *zone = large_zone(test);
	unsigned int order;

	for (order = 0; order <= 3; order++) {
		struct mirror_pcp *pcp = tune(zone, 8, 32, 1000);

		pcp->alloc_factor = order ? 5 : 0;
		alloc(test, zone, order);
		KUNIT_EXPECT_EQ(test, pcp->count, left[order]);
		mirror_drain_all(zone->m);
	}
}

static void list_too_short_for_a_batch_gets_one_block(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 3, 3);

	alloc(test, zone, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
	pcp = tune(zone, 1, 4, 4);
	alloc(test, zone, 2);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
}

static void refilled_pages_are_handed_out_in_rising_order(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 8, 32, 32);
	u32 idx;

	alloc(test, zone, 0);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0),
			1, 2, 3, 4, 5, 6, 7);
	for (idx = 1; idx < 8; idx++)
		KUNIT_EXPECT_PTR_EQ(test, alloc(test, zone, 0), &zone->pages[idx]);
}

static void taking_halves_the_memory_of_frees(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 100, 100);

	pcp->free_count = 13;
	pcp->alloc_factor = 5;
	alloc(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->free_count, 6);
	KUNIT_EXPECT_EQ(test, pcp->alloc_factor, 5);
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->free_count, 8);
	KUNIT_EXPECT_EQ(test, pcp->alloc_factor, 2);
}

static void memory_of_frees_has_a_limit(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 1, 1000, 1000);
	unsigned int i;

	for (i = 0; i < 40; i++)
		free_fresh(test, zone, 0);
	KUNIT_EXPECT_EQ(test, pcp->free_count, 32);
	pcp->free_count = 31;
	free_fresh(test, zone, 9);
	KUNIT_EXPECT_EQ(test, pcp->free_count, 31 + 512);
}

/* flushing ----------------------------------------------------------------- */

static void full_list_keeps_at_least_a_batch(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 2, 8, 8);
	unsigned int i;

	for (i = 0; i < 7; i++)
		free_fresh(test, zone, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 7);
	free_fresh(test, zone, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 2);
}

static void coldest_pages_are_flushed_first(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 2, 8, 8);
	struct mirror_page *page[8];
	unsigned int i;

	for (i = 0; i < 8; i++)
		page[i] = mirror_test_take(zone, 0, MOVABLE);
	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, 0, mirror_free_pages(zone->m, page[i], 0));
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), 7, 6);
}

static void few_frees_in_a_row_flush_a_batch(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 2, 8, 8);
	unsigned int i;

	for (i = 0; i < 7; i++)
		free_fresh(test, zone, 0);
	pcp->free_count = 0;
	free_fresh(test, zone, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 6);
}

/* Three pages of each of three types, from blocks of 1024 pages of their own. */
static void fill_lists(struct kunit *test, struct mirror_zone *zone,
		       struct mirror_page **page)
{
	static const int types[] = { MOVABLE, UNMOVABLE, RECLAIMABLE };
	struct mirror_page *block[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		block[i] = mirror_test_take(zone, 10, MOVABLE);
	for (i = 0; i < 3; i++) {
		mirror_test_set_type(zone, i * 1024, types[i]);
		mirror_test_set_type(zone, i * 1024 + 512, types[i]);
		mirror_test_give(zone, block[i]);
	}
	for (i = 0; i < 9; i++) {
		page[i] = mirror_test_take(zone, 0, types[i / 3]);
		KUNIT_ASSERT_NOT_NULL(test, page[i]);
	}
}

static void free_in_turn(struct kunit *test, struct mirror_zone *zone,
			 struct mirror_page **page, const u8 *turn,
			 unsigned int nr)
{
	while (nr--)
		KUNIT_ASSERT_EQ(test, 0,
				mirror_free_pages(zone->m, page[*turn++], 0));
}

static void flush_starts_at_the_list_just_used(struct kunit *test)
{
	static const u8 turn[] = { 3, 4, 6, 7, 5, 0, 1, 2 };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 3, 8, 8);
	struct mirror_page *page[9];

	fill_lists(test, zone, page);
	free_in_turn(test, zone, page, turn, ARRAY_SIZE(turn));
	/* Five go: three movable, then both reclaimable. */
	KUNIT_EXPECT_EQ(test, pcp->count, 3);
	KUNIT_EXPECT_EQ(test, pcp->lists[UNMOVABLE].nr, 3);
}

static void flush_wraps_around(struct kunit *test)
{
	static const u8 turn[] = { 3, 4, 0, 1, 2, 5, 6, 7 };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 3, 8, 8);
	struct mirror_page *page[9];

	fill_lists(test, zone, page);
	free_in_turn(test, zone, page, turn, ARRAY_SIZE(turn));
	/* Five go: both reclaimable, then unmovable. */
	KUNIT_EXPECT_EQ(test, pcp->count, 3);
	KUNIT_EXPECT_EQ(test, pcp->lists[MOVABLE].nr, 3);
}

static void flush_of_pages_may_free_more_in_blocks(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 3, 8, 8);

	free_fresh(test, zone, 3);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE);
}

/* From which list a flush starts, how many pages are due, and what it empties. */
struct circle {
	int mt;
	unsigned int order;
	int nr;
	u32 emptied;		/* bit by mirror_pcp_index() */
};

/*
 * One block on each list of orders 0 to 3: 1, 1, 1, 2, 2, 2, 4, 4, 4, 8, 8 and 8
 * pages, of the types 0 to 2 in turn, and a second one on the list of the start.
 */
static const struct circle circles[] = {
	{ UNMOVABLE, 0, 2, BIT(0) },
	{ UNMOVABLE, 0, 3, BIT(0) | BIT(1) },
	{ UNMOVABLE, 0, 5, BIT(0) | BIT(1) | BIT(2) | BIT(3) },
	{ UNMOVABLE, 0, 6, BIT(0) | BIT(1) | BIT(2) | BIT(3) },
	{ MOVABLE, 1, 4, BIT(4) },
	{ MOVABLE, 1, 10, BIT(4) | BIT(5) | BIT(6) },
	{ RECLAIMABLE, 2, 9, BIT(8) | BIT(9) },
	{ RECLAIMABLE, 3, 16, BIT(11) },
	{ RECLAIMABLE, 3, 17, BIT(11) | BIT(0) },
	{ RECLAIMABLE, 3, 19, BIT(11) | BIT(0) | BIT(1) | BIT(2) },
	{ UNMOVABLE, 3, 33, BIT(9) | BIT(10) | BIT(11) | BIT(0) },
};

static void circle_desc(const struct circle *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "type %d, order %u, %d pages",
		 c->mt, c->order, c->nr);
}

KUNIT_ARRAY_PARAM(circle, circles, circle_desc);

/* Three largest blocks, one of each type, free. */
static void make_types(struct kunit *test, struct mirror_zone *zone)
{
	struct mirror_page *block[3];
	int mt;

	for (mt = 0; mt < 3; mt++)
		block[mt] = mirror_test_take(zone, 10, MOVABLE);
	for (mt = 0; mt < 3; mt++) {
		mirror_test_set_type(zone, mt * 1024, mt);
		mirror_test_set_type(zone, mt * 1024 + 512, mt);
		mirror_test_give(zone, block[mt]);
	}
}

static void free_typed(struct kunit *test, struct mirror_zone *zone,
		       unsigned int order, int mt)
{
	struct mirror_page *page = mirror_test_take(zone, order, mt);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, mirror_free_pages(zone->m, page, order), 0);
}

/* 1 + 2 + 4 + 8 pages of three types; the last block makes the lists full. */
static void flush_goes_round_from_the_list_just_used(struct kunit *test)
{
	const struct circle *c = test->param_value;
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 1000, 4000, 4000);
	unsigned int order, i;
	int mt;

	make_types(test, zone);
	for (order = 0; order <= 3; order++)
		for (mt = 0; mt < 3; mt++)
			free_typed(test, zone, order, mt);
	KUNIT_ASSERT_EQ(test, pcp->count, 45);
	pcp = tune(zone, 1, 45 + (1 << c->order), 45 + (1 << c->order));
	pcp->flags = 0;
	pcp->free_count = c->nr - (1 << c->order);
	free_typed(test, zone, c->order, c->mt);
	for (i = 0; i < MIRROR_PCP_LOW_LISTS; i++)
		KUNIT_EXPECT_EQ_MSG(test, mirror_list_empty(&pcp->lists[i]),
				    (c->emptied >> i) & 1, "list %u", i);
}

/* From order 3 on to the lists of pageblocks, and only then to list 0. */
static void pageblocks_come_between_order_3_and_0(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 1000, 4000, 4000);

	make_types(test, zone);
	free_typed(test, zone, 0, UNMOVABLE);
	free_typed(test, zone, 9, UNMOVABLE);
	free_typed(test, zone, 9, MOVABLE);
	pcp = tune(zone, 1, 1033, 1033);
	pcp->flags = 0;
	/* Above 32 batches it does not rise any more. */
	pcp->free_count = 520;
	/* 520 are due: 8 of order 3, then 512 that cannot move. */
	free_typed(test, zone, 3, RECLAIMABLE);
	KUNIT_EXPECT_EQ(test, pcp->count, 513);
	KUNIT_EXPECT_EQ(test, pcp->lists[MIRROR_PCP_LOW_LISTS].nr, 0);
	KUNIT_EXPECT_EQ(test, pcp->lists[MIRROR_PCP_LOW_LISTS + 1].nr, 1);
	pcp = tune(zone, 1, 521, 521);
	pcp->flags = 0;
	pcp->free_count = 520;
	/* Now 8, and 512 that can. */
	free_typed(test, zone, 3, RECLAIMABLE);
	KUNIT_EXPECT_EQ(test, pcp->lists[MIRROR_PCP_LOW_LISTS + 1].nr, 0);
	KUNIT_EXPECT_EQ(test, pcp->lists[0].nr, 1);
}

/* runs of high orders ------------------------------------------------------ */

static void run_of_high_orders_empties_the_lists(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 100, 100);

	free_fresh(test, zone, 1);
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->count, 4);
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
}

static void run_lowers_high(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 100, 1000);

	pcp->high = 500;
	pcp->free_count = 4;
	pcp->flags |= MIRROR_PCPF_PREV_FREE_HIGH_ORDER;
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->high, 500 - 4 * 32);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
	pcp->high = 200;
	free_fresh(test, zone, 1);
	KUNIT_EXPECT_EQ(test, pcp->high, 100);
}

static void low_order_between_ends_the_run(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 4, 100, 100);

	free_fresh(test, zone, 2);
	free_fresh(test, zone, 0);
	free_fresh(test, zone, 2);
	KUNIT_EXPECT_EQ(test, pcp->count, 9);
	free_fresh(test, zone, 2);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
}

static void cache_to_spare_keeps_less_than_a_batch(struct kunit *test)
{
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = tune(zone, 8, 100, 100);

	pcp->flags = MIRROR_PCPF_FREE_HIGH_BATCH | MIRROR_PCPF_PREV_FREE_HIGH_ORDER;
	pcp->free_count = 8;
	free_fresh(test, zone, 2);
	KUNIT_EXPECT_EQ(test, pcp->count, 4);
	free_fresh(test, zone, 2);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
}

static struct kunit_case pcp_cases[] = {
	KUNIT_CASE(refills_double_while_pages_are_only_taken),
	KUNIT_CASE(refill_leaves_room_below_high),
	KUNIT_CASE(refill_raises_high),
	KUNIT_CASE(high_does_not_rise_below_the_high_mark),
	KUNIT_CASE(larger_blocks_come_in_proportion_but_two),
	KUNIT_CASE(list_too_short_for_a_batch_gets_one_block),
	KUNIT_CASE(refilled_pages_are_handed_out_in_rising_order),
	KUNIT_CASE(taking_halves_the_memory_of_frees),
	KUNIT_CASE(memory_of_frees_has_a_limit),
	KUNIT_CASE(full_list_keeps_at_least_a_batch),
	KUNIT_CASE(coldest_pages_are_flushed_first),
	KUNIT_CASE(few_frees_in_a_row_flush_a_batch),
	KUNIT_CASE(flush_starts_at_the_list_just_used),
	KUNIT_CASE(flush_wraps_around),
	KUNIT_CASE_PARAM(flush_goes_round_from_the_list_just_used,
			 circle_gen_params),
	KUNIT_CASE(pageblocks_come_between_order_3_and_0),
	KUNIT_CASE(flush_of_pages_may_free_more_in_blocks),
	KUNIT_CASE(run_of_high_orders_empties_the_lists),
	KUNIT_CASE(run_lowers_high),
	KUNIT_CASE(low_order_between_ends_the_run),
	KUNIT_CASE(cache_to_spare_keeps_less_than_a_batch),
	{}
};

static struct kunit_suite pcp_suite = {
	.name = "mirror_pcp",
	.test_cases = pcp_cases,
};

kunit_test_suite(pcp_suite);
