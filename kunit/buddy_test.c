// SPDX-License-Identifier: GPL-2.0
/*
 * The buddy system: which block a request gets, what becomes of the rest, and
 * where a block goes that comes back.
 */
#include "fixture.h"

KUNIT_ARRAY_PARAM(geometry, mirror_test_geometries, mirror_test_geometry_desc);

/* 64 pages, blocks of up to 16, pageblocks of 8. */
static struct mirror_zone *small_zone(struct kunit *test)
{
	return normal_zone(mirror_test_flat(test, 4, 3, 64));
}

static u32 take(struct mirror_zone *zone, unsigned int order)
{
	struct mirror_page *page = mirror_test_take(zone, order, MOVABLE);

	return page ? idx_of(zone->m, page) : MIRROR_NIL;
}

static void give(struct mirror_zone *zone, u32 idx)
{
	mirror_test_give(zone, &zone->pages[idx]);
}

/* Every page a block of its own, in use. */
static struct mirror_zone *taken_zone(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	struct mirror_page **pages;

	KUNIT_ASSERT_EQ(test, mirror_test_take_all(test, zone, &pages), 64);
	return zone;
}

static void split_keeps_the_lower_half(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);

	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 0, 16, 32, 48);
	KUNIT_EXPECT_EQ(test, take(zone, 0), 0);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 1);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, 2);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 4);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 8);
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 16, 32, 48);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 63);
}

static void smallest_block_that_fits_is_split(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);

	KUNIT_EXPECT_EQ(test, take(zone, 0), 0);
	KUNIT_EXPECT_EQ(test, take(zone, 1), 2);
	KUNIT_EXPECT_EQ(test, take(zone, 1), 4);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, 6);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 8);
	KUNIT_EXPECT_EQ(test, take(zone, 3), 8);
	KUNIT_EXPECT_EQ(test, take(zone, 3), 16);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 24);
}

static void split_halves_go_to_the_head(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);
	u32 idx;

	give(zone, 1);
	for (idx = 16; idx < 20; idx++)
		give(zone, idx);
	KUNIT_EXPECT_EQ(test, take(zone, 1), 16);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, 18);
	KUNIT_EXPECT_EQ(test, take(zone, 0), 1);
	give(zone, 5);
	KUNIT_EXPECT_EQ(test, take(zone, 0), 5);
}

static void buddies_merge_on_every_level(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = take(zone, 0);

	give(zone, idx);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE);
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 0, 16, 32, 48);
}

static void neighbours_that_are_no_buddies_stay_apart(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);

	give(zone, 1);
	give(zone, 2);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 2, 1);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE);
}

static void freed_last_is_taken_first(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);

	give(zone, 5);
	give(zone, 40);
	give(zone, 9);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 9, 40, 5);
	KUNIT_EXPECT_EQ(test, take(zone, 0), 9);
}

static void block_about_to_merge_goes_to_the_tail(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);

	give(zone, 5);
	give(zone, 9);
	give(zone, 2);
	give(zone, 3);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, 2);
	give(zone, 0);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 9, 5, 0);
	give(zone, 1);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 0);
}

/* Below the largest order two merges would have to be possible. */
static void second_largest_order_never_goes_to_the_tail(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);

	KUNIT_ASSERT_EQ(test, take(zone, 3), 0);
	KUNIT_ASSERT_EQ(test, take(zone, 3), 8);
	KUNIT_ASSERT_EQ(test, take(zone, 4), 16);
	KUNIT_ASSERT_EQ(test, take(zone, 3), 32);
	KUNIT_ASSERT_EQ(test, take(zone, 3), 40);
	give(zone, 16);
	give(zone, 40);
	give(zone, 0);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 0, 40);
}

