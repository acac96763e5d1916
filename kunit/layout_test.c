// SPDX-License-Identifier: GPL-2.0
/*
 * What a mirror knows of its ranges: spans of nodes and zones, distances, groups of
 * sections at their borders, and section sizes that cost least.
 */
#include "fixture.h"

static void small_sections(struct mirror_config *conf, const struct mirror_range *ranges,
			   unsigned int nr)
{
	mirror_test_config(conf, 5, 4);
	conf->section_order = 5;
	conf->ranges = ranges;
	conf->nr_ranges = nr;
}

/* spans ----------------------------------------------------------------------------- */

static void expect_node(struct kunit *test, const struct mirror *m, int nid,
			unsigned long start, unsigned long spanned, unsigned long present)
{
	const struct mirror_node *node = m->nodes[nid];

	KUNIT_EXPECT_EQ(test, node->nid, nid);
	KUNIT_EXPECT_EQ(test, node->start_pfn, start);
	KUNIT_EXPECT_EQ(test, node->spanned, spanned);
	KUNIT_EXPECT_EQ(test, node->present, present);
}

static void expect_zone(struct kunit *test, const struct mirror_zone *zone,
			unsigned long start, unsigned long spanned, unsigned long present)
{
	KUNIT_EXPECT_EQ(test, zone->start_pfn, start);
	KUNIT_EXPECT_EQ(test, zone->spanned, spanned);
	KUNIT_EXPECT_EQ(test, zone->present, present);
	KUNIT_EXPECT_EQ(test, zone->managed, present);
}

/* Nodes take turns, so each spans memory of the other; 192 pages are DMA32. */
static void spans_reach_from_the_first_page_to_the_last(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 128, 0 },
		{ TEST_PFN + 128, TEST_PFN + 320, 1 },
		{ TEST_PFN + 512, TEST_PFN + 576, 0 },
		{ TEST_PFN + 640, TEST_PFN + 704, 1 },
	};
	struct mirror_config conf;
	struct mirror *m;

	small_sections(&conf, ranges, ARRAY_SIZE(ranges));
	conf.zone_pages[MIRROR_ZONE_DMA32] = 192;
	conf.nr_nodes = 3;
	m = mirror_test_create(test, &conf);
	expect_node(test, m, 0, TEST_PFN, 576, 192);
	expect_node(test, m, 1, TEST_PFN + 128, 576, 256);
	expect_node(test, m, 2, 0, 0, 0);
	expect_zone(test, &m->nodes[0]->zones[MIRROR_ZONE_DMA32], TEST_PFN, 128, 128);
	expect_zone(test, &m->nodes[1]->zones[MIRROR_ZONE_DMA32], TEST_PFN + 128, 64, 64);
	expect_zone(test, &m->nodes[1]->zones[MIRROR_ZONE_NORMAL], TEST_PFN + 192, 512, 192);
	expect_zone(test, &m->nodes[0]->zones[MIRROR_ZONE_NORMAL], TEST_PFN + 512, 64, 64);
	KUNIT_EXPECT_EQ(test, m->managed, 448);
	KUNIT_EXPECT_EQ(test, m->nr_runs, 5);
}

/* Ranges of one zone that touch are one run, and a block may lie in both. */
static void ranges_that_touch_make_one_run(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 20, 0 }, { TEST_PFN + 20, TEST_PFN + 100, 0 },
		{ TEST_PFN + 128, TEST_PFN + 130, 0 }, { TEST_PFN + 130, TEST_PFN + 160, 0 },
	};
	struct mirror_config conf;
	struct mirror *m;

	small_sections(&conf, ranges, ARRAY_SIZE(ranges));
	m = mirror_test_create(test, &conf);
	KUNIT_ASSERT_EQ(test, m->nr_runs, 2);
	KUNIT_EXPECT_EQ(test, m->runs[0].first, 0);
	KUNIT_EXPECT_EQ(test, m->runs[0].end, 100);
	KUNIT_EXPECT_EQ(test, m->runs[1].first, 128);
	KUNIT_EXPECT_EQ(test, m->runs[1].end, 160);
	KUNIT_EXPECT_EQ(test, list_len(normal_zone(m), 5, MOVABLE), 4);
}

