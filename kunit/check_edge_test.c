// SPDX-License-Identifier: GPL-2.0
/*
 * The validator at its ends: the last tail, the last zone, the last line that it may
 * print, and pageblocks that begin with a hole. Nothing is allocated while a mirror is
 * damaged, and each is whole again afterwards.
 */
#include "fixture.h"

#define MOST	64	/* lines */

static unsigned int faults(struct mirror *m)
{
	struct mirror_check check = {};

	return mirror_check(m, &check);
}

/* tails ----------------------------------------------------------------------------- */

/* 64 pages in blocks of 16; the block at 16 is in use, all else is free. */
static struct mirror *one_in_use(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);

	KUNIT_ASSERT_PTR_EQ(test, mirror_test_take(normal_zone(m), 4, MOVABLE), m->pages);
	KUNIT_ASSERT_PTR_EQ(test, mirror_test_take(normal_zone(m), 4, MOVABLE), m->pages + 16);
	mirror_test_give(normal_zone(m), m->pages);
	KUNIT_ASSERT_EQ(test, faults(m), 0);
	return m;
}

static unsigned int tail_faults(struct mirror *m, u32 idx, u32 nr, u32 *next)
{
	struct mirror_check check = {};

	*next = mirror_check_tails(m, idx, nr, &check);
	return check.faults;
}

/* Each tail of each block, be it in its flags or in its references. */
static void every_tail_is_looked_at(struct kunit *test)
{
	struct mirror *m = one_in_use(test);
	u32 idx, next;

	for (idx = 0; idx < 64; idx++) {
		struct mirror_page *page = &m->pages[idx];

		if (idx % 16 == 0)
			continue;
		atomic_set(&page->refs, 1);
		KUNIT_EXPECT_EQ_MSG(test, faults(m), 1, "page %u", idx);
		KUNIT_EXPECT_EQ(test, tail_faults(m, 0, 64, &next), 1);
		atomic_set(&page->refs, 0);
		page->flags ^= MIRROR_PF_RESERVE;
		KUNIT_EXPECT_EQ_MSG(test, faults(m), 1, "page %u", idx);
		KUNIT_EXPECT_EQ(test, tail_faults(m, 0, 64, &next), 1);
		page->flags ^= MIRROR_PF_RESERVE;
	}
	KUNIT_EXPECT_EQ(test, faults(m), 0);
}

/* A portion ends where it is told to, or with the mirror. */
static void portions_look_at_their_own_tails(struct kunit *test)
{
	struct mirror *m = one_in_use(test);
	u32 at, next;

	atomic_set(&m->pages[31].refs, 1);
	for (at = 0; at < 64; at += 16) {
		KUNIT_EXPECT_EQ(test, tail_faults(m, at, 16, &next), at == 16);
		KUNIT_EXPECT_EQ(test, next, at + 16);
	}
	KUNIT_EXPECT_EQ(test, tail_faults(m, 16, 1000, &next), 1);
	KUNIT_EXPECT_EQ(test, next, 64);
	KUNIT_EXPECT_EQ(test, tail_faults(m, 32, 1000, &next), 0);
	KUNIT_EXPECT_EQ(test, next, 64);
	atomic_set(&m->pages[31].refs, 0);
}

/* Used meanwhile: a block of the wrong size or place is not gone along. */
static void heads_that_make_no_sense_have_no_tails(struct kunit *test)
{
	struct mirror *m = one_in_use(test);
	u32 flags = m->pages[16].flags, next;

	m->pages[16].flags = flags + (1 << MIRROR_PF_ORDER_SHIFT);
	KUNIT_EXPECT_EQ(test, tail_faults(m, 0, 64, &next), 0);
	m->pages[16].flags = flags;
	m->pages[18].flags = mirror_zone_head(normal_zone(m), MIRROR_PAGE_USED, 2);
	KUNIT_EXPECT_EQ(test, tail_faults(m, 16, 16, &next), 1);
	m->pages[16].flags = mirror_zone_head(normal_zone(m), MIRROR_PAGE_TAIL, 0);
	/* Not even one for which an end would be out of sight. */
	KUNIT_EXPECT_EQ(test, tail_faults(m, 16, 16, &next), 0);
	m->pages[16].flags = flags;
	m->pages[18].flags = m->pages[17].flags;
	KUNIT_EXPECT_EQ(test, faults(m), 0);
}

/* limits ---------------------------------------------------------------------------- */

static void count_line(void *arg, const char *line)
{
	++*(unsigned int *)arg;
}

/* Each block of two pages in use has a tail with a reference. */
static struct mirror *many_faults(struct kunit *test, unsigned int nr)
{
	struct mirror *m = mirror_test_flat(test, 1, 1, 1024);
	u32 idx;

