// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays of single pages, with every pattern of gaps: what is filled and what stays,
 * what is freed and what is refused, and what the number that comes back means.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define NR		6	/* elements that a call is told of */
#define LEN		(NR + 2)	/* elements that there are */
#define NOWARN		__MIRROR_GFP_NOWARN

static struct mirror *plenty(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 1024);

	/* One report is enough to see what they look like. */
	m->report_limit.burst = 1;
	mirror_test_no_drift(m);
	return m;
}

/* Elements of @pattern are @held, the others empty, those past NR by the last bits. */
static void set_pattern(struct mirror_page **pages, unsigned int pattern,
			struct mirror_page *held)
{
	unsigned int i;

	for (i = 0; i < LEN; i++)
		pages[i] = pattern & BIT(i) ? held : NULL;
}

static unsigned int first_gap(unsigned int pattern)
{
	return min_t(unsigned int, NR, __ffs(~(unsigned long)pattern));
}

/* Frees what a call added. */
static void give_back(struct kunit *test, struct mirror *m, struct mirror_page **pages,
		      const struct mirror_page *held)
{
	unsigned int i;

	for (i = 0; i < LEN; i++)
		if (pages[i] && pages[i] != held)
			KUNIT_ASSERT_EQ(test, mirror_free_pages(m, pages[i], 0), 0);
}

static void expect_new_page(struct kunit *test, struct mirror *m,
			    struct mirror_page **pages, unsigned int at)
{
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, pages[at]);
	KUNIT_EXPECT_TRUE(test, mirror_page_is_ours(m, pages[at]));
	KUNIT_EXPECT_EQ(test, mirror_page_state(pages[at]), MIRROR_PAGE_USED);
	KUNIT_EXPECT_EQ(test, mirror_page_order(pages[at]), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&pages[at]->refs), 1);
	KUNIT_EXPECT_FALSE(test, pages[at]->flags & MIRROR_PF_ZERO);
	for (i = 0; i < LEN; i++)
		if (i != at)
			KUNIT_EXPECT_PTR_NE(test, pages[at], pages[i]);
}

/* filling ------------------------------------------------------------------------ */

static void every_gap_is_filled_where_there_is_plenty(struct kunit *test)
{
	static const u32 gfps[] = { MIRROR_GFP_NOWAIT, MIRROR_GFP_KERNEL,
				    MIRROR_GFP_KERNEL | __MIRROR_GFP_ZERO };
	struct mirror *m = plenty(test);
	struct mirror_page *held = mirror_test_alloc(m, 0, 0), *pages[LEN];
	unsigned int pattern, i, j;

	for (pattern = 0; pattern < 1u << LEN; pattern++)
		for (j = 0; j < ARRAY_SIZE(gfps); j++) {
			set_pattern(pages, pattern, held);
			KUNIT_EXPECT_EQ_MSG(test, NR,
					    mirror_alloc_pages_bulk(m, gfps[j], 0, NR, pages),
					    "pattern %#x", pattern);
			for (i = 0; i < LEN; i++)
				if (pattern & BIT(i))
					KUNIT_EXPECT_PTR_EQ(test, pages[i], held);
				else if (i < NR)
					expect_new_page(test, m, pages, i);
				else
					KUNIT_EXPECT_NULL(test, pages[i]);
			give_back(test, m, pages, held);
		}
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed - 1);
}

/*
 * Below low for many at once, above it for one: the first gap gets a page, and the
 * call does not look at what comes behind.
 */
static void first_gap_is_filled_where_many_are_too_many(struct kunit *test)
{
	struct mirror *m = plenty(test);
	struct mirror_page *held = mirror_test_alloc(m, 0, 0), *pages[LEN];
	unsigned int pattern, i;

	mirror_test_no_pcp(m);
	mirror_test_marks(test, m, 0, zone_free(normal_zone(m)) - 1,
			  zone_free(normal_zone(m)));
	mirror_test_no_drift(m);
	for (pattern = 0; pattern < 1u << LEN; pattern++) {
		unsigned int gap = first_gap(pattern);

		set_pattern(pages, pattern, held);
		KUNIT_EXPECT_EQ_MSG(test, min_t(unsigned int, NR, gap + 1),
				    mirror_alloc_pages_bulk(m, MIRROR_GFP_NOWAIT, 0, NR, pages),
				    "pattern %#x", pattern);
		for (i = 0; i < LEN; i++)
			if (i == gap && gap < NR)
				expect_new_page(test, m, pages, i);
			else
				KUNIT_EXPECT_PTR_EQ(test, pages[i],
						    pattern & BIT(i) ? held : NULL);
		give_back(test, m, pages, held);
	}
}

