// SPDX-License-Identifier: GPL-2.0
/*
 * What a watermark lets pass: reserves by kind of request, pages that do not
 * count, blocks that have to be there, and counters that are behind.
 */
#include "fixture.h"

static struct mirror_zone *zone_of(struct kunit *test, unsigned long nr_pages)
{
	return normal_zone(mirror_test_flat(test, 6, 5, nr_pages));
}

static bool ok(const struct mirror_zone *zone, unsigned int order,
	       unsigned long mark, unsigned int flags, long free)
{
	return mirror_watermark_ok(zone, order, mark, MIRROR_ZONE_NORMAL, flags,
				   free);
}

/* reserves ----------------------------------------------------------------- */

struct reserve {
	const char *name;
	unsigned int flags;
	unsigned long mark;
	long lowered;
};

static const struct reserve reserves[] = {
	{ "none", 0, 1000, 1000 },
	{ "cma", MIRROR_ALLOC_CMA, 1000, 1000 },
	{ "high", MIRROR_ALLOC_MIN_RESERVE, 1000, 500 },
	{ "high, odd", MIRROR_ALLOC_MIN_RESERVE, 1001, 501 },
	{ "nonblock alone", MIRROR_ALLOC_NON_BLOCK, 1000, 1000 },
	{ "highatomic alone", MIRROR_ALLOC_HIGHATOMIC, 1000, 1000 },
	{ "atomic", MIRROR_ALLOC_MIN_RESERVE | MIRROR_ALLOC_NON_BLOCK, 1000, 375 },
	{ "atomic, odd", MIRROR_ALLOC_MIN_RESERVE | MIRROR_ALLOC_NON_BLOCK, 1001,
	  376 },
	{ "oom", MIRROR_ALLOC_OOM, 1000, 500 },
	{ "oom and high", MIRROR_ALLOC_OOM | MIRROR_ALLOC_MIN_RESERVE, 1000, 250 },
	{ "oom and atomic", MIRROR_ALLOC_OOM | MIRROR_ALLOC_MIN_RESERVE |
	  MIRROR_ALLOC_NON_BLOCK, 1000, 188 },
	{ "oom and nonblock", MIRROR_ALLOC_OOM | MIRROR_ALLOC_NON_BLOCK, 1000, 500 },
	{ "mark of zero", MIRROR_ALLOC_MIN_RESERVE, 0, 0 },
	{ "mark of one", MIRROR_ALLOC_MIN_RESERVE | MIRROR_ALLOC_NON_BLOCK, 1, 1 },
};

KUNIT_ARRAY_PARAM_DESC(reserve, reserves, name);

static void more_than_the_lowered_mark_has_to_be_free(struct kunit *test)
{
	const struct reserve *r = test->param_value;
	struct mirror_zone *zone = zone_of(test, 256);

	KUNIT_EXPECT_FALSE(test, ok(zone, 0, r->mark, r->flags, r->lowered));
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, r->mark, r->flags, r->lowered + 1));
	KUNIT_EXPECT_FALSE(test, ok(zone, 2, r->mark, r->flags, r->lowered + 3));
	KUNIT_EXPECT_TRUE(test, ok(zone, 2, r->mark, r->flags, r->lowered + 4));
}

static void reserve_for_lower_zones_comes_on_top(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);

	zone->lowmem_reserve[MIRROR_ZONE_MOVABLE] = 30;
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 100, 0, 101));
	KUNIT_EXPECT_FALSE(test, mirror_watermark_ok(zone, 0, 100,
						     MIRROR_ZONE_MOVABLE, 0, 130));
	KUNIT_EXPECT_TRUE(test, mirror_watermark_ok(zone, 0, 100,
						    MIRROR_ZONE_MOVABLE, 0, 131));
	/* It is not lowered. */
	KUNIT_EXPECT_FALSE(test, mirror_watermark_ok(zone, 0, 100,
						     MIRROR_ZONE_MOVABLE,
						     MIRROR_ALLOC_MIN_RESERVE, 80));
}

