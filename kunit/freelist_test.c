// SPDX-License-Identifier: GPL-2.0
/*
 * The fast path: what the flags of a request mean, how far down it may go, and
 * where it looks before it mixes types.
 */
#include "fixture.h"

KUNIT_ARRAY_PARAM(geometry, mirror_test_geometries, mirror_test_geometry_desc);

/* flags -------------------------------------------------------------------- */

struct gfp {
	const char *name;
	u32 gfp;
	int zone;		/* or -EINVAL */
	int mt;
};

#define M	__MIRROR_GFP_MOVABLE
#define R	__MIRROR_GFP_RECLAIMABLE
#define BAD	(-EINVAL)

static const struct gfp gfps[] = {
	{ "none", 0, MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "kernel", MIRROR_GFP_KERNEL, MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "movable", M, MIRROR_ZONE_NORMAL, MOVABLE },
	{ "reclaimable", R, MIRROR_ZONE_NORMAL, RECLAIMABLE },
	{ "dma", __MIRROR_GFP_DMA, MIRROR_ZONE_DMA, UNMOVABLE },
	{ "dma movable", __MIRROR_GFP_DMA | M, MIRROR_ZONE_DMA, MOVABLE },
	{ "dma32", __MIRROR_GFP_DMA32, MIRROR_ZONE_DMA32, UNMOVABLE },
	{ "dma32 movable", __MIRROR_GFP_DMA32 | M, MIRROR_ZONE_DMA32, MOVABLE },
	{ "highmem", __MIRROR_GFP_HIGHMEM, MIRROR_ZONE_HIGHMEM, UNMOVABLE },
	{ "highmem reclaimable", __MIRROR_GFP_HIGHMEM | R, MIRROR_ZONE_HIGHMEM,
	  RECLAIMABLE },
	{ "highuser movable", MIRROR_GFP_HIGHUSER_MOVABLE, MIRROR_ZONE_MOVABLE,
	  MOVABLE },
	{ "dma and dma32", __MIRROR_GFP_DMA | __MIRROR_GFP_DMA32, BAD },
	{ "dma and highmem", __MIRROR_GFP_DMA | __MIRROR_GFP_HIGHMEM, BAD },
	{ "dma32 and highmem", __MIRROR_GFP_DMA32 | __MIRROR_GFP_HIGHMEM, BAD },
	{ "two zones, movable", __MIRROR_GFP_DMA | __MIRROR_GFP_HIGHMEM | M, BAD },
	{ "two mobilities", M | R, BAD },
	{ "unknown bit", 1u << 21, BAD },
	{ "highest bit", 1u << 31, BAD },
	{ "all known but contradictions",
	  __MIRROR_GFP_ALL & ~(__MIRROR_GFP_DMA | __MIRROR_GFP_DMA32 | R),
	  MIRROR_ZONE_MOVABLE, MOVABLE },
};

KUNIT_ARRAY_PARAM_DESC(gfp, gfps, name);

static void gfp_names_zone_and_mobility(struct kunit *test)
{
	const struct gfp *g = test->param_value;
	struct mirror *m = mirror_test_flat(test, 4, 3, 256);

	KUNIT_EXPECT_EQ(test, mirror_gfp_check(g->gfp), g->zone == BAD ? BAD : 0);
	if (g->zone == BAD)
		return;
	KUNIT_EXPECT_EQ(test, mirror_gfp_zone(g->gfp), g->zone);
	KUNIT_EXPECT_EQ(test, mirror_gfp_migratetype(m, g->gfp), g->mt);
}

struct depth {
	const char *name;
	u32 gfp;
	unsigned int order;
	unsigned int flags;
};