/* A request that no zone is eligible for is not one that failed. */
static void nothing_is_filled_where_nothing_is_free(struct kunit *test)
{
	struct mirror *m = plenty(test);
	struct mirror_page *held = mirror_test_alloc(m, 0, 0), *pages[LEN];
	unsigned int pattern, i, j;

	while (mirror_alloc_pages(m, MIRROR_GFP_NOWAIT | NOWARN, 0, 0))
		;
	m->failure_limit.burst = 1;
	for (pattern = 0; pattern < 1u << NR; pattern++)
		for (j = 0; j < 2; j++) {
			/* Of two gaps or more; one alone goes the way of single pages. */
			u64 nodemask = j && hweight32(pattern) < NR - 1 ? BIT_ULL(9) : 0;

			set_pattern(pages, pattern, held);
			KUNIT_EXPECT_EQ(test, first_gap(pattern),
					mirror_alloc_pages_bulk_nodemask(m, nodemask ?
						MIRROR_GFP_KERNEL :
						MIRROR_GFP_KERNEL | NOWARN,
						0, nodemask, NR, pages));
			for (i = 0; i < LEN; i++)
				KUNIT_EXPECT_PTR_EQ(test, pages[i],
						    pattern & BIT(i) ? held : NULL);
		}
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 0);
	set_pattern(pages, 0, held);
	KUNIT_EXPECT_EQ(test, mirror_alloc_pages_bulk(m, MIRROR_GFP_KERNEL, 0, NR, pages), 0);
	KUNIT_EXPECT_EQ(test, m->failure_limit.printed, 1);
}

/* As many as there are, from the first gap on. */
static void what_is_left_goes_to_the_first_gaps(struct kunit *test)
{
	struct mirror *m = plenty(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *pages[LEN], **all;
	unsigned int left, i;

	mirror_test_take_all(test, zone, &all);
	for (left = 0; left <= NR; left++) {
		for (i = 0; i < left; i++)
			mirror_test_give(zone, all[i]);
		set_pattern(pages, BIT(1), m->pages + 100);
		/* With marks of 0 a zone counts as able to give all that it has. */
		mirror_alloc_pages_bulk(m, MIRROR_GFP_NOWAIT | NOWARN, 0, NR, pages);
		KUNIT_EXPECT_EQ(test, !!pages[0], left > 0);
		KUNIT_EXPECT_PTR_EQ(test, pages[1], m->pages + 100);
		pages[1] = NULL;
		mirror_free_pages_bulk(m, LEN, pages);
		mirror_drain_all(m);
		KUNIT_ASSERT_EQ(test, zone_free(zone), left);
		while (mirror_test_take(zone, 0, MOVABLE) || mirror_test_take(zone, 0, UNMOVABLE))
			;
	}
	mirror_test_free_all(test, m);
}

/* freeing ------------------------------------------------------------------------ */

enum element { GAP, NORMAL, OTHER, FREED, SHARED, BLOCK, NR_ELEMENTS };

/* Half of it in DMA32, half in NORMAL. */
static struct mirror *two_zones(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 6, 5);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 512;
	m = mirror_test_range(test, &conf, TEST_PFN, 1024);
	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	m->report_limit.burst = 1;
	return m;
}

static struct mirror_page *make_element(struct kunit *test, struct mirror *m,
					enum element what)
{
	struct mirror_zone *zone = normal_zone(m) - (what == OTHER);
	struct mirror_page *page;

	if (what == GAP)
		return NULL;
	page = mirror_test_take(zone, what == BLOCK ? 2 : 0, MOVABLE);
	KUNIT_ASSERT_NOT_NULL(test, page);
	if (what == FREED)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 0), 0);
	if (what == SHARED)
		KUNIT_ASSERT_EQ(test, mirror_core_get(m, page), 0);
	return page;
}

