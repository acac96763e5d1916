// SPDX-License-Identifier: GPL-2.0
/*
 * Requests on two nodes: which of them a request may go to, in which order, and
 * who hears of it.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define A		BIT_ULL(0)
#define B		BIT_ULL(1)
#define THISNODE	__MIRROR_GFP_THISNODE
#define ATOMIC		MIRROR_GFP_ATOMIC
#define MEMALLOC	__MIRROR_GFP_MEMALLOC
#define NOMEMALLOC	__MIRROR_GFP_NOMEMALLOC
#define NOWARN		__MIRROR_GFP_NOWARN
#define NONE		(-1)

/* Node 0 below its min mark, but for what urgent requests may have; 1 is free. */
static struct mirror *first_is_short(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 1024);

	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	mirror_test_marks(test, m, 0, 0, 0);
	while (mirror_alloc_pages(m, MIRROR_GFP_KERNEL | THISNODE | NOWARN |
				  __MIRROR_GFP_NORETRY, 0, 0))
		;
	KUNIT_ASSERT_EQ(test, zone_free(normal_zone(m)), 0);
	mirror_test_marks(test, m, 100, 200, 300);
	return m;
}

static int node_of(struct mirror *m, const struct mirror_page *page)
{
	return page ? mirror_page_zone(m, page)->node->nid : NONE;
}

struct confined {
	const char *name;
	u32 gfp;
	u64 nodemask;
	int want;
};

/* Node 0 is preferred and has nothing. */
static const struct confined all_confined[] = {
	{ "kernel", MIRROR_GFP_KERNEL, 0, 1 },
	{ "kernel, both", MIRROR_GFP_KERNEL, A | B, 1 },
	{ "kernel, the first", MIRROR_GFP_KERNEL, A, NONE },
	{ "kernel, the second", MIRROR_GFP_KERNEL, B, 1 },
	{ "nowait, the first", MIRROR_GFP_NOWAIT, A, NONE },
	{ "atomic, the first", ATOMIC, A, 1 },
	{ "high, the first", __MIRROR_GFP_HIGH, A, 1 },
	{ "high that may wait, the first", MIRROR_GFP_KERNEL | __MIRROR_GFP_HIGH,
	  A, NONE },
	{ "atomic without reserves, the first", ATOMIC | NOMEMALLOC, A, 1 },
	{ "memalloc, the first", MIRROR_GFP_KERNEL | MEMALLOC, A, 1 },
	{ "memalloc declined, the first",
	  MIRROR_GFP_KERNEL | MEMALLOC | NOMEMALLOC, A, NONE },
	{ "kernel, here", MIRROR_GFP_KERNEL | THISNODE, 0, NONE },
	{ "atomic, here", ATOMIC | THISNODE, 0, NONE },
	{ "memalloc, here", MIRROR_GFP_KERNEL | MEMALLOC | THISNODE, A, NONE },
	{ "atomic, here and the second", ATOMIC | THISNODE, B, NONE },
	{ "no such node", MIRROR_GFP_KERNEL, BIT_ULL(5), NONE },
	{ "no such node, memalloc", MIRROR_GFP_KERNEL | MEMALLOC, BIT_ULL(5), NONE },
};

KUNIT_ARRAY_PARAM_DESC(confined, all_confined, name);

static void only_the_systems_requests_leave_their_nodes(struct kunit *test)
{
	const struct confined *c = test->param_value;
	struct mirror *m = first_is_short(test);
	struct mirror_page *page;

	page = mirror_alloc_pages_nodemask(m, c->gfp | NOWARN, 0, 0, c->nodemask);
	KUNIT_EXPECT_EQ(test, node_of(m, page), c->want);
}

static void bulk_keeps_to_the_same_nodes(struct kunit *test)
{
	const struct confined *c = test->param_value;
	struct mirror *m = first_is_short(test);
	struct mirror_page *pages[4] = {};
	unsigned int nr;

	nr = mirror_alloc_pages_bulk_nodemask(m, c->gfp | NOWARN, 0, c->nodemask,
					      ARRAY_SIZE(pages), pages);
	/* Many at once only where the preferred zone has them, and one elsewhere. */
	KUNIT_EXPECT_EQ(test, nr, c->want == NONE ? 0 : c->nodemask == B ? 4 : 1);
	KUNIT_EXPECT_EQ(test, node_of(m, pages[0]), c->want);
}

