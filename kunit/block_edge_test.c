// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks at the borders of pageblocks: what is freed in one piece, which free block a
 * pageblock belongs to, and whose free pages move when a pageblock changes its type.
 */
#include "fixture.h"

/* freeing in one piece -------------------------------------------------------------- */

/* 4096 pages in blocks of 512, the first of which is in use. */
static struct mirror_zone *first_in_use(struct kunit *test, unsigned int pb_order)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 9, pb_order, 4096));

	KUNIT_ASSERT_PTR_EQ(test, mirror_test_take(zone, 9, MOVABLE), zone->pages);
	return zone;
}

struct drift {
	unsigned int pb_order;
	int before;
	int after;
};

/*
 * Up to 125 pages stay on the CPU. As single pageblocks of 32 and 64 pages some of the
 * last ones do; those of 128 and more never do, so it does not matter how they come.
 */
static const struct drift drifts[] = {
	{ 5, 0, 0 }, { 5, 30, 32 }, { 5, 60, 32 },
	{ 6, 0, 0 }, { 6, 100, 64 }, { 7, 0, 0 }, { 7, 100, 0 }, { 8, 100, 0 },
};

static void counters_are_as_after_single_pageblocks(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(drifts); i++) {
		const struct drift *d = &drifts[i];
		struct mirror_zone *zone = first_in_use(test, d->pb_order);
		struct mirror_zonestat *stat = per_cpu_ptr(zone->stat,
							   raw_smp_processor_id());

		mirror_fold_cpu(zone->m, raw_smp_processor_id());
		stat->threshold = 125;
		stat->diff[MIRROR_NR_FREE_PAGES] = d->before;
		atomic_long_sub(d->before, &zone->vm_stat[MIRROR_NR_FREE_PAGES]);
		mirror_test_give(zone, zone->pages);
		KUNIT_EXPECT_EQ_MSG(test, stat->diff[MIRROR_NR_FREE_PAGES], d->after,
				    "case %u", i);
		KUNIT_EXPECT_EQ(test, list_len(zone, 9, MOVABLE), 8);
		KUNIT_EXPECT_EQ(test, zone_free(zone), 4096);
	}
}

/* A pageblock of another type keeps to itself, wherever in the block it is. */
static void pageblock_of_another_type_goes_to_its_list(struct kunit *test)
{
	unsigned int at;

	for (at = 0; at < 4; at++) {
		struct mirror_zone *zone = first_in_use(test, 7);
		u32 other = at * 128;

		mirror_set_pageblock_type(zone->m, other, CMA);
		mirror_test_give(zone, zone->pages);
		EXPECT_FREE_LIST(test, zone, 7, CMA, other);
		EXPECT_FREE_LIST(test, zone, 7, MOVABLE, other ^ 128);
		EXPECT_FREE_LIST(test, zone, 8, MOVABLE, (other & 256) ^ 256);
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, other), CMA);
		mirror_test_set_type(zone, other, MOVABLE);
	}
}

/* What comes after the block is not looked at. */
static void pageblock_behind_does_not_matter(struct kunit *test)
{
	struct mirror_zone *zone = first_in_use(test, 7);

	mirror_test_set_type(zone, 512, CMA);
	mirror_test_give(zone, zone->pages);
	KUNIT_EXPECT_EQ(test, zone->pages[0].flags,
			mirror_zone_head(zone, MIRROR_PAGE_BUDDY, 9));
	mirror_test_set_type(zone, 512, MOVABLE);
}

static void waiting_compaction_sees_each_pageblock(struct kunit *test)
{
	struct mirror_zone *zone = first_in_use(test, 7);
	struct mirror_capture capture = { .order = 7, .migratetype = MOVABLE };

	mirror_capture_begin(zone, &capture);
	mirror_test_give(zone, zone->pages);
	mirror_capture_end(zone, &capture);
	KUNIT_ASSERT_PTR_EQ(test, capture.page, zone->pages);
	EXPECT_FREE_LIST(test, zone, 7, MOVABLE, 128);
	EXPECT_FREE_LIST(test, zone, 8, MOVABLE, 256);
	mirror_page_set_head(capture.page, MIRROR_PAGE_USED, 7);
	atomic_set(&capture.page->refs, 1);
	mirror_test_give(zone, capture.page);
	KUNIT_EXPECT_EQ(test, list_len(zone, 9, MOVABLE), 8);
}

