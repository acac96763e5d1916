// SPDX-License-Identifier: GPL-2.0
/*
 * Mirrors for tests: made, pinned to a CPU, validated, taken apart.
 *
 * Every mirror made here is validated when its test ends, whatever became of
 * the test, and each fault is a line of the test's output. A test that damages
 * one on purpose throws it away first.
 */
#include <linux/module.h>
#include <linux/random.h>
#include "fixture.h"

static ulong seed_param;
module_param_named(seed, seed_param, ulong, 0444);
MODULE_PARM_DESC(seed, "seed of the random tests; 0 for another one each time");

static char *fault_param;
module_param_named(fault, fault_param, charp, 0444);
MODULE_PARM_DESC(fault, "a deliberate fault for mirrors whose test chose no policy");

/* A mirror of a test; all of them hang on test->priv. */
struct guard {
	struct kunit *test;
	struct mirror *m;
	bool thrown_away;
	struct guard *next;
};

const struct mirror_test_geometry mirror_test_geometries[] = {
	{ 4, 3, 1 << 10, 0 },
	{ 6, 5, 3000, 0 },
	{ 5, 5, 4001, 37 },
	{ 10, 9, 1 << 15, 512 },
};

void mirror_test_geometry_desc(const struct mirror_test_geometry *g, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE,
		 "max order %u, pageblock %u, %lu pages at +%lu", g->max_order,
		 g->pb_order, g->nr_pages, g->offset);
}

static void print_fault(void *arg, const char *line)
{
	struct kunit *test = arg;

	kunit_err(test, "%s\n", line);
}

/**
 * mirror_test_faults - validate a mirror and print what is wrong
 * @test: the test
 * @m: the mirror
 *
 * Return: number of faults.
 */
unsigned int mirror_test_faults(struct kunit *test, struct mirror *m)
{
	struct mirror_check check = { .emit = print_fault, .arg = test };

	return mirror_check(m, &check);
}

static void end_of_mirror(void *arg)
{
	struct guard *guard = arg;

	if (!guard->thrown_away)
		KUNIT_EXPECT_EQ(guard->test,
				mirror_test_faults(guard->test, guard->m), 0);
	mirror_core_destroy(guard->m);
}

/**
 * mirror_test_throw_away - no validation at the end
 * @test: the test
 * @m: a mirror of it, about to be damaged
 */
void mirror_test_throw_away(struct kunit *test, struct mirror *m)
{
	struct guard *guard;

	for (guard = test->priv; guard; guard = guard->next)
		if (guard->m == m)
			guard->thrown_away = true;
}

/**
 * mirror_test_config - a configuration without ranges
 * @conf: filled in
 * @max_order: largest block
 * @pb_order: pageblock
 */
void mirror_test_config(struct mirror_config *conf, unsigned int max_order,
			unsigned int pb_order)
{
	mirror_config_default(conf);
	conf->max_order = max_order;
	conf->pb_order = pb_order;
}

/* What mirror_mm_kunit.fault= names; see tools/conformance/faults. */
static const struct mirror_policy *fault_policy(struct kunit *test)
{
	const struct mirror_policy *policy;
	char name[40];

	if (!fault_param)
		return NULL;
	snprintf(name, sizeof(name), "fault-%s", fault_param);
	policy = mirror_policy_find(name);
	KUNIT_ASSERT_NOT_NULL_MSG(test, policy, "no policy %s", name);
	return policy;
}

/**
 * mirror_test_create - a mirror that ends with the test
 * @test: the test
 * @conf: how it is made
 *
 * Where @conf names no policy the mirror gets the fault that this boot is for,
 * if it is for one.
 *
 * Return: the mirror; the test is over where there is none.
 */
struct mirror *mirror_test_create(struct kunit *test,
				  const struct mirror_config *conf)
{
	struct guard *guard = kunit_kzalloc(test, sizeof(*guard), GFP_KERNEL);
	struct mirror_config copy = *conf;

	KUNIT_ASSERT_NOT_NULL(test, guard);
	mirror_test_stay(test);
	if (!copy.policy)
		copy.policy = fault_policy(test);
	guard->test = test;
	guard->m = mirror_core_create(&copy);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, guard->m);
	guard->next = test->priv;
	test->priv = guard;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, end_of_mirror, guard));
	return guard->m;
}

/**
 * mirror_test_range - a mirror of one range on node 0
 * @test: the test
 * @conf: the rest of its configuration
 * @start: first frame
 * @nr_pages: length
 *
 * Return: the mirror.
 */
