// SPDX-License-Identifier: GPL-2.0
/*
 * Giving back: mistakes are refused and change nothing, references decide when
 * a block goes, and parts of it can go alone.
 */
#include "fixture.h"

static struct mirror *small_mirror(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 250);

	/* One report is enough to see what they look like. */
	m->report_limit.burst = 1;
	return m;
}

static struct mirror_page *alloc(struct kunit *test, struct mirror *m, u32 gfp,
				 unsigned int order)
{
	struct mirror_page *page = mirror_test_alloc(m, gfp, order);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

/* mistakes ----------------------------------------------------------------- */

/* A mirror that must not change from now on. */
struct watch {
	struct kunit *test;
	struct mirror *m;
	struct mirror_page *before;
	unsigned long nr_free;
};

static struct watch watch(struct kunit *test, struct mirror *m)
{
	return (struct watch) { test, m, mirror_test_snapshot(test, m),
				mirror_nr_free(m) };
}

/* Evaluated after the call, whose result @ret is. */
static void refused(const struct watch *w, int ret, int error)
{
	KUNIT_EXPECT_EQ(w->test, ret, error);
	KUNIT_EXPECT_EQ(w->test, mirror_test_changed(w->m, w->before), 0);
	KUNIT_EXPECT_EQ(w->test, mirror_nr_free(w->m), w->nr_free);
	KUNIT_EXPECT_FALSE(w->test, mirror_is_broken(w->m));
}

static void expect_in_service(struct kunit *test, struct mirror *m)
{
	struct mirror_page *page = alloc(test, m, 0, 1);

	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 1), 0);
}

static void double_free_is_refused(struct kunit *test)
{
	static const unsigned int orders[] = { 0, 2, 4, 5, 6 };
	struct mirror *m = small_mirror(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		struct mirror_page *page = alloc(test, m, 0, orders[i]);
		struct watch w;

		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, orders[i]), 0);
		w = watch(test, m);
		refused(&w, mirror_free_pages(m, page, orders[i]), -EINVAL);
		refused(&w, mirror_core_put(m, page), -EINVAL);
		refused(&w, mirror_core_get(m, page), -EINVAL);
	}
	expect_in_service(test, m);
}

static void page_on_a_pcp_list_is_free(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = mirror_test_take(normal_zone(m), 0, MOVABLE);
	struct watch w;

	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_ASSERT_EQ(test, mirror_page_state(page), MIRROR_PAGE_PCP);
	w = watch(test, m);
	refused(&w, mirror_free_pages(m, page, 0), -EINVAL);
	refused(&w, mirror_core_split(m, page, 0), -EINVAL);
}

static void wrong_order_is_refused(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, 0, 3);
	struct watch w = watch(test, m);
	unsigned int order;

	for (order = 0; order < 40; order++)
		if (order != 3)
			refused(&w, mirror_free_pages(m, page, order), -EINVAL);
	refused(&w, mirror_free_pages(m, page, UINT_MAX), -EINVAL);
	refused(&w, mirror_core_split(m, page, 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 3), 0);
}

static void tail_is_no_block(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, 0, 3);
	struct watch w = watch(test, m);

	refused(&w, mirror_free_pages(m, page + 1, 0), -EINVAL);
	refused(&w, mirror_free_pages(m, page + 4, 2), -EINVAL);
	refused(&w, mirror_core_split(m, page + 4, 2), -EINVAL);
}

static void foreign_pointers_are_refused_unread(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, 0, 0), stray = *page;
	const unsigned long first = (unsigned long)m->pages;
	const unsigned long bad[] = {
		0, 1, (unsigned long)&stray, first - sizeof(*page), first + 1,
		first + 8, first + m->nr_desc * sizeof(*page), ULONG_MAX,
		(unsigned long)page + 4,
	};
	struct watch w = watch(test, m);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct mirror_page *no = (struct mirror_page *)bad[i];

		KUNIT_EXPECT_FALSE(test, mirror_page_is_ours(m, no));
		refused(&w, mirror_free_pages(m, no, 0), -ENXIO);
		refused(&w, mirror_core_put(m, no), -ENXIO);
		refused(&w, mirror_core_get(m, no), -ENXIO);
		refused(&w, mirror_core_split(m, no, 0), -ENXIO);
	}
	expect_in_service(test, m);
}

static void other_mirrors_page_is_foreign(struct kunit *test)
{
	struct mirror *m = small_mirror(test), *other = small_mirror(test);
	struct mirror_page *page = alloc(test, other, 0, 0);
	struct watch w = watch(test, m);

	refused(&w, mirror_free_pages(m, page, 0), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(other, page, 0), 0);
}