static void negative_count_never_passes(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);

	KUNIT_EXPECT_FALSE(test, ok(zone, 0, 0, 0, 0));
	KUNIT_EXPECT_FALSE(test, ok(zone, 0, 0, 0, -1));
	KUNIT_EXPECT_FALSE(test, ok(zone, 6, 0, 0, 63));
	KUNIT_EXPECT_TRUE(test, ok(zone, 6, 0, 0, 64));
}

/* pages that do not count -------------------------------------------------- */

static void free_highatomic_pages_count_for_reserves_only(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);

	mirror_test_set_type(zone, 0, HIGHATOMIC);
	KUNIT_EXPECT_FALSE(test, ok(zone, 0, 100, 0, 132));
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 100, 0, 133));
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 100, MIRROR_ALLOC_NON_BLOCK, 101));
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 100, MIRROR_ALLOC_HIGHATOMIC, 101));
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 200, MIRROR_ALLOC_MIN_RESERVE, 101));
	KUNIT_EXPECT_FALSE(test, ok(zone, 0, 100, MIRROR_ALLOC_CMA, 132));
	mirror_test_take(zone, 4, HIGHATOMIC);
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 100, 0, 117));
}

static void free_cma_pages_count_for_movable_only(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);

	mirror_test_set_type(zone, 0, CMA);
	mirror_fold_cpu(zone->m, raw_smp_processor_id());
	KUNIT_EXPECT_FALSE(test, ok(zone, 0, 100, 0, 132));
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 100, 0, 133));
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 100, MIRROR_ALLOC_CMA, 101));
	KUNIT_EXPECT_FALSE(test, ok(zone, 0, 100, MIRROR_ALLOC_CMA, 100));
}

/* blocks ------------------------------------------------------------------- */

struct block {
	const char *name;
	int mt;
	unsigned int flags;
	bool fits;
};

static const struct block blocks[] = {
	{ "unmovable", UNMOVABLE, 0, true },
	{ "movable", MOVABLE, 0, true },
	{ "reclaimable", RECLAIMABLE, 0, true },
	{ "cma", CMA, 0, false },
	{ "cma for movable", CMA, MIRROR_ALLOC_CMA, true },
	{ "reserve", HIGHATOMIC, 0, false },
	{ "reserve for nonblock", HIGHATOMIC, MIRROR_ALLOC_NON_BLOCK, false },
	{ "reserve for high", HIGHATOMIC, MIRROR_ALLOC_MIN_RESERVE, false },
	{ "reserve for highatomic", HIGHATOMIC, MIRROR_ALLOC_HIGHATOMIC, true },
	{ "reserve for oom", HIGHATOMIC, MIRROR_ALLOC_OOM, true },
	{ "isolated", ISOLATE, MIRROR_ALLOC_OOM | MIRROR_ALLOC_CMA, false },
};

KUNIT_ARRAY_PARAM_DESC(block, blocks, name);

static void high_order_needs_a_block_the_request_may_have(struct kunit *test)
{
	const struct block *b = test->param_value;
	struct mirror_zone *zone = zone_of(test, 256);
	struct mirror_page **pages;
	u32 idx;

	mirror_test_take_all(test, zone, &pages);
	mirror_test_set_type(zone, 64, b->mt);
	for (idx = 64; idx < 72; idx++)
		mirror_test_give(zone, pages[idx]);
	KUNIT_EXPECT_EQ(test, ok(zone, 2, 0, b->flags, 1000), b->fits);
	KUNIT_EXPECT_EQ(test, ok(zone, 3, 0, b->flags, 1000), b->fits);
	KUNIT_EXPECT_FALSE(test, ok(zone, 4, 0, b->flags, 1000));
	KUNIT_EXPECT_TRUE(test, ok(zone, 0, 0, b->flags, 1000));
}

/* the fast path's ---------------------------------------------------------- */

static bool fast(struct mirror_zone *zone, unsigned int order,
		 unsigned int alloc_flags)
{
	unsigned int mark = alloc_flags & MIRROR_ALLOC_WMARK_MASK;

	return mirror_watermark_fast(zone, order, mirror_zone_wmark(zone, mark),
				     MIRROR_ZONE_NORMAL, alloc_flags);
}