struct mirror *mirror_test_range(struct kunit *test,
				 const struct mirror_config *conf,
				 unsigned long start, unsigned long nr_pages)
{
	struct mirror_range range = { start, start + nr_pages, 0 };
	struct mirror_config copy = *conf;

	copy.ranges = &range;
	copy.nr_ranges = 1;
	return mirror_test_create(test, &copy);
}

/**
 * mirror_test_flat - a mirror of one aligned range in zone NORMAL, without marks
 * @test: the test
 * @max_order: largest block
 * @pb_order: pageblock
 * @nr_pages: length
 *
 * Return: the mirror.
 */
struct mirror *mirror_test_flat(struct kunit *test, unsigned int max_order,
				unsigned int pb_order, unsigned long nr_pages)
{
	struct mirror_test_geometry g = { max_order, pb_order, nr_pages, 0 };

	return mirror_test_geometry(test, &g);
}

/**
 * mirror_test_geometry - the same from a parameter
 * @test: the test
 * @g: the geometry
 *
 * Return: the mirror.
 */
struct mirror *mirror_test_geometry(struct kunit *test,
				    const struct mirror_test_geometry *g)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, g->max_order, g->pb_order);
	m = mirror_test_range(test, &conf, TEST_PFN + g->offset, g->nr_pages);
	mirror_test_marks(test, m, 0, 0, 0);
	return m;
}

/**
 * mirror_test_marks - set the marks of all zones with pages
 * @test: the test
 * @m: the mirror
 * @min: lowest
 * @low: middle
 * @high: highest, and the promo mark
 */
void mirror_test_marks(struct kunit *test, struct mirror *m, unsigned long min,
		       unsigned long low, unsigned long high)
{
	const unsigned long marks[MIRROR_NR_WMARK] = { min, low, high, high };
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		KUNIT_ASSERT_EQ(test, 0,
				mirror_set_zone_watermarks(m, zone, marks));
	/* As when a CPU comes or goes: that is when drift marks are computed. */
	mirror_refresh_thresholds(m);
}

/**
 * mirror_test_stay - keep the thread of this test on the CPU it is on
 * @test: the test
 *
 * Per-CPU lists and counters are then those of one CPU, and the test may sleep.
 */
void mirror_test_stay(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0,
			set_cpus_allowed_ptr(current,
					     cpumask_of(raw_smp_processor_id())));
}

/**
 * mirror_test_seed - start a generator, and say with what
 * @test: the test
 * @rnd: the generator
 *
 * To run it again with the same numbers give mirror_mm_kunit.seed= on the
 * kernel's command line.
 *
 * Return: the seed.
 */
u64 mirror_test_seed(struct kunit *test, struct rnd_state *rnd)
{
	u64 seed = seed_param ?: get_random_u32();

	prandom_seed_state(rnd, seed);
	kunit_info(test, "mirror_mm_kunit.seed=%llu\n", seed);
	return seed;
}

static struct mirror_page *make_used(struct mirror_page *page,
				     unsigned int order)
{
	if (page) {
		mirror_page_set_head(page, MIRROR_PAGE_USED, order);
		atomic_set(&page->refs, 1);
	}
	return page;
}

/**
 * mirror_test_take - a block from one type's free lists, past everything else
 * @zone: the zone
 * @order: of the block
 * @mt: the type
 *
 * Return: the block with one reference, or NULL.
 */
