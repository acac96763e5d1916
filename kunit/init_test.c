// SPDX-License-Identifier: GPL-2.0
/*
 * Making a mirror: which frames it has, in which zones, and how they lie on the
 * free lists before the first request.
 */
#include <linux/sizes.h>
#include "fixture.h"

KUNIT_ARRAY_PARAM(geometry, mirror_test_geometries, mirror_test_geometry_desc);

/* Order of the block that begins at @pfn when [@pfn, @end) is freed at once. */
static unsigned int first_order(unsigned long pfn, unsigned long end,
				unsigned int max_order)
{
	unsigned int order = 0;

	while (order < max_order && !(pfn & ((2ul << order) - 1)) &&
	       pfn + (2ul << order) <= end)
		order++;
	return order;
}

/* Goes along the lists of all orders with the blocks that ought to be there. */
static void expect_blocks(struct kunit *test, struct mirror_zone *zone,
			  unsigned long pfn, unsigned long end, u32 *next)
{
	struct mirror *m = zone->m;

	while (pfn < end) {
		unsigned int order = first_order(pfn, end, m->max_order);
		u32 idx = mirror_pfn_to_idx(m, pfn);

		KUNIT_ASSERT_EQ_MSG(test, next[order], idx, "order %u", order);
		next[order] = m->pages[idx].next;
		pfn += 1ul << order;
	}
}

static void list_heads(struct kunit *test, struct mirror_zone *zone, u32 *next)
{
	unsigned int order;

	for (order = 0; order <= zone->max_order; order++)
		next[order] = zone->free_area[order].list[MOVABLE].first;
}

static void expect_ends(struct kunit *test, struct mirror_zone *zone, u32 *next)
{
	unsigned int order;

	for (order = 0; order <= zone->max_order; order++)
		KUNIT_EXPECT_EQ(test, next[order], MIRROR_NIL);
}

static void first_freeing_is_largest_blocks_in_rising_order(struct kunit *test)
{
	const struct mirror_test_geometry *g = test->param_value;
	struct mirror_zone *zone = normal_zone(mirror_test_geometry(test, g));
	unsigned long start = TEST_PFN + g->offset;
	u32 next[MIRROR_NR_ORDERS_MAX];

	list_heads(test, zone, next);
	expect_blocks(test, zone, start, start + g->nr_pages, next);
	expect_ends(test, zone, next);
	KUNIT_EXPECT_EQ(test, zone_free(zone), g->nr_pages);
	KUNIT_EXPECT_EQ(test, zone->m->managed, g->nr_pages);
}

static void every_pageblock_starts_movable(struct kunit *test)
{
	struct mirror *m = mirror_test_geometry(test, test->param_value);
	u32 idx;

	for (idx = 0; idx < m->nr_desc; idx += 1u << m->pb_order)
		KUNIT_ASSERT_EQ(test, mirror_pageblock_type(m, idx), MOVABLE);
}

static void expect_frames(struct kunit *test, const struct mirror *m,
			  const struct mirror_range *r)
{
	unsigned long pfn;

	for (pfn = r->start_pfn; pfn < r->end_pfn; pfn++) {
		u32 idx = mirror_pfn_to_idx(m, pfn);

		KUNIT_ASSERT_LT(test, idx, m->nr_desc);
		KUNIT_ASSERT_EQ(test, mirror_idx_to_pfn(m, idx), pfn);
	}
}

static void frames_and_indices_convert_both_ways(struct kunit *test)
{
	const struct mirror_test_geometry *g = test->param_value;
	struct mirror *m = mirror_test_geometry(test, g);
	struct mirror_range r = { TEST_PFN + g->offset,
				  TEST_PFN + g->offset + g->nr_pages };

	expect_frames(test, m, &r);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, r.start_pfn - 1), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, r.end_pfn), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, 0), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, ULONG_MAX), MIRROR_NIL);
}

