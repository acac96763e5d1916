// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists at their thresholds: one page less, and nothing happens.
 *
 * Each case sets a state by hand and makes one step. The numbers follow from
 *
 *   refill  batch << alloc_factor, at most high - count - batch, at least batch
 *   flush   free_count, at least batch and at most high - batch, once the lists
 *           hold high pages
 *   run     32 batches, after batch pages of frees that ended with a high order
 *
 * where free_count counts the pages of the block just freed already.
 */
#include "fixture.h"

struct state {
	int batch;
	int high_min;
	int high_max;
	int high;
	int count;		/* single movable pages on the lists */
	int free_count;
	int alloc_factor;
	u8 flags;
	unsigned long zone_flags;
};

static struct mirror_zone *large_zone(struct kunit *test)
{
	struct mirror_zone *zone;

	zone = normal_zone(mirror_test_flat(test, 10, 9, 1 << 13));
	mirror_test_no_drift(zone->m);
	return zone;
}

static void free_fresh(struct kunit *test, struct mirror_zone *zone,
		       unsigned int order)
{
	struct mirror_page *page = mirror_test_take(zone, order, MOVABLE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, mirror_free_pages(zone->m, page, order), 0);
}

static struct mirror_pcp *set_state(struct kunit *test, struct mirror_zone *zone,
				    const struct state *s)
{
	struct mirror_pcp *pcp = this_pcp(zone);
	int i;

	pcp->batch = 1000;
	pcp->high_min = 8000;
	pcp->high_max = 8000;
	for (i = 0; i < s->count; i++)
		free_fresh(test, zone, 0);
	KUNIT_ASSERT_EQ(test, pcp->count, s->count);
	pcp->batch = s->batch;
	pcp->high_min = s->high_min;
	pcp->high_max = s->high_max;
	pcp->high = s->high;
	pcp->free_count = s->free_count;
	pcp->alloc_factor = s->alloc_factor;
	pcp->flags = s->flags;
	zone->flags = s->zone_flags;
	return pcp;
}

/* freeing -------------------------------------------------------------------- */

struct step {
	const char *name;
	struct state before;
	unsigned int order;	/* of the block that is freed */
	int count;
	int high;
};

#define RUN	MIRROR_PCPF_PREV_FREE_HIGH_ORDER
#define CACHE	MIRROR_PCPF_FREE_HIGH_BATCH
#define RECLAIM	BIT(MIRROR_ZONE_RECLAIM_ACTIVE)
#define BELOW	BIT(MIRROR_ZONE_BELOW_HIGH)