/* 256 pages free, a min of 200, raised by 300. */
static struct mirror_zone *boosted_zone(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);

	mirror_test_marks(test, zone->m, 200, 200, 200);
	zone->watermark_boost = 400;
	return zone;
}

static void boost_does_not_stop_urgent_single_pages(struct kunit *test)
{
	struct mirror_zone *zone = boosted_zone(test);

	KUNIT_EXPECT_FALSE(test, fast(zone, 0, MIRROR_ALLOC_WMARK_MIN));
	KUNIT_EXPECT_TRUE(test, fast(zone, 0, MIRROR_ALLOC_WMARK_MIN |
				     MIRROR_ALLOC_MIN_RESERVE));
	KUNIT_EXPECT_FALSE(test, fast(zone, 1, MIRROR_ALLOC_WMARK_MIN |
				      MIRROR_ALLOC_MIN_RESERVE));
	KUNIT_EXPECT_FALSE(test, fast(zone, 0, MIRROR_ALLOC_WMARK_LOW |
				      MIRROR_ALLOC_MIN_RESERVE));
	KUNIT_EXPECT_FALSE(test, fast(zone, 0, MIRROR_ALLOC_WMARK_MIN |
				      MIRROR_ALLOC_NON_BLOCK));
	zone->watermark_boost = 0;
	KUNIT_EXPECT_TRUE(test, fast(zone, 0, MIRROR_ALLOC_WMARK_MIN));
}

static void fast_check_agrees_with_the_full_one(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);
	unsigned long mark;

	mirror_test_set_type(zone, 0, HIGHATOMIC);
	mirror_test_set_type(zone, 32, CMA);
	mirror_fold_cpu(zone->m, raw_smp_processor_id());
	for (mark = 180; mark < 260; mark++) {
		KUNIT_EXPECT_EQ(test, mark < 192,
				mirror_watermark_fast(zone, 0, mark, 2, 0));
		KUNIT_EXPECT_EQ(test, mark < 224,
				mirror_watermark_fast(zone, 0, mark, 2,
						      MIRROR_ALLOC_CMA));
		KUNIT_EXPECT_EQ(test, mark < 256,
				mirror_watermark_fast(zone, 0, mark, 2,
						      MIRROR_ALLOC_CMA |
						      MIRROR_ALLOC_NON_BLOCK));
	}
}

/* each combination at its edge ------------------------------------------------ */

#define M	MIRROR_ALLOC_MIN_RESERVE
#define N	MIRROR_ALLOC_NON_BLOCK
#define O	MIRROR_ALLOC_OOM
#define H	MIRROR_ALLOC_HIGHATOMIC

static const unsigned long edge_marks[] = { 1000, 1001, 7, 1 };

struct edge {
	const char *name;
	unsigned int flags;
	long lowered[ARRAY_SIZE(edge_marks)];
};

/*
 * In this order: half of the mark goes for HIGH, a quarter of the rest if the
 * request cannot wait either, half of the rest for a victim of the OOM killer.
 * Each part is rounded down, so an odd mark keeps the larger half.
 */
static const struct edge edges[] = {
	{ "none", 0, { 1000, 1001, 7, 1 } },
	{ "nonblock", N, { 1000, 1001, 7, 1 } },
	{ "highatomic", H, { 1000, 1001, 7, 1 } },
	{ "nonblock highatomic", N | H, { 1000, 1001, 7, 1 } },
	{ "high", M, { 500, 501, 4, 1 } },
	{ "high highatomic", M | H, { 500, 501, 4, 1 } },
	{ "high nonblock", M | N, { 375, 376, 3, 1 } },
	{ "high nonblock highatomic", M | N | H, { 375, 376, 3, 1 } },
	{ "oom", O, { 500, 501, 4, 1 } },
	{ "oom nonblock", O | N, { 500, 501, 4, 1 } },
	{ "oom highatomic", O | H, { 500, 501, 4, 1 } },
	{ "oom nonblock highatomic", O | N | H, { 500, 501, 4, 1 } },
	{ "oom high", O | M, { 250, 251, 2, 1 } },
	{ "oom high highatomic", O | M | H, { 250, 251, 2, 1 } },
	{ "oom high nonblock", O | M | N, { 188, 188, 2, 1 } },
	{ "oom high nonblock highatomic", O | M | N | H, { 188, 188, 2, 1 } },
	{ "kswapd cma nofragment", MIRROR_ALLOC_KSWAPD | MIRROR_ALLOC_CMA |
	  MIRROR_ALLOC_NOFRAGMENT, { 1000, 1001, 7, 1 } },
};