/* Two sections, six absent ones, half a section. */
static const struct mirror_range far_apart[] = {
	{ TEST_PFN + 24, TEST_PFN + 2048, 0 },
	{ TEST_PFN + 8192, TEST_PFN + 8192 + 500, 0 },
};

static struct mirror *make_far_apart(struct kunit *test)
{
	struct mirror_config conf;

	mirror_test_config(&conf, 6, 5);
	conf.section_order = 10;
	conf.ranges = far_apart;
	conf.nr_ranges = ARRAY_SIZE(far_apart);
	return mirror_test_create(test, &conf);
}

static void sections_without_memory_have_no_descriptors(struct kunit *test)
{
	struct mirror *m = make_far_apart(test);
	struct mirror_zone *zone = normal_zone(m);

	/* Sections of half the size leave no half of one empty. */
	KUNIT_EXPECT_EQ(test, m->nr_slots, 5);
	KUNIT_EXPECT_EQ(test, m->nr_desc, 5 << 9);
	expect_frames(test, m, &far_apart[0]);
	expect_frames(test, m, &far_apart[1]);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, TEST_PFN), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, TEST_PFN + 2048), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, TEST_PFN + 8191), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, TEST_PFN + 8692), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, zone->spanned, 8192 + 500 - 24);
	KUNIT_EXPECT_EQ(test, zone->present, 2048 - 24 + 500);
}

static void blocks_end_at_holes(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(make_far_apart(test));
	u32 next[MIRROR_NR_ORDERS_MAX];
	unsigned int i;

	list_heads(test, zone, next);
	for (i = 0; i < ARRAY_SIZE(far_apart); i++)
		expect_blocks(test, zone, far_apart[i].start_pfn,
			      far_apart[i].end_pfn, next);
	expect_ends(test, zone, next);
}

static void a_hole_inside_a_block_is_kept_out(struct kunit *test)
{
	const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 20, 0 },
		{ TEST_PFN + 24, TEST_PFN + 64, 0 },
	};
	struct mirror_config conf;
	struct mirror_zone *zone;
	struct mirror *m;

	mirror_test_config(&conf, 4, 3);
	conf.section_order = 6;
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	m = mirror_test_create(test, &conf);
	zone = normal_zone(m);
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 0, 32, 48);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 24);
	EXPECT_FREE_LIST(test, zone, 2, MOVABLE, 16);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, TEST_PFN + 20), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, zone->spanned, 64);
	KUNIT_EXPECT_EQ(test, zone->managed, 60);
}

static void one_page_is_enough(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror_zone *zone;
	struct mirror *m;

	mirror_test_config(&conf, 10, 9);
	m = mirror_test_range(test, &conf, TEST_PFN + 5, 1);
	zone = normal_zone(m);
	KUNIT_EXPECT_EQ(test, mirror_test_blocks(zone, 0), 1);
	KUNIT_EXPECT_EQ(test, mirror_pfn_to_idx(m, TEST_PFN + 5), 5);
}

/* zones -------------------------------------------------------------------- */

struct layout {
	const char *name;
	unsigned long pages[MIRROR_MAX_NR_ZONES];	/* as they come out */
	int rest;
};

static const struct layout layouts[] = {
	{ "all normal", { 0, 0, 1000, 0, 0 }, MIRROR_ZONE_NORMAL },
	{ "all movable", { 0, 0, 0, 0, 1000 }, MIRROR_ZONE_MOVABLE },
	{ "unaligned borders", { 13, 100, 687, 0, 200 }, MIRROR_ZONE_NORMAL },
	{ "all five", { 64, 128, 256, 512, 40 }, MIRROR_ZONE_MOVABLE },
	{ "rest is empty", { 500, 500, 0, 0, 0 }, MIRROR_ZONE_HIGHMEM },
};

KUNIT_ARRAY_PARAM_DESC(layout, layouts, name);

