// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody wrote into a descriptor that was not his. Whoever meets the damage first
 * takes the mirror out of service, with one warning, and hands nothing out; on the way
 * back every lock is let go. In a kernel the warning would end the test.
 */
#include <linux/mirror_mm.h>
#include "../../kunit/fixture.h"
#include "harness.h"

/*
 * 64 pages, blocks of 16, pageblocks of 8. Free: 32 and 48 as blocks of 16, 24 of 8,
 * 18 of 2 and 20 of 4; on this CPU's lists: 2, 1 and 0, in this order, and 16 as a block
 * of 2; in use: 3 to 7 as single pages and 8 as a block of 8.
 */
static struct mirror *make(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_pcp *pcp = this_pcp(zone);
	struct mirror_page *page;
	unsigned int i;

	pcp->high = 100;
	pcp->high_min = 100;
	pcp->high_max = 100;
	pcp->batch = 4;
	for (i = 0; i < 8; i++)
		mirror_test_take(zone, 0, MOVABLE);
	mirror_test_take(zone, 3, MOVABLE);
	page = mirror_test_take(zone, 1, MOVABLE);
	KUNIT_ASSERT_PTR_EQ(test, page, &m->pages[16]);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, &m->pages[i], 0), 0);
	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 1), 0);
	KUNIT_ASSERT_EQ(test, mirror_test_faults(test, m), 0);
	mirror_test_throw_away(test, m);
	return m;
}

/* ways to meet it: true where nothing was handed out or lost ---------------------- */

static bool ask_for_one(struct mirror *m)
{
	return !mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE, 0, 0);
}

static bool ask_the_long_way(struct mirror *m)
{
	return !mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, 0);
}

static bool ask_for_many(struct mirror *m)
{
	struct mirror_page *pages[4] = {};

	return !mirror_alloc_pages_bulk(m, MIRROR_GFP_HIGHUSER_MOVABLE, 0, 4, pages) &&
	       !pages[0];
}

static bool ask_for_two(struct mirror *m)
{
	return !mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE, 1, 0);
}

static bool ask_for_sixteen(struct mirror *m)
{
	return !mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE, 4, 0);
}

static bool ask_for_sixteen_the_long_way(struct mirror *m)
{
	return !mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, 4);
}

/* No list of its own has anything, so another type's is robbed. */
static bool ask_for_sixteen_unmovable(struct mirror *m)
{
	return !mirror_test_alloc(m, 0, 4);
}

static bool drain(struct mirror *m)
{
	mirror_drain_all(m);
	return true;
}

/* The first list it comes to is the damaged one, and the others are left alone. */
static bool drain_nothing(struct mirror *m)
{
	int count = this_pcp(normal_zone(m))->count;

	mirror_drain_all(m);
	return this_pcp(normal_zone(m))->count == count;
}

static bool free_it_as_it_says(struct mirror *m)
{
	return mirror_free_pages(m, &m->pages[8], mirror_page_order(&m->pages[8])) == -EIO;
}

static bool free_it(struct mirror *m)
{
	return mirror_free_pages(m, &m->pages[8], 3) == -EIO;
}

static bool put_it(struct mirror *m)
{
	return mirror_core_put(m, &m->pages[8]) == -EIO;
}

static bool free_array_with_it(struct mirror *m)
{
	struct mirror_page *pages[] = { &m->pages[3] };

	return !mirror_free_pages_bulk(m, 1, pages) && pages[0];
}

static bool retype_its_pageblock(struct mirror *m)
{
	struct mirror_zone *zone = normal_zone(m);

	raw_spin_lock_irq(&zone->lock);
	mirror_pageblock_isolate(zone, 24, CMA);
	raw_spin_unlock_irq(&zone->lock);
	return !list_len(zone, 3, CMA) && zone->free_area[3].nr_free == 1;
}

static bool retype_part_of_it(struct mirror *m)
{
	struct mirror_zone *zone = normal_zone(m);
	bool done;

	raw_spin_lock_irq(&zone->lock);
	done = mirror_pageblock_isolate(zone, 40, CMA);
	raw_spin_unlock_irq(&zone->lock);
	return !done;
}

