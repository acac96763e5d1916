// SPDX-License-Identifier: GPL-2.0
/*
 * Bad pages: several in one block, what the list of them holds, and where a page goes
 * whose report is taken back.
 */
#include "hwpoison.h"

struct pair {
	u32 a, b;
};

static const struct pair pairs[] = {
	{ 0, 1 }, { 0, 15 }, { 1, 2 }, { 3, 9 }, { 6, 7 }, { 7, 8 }, { 14, 15 },
};

static struct mirror_page *with_two_bad(struct kunit *test, struct mirror *m,
					const struct pair *p)
{
	struct mirror_page *page = alloc(test, m, 0, 4);

	page->owner = 7;
	page->private = 8;
	mark(test, m, page, p->b);
	mark(test, m, page, p->a);
	return page;
}

static void split_block_has_both_marks(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	struct mirror_page *front = alloc(test, m, 0, 4);
	unsigned int n;
	u32 i;

	for (n = 0; n < ARRAY_SIZE(pairs); n++) {
		const struct pair *p = &pairs[n];
		struct mirror_page *page = with_two_bad(test, m, p);

		KUNIT_ASSERT_PTR_EQ(test, page, front + 16);

		KUNIT_ASSERT_EQ(test, mirror_core_split(m, page, 4), 0);
		for (i = 0; i < 16; i++) {
			KUNIT_EXPECT_EQ_MSG(test, atomic_read(&page[i].refs),
					    i == p->a || i == p->b ? 1 + MIRROR_REFS_BAD : 1,
					    "pair %u, page %u", n, i);
			KUNIT_EXPECT_EQ(test, mirror_page_order(page + i), 0);
			KUNIT_EXPECT_EQ(test, page[i].private, 8);
			KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page + i, 0), 0);
		}
		KUNIT_EXPECT_EQ(test, atomic_read(&front->refs), 1);
		mirror_drain_all(m);
		KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed - 16 - 2);
		take_back(test, m, idx_of(m, page) + p->a);
		take_back(test, m, idx_of(m, page) + p->b);
		KUNIT_EXPECT_EQ(test, list_len(normal_zone(m), 4, UNMOVABLE) +
				list_len(normal_zone(m), 4, MOVABLE), 1);
	}
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, front, 4), 0);
	expect_one_block(test, m);
}

static void freed_block_leaves_both_out(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(pairs); n++) {
		const struct pair *p = &pairs[n];
		struct mirror_page *page = with_two_bad(test, m, p);
		unsigned long freed = mirror_events(m, MIRROR_PGFREE);

		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 4), 0);
		KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE) - freed, 14);
		expect_isolated(test, m, idx_of(m, page) + p->a);
		expect_isolated(test, m, idx_of(m, page) + p->b);
		expect_rest_free(test, m, 2);
		take_back(test, m, idx_of(m, page) + p->b);
		take_back(test, m, idx_of(m, page) + p->a);
		expect_one_block(test, m);
	}
}

/* Of 16 pages with frame 3 bad come 2, 1, 4 and 8 pages, each as one block. */
static void good_parts_are_freed_as_blocks(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	struct mirror_page *page = alloc(test, m, 0, 4);
	struct mirror_zonestat *stat = per_cpu_ptr(normal_zone(m)->stat,
						   raw_smp_processor_id());

	mirror_drain_all(m);
	mark(test, m, page, 3);
	mirror_fold_cpu(m, raw_smp_processor_id());
	/* 7 pages are more than it holds back, and so are the next 8. */
	stat->threshold = 6;
	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 4), 0);
	KUNIT_EXPECT_EQ(test, stat->diff[MIRROR_NR_FREE_PAGES], 0);
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), 63);
}