static void zones_follow_each_other(struct kunit *test)
{
	const struct layout *l = test->param_value;
	struct mirror_config conf;
	unsigned long pfn = TEST_PFN;
	struct mirror *m;
	unsigned int i;

	mirror_test_config(&conf, 5, 4);
	memcpy(conf.zone_pages, l->pages, sizeof(conf.zone_pages));
	conf.rest_zone = l->rest;
	conf.zone_pages[l->rest] = 0;
	m = mirror_test_range(test, &conf, TEST_PFN, 1000);
	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++) {
		const struct mirror_zone *zone = &m->nodes[0]->zones[i];

		KUNIT_EXPECT_EQ(test, zone->present, l->pages[i]);
		KUNIT_EXPECT_EQ(test, zone->spanned, l->pages[i]);
		KUNIT_EXPECT_EQ(test, zone->managed, l->pages[i]);
		if (l->pages[i])
			KUNIT_EXPECT_EQ(test, zone->start_pfn, pfn);
		pfn += l->pages[i];
	}
}

static void zones_are_dealt_over_nodes_by_address(struct kunit *test)
{
	const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 512, 0 },
		{ TEST_PFN + 512, TEST_PFN + 1024, 1 },
	};
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 5, 4);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 700;
	m = mirror_test_create(test, &conf);
	KUNIT_ASSERT_EQ(test, m->nr_nodes, 2);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->zones[MIRROR_ZONE_DMA32].present, 512);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->zones[MIRROR_ZONE_NORMAL].present, 0);
	KUNIT_EXPECT_EQ(test, m->nodes[1]->zones[MIRROR_ZONE_DMA32].present, 188);
	KUNIT_EXPECT_EQ(test, m->nodes[1]->zones[MIRROR_ZONE_NORMAL].present, 324);
	KUNIT_EXPECT_EQ(test, m->nodes[1]->start_pfn, TEST_PFN + 512);
	KUNIT_EXPECT_EQ(test, m->nodes[1]->present, 512);
}

static void metadata_is_one_descriptor_per_page(struct kunit *test)
{
	struct mirror *small = mirror_test_flat(test, 10, 9, 1 << 14);
	struct mirror *large = mirror_test_flat(test, 10, 9, 1 << 15);

	KUNIT_EXPECT_EQ(test, sizeof(struct mirror_page), 16);
	KUNIT_EXPECT_EQ(test, large->metadata_bytes - small->metadata_bytes,
			(16 << 14) + (1 << 14 >> 9));
}

static void cost_by_purpose_adds_up(struct kunit *test)
{
	struct mirror *flat = mirror_test_geometry(test, test->param_value);
	struct mirror *sections = make_far_apart(test);
	const struct mirror *all[] = { flat, sections };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		const struct mirror *m = all[i];
		size_t sum = 0;

		for (j = 0; j < MIRROR_NR_COSTS; j++) {
			KUNIT_EXPECT_GT(test, m->cost[j], 0);
			sum += m->cost[j];
		}
		KUNIT_EXPECT_EQ(test, sum, m->metadata_bytes);
		KUNIT_EXPECT_EQ(test, m->cost[MIRROR_COST_DESCRIPTORS],
				m->nr_desc * sizeof(*m->pages));
		KUNIT_EXPECT_EQ(test, m->cost[MIRROR_COST_PAGEBLOCKS],
				DIV_ROUND_UP(m->nr_desc, 1u << m->pb_order));
	}
}

/* large mirrors ------------------------------------------------------------- */

/* Several pieces each, none of them whole, over three zones and two nodes. */
static const struct mirror_range large[] = {
	{ TEST_PFN + 77, TEST_PFN + 100000, 0 },
	{ TEST_PFN + 100001, TEST_PFN + 163840, 0 },
	{ TEST_PFN + 1000000, TEST_PFN + 1131072, 1 },
};

#define LARGE_DMA	3001
#define LARGE_MOVABLE	40000

