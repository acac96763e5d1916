// SPDX-License-Identifier: GPL-2.0
/*
 * Where compaction could help: in zones with enough free, in small pieces; and what the
 * slow path does for large blocks on account of it.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define KERNEL		(MIRROR_GFP_KERNEL | __MIRROR_GFP_NOWARN)
#define NORETRY		__MIRROR_GFP_NORETRY
#define THISNODE	__MIRROR_GFP_THISNODE
#define NOIO		(MIRROR_GFP_NOIO | __MIRROR_GFP_NOWARN)

/* 512 pages in use one by one; marks of 0. */
static struct mirror *full(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 512);
	struct mirror_page **pages;

	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	mirror_test_take_all(test, normal_zone(m), &pages);
	return m;
}

/* Frees @nr blocks of @order, from frame @from on, with a block's room in between. */
static void give_blocks(struct mirror *m, u32 from, unsigned int nr, unsigned int order)
{
	unsigned int i, page;

	for (i = 0; i < nr; i++)
		for (page = 0; page < 1u << order; page++)
			mirror_test_give(normal_zone(m),
					 &m->pages[from + (2 * i << order) + page]);
}

struct scatter {
	const char *name;
	unsigned int nr;	/* blocks that are free */
	unsigned int order;	/* of them */
	unsigned int want;	/* order of the request */
	unsigned long low;	/* mark */
	unsigned long high;
	bool runs;
	bool ready;
};

/* A gap of twice the block has to be free; what remains is in pieces that are too small. */
static const struct scatter scatters[] = {
	{ "gap", 32, 0, 4, 0, 0, false, false },
	{ "gap and a page", 33, 0, 4, 0, 0, true, true },
	{ "low mark and gap", 42, 0, 4, 10, 10, false, false },
	{ "low mark, gap and a page", 43, 0, 4, 10, 10, true, true },
	{ "below the high mark", 43, 0, 4, 10, 11, true, false },
	{ "above the high mark", 44, 0, 4, 10, 11, true, true },
	{ "few large pieces", 5, 4, 5, 0, 0, false, false },
	{ "as many pages, smaller pieces", 40, 1, 5, 0, 0, true, true },
	{ "it fits", 1, 5, 5, 0, 0, true, true },
	{ "not costly: few large pieces", 5, 2, 3, 0, 0, true, true },
	{ "not costly: gap", 4, 2, 3, 0, 0, false, false },
	{ "nothing", 0, 0, 4, 0, 0, false, false },
};

KUNIT_ARRAY_PARAM_DESC(scatter, scatters, name);

static void compaction_needs_room_in_small_pieces(struct kunit *test)
{
	const struct scatter *s = test->param_value;
	struct mirror *m = full(test);
	struct mirror_alloc_context ac;

	mirror_test_marks(test, m, 0, s->low, s->high);
	give_blocks(m, 0, s->nr, s->order);
	mirror_test_no_drift(m);
	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, KERNEL, 0, 0, &ac));
	KUNIT_EXPECT_EQ(test, mirror_compaction_runs(&ac, s->want, 0), s->runs);
	KUNIT_EXPECT_EQ(test, mirror_compaction_ready(&ac, s->want), s->ready);
	ac.nodemask = BIT_ULL(1);
	KUNIT_EXPECT_FALSE(test, mirror_compaction_runs(&ac, s->want, 0));
	KUNIT_EXPECT_FALSE(test, mirror_compaction_ready(&ac, s->want));
}

/* Two reserved pageblocks without a page in use, and @nr single pages beside them. */
static struct mirror *reserved(struct kunit *test, unsigned int nr)
{
	struct mirror *m = full(test);
	struct mirror_zone *zone = normal_zone(m);

	mirror_test_set_type(zone, 384, HIGHATOMIC);
	mirror_test_set_type(zone, 448, HIGHATOMIC);
	give_blocks(m, 384, 2, 5);
	give_blocks(m, 0, nr, 0);
	mirror_test_no_drift(m);
	KUNIT_ASSERT_EQ(test, zone->nr_reserved_highatomic, 64);
	KUNIT_ASSERT_EQ(test, zone->nr_free_highatomic, 64);
	return m;
}

struct large {
	const char *name;
	unsigned int nr;
	u32 gfp;
	unsigned int order;
	bool got;
	unsigned long left;	/* of the reserve */
};

/*
 * Reclaim leaves a zone with room to compaction and has the reserve given up, but for the
 * last pageblock; who goes on beyond that gets it, too. Without I/O none of this is done.
 */
static const struct large larges[] = {
	{ "kernel", 100, KERNEL, 4, true, 32 },
	{ "once", 100, KERNEL | NORETRY, 4, true, 32 },
	{ "once, here", 100, KERNEL | NORETRY | THISNODE, 4, false, 64 },
	{ "here", 100, KERNEL | THISNODE, 4, true, 32 },
	{ "once, no room", 10, KERNEL | NORETRY, 4, false, 64 },
	{ "once, here, memalloc", 100, KERNEL | NORETRY | THISNODE | __MIRROR_GFP_MEMALLOC, 4,
	  true, 32 },
	{ "no I/O", 100, NOIO, 4, false, 64 },
	{ "no I/O, may fail", 100, NOIO | __MIRROR_GFP_RETRY_MAYFAIL, 4, false, 64 },
	{ "all of it is too little", 100, KERNEL | __MIRROR_GFP_RETRY_MAYFAIL, 6, false, 0 },
	{ "not costly", 100, KERNEL, 3, true, 32 },
	{ "not costly, once", 100, KERNEL | NORETRY, 3, false, 64 },
	{ "not costly, no I/O", 100, NOIO, 3, true, 32 },
};

KUNIT_ARRAY_PARAM_DESC(large, larges, name);

static void reserve_is_given_up_for_large_blocks(struct kunit *test)
{
	const struct large *l = test->param_value;
	struct mirror *m = reserved(test, l->nr);

	KUNIT_EXPECT_EQ(test, !!mirror_alloc_pages(m, l->gfp, l->order, 0), l->got);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->nr_reserved_highatomic, l->left);
}

/*
 * The fragmentation index counts free blocks of all types: with one that fits it is -1000,
 * though that one is HIGHATOMIC and out of reach. Without it the index would be between 0
 * and the threshold, which says that compaction does not help.
 */
static void block_that_fits_elsewhere_counts(struct kunit *test)
{
	struct mirror *m = full(test);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_alloc_context ac;

	mirror_test_set_type(zone, 384, HIGHATOMIC);
	give_blocks(m, 384, 1, 5);
	give_blocks(m, 0, 5, 4);
	mirror_test_no_drift(m);
	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(m, KERNEL, 0, 0, &ac));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, NOIO, 5, 0));
	KUNIT_EXPECT_TRUE(test, mirror_compaction_runs(&ac, 5, 0));
}

static struct kunit_case suitable_cases[] = {
	KUNIT_CASE_PARAM(compaction_needs_room_in_small_pieces, scatter_gen_params),
	KUNIT_CASE_PARAM(reserve_is_given_up_for_large_blocks, large_gen_params),
	KUNIT_CASE(block_that_fits_elsewhere_counts),
	{}
};

static struct kunit_suite suitable_suite = {
	.name = "mirror_suitable",
	.test_cases = suitable_cases,
};

kunit_test_suite(suitable_suite);
