// SPDX-License-Identifier: GPL-2.0
/*
 * How large per-CPU lists get: the formulas, and the lists by type and order.
 */
#include "fixture.h"

/* cpumask_of_node() of a mirror: here every CPU is on node 0. */
static unsigned int nr_cpus(void)
{
	return num_online_cpus();
}

struct size {
	unsigned long nr_pages;
	int batch;
};

/*
 * A quarter of 1/1024 of the zone and at most of 1 MiB, half as much again,
 * rounded down to a power of two, less one.
 */
static const struct size sizes[] = {
	{ 1, 1 },
	{ 1 << 10, 1 },
	{ (1 << 13) - 1, 1 },
	{ 12 << 10, 3 },
	{ 1 << 14, 3 },
	{ 1 << 15, 7 },
	{ 40 << 10, 7 },
	{ 44 << 10, 15 },
	{ 1 << 16, 15 },
	{ 1 << 17, 31 },
	{ 1 << 18, 63 },
	{ (1 << 18) + 4096, 63 },
};

static void size_desc(const struct size *s, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lu pages", s->nr_pages);
}

KUNIT_ARRAY_PARAM(size, sizes, size_desc);

static void expect_sizes(struct kunit *test, const struct mirror_zone *zone,
			 int batch, unsigned long min, unsigned long max)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);

		KUNIT_EXPECT_EQ(test, pcp->batch, batch);
		KUNIT_EXPECT_EQ(test, pcp->high_min, max_t(int, min, 4 * batch));
		KUNIT_EXPECT_EQ(test, pcp->high_max, max_t(int, max, 4 * batch));
	}
}

static void sizes_follow_from_zone_and_low_mark(struct kunit *test)
{
	const struct size *s = test->param_value;
	struct mirror *m = mirror_test_flat(test, 10, 9, s->nr_pages);
	unsigned long low = s->nr_pages / 50;

	if (PAGE_SIZE != SZ_4K)
		kunit_skip(test, "the numbers are for pages of 4 KiB");
	expect_sizes(test, normal_zone(m), s->batch, 0, s->nr_pages / 8 / nr_cpus());
	mirror_test_marks(test, m, low / 2, low, low);
	expect_sizes(test, normal_zone(m), s->batch, low / nr_cpus(),
		     s->nr_pages / 8 / nr_cpus());
}

/* No batch is more than a quarter of 1 MiB, less a page: 63 pages, or 3 of 64 KiB. */
static int at_most(int batch)
{
	return min_t(int, batch, SZ_256K / PAGE_SIZE - 1);
}

static void fraction_fixes_high(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 10, 9, 1 << 16);

	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 7), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 1), -EINVAL);
	expect_sizes(test, normal_zone(m), at_most(15), 0, 8192 / nr_cpus());
	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 8), 0);
	expect_sizes(test, normal_zone(m), at_most(15), 8192 / nr_cpus(),
		     8192 / nr_cpus());
	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 5000), 0);
	expect_sizes(test, normal_zone(m), at_most(15), 0, 0);
	KUNIT_EXPECT_EQ(test, mirror_set_high_fraction(m, 0), 0);
	expect_sizes(test, normal_zone(m), at_most(15), 0, 8192 / nr_cpus());
}

static void node_without_cpus_counts_all_cpus(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 10, 9, 1 << 15);

	expect_sizes(test, normal_zone(m), at_most(7), 0, 4096 / nr_cpus());
	expect_sizes(test, &m->nodes[1]->zones[MIRROR_ZONE_NORMAL],
		     at_most(7), 0, 4096 / nr_cpus());
}

static void coming_cpu_is_counted(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 10, 9, 1 << 16);

	mirror_pcp_update_zone(normal_zone(m), 1);
	expect_sizes(test, normal_zone(m), at_most(15), 0, 8192 / (nr_cpus() + 1));
	mirror_pcp_update_zone(normal_zone(m), 0);
	expect_sizes(test, normal_zone(m), at_most(15), 0, 8192 / nr_cpus());
}