KUNIT_ARRAY_PARAM_DESC(edge, edges, name);

/* One page below, at, and above @edge, and what it takes on top for an order. */
static void expect_edge(struct kunit *test, struct mirror_zone *zone,
			unsigned long mark, int highest, unsigned int flags,
			long edge)
{
	unsigned int order;
	int d;

	for (order = 0; order <= 6; order++)
		for (d = -1; d <= 1; d++)
			KUNIT_EXPECT_EQ_MSG(test, d > 0,
					    mirror_watermark_ok(zone, order, mark,
								highest, flags,
								edge + (1l << order) -
								1 + d),
					    "mark %lu, order %u, %d", mark, order, d);
}

static void mark_is_passed_by_one_page(struct kunit *test)
{
	const struct edge *e = test->param_value;
	struct mirror_zone *zone = zone_of(test, 256);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(edge_marks); i++)
		expect_edge(test, zone, edge_marks[i], MIRROR_ZONE_NORMAL, e->flags,
			    e->lowered[i]);
}

/* The reserve is not lowered, and only that of the request's own zone counts. */
static void reserve_moves_every_edge(struct kunit *test)
{
	const struct edge *e = test->param_value;
	struct mirror_zone *zone = zone_of(test, 256);
	unsigned int i;

	zone->lowmem_reserve[MIRROR_ZONE_HIGHMEM] = 1;
	zone->lowmem_reserve[MIRROR_ZONE_MOVABLE] = 30;
	for (i = 0; i < ARRAY_SIZE(edge_marks); i++) {
		expect_edge(test, zone, edge_marks[i], MIRROR_ZONE_NORMAL, e->flags,
			    e->lowered[i]);
		expect_edge(test, zone, edge_marks[i], MIRROR_ZONE_HIGHMEM, e->flags,
			    e->lowered[i] + 1);
		expect_edge(test, zone, edge_marks[i], MIRROR_ZONE_MOVABLE, e->flags,
			    e->lowered[i] + 30);
	}
}

/* A pageblock of 32 each in the reserve and in CMA, free. */
static void unusable_pages_move_every_edge(struct kunit *test)
{
	const struct edge *e = test->param_value;
	struct mirror_zone *zone = zone_of(test, 256);
	long more = e->flags & (M | N | O | H) ? 0 : 32;
	long cma = e->flags & MIRROR_ALLOC_CMA ? 0 : 32;
	unsigned int i;

	mirror_test_set_type(zone, 0, HIGHATOMIC);
	mirror_test_set_type(zone, 64, CMA);
	mirror_fold_cpu(zone->m, raw_smp_processor_id());
	for (i = 0; i < ARRAY_SIZE(edge_marks); i++) {
		expect_edge(test, zone, edge_marks[i], MIRROR_ZONE_NORMAL, e->flags,
			    e->lowered[i] + more + cma);
		expect_edge(test, zone, edge_marks[i], MIRROR_ZONE_NORMAL,
			    e->flags | MIRROR_ALLOC_CMA, e->lowered[i] + more);
	}
}

/* The zone's own count says @nr, whatever is free. */
static void pretend_free(struct mirror_zone *zone, long nr)
{
	atomic_long_set(&zone->vm_stat[MIRROR_NR_FREE_PAGES], nr);
}

static void expect_fast_edge(struct kunit *test, struct mirror_zone *zone,
			     unsigned int order, unsigned long mark, int highest,
			     unsigned int flags, long edge)
{
	int d;

	for (d = -1; d <= 1; d++) {
		pretend_free(zone, edge + (1l << order) - 1 + d);
		KUNIT_EXPECT_EQ_MSG(test, d > 0,
				    mirror_watermark_fast(zone, order, mark, highest,
							  flags),
				    "mark %lu, order %u, %d", mark, order, d);
	}
	pretend_free(zone, zone->managed);
}