static void hole_cannot_be_freed(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *hole = &m->pages[250];
	struct watch w = watch(test, m);

	KUNIT_ASSERT_EQ(test, mirror_page_state(hole), MIRROR_PAGE_HOLE);
	refused(&w, mirror_free_pages(m, hole, 0), -EINVAL);
	refused(&w, mirror_core_put(m, hole), -EINVAL);
	refused(&w, mirror_core_get(m, hole), -EINVAL);
}

static void mirror_out_of_service_does_nothing(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, 0, 1), *before;
	struct mirror_page *pages[4] = {};
	struct mirror_alloc_context ac;

	before = mirror_test_snapshot(test, m);
	KUNIT_EXPECT_TRUE(test, mirror_take_out(m));
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 1), -EIO);
	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), -EIO);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), -EIO);
	KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 1), -EIO);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EIO);
	KUNIT_EXPECT_NULL(test, mirror_test_alloc(m, 0, 0));
	mirror_prepare_alloc(m, 0, 0, 0, &ac);
	KUNIT_EXPECT_EQ(test, mirror_alloc_fast_bulk(m, 0, 4, pages, &ac), 0);
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
	mirror_test_mend(m);
}

static void array_is_freed_but_for_what_is_refused(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	unsigned long before = mirror_nr_free(m);
	struct mirror_page *pages[6] = {};
	unsigned int i;

	for (i = 0; i < 6; i += 2)
		pages[i] = alloc(test, m, 0, 0);
	pages[5] = pages[0];
	KUNIT_EXPECT_EQ(test, mirror_core_free_bulk(m, 6, pages), 3);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_NULL(test, pages[i]);
	KUNIT_EXPECT_NOT_NULL(test, pages[5]);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), before);

	pages[0] = alloc(test, m, __MIRROR_GFP_COMP, 1);
	pages[1] = alloc(test, m, 0, 0);
	KUNIT_EXPECT_EQ(test, mirror_core_get(m, pages[1]), 0);
	pages[2] = pages[1];
	/* The first one is no single page; the other goes with its last reference. */
	KUNIT_EXPECT_EQ(test, mirror_core_free_bulk(m, 3, pages), 2);
	KUNIT_EXPECT_NOT_NULL(test, pages[0]);
	KUNIT_EXPECT_NULL(test, pages[1]);
	KUNIT_EXPECT_NULL(test, pages[2]);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, pages[0], 1), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), before);
}

/* references --------------------------------------------------------------- */

static void last_put_frees_the_block(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, __MIRROR_GFP_COMP, 4);

	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page + 15), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&page->refs), 3);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page + 7), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 250 - 16);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 250);
}

static void compound_block_outlives_its_free(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, __MIRROR_GFP_COMP, 4);

	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 4), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 250 - 16);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), 4);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 250);
}

static void other_block_loses_all_but_its_first_page(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, 0, 4);
	u32 idx = idx_of(m, page);

	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 4), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 250 - 1);
	KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_USED);
	KUNIT_EXPECT_EQ(test, mirror_page_order(page), 0);
	KUNIT_EXPECT_EQ(test, mirror_refs_held(atomic_read(&page->refs)), 1);
	mirror_drain_all(m);
	KUNIT_EXPECT_PTR_EQ(test, mirror_page_head(m, &m->pages[idx + 9]),
			    &m->pages[idx + 8]);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 250);
}

static void tails_are_freed_from_the_largest(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page = mirror_test_take(zone, 4, MOVABLE);
	struct mirror_pcp *pcp = this_pcp(zone);

	KUNIT_ASSERT_PTR_EQ(test, page, &m->pages[224]);
	pcp->high_min = 100;
	pcp->high_max = 100;
	pcp->batch = 50;
	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 4), 0);
	/* The single page came last: no run of high orders any more. */
	KUNIT_EXPECT_FALSE(test, pcp->flags & MIRROR_PCPF_PREV_FREE_HIGH_ORDER);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 3), 232);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 2), 228);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 1), 226);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 0), 225);
}

