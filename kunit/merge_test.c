// SPDX-License-Identifier: GPL-2.0
/*
 * Where merging ends: at the edge of a zone, of a node, of memory, and between
 * pageblocks that do not go together; for buddies of every order.
 *
 * The edge lies at one largest block and 2^k pages, so that the two blocks of
 * order k beside it are buddies:
 *
 *   |   largest   | k :  k |k+1|   ...    |   largest   |   largest   |
 *                     ^ edge
 *
 * Below the edge are one largest block and one of order k, above it one of each
 * order from k to the largest but one, and two largest blocks. With k the
 * largest order itself there are two largest blocks on each side.
 */
#include "fixture.h"

enum edge { ZONE_EDGE, NODE_EDGE, HOLE };

static const char * const edge_names[] = {
	[ZONE_EDGE] = "zone",
	[NODE_EDGE] = "node",
	[HOLE] = "hole",
};

struct border {
	enum edge edge;
	unsigned int max_order;
	unsigned int pb_order;
	unsigned int order;
};

static const void *border_gen_params(const void *prev, char *desc)
{
	static struct border b;
	static const unsigned int orders[][2] = { { 4, 3 }, { 6, 5 }, { 5, 5 } };
	static unsigned int geometry;

	if (!prev) {
		geometry = 0;
		b = (struct border){ ZONE_EDGE, 4, 3, 0 };
	} else if (b.order < b.max_order) {
		b.order++;
	} else if (b.edge < HOLE) {
		b.edge++;
		b.order = 0;
	} else if (++geometry < ARRAY_SIZE(orders)) {
		b = (struct border){ ZONE_EDGE, orders[geometry][0],
				     orders[geometry][1], 0 };
	} else {
		return NULL;
	}
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u/%u: %s, order %u", b.max_order,
		 b.pb_order, edge_names[b.edge], b.order);
	return &b;
}

static unsigned long edge_of(const struct border *b)
{
	return (1ul << b->max_order) + (1ul << b->order);
}

/*
 * The hole is the block of order k above the edge. With k the largest order
 * that takes a whole largest block away.
 */
static struct mirror *make(struct kunit *test, const struct border *b)
{
	unsigned long edge = TEST_PFN + edge_of(b);
	unsigned long end = TEST_PFN + (4ul << b->max_order);
	unsigned long above = b->edge == HOLE ? edge + (1ul << b->order) : edge;
	const struct mirror_range ranges[] = {
		{ TEST_PFN, edge, 0 },
		{ above, end, b->edge == NODE_EDGE },
	};
	const struct mirror_range whole = { TEST_PFN, end, 0 };
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, b->max_order, b->pb_order);
	conf.ranges = b->edge == ZONE_EDGE ? &whole : ranges;
	conf.nr_ranges = b->edge == ZONE_EDGE ? 1 : 2;
	if (b->edge == ZONE_EDGE)
		conf.zone_pages[MIRROR_ZONE_DMA32] = edge - TEST_PFN;
	m = mirror_test_create(test, &conf);
	mirror_test_marks(test, m, 0, 0, 0);
	return m;
}

/* Blocks below the edge, added to @nr. */
static void count_below(const struct border *b, unsigned int *nr)
{
	nr[b->max_order]++;
	nr[b->order]++;
}

/* Blocks above it: the hole takes that of order k. */
static void count_above(const struct border *b, unsigned int *nr)
{
	unsigned int order;

	nr[b->max_order] += 2;
	for (order = b->order; order < b->max_order; order++)
		nr[order]++;
	if (b->edge == HOLE)
		nr[b->order]--;
}

static void expect_zones(struct kunit *test, struct mirror *m,
			 const struct border *b)
{
	unsigned int lower[MIRROR_NR_ORDERS_MAX] = {};
	unsigned int upper[MIRROR_NR_ORDERS_MAX] = {};
	struct mirror_zone *zone = normal_zone(m);

	count_below(b, lower);
	count_above(b, b->edge == HOLE ? lower : upper);
	mirror_test_expect_nr_free(test, b->edge == ZONE_EDGE ? zone - 1 : zone,
				   lower);
	if (b->edge == HOLE)
		return;
	if (b->edge == NODE_EDGE)
		zone = &m->nodes[1]->zones[MIRROR_ZONE_NORMAL];
	mirror_test_expect_nr_free(test, zone, upper);
}

