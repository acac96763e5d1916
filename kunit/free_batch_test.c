// SPDX-License-Identifier: GPL-2.0
/*
 * Many blocks of mixed orders at a time: each comes to lie where free_unref_folios() of
 * Linux 6.12 would put it, and mistakes among them are refused one by one.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define MOST	40

/* An array of blocks to be freed. */
struct array {
	unsigned int nr;
	struct mirror_page *page[MOST];
	unsigned int order[MOST];
};

static struct mirror *small_mirror(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);

	m->report_limit.burst = 1;
	mirror_test_no_drift(m);
	return m;
}

/* Adds a block that is taken from the zone's lists. */
static struct mirror_page *add(struct kunit *test, struct array *a, struct mirror_zone *zone,
			       unsigned int order)
{
	struct mirror_page *page = mirror_test_take(zone, order, MOVABLE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_LT(test, a->nr, MOST);
	a->page[a->nr] = page;
	a->order[a->nr++] = order;
	return page;
}

static unsigned int free_array(struct mirror *m, struct array *a)
{
	return mirror_free_blocks_batch(m, a->nr, a->page, a->order);
}

/* where they go ------------------------------------------------------------------- */

static void every_order_goes_to_its_list(struct kunit *test)
{
	static const unsigned int orders[] = { 0, 6, 3, 1, 0, 5, 2, 4, 0 };
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	u32 at[ARRAY_SIZE(orders)];
	struct array a = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++)
		at[i] = idx_of(m, add(test, &a, zone, orders[i]));
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 9);
	for (i = 0; i < a.nr; i++)
		KUNIT_EXPECT_NULL(test, a.page[i]);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), at[8], at[4], at[0]);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 1), at[3]);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 2), at[6]);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 3), at[2]);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 5), at[5]);
	KUNIT_EXPECT_EQ(test, pcp->count, 3 + 2 + 4 + 8 + 32);
	KUNIT_EXPECT_EQ(test, mirror_page_state(&m->pages[at[1]]), MIRROR_PAGE_BUDDY);
	KUNIT_EXPECT_EQ(test, mirror_page_state(&m->pages[at[7]]), MIRROR_PAGE_BUDDY);
	/* The single page came last: no run of high orders any more. */
	KUNIT_EXPECT_FALSE(test, pcp->flags & MIRROR_PCPF_PREV_FREE_HIGH_ORDER);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 256);
}

/*
 * Two blocks of 16 pages whose buddies stay in use; the first one in two halves, of
 * which the second is free. So the block of order 3 makes one of order 4, too.
 */
struct pair {
	u32 half;	/* of order 3, on its way through the per-CPU lists */
	u32 large;	/* of order 4, which passes by them */
};

static struct pair make_pair(struct kunit *test, struct mirror_zone *zone, struct array *a,
			     unsigned int between)
{
	struct mirror *m = zone->m;
	struct mirror_page *half, *other, *buddy, *large;
	struct pair pair;

	half = add(test, a, zone, 3);
	pair.half = idx_of(m, half);
	other = mirror_test_take(zone, 3, MOVABLE);
	KUNIT_ASSERT_PTR_EQ(test, other, half + 8);
	buddy = mirror_test_take(zone, 4, MOVABLE);
	KUNIT_ASSERT_PTR_EQ(test, buddy, half + 16);
	while (between--)
		a->page[a->nr++] = NULL;
	large = add(test, a, zone, 4);
	pair.large = idx_of(m, large);
	buddy = mirror_test_take(zone, 4, MOVABLE);
	KUNIT_ASSERT_PTR_EQ(test, buddy, large + 16);
	mirror_test_give(zone, other);
	mirror_test_no_pcp(m);
	return pair;
}

/* What passes by the per-CPU lists is freed before all that does not. */
static void large_blocks_go_first(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct array a = {};
	struct pair pair = make_pair(test, zone, &a, 0);

	KUNIT_EXPECT_EQ(test, free_array(m, &a), 2);
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, pair.half, pair.large);
}

