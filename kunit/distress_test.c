// SPDX-License-Identifier: GPL-2.0
/*
 * The last steps of a request that may wait: how much of the reserve is given up for
 * it, when the per-CPU lists are drained, and who is told.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define KERNEL		(MIRROR_GFP_KERNEL | __MIRROR_GFP_NOWARN)
#define MEMALLOC	__MIRROR_GFP_MEMALLOC
#define A		BIT_ULL(0)
#define B		BIT_ULL(1)

static struct mirror *make(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);

	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	return m;
}

static void take_rest(struct mirror_zone *zone)
{
	while (mirror_test_take(zone, 0, MOVABLE))
		;
}

/* the reserve ----------------------------------------------------------------------- */

/* Pageblocks 64, 128 and 192 are reserved; 64 has one page free, 128 has four. */
static struct mirror *crumbs(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	u32 idx;

	for (idx = 64; idx < 256; idx += 64)
		mirror_test_set_type(zone, idx, HIGHATOMIC);
	take_rest(zone);
	while (mirror_test_take(zone, 0, HIGHATOMIC))
		;
	mirror_test_give(zone, &m->pages[64]);
	for (idx = 0; idx < 4; idx++)
		mirror_test_give(zone, &m->pages[128 + idx]);
	for (idx = 0; idx < 32; idx++)
		mirror_test_give(zone, &m->pages[192 + idx]);
	KUNIT_ASSERT_EQ(test, zone->nr_reserved_highatomic, 96);
	KUNIT_ASSERT_EQ(test, zone->nr_free_highatomic, 37);
	return m;
}

/* A pageblock that is given up and too small is no reason to stop. */
static void reserve_is_given_up_until_it_is_enough(struct kunit *test)
{
	static const unsigned long reserved[] = { 64, 32, 32, 0 };
	unsigned int order;

	for (order = 0; order < ARRAY_SIZE(reserved); order++) {
		struct mirror *m = crumbs(test);

		KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, KERNEL, order, 0));
		KUNIT_EXPECT_EQ_MSG(test, normal_zone(m)->nr_reserved_highatomic,
				    reserved[order], "order %u", order);
	}
}

static void all_of_the_reserve_may_be_too_little(struct kunit *test)
{
	struct mirror *m = crumbs(test);

	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, KERNEL | __MIRROR_GFP_RETRY_MAYFAIL,
						   6, 0));
	KUNIT_EXPECT_EQ(test, normal_zone(m)->nr_reserved_highatomic, 0);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 37);
}

/* Each pageblock of the mirror is reserved, and the last one alone has two pages. */
static void reserve_of_every_pageblock_is_given_up(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	u32 idx;

	for (idx = 0; idx < 256; idx += 32)
		mirror_test_set_type(zone, idx, HIGHATOMIC);
	while (mirror_test_take(zone, 0, HIGHATOMIC))
		;
	for (idx = 0; idx < 224; idx += 32)
		mirror_test_give(zone, &m->pages[idx + 16]);
	mirror_test_give(zone, &m->pages[225]);
	mirror_test_give(zone, &m->pages[224]);
	KUNIT_EXPECT_PTR_EQ(test, mirror_alloc_pages(m, KERNEL, 1, 0), &m->pages[224]);
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
}

/* the lists ------------------------------------------------------------------------- */

/* Only a movable list has pages: another type finds them by a drain alone. */
static struct mirror *hoarded(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_pcp *pcp = this_pcp(zone);
	unsigned int i;

	take_rest(zone);
	pcp->high = 100;
	pcp->high_min = 100;
	pcp->high_max = 100;
	for (i = 0; i < 16; i++)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, &m->pages[i], 0), 0);
	KUNIT_ASSERT_EQ(test, pcp->count, 16);
	return m;
}

struct drained {
	const char *name;
	u32 gfp;
	unsigned int order;
	bool got;
	bool drained;
};

