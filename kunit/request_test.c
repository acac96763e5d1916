// SPDX-License-Identifier: GPL-2.0
/*
 * Requests as callers make them, on two nodes of which each has plenty: the short
 * way to a block that is at hand has to end where the long one would.
 */
#include <linux/mirror_mm.h>
#include "alloc.h"
#include "fixture.h"

#define A		BIT_ULL(0)
#define B		BIT_ULL(1)
#define THISNODE	__MIRROR_GFP_THISNODE
#define NOWARN		__MIRROR_GFP_NOWARN
#define NONE		(-1)

static struct mirror *two_nodes(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 10, 5, 4096);

	mirror_test_no_drift(m);
	return m;
}

static int node_of(struct mirror *m, const struct mirror_page *page)
{
	return page ? mirror_page_zone(m, page)->node->nid : NONE;
}

/* The ways to ask ------------------------------------------------------------- */

static struct mirror_page *by_nodemask(struct mirror *m, u32 gfp, unsigned int order,
				       int nid, u64 nodemask)
{
	return mirror_alloc_pages_nodemask(m, gfp, order, nid, nodemask);
}

/* For blocks of files, whose requests are known to be sound. */
static struct mirror_page *for_block(struct mirror *m, u32 gfp, unsigned int order,
				     int nid, u64 nodemask)
{
	return mirror_alloc_pages_on(m, gfp, order, nid, nodemask);
}

static struct mirror_page *by_policy(struct mirror *m, u32 gfp, unsigned int order,
				     int nid, u64 nodemask)
{
	const struct mirror_placement at = { .nid = nid, .nodemask = nodemask };

	return mirror_alloc_pages_at(m, gfp, order, nid, &at);
}

static struct mirror_page *without_nodemask(struct mirror *m, u32 gfp, unsigned int order,
					    int nid, u64 nodemask)
{
	return nodemask ? mirror_alloc_pages_nodemask(m, gfp, order, nid, nodemask) :
			  mirror_alloc_pages(m, gfp, order, nid);
}

struct way {
	const char *name;
	struct mirror_page *(*alloc)(struct mirror *m, u32 gfp, unsigned int order,
				     int nid, u64 nodemask);
};

static const struct way ways[] = {
	{ "nodemask", by_nodemask },
	{ "block of a file", for_block },
	{ "policy", by_policy },
	{ "plain", without_nodemask },
};

KUNIT_ARRAY_PARAM_DESC(way, ways, name);

struct target {
	u32 gfp;
	int nid;
	u64 nodemask;
	int want;
};

static const struct target targets[] = {
	{ 0, 0, 0, 0 }, { 0, 1, 0, 1 },
	{ 0, 0, A, 0 }, { 0, 0, B, 1 }, { 0, 1, A, 0 }, { 0, 1, B, 1 },
	{ 0, 0, A | B, 0 }, { 0, 1, A | B, 1 },
	{ THISNODE, 0, 0, 0 }, { THISNODE, 1, 0, 1 },
	{ THISNODE, 0, B, NONE }, { THISNODE, 1, A, NONE }, { THISNODE, 1, B, 1 },
	{ 0, 0, BIT_ULL(7), NONE },
};

static void nodes_are_kept_to_where_each_has_plenty(struct kunit *test)
{
	static const u32 gfps[] = { MIRROR_GFP_NOWAIT, MIRROR_GFP_KERNEL,
				    MIRROR_GFP_HIGHUSER_MOVABLE };
	const struct way *way = test->param_value;
	struct mirror *m = two_nodes(test);
	unsigned int order, i, j;

	for (order = 0; order <= 10; order++)
		for (i = 0; i < ARRAY_SIZE(targets) * ARRAY_SIZE(gfps); i++) {
			const struct target *t = &targets[i % ARRAY_SIZE(targets)];
			u32 gfp = gfps[i / ARRAY_SIZE(targets)] | t->gfp | NOWARN;
			struct mirror_page *page;

			/* Once through the zone, then from this CPU's lists. */
			for (j = 0; j < 2; j++) {
				page = way->alloc(m, gfp, order, t->nid, t->nodemask);
				KUNIT_EXPECT_EQ_MSG(test, node_of(m, page), t->want,
						    "order %u, target %u", order, i);
				if (page)
					KUNIT_ASSERT_EQ(test, 0,
							mirror_free_pages(m, page, order));
			}
		}
}

