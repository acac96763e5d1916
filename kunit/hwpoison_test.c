// SPDX-License-Identifier: GPL-2.0
/*
 * Bad pages: wherever a page is when it is reported, it is never handed out again,
 * and every other page still is. Each mirror is validated when its test ends.
 */
#include "fixture.h"

static unsigned long pfn_of(const struct mirror *m, u32 idx)
{
	return mirror_idx_to_pfn(m, idx);
}

static int report(struct mirror *m, u32 idx, struct mirror_bad_page *bad)
{
	return mirror_hwpoison(m, pfn_of(m, idx), false, bad);
}

static void expect_isolated(struct kunit *test, struct mirror *m, u32 idx)
{
	KUNIT_EXPECT_EQ_MSG(test, mirror_page_state(&m->pages[idx]),
			    MIRROR_PAGE_BAD, "frame %u", idx);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->pages[idx].refs), 0);
}

static void isolate(struct kunit *test, struct mirror *m, u32 idx)
{
	struct mirror_bad_page bad;

	KUNIT_ASSERT_EQ(test, report(m, idx, &bad), 0);
	KUNIT_EXPECT_EQ(test, bad.where, MIRROR_BAD_ISOLATED);
	KUNIT_EXPECT_EQ(test, bad.idx, idx);
	expect_isolated(test, m, idx);
}

/* Reports a page of a block that the test holds. */
static void mark(struct kunit *test, struct mirror *m, struct mirror_page *head,
		 u32 at)
{
	struct mirror_bad_page bad;

	KUNIT_ASSERT_EQ(test, report(m, idx_of(m, head) + at, &bad), 0);
	KUNIT_EXPECT_EQ(test, bad.where, MIRROR_BAD_IN_USE);
	KUNIT_EXPECT_EQ(test, bad.idx, idx_of(m, head) + at);
	KUNIT_EXPECT_EQ(test, bad.head, idx_of(m, head));
	KUNIT_EXPECT_EQ(test, bad.order, mirror_page_order(head));
	KUNIT_EXPECT_EQ(test, bad.owner, head->owner);
	KUNIT_EXPECT_EQ(test, bad.private, head->private);
}

static void take_back(struct kunit *test, struct mirror *m, u32 idx)
{
	KUNIT_ASSERT_EQ(test, mirror_unpoison(m, pfn_of(m, idx)), 0);
	KUNIT_EXPECT_NE(test, mirror_page_state(&m->pages[idx]), MIRROR_PAGE_BAD);
}

static struct mirror_page *alloc(struct kunit *test, struct mirror *m, u32 gfp,
				 unsigned int order)
{
	struct mirror_page *page = mirror_test_alloc(m, gfp, order);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

/* All that is free is merged as far as it can be, and is all but @nr_bad pages. */
static void expect_rest_free(struct kunit *test, struct mirror *m,
			     unsigned long nr_bad)
{
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed - nr_bad);
	KUNIT_EXPECT_EQ(test, mirror_nr_hwpoison(m), nr_bad);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
}

/* One block of the largest order, which is the whole mirror. */
static struct mirror *one_block(struct kunit *test, unsigned int order)
{
	struct mirror *m = mirror_test_flat(test, order, max(order - 1, 1u),
					    1ul << order);

	mirror_test_no_drift(m);
	return m;
}

static void expect_one_block(struct kunit *test, struct mirror *m)
{
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->free_area[m->max_order].nr_free, 1);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
}

/* free pages ---------------------------------------------------------------- */

/* What is left of one block: one of each smaller order, beside the page. */
static void expect_halves(struct kunit *test, struct mirror *m, u32 idx)
{
	const struct mirror_zone *zone = normal_zone(m);
	int mt = mirror_pageblock_type(m, 0);
	unsigned int order;

	for (order = 0; order < m->max_order; order++)
		EXPECT_FREE_LIST(test, zone, order, mt,
				 round_down(idx ^ 1u << order, 1u << order));
	KUNIT_EXPECT_EQ(test, zone_free(zone), m->managed - 1);
}

static void any_page_of_a_free_block_of_any_order(struct kunit *test)
{
	unsigned int order;

	for (order = 1; order <= 7; order++) {
		struct mirror *m = one_block(test, order);
		u32 idx;

		for (idx = 0; idx < 1u << order; idx++) {
			isolate(test, m, idx);
			expect_halves(test, m, idx);
			KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
			take_back(test, m, idx);
			expect_one_block(test, m);
		}
	}
}

