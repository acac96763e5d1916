// SPDX-License-Identifier: GPL-2.0
/*
 * Long random runs against a model that cannot be wrong: one byte a page, set
 * while somebody holds it. The model knows no buddies, lists or zones; it knows
 * that nothing is handed out twice and nothing gets lost.
 */
#include "fixture.h"

#define NR_OPS		25000
#define MAX_HELD	512

struct run {
	const char *name;
	struct mirror_test_geometry g;
	unsigned int nr_nodes;
	unsigned long dma32;
	unsigned int cma;		/* pageblocks */
	bool full;			/* most of the time */
};

static const struct run runs[] = {
	{ "small", { 4, 3, 1000, 0 }, 1 },
	{ "small and full", { 4, 3, 500, 3 }, 1, .full = true },
	{ "tiny", { 6, 5, 150, 1 }, 1, .full = true },
	{ "pageblock is the largest block", { 5, 5, 2048, 0 }, 1 },
	{ "two zones with CMA", { 6, 5, 3001, 77 }, 1, .dma32 = 700, .cma = 9 },
	{ "two nodes", { 6, 4, 1500, 0 }, 2, .dma32 = 500, .full = true },
	{ "default", { 10, 9, 1 << 15, 100 }, 1 },
	{ "default, full", { 10, 9, 1 << 13, 0 }, 2, .cma = 3, .full = true },
};

KUNIT_ARRAY_PARAM_DESC(run, runs, name);

struct held {
	struct mirror_page *page;
	unsigned int order;
};

struct model {
	struct kunit *test;
	struct mirror *m;
	const struct run *run;
	struct rnd_state rnd;
	u8 *used;			/* by frame from the first */
	unsigned long nr_used;
	struct held held[MAX_HELD];
	unsigned int nr_held;
	unsigned int most_held;
};

static u32 pick(struct model *model, u32 below)
{
	return prandom_u32_state(&model->rnd) % below;
}

/* Flips the bytes of a block; each of them has to be the other way around. */
static void flip(struct model *model, const struct held *h, bool used)
{
	unsigned long pfn = mirror_idx_to_pfn(model->m, idx_of(model->m, h->page));
	u8 *byte = &model->used[pfn - model->m->ranges[0].start_pfn];
	unsigned long i;

	for (i = 0; i < 1ul << h->order; i++)
		KUNIT_ASSERT_EQ_MSG(model->test, byte[i], !used,
				    "pfn %#lx", pfn + i);
	memset(byte, used, 1ul << h->order);
	model->nr_used += used ? 1l << h->order : -(1l << h->order);
}

/* Half of the requests are single pages, a quarter of order 1, and so on. */
static unsigned int random_order(struct model *model)
{
	unsigned int order = 0;

	while (order < model->m->max_order && pick(model, 2))
		order++;
	return order;
}

static u32 random_gfp(struct model *model)
{
	static const u32 gfps[] = {
		MIRROR_GFP_KERNEL, __MIRROR_GFP_MOVABLE, __MIRROR_GFP_RECLAIMABLE,
		MIRROR_GFP_ATOMIC, MIRROR_GFP_KERNEL | __MIRROR_GFP_COMP,
		MIRROR_GFP_HIGHUSER_MOVABLE, __MIRROR_GFP_DMA32,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_MOVABLE,
	};

	return gfps[pick(model, ARRAY_SIZE(gfps))];
}

/* The first attempt and the one that follows it, as a request makes them. */
static struct mirror_page *request(struct model *model, u32 gfp,
				   unsigned int order)
{
	struct mirror_alloc_context ac;
	struct mirror_page *page;
	unsigned int flags;

	if (!mirror_prepare_alloc(model->m, gfp, pick(model, model->m->nr_nodes),
				  0, &ac))
		return NULL;
	flags = mirror_gfp_to_alloc_flags(gfp, order, ac.migratetype);
	page = mirror_alloc_fast(model->m, gfp, order, &ac);
	if (!page)
		page = mirror_get_page_from_freelist(model->m, gfp, order, flags,
						     &ac);
	if (!page && !pick(model, 4))
		mirror_unreserve_highatomic(model->m, &ac, pick(model, 2));
	return page;
}

static void random_alloc(struct model *model)
{
	struct held h = { .order = random_order(model) };

	h.page = request(model, random_gfp(model), h.order);
	if (!h.page)
		return;
	KUNIT_ASSERT_EQ(model->test, atomic_read(&h.page->refs), 1);
	flip(model, &h, true);
	model->held[model->nr_held++] = h;
}

static void random_free(struct model *model)
{
	unsigned int i = pick(model, model->nr_held);
	struct held h = model->held[i];

	model->held[i] = model->held[--model->nr_held];
	flip(model, &h, false);
	KUNIT_ASSERT_EQ(model->test, 0,
			!h.order && pick(model, 2) ? mirror_core_put(model->m, h.page) :
			mirror_free_pages(model->m, h.page, h.order));
}