static unsigned long numa(struct mirror *m, int nid, unsigned int item)
{
	return mirror_numa_events(&m->nodes[nid]->zones[MIRROR_ZONE_NORMAL], item);
}

/* With the nodemask goes the wish, so the node that was asked first counts. */
static void dropped_nodemask_counts_for_the_node_asked(struct kunit *test)
{
	struct mirror *m = first_is_short(test);
	unsigned long foreign = numa(m, 0, MIRROR_NUMA_FOREIGN);

	/* Within the mask, node 1 is the preferred one. */
	KUNIT_ASSERT_NOT_NULL(test, mirror_alloc_pages_nodemask(m, ATOMIC, 0, 0, B));
	KUNIT_EXPECT_EQ(test, numa(m, 1, MIRROR_NUMA_HIT), 1);
	KUNIT_EXPECT_EQ(test, numa(m, 0, MIRROR_NUMA_FOREIGN), foreign);
	/* Without it, node 0 is. */
	KUNIT_ASSERT_NOT_NULL(test, mirror_alloc_pages_nodemask(m, ATOMIC, 0, 0, A));
	KUNIT_EXPECT_EQ(test, numa(m, 1, MIRROR_NUMA_MISS), 1);
	KUNIT_EXPECT_EQ(test, numa(m, 0, MIRROR_NUMA_FOREIGN), foreign + 1);
}

static bool due(struct mirror *m, int nid, unsigned int type)
{
	return test_bit(MIRROR_ZONE_KSWAPD_DUE, &m->nodes[nid]->zones[type].flags);
}

static void forget(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_zone(m, zone, i)
		clear_bit(MIRROR_ZONE_KSWAPD_DUE, &zone->flags);
}

/* On each node NORMAL and MOVABLE, all of it free. */
static struct mirror *two_zones_each(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 512, 0 },
		{ TEST_PFN + 512, TEST_PFN + 1024, 1 },
		{ TEST_PFN + 1024, TEST_PFN + 1536, 0 },
		{ TEST_PFN + 1536, TEST_PFN + 2048, 1 },
	};
	struct mirror_config conf;

	mirror_test_config(&conf, 6, 5);
	conf.section_order = 9;
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.nr_nodes = 2;
	conf.zone_pages[MIRROR_ZONE_NORMAL] = 1024;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	return mirror_test_create(test, &conf);
}

static void kswapd_is_asked_for_the_zones_of_the_request(struct kunit *test)
{
	struct mirror *m = two_zones_each(test);
	struct mirror_alloc_context ac;

	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, MIRROR_GFP_KERNEL, 0, B, &ac));
	mirror_wake_kswapds(&ac, 0, 0);
	KUNIT_EXPECT_FALSE(test, due(m, 0, MIRROR_ZONE_NORMAL));
	KUNIT_EXPECT_TRUE(test, due(m, 1, MIRROR_ZONE_NORMAL));
	KUNIT_EXPECT_FALSE(test, due(m, 1, MIRROR_ZONE_MOVABLE));
	forget(m);
	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, MIRROR_GFP_KERNEL, 0, A, &ac));
	mirror_wake_kswapds(&ac, 0, 0);
	KUNIT_EXPECT_TRUE(test, due(m, 0, MIRROR_ZONE_NORMAL));
	KUNIT_EXPECT_FALSE(test, due(m, 1, MIRROR_ZONE_NORMAL));
	forget(m);
	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, MIRROR_GFP_HIGHUSER_MOVABLE,
						     1, 0, &ac));
	mirror_wake_kswapds(&ac, 0, 0);
	KUNIT_EXPECT_TRUE(test, due(m, 0, MIRROR_ZONE_NORMAL));
	KUNIT_EXPECT_TRUE(test, due(m, 0, MIRROR_ZONE_MOVABLE));
	KUNIT_EXPECT_TRUE(test, due(m, 1, MIRROR_ZONE_MOVABLE));
}