/* As add_to_free_list() of the reference is called without "tail". */
static void remaining_halves_go_to_the_head_of_their_lists(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 4, 64);
	const struct mirror_zone *zone = normal_zone(m);
	int mt = mirror_pageblock_type(m, 0);

	isolate(test, m, 5);
	isolate(test, m, 16 + 15);
	EXPECT_FREE_LIST(test, zone, 4, mt, 32, 48);
	EXPECT_FREE_LIST(test, zone, 3, mt, 16, 8);
	EXPECT_FREE_LIST(test, zone, 2, mt, 24, 0);
	EXPECT_FREE_LIST(test, zone, 1, mt, 28, 6);
	EXPECT_FREE_LIST(test, zone, 0, mt, 30, 4);
}

static void buddy_of_a_bad_page_stays_alone(struct kunit *test)
{
	struct mirror *m = one_block(test, 3);
	const struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page;

	isolate(test, m, 2);
	page = mirror_test_take(zone->node->zones + zone->type, 0,
				mirror_pageblock_type(m, 0));
	KUNIT_ASSERT_EQ(test, idx_of(m, page), 3);
	KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 0), 0);
	expect_rest_free(test, m, 1);
	KUNIT_EXPECT_EQ(test, mirror_test_blocks(zone, 0), 1);
}

static void page_on_a_per_cpu_list(struct kunit *test)
{
	static const unsigned int orders[] = { 0, 1, 2, 3, 5 };
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_pcp *pcp = this_pcp(normal_zone(m));
	unsigned int i, at;

	/* So that nothing that is freed goes on to the zone. */
	pcp->high = 1000;
	pcp->high_min = 1000;
	pcp->high_max = 1000;
	pcp->batch = 100;

	for (i = 0; i < ARRAY_SIZE(orders); i++)
		for (at = 0; at < 1u << orders[i]; at++) {
			struct mirror_page *page =
				mirror_test_take(normal_zone(m), orders[i], MOVABLE);

			KUNIT_ASSERT_NOT_NULL(test, page);
			KUNIT_ASSERT_EQ(test, mirror_core_free(m, page, orders[i]), 0);
			KUNIT_ASSERT_EQ(test, mirror_page_state(page), MIRROR_PAGE_PCP);
			isolate(test, m, idx_of(m, page) + at);
			expect_rest_free(test, m, 1);
			take_back(test, m, idx_of(m, page) + at);
			expect_rest_free(test, m, 0);
		}
}

static void pageblock_that_is_no_mobility(struct kunit *test)
{
	static const int types[] = { HIGHATOMIC, CMA, ISOLATE };
	struct mirror *m = mirror_test_flat(test, 5, 4, 256);
	struct mirror_zone *zone = normal_zone(m);
	unsigned long free = zone_free(zone), cma, reserved, i;
	u32 at;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		mirror_test_set_type(zone, 32, types[i]);
		free = zone_free(zone);
		cma = mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA);
		reserved = zone->nr_free_highatomic;
		for (at = 32; at < 48; at++) {
			isolate(test, m, at);
			KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
			KUNIT_EXPECT_EQ(test, zone_free(zone),
					free - (types[i] != ISOLATE));
			KUNIT_EXPECT_EQ(test, cma - (types[i] == CMA),
					mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA));
			KUNIT_EXPECT_EQ(test, zone->nr_free_highatomic,
					reserved - (types[i] == HIGHATOMIC));
			take_back(test, m, at);
			KUNIT_EXPECT_EQ(test, zone_free(zone), free);
		}
		mirror_test_set_type(zone, 32, MOVABLE);
		expect_rest_free(test, m, 0);
	}
}

/* A pageblock gets another type, and its bad page stays where it is. */
static void bad_page_in_a_pageblock_that_changes_its_type(struct kunit *test)
{
	static const int types[] = { ISOLATE, CMA, HIGHATOMIC, MOVABLE };
	struct mirror *m = mirror_test_flat(test, 5, 4, 128);
	unsigned int i;

	isolate(test, m, 21);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		mirror_test_set_type(normal_zone(m), 16, types[i]);
		expect_isolated(test, m, 21);
		KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	}
	take_back(test, m, 21);
	expect_rest_free(test, m, 0);
}

