// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks of a policy that are about nodes, zones and reserves: each is asked and
 * obeyed, also by requests for which a page is at hand.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define A		BIT_ULL(0)
#define NOWARN		__MIRROR_GFP_NOWARN
#define NONE		(-1)

static unsigned int calls;

/* Every CPU on node 0, as in mirror_test_two_nodes(). */
static struct mirror *two_nodes(struct kunit *test, const struct mirror_policy *policy)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 1024, 0 },
		{ TEST_PFN + 1024, TEST_PFN + 2048, 1 },
	};
	struct mirror_config conf;
	struct mirror *m;

	calls = 0;
	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.cpu_node = kunit_kcalloc(test, nr_cpu_ids, sizeof(int), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, conf.cpu_node);
	conf.policy = policy;
	m = mirror_test_create(test, &conf);
	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	return m;
}

static int node_of(struct mirror *m, const struct mirror_page *page)
{
	return page ? mirror_page_zone(m, page)->node->nid : NONE;
}

static struct mirror_zone *zone_on(struct mirror *m, int nid)
{
	return &m->nodes[nid]->zones[MIRROR_ZONE_NORMAL];
}

static void use_up(struct kunit *test, struct mirror_zone *zone)
{
	struct mirror_page **pages;

	mirror_drain_all(zone->m);
	mirror_test_take_all(test, zone, &pages);
	KUNIT_ASSERT_EQ(test, zone_free(zone), 0);
}

static bool stays_with_comp(u32 gfp)
{
	calls++;
	return gfp & __MIRROR_GFP_COMP;
}

static void stays_on_node_binds_a_request(struct kunit *test)
{
	static const struct mirror_policy policy = { .stays_on_node = stays_with_comp };
	struct mirror *m = two_nodes(test, &policy);
	u32 gfp = MIRROR_GFP_NOWAIT | NOWARN;

	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages(m, gfp, 0, 0)), 0);
	KUNIT_EXPECT_GT(test, calls, 0);
	use_up(test, zone_on(m, 0));
	KUNIT_EXPECT_EQ(test, NONE,
			node_of(m, mirror_alloc_pages(m, gfp | __MIRROR_GFP_COMP, 0, 0)));
	KUNIT_EXPECT_EQ(test, 1,
			node_of(m, mirror_alloc_pages(m, gfp | __MIRROR_GFP_THISNODE, 0, 0)));
}

static bool always(u32 gfp)
{
	calls++;
	return true;
}

static bool never(u32 gfp)
{
	calls++;
	return false;
}

static void drops_nodemask_lets_a_request_go(struct kunit *test)
{
	static const struct mirror_policy drops = { .drops_nodemask = always };
	static const struct mirror_policy keeps = { .drops_nodemask = never };
	struct mirror *m = two_nodes(test, &drops);
	u32 gfp = MIRROR_GFP_NOWAIT | NOWARN;

	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages_nodemask(m, gfp, 0, 0, A)), 0);
	KUNIT_EXPECT_EQ(test, calls, 0);
	use_up(test, zone_on(m, 0));
	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages_nodemask(m, gfp, 0, 0, A)), 1);
	KUNIT_EXPECT_EQ(test, calls, 1);
	m = two_nodes(test, &keeps);
	use_up(test, zone_on(m, 0));
	KUNIT_EXPECT_EQ(test, NONE,
			node_of(m, mirror_alloc_pages_nodemask(m, MIRROR_GFP_ATOMIC | NOWARN,
							       0, 0, A)));
	KUNIT_EXPECT_EQ(test, calls, 1);
}

static void last_first(struct mirror_zonelist *list)
{
	unsigned int i;

	calls++;
	for (i = 0; i < list->nr / 2; i++)
		swap(list->refs[i], list->refs[list->nr - 1 - i]);
}

/* Such a mirror has no index of where each request begins, or it would win. */
static void sort_zones_decides_where_requests_begin(struct kunit *test)
{
	static const struct mirror_policy policy = { .sort_zones = last_first };
	struct mirror *m = two_nodes(test, &policy);
	unsigned int order;

	KUNIT_EXPECT_EQ(test, calls, 2);
	for (order = 0; order <= 6; order++) {
		KUNIT_EXPECT_EQ(test, 1, node_of(m, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT,
								       order, 0)));
		KUNIT_EXPECT_EQ(test, 0, node_of(m, mirror_alloc_pages(m, MIRROR_GFP_KERNEL,
								       order, 1)));
	}
}