/* Whoever takes from a boosted zone; the zones below it are in need, too. */
static void boosted_zone_asks_for_those_below(struct kunit *test)
{
	static const unsigned int types[] = { MIRROR_ZONE_NORMAL, MIRROR_ZONE_MOVABLE };
	struct mirror *m = two_zones_each(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		u32 gfp = types[i] == MIRROR_ZONE_MOVABLE ?
			  MIRROR_GFP_HIGHUSER_MOVABLE : MIRROR_GFP_KERNEL;

		forget(m);
		set_bit(MIRROR_ZONE_BOOSTED, &m->nodes[1]->zones[types[i]].flags);
		KUNIT_ASSERT_NOT_NULL(test, mirror_alloc_pages(m, gfp, 0, 1));
		KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_BOOSTED,
						  &m->nodes[1]->zones[types[i]].flags));
		KUNIT_EXPECT_TRUE(test, due(m, 1, MIRROR_ZONE_NORMAL));
		KUNIT_EXPECT_EQ(test, due(m, 1, MIRROR_ZONE_MOVABLE),
				types[i] == MIRROR_ZONE_MOVABLE);
		KUNIT_EXPECT_FALSE(test, due(m, 0, MIRROR_ZONE_NORMAL));
		/* There is no such zone. */
		KUNIT_EXPECT_FALSE(test, due(m, 1, MIRROR_ZONE_DMA));
	}
}

static void request_that_wakes_nobody_leaves_the_boost(struct kunit *test)
{
	struct mirror *m = two_zones_each(test);
	struct mirror_zone *zone = &m->nodes[0]->zones[MIRROR_ZONE_NORMAL];

	set_bit(MIRROR_ZONE_BOOSTED, &zone->flags);
	KUNIT_ASSERT_NOT_NULL(test, mirror_alloc_pages(m, NOWARN, 0, 0));
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_BOOSTED, &zone->flags));
	KUNIT_EXPECT_FALSE(test, due(m, 0, MIRROR_ZONE_NORMAL));
}

/* NORMAL has a few movable pages left; DMA32 below it, of the same node, is all free. */
static void zone_below_saves_from_mixing(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 512, 0 }, { TEST_PFN + 512, TEST_PFN + 1024, 1 },
	};
	struct mirror_page *page;
	struct mirror *m;

	m = mirror_test_with_dma32(test, ranges, ARRAY_SIZE(ranges));
	mirror_test_marks(test, m, 0, 0, 0);
	while (zone_free(normal_zone(m)) > 20)
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_take(normal_zone(m), 0, MOVABLE));
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	page = mirror_test_alloc(m, 0, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, mirror_page_zone(m, page)->type, MIRROR_ZONE_DMA32);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 20);
	/* On node 1 there is no such zone, and mixing is the next best. */
	page = mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, 0, 1);
	KUNIT_EXPECT_EQ(test, node_of(m, page), 1);
}

/* Three nodes of 256 pages, with a given number of reserved pageblocks on each. */
static struct mirror *three_nodes(struct kunit *test, unsigned int a, unsigned int b,
				  unsigned int c)
{
	const unsigned int reserved[] = { a, b, c };
	struct mirror_range ranges[3];
	struct mirror_config conf;
	struct mirror *m;
	unsigned int i, j;

	for (i = 0; i < 3; i++)
		ranges[i] = (struct mirror_range){ TEST_PFN + 256 * i,
						   TEST_PFN + 256 * (i + 1), i };
	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	m = mirror_test_create(test, &conf);
	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	for (i = 0; i < 3; i++)
		for (j = 0; j < reserved[i]; j++)
			mirror_test_set_type(&m->nodes[i]->zones[MIRROR_ZONE_NORMAL],
					     256 * i + 64 * j, HIGHATOMIC);
	return m;
}

static void node_between_is_left_out(struct kunit *test)
{
	struct mirror *m = three_nodes(test, 0, 0, 0);
	struct mirror_page *page;

	while (mirror_test_take(normal_zone(m), 0, MOVABLE))
		;
	page = mirror_alloc_pages_nodemask(m, MIRROR_GFP_NOWAIT, 2, 0, A | BIT_ULL(2));
	KUNIT_EXPECT_EQ(test, node_of(m, page), 2);
	page = mirror_alloc_pages_nodemask(m, MIRROR_GFP_NOWAIT, 2, 0, A | B);
	KUNIT_EXPECT_EQ(test, node_of(m, page), 1);
}

static unsigned long reserved_on(struct mirror *m, int nid)
{
	return m->nodes[nid]->zones[MIRROR_ZONE_NORMAL].nr_reserved_highatomic;
}