static void every_page_in_random_order(struct kunit *test)
{
	const struct mirror_test_geometry *g = test->param_value;
	struct mirror *m = mirror_test_geometry(test, g);
	struct mirror_bad_page bad;
	struct rnd_state rnd;
	u32 *order, i, nr = min(m->managed, 1500ul);

	mirror_test_seed(test, &rnd);
	order = kunit_kcalloc(test, nr, sizeof(*order), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, order);
	for (i = 0; i < nr; i++) {
		u32 j = prandom_u32_state(&rnd) % (i + 1);

		order[i] = order[j];
		order[j] = mirror_pfn_to_idx(m, m->ranges[0].start_pfn + i);
	}
	for (i = 0; i < nr; i++)
		isolate(test, m, order[i]);
	expect_rest_free(test, m, nr);
	if (nr == m->managed)
		KUNIT_EXPECT_NULL(test, mirror_test_alloc(m, 0, 0));
	for (i = 0; mirror_next_bad_page(m, i, &bad); i = bad.idx + 1)
		KUNIT_EXPECT_EQ(test, bad.where, MIRROR_BAD_ISOLATED);
	while (nr--)
		take_back(test, m, order[nr]);
	expect_rest_free(test, m, 0);
}

KUNIT_ARRAY_PARAM(geometry, mirror_test_geometries, mirror_test_geometry_desc);

/* pages in use ---------------------------------------------------------------- */

static void any_page_of_a_block_in_use_of_any_order(struct kunit *test)
{
	static const u32 gfps[] = { 0, __MIRROR_GFP_COMP };
	struct mirror *m = one_block(test, 6);
	unsigned int order, i;
	u32 at;

	/* The report of a double free is the same each time. */
	m->report_limit.burst = 1;
	for (order = 0; order <= 6; order++)
		for (at = 0; at < 2u << order; at++) {
			struct mirror_page *page = alloc(test, m, gfps[at % 2], order);
			u32 idx = idx_of(m, page);

			mark(test, m, page, at / 2);
			KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
			KUNIT_EXPECT_EQ(test, mirror_unpoison(m, pfn_of(m, idx + at / 2)),
					-EBUSY);
			KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, order), 0);
			expect_isolated(test, m, idx + at / 2);
			expect_rest_free(test, m, 1);
			KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, order), -EINVAL);
			for (i = 0; i < 1u << order; i++)
				KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + i), -EINVAL);
			take_back(test, m, idx + at / 2);
			expect_one_block(test, m);
		}
}

/* The type of each pageblock decides where its pages go. */
static void block_of_several_pageblocks(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 4, 128);
	struct mirror_page *page = alloc(test, m, 0, 6);
	u32 idx = idx_of(m, page);

	mark(test, m, page, 17);
	mark(test, m, page, 63);
	mirror_test_set_type(normal_zone(m), idx + 16, CMA);
	mirror_test_set_type(normal_zone(m), idx + 32, ISOLATE);
	KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 6), 0);
	expect_isolated(test, m, idx + 17);
	expect_isolated(test, m, idx + 63);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 128 - 2 - 16);
	mirror_test_set_type(normal_zone(m), idx + 32, MOVABLE);
	mirror_test_set_type(normal_zone(m), idx + 16, MOVABLE);
	expect_rest_free(test, m, 2);
}

static void last_of_several_references(struct kunit *test)
{
	static const u32 gfps[] = { 0, __MIRROR_GFP_COMP };
	struct mirror *m = one_block(test, 6);
	unsigned int i;

	for (i = 0; i < 2 * ARRAY_SIZE(gfps); i++) {
		struct mirror_page *page = alloc(test, m, gfps[i % 2], 3);
		u32 bad = idx_of(m, page) + 6;

		if (i < 2)
			mark(test, m, page, 6);
		KUNIT_EXPECT_EQ(test, mirror_core_get(m, page + 6), 0);
		KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
		if (i >= 2)
			mark(test, m, page, 6);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + 6), 0);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
		KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_USED);
		KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + 1), 0);
		expect_isolated(test, m, bad);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), -EINVAL);
		expect_rest_free(test, m, 1);
		take_back(test, m, bad);
		expect_one_block(test, m);
	}
}

/* One free too many, while whoever had the last reference is just freeing. */
static void reference_that_nobody_had(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_page *page = alloc(test, m, 0, 2);

	mark(test, m, page, 1);
	atomic_dec(&page->refs);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), -EINVAL);
	expect_isolated(test, m, idx_of(m, page) + 1);
	expect_rest_free(test, m, 1);
}

