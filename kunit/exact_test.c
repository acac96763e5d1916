// SPDX-License-Identifier: GPL-2.0
/*
 * So many bytes, and no page more: which pages stay, where the others go and in which
 * order, and what is refused.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

/* Blocks of up to 16 pages, pageblocks of 8, 64 pages in all. */
static struct mirror *small_mirror(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);

	m->report_limit.burst = 1;
	mirror_test_no_drift(m);
	return m;
}

static struct mirror_page *alloc_exact(struct kunit *test, struct mirror *m, size_t bytes)
{
	struct mirror_page *page;

	page = mirror_alloc_pages_exact(m, bytes, MIRROR_GFP_NOWAIT | __MIRROR_GFP_MOVABLE, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

/* sizes -------------------------------------------------------------------------- */

struct size {
	size_t bytes;
	unsigned long nr;
	unsigned int order;
};

static const struct size sizes[] = {
	{ 1, 1, 0 }, { PAGE_SIZE - 1, 1, 0 }, { PAGE_SIZE, 1, 0 },
	{ PAGE_SIZE + 1, 2, 1 }, { 2 * PAGE_SIZE, 2, 1 }, { 2 * PAGE_SIZE + 1, 3, 2 },
	{ 4 * PAGE_SIZE, 4, 2 }, { 4 * PAGE_SIZE + 1, 5, 3 }, { 15 * PAGE_SIZE + 1, 16, 4 },
	{ 16 * PAGE_SIZE, 16, 4 }, { 16 * PAGE_SIZE + 1, 17, 5 },
	{ SIZE_MAX, SIZE_MAX / PAGE_SIZE + 1, BITS_PER_LONG - PAGE_SHIFT },
};

static void bytes_are_rounded_up_to_pages(struct kunit *test)
{
	unsigned int i, order = 77;

	KUNIT_EXPECT_EQ(test, mirror_exact_order(0, &order), 0);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		KUNIT_EXPECT_EQ(test, mirror_exact_order(sizes[i].bytes, &order), sizes[i].nr);
		KUNIT_EXPECT_EQ(test, order, sizes[i].order);
	}
}

static void size_that_no_block_has_is_refused(struct kunit *test)
{
	static const size_t none[] = { 0, 16 * PAGE_SIZE + 1, 17 * PAGE_SIZE, SIZE_MAX };
	struct mirror *m = small_mirror(test);
	struct mirror_page *before = mirror_test_snapshot(test, m);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(none); i++)
		KUNIT_EXPECT_NULL(test, mirror_alloc_pages_exact(m, none[i], 0, 0));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages_exact(m, 1, 0, 1));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages_exact(m, 1, __MIRROR_GFP_ALL, 0));
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
}

/* allocating ---------------------------------------------------------------------- */

/* Each page that stays is one that can be freed alone; all others are free. */
static void every_size_gets_its_pages_and_no_more(struct kunit *test)
{
	unsigned long nr, i;

	for (nr = 1; nr <= 16; nr++) {
		struct mirror *m = small_mirror(test);
		struct mirror_page *page;

		mirror_test_no_pcp(m);
		page = alloc_exact(test, m, nr * PAGE_SIZE);
		KUNIT_EXPECT_EQ(test, idx_of(m, page) % roundup_pow_of_two(nr), 0);
		KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 64 - nr);
		for (i = 0; i < nr; i++) {
			KUNIT_EXPECT_EQ(test, mirror_page_state(&page[i]), MIRROR_PAGE_USED);
			KUNIT_EXPECT_EQ(test, mirror_page_order(&page[i]), 0);
			KUNIT_EXPECT_EQ(test, atomic_read(&page[i].refs), 1);
		}
		KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, nr * PAGE_SIZE), 0);
		mirror_drain_all(m);
		KUNIT_EXPECT_EQ(test, normal_zone(m)->free_area[4].nr_free, 4);
	}
}

/*
 * Of 8 pages from 8 on the last three: 13 and 14 have no free buddy, and 15 merges with
 * 14. Each behind what is on its list, as it is not to be handed out next.
 */
static void rest_goes_to_the_ends_of_the_lists(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 16);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *first = mirror_test_take(zone, 0, MOVABLE), *page;
	unsigned long freed;

	KUNIT_ASSERT_PTR_EQ(test, first, &m->pages[0]);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 8);
	page = mirror_test_take(zone, 3, MOVABLE);
	freed = mirror_events(m, MIRROR_PGFREE);
	KUNIT_EXPECT_EQ(test, mirror_core_trim(m, page, 3, 5), 0);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 1, 13);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, 2, 14);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 4);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE) - freed, 3);
	KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 0);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 7 + 3);
}

