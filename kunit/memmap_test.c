// SPDX-License-Identifier: GPL-2.0
/*
 * From page frame numbers to descriptors and back, with holes of every kind, and
 * from any page of a block to its head.
 */
#include "fixture.h"

#define SECTION_ORDER	8
#define SECTION		256ul

struct layout {
	const char *name;
	unsigned int nr_ranges;
	unsigned long range[4][2];	/* [first, end) from TEST_PFN */
	unsigned int slots;		/* sections that hold a page; 1 for one range */
};

/* Blocks of up to 32 pages, sections of 256: TEST_PFN begins one. */
static const struct layout layouts[] = {
	{ "one page", 1, { { 0, 1 } }, 1 },
	{ "one page in the middle of a block", 1, { { 77, 78 } }, 1 },
	{ "one range over sections", 1, { { 200, 1000 } }, 1 },
	{ "two ranges that touch", 2, { { 0, 100 }, { 100, 256 } }, 1 },
	{ "hole of one page", 2, { { 0, 100 }, { 101, 256 } }, 1 },
	{ "hole to a section's end", 2, { { 0, 100 }, { 256, 512 } }, 2 },
	{ "hole over a section's border", 2, { { 0, 250 }, { 260, 512 } }, 2 },
	{ "absent section", 2, { { 0, 256 }, { 512, 768 } }, 2 },
	{ "many absent sections", 2, { { 10, 20 }, { 10000, 10300 } }, 3 },
	{ "first pages of sections", 4,
	  { { 0, 1 }, { 256, 257 }, { 512, 513 }, { 768, 769 } }, 4 },
	{ "last pages of sections", 4,
	  { { 255, 256 }, { 511, 512 }, { 1023, 1024 }, { 1279, 1280 } }, 4 },
	{ "every second page", 4, { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } }, 1 },
};

KUNIT_ARRAY_PARAM_DESC(layout, layouts, name);

static struct mirror *make(struct kunit *test, const struct layout *l)
{
	struct mirror_range ranges[4];
	struct mirror_config conf;
	unsigned int i;

	for (i = 0; i < l->nr_ranges; i++)
		ranges[i] = (struct mirror_range){ TEST_PFN + l->range[i][0],
						   TEST_PFN + l->range[i][1], 0 };
	mirror_test_config(&conf, 5, 4);
	conf.section_order = SECTION_ORDER;
	conf.ranges = ranges;
	conf.nr_ranges = l->nr_ranges;
	return mirror_test_create(test, &conf);
}

static bool present(const struct layout *l, unsigned long offset)
{
	unsigned int i;

	for (i = 0; i < l->nr_ranges; i++)
		if (offset >= l->range[i][0] && offset < l->range[i][1])
			return true;
	return false;
}

static unsigned long end_of(const struct layout *l)
{
	return l->range[l->nr_ranges - 1][1];
}

/* Every present frame has a descriptor of its own, and no absent one has any. */
static void every_frame_is_found_or_not(struct kunit *test)
{
	const struct layout *l = test->param_value;
	struct mirror *m = make(test, l);
	unsigned long offset, nr = 0;
	u32 idx, before = MIRROR_NIL;

	for (offset = 0; offset < end_of(l) + 2 * SECTION; offset++) {
		idx = mirror_pfn_to_idx(m, TEST_PFN + offset);
		if (!present(l, offset)) {
			KUNIT_ASSERT_EQ_MSG(test, idx, MIRROR_NIL, "%lu", offset);
			continue;
		}
		nr++;
		KUNIT_ASSERT_LT(test, idx, m->nr_desc);
		KUNIT_ASSERT_EQ(test, mirror_idx_to_pfn(m, idx), TEST_PFN + offset);
		/* Rising with the address; the hole between is skipped. */
		if (before != MIRROR_NIL)
			KUNIT_ASSERT_GT(test, idx, before);
		before = idx;
	}
	KUNIT_EXPECT_EQ(test, nr, m->managed);
	KUNIT_EXPECT_EQ(test, m->nr_slots, l->slots);
}

static void frames_outside_are_not_found(struct kunit *test)
{
	const struct layout *l = test->param_value;
	struct mirror *m = make(test, l);
	const unsigned long pfns[] = {
		0, 1, TEST_PFN + l->range[0][0] - 1, TEST_PFN + end_of(l),
		TEST_PFN - 1, TEST_PFN - SECTION, TEST_PFN / 2, 2 * TEST_PFN,
		LONG_MAX, ULONG_MAX - 1, ULONG_MAX,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(pfns); i++)
		KUNIT_EXPECT_EQ_MSG(test, mirror_pfn_to_idx(m, pfns[i]),
				    MIRROR_NIL, "%#lx", pfns[i]);
}

/* Buddies are found by flipping a bit of the index, so low bits have to agree. */
static void index_and_frame_agree_in_the_bits_of_a_block(struct kunit *test)
{
	const struct layout *l = test->param_value;
	struct mirror *m = make(test, l);
	u32 idx;

	KUNIT_EXPECT_EQ(test, m->nr_desc % 32, 0);
	for (idx = 0; idx < m->nr_desc; idx++)
		KUNIT_ASSERT_EQ(test, idx % 32, mirror_idx_to_pfn(m, idx) % 32);
}