/* Descriptor, references and counters are the same by each way. */
static void block_is_the_same_by_each_way(struct kunit *test)
{
	const struct way *way = test->param_value;
	struct mirror *m = two_nodes(test);
	struct mirror_zone *zone = &m->nodes[1]->zones[MIRROR_ZONE_NORMAL];
	unsigned int order, compound;

	for (order = 0; order <= 10; order++)
		for (compound = 0; compound < 2; compound++) {
			u32 gfp = MIRROR_GFP_NOWAIT | (compound ? __MIRROR_GFP_COMP : 0);
			unsigned long hits = mirror_numa_events(zone, MIRROR_NUMA_HIT);
			unsigned long taken = mirror_events(m, MIRROR_PGALLOC + zone->type);
			struct mirror_page *page = way->alloc(m, gfp, order, 1, 0);

			KUNIT_ASSERT_NOT_NULL(test, page);
			KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_USED);
			KUNIT_EXPECT_EQ(test, mirror_page_order(page), order);
			KUNIT_EXPECT_EQ(test, compound && order,
					!!(page->flags & MIRROR_PF_COMPOUND));
			KUNIT_EXPECT_EQ(test, atomic_read(&page->refs), 1);
			KUNIT_EXPECT_EQ(test, page->owner, MIRROR_NIL);
			KUNIT_EXPECT_EQ(test, mirror_numa_events(zone, MIRROR_NUMA_HIT),
					hits + 1);
			KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + zone->type),
					taken + (1ul << order));
			KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, order), 0);
		}
}

/* Senseless requests ----------------------------------------------------------- */

struct senseless {
	const char *name;
	u32 gfp;
	unsigned int order;
	int nid;
};

static const struct senseless all_senseless[] = {
	{ "order above the largest", MIRROR_GFP_KERNEL, 11, 0 },
	{ "order far above", MIRROR_GFP_NOWAIT, 40, 0 },
	{ "largest number as order", MIRROR_GFP_NOWAIT, UINT_MAX, 0 },
	{ "node past the last", MIRROR_GFP_NOWAIT, 0, 2 },
	{ "node past the last, kernel", MIRROR_GFP_KERNEL, 3, 2 },
	{ "negative node", MIRROR_GFP_NOWAIT, 0, -2 },
	{ "no node that can be", MIRROR_GFP_NOWAIT, 0, MIRROR_MAX_NODES },
	{ "two zones", __MIRROR_GFP_DMA | __MIRROR_GFP_DMA32, 0, 0 },
	{ "two mobilities", __MIRROR_GFP_MOVABLE | __MIRROR_GFP_RECLAIMABLE, 0, 0 },
	{ "unknown bit", ~__MIRROR_GFP_ALL, 0, 0 },
	{ "unknown bit that may wait", MIRROR_GFP_KERNEL | ~__MIRROR_GFP_ALL, 0, 0 },
};

KUNIT_ARRAY_PARAM_DESC(senseless, all_senseless, name);

static void senseless_request_gets_nothing(struct kunit *test)
{
	const struct senseless *s = test->param_value;
	struct mirror *m = two_nodes(test);
	struct mirror_page *pages[3] = {};
	unsigned int nr;

	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, s->gfp, s->order, s->nid));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages_nodemask(m, s->gfp, s->order, s->nid, A));
	/* Those for blocks look at the node and what else follows from it themselves. */
	if (s->nid == 0 && !(s->gfp & ~__MIRROR_GFP_ALL)) {
		KUNIT_EXPECT_NULL(test, mirror_alloc_pages_on(m, s->gfp, s->order, 0, 0));
		KUNIT_EXPECT_NULL(test, mirror_alloc_pages_on(m, s->gfp, s->order, 0, A));
	}
	if (!s->order) {
		nr = mirror_alloc_pages_bulk(m, s->gfp, s->nid, 3, pages);
		KUNIT_EXPECT_EQ(test, nr, 0);
		KUNIT_EXPECT_NULL(test, pages[0]);
		/* What the caller had already counts. */
		pages[0] = m->pages;
		pages[1] = m->pages;
		nr = mirror_alloc_pages_bulk(m, s->gfp, s->nid, 3, pages);
		KUNIT_EXPECT_EQ(test, nr, 2);
		KUNIT_EXPECT_NULL(test, pages[2]);
	}
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
}

/* Any node --------------------------------------------------------------------- */

