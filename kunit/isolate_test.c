// SPDX-License-Identifier: GPL-2.0
/*
 * Free blocks that leave their lists without being allocated: which ones may, what that
 * makes of their pageblocks, and where they come back.
 */
#include "fixture.h"

/* Pageblocks of 16 pages, blocks of up to 64, 256 pages in all. */
static struct mirror_zone *small_zone(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 4, 256);

	mirror_test_no_drift(m);
	return normal_zone(m);
}

static unsigned long isolate(struct mirror_zone *zone, u32 idx, unsigned int order)
{
	unsigned long flags, nr;

	raw_spin_lock_irqsave(&zone->lock, flags);
	nr = mirror_isolate_free_page(zone, idx, order);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return nr;
}

static bool put_back(struct mirror_zone *zone, u32 idx, unsigned int order)
{
	unsigned long flags;
	bool done;

	raw_spin_lock_irqsave(&zone->lock, flags);
	done = mirror_putback_isolated_page(zone, idx, order,
					    mirror_pageblock_type(zone->m, idx));
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return done;
}

/* Takes a block and frees it again, so that it is the only one of its order. */
static u32 make_free(struct kunit *test, struct mirror_zone *zone, unsigned int order, int mt)
{
	struct mirror_page *page = mirror_test_take(zone, 6, MOVABLE);
	u32 idx, at;

	KUNIT_ASSERT_NOT_NULL(test, page);
	idx = idx_of(zone->m, page);
	for (at = idx; at < idx + 64; at += 16)
		mirror_test_set_type(zone, at, mt);
	mirror_test_give(zone, page);
	page = mirror_test_take(zone, order, mt);
	KUNIT_ASSERT_PTR_EQ(test, page, &zone->pages[idx]);
	mirror_test_give(zone, mirror_test_take(zone, order, mt));
	return idx + (1u << order);
}

/* blocks ---------------------------------------------------------------------------- */

static void block_leaves_its_list_as_a_whole(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 2, MOVABLE);
	unsigned long free = zone_free(zone);
	struct mirror_page *page = &zone->pages[idx], *before;

	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, idx);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 4);
	KUNIT_EXPECT_EQ(test, list_len(zone, 2, MOVABLE), 0);
	KUNIT_EXPECT_EQ(test, zone_free(zone), free - 4);
	KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_ISOLATED);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), 2);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, zone->m), 0);
	/* It is nobody's, and no block is there a second time. */
	before = mirror_test_snapshot(test, zone->m);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(zone->m, page, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_get(zone->m, page), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_put(zone->m, page), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(zone->m, page, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_split(zone->m, page, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(zone->m), -EBUSY);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 0);
	KUNIT_EXPECT_FALSE(test, put_back(zone, idx, 1));
	KUNIT_EXPECT_FALSE(test, put_back(zone, idx, UINT_MAX));
	KUNIT_EXPECT_FALSE(test, put_back(zone, idx + 1, 0));
	KUNIT_EXPECT_EQ(test, mirror_test_changed(zone->m, before), 0);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 2));
	KUNIT_EXPECT_FALSE(test, put_back(zone, idx, 2));
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, idx);
	KUNIT_EXPECT_EQ(test, zone_free(zone), free);
}

static void two_blocks_change_places(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	struct mirror_page *page[4];
	unsigned int i;
	u32 at[4];

	for (i = 0; i < 4; i++) {
		page[i] = mirror_test_take(zone, 1, MOVABLE);
		at[i] = idx_of(zone->m, page[i]);
	}
	mirror_test_give(zone, page[0]);
	mirror_test_give(zone, page[2]);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, at[2], at[0]);
	KUNIT_EXPECT_EQ(test, isolate(zone, at[2], 1), 2);
	KUNIT_EXPECT_TRUE(test, put_back(zone, at[2], 1));
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, at[0], at[2]);
	/* It merges like any other. */
	KUNIT_EXPECT_EQ(test, isolate(zone, at[0], 1), 2);
	mirror_test_give(zone, page[1]);
	KUNIT_EXPECT_TRUE(test, put_back(zone, at[0], 1));
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, at[2]);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, at[0]);
	mirror_test_give(zone, page[3]);
}

static void what_is_no_free_block_stays(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 2, MOVABLE);
	struct mirror_page *before = mirror_test_snapshot(test, zone->m);

	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 1), 0);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 3), 0);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx + 1, 0), 0);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 7), 0);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, UINT_MAX), 0);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 1u << 24 | 2), 0);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx - 4, 2), 0);
	KUNIT_EXPECT_EQ(test, mirror_test_changed(zone->m, before), 0);
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(zone->m));
}