static struct mirror *make_large(struct kunit *test)
{
	struct mirror_config conf;

	mirror_config_default(&conf);
	conf.ranges = large;
	conf.nr_ranges = ARRAY_SIZE(large);
	conf.zone_pages[MIRROR_ZONE_DMA] = LARGE_DMA;
	conf.zone_pages[MIRROR_ZONE_MOVABLE] = LARGE_MOVABLE;
	return mirror_test_create(test, &conf);
}

/* The zone that the @nr-th page belongs to, by the sizes of the zones alone. */
static unsigned int zone_of(const struct mirror *m, unsigned long nr, int nid)
{
	unsigned int type = nr < LARGE_DMA ? MIRROR_ZONE_DMA :
			    nr < m->managed - LARGE_MOVABLE ?
			    MIRROR_ZONE_NORMAL : MIRROR_ZONE_MOVABLE;

	return nid * MIRROR_MAX_NR_ZONES + type;
}

/* Page by page, as one CPU would do it that knows nothing of pieces. */
static void descriptors_are_those_of_a_single_writer(struct kunit *test)
{
	struct mirror *m = make_large(test);
	unsigned long pfn, nr = 0;
	u32 idx, seen = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(large); i++)
		for (pfn = large[i].start_pfn; pfn < large[i].end_pfn; pfn++) {
			idx = mirror_pfn_to_idx(m, pfn);
			KUNIT_ASSERT_LT(test, idx, m->nr_desc);
			KUNIT_ASSERT_EQ(test, atomic_read(&m->pages[idx].refs), 0);
			KUNIT_ASSERT_EQ(test, mirror_flags_zone(m->pages[idx].flags),
					zone_of(m, nr, large[i].nid));
			nr++;
		}
	for (idx = 0; idx < m->nr_desc; idx++)
		seen += mirror_page_state(&m->pages[idx]) != MIRROR_PAGE_HOLE;
	KUNIT_EXPECT_EQ(test, seen, nr);
	KUNIT_EXPECT_EQ(test, seen, m->managed);
}

/* The stretches of a zone in address order, freed into empty lists. */
static void lists_are_those_of_a_single_writer(struct kunit *test)
{
	struct mirror *m = make_large(test);
	u32 next[MIRROR_NR_ORDERS_MAX];
	struct mirror_zone *zone;
	unsigned int id, i;

	mirror_for_each_populated_zone(m, zone, id) {
		list_heads(test, zone, next);
		for (i = 0; i < ARRAY_SIZE(large); i++)
			if (large[i].nid == zone->node->nid)
				expect_blocks(test, zone,
					      max(large[i].start_pfn, zone->start_pfn),
					      min(large[i].end_pfn,
						  mirror_zone_end_pfn(zone)), next);
		expect_ends(test, zone, next);
	}
	KUNIT_EXPECT_EQ(test, m->nr_runs, 5);
}

/* Whichever CPU was faster. */
static void two_mirrors_made_alike_are_alike(struct kunit *test)
{
	struct mirror *one = make_large(test);
	struct mirror_page *copy = kvmalloc_array(one->nr_desc, sizeof(*copy),
						  GFP_KERNEL);
	unsigned int i, differ = 0;

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, one->pages, one->nr_desc * sizeof(*copy));
	for (i = 0; i < 4; i++)
		differ += mirror_test_changed(make_large(test), copy);
	kvfree(copy);
	KUNIT_EXPECT_EQ(test, differ, 0);
}