static const struct step frees[] = {
	/* A fixed high: flushed when it is reached. */
	{ "one below high", { 4, 20, 20, 20, 18, 0 }, 0, 19, 20 },
	{ "at high", { 4, 20, 20, 20, 19, 0 }, 0, 16, 20 },
	{ "high reached by a block", { 4, 20, 20, 20, 16, 0 }, 2, 16, 20 },
	{ "high missed by a block", { 4, 20, 20, 20, 15, 0 }, 2, 19, 20 },
	{ "beyond high", { 4, 20, 20, 20, 30, 0 }, 0, 27, 20 },
	{ "lower than a batch", { 4, 3, 3, 3, 2, 100 }, 0, 2, 3 },
	{ "lower than a batch, not full", { 4, 3, 3, 3, 1, 100 }, 0, 2, 3 },
	{ "two batches", { 4, 8, 8, 8, 7, 100 }, 0, 4, 8 },
	/* free_count between a batch and all but a batch */
	{ "4 in a row", { 4, 20, 20, 20, 19, 3 }, 0, 16, 20 },
	{ "5 in a row", { 4, 20, 20, 20, 19, 4 }, 0, 15, 20 },
	{ "15 in a row", { 4, 20, 20, 20, 19, 14 }, 0, 5, 20 },
	{ "16 in a row", { 4, 20, 20, 20, 19, 15 }, 0, 4, 20 },
	{ "17 in a row", { 4, 20, 20, 20, 19, 16 }, 0, 4, 20 },
	{ "100 in a row", { 4, 20, 20, 20, 19, 99 }, 0, 4, 20 },
	/* High that may rise does so when frees in a row and a batch exceed it. */
	{ "a batch less than high", { 4, 10, 100, 20, 19, 14 }, 0, 5, 20 },
	{ "16 and a batch", { 4, 10, 100, 20, 19, 15 }, 0, 4, 20 },
	{ "17 and a batch", { 4, 10, 100, 20, 19, 16 }, 0, 4, 21 },
	{ "50 and a batch", { 4, 10, 100, 20, 19, 49 }, 0, 4, 54 },
	{ "96 and a batch", { 4, 10, 100, 20, 19, 95 }, 0, 4, 100 },
	{ "97 and a batch", { 4, 10, 100, 20, 19, 96 }, 0, 4, 100 },
	{ "not full, no rise", { 4, 10, 100, 20, 18, 50 }, 0, 19, 20 },
	{ "below its lower bound", { 4, 10, 100, 5, 8, 0 }, 0, 9, 10 },
	{ "above its upper bound", { 4, 10, 100, 500, 50, 0 }, 0, 51, 100 },
	/* A zone below its high mark: sinks, and is full at the lower bound. */
	{ "below, not full", { 4, 12, 100, 40, 10, 0, 0, 0, BELOW }, 0, 11, 36 },
	{ "below, full", { 4, 12, 100, 40, 11, 0, 0, 0, BELOW }, 0, 8, 36 },
	{ "below, 5 in a row", { 4, 12, 100, 40, 11, 4, 0, 0, BELOW }, 0, 7, 35 },
	{ "below, far above", { 4, 12, 100, 40, 29, 19, 0, 0, BELOW }, 0, 10, 20 },
	{ "below, 28 in a row", { 4, 12, 100, 40, 5, 27, 0, 0, BELOW }, 0, 6, 12 },
	{ "below, 29 in a row", { 4, 12, 100, 40, 5, 28, 0, 0, BELOW }, 0, 6, 12 },
	{ "below, fixed", { 4, 20, 20, 20, 18, 50, 0, 0, BELOW }, 0, 19, 20 },
	/* Reclaim: four batches, or high where that is less. */
	{ "reclaim, 15 pages", { 4, 12, 100, 40, 14, 4, 0, 0, RECLAIM }, 0, 15, 35 },
	{ "reclaim, 16 pages", { 4, 12, 100, 40, 15, 4, 0, 0, RECLAIM }, 0, 11, 35 },
	{ "reclaim, high less", { 4, 12, 100, 36, 11, 23, 0, 0, RECLAIM }, 0, 4, 12 },
	{ "reclaim, not full", { 4, 12, 100, 36, 10, 23, 0, 0, RECLAIM }, 0, 11, 12 },
	{ "reclaim, fixed", { 4, 40, 40, 40, 15, 4, 0, 0, RECLAIM }, 0, 11, 40 },
	/* A run of high orders, of at least a batch of pages before this one. */
	{ "run of 3", { 4, 500, 500, 500, 3, 3, 0, RUN }, 1, 5, 500 },
	{ "run of 4", { 4, 500, 500, 500, 3, 4, 0, RUN }, 1, 0, 500 },
	{ "run of 4, order 2", { 4, 500, 500, 500, 3, 4, 0, RUN }, 2, 0, 500 },
	{ "run of 4, order 3", { 4, 500, 500, 500, 3, 4, 0, RUN }, 3, 0, 500 },
	{ "run of 4, order 0", { 4, 500, 500, 500, 3, 4, 0, RUN }, 0, 4, 500 },
	{ "run of 4, order 9", { 4, 900, 900, 900, 3, 4, 0, RUN }, 9, 515, 900 },
	{ "no run", { 4, 500, 500, 500, 3, 4, 0, 0 }, 1, 5, 500 },
	{ "run, cache, 3 pages", { 4, 500, 500, 500, 1, 4, 0, RUN | CACHE }, 1, 3,
	  500 },
	{ "run, cache, 4 pages", { 4, 500, 500, 500, 2, 4, 0, RUN | CACHE }, 1, 0,
	  500 },
	{ "run takes 32 batches", { 4, 500, 500, 500, 200, 4, 0, RUN }, 1, 74, 500 },
	{ "run takes all of 32", { 4, 500, 500, 500, 126, 4, 0, RUN }, 1, 0, 500 },
	/* and high sinks by as much, down to its lower bound */
	{ "run, high by 129", { 4, 50, 500, 179, 0, 4, 0, RUN }, 1, 0, 51 },
	{ "run, high by 128", { 4, 50, 500, 178, 0, 4, 0, RUN }, 1, 0, 50 },
	{ "run, high by 127", { 4, 50, 500, 177, 0, 4, 0, RUN }, 1, 0, 50 },
	{ "run before reclaim", { 4, 50, 500, 300, 3, 4, 0, RUN, RECLAIM }, 1, 0,
	  172 },
};

