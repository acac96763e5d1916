// SPDX-License-Identifier: GPL-2.0
/*
 * Policies: the default decides nothing, and every hook that a policy has is
 * asked and obeyed.
 */
#include "fixture.h"

static unsigned int calls;

static bool to_tail(const struct mirror_zone *zone, u32 idx, u32 buddy_idx,
		    unsigned int order)
{
	calls++;
	return true;
}

static bool never_merge(int mt, int buddy_mt)
{
	calls++;
	return false;
}

static bool never_claim(const struct mirror_zone *zone, unsigned int order,
			int start_mt)
{
	calls++;
	return false;
}

static bool claim_none(const struct mirror_zone *zone, unsigned int nr_free,
		       unsigned int nr_alike)
{
	calls++;
	return false;
}

static unsigned long five(const struct mirror_zone *zone)
{
	calls++;
	return 5;
}

static unsigned long whole_zone(const struct mirror_zone *zone)
{
	calls++;
	return zone->managed;
}

static unsigned int mix_at_once(const struct mirror_zone *zone)
{
	calls++;
	return 0;
}

static long twice(long mark, unsigned int alloc_flags)
{
	calls++;
	return 2 * mark;
}

static int six(const struct mirror_zone *zone)
{
	calls++;
	return 6;
}

static int keep_three(struct mirror_pcp *pcp, const struct mirror_zone *zone,
		      int batch, bool free_high)
{
	calls++;
	return 3;
}

static int fetch_nine(struct mirror_pcp *pcp, const struct mirror_zone *zone,
		      unsigned int order)
{
	calls++;
	return 9;
}

static int drop_two(const struct mirror_pcp *pcp, int batch, int high,
		    bool free_high)
{
	calls++;
	return 2;
}

static int sink_to_one(const struct mirror_pcp *pcp, int batch)
{
	calls++;
	return 1;
}

static bool always_free_high(const struct mirror_pcp *pcp, int batch)
{
	calls++;
	return true;
}

static unsigned int previous_list(unsigned int pindex)
{
	calls++;
	return pindex ? pindex - 1 : MIRROR_NR_PCP_LISTS - 1;
}

/* A mirror of 256 pages, blocks of 64, pageblocks of 32, with these hooks. */
static struct mirror_zone *zone_with(struct kunit *test,
				     const struct mirror_policy *policy)
{
	struct mirror_config conf;
	struct mirror *m;

	calls = 0;
	mirror_test_config(&conf, 6, 5);
	conf.policy = policy;
	m = mirror_test_range(test, &conf, TEST_PFN, 256);
	mirror_test_marks(test, m, 0, 0, 0);
	return normal_zone(m);
}

static void take_all(struct kunit *test, struct mirror_zone *zone)
{
	struct mirror_page **pages;

	mirror_test_take_all(test, zone, &pages);
}

static void give(struct mirror_zone *zone, u32 idx)
{
	mirror_test_give(zone, &zone->pages[idx]);
}

static void expect_idx(struct kunit *test, struct mirror_zone *zone,
		       const struct mirror_page *page, u32 idx)
{
	KUNIT_EXPECT_PTR_EQ(test, page, &zone->pages[idx]);
}

/* names -------------------------------------------------------------------- */

static void default_policy_has_no_hooks(struct kunit *test)
{
	const struct mirror_policy none = { .name = mirror_policy_612.name };
	struct mirror *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_EXPECT_MEMEQ(test, &mirror_policy_612, &none, sizeof(none));
	mirror_policy_attach(m, NULL);
	KUNIT_EXPECT_PTR_EQ(test, m->policy, &mirror_policy_612);
	mirror_policy_detach(m);
}