struct mirror_page *mirror_test_take(struct mirror_zone *zone,
				     unsigned int order, int mt)
{
	struct mirror_page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	page = make_used(mirror_rmqueue_smallest(zone, order, mt), order);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/**
 * mirror_test_give - give a block back past the per-CPU lists
 * @zone: the zone
 * @page: a block in use with one reference
 */
void mirror_test_give(struct mirror_zone *zone, struct mirror_page *page)
{
	atomic_set(&page->refs, 0);
	mirror_free_one(zone, page, mirror_page_order(page));
}

/**
 * mirror_test_rmqueue - a block, from other types' lists if need be
 * @zone: the zone
 * @order: of the block
 * @mt: of the request
 * @alloc_flags: MIRROR_ALLOC_*
 *
 * Return: the block with one reference, or NULL.
 */
struct mirror_page *mirror_test_rmqueue(struct mirror_zone *zone,
					unsigned int order, int mt,
					unsigned int alloc_flags)
{
	enum mirror_rmqueue_mode mode = MIRROR_RMQUEUE_NORMAL;
	struct mirror_page *page;
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	page = mirror_rmqueue_locked(zone, order, mt, alloc_flags, &mode);
	make_used(page, order);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

/**
 * mirror_test_alloc - a block as the fast path gives it, from node 0
 * @m: the mirror
 * @gfp: MIRROR_GFP_*
 * @order: of the block
 *
 * Return: the block, or NULL.
 */
struct mirror_page *mirror_test_alloc(struct mirror *m, u32 gfp,
				      unsigned int order)
{
	struct mirror_alloc_context ac;

	if (!mirror_prepare_alloc(m, gfp, 0, 0, &ac))
		return NULL;
	return mirror_alloc_fast(m, gfp, order, &ac);
}

/**
 * mirror_test_alloc_flags - one attempt with given flags, from node 0
 * @m: the mirror
 * @gfp: MIRROR_GFP_*
 * @order: of the block
 * @alloc_flags: MIRROR_ALLOC_*
 *
 * Return: the block, or NULL.
 */
struct mirror_page *mirror_test_alloc_flags(struct mirror *m, u32 gfp,
					    unsigned int order,
					    unsigned int alloc_flags)
{
	struct mirror_alloc_context ac;

	if (!mirror_prepare_alloc(m, gfp, 0, 0, &ac))
		return NULL;
	return mirror_get_page_from_freelist(m, gfp, order, alloc_flags, &ac);
}

/* Frees a block that is free already, so that it merges with what is around. */
static void free_again(struct mirror_zone *zone, u32 idx, unsigned int order,
		       int mt)
{
	if (mirror_page_state(&zone->pages[idx]) != MIRROR_PAGE_BUDDY ||
	    mirror_page_order(&zone->pages[idx]) != order)
		return;
	mirror_del_free(zone, idx, order, mt);
	mirror_account_free(zone, -(1l << order), mt);
	mirror_free_large(zone, idx, order, false);
}

/**
 * mirror_test_set_type - give a pageblock another type, free blocks and all
 * @zone: the zone
 * @idx: a frame of the pageblock
 * @mt: the type
 *
 * Keeps the count of reserved pages right, and merges what can be merged.
 */
void mirror_test_set_type(struct mirror_zone *zone, u32 idx, int mt)
{
	int old = mirror_pageblock_type(zone->m, idx);
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	mirror_pageblock_isolate(zone, idx, mt);
	free_again(zone, round_down(idx, 1u << zone->pb_order), zone->pb_order, mt);
	if (mt == HIGHATOMIC && old != HIGHATOMIC)
		zone->nr_reserved_highatomic += 1ul << zone->pb_order;
	if (mt != HIGHATOMIC && old == HIGHATOMIC)
		zone->nr_reserved_highatomic -= 1ul << zone->pb_order;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * mirror_test_take_all - take every page of a zone as a block of order 0
 * @test: the test
 * @zone: the zone, nothing of it in use or on per-CPU lists
 * @pages: set to an array by frame from the zone's first, NULL for holes
 *
 * Return: length of the array.
 */
unsigned int mirror_test_take_all(struct kunit *test, struct mirror_zone *zone,
				  struct mirror_page ***pages)
{
	struct mirror_page *page;
	int mt;

	*pages = kunit_kcalloc(test, zone->spanned, sizeof(**pages), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, *pages);
	for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
		while ((page = mirror_test_take(zone, 0, mt)))
			(*pages)[mirror_idx_to_pfn(zone->m, idx_of(zone->m, page)) -
				 zone->start_pfn] = page;
	return zone->spanned;
}

/**
 * mirror_test_expect_list - compare a list, in order
 * @test: the test
 * @zone: the zone
 * @list: the list
 * @want: indices from its first to its last
 * @nr: how many
 */
void mirror_test_expect_list(struct kunit *test, const struct mirror_zone *zone,
			     const struct mirror_list *list, const u32 *want,
			     unsigned int nr)
{
	u32 idx = list->first;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, list->nr, nr);
	for (i = 0; i < nr && idx != MIRROR_NIL; i++) {
		KUNIT_EXPECT_EQ_MSG(test, idx, want[i], "entry %u", i);
		idx = zone->pages[idx].next;
	}
	KUNIT_EXPECT_EQ(test, idx, MIRROR_NIL);
}

/**
 * mirror_test_blocks - free blocks of an order, whatever their type
 * @zone: the zone
 * @order: the order
 *
 * Return: their number, by the lists.
 */
unsigned int mirror_test_blocks(const struct mirror_zone *zone,
				unsigned int order)
{
	unsigned int nr = 0;
	int mt;

	for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
		nr += list_len(zone, order, mt);
	return nr;
}

/* A mirror that was taken out of service on purpose is used again. */
void mirror_test_mend(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	m->broken = 0;
	m->nr_freeable = m->nr_desc;
	mirror_for_each_zone(m, zone, i)
		clear_bit(MIRROR_ZONE_BROKEN, &zone->flags);
}

/**
 * mirror_test_snapshot - copy all descriptors
 * @test: the test
 * @m: the mirror
 *
 * Return: the copy, for mirror_test_changed().
 */
struct mirror_page *mirror_test_snapshot(struct kunit *test, const struct mirror *m)
{
	size_t size = m->nr_desc * sizeof(*m->pages);
	struct mirror_page *copy = kunit_kmalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, m->pages, size);
	return copy;
}

/**
 * mirror_test_changed - count descriptors that are not what they were
 * @m: the mirror
 * @before: from mirror_test_snapshot()
 *
 * Return: how many differ.
 */
unsigned int mirror_test_changed(const struct mirror *m,
				 const struct mirror_page *before)
{
	unsigned int nr = 0;
	u32 idx;

	for (idx = 0; idx < m->nr_desc; idx++)
		nr += memcmp(&m->pages[idx], &before[idx], sizeof(*before)) != 0;
	return nr;
}

MODULE_DESCRIPTION("KUnit tests of mirror_mm");
MODULE_LICENSE("GPL");

/* Two nodes of @pages each; every CPU is on node 0, and the marks are 0. */
struct mirror *mirror_test_two_nodes(struct kunit *test, unsigned int max_order,
				     unsigned int pb_order, unsigned long pages)
{
	const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + pages, 0 },
		{ TEST_PFN + pages, TEST_PFN + 2 * pages, 1 },
	};
	int *cpu_node = kunit_kcalloc(test, nr_cpu_ids, sizeof(int), GFP_KERNEL);
	struct mirror_config conf;
	struct mirror *m;

	KUNIT_ASSERT_NOT_NULL(test, cpu_node);
	mirror_test_config(&conf, max_order, pb_order);
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	conf.cpu_node = cpu_node;
	m = mirror_test_create(test, &conf);
	mirror_test_marks(test, m, 0, 0, 0);
	return m;
}