KUNIT_ARRAY_PARAM_DESC(free, frees, name);

static void one_more_block_is_freed(struct kunit *test)
{
	const struct step *s = test->param_value;
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = set_state(test, zone, &s->before);
	bool high_order = s->order && s->order <= 3;

	free_fresh(test, zone, s->order);
	KUNIT_EXPECT_EQ(test, pcp->count, s->count);
	KUNIT_EXPECT_EQ(test, pcp->high, s->high);
	KUNIT_EXPECT_EQ(test, pcp->free_count,
			s->before.free_count + (1 << s->order));
	KUNIT_EXPECT_EQ(test, pcp->flags, (s->before.flags & CACHE) |
			(high_order ? RUN : 0));
	KUNIT_EXPECT_EQ(test, zone_free(zone) + pcp->count, zone->managed);
}

struct count {
	int before;
	unsigned int order;
	int after;
};

/* 32 batches of 4 end it, but the last block counts whole. */
static const struct count counts[] = {
	{ 126, 0, 127 }, { 127, 0, 128 }, { 128, 0, 128 }, { 127, 3, 135 },
	{ 128, 3, 128 }, { 135, 3, 135 }, { 127, 9, 639 },
};

static void free_count_stops_at_32_batches(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		const struct state s = { 4, 2000, 2000, 2000, 0, counts[i].before };
		struct mirror_zone *zone = large_zone(test);
		struct mirror_pcp *pcp = set_state(test, zone, &s);

		free_fresh(test, zone, counts[i].order);
		KUNIT_EXPECT_EQ(test, pcp->free_count, counts[i].after);
	}
}

static void frees_halve_the_refill_factor(struct kunit *test)
{
	static const u8 factors[] = { 2, 1, 0, 0 };
	const struct state s = { 4, 2000, 2000, 2000, 0, 0, 5 };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = set_state(test, zone, &s);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(factors); i++) {
		free_fresh(test, zone, i);
		KUNIT_EXPECT_EQ(test, pcp->alloc_factor, factors[i]);
	}
}

/* The lists of this order and type first, the others from there in a circle. */
static void flush_of_a_pageblock_takes_that_alone(struct kunit *test)
{
	const struct state s = { 4, 515, 515, 515, 3, 0 };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = set_state(test, zone, &s);

	free_fresh(test, zone, 9);
	/* 511 are to go: one block of 512, the last list there is. */
	KUNIT_EXPECT_EQ(test, pcp->lists[mirror_pcp_index(MOVABLE, 0)].nr, 3);
	KUNIT_EXPECT_EQ(test, pcp->lists[mirror_pcp_index(MOVABLE, 9)].nr, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 3);
}

/* the zone's high mark ------------------------------------------------------- */

/* After one allocation from a zone with @above pages over its high mark. */
static bool is_noted_below_high(struct kunit *test, unsigned int order,
				unsigned long above)
{
	struct mirror_zone *zone = large_zone(test);

	mirror_test_marks(test, zone->m, 0, 0, zone->managed - above);
	mirror_test_no_drift(zone->m);
	mirror_test_no_pcp(zone->m);
	KUNIT_EXPECT_NOT_NULL(test, mirror_test_alloc(zone->m, 0, order));
	return test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
}

static void zone_is_below_high_at_its_mark(struct kunit *test)
{
	unsigned long above;

	for (above = 0; above < 2; above++)
		KUNIT_EXPECT_EQ(test, !above,
				is_noted_below_high(test, 0, above));
}

/* A larger block has to leave the mark, and all of itself but a page, free. */
static void zone_is_below_high_for_larger_blocks_sooner(struct kunit *test)
{
	unsigned long above;

	for (above = 6; above < 9; above++)
		KUNIT_EXPECT_EQ_MSG(test, above < 8,
				    is_noted_below_high(test, 3, above),
				    "%lu above", above);
}

