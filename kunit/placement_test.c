// SPDX-License-Identifier: GPL-2.0
/*
 * Placement: which zone, which block and which pageblocks a request gets, for
 * every order and every kind of request.
 *
 * The mirrors have four largest blocks in each zone, all of them free:
 *
 *   zone       |  A  |  B  |  C  |  D  |      all on the movable list
 *   order 0     x                             the rest of A, halved, on the list
 *                                             of the request's type
 *
 * The first request of any type takes A: movable because A heads the list,
 * other types because they claim the largest block there is, which is A as well,
 * with all of its pageblocks.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define BLOCKS	4

#define Z(type)	BIT(MIRROR_ZONE_##type)
#define ALL	(BIT(MIRROR_MAX_NR_ZONES) - 1)

struct place {
	const char *name;
	unsigned int max_order;
	unsigned int pb_order;
	u32 zones;
};

static const struct place places[] = {
	{ "4/3 normal", 4, 3, Z(NORMAL) },
	{ "4/3 all zones", 4, 3, ALL },
	{ "5/5 dma32 normal movable", 5, 5, Z(DMA32) | Z(NORMAL) | Z(MOVABLE) },
	{ "6/3 dma normal", 6, 3, Z(DMA) | Z(NORMAL) },
	{ "6/5 dma32 highmem", 6, 5, Z(DMA32) | Z(HIGHMEM) },
	{ "10/9 normal movable", 10, 9, Z(NORMAL) | Z(MOVABLE) },
};

/* Highest zone and type are the meaning of the bits in <linux/gfp_types.h>. */
struct class {
	const char *name;
	u32 gfp;
	int highest;
	int mt;
};

#define M	__MIRROR_GFP_MOVABLE
#define R	__MIRROR_GFP_RECLAIMABLE

static const struct class classes[] = {
	{ "nothing", 0, MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "kernel", MIRROR_GFP_KERNEL, MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "user", MIRROR_GFP_USER, MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "atomic", MIRROR_GFP_ATOMIC, MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "nowait", MIRROR_GFP_NOWAIT, MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "memalloc", MIRROR_GFP_NOFS | __MIRROR_GFP_MEMALLOC,
	  MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "compound", MIRROR_GFP_NOIO | __MIRROR_GFP_COMP, MIRROR_ZONE_NORMAL,
	  UNMOVABLE },
	{ "this node", MIRROR_GFP_KERNEL | __MIRROR_GFP_THISNODE,
	  MIRROR_ZONE_NORMAL, UNMOVABLE },
	{ "reclaimable", MIRROR_GFP_KERNEL | R, MIRROR_ZONE_NORMAL, RECLAIMABLE },
	{ "movable", MIRROR_GFP_USER | M, MIRROR_ZONE_NORMAL, MOVABLE },
	{ "dma", MIRROR_GFP_DMA, MIRROR_ZONE_DMA, UNMOVABLE },
	{ "dma movable", MIRROR_GFP_DMA | M, MIRROR_ZONE_DMA, MOVABLE },
	{ "dma32", MIRROR_GFP_DMA32, MIRROR_ZONE_DMA32, UNMOVABLE },
	{ "dma32 reclaimable", MIRROR_GFP_DMA32 | R, MIRROR_ZONE_DMA32,
	  RECLAIMABLE },
	{ "highuser", MIRROR_GFP_HIGHUSER, MIRROR_ZONE_HIGHMEM, UNMOVABLE },
	{ "highmem reclaimable", __MIRROR_GFP_HIGHMEM | R, MIRROR_ZONE_HIGHMEM,
	  RECLAIMABLE },
	{ "highuser movable", MIRROR_GFP_HIGHUSER_MOVABLE, MIRROR_ZONE_MOVABLE,
	  MOVABLE },
};

/* Every class in every place. */
struct request {
	const struct place *place;
	const struct class *class;
};