static void rest_goes_by_the_type_of_its_pageblock(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 2, 64);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = mirror_test_take(zone, 4, MOVABLE);
	u32 idx = idx_of(m, page);

	mirror_test_set_type(zone, idx + 4, UNMOVABLE);
	mirror_test_set_type(zone, idx + 8, RECLAIMABLE);
	mirror_test_set_type(zone, idx + 12, CMA);
	KUNIT_EXPECT_EQ(test, mirror_core_trim(m, page, 4, 5), 0);
	EXPECT_FREE_LIST(test, zone, 0, UNMOVABLE, idx + 5);
	EXPECT_FREE_LIST(test, zone, 1, UNMOVABLE, idx + 6);
	EXPECT_FREE_LIST(test, zone, 2, RECLAIMABLE, idx + 8);
	EXPECT_FREE_LIST(test, zone, 2, CMA, idx + 12);
}

static void whole_block_leaves_no_rest(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = mirror_test_take(normal_zone(m), 4, MOVABLE);

	KUNIT_EXPECT_EQ(test, mirror_core_trim(m, page, 4, 16), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 48);
	KUNIT_EXPECT_EQ(test, mirror_core_trim(m, page, 1, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 48);
}

static void nothing_that_large_is_free(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 16);

	KUNIT_ASSERT_NOT_NULL(test, mirror_test_take(normal_zone(m), 0, MOVABLE));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages_exact(m, 9 * PAGE_SIZE,
							 MIRROR_GFP_NOWAIT, 0));
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 15);
}

static void exact_pages_are_not_compound(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page;

	page = mirror_alloc_pages_exact(m, 3 * PAGE_SIZE,
					MIRROR_GFP_NOWAIT | __MIRROR_GFP_COMP, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_FALSE(test, mirror_page_flags(page) & MIRROR_PF_COMPOUND);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, 3 * PAGE_SIZE), 0);
}

/* One that is not wanted stays out, one that is has the mark. */
static void bad_pages_are_told_apart(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = mirror_test_take(normal_zone(m), 3, MOVABLE);
	unsigned long pfn = mirror_idx_to_pfn(m, idx_of(m, page));
	struct mirror_bad_page bad;

	KUNIT_ASSERT_EQ(test, mirror_hwpoison(m, pfn + 1, false, &bad), 0);
	KUNIT_ASSERT_EQ(test, mirror_hwpoison(m, pfn + 6, false, &bad), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_trim(m, page, 3, 5), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_state(page + 6), MIRROR_PAGE_BAD);
	KUNIT_EXPECT_EQ(test, atomic_read(&page[1].refs), 1 + MIRROR_REFS_BAD);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 64 - 6);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, 5 * PAGE_SIZE), 0);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 64 - 2);
}

/* freeing ------------------------------------------------------------------------- */

static void pages_are_freed_in_ascending_order(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = mirror_test_take(zone, 2, MOVABLE);
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	u32 idx = idx_of(m, page);

	KUNIT_ASSERT_EQ(test, mirror_core_trim(m, page, 2, 3), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, 2 * PAGE_SIZE + 1), 0);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), idx + 2, idx + 1, idx);
	KUNIT_EXPECT_EQ(test, pcp->count, 3);
}

/* A block of 4 pages need not begin at a multiple of 8. */
static void range_begins_at_a_multiple_of_its_order(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *first = mirror_test_take(normal_zone(m), 2, MOVABLE);
	struct mirror_page *second = mirror_test_take(normal_zone(m), 2, MOVABLE);

	KUNIT_ASSERT_EQ(test, idx_of(m, second) % 8, 4);
	KUNIT_ASSERT_EQ(test, mirror_core_trim(m, first, 2, 3), 0);
	KUNIT_ASSERT_EQ(test, mirror_core_trim(m, second, 2, 3), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, second, 3 * PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, first, 3 * PAGE_SIZE), 0);
}

static void page_that_others_hold_stays(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc_exact(test, m, 3 * PAGE_SIZE);

	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page + 1), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, 3 * PAGE_SIZE), 0);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 63);
	KUNIT_EXPECT_EQ(test, atomic_read(&page[1].refs), 1);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + 1), 0);
}

static void expect_refused(struct kunit *test, struct mirror *m, struct mirror_page *page,
			   size_t bytes, int error)
{
	struct mirror_page *before = mirror_test_snapshot(test, m);

	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, bytes), error);
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
}

