// SPDX-License-Identifier: GPL-2.0
/*
 * What a request takes when its own type has nothing free: which type, which
 * block, and whether the whole pageblock goes with it.
 */
#include "fallback.h"

/* order of types ----------------------------------------------------------- */

struct robbery {
	const char *name;
	int type;
	int victims[2];
};

static const struct robbery robberies[] = {
	{ "unmovable", UNMOVABLE, { RECLAIMABLE, MOVABLE } },
	{ "movable", MOVABLE, { RECLAIMABLE, UNMOVABLE } },
	{ "reclaimable", RECLAIMABLE, { UNMOVABLE, MOVABLE } },
};

KUNIT_ARRAY_PARAM_DESC(robbery, robberies, name);

static void types_are_robbed_in_order(struct kunit *test)
{
	const struct robbery *r = test->param_value;
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 0, r->victims[1]);
	mirror_test_set_type(zone, 32, r->victims[0]);
	mirror_test_set_type(zone, 64, r->type);
	give_range(zone, 0, 1);
	give_range(zone, 32, 33);
	give_range(zone, 64, 65);
	KUNIT_EXPECT_EQ(test, request(zone, 0, r->type, 0), 64);
	KUNIT_EXPECT_EQ(test, request(zone, 0, r->type, 0), 32);
	KUNIT_EXPECT_EQ(test, request(zone, 0, r->type, 0), 0);
	KUNIT_EXPECT_EQ(test, request(zone, 0, r->type, 0), MIRROR_NIL);
}

/* stealing ----------------------------------------------------------------- */

static void smallest_block_is_stolen(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 0, RECLAIMABLE);
	mirror_test_set_type(zone, 32, UNMOVABLE);
	give_range(zone, 0, 8);
	give_range(zone, 34, 36);
	KUNIT_EXPECT_EQ(test, request(zone, 0, MOVABLE, 0), 34);
	EXPECT_FREE_LIST(test, zone, 0, UNMOVABLE, 35);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 34), UNMOVABLE);
	KUNIT_EXPECT_EQ(test, request(zone, 2, MOVABLE, 0), 0);
	EXPECT_FREE_LIST(test, zone, 2, RECLAIMABLE, 4);
}

static void special_types_are_never_robbed(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 0, HIGHATOMIC);
	mirror_test_set_type(zone, 32, CMA);
	mirror_test_set_type(zone, 64, ISOLATE);
	give_range(zone, 0, 96);
	KUNIT_EXPECT_EQ(test, request(zone, 0, MOVABLE, 0), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, request(zone, 0, UNMOVABLE, MIRROR_ALLOC_OOM),
			MIRROR_NIL);
}

/* avoiding it -------------------------------------------------------------- */

static void nofragment_takes_whole_pageblocks_only(struct kunit *test)
{
	struct mirror_zone *zone = taken_zone(test);

	give_range(zone, 0, 31);
	KUNIT_EXPECT_EQ(test, request(zone, 0, UNMOVABLE,
				      MIRROR_ALLOC_NOFRAGMENT), MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 0), MOVABLE);
	give_range(zone, 31, 32);
	KUNIT_EXPECT_EQ(test, request(zone, 0, UNMOVABLE,
				      MIRROR_ALLOC_NOFRAGMENT), 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 0), UNMOVABLE);
}

/* the mode of a bulk refill ------------------------------------------------ */

static u32 request_mode(struct mirror_zone *zone, int mt, unsigned int alloc_flags,
			enum mirror_rmqueue_mode *mode)
{
	struct mirror_page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	page = mirror_rmqueue_locked(zone, 0, mt, alloc_flags, mode);
	if (page)
		mirror_page_set_head(page, MIRROR_PAGE_USED, 0);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return page ? idx_of(zone->m, page) : MIRROR_NIL;
}

static void theft_is_remembered(struct kunit *test)
{
	enum mirror_rmqueue_mode mode = MIRROR_RMQUEUE_NORMAL;
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 0, UNMOVABLE);
	give_range(zone, 0, 2);
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, 0, &mode), 0);
	KUNIT_EXPECT_EQ(test, mode, MIRROR_RMQUEUE_STEAL);
	give_range(zone, 64, 65);
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, 0, &mode), 1);
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, 0, &mode), MIRROR_NIL);
	mode = MIRROR_RMQUEUE_NORMAL;
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, 0, &mode), 64);
	KUNIT_EXPECT_EQ(test, mode, MIRROR_RMQUEUE_NORMAL);
}