/* Hot paths look for hooks only while a mirror has some. */
static void policy_of_its_own_turns_the_hooks_on(struct kunit *test)
{
	struct mirror *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	bool before = static_branch_unlikely(&mirror_policy_key);

	KUNIT_ASSERT_NOT_NULL(test, m);
	/* All mirrors of earlier tests are gone. */
	KUNIT_EXPECT_FALSE(test, before);
	mirror_policy_attach(m, NULL);
	KUNIT_EXPECT_EQ(test, static_branch_unlikely(&mirror_policy_key), before);
	mirror_policy_detach(m);
	KUNIT_EXPECT_EQ(test, static_branch_unlikely(&mirror_policy_key), before);
	KUNIT_EXPECT_NULL(test, m->policy);
	mirror_policy_attach(m, &mirror_policy_lifo);
	KUNIT_EXPECT_TRUE(test, static_branch_unlikely(&mirror_policy_key));
	mirror_policy_detach(m);
	KUNIT_EXPECT_EQ(test, static_branch_unlikely(&mirror_policy_key), before);
	/* Once more, as for a mirror that was not built to the end. */
	mirror_policy_detach(m);
	KUNIT_EXPECT_EQ(test, static_branch_unlikely(&mirror_policy_key), before);
}

static void policies_are_found_by_name(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, mirror_policy_find("linux-6.12"),
			    &mirror_policy_612);
	KUNIT_EXPECT_PTR_EQ(test, mirror_policy_find("lifo"), &mirror_policy_lifo);
	KUNIT_EXPECT_NULL(test, mirror_policy_find("linux-6.1"));
	KUNIT_EXPECT_NULL(test, mirror_policy_find(""));
}

static void lifo_never_uses_the_tail(struct kunit *test)
{
	struct mirror_zone *zone = zone_with(test, &mirror_policy_lifo);

	take_all(test, zone);
	give(zone, 9);
	give(zone, 2);
	give(zone, 3);
	give(zone, 0);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 0, 9);
}

/* free lists and pageblocks ------------------------------------------------ */

static void free_to_tail_decides_the_end(struct kunit *test)
{
	static const struct mirror_policy policy = { .free_to_tail = to_tail };
	struct mirror_zone *zone = zone_with(test, &policy);

	take_all(test, zone);
	give(zone, 9);
	give(zone, 5);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 9, 5);
	KUNIT_EXPECT_EQ(test, calls, 2);
}

static void can_merge_keeps_types_apart(struct kunit *test)
{
	static const struct mirror_policy policy = { .can_merge = never_merge };
	struct mirror_zone *zone = zone_with(test, &policy);
	struct mirror_page *page = mirror_test_take(zone, 5, MOVABLE);

	mirror_test_set_type(zone, 0, UNMOVABLE);
	mirror_test_give(zone, page);
	EXPECT_FREE_LIST(test, zone, 5, UNMOVABLE, 0);
	EXPECT_FREE_LIST(test, zone, 5, MOVABLE, 32);
	KUNIT_EXPECT_GT(test, calls, 0);
}

static void fallbacks_decide_whom_to_rob(struct kunit *test)
{
	static const u8 table[MIRROR_PCP_TYPES][MIRROR_PCP_TYPES - 1] = {
		{ MOVABLE, RECLAIMABLE }, { UNMOVABLE, RECLAIMABLE },
		{ MOVABLE, UNMOVABLE },
	};
	static const struct mirror_policy policy = { .fallbacks = table };
	struct mirror_zone *zone = zone_with(test, &policy);

	take_all(test, zone);
	mirror_test_set_type(zone, 0, RECLAIMABLE);
	mirror_test_set_type(zone, 32, UNMOVABLE);
	give(zone, 0);
	give(zone, 32);
	expect_idx(test, zone, mirror_test_rmqueue(zone, 0, MOVABLE, 0), 32);
	expect_idx(test, zone, mirror_test_rmqueue(zone, 0, MOVABLE, 0), 0);
}

static void can_claim_stops_claiming(struct kunit *test)
{
	static const struct mirror_policy policy = { .can_claim = never_claim };
	struct mirror_zone *zone = zone_with(test, &policy);

	expect_idx(test, zone, mirror_test_rmqueue(zone, 0, UNMOVABLE, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 0), MOVABLE);
	KUNIT_EXPECT_GT(test, calls, 0);
}

