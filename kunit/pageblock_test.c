// SPDX-License-Identifier: GPL-2.0
/*
 * Pageblocks: their types, and moving free blocks between lists when one gets
 * another type.
 */
#include "fixture.h"

/* 128 pages, blocks of up to 64, pageblocks of 8. */
static struct mirror_zone *zone_of_large_blocks(struct kunit *test)
{
	return normal_zone(mirror_test_flat(test, 6, 3, 128));
}

static int move(struct mirror_zone *zone, u32 idx, int old_mt, int new_mt)
{
	unsigned long flags;
	int moved;

	raw_spin_lock_irqsave(&zone->lock, flags);
	moved = mirror_move_freepages(zone, idx, old_mt, new_mt);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return moved;
}

static bool isolate(struct mirror_zone *zone, u32 idx, int mt)
{
	unsigned long flags;
	bool done;

	raw_spin_lock_irqsave(&zone->lock, flags);
	done = mirror_pageblock_isolate(zone, idx, mt);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return done;
}

/* 16 pages in use one by one, but for those given back here. */
static struct mirror_zone *zone_with_free(struct kunit *test, const u32 *idx,
					  unsigned int nr)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 4, 3, 64));
	struct mirror_page **pages;
	unsigned int i;

	mirror_test_take_all(test, zone, &pages);
	for (i = 0; i < nr; i++)
		mirror_test_give(zone, pages[idx[i]]);
	return zone;
}

static void moved_blocks_go_to_the_tail_by_address(struct kunit *test)
{
	static const u32 idx[] = { 20, 2, 3, 6, 0 };
	struct mirror_zone *zone = zone_with_free(test, idx, ARRAY_SIZE(idx));

	KUNIT_EXPECT_EQ(test, move(zone, 17, MOVABLE, UNMOVABLE), 1);
	KUNIT_EXPECT_EQ(test, move(zone, 5, MOVABLE, UNMOVABLE), 4);
	EXPECT_FREE_LIST(test, zone, 0, UNMOVABLE, 20, 0, 6);
	EXPECT_FREE_LIST(test, zone, 1, UNMOVABLE, 2);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 7), UNMOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 8), MOVABLE);
}

static void pageblock_without_free_pages_changes_its_label(struct kunit *test)
{
	struct mirror_zone *zone = zone_with_free(test, NULL, 0);

	KUNIT_EXPECT_EQ(test, move(zone, 8, MOVABLE, RECLAIMABLE), 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 8), RECLAIMABLE);
	mirror_test_give(zone, &zone->pages[9]);
	EXPECT_FREE_LIST(test, zone, 0, RECLAIMABLE, 9);
}

static void free_pages_of_a_pageblock_are_counted(struct kunit *test)
{
	static const u32 idx[] = { 20, 2, 3, 6, 0 };
	struct mirror_zone *zone = zone_with_free(test, idx, ARRAY_SIZE(idx));

	raw_spin_lock_irq(&zone->lock);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_count(zone, 0).free, 4);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_count(zone, 8).free, 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_count(zone, 16).free, 1);
	raw_spin_unlock_irq(&zone->lock);
}

static void pageblock_over_a_zone_border_does_not_move(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror_zone *zone;

	mirror_test_config(&conf, 4, 3);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 20;
	zone = normal_zone(mirror_test_range(test, &conf, TEST_PFN, 60));
	KUNIT_EXPECT_EQ(test, move(zone, 20, MOVABLE, UNMOVABLE), -1);
	KUNIT_EXPECT_EQ(test, move(zone - 1, 18, MOVABLE, UNMOVABLE), -1);
	KUNIT_EXPECT_FALSE(test, isolate(zone, 20, ISOLATE));
	KUNIT_EXPECT_EQ(test, move(zone, 58, MOVABLE, UNMOVABLE), -1);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 20), MOVABLE);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 20, 56);
	KUNIT_EXPECT_EQ(test, move(zone, 31, MOVABLE, UNMOVABLE), 8);
}

/* isolation ---------------------------------------------------------------- */

static void isolating_a_tail_pageblock_splits_the_block(struct kunit *test)
{
	struct mirror_zone *zone = zone_of_large_blocks(test);

	KUNIT_EXPECT_TRUE(test, isolate(zone, 28, ISOLATE));
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 0);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 16);
	EXPECT_FREE_LIST(test, zone, 3, ISOLATE, 24);
	EXPECT_FREE_LIST(test, zone, 5, MOVABLE, 32);
	EXPECT_FREE_LIST(test, zone, 6, MOVABLE, 64);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 120);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 16), MOVABLE);
}

static void isolating_the_first_pageblock_splits_the_block(struct kunit *test)
{
	struct mirror_zone *zone = zone_of_large_blocks(test);

	KUNIT_EXPECT_TRUE(test, isolate(zone, 64, ISOLATE));
	EXPECT_FREE_LIST(test, zone, 3, ISOLATE, 64);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 72);
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 80);
	EXPECT_FREE_LIST(test, zone, 5, MOVABLE, 96);
	EXPECT_FREE_LIST(test, zone, 6, MOVABLE, 0);
}