/* The min mark and the block's own pages have to remain beyond it; no boost counts. */
static void mark_keeps_a_block(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 2, MOVABLE);
	unsigned long free = zone_free(zone);

	mirror_test_marks(test, zone->m, free - 4, 250, 250);
	mirror_test_no_drift(zone->m);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 0);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, idx);
	mirror_test_marks(test, zone->m, free - 5, 250, 250);
	mirror_test_no_drift(zone->m);
	zone->watermark_boost = 100;
	zone->lowmem_reserve[MIRROR_ZONE_DMA32] = 100;
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 4);
	zone->lowmem_reserve[MIRROR_ZONE_DMA] = 100;
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 2));
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 0);
	zone->lowmem_reserve[MIRROR_ZONE_DMA] = 0;
	zone->lowmem_reserve[MIRROR_ZONE_DMA32] = 0;
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 4);
	zone->watermark_boost = 0;
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 2));
}

/* Pages of CMA are as good as any here, those of the reserve are not. */
static void pages_that_count_for_the_mark(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 2, CMA);
	unsigned long free = zone_free(zone);

	mirror_test_marks(test, zone->m, free - 5, 250, 250);
	mirror_test_no_drift(zone->m);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 4);
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA), 64 - 4 - 4);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 2));
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA), 64 - 4);
}

static void isolated_pageblock_knows_no_mark(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 2, ISOLATE);
	unsigned long free = zone_free(zone);

	mirror_test_marks(test, zone->m, 250, 250, 250);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 4);
	/* They were nobody's before. */
	KUNIT_EXPECT_EQ(test, zone_free(zone), free);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 2));
	EXPECT_FREE_LIST(test, zone, 2, ISOLATE, idx);
	KUNIT_EXPECT_EQ(test, zone_free(zone), free);
}

/* pageblocks ------------------------------------------------------------------------- */

/* Pageblocks of 16: 8 pages are half of one. */
static void half_a_pageblock_makes_it_movable(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 3, UNMOVABLE), block = idx - 8;

	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 3), 8);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, block), MOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, block + 16), UNMOVABLE);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 3));
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, idx);
}

static void less_than_half_changes_nothing(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 2, RECLAIMABLE);

	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 2), 4);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx), RECLAIMABLE);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 2));
	EXPECT_FREE_LIST(test, zone, 2, RECLAIMABLE, idx);
}

/* Pageblocks of two pages: the reference leaves the type alone for half of one. */
static void single_page_changes_nothing(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 4, 1, 256));
	struct mirror_page *page = mirror_test_take(zone, 1, MOVABLE);
	u32 idx = idx_of(zone->m, page);

	KUNIT_ASSERT_EQ(test, mirror_core_split(zone->m, page, 1), 0);
	mirror_test_set_type(zone, idx, UNMOVABLE);
	mirror_test_give(zone, page);
	EXPECT_FREE_LIST(test, zone, 0, UNMOVABLE, idx);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 0), 1);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx), UNMOVABLE);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 0));
	EXPECT_FREE_LIST(test, zone, 0, UNMOVABLE, idx);
}

/* What else is free in the pageblock goes to the list of its new type. */
static void rest_of_the_pageblock_moves_along(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 3, UNMOVABLE);
	struct mirror_page *half = &zone->pages[idx - 8];

	KUNIT_EXPECT_EQ(test, mirror_core_split(zone->m, half, 3), 0);
	mirror_test_give(zone, half + 2);
	mirror_test_give(zone, half + 5);
	EXPECT_FREE_LIST(test, zone, 0, UNMOVABLE, idx - 3, idx - 6);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 3), 8);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, idx - 6, idx - 3);
	KUNIT_EXPECT_EQ(test, list_len(zone, 0, UNMOVABLE), 0);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 3));
}

static void all_pageblocks_of_a_large_block(struct kunit *test)
{
	static const int types[] = { UNMOVABLE, HIGHATOMIC, RECLAIMABLE, CMA };
	static const int after[] = { MOVABLE, HIGHATOMIC, MOVABLE, CMA };
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 5, UNMOVABLE), other = idx + 32;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, isolate(zone, idx, 5), 32);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx), MOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx + 16), MOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx - 16), UNMOVABLE);
	if (other < 256)
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, other), MOVABLE);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 5));
	/* What is no mobility stays what it is. */
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		zone = small_zone(test);
		idx = make_free(test, zone, 4, types[i]);
		KUNIT_EXPECT_EQ(test, isolate(zone, idx, 4), 16);
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, idx), after[i]);
		KUNIT_EXPECT_TRUE(test, put_back(zone, idx, 4));
		EXPECT_FREE_LIST(test, zone, 4, after[i], idx);
	}
}