	while (mirror_test_take(normal_zone(m), 1, MOVABLE))
		;
	for (idx = 0; idx < 2 * nr; idx += 2)
		atomic_set(&m->pages[idx + 1].refs, 1);
	return m;
}

static void mend_tails(struct mirror *m)
{
	u32 idx;

	for (idx = 1; idx < m->nr_desc; idx += 2)
		atomic_set(&m->pages[idx].refs, 0);
}

/* As many lines as there may be, then only the rest of what is looked at once. */
static void lines_end_at_the_limit(struct kunit *test)
{
	unsigned int nr, lines;

	for (nr = MOST - 1; nr <= MOST + 2; nr++) {
		struct mirror *m = many_faults(test, nr);
		struct mirror_check check = { .emit = count_line, .arg = &lines };
		u32 next;

		lines = 0;
		mirror_check(m, &check);
		KUNIT_EXPECT_EQ(test, lines, min_t(unsigned int, nr, MOST));
		/* The descriptors behind were not looked at, so pages are missing. */
		KUNIT_EXPECT_EQ(test, check.faults, nr < MOST ? nr : MOST + 1);
		KUNIT_EXPECT_EQ(test, tail_faults(m, 0, 1024, &next),
				min_t(unsigned int, nr, MOST));
		KUNIT_EXPECT_EQ(test, next, 1024);
		mend_tails(m);
		KUNIT_EXPECT_EQ(test, faults(m), 0);
	}
}

/* What was found before counts for the limit of a portion. */
static void portion_adds_to_what_was_found(struct kunit *test)
{
	struct mirror *m = many_faults(test, 10);
	struct mirror_check check = { .faults = MOST - 2 };

	KUNIT_EXPECT_EQ(test, mirror_check_tails(m, 0, 512, &check), 512);
	KUNIT_EXPECT_EQ(test, check.faults, MOST);
	KUNIT_EXPECT_EQ(test, mirror_check_tails(m, 512, 512, &check), 1024);
	KUNIT_EXPECT_EQ(test, check.faults, MOST);
	mend_tails(m);
}

static void keep_first_line(void *arg, const char *line)
{
	char *first = arg;

	if (!first[0])
		snprintf(first, 80, "%s", line);
}

/* It is aligned for twice its size, which is more than there is. */
static void block_of_an_order_too_large_is_none(struct kunit *test)
{
	char first[80] = "";
	struct mirror_check check = { .emit = keep_first_line, .arg = first };
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_page *page;

	while ((page = mirror_test_take(normal_zone(m), 4, MOVABLE)))
		if (idx_of(m, page) == 32)
			page->flags += 1 << MIRROR_PF_ORDER_SHIFT;
	KUNIT_EXPECT_GT(test, mirror_check(m, &check), 1);
	KUNIT_EXPECT_TRUE(test, strstr(first, "where a block should begin"));
	m->pages[32].flags -= 1 << MIRROR_PF_ORDER_SHIFT;
}

static void find_entry(void *arg, const char *line)
{
	*(bool *)arg |= !!strstr(line, "type 1: entry 5 after 4294967295 damaged");
}

/* All of it is right but where it begins. */
static void free_block_begins_at_a_multiple_of_its_size(struct kunit *test)
{
	bool found = false;
	struct mirror_check check = { .emit = find_entry, .arg = &found };
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_zone *zone = normal_zone(m);

	while (mirror_test_take(zone, 0, MOVABLE))
		;
	raw_spin_lock_irq(&zone->lock);
	mirror_add_free(zone, 5, 1, MOVABLE, false);
	atomic_set(&m->pages[5].refs, 0);
	mirror_check(m, &check);
	mirror_del_free(zone, 5, 1, MOVABLE);
	mirror_page_set_head(&m->pages[5], MIRROR_PAGE_USED, 0);
	raw_spin_unlock_irq(&zone->lock);
	KUNIT_EXPECT_TRUE(test, found);
}

/* zones ----------------------------------------------------------------------------- */

/* Two nodes with DMA, NORMAL and MOVABLE: the first zone has the first pages. */
static struct mirror *with_movable(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 256, 0 }, { TEST_PFN + 256, TEST_PFN + 512, 1 },
	};
	struct mirror_config conf;

	mirror_test_config(&conf, 4, 3);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.zone_pages[MIRROR_ZONE_DMA] = 64;
	conf.zone_pages[MIRROR_ZONE_NORMAL] = 64;
	conf.rest_zone = MIRROR_ZONE_MOVABLE;
	return mirror_test_create(test, &conf);
}