static void claim_block_refuses_a_pageblock(struct kunit *test)
{
	static const struct mirror_policy policy = { .claim_block = claim_none };
	struct mirror_zone *zone = zone_with(test, &policy);

	take_all(test, zone);
	give(zone, 7);
	expect_idx(test, zone, mirror_test_rmqueue(zone, 0, UNMOVABLE, 0), 7);
	KUNIT_EXPECT_EQ(test, mirror_pageblock_type(zone->m, 7), MOVABLE);
	KUNIT_EXPECT_EQ(test, calls, 1);
}

/* marks and reserves ------------------------------------------------------- */

static unsigned long boost_twice(struct kunit *test,
				 const struct mirror_policy *policy)
{
	struct mirror_zone *zone = zone_with(test, policy);

	mirror_test_marks(test, zone->m, 0, 0, 100);
	raw_spin_lock_irq(&zone->lock);
	mirror_boost_watermark(zone);
	mirror_boost_watermark(zone);
	raw_spin_unlock_irq(&zone->lock);
	return zone->watermark_boost;
}

static void boost_and_its_limit_are_asked(struct kunit *test)
{
	static const struct mirror_policy step = { .boost = five };
	static const struct mirror_policy most = { .boost_max = five };

	KUNIT_EXPECT_EQ(test, boost_twice(test, &step), 10);
	KUNIT_EXPECT_EQ(test, calls, 2);
	KUNIT_EXPECT_EQ(test, boost_twice(test, &most), 5);
	KUNIT_EXPECT_EQ(test, calls, 2);
	KUNIT_EXPECT_EQ(test, boost_twice(test, NULL), 64);
}

static void reserve_max_bounds_the_reserve(struct kunit *test)
{
	static const struct mirror_policy policy = { .reserve_max = whole_zone };
	struct mirror_zone *zone = zone_with(test, &policy);
	struct mirror_page *page = mirror_test_take(zone, 4, MOVABLE);

	mirror_reserve_highatomic(zone, page, 4);
	KUNIT_EXPECT_EQ(test, zone->nr_reserved_highatomic, 32);
	KUNIT_EXPECT_EQ(test, calls, 1);
}

static void watermark_min_lowers_or_raises(struct kunit *test)
{
	static const struct mirror_policy policy = { .watermark_min = twice };
	struct mirror_zone *zone = zone_with(test, &policy);

	KUNIT_EXPECT_FALSE(test, mirror_watermark_ok(zone, 0, 100, 2, 0, 200));
	KUNIT_EXPECT_TRUE(test, mirror_watermark_ok(zone, 0, 100, 2, 0, 201));
	KUNIT_EXPECT_EQ(test, calls, 2);
}

static void nofragment_is_asked_for_the_first_pass(struct kunit *test)
{
	static const struct mirror_policy policy = { .nofragment = mix_at_once };
	struct mirror_zone *zone = zone_with(test, &policy);

	KUNIT_EXPECT_NOT_NULL(test, mirror_test_alloc(zone->m, 0, 4));
	KUNIT_EXPECT_EQ(test, calls, 1);
}

static void threshold_sets_the_drift(struct kunit *test)
{
	static const struct mirror_policy policy = { .threshold = six };
	struct mirror_zone *zone = zone_with(test, &policy);

	KUNIT_EXPECT_EQ(test, per_cpu_ptr(zone->stat,
					  raw_smp_processor_id())->threshold, 6);
	KUNIT_EXPECT_GT(test, calls, 0);
}

/* per-CPU lists ------------------------------------------------------------ */

static void free_pages_of_order(struct kunit *test, struct mirror_zone *zone,
				unsigned int order, unsigned int nr)
{
	while (nr--) {
		struct mirror_page *page = mirror_test_take(zone, order, MOVABLE);

		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(zone->m, page, order), 0);
	}
}

static void pcp_batch_sets_the_batch(struct kunit *test)
{
	static const struct mirror_policy policy = { .pcp_batch = six };
	struct mirror_zone *zone = zone_with(test, &policy);

	KUNIT_EXPECT_EQ(test, this_pcp(zone)->batch, 6);
	KUNIT_EXPECT_GE(test, this_pcp(zone)->high_min, 24);
}

