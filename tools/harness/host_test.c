// SPDX-License-Identifier: GPL-2.0
/*
 * What only a host that is a process can tell or do: how much memory the core asked
 * for, and content that cannot be cleared.
 */
#include <linux/mirror_mm.h>
#include "../../kunit/fixture.h"
#include "harness.h"

/* memory -------------------------------------------------------------------------- */

struct shape {
	const char *name;
	unsigned int nr_ranges;
	struct mirror_range range[4];
	unsigned int nr_nodes;
	unsigned int max_order;
	unsigned int section_order;
};

#define R(first, last, nid)	{ TEST_PFN + (first), TEST_PFN + (last), nid }

static const struct shape shapes[] = {
	{ "one range", 1, { R(0, 4096, 0) }, 1, 10, 15 },
	{ "one range, not aligned", 1, { R(77, 4097, 0) }, 1, 6, 15 },
	{ "one page", 1, { R(5, 6, 0) }, 1, 10, 15 },
	{ "three ranges that touch", 3, { R(0, 100, 0), R(100, 700, 0), R(700, 4096, 0) },
	  1, 5, 15 },
	{ "four nodes", 4, { R(0, 1024, 0), R(1024, 2048, 1), R(2048, 3072, 2),
			     R(3072, 4096, 3) }, 4, 10, 15 },
	{ "nodes without memory", 1, { R(0, 1024, 1) }, 5, 10, 15 },
	{ "far apart", 3, { R(0, 256, 0), R(1 << 20, (1 << 20) + 300, 0),
			    R(1 << 24, (1 << 24) + 1, 0) }, 1, 5, 8 },
	{ "far apart, whole sections", 2, { R(0, 1024, 0), R(1 << 28, (1 << 28) + 1024, 1) },
	  2, 10, 10 },
	{ "a hole", 2, { R(0, 1000, 0), R(2000, 4000, 0) }, 1, 5, 10 },
};

KUNIT_ARRAY_PARAM_DESC(shape, shapes, name);

static struct mirror *make(struct kunit *test, const struct shape *s)
{
	struct mirror_config conf;

	mirror_test_config(&conf, s->max_order, s->max_order - 1);
	conf.ranges = s->range;
	conf.nr_ranges = s->nr_ranges;
	conf.nr_nodes = s->nr_nodes;
	conf.section_order = s->section_order;
	return mirror_test_create(test, &conf);
}

/* To the byte; a reset takes nothing. */
static void costs_are_what_the_host_was_asked_for(struct kunit *test)
{
	unsigned long long before = harness_requested();
	struct mirror *m = make(test, test->param_value);
	struct mirror_zone *zone;
	unsigned int i, zones = 0;

	KUNIT_EXPECT_EQ(test, m->metadata_bytes, harness_requested() - before);
	mirror_for_each_populated_zone(m, zone, i)
		zones++;
	KUNIT_EXPECT_EQ(test, m->cost[MIRROR_COST_PERCPU], harness_nr_cpus *
			(zones * (sizeof(struct mirror_pcp) + sizeof(struct mirror_zonestat)) +
			 m->nr_nodes * sizeof(struct mirror_nodestat)));
	before = harness_requested();
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, harness_requested(), before);
}

/* content ------------------------------------------------------------------------- */

#define ZERO	__MIRROR_GFP_ZERO

static void stop_errors(void *unused)
{
	harness_set_content_error(0);
}

static struct mirror *uncleared(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_errors, NULL), 0);
	harness_set_content_error(-EIO);
	return m;
}

/* It goes back, and who did not ask for zeros gets it. */
static void block_that_cannot_be_cleared_is_not_handed_out(struct kunit *test)
{
	struct mirror *m = uncleared(test);
	struct mirror_page *page;
	unsigned int order;

	for (order = 0; order <= 6; order++) {
		KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_NOWAIT | ZERO, order, 0));
		KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL | ZERO, order, 0));
		KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
		page = mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, order, 0);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_FALSE(test, page->flags & MIRROR_PF_ZERO);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, order), 0);
	}
}

/* A new page goes, one that the caller had before stays. */
static void array_without_what_could_not_be_cleared(struct kunit *test)
{
	struct mirror *m = uncleared(test);
	struct mirror_page *held = mirror_alloc_pages(m, MIRROR_GFP_NOWAIT, 0, 0);
	struct mirror_page *pages[6] = { held, NULL, NULL, held, NULL, held };

	KUNIT_EXPECT_EQ(test, 1, mirror_alloc_pages_bulk(m, MIRROR_GFP_NOWAIT | ZERO, 0, 6,
							 pages));
	KUNIT_EXPECT_PTR_EQ(test, pages[0], held);
	KUNIT_EXPECT_NULL(test, pages[1]);
	KUNIT_EXPECT_NULL(test, pages[2]);
	KUNIT_EXPECT_PTR_EQ(test, pages[3], held);
	KUNIT_EXPECT_NULL(test, pages[4]);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed - 1);
	KUNIT_EXPECT_EQ(test, 6, mirror_alloc_pages_bulk(m, MIRROR_GFP_NOWAIT, 0, 6, pages));
}

/* Nor a page that was to be, nor a fragment whose block has no address. */
static void pages_for_modules_go_back(struct kunit *test)
{
	struct mirror *m = uncleared(test);
	struct mirror_page_frag_cache cache;

	KUNIT_EXPECT_NULL(test, mirror_get_zeroed_page(m, MIRROR_GFP_NOWAIT, 0));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages_exact(m, 3 * PAGE_SIZE,
							 MIRROR_GFP_NOWAIT | ZERO, 0));
	mirror_page_frag_cache_init(&cache, m);
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 8, MIRROR_GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test, cache.page);
	KUNIT_EXPECT_NULL(test, cache.va);
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(m), m->managed);
}

/* The mark of what is to be cleared is gone with the clearing. */
static void cleared_block_is_handed_out_without_the_mark(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page;
	unsigned int order;

	for (order = 0; order <= 6; order++) {
		page = mirror_alloc_pages(m, MIRROR_GFP_KERNEL | ZERO | __MIRROR_GFP_COMP,
					  order, 0);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, page->flags & ~MIRROR_PF_ZONE,
				mirror_head_flags(MIRROR_PAGE_USED, order) |
				(order ? MIRROR_PF_COMPOUND : 0));
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, order), 0);
	}
}

static struct kunit_case host_cases[] = {
	KUNIT_CASE_PARAM(costs_are_what_the_host_was_asked_for, shape_gen_params),
	KUNIT_CASE(block_that_cannot_be_cleared_is_not_handed_out),
	KUNIT_CASE(array_without_what_could_not_be_cleared),
	KUNIT_CASE(pages_for_modules_go_back),
	KUNIT_CASE(cleared_block_is_handed_out_without_the_mark),
	{}
};

static struct kunit_suite host_suite = {
	.name = "mirror_host",
	.test_cases = host_cases,
};

kunit_test_suite(host_suite);