static bool report_a_page_of_it(struct mirror *m)
{
	struct mirror_bad_page bad;

	return mirror_hwpoison(m, mirror_idx_to_pfn(m, 35), false, &bad) == -EIO;
}

static bool unreserve_it(struct mirror *m)
{
	struct mirror_alloc_context ac;

	return mirror_prepare_alloc(m, 0, 0, 0, &ac) &&
	       !mirror_unreserve_highatomic(m, &ac, true);
}

/* damage -------------------------------------------------------------------------- */

struct damage {
	const char *name;
	void (*make)(struct mirror *m, struct mirror_page *pages, struct mirror_pcp *pcp);
	bool (*meet)(struct mirror *m);
};

#define DAMAGE(what, text)						\
static void what(struct mirror *m, struct mirror_page *pages,		\
		 struct mirror_pcp *pcp)				\
{									\
	text;								\
}

DAMAGE(free_prev, pages[32].prev = 48)
DAMAGE(free_next_far, pages[32].next = m->nr_desc)
DAMAGE(free_next_back, pages[48].prev = 5)
DAMAGE(free_refs, atomic_set(&pages[32].refs, 1))
DAMAGE(all_free_refs, atomic_set(&pages[32].refs, 1); atomic_set(&pages[48].refs, 1))
/* What 16 merges with when it is freed. */
DAMAGE(buddy_next, pages[18].next = 7)
DAMAGE(buddy_next_far, pages[18].next = m->nr_desc)
DAMAGE(block_prev, pages[24].prev = 3)
DAMAGE(block_prev_far, pages[24].prev = m->nr_desc)
DAMAGE(block_order, pages[24].flags += 9 << MIRROR_PF_ORDER_SHIFT)
DAMAGE(pcp_flags, pages[2].flags |= MIRROR_PF_COMPOUND)
DAMAGE(pcp_refs, atomic_set(&pages[2].refs, 1))
DAMAGE(pcp_prev, pages[2].prev = 7)
DAMAGE(pcp_next_far, pages[2].next = m->nr_desc)
DAMAGE(pcp_next_back, pages[1].prev = 7)
DAMAGE(pcp_last_flags, pages[0].flags |= MIRROR_PF_COMPOUND)
DAMAGE(pcp_last_refs, atomic_set(&pages[0].refs, 1))
DAMAGE(pcp_last_prev, pages[0].prev = 7)
DAMAGE(pcp_last_prev_far, pages[0].prev = m->nr_desc)
DAMAGE(pcp_last_next, pages[0].next = 7)
DAMAGE(pcp_last_next_far, pages[0].next = m->nr_desc)
DAMAGE(pcp_pair_flags, pages[16].flags |= MIRROR_PF_COMPOUND)
DAMAGE(pcp_pair_last, pcp->lists[mirror_pcp_index(MOVABLE, 1)].last = 4)
DAMAGE(pcp_pair_next, pages[16].next = 4)
DAMAGE(used_order, pages[8].flags += 12 << MIRROR_PF_ORDER_SHIFT)
DAMAGE(used_zone, pages[8].flags |= MIRROR_PF_ZONE)
DAMAGE(used_zone_next, pages[8].flags = (pages[8].flags & ~MIRROR_PF_ZONE) |
					m->nr_zones << MIRROR_PF_ZONE_SHIFT)
DAMAGE(single_zone, pages[3].flags |= MIRROR_PF_ZONE)
DAMAGE(reserved, mirror_test_set_type(normal_zone(m), 32, HIGHATOMIC);
		 mirror_test_set_type(normal_zone(m), 40, HIGHATOMIC);
		 pages[32].prev = 7)

#define MET(damage, way)	{ #damage ", " #way, damage, way }

