// SPDX-License-Identifier: GPL-2.0
/*
 * Claims: when the whole pageblock goes with a block of another type.
 */
#include "fallback.h"

static void largest_block_is_claimed_whole(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);

	give_range(zone, 0, 16);
	give_range(zone, 64, 128);
	KUNIT_EXPECT_EQ(test, request(zone, 1, UNMOVABLE, 0), 64);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 64), UNMOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 96), UNMOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 0), MOVABLE);
	EXPECT_FREE_LIST(test, zone, 5, UNMOVABLE, 96);
	EXPECT_FREE_LIST(test, zone, 1, UNMOVABLE, 66);
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 0);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
}

struct threshold {
	int start;
	int block;
	unsigned int nr_free;
	bool claimed;
};

/*
 * Half of 32 pages. Used pages of a movable pageblock count as alike for those
 * that cannot move; between those two, and for movable requests, none do.
 */
static const struct threshold thresholds[] = {
	{ UNMOVABLE, RECLAIMABLE, 15, false },
	{ UNMOVABLE, RECLAIMABLE, 16, true },
	{ UNMOVABLE, RECLAIMABLE, 17, true },
	{ RECLAIMABLE, UNMOVABLE, 15, false },
	{ RECLAIMABLE, UNMOVABLE, 16, true },
	{ MOVABLE, UNMOVABLE, 15, false },
	{ MOVABLE, UNMOVABLE, 16, true },
	{ MOVABLE, RECLAIMABLE, 15, false },
	{ MOVABLE, RECLAIMABLE, 17, true },
	{ UNMOVABLE, MOVABLE, 1, true },
	{ UNMOVABLE, MOVABLE, 15, true },
	{ RECLAIMABLE, MOVABLE, 1, true },
};

static void threshold_desc(const struct threshold *t, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "type %d from type %d with %u free",
		 t->start, t->block, t->nr_free);
}

KUNIT_ARRAY_PARAM(threshold, thresholds, threshold_desc);

static void half_a_pageblock_is_claimed(struct kunit *test)
{
	const struct threshold *t = test->param_value;
	struct mirror_zone *zone = taken_zone(test);
	unsigned int kept = t->claimed ? t->start : t->block;

	mirror_test_set_type(zone, 32, t->block);
	give_range(zone, 32, 32 + t->nr_free);
	KUNIT_EXPECT_NE(test, request(zone, 0, t->start, 0), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 32), kept);
	KUNIT_EXPECT_EQ(test, zone_free(zone), t->nr_free - 1);
	if (t->nr_free > 1)
		KUNIT_EXPECT_NE(test, zone->free_mask[kept], 0);
}

static void claimed_free_blocks_move_along(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 32, RECLAIMABLE);
	give_range(zone, 33, 34);
	give_range(zone, 40, 48);
	give_range(zone, 56, 64);
	KUNIT_EXPECT_EQ(test, request(zone, 0, UNMOVABLE, 0), 33);
	EXPECT_FREE_LIST(test, zone, 3, UNMOVABLE, 40, 56);
	KUNIT_EXPECT_EQ(test, zone->free_mask[RECLAIMABLE], 0);
}

static void refused_claim_goes_on_with_smaller_blocks(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);
	u32 idx;

	mirror_test_set_type(zone, 0, UNMOVABLE);
	mirror_test_set_type(zone, 32, UNMOVABLE);
	give_range(zone, 0, 8);
	for (idx = 32; idx < 64; idx += 8)
		give_range(zone, idx, idx + 4);
	KUNIT_EXPECT_EQ(test, request(zone, 0, MOVABLE, 0), 32);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 0), UNMOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 32), MOVABLE);
}

/* Below half the pageblock's order a movable request does not even look. */
static void small_blocks_are_no_claim_for_movable(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);
	u32 idx;

	mirror_test_set_type(zone, 32, UNMOVABLE);
	for (idx = 32; idx < 64; idx += 4)
		give_range(zone, idx, idx + 2);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 16);
	KUNIT_EXPECT_NE(test, request(zone, 0, MOVABLE, 0), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 32), UNMOVABLE);
	KUNIT_EXPECT_NE(test, request(zone, 0, RECLAIMABLE, 0), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 32), UNMOVABLE);
}

static void tiny_mirror_claims_whatever_there_is(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 6, 5, 150));
	struct mirror_page **pages;

	KUNIT_ASSERT_TRUE(test, zone->m->mobility_off);
	mirror_test_take_all(test, zone, &pages);
	zone->m->pageblock_type[1] = RECLAIMABLE;
	give_range(zone, 32, 34);
	KUNIT_EXPECT_EQ(test, request(zone, 0, UNMOVABLE, 0), 32);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 32), UNMOVABLE);
}

/* pages that can move ------------------------------------------------------------ */

struct movers {
	int start;
	int block;
	unsigned int nr_free;
	unsigned int nr_movable;
	bool claimed;
};