/* 31 at a time: elements, not places in the array. */
static void batches_have_31_elements(struct kunit *test)
{
	unsigned int nr, nulls;

	for (nr = 29; nr <= 30; nr++)
		for (nulls = 0; nulls <= 1; nulls++) {
			struct mirror *m = small_mirror(test);
			struct mirror_zone *zone = normal_zone(m);
			struct array a = {};
			unsigned int i;
			struct pair pair;
			struct mirror_page *last;

			pair = make_pair(test, zone, &a, nulls);
			/* The large one comes behind nr single pages and the half. */
			last = a.page[--a.nr];
			for (i = 0; i < nr; i++)
				add(test, &a, zone, 0);
			a.page[a.nr] = last;
			a.order[a.nr++] = 4;
			KUNIT_EXPECT_EQ(test, free_array(m, &a), nr + 2);
			if (nr == 29)
				EXPECT_FREE_LIST(test, zone, 4, MOVABLE, pair.half, pair.large);
			else
				EXPECT_FREE_LIST(test, zone, 4, MOVABLE, pair.large, pair.half);
		}
}

/* The lists are let go where the zone changes, and taken again. */
static void each_zone_has_its_own_lists(struct kunit *test)
{
	const struct mirror_range range = { TEST_PFN, TEST_PFN + 512, 0 };
	struct mirror *m = mirror_test_with_dma32(test, &range, 1);
	struct mirror_zone *normal = normal_zone(m), *dma32 = normal - 1;
	struct mirror_pcp *pcp[] = { mirror_test_hoard(normal), mirror_test_hoard(dma32) };
	struct array a = {};
	u32 at[6];
	unsigned int i;

	for (i = 0; i < 6; i++)
		at[i] = idx_of(m, add(test, &a, i % 3 == 1 ? dma32 : normal, i / 3));
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 6);
	EXPECT_PCP_LIST(test, normal, pcp[0], mirror_pcp_index(MOVABLE, 0), at[2], at[0]);
	EXPECT_PCP_LIST(test, normal, pcp[0], mirror_pcp_index(MOVABLE, 1), at[5], at[3]);
	EXPECT_PCP_LIST(test, dma32, pcp[1], mirror_pcp_index(MOVABLE, 0), at[1]);
	EXPECT_PCP_LIST(test, dma32, pcp[1], mirror_pcp_index(MOVABLE, 1), at[4]);
}

/* Of each type one pageblock; what is no mobility goes with the movable ones. */
static void pageblock_decides_where_a_block_goes(struct kunit *test)
{
	static const int types[] = { UNMOVABLE, CMA, RECLAIMABLE, HIGHATOMIC, MOVABLE };
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	struct array a = {};
	u32 at[5];
	unsigned int i;

	for (i = 0; i < 5; i++) {
		struct mirror_page *page = mirror_test_take(zone, 5, MOVABLE);

		KUNIT_ASSERT_NOT_NULL(test, page);
		at[i] = idx_of(m, page);
		KUNIT_ASSERT_EQ(test, mirror_core_split(m, page, 5), 0);
		mirror_test_set_type(zone, at[i], types[i]);
		a.page[a.nr++] = page;
	}
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 5);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(UNMOVABLE, 0), at[0]);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(RECLAIMABLE, 0), at[2]);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), at[4], at[3], at[1]);
}

static void isolated_block_goes_to_the_zone(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *isolated = mirror_test_take(zone, 5, MOVABLE);
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	struct array a = {};
	u32 at[2], first = idx_of(m, isolated);

	KUNIT_ASSERT_EQ(test, mirror_core_split(m, isolated, 5), 0);
	mirror_test_set_type(zone, first, ISOLATE);
	at[0] = idx_of(m, add(test, &a, zone, 0));
	a.page[a.nr++] = isolated + 1;
	a.page[a.nr++] = isolated + 3;
	at[1] = idx_of(m, add(test, &a, zone, 0));
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 4);
	EXPECT_FREE_LIST(test, zone, 0, ISOLATE, first + 3, first + 1);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), at[1], at[0]);
	KUNIT_EXPECT_EQ(test, pcp->count, 2);
}

/* references ------------------------------------------------------------------------ */