static const struct depth depths[] = {
	{ "kernel", MIRROR_GFP_KERNEL, 0, MIRROR_ALLOC_KSWAPD },
	{ "movable", MIRROR_GFP_HIGHUSER_MOVABLE, 9,
	  MIRROR_ALLOC_KSWAPD | MIRROR_ALLOC_CMA },
	{ "high", MIRROR_GFP_KERNEL | __MIRROR_GFP_HIGH, 2,
	  MIRROR_ALLOC_KSWAPD | MIRROR_ALLOC_MIN_RESERVE },
	{ "atomic", MIRROR_GFP_ATOMIC, 0, MIRROR_ALLOC_KSWAPD |
	  MIRROR_ALLOC_MIN_RESERVE | MIRROR_ALLOC_NON_BLOCK },
	{ "atomic of order 1", MIRROR_GFP_ATOMIC, 1, MIRROR_ALLOC_KSWAPD |
	  MIRROR_ALLOC_MIN_RESERVE | MIRROR_ALLOC_NON_BLOCK |
	  MIRROR_ALLOC_HIGHATOMIC },
	{ "nowait", MIRROR_GFP_NOWAIT, 3, MIRROR_ALLOC_KSWAPD |
	  MIRROR_ALLOC_NON_BLOCK },
	{ "nomemalloc", MIRROR_GFP_ATOMIC | __MIRROR_GFP_NOMEMALLOC, 1,
	  MIRROR_ALLOC_KSWAPD | MIRROR_ALLOC_MIN_RESERVE },
	{ "nothing", 0, 1, MIRROR_ALLOC_NON_BLOCK },
};

KUNIT_ARRAY_PARAM_DESC(depth, depths, name);

static void gfp_says_how_deep_a_request_may_go(struct kunit *test)
{
	const struct depth *d = test->param_value;
	int mt = d->gfp & __MIRROR_GFP_MOVABLE ? MIRROR_MIGRATE_MOVABLE :
						 MIRROR_MIGRATE_UNMOVABLE;

	KUNIT_EXPECT_EQ(test, MIRROR_ALLOC_WMARK_MIN, 0);
	KUNIT_EXPECT_EQ(test, d->flags,
			mirror_gfp_to_alloc_flags(d->gfp, d->order, mt));
}

/* Grouping off makes movable requests unmovable, and those get no CMA. */
static void tiny_mirror_gives_no_cma(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 32);
	struct mirror_zone *zone = normal_zone(m);

	KUNIT_ASSERT_TRUE(test, m->mobility_off);
	mirror_test_set_type(zone, 0, CMA);
	mirror_test_set_type(zone, 16, CMA);
	while (mirror_test_rmqueue(zone, 0, UNMOVABLE, 0))
		;
	KUNIT_EXPECT_EQ(test, zone_free(zone), 16);
	mirror_fold_cpu(m, raw_smp_processor_id());
	KUNIT_EXPECT_NULL(test, mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, 0));
}

/* marks -------------------------------------------------------------------- */

/* Takes single pages until none comes; the lists hold nothing back. */
static unsigned long left_after(struct kunit *test, u32 gfp, unsigned int flags)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 1024);
	struct mirror_zone *zone = normal_zone(m);

	mirror_test_marks(test, m, 200, 300, 400);
	this_pcp(zone)->high_min = 0;
	this_pcp(zone)->high_max = 0;
	do {
		mirror_fold_cpu(m, raw_smp_processor_id());
	} while (mirror_test_alloc_flags(m, gfp, 0, flags));
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags));
	return zone_free(zone);
}

static void requests_stop_at_their_mark(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, left_after(test, 0, MIRROR_ALLOC_WMARK_LOW), 300);
	KUNIT_EXPECT_EQ(test, left_after(test, 0, MIRROR_ALLOC_WMARK_MIN), 200);
	KUNIT_EXPECT_EQ(test, left_after(test, 0, MIRROR_ALLOC_MIN_RESERVE), 100);
	KUNIT_EXPECT_EQ(test, left_after(test, 0, MIRROR_ALLOC_MIN_RESERVE |
					 MIRROR_ALLOC_NON_BLOCK), 75);
	KUNIT_EXPECT_EQ(test, left_after(test, 0, MIRROR_ALLOC_OOM), 100);
	KUNIT_EXPECT_EQ(test, left_after(test, 0, MIRROR_ALLOC_NO_WATERMARKS), 0);
}

static void pages_from_below_the_marks_are_marked(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page;

	page = mirror_test_alloc_flags(m, 0, 0, MIRROR_ALLOC_NO_WATERMARKS);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, page->flags & MIRROR_PF_RESERVE);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_EXPECT_PTR_EQ(test, mirror_test_alloc_flags(m, 0, 0, 0), page);
	KUNIT_EXPECT_FALSE(test, page->flags & MIRROR_PF_RESERVE);
}