/* the block around a pageblock -------------------------------------------------------- */

static bool isolate(struct mirror_zone *zone, u32 idx, int mt)
{
	bool done;

	raw_spin_lock_irq(&zone->lock);
	done = mirror_pageblock_isolate(zone, idx, mt);
	raw_spin_unlock_irq(&zone->lock);
	return done;
}

/* Pageblocks of 8 pages, blocks of up to 64, all of it in use page by page. */
static struct mirror_zone *all_in_use(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 6, 3, 256));
	struct mirror_page **pages;

	mirror_test_take_all(test, zone, &pages);
	return zone;
}

static void give_range(struct mirror_zone *zone, u32 idx, unsigned int nr)
{
	while (nr--)
		mirror_test_give(zone, &zone->pages[idx++]);
}

/*
 * In front of a pageblock lies a free block that ends at it: it is not the pageblock's,
 * and stays where it is, while the free pages of the pageblock move.
 */
static void block_that_ends_in_front_is_not_around(struct kunit *test)
{
	unsigned int order;
	u32 base;

	for (base = 0; base < 256; base += 64)
		for (order = 3; order < 6; order++) {
			struct mirror_zone *zone = all_in_use(test);
			u32 at = base + (1u << order);

			give_range(zone, base, 1u << order);
			give_range(zone, at + 1, 2);
			KUNIT_EXPECT_TRUE(test, isolate(zone, at + 5, UNMOVABLE));
			EXPECT_FREE_LIST(test, zone, order, MOVABLE, base);
			EXPECT_FREE_LIST(test, zone, 0, UNMOVABLE, at + 1, at + 2);
			KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, base), MOVABLE);
			KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, at), UNMOVABLE);
			KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, at + 8), MOVABLE);
		}
}

/* A smaller one in front, which leaves pages in use between. */
static void smaller_block_in_front_is_not_around(struct kunit *test)
{
	static const u32 sizes[] = { 1, 2, 4, 8, 16 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct mirror_zone *zone = all_in_use(test);

		give_range(zone, 64, sizes[i]);
		give_range(zone, 97, 1);
		KUNIT_EXPECT_TRUE(test, isolate(zone, 96, CMA));
		KUNIT_EXPECT_EQ(test, zone->pages[64].flags,
				mirror_zone_head(zone, MIRROR_PAGE_BUDDY, i));
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 64), MOVABLE);
		EXPECT_FREE_LIST(test, zone, 0, CMA, 97);
		mirror_test_set_type(zone, 96, MOVABLE);
	}
}

/* Each pageblock of a block of each order is cut out, and the rest keeps its type. */
static void pageblock_is_cut_out_of_any_block(struct kunit *test)
{
	unsigned int order;
	u32 at;

	for (order = 3; order <= 6; order++)
		for (at = 128; at < 128 + (1u << order); at += 8) {
			struct mirror_zone *zone = all_in_use(test);
			unsigned int rest;

			give_range(zone, 128, 1u << order);
			KUNIT_EXPECT_TRUE(test, isolate(zone, at + 7, ISOLATE));
			EXPECT_FREE_LIST(test, zone, 3, ISOLATE, at);
			for (rest = 3; rest < order; rest++)
				EXPECT_FREE_LIST(test, zone, rest, MOVABLE,
						 (at ^ 1u << rest) & ~((1u << rest) - 1));
			KUNIT_EXPECT_EQ(test, zone_free(zone), (1u << order) - 8);
			KUNIT_EXPECT_TRUE(test, isolate(zone, at, MOVABLE));
			KUNIT_EXPECT_EQ(test, zone_free(zone), 1u << order);
		}
}