static void random_chore(struct model *model)
{
	switch (pick(model, 3)) {
	case 0:
		mirror_drain_all(model->m);
		break;
	case 1:
		mirror_fold_cpu(model->m, raw_smp_processor_id());
		mirror_pcp_tick(model->m, raw_smp_processor_id());
		break;
	default:
		mirror_serve_kswapd(model->m);
	}
}

/* Filling up and emptying take turns, or it fills up and stays so. */
static bool wants_more(struct model *model, unsigned int op)
{
	if (model->nr_held == MAX_HELD || !model->nr_held)
		return !model->nr_held;
	return (model->run->full || op / 1000 % 2 == 0) ? pick(model, 3) :
							  !pick(model, 3);
}

static void random_op(struct model *model, unsigned int op)
{
	if (!pick(model, 200))
		random_chore(model);
	if (wants_more(model, op))
		random_alloc(model);
	else
		random_free(model);
	model->most_held = max(model->most_held, model->nr_held);
}

static void expect_same_counts(struct model *model)
{
	KUNIT_ASSERT_EQ(model->test, mirror_nr_free(model->m),
			model->run->g.nr_pages - model->nr_used);
	KUNIT_ASSERT_EQ(model->test, mirror_test_faults(model->test, model->m), 0);
}

static struct mirror *make(struct kunit *test, const struct run *run)
{
	unsigned long start = TEST_PFN + run->g.offset;
	unsigned long middle = run->nr_nodes == 1 ? run->g.nr_pages :
			       round_down(run->g.nr_pages / 2, 1 << run->g.max_order);
	const struct mirror_range ranges[] = {
		{ start, start + middle, 0 },
		{ start + middle, start + run->g.nr_pages, 1 },
	};
	struct mirror_config conf;
	struct mirror *m;
	unsigned int i;

	mirror_test_config(&conf, run->g.max_order, run->g.pb_order);
	conf.ranges = ranges;
	conf.nr_ranges = run->nr_nodes;
	conf.zone_pages[MIRROR_ZONE_DMA32] = run->dma32;
	m = mirror_test_create(test, &conf);
	for (i = 0; i < run->cma; i++)
		mirror_test_set_type(&m->nodes[0]->zones[MIRROR_ZONE_NORMAL],
				     mirror_pfn_to_idx(m, start + middle - 1) -
				     ((i + 1) << run->g.pb_order), CMA);
	return m;
}

/* Free blocks of all zones below an order. */
static unsigned int blocks_below(const struct mirror *m, unsigned int end)
{
	unsigned int order, nr = 0, i;
	struct mirror_zone *zone;

	mirror_for_each_populated_zone(m, zone, i)
		for (order = 0; order < end; order++)
			nr += mirror_test_blocks(zone, order);
	return nr;
}

static void take_and_give_all(struct model *model)
{
	struct mirror_page **pages;
	struct mirror_zone *zone;
	unsigned int i, nr;

	mirror_for_each_populated_zone(model->m, zone, i) {
		nr = mirror_test_take_all(model->test, zone, &pages);
		while (nr--)
			if (pages[nr])
				mirror_test_give(zone, pages[nr]);
	}
}

/*
 * Inside a pageblock all has merged. Pageblocks may stay apart where one gave up
 * a type that does not mix, until their pages are freed the next time.
 */
static void expect_all_merged(struct model *model, unsigned int small,
			      unsigned int all)
{
	struct mirror_alloc_context ac;

	while (model->nr_held)
		random_free(model);
	mirror_drain_all(model->m);
	expect_same_counts(model);
	KUNIT_EXPECT_EQ(model->test, small,
			blocks_below(model->m, model->m->pb_order));
	mirror_prepare_alloc(model->m, 0, model->m->nr_nodes - 1, 0, &ac);
	while (mirror_unreserve_highatomic(model->m, &ac, true))
		;
	take_and_give_all(model);
	KUNIT_EXPECT_EQ(model->test, all,
			blocks_below(model->m, MIRROR_NR_ORDERS_MAX));
}

static void nothing_is_given_twice_or_lost(struct kunit *test)
{
	const struct run *run = test->param_value;
	struct model *model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);
	unsigned int i, small, all;

	KUNIT_ASSERT_NOT_NULL(test, model);
	model->test = test;
	model->run = run;
	model->m = make(test, run);
	model->used = kunit_kzalloc(test, run->g.nr_pages, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model->used);
	mirror_test_seed(test, &model->rnd);
	small = blocks_below(model->m, model->m->pb_order);
	all = blocks_below(model->m, MIRROR_NR_ORDERS_MAX);
	for (i = 0; i < NR_OPS; i++) {
		random_op(model, i);
		if (i % (NR_OPS / 25) == 0)
			expect_same_counts(model);
	}
	expect_same_counts(model);
	kunit_info(test, "held at most %u blocks\n", model->most_held);
	expect_all_merged(model, small, all);
}

static struct kunit_case random_cases[] = {
	KUNIT_CASE_PARAM_ATTR(nothing_is_given_twice_or_lost, run_gen_params,
			      { .speed = KUNIT_SPEED_SLOW }),
	{}
};

static struct kunit_suite random_suite = {
	.name = "mirror_random",
	.test_cases = random_cases,
};

kunit_test_suite(random_suite);