/* Of a block that is not compound all but the first page is freed. */
static void tails_of_a_shared_block(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	u32 at;

	for (at = 0; at < 16; at++) {
		struct mirror_page *page = alloc(test, m, 0, 4);
		u32 bad = idx_of(m, page) + at;

		KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
		mark(test, m, page, at);
		KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 4), 0);
		KUNIT_EXPECT_EQ(test, mirror_page_flags(page) & ~MIRROR_PF_ZONE,
				mirror_head_flags(MIRROR_PAGE_USED, 0));
		mirror_drain_all(m);
		KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed - 1 - !!at);
		KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
		KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 0), 0);
		expect_isolated(test, m, bad);
		expect_rest_free(test, m, 1);
		take_back(test, m, bad);
		expect_one_block(test, m);
	}
}

static void split_block(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	unsigned int i;
	u32 at;

	for (at = 0; at < 16; at++) {
		struct mirror_page *page = alloc(test, m, 0, 4);
		u32 idx = idx_of(m, page);

		page->owner = 7;
		mark(test, m, page, at);
		KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 4), 0);
		KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
		for (i = 0; i < 16; i++) {
			KUNIT_EXPECT_EQ(test, atomic_read(&page[i].refs) == 1, i != at);
			KUNIT_EXPECT_EQ(test, mirror_refs_held(atomic_read(&page[i].refs)),
					1);
			KUNIT_EXPECT_EQ(test, page[i].owner, 7);
		}
		for (i = 0; i < 16; i++)
			KUNIT_EXPECT_EQ(test, mirror_core_free(m, page + i, 0), 0);
		expect_isolated(test, m, idx + at);
		expect_rest_free(test, m, 1);
		take_back(test, m, idx + at);
		expect_one_block(test, m);
	}
}

static void array_of_pages(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	struct mirror_page *pages[32], *copy[32];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = alloc(test, m, 0, 0);
	memcpy(copy, pages, sizeof(pages));
	for (i = 0; i < ARRAY_SIZE(pages); i += 5)
		mark(test, m, pages[i], 0);
	KUNIT_EXPECT_EQ(test, mirror_core_free_bulk(m, 32, pages), 32);
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		KUNIT_EXPECT_NULL(test, pages[i]);
		KUNIT_EXPECT_EQ(test, mirror_page_state(copy[i]) == MIRROR_PAGE_BAD,
				i % 5 == 0);
	}
	expect_rest_free(test, m, 7);
}

/* A block may keep the mark without a reason: it is freed like any other. */
static void mark_without_a_bad_page(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	struct mirror_page *page = alloc(test, m, 0, 5);

	atomic_or(MIRROR_REFS_BAD, &page->refs);
	KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 5), 0);
	mirror_test_free_all(test, m);
	page = alloc(test, m, 0, 5);
	atomic_or(MIRROR_REFS_BAD, &page->refs);
	KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 5), 0);
	expect_one_block(test, m);
}

/* answers ------------------------------------------------------------------------ */

static void reports_that_are_refused(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 250);
	struct mirror_page *page = alloc(test, m, 0, 2);
	struct mirror_bad_page bad;

	isolate(test, m, 249);
	KUNIT_EXPECT_EQ(test, report(m, 249, &bad), -EHWPOISON);
	KUNIT_EXPECT_EQ(test, bad.where, MIRROR_BAD_ISOLATED);
	mark(test, m, page, 1);
	KUNIT_EXPECT_EQ(test, report(m, idx_of(m, page) + 1, &bad), -EHWPOISON);
	KUNIT_EXPECT_EQ(test, bad.where, MIRROR_BAD_IN_USE);
	KUNIT_EXPECT_EQ(test, bad.head, idx_of(m, page));
	KUNIT_EXPECT_EQ(test, mirror_hwpoison(m, TEST_PFN - 1, false, &bad), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_hwpoison(m, TEST_PFN + 250, false, &bad), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_hwpoison(m, ULONG_MAX, false, &bad), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_nr_hwpoison(m), 2);
}

static void page_is_given_back_only_in_a_test(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_bad_page bad;

	isolate(test, m, 3);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, TEST_PFN + 4), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, TEST_PFN + 16), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, ULONG_MAX), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_hwpoison(m, TEST_PFN + 9, true, &bad), 0);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, TEST_PFN + 3), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, TEST_PFN + 9), -EOPNOTSUPP);
	expect_rest_free(test, m, 2);
}