/* nodes ----------------------------------------------------------------------------- */

static void distances_are_those_given_or_two(struct kunit *test)
{
	static const struct mirror_range range = { TEST_PFN, TEST_PFN + 128, 0 };
	static const u8 given[] = { 10, 31, 32, 33, 10, 35, 36, 37, 10 };
	struct mirror_config conf;
	struct mirror *m;
	unsigned int i;

	small_sections(&conf, &range, 1);
	conf.nr_nodes = 3;
	m = mirror_test_create(test, &conf);
	for (i = 0; i < 9; i++)
		KUNIT_EXPECT_EQ(test, m->distance[i], i % 4 ? 20 : 10);
	conf.distance = given;
	m = mirror_test_create(test, &conf);
	KUNIT_EXPECT_MEMEQ(test, m->distance, given, sizeof(given));
}

/* A CPU makes its node one with CPUs, unless CPUs come late; each one counts. */
static void nodes_know_whether_they_have_cpus(struct kunit *test)
{
	static const struct mirror_range range = { TEST_PFN, TEST_PFN + 128, 0 };
	int *cpu_node = kunit_kcalloc(test, nr_cpu_ids, sizeof(int), GFP_KERNEL);
	unsigned int cpu, last = 0, late;
	struct mirror_config conf;
	struct mirror *m;

	KUNIT_ASSERT_NOT_NULL(test, cpu_node);
	small_sections(&conf, &range, 1);
	conf.nr_nodes = 3;
	conf.cpu_node = cpu_node;
	for_each_online_cpu(cpu)
		last = cpu;
	cpu_node[last] = 2;
	for (late = 0; late < 2; late++) {
		conf.cpus_late = late;
		m = mirror_test_create(test, &conf);
		KUNIT_EXPECT_EQ(test, m->nodes[0]->has_cpus, !late && num_online_cpus() > 1);
		KUNIT_EXPECT_FALSE(test, m->nodes[1]->has_cpus);
		KUNIT_EXPECT_EQ(test, m->nodes[2]->has_cpus, !late);
		for_each_online_cpu(cpu)
			KUNIT_EXPECT_EQ(test, m->cpu_node[cpu], cpu == last ? 2 : 0);
	}
}

/* groups of sections ---------------------------------------------------------------- */

#define GROUP	(512ul * 32)	/* frames */

/* Both sides of a border between groups, a group without memory, and one page of a last one. */
static const struct mirror_range at_borders[] = {
	{ TEST_PFN + GROUP - 32, TEST_PFN + GROUP + 32, 0 },
	{ TEST_PFN + 2 * GROUP - 32, TEST_PFN + 2 * GROUP, 0 },
	{ TEST_PFN + 4 * GROUP - 1, TEST_PFN + 4 * GROUP, 0 },
};

static bool in_ranges(unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at_borders); i++)
		if (pfn >= at_borders[i].start_pfn && pfn < at_borders[i].end_pfn)
			return true;
	return false;
}

