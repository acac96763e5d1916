// SPDX-License-Identifier: GPL-2.0
/*
 * An interrupt while this CPU's lists are in use: it goes past them to the zone. On a
 * kernel for one CPU there is no such thing, so this is for the process.
 */
#include <linux/mirror_mm.h>
#include "../../kunit/fixture.h"

static const unsigned int orders[] = { 0, 1, 2, 3, 5 };

static struct mirror *make(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_pcp *pcp = this_pcp(normal_zone(m));

	mirror_test_no_drift(m);
	pcp->high = 100;
	pcp->high_min = 100;
	pcp->high_max = 100;
	pcp->batch = 10;
	return m;
}

/* Takes hold of the lists, with a block on each of them, until unlock(). */
static struct mirror_pcp *lock_lists(struct kunit *test, struct mirror *m)
{
	struct mirror_pcp *pcp = this_pcp(normal_zone(m));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		struct mirror_page *page = mirror_test_take(normal_zone(m), orders[i], MOVABLE);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, orders[i]), 0);
	}
	KUNIT_ASSERT_EQ(test, pcp->count, 1 + 2 + 4 + 8 + 32);
	raw_spin_lock(&pcp->lock);
	return pcp;
}

static void unlock(struct mirror_pcp *pcp)
{
	raw_spin_unlock(&pcp->lock);
}

static void blocks_come_from_the_zone_and_go_there(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_pcp *pcp = lock_lists(test, m);
	unsigned long free = zone_free(normal_zone(m));
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		struct mirror_page *page;

		page = mirror_alloc_pages(m, MIRROR_GFP_ATOMIC | __MIRROR_GFP_MOVABLE,
					  orders[i], 0);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), free - (1 << orders[i]));
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, orders[i]), 0);
		KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), free);
		KUNIT_EXPECT_EQ(test, pcp->count, 47);
	}
	unlock(pcp);
	mirror_test_free_all(test, m);
}

/* One at a time, since many at once are a matter of the lists. */
static void array_gets_a_single_page(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_pcp *pcp = lock_lists(test, m);
	struct mirror_page *pages[5] = {};

	KUNIT_EXPECT_EQ(test, mirror_alloc_pages_bulk(m, MIRROR_GFP_ATOMIC, 0, 5, pages), 1);
	KUNIT_EXPECT_NOT_NULL(test, pages[0]);
	KUNIT_EXPECT_NULL(test, pages[1]);
	KUNIT_EXPECT_EQ(test, pcp->count, 47);
	unlock(pcp);
	mirror_test_free_all(test, m);
}

static void array_is_freed_all_the_same(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_page *pages[8] = {};
	struct mirror_pcp *pcp;
	unsigned long free;

	KUNIT_ASSERT_EQ(test, mirror_alloc_pages_bulk(m, MIRROR_GFP_NOWAIT, 0, 8, pages), 8);
	mirror_drain_all(m);
	pcp = lock_lists(test, m);
	free = zone_free(normal_zone(m));
	KUNIT_EXPECT_EQ(test, mirror_free_pages_bulk(m, 8, pages), 8);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), free + 8);
	KUNIT_EXPECT_EQ(test, pcp->count, 47);
	unlock(pcp);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
}

/* Blocks of all orders go to the zone, in the order of the array. */
static void batch_is_freed_all_the_same(struct kunit *test)
{
	static const unsigned int batch_orders[] = { 3, 0, 0 };
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *pages[3];
	struct mirror_pcp *pcp;
	u32 at[3];
	unsigned int i;

	/* Each leaves its buddy in use, so that it merges with nothing. */
	for (i = 0; i < 3; i++) {
		pages[i] = mirror_test_take(zone, batch_orders[i], MOVABLE);
		at[i] = idx_of(m, pages[i]);
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_take(zone, batch_orders[i], MOVABLE));
	}
	pcp = lock_lists(test, m);
	KUNIT_EXPECT_EQ(test, mirror_free_blocks_batch(m, 3, pages, batch_orders), 3);
	KUNIT_EXPECT_EQ(test, pcp->count, 47);
	KUNIT_EXPECT_EQ(test, zone->free_area[0].list[MOVABLE].first, at[2]);
	KUNIT_EXPECT_EQ(test, m->pages[at[2]].next, at[1]);
	KUNIT_EXPECT_EQ(test, zone->free_area[3].list[MOVABLE].first, at[0]);
	unlock(pcp);
	mirror_test_free_all(test, m);
}

static void lists_in_use_are_not_waited_for(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = mirror_test_take(zone, 0, MOVABLE), *taken;
	struct mirror_pcp *pcp = lock_lists(test, m), *held;
	unsigned long flags;

	KUNIT_EXPECT_EQ(test, mirror_free_pcp(zone, idx_of(m, page), 0, MOVABLE), -EBUSY);
	KUNIT_EXPECT_FALSE(test, mirror_free_pcp_begin(zone, &held, &flags));
	KUNIT_EXPECT_FALSE(test, mirror_take_hot(zone, 0, MOVABLE, &taken));
	KUNIT_EXPECT_NULL(test, mirror_rmqueue_pcp(zone, 0, MOVABLE, 0));
	KUNIT_EXPECT_EQ(test, mirror_rmqueue_pcp_bulk(zone, MOVABLE, 0, 0, 1, &taken), 0);
	unlock(pcp);
	mirror_test_free_all(test, m);
}

/* A page whose pageblock has no list of its own, likewise. */
static void reserved_page_goes_to_the_zone(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_page *page = mirror_test_take(normal_zone(m), 5, MOVABLE);
	struct mirror_pcp *pcp;

	mirror_test_set_type(normal_zone(m), idx_of(m, page), HIGHATOMIC);
	KUNIT_ASSERT_EQ(test, mirror_core_split(m, page, 5), 0);
	pcp = lock_lists(test, m);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_BUDDY);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->nr_free_highatomic, 1);
	unlock(pcp);
	mirror_test_free_all(test, m);
}

static struct kunit_case busy_cases[] = {
	KUNIT_CASE(blocks_come_from_the_zone_and_go_there),
	KUNIT_CASE(array_gets_a_single_page),
	KUNIT_CASE(array_is_freed_all_the_same),
	KUNIT_CASE(batch_is_freed_all_the_same),
	KUNIT_CASE(lists_in_use_are_not_waited_for),
	KUNIT_CASE(reserved_page_goes_to_the_zone),
	{}
};

static struct kunit_suite busy_suite = {
	.name = "mirror_busy",
	.test_cases = busy_cases,
};

kunit_test_suite(busy_suite);