static void any_node_is_the_one_of_this_cpu(struct kunit *test)
{
	struct mirror *m = two_nodes(test);
	unsigned int cpu = raw_smp_processor_id(), i;
	struct mirror_page *pages[2] = {};

	for (i = 0; i < 4; i++) {
		const u32 gfp = i < 2 ? MIRROR_GFP_NOWAIT : MIRROR_GFP_KERNEL;

		m->cpu_node[cpu] = i % 2;
		KUNIT_EXPECT_EQ(test, i % 2,
				node_of(m, mirror_alloc_pages(m, gfp, 0, MIRROR_MM_NODE_ANY)));
		KUNIT_EXPECT_EQ(test, i % 2,
				node_of(m, mirror_alloc_pages(m, gfp, 5, MIRROR_MM_NODE_ANY)));
		memset(pages, 0, sizeof(pages));
		KUNIT_EXPECT_EQ(test, 2, mirror_alloc_pages_bulk(m, gfp, MIRROR_MM_NODE_ANY,
								 2, pages));
		KUNIT_EXPECT_EQ(test, node_of(m, pages[0]), i % 2);
		KUNIT_EXPECT_EQ(test, node_of(m, pages[1]), i % 2);
	}
	m->cpu_node[cpu] = 0;
	mirror_test_free_all(test, m);
}

/* Wishes of a policy ------------------------------------------------------------ */

static void use_up(struct kunit *test, struct mirror *m, int nid)
{
	while (mirror_alloc_pages(m, MIRROR_GFP_NOWAIT | THISNODE | NOWARN, 0, nid))
		;
	KUNIT_ASSERT_EQ(test, zone_free(&m->nodes[nid]->zones[MIRROR_ZONE_NORMAL]), 0);
}

static unsigned long interleaved(struct mirror *m, int nid)
{
	return mirror_numa_events(&m->nodes[nid]->zones[MIRROR_ZONE_NORMAL],
				  MIRROR_NUMA_INTERLEAVE);
}

/* MPOL_PREFERRED_MANY: first these nodes alone, without waiting; then any. */
static void wish_is_no_must(struct kunit *test)
{
	const struct mirror_placement wish = { .nodemask = B, .wish = true };
	const struct mirror_placement must = { .nodemask = B };
	struct mirror *m = two_nodes(test);
	u32 gfp = MIRROR_GFP_KERNEL | NOWARN;

	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages_at(m, gfp, 0, 0, &wish)), 1);
	mirror_test_no_pcp(m);
	use_up(test, m, 1);
	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages_at(m, gfp, 0, 0, &wish)), 0);
	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages_at(m, gfp, 0, 0, &must)), NONE);
}

/* A page on this CPU's lists, where only who waits has it drained into a block. */
static void wish_does_not_wait(struct kunit *test)
{
	const struct mirror_placement wish = { .nodemask = B, .wish = true };
	const struct mirror_placement must = { .nodemask = B };
	struct mirror *m = two_nodes(test);
	struct mirror_zone *zone = &m->nodes[1]->zones[MIRROR_ZONE_NORMAL];
	struct mirror_page **pages;
	unsigned int i;

	mirror_test_take_all(test, zone, &pages);
	mirror_test_hoard(zone);
	for (i = 32; i < 48; i++)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, pages[i], 0), 0);
	KUNIT_EXPECT_EQ(test, 0, node_of(m, mirror_alloc_pages_at(m, MIRROR_GFP_KERNEL, 4, 0,
								  &wish)));
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 16);
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 0);
	KUNIT_EXPECT_EQ(test, 1, node_of(m, mirror_alloc_pages_at(m, MIRROR_GFP_KERNEL, 4, 0,
								  &must)));
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 0);
}

/* Counted for the node whose turn it was, where it had the page. */
static void interleaving_counts_what_its_node_gave(struct kunit *test)
{
	const struct mirror_placement turn = { .interleave = true };
	const struct mirror_placement none = { };
	struct mirror *m = two_nodes(test);
	u32 gfp = MIRROR_GFP_KERNEL | NOWARN;

	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages_at(m, gfp, 3, 1, &turn)), 1);
	KUNIT_EXPECT_EQ(test, interleaved(m, 1), 1);
	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages_at(m, gfp, 3, 1, &none)), 1);
	KUNIT_EXPECT_EQ(test, interleaved(m, 1), 1);
	mirror_test_no_pcp(m);
	use_up(test, m, 1);
	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages_at(m, gfp, 0, 1, &turn)), 0);
	KUNIT_EXPECT_EQ(test, interleaved(m, 1), 1);
	KUNIT_EXPECT_EQ(test, interleaved(m, 0), 0);
	use_up(test, m, 0);
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages_at(m, gfp, 0, 0, &turn));
	KUNIT_EXPECT_EQ(test, interleaved(m, 0), 0);
}

