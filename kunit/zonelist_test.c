// SPDX-License-Identifier: GPL-2.0
/*
 * Zonelists: which node comes after which, which zone within a node, and what a
 * request leaves out of them.
 */
#include "fixture.h"

#define MAX_NODES	4
#define END		(-1)

/* Node of every CPU: the list of nodes with CPUs has one entry then. */
static const int *cpus_on(struct kunit *test, int nid)
{
	int *cpu_node = kunit_kcalloc(test, nr_cpu_ids, sizeof(int), GFP_KERNEL);
	unsigned int cpu;

	KUNIT_ASSERT_NOT_NULL(test, cpu_node);
	for (cpu = 0; cpu < nr_cpu_ids; cpu++)
		cpu_node[cpu] = nid;
	return cpu_node;
}

struct topology {
	const char *name;
	unsigned int nr_nodes;
	int cpus_on;
	int memoryless;			/* or END */
	u8 distance[MAX_NODES * MAX_NODES];
	int order[MAX_NODES][MAX_NODES + 1];
};

static const struct topology topologies[] = {
	{
		.name = "one node", .nr_nodes = 1, .memoryless = END,
		.distance = { 10 },
		.order = { { 0, END } },
	}, {
		/* Later nodes first, then earlier ones, the one with CPUs last. */
		.name = "all alike, CPUs on 0", .nr_nodes = 4, .memoryless = END,
		.distance = { 10, 20, 20, 20, 20, 10, 20, 20,
			      20, 20, 10, 20, 20, 20, 20, 10 },
		.order = { { 0, 1, 2, 3, END }, { 1, 2, 3, 0, END },
			   { 2, 3, 1, 0, END }, { 3, 1, 2, 0, END } },
	}, {
		/* From 2: 1 was the first that 0 fell back to, so 3 precedes it. */
		.name = "all alike, CPUs on 3", .nr_nodes = 4, .cpus_on = 3,
		.memoryless = END,
		.distance = { 10, 20, 20, 20, 20, 10, 20, 20,
			      20, 20, 10, 20, 20, 20, 20, 10 },
		.order = { { 0, 1, 2, 3, END }, { 1, 2, 0, 3, END },
			   { 2, 0, 3, 1, END }, { 3, 0, 1, 2, END } },
	}, {
		.name = "ring", .nr_nodes = 4, .memoryless = END,
		.distance = { 10, 15, 25, 15, 15, 10, 15, 25,
			      25, 15, 10, 15, 15, 25, 15, 10 },
		.order = { { 0, 1, 3, 2, END }, { 1, 2, 0, 3, END },
			   { 2, 3, 1, 0, END }, { 3, 2, 0, 1, END } },
	}, {
		/* A step of distance outweighs any preference. */
		.name = "line", .nr_nodes = 4, .cpus_on = 1, .memoryless = END,
		.distance = { 10, 22, 24, 26, 22, 10, 22, 24,
			      24, 22, 10, 22, 26, 24, 22, 10 },
		.order = { { 0, 1, 2, 3, END }, { 1, 2, 0, 3, END },
			   { 2, 3, 1, 0, END }, { 3, 2, 1, 0, END } },
	}, {
		/* The node itself is the first one though it has CPUs and is no nearer. */
		.name = "no distance", .nr_nodes = 3, .memoryless = END,
		.distance = { 10, 10, 10, 10, 10, 10, 10, 10, 10 },
		.order = { { 0, 1, 2, END }, { 1, 2, 0, END }, { 2, 1, 0, END } },
	}, {
		.name = "node without memory", .nr_nodes = 3, .memoryless = 1,
		.distance = { 10, 20, 20, 20, 10, 20, 20, 20, 10 },
		.order = { { 0, 2, END }, { 2, 0, END }, { 2, 0, END } },
	},
};

KUNIT_ARRAY_PARAM_DESC(topology, topologies, name);

static struct mirror *make(struct kunit *test, const struct topology *t)
{
	struct mirror_range ranges[MAX_NODES];
	struct mirror_config conf;
	unsigned int i;

	mirror_test_config(&conf, 6, 5);
	conf.section_order = 8;
	conf.ranges = ranges;
	conf.nr_nodes = t->nr_nodes;
	conf.distance = t->distance;
	conf.cpu_node = cpus_on(test, t->cpus_on);
	for (i = 0; i < t->nr_nodes; i++)
		if ((int)i != t->memoryless)
			ranges[conf.nr_ranges++] = (struct mirror_range) {
				TEST_PFN + i * 256, TEST_PFN + i * 256 + 256, i };
	return mirror_test_create(test, &conf);
}

static void expect_nodes(struct kunit *test, const struct mirror_zonelist *list,
			 const int *want)
{
	unsigned int i;

	for (i = 0; want[i] != END; i++) {
		KUNIT_ASSERT_LT(test, i, list->nr);
		KUNIT_EXPECT_EQ_MSG(test, list->refs[i].zone->node->nid, want[i],
				    "place %u", i);
	}
	KUNIT_EXPECT_EQ(test, list->nr, i);
}

static void nodes_come_by_distance_cpus_and_load(struct kunit *test)
{
	const struct topology *t = test->param_value;
	struct mirror *m = make(test, t);
	unsigned int nid;

	for (nid = 0; nid < t->nr_nodes; nid++) {
		const int self[] = { nid, END };
		const int none[] = { END };

		kunit_info(test, "node %u\n", nid);
		expect_nodes(test, &m->nodes[nid]->fallback, t->order[nid]);
		expect_nodes(test, &m->nodes[nid]->nofallback,
			     (int)nid == t->memoryless ? none : self);
	}
}

/* zones -------------------------------------------------------------------- */