static void a_large_mirror_resets_to_what_it_was(struct kunit *test)
{
	struct mirror *m = make_large(test);
	struct mirror *same = make_large(test);
	struct mirror_page *page;
	struct mirror_zone *zone;
	unsigned int i, order;

	for (i = 0; i < 5000; i++)
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_alloc(m, MIRROR_GFP_KERNEL |
							      __MIRROR_GFP_MEMALLOC,
							      i % 5));
	for (i = 0; i < m->nr_desc; i++)
		if (mirror_page_state(&m->pages[i]) == MIRROR_PAGE_USED)
			mirror_free_pages(m, &m->pages[i],
					  mirror_page_order(&m->pages[i]));
	/* What came along with this one is still on a per-CPU list. */
	page = mirror_test_alloc(m, MIRROR_GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, 0, mirror_free_pages(m, page, 0));
	KUNIT_EXPECT_GT(test, mirror_pcp_count(m), 0);
	KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
	for (i = 0; i < m->nr_desc; i++)
		KUNIT_ASSERT_EQ(test, m->pages[i].flags, same->pages[i].flags);
	mirror_for_each_populated_zone(m, zone, i)
		for (order = 0; order <= m->max_order; order++)
			KUNIT_EXPECT_MEMEQ(test, &zone->free_area[order],
					   &mirror_zone_by_id(same, i)->free_area[order],
					   sizeof(zone->free_area[order]));
}

#define PIECES	1000

struct tally {
	atomic_t done[PIECES];
	atomic_t beyond;
};

static void note_piece(void *arg, unsigned int i)
{
	struct tally *t = arg;

	might_sleep();
	atomic_inc(i < PIECES ? &t->done[i] : &t->beyond);
}

static void every_piece_is_done_once(struct kunit *test)
{
	static const unsigned int numbers[] = { 0, 1, 2, 3, 17, PIECES };
	struct tally *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i, j;

	KUNIT_ASSERT_NOT_NULL(test, t);
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		memset(t, 0, sizeof(*t));
		KUNIT_EXPECT_EQ(test, 0, mirror_host_for_each(numbers[i], note_piece,
							      t, "testing"));
		for (j = 0; j < PIECES; j++)
			KUNIT_ASSERT_EQ(test, atomic_read(&t->done[j]),
					j < numbers[i]);
		KUNIT_EXPECT_EQ(test, atomic_read(&t->beyond), 0);
	}
}

/* Refused by its size alone, before anything is taken. */
static void more_than_the_host_has_is_refused(struct kunit *test)
{
	u64 pages = mirror_host_available() / sizeof(struct mirror_page) * 2;
	struct mirror_range range = { 0, 0, 0 };
	struct mirror_config conf;
	struct mirror *m;

	if (pages >= MIRROR_NIL)
		kunit_skip(test, "more memory than any mirror needs");
	range.end_pfn = pages;
	mirror_config_default(&conf);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	m = mirror_core_create(&conf);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(m), -ENOMEM);
}

/*
 * Each allocation fails in turn, until none is left that could. What had been
 * taken is given back: the debug kernel looks for leaks, and for uses of it.
 */
static void every_failed_allocation_unwinds(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;
	unsigned int nth;

	mirror_config_default(&conf);
	conf.ranges = large;
	conf.nr_ranges = ARRAY_SIZE(large);
	conf.zone_pages[MIRROR_ZONE_DMA] = LARGE_DMA;
	for (nth = 1; nth < 1000; nth++) {
		mirror_host_refuse_nth = nth;
		m = mirror_core_create(&conf);
		if (mirror_host_refuse_nth)
			break;
		/* Helpers that there is no memory for are done without. */
		if (!IS_ERR(m)) {
			mirror_core_destroy(m);
			continue;
		}
		KUNIT_ASSERT_EQ_MSG(test, PTR_ERR(m), -ENOMEM, "allocation %u", nth);
	}
	/* This one was refused nothing. */
	mirror_host_refuse_nth = 0;
	KUNIT_ASSERT_FALSE(test, IS_ERR(m));
	KUNIT_EXPECT_GT(test, nth, 20);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	mirror_core_destroy(m);
}

/* errors and reset --------------------------------------------------------- */