static const void *request_gen_params(const void *prev, char *desc)
{
	static struct request all[ARRAY_SIZE(places) * ARRAY_SIZE(classes)];
	unsigned int i = prev ? (const struct request *)prev - all + 1 : 0;

	if (i == ARRAY_SIZE(all))
		return NULL;
	all[i].place = &places[i / ARRAY_SIZE(classes)];
	all[i].class = &classes[i % ARRAY_SIZE(classes)];
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s", all[i].place->name,
		 all[i].class->name);
	return &all[i];
}

/* Marks, reserves, drift and per-CPU lists play no part here. */
static void settle(struct kunit *test, struct mirror *m)
{
	static const unsigned int no_ratio[MIRROR_MAX_NR_ZONES];

	KUNIT_ASSERT_EQ(test, 0, mirror_set_lowmem_reserve_ratio(m, no_ratio));
	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
}

static struct mirror *make_place(struct kunit *test, const struct place *p)
{
	unsigned long pages = (unsigned long)BLOCKS << p->max_order;
	struct mirror_config conf;
	struct mirror *m;
	int type;

	mirror_test_config(&conf, p->max_order, p->pb_order);
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		if (p->zones & BIT(type))
			conf.zone_pages[type] = pages;
	conf.rest_zone = __ffs(p->zones);
	m = mirror_test_range(test, &conf, TEST_PFN,
			      pages * hweight32(p->zones));
	settle(test, m);
	return m;
}

/* A zone above the highest is no choice; of the others the highest comes first. */
static struct mirror_zone *best_zone(const struct mirror *m,
				     const struct request *r)
{
	u32 eligible = r->place->zones & (BIT(r->class->highest + 1) - 1);

	return eligible ? &m->nodes[0]->zones[__fls(eligible)] : NULL;
}

static void expect_pageblocks(struct kunit *test, const struct mirror_zone *zone,
			      unsigned int block, int mt)
{
	u32 first = mirror_pfn_to_idx(zone->m, zone->start_pfn) +
		    (block << zone->max_order);
	u32 idx;

	for (idx = 0; idx < 1u << zone->max_order; idx += 1u << zone->pb_order)
		KUNIT_EXPECT_EQ_MSG(test, mt,
				    mirror_pageblock_type(zone->m, first + idx),
				    "block %u, frame %u", block, idx);
}

/* A was halved down to @order: one half of each order, and B, C, D untouched. */
static void expect_split(struct kunit *test, const struct mirror_zone *zone,
			 unsigned int order, int mt)
{
	u32 a = mirror_pfn_to_idx(zone->m, zone->start_pfn);
	u32 size = 1u << zone->max_order;
	unsigned int k;

	for (k = 0; k < zone->max_order; k++) {
		KUNIT_EXPECT_EQ_MSG(test, zone->free_area[k].nr_free, k >= order,
				    "order %u of %u", k, order);
		if (k >= order)
			EXPECT_FREE_LIST(test, zone, k, mt, a + (1u << k));
	}
	EXPECT_FREE_LIST(test, zone, zone->max_order, MOVABLE,
			 a + size, a + 2 * size, a + 3 * size);
}

/* Merged again, A heads the list of the type its pageblocks have now. */
static void expect_whole(struct kunit *test, const struct mirror_zone *zone,
			 int mt)
{
	u32 a = mirror_pfn_to_idx(zone->m, zone->start_pfn);
	unsigned int want[MIRROR_NR_ORDERS_MAX] = {};
	u32 size = 1u << zone->max_order;

	want[zone->max_order] = BLOCKS;
	mirror_test_expect_nr_free(test, zone, want);
	if (mt == MOVABLE) {
		EXPECT_FREE_LIST(test, zone, zone->max_order, MOVABLE, a,
				 a + size, a + 2 * size, a + 3 * size);
		return;
	}
	EXPECT_FREE_LIST(test, zone, zone->max_order, mt, a);
	EXPECT_FREE_LIST(test, zone, zone->max_order, MOVABLE,
			 a + size, a + 2 * size, a + 3 * size);
}

