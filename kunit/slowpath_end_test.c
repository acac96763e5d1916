// SPDX-License-Identifier: GPL-2.0
/*
 * The end of the slow path, where the reference would look for a process to kill: who
 * gets that far, and what is tried instead.
 */
#include <linux/mirror_mm.h>
#include "fixture.h"

#define NOWARN		__MIRROR_GFP_NOWARN
#define NOFAIL		__MIRROR_GFP_NOFAIL
#define KERNEL		(MIRROR_GFP_KERNEL | NOWARN)

/*
 * All pages of a zone are in use one by one, but for eight, which the list of movable
 * pages holds: requests of another type cannot have these.
 */
static struct mirror *hidden_pages(struct kunit *test, struct mirror_config *conf,
				   unsigned int type)
{
	struct mirror *m = mirror_test_range(test, conf, TEST_PFN, 256);
	struct mirror_zone *zone = &m->nodes[0]->zones[type];
	struct mirror_page **pages;
	unsigned int i;

	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	mirror_test_take_all(test, zone, &pages);
	mirror_test_hoard(zone);
	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_EQ(test, mirror_free_pages(m, pages[2 * i], 0), 0);
	KUNIT_ASSERT_EQ(test, mirror_pcp_count(m), 8);
	return m;
}

struct victim {
	const char *name;
	u32 gfp;
	bool killed;
};

static const struct victim victims[] = {
	{ "kernel", KERNEL, true },
	{ "nowait", MIRROR_GFP_NOWAIT, false },
	{ "noretry", KERNEL | __MIRROR_GFP_NORETRY, false },
	{ "retry_mayfail", KERNEL | __MIRROR_GFP_RETRY_MAYFAIL, false },
	{ "thisnode", KERNEL | __MIRROR_GFP_THISNODE, false },
	{ "thisnode, nofail", KERNEL | __MIRROR_GFP_THISNODE | NOFAIL, false },
	{ "dma32", KERNEL | __MIRROR_GFP_DMA32, false },
};

KUNIT_ARRAY_PARAM_DESC(victim, victims, name);

static void single_page_is_worth_a_kill_or_not(struct kunit *test)
{
	const struct victim *v = test->param_value;
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 6, 5);
	conf.zone_pages[MIRROR_ZONE_DMA32] = 256;
	m = hidden_pages(test, &conf, MIRROR_ZONE_DMA32);
	KUNIT_EXPECT_EQ(test, !!mirror_alloc_pages(m, v->gfp, 0, 0), v->killed);
	if (!v->killed)
		KUNIT_EXPECT_EQ(test, mirror_pcp_count(m), 8);
}

struct task {
	u32 gfp;
	unsigned int task;
	unsigned int want;
};

/* NOMEMALLOC is stronger than what the task may; a victim has less than MEMALLOC. */
static const struct task tasks[] = {
	{ 0, 0, 0 },
	{ __MIRROR_GFP_MEMALLOC, 0, MIRROR_ALLOC_NO_WATERMARKS },
	{ 0, MIRROR_TASK_MEMALLOC, MIRROR_ALLOC_NO_WATERMARKS },
	{ __MIRROR_GFP_NOMEMALLOC, MIRROR_TASK_MEMALLOC | MIRROR_TASK_VICTIM, 0 },
	{ __MIRROR_GFP_NOMEMALLOC | __MIRROR_GFP_MEMALLOC, 0, 0 },
	{ 0, MIRROR_TASK_VICTIM, MIRROR_ALLOC_OOM },
	{ 0, MIRROR_TASK_VICTIM | MIRROR_TASK_MEMALLOC, MIRROR_ALLOC_NO_WATERMARKS },
	{ __MIRROR_GFP_HIGH, MIRROR_TASK_REALTIME | MIRROR_TASK_DUMPCORE, 0 },
};

static void task_has_its_share_of_the_reserves(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(tasks); i++)
		KUNIT_EXPECT_EQ_MSG(test, mirror_reserve_flags(tasks[i].gfp, tasks[i].task),
				    tasks[i].want, "case %u", i);
}