static void groups_end_where_the_next_begin(struct kunit *test)
{
	struct mirror_config conf;
	unsigned long pfn, base;
	struct mirror *m;

	small_sections(&conf, at_borders, ARRAY_SIZE(at_borders));
	m = mirror_test_create(test, &conf);
	KUNIT_EXPECT_EQ(test, m->slot_shift, 5);
	KUNIT_EXPECT_EQ(test, m->nr_slots, 4);
	KUNIT_EXPECT_EQ(test, m->nr_groups, 4);
	KUNIT_EXPECT_EQ(test, m->first_group, TEST_PFN / GROUP);
	KUNIT_EXPECT_EQ(test, m->group_table[0], 0);
	KUNIT_EXPECT_EQ(test, m->group_table[1], 1);
	KUNIT_EXPECT_EQ(test, m->group_table[2], MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, m->group_table[3], 2);
	for (base = TEST_PFN - GROUP; base <= TEST_PFN + 6 * GROUP; base += GROUP)
		for (pfn = base - 70; pfn < base + 70; pfn++) {
			u32 idx = mirror_pfn_to_idx(m, pfn);

			KUNIT_ASSERT_EQ_MSG(test, idx != MIRROR_NIL, in_ranges(pfn), "%#lx",
					    pfn);
			if (idx != MIRROR_NIL)
				KUNIT_ASSERT_EQ(test, mirror_idx_to_pfn(m, idx), pfn);
		}
}

/* sections -------------------------------------------------------------------------- */

static size_t tables_of(const struct mirror *m)
{
	return m->cost[MIRROR_COST_DESCRIPTORS] + m->cost[MIRROR_COST_PAGEBLOCKS] +
	       m->cost[MIRROR_COST_SECTIONS];
}

/*
 * One size more to choose from never costs more, and of sizes that cost the same the
 * larger one is taken. Runs cost what they cost anyway.
 */
static void expect_cheapest(struct kunit *test, struct mirror_config *conf)
{
	size_t before = SIZE_MAX;
	unsigned int shift = 0;

	for (conf->section_order = 3; conf->section_order <= 9; conf->section_order++) {
		struct mirror *m = mirror_core_create(conf);

		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, m);
		KUNIT_EXPECT_LE(test, tables_of(m), before);
		KUNIT_EXPECT_LE(test, m->slot_shift, conf->section_order);
		if (m->slot_shift != conf->section_order)
			KUNIT_EXPECT_EQ(test, m->slot_shift, shift);
		before = tables_of(m);
		shift = m->slot_shift;
		mirror_core_destroy(m);
	}
}

static void sections_are_those_that_cost_least(struct kunit *test)
{
	struct mirror_range ranges[3] = {};
	struct mirror_config conf;
	struct rnd_state rnd;
	unsigned int i, j;

	mirror_test_seed(test, &rnd);
	mirror_test_config(&conf, 3, 2);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	for (i = 0; i < 8; i++) {
		unsigned long pfn = TEST_PFN;

		for (j = 0; j < ARRAY_SIZE(ranges); j++) {
			ranges[j].start_pfn = pfn + prandom_u32_state(&rnd) % 256;
			pfn = ranges[j].start_pfn + 1;
			pfn += prandom_u32_state(&rnd) % (i & 1 ? 99 : 3000);
			ranges[j].end_pfn = pfn;
			pfn += 1 + prandom_u32_state(&rnd) % 5000;
		}
		expect_cheapest(test, &conf);
	}
}

/*
 * 2048 pages in whole sections, then one page. Each smaller size doubles the entries of
 * eight bytes for the former, and halves the descriptors of 16 bytes for the latter.
 */
static void section_of_one_page_is_weighed_against_the_others(struct kunit *test)
{
	static const unsigned int wants[] = { 3, 4, 5, 5, 5, 5, 5 };
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 2048, 0 }, { TEST_PFN + 4096, TEST_PFN + 4097, 0 },
	};
	struct mirror_config conf;
	unsigned int i;

	if (BITS_PER_LONG == 32)
		kunit_skip(test, "entries have four bytes here");
	mirror_test_config(&conf, 3, 2);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	for (i = 0; i < ARRAY_SIZE(wants); i++) {
		struct mirror *m;

		conf.section_order = 3 + i;
		m = mirror_test_create(test, &conf);
		KUNIT_EXPECT_EQ_MSG(test, m->slot_shift, wants[i], "order %u", 3 + i);
	}
}