/* A hole beside memory has a descriptor, which belongs to nobody. */
static void a_hole_has_no_page_to_take_or_free(struct kunit *test)
{
	const struct layout *l = test->param_value;
	struct mirror *m = make(test, l);
	unsigned long offset, holes = 0;

	for (offset = 0; offset < end_of(l); offset++) {
		u32 idx = mirror_pfn_slot_idx(m, TEST_PFN + offset);

		if (present(l, offset) || idx == MIRROR_NIL)
			continue;
		holes++;
		KUNIT_EXPECT_EQ(test, mirror_page_state(&m->pages[idx]),
				MIRROR_PAGE_HOLE);
		KUNIT_EXPECT_NULL(test, mirror_page_head(m, &m->pages[idx]));
	}
	KUNIT_EXPECT_LE(test, holes + m->managed, m->nr_desc);
}

/* Blocks end at holes, so their pages are as many as there are frames. */
static void free_blocks_cover_every_frame_once(struct kunit *test)
{
	const struct layout *l = test->param_value;
	struct mirror *m = make(test, l);
	struct mirror_page *head;
	unsigned long offset, first;
	unsigned int i;

	for (offset = 0; offset < end_of(l); offset++) {
		u32 idx = mirror_pfn_to_idx(m, TEST_PFN + offset);

		if (idx == MIRROR_NIL)
			continue;
		head = mirror_page_head(m, &m->pages[idx]);
		KUNIT_ASSERT_NOT_NULL(test, head);
		KUNIT_ASSERT_EQ(test, mirror_page_state(head), MIRROR_PAGE_BUDDY);
		first = mirror_idx_to_pfn(m, idx_of(m, head)) - TEST_PFN;
		for (i = 0; i < 1u << mirror_page_order(head); i++)
			KUNIT_ASSERT_TRUE(test, present(l, first + i));
	}
	KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m)), m->managed);
}

/* heads ---------------------------------------------------------------------- */

static void expect_head(struct kunit *test, struct mirror *m,
			struct mirror_page *head, unsigned int order)
{
	unsigned int i;

	for (i = 0; i < 1u << order; i++)
		KUNIT_EXPECT_PTR_EQ_MSG(test, mirror_page_head(m, head + i), head,
					"order %u, page %u", order, i);
}

static void every_page_of_a_block_knows_its_head(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *page;
	unsigned int order;

	for (order = 0; order <= 6; order++) {
		page = mirror_test_take(zone, order, MOVABLE);
		KUNIT_ASSERT_NOT_NULL(test, page);
		expect_head(test, m, page, order);
		/* The half beside it is a free block of its own. */
		if (order < 6)
			expect_head(test, m, page + (1u << order), order);
		mirror_test_give(zone, page);
		expect_head(test, m, &m->pages[0], 6);
	}
}

static void block_on_a_per_cpu_list_has_a_head_too(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page = mirror_test_take(normal_zone(m), 3, MOVABLE);

	this_pcp(normal_zone(m))->high_min = 100;
	this_pcp(normal_zone(m))->high_max = 100;
	KUNIT_EXPECT_EQ(test, mirror_core_free(m, page, 3), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_state(page), MIRROR_PAGE_PCP);
	expect_head(test, m, page, 3);
}

/* The head that is nearest below covers too little to be theirs. */
static void split_block_has_a_head_in_every_page(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page = mirror_test_take(normal_zone(m), 4, MOVABLE);
	unsigned int i;

	page->owner = MIRROR_NIL;
	page->private = 0;
	KUNIT_ASSERT_EQ(test, mirror_core_split(m, page, 4), 0);
	for (i = 0; i < 16; i++)
		expect_head(test, m, page + i, 0);
	expect_head(test, m, page + 16, 4);
}

/* What a validation would call lost: no head below reaches as far. */
static void page_outside_every_block_has_no_head(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page = mirror_test_take(normal_zone(m), 3, MOVABLE);
	unsigned int i;

	mirror_test_throw_away(test, m);
	mirror_page_set_head(page, MIRROR_PAGE_USED, 1);
	expect_head(test, m, page, 1);
	for (i = 2; i < 8; i++)
		KUNIT_EXPECT_NULL(test, mirror_page_head(m, page + i));
	mirror_page_set_tail(page);
	for (i = 0; i < 8; i++)
		KUNIT_EXPECT_NULL(test, mirror_page_head(m, page + i));
}

static struct kunit_case memmap_cases[] = {
	KUNIT_CASE_PARAM(every_frame_is_found_or_not, layout_gen_params),
	KUNIT_CASE_PARAM(frames_outside_are_not_found, layout_gen_params),
	KUNIT_CASE_PARAM(index_and_frame_agree_in_the_bits_of_a_block,
			 layout_gen_params),
	KUNIT_CASE_PARAM(a_hole_has_no_page_to_take_or_free, layout_gen_params),
	KUNIT_CASE_PARAM(free_blocks_cover_every_frame_once, layout_gen_params),
	KUNIT_CASE(every_page_of_a_block_knows_its_head),
	KUNIT_CASE(block_on_a_per_cpu_list_has_a_head_too),
	KUNIT_CASE(split_block_has_a_head_in_every_page),
	KUNIT_CASE(page_outside_every_block_has_no_head),
	{}
};

static struct kunit_suite memmap_suite = {
	.name = "mirror_memmap",
	.test_cases = memmap_cases,
};

kunit_test_suite(memmap_suite);