/* With the marks at 100, 150 and 200 pages. */
static unsigned long left_by(struct kunit *test, u32 gfp, unsigned int order)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 512);

	mirror_test_marks(test, m, 100, 150, 200);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	while (mirror_alloc_pages(m, gfp, order, 0))
		;
	return mirror_nr_free(m);
}

/* It may have all that is left where a kill is due, else as much as an urgent request. */
static void request_that_must_not_fail_has_the_reserves(struct kunit *test)
{
	unsigned int order;

	for (order = 0; order <= 3; order++) {
		KUNIT_EXPECT_EQ(test, left_by(test, KERNEL, order),
				round_up(100, 1u << order));
		KUNIT_EXPECT_EQ(test, left_by(test, KERNEL | NOFAIL, order), 0);
	}
	KUNIT_EXPECT_EQ(test, left_by(test, KERNEL | NOFAIL, 4), round_up(50, 16));
	KUNIT_EXPECT_EQ(test, left_by(test, KERNEL | NOFAIL | __MIRROR_GFP_THISNODE, 0), 50);
	KUNIT_EXPECT_EQ(test, left_by(test, MIRROR_GFP_NOWAIT | NOWARN | NOFAIL, 0), 100);
}

/*
 * The count that all see is that of a zone below its mark, and the exact one is above: the
 * differences of the CPUs hide 64 pages. So there is hope, for as many rounds as there are.
 */
static void hope_ends_after_sixteen_rounds(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 512);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_zonestat *stat = this_cpu_ptr(zone->stat);

	mirror_test_marks(test, m, 500, 505, 508);
	mirror_test_no_pcp(m);
	atomic_long_sub(64, &zone->vm_stat[MIRROR_NR_FREE_PAGES]);
	stat->diff[MIRROR_NR_FREE_PAGES] += 64;
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES), 512);
	zone->percpu_drift_mark = 0;
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, KERNEL, 0, 0));
	KUNIT_EXPECT_EQ(test, mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES), 512);
	atomic_long_add(64, &zone->vm_stat[MIRROR_NR_FREE_PAGES]);
	stat->diff[MIRROR_NR_FREE_PAGES] -= 64;
	KUNIT_EXPECT_NOT_NULL(test, mirror_alloc_pages(m, KERNEL, 0, 0));
}

/* Urgent requests go to all nodes in the end, and ask for kswapd on their own alone. */
static void dropped_nodemask_wakes_no_other_node(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 512);
	struct mirror_zone *first = normal_zone(m);
	struct mirror_zone *second = &m->nodes[1]->zones[MIRROR_ZONE_NORMAL];
	struct mirror_page *page;

	mirror_test_marks(test, m, 0, 0, 0);
	mirror_test_no_drift(m);
	mirror_test_no_pcp(m);
	while (mirror_alloc_pages(m, KERNEL | __MIRROR_GFP_THISNODE |
				  __MIRROR_GFP_NORETRY, 0, 0))
		;
	clear_bit(MIRROR_ZONE_KSWAPD_DUE, &first->flags);
	KUNIT_ASSERT_FALSE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &second->flags));
	page = mirror_alloc_pages_nodemask(m, KERNEL | __MIRROR_GFP_MEMALLOC, 0, 0, BIT_ULL(0));
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_PTR_EQ(test, mirror_page_zone(m, page), second);
	KUNIT_EXPECT_TRUE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &first->flags));
	KUNIT_EXPECT_FALSE(test, test_bit(MIRROR_ZONE_KSWAPD_DUE, &second->flags));
}

static struct kunit_case slowpath_end_cases[] = {
	KUNIT_CASE(dropped_nodemask_wakes_no_other_node),
	KUNIT_CASE(task_has_its_share_of_the_reserves),
	KUNIT_CASE_PARAM(single_page_is_worth_a_kill_or_not, victim_gen_params),
	KUNIT_CASE(request_that_must_not_fail_has_the_reserves),
	KUNIT_CASE(hope_ends_after_sixteen_rounds),
	{}
};

static struct kunit_suite slowpath_end_suite = {
	.name = "mirror_slowpath_end",
	.test_cases = slowpath_end_cases,
};

kunit_test_suite(slowpath_end_suite);
