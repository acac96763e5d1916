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
	unsigned int section;		/* pages of one, where it is not SECTION */
};

/*
 * Blocks of up to 32 pages, sections of 256 unless smaller ones save memory:
 * TEST_PFN begins one. Each section of 32 pages more or less is 32 × 16 bytes.
 */
static const struct layout layouts[] = {
	{ "one page", 1, { { 0, 1 } }, 1 },
	{ "one page in the middle of a block", 1, { { 77, 78 } }, 1 },
	{ "one range over sections", 1, { { 200, 1000 } }, 1 },
	{ "two ranges that touch", 2, { { 0, 100 }, { 100, 600 } }, 1, 1024 },
	{ "hole of one page", 2, { { 0, 100 }, { 101, 256 } }, 1 },
	{ "hole to a section's end", 2, { { 0, 100 }, { 256, 512 } }, 3, 128 },
	{ "hole over a section's border", 2, { { 0, 250 }, { 260, 512 } }, 2 },
	{ "absent section", 2, { { 0, 256 }, { 512, 768 } }, 2 },
	{ "many absent sections", 2, { { 10, 20 }, { 10000, 10300 } }, 11, 32 },
	{ "sections that nothing is left of", 2, { { 0, 32 }, { 992, 1024 } }, 2, 32 },
	{ "hole of a whole group", 2, { { 0, 256 }, { 3 << 17, (3 << 17) + 256 } }, 2 },
	{ "first pages of sections", 4,
	  { { 0, 1 }, { 256, 257 }, { 512, 513 }, { 768, 769 } }, 4, 32 },
	{ "last pages of sections", 4,
	  { { 255, 256 }, { 511, 512 }, { 1023, 1024 }, { 1279, 1280 } }, 4, 32 },
	{ "every second page", 4, { { 1, 2 }, { 3, 4 }, { 5, 6 }, { 7, 8 } }, 1, 32 },
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
	if (l->nr_ranges > 1)
		KUNIT_EXPECT_EQ(test, 1u << m->slot_shift, l->section ?: SECTION);
}

/* What a walk by steps passes over has no page, and nothing else is passed. */
static void a_walk_skips_holes_alone(struct kunit *test)
{
	const struct layout *l = test->param_value;
	struct mirror *m = make(test, l);
	unsigned long step, next, pfn, offset, rounds;

	for (step = 1; step <= 64; step *= 8) {
		rounds = 0;
		for (pfn = TEST_PFN; pfn < TEST_PFN + end_of(l); pfn = next) {
			next = mirror_skip_hole(m, pfn + step, step);
			KUNIT_ASSERT_GT(test, next, pfn);
			if (next != ULONG_MAX)
				KUNIT_ASSERT_EQ(test, (next - pfn) % step, 0);
			for (offset = pfn + step; offset < min(next, TEST_PFN + end_of(l));
			     offset += step)
				KUNIT_ASSERT_FALSE(test, present(l, offset - TEST_PFN));
			rounds++;
		}
		KUNIT_EXPECT_LE(test, rounds, m->managed / step + 8);
	}
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

/* ranges terabytes apart ------------------------------------------------------- */

/* 4 TiB and 4 PiB from the first, where a frame's number has the bits for it. */
#define FAR		(TEST_PFN + (1ul << (BITS_PER_LONG == 64 ? 30 : 27)))
#define FARTHER		(TEST_PFN + (1ul << (BITS_PER_LONG == 64 ? 40 : 30)))

/* One section each, and the last one only half of one. */
static const struct mirror_range far_apart[] = {
	{ TEST_PFN, TEST_PFN + (1 << 15), 0 },
	{ FAR, FAR + (1 << 15), 0 },
	{ FARTHER, FARTHER + (1 << 14), 0 },
};

static struct mirror *make_far_apart(struct kunit *test, unsigned int nr)
{
	struct mirror_config conf;

	mirror_config_default(&conf);
	conf.section_order = 15;
	conf.ranges = far_apart;
	conf.nr_ranges = nr;
	return mirror_test_create(test, &conf);
}

static void four_terabytes_between_cost_nothing(struct kunit *test)
{
	struct mirror *near = mirror_test_flat(test, 10, 9, 1 << 16);
	struct mirror *far = make_far_apart(test, 2);

	KUNIT_EXPECT_EQ(test, far->nr_desc, 1 << 16);
	KUNIT_EXPECT_EQ(test, far->nr_slots, 2);
	KUNIT_EXPECT_EQ(test, far->cost[MIRROR_COST_DESCRIPTORS],
			near->cost[MIRROR_COST_DESCRIPTORS]);
	KUNIT_EXPECT_EQ(test, far->cost[MIRROR_COST_PAGEBLOCKS],
			near->cost[MIRROR_COST_PAGEBLOCKS]);
	/* Two groups of 512 sections, and a word for each of those between. */
	KUNIT_EXPECT_EQ(test, far->nr_groups, (FAR >> 24) - (TEST_PFN >> 24) + 1);
	KUNIT_EXPECT_LE(test, far->cost[MIRROR_COST_SECTIONS], 6000);
}

static void half_a_section_has_half_the_descriptors(struct kunit *test)
{
	struct mirror *m = make_far_apart(test, 3);

	KUNIT_EXPECT_EQ(test, m->nr_desc, m->managed);
	KUNIT_EXPECT_EQ(test, m->slot_shift, 14);
	KUNIT_EXPECT_LE(test, m->cost[MIRROR_COST_SECTIONS], 600 << 10);
}

static bool in_far_apart(unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(far_apart); i++)
		if (pfn >= far_apart[i].start_pfn && pfn < far_apart[i].end_pfn)
			return true;
	return false;
}