static void claim_goes_back_to_normal(struct kunit *test)
{
	enum mirror_rmqueue_mode mode = MIRROR_RMQUEUE_CMA;
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 0, UNMOVABLE);
	give_range(zone, 0, 32);
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, 0, &mode), 0);
	KUNIT_EXPECT_EQ(test, mode, MIRROR_RMQUEUE_NORMAL);
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, 0, &mode), 1);
}

static void cma_is_remembered(struct kunit *test)
{
	enum mirror_rmqueue_mode mode = MIRROR_RMQUEUE_NORMAL;
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 0, CMA);
	give_range(zone, 0, 2);
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, MIRROR_ALLOC_CMA, &mode), 0);
	mode = MIRROR_RMQUEUE_NORMAL;
	give_range(zone, 64, 80);
	mirror_fold_cpu(zone->m, raw_smp_processor_id());
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, MIRROR_ALLOC_CMA, &mode), 64);
	mode = MIRROR_RMQUEUE_CMA;
	KUNIT_EXPECT_EQ(test, request_mode(zone, MOVABLE, MIRROR_ALLOC_CMA, &mode), 1);
	KUNIT_EXPECT_EQ(test, mode, MIRROR_RMQUEUE_CMA);
}

/*
 * The type of a pageblock that reaches into another zone is not ours to change,
 * whatever would speak for it. The boost comes before that is found out.
 */
static void pageblock_over_a_zone_border_is_not_claimed(struct kunit *test)
{
	struct mirror_page **pages;
	struct mirror_config conf;
	struct mirror_zone *zone;

	mirror_test_config(&conf, 4, 3);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 20;
	zone = normal_zone(mirror_test_range(test, &conf, TEST_PFN, 64));
	KUNIT_ASSERT_FALSE(test, zone->m->mobility_off);
	mirror_test_marks(test, zone->m, 0, 0, 20);
	mirror_test_take_all(test, zone, &pages);
	give_range(zone, 20, 24);
	KUNIT_EXPECT_EQ(test, request(zone, 0, UNMOVABLE, 0), 20);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 20), MOVABLE);
	KUNIT_EXPECT_EQ(test, zone->watermark_boost, 8);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 21);
	EXPECT_FREE_LIST(test, zone, 1, MOVABLE, 22);
}

/* every type from every other, at every order -------------------------------- */

struct mixing {
	int start;
	int victim;
};

static const struct mixing mixings[] = {
	{ UNMOVABLE, RECLAIMABLE }, { UNMOVABLE, MOVABLE },
	{ MOVABLE, RECLAIMABLE }, { MOVABLE, UNMOVABLE },
	{ RECLAIMABLE, UNMOVABLE }, { RECLAIMABLE, MOVABLE },
};

static void mixing_desc(const struct mixing *x, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "type %d from type %d", x->start,
		 x->victim);
}

KUNIT_ARRAY_PARAM(mixing, mixings, mixing_desc);

/*
 * With one free block of order @high there is. Pageblocks have order 5: whole
 * ones are always taken over. Pages that cannot move take a movable pageblock
 * over, as its used pages count as theirs; otherwise half has to be free.
 */
static bool is_claimed(const struct mixing *x, unsigned int high)
{
	if (high >= 5 || (x->start != MOVABLE && x->victim == MOVABLE))
		return true;
	return high == 4;
}

/* Movable requests look at pageblocks from half their order on, 2 of 5. */
static bool is_tried(const struct mixing *x, unsigned int high)
{
	return high < 5 && (x->start != MOVABLE || high >= 2);
}

/* Both pageblocks from 64 on are of the type; the block lies at their start. */
static struct mirror_zone *zone_with_block(struct kunit *test, int mt,
					   unsigned int order)
{
	struct mirror_zone *zone = taken_zone(test);

	/* Mixing is worth a boost of one pageblock, 32 pages. */
	mirror_test_marks(test, zone->m, 0, 0, 60);
	mirror_test_set_type(zone, 64, mt);
	mirror_test_set_type(zone, 96, mt);
	give_range(zone, 64, 64 + (1u << order));
	KUNIT_ASSERT_EQ(test, list_len(zone, order, mt), 1);
	return zone;
}