static void new_block_has_one_reference_and_no_owner(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page = mirror_test_alloc(m, __MIRROR_GFP_COMP, 4);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, atomic_read(&page->refs), 1);
	KUNIT_EXPECT_EQ(test, page->owner, MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, page->private, 0);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), 4);
	KUNIT_EXPECT_TRUE(test, page->flags & MIRROR_PF_COMPOUND);
	page = mirror_test_alloc(m, __MIRROR_GFP_COMP, 0);
	KUNIT_EXPECT_FALSE(test, page->flags & MIRROR_PF_COMPOUND);
	page = mirror_test_alloc(m, 0, 4);
	KUNIT_EXPECT_FALSE(test, page->flags & MIRROR_PF_COMPOUND);
}

static void exhaustion_gives_null_and_all_comes_back(struct kunit *test)
{
	struct mirror *m = mirror_test_geometry(test, test->param_value);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int want[MIRROR_NR_ORDERS_MAX], order;
	struct mirror_page *page;
	u32 idx;

	for (order = 0; order <= m->max_order; order++)
		want[order] = mirror_test_blocks(zone, order);
	while (mirror_test_alloc_flags(m, __MIRROR_GFP_RECLAIMABLE, 0,
				       MIRROR_ALLOC_NO_WATERMARKS))
		;
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 0);
	for (idx = 0; idx < m->nr_desc; idx++) {
		page = &m->pages[idx];
		if (mirror_page_state(page) == MIRROR_PAGE_USED)
			KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 0), 0);
	}
	mirror_drain_all(m);
	for (order = 0; order <= m->max_order; order++)
		KUNIT_EXPECT_EQ(test, mirror_test_blocks(zone, order), want[order]);
}

/* where to look first ------------------------------------------------------ */

/* Node 0: 256 pages DMA32, 256 NORMAL; node 1, where there is one, the same. */
static struct mirror *with_dma32(struct kunit *test, unsigned int nr_nodes)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 512, 0 },
		{ TEST_PFN + 512, TEST_PFN + 1024, 1 },
	};
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = nr_nodes;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 256;
	m = mirror_test_create(test, &conf);
	mirror_test_marks(test, m, 0, 0, 0);
	return m;
}

/* All in use but two movable blocks of 16 in different pageblocks. */
static void fragment(struct kunit *test, struct mirror_zone *zone)
{
	struct mirror_page **pages;
	unsigned int i;

	mirror_test_take_all(test, zone, &pages);
	for (i = 0; i < 16; i++) {
		mirror_test_give(zone, pages[i]);
		mirror_test_give(zone, pages[i + 64]);
	}
}

static void expect_from(struct kunit *test, struct mirror *m, int nid, int type)
{
	struct mirror_page *page = mirror_test_alloc(m, MIRROR_GFP_KERNEL, 4);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, mirror_page_zone(m, page)->node->nid, nid);
	KUNIT_EXPECT_EQ(test, mirror_page_zone(m, page)->type, type);
}

static void lower_local_zone_comes_before_mixing(struct kunit *test)
{
	struct mirror *m = with_dma32(test, 1);
	struct mirror_page **pages;

	fragment(test, normal_zone(m));
	expect_from(test, m, 0, MIRROR_ZONE_DMA32);
	mirror_test_take_all(test, normal_zone(m) - 1, &pages);
	expect_from(test, m, 0, MIRROR_ZONE_NORMAL);
}

/* Below DMA32 lies only what is too small to be spared for its sake. */
static void only_a_normal_zone_sends_requests_down_first(struct kunit *test)
{
	static const unsigned int no_ratio[MIRROR_MAX_NR_ZONES];
	struct mirror_config conf;
	struct mirror_page *page;
	struct mirror *m;

	mirror_test_config(&conf, 6, 5);
	conf.zone_pages[MIRROR_ZONE_DMA] = 256;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 256;
	m = mirror_test_range(test, &conf, TEST_PFN, 768);
	mirror_test_marks(test, m, 0, 0, 0);
	KUNIT_ASSERT_EQ(test, 0, mirror_set_lowmem_reserve_ratio(m, no_ratio));
	fragment(test, normal_zone(m) - 1);
	page = mirror_test_alloc(m, MIRROR_GFP_DMA32, 4);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, mirror_page_zone(m, page)->type, MIRROR_ZONE_DMA32);
}

static void mixing_comes_before_a_remote_node(struct kunit *test)
{
	struct mirror *m = with_dma32(test, 2);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page **pages;

	/* zone_pages counts over all nodes: DMA32 is on node 0 only. */
	fragment(test, zone);
	mirror_test_take_all(test, zone - 1, &pages);
	expect_from(test, m, 0, MIRROR_ZONE_NORMAL);
	expect_from(test, m, 0, MIRROR_ZONE_NORMAL);
	expect_from(test, m, 1, MIRROR_ZONE_NORMAL);
}