/* Around every border, at every power of two, and anywhere. */
static void no_frame_of_a_wide_hole_is_found(struct kunit *test)
{
	struct mirror *m = make_far_apart(test, 3);
	struct rnd_state rnd;
	unsigned int i, bit;
	long d;

	mirror_test_seed(test, &rnd);
	for (i = 0; i < ARRAY_SIZE(far_apart); i++)
		for (bit = 0; bit < BITS_PER_LONG; bit++)
			for (d = -2; d <= 2; d++) {
				unsigned long pfn = far_apart[i].start_pfn +
						    (1ul << bit) + d;

				KUNIT_ASSERT_EQ_MSG(test, in_far_apart(pfn),
						    mirror_pfn_to_idx(m, pfn) !=
						    MIRROR_NIL, "%#lx", pfn);
			}
	for (i = 0; i < 20000; i++) {
		unsigned long pfn = ((u64)prandom_u32_state(&rnd) << 32 |
				     prandom_u32_state(&rnd)) >> i % 40;

		KUNIT_ASSERT_EQ_MSG(test, in_far_apart(pfn),
				    mirror_pfn_to_idx(m, pfn) != MIRROR_NIL,
				    "%#lx", pfn);
	}
}

static void wide_holes_survive_use_and_reset(struct kunit *test)
{
	struct mirror *m = make_far_apart(test, 3);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int i, blocks = mirror_test_blocks(zone, 10);

	KUNIT_EXPECT_EQ(test, blocks, m->managed >> 10);
	for (i = 0; i < 3000; i++)
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_alloc(m, MIRROR_GFP_KERNEL |
							      __MIRROR_GFP_MEMALLOC,
							      i % 6));
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
	mirror_test_free_all(test, m);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_test_blocks(zone, 10), blocks);
	KUNIT_EXPECT_EQ(test, zone->spanned, far_apart[2].end_pfn - TEST_PFN);
	KUNIT_EXPECT_EQ(test, zone->present, m->managed);
}

static void a_table_beyond_reason_is_refused(struct kunit *test)
{
	const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 16, 0 },
		{ ULONG_MAX / 2 + 1, ULONG_MAX / 2 + 17, 0 },
	};
	struct mirror_config conf;
	struct mirror *m;

	if (BITS_PER_LONG == 32)
		kunit_skip(test, "nothing is that far apart");
	mirror_test_config(&conf, 4, 3);
	conf.section_order = 4;
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	m = mirror_core_create(&conf);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(m), -EINVAL);
}

/* borders ---------------------------------------------------------------------- */

/*
 * Where two zones meet inside of a largest block, where two nodes do, and where a
 * hole lies between them.
 */
static const struct border {
	const char *name;
	struct mirror_range range[2];
	unsigned long low;		/* pages of zone DMA32 */
} borders[] = {
	{ "zones at a block's border", { { 0, 64, 0 }, { 64, 128, 0 } }, 64 },
	{ "zones inside a block", { { 0, 64, 0 }, { 64, 128, 0 } }, 41 },
	{ "nodes at a block's border", { { 0, 64, 0 }, { 64, 128, 1 } }, 0 },
	{ "nodes inside a block", { { 0, 44, 0 }, { 44, 128, 1 } }, 0 },
	{ "nodes inside a pair of pages", { { 0, 45, 0 }, { 45, 128, 1 } }, 0 },
	{ "hole of a page", { { 0, 37, 0 }, { 38, 128, 0 } }, 0 },
	{ "hole of a pair", { { 0, 36, 0 }, { 38, 128, 0 } }, 0 },
	{ "hole inside, other node behind", { { 0, 35, 0 }, { 53, 128, 1 } }, 0 },
	{ "hole inside, other zone behind", { { 0, 35, 0 }, { 53, 128, 0 } }, 35 },
	{ "other zone, then a hole", { { 0, 36, 0 }, { 53, 128, 0 } }, 33 },
};

