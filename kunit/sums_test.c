// SPDX-License-Identifier: GPL-2.0
/*
 * What is added up over all zones and all CPUs: no zone and no CPU may be left out, be
 * it the first or the last. Lists and counters of another CPU are written by hand, as
 * each test stays on one.
 */
#include "fixture.h"

/* Node 0: DMA32 and NORMAL; node 1: NORMAL; node 2: NORMAL. 256 pages each. */
static struct mirror *make(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 512, 0 },
		{ TEST_PFN + 512, TEST_PFN + 768, 1 },
		{ TEST_PFN + 768, TEST_PFN + 1024, 2 },
	};
	struct mirror *m;

	m = mirror_test_with_dma32(test, ranges, ARRAY_SIZE(ranges));
	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	return m;
}

static unsigned int last_cpu(void)
{
	unsigned int cpu, last = 0;

	for_each_possible_cpu(cpu)
		last = cpu;
	return last;
}

static unsigned int nr_cpus(void)
{
	unsigned int cpu, nr = 0;

	for_each_possible_cpu(cpu)
		nr++;
	return nr;
}

/* Puts a block of a pageblock's order or less on a CPU's list, as a free there would. */
static void put_on_cpu(struct kunit *test, struct mirror_zone *zone, unsigned int cpu,
		       unsigned int order, int mt)
{
	struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
	struct mirror_page *page = mirror_test_take(zone, order, mt);

	KUNIT_ASSERT_NOT_NULL(test, page);
	atomic_set(&page->refs, 0);
	page->flags = mirror_zone_head(zone, MIRROR_PAGE_PCP, order);
	mirror_list_add(zone->pages, &pcp->lists[mirror_pcp_index(mt, order)],
			idx_of(zone->m, page));
	pcp->count += 1 << order;
}

/* One page for each CPU and zone, two pages in each DMA32. */
static unsigned int put_everywhere(struct kunit *test, struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i, cpu, nr = 0;

	mirror_for_each_populated_zone(m, zone, i)
		for_each_possible_cpu(cpu) {
			unsigned int order = zone->type == MIRROR_ZONE_DMA32;

			put_on_cpu(test, zone, cpu, order, MOVABLE);
			nr += 1u << order;
		}
	KUNIT_ASSERT_EQ(test, nr, 5 * nr_cpus());
	return nr;
}

static int count_of(const struct mirror_zone *zone, unsigned int cpu)
{
	return per_cpu_ptr(zone->pcp, cpu)->count;
}

/* lists ----------------------------------------------------------------------------- */

static void lists_of_all_cpus_are_counted_and_drained(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int nr = put_everywhere(test, m);

	KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), nr);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
}

static void drain_of_a_cpu_leaves_the_others(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int nr = put_everywhere(test, m), cpu;

	for_each_possible_cpu(cpu) {
		mirror_drain_cpu(m, cpu);
		nr -= 5;
		KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), nr);
		KUNIT_EXPECT_EQ(test, count_of(normal_zone(m), cpu), 0);
	}
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
}

static void drain_of_a_zone_leaves_the_others(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int nr = put_everywhere(test, m), i;
	struct mirror_zone *zone;

	mirror_for_each_populated_zone(m, zone, i) {
		mirror_drain_zone(zone);
		nr -= (zone->type == MIRROR_ZONE_DMA32 ? 2 : 1) * nr_cpus();
		KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), nr);
		KUNIT_EXPECT_EQ(test, zone_free(zone), zone->managed);
	}
}

static void keep_first_line(void *arg, const char *line)
{
	char *first = arg;

	if (!first[0])
		snprintf(first, 160, "%s", line);
}