static void pcp_high_and_nr_free_trim_the_lists(struct kunit *test)
{
	static const struct mirror_policy policy = {
		.pcp_high = keep_three, .pcp_nr_free = drop_two };
	struct mirror_zone *zone = zone_with(test, &policy);

	free_pages_of_order(test, zone, 0, 2);
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 2);
	KUNIT_EXPECT_EQ(test, calls, 2);
	free_pages_of_order(test, zone, 0, 1);
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 1);
	KUNIT_EXPECT_EQ(test, calls, 4);
}

static void pcp_nr_alloc_sets_the_refill(struct kunit *test)
{
	static const struct mirror_policy policy = { .pcp_nr_alloc = fetch_nine };
	struct mirror_zone *zone = zone_with(test, &policy);

	KUNIT_EXPECT_NOT_NULL(test, mirror_test_alloc(zone->m, 0, 1));
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 16);
	KUNIT_EXPECT_EQ(test, calls, 1);
}

static void pcp_decay_sets_high_with_a_tick(struct kunit *test)
{
	static const struct mirror_policy policy = { .pcp_decay = sink_to_one };
	struct mirror_zone *zone = zone_with(test, &policy);

	free_pages_of_order(test, zone, 0, 3);
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 3);
	mirror_pcp_tick(zone->m, raw_smp_processor_id());
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->high, 1);
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 1);
	KUNIT_EXPECT_EQ(test, calls, 1);
}

static void pcp_free_high_empties_the_lists(struct kunit *test)
{
	static const struct mirror_policy policy = { .pcp_free_high = always_free_high };
	struct mirror_zone *zone = zone_with(test, &policy);

	free_pages_of_order(test, zone, 0, 1);
	KUNIT_EXPECT_EQ(test, calls, 0);
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 1);
	free_pages_of_order(test, zone, 1, 1);
	KUNIT_EXPECT_EQ(test, calls, 1);
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 0);
}

static void pcp_next_sets_the_way_around(struct kunit *test)
{
	static const struct mirror_policy policy = { .pcp_next = previous_list };
	struct mirror_zone *zone = zone_with(test, &policy);

	free_pages_of_order(test, zone, 1, 1);
	mirror_drain_all(zone->m);
	KUNIT_EXPECT_EQ(test, this_pcp(zone)->count, 0);
	KUNIT_EXPECT_GE(test, calls, MIRROR_NR_PCP_LISTS -
			mirror_pcp_index(MOVABLE, 1));
}

static struct kunit_case policy_cases[] = {
	KUNIT_CASE(default_policy_has_no_hooks),
	KUNIT_CASE(policy_of_its_own_turns_the_hooks_on),
	KUNIT_CASE(policies_are_found_by_name),
	KUNIT_CASE(lifo_never_uses_the_tail),
	KUNIT_CASE(free_to_tail_decides_the_end),
	KUNIT_CASE(can_merge_keeps_types_apart),
	KUNIT_CASE(fallbacks_decide_whom_to_rob),
	KUNIT_CASE(can_claim_stops_claiming),
	KUNIT_CASE(claim_block_refuses_a_pageblock),
	KUNIT_CASE(boost_and_its_limit_are_asked),
	KUNIT_CASE(reserve_max_bounds_the_reserve),
	KUNIT_CASE(watermark_min_lowers_or_raises),
	KUNIT_CASE(nofragment_is_asked_for_the_first_pass),
	KUNIT_CASE(threshold_sets_the_drift),
	KUNIT_CASE(pcp_batch_sets_the_batch),
	KUNIT_CASE(pcp_high_and_nr_free_trim_the_lists),
	KUNIT_CASE(pcp_nr_alloc_sets_the_refill),
	KUNIT_CASE(pcp_decay_sets_high_with_a_tick),
	KUNIT_CASE(pcp_free_high_empties_the_lists),
	KUNIT_CASE(pcp_next_sets_the_way_around),
	{}
};

static struct kunit_suite policy_suite = {
	.name = "mirror_policy",
	.test_cases = policy_cases,
};

kunit_test_suite(policy_suite);