/* a mirror without memory of its past ------------------------------------- */

/**
 * mirror_test_no_drift - let each change of a counter reach its zone at once
 * @m: the mirror
 *
 * What a watermark says then depends on the pages alone. The next change of the
 * marks ends it.
 */
void mirror_test_no_drift(struct mirror *m)
{
	unsigned int cpu = raw_smp_processor_id(), i;
	struct mirror_zone *zone;

	mirror_fold_cpu(m, cpu);
	mirror_for_each_populated_zone(m, zone, i)
		per_cpu_ptr(zone->stat, cpu)->threshold = 0;
}

/**
 * mirror_test_no_pcp - let this CPU's lists keep nothing back
 * @m: the mirror
 *
 * Each request then gets one block from the zone, and each free gives one back.
 */
void mirror_test_no_pcp(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i) {
		struct mirror_pcp *pcp = this_pcp(zone);

		pcp->high = 0;
		pcp->high_min = 0;
		pcp->high_max = 0;
	}
}

/**
 * mirror_test_free_all - free whatever is in use, and drain the lists
 * @test: the test
 * @m: the mirror, all of its blocks with one reference
 */
void mirror_test_free_all(struct kunit *test, struct mirror *m)
{
	u32 idx;

	for (idx = 0; idx < m->nr_desc; idx++) {
		struct mirror_page *page = &m->pages[idx];

		if (mirror_page_state(page) == MIRROR_PAGE_USED)
			KUNIT_ASSERT_EQ(test, 0,
					mirror_free_pages(m, page,
							  mirror_page_order(page)));
	}
	mirror_drain_all(m);
	KUNIT_ASSERT_EQ(test, mirror_nr_free(m), m->managed);
}

/**
 * mirror_test_expect_nr_free - compare the free blocks of every order
 * @test: the test
 * @zone: the zone
 * @want: number by order, up to the largest
 */
void mirror_test_expect_nr_free(struct kunit *test,
				const struct mirror_zone *zone,
				const unsigned int *want)
{
	unsigned int order;

	for (order = 0; order <= zone->max_order; order++) {
		KUNIT_EXPECT_EQ_MSG(test, zone->free_area[order].nr_free,
				    want[order], "order %u", order);
		KUNIT_EXPECT_EQ_MSG(test, mirror_test_blocks(zone, order),
				    want[order], "order %u", order);
	}
}
