// SPDX-License-Identifier: GPL-2.0
/*
 * Mirrors that have to be alike in every field: one that was used in every way and
 * reset, and a new one; one of a range in parts, and one of the whole range.
 */
#include "fixture.h"

static const struct mirror_range whole[] = {
	{ TEST_PFN, TEST_PFN + 2048, 0 },
	{ TEST_PFN + 2048, TEST_PFN + 4096, 1 },
};

/* DMA32 and NORMAL on node 0, NORMAL and MOVABLE on node 1. */
static struct mirror *make(struct kunit *test, const struct mirror_range *ranges,
			   unsigned int nr)
{
	struct mirror_config conf;

	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = nr;
	conf.min_free_kbytes = 128;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 700;
	conf.zone_pages[MIRROR_ZONE_MOVABLE] = 1000;
	return mirror_test_create(test, &conf);
}

/* comparing ---------------------------------------------------------------------- */

#define EXPECT_SAME(test, a, b, field) \
	KUNIT_EXPECT_MEMEQ(test, &(a)->field, &(b)->field, sizeof((a)->field))

static void expect_same_pcp(struct kunit *test, const struct mirror_pcp *a,
			    const struct mirror_pcp *b)
{
	EXPECT_SAME(test, a, b, count);
	EXPECT_SAME(test, a, b, high);
	EXPECT_SAME(test, a, b, high_min);
	EXPECT_SAME(test, a, b, high_max);
	EXPECT_SAME(test, a, b, batch);
	EXPECT_SAME(test, a, b, free_count);
	EXPECT_SAME(test, a, b, flags);
	EXPECT_SAME(test, a, b, alloc_factor);
	EXPECT_SAME(test, a, b, expire);
	EXPECT_SAME(test, a, b, lists);
}

static void expect_same_zone(struct kunit *test, const struct mirror_zone *a,
			     const struct mirror_zone *b)
{
	unsigned int cpu;

	EXPECT_SAME(test, a, b, start_pfn);
	EXPECT_SAME(test, a, b, spanned);
	EXPECT_SAME(test, a, b, present);
	EXPECT_SAME(test, a, b, managed);
	EXPECT_SAME(test, a, b, watermark);
	EXPECT_SAME(test, a, b, watermark_boost);
	EXPECT_SAME(test, a, b, lowmem_reserve);
	EXPECT_SAME(test, a, b, percpu_drift_mark);
	EXPECT_SAME(test, a, b, flags);
	EXPECT_SAME(test, a, b, vm_stat);
	EXPECT_SAME(test, a, b, pcp_batch);
	EXPECT_SAME(test, a, b, pcp_high_min);
	EXPECT_SAME(test, a, b, pcp_high_max);
	EXPECT_SAME(test, a, b, free_mask);
	EXPECT_SAME(test, a, b, nr_reserved_highatomic);
	EXPECT_SAME(test, a, b, nr_free_highatomic);
	EXPECT_SAME(test, a, b, free_area);
	if (!a->present)
		return;
	for_each_possible_cpu(cpu) {
		expect_same_pcp(test, per_cpu_ptr(a->pcp, cpu), per_cpu_ptr(b->pcp, cpu));
		KUNIT_EXPECT_MEMEQ(test, per_cpu_ptr(a->stat, cpu), per_cpu_ptr(b->stat, cpu),
				   sizeof(struct mirror_zonestat));
	}
}

/* What a tail has where a head has its neighbours is whatever was there. */
static bool same_page(const struct mirror_page *a, const struct mirror_page *b)
{
	return a->flags == b->flags && atomic_read(&a->refs) == atomic_read(&b->refs) &&
	       (mirror_page_state(a) != MIRROR_PAGE_BUDDY ||
		(a->prev == b->prev && a->next == b->next));
}

static void expect_same(struct kunit *test, const struct mirror *a, const struct mirror *b)
{
	struct mirror_zone *zone;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, a->nr_desc, b->nr_desc);
	for (i = 0; i < a->nr_desc; i++)
		KUNIT_ASSERT_TRUE_MSG(test, same_page(&a->pages[i], &b->pages[i]),
				      "frame %u", i);
	KUNIT_EXPECT_MEMEQ(test, a->pageblock_type, b->pageblock_type,
			   DIV_ROUND_UP(a->nr_desc, 1u << a->pb_order));
	mirror_for_each_zone(a, zone, i)
		expect_same_zone(test, zone, mirror_zone_by_id(b, i));
}

/* a mirror with a past -------------------------------------------------------------- */