static void expect_refused(struct kunit *test, const struct mirror_config *conf,
			   const char *what)
{
	struct mirror *m = mirror_core_create(conf);

	KUNIT_EXPECT_EQ_MSG(test, PTR_ERR_OR_ZERO(m), -EINVAL, "%s", what);
	if (!IS_ERR(m))
		mirror_core_destroy(m);
}

#define REFUSE(test, good, field, value)				\
do {									\
	struct mirror_config bad = *(good);				\
									\
	bad.field = value;						\
	expect_refused(test, &bad, #field " = " #value);		\
} while (0)

static void senseless_settings_are_refused(struct kunit *test)
{
	static const struct mirror_range range = { TEST_PFN, TEST_PFN + 256, 0 };
	struct mirror_config conf;

	mirror_test_config(&conf, 4, 3);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	REFUSE(test, &conf, nr_ranges, 0);
	REFUSE(test, &conf, max_order, MIRROR_NR_ORDERS_MAX);
	REFUSE(test, &conf, pb_order, 5);
	REFUSE(test, &conf, pb_order, 0);
	REFUSE(test, &conf, rest_zone, -1);
	REFUSE(test, &conf, rest_zone, MIRROR_MAX_NR_ZONES);
	REFUSE(test, &conf, zone_pages[MIRROR_ZONE_DMA], 257);
	REFUSE(test, &conf, zone_pages[MIRROR_ZONE_DMA], ULONG_MAX);
	REFUSE(test, &conf, nr_nodes, MIRROR_MAX_NODES + 1);
}

static void senseless_ranges_are_refused(struct kunit *test)
{
	static const struct mirror_range bad[][2] = {
		{ { 100, 100, 0 }, { 200, 300, 0 } },
		{ { 100, 50, 0 }, { 200, 300, 0 } },
		{ { 100, 201, 0 }, { 200, 300, 0 } },
		{ { 200, 300, 0 }, { 100, 200, 0 } },
		{ { 100, 200, -1 }, { 200, 300, 0 } },
		{ { 100, 200, 0 }, { 200, 300, MIRROR_MAX_NODES } },
		{ { 100, 200, 0 }, { 200, 300, 2 } },
		{ { 0, 1ul << 31, 0 }, { 1ul << 31, 3ul << 31, 0 } },
	};
	struct mirror_config conf;
	char what[20];
	unsigned int i;

	mirror_test_config(&conf, 4, 3);
	conf.nr_ranges = 2;
	conf.nr_nodes = 2;
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		conf.ranges = bad[i];
		snprintf(what, sizeof(what), "ranges %u", i);
		expect_refused(test, &conf, what);
	}
}

/* In pageblocks of 8: one node may end where another begins, not go on behind it. */
static void nodes_that_mix_in_a_pageblock_are_refused(struct kunit *test)
{
	static const struct mirror_range mixed[][3] = {
		{ { 96, 100, 0 }, { 100, 128, 1 }, { 128, 160, 0 } },
		{ { 96, 120, 0 }, { 128, 132, 1 }, { 132, 160, 0 } },
		{ { 96, 97, 0 }, { 98, 99, 1 }, { 100, 160, 0 } },
	};
	static const struct mirror_range apart[][3] = {
		{ { 96, 104, 0 }, { 104, 128, 1 }, { 128, 160, 0 } },
		{ { 96, 100, 0 }, { 100, 132, 1 }, { 132, 160, 2 } },
	};
	struct mirror_config conf;
	unsigned int i;

	mirror_test_config(&conf, 4, 3);
	conf.section_order = 4;
	conf.nr_ranges = 3;
	for (i = 0; i < ARRAY_SIZE(mixed); i++) {
		conf.ranges = mixed[i];
		expect_refused(test, &conf, "mixed nodes");
	}
	for (i = 0; i < ARRAY_SIZE(apart); i++) {
		conf.ranges = apart[i];
		mirror_test_create(test, &conf);
	}
}