static void mirror_out_of_service_isolates_nothing(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_bad_page bad;

	isolate(test, m, 3);
	mirror_take_out(m);
	KUNIT_EXPECT_EQ(test, report(m, 5, &bad), -EIO);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, TEST_PFN + 3), -EIO);
	mirror_test_mend(m);
	expect_rest_free(test, m, 1);
}

/* A page that a task is just freeing, for longer than anybody waits. */
static void page_between_two_states(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_page *page = alloc(test, m, 0, 0);
	struct mirror_bad_page bad;

	atomic_set(&page->refs, 0);
	KUNIT_EXPECT_EQ(test, report(m, idx_of(m, page), &bad), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_nr_hwpoison(m), 0);
	atomic_set(&page->refs, 1);
	mark(test, m, page, 0);
	KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 0), 0);
	expect_rest_free(test, m, 1);
}

static void list_that_cannot_grow(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	size_t bytes = m->metadata_bytes;
	struct mirror_bad_page bad;
	u32 idx;
	int ret;

	for (idx = 0; idx < 40; idx++) {
		mirror_host_refuse_nth = 1;
		ret = report(m, idx, &bad);
		mirror_host_refuse_nth = 0;
		KUNIT_EXPECT_TRUE(test, !ret || ret == -ENOMEM);
		KUNIT_EXPECT_EQ(test, ret == -ENOMEM, idx == 0 || idx == 16 || idx == 32);
		if (ret)
			isolate(test, m, idx);
	}
	KUNIT_EXPECT_EQ(test, m->metadata_bytes, bytes + 64 * sizeof(u32));
	expect_rest_free(test, m, 40);
}

/* reset ---------------------------------------------------------------------------- */

static void reset_keeps_bad_pages(struct kunit *test)
{
	const struct mirror_test_geometry *g = test->param_value;
	struct mirror *m = mirror_test_geometry(test, g);
	const u32 first = mirror_pfn_to_idx(m, m->ranges[0].start_pfn);
	const u32 bad[] = { 0, 1, 63, 64, 500, g->nr_pages - 1 };
	struct mirror_page *page = alloc(test, m, 0, 0);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (first + bad[i] != idx_of(m, page))
			isolate(test, m, first + bad[i]);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (first + bad[i] != idx_of(m, page))
			expect_isolated(test, m, first + bad[i]);
	expect_rest_free(test, m, mirror_nr_hwpoison(m));
	while ((page = mirror_test_alloc(m, 0, 0)))
		for (i = 0; i < ARRAY_SIZE(bad); i++)
			KUNIT_EXPECT_FALSE(test, idx_of(m, page) == first + bad[i] &&
					   mirror_bad_listed(m, first + bad[i]));
}

/* A bad page that somebody holds is none that a reset may leave out. */
static void no_reset_while_a_bad_page_is_in_use(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_page *page = alloc(test, m, 0, 0);

	mark(test, m, page, 0);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
	expect_rest_free(test, m, 1);
}

/* validation ------------------------------------------------------------------------ */

/* Each of these is a fault; the mirror is as it was afterwards. */
static void check_notices(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_page *page = alloc(test, m, 0, 0), *lost = &m->pages[9];
	u32 flags;

	isolate(test, m, 9);
	mark(test, m, page, 0);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	atomic_andnot(MIRROR_REFS_BAD, &page->refs);
	KUNIT_EXPECT_NE(test, mirror_test_faults(test, m), 0);
	atomic_or(MIRROR_REFS_BAD, &page->refs);
	atomic_set(&lost->refs, 1);
	KUNIT_EXPECT_NE(test, mirror_test_faults(test, m), 0);
	atomic_set(&lost->refs, 0);
	flags = lost->flags;
	lost->flags = flags | 1u << MIRROR_PF_ORDER_SHIFT;
	KUNIT_EXPECT_NE(test, mirror_test_faults(test, m), 0);
	lost->flags = flags;
	m->bad.idx[0]++;
	KUNIT_EXPECT_NE(test, mirror_test_faults(test, m), 0);
	m->bad.idx[0]--;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
}

/* all of it at random ------------------------------------------------------------------ */

#define NR_HELD		64
#define NR_OPS		4000

struct chaos {
	struct kunit *test;
	struct mirror *m;
	struct rnd_state rnd;
	struct mirror_page *held[NR_HELD];
	u8 order[NR_HELD];
};

static u32 pick(struct chaos *c, u32 below)
{
	return prandom_u32_state(&c->rnd) % below;
}