/* Single pages wait until the end, larger blocks come after a drain at once. */
static const struct drained all_drained[] = {
	{ "page", KERNEL, 0, true, true },
	{ "page, here", KERNEL | __MIRROR_GFP_THISNODE, 0, false, false },
	{ "page, may fail", KERNEL | __MIRROR_GFP_RETRY_MAYFAIL, 0, false, false },
	{ "page, once", KERNEL | __MIRROR_GFP_NORETRY, 0, false, false },
	{ "page, memalloc", KERNEL | MEMALLOC, 0, true, true },
	{ "page, without waiting", MIRROR_GFP_NOWAIT, 0, false, false },
	{ "two", KERNEL, 1, true, true },
	{ "two, once", KERNEL | __MIRROR_GFP_NORETRY, 1, true, true },
	{ "two, here", KERNEL | __MIRROR_GFP_THISNODE, 1, true, true },
	{ "two, without waiting", MIRROR_GFP_NOWAIT, 1, false, false },
	{ "sixteen", KERNEL, 4, true, true },
	{ "sixteen, once", KERNEL | __MIRROR_GFP_NORETRY, 4, true, true },
	{ "thirty-two", KERNEL, 5, false, true },
	/* Nothing is compacted without I/O; the end comes for all. */
	{ "two, no I/O", MIRROR_GFP_NOIO, 1, true, true },
	{ "two, no I/O, once", MIRROR_GFP_NOIO | __MIRROR_GFP_NORETRY, 1, false, false },
	{ "sixteen, no I/O", MIRROR_GFP_NOIO, 4, false, false },
};

KUNIT_ARRAY_PARAM_DESC(drained, all_drained, name);

static void lists_are_drained_for_who_may_wait(struct kunit *test)
{
	const struct drained *d = test->param_value;
	struct mirror *m = hoarded(test);
	struct mirror_page *page;

	page = mirror_alloc_pages(m, d->gfp | __MIRROR_GFP_NOWARN, d->order, 0);
	KUNIT_EXPECT_EQ(test, !!page, d->got);
	KUNIT_EXPECT_EQ(test, list_len(normal_zone(m), 0, MOVABLE) +
			mirror_pcp_count(m) == 16, !d->drained);
	if (!d->drained)
		KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 16);
}

/* Who may empty the zone may have its contiguous memory as well, if he can move. */
static void memalloc_keeps_the_right_to_cma(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int i;

	mirror_test_set_type(zone, 64, CMA);
	take_rest(zone);
	mirror_test_no_drift(m);
	mirror_test_marks(test, m, 100, 100, 100);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, KERNEL | MEMALLOC, 0, 0));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE |
						   __MIRROR_GFP_NOWARN, 0, 0));
	for (i = 0; i < 32; i++)
		KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE |
							       MEMALLOC, 0, 0));
	KUNIT_EXPECT_EQ(test, zone_free(zone), 0);
}

/* Pages of a reserved pageblock lie on the lists: the reserve has them after a drain. */
static void reserve_is_looked_at_again_after_a_drain(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page **pages;
	unsigned int i;

	mirror_test_take_all(test, zone, &pages);
	mirror_test_set_type(zone, 64, HIGHATOMIC);
	mirror_test_hoard(zone);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, &m->pages[64 + i], 0), 0);
	KUNIT_ASSERT_EQ(test, mirror_pcp_count(m), 4);
	KUNIT_ASSERT_EQ(test, zone->nr_reserved_highatomic, 32);
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, KERNEL, 0, 0));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
}

/* Somebody else is out of memory and does not come back: the wait has an end. */
static void others_are_waited_for_so_long(struct kunit *test)
{
	struct mirror *m = hoarded(test);

	set_bit(0, &m->oom);
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, KERNEL, 0, 0));
	KUNIT_EXPECT_TRUE(test, test_bit(0, &m->oom));
	clear_bit(0, &m->oom);
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, KERNEL, 0, 0));
	KUNIT_EXPECT_FALSE(test, test_bit(0, &m->oom));
}

/* who is told ----------------------------------------------------------------------- */

static bool due(struct mirror *m, int nid)
{
	return test_bit(MIRROR_ZONE_KSWAPD_DUE,
			&m->nodes[nid]->zones[MIRROR_ZONE_NORMAL].flags);
}

/* Two nodes with nothing but a reserved pageblock on each. */
static struct mirror *two_reserves(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 256);
	int nid;

	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	for (nid = 0; nid < 2; nid++) {
		struct mirror_zone *zone = &m->nodes[nid]->zones[MIRROR_ZONE_NORMAL];

		mirror_test_set_type(zone, 64 + 256 * nid, HIGHATOMIC);
		take_rest(zone);
		KUNIT_ASSERT_EQ(test, zone_free(zone), 32);
	}
	return m;
}

