// SPDX-License-Identifier: GPL-2.0
/*
 * The numbers of a per-CPU list, asked for one by one: how many pages it may hold, how
 * many blocks come and go, and what an idle tick leaves. The suites mirror_pcp and
 * mirror_pcp_edge see what becomes of them; here each bound is met exactly.
 */
#include "fixture.h"

#define RECLAIM	BIT(MIRROR_ZONE_RECLAIM_ACTIVE)
#define BELOW	BIT(MIRROR_ZONE_BELOW_HIGH)
#define PREV	MIRROR_PCPF_PREV_FREE_HIGH_ORDER
#define CACHE	MIRROR_PCPF_FREE_HIGH_BATCH

/* The fields of a list that decide, and of its zone. */
struct list_state {
	int high, min, max, count, free_count, factor;
	unsigned long zone;
};

static struct mirror_zone *make(struct kunit *test)
{
	return normal_zone(mirror_test_flat(test, 6, 5, 256));
}

static void set(struct mirror_zone *zone, struct mirror_pcp *pcp, const struct list_state *s)
{
	pcp->high = s->high;
	pcp->high_min = s->min;
	pcp->high_max = s->max;
	pcp->count = s->count;
	pcp->free_count = s->free_count;
	pcp->alloc_factor = s->factor;
	zone->flags = s->zone;
}

static struct mirror_pcp *list_of_its_own(struct kunit *test)
{
	struct mirror_pcp *pcp = kunit_kzalloc(test, sizeof(*pcp), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pcp);
	return pcp;
}

/* high ------------------------------------------------------------------------------ */

struct high {
	struct list_state s;
	int batch;
	bool free_high;
	int want;
	int high;	/* afterwards */
};

static const struct high highs[] = {
	/* Nothing may be held, whatever else there is to say. */
	{ { 0, 0, 0, 9, 5 }, 4, false, 0, 0 },
	{ { 0, 0, 0, 9, 5, 0, RECLAIM | BELOW }, 4, true, 0, 0 },
	{ { 7, 0, 0, 9, 5 }, 4, false, 0, 0 },
	{ { 1, 1, 1, 0, 0 }, 4, false, 1, 1 },
	/* Bounds that do not leave room are the answer. */
	{ { 50, 20, 20, 9, 5 }, 4, false, 20, 20 },
	{ { 5, 20, 20, 9, 5 }, 4, false, 20, 20 },
	{ { 20, 20, 20, 30, 50, 0, BELOW }, 4, false, 20, 20 },
	/* All of it goes: high by 32 batches, to its lower bound. */
	{ { 200, 10, 300, 9, 5 }, 4, true, 0, 72 },
	{ { 138, 10, 300, 9, 5 }, 4, true, 0, 10 },
	{ { 139, 10, 300, 9, 5 }, 4, true, 0, 11 },
	{ { 137, 10, 300, 9, 5, 0, RECLAIM }, 4, true, 0, 10 },
	/* Reclaim: high by what was freed or a batch, and four batches at most. */
	{ { 60, 10, 300, 9, 20, 0, RECLAIM }, 4, false, 16, 40 },
	{ { 60, 10, 300, 9, 3, 0, RECLAIM }, 4, false, 16, 56 },
	{ { 60, 10, 300, 9, 4, 0, RECLAIM }, 4, false, 16, 56 },
	{ { 60, 10, 300, 9, 5, 0, RECLAIM }, 4, false, 16, 55 },
	{ { 60, 10, 300, 9, 45, 0, RECLAIM }, 4, false, 15, 15 },
	{ { 60, 10, 300, 9, 55, 0, RECLAIM }, 4, false, 10, 10 },
	{ { 60, 60, 60, 9, 55, 0, RECLAIM }, 4, false, 16, 60 },
	/* Below the mark: the same for high, and what is there may stay. */
	{ { 60, 10, 300, 30, 20, 0, BELOW }, 4, false, 30, 40 },
	{ { 60, 10, 300, 9, 20, 0, BELOW }, 4, false, 10, 40 },
	{ { 60, 10, 300, 90, 2, 0, BELOW }, 4, false, 90, 56 },
	{ { 60, 10, 300, 90, 55, 0, BELOW }, 4, false, 90, 10 },
	/* Full: room for what was freed and a batch, within the bounds. */
	{ { 60, 10, 300, 60, 70 }, 4, false, 60, 74 },
	{ { 60, 10, 300, 59, 70 }, 4, false, 60, 60 },
	{ { 60, 10, 300, 61, 56 }, 4, false, 60, 60 },
	{ { 60, 10, 300, 61, 57 }, 4, false, 60, 61 },
	{ { 60, 10, 66, 61, 70 }, 4, false, 60, 66 },
	{ { 70, 10, 66, 66, 70 }, 4, false, 66, 66 },
	{ { 6, 10, 66, 10, 3 }, 4, false, 10, 10 },
};