/* Of 12 pages on the lists four are flushed, which leaves eight not free. */
static void flush_above_the_mark_makes_the_zone_whole(struct kunit *test)
{
	const struct state s = { 4, 12, 100, 40, 11, 0, 0, 0, BELOW };
	unsigned long mark;

	for (mark = 8183; mark <= 8185; mark++) {
		struct mirror_zone *zone = large_zone(test);

		mirror_test_marks(test, zone->m, 0, 0, mark);
		mirror_test_no_drift(zone->m);
		set_state(test, zone, &s);
		free_fresh(test, zone, 0);
		KUNIT_EXPECT_EQ(test, zone_free(zone), 8184);
		KUNIT_EXPECT_EQ_MSG(test, mark >= 8184,
				    test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags),
				    "mark %lu", mark);
	}
}

/* Free pages may have risen long ago: only a flush looks. */
static void free_without_a_flush_does_not_look(struct kunit *test)
{
	const struct state s = { 4, 12, 100, 40, 10, 0, 0, 0, BELOW };
	struct mirror_zone *zone = large_zone(test);

	set_state(test, zone, &s);
	free_fresh(test, zone, 0);
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags));
	free_fresh(test, zone, 0);
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags));
}

/* refilling ------------------------------------------------------------------ */

struct refill {
	const char *name;
	struct state before;
	unsigned int order;
	int blocks;		/* fetched */
	int factor;
	int high;
};

/* Pages counted here lie on the list of order 0, requests take reclaimable. */
static const struct refill refills[] = {
	{ "high below a batch", { 4, 3, 3, 3, 0, 0, 3 }, 0, 1, 3, 3 },
	{ "high of a batch", { 4, 4, 4, 4, 0, 0, 0 }, 0, 4, 1, 4 },
	{ "no larger than a batch", { 4, 4, 4, 4, 0, 0, 1 }, 0, 4, 1, 4 },
	{ "room for 12, 8", { 4, 16, 16, 16, 0, 0, 1 }, 0, 8, 2, 16 },
	{ "room for 12, 16", { 4, 16, 16, 16, 0, 0, 2 }, 0, 12, 2, 16 },
	{ "room for 16, 16", { 4, 20, 20, 20, 0, 0, 2 }, 0, 16, 3, 20 },
	{ "room for 15, 16", { 4, 19, 19, 19, 0, 0, 2 }, 0, 15, 2, 19 },
	{ "room for 8, 8", { 4, 16, 16, 16, 4, 0, 1 }, 0, 8, 2, 16 },
	{ "room for 7, 8", { 4, 16, 16, 16, 5, 0, 1 }, 0, 7, 1, 16 },
	{ "room for 4", { 4, 16, 16, 16, 8, 0, 0 }, 0, 4, 1, 16 },
	{ "no room, a batch", { 4, 16, 16, 16, 14, 0, 0 }, 0, 4, 1, 16 },
	{ "no room, no more", { 4, 16, 16, 16, 14, 0, 1 }, 0, 4, 1, 16 },
	{ "factor of 4", { 4, 900, 900, 900, 0, 0, 4 }, 0, 64, 5, 900 },
	{ "factor of 5", { 4, 900, 900, 900, 0, 0, 5 }, 0, 128, 5, 900 },
	{ "batch of one", { 1, 16, 16, 16, 0, 0, 0 }, 0, 1, 1, 16 },
	{ "batch of one, doubled", { 1, 16, 16, 16, 0, 0, 1 }, 0, 2, 2, 16 },
	/* High rises by what is fetched, before room is measured. */
	{ "tuned", { 4, 16, 26, 16, 0, 0, 0 }, 0, 4, 1, 20 },
	{ "tuned, 8", { 4, 16, 26, 16, 0, 0, 1 }, 0, 8, 2, 24 },
	{ "tuned, to its bound", { 4, 16, 26, 16, 0, 0, 2 }, 0, 16, 3, 26 },
	{ "tuned, beyond it", { 4, 16, 26, 16, 0, 0, 3 }, 0, 22, 3, 26 },
	{ "tuned, from below", { 4, 16, 26, 2, 0, 0, 0 }, 0, 4, 1, 20 },
	{ "tuned, from above", { 4, 16, 26, 90, 0, 0, 0 }, 0, 4, 1, 26 },
	{ "below the mark", { 4, 16, 26, 16, 0, 0, 2, 0, BELOW }, 0, 12, 2, 16 },
	/* Larger blocks: the batch in pages, but two of them. */
	{ "order 1", { 16, 100, 100, 100, 0, 0, 3 }, 1, 8, 3, 100 },
	{ "order 2", { 16, 100, 100, 100, 0, 0, 3 }, 2, 4, 3, 100 },
	{ "order 3", { 16, 100, 100, 100, 0, 0, 3 }, 3, 2, 3, 100 },
	{ "order 3 of 31", { 31, 400, 400, 400, 0, 0, 0 }, 3, 3, 0, 400 },
	{ "order 3 of 4", { 4, 100, 100, 100, 0, 0, 0 }, 3, 2, 0, 100 },
	{ "order 9", { 16, 100, 100, 100, 0, 0, 0 }, 9, 2, 0, 100 },
	{ "order 3, batch of one", { 1, 100, 100, 100, 0, 0, 0 }, 3, 1, 0, 100 },
	{ "order 2, no room", { 16, 100, 100, 100, 99, 0, 0 }, 2, 4, 0, 100 },
	{ "order 2, tuned", { 16, 100, 200, 100, 0, 0, 3 }, 2, 4, 3, 116 },
	{ "order 2, high below a batch", { 16, 15, 15, 15, 0, 0, 0 }, 2, 1, 0, 15 },
};