static void bad_pages_of_the_first_and_last_zone_count(struct kunit *test)
{
	struct mirror *m = with_movable(test);
	struct mirror_bad_page bad;

	KUNIT_ASSERT_EQ(test, mirror_hwpoison(m, TEST_PFN + 511, false, &bad), 0);
	KUNIT_ASSERT_EQ(test, mirror_hwpoison(m, TEST_PFN + 3, false, &bad), 0);
	KUNIT_EXPECT_EQ(test, faults(m), 0);
}

/* A zone's number one past the last, and that of one without pages. */
static void zone_of_a_block_has_to_be_one_of_the_mirror(struct kunit *test)
{
	struct mirror *m = with_movable(test);
	struct mirror_zone *last = m->zones[m->nr_zones - 1];
	struct mirror_page *page = mirror_test_take(last, 0, MOVABLE);
	u32 flags;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, faults(m), 0);
	flags = page->flags;
	page->flags = flags + (1 << MIRROR_PF_ZONE_SHIFT);
	/* No block, and a page less. */
	KUNIT_EXPECT_EQ(test, faults(m), 2);
	page->flags = flags - (1 << MIRROR_PF_ZONE_SHIFT);
	KUNIT_EXPECT_EQ(test, faults(m), 1);
	page->flags = flags;
}

/* Every zone's counters are looked at, those of the last one, too. */
static void counters_of_every_zone_are_looked_at(struct kunit *test)
{
	struct mirror *m = with_movable(test);
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i) {
		zone->managed++;
		KUNIT_EXPECT_EQ(test, faults(m), 1);
		zone->managed--;
		atomic_long_inc(&zone->vm_stat[MIRROR_NR_FREE_CMA]);
		KUNIT_EXPECT_EQ(test, faults(m), 1);
		atomic_long_dec(&zone->vm_stat[MIRROR_NR_FREE_CMA]);
	}
	KUNIT_EXPECT_EQ(test, faults(m), 0);
}

/* pageblocks with holes --------------------------------------------------------------- */

/* The first 5 of 8 frames of the first pageblock are none, and the last 4 of the last. */
static struct mirror *with_holes(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 3, 3);
	m = mirror_test_range(test, &conf, TEST_PFN + 5, 7);
	KUNIT_ASSERT_EQ(test, m->nr_desc, 16);
	while (mirror_test_take(normal_zone(m), 0, MOVABLE) ||
	       mirror_test_take(normal_zone(m), 0, UNMOVABLE))
		;
	return m;
}

static void pageblock_belongs_to_its_first_page(struct kunit *test)
{
	struct mirror *m = with_holes(test);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int i;
	u8 type;

	for (i = 0; i < 2; i++) {
		type = m->pageblock_type[i];
		m->pageblock_type[i] = HIGHATOMIC;
		KUNIT_EXPECT_EQ(test, faults(m), 1);
		zone->nr_reserved_highatomic = 8;
		KUNIT_EXPECT_EQ(test, faults(m), 0);
		zone->nr_reserved_highatomic = 0;
		m->pageblock_type[i] = type;
	}
}

/* One that is a hole altogether is nobody's, whatever label it has. */
static void pageblock_without_a_page_is_nobodys(struct kunit *test)
{
	static const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 8, 0 }, { TEST_PFN + 24, TEST_PFN + 32, 0 },
	};
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 5, 3);
	conf.section_order = 5;
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	m = mirror_test_create(test, &conf);
	KUNIT_ASSERT_EQ(test, m->nr_desc, 32);
	m->pageblock_type[1] = HIGHATOMIC;
	m->pageblock_type[2] = HIGHATOMIC;
	KUNIT_EXPECT_EQ(test, faults(m), 0);
}

static struct kunit_case check_edge_cases[] = {
	KUNIT_CASE(every_tail_is_looked_at),
	KUNIT_CASE(portions_look_at_their_own_tails),
	KUNIT_CASE(heads_that_make_no_sense_have_no_tails),
	KUNIT_CASE(lines_end_at_the_limit),
	KUNIT_CASE(portion_adds_to_what_was_found),
	KUNIT_CASE(block_of_an_order_too_large_is_none),
	KUNIT_CASE(free_block_begins_at_a_multiple_of_its_size),
	KUNIT_CASE(bad_pages_of_the_first_and_last_zone_count),
	KUNIT_CASE(zone_of_a_block_has_to_be_one_of_the_mirror),
	KUNIT_CASE(counters_of_every_zone_are_looked_at),
	KUNIT_CASE(pageblock_belongs_to_its_first_page),
	KUNIT_CASE(pageblock_without_a_page_is_nobodys),
	{}
};

static struct kunit_suite check_edge_suite = {
	.name = "mirror_check_edge",
	.test_cases = check_edge_cases,
};

kunit_test_suite(check_edge_suite);
