// SPDX-License-Identifier: GPL-2.0
/*
 * Bad pages that were free: they are never handed out again, and every other page
 * still is. Each mirror is validated when its test ends.
 */
#include "hwpoison.h"

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
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
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
			KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, orders[i]), 0);
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

/* Each of these stops all CPUs, which takes an emulated machine 10 ms. */
#define MOST_REPORTS	(IS_ENABLED(CONFIG_SMP) ? 200ul : 1500ul)

static void pages_in_random_order(struct kunit *test)
{
	const struct mirror_test_geometry *g = test->param_value;
	struct mirror *m = mirror_test_geometry(test, g);
	struct mirror_bad_page bad;
	struct rnd_state rnd;
	u32 *order, i, nr = min(m->managed, MOST_REPORTS);

	mirror_test_seed(test, &rnd);
	order = kunit_kcalloc(test, m->managed, sizeof(*order), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, order);
	for (i = 0; i < m->managed; i++) {
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
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
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
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
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
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
	expect_rest_free(test, m, 1);
}

/* validation ------------------------------------------------------------------------ */

/* Each of these is so many faults; the mirror is as it was afterwards. */
static void check_notices(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_page *page = alloc(test, m, 0, 0), *lost = &m->pages[9];
	u32 flags;

	isolate(test, m, 9);
	isolate(test, m, 12);
	mark(test, m, page, 0);
	KUNIT_ASSERT_EQ(test, m->bad.nr, 3);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	atomic_andnot(MIRROR_REFS_BAD, &page->refs);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 1);
	atomic_or(MIRROR_REFS_BAD, &page->refs);
	atomic_set(&lost->refs, 1);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 1);
	/* Not while a frame is on its way from one state to the other. */
	m->bad.moving = 9;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	m->bad.moving = MIRROR_NIL;
	atomic_set(&lost->refs, 0);
	flags = lost->flags;
	lost->flags = flags | 1u << MIRROR_PF_ORDER_SHIFT;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 3);
	lost->flags = flags;
	/* A frame that is free, one that is not there, two in the wrong order. */
	m->bad.idx[1] = 10;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 2);
	m->bad.idx[1] = 9;
	m->bad.idx[2] = m->nr_desc;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 2);
	m->bad.idx[2] = 9;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 1);
	m->bad.idx[2] = 12;
	m->bad.nr = 2;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 1);
	m->bad.nr = 3;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
}

static struct kunit_case hwpoison_cases[] = {
	KUNIT_CASE(any_page_of_a_free_block_of_any_order),
	KUNIT_CASE(remaining_halves_go_to_the_head_of_their_lists),
	KUNIT_CASE(buddy_of_a_bad_page_stays_alone),
	KUNIT_CASE(page_on_a_per_cpu_list),
	KUNIT_CASE(pageblock_that_is_no_mobility),
	KUNIT_CASE(bad_page_in_a_pageblock_that_changes_its_type),
	KUNIT_CASE_PARAM(pages_in_random_order, geometry_gen_params),
	KUNIT_CASE(reports_that_are_refused),
	KUNIT_CASE(page_is_given_back_only_in_a_test),
	KUNIT_CASE(mirror_out_of_service_isolates_nothing),
	KUNIT_CASE(page_between_two_states),
	KUNIT_CASE(list_that_cannot_grow),
	KUNIT_CASE_PARAM(reset_keeps_bad_pages, geometry_gen_params),
	KUNIT_CASE(no_reset_while_a_bad_page_is_in_use),
	KUNIT_CASE(check_notices),
	{}
};

static struct kunit_suite hwpoison_suite = {
	.name = "mirror_hwpoison",
	.test_cases = hwpoison_cases,
};

kunit_test_suite(hwpoison_suite);