/* Each part by the type of its own first pageblock, here of 4 pages. */
static void tails_go_where_their_pageblocks_belong(struct kunit *test)
{
	static const struct { u32 first, end; int mt; } types[] = {
		{ 0, 4, UNMOVABLE }, { 4, 8, RECLAIMABLE }, { 8, 16, MOVABLE },
		{ 16, 32, RECLAIMABLE }, { 32, 64, UNMOVABLE },
	};
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 6, 2, 256));
	struct mirror_page *page = mirror_test_take(zone, 6, MOVABLE);
	struct mirror_pcp *pcp = this_pcp(zone);
	u32 idx = idx_of(zone->m, page), at;
	unsigned int i;

	pcp->high_min = 100;
	pcp->high_max = 100;
	pcp->batch = 50;
	for (i = 0; i < ARRAY_SIZE(types); i++)
		for (at = types[i].first; at < types[i].end; at += 4)
			mirror_set_pageblock_type(zone->m, idx + at, types[i].mt);
	KUNIT_EXPECT_EQ(test, mirror_core_get(zone->m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(zone->m, page, 6), 0);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(UNMOVABLE, 0), idx + 1);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(UNMOVABLE, 1), idx + 2);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(RECLAIMABLE, 2), idx + 4);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(MOVABLE, 3), idx + 8);
	EXPECT_FREE_LIST(test, zone, 4, RECLAIMABLE, idx + 16);
	EXPECT_FREE_LIST(test, zone, 5, UNMOVABLE, idx + 32);
	/* The last reference goes, and the page the same way. */
	KUNIT_EXPECT_EQ(test, mirror_core_put(zone->m, page), 0);
	EXPECT_PCP_LIST(test, zone, pcp, mirror_pcp_index(UNMOVABLE, 0), idx, idx + 1);
}

/* Its last reference has just gone: somebody else is freeing it. */
static void block_without_references_is_refused(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	unsigned int order;

	for (order = 0; order < 3; order++) {
		struct mirror_page *page = alloc(test, m, 0, order);
		struct watch w;

		atomic_set(&page->refs, 0);
		w = watch(test, m);
		refused(&w, mirror_free_pages(m, page, order), -EINVAL);
		refused(&w, mirror_core_put(m, page), -EINVAL);
		refused(&w, mirror_core_get(m, page), -EINVAL);
		refused(&w, mirror_core_split(m, page, order), -EINVAL);
		/* With the mark of a bad page it is none either. */
		atomic_set(&page->refs, MIRROR_REFS_BAD);
		w = watch(test, m);
		refused(&w, mirror_core_split(m, page, order), -EINVAL);
		atomic_set(&page->refs, 1);
	}
}

/* split -------------------------------------------------------------------- */

static void split_makes_single_pages(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, 0, 4);
	unsigned int i;

	page->owner = 77;
	page->private = 5;
	KUNIT_EXPECT_EQ(test, mirror_core_split(m, page, 4), 0);
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_EQ(test, page[i].owner, 77);
		KUNIT_EXPECT_EQ(test, page[i].private, 5);
		KUNIT_EXPECT_EQ(test, atomic_read(&page[i].refs), 1);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, &page[i], 0), 0);
	}
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 250);
}

static void block_that_is_compound_is_not_split(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page *page = alloc(test, m, 0, 2);
	struct mirror_page *compound = alloc(test, m, __MIRROR_GFP_COMP, 2);
	struct watch w = watch(test, m);

	refused(&w, mirror_core_split(m, compound, 2), -EINVAL);
	refused(&w, mirror_core_split(m, page + 1, 0), -EINVAL);
	refused(&w, mirror_core_split(m, compound, 1), -EINVAL);
	/* Free, with a reference that somebody is just trying to get. */
	page = mirror_page_head(m, &m->pages[200]);
	KUNIT_ASSERT_EQ(test, mirror_page_state(page), MIRROR_PAGE_BUDDY);
	atomic_set(&page->refs, 1);
	w = watch(test, m);
	refused(&w, mirror_core_split(m, page, mirror_page_order(page)), -EINVAL);
	refused(&w, mirror_core_put(m, page), -EINVAL);
	refused(&w, mirror_core_get(m, page), -EINVAL);
	atomic_set(&page->refs, 0);
}

static struct kunit_case free_cases[] = {
	KUNIT_CASE(double_free_is_refused),
	KUNIT_CASE(page_on_a_pcp_list_is_free),
	KUNIT_CASE(wrong_order_is_refused),
	KUNIT_CASE(tail_is_no_block),
	KUNIT_CASE(foreign_pointers_are_refused_unread),
	KUNIT_CASE(other_mirrors_page_is_foreign),
	KUNIT_CASE(hole_cannot_be_freed),
	KUNIT_CASE(mirror_out_of_service_does_nothing),
	KUNIT_CASE(array_is_freed_but_for_what_is_refused),
	KUNIT_CASE(last_put_frees_the_block),
	KUNIT_CASE(compound_block_outlives_its_free),
	KUNIT_CASE(other_block_loses_all_but_its_first_page),
	KUNIT_CASE(tails_are_freed_from_the_largest),
	KUNIT_CASE(tails_go_where_their_pageblocks_belong),
	KUNIT_CASE(block_without_references_is_refused),
	KUNIT_CASE(split_makes_single_pages),
	KUNIT_CASE(block_that_is_compound_is_not_split),
	{}
};

static struct kunit_suite free_suite = {
	.name = "mirror_free",
	.test_cases = free_cases,
};

kunit_test_suite(free_suite);
