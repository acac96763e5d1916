// SPDX-License-Identifier: GPL-2.0
/*
 * Fragmentation: what is left on the free lists when the pages that stay in use
 * lie in the worst of places.
 *
 * All counts follow from one observation. Of an aligned block of 2^k pages, with
 * one page in use wherever it lies, halving finds that page in one half and
 * leaves the other free, k times over: one free block of each order below k.
 *
 *   one page of 8   [ 2 . . . ][x|0|1 . ]       orders 0, 1 and 2
 *                   [ 1 . |0|x|2 . . .  ]       the same
 */
#include "fixture.h"

struct geometry {
	unsigned int max_order;
	unsigned int pb_order;
	unsigned int nr_pages;		/* a multiple of the largest block */
};

static const struct geometry geometries[] = {
	{ 4, 3, 256 }, { 6, 3, 512 }, { 5, 5, 1024 }, { 10, 9, 4096 },
};

/* pages that stay ----------------------------------------------------------- */

static bool in_position(u32 idx, unsigned int order, u32 position)
{
	return (idx & ((1u << order) - 1)) == position;
}

static bool odd_page(const struct geometry *g, u32 idx)
{
	return in_position(idx, 1, 1);
}

static bool even_page(const struct geometry *g, u32 idx)
{
	return in_position(idx, 1, 0);
}

static bool odd_pair(const struct geometry *g, u32 idx)
{
	return idx & 2;
}

static bool first_of_pageblock(const struct geometry *g, u32 idx)
{
	return in_position(idx, g->pb_order, 0);
}

static bool middle_of_pageblock(const struct geometry *g, u32 idx)
{
	return in_position(idx, g->pb_order, 1u << (g->pb_order - 1));
}

static bool last_of_pageblock(const struct geometry *g, u32 idx)
{
	return in_position(idx, g->pb_order, (1u << g->pb_order) - 1);
}

/* Each pageblock at another place. */
static bool wandering(const struct geometry *g, u32 idx)
{
	return in_position(idx, g->pb_order,
			   (idx >> g->pb_order) * 5 % (1u << g->pb_order));
}

static bool ends_of_pageblock(const struct geometry *g, u32 idx)
{
	return first_of_pageblock(g, idx) || last_of_pageblock(g, idx);
}

static bool odd_pageblock(const struct geometry *g, u32 idx)
{
	return (idx >> g->pb_order) & 1;
}

static bool one_of_largest(const struct geometry *g, u32 idx)
{
	return in_position(idx, g->max_order, 3);
}

static bool one_of_all(const struct geometry *g, u32 idx)
{
	return idx == 5;
}

static bool all_but_one(const struct geometry *g, u32 idx)
{
	return idx != 5;
}

static bool every(const struct geometry *g, u32 idx)
{
	return true;
}

static bool none(const struct geometry *g, u32 idx)
{
	return false;
}

/* and the free blocks of an order then ------------------------------------- */

static unsigned int half_single(const struct geometry *g, unsigned int order)
{
	return order == 0 ? g->nr_pages / 2 : 0;
}

static unsigned int quarter_pairs(const struct geometry *g, unsigned int order)
{
	return order == 1 ? g->nr_pages / 4 : 0;
}

/* One page in use of each pageblock. */
static unsigned int pinned(const struct geometry *g, unsigned int order)
{
	return order < g->pb_order ? g->nr_pages >> g->pb_order : 0;
}

/* One page in use of each half of a pageblock. */
static unsigned int pinned_twice(const struct geometry *g, unsigned int order)
{
	return order + 1 < g->pb_order ? 2 * (g->nr_pages >> g->pb_order) : 0;
}

static unsigned int half_pageblocks(const struct geometry *g, unsigned int order)
{
	return order == g->pb_order ? g->nr_pages >> (g->pb_order + 1) : 0;
}

static unsigned int pinned_largest(const struct geometry *g, unsigned int order)
{
	return order < g->max_order ? g->nr_pages >> g->max_order : 0;
}

static unsigned int all_but_one_largest(const struct geometry *g,
					unsigned int order)
{
	return order < g->max_order ? 1 : (g->nr_pages >> g->max_order) - 1;
}