static void mix_one(struct kunit *test, const struct mixing *x,
		    unsigned int order, unsigned int high)
{
	struct mirror_zone *zone = zone_with_block(test, x->victim, high);
	int mt = is_claimed(x, high) ? x->start : x->victim;
	unsigned int k;

	KUNIT_EXPECT_EQ(test, request(zone, order, x->start, 0), 64);
	KUNIT_EXPECT_EQ_MSG(test, mirror_pageblock_type(zone->m, 64), mt,
			    "order %u of %u", order, high);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 96),
			high == 6 ? mt : x->victim);
	KUNIT_EXPECT_EQ_MSG(test, zone->watermark_boost,
			    is_tried(x, high) ? 32 : 0, "order %u of %u", order,
			    high);
	for (k = 0; k <= 6; k++)
		KUNIT_EXPECT_EQ_MSG(test, list_len(zone, k, mt),
				    k >= order && k < high, "order %u", k);
	KUNIT_EXPECT_EQ(test, zone_free(zone), (1ul << high) - (1ul << order));
}

static void block_decides_about_its_pageblock(struct kunit *test)
{
	unsigned int order, high;

	for (high = 0; high <= 6; high++)
		for (order = 0; order <= high; order++)
			mix_one(test, test->param_value, order, high);
}

static void too_small_a_block_is_left_alone(struct kunit *test)
{
	const struct mixing *x = test->param_value;
	unsigned int order, high;

	for (high = 0; high < 6; high++) {
		struct mirror_zone *zone = zone_with_block(test, x->victim, high);

		for (order = high + 1; order <= 6; order++)
			KUNIT_EXPECT_EQ(test, request(zone, order, x->start, 0),
					MIRROR_NIL);
		KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 64), x->victim);
		KUNIT_EXPECT_EQ(test, list_len(zone, high, x->victim), 1);
		KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
	}
}

/* From a pageblock on, the request itself is as large as what must not mix. */
static void nofragment_leaves_smaller_blocks_alone(struct kunit *test)
{
	const struct mixing *x = test->param_value;
	unsigned int order, high;

	for (high = 0; high <= 6; high++)
		for (order = 0; order <= high; order++) {
			struct mirror_zone *zone = zone_with_block(test, x->victim,
								   high);

			KUNIT_EXPECT_EQ_MSG(test, high >= 5 ? 64 : MIRROR_NIL,
					    request(zone, order, x->start,
						    MIRROR_ALLOC_NOFRAGMENT),
					    "order %u of %u", order, high);
			KUNIT_EXPECT_EQ(test, zone->watermark_boost, 0);
		}
}

static void larger_block_of_the_second_choice_is_claimed(struct kunit *test)
{
	const struct robbery *r = test->param_value;
	struct mirror_zone *zone = taken_zone(test);

	mirror_test_set_type(zone, 64, r->victims[0]);
	mirror_test_set_type(zone, 128, r->victims[1]);
	give_range(zone, 64, 80);
	give_range(zone, 128, 160);
	KUNIT_EXPECT_EQ(test, request(zone, 0, r->type, 0), 128);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 128), r->type);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 64), r->victims[0]);
}

/* sources in turn ------------------------------------------------------------ */

struct sources {
	const char *name;
	int type;
	u32 gfp;
	int claimed;		/* half a pageblock of it */
	int stolen;		/* one page of it */
};

static const struct sources all_sources[] = {
	{ "unmovable", UNMOVABLE, 0, MOVABLE, RECLAIMABLE },
	{ "movable", MOVABLE, __MIRROR_GFP_MOVABLE, RECLAIMABLE, UNMOVABLE },
	{ "reclaimable", RECLAIMABLE, __MIRROR_GFP_RECLAIMABLE, MOVABLE,
	  UNMOVABLE },
};

KUNIT_ARRAY_PARAM_DESC(sources, all_sources, name);