/* A block on a list of any CPU, as if that CPU had freed it. */
static void put_on_pcp_list(struct kunit *test, struct mirror_zone *zone, unsigned int cpu,
			    unsigned int pindex)
{
	struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
	unsigned int order = mirror_pcp_index_order(zone, pindex);
	struct mirror_page *page = mirror_test_take(zone, order, MOVABLE);

	KUNIT_ASSERT_NOT_NULL(test, page);
	atomic_set(&page->refs, 0);
	mirror_page_set_head(page, MIRROR_PAGE_PCP, order);
	mirror_list_add(zone->pages, &pcp->lists[pindex], idx_of(zone->m, page));
	pcp->count += 1 << order;
}

static void use_pcp(struct kunit *test, struct mirror_zone *zone, unsigned int cpu)
{
	struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
	unsigned int i;

	for (i = 0; i < MIRROR_NR_PCP_LISTS; i++)
		put_on_pcp_list(test, zone, cpu, i);
	pcp->high = 77;
	pcp->high_min = 66;
	pcp->high_max = 88;
	pcp->batch = 5;
	pcp->free_count = 9;
	pcp->flags |= MIRROR_PCPF_PREV_FREE_HIGH_ORDER;
	pcp->alloc_factor = 3;
	pcp->expire = 2;
}

static void use_zone(struct kunit *test, struct mirror_zone *zone)
{
	u32 idx = mirror_pfn_to_idx(zone->m, zone->start_pfn);
	unsigned int cpu, i;

	/* Free blocks of each type, of which not all will be in their places. */
	for (i = 0; i < MIRROR_MIGRATE_TYPES; i++)
		if (i != ISOLATE)
			mirror_test_set_type(zone, round_up(idx, 32) + 32 * (2 * i + 1), i);
	for_each_possible_cpu(cpu) {
		struct mirror_zonestat *stat = per_cpu_ptr(zone->stat, cpu);

		/* The zone has pages for the lists of some CPUs. */
		if (cpu >= 4)
			break;
		use_pcp(test, zone, cpu);
		memset(stat->events, 0x11, sizeof(stat->events));
		memset(stat->numa, 0x22, sizeof(stat->numa));
	}
	zone->watermark_boost = 100;
	zone->percpu_drift_mark = 12345;
	zone->flags = BIT(MIRROR_ZONE_BOOSTED) | BIT(MIRROR_ZONE_RECLAIM_ACTIVE) |
		      BIT(MIRROR_ZONE_BELOW_HIGH) | BIT(MIRROR_ZONE_KSWAPD_DUE);
	zone->pcp_batch = 4;
	zone->pcp_high_min = 3;
	zone->pcp_high_max = 2;
}

static void used_mirror_resets_to_a_new_one(struct kunit *test)
{
	struct mirror *m = make(test, whole, 2), *fresh = make(test, whole, 2);
	struct mirror_zone *zone;
	unsigned int i;

	expect_same(test, m, fresh);
	mirror_for_each_populated_zone(m, zone, i)
		use_zone(test, zone);
	KUNIT_EXPECT_NE(test, mirror_test_changed(m, fresh->pages), 0);
	KUNIT_ASSERT_EQ(test, mirror_nr_free(m), m->managed);
	KUNIT_ASSERT_EQ(test, mirror_core_reset(m), 0);
	expect_same(test, m, fresh);
	KUNIT_EXPECT_EQ(test, mirror_test_faults(test, m), 0);
}

/* Not while somebody holds a page, and not while something else is at work. */
static void mirror_in_use_is_not_reset(struct kunit *test)
{
	struct mirror *m = make(test, whole, 2);
	struct mirror_page *page = mirror_test_alloc(m, MIRROR_GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EBUSY);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, page, 0), 0);
	mutex_lock(&m->tunables_lock);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EAGAIN);
	mutex_unlock(&m->tunables_lock);
	mutex_lock(&m->bad.lock);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), -EAGAIN);
	mutex_unlock(&m->bad.lock);
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
}

/* ranges ------------------------------------------------------------------------- */

static const struct mirror_range in_parts[] = {
	{ TEST_PFN, TEST_PFN + 3, 0 }, { TEST_PFN + 3, TEST_PFN + 64, 0 },
	{ TEST_PFN + 64, TEST_PFN + 699, 0 }, { TEST_PFN + 699, TEST_PFN + 2048, 0 },
	{ TEST_PFN + 2048, TEST_PFN + 3000, 1 }, { TEST_PFN + 3000, TEST_PFN + 4096, 1 },
};

/* A block may lie in several ranges. */
static void ranges_that_touch_are_as_one(struct kunit *test)
{
	struct mirror *m = make(test, whole, 2);
	struct mirror *parts = make(test, in_parts, ARRAY_SIZE(in_parts));

	expect_same(test, m, parts);
	/* DMA32, NORMAL on each node, MOVABLE. */
	KUNIT_EXPECT_EQ(test, m->nr_runs, 4);
	KUNIT_EXPECT_EQ(test, parts->nr_runs, 4);
}