/* Of 32 pages; free and alike ones have to be 16. */
static const struct movers movers[] = {
	{ UNMOVABLE, MOVABLE, 1, 16, true },
	{ UNMOVABLE, MOVABLE, 1, 17, false },
	{ UNMOVABLE, MOVABLE, 1, 31, false },
	{ UNMOVABLE, MOVABLE, 15, 17, false },
	{ UNMOVABLE, MOVABLE, 16, 16, true },
	{ RECLAIMABLE, MOVABLE, 8, 16, true },
	{ RECLAIMABLE, MOVABLE, 8, 17, false },
	{ UNMOVABLE, RECLAIMABLE, 15, 17, false },
	{ UNMOVABLE, RECLAIMABLE, 16, 16, true },
	{ RECLAIMABLE, UNMOVABLE, 15, 17, false },
	{ MOVABLE, UNMOVABLE, 8, 7, false },
	{ MOVABLE, UNMOVABLE, 8, 8, true },
	{ MOVABLE, UNMOVABLE, 8, 24, true },
	{ MOVABLE, RECLAIMABLE, 8, 7, false },
	{ MOVABLE, RECLAIMABLE, 8, 8, true },
};

static void movers_desc(const struct movers *t, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "type %d from type %d, %u free, %u movable",
		 t->start, t->block, t->nr_free, t->nr_movable);
}

KUNIT_ARRAY_PARAM(movers, movers, movers_desc);

static void set_movable(struct kunit *test, struct mirror *m, u32 idx, u32 end)
{
	for (; idx < end; idx++)
		KUNIT_ASSERT_EQ(test, mirror_core_set_movable(m, &m->pages[idx], true), 0);
}

static void pages_that_can_move_are_told_apart(struct kunit *test)
{
	const struct movers *t = test->param_value;
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 32, t->block);
	give_range(zone, 32, 32 + t->nr_free);
	set_movable(test, zone->m, 64 - t->nr_movable, 64);
	/* Those of the neighbours do not count. */
	set_movable(test, zone->m, 0, 32);
	set_movable(test, zone->m, 64, 96);
	KUNIT_EXPECT_NE(test, request(zone, 0, t->start, 0), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 32),
			t->claimed ? t->start : t->block);
}

static struct mirror_pageblock_pages count(struct mirror_zone *zone, u32 start)
{
	struct mirror_pageblock_pages nr;
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	nr = mirror_pageblock_count(zone, start);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return nr;
}

/* A block counts with all of its pages, and only while it is in use and said so. */
static void movable_blocks_count_whole(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *large = mirror_test_take(zone, 3, MOVABLE);
	struct mirror_page *page = mirror_test_take(zone, 0, MOVABLE);
	u32 start = round_down(idx_of(m, large), 32);

	KUNIT_ASSERT_EQ(test, round_down(idx_of(m, page), 32), start);
	KUNIT_EXPECT_EQ(test, count(zone, start).movable, 0);
	KUNIT_EXPECT_EQ(test, count(zone, start).free, 23);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, large, true), 0);
	KUNIT_EXPECT_EQ(test, count(zone, start).movable, 8);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, page, true), 0);
	KUNIT_EXPECT_EQ(test, count(zone, start).movable, 9);
	KUNIT_EXPECT_EQ(test, count(zone, start).free, 23);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, large, false), 0);
	KUNIT_EXPECT_EQ(test, count(zone, start).movable, 1);
	mirror_test_give(zone, page);
	KUNIT_EXPECT_EQ(test, count(zone, start).movable, 0);
	KUNIT_EXPECT_EQ(test, page->flags & MIRROR_PF_MOVABLE, 0);
	KUNIT_EXPECT_EQ(test, large->flags & MIRROR_PF_MOVABLE, 0);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
}

static void only_heads_of_blocks_in_use_can_be_movable(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page = mirror_test_take(normal_zone(m), 3, MOVABLE);
	u32 flags = page->flags;

	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, page + 1, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, page + 8, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, m->pages + m->nr_desc, true), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, NULL, true), -ENXIO);
	KUNIT_EXPECT_EQ(test, page->flags, flags);
	atomic_set(&page->refs, 0);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, page, true), -EINVAL);
	atomic_set(&page->refs, 1);
	KUNIT_EXPECT_EQ(test, mirror_core_set_movable(m, page, true), 0);
	KUNIT_EXPECT_EQ(test, page->flags, flags | MIRROR_PF_MOVABLE);
}

static struct kunit_case claim_cases[] = {
	KUNIT_CASE(largest_block_is_claimed_whole),
	KUNIT_CASE_PARAM(half_a_pageblock_is_claimed, threshold_gen_params),
	KUNIT_CASE(claimed_free_blocks_move_along),
	KUNIT_CASE(refused_claim_goes_on_with_smaller_blocks),
	KUNIT_CASE(small_blocks_are_no_claim_for_movable),
	KUNIT_CASE(tiny_mirror_claims_whatever_there_is),
	KUNIT_CASE_PARAM(pages_that_can_move_are_told_apart, movers_gen_params),
	KUNIT_CASE(movable_blocks_count_whole),
	KUNIT_CASE(only_heads_of_blocks_in_use_can_be_movable),
	{}
};

static struct kunit_suite claim_suite = {
	.name = "mirror_claim",
	.test_cases = claim_cases,
};

kunit_test_suite(claim_suite);