KUNIT_ARRAY_PARAM_DESC(refill, refills, name);

static void empty_list_is_refilled(struct kunit *test)
{
	const struct refill *r = test->param_value;
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = set_state(test, zone, &r->before);

	KUNIT_ASSERT_NOT_NULL(test,
			      mirror_test_alloc_flags(zone->m,
						      __MIRROR_GFP_RECLAIMABLE,
						      r->order,
						      MIRROR_ALLOC_NO_WATERMARKS));
	KUNIT_EXPECT_EQ(test, pcp->lists[mirror_pcp_index(RECLAIMABLE, r->order)].nr,
			r->blocks - 1);
	KUNIT_EXPECT_EQ(test, pcp->count,
			r->before.count + ((r->blocks - 1) << r->order));
	KUNIT_EXPECT_EQ(test, pcp->alloc_factor, r->factor);
	KUNIT_EXPECT_EQ(test, pcp->high, r->high);
}

/* A zone that has less gives what it has. */
static void refill_ends_with_the_zone(struct kunit *test)
{
	const struct state s = { 16, 100, 100, 100 };
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 4, 3, 64));
	struct mirror_pcp *pcp = set_state(test, zone, &s);
	unsigned int i;

	mirror_test_no_drift(zone->m);
	for (i = 0; i < 59; i++)
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_take(zone, 0, MOVABLE));
	KUNIT_ASSERT_NOT_NULL(test, mirror_test_alloc(zone->m, __MIRROR_GFP_MOVABLE,
						      0));
	KUNIT_EXPECT_EQ(test, pcp->count, 4);
	KUNIT_EXPECT_EQ(test, zone_free(zone), 0);
}

static void request_served_from_the_list_changes_nothing(struct kunit *test)
{
	const struct state s = { 4, 16, 100, 20, 5, 9, 2, RUN };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = set_state(test, zone, &s);
	static const int halves[] = { 4, 2, 1, 0, 0 };
	unsigned int i;

	for (i = 0; i < 5; i++) {
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_alloc(zone->m,
							      __MIRROR_GFP_MOVABLE,
							      0));
		KUNIT_EXPECT_EQ(test, pcp->count, 4 - (int)i);
		KUNIT_EXPECT_EQ(test, pcp->free_count, halves[i]);
	}
	KUNIT_EXPECT_EQ(test, pcp->high, 20);
	KUNIT_EXPECT_EQ(test, pcp->alloc_factor, 2);
	KUNIT_EXPECT_EQ(test, pcp->flags, RUN);
}