/* A free block that is the pageblock moves as it is, and merges with nothing. */
static void isolated_pageblocks_stay_apart(struct kunit *test)
{
	struct mirror_zone *zone = all_in_use(test);

	give_range(zone, 128, 16);
	KUNIT_EXPECT_TRUE(test, isolate(zone, 136, ISOLATE));
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 128);
	KUNIT_EXPECT_TRUE(test, isolate(zone, 128, ISOLATE));
	EXPECT_FREE_LIST(test, zone, 3, ISOLATE, 136, 128);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 0);
	KUNIT_EXPECT_TRUE(test, isolate(zone, 128, MOVABLE));
	KUNIT_EXPECT_TRUE(test, isolate(zone, 136, MOVABLE));
	KUNIT_EXPECT_EQ(test, zone_free(zone), 16);
}

/* As blocks that are freed: in front of those that were there. */
static void rest_of_a_cut_block_goes_in_front(struct kunit *test)
{
	struct mirror_zone *zone = all_in_use(test);

	give_range(zone, 0, 16);
	give_range(zone, 128, 32);
	KUNIT_EXPECT_TRUE(test, isolate(zone, 128, ISOLATE));
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 144, 0);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 136);
	KUNIT_EXPECT_TRUE(test, isolate(zone, 128, MOVABLE));
}

/* Pages of every kind in one pageblock: only the free ones move, and are counted. */
static void only_free_pages_of_a_pageblock_move(struct kunit *test)
{
	struct mirror_zone *zone = all_in_use(test);
	struct mirror_pcp *pcp = this_pcp(zone);
	unsigned int free;
	int moved;

	pcp->high = 100;
	pcp->high_min = 100;
	pcp->high_max = 100;
	give_range(zone, 8, 1);
	KUNIT_ASSERT_EQ(test, mirror_free_pages(zone->m, &zone->pages[9], 0), 0);
	give_range(zone, 12, 2);
	give_range(zone, 7, 1);
	give_range(zone, 16, 1);
	raw_spin_lock_irq(&zone->lock);
	free = mirror_pageblock_count(zone, 8).free;
	moved = mirror_move_freepages(zone, 15, MOVABLE, RECLAIMABLE);
	raw_spin_unlock_irq(&zone->lock);
	KUNIT_EXPECT_EQ(test, free, 3);
	KUNIT_EXPECT_EQ(test, moved, 3);
	EXPECT_FREE_LIST(test, zone, 0, RECLAIMABLE, 8);
	EXPECT_FREE_LIST(test, zone, 1, RECLAIMABLE, 12);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 16, 7);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 0), MOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 8), RECLAIMABLE);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 16), MOVABLE);
}

/* A stray write made a head of it that would reach far beyond: it is one page. */
static void head_of_no_order_is_one_page(struct kunit *test)
{
	struct mirror_zone *zone = all_in_use(test);
	unsigned int order, free;

	give_range(zone, 9, 1);
	give_range(zone, 14, 1);
	for (order = MIRROR_NR_ORDERS_MAX; order < 32; order++) {
		mirror_page_set_head(&zone->pages[8], MIRROR_PAGE_USED, order);
		raw_spin_lock_irq(&zone->lock);
		free = mirror_pageblock_count(zone, 8).free;
		raw_spin_unlock_irq(&zone->lock);
		KUNIT_EXPECT_EQ(test, free, 2);
	}
	mirror_page_set_head(&zone->pages[8], MIRROR_PAGE_USED, 0);
}

static struct kunit_case block_edge_cases[] = {
	KUNIT_CASE(counters_are_as_after_single_pageblocks),
	KUNIT_CASE(pageblock_of_another_type_goes_to_its_list),
	KUNIT_CASE(pageblock_behind_does_not_matter),
	KUNIT_CASE(waiting_compaction_sees_each_pageblock),
	KUNIT_CASE(block_that_ends_in_front_is_not_around),
	KUNIT_CASE(smaller_block_in_front_is_not_around),
	KUNIT_CASE(pageblock_is_cut_out_of_any_block),
	KUNIT_CASE(head_of_no_order_is_one_page),
	KUNIT_CASE(isolated_pageblocks_stay_apart),
	KUNIT_CASE(rest_of_a_cut_block_goes_in_front),
	KUNIT_CASE(only_free_pages_of_a_pageblock_move),
	{}
};

static struct kunit_suite block_edge_suite = {
	.name = "mirror_block_edge",
	.test_cases = block_edge_cases,
};

kunit_test_suite(block_edge_suite);