/* Too few pages for grouping: there are unmovable pageblocks only, and lists. */
static void mirror_without_mobility_stays_so(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 32);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page;
	u32 idx;

	KUNIT_ASSERT_TRUE(test, m->mobility_off);
	page = mirror_test_take(zone, 4, MOVABLE);
	KUNIT_ASSERT_NOT_NULL(test, page);
	idx = idx_of(m, page);
	mirror_set_pageblock_range(m, idx, 4, UNMOVABLE);
	mirror_test_give(zone, page);
	/* Of the first pageblock half is in use but for two pages. */
	page = mirror_test_take(zone, 2, UNMOVABLE);
	KUNIT_ASSERT_PTR_EQ(test, page, &m->pages[idx]);
	KUNIT_ASSERT_EQ(test, mirror_core_split(m, page, 2), 0);
	mirror_test_give(zone, page);
	mirror_test_give(zone, page + 3);
	EXPECT_FREE_LIST(test, zone, 2, UNMOVABLE, idx + 4);
	KUNIT_EXPECT_EQ(test, isolate(zone, idx + 4, 2), 4);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, idx + 4), UNMOVABLE);
	EXPECT_FREE_LIST(test, zone, 0, UNMOVABLE, idx + 3, idx);
	KUNIT_EXPECT_TRUE(test, put_back(zone, idx + 4, 2));
	EXPECT_FREE_LIST(test, zone, 2, UNMOVABLE, idx + 4);
}

/* single pages ----------------------------------------------------------------------- */

/* As the halves that an allocation leaves, on the heads of their lists. */
static void page_is_taken_out_of_its_block(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	u32 idx = make_free(test, zone, 3, MOVABLE);
	unsigned long free = zone_free(zone);

	KUNIT_EXPECT_TRUE(test, mirror_take_page_off_buddy(zone, idx + 5));
	KUNIT_EXPECT_EQ(test, mirror_page_state(&zone->pages[idx + 5]), MIRROR_PAGE_BAD);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, idx + 4);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, idx + 6);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, idx);
	KUNIT_EXPECT_EQ(test, zone_free(zone), free - 1);
	KUNIT_EXPECT_FALSE(test, mirror_take_page_off_buddy(zone, idx + 5));
	KUNIT_EXPECT_TRUE(test, mirror_put_page_back_buddy(zone, idx + 5));
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, idx);
	KUNIT_EXPECT_EQ(test, zone_free(zone), free);
	KUNIT_EXPECT_FALSE(test, mirror_put_page_back_buddy(zone, idx + 5));
	KUNIT_EXPECT_FALSE(test, mirror_put_page_back_buddy(zone, idx));
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, idx);
}

static void page_that_is_held_or_on_a_per_cpu_list_stays(struct kunit *test)
{
	struct mirror_zone *zone = small_zone(test);
	struct mirror_page *page = mirror_test_take(zone, 2, MOVABLE), *before;
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	u32 idx = idx_of(zone->m, page);

	before = mirror_test_snapshot(test, zone->m);
	KUNIT_EXPECT_FALSE(test, mirror_take_page_off_buddy(zone, idx));
	KUNIT_EXPECT_FALSE(test, mirror_take_page_off_buddy(zone, idx + 3));
	KUNIT_EXPECT_EQ(test, mirror_test_changed(zone->m, before), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(zone->m, page, 2), 0);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 2), idx);
	KUNIT_EXPECT_FALSE(test, mirror_take_page_off_buddy(zone, idx + 1));
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 2), idx);
}

static struct kunit_case isolate_cases[] = {
	KUNIT_CASE(block_leaves_its_list_as_a_whole),
	KUNIT_CASE(two_blocks_change_places),
	KUNIT_CASE(what_is_no_free_block_stays),
	KUNIT_CASE(mark_keeps_a_block),
	KUNIT_CASE(pages_that_count_for_the_mark),
	KUNIT_CASE(isolated_pageblock_knows_no_mark),
	KUNIT_CASE(half_a_pageblock_makes_it_movable),
	KUNIT_CASE(less_than_half_changes_nothing),
	KUNIT_CASE(single_page_changes_nothing),
	KUNIT_CASE(rest_of_the_pageblock_moves_along),
	KUNIT_CASE(all_pageblocks_of_a_large_block),
	KUNIT_CASE(mirror_without_mobility_stays_so),
	KUNIT_CASE(page_is_taken_out_of_its_block),
	KUNIT_CASE(page_that_is_held_or_on_a_per_cpu_list_stays),
	{}
};

static struct kunit_suite isolate_suite = {
	.name = "mirror_isolate",
	.test_cases = isolate_cases,
};

kunit_test_suite(isolate_suite);
