// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays of single pages: which zone they come from, what is enough for all of them,
 * and that a list of pages settles as if they were freed one by one.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define NR		8
#define MARK		100
#define BULK(m, gfp, nodemask, pages) \
	mirror_alloc_pages_bulk_nodemask(m, (gfp) | __MIRROR_GFP_NOWARN, 0, nodemask, \
					 ARRAY_SIZE(pages), pages)

static void empty_lists(struct mirror *m)
{
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
}

/* Node 0 has DMA32 and NORMAL, node 1 NORMAL: 512 pages each, low is MARK. */
static struct mirror *make(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 1024, 0 },
		{ TEST_PFN + 1024, TEST_PFN + 1536, 1 },
	};
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 512;
	m = mirror_test_create(test, &conf);
	mirror_test_marks(test, m, 0, MARK, MARK);
	empty_lists(m);
	return m;
}

static struct mirror_zone *zone_of(struct mirror *m, int nid, unsigned int type)
{
	return &m->nodes[nid]->zones[type];
}

/* Takes pages until @left are free. */
static void leave(struct kunit *test, struct mirror_zone *zone, unsigned long left)
{
	while (zone_free(zone) > left)
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_take(zone, 0, MOVABLE));
}

static unsigned int filled_from(struct mirror *m, const struct mirror_zone *zone,
				struct mirror_page **pages)
{
	unsigned int nr = 0, i;

	for (i = 0; i < NR; i++)
		nr += pages[i] && mirror_page_zone(m, pages[i]) == zone;
	return nr;
}

/* zones ---------------------------------------------------------------------------- */

static void lower_zone_of_the_node_serves_all(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *dma32 = zone_of(m, 0, MIRROR_ZONE_DMA32);
	struct mirror_page *pages[NR] = {};

	leave(test, normal_zone(m), MARK + NR);
	KUNIT_EXPECT_EQ(test, BULK(m, MIRROR_GFP_NOWAIT, 0, pages), NR);
	KUNIT_EXPECT_EQ(test, filled_from(m, dma32, pages), NR);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), MARK + NR);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + MIRROR_ZONE_DMA32), NR);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + MIRROR_ZONE_NORMAL), 0);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(dma32, MIRROR_NUMA_HIT), NR);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(dma32, MIRROR_NUMA_MISS), 0);
}

/* Each zone has to be above low by all of them, and one page. */
static void zone_has_to_have_one_more_than_all(struct kunit *test)
{
	unsigned int more;

	for (more = 0; more < 2; more++) {
		struct mirror *m = make(test);
		struct mirror_page *pages[NR] = {};

		leave(test, normal_zone(m), MARK + NR + more);
		leave(test, zone_of(m, 0, MIRROR_ZONE_DMA32), MARK + NR);
		KUNIT_EXPECT_EQ(test, BULK(m, MIRROR_GFP_NOWAIT, 0, pages), more ? NR : 1);
		KUNIT_EXPECT_EQ(test, filled_from(m, normal_zone(m), pages),
				more ? NR : 1);
	}
}

/* What a lower zone keeps from requests for NORMAL counts as of the first zone. */
static void reserve_of_a_lower_zone_is_kept(struct kunit *test)
{
	unsigned int more;

	for (more = 0; more < 2; more++) {
		struct mirror *m = make(test);
		struct mirror_zone *dma32 = zone_of(m, 0, MIRROR_ZONE_DMA32);
		struct mirror_page *pages[NR] = {};

		WRITE_ONCE(dma32->lowmem_reserve[MIRROR_ZONE_NORMAL], 50);
		leave(test, normal_zone(m), MARK);
		leave(test, dma32, MARK + NR + 50 + more);
		KUNIT_EXPECT_EQ(test, BULK(m, MIRROR_GFP_NOWAIT, 0, pages), more ? NR : 1);
		KUNIT_EXPECT_EQ(test, filled_from(m, dma32, pages), more ? NR : 1);
	}
}

/* The next node has them all, and gives a single one. */
static void other_node_gives_a_single_page(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *other = zone_of(m, 1, MIRROR_ZONE_NORMAL);
	struct mirror_page *pages[NR] = {};

	leave(test, normal_zone(m), MARK);
	leave(test, zone_of(m, 0, MIRROR_ZONE_DMA32), MARK);
	KUNIT_EXPECT_EQ(test, BULK(m, MIRROR_GFP_NOWAIT, 0, pages), 1);
	KUNIT_EXPECT_EQ(test, filled_from(m, other, pages), 1);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(other, MIRROR_NUMA_MISS), 1);
}