/* What only one reference was given back of goes now, and so does the block. */
static void end_element(struct kunit *test, struct mirror *m, struct mirror_page *page,
			enum element what)
{
	if (what == SHARED)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 0), 0);
	if (what == BLOCK)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 2), 0);
}

/* Each kind at each of four places, and one behind the end. */
static void all_but_what_is_refused_is_freed(struct kunit *test)
{
	struct mirror *m = two_zones(test);
	struct mirror_page *pages[5], *copy[5];
	enum element what[5];
	unsigned int n, i, want, rest;

	for (n = 0; n < NR_ELEMENTS * NR_ELEMENTS * NR_ELEMENTS * NR_ELEMENTS; n++) {
		for (want = 0, rest = n, i = 0; i < 5; i++, rest /= NR_ELEMENTS) {
			what[i] = i < 4 ? rest % NR_ELEMENTS : NORMAL;
			pages[i] = make_element(test, m, what[i]);
			copy[i] = pages[i];
			want += i < 4 && what[i] != GAP && what[i] != FREED &&
				what[i] != BLOCK;
		}
		KUNIT_EXPECT_EQ_MSG(test, mirror_free_pages_bulk(m, 4, pages), want,
				    "combination %u", n);
		for (i = 0; i < 4; i++)
			KUNIT_EXPECT_PTR_EQ(test, pages[i], what[i] == FREED ||
					    what[i] == BLOCK ? copy[i] : NULL);
		KUNIT_EXPECT_PTR_EQ(test, pages[4], copy[4]);
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, copy[4], 0), 0);
		for (i = 0; i < 4; i++)
			end_element(test, m, copy[i], what[i]);
		KUNIT_ASSERT_EQ(test, mirror_nr_free(m), m->managed);
		mirror_drain_all(m);
	}
}

/* Each page goes to the list of its pageblock's type, as if it were freed alone. */
static void pages_go_where_single_ones_go(struct kunit *test)
{
	static const int types[] = { UNMOVABLE, MOVABLE, RECLAIMABLE, CMA, ISOLATE,
				     HIGHATOMIC };
	struct mirror *m = plenty(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *pages[ARRAY_SIZE(types)];
	struct mirror_pcp *pcp = this_pcp(zone);
	unsigned int i;
	u32 first[ARRAY_SIZE(types)];

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		pages[i] = mirror_test_take(zone, 5, MOVABLE);
		KUNIT_ASSERT_NOT_NULL(test, pages[i]);
		first[i] = idx_of(m, pages[i]);
		mirror_test_set_type(zone, first[i], types[i]);
		KUNIT_ASSERT_EQ(test, mirror_core_split(m, pages[i], 5), 0);
	}
	pcp->high_min = 100;
	pcp->high_max = 100;
	KUNIT_EXPECT_EQ(test, mirror_free_pages_bulk(m, ARRAY_SIZE(types), pages),
			ARRAY_SIZE(types));
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(UNMOVABLE, 0), first[0]);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(RECLAIMABLE, 0), first[2]);
	/* The last freed is the first; the reserved ones are movable meanwhile. */
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), first[5], first[3],
			first[1]);
	EXPECT_FREE_LIST(test, zone, 0, ISOLATE, first[4]);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE), ARRAY_SIZE(types));
	mirror_test_set_type(zone, first[4], MOVABLE);
	mirror_test_free_all(test, m);
}

static struct kunit_case bulk_cases[] = {
	KUNIT_CASE(every_gap_is_filled_where_there_is_plenty),
	KUNIT_CASE(first_gap_is_filled_where_many_are_too_many),
	KUNIT_CASE(nothing_is_filled_where_nothing_is_free),
	KUNIT_CASE(what_is_left_goes_to_the_first_gaps),
	KUNIT_CASE(all_but_what_is_refused_is_freed),
	KUNIT_CASE(pages_go_where_single_ones_go),
	{}
};

static struct kunit_suite bulk_suite = {
	.name = "mirror_bulk",
	.test_cases = bulk_cases,
};

kunit_test_suite(bulk_suite);