/* No page of a block that was just handed out may be known to be bad. */
static void take_or_free(struct chaos *c, unsigned int slot)
{
	struct mirror *m = c->m;
	unsigned int order = c->order[slot];

	if (c->held[slot]) {
		KUNIT_EXPECT_EQ(c->test, mirror_core_free(m, c->held[slot], order), 0);
		c->held[slot] = NULL;
		return;
	}
	order = pick(c, m->max_order + 1);
	if (pick(c, 2))
		order = 0;
	c->held[slot] = mirror_test_alloc(m, pick(c, 2) ? __MIRROR_GFP_MOVABLE : 0,
					  order);
	c->order[slot] = order;
	if (c->held[slot])
		KUNIT_EXPECT_FALSE(c->test,
				   mirror_has_bad(m, idx_of(m, c->held[slot]), order));
}

static void random_step(struct chaos *c)
{
	struct mirror *m = c->m;
	u32 idx = mirror_pfn_to_idx(m, m->ranges[0].start_pfn + pick(c, m->managed));
	struct mirror_bad_page bad;
	int ret;

	switch (pick(c, 8)) {
	case 0:
		ret = report(m, idx, &bad);
		KUNIT_EXPECT_TRUE(c->test, !ret || ret == -EHWPOISON);
		return;
	case 1:
		/* The next bad page from there on, so that there are never too many. */
		if (mirror_next_bad_page(m, idx, &bad)) {
			ret = mirror_unpoison(m, pfn_of(m, bad.idx));
			KUNIT_EXPECT_EQ(c->test, ret,
					bad.where == MIRROR_BAD_IN_USE ? -EBUSY : 0);
		}
		return;
	default:
		take_or_free(c, pick(c, NR_HELD));
	}
}

static void reports_among_allocations(struct kunit *test)
{
	struct chaos *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	struct mirror_bad_page bad;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->test = test;
	c->m = mirror_test_flat(test, 5, 4, 700);
	mirror_test_seed(test, &c->rnd);
	for (i = 0; i < NR_OPS; i++) {
		random_step(c);
		if (i % 128 == 0)
			KUNIT_EXPECT_EQ(test, mirror_test_faults(test, c->m), 0);
	}
	for (i = 0; i < NR_HELD; i++)
		if (c->held[i])
			take_or_free(c, i);
	expect_rest_free(test, c->m, mirror_nr_hwpoison(c->m));
	while (mirror_next_bad_page(c->m, 0, &bad))
		take_back(test, c->m, bad.idx);
	expect_rest_free(test, c->m, 0);
}

static struct kunit_case hwpoison_cases[] = {
	KUNIT_CASE(any_page_of_a_free_block_of_any_order),
	KUNIT_CASE(remaining_halves_go_to_the_head_of_their_lists),
	KUNIT_CASE(buddy_of_a_bad_page_stays_alone),
	KUNIT_CASE(page_on_a_per_cpu_list),
	KUNIT_CASE(pageblock_that_is_no_mobility),
	KUNIT_CASE(bad_page_in_a_pageblock_that_changes_its_type),
	KUNIT_CASE_PARAM(every_page_in_random_order, geometry_gen_params),
	KUNIT_CASE(any_page_of_a_block_in_use_of_any_order),
	KUNIT_CASE(block_of_several_pageblocks),
	KUNIT_CASE(last_of_several_references),
	KUNIT_CASE(reference_that_nobody_had),
	KUNIT_CASE(tails_of_a_shared_block),
	KUNIT_CASE(split_block),
	KUNIT_CASE(array_of_pages),
	KUNIT_CASE(mark_without_a_bad_page),
	KUNIT_CASE(reports_that_are_refused),
	KUNIT_CASE(page_is_given_back_only_in_a_test),
	KUNIT_CASE(mirror_out_of_service_isolates_nothing),
	KUNIT_CASE(page_between_two_states),
	KUNIT_CASE(list_that_cannot_grow),
	KUNIT_CASE_PARAM(reset_keeps_bad_pages, geometry_gen_params),
	KUNIT_CASE(no_reset_while_a_bad_page_is_in_use),
	KUNIT_CASE(check_notices),
	KUNIT_CASE(reports_among_allocations),
	{}
};

static struct kunit_suite hwpoison_suite = {
	.name = "mirror_hwpoison",
	.test_cases = hwpoison_cases,
};

kunit_test_suite(hwpoison_suite);