/* Within a nodemask the first node of the mask is the preferred one. */
static void nodemask_decides_which_node_is_the_first(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *other = zone_of(m, 1, MIRROR_ZONE_NORMAL);
	struct mirror_page *pages[NR] = {};

	KUNIT_EXPECT_EQ(test, BULK(m, MIRROR_GFP_NOWAIT, BIT_ULL(1), pages), NR);
	KUNIT_EXPECT_EQ(test, filled_from(m, other, pages), NR);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(other, MIRROR_NUMA_HIT), NR);
}

/* A request for DMA32 gets nothing from the zone above it. */
static void zone_above_the_request_is_not_asked(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *dma32 = zone_of(m, 0, MIRROR_ZONE_DMA32);
	struct mirror_page *pages[NR] = {};

	leave(test, dma32, MARK + NR + 1);
	KUNIT_EXPECT_EQ(test, BULK(m, MIRROR_GFP_NOWAIT | __MIRROR_GFP_DMA32, 0, pages), NR);
	KUNIT_EXPECT_EQ(test, filled_from(m, dma32, pages), NR);
}

/* types ---------------------------------------------------------------------------- */

/* Nothing else is free: contiguous memory is for what can move. */
static void movable_pages_come_from_cma(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *pages[NR] = {};
	unsigned int i;

	empty_lists(m);
	mirror_test_set_type(zone, 64, CMA);
	mirror_test_no_drift(m);
	leave(test, zone, 32);
	KUNIT_EXPECT_EQ(test, BULK(m, MIRROR_GFP_NOWAIT, 0, pages), 0);
	KUNIT_EXPECT_EQ(test, BULK(m, MIRROR_GFP_HIGHUSER_MOVABLE, 0, pages), NR);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, idx_of(m, pages[i])), CMA);
	KUNIT_EXPECT_EQ(test, mirror_zone_state(zone, MIRROR_NR_FREE_CMA), 32 - NR);
}

/* part of an array ------------------------------------------------------------------ */

struct part {
	unsigned int left;	/* pages that the zone really has */
	unsigned int held;	/* elements that are filled before, bit by bit */
	unsigned int filled;	/* afterwards */
	unsigned int want;
};

static const struct part parts[] = {
	{ 3, 0x00, 0x07, 3 }, { 3, 0x02, 0x0f, 4 }, { 3, 0x81, 0x8f, 4 },
	{ 3, 0x08, 0x0f, 4 }, { 3, 0x18, 0x1f, 5 }, { 1, 0x01, 0x03, 2 },
	{ 8, 0x00, 0xff, 8 }, { 3, 0xf8, 0xff, 8 }, { 3, 0xf2, 0xff, 8 },
	{ 2, 0xf2, 0xf7, 3 }, { 2, 0xaa, 0xaf, 4 }, { 7, 0x01, 0xff, 8 },
};

/* CPUs that have not folded yet make a zone look as if it had enough. */
static void call_says_how_far_it_came(struct kunit *test)
{
	struct mirror_page *pages[NR];
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		struct mirror *m = mirror_test_flat(test, 6, 5, 256);
		struct mirror_zone *zone = normal_zone(m);
		struct mirror_page *held = mirror_test_take(zone, 0, MOVABLE);

		empty_lists(m);
		leave(test, zone, parts[i].left);
		atomic_long_add(100, &zone->vm_stat[MIRROR_NR_FREE_PAGES]);
		per_cpu_ptr(zone->stat, raw_smp_processor_id())->diff[0] -= 100;
		for (j = 0; j < NR; j++)
			pages[j] = parts[i].held & BIT(j) ? held : NULL;
		per_cpu_ptr(zone->stat, raw_smp_processor_id())->threshold = 125;
		KUNIT_EXPECT_EQ_MSG(test, BULK(m, MIRROR_GFP_NOWAIT, 0, pages),
				    parts[i].want, "part %u", i);
		for (j = 0; j < NR; j++)
			KUNIT_EXPECT_EQ_MSG(test, !!pages[j], !!(parts[i].filled & BIT(j)),
					    "part %u, element %u", i, j);
	}
}