static void mistakes_free_nothing(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc_exact(test, m, 8 * PAGE_SIZE), stray = *page;
	struct mirror_page *block = mirror_test_take(normal_zone(m), 3, MOVABLE);

	expect_refused(test, m, page, 0, -EINVAL);
	expect_refused(test, m, page, SIZE_MAX, -EINVAL);
	expect_refused(test, m, page, 16 * PAGE_SIZE + 1, -EINVAL);
	expect_refused(test, m, page + 1, 2 * PAGE_SIZE, -EINVAL);
	expect_refused(test, m, page + 2, 3 * PAGE_SIZE, -EINVAL);
	expect_refused(test, m, &stray, PAGE_SIZE, -ENXIO);
	expect_refused(test, m, NULL, PAGE_SIZE, -ENXIO);
	expect_refused(test, m, m->pages + 64, PAGE_SIZE, -ENXIO);
	expect_refused(test, m, block, 8 * PAGE_SIZE, -EINVAL);
	/* The last of them is gone. */
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page + 7, 0), 0);
	expect_refused(test, m, page, 8 * PAGE_SIZE, -EINVAL);
	/* It is just being freed. */
	atomic_set(&page[6].refs, 0);
	expect_refused(test, m, page, 7 * PAGE_SIZE, -EINVAL);
	atomic_set(&page[6].refs, 1);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, 7 * PAGE_SIZE), 0);
	expect_refused(test, m, page, PAGE_SIZE, -EINVAL);
}

/* The mirror ends in the middle of a block of 16 pages. */
static void range_past_the_end_is_refused(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 56);
	struct mirror_page *page;

	m->report_limit.burst = 1;
	do {
		page = mirror_test_take(normal_zone(m), 3, MOVABLE);
		KUNIT_ASSERT_NOT_NULL(test, page);
	} while (idx_of(m, page) != 48);
	KUNIT_ASSERT_EQ(test, mirror_core_split(m, page, 3), 0);
	expect_refused(test, m, page, 16 * PAGE_SIZE, -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, 5 * PAGE_SIZE), 0);
}

static void mirror_out_of_service_does_nothing(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc_exact(test, m, 3 * PAGE_SIZE);

	KUNIT_EXPECT_TRUE(test, mirror_take_out(m));
	expect_refused(test, m, page, 3 * PAGE_SIZE, -EIO);
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages_exact(m, 1, MIRROR_GFP_NOWAIT, 0));
	KUNIT_EXPECT_EQ(test, mirror_core_trim(m, page, 0, 1), -EIO);
	mirror_test_mend(m);
}

/* cleared pages --------------------------------------------------------------------- */

static void zeroed_page_is_a_single_one(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = mirror_get_zeroed_page(m, MIRROR_GFP_NOWAIT, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, mirror_page_flags(page) & ~MIRROR_PF_ZONE,
			mirror_head_flags(MIRROR_PAGE_USED, 0));
	KUNIT_EXPECT_EQ(test, atomic_read(&page->refs), 1);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_EXPECT_NULL(test, mirror_get_zeroed_page(m, MIRROR_GFP_NOWAIT, 1));
	KUNIT_EXPECT_NULL(test, mirror_get_zeroed_page(m, __MIRROR_GFP_ALL, 0));
}

static struct kunit_case exact_cases[] = {
	KUNIT_CASE(bytes_are_rounded_up_to_pages),
	KUNIT_CASE(size_that_no_block_has_is_refused),
	KUNIT_CASE(every_size_gets_its_pages_and_no_more),
	KUNIT_CASE(rest_goes_to_the_ends_of_the_lists),
	KUNIT_CASE(rest_goes_by_the_type_of_its_pageblock),
	KUNIT_CASE(whole_block_leaves_no_rest),
	KUNIT_CASE(nothing_that_large_is_free),
	KUNIT_CASE(exact_pages_are_not_compound),
	KUNIT_CASE(bad_pages_are_told_apart),
	KUNIT_CASE(pages_are_freed_in_ascending_order),
	KUNIT_CASE(range_begins_at_a_multiple_of_its_order),
	KUNIT_CASE(page_that_others_hold_stays),
	KUNIT_CASE(mistakes_free_nothing),
	KUNIT_CASE(range_past_the_end_is_refused),
	KUNIT_CASE(mirror_out_of_service_does_nothing),
	KUNIT_CASE(zeroed_page_is_a_single_one),
	{}
};

static struct kunit_suite exact_suite = {
	.name = "mirror_exact",
	.test_cases = exact_cases,
};

kunit_test_suite(exact_suite);