/* bulk --------------------------------------------------------------------- */

static unsigned int bulk(struct mirror *m, struct mirror_page **pages,
			 unsigned int nr)
{
	struct mirror_alloc_context ac;

	if (!mirror_prepare_alloc(m, __MIRROR_GFP_MOVABLE, 0, 0, &ac))
		return 0;
	return mirror_alloc_fast_bulk(m, __MIRROR_GFP_MOVABLE, nr, pages, &ac);
}

/*
 * One page of our type, many of another. A refill wants a batch of 7, and stops at
 * the one where it must not mix: with a single node, whatever zones that has.
 */
static unsigned int refilled(struct kunit *test, struct mirror *m)
{
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page **pages;
	u32 i, block = 1u << zone->pb_order;

	mirror_test_take_all(test, zone, &pages);
	mirror_test_set_type(zone, 0, UNMOVABLE);
	mirror_test_give(zone, pages[0]);
	for (i = 0; i < 20; i += 2)
		mirror_test_give(zone, pages[block + i]);
	mirror_fold_cpu(m, raw_smp_processor_id());
	KUNIT_EXPECT_PTR_EQ(test, mirror_test_alloc(m, 0, 0), pages[0]);
	return 1 + this_pcp(zone)->count;
}

static void one_node_avoids_mixing_and_two_do_not(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1,
			refilled(test, mirror_test_flat(test, 10, 9, 1 << 15)));
	/* A batch, which is 7 pages, but of no more than 256 KiB. */
	KUNIT_EXPECT_EQ(test, min_t(int, 7, SZ_256K / PAGE_SIZE - 1),
			refilled(test, mirror_test_two_nodes(test, 10, 9, 1 << 15)));
}

static void bulk_fills_the_empty_elements(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *held = mirror_test_alloc(m, 0, 0);
	struct mirror_page *pages[10] = { [0] = held, [4] = held, [9] = held };
	unsigned int i, j;

	KUNIT_EXPECT_EQ(test, bulk(m, pages, 9), 7);
	for (i = 0; i < 10; i++) {
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
		KUNIT_EXPECT_EQ(test, atomic_read(&pages[i]->refs), 1);
		for (j = 0; j < i && pages[i] != held; j++)
			KUNIT_EXPECT_PTR_NE(test, pages[i], pages[j]);
	}
	KUNIT_EXPECT_PTR_EQ(test, pages[4], held);
	KUNIT_EXPECT_EQ(test, bulk(m, pages, 10), 0);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + 2), 8);
}

static void bulk_needs_all_its_pages_above_the_low_mark(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *pages[8] = {};

	mirror_test_marks(test, m, 0, 248, 248);
	KUNIT_EXPECT_EQ(test, bulk(m, pages, 8), 0);
	KUNIT_EXPECT_NULL(test, pages[0]);
	mirror_test_marks(test, m, 0, 247, 247);
	KUNIT_EXPECT_EQ(test, bulk(m, pages, 8), 8);
}

static struct kunit_case freelist_cases[] = {
	KUNIT_CASE_PARAM(gfp_names_zone_and_mobility, gfp_gen_params),
	KUNIT_CASE_PARAM(gfp_says_how_deep_a_request_may_go, depth_gen_params),
	KUNIT_CASE(tiny_mirror_gives_no_cma),
	KUNIT_CASE(requests_stop_at_their_mark),
	KUNIT_CASE(pages_from_below_the_marks_are_marked),
	KUNIT_CASE(new_block_has_one_reference_and_no_owner),
	KUNIT_CASE_PARAM(exhaustion_gives_null_and_all_comes_back,
			 geometry_gen_params),
	KUNIT_CASE(lower_local_zone_comes_before_mixing),
	KUNIT_CASE(only_a_normal_zone_sends_requests_down_first),
	KUNIT_CASE(mixing_comes_before_a_remote_node),
	KUNIT_CASE(one_node_avoids_mixing_and_two_do_not),
	KUNIT_CASE(bulk_fills_the_empty_elements),
	KUNIT_CASE(bulk_needs_all_its_pages_above_the_low_mark),
	{}
};

static struct kunit_suite freelist_suite = {
	.name = "mirror_freelist",
	.test_cases = freelist_cases,
};

kunit_test_suite(freelist_suite);
