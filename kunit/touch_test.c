// SPDX-License-Identifier: GPL-2.0
/*
 * How many descriptors an operation writes. It may grow with the number of
 * levels that a block is split or merged over, never with its pages.
 */
#include "fixture.h"

#define MAX_ORDER	10
/* The block and a neighbour on its list; two where a list gives and takes. */
#define SAME_ORDER	3

static const unsigned int orders[] = { 0, 1, 4, 5, 8, 9, 10 };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order %u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static struct mirror *large_mirror(struct kunit *test)
{
	return mirror_test_flat(test, MAX_ORDER, 9, 1 << 14);
}

static unsigned int alloc_touches(struct kunit *test, struct mirror *m,
				  unsigned int order, struct mirror_page **page)
{
	struct mirror_page *before = mirror_test_snapshot(test, m);

	*page = mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, order);
	KUNIT_ASSERT_NOT_NULL(test, *page);
	return mirror_test_changed(m, before);
}

static unsigned int free_touches(struct kunit *test, struct mirror *m,
				 unsigned int order, struct mirror_page *page)
{
	struct mirror_page *before = mirror_test_snapshot(test, m);

	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, order), 0);
	return mirror_test_changed(m, before);
}

/* Blocks of this order are free on the list it uses, with used buddies. */
static void same_order_touches_a_constant(struct kunit *test)
{
	unsigned int order = *(const unsigned int *)test->param_value, i;
	struct mirror *m = large_mirror(test);
	struct mirror_page *page[8];

	for (i = 0; i < 8; i++)
		page[i] = mirror_test_take(normal_zone(m), order, MOVABLE);
	for (i = 0; i < 8; i += 2)
		mirror_test_give(normal_zone(m), page[i]);
	for (i = 0; i < 4; i++) {
		unsigned int touched;

		touched = alloc_touches(test, m, order, &page[2 * i]);
		if (mirror_pcp_count(m) == 0)
			KUNIT_EXPECT_LE(test, touched, SAME_ORDER);
		KUNIT_EXPECT_LE(test, free_touches(test, m, order, page[2 * i]),
				SAME_ORDER);
	}
}

static void split_and_merge_touch_two_a_level(struct kunit *test)
{
	unsigned int order = *(const unsigned int *)test->param_value;
	unsigned int bound = SAME_ORDER + 2 * (MAX_ORDER - order);
	struct mirror *m = large_mirror(test);
	struct mirror_page *page, *before = mirror_test_snapshot(test, m);

	page = mirror_test_take(normal_zone(m), order, MOVABLE);
	KUNIT_EXPECT_LE(test, mirror_test_changed(m, before), bound);
	before = mirror_test_snapshot(test, m);
	mirror_test_give(normal_zone(m), page);
	KUNIT_EXPECT_LE(test, mirror_test_changed(m, before), bound);
}

static void references_touch_the_head_only(struct kunit *test)
{
	unsigned int order = *(const unsigned int *)test->param_value;
	struct mirror *m = large_mirror(test);
	struct mirror_page *page, *before;

	page = mirror_test_alloc(m, __MIRROR_GFP_COMP, order);
	before = mirror_test_snapshot(test, m);
	KUNIT_EXPECT_EQ(test, mirror_core_get(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 1);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_test_changed(m, before), 0);
}

static struct kunit_case touch_cases[] = {
	KUNIT_CASE_PARAM(same_order_touches_a_constant, order_gen_params),
	KUNIT_CASE_PARAM(split_and_merge_touch_two_a_level, order_gen_params),
	KUNIT_CASE_PARAM(references_touch_the_head_only, order_gen_params),
	{}
};

static struct kunit_suite touch_suite = {
	.name = "mirror_touch",
	.test_cases = touch_cases,
};

kunit_test_suite(touch_suite);