struct told {
	const char *name;
	u32 gfp;
	u64 nodemask;
	bool first;
	bool second;
	unsigned long left;	/* of the first node's reserve */
};

/*
 * At first the nodes of the mask. With MEMALLOC the mask does not count any more when
 * the reserve is given up, which begins on the node that was asked.
 */
static const struct told all_told[] = {
	{ "kernel", KERNEL, 0, true, true, 0 },
	{ "kernel, the first", KERNEL, A, true, false, 0 },
	{ "kernel, the second", KERNEL, B, false, true, 32 },
	{ "memalloc, the second", KERNEL | MEMALLOC, B, true, true, 0 },
	{ "memalloc, the first", KERNEL | MEMALLOC, A, true, true, 0 },
	{ "no kswapd", __MIRROR_GFP_DIRECT_RECLAIM, 0, false, false, 0 },
	{ "memalloc, no kswapd", __MIRROR_GFP_DIRECT_RECLAIM | MEMALLOC, B, false, false, 0 },
};

KUNIT_ARRAY_PARAM_DESC(told, all_told, name);

static void kswapd_is_asked_for_at_each_step(struct kunit *test)
{
	const struct told *t = test->param_value;
	struct mirror *m = two_reserves(test);

	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages_nodemask(m, t->gfp |
								__MIRROR_GFP_NOWARN,
								0, 0, t->nodemask));
	KUNIT_EXPECT_EQ(test, due(m, 0), t->first);
	KUNIT_EXPECT_EQ(test, due(m, 1), t->second);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->nr_reserved_highatomic, t->left);
}

/* The node that the mask leaves out is short as well, and gives its last page. */
static void dropped_mask_begins_with_the_node_asked(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 256);
	struct mirror_page *page;
	int nid;

	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	for (nid = 0; nid < 2; nid++)
		take_rest(&m->nodes[nid]->zones[MIRROR_ZONE_NORMAL]);
	mirror_test_give(normal_zone(m), &m->pages[5]);
	page = mirror_alloc_pages_nodemask(m, KERNEL, 0, 0, B);
	KUNIT_EXPECT_NULL(test, page);
	page = mirror_alloc_pages_nodemask(m, KERNEL | MEMALLOC, 0, 0, B);
	KUNIT_EXPECT_PTR_EQ(test, page, &m->pages[5]);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(normal_zone(m), MIRROR_NUMA_HIT), 1);
	KUNIT_EXPECT_EQ(test, mirror_numa_events(normal_zone(m), MIRROR_NUMA_MISS), 0);
}

/* hope ------------------------------------------------------------------------------ */

/*
 * Node 0: DMA32 and NORMAL; node 1: NORMAL; 256 pages each, min is 100. Each zone is said to
 * have 50 pages free, and has what @exact says, lowest zone first.
 */
static struct mirror *hopeful(struct kunit *test, const unsigned long *exact)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 512, 0 }, { TEST_PFN + 512, TEST_PFN + 768, 1 },
	};
	struct mirror_zone *zone;
	unsigned int i, nr = 0;
	struct mirror *m;

	m = mirror_test_with_dma32(test, ranges, ARRAY_SIZE(ranges));
	mirror_test_marks(test, m, 100, 100, 100);
	mirror_test_no_drift(m);
	mirror_test_throw_away(test, m);
	mirror_for_each_populated_zone(m, zone, i) {
		zone->lowmem_reserve[MIRROR_ZONE_NORMAL] = 0;
		atomic_long_set(&zone->vm_stat[MIRROR_NR_FREE_PAGES], 50);
		per_cpu_ptr(zone->stat, raw_smp_processor_id())->diff[MIRROR_NR_FREE_PAGES] =
			exact[nr++] - 50;
	}
	return m;
}

struct hope {
	const char *name;
	unsigned long exact[3];
	u32 gfp;
	u64 nodemask;
	unsigned int order;
	unsigned int alloc_flags;
	bool want;
};

/*
 * Twice the count of all CPUs has to be above min, in a zone of the request: what is free
 * counts as reclaimable as well.
 */