KUNIT_ARRAY_PARAM_DESC(border, borders, name);

static struct mirror *make_border(struct kunit *test, const struct border *b)
{
	struct mirror_range ranges[2];
	struct mirror_config conf;
	unsigned int i;

	memcpy(ranges, b->range, sizeof(ranges));
	for (i = 0; i < 2; i++) {
		ranges[i].start_pfn += TEST_PFN;
		ranges[i].end_pfn += TEST_PFN;
	}
	mirror_test_config(&conf, 5, 4);
	conf.section_order = SECTION_ORDER;
	conf.ranges = ranges;
	conf.nr_ranges = 2;
	conf.zone_pages[MIRROR_ZONE_DMA32] = b->low;
	return mirror_test_create(test, &conf);
}

/* All pages of a zone, one by one, freed in an order of no meaning. */
static void shuffle(struct kunit *test, struct mirror_zone *zone,
		    struct rnd_state *rnd)
{
	struct mirror_page **pages;
	unsigned int i, j, nr = 0;

	pages = kunit_kcalloc(test, zone->managed, sizeof(*pages), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	while (nr < zone->managed && (pages[nr] = mirror_test_take(zone, 0, MOVABLE)))
		nr++;
	KUNIT_ASSERT_EQ(test, nr, zone->managed);
	for (i = nr - 1; i > 0; i--) {
		j = prandom_u32_state(rnd) % (i + 1);
		swap(pages[i], pages[j]);
	}
	for (i = 0; i < nr; i++)
		mirror_test_give(zone, pages[i]);
}

static void count_blocks(const struct mirror *m, unsigned int *nr)
{
	struct mirror_zone *zone;
	unsigned int i, order;

	mirror_for_each_populated_zone(m, zone, i)
		for (order = 0; order <= m->max_order; order++)
			nr[i * MIRROR_NR_ORDERS_MAX + order] =
				mirror_test_blocks(zone, order);
}

#define NR_COUNTS	(2 * MIRROR_MAX_NR_ZONES * MIRROR_NR_ORDERS_MAX)

/* Whatever way pages come back, they merge to what they were cut from. */
static void blocks_never_merge_over_a_border(struct kunit *test)
{
	struct mirror *m = make_border(test, test->param_value);
	unsigned int *before = kunit_kcalloc(test, NR_COUNTS, sizeof(int), GFP_KERNEL);
	unsigned int *after = kunit_kcalloc(test, NR_COUNTS, sizeof(int), GFP_KERNEL);
	struct mirror_zone *zone;
	struct rnd_state rnd;
	unsigned int i, round;

	KUNIT_ASSERT_NOT_NULL(test, before);
	KUNIT_ASSERT_NOT_NULL(test, after);
	mirror_test_seed(test, &rnd);
	count_blocks(m, before);
	for (round = 0; round < 20; round++) {
		mirror_for_each_populated_zone(m, zone, i)
			shuffle(test, zone, &rnd);
		KUNIT_ASSERT_EQ(test, mirror_test_faults(test, m), 0);
		count_blocks(m, after);
		KUNIT_ASSERT_EQ(test, 0, memcmp(before, after,
						NR_COUNTS * sizeof(int)));
	}
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
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 3), 0);
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
	KUNIT_CASE_PARAM(a_walk_skips_holes_alone, layout_gen_params),
	KUNIT_CASE_PARAM(frames_outside_are_not_found, layout_gen_params),
	KUNIT_CASE_PARAM(index_and_frame_agree_in_the_bits_of_a_block,
			 layout_gen_params),
	KUNIT_CASE_PARAM(a_hole_has_no_page_to_take_or_free, layout_gen_params),
	KUNIT_CASE_PARAM(free_blocks_cover_every_frame_once, layout_gen_params),
	KUNIT_CASE(four_terabytes_between_cost_nothing),
	KUNIT_CASE(half_a_section_has_half_the_descriptors),
	KUNIT_CASE(no_frame_of_a_wide_hole_is_found),
	KUNIT_CASE(wide_holes_survive_use_and_reset),
	KUNIT_CASE(a_table_beyond_reason_is_refused),
	KUNIT_CASE_PARAM(blocks_never_merge_over_a_border, border_gen_params),
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
