// SPDX-License-Identifier: GPL-2.0
/*
 * References as Linux 6.12 has them: of a block that is not compound they are those of
 * its first page. A put frees no more than that page, a split leaves it its references,
 * and of two that free the block at once one frees the tails.
 */
#include "fixture.h"

/* Pageblocks of 32 pages, all MOVABLE and free but for what a test takes. */
static struct mirror *small_mirror(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);

	m->report_limit.burst = 1;
	return m;
}

/* The first block of the last pageblock, in which nothing else is used. */
static struct mirror_page *take(struct kunit *test, struct mirror *m, unsigned int order,
				int refs)
{
	struct mirror_page *page = mirror_test_take(normal_zone(m), order, MOVABLE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	atomic_set(&page->refs, refs);
	return page;
}

static int held(const struct mirror_page *page)
{
	return mirror_refs_held(atomic_read(&page->refs));
}

static void expect_refused(struct kunit *test, struct mirror *m, int ret,
			   const struct mirror_page *before)
{
	KUNIT_EXPECT_EQ(test, ret, -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
}

/* put --------------------------------------------------------------------------- */

/* The halves stay, each a block that nobody has. */
static void last_put_frees_the_first_page_alone(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = take(test, m, 4, 2), *before;
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	u32 idx = idx_of(m, page);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), 4);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), idx);
	KUNIT_EXPECT_EQ(test, pcp->count, 1);
	before = mirror_test_snapshot(test, m);
	for (i = 0; i < 4; i++) {
		struct mirror_page *half = page + (1 << i);

		KUNIT_EXPECT_EQ(test, mirror_page_state(half), MIRROR_PAGE_USED);
		KUNIT_EXPECT_EQ(test, mirror_page_order(half), i);
		KUNIT_EXPECT_EQ(test, atomic_read(&half->refs), 0);
		expect_refused(test, m, mirror_free_pages(m, half, i), before);
		expect_refused(test, m, mirror_core_put(m, half), before);
		expect_refused(test, m, mirror_core_get(m, half), before);
		expect_refused(test, m, mirror_core_split(m, half, i), before);
	}
	expect_refused(test, m, mirror_free_pages(m, page, 4), before);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 256 - 15);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EBUSY);
}

static void last_put_of_a_pair_loses_its_second_page(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = take(test, m, 1, 1);

	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_state(page + 1), MIRROR_PAGE_USED);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page + 1), 0);
	KUNIT_EXPECT_EQ(test, held(page + 1), 0);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 255);
}

static void last_put_frees_compound_blocks_and_single_pages(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = mirror_test_alloc(m, __MIRROR_GFP_COMP, 6);
	struct mirror_page *single = take(test, m, 0, 1);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + 63), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, single), 0);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 256);
}

static void tail_has_no_references(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = take(test, m, 3, 2);
	struct mirror_page *before = mirror_test_snapshot(test, m);
	unsigned int i;

	for (i = 1; i < 8; i++) {
		expect_refused(test, m, mirror_core_put(m, page + i), before);
		expect_refused(test, m, mirror_core_get(m, page + i), before);
	}
	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
	KUNIT_EXPECT_EQ(test, held(page), 3);
}

/* split ------------------------------------------------------------------------- */

static void split_leaves_the_first_page_its_references(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = take(test, m, 3, 3);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 3), 0);
	KUNIT_EXPECT_EQ(test, held(page), 3);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), 0);
	for (i = 1; i < 8; i++) {
		KUNIT_EXPECT_EQ(test, atomic_read(&page[i].refs), 1);
		KUNIT_EXPECT_EQ(test, mirror_page_order(page + i), 0);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page + i, 0), 0);
	}
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 255);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), -EINVAL);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 256);
}

/* Nobody else can take it for the block, so its free is a short one. */
static void split_of_the_only_holder_leaves_no_mark(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = take(test, m, 2, 1);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 2), 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, atomic_read(&page[i].refs), 1);
}

/* two at once --------------------------------------------------------------------- */