static void count_it(struct mirror_zone *preferred, struct mirror_zone *zone,
		     unsigned long nr)
{
	calls += nr;
}

static void count_remote_sees_what_another_node_gave(struct kunit *test)
{
	static const struct mirror_policy policy = { .count_remote = count_it };
	struct mirror *m = two_nodes(test, &policy);
	struct mirror_page *pages[3] = {};

	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, 0, 1)), 1);
	KUNIT_EXPECT_EQ(test, calls, 0);
	use_up(test, zone_on(m, 1));
	KUNIT_EXPECT_EQ(test, node_of(m, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, 3, 1)), 0);
	KUNIT_EXPECT_EQ(test, calls, 1);
	KUNIT_EXPECT_EQ(test, 1, mirror_alloc_pages_bulk(m, MIRROR_GFP_NOWAIT, 1, 3, pages));
	KUNIT_EXPECT_EQ(test, calls, 2);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(zone_on(m, 0), MIRROR_NUMA_MISS), 0);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(zone_on(m, 1), MIRROR_NUMA_FOREIGN), 0);
}

static unsigned long all_of_it(const struct mirror_zone *zone, unsigned long above,
			       unsigned int ratio)
{
	calls++;
	return zone->managed;
}

/* NORMAL below an empty MOVABLE: only a zone with pages above it keeps something. */
static void lowmem_reserve_keeps_a_zone_to_itself(struct kunit *test)
{
	static const struct mirror_policy policy = { .lowmem_reserve = all_of_it };
	struct mirror_config conf;
	struct mirror *m;

	calls = 0;
	mirror_test_config(&conf, 6, 5);
	conf.policy = &policy;
	conf.zone_pages[MIRROR_ZONE_NORMAL] = 256;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	m = mirror_test_range(test, &conf, TEST_PFN, 512);
	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	KUNIT_EXPECT_GT(test, calls, 0);
	use_up(test, &m->nodes[0]->zones[MIRROR_ZONE_MOVABLE]);
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE | NOWARN,
						   0, 0));
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL | NOWARN, 0, 0));
}

static bool all_remote(const struct mirror_zone *zone, unsigned int cpu)
{
	calls++;
	return true;
}

static void pcp_remote_has_a_cpus_lists_expire(struct kunit *test)
{
	static const struct mirror_policy policy = { .pcp_remote = all_remote };
	struct mirror *m = two_nodes(test, &policy);
	unsigned int cpu = raw_smp_processor_id(), i;
	struct mirror_zone *zone = zone_on(m, 0);
	struct mirror_pcp *pcp = this_pcp(zone);

	pcp->batch = 100;
	pcp->high = 1000;
	pcp->high_min = 1000;
	pcp->high_max = 1000;
	KUNIT_ASSERT_NOT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, 0, 0));
	KUNIT_ASSERT_EQ(test, pcp->count, 99);
	pcp->expire = 3;
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_GT(test, pcp->count, 0);
		mirror_pcp_tick(m, cpu);
		KUNIT_EXPECT_EQ(test, pcp->expire, 2 - i);
		KUNIT_EXPECT_EQ(test, calls, i + 1);
	}
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
}

static struct kunit_case policy_nodes_cases[] = {
	KUNIT_CASE(stays_on_node_binds_a_request),
	KUNIT_CASE(drops_nodemask_lets_a_request_go),
	KUNIT_CASE(sort_zones_decides_where_requests_begin),
	KUNIT_CASE(count_remote_sees_what_another_node_gave),
	KUNIT_CASE(lowmem_reserve_keeps_a_zone_to_itself),
	KUNIT_CASE(pcp_remote_has_a_cpus_lists_expire),
	{}
};

static struct kunit_suite policy_nodes_suite = {
	.name = "mirror_policy_nodes",
	.test_cases = policy_nodes_cases,
};

kunit_test_suite(policy_nodes_suite);