/* What is told --------------------------------------------------------------- */

/* One report for a request that got nothing; none where the caller wants none. */
static void failure_is_reported_once(struct kunit *test)
{
	struct mirror *m = two_nodes(test);
	const struct way *way = test->param_value;

	mirror_test_no_pcp(m);
	use_up(test, m, 0);
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 0);
	KUNIT_EXPECT_NOT_NULL(test, way->alloc(m, MIRROR_GFP_NOWAIT & ~NOWARN, 0, 0, 0));
	use_up(test, m, 1);
	m->failure_limit.burst = 2;
	KUNIT_EXPECT_NULL(test, way->alloc(m, MIRROR_GFP_KERNEL | NOWARN, 0, 0, 0));
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 0);
	KUNIT_EXPECT_NULL(test, way->alloc(m, MIRROR_GFP_KERNEL, 2, 0, 0));
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 1);
	KUNIT_EXPECT_NULL(test, way->alloc(m, MIRROR_GFP_KERNEL, 0, 1, A));
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 2);
}

/* A machine without ZONE_DMA answers those who try it first by silence. */
static void dma_without_such_a_zone_is_no_failure(struct kunit *test)
{
	struct mirror *m = two_nodes(test);
	struct mirror_config conf;

	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL | __MIRROR_GFP_DMA,
						   0, 0));
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 0);
	mirror_test_config(&conf, 6, 5);
	conf.zone_pages[MIRROR_ZONE_DMA] = 32;
	m = mirror_test_range(test, &conf, TEST_PFN, 256);
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL | __MIRROR_GFP_DMA,
						   6, 0));
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 1);
}

/* The other node has such a zone, so this is a failure like any other. */
static void dma_zone_of_another_node_makes_it_a_failure(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 256, 1 }, { TEST_PFN + 256, TEST_PFN + 512, 0 },
	};
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.zone_pages[MIRROR_ZONE_DMA] = 32;
	m = mirror_test_create(test, &conf);
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL | __MIRROR_GFP_DMA,
						   6, 0));
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 1);
}

/* Once it was said that the mirror is out of service, nothing more is. */
static void mirror_out_of_service_reports_no_failure(struct kunit *test)
{
	struct mirror *m = two_nodes(test);

	KUNIT_EXPECT_TRUE(test, mirror_take_out(m));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL, 0, 0));
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 0);
	mirror_test_mend(m);
}

/* All but one page of a block count as gone before the mark is looked at. */
static void blocks_larger_than_the_marks_stop_at_them(struct kunit *test)
{
	unsigned int order;

	for (order = 1; order <= 6; order++) {
		struct mirror *m = mirror_test_flat(test, 6, 5, 256);
		unsigned long nr = 0, mark = 1ul << (order - 1);

		mirror_test_marks(test, m, mark, mark, mark);
		mirror_test_no_drift(m);
		mirror_test_no_pcp(m);
		while (mirror_alloc_pages(m, MIRROR_GFP_NOWAIT | NOWARN, order, 0))
			nr++;
		/* The last block would leave nothing, which is below any mark. */
		KUNIT_EXPECT_EQ_MSG(test, nr, (256 >> order) - 1, "order %u", order);
		mirror_test_free_all(test, m);
	}
}

static struct kunit_case request_cases[] = {
	KUNIT_CASE_PARAM(nodes_are_kept_to_where_each_has_plenty, way_gen_params),
	KUNIT_CASE_PARAM(block_is_the_same_by_each_way, way_gen_params),
	KUNIT_CASE_PARAM(senseless_request_gets_nothing, senseless_gen_params),
	KUNIT_CASE(any_node_is_the_one_of_this_cpu),
	KUNIT_CASE(wish_is_no_must),
	KUNIT_CASE(wish_does_not_wait),
	KUNIT_CASE(interleaving_counts_what_its_node_gave),
	KUNIT_CASE_PARAM(failure_is_reported_once, way_gen_params),
	KUNIT_CASE(dma_without_such_a_zone_is_no_failure),
	KUNIT_CASE(dma_zone_of_another_node_makes_it_a_failure),
	KUNIT_CASE(mirror_out_of_service_reports_no_failure),
	KUNIT_CASE(blocks_larger_than_the_marks_stop_at_them),
	{}
};

static struct kunit_suite request_suite = {
	.name = "mirror_request",
	.test_cases = request_cases,
};

kunit_test_suite(request_suite);
