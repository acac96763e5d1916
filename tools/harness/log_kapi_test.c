// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says of mistakes with the calls for other modules, and how often.
 */
#include <linux/mirror_mm.h>
#include "../../kunit/fixture.h"
#include "harness.h"

static char text[4096];

static void stop_catching(void *unused)
{
	harness_catch_log(NULL, 0);
}

/* 64 pages: 0 to 3 are in use as one block. The log is caught from here on. */
static struct mirror *make(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);

	KUNIT_ASSERT_PTR_EQ(test, mirror_test_take(normal_zone(m), 2, MOVABLE), m->pages);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_catching, NULL), 0);
	memset(text, 0, sizeof(text));
	harness_catch_log(text, sizeof(text));
	return m;
}

static void expect_lines(struct kunit *test, const char *words, unsigned int want)
{
	const char *at = text;
	unsigned int nr = 0;

	while ((at = strstr(at, words))) {
		at += strlen(words);
		nr++;
	}
	KUNIT_EXPECT_EQ_MSG(test, nr, want, "%s, in\n%s", words, text);
}

/* What put_page() of the reference loses without a word. */
static void lost_pages_are_named(struct kunit *test)
{
	struct mirror *m = make(test);

	KUNIT_EXPECT_EQ(test, mirror_core_put(m, &m->pages[0]), 0);
	expect_lines(test, "put of pfn 0x40000 freed that page alone: its block of order 2 ", 1);
	expect_lines(test, "(stack)", 1);
	m->report_limit.burst = 0;
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, mirror_test_take(normal_zone(m), 1, MOVABLE)), 0);
	expect_lines(test, "freed that page alone", 1);
}

/* Exact pages and fragments: one line each, and none beyond the limit. */
static void refused_portions_are_named(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_page_frag_cache cache;
	struct mirror_page *page;

	m->report_limit.burst = 8;
	mirror_page_frag_cache_init(&cache, m);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, &m->pages[0], 0), -EINVAL);
	expect_lines(test, "free of exact pages refused: 0 bytes", 1);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, &m->pages[0], PAGE_SIZE), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, &m->pages[1], 2 * PAGE_SIZE), -EINVAL);
	expect_lines(test, "free of exact pages of pfn 0x40000, order 0, refused", 1);
	expect_lines(test, "free of exact pages of pfn 0x40001, order 1, refused", 1);
	page = mirror_alloc_pages_exact(m, 1, MIRROR_GFP_NOWAIT | __MIRROR_GFP_COMP, 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	expect_lines(test, "exact pages cannot be compound", 1);
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 0, MIRROR_GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc_align(&cache, 1, MIRROR_GFP_NOWAIT, 5));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 1, __MIRROR_GFP_HIGHMEM));
	expect_lines(test, "page fragment refused: ", 3);
	KUNIT_EXPECT_FALSE(test, mirror_core_sub_refs(m, page, 2));
	expect_lines(test, "put of more references than there are of pfn ", 1);
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 0, MIRROR_GFP_NOWAIT));
	KUNIT_EXPECT_EQ(test, mirror_free_pages_exact(m, page, 0), -EINVAL);
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages_exact(m, 1, MIRROR_GFP_NOWAIT |
							     __MIRROR_GFP_COMP, 0));
	expect_lines(test, "page fragment refused: ", 3);
	expect_lines(test, "0 bytes", 2);
	expect_lines(test, "cannot be compound", 1);
}

/* Memory without addresses is worth a line; that none is free is told by the request. */
static void block_without_address_is_named(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_page_frag_cache cache;
	struct mirror_page **pages;

	mirror_page_frag_cache_init(&cache, m);
	harness_set_content_error(-EIO);
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 1, MIRROR_GFP_NOWAIT));
	harness_set_content_error(0);
	expect_lines(test, "page fragment refused: the mirror's memory has no address", 1);
	mirror_drain_all(m);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), 60);
	mirror_test_take_all(test, normal_zone(m), &pages);
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 1, MIRROR_GFP_NOWAIT));
	expect_lines(test, "refused", 1);
}

static struct kunit_case log_kapi_cases[] = {
	KUNIT_CASE(lost_pages_are_named),
	KUNIT_CASE(refused_portions_are_named),
	KUNIT_CASE(block_without_address_is_named),
	{}
};

static struct kunit_suite log_kapi_suite = {
	.name = "mirror_log_kapi",
	.test_cases = log_kapi_cases,
};

kunit_test_suite(log_kapi_suite);