/* The reference's bulk allocation does not count as taking. */
static void bulk_leaves_the_memory_of_frees(struct kunit *test)
{
	const struct state s = { 4, 16, 16, 16, 5, 9, 2 };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = set_state(test, zone, &s);
	struct mirror_page *pages[5] = {};
	struct mirror_alloc_context ac;

	KUNIT_ASSERT_TRUE(test, mirror_prepare_alloc(zone->m, __MIRROR_GFP_MOVABLE,
						     0, 0, &ac));
	KUNIT_EXPECT_EQ(test, 5, mirror_alloc_fast_bulk(zone->m,
							__MIRROR_GFP_MOVABLE, 5,
							pages, &ac));
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
	KUNIT_EXPECT_EQ(test, pcp->free_count, 9);
}

/* the tick ------------------------------------------------------------------- */

static void tick(struct mirror *m)
{
	mirror_fold_cpu(m, raw_smp_processor_id());
	mirror_pcp_tick(m, raw_smp_processor_id());
}

struct decay {
	const char *name;
	struct state before;
	int high;
	int count;
};

static const struct decay decays[] = {
	{ "at its lower bound", { 4, 10, 100, 10, 5 }, 10, 5 },
	{ "one above", { 4, 10, 100, 11, 5 }, 10, 5 },
	{ "an eighth", { 4, 10, 100, 80, 5 }, 70, 5 },
	{ "rounded down", { 4, 10, 100, 79, 5 }, 70, 5 },
	{ "eight", { 4, 0, 100, 8, 0 }, 7, 0 },
	{ "seven has no eighth", { 4, 0, 100, 7, 0 }, 7, 0 },
	{ "below its lower bound", { 4, 10, 100, 6, 6 }, 6, 6 },
	{ "pages at the new high", { 4, 10, 100, 80, 70 }, 70, 70 },
	{ "one page above", { 4, 10, 100, 80, 71 }, 70, 70 },
	{ "more than a batch above", { 4, 10, 100, 80, 79 }, 70, 70 },
	{ "above the bound", { 4, 10, 10, 10, 19 }, 10, 10 },
	{ "32 batches and an eighth", { 1, 10, 300, 200, 200 }, 175, 175 },
	{ "32 batches", { 1, 10, 300, 100, 200 }, 168, 168 },
	{ "32 batches, high rises", { 1, 10, 300, 100, 133 }, 101, 101 },
};

KUNIT_ARRAY_PARAM_DESC(decay, decays, name);

static void tick_lowers_high_and_flushes_above(struct kunit *test)
{
	const struct decay *d = test->param_value;
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = set_state(test, zone, &d->before);

	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->high, d->high);
	KUNIT_EXPECT_EQ(test, pcp->count, d->count);
	KUNIT_EXPECT_EQ(test, zone_free(zone) + pcp->count, zone->managed);
}

/*
 * Two blocks of 8, and 7 pages too many: four are due first and take a block,
 * then the other three, which were not taken off the account, take the second.
 */
static void tick_frees_whole_blocks_by_the_batch(struct kunit *test)
{
	const struct state s = { 100, 1000, 1000, 1000 };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_pcp *pcp = set_state(test, zone, &s);

	free_fresh(test, zone, 3);
	free_fresh(test, zone, 3);
	KUNIT_ASSERT_EQ(test, pcp->count, 16);
	pcp->batch = 4;
	pcp->high_min = 9;
	pcp->high_max = 9;
	pcp->high = 9;
	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
}

/* From list 0 on, whatever was used last. */
static void tick_begins_with_unmovable_single_pages(struct kunit *test)
{
	const struct state s = { 3, 4, 4, 4, 3 };
	struct mirror_zone *zone = large_zone(test);
	struct mirror_page *page = mirror_test_take(zone, 10, MOVABLE);
	struct mirror_pcp *pcp = this_pcp(zone);
	unsigned int i;

	KUNIT_ASSERT_EQ(test, mirror_core_split(zone->m, page, 10), 0);
	mirror_test_set_type(zone, idx_of(zone->m, page), UNMOVABLE);
	set_state(test, zone, &s);
	pcp->high_min = 1000;
	pcp->high_max = 1000;
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(zone->m, page + i, 0), 0);
	pcp->high_min = 2;
	pcp->high_max = 2;
	pcp->high = 2;
	tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->lists[mirror_pcp_index(UNMOVABLE, 0)].nr, 0);
	KUNIT_EXPECT_EQ(test, pcp->lists[mirror_pcp_index(MOVABLE, 0)].nr, 2);
}