static unsigned int single_page(const struct geometry *g, unsigned int order)
{
	return order == 0;
}

static unsigned int nothing(const struct geometry *g, unsigned int order)
{
	return 0;
}

static unsigned int all_largest(const struct geometry *g, unsigned int order)
{
	return order == g->max_order ? g->nr_pages >> g->max_order : 0;
}

struct pattern {
	const char *name;
	bool (*kept)(const struct geometry *g, u32 idx);
	unsigned int (*want)(const struct geometry *g, unsigned int order);
};

static const struct pattern patterns[] = {
	{ "every second page kept", odd_page, half_single },
	{ "every second page kept, from the first", even_page, half_single },
	{ "every second pair kept", odd_pair, quarter_pairs },
	{ "pageblocks pinned at the first page", first_of_pageblock, pinned },
	{ "pageblocks pinned in the middle", middle_of_pageblock, pinned },
	{ "pageblocks pinned at the last page", last_of_pageblock, pinned },
	{ "pageblocks pinned anywhere", wandering, pinned },
	{ "pageblocks pinned at both ends", ends_of_pageblock, pinned_twice },
	{ "every second pageblock kept", odd_pageblock, half_pageblocks },
	{ "largest blocks pinned", one_of_largest, pinned_largest },
	{ "one page kept", one_of_all, all_but_one_largest },
	{ "one page free", all_but_one, single_page },
	{ "all kept", every, nothing },
	{ "none kept", none, all_largest },
};

struct run {
	const struct geometry *g;
	const struct pattern *p;
};

static const void *run_gen_params(const void *prev, char *desc)
{
	static struct run runs[ARRAY_SIZE(geometries) * ARRAY_SIZE(patterns)];
	unsigned int i = prev ? (const struct run *)prev - runs + 1 : 0;

	if (i == ARRAY_SIZE(runs))
		return NULL;
	runs[i].g = &geometries[i / ARRAY_SIZE(patterns)];
	runs[i].p = &patterns[i % ARRAY_SIZE(patterns)];
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u/%u: %s", runs[i].g->max_order,
		 runs[i].g->pb_order, runs[i].p->name);
	return &runs[i];
}

/* counts ------------------------------------------------------------------- */

static struct mirror *make(struct kunit *test, const struct geometry *g)
{
	struct mirror *m = mirror_test_flat(test, g->max_order, g->pb_order,
					    g->nr_pages);

	mirror_test_no_drift(m);
	return m;
}

static void expect_pattern(struct kunit *test, const struct mirror_zone *zone,
			   const struct run *run)
{
	unsigned int want[MIRROR_NR_ORDERS_MAX], order;
	unsigned long nr_free = 0;

	for (order = 0; order <= run->g->max_order; order++) {
		want[order] = run->p->want(run->g, order);
		nr_free += (unsigned long)want[order] << order;
	}
	mirror_test_expect_nr_free(test, zone, want);
	KUNIT_EXPECT_EQ(test, zone_free(zone), nr_free);
}

static void expect_all_largest(struct kunit *test, const struct mirror_zone *zone,
			       const struct geometry *g)
{
	unsigned int want[MIRROR_NR_ORDERS_MAX] = {};

	want[g->max_order] = g->nr_pages >> g->max_order;
	mirror_test_expect_nr_free(test, zone, want);
}

static void free_all_but_kept(struct kunit *test, struct mirror_zone *zone,
			      const struct run *run)
{
	struct mirror_page **pages;
	u32 idx, nr = mirror_test_take_all(test, zone, &pages);

	for (idx = 0; idx < nr; idx++)
		if (!run->p->kept(run->g, idx))
			mirror_test_give(zone, pages[idx]);
}

static void kept_pages_leave_these_blocks(struct kunit *test)
{
	const struct run *run = test->param_value;
	struct mirror *m = make(test, run->g);
	struct mirror_zone *zone = normal_zone(m);

	free_all_but_kept(test, zone, run);
	expect_pattern(test, zone, run);
	mirror_test_free_all(test, m);
	expect_all_largest(test, zone, run->g);
}