/* 4136 pages and one: sections of 32 and of 64 pages cost the same. */
static void larger_of_two_sizes_is_taken(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 4136, 0 }, { TEST_PFN + 8192, TEST_PFN + 8193, 0 },
	};
	struct mirror_config conf;

	if (BITS_PER_LONG == 32)
		kunit_skip(test, "entries have four bytes here");
	mirror_test_config(&conf, 3, 2);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.section_order = 9;
	KUNIT_EXPECT_EQ(test, mirror_test_create(test, &conf)->slot_shift, 6);
}

/*
 * Eight pages in every 4096. Sections of eight would fit, but each of them would need a
 * group's table of 2 KiB for itself; with those of 32 four of them share one.
 */
static void tables_of_groups_are_weighed_too(struct kunit *test)
{
	struct mirror_range ranges[8];
	struct mirror_config conf;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		ranges[i] = (struct mirror_range){ TEST_PFN + 4096 * i,
						   TEST_PFN + 4096 * i + 8, 0 };
	mirror_test_config(&conf, 3, 2);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.section_order = 9;
	KUNIT_EXPECT_EQ(test, mirror_test_create(test, &conf)->slot_shift, 5);
}

/* refusals -------------------------------------------------------------------------- */

static void as_many_pages_as_there_are_indices_are_too_many(struct kunit *test)
{
	static const struct mirror_range all[] = {
		{ 0, 1ul << 31, 0 }, { 1ul << 31, MIRROR_NIL, 0 },
	};
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 4, 3);
	conf.ranges = all;
	conf.nr_ranges = ARRAY_SIZE(all);
	m = mirror_core_create(&conf);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(m), -EINVAL);
	if (!IS_ERR(m))
		mirror_core_destroy(m);
}

static void settings_at_their_bounds_are_taken(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 64, MIRROR_MAX_NODES - 1 },
		{ TEST_PFN + 64, TEST_PFN + 65, 0 },
	};
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 1, 1);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.section_order = 31;
	conf.print_zones = 0x15;
	conf.print_types = 0x2a;
	conf.nr_nodes = MIRROR_MAX_NODES;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	conf.zone_pages[MIRROR_ZONE_DMA] = 65;
	m = mirror_test_create(test, &conf);
	KUNIT_EXPECT_EQ(test, m->nr_nodes, MIRROR_MAX_NODES);
	KUNIT_EXPECT_EQ(test, m->nr_zones, MIRROR_MAX_NODES * MIRROR_MAX_NR_ZONES);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->zones[MIRROR_ZONE_DMA].managed, 1);
	KUNIT_EXPECT_EQ(test, m->nodes[MIRROR_MAX_NODES - 1]->zones[MIRROR_ZONE_DMA].managed, 64);
	KUNIT_EXPECT_EQ(test, m->print_zones, conf.print_zones);
	KUNIT_EXPECT_EQ(test, m->print_types, conf.print_types);
	conf.section_order = 32;
	m = mirror_core_create(&conf);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(m), -EINVAL);
}

static struct kunit_case layout_cases[] = {
	KUNIT_CASE(spans_reach_from_the_first_page_to_the_last),
	KUNIT_CASE(ranges_that_touch_make_one_run),
	KUNIT_CASE(distances_are_those_given_or_two),
	KUNIT_CASE(nodes_know_whether_they_have_cpus),
	KUNIT_CASE(groups_end_where_the_next_begin),
	KUNIT_CASE(sections_are_those_that_cost_least),
	KUNIT_CASE(section_of_one_page_is_weighed_against_the_others),
	KUNIT_CASE(larger_of_two_sizes_is_taken),
	KUNIT_CASE(tables_of_groups_are_weighed_too),
	KUNIT_CASE(as_many_pages_as_there_are_indices_are_too_many),
	KUNIT_CASE(settings_at_their_bounds_are_taken),
	{}
};

static struct kunit_suite layout_suite = {
	.name = "mirror_layout",
	.test_cases = layout_cases,
};

kunit_test_suite(layout_suite);