/* limits ------------------------------------------------------------------------- */

#define ALLOW(test, good, field, value)					\
do {									\
	struct mirror_config edge = *(good);				\
									\
	edge.field = value;						\
	mirror_test_create(test, &edge);				\
} while (0)

static const struct mirror_range small[] = { { TEST_PFN, TEST_PFN + 1024, 0 } };

static void good_config(struct mirror_config *conf)
{
	mirror_test_config(conf, 4, 3);
	conf->ranges = small;
	conf->nr_ranges = 1;
}

/* What init_test.c sees refused begins one step further. */
static void limits_are_within_what_is_allowed(struct kunit *test)
{
	struct mirror_config conf;
	unsigned int i;

	good_config(&conf);
	ALLOW(test, &conf, max_order, MIRROR_NR_ORDERS_MAX - 1);
	ALLOW(test, &conf, pb_order, 4);
	ALLOW(test, &conf, pb_order, 1);
	ALLOW(test, &conf, section_order, 31);
	ALLOW(test, &conf, section_order, 0);
	ALLOW(test, &conf, nr_nodes, MIRROR_MAX_NODES);
	ALLOW(test, &conf, zone_pages[MIRROR_ZONE_DMA], 1024);
	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		ALLOW(test, &conf, rest_zone, i);
	conf.section_order = 32;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(mirror_core_create(&conf)), -EINVAL);
}

/* The zone that gets the rest may get nothing, and what it is given does not count. */
static void zones_share_all_pages(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	good_config(&conf);
	conf.zone_pages[MIRROR_ZONE_DMA] = 24;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 600;
	conf.zone_pages[MIRROR_ZONE_MOVABLE] = 400;
	conf.zone_pages[MIRROR_ZONE_NORMAL] = 99999;
	m = mirror_test_create(test, &conf);
	KUNIT_EXPECT_EQ(test, normal_zone(m)->managed, 0);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->zones[MIRROR_ZONE_DMA].managed, 24);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->zones[MIRROR_ZONE_DMA32].managed, 600);
	KUNIT_EXPECT_EQ(test, m->nodes[0]->zones[MIRROR_ZONE_MOVABLE].managed, 400);
	conf.zone_pages[MIRROR_ZONE_MOVABLE] = 401;
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(mirror_core_create(&conf)), -EINVAL);
}

/* The sysctls as a kernel has them before anybody sets one. */
static void settings_nobody_made_are_the_references(struct kunit *test)
{
	struct mirror_tunables *t = &mirror_test_flat(test, 4, 3, 64)->tunables;
	const unsigned int ratio[MIRROR_MAX_NR_ZONES] = { 256, 256, 32, 0, 0 };
	struct mirror_config conf;

	KUNIT_EXPECT_EQ(test, t->watermark_scale_factor, 10);
	KUNIT_EXPECT_EQ(test, t->watermark_boost_factor, 15000);
	KUNIT_EXPECT_EQ(test, t->percpu_pagelist_high_fraction, 0);
	KUNIT_EXPECT_EQ(test, t->stat_interval, 1);
	KUNIT_EXPECT_EQ(test, t->user_min_free_kbytes, -1);
	KUNIT_EXPECT_MEMEQ(test, t->lowmem_reserve_ratio, ratio, sizeof(ratio));
	mirror_config_default(&conf);
	KUNIT_EXPECT_EQ(test, conf.max_order, 10);
	KUNIT_EXPECT_EQ(test, conf.pb_order, 9);
	KUNIT_EXPECT_EQ(test, conf.section_order, 27 - PAGE_SHIFT);
	KUNIT_EXPECT_EQ(test, conf.rest_zone, MIRROR_ZONE_NORMAL);
	/* Five types without CMA, four zones and a line for the devices' one. */
	KUNIT_EXPECT_EQ(test, conf.print_types, 0x2f);
	KUNIT_EXPECT_EQ(test, conf.print_zones & ~MIRROR_PRINT_ZONE_DEVICE, 0x17);
	KUNIT_EXPECT_NE(test, conf.print_zones & MIRROR_PRINT_ZONE_DEVICE, 0);
}

static struct kunit_case alike_cases[] = {
	KUNIT_CASE(used_mirror_resets_to_a_new_one),
	KUNIT_CASE(mirror_in_use_is_not_reset),
	KUNIT_CASE(ranges_that_touch_are_as_one),
	KUNIT_CASE(limits_are_within_what_is_allowed),
	KUNIT_CASE(zones_share_all_pages),
	KUNIT_CASE(settings_nobody_made_are_the_references),
	{}
};

static struct kunit_suite alike_suite = {
	.name = "mirror_alike",
	.test_cases = alike_cases,
};

kunit_test_suite(alike_suite);