/* Somebody else holds the first page: it stays, with its mark if it is the bad one. */
static void first_page_of_a_shared_block_stays(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(pairs); n++) {
		const struct pair *p = &pairs[n];
		struct mirror_page *page = with_two_bad(test, m, p);

		KUNIT_ASSERT_EQ(test, mirror_core_get(m, page), 0);
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 4), 0);
		KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_USED);
		KUNIT_EXPECT_EQ(test, mirror_page_order(page), 0);
		KUNIT_EXPECT_EQ(test, mirror_refs_held(atomic_read(&page->refs)), 1);
		KUNIT_EXPECT_EQ(test, mirror_page_state(page + p->b), MIRROR_PAGE_BAD);
		KUNIT_EXPECT_EQ(test, mirror_page_state(page + p->a) == MIRROR_PAGE_BAD, p->a > 0);
		KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
		expect_rest_free(test, m, 2);
		take_back(test, m, idx_of(m, page) + p->a);
		take_back(test, m, idx_of(m, page) + p->b);
		expect_one_block(test, m);
	}
}

/* the list -------------------------------------------------------------------------- */

static void page_is_bad_or_not(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	u32 i;

	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_FALSE(test, mirror_page_is_bad(m, &m->pages[i]));
	isolate(test, m, 12);
	isolate(test, m, 5);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_EQ(test, mirror_page_is_bad(m, &m->pages[i]), i == 5 || i == 12);
}

/* Each from where the last one was, and nothing is told where there is none. */
static void walk_finds_each_bad_page(struct kunit *test)
{
	static const u32 bad_pages[] = { 0, 5, 6, 15 };
	struct mirror_bad_page bad = { .idx = 99, .head = 98 };
	struct mirror *m = one_block(test, 4);
	u32 from, i;

	KUNIT_EXPECT_FALSE(test, mirror_next_bad_page(m, 0, &bad));
	KUNIT_EXPECT_EQ(test, bad.idx, 99);
	for (i = ARRAY_SIZE(bad_pages); i--;)
		isolate(test, m, bad_pages[i]);
	for (from = 0, i = 0; from < 16; from++) {
		KUNIT_EXPECT_TRUE(test, mirror_next_bad_page(m, from, &bad));
		KUNIT_EXPECT_EQ(test, bad.idx, bad_pages[i]);
		KUNIT_EXPECT_EQ(test, bad.where, MIRROR_BAD_ISOLATED);
		i += from == bad_pages[i];
	}
	bad.idx = 99;
	KUNIT_EXPECT_FALSE(test, mirror_next_bad_page(m, 16, &bad));
	KUNIT_EXPECT_EQ(test, bad.idx, 99);
}

/* Twice as long when it is full; all that it takes is accounted for. */
static void list_grows_and_keeps_its_order(struct kunit *test)
{
	struct mirror *m = one_block(test, 6);
	size_t cost = m->cost[MIRROR_COST_NODES], all = m->metadata_bytes;
	u32 i;

	for (i = 0; i < 33; i++) {
		isolate(test, m, i * 29 % 64);
		KUNIT_EXPECT_EQ(test, m->bad.size, i < 16 ? 16 : i < 32 ? 32 : 64);
		KUNIT_EXPECT_EQ(test, m->bad.reports, i + 1);
		KUNIT_EXPECT_EQ(test, m->bad.moving, MIRROR_NIL);
		KUNIT_EXPECT_EQ(test, m->cost[MIRROR_COST_NODES] - cost,
				m->bad.size * sizeof(*m->bad.idx));
		KUNIT_EXPECT_EQ(test, m->metadata_bytes - all, m->bad.size * sizeof(*m->bad.idx));
	}
	for (i = 1; i < m->bad.nr; i++)
		KUNIT_EXPECT_LT(test, m->bad.idx[i - 1], m->bad.idx[i]);
	for (i = 0; i < 33; i++) {
		take_back(test, m, i * 29 % 64);
		KUNIT_EXPECT_EQ(test, m->bad.nr, 32 - i);
	}
	KUNIT_EXPECT_EQ(test, m->bad.size, 64);
	expect_one_block(test, m);
}

/* taking a report back ---------------------------------------------------------------- */