static void used_block_around_is_left_whole(struct kunit *test)
{
	struct mirror_zone *zone = zone_of_large_blocks(test);
	struct mirror_page *page = mirror_test_take(zone, 6, MOVABLE);

	KUNIT_ASSERT_PTR_EQ(test, page, &zone->pages[0]);
	KUNIT_EXPECT_TRUE(test, isolate(zone, 24, ISOLATE));
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), 6);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 64);
	mirror_test_give(zone, page);
	EXPECT_FREE_LIST(test, zone, 3, ISOLATE, 24);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 16);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 120);
}

static void isolated_pages_are_not_handed_out(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 4, 3, 64));
	unsigned int nr = 0;
	u32 idx;

	for (idx = 0; idx < 64; idx += 16)
		isolate(zone, idx, ISOLATE);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 32);
	while (mirror_test_rmqueue(zone, 0, MOVABLE, MIRROR_ALLOC_CMA))
		nr++;
	KUNIT_EXPECT_EQ(test, nr, 32);
}

static void freed_isolated_page_skips_the_pcp_lists(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = mirror_test_take(zone, 0, MOVABLE);

	isolate(zone, 0, ISOLATE);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 0);
	EXPECT_FREE_LIST(test, zone, 3, ISOLATE, 0);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE), 1);
}

static void reserved_pages_are_movable_on_the_pcp_lists(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *a = mirror_test_take(zone, 0, MOVABLE);
	struct mirror_page *b = mirror_test_take(zone, 3, MOVABLE);

	mirror_test_set_type(zone, 0, HIGHATOMIC);
	mirror_test_set_type(zone, 8, CMA);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, a, 0), 0);
	EXPECT_PCP_LIST(test, zone, this_pcp(zone), mirror_pcp_index(MOVABLE, 0), 0);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, b, 3), 0);
	mirror_drain_all(m);
	EXPECT_FREE_LIST(test, zone, 3, HIGHATOMIC, 0);
	EXPECT_FREE_LIST(test, zone, 3, CMA, 8);
}

/* grouping off ------------------------------------------------------------- */

/* Five types of pageblocks of 8 would take 40 pages. */
static struct mirror_zone *tiny_zone(struct kunit *test)
{
	return normal_zone(mirror_test_flat(test, 4, 3, 39));
}

static void grouping_needs_one_pageblock_per_type(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, tiny_zone(test)->m->mobility_off);
	KUNIT_EXPECT_FALSE(test, mirror_test_flat(test, 4, 3, 40)->mobility_off);
}

static void tiny_mirror_serves_every_request_as_unmovable(struct kunit *test)
{
	struct mirror *m = tiny_zone(test)->m;

	KUNIT_EXPECT_EQ(test, mirror_gfp_migratetype(m, __MIRROR_GFP_MOVABLE),
			UNMOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_gfp_migratetype(m, __MIRROR_GFP_RECLAIMABLE),
			UNMOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_gfp_migratetype(m, 0), UNMOVABLE);
}

static void tiny_mirror_labels_unmovable_only(struct kunit *test)
{
	struct mirror_zone *zone = tiny_zone(test);

	mirror_set_pageblock_type(zone->m, 0, RECLAIMABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 0), UNMOVABLE);
	mirror_test_throw_away(test, zone->m);
	mirror_set_pageblock_type(zone->m, 0, CMA);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 0), CMA);
}

/*
 * The reference labels all memory movable before it knows how much there is.
 * Pageblocks become unmovable as they are claimed, largest blocks first.
 */
static void tiny_mirror_starts_movable(struct kunit *test)
{
	struct mirror_zone *zone = tiny_zone(test);

	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 0, 16);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 32);
	KUNIT_EXPECT_PTR_EQ(test, mirror_test_rmqueue(zone, 0, UNMOVABLE, 0),
			    &zone->pages[0]);
	EXPECT_FREE_LIST(test, zone, 3, UNMOVABLE, 8);
}

static struct kunit_case pageblock_cases[] = {
	KUNIT_CASE(moved_blocks_go_to_the_tail_by_address),
	KUNIT_CASE(pageblock_without_free_pages_changes_its_label),
	KUNIT_CASE(free_pages_of_a_pageblock_are_counted),
	KUNIT_CASE(pageblock_over_a_zone_border_does_not_move),
	KUNIT_CASE(isolating_a_tail_pageblock_splits_the_block),
	KUNIT_CASE(isolating_the_first_pageblock_splits_the_block),
	KUNIT_CASE(used_block_around_is_left_whole),
	KUNIT_CASE(isolated_pages_are_not_handed_out),
	KUNIT_CASE(freed_isolated_page_skips_the_pcp_lists),
	KUNIT_CASE(reserved_pages_are_movable_on_the_pcp_lists),
	KUNIT_CASE(grouping_needs_one_pageblock_per_type),
	KUNIT_CASE(tiny_mirror_serves_every_request_as_unmovable),
	KUNIT_CASE(tiny_mirror_labels_unmovable_only),
	KUNIT_CASE(tiny_mirror_starts_movable),
	{}
};

static struct kunit_suite pageblock_suite = {
	.name = "mirror_pageblock",
	.test_cases = pageblock_cases,
};

kunit_test_suite(pageblock_suite);