static void list_may_hold_so_many(struct kunit *test)
{
	struct mirror_pcp *pcp = list_of_its_own(test);
	struct mirror_zone *zone = make(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(highs); i++) {
		const struct high *h = &highs[i];

		set(zone, pcp, &h->s);
		KUNIT_EXPECT_EQ_MSG(test, mirror_pcp_high(pcp, zone, h->batch, h->free_high),
				    h->want, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, pcp->high, h->high, "case %u", i);
		KUNIT_EXPECT_EQ(test, pcp->count, h->s.count);
		KUNIT_EXPECT_EQ(test, pcp->free_count, h->s.free_count);
	}
	zone->flags = 0;
}

/* flushing -------------------------------------------------------------------------- */

struct nr_free {
	int count, free_count, batch, high;
	bool free_high;
	int want;
};

static const struct nr_free nr_frees[] = {
	{ 100, 0, 4, 50, true, 100 }, { 128, 0, 4, 50, true, 128 },
	{ 129, 0, 4, 50, true, 128 }, { 100, 9, 4, 3, true, 100 },
	/* High below a batch: one at a time; of one batch, the batch. */
	{ 100, 9, 4, 3, false, 1 }, { 100, 9, 4, 0, false, 1 },
	{ 100, 0, 4, 8, false, 4 }, { 100, 9, 4, 8, false, 4 },
	/* As many as were freed in a row, a batch at least, and a batch stays. */
	{ 100, 3, 4, 50, false, 4 }, { 100, 5, 4, 50, false, 5 },
	{ 100, 46, 4, 50, false, 46 }, { 100, 47, 4, 50, false, 46 },
};

static void flush_takes_so_many(struct kunit *test)
{
	struct mirror_pcp *pcp = list_of_its_own(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nr_frees); i++) {
		const struct nr_free *n = &nr_frees[i];

		pcp->count = n->count;
		pcp->free_count = n->free_count;
		KUNIT_EXPECT_EQ_MSG(test, mirror_pcp_nr_free(pcp, n->batch, n->high,
							     n->free_high),
				    n->want, "case %u", i);
	}
}

/* With cache to spare a batch stays; without, one such block after another is enough. */
static void high_orders_in_a_row_are_noticed(struct kunit *test)
{
	static const u8 flags[] = { 0, PREV, CACHE, PREV | CACHE };
	struct mirror_pcp *pcp = list_of_its_own(test);
	unsigned int i;
	int freed, count;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		for (freed = 3; freed <= 5; freed++)
			for (count = 3; count <= 5; count++) {
				pcp->flags = flags[i];
				pcp->free_count = freed;
				pcp->count = count;
				KUNIT_EXPECT_EQ_MSG(test, mirror_pcp_free_high(pcp, 4),
						    freed > 3 && (flags[i] == PREV ||
						    (flags[i] == (PREV | CACHE) && count > 3)),
						    "flags %#x, %d, %d", flags[i], freed,
						    count);
			}
}

/* What is settled stays as it is, and only what may be otherwise is looked at. */
static void settled_list_has_nothing_to_do(struct kunit *test)
{
	static const unsigned long flags[] = {
		0, RECLAIM, BELOW, RECLAIM | BELOW, BIT(MIRROR_ZONE_BOOSTED),
		BIT(MIRROR_ZONE_KSWAPD_DUE),
	};
	struct mirror_pcp *pcp = list_of_its_own(test);
	struct mirror_zone *zone = make(test);
	unsigned int i, free_high;
	int high, count;

	for (i = 0; i < ARRAY_SIZE(flags); i++)
		for (free_high = 0; free_high < 2; free_high++)
			for (high = 9; high <= 21; high++)
				for (count = high - 1; count <= high + 1; count++) {
					const struct list_state s = { high, 10, 20, count, 0,
								      0, flags[i] };

					set(zone, pcp, &s);
					KUNIT_EXPECT_EQ(test, count < high && high >= 10 &&
							high <= 20 && !free_high &&
							!(flags[i] & (RECLAIM | BELOW)),
							mirror_pcp_is_settled(zone, pcp,
									      free_high));
				}
	zone->flags = 0;
}