/* The shortcut does not lower the mark, but the full check that follows does. */
static void fast_check_has_the_same_edges(struct kunit *test)
{
	const struct edge *e = test->param_value;
	struct mirror_zone *zone = zone_of(test, 256);
	unsigned int i, order;

	mirror_test_no_drift(zone->m);
	zone->lowmem_reserve[MIRROR_ZONE_MOVABLE] = 30;
	for (i = 0; i < ARRAY_SIZE(edge_marks); i++)
		for (order = 0; order <= 6; order++) {
			expect_fast_edge(test, zone, order, edge_marks[i],
					 MIRROR_ZONE_NORMAL, e->flags,
					 e->lowered[i]);
			expect_fast_edge(test, zone, order, edge_marks[i],
					 MIRROR_ZONE_MOVABLE, e->flags,
					 e->lowered[i] + 30);
		}
}

/*
 * A min of 7, boosted by 993 to 1000: the edge is that of 1000. Only HIGH at
 * order 0, and only against the min mark, gets a second look at the edge of 7.
 */
static void boost_moves_every_edge_but_one(struct kunit *test)
{
	const struct edge *e = test->param_value;
	struct mirror_zone *zone = zone_of(test, 256);
	unsigned int order;

	mirror_test_marks(test, zone->m, 7, 7, 7);
	mirror_test_no_drift(zone->m);
	zone->watermark_boost = 993;
	KUNIT_ASSERT_EQ(test, mirror_zone_wmark(zone, MIRROR_WMARK_MIN), 1000);
	for (order = 0; order <= 6; order++) {
		bool again = order == 0 && e->flags & M;

		expect_fast_edge(test, zone, order, 1000, MIRROR_ZONE_NORMAL,
				 e->flags | MIRROR_ALLOC_WMARK_MIN,
				 e->lowered[again ? 2 : 0]);
		expect_fast_edge(test, zone, order, 1000, MIRROR_ZONE_NORMAL,
				 e->flags | MIRROR_ALLOC_WMARK_LOW, e->lowered[0]);
		expect_fast_edge(test, zone, order, 1000, MIRROR_ZONE_NORMAL,
				 e->flags | MIRROR_ALLOC_WMARK_HIGH, e->lowered[0]);
	}
}

/* More reserved than there is leaves nothing, rather than a very large number. */
static void reserve_larger_than_what_is_free_leaves_nothing(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);

	mirror_test_no_drift(zone->m);
	mirror_test_set_type(zone, 0, HIGHATOMIC);
	pretend_free(zone, 32);
	KUNIT_EXPECT_FALSE(test, mirror_watermark_fast(zone, 0, 0, 2, 0));
	pretend_free(zone, 31);
	KUNIT_EXPECT_FALSE(test, mirror_watermark_fast(zone, 0, 0, 2, 0));
	pretend_free(zone, 0);
	KUNIT_EXPECT_FALSE(test, mirror_watermark_fast(zone, 0, 0, 2, 0));
	KUNIT_EXPECT_FALSE(test, mirror_watermark_fast(zone, 0, 0, 2, N));
	pretend_free(zone, 33);
	KUNIT_EXPECT_TRUE(test, mirror_watermark_fast(zone, 0, 0, 2, 0));
	pretend_free(zone, 256);
}

/* The one free block of the zone has order @high, of a type that may not do. */
static void block_of_the_order_or_a_larger_one_is_needed(struct kunit *test)
{
	const struct block *b = test->param_value;
	unsigned int order, high;

	for (high = 0; high <= 6; high++) {
		struct mirror_zone *zone = zone_of(test, 256);
		struct mirror_page **pages;
		u32 idx;

		mirror_test_take_all(test, zone, &pages);
		mirror_test_set_type(zone, 64, b->mt);
		mirror_test_set_type(zone, 96, b->mt);
		for (idx = 0; idx < 1u << high; idx++)
			mirror_test_give(zone, pages[64 + idx]);
		KUNIT_EXPECT_TRUE(test, ok(zone, 0, 0, b->flags, 1000));
		for (order = 1; order <= 6; order++)
			KUNIT_EXPECT_EQ_MSG(test, b->fits && order <= high,
					    ok(zone, order, 0, b->flags, 1000),
					    "order %u of %u", order, high);
	}
}