/* One gap is a request for one page, which counts as taking; two are not. */
static void single_gap_is_a_single_request(struct kunit *test)
{
	unsigned int nr, held;

	for (nr = 1; nr <= 3; nr++)
		for (held = 0; held < nr; held++) {
			struct mirror *m = mirror_test_flat(test, 6, 5, 256);
			struct mirror_pcp *pcp = this_pcp(normal_zone(m));
			struct mirror_page *page = mirror_test_take(normal_zone(m), 0, MOVABLE);
			struct mirror_page *pages[3] = {};
			unsigned int i;

			mirror_test_no_drift(m);
			for (i = 0; i < held; i++)
				pages[i] = page;
			pcp->free_count = 8;
			KUNIT_EXPECT_EQ(test, nr, mirror_alloc_pages_bulk(m, MIRROR_GFP_NOWAIT,
									  0, nr, pages));
			KUNIT_EXPECT_EQ_MSG(test, pcp->free_count, nr - held > 1 ? 8 : 4,
					    "%u of %u", held, nr);
		}
}

/* freeing --------------------------------------------------------------------------- */

#define MANY	40

/* Takes MANY pages, and sets the lists to a small size. */
static struct mirror_pcp *take_many(struct kunit *test, struct mirror *m,
				    struct mirror_page **pages, int high_max)
{
	struct mirror_pcp *pcp = this_pcp(normal_zone(m));
	unsigned int i;

	mirror_test_no_drift(m);
	for (i = 0; i < MANY; i++) {
		pages[i] = mirror_test_take(normal_zone(m), 0, MOVABLE);
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
	}
	pcp->batch = 4;
	pcp->high = 10;
	pcp->high_min = 10;
	pcp->high_max = high_max;
	return pcp;
}

/* After each number of pages the lists are as if these had been freed one by one. */
static void array_settles_as_single_pages_do(struct kunit *test)
{
	unsigned int nr, i;

	for (nr = 1; nr <= MANY; nr++) {
		struct mirror_page *array[MANY], *single[MANY];
		struct mirror *a = mirror_test_flat(test, 6, 5, 256);
		struct mirror *b = mirror_test_flat(test, 6, 5, 256);
		int high_max = nr & 1 ? 10 : 25;
		struct mirror_pcp *in_a = take_many(test, a, array, high_max);
		struct mirror_pcp *in_b = take_many(test, b, single, high_max);

		KUNIT_EXPECT_EQ(test, mirror_free_pages_bulk(a, nr, array), nr);
		for (i = 0; i < nr; i++)
			KUNIT_ASSERT_EQ(test, mirror_free_pages(b, single[i], 0), 0);
		KUNIT_EXPECT_EQ_MSG(test, in_a->count, in_b->count, "%u pages", nr);
		KUNIT_EXPECT_LT(test, in_a->count, 26);
		KUNIT_EXPECT_EQ(test, in_a->high, in_b->high);
		KUNIT_EXPECT_EQ(test, in_a->free_count, in_b->free_count);
		KUNIT_EXPECT_EQ(test, zone_free(normal_zone(a)), zone_free(normal_zone(b)));
	}
}

/* More than a list takes: pages of one zone, then of the other, then of the first. */
static void array_of_two_zones_is_freed_run_by_run(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *dma32 = zone_of(m, 0, MIRROR_ZONE_DMA32);
	struct mirror_page *pages[12];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pages); i++)
		pages[i] = mirror_test_take(i / 4 == 1 ? dma32 : normal_zone(m), 0, MOVABLE);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_bulk(m, ARRAY_SIZE(pages), pages), 12);
	for (i = 0; i < ARRAY_SIZE(pages); i++)
		KUNIT_EXPECT_NULL(test, pages[i]);
	KUNIT_EXPECT_EQ(test, zone_free(dma32), 512);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 512);
}

static struct kunit_case bulk_zone_cases[] = {
	KUNIT_CASE(lower_zone_of_the_node_serves_all),
	KUNIT_CASE(zone_has_to_have_one_more_than_all),
	KUNIT_CASE(reserve_of_a_lower_zone_is_kept),
	KUNIT_CASE(other_node_gives_a_single_page),
	KUNIT_CASE(nodemask_decides_which_node_is_the_first),
	KUNIT_CASE(zone_above_the_request_is_not_asked),
	KUNIT_CASE(movable_pages_come_from_cma),
	KUNIT_CASE(call_says_how_far_it_came),
	KUNIT_CASE(single_gap_is_a_single_request),
	KUNIT_CASE(array_settles_as_single_pages_do),
	KUNIT_CASE(array_of_two_zones_is_freed_run_by_run),
	{}
};

static struct kunit_suite bulk_zone_suite = {
	.name = "mirror_bulk_zone",
	.test_cases = bulk_zone_cases,
};

kunit_test_suite(bulk_zone_suite);