/* refilling ------------------------------------------------------------------------- */

struct nr_alloc {
	struct list_state s;
	unsigned int order;
	int want;
	int high;
	int factor;
};

/* The batch is 4. */
static const struct nr_alloc nr_allocs[] = {
	{ { 3, 3, 3, 0, 0, 2 }, 0, 1, 3, 2 },
	{ { 4, 4, 4, 0, 0, 2 }, 0, 4, 4, 2 },
	{ { 3, 0, 0, 0, 0, 2 }, 0, 1, 0, 2 },
	/* Room for 12 of 16: as long as it is enough, the next one doubles. */
	{ { 16, 16, 16, 0, 0, 0 }, 0, 4, 16, 1 },
	{ { 16, 16, 16, 0, 0, 1 }, 0, 8, 16, 2 },
	{ { 16, 16, 16, 0, 0, 2 }, 0, 12, 16, 2 },
	{ { 20, 20, 20, 0, 0, 2 }, 0, 16, 20, 3 },
	{ { 19, 19, 19, 0, 0, 2 }, 0, 15, 19, 2 },
	{ { 16, 16, 16, 9, 0, 0 }, 0, 4, 16, 1 },
	{ { 16, 16, 16, 20, 0, 1 }, 0, 4, 16, 1 },
	{ { 900, 900, 900, 0, 0, 4 }, 0, 64, 900, 5 },
	{ { 900, 900, 900, 0, 0, 5 }, 0, 128, 900, 5 },
	/* Tuned: high rises by what is fetched, but not below the mark. */
	{ { 16, 10, 100, 0, 0, 1 }, 0, 8, 24, 2 },
	{ { 16, 10, 20, 0, 0, 1 }, 0, 8, 20, 2 },
	{ { 16, 10, 100, 0, 0, 1, BELOW }, 0, 8, 16, 2 },
	{ { 16, 10, 100, 0, 0, 1, RECLAIM }, 0, 8, 24, 2 },
	{ { 120, 10, 100, 0, 0, 1 }, 0, 8, 100, 2 },
	{ { 4, 10, 100, 0, 0, 1 }, 0, 8, 18, 2 },
	/* Larger blocks: a batch of pages whatever the factor, and two blocks. */
	{ { 50, 50, 50, 0, 0, 3 }, 1, 2, 50, 3 },
	{ { 50, 50, 50, 0, 0, 3 }, 2, 2, 50, 3 },
	{ { 16, 10, 100, 0, 0, 3 }, 3, 2, 20, 3 },
};