/* In the report of a failed allocation, too. */
static void report_adds_up_lists_and_zones(struct kunit *test)
{
	struct mirror *m = make(test);
	char line[160] = "", want[160];
	const struct mirror_lines out = { .emit = keep_first_line, .arg = line };
	unsigned int nr;

	mirror_test_set_type(normal_zone(m), 288, CMA);
	mirror_test_set_type(&m->nodes[2]->zones[MIRROR_ZONE_NORMAL], 800, CMA);
	nr = put_everywhere(test, m);
	mirror_fold_cpu(m, raw_smp_processor_id());
	mirror_show_mem(m, &m->nodes[0]->fallback, 0, &out);
	snprintf(want, sizeof(want),
		 "Mem-Info: 1024 pages managed, free:%u free_pcp:%u free_cma:64",
		 1024 - nr, 5 * num_online_cpus());
	KUNIT_EXPECT_STREQ(test, line, want);
	mirror_drain_all(m);
	mirror_test_set_type(normal_zone(m), 288, MOVABLE);
	mirror_test_set_type(&m->nodes[2]->zones[MIRROR_ZONE_NORMAL], 800, MOVABLE);
}

/* More than a drain moves at a time, in more than one step. */
static void long_list_is_drained_to_its_end(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 1024);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int cpu = last_cpu(), i;

	per_cpu_ptr(zone->pcp, cpu)->batch = 2;
	for (i = 0; i < 200; i++)
		put_on_cpu(test, zone, cpu, 0, MOVABLE);
	KUNIT_EXPECT_EQ(test, count_of(zone, cpu), 200);
	mirror_drain_zone(zone);
	KUNIT_EXPECT_EQ(test, count_of(zone, cpu), 0);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 1024);
	KUNIT_EXPECT_EQ(test, list_len(zone, 6, MOVABLE), 16);
}

/* Every list of every CPU is dissolved, the last one with pageblocks, too. */
static void reset_dissolves_each_list(struct kunit *test)
{
	static const int types[] = { UNMOVABLE, MOVABLE, RECLAIMABLE };
	static const unsigned int orders[] = { 0, 1, 2, 3, 5 };
	struct mirror *m = mirror_test_flat(test, 6, 5, 4096);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int cpu, i, j;

	/* The upper pageblock is freed last, and the lower one follows its type. */
	mirror_test_set_type(zone, 96, UNMOVABLE);
	mirror_test_set_type(zone, 160, RECLAIMABLE);
	for_each_possible_cpu(cpu)
		for (i = 0; i < ARRAY_SIZE(orders); i++)
			for (j = 0; j < ARRAY_SIZE(types); j++)
				if (cpu < 2 && (orders[i] < 5 || types[j] == MOVABLE))
					put_on_cpu(test, zone, cpu, orders[i], types[j]);
	put_on_cpu(test, zone, last_cpu(), 5, MOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 0);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 4096);
	KUNIT_EXPECT_EQ(test, list_len(zone, 6, MOVABLE), 64);
}

static void expect_cache(struct kunit *test, struct mirror *m, unsigned int cpu, bool want)
{
	struct mirror_zone *zone;
	unsigned int i, other;

	mirror_for_each_populated_zone(m, zone, i)
		for_each_possible_cpu(other) {
			const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, other);

			KUNIT_EXPECT_EQ(test, pcp->flags, MIRROR_PCPF_PREV_FREE_HIGH_ORDER |
					(want && other == cpu ?
					 MIRROR_PCPF_FREE_HIGH_BATCH : 0));
		}
}

/* More than three batches of pages in its cache, in every zone and on that CPU alone. */
static void cache_of_a_cpu_counts_in_every_zone(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int cpu = last_cpu(), i, other;
	struct mirror_zone *zone;

	mirror_for_each_populated_zone(m, zone, i)
		for_each_possible_cpu(other) {
			per_cpu_ptr(zone->pcp, other)->flags = MIRROR_PCPF_PREV_FREE_HIGH_ORDER;
			per_cpu_ptr(zone->pcp, other)->batch = 5;
		}
	mirror_pcp_set_cache(m, cpu, 15 * PAGE_SIZE);
	expect_cache(test, m, cpu, false);
	mirror_pcp_set_cache(m, cpu, 16 * PAGE_SIZE);
	expect_cache(test, m, cpu, true);
	mirror_pcp_set_cache(m, cpu, 16 * PAGE_SIZE - 1);
	expect_cache(test, m, cpu, false);
}