/* Free are page 0 of its own, 32 of CMA, 64 to 79, 96, and 128 of the reserve. */
static struct mirror_zone *zone_of_sources(struct kunit *test,
					   const struct sources *s)
{
	const int types[] = { s->type, CMA, s->claimed, s->stolen, HIGHATOMIC };
	struct mirror_zone *zone = taken_zone(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(types); i++) {
		mirror_test_set_type(zone, 32 * i, types[i]);
		give_range(zone, 32 * i, 32 * i + (i == 2 ? 16 : 1));
	}
	mirror_test_no_drift(zone->m);
	mirror_test_no_pcp(zone->m);
	return zone;
}

static void expect_next(struct kunit *test, struct mirror_zone *zone,
			const struct sources *s, u32 want)
{
	struct mirror_page *page;

	page = mirror_test_alloc_flags(zone->m, s->gfp, 0,
				       MIRROR_ALLOC_NO_WATERMARKS |
				       MIRROR_ALLOC_NON_BLOCK |
				       (s->type == MOVABLE ? MIRROR_ALLOC_CMA : 0));
	KUNIT_EXPECT_EQ(test, want, page ? idx_of(zone->m, page) : MIRROR_NIL);
}

static void sources_are_used_from_safe_to_harmful(struct kunit *test)
{
	const struct sources *s = test->param_value;
	struct mirror_zone *zone = zone_of_sources(test, s);
	u32 idx;

	expect_next(test, zone, s, 0);
	if (s->type == MOVABLE)
		expect_next(test, zone, s, 32);
	for (idx = 64; idx < 80; idx++)
		expect_next(test, zone, s, idx);
	expect_next(test, zone, s, 96);
	expect_next(test, zone, s, 128);
	expect_next(test, zone, s, MIRROR_NIL);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 64), s->type);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 96), s->stolen);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 128), HIGHATOMIC);
	KUNIT_EXPECT_EQ(test, zone_free(zone), s->type != MOVABLE);
}

/* Orders of the per-CPU lists are served from there, by the request's type. */
static void reserve_comes_first_past_the_lists_only(struct kunit *test)
{
	unsigned int order;

	for (order = 0; order <= 6; order++) {
		bool listed = order <= 3 || order == 5;
		struct mirror_zone *zone = taken_zone(test);
		struct mirror_page *page;

		mirror_test_set_type(zone, 0, UNMOVABLE);
		mirror_test_set_type(zone, 32, UNMOVABLE);
		mirror_test_set_type(zone, 64, HIGHATOMIC);
		mirror_test_set_type(zone, 96, HIGHATOMIC);
		give_range(zone, 0, 128);
		mirror_test_no_pcp(zone->m);
		page = mirror_test_alloc_flags(zone->m, 0, order,
					       MIRROR_ALLOC_NO_WATERMARKS |
					       MIRROR_ALLOC_HIGHATOMIC);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ_MSG(test, idx_of(zone->m, page), listed ? 0 : 64,
				    "order %u", order);
	}
}

static struct kunit_case fallback_cases[] = {
	KUNIT_CASE_PARAM(types_are_robbed_in_order, robbery_gen_params),
	KUNIT_CASE(smallest_block_is_stolen),
	KUNIT_CASE(special_types_are_never_robbed),
	KUNIT_CASE(nofragment_takes_whole_pageblocks_only),
	KUNIT_CASE(theft_is_remembered),
	KUNIT_CASE(claim_goes_back_to_normal),
	KUNIT_CASE(cma_is_remembered),
	KUNIT_CASE(pageblock_over_a_zone_border_is_not_claimed),
	KUNIT_CASE_PARAM(block_decides_about_its_pageblock, mixing_gen_params),
	KUNIT_CASE_PARAM(too_small_a_block_is_left_alone, mixing_gen_params),
	KUNIT_CASE_PARAM(nofragment_leaves_smaller_blocks_alone,
			 mixing_gen_params),
	KUNIT_CASE_PARAM(larger_block_of_the_second_choice_is_claimed,
			 robbery_gen_params),
	KUNIT_CASE_PARAM(sources_are_used_from_safe_to_harmful,
			 sources_gen_params),
	KUNIT_CASE(reserve_comes_first_past_the_lists_only),
	{}
};

static struct kunit_suite fallback_suite = {
	.name = "mirror_fallback",
	.test_cases = fallback_cases,
};

kunit_test_suite(fallback_suite);