/* Who does not insist passes by a node that has one pageblock, and one left out. */
static void reserve_of_the_last_node_is_found(struct kunit *test)
{
	struct mirror *m = three_nodes(test, 1, 2, 2);
	struct mirror_alloc_context ac;

	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, 0, 0, A | BIT_ULL(2), &ac));
	KUNIT_EXPECT_TRUE(test, mirror_unreserve_highatomic(m, &ac, false));
	KUNIT_EXPECT_EQ(test, reserved_on(m, 0), 32);
	KUNIT_EXPECT_EQ(test, reserved_on(m, 1), 64);
	KUNIT_EXPECT_EQ(test, reserved_on(m, 2), 32);
	KUNIT_EXPECT_FALSE(test, mirror_unreserve_highatomic(m, &ac, false));
	KUNIT_EXPECT_TRUE(test, mirror_unreserve_highatomic(m, &ac, true));
	KUNIT_EXPECT_EQ(test, reserved_on(m, 0), 0);
	KUNIT_EXPECT_TRUE(test, mirror_unreserve_highatomic(m, &ac, true));
	KUNIT_EXPECT_EQ(test, reserved_on(m, 2), 0);
	KUNIT_EXPECT_FALSE(test, mirror_unreserve_highatomic(m, &ac, true));
	KUNIT_EXPECT_EQ(test, reserved_on(m, 1), 64);
}

static void take_zone_by_zone(struct kunit *test, int nid, const int *order)
{
	static const unsigned int no_reserve[MIRROR_MAX_NR_ZONES];
	struct mirror *m = two_zones_each(test);
	unsigned int i, j;

	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	mirror_test_marks(test, m, 0, 0, 0);
	KUNIT_ASSERT_EQ(test, mirror_set_lowmem_reserve_ratio(m, no_reserve), 0);
	for (i = 0; i < 4; i++)
		for (j = 0; j < 512 / 16; j++) {
			struct mirror_page *page;

			page = mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE |
						  MEMALLOC | NOWARN, 4, nid);
			KUNIT_ASSERT_NOT_NULL(test, page);
			KUNIT_ASSERT_EQ(test, order[i], 10 * node_of(m, page) +
					mirror_page_zone(m, page)->type);
		}
}

/* A NORMAL zone keeps 16 pages, a block, from those who may use MOVABLE. */
static void reserve_of_a_zone_sends_requests_to_the_next_node(struct kunit *test)
{
	static const unsigned int want[] = { 14, 12, 4, 2 };
	static const unsigned int blocks[] = { 32, 31, 32, 31 };
	struct mirror *m = two_zones_each(test);
	unsigned int i, j;

	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	mirror_test_marks(test, m, 0, 0, 0);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		for (j = 0; j < blocks[i]; j++) {
			struct mirror_page *page;

			page = mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE |
						  NOWARN | __MIRROR_GFP_NORETRY, 4, 1);
			KUNIT_ASSERT_NOT_NULL(test, page);
			KUNIT_ASSERT_EQ(test, want[i], 10 * node_of(m, page) +
					mirror_page_zone(m, page)->type);
		}
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE |
						   NOWARN | __MIRROR_GFP_NORETRY, 4, 1));
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, 4, 1));
}

/* Tens: the node; ones: the zone. */
static void zones_of_a_node_come_before_the_next_nodes(struct kunit *test)
{
	take_zone_by_zone(test, 0, (const int[]){ 4, 2, 14, 12 });
	take_zone_by_zone(test, 1, (const int[]){ 14, 12, 4, 2 });
}

static struct kunit_case nodes_cases[] = {
	KUNIT_CASE_PARAM(only_the_systems_requests_leave_their_nodes,
			 confined_gen_params),
	KUNIT_CASE_PARAM(bulk_keeps_to_the_same_nodes, confined_gen_params),
	KUNIT_CASE(dropped_nodemask_counts_for_the_node_asked),
	KUNIT_CASE(kswapd_is_asked_for_the_zones_of_the_request),
	KUNIT_CASE(node_between_is_left_out),
	KUNIT_CASE(reserve_of_the_last_node_is_found),
	KUNIT_CASE(zone_below_saves_from_mixing),
	KUNIT_CASE(boosted_zone_asks_for_those_below),
	KUNIT_CASE(request_that_wakes_nobody_leaves_the_boost),
	KUNIT_CASE(zones_of_a_node_come_before_the_next_nodes),
	KUNIT_CASE(reserve_of_a_zone_sends_requests_to_the_next_node),
	{}
};

static struct kunit_suite nodes_suite = {
	.name = "mirror_nodes",
	.test_cases = nodes_cases,
};

kunit_test_suite(nodes_suite);