/* As a page that is freed: in front of its list, which it leaves where it merges. */
static void page_comes_back_in_front(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int i;

	mirror_test_no_drift(m);
	isolate(test, m, 20);
	for (i = 0; i < 16; i++)
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_take(zone, 0, MOVABLE));
	/* In use: 21, 22, 23, 16 to 19, 24 to 31 and 0. */
	KUNIT_ASSERT_EQ(test, mirror_page_state(&m->pages[21]), MIRROR_PAGE_USED);
	mirror_test_give(zone, &m->pages[17]);
	mirror_test_give(zone, &m->pages[26]);
	take_back(test, m, 20);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 20, 26, 17, 1);
	KUNIT_EXPECT_EQ(test, m->bad.reports, 1);
	KUNIT_EXPECT_EQ(test, m->bad.moving, MIRROR_NIL);
	mirror_test_give(zone, &m->pages[21]);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 26, 17, 1);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, 20, 2);
	mirror_test_free_all(test, m);
}

static void page_in_use_or_not_reported_stays(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_page *page = alloc(test, m, 0, 2);
	u32 idx = idx_of(m, page);

	mark(test, m, page, 1);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, pfn_of(m, idx + 1)), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, pfn_of(m, idx)), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, pfn_of(m, idx + 2)), -EBUSY);
	KUNIT_EXPECT_EQ(test, m->bad.nr, 1);
	KUNIT_EXPECT_EQ(test, m->bad.moving, MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, atomic_read(&page->refs), 1 + MIRROR_REFS_BAD);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 2), 0);
	take_back(test, m, idx + 1);
	expect_one_block(test, m);
}

/* From one report of the hardware on, whatever came before or after. */
static void real_error_is_for_ever(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	struct mirror_bad_page bad;

	isolate(test, m, 3);
	KUNIT_EXPECT_FALSE(test, m->bad.by_hardware);
	KUNIT_EXPECT_EQ(test, mirror_hwpoison(m, pfn_of(m, 5), true, &bad), 0);
	isolate(test, m, 7);
	KUNIT_EXPECT_TRUE(test, m->bad.by_hardware);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, pfn_of(m, 3)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, mirror_unpoison(m, pfn_of(m, 7)), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, mirror_hwpoison(m, pfn_of(m, 5), false, &bad), -EHWPOISON);
	KUNIT_EXPECT_EQ(test, bad.idx, 5);
	KUNIT_EXPECT_EQ(test, m->bad.nr, 3);
	KUNIT_EXPECT_EQ(test, m->bad.reports, 3);
}

/* A stray write: there is no such zone, or it has no pages. */
static void page_of_no_zone_is_not_touched(struct kunit *test)
{
	struct mirror *m = one_block(test, 4);
	u32 flags = m->pages[5].flags;
	struct mirror_bad_page bad;

	m->pages[5].flags |= MIRROR_PF_ZONE;
	KUNIT_EXPECT_EQ(test, report(m, 5, &bad), -EIO);
	m->pages[5].flags = flags + (1 << MIRROR_PF_ZONE_SHIFT);
	KUNIT_EXPECT_EQ(test, report(m, 5, &bad), -EIO);
	m->pages[5].flags = flags;
	KUNIT_EXPECT_EQ(test, m->bad.nr, 0);
	KUNIT_EXPECT_EQ(test, m->bad.reports, 0);
}

static struct kunit_case hwpoison_edge_cases[] = {
	KUNIT_CASE(split_block_has_both_marks),
	KUNIT_CASE(freed_block_leaves_both_out),
	KUNIT_CASE(good_parts_are_freed_as_blocks),
	KUNIT_CASE(first_page_of_a_shared_block_stays),
	KUNIT_CASE(page_is_bad_or_not),
	KUNIT_CASE(walk_finds_each_bad_page),
	KUNIT_CASE(list_grows_and_keeps_its_order),
	KUNIT_CASE(page_comes_back_in_front),
	KUNIT_CASE(page_in_use_or_not_reported_stays),
	KUNIT_CASE(page_of_no_zone_is_not_touched),
	KUNIT_CASE(real_error_is_for_ever),
	{}
};

static struct kunit_suite hwpoison_edge_suite = {
	.name = "mirror_hwpoison_edge",
	.test_cases = hwpoison_edge_cases,
};

kunit_test_suite(hwpoison_edge_suite);