static void order_below_that_does(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);

	KUNIT_ASSERT_EQ(test, take(zone, 2), 0);
	KUNIT_ASSERT_EQ(test, take(zone, 2), 4);
	KUNIT_ASSERT_EQ(test, take(zone, 3), 8);
	KUNIT_ASSERT_EQ(test, take(zone, 2), 16);
	KUNIT_ASSERT_EQ(test, take(zone, 2), 20);
	KUNIT_ASSERT_EQ(test, take(zone, 3), 24);
	give(zone, 20);
	give(zone, 8);
	give(zone, 0);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 20, 0);
}

static void caller_may_ask_for_the_tail(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);
	unsigned long flags;

	give(zone, 5);
	atomic_set(&zone->pages[9].refs, 0);
	raw_spin_lock_irqsave(&zone->lock, flags);
	mirror_free_to_buddy(zone, 9, 0, MOVABLE, true);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 5, 9);
}

/* what does not merge ------------------------------------------------------ */

static void no_merge_over_a_zone_border(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror_zone *dma, *zone;
	struct mirror_page *page;
	struct mirror *m;

	mirror_test_config(&conf, 4, 3);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 24;
	m = mirror_test_range(test, &conf, TEST_PFN, 64);
	zone = normal_zone(m);
	dma = zone - 1;
	EXPECT_FREE_LIST(test, dma, 3, MOVABLE, 16);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 24);
	page = mirror_test_take(dma, 3, MOVABLE);
	KUNIT_ASSERT_PTR_EQ(test, page, &m->pages[16]);
	mirror_test_give(dma, page);
	EXPECT_FREE_LIST(test, dma, 3, MOVABLE, 16);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 24);
}

static void no_merge_into_a_hole(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 4, 3, 60));

	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 56);
	KUNIT_ASSERT_EQ(test, take(zone, 2), 56);
	give(zone, 56);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 56);
}

static const int lonely_types[] = { HIGHATOMIC, CMA, ISOLATE };

static void type_desc(const int *mt, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "type %d", *mt);
}

KUNIT_ARRAY_PARAM(lonely, lonely_types, type_desc);

static void special_pageblocks_merge_with_their_like_only(struct kunit *test)
{
	int mt = *(const int *)test->param_value;
	struct mirror_zone *zone = small_zone(test);

	mirror_test_set_type(zone, 0, mt);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 8);
	EXPECT_FREE_LIST(test, zone, 3, mt, 0);
	KUNIT_ASSERT_EQ(test, take(zone, 3), 8);
	give(zone, 8);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 8);
	EXPECT_FREE_LIST(test, zone, 3, mt, 0);
	KUNIT_ASSERT_EQ(test, take(zone, 3), 8);
	mirror_test_set_type(zone, 8, mt);
	give(zone, 8);
	EXPECT_FREE_LIST(test, zone, 4, mt, 0);
}

static void merge_over_pageblocks_relabels_the_buddy(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);

	KUNIT_ASSERT_EQ(test, take(zone, 3), 0);
	mirror_test_set_type(zone, 0, UNMOVABLE);
	give(zone, 0);
	EXPECT_FREE_LIST(test, zone, 4, UNMOVABLE, 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 8), UNMOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 16), MOVABLE);
}

static void large_block_is_freed_by_pageblock(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);

	KUNIT_ASSERT_EQ(test, take(zone, 4), 0);
	mirror_test_set_type(zone, 8, CMA);
	give(zone, 0);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 0);
	EXPECT_FREE_LIST(test, zone, 3, CMA, 8);
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA), 8);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 64);
}

/* Pageblocks too large for a per-CPU difference go back at once where they can. */
static void large_block_of_one_type_is_freed_whole(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 9, 7, 512));

	KUNIT_ASSERT_EQ(test, take(zone, 9), 0);
	give(zone, 0);
	EXPECT_FREE_LIST(test, zone, 9, MOVABLE, 0);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 512);

	KUNIT_ASSERT_EQ(test, take(zone, 9), 0);
	mirror_test_set_type(zone, 384, CMA);
	give(zone, 0);
	EXPECT_FREE_LIST(test, zone, 8, MOVABLE, 0);
	EXPECT_FREE_LIST(test, zone, 7, MOVABLE, 256);
	EXPECT_FREE_LIST(test, zone, 7, CMA, 384);
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA), 128);
}