/* Node 0: DMA, DMA32, NORMAL; node 1: NORMAL, MOVABLE. */
static struct mirror *two_nodes(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 1024, 0 },
		{ TEST_PFN + 1024, TEST_PFN + 2048, 1 },
	};
	struct mirror_config conf;

	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.zone_pages[MIRROR_ZONE_DMA] = 64;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 256;
	conf.zone_pages[MIRROR_ZONE_MOVABLE] = 512;
	conf.cpu_node = cpus_on(test, 0);
	return mirror_test_create(test, &conf);
}

static void expect_zones(struct kunit *test, const struct mirror_zonelist *list,
			 const int *want, unsigned int nr)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(test, list->nr, nr);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, list->refs[i].zone_idx, want[i]);
		KUNIT_EXPECT_EQ(test, list->refs[i].zone->type, want[i]);
	}
}

static void highest_zone_of_a_node_comes_first(struct kunit *test)
{
	static const int from_0[] = { 2, 1, 0, 4, 2 }, from_1[] = { 4, 2, 2, 1, 0 };
	struct mirror *m = two_nodes(test);

	expect_zones(test, &m->nodes[0]->fallback, from_0, 5);
	expect_zones(test, &m->nodes[1]->fallback, from_1, 5);
	expect_zones(test, &m->nodes[0]->nofallback, from_0, 3);
	expect_zones(test, &m->nodes[1]->nofallback, from_1, 2);
}

struct start {
	const char *name;
	u32 gfp;
	int nid;
	u64 nodemask;
	int node;		/* of the first eligible zone, or END */
	int zone;
};

static const struct start starts[] = {
	{ "kernel", MIRROR_GFP_KERNEL, 0, 0, 0, MIRROR_ZONE_NORMAL },
	{ "dma", __MIRROR_GFP_DMA, 0, 0, 0, MIRROR_ZONE_DMA },
	{ "dma from afar", __MIRROR_GFP_DMA, 1, 0, 0, MIRROR_ZONE_DMA },
	{ "dma here only", __MIRROR_GFP_DMA | __MIRROR_GFP_THISNODE, 1, 0, END, 0 },
	{ "movable", MIRROR_GFP_HIGHUSER_MOVABLE, 1, 0, 1, MIRROR_ZONE_MOVABLE },
	{ "movable on 0", MIRROR_GFP_HIGHUSER_MOVABLE, 0, 0, 0, MIRROR_ZONE_NORMAL },
	{ "highmem", MIRROR_GFP_HIGHUSER, 1, 0, 1, MIRROR_ZONE_NORMAL },
	{ "mask of 1", MIRROR_GFP_KERNEL, 0, BIT_ULL(1), 1, MIRROR_ZONE_NORMAL },
	{ "mask of both", MIRROR_GFP_KERNEL, 1, 3, 1, MIRROR_ZONE_NORMAL },
	{ "mask of none here", MIRROR_GFP_KERNEL, 0, BIT_ULL(7), END, 0 },
	{ "mask against thisnode", __MIRROR_GFP_THISNODE, 0, BIT_ULL(1), END, 0 },
};

KUNIT_ARRAY_PARAM_DESC(start, starts, name);

static void request_starts_at_the_first_eligible_zone(struct kunit *test)
{
	const struct start *s = test->param_value;
	struct mirror *m = two_nodes(test);
	struct mirror_alloc_context ac;
	const struct mirror_zone *zone;

	KUNIT_ASSERT_EQ(test, s->node != END,
			mirror_prepare_alloc(m, s->gfp, s->nid, s->nodemask, &ac));
	if (s->node == END) {
		KUNIT_EXPECT_EQ(test, ac.preferred, ac.zonelist->nr);
		return;
	}
	zone = ac.zonelist->refs[ac.preferred].zone;
	KUNIT_EXPECT_EQ(test, zone->node->nid, s->node);
	KUNIT_EXPECT_EQ(test, zone->type, s->zone);
}

static unsigned int take_from(struct mirror *m, u32 gfp, u64 nodemask)
{
	struct mirror_alloc_context ac;
	unsigned int nr = 0;

	if (!mirror_prepare_alloc(m, gfp, 0, nodemask, &ac))
		return 0;
	while (mirror_get_page_from_freelist(m, gfp, 4,
					     MIRROR_ALLOC_NO_WATERMARKS, &ac))
		nr += 16;
	return nr;
}

static void request_takes_what_its_lists_reach(struct kunit *test)
{
	struct mirror *m = two_nodes(test);

	KUNIT_EXPECT_EQ(test, take_from(m, __MIRROR_GFP_DMA, 0), 64);
	KUNIT_EXPECT_EQ(test, take_from(m, __MIRROR_GFP_DMA32, 0), 256);
	KUNIT_EXPECT_EQ(test, take_from(m, __MIRROR_GFP_THISNODE, 0), 704);
	KUNIT_EXPECT_EQ(test, take_from(m, MIRROR_GFP_KERNEL, BIT_ULL(1)), 512);
	KUNIT_EXPECT_EQ(test, take_from(m, MIRROR_GFP_HIGHUSER_MOVABLE, 0), 512);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 0);
}

static struct kunit_case zonelist_cases[] = {
	KUNIT_CASE_PARAM(nodes_come_by_distance_cpus_and_load, topology_gen_params),
	KUNIT_CASE(highest_zone_of_a_node_comes_first),
	KUNIT_CASE_PARAM(request_starts_at_the_first_eligible_zone,
			 start_gen_params),
	KUNIT_CASE(request_takes_what_its_lists_reach),
	{}
};

static struct kunit_suite zonelist_suite = {
	.name = "mirror_zonelist",
	.test_cases = zonelist_cases,
};

kunit_test_suite(zonelist_suite);