static void merging_ends_at_the_edge(struct kunit *test)
{
	struct border b = *(const struct border *)test->param_value;
	struct mirror *m = make(test, &b);
	struct mirror_zone *zone;
	unsigned int i;

	expect_zones(test, m, &b);
	mirror_for_each_populated_zone(m, zone, i)
		while (mirror_test_take(zone, 0, MOVABLE))
			;
	KUNIT_ASSERT_EQ(test, mirror_nr_free(m), 0);
	mirror_test_free_all(test, m);
	expect_zones(test, m, &b);
}

static void take_and_give(struct kunit *test, struct mirror *m, u32 idx,
			  unsigned int order)
{
	struct mirror_zone *zone = mirror_page_zone(m, &m->pages[idx]);
	struct mirror_page *page;

	/* The only block of its order in the zone, or the first of two. */
	page = mirror_test_take(zone, order, MOVABLE);
	KUNIT_ASSERT_NOT_NULL(test, page);
	if (order < zone->max_order)
		KUNIT_EXPECT_EQ(test, idx_of(m, page), idx);
	mirror_test_give(zone, page);
	KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_BUDDY);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), order);
}

/* Each of the two blocks beside the edge is freed while the other one is free. */
static void buddies_across_the_edge_stay_apart(struct kunit *test)
{
	struct border b = *(const struct border *)test->param_value;
	struct mirror *m = make(test, &b);
	u32 lower = mirror_pfn_to_idx(m, TEST_PFN + (1ul << b.max_order));
	u32 upper = mirror_pfn_to_idx(m, TEST_PFN + edge_of(&b));

	KUNIT_ASSERT_NE(test, lower, MIRROR_NIL);
	take_and_give(test, m, lower, b.order);
	if (b.edge == HOLE) {
		KUNIT_EXPECT_EQ(test, upper, MIRROR_NIL);
	} else {
		KUNIT_ASSERT_NE(test, upper, MIRROR_NIL);
		take_and_give(test, m, upper, b.order);
		KUNIT_EXPECT_PTR_NE(test, mirror_page_zone(m, &m->pages[upper]),
				    mirror_page_zone(m, &m->pages[lower]));
	}
	expect_zones(test, m, &b);
}

/* pageblocks ---------------------------------------------------------------- */

/* Two pageblocks that are buddies: the type of each. */
struct pair {
	int first;
	int second;
};

static const void *pair_gen_params(const void *prev, char *desc)
{
	static struct pair pairs[MIRROR_MIGRATE_TYPES * MIRROR_MIGRATE_TYPES];
	unsigned int i = prev ? (const struct pair *)prev - pairs + 1 : 0;

	if (i == ARRAY_SIZE(pairs))
		return NULL;
	pairs[i].first = i / MIRROR_MIGRATE_TYPES;
	pairs[i].second = i % MIRROR_MIGRATE_TYPES;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "type %d is freed beside type %d",
		 pairs[i].first, pairs[i].second);
	return &pairs[i];
}

/* Only the three mobile types can stand in for each other. */
static bool pair_merges(const struct pair *p)
{
	return p->first == p->second || (p->first < 3 && p->second < 3);
}

/*
 * 64 pages, blocks of up to 16, pageblocks of 8: the first two are in use, get
 * their types, and are freed, the second one first.
 */
static void freed_pageblock_merges_with_its_like(struct kunit *test)
{
	const struct pair *p = test->param_value;
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page[2];

	page[0] = mirror_test_take(zone, 3, MOVABLE);
	page[1] = mirror_test_take(zone, 3, MOVABLE);
	KUNIT_ASSERT_PTR_EQ(test, page[1], &m->pages[8]);
	mirror_test_set_type(zone, 0, p->first);
	mirror_test_set_type(zone, 8, p->second);
	mirror_test_give(zone, page[1]);
	KUNIT_EXPECT_EQ(test, zone->free_area[3].nr_free, 1);
	mirror_test_give(zone, page[0]);
	if (pair_merges(p)) {
		/* All of it is of the type of the one that was freed last. */
		KUNIT_EXPECT_EQ(test, zone->free_area[3].nr_free, 0);
		KUNIT_EXPECT_EQ(test, zone->free_area[4].list[p->first].nr,
				p->first == MOVABLE ? 4 : 1);
		KUNIT_EXPECT_EQ(test, zone->free_area[4].list[p->first].first, 0);
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, 8), p->first);
		return;
	}
	EXPECT_FREE_LIST(test, zone, 3, p->first, 0);
	EXPECT_FREE_LIST(test, zone, 3, p->second, 8);
	KUNIT_EXPECT_EQ(test, zone->free_area[4].nr_free, 3);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, 8), p->second);
}