/* From the other end, and by way of the per-CPU lists. */
static void way_and_order_of_freeing_do_not_matter(struct kunit *test)
{
	const struct run *run = test->param_value;
	struct mirror *m = make(test, run->g);
	struct mirror_zone *zone = normal_zone(m);
	u32 idx = run->g->nr_pages;

	while (mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, 0))
		;
	KUNIT_ASSERT_EQ(test, zone_free(zone), 0);
	/* What refills brought and no request took. */
	mirror_drain_all(m);
	while (mirror_test_take(zone, 0, MOVABLE))
		;
	while (idx--)
		if (!run->p->kept(run->g, idx))
			KUNIT_ASSERT_EQ(test, 0,
					mirror_free_pages(m, &m->pages[idx], 0));
	mirror_drain_all(m);
	expect_pattern(test, zone, run);
	mirror_test_free_all(test, m);
	expect_all_largest(test, zone, run->g);
}

/* Requests of an order split every block that is large enough into such. */
static unsigned long requests_served(const struct run *run, unsigned int order)
{
	unsigned long nr = 0;
	unsigned int k;

	for (k = order; k <= run->g->max_order; k++)
		nr += (unsigned long)run->p->want(run->g, k) << (k - order);
	return nr;
}

/* Takes blocks until none comes, and gives them back. */
static unsigned long serve_all(struct mirror *m, unsigned int order,
			       struct mirror_page **taken)
{
	unsigned long nr = 0, i;

	while ((taken[nr] = mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, order)))
		nr++;
	for (i = 0; i < nr; i++)
		mirror_free_pages(m, taken[i], order);
	mirror_drain_all(m);
	return nr;
}

/* Marks of 0 pass as soon as a block of the order is free. */
static void large_requests_get_what_is_whole(struct kunit *test)
{
	const struct run *run = test->param_value;
	struct mirror *m = make(test, run->g);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page **taken;
	unsigned int order;

	taken = kunit_kcalloc(test, run->g->nr_pages + 1, sizeof(*taken),
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, taken);
	free_all_but_kept(test, zone, run);
	mirror_test_no_pcp(m);
	for (order = 0; order <= run->g->max_order; order++) {
		unsigned long want = requests_served(run, order);

		KUNIT_EXPECT_EQ_MSG(test, want > 0,
				    mirror_watermark_ok_now(zone, order, 0,
							    MIRROR_ZONE_NORMAL, 0),
				    "order %u", order);
		KUNIT_EXPECT_EQ_MSG(test, serve_all(m, order, taken), want,
				    "order %u", order);
		expect_pattern(test, zone, run);
	}
}

/* types -------------------------------------------------------------------- */

static void geometry_desc(const struct geometry *g, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u/%u, %u pages", g->max_order,
		 g->pb_order, g->nr_pages);
}

KUNIT_ARRAY_PARAM(geometry, geometries, geometry_desc);

static unsigned int pageblocks_of(const struct mirror *m, int mt)
{
	unsigned int nr = 0;
	u32 idx;

	for (idx = 0; idx < m->nr_desc; idx += 1u << m->pb_order)
		nr += mirror_pageblock_type(m, idx) == mt;
	return nr;
}

/*
 * Unmovable pages into movable pageblocks that each have one page in use. A
 * request claims a pageblock, as all that is used there counts as its like, and
 * fills it before it needs the next: one for 2^pb_order - 1 pages.
 */
static void unmovable_pages_claim_no_more_than_they_fill(struct kunit *test)
{
	const struct geometry *g = test->param_value;
	const struct pattern p = { "", first_of_pageblock, pinned };
	const struct run run = { g, &p };
	struct mirror *m = make(test, g);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int per_block = (1u << g->pb_order) - 1;
	unsigned int nr, most = 3 * per_block + 1;

	free_all_but_kept(test, zone, &run);
	for (nr = 1; nr <= most; nr++) {
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_rmqueue(zone, 0,
								UNMOVABLE, 0));
		KUNIT_ASSERT_EQ(test, pageblocks_of(m, UNMOVABLE),
				DIV_ROUND_UP(nr, per_block));
	}
	KUNIT_EXPECT_EQ(test, zone_free(zone), (g->nr_pages >> g->pb_order) *
			per_block - most);
	mirror_test_free_all(test, m);
}