static void blocks_that_others_hold(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *compound, *other, *single;
	struct array a = {};

	compound = mirror_test_alloc(m, __MIRROR_GFP_COMP, 2);
	KUNIT_ASSERT_NOT_NULL(test, compound);
	a.page[a.nr] = compound;
	a.order[a.nr++] = 2;
	other = add(test, &a, zone, 2);
	single = add(test, &a, zone, 0);
	KUNIT_ASSERT_EQ(test, mirror_core_get(m, compound), 0);
	KUNIT_ASSERT_EQ(test, mirror_core_get(m, other), 0);
	KUNIT_ASSERT_EQ(test, mirror_core_get(m, single), 0);
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 3);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 256 - 4 - 1 - 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&compound->refs), 1);
	KUNIT_EXPECT_EQ(test, mirror_page_order(other), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, compound), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, other), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, single), 0);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 256);
}

/* A mark alone changes nothing in the order; a bad page stays out. */
static void marks_of_bad_pages(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	struct mirror_page *bad;
	struct mirror_bad_page where;
	struct array a = {};
	u32 at[3];

	at[0] = idx_of(m, add(test, &a, zone, 0));
	at[1] = idx_of(m, add(test, &a, zone, 0));
	bad = add(test, &a, zone, 0);
	at[2] = idx_of(m, add(test, &a, zone, 0));
	atomic_or(MIRROR_REFS_BAD, &m->pages[at[1]].refs);
	KUNIT_ASSERT_EQ(test, mirror_hwpoison(m, mirror_idx_to_pfn(m, idx_of(m, bad)), false,
					      &where), 0);
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 4);
	KUNIT_EXPECT_EQ(test, mirror_page_state(bad), MIRROR_PAGE_BAD);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), at[2], at[1], at[0]);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->pages[at[1]].refs), 0);
}

/* mistakes -------------------------------------------------------------------------- */

static void mistakes_stay_in_the_array(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *good, *wrong, stray = {};
	struct array a = {};
	unsigned int i;

	good = add(test, &a, zone, 0);
	a.page[a.nr++] = &stray;
	a.page[a.nr++] = good;
	a.page[a.nr++] = NULL;
	wrong = add(test, &a, zone, 1);
	a.order[a.nr - 1] = 2;
	a.page[a.nr] = wrong;
	a.order[a.nr++] = UINT_MAX;
	a.page[a.nr] = wrong;
	a.order[a.nr++] = 1u << 24 | 1;
	a.page[a.nr] = wrong + 1;
	a.order[a.nr++] = 0;
	add(test, &a, zone, 4);
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 2);
	for (i = 0; i < a.nr; i++)
		KUNIT_EXPECT_EQ(test, !a.page[i], i == 0 || i == 3 || i == 8);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 254);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, wrong, 1), 0);
}

static void mirror_out_of_service_takes_nothing(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *before;
	struct array a = {};

	add(test, &a, normal_zone(m), 0);
	add(test, &a, normal_zone(m), 6);
	before = mirror_test_snapshot(test, m);
	KUNIT_EXPECT_TRUE(test, mirror_take_out(m));
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 0);
	KUNIT_EXPECT_NOT_NULL(test, a.page[0]);
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
	mirror_test_mend(m);
	KUNIT_EXPECT_EQ(test, mirror_free_blocks_batch(m, 0, NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, free_array(m, &a), 2);
}

static struct kunit_case free_batch_cases[] = {
	KUNIT_CASE(every_order_goes_to_its_list),
	KUNIT_CASE(large_blocks_go_first),
	KUNIT_CASE(batches_have_31_elements),
	KUNIT_CASE(each_zone_has_its_own_lists),
	KUNIT_CASE(pageblock_decides_where_a_block_goes),
	KUNIT_CASE(isolated_block_goes_to_the_zone),
	KUNIT_CASE(blocks_that_others_hold),
	KUNIT_CASE(marks_of_bad_pages),
	KUNIT_CASE(mistakes_stay_in_the_array),
	KUNIT_CASE(mirror_out_of_service_takes_nothing),
	{}
};

static struct kunit_suite free_batch_suite = {
	.name = "mirror_free_batch",
	.test_cases = free_batch_cases,
};

kunit_test_suite(free_batch_suite);