/*
 * The type does not matter inside a pageblock: whatever list its pages were on
 * once, they merge up to its order and no further beside another type.
 */
static void pages_merge_up_to_their_pageblock(struct kunit *test)
{
	const struct pair *p = test->param_value;
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page **pages;
	u32 idx;

	mirror_test_take_all(test, zone, &pages);
	mirror_test_set_type(zone, 0, p->first);
	mirror_test_set_type(zone, 8, p->second);
	for (idx = 0; idx < 16; idx++)
		mirror_test_give(zone, pages[(idx * 7 + 3) % 16]);
	KUNIT_EXPECT_EQ(test, zone->free_area[4].nr_free, pair_merges(p));
	KUNIT_EXPECT_EQ(test, zone->free_area[3].nr_free, pair_merges(p) ? 0 : 2);
	for (idx = 0; idx < 3; idx++)
		KUNIT_EXPECT_EQ(test, zone->free_area[idx].nr_free, 0);
	KUNIT_EXPECT_EQ(test, zone_free(zone),
			8 * (mirror_pageblock_type(m, 0) != ISOLATE) +
			8 * (mirror_pageblock_type(m, 8) != ISOLATE));
}

/* A list keeps to one type even where a run of merges crosses several. */
static void merge_of_four_pageblocks_is_of_the_last_ones_type(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 5, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	static const int types[] = { UNMOVABLE, RECLAIMABLE, MOVABLE, UNMOVABLE };
	struct mirror_page *page[4];
	unsigned int i;

	for (i = 0; i < 4; i++)
		page[i] = mirror_test_take(zone, 3, MOVABLE);
	for (i = 0; i < 4; i++)
		mirror_test_set_type(zone, 8 * i, types[i]);
	mirror_test_give(zone, page[0]);
	mirror_test_give(zone, page[2]);
	mirror_test_give(zone, page[3]);
	EXPECT_FREE_LIST(test, zone, 4, UNMOVABLE, 16);
	mirror_test_give(zone, page[1]);
	EXPECT_FREE_LIST(test, zone, 5, RECLAIMABLE, 0);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(m, 8 * i), RECLAIMABLE);
}

/* A merge that is refused at one order is not tried again above it. */
static void refused_merge_ends_the_run(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 5, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page[2];

	page[0] = mirror_test_take(zone, 3, MOVABLE);
	page[1] = mirror_test_take(zone, 3, MOVABLE);
	mirror_test_set_type(zone, 8, CMA);
	mirror_test_give(zone, page[1]);
	mirror_test_give(zone, page[0]);
	EXPECT_FREE_LIST(test, zone, 3, MOVABLE, 0);
	EXPECT_FREE_LIST(test, zone, 3, CMA, 8);
	EXPECT_FREE_LIST(test, zone, 4, MOVABLE, 16);
	EXPECT_FREE_LIST(test, zone, 5, MOVABLE, 32);
}

static struct kunit_case merge_cases[] = {
	KUNIT_CASE_PARAM(merging_ends_at_the_edge, border_gen_params),
	KUNIT_CASE_PARAM(buddies_across_the_edge_stay_apart, border_gen_params),
	KUNIT_CASE_PARAM(freed_pageblock_merges_with_its_like, pair_gen_params),
	KUNIT_CASE_PARAM(pages_merge_up_to_their_pageblock, pair_gen_params),
	KUNIT_CASE(merge_of_four_pageblocks_is_of_the_last_ones_type),
	KUNIT_CASE(refused_merge_ends_the_run),
	{}
};

static struct kunit_suite merge_suite = {
	.name = "mirror_merge",
	.test_cases = merge_cases,
};

kunit_test_suite(merge_suite);