/*
 * Takes pages of both types in turn, and frees the movable ones. Refills, which
 * fetch more than is asked for, stay out of it.
 */
static void take_in_turn(struct kunit *test, struct mirror *m, unsigned int nr)
{
	struct mirror_page **movable;
	unsigned int i;

	movable = kunit_kcalloc(test, nr, sizeof(*movable), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, movable);
	mirror_test_no_pcp(m);
	for (i = 0; i < nr; i++) {
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_alloc(m, MIRROR_GFP_KERNEL, 0));
		movable[i] = mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, 0);
		KUNIT_ASSERT_NOT_NULL(test, movable[i]);
	}
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, movable[i], 0), 0);
	mirror_drain_all(m);
}

/*
 * Unmovable pages have a largest block to themselves, of which half is used, in
 * rising order; all others come back whole.
 */
static void grouping_keeps_long_lived_pages_together(struct kunit *test)
{
	const struct geometry *g = test->param_value;
	unsigned int want[MIRROR_NR_ORDERS_MAX] = {};
	struct mirror *m = make(test, g);

	take_in_turn(test, m, 1u << (g->max_order - 1));
	want[g->max_order - 1] = 1;
	want[g->max_order] = (g->nr_pages >> g->max_order) - 1;
	mirror_test_expect_nr_free(test, normal_zone(m), want);
	KUNIT_EXPECT_EQ(test, pageblocks_of(m, UNMOVABLE),
			1u << (g->max_order - g->pb_order));
}

/* Two largest blocks are too few for five types of pageblocks: all are mixed. */
static const struct geometry small_geometries[] = {
	{ 4, 3, 32 }, { 5, 4, 64 }, { 5, 5, 64 }, { 10, 9, 2048 },
};

KUNIT_ARRAY_PARAM(small, small_geometries, geometry_desc);

static void without_grouping_every_second_page_stays(struct kunit *test)
{
	const struct geometry *g = test->param_value;
	unsigned int want[MIRROR_NR_ORDERS_MAX] = {};
	struct mirror *m = make(test, g);

	KUNIT_ASSERT_TRUE(test, m->mobility_off);
	take_in_turn(test, m, 1u << (g->max_order - 1));
	want[0] = 1u << (g->max_order - 1);
	want[g->max_order] = 1;
	mirror_test_expect_nr_free(test, normal_zone(m), want);
}

/* 1 + 2 + 4 + ... pages, each block aligned to its size: one page stays over. */
static void one_block_of_each_order_fits_into_the_next(struct kunit *test)
{
	const struct geometry *g = test->param_value;
	unsigned int want[MIRROR_NR_ORDERS_MAX] = {};
	struct mirror *m = make(test, g);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page;
	unsigned int order;

	for (order = 0; order < g->max_order; order++) {
		page = mirror_test_take(zone, order, MOVABLE);
		KUNIT_ASSERT_PTR_EQ(test, page, &m->pages[order ? 1u << order : 0]);
	}
	want[0] = 1;
	want[g->max_order] = (g->nr_pages >> g->max_order) - 1;
	mirror_test_expect_nr_free(test, zone, want);
	mirror_test_free_all(test, m);
	expect_all_largest(test, zone, g);
}

static struct kunit_case pattern_cases[] = {
	KUNIT_CASE_PARAM(kept_pages_leave_these_blocks, run_gen_params),
	KUNIT_CASE_PARAM(way_and_order_of_freeing_do_not_matter, run_gen_params),
	KUNIT_CASE_PARAM(large_requests_get_what_is_whole, run_gen_params),
	KUNIT_CASE_PARAM(unmovable_pages_claim_no_more_than_they_fill,
			 geometry_gen_params),
	KUNIT_CASE_PARAM(grouping_keeps_long_lived_pages_together,
			 geometry_gen_params),
	KUNIT_CASE_PARAM(without_grouping_every_second_page_stays,
			 small_gen_params),
	KUNIT_CASE_PARAM(one_block_of_each_order_fits_into_the_next,
			 geometry_gen_params),
	{}
};

static struct kunit_suite pattern_suite = {
	.name = "mirror_pattern",
	.test_cases = pattern_cases,
};

kunit_test_suite(pattern_suite);