static void a_cpu_on_no_node_is_refused(struct kunit *test)
{
	static const struct mirror_range range = { TEST_PFN, TEST_PFN + 256, 0 };
	int *cpu_node = kunit_kcalloc(test, nr_cpu_ids, sizeof(int), GFP_KERNEL);
	struct mirror_config conf;

	KUNIT_ASSERT_NOT_NULL(test, cpu_node);
	mirror_test_config(&conf, 4, 3);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	conf.cpu_node = cpu_node;
	cpu_node[nr_cpu_ids - 1] = 1;
	expect_refused(test, &conf, "cpu_node");
	cpu_node[nr_cpu_ids - 1] = NUMA_NO_NODE - 1;
	expect_refused(test, &conf, "cpu_node below none");
}

static void reset_makes_it_new(struct kunit *test)
{
	const struct mirror_test_geometry *g = test->param_value;
	struct mirror *m = mirror_test_geometry(test, g);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = mirror_test_alloc(m, MIRROR_GFP_KERNEL, 1);
	u32 next[MIRROR_NR_ORDERS_MAX];

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 1), 0);
	mirror_test_set_type(zone, idx_of(m, page), CMA);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE), 0);
	list_heads(test, zone, next);
	expect_blocks(test, zone, TEST_PFN + g->offset,
		      TEST_PFN + g->offset + g->nr_pages, next);
	expect_ends(test, zone, next);
}

/* A new zone has none, and whoever computes one only ever sets it. */
static void reset_forgets_the_drift_mark(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 10, 9, 1 << 15);
	struct mirror_zone *zone = normal_zone(m);

	/* The marks of a flat mirror are 0: any drift oversteps them. */
	KUNIT_EXPECT_NE(test, zone->percpu_drift_mark, 0);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 1000), 0);
	mirror_refresh_thresholds(m);
	KUNIT_EXPECT_NE(test, zone->percpu_drift_mark, 0);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, zone->percpu_drift_mark, 0);
}

static struct kunit_case init_cases[] = {
	KUNIT_CASE_PARAM(first_freeing_is_largest_blocks_in_rising_order,
			 geometry_gen_params),
	KUNIT_CASE_PARAM(every_pageblock_starts_movable, geometry_gen_params),
	KUNIT_CASE_PARAM(frames_and_indices_convert_both_ways, geometry_gen_params),
	KUNIT_CASE(sections_without_memory_have_no_descriptors),
	KUNIT_CASE(blocks_end_at_holes),
	KUNIT_CASE(a_hole_inside_a_block_is_kept_out),
	KUNIT_CASE(one_page_is_enough),
	KUNIT_CASE_PARAM(zones_follow_each_other, layout_gen_params),
	KUNIT_CASE(zones_are_dealt_over_nodes_by_address),
	KUNIT_CASE(metadata_is_one_descriptor_per_page),
	KUNIT_CASE_PARAM(cost_by_purpose_adds_up, geometry_gen_params),
	KUNIT_CASE(descriptors_are_those_of_a_single_writer),
	KUNIT_CASE(lists_are_those_of_a_single_writer),
	KUNIT_CASE(two_mirrors_made_alike_are_alike),
	KUNIT_CASE(a_large_mirror_resets_to_what_it_was),
	KUNIT_CASE(every_piece_is_done_once),
	KUNIT_CASE(more_than_the_host_has_is_refused),
	KUNIT_CASE(every_failed_allocation_unwinds),
	KUNIT_CASE(senseless_settings_are_refused),
	KUNIT_CASE(senseless_ranges_are_refused),
	KUNIT_CASE(nodes_that_mix_in_a_pageblock_are_refused),
	KUNIT_CASE(a_cpu_on_no_node_is_refused),
	KUNIT_CASE_PARAM(reset_makes_it_new, geometry_gen_params),
	KUNIT_CASE(reset_forgets_the_drift_mark),
	{}
};

static struct kunit_suite init_suite = {
	.name = "mirror_init",
	.test_cases = init_cases,
};

kunit_test_suite(init_suite);