static void place_one(struct kunit *test, struct mirror *m,
		      const struct class *c, struct mirror_zone *zone,
		      unsigned int order)
{
	struct mirror_page *page = mirror_test_alloc(m, c->gfp, order);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_PTR_EQ(test, mirror_page_zone(m, page), zone);
	KUNIT_EXPECT_EQ(test, mirror_idx_to_pfn(m, idx_of(m, page)),
			zone->start_pfn);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), order);
	expect_pageblocks(test, zone, 0, c->mt);
	expect_pageblocks(test, zone, 1, MOVABLE);
	expect_split(test, zone, order, c->mt);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed - (1ul << order));
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, order), 0);
	mirror_drain_all(m);
	expect_whole(test, zone, c->mt);
}

static void first_request_takes_the_first_block(struct kunit *test)
{
	const struct request *r = test->param_value;
	struct mirror *m = make_place(test, r->place);
	struct mirror_zone *zone = best_zone(m, r);
	unsigned int order;

	for (order = 0; order <= m->max_order; order++) {
		if (!zone) {
			KUNIT_EXPECT_NULL(test, mirror_test_alloc(m, r->class->gfp,
								  order));
			continue;
		}
		place_one(test, m, r->class, zone, order);
		KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
		settle(test, m);
	}
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
}

/* With the lists at work, a refill takes more, but the request gets the same. */
static void per_cpu_lists_do_not_change_the_place(struct kunit *test)
{
	const struct request *r = test->param_value;
	struct mirror *m = make_place(test, r->place);
	struct mirror_zone *zone = best_zone(m, r);
	struct mirror_page *page;
	unsigned int order;

	for (order = 0; zone && order <= m->max_order; order++) {
		KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
		mirror_test_marks(test, m, 0, 0, 0);
		page = mirror_test_alloc(m, r->class->gfp, order);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, zone->start_pfn,
				mirror_idx_to_pfn(m, idx_of(m, page)));
		mirror_drain_all(m);
		expect_split(test, zone, order, r->class->mt);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, order), 0);
		mirror_drain_all(m);
		expect_whole(test, zone, r->class->mt);
	}
}

/* Takes all that a class can get. Zones come in turn, from the highest down. */
static unsigned long take_all(struct kunit *test, struct mirror *m,
			      const struct class *c, unsigned int order)
{
	unsigned long per_zone = (unsigned long)BLOCKS << (m->max_order - order);
	struct mirror_zone *zone = NULL;
	struct mirror_page *page;
	unsigned long nr = 0;

	while ((page = mirror_test_alloc(m, c->gfp, order))) {
		struct mirror_zone *from = mirror_page_zone(m, page);

		if (nr % per_zone == 0) {
			KUNIT_EXPECT_LE(test, (int)from->type, c->highest);
			if (zone)
				KUNIT_EXPECT_LT(test, from->type, zone->type);
			zone = from;
		}
		KUNIT_ASSERT_PTR_EQ(test, from, zone);
		nr++;
	}
	return nr;
}

static void expect_taken_zones(struct kunit *test, struct mirror *m,
			       const struct class *c)
{
	struct mirror_zone *zone;
	unsigned int i, block;

	mirror_for_each_populated_zone(m, zone, i) {
		bool taken = zone->type <= c->highest;

		KUNIT_EXPECT_EQ(test, zone_free(zone),
				taken ? 0 : zone->managed);
		for (block = 0; block < BLOCKS; block++)
			expect_pageblocks(test, zone, block,
					  taken ? c->mt : MOVABLE);
	}
}

static void expect_merged_zones(struct kunit *test, struct mirror *m)
{
	unsigned int want[MIRROR_NR_ORDERS_MAX] = {}, i;
	struct mirror_zone *zone;

	want[m->max_order] = BLOCKS;
	mirror_for_each_populated_zone(m, zone, i)
		mirror_test_expect_nr_free(test, zone, want);
}

/*
 * Down to the last page of the lowest zone, and no page of a zone above; each
 * pageblock on the way became the request's. Freed, all of it merges.
 */