/*
 * The second one read the flags before the first one cut the block: as if its call had
 * begun then, the mark keeps it from taking the reference that is left.
 */
static void second_free_does_not_take_the_page_for_the_block(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = take(test, m, 4, 2), *before;

	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 4), 0);
	KUNIT_EXPECT_EQ(test, held(page), 1);
	KUNIT_EXPECT_NE(test, atomic_read(&page->refs), 1);
	before = mirror_test_snapshot(test, m);
	expect_refused(test, m, mirror_free_pages(m, page, 4), before);
	KUNIT_EXPECT_EQ(test, held(page), 1);

	page = take(test, m, 4, 2);
	KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 4), 0);
	KUNIT_EXPECT_EQ(test, held(page), 2);
	KUNIT_EXPECT_NE(test, atomic_read(&page->refs), 2);
}

/* The page is freed where any other single page would be. */
static void page_of_a_cut_block_goes_to_its_per_cpu_list(struct kunit *test)
{
	static const bool by_put[] = { false, true };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(by_put); i++) {
		struct mirror *m = small_mirror(test);
		struct mirror_zone *zone = normal_zone(m);
		struct mirror_page *page = take(test, m, 2, 3);
		struct mirror_pcp *pcp = mirror_test_hoard(zone);
		u32 idx = idx_of(m, page);

		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 2), 0);
		EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 1), idx + 2);
		EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), idx + 1);
		KUNIT_EXPECT_EQ(test, held(page), 2);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
		KUNIT_EXPECT_EQ(test, held(page), 1);
		KUNIT_EXPECT_EQ(test, pcp->count, 3);
		KUNIT_EXPECT_EQ(test, by_put[i] ? mirror_core_put(m, page) :
				mirror_free_pages(m, page, 0), 0);
		EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), idx, idx + 1);
		KUNIT_EXPECT_EQ(test, atomic_read(&page->refs), 0);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), -EINVAL);
	}
}

static void marked_block_goes_as_any_other(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_pcp *pcp = mirror_test_hoard(zone);
	struct mirror_page *page = take(test, m, 3, 1 + MIRROR_REFS_BAD);
	struct mirror_page *other = take(test, m, 3, 1 + MIRROR_REFS_BAD);

	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 3), 0);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 3), idx_of(m, page));
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, other), 0);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), idx_of(m, other));
	KUNIT_EXPECT_EQ(test, mirror_page_order(other + 4), 2);
	KUNIT_EXPECT_EQ(test, pcp->count, 9);
}

/* Between the look at the flags and the one at the references another holder cut the block. */
static void flags_from_before_a_cut_free_nothing(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = take(test, m, 3, 1 + MIRROR_REFS_BAD);
	u32 flags = mirror_page_flags(page);

	KUNIT_EXPECT_FALSE(test, mirror_drop_last_marked(m, page, 2, flags +
				 mirror_head_flags(0, 2) - mirror_head_flags(0, 3)));
	KUNIT_EXPECT_EQ(test, atomic_read(&page->refs), 1 + MIRROR_REFS_BAD);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 3), 0);
}

static struct kunit_case refs_cases[] = {
	KUNIT_CASE(last_put_frees_the_first_page_alone),
	KUNIT_CASE(last_put_of_a_pair_loses_its_second_page),
	KUNIT_CASE(last_put_frees_compound_blocks_and_single_pages),
	KUNIT_CASE(tail_has_no_references),
	KUNIT_CASE(split_leaves_the_first_page_its_references),
	KUNIT_CASE(split_of_the_only_holder_leaves_no_mark),
	KUNIT_CASE(second_free_does_not_take_the_page_for_the_block),
	KUNIT_CASE(page_of_a_cut_block_goes_to_its_per_cpu_list),
	KUNIT_CASE(marked_block_goes_as_any_other),
	KUNIT_CASE(flags_from_before_a_cut_free_nothing),
	{}
};

static struct kunit_suite refs_suite = {
	.name = "mirror_refs",
	.test_cases = refs_cases,
};

kunit_test_suite(refs_suite);