static void refill_brings_so_many(struct kunit *test)
{
	struct mirror_pcp *pcp = list_of_its_own(test);
	struct mirror_zone *zone = make(test);
	unsigned int i;

	pcp->batch = 4;
	for (i = 0; i < ARRAY_SIZE(nr_allocs); i++) {
		const struct nr_alloc *n = &nr_allocs[i];

		set(zone, pcp, &n->s);
		KUNIT_EXPECT_EQ_MSG(test, mirror_pcp_nr_alloc(pcp, zone, n->order), n->want,
				    "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, pcp->high, n->high, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, pcp->alloc_factor, n->factor, "case %u", i);
	}
	zone->flags = 0;
}

/* A batch of 9 is four blocks of two, and two of four or eight; of one, one block. */
static void refill_of_larger_blocks_counts_pages(struct kunit *test)
{
	static const int nine[] = { 9, 4, 2, 2 };
	const struct list_state s = { 50, 50, 50, 0, 0, 0 };
	struct mirror_pcp *pcp = list_of_its_own(test);
	struct mirror_zone *zone = make(test);
	unsigned int order;

	set(zone, pcp, &s);
	for (order = 0; order < ARRAY_SIZE(nine); order++) {
		pcp->alloc_factor = 0;
		pcp->batch = 9;
		KUNIT_EXPECT_EQ(test, mirror_pcp_nr_alloc(pcp, zone, order), nine[order]);
		pcp->alloc_factor = 0;
		pcp->batch = 1;
		KUNIT_EXPECT_EQ(test, mirror_pcp_nr_alloc(pcp, zone, order), 1);
	}
}

/* An idle tick: by an eighth, not below the bound, nor far below what is there. */
static void idle_tick_lowers_high(struct kunit *test)
{
	static const struct {
		int high, min, count, want;
	} decays[] = {
		{ 10, 10, 300, 10 }, { 9, 10, 300, 9 }, { 11, 10, 0, 10 }, { 11, 10, 300, 172 },
		{ 80, 10, 0, 70 }, { 79, 10, 0, 70 }, { 80, 75, 0, 75 }, { 80, 10, 198, 70 },
		{ 80, 10, 199, 71 }, { 7, 0, 0, 7 }, { 8, 0, 0, 7 },
	};
	struct mirror_pcp *pcp = list_of_its_own(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(decays); i++) {
		pcp->high = decays[i].high;
		pcp->high_min = decays[i].min;
		pcp->count = decays[i].count;
		KUNIT_EXPECT_EQ_MSG(test, mirror_pcp_decay(pcp, 4), decays[i].want,
				    "case %u", i);
	}
}

static int two(struct mirror_pcp *pcp, const struct mirror_zone *zone, int batch,
	       bool free_high)
{
	return 2;
}

/* A policy is asked even where the list would have room by the common rules. */
static void policy_is_asked_about_a_settled_list(struct kunit *test)
{
	static const struct mirror_policy short_lists = { .name = "short", .pcp_high = two };
	struct mirror_page *page[4];
	struct mirror_config conf;
	struct mirror_pcp *pcp;
	struct mirror *m;
	unsigned int i;

	mirror_test_config(&conf, 6, 5);
	conf.policy = &short_lists;
	m = mirror_test_range(test, &conf, TEST_PFN, 256);
	pcp = this_pcp(normal_zone(m));
	pcp->high = 100;
	pcp->high_min = 100;
	pcp->high_max = 100;
	for (i = 0; i < 4; i++)
		page[i] = mirror_test_take(normal_zone(m), 0, MOVABLE);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page[i], 0), 0);
		KUNIT_EXPECT_LT(test, pcp->count, 2);
	}
}

/* forgetting ------------------------------------------------------------------------ */

static void reset_list_is_a_new_one_but_for_the_cache(struct kunit *test)
{
	struct mirror_pcp *pcp = list_of_its_own(test);
	unsigned int i;

	memset(pcp, 0x5b, sizeof(*pcp));
	mirror_pcp_reset(pcp);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
	KUNIT_EXPECT_EQ(test, pcp->high, 0);
	KUNIT_EXPECT_EQ(test, pcp->high_min, 0);
	KUNIT_EXPECT_EQ(test, pcp->high_max, 0);
	KUNIT_EXPECT_EQ(test, pcp->batch, 1);
	KUNIT_EXPECT_EQ(test, pcp->free_count, 0);
	KUNIT_EXPECT_EQ(test, pcp->flags, CACHE);
	KUNIT_EXPECT_EQ(test, pcp->alloc_factor, 0);
	KUNIT_EXPECT_EQ(test, pcp->expire, 0);
	for (i = 0; i < MIRROR_NR_PCP_LISTS; i++) {
		KUNIT_EXPECT_EQ(test, pcp->lists[i].first, MIRROR_NIL);
		KUNIT_EXPECT_EQ(test, pcp->lists[i].last, MIRROR_NIL);
		KUNIT_EXPECT_EQ(test, pcp->lists[i].nr, 0);
	}
	pcp->flags = PREV;
	mirror_pcp_reset(pcp);
	KUNIT_EXPECT_EQ(test, pcp->flags, 0);
}

static struct kunit_case pcp_rules_cases[] = {
	KUNIT_CASE(list_may_hold_so_many),
	KUNIT_CASE(flush_takes_so_many),
	KUNIT_CASE(high_orders_in_a_row_are_noticed),
	KUNIT_CASE(settled_list_has_nothing_to_do),
	KUNIT_CASE(refill_brings_so_many),
	KUNIT_CASE(refill_of_larger_blocks_counts_pages),
	KUNIT_CASE(idle_tick_lowers_high),
	KUNIT_CASE(policy_is_asked_about_a_settled_list),
	KUNIT_CASE(reset_list_is_a_new_one_but_for_the_cache),
	{}
};

static struct kunit_suite pcp_rules_suite = {
	.name = "mirror_pcp_rules",
	.test_cases = pcp_rules_cases,
};

kunit_test_suite(pcp_rules_suite);
