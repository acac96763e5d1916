// SPDX-License-Identifier: GPL-2.0
/*
 * A block that becomes free goes to the compaction that waits for one like it: of that
 * order exactly, and not where the request would pollute the pageblock.
 */
#include "fixture.h"

struct wait {
	unsigned int order;	/* wanted */
	int request;		/* type of the request */
	int block;		/* type of the pageblock */
	bool taken;
};

/* Pageblocks of order 3, blocks of up to 4. */
static const struct wait waits[] = {
	{ 2, MOVABLE, MOVABLE, true }, { 2, UNMOVABLE, MOVABLE, false },
	{ 2, RECLAIMABLE, MOVABLE, false },
	{ 2, UNMOVABLE, UNMOVABLE, true }, { 2, MOVABLE, UNMOVABLE, true },
	{ 2, UNMOVABLE, RECLAIMABLE, true }, { 2, RECLAIMABLE, RECLAIMABLE, true },
	{ 2, MOVABLE, HIGHATOMIC, true },
	{ 2, MOVABLE, CMA, false }, { 2, MOVABLE, ISOLATE, false },
	{ 2, UNMOVABLE, CMA, false }, { 2, UNMOVABLE, ISOLATE, false },
	{ 3, MOVABLE, MOVABLE, true }, { 3, UNMOVABLE, MOVABLE, true },
	{ 3, UNMOVABLE, UNMOVABLE, true },
	{ 3, MOVABLE, CMA, false }, { 3, MOVABLE, ISOLATE, false },
};

static void wait_desc(const struct wait *w, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order %u, type %d, in type %d", w->order,
		 w->request, w->block);
}

KUNIT_ARRAY_PARAM(wait, waits, wait_desc);

static struct mirror_page *take_of_type(struct kunit *test, struct mirror_zone *zone,
					unsigned int order, int mt)
{
	struct mirror_page *page = mirror_test_take(zone, order, MOVABLE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	mirror_test_set_type(zone, idx_of(zone->m, page), mt);
	return page;
}

static void give_back(struct mirror_zone *zone, struct mirror_page *page, unsigned int order)
{
	mirror_page_set_head(page, MIRROR_PAGE_USED, order);
	atomic_set(&page->refs, 1);
	mirror_test_give(zone, page);
}

static void block_is_captured_or_not(struct kunit *test)
{
	const struct wait *w = test->param_value;
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 4, 3, 64));
	struct mirror_capture capture = { .order = w->order, .migratetype = w->request };
	struct mirror_page *page = take_of_type(test, zone, w->order, w->block);
	unsigned long free = zone_free(zone), highatomic = zone->nr_free_highatomic;
	unsigned long want = w->taken || w->block == ISOLATE ? 0 : 1ul << w->order;

	mirror_capture_begin(zone, &capture);
	mirror_test_give(zone, page);
	mirror_capture_end(zone, &capture);
	KUNIT_EXPECT_PTR_EQ(test, capture.page, w->taken ? page : NULL);
	/* A captured block was never free, whatever its type counts as. */
	KUNIT_EXPECT_EQ(test, zone_free(zone), free + want);
	if (w->taken) {
		KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_TAIL);
		KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic, highatomic);
		give_back(zone, page, w->order);
	}
	mirror_test_set_type(zone, idx_of(zone->m, page), MOVABLE);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 64);
}

/* Merged up to what is wanted; what is larger or smaller is not. */
static void only_the_order_that_is_wanted(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 4, 3, 64));
	struct mirror_capture capture = { .order = 2, .migratetype = MOVABLE };
	struct mirror_page **pages;
	unsigned int i;

	mirror_test_take_all(test, zone, &pages);
	mirror_capture_begin(zone, &capture);
	mirror_test_give(zone, pages[4]);
	mirror_test_give(zone, pages[5]);
	mirror_test_give(zone, pages[7]);
	KUNIT_EXPECT_NULL(test, capture.page);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 3);
	mirror_test_give(zone, pages[6]);
	KUNIT_EXPECT_PTR_EQ(test, capture.page, pages[4]);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 0);
	/* It waits for one. */
	for (i = 8; i < 12; i++)
		mirror_test_give(zone, pages[i]);
	KUNIT_EXPECT_PTR_EQ(test, capture.page, pages[4]);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 8);
	mirror_capture_end(zone, &capture);
	give_back(zone, pages[4], 2);
}

/* A block of several pageblocks is freed by the pageblock while somebody waits. */
static void first_pageblock_of_a_large_block(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 10, 9, 2048));
	struct mirror_capture capture = { .order = 9, .migratetype = UNMOVABLE };
	struct mirror_page *page = mirror_test_take(zone, 10, MOVABLE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	mirror_capture_begin(zone, &capture);
	mirror_test_give(zone, page);
	mirror_capture_end(zone, &capture);
	KUNIT_EXPECT_PTR_EQ(test, capture.page, page);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 2048 - 512);
	EXPECT_FREE_LIST(test, zone, 9, MOVABLE, idx_of(zone->m, page) + 512);
	give_back(zone, page, 9);
}

/* Another task compacts the zone as well, and came first or last. */
static void only_what_the_task_frees_itself(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 4, 3, 64));
	struct mirror_capture ours = { .order = 2, .migratetype = MOVABLE }, other = ours;
	struct mirror_page *page;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		mirror_capture_begin(zone, i ? &ours : &other);
		mirror_capture_begin(zone, i ? &other : &ours);
		other.task = NULL;
		page = mirror_test_take(zone, 2, MOVABLE);
		mirror_test_give(zone, page);
		KUNIT_EXPECT_PTR_EQ(test, mirror_capture_end(zone, &ours), page);
		give_back(zone, page, 2);
		KUNIT_EXPECT_NULL(test, mirror_capture_end(zone, &other));
		KUNIT_EXPECT_NULL(test, zone->captures);
		KUNIT_EXPECT_EQ(test, zone_free(zone), 64);
	}
}

static struct kunit_case capture_cases[] = {
	KUNIT_CASE_PARAM(block_is_captured_or_not, wait_gen_params),
	KUNIT_CASE(only_the_order_that_is_wanted),
	KUNIT_CASE(first_pageblock_of_a_large_block),
	KUNIT_CASE(only_what_the_task_frees_itself),
	{}
};

static struct kunit_suite capture_suite = {
	.name = "mirror_capture",
	.test_cases = capture_cases,
};

kunit_test_suite(capture_suite);