/* drift -------------------------------------------------------------------- */

static void add(struct mirror_zone *zone, long nr)
{
	unsigned long flags;

	local_irq_save(flags);
	mirror_mod_zone_state(zone, MIRROR_NR_FREE_PAGES, nr);
	local_irq_restore(flags);
}

static void safe_check_adds_up_below_the_drift_mark(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 256);

	mirror_fold_cpu(zone->m, raw_smp_processor_id());
	/* Low and min are the same, so any drift is too much. */
	KUNIT_EXPECT_GT(test, zone->percpu_drift_mark, 0);
	zone->percpu_drift_mark = 300;
	add(zone, -1);
	KUNIT_EXPECT_TRUE(test, mirror_watermark_ok_now(zone, 0, 255, 2, 0));
	KUNIT_EXPECT_FALSE(test, mirror_watermark_ok_safe(zone, 0, 255, 2));
	KUNIT_EXPECT_TRUE(test, mirror_watermark_ok_safe(zone, 0, 254, 2));
	zone->percpu_drift_mark = 256;
	KUNIT_EXPECT_TRUE(test, mirror_watermark_ok_safe(zone, 0, 255, 2));
	add(zone, 1);
}

static void drift_mark_is_set_where_it_could_hide_the_min_mark(struct kunit *test)
{
	struct mirror_zone *zone = zone_of(test, 2048);
	unsigned long drift;

	/* Two CPUs at most, zone below 128 MiB */
	drift = num_online_cpus() * per_cpu_ptr(zone->stat, raw_smp_processor_id())->threshold;
	zone->percpu_drift_mark = 0;
	mirror_test_marks(test, zone->m, 100, 100 + drift, 500);
	KUNIT_EXPECT_EQ(test, zone->percpu_drift_mark, 0);
	mirror_test_marks(test, zone->m, 100, 100 + drift - 1, 500);
	KUNIT_EXPECT_EQ(test, zone->percpu_drift_mark, 500 + drift);
}

static struct kunit_case watermark_ok_cases[] = {
	KUNIT_CASE_PARAM(more_than_the_lowered_mark_has_to_be_free,
			 reserve_gen_params),
	KUNIT_CASE(reserve_for_lower_zones_comes_on_top),
	KUNIT_CASE(negative_count_never_passes),
	KUNIT_CASE(free_highatomic_pages_count_for_reserves_only),
	KUNIT_CASE(free_cma_pages_count_for_movable_only),
	KUNIT_CASE_PARAM(high_order_needs_a_block_the_request_may_have,
			 block_gen_params),
	KUNIT_CASE(boost_does_not_stop_urgent_single_pages),
	KUNIT_CASE(fast_check_agrees_with_the_full_one),
	KUNIT_CASE_PARAM(mark_is_passed_by_one_page, edge_gen_params),
	KUNIT_CASE_PARAM(reserve_moves_every_edge, edge_gen_params),
	KUNIT_CASE_PARAM(unusable_pages_move_every_edge, edge_gen_params),
	KUNIT_CASE_PARAM(fast_check_has_the_same_edges, edge_gen_params),
	KUNIT_CASE_PARAM(boost_moves_every_edge_but_one, edge_gen_params),
	KUNIT_CASE(reserve_larger_than_what_is_free_leaves_nothing),
	KUNIT_CASE_PARAM(block_of_the_order_or_a_larger_one_is_needed,
			 block_gen_params),
	KUNIT_CASE(safe_check_adds_up_below_the_drift_mark),
	KUNIT_CASE(drift_mark_is_set_where_it_could_hide_the_min_mark),
	{}
};

static struct kunit_suite watermark_ok_suite = {
	.name = "mirror_watermark_ok",
	.test_cases = watermark_ok_cases,
};

kunit_test_suite(watermark_ok_suite);
