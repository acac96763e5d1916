/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites about bad pages share.
 */
#ifndef _MIRROR_KUNIT_HWPOISON_H
#define _MIRROR_KUNIT_HWPOISON_H

#include "fixture.h"

static inline unsigned long pfn_of(const struct mirror *m, u32 idx)
{
	return mirror_idx_to_pfn(m, idx);
}

static inline int report(struct mirror *m, u32 idx, struct mirror_bad_page *bad)
{
	return mirror_hwpoison(m, pfn_of(m, idx), false, bad);
}

static inline void expect_isolated(struct kunit *test, struct mirror *m, u32 idx)
{
	KUNIT_EXPECT_EQ_MSG(test, mirror_page_state(&m->pages[idx]),
			    MIRROR_PAGE_BAD, "frame %u", idx);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->pages[idx].refs), 0);
}

static inline void isolate(struct kunit *test, struct mirror *m, u32 idx)
{
	struct mirror_bad_page bad;

	KUNIT_ASSERT_EQ(test, report(m, idx, &bad), 0);
	KUNIT_EXPECT_EQ(test, bad.where, MIRROR_BAD_ISOLATED);
	KUNIT_EXPECT_EQ(test, bad.idx, idx);
	expect_isolated(test, m, idx);
}

/* Reports a page of a block that the test holds. */
static inline void mark(struct kunit *test, struct mirror *m, struct mirror_page *head,
			u32 at)
{
	struct mirror_bad_page bad;

	KUNIT_ASSERT_EQ(test, report(m, idx_of(m, head) + at, &bad), 0);
	KUNIT_EXPECT_EQ(test, bad.where, MIRROR_BAD_IN_USE);
	KUNIT_EXPECT_EQ(test, bad.idx, idx_of(m, head) + at);
	KUNIT_EXPECT_EQ(test, bad.head, idx_of(m, head));
	KUNIT_EXPECT_EQ(test, bad.order, mirror_page_order(head));
	KUNIT_EXPECT_EQ(test, bad.owner, head->owner);
	KUNIT_EXPECT_EQ(test, bad.private, head->private);
}

static inline void take_back(struct kunit *test, struct mirror *m, u32 idx)
{
	KUNIT_ASSERT_EQ(test, mirror_unpoison(m, pfn_of(m, idx)), 0);
	KUNIT_EXPECT_NE(test, mirror_page_state(&m->pages[idx]), MIRROR_PAGE_BAD);
}

static inline struct mirror_page *alloc(struct kunit *test, struct mirror *m, u32 gfp,
					unsigned int order)
{
	struct mirror_page *page = mirror_test_alloc(m, gfp, order);

	KUNIT_ASSERT_NOT_NULL(test, page);
	return page;
}

/* All that is free is merged as far as it can be, and is all but @nr_bad pages. */
static inline void expect_rest_free(struct kunit *test, struct mirror *m,
				    unsigned long nr_bad)
{
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed - nr_bad);
	KUNIT_EXPECT_EQ(test, mirror_nr_hwpoison(m), nr_bad);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
}

/* One block of the largest order, which is the whole mirror. */
static inline struct mirror *one_block(struct kunit *test, unsigned int order)
{
	struct mirror *m = mirror_test_flat(test, order, max(order - 1, 1u),
					    1ul << order);

	mirror_test_no_drift(m);
	return m;
}

static inline void expect_one_block(struct kunit *test, struct mirror *m)
{
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->free_area[m->max_order].nr_free, 1);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
}

#endif /* _MIRROR_KUNIT_HWPOISON_H */