static void cache_to_spare_is_three_batches(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 10, 9, 1 << 16);
	struct mirror_pcp *pcp = this_pcp(normal_zone(m));
	unsigned int cpu = raw_smp_processor_id();
	size_t three = 3 * at_most(15);

	mirror_pcp_set_cache(m, cpu, three << PAGE_SHIFT);
	KUNIT_EXPECT_FALSE(test, pcp->flags & MIRROR_PCPF_FREE_HIGH_BATCH);
	mirror_pcp_set_cache(m, cpu, (three + 1) << PAGE_SHIFT);
	KUNIT_EXPECT_TRUE(test, pcp->flags & MIRROR_PCPF_FREE_HIGH_BATCH);
	mirror_pcp_set_cache(m, cpu, 0);
	KUNIT_EXPECT_FALSE(test, pcp->flags & MIRROR_PCPF_FREE_HIGH_BATCH);
}

/* lists -------------------------------------------------------------------- */

static void each_type_and_low_order_has_a_list(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 10, 9, 1024));
	unsigned int order, mt, want = 0;

	for (order = 0; order <= 3; order++)
		for (mt = 0; mt < 3; mt++, want++) {
			KUNIT_EXPECT_EQ(test, mirror_pcp_index(mt, order), want);
			KUNIT_EXPECT_EQ(test, mirror_pcp_index_order(zone, want),
					order);
		}
	KUNIT_EXPECT_EQ(test, mirror_pcp_index(UNMOVABLE, 9), 12);
	KUNIT_EXPECT_EQ(test, mirror_pcp_index(MOVABLE, 9), 13);
	KUNIT_EXPECT_EQ(test, mirror_pcp_index(RECLAIMABLE, 9), 12);
	KUNIT_EXPECT_EQ(test, mirror_pcp_index_order(zone, 12), 9);
	KUNIT_EXPECT_EQ(test, mirror_pcp_index_order(zone, 13), 9);
	KUNIT_EXPECT_EQ(test, MIRROR_NR_PCP_LISTS, 14);
}

static void orders_between_go_past_the_lists(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 10, 9, 1 << 15);
	unsigned int order;

	/* so high that a pageblock stays on the lists */
	KUNIT_ASSERT_EQ(test, mirror_set_high_fraction(m, 8), 0);
	for (order = 0; order <= 10; order++) {
		bool listed = order <= 3 || order == 9;
		struct mirror_page *page;

		KUNIT_EXPECT_EQ(test, mirror_pcp_order(normal_zone(m), order),
				listed);
		page = mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, order);
		KUNIT_ASSERT_NOT_NULL(test, page);
		mirror_drain_all(m);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, order), 0);
		KUNIT_EXPECT_EQ(test, mirror_pcp_count(m),
				listed ? 1ul << order : 0);
		mirror_drain_all(m);
		KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 0);
	}
}

static void drain_empties_the_lists_of_one_cpu(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 10, 9, 1 << 15);
	unsigned int cpu = raw_smp_processor_id(), other, i;

	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_alloc(m, 0, i % 3));
	KUNIT_EXPECT_GT(test, mirror_pcp_count(m), 0);
	for_each_possible_cpu(other)
		if (other != cpu)
			mirror_drain_cpu(m, other);
	KUNIT_EXPECT_GT(test, mirror_pcp_count(m), 0);
	mirror_drain_cpu(m, cpu);
	KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 0);
}

static struct kunit_case pcp_size_cases[] = {
	KUNIT_CASE_PARAM(sizes_follow_from_zone_and_low_mark, size_gen_params),
	KUNIT_CASE(fraction_fixes_high),
	KUNIT_CASE(node_without_cpus_counts_all_cpus),
	KUNIT_CASE(coming_cpu_is_counted),
	KUNIT_CASE(cache_to_spare_is_three_batches),
	KUNIT_CASE(each_type_and_low_order_has_a_list),
	KUNIT_CASE(orders_between_go_past_the_lists),
	KUNIT_CASE(drain_empties_the_lists_of_one_cpu),
	{}
};

static struct kunit_suite pcp_size_suite = {
	.name = "mirror_pcp_size",
	.test_cases = pcp_size_cases,
};

kunit_test_suite(pcp_size_suite);