static void all_eligible_zones_are_used_up(struct kunit *test)
{
	const struct request *r = test->param_value;
	struct mirror *m = make_place(test, r->place);
	unsigned int zones = hweight32(r->place->zones &
				       (BIT(r->class->highest + 1) - 1));
	/* The smallest orders of a large geometry would only take long. */
	unsigned int order = m->max_order > 6 ? m->max_order - 6 : 0;

	for (; order <= m->max_order; order++) {
		KUNIT_EXPECT_EQ(test, take_all(test, m, r->class, order),
				zones * ((unsigned long)BLOCKS <<
					 (m->max_order - order)));
		expect_taken_zones(test, m, r->class);
		mirror_test_free_all(test, m);
		expect_merged_zones(test, m);
		KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
		settle(test, m);
	}
}

/* oversize ----------------------------------------------------------------- */

static const unsigned int depths[] = {
	MIRROR_ALLOC_WMARK_LOW,
	MIRROR_ALLOC_WMARK_MIN | MIRROR_ALLOC_MIN_RESERVE |
		MIRROR_ALLOC_NON_BLOCK | MIRROR_ALLOC_HIGHATOMIC,
	MIRROR_ALLOC_WMARK_LOW | MIRROR_ALLOC_NOFRAGMENT,
	MIRROR_ALLOC_OOM | MIRROR_ALLOC_CMA,
	MIRROR_ALLOC_NO_WATERMARKS,
};

static void expect_refused(struct kunit *test, struct mirror *m,
			   unsigned int order)
{
	struct mirror_page *before = mirror_test_snapshot(test, m);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(depths); i++) {
		KUNIT_EXPECT_NULL(test, mirror_test_alloc_flags(m, 0, order,
								depths[i]));
		KUNIT_EXPECT_NULL(test, mirror_test_alloc_flags(m, M, order,
								depths[i]));
	}
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(m));
}

/* The one block there is has order @order; nothing larger can be had. */
static void expect_largest(struct kunit *test, unsigned int max_order,
			   unsigned int order)
{
	struct mirror_config conf;
	struct mirror_page *page;
	struct mirror *m;
	unsigned int k;

	mirror_test_config(&conf, max_order, max_order - 1);
	m = mirror_test_range(test, &conf, TEST_PFN + (1ul << order),
			      1ul << order);
	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	for (k = order + 1; k <= max_order; k++)
		expect_refused(test, m, k);
	page = mirror_test_alloc(m, M, order);
	KUNIT_ASSERT_NOT_NULL(test, page);
	expect_refused(test, m, 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, order), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 1ul << order);
}

static const unsigned int largest_orders[] = { 2, 4, 6, 10 };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "largest order %u", *order);
}

KUNIT_ARRAY_PARAM(largest, largest_orders, order_desc);

static void larger_than_any_free_block_is_refused(struct kunit *test)
{
	unsigned int max_order = *(const unsigned int *)test->param_value;
	unsigned int order;

	for (order = 0; order < max_order; order++)
		expect_largest(test, max_order, order);
}

static void larger_than_any_block_is_refused(struct kunit *test)
{
	static const unsigned int over[] = { 1, 2, 6, 21, 22, 53, 54 };
	struct mirror *m = mirror_test_flat(test, 10, 9, 1 << 12);
	struct mirror_page *before = mirror_test_snapshot(test, m);
	u32 gfp = MIRROR_GFP_KERNEL | __MIRROR_GFP_MEMALLOC | __MIRROR_GFP_NOWARN;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(over); i++)
		KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, gfp, 10 + over[i], 0));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, gfp, UINT_MAX, 0));
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGALLOC + MIRROR_ZONE_NORMAL),
			0);
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(m));
}

static struct kunit_case placement_cases[] = {
	KUNIT_CASE_PARAM(first_request_takes_the_first_block, request_gen_params),
	KUNIT_CASE_PARAM(per_cpu_lists_do_not_change_the_place,
			 request_gen_params),
	KUNIT_CASE_PARAM(all_eligible_zones_are_used_up, request_gen_params),
	KUNIT_CASE_PARAM(larger_than_any_free_block_is_refused,
			 largest_gen_params),
	KUNIT_CASE(larger_than_any_block_is_refused),
	{}
};

static struct kunit_suite placement_suite = {
	.name = "mirror_placement",
	.test_cases = placement_cases,
};

kunit_test_suite(placement_suite);