static struct mirror_zone *remote_zone(struct kunit *test, int threshold)
{
	struct mirror *m = mirror_test_two_nodes(test, 10, 9, 4096);
	struct mirror_zone *zone = &m->nodes[1]->zones[MIRROR_ZONE_NORMAL];

	mirror_test_no_drift(m);
	per_cpu_ptr(zone->stat, raw_smp_processor_id())->threshold = threshold;
	return zone;
}

/* The pages that go are a change of the zone, and so begin the next three ticks. */
static void remote_lists_go_a_batch_every_three_ticks(struct kunit *test)
{
	static const int left[] = { 10, 10, 6, 6, 6, 2, 2, 2, 0, 0, 0 };
	const struct state s = { 4, 50, 50, 50, 10 };
	struct mirror_zone *zone = remote_zone(test, 125);
	struct mirror_pcp *pcp = set_state(test, zone, &s);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(left); i++) {
		tick(zone->m);
		KUNIT_EXPECT_EQ_MSG(test, pcp->count, left[i], "tick %u", i + 1);
	}
}

/* Only what the fold finds in the CPU's differences counts as use. */
static void changes_folded_at_once_do_not_begin_the_ticks(struct kunit *test)
{
	const struct state s = { 4, 50, 50, 50, 10 };
	struct mirror_zone *zone = remote_zone(test, 0);
	struct mirror_pcp *pcp = set_state(test, zone, &s);
	unsigned int i;

	for (i = 0; i < 6; i++)
		tick(zone->m);
	KUNIT_EXPECT_EQ(test, pcp->expire, 0);
	KUNIT_EXPECT_EQ(test, pcp->count, 10);
}

static void empty_lists_keep_their_ticks(struct kunit *test)
{
	struct mirror_zone *zone = remote_zone(test, 125);
	struct mirror_pcp *pcp = this_pcp(zone);
	struct mirror_page *page = mirror_test_take(zone, 0, MOVABLE);
	unsigned int i;

	pcp->high_min = 50;
	pcp->high_max = 50;
	for (i = 0; i < 5; i++) {
		tick(zone->m);
		KUNIT_EXPECT_EQ(test, pcp->expire, 3);
	}
	KUNIT_ASSERT_EQ(test, mirror_free_pages(zone->m, page, 0), 0);
	for (i = 3; i--;) {
		KUNIT_EXPECT_EQ(test, pcp->count, 1);
		tick(zone->m);
		KUNIT_EXPECT_EQ(test, pcp->expire, i);
	}
	KUNIT_EXPECT_EQ(test, pcp->count, 0);
}

static struct kunit_case pcp_edge_cases[] = {
	KUNIT_CASE_PARAM(one_more_block_is_freed, free_gen_params),
	KUNIT_CASE(free_count_stops_at_32_batches),
	KUNIT_CASE(frees_halve_the_refill_factor),
	KUNIT_CASE(flush_of_a_pageblock_takes_that_alone),
	KUNIT_CASE(zone_is_below_high_at_its_mark),
	KUNIT_CASE(zone_is_below_high_for_larger_blocks_sooner),
	KUNIT_CASE(flush_above_the_mark_makes_the_zone_whole),
	KUNIT_CASE(free_without_a_flush_does_not_look),
	KUNIT_CASE_PARAM(empty_list_is_refilled, refill_gen_params),
	KUNIT_CASE(refill_ends_with_the_zone),
	KUNIT_CASE(request_served_from_the_list_changes_nothing),
	KUNIT_CASE(bulk_leaves_the_memory_of_frees),
	KUNIT_CASE_PARAM(tick_lowers_high_and_flushes_above, decay_gen_params),
	KUNIT_CASE(tick_frees_whole_blocks_by_the_batch),
	KUNIT_CASE(tick_begins_with_unmovable_single_pages),
	KUNIT_CASE(remote_lists_go_a_batch_every_three_ticks),
	KUNIT_CASE(changes_folded_at_once_do_not_begin_the_ticks),
	KUNIT_CASE(empty_lists_keep_their_ticks),
	{}
};

static struct kunit_suite pcp_edge_suite = {
	.name = "mirror_pcp_edge",
	.test_cases = pcp_edge_cases,
};

kunit_test_suite(pcp_edge_suite);