static const struct damage damages[] = {
	MET(free_prev, ask_for_sixteen), MET(free_prev, ask_for_sixteen_the_long_way),
	MET(free_prev, ask_for_sixteen_unmovable), MET(free_prev, report_a_page_of_it),
	MET(free_prev, retype_part_of_it),
	MET(free_next_far, ask_for_sixteen), MET(free_next_back, ask_for_sixteen),
	MET(free_next_far, report_a_page_of_it), MET(free_next_back, retype_part_of_it),
	MET(free_refs, ask_for_sixteen), MET(free_refs, ask_for_sixteen_the_long_way),
	MET(all_free_refs, ask_for_sixteen_unmovable),
	MET(buddy_next, drain), MET(buddy_next_far, drain),
	MET(block_prev, retype_its_pageblock), MET(block_prev_far, retype_its_pageblock),
	MET(block_order, retype_its_pageblock),
	MET(pcp_flags, ask_for_one), MET(pcp_flags, ask_the_long_way),
	MET(pcp_flags, ask_for_many), MET(pcp_refs, ask_for_one),
	MET(pcp_refs, ask_the_long_way), MET(pcp_refs, ask_for_many),
	MET(pcp_prev, ask_for_one), MET(pcp_prev, ask_the_long_way),
	MET(pcp_prev, ask_for_many), MET(pcp_next_far, ask_for_one),
	MET(pcp_next_far, ask_the_long_way), MET(pcp_next_back, ask_for_one),
	MET(pcp_next_back, ask_the_long_way),
	MET(pcp_last_flags, drain_nothing), MET(pcp_last_refs, drain_nothing),
	MET(pcp_last_prev, drain_nothing), MET(pcp_last_prev_far, drain_nothing),
	MET(pcp_last_next, drain_nothing), MET(pcp_last_next_far, drain_nothing),
	MET(pcp_pair_flags, ask_for_two), MET(pcp_pair_last, ask_for_two),
	MET(pcp_pair_next, ask_for_two),
	MET(used_order, free_it_as_it_says), MET(used_order, put_it),
	MET(used_zone, free_it), MET(used_zone, put_it),
	MET(used_zone_next, free_it), MET(used_zone_next, put_it),
	MET(single_zone, free_array_with_it), MET(reserved, unreserve_it),
};

KUNIT_ARRAY_PARAM_DESC(damage, damages, name);

static void stop_expecting(void *unused)
{
	harness_expect_warnings(false);
}

static void expect_out_of_service(struct kunit *test, struct mirror *m)
{
	struct mirror_page *pages[2] = {};

	KUNIT_EXPECT_TRUE(test, mirror_is_broken(m));
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_HIGHUSER_MOVABLE, 0, 0));
	KUNIT_EXPECT_EQ(test, mirror_alloc_pages_bulk(m, MIRROR_GFP_KERNEL, 0, 2, pages), 0);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, &m->pages[4], 0), -EIO);
}

static void expect_free(struct kunit *test, raw_spinlock_t *lock)
{
	KUNIT_ASSERT_TRUE(test, raw_spin_trylock(lock));
	raw_spin_unlock(lock);
}

static void first_to_meet_it_takes_the_mirror_out(struct kunit *test)
{
	const struct damage *damage = test->param_value;
	struct mirror *m = make(test);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_expecting, NULL), 0);
	harness_expect_warnings(true);
	damage->make(m, m->pages, this_pcp(normal_zone(m)));
	KUNIT_EXPECT_TRUE(test, damage->meet(m));
	KUNIT_EXPECT_EQ(test, harness_expected_warnings(), 1);
	expect_out_of_service(test, m);
	expect_free(test, &normal_zone(m)->lock);
	expect_free(test, &this_pcp(normal_zone(m))->lock);
}

/* What is on a list and sound is handed out in front of what is not. */
static void array_gets_what_is_sound(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_page *pages[4] = {};

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_expecting, NULL), 0);
	harness_expect_warnings(true);
	m->pages[1].flags |= MIRROR_PF_COMPOUND;
	mirror_alloc_pages_bulk(m, MIRROR_GFP_HIGHUSER_MOVABLE, 0, 4, pages);
	KUNIT_EXPECT_PTR_EQ(test, pages[0], &m->pages[2]);
	KUNIT_EXPECT_NULL(test, pages[1]);
	KUNIT_EXPECT_EQ(test, harness_expected_warnings(), 1);
	expect_out_of_service(test, m);
}