/* counters -------------------------------------------------------------------------- */

static void differences_of_all_cpus_are_added(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	unsigned long free = zone_free(zone);
	unsigned int cpu;
	long all = 0;

	for_each_possible_cpu(cpu) {
		per_cpu_ptr(zone->stat, cpu)->diff[MIRROR_NR_FREE_PAGES] = -3 - (int)cpu % 8;
		all -= 3 + cpu % 8;
	}
	KUNIT_EXPECT_EQ(test, zone_free(zone), free + all);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed + all);
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA), 0);
	for_each_possible_cpu(cpu)
		per_cpu_ptr(zone->stat, cpu)->diff[MIRROR_NR_FREE_PAGES] = 0;
}

/* Folding is for one CPU, in all zones and for all counters. */
static void fold_takes_one_cpu_of_every_zone(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int cpu = last_cpu(), i;
	struct mirror_zone *zone;

	mirror_for_each_populated_zone(m, zone, i) {
		struct mirror_zonestat *stat = per_cpu_ptr(zone->stat, cpu);
		long free = atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_PAGES]);

		per_cpu_ptr(zone->pcp, cpu)->expire = 0;
		stat->diff[MIRROR_NR_FREE_PAGES] = -7;
		stat->diff[MIRROR_NR_FREE_CMA] = 5;
		mirror_fold_cpu(m, cpu);
		KUNIT_EXPECT_EQ(test, stat->diff[MIRROR_NR_FREE_PAGES], 0);
		KUNIT_EXPECT_EQ(test, stat->diff[MIRROR_NR_FREE_CMA], 0);
		KUNIT_EXPECT_EQ(test, free - 7,
				atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_PAGES]));
		KUNIT_EXPECT_EQ(test, 5, atomic_long_read(&zone->vm_stat[MIRROR_NR_FREE_CMA]));
		KUNIT_EXPECT_EQ(test, per_cpu_ptr(zone->pcp, cpu)->expire, 3);
		atomic_long_set(&zone->vm_stat[MIRROR_NR_FREE_CMA], 0);
		atomic_long_set(&zone->vm_stat[MIRROR_NR_FREE_PAGES], free);
	}
}

/* Nothing to fold arms nothing; a second counter arms as well as the first one. */
static void fold_arms_the_lists_where_something_changed(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int cpu = last_cpu();

	per_cpu_ptr(zone->pcp, cpu)->expire = 1;
	mirror_fold_cpu(m, cpu);
	KUNIT_EXPECT_EQ(test, per_cpu_ptr(zone->pcp, cpu)->expire, 1);
	per_cpu_ptr(zone->stat, cpu)->diff[MIRROR_NR_FREE_CMA] = 2;
	mirror_fold_cpu(m, cpu);
	KUNIT_EXPECT_EQ(test, per_cpu_ptr(zone->pcp, cpu)->expire, 3);
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA), 2);
	atomic_long_set(&zone->vm_stat[MIRROR_NR_FREE_CMA], 0);
}