static const struct hope hopes[] = {
	{ "none", { 50, 50, 50 }, 0, 0, 0, 0, false },
	{ "the first zone", { 50, 51, 50 }, 0, 0, 0, 0, true },
	{ "the one below", { 51, 50, 50 }, 0, 0, 0, 0, true },
	{ "the next node", { 50, 50, 51 }, 0, 0, 0, 0, true },
	{ "the next node, masked", { 50, 50, 51 }, 0, A, 0, 0, false },
	{ "the first node, masked", { 51, 51, 50 }, 0, B, 0, 0, false },
	{ "the zone above", { 50, 51, 51 }, __MIRROR_GFP_DMA32, 0, 0, 0, false },
	{ "four pages", { 50, 51, 50 }, 0, 0, 2, 0, false },
	{ "four pages and one more", { 50, 52, 50 }, 0, 0, 2, 0, true },
	{ "urgent", { 25, 26, 25 }, 0, 0, 0, MIRROR_ALLOC_MIN_RESERVE, true },
	{ "urgent, none", { 25, 25, 25 }, 0, 0, 0, MIRROR_ALLOC_MIN_RESERVE, false },
};

KUNIT_ARRAY_PARAM_DESC(hope, hopes, name);

static void there_is_hope_by_exact_counts(struct kunit *test)
{
	const struct hope *h = test->param_value;
	struct mirror *m = hopeful(test, h->exact);
	struct mirror_alloc_context ac;

	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, h->gfp, 0, h->nodemask, &ac));
	KUNIT_EXPECT_EQ(test, mirror_zones_should_do(&ac, h->order, h->alloc_flags), h->want);
}

/* A boost raises min as it raises the other marks; a lower zone keeps its reserve. */
static void hope_counts_boost_and_reserve(struct kunit *test)
{
	static const unsigned long exact[] = { 55, 55, 50 };
	struct mirror *m = hopeful(test, exact);
	struct mirror_alloc_context ac;

	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, 0, 0, 0, &ac));
	normal_zone(m)->watermark_boost = 10;
	KUNIT_EXPECT_TRUE(test, mirror_zones_should_do(&ac, 0, 0));
	normal_zone(m)[-1].lowmem_reserve[MIRROR_ZONE_NORMAL] = 10;
	KUNIT_EXPECT_FALSE(test, mirror_zones_should_do(&ac, 0, 0));
	normal_zone(m)->watermark_boost = 9;
	KUNIT_EXPECT_TRUE(test, mirror_zones_should_do(&ac, 0, 0));
}

/* Only with the reserve that is given up by force a zone loses its last pageblock. */
static void last_reserved_pageblock_needs_force(struct kunit *test)
{
	struct mirror *m = crumbs(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_alloc_context ac;

	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, 0, 0, 0, &ac));
	KUNIT_EXPECT_TRUE(test, mirror_unreserve_highatomic(m, &ac, false));
	KUNIT_EXPECT_TRUE(test, mirror_unreserve_highatomic(m, &ac, false));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 32);
	KUNIT_EXPECT_FALSE(test, mirror_unreserve_highatomic(m, &ac, false));
	KUNIT_EXPECT_TRUE(test, mirror_unreserve_highatomic(m, &ac, true));
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 0);
}

static struct kunit_case distress_cases[] = {
	KUNIT_CASE(reserve_is_given_up_until_it_is_enough),
	KUNIT_CASE(all_of_the_reserve_may_be_too_little),
	KUNIT_CASE(reserve_of_every_pageblock_is_given_up),
	KUNIT_CASE_PARAM(lists_are_drained_for_who_may_wait, drained_gen_params),
	KUNIT_CASE(reserve_is_looked_at_again_after_a_drain),
	KUNIT_CASE(others_are_waited_for_so_long),
	KUNIT_CASE(memalloc_keeps_the_right_to_cma),
	KUNIT_CASE_PARAM(kswapd_is_asked_for_at_each_step, told_gen_params),
	KUNIT_CASE(dropped_mask_begins_with_the_node_asked),
	KUNIT_CASE_PARAM(there_is_hope_by_exact_counts, hope_gen_params),
	KUNIT_CASE(hope_counts_boost_and_reserve),
	KUNIT_CASE(last_reserved_pageblock_needs_force),
	{}
};

static struct kunit_suite distress_suite = {
	.name = "mirror_distress",
	.test_cases = distress_cases,
};

kunit_test_suite(distress_suite);
