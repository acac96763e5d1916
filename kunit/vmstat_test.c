// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: how far a CPU may drift from a zone, and what is counted where.
 */
#include <linux/sizes.h>
#include "fixture.h"

static void add(struct mirror_zone *zone, long nr)
{
	unsigned long flags;

	local_irq_save(flags);
	mirror_mod_zone_state(zone, MIRROR_NR_FREE_PAGES, nr);
	local_irq_restore(flags);
}

static struct mirror_zonestat *this_stat(struct mirror_zone *zone)
{
	return per_cpu_ptr(zone->stat, raw_smp_processor_id());
}

/* drift -------------------------------------------------------------------- */

struct size {
	unsigned long nr_pages;
	int factor;		/* one more than the bits of the 128 MiB units */
};

static const struct size sizes[] = {
	{ 1000, 1 }, { (1 << 15) - 1, 1 }, { 1 << 15, 2 }, { 1 << 16, 3 },
	{ 3 << 15, 3 }, { 1 << 17, 4 }, { 1 << 18, 5 },
};

static void size_desc(const struct size *s, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lu pages", s->nr_pages);
}

KUNIT_ARRAY_PARAM(size, sizes, size_desc);

static void threshold_follows_from_zone_and_cpus(struct kunit *test)
{
	const struct size *s = test->param_value;
	struct mirror_zone *zone;
	unsigned int cpus, bits = 0;

	if (PAGE_SIZE != SZ_4K)
		kunit_skip(test, "the numbers are for pages of 4 KiB");
	zone = normal_zone(mirror_test_flat(test, 10, 9, s->nr_pages));
	for (cpus = num_online_cpus(); cpus; cpus >>= 1)
		bits++;
	KUNIT_EXPECT_EQ(test, this_stat(zone)->threshold,
			min(125u, 2 * bits * s->factor));
}

static void changes_up_to_the_threshold_stay_on_the_cpu(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 6, 5, 256));
	struct mirror *m = zone->m;
	int i, most = this_stat(zone)->threshold;

	mirror_fold_cpu(m, raw_smp_processor_id());
	for (i = 1; i <= most; i++) {
		add(zone, -1);
		KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, 0), 256);
		KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, 0), 256 - i);
	}
	add(zone, -1);
	KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, 0), 256 - most - 1);
	KUNIT_EXPECT_EQ(test, this_stat(zone)->diff[0], 0);
	add(zone, most + 1);
	KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, 0), 256);
}

static void folding_brings_a_cpu_up_to_date(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 6, 5, 256));
	unsigned int cpu = raw_smp_processor_id();

	mirror_fold_cpu(zone->m, cpu);
	add(zone, -2);
	mirror_fold_cpu(zone->m, cpu);
	KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, 0), 254);
	KUNIT_EXPECT_EQ(test, this_stat(zone)->diff[0], 0);
	KUNIT_EXPECT_EQ(test, per_cpu_ptr(zone->pcp, cpu)->expire, 3);
	add(zone, 2);
}

static void counters_do_not_show_negative(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 6, 5, 256));

	mirror_fold_cpu(zone->m, raw_smp_processor_id());
	add(zone, -1000);
	KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, 0), 0);
	add(zone, 1000);
	KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, 0), 256);
}

/* events ------------------------------------------------------------------- */

static void events_count_pages(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		page[i] = mirror_test_alloc(m, 0, 2 * i);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + 2), 21);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + 1), 0);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE), 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page[i], 2 * i), 0);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE), 21);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE), 21);
}

static void failed_request_counts_nothing(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 32);

	KUNIT_EXPECT_NULL(test, mirror_test_alloc(m, 0, 6));
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + 2), 0);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(normal_zone(m), MIRROR_NUMA_HIT), 0);
}

static void expect_numa(struct kunit *test, struct mirror *m, int nid,
			const unsigned long *want)
{
	unsigned int item;

	for (item = 0; item < MIRROR_NR_NUMA_EVENTS; item++)
		KUNIT_EXPECT_EQ_MSG(test, want[item],
				    mirror_numa_events(&m->nodes[nid]->zones[2], item),
				    "node %d item %u", nid, item);
}

static bool alloc_on(struct mirror *m, int nid, u32 gfp, unsigned int order)
{
	struct mirror_alloc_context ac;

	return mirror_prepare_alloc(m, gfp, nid, 0, &ac) &&
	       mirror_alloc_fast(m, gfp, order, &ac);
}

/* hit, miss, foreign, interleave, local, other: in requests, not in pages */
static void numa_events_tell_who_got_what_from_where(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 256);

	KUNIT_EXPECT_TRUE(test, alloc_on(m, 0, 0, 4));
	expect_numa(test, m, 0, (unsigned long[]){ 1, 0, 0, 0, 1, 0 });
	KUNIT_EXPECT_TRUE(test, alloc_on(m, 1, 0, 0));
	expect_numa(test, m, 1, (unsigned long[]){ 1, 0, 0, 0, 0, 1 });
	while (alloc_on(m, 0, __MIRROR_GFP_THISNODE, 4))
		;
	expect_numa(test, m, 0, (unsigned long[]){ 16, 0, 0, 0, 16, 0 });
	KUNIT_EXPECT_TRUE(test, alloc_on(m, 0, 0, 4));
	expect_numa(test, m, 0, (unsigned long[]){ 16, 0, 1, 0, 16, 0 });
	expect_numa(test, m, 1, (unsigned long[]){ 1, 1, 0, 0, 0, 2 });
}

static void bulk_counts_each_page(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 256);
	struct mirror_page *pages[6] = {};
	struct mirror_alloc_context ac;

	mirror_prepare_alloc(m, 0, 1, 0, &ac);
	KUNIT_EXPECT_EQ(test, mirror_alloc_fast_bulk(m, 0, 6, pages, &ac), 6);
	expect_numa(test, m, 1, (unsigned long[]){ 6, 0, 0, 0, 0, 6 });
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + 2), 6);
}

static struct kunit_case vmstat_cases[] = {
	KUNIT_CASE_PARAM(threshold_follows_from_zone_and_cpus, size_gen_params),
	KUNIT_CASE(changes_up_to_the_threshold_stay_on_the_cpu),
	KUNIT_CASE(folding_brings_a_cpu_up_to_date),
	KUNIT_CASE(counters_do_not_show_negative),
	KUNIT_CASE(events_count_pages),
	KUNIT_CASE(failed_request_counts_nothing),
	KUNIT_CASE(numa_events_tell_who_got_what_from_where),
	KUNIT_CASE(bulk_counts_each_page),
	{}
};

static struct kunit_suite vmstat_suite = {
	.name = "mirror_vmstat",
	.test_cases = vmstat_cases,
};

kunit_test_suite(vmstat_suite);