static void events_are_those_of_all_zones_of_a_type(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int i, cpu, nr = 0, dma32 = 0;
	struct mirror_zone *zone;

	mirror_for_each_populated_zone(m, zone, i)
		for_each_possible_cpu(cpu) {
			struct mirror_zonestat *stat = per_cpu_ptr(zone->stat, cpu);

			stat->events[MIRROR_ZONE_PGALLOC] = 100 + i;
			stat->events[MIRROR_ZONE_PGFREE] = 10;
			stat->numa[MIRROR_NUMA_FOREIGN] = i;
			nr += 100 + i;
			dma32 += zone->type == MIRROR_ZONE_DMA32 ? 100 + i : 0;
		}
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE), 40 * nr_cpus());
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + MIRROR_ZONE_NORMAL), nr - dma32);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + MIRROR_ZONE_DMA32), dma32);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + MIRROR_ZONE_MOVABLE), 0);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_ALLOCSTALL + MIRROR_ZONE_NORMAL), 0);
	mirror_for_each_populated_zone(m, zone, i)
		KUNIT_EXPECT_EQ(test, mirror_numa_events(zone, MIRROR_NUMA_FOREIGN),
				i * nr_cpus());
	zone = &m->nodes[1]->zones[MIRROR_ZONE_MOVABLE];
	KUNIT_EXPECT_EQ(test, mirror_numa_events(zone, MIRROR_NUMA_HIT), 0);
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES), 0);
}

/* new and reset mirrors -------------------------------------------------------------- */

static void every_cpu_knows_its_threshold_and_its_node(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone;
	unsigned int i, cpu;
	int want;

	mirror_refresh_thresholds(m);
	want = per_cpu_ptr(normal_zone(m)->stat, raw_smp_processor_id())->threshold;
	KUNIT_EXPECT_GT(test, want, 0);
	mirror_for_each_populated_zone(m, zone, i)
		for_each_possible_cpu(cpu) {
			const struct mirror_zonestat *stat = per_cpu_ptr(zone->stat, cpu);
			bool local = m->cpu_node[cpu] == zone->node->nid;

			if (cpu_online(cpu))
				KUNIT_EXPECT_EQ(test, stat->threshold, want);
			KUNIT_EXPECT_EQ(test, stat->place,
					local ? MIRROR_NUMA_LOCAL : MIRROR_NUMA_OTHER);
		}
}

static void reset_counts_from_zero_on_every_cpu(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone;
	unsigned int i, cpu;

	mirror_for_each_populated_zone(m, zone, i)
		for_each_possible_cpu(cpu) {
			per_cpu_ptr(zone->stat, cpu)->events[MIRROR_ZONE_PGFREE] = 5;
			per_cpu_ptr(zone->pcp, cpu)->batch = 77;
		}
	KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE), 0);
	mirror_for_each_populated_zone(m, zone, i)
		for_each_possible_cpu(cpu) {
			KUNIT_EXPECT_EQ(test, per_cpu_ptr(zone->pcp, cpu)->batch,
					zone->pcp_batch);
			KUNIT_EXPECT_EQ(test, per_cpu_ptr(zone->pcp, cpu)->high_min,
					zone->pcp_high_min);
			KUNIT_EXPECT_EQ(test, per_cpu_ptr(zone->pcp, cpu)->high_max,
					zone->pcp_high_max);
		}
}

static struct kunit_case sums_cases[] = {
	KUNIT_CASE(lists_of_all_cpus_are_counted_and_drained),
	KUNIT_CASE(drain_of_a_cpu_leaves_the_others),
	KUNIT_CASE(drain_of_a_zone_leaves_the_others),
	KUNIT_CASE(report_adds_up_lists_and_zones),
	KUNIT_CASE(long_list_is_drained_to_its_end),
	KUNIT_CASE(reset_dissolves_each_list),
	KUNIT_CASE(cache_of_a_cpu_counts_in_every_zone),
	KUNIT_CASE(differences_of_all_cpus_are_added),
	KUNIT_CASE(fold_takes_one_cpu_of_every_zone),
	KUNIT_CASE(fold_arms_the_lists_where_something_changed),
	KUNIT_CASE(events_are_those_of_all_zones_of_a_type),
	KUNIT_CASE(every_cpu_knows_its_threshold_and_its_node),
	KUNIT_CASE(reset_counts_from_zero_on_every_cpu),
	{}
};

static struct kunit_suite sums_suite = {
	.name = "mirror_sums",
	.test_cases = sums_cases,
};

kunit_test_suite(sums_suite);