/* capture ------------------------------------------------------------------ */

static void free_for_capture(struct kunit *test, int request, bool taken)
{
	struct mirror_capture capture = { .order = 2, .migratetype = request };
	struct mirror_zone *zone = taken_zone(test);
	u32 idx;

	mirror_capture_begin(zone, &capture);
	for (idx = 4; idx < 8; idx++)
		give(zone, idx);
	mirror_capture_end(zone, &capture);
	KUNIT_EXPECT_PTR_EQ(test, capture.page, taken ? &zone->pages[4] : NULL);
	KUNIT_EXPECT_EQ(test, zone_free(zone), taken ? 0 : 4);
	if (taken)
		mirror_page_set_head(capture.page, MIRROR_PAGE_USED, 2);
}

static void compaction_captures_what_it_waits_for(struct kunit *test)
{
	free_for_capture(test, MOVABLE, true);
}

static void compaction_leaves_movable_pageblocks_alone(struct kunit *test)
{
	free_for_capture(test, UNMOVABLE, false);
}

/* everything --------------------------------------------------------------- */

static void shuffle(struct rnd_state *rnd, struct mirror_page **pages,
		    unsigned int nr)
{
	while (nr > 1) {
		unsigned int pick = prandom_u32_state(rnd) % nr--;

		swap(pages[pick], pages[nr]);
	}
}

static void everything_merges_back_in_any_order(struct kunit *test)
{
	struct mirror *m = mirror_test_geometry(test, test->param_value);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int want[MIRROR_NR_ORDERS_MAX], order, i, nr;
	struct mirror_page **pages;
	struct rnd_state rnd;

	mirror_test_seed(test, &rnd);
	for (order = 0; order <= m->max_order; order++)
		want[order] = mirror_test_blocks(zone, order);
	nr = mirror_test_take_all(test, zone, &pages);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 0);
	shuffle(&rnd, pages, nr);
	for (i = 0; i < nr; i++)
		mirror_test_give(zone, pages[i]);
	for (order = 0; order <= m->max_order; order++)
		KUNIT_EXPECT_EQ(test, mirror_test_blocks(zone, order),
				want[order]);
}

static struct kunit_case buddy_cases[] = {
	KUNIT_CASE(split_keeps_the_lower_half),
	KUNIT_CASE(smallest_block_that_fits_is_split),
	KUNIT_CASE(split_halves_go_to_the_head),
	KUNIT_CASE(buddies_merge_on_every_level),
	KUNIT_CASE(neighbours_that_are_no_buddies_stay_apart),
	KUNIT_CASE(freed_last_is_taken_first),
	KUNIT_CASE(block_about_to_merge_goes_to_the_tail),
	KUNIT_CASE(second_largest_order_never_goes_to_the_tail),
	KUNIT_CASE(order_below_that_does),
	KUNIT_CASE(caller_may_ask_for_the_tail),
	KUNIT_CASE(no_merge_over_a_zone_border),
	KUNIT_CASE(no_merge_into_a_hole),
	KUNIT_CASE_PARAM(special_pageblocks_merge_with_their_like_only,
			 lonely_gen_params),
	KUNIT_CASE(merge_over_pageblocks_relabels_the_buddy),
	KUNIT_CASE(large_block_is_freed_by_pageblock),
	KUNIT_CASE(large_block_of_one_type_is_freed_whole),
	KUNIT_CASE(compaction_captures_what_it_waits_for),
	KUNIT_CASE(compaction_leaves_movable_pageblocks_alone),
	KUNIT_CASE_PARAM(everything_merges_back_in_any_order, geometry_gen_params),
	{}
};

static struct kunit_suite buddy_suite = {
	.name = "mirror_buddy",
	.test_cases = buddy_cases,
};

kunit_test_suite(buddy_suite);