/* A refill met damage, but had fetched a page before. */
static void request_gets_what_was_sound(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_zone *zone = normal_zone(m);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_expecting, NULL), 0);
	harness_expect_warnings(true);
	mirror_drain_all(m);
	mirror_test_give(zone, &m->pages[4]);
	mirror_test_give(zone, &m->pages[6]);
	EXPECT_FREE_LIST(test, zone, 0, MOVABLE, 6, 4, 2);
	m->pages[4].next = 9;
	KUNIT_EXPECT_PTR_EQ(test, mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, 0),
			    &m->pages[6]);
	KUNIT_EXPECT_EQ(test, harness_expected_warnings(), 1);
	expect_out_of_service(test, m);
}

/* The zone below has plenty, but what is known to be damaged is not trusted anywhere. */
static void damage_in_one_zone_is_the_end_of_all(struct kunit *test)
{
	static const unsigned int orders[] = { 0, 4 };
	struct mirror_config conf;
	struct mirror *m;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_expecting, NULL), 0);
	mirror_test_config(&conf, 4, 3);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 64;
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		m = mirror_test_range(test, &conf, TEST_PFN, 128);
		mirror_test_throw_away(test, m);
		mirror_test_marks(test, m, 0, 0, 0);
		harness_expect_warnings(true);
		m->pages[64].prev = 7;
		KUNIT_EXPECT_NULL(test, mirror_test_alloc(m, __MIRROR_GFP_MOVABLE, orders[i]));
		KUNIT_EXPECT_EQ(test, harness_expected_warnings(), 1);
		KUNIT_EXPECT_EQ(test, zone_free(normal_zone(m) - 1), 64);
	}
}

/* Nobody can say where a block of such an order ends: the page is left where it is. */
static void block_of_no_order_is_not_isolated(struct kunit *test)
{
	struct mirror *m = make(test);
	struct mirror_bad_page bad;
	u32 flags = m->pages[32].flags;

	m->pages[32].flags = flags + (1 << MIRROR_PF_ORDER_SHIFT);
	KUNIT_EXPECT_EQ(test, mirror_hwpoison(m, mirror_idx_to_pfn(m, 35), false, &bad), -EBUSY);
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(m));
	KUNIT_EXPECT_EQ(test, mirror_nr_hwpoison(m), 0);
	KUNIT_EXPECT_EQ(test, this_pcp(normal_zone(m))->count, 5);
	m->pages[32].flags = flags;
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
}

/* It was said what is wrong; from there on calls say no. */
static void second_damage_is_not_reported(struct kunit *test)
{
	struct mirror *m = make(test);

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_expecting, NULL), 0);
	harness_expect_warnings(true);
	m->pages[8].flags |= MIRROR_PF_ZONE;
	m->pages[24].prev = 3;
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, &m->pages[8]), -EIO);
	retype_its_pageblock(m);
	KUNIT_EXPECT_EQ(test, harness_expected_warnings(), 1);
	KUNIT_EXPECT_FALSE(test, mirror_take_out(m));
	expect_out_of_service(test, m);
}

static struct kunit_case damage_cases[] = {
	KUNIT_CASE_PARAM(first_to_meet_it_takes_the_mirror_out, damage_gen_params),
	KUNIT_CASE(array_gets_what_is_sound),
	KUNIT_CASE(request_gets_what_was_sound),
	KUNIT_CASE(damage_in_one_zone_is_the_end_of_all),
	KUNIT_CASE(block_of_no_order_is_not_isolated),
	KUNIT_CASE(second_damage_is_not_reported),
	{}
};

static struct kunit_suite damage_suite = {
	.name = "mirror_damage",
	.test_cases = damage_cases,
};

kunit_test_suite(damage_suite);
