// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says, how often, and of which block: people act on these lines. In a
 * kernel a test cannot read them, so this is for the process. How they are worded is
 * no rule, but that they name the right page and its holder is.
 */
#include <linux/mirror_mm.h>
#include "../../kunit/fixture.h"
#include "harness.h"

#define TEXT_LEN	8192
#define PFN(idx)	(TEST_PFN + (idx))

static char text[TEXT_LEN];

static void stop_catching(void *unused)
{
	harness_catch_log(NULL, 0);
	harness_expect_warnings(false);
}

static void catch_log(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, stop_catching, NULL), 0);
	memset(text, 0, sizeof(text));
	harness_catch_log(text, sizeof(text));
}

__printf(2, 3) static void expect_log(struct kunit *test, const char *fmt, ...)
{
	char want[1024];
	va_list args;

	va_start(args, fmt);
	vscnprintf(want, sizeof(want), fmt, args);
	va_end(args);
	if (strcmp(text, want))
		kunit_err(test, "the log is\n%sand not\n%s", text, want);
	KUNIT_EXPECT_STREQ(test, text, want);
}

static unsigned int count_of(const char *word)
{
	const char *at = text;
	unsigned int nr = 0;

	while ((at = strstr(at, word))) {
		at += strlen(word);
		nr++;
	}
	return nr;
}

/* callers' mistakes ------------------------------------------------------------------ */

/* 64 pages: 0 to 3 in use as one block, 4 free, 8 to 15 bad or on a per-CPU list. */
static struct mirror *make(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);
	struct mirror_pcp *pcp = this_pcp(normal_zone(m));
	struct mirror_bad_page bad;

	pcp->high = 100;
	pcp->high_min = 100;
	pcp->high_max = 100;
	KUNIT_ASSERT_PTR_EQ(test, mirror_test_take(normal_zone(m), 2, MOVABLE), m->pages);
	KUNIT_ASSERT_PTR_EQ(test, mirror_test_take(normal_zone(m), 3, MOVABLE), m->pages + 8);
	KUNIT_ASSERT_EQ(test, mirror_core_split(m, m->pages + 8, 3), 0);
	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, m->pages + 8, 0), 0);
	KUNIT_ASSERT_EQ(test, mirror_hwpoison(m, PFN(9), false, &bad), 0);
	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, m->pages + 9, 0), 0);
	m->pages[0].owner = MIRROR_NIL;
	m->pages[0].private = 77;
	m->report_limit.burst = 1000;
	return m;
}

/* One refusal, with lines about the holder between it and the stack. */
static void expect_refusal(struct kunit *test, const char *what, u32 idx, unsigned int order,
			   const char *is, const char *holder)
{
	expect_log(test, "mirror_mm: %s of pfn %#lx, order %u, refused: %s references\n%s(stack)\n",
		   what, PFN(idx), order, is, holder);
}

struct mistake {
	u32 idx;
	unsigned int order;
	const char *what;
	const char *is;
};

static const struct mistake mistakes[] = {
	{ 4, 2, "double free", "it is free, order 2, 0" },
	{ 8, 0, "double free", "it is free, on a per-CPU list, order 0, 0" },
	{ 9, 0, "double free", "it is bad memory, order 0, 0" },
	{ 5, 0, "free", "it is inside another block, order 0, 0" },
};

static void refused_free_names_page_and_state(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		const struct mistake *s = &mistakes[i];

		catch_log(test);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, &m->pages[s->idx], s->order), -EINVAL);
		expect_refusal(test, s->what, s->idx, s->order, s->is, "");
	}
}

/* The block around is named with who has it, be it a module or a file. */
static void refused_free_names_the_holder(struct kunit *test)
{
	struct mirror *m = make(test);
	char holder[120];

	catch_log(test);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, &m->pages[3], 0), -EINVAL);
	snprintf(holder, sizeof(holder),
		 "mirror_mm: its block begins at pfn %#lx, order 2, held by a kernel module, tag 77\n",
		 PFN(0));
	expect_refusal(test, "free", 3, 0, "it is inside another block, order 0, 0", holder);
	m->pages[0].owner = 5;
	catch_log(test);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, &m->pages[0], 1), -EINVAL);
	snprintf(holder, sizeof(holder),
		 "mirror_mm: its block begins at pfn %#lx, order 2, held by file 5, block 77\n",
		 PFN(0));
	expect_refusal(test, "free with the wrong order", 0, 1, "it is in use, order 2, 1",
		       holder);
}

/* Nobody's pages: a hole has no block, and a pointer from elsewhere no descriptor. */
static void refused_strangers_are_named(struct kunit *test)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 4, 3);
	m = mirror_test_range(test, &conf, PFN(5), 59);
	catch_log(test);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, &m->pages[3]), -EINVAL);
	expect_refusal(test, "put", 3, 0, "it is a hole, order 0, 0", "");
	catch_log(test);
	KUNIT_EXPECT_EQ(test, mirror_free_pages(m, m->pages + m->nr_desc, 0), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_core_put(m, m->pages - 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_core_get(m, m->pages - 1), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_core_split(m, m->pages - 1, 0), -ENXIO);
	KUNIT_EXPECT_EQ(test, count_of("no page of this mirror"), 4);
	KUNIT_EXPECT_EQ(test, count_of("mirror_mm: free of "), 1);
	KUNIT_EXPECT_EQ(test, count_of("mirror_mm: put of "), 1);
	KUNIT_EXPECT_EQ(test, count_of("mirror_mm: get of "), 1);
	KUNIT_EXPECT_EQ(test, count_of("mirror_mm: split of "), 1);
	KUNIT_EXPECT_EQ(test, count_of("(stack)"), 4);
}

/* The limit counts reports of each kind together, and a refusal is one all the same. */
static void reports_of_mistakes_are_limited(struct kunit *test)
{
	struct mirror *m = make(test);
	unsigned int i;

	m->report_limit.burst = 3;
	catch_log(test);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, &m->pages[4], 2), -EINVAL);
		KUNIT_EXPECT_EQ(test, mirror_free_pages(m, m->pages - 1, 0), -ENXIO);
	}
	KUNIT_EXPECT_EQ(test, count_of("refused: it is free"), 2);
	KUNIT_EXPECT_EQ(test, count_of("no page of this mirror"), 1);
	KUNIT_EXPECT_EQ(test, count_of("(stack)"), 3);
}

static void new_mirror_has_the_limits_of_the_kernel(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);

	KUNIT_EXPECT_EQ(test, m->report_limit.burst, DEFAULT_RATELIMIT_BURST);
	KUNIT_EXPECT_EQ(test, m->report_limit.interval_ns,
			DEFAULT_RATELIMIT_INTERVAL * (1000000000ull / HZ));
	KUNIT_EXPECT_EQ(test, m->failure_limit.burst, 1);
	KUNIT_EXPECT_EQ(test, m->failure_limit.interval_ns, 10000000000ull);
}

/* failed allocations ------------------------------------------------------------------ */

/* Both nodes have NORMAL only, and nothing is free. */
static struct mirror *nothing_free(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 4, 3, 64);
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		while (mirror_test_take(zone, 0, MOVABLE))
			;
	m->failure_limit.burst = 1000;
	return m;
}

struct failure {
	const char *name;
	u32 gfp;
	u64 nodemask;
	bool told;
	unsigned int zones[2];	/* of each node */
};

static const struct failure failures[] = {
	{ "kernel", MIRROR_GFP_KERNEL, 0, true, { 1, 1 } },
	{ "here", MIRROR_GFP_KERNEL | __MIRROR_GFP_THISNODE, 0, true, { 1, 0 } },
	{ "the first", MIRROR_GFP_KERNEL, BIT_ULL(0), true, { 1, 0 } },
	{ "the second", MIRROR_GFP_KERNEL, BIT_ULL(1), true, { 0, 1 } },
	{ "without a warning", MIRROR_GFP_KERNEL | __MIRROR_GFP_NOWARN, 0, false, { 0, 0 } },
	{ "dma", MIRROR_GFP_KERNEL | __MIRROR_GFP_DMA, 0, false, { 0, 0 } },
};

KUNIT_ARRAY_PARAM_DESC(failure, failures, name);

/* One line for the request, the stack, one for the mirror, three for each zone. */
static void failure_shows_the_zones_it_could_have_had(struct kunit *test)
{
	const struct failure *f = test->param_value;
	struct mirror *m = nothing_free(test);
	unsigned int zones = f->zones[0] + f->zones[1];

	catch_log(test);
	KUNIT_EXPECT_NULL(test, mirror_alloc_pages_nodemask(m, f->gfp, 2, 0, f->nodemask));
	KUNIT_EXPECT_EQ(test, count_of("page allocation failure: order:2"), f->told);
	KUNIT_EXPECT_EQ(test, count_of("(stack)"), f->told);
	KUNIT_EXPECT_EQ(test, count_of("Mem-Info: 128 pages managed"), f->told);
	KUNIT_EXPECT_EQ(test, count_of("Node 0 "), 2 * f->zones[0]);
	KUNIT_EXPECT_EQ(test, count_of("Node 1 "), 2 * f->zones[1]);
	KUNIT_EXPECT_EQ(test, count_of("lowmem_reserve[]:"), zones);
	KUNIT_EXPECT_EQ(test, count_of("\n"), f->told ? 3 + 3 * zones : 0);
}

/* A node that there is none of has no zones to be shown, and is no reason to stop. */
static void failure_on_no_node_shows_the_request(struct kunit *test)
{
	struct mirror *m = nothing_free(test);

	catch_log(test);
	mirror_warn_alloc(m, MIRROR_GFP_KERNEL, 1, 7, 0);
	KUNIT_EXPECT_EQ(test, count_of("node:7, nodemask=(null)"), 1);
	KUNIT_EXPECT_EQ(test, count_of("Mem-Info"), 0);
}

static void failures_are_limited(struct kunit *test)
{
	struct mirror *m = nothing_free(test);
	unsigned int i;

	m->failure_limit.burst = 2;
	catch_log(test);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_ATOMIC, 0, 0));
	KUNIT_EXPECT_EQ(test, count_of("page allocation failure"), 2);
}

/* the end of service ------------------------------------------------------------------ */

static void first_fault_is_told_with_its_numbers(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);

	mirror_test_throw_away(test, m);
	catch_log(test);
	harness_expect_warnings(true);
	mirror_broken(m, "seven is %d and %s", 7, "eight");
	mirror_broken(m, "nine is %d", 9);
	expect_log(test, "mirror_mm: seven is 7 and eight; the mirror is out of service\n");
	KUNIT_EXPECT_EQ(test, harness_expected_warnings(), 1);
}

/* mirrors that cannot be made --------------------------------------------------------- */

static void table_beyond_reason_is_told(struct kunit *test)
{
	const struct mirror_range ranges[] = {
		{ TEST_PFN, TEST_PFN + 512, 0 },
		{ ULONG_MAX / 2 + 1, ULONG_MAX / 2 + 513, 0 },
	};
	struct mirror_config conf;

	mirror_test_config(&conf, 8, 7);
	conf.section_order = 8;
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	catch_log(test);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(mirror_core_create(&conf)), -EINVAL);
	KUNIT_EXPECT_EQ(test, count_of("mirror_mm: 4 MiB in 2 ranges are too much"), 1);
	KUNIT_EXPECT_EQ(test, count_of("in ranges of whole 1 MiB\n"), 1);
}

/* To the MiB, before anything is taken. */
static void need_of_too_large_a_mirror_is_told(struct kunit *test)
{
	u64 have = mirror_host_available(), pages = have / sizeof(struct mirror_page) * 2;
	struct mirror_range range = { 0, 0, 0 };
	struct mirror_config conf;
	char rest[120];
	u64 need;

	if (pages >= MIRROR_NIL)
		kunit_skip(test, "more memory than any mirror needs");
	range.end_pfn = round_up(pages, 1 << 15);
	need = range.end_pfn * sizeof(struct mirror_page) + range.end_pfn / 512;
	mirror_config_default(&conf);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	catch_log(test);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(mirror_core_create(&conf)), -ENOMEM);
	snprintf(rest, sizeof(rest),
		 "%llu MiB for their descriptors, and only %llu MiB can be taken from the kernel",
		 need >> 20, have >> 20);
	expect_log(test, "mirror_mm: %lu MiB of memory need %s; give a smaller region\n",
		   range.end_pfn >> 8, rest);
}

static void refuse_nothing(void *unused)
{
	mirror_host_refuse_nth = 0;
}

/* Of all allocations it is those of the descriptors and the pageblocks that are told. */
static void descriptors_that_are_not_had_are_told(struct kunit *test)
{
	static const struct mirror_range range = { TEST_PFN, TEST_PFN + 128, 0 };
	struct mirror_config conf;
	unsigned int n, told = 0;
	struct mirror *m;

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, refuse_nothing, NULL), 0);
	mirror_test_config(&conf, 4, 3);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	for (n = 1;; n++) {
		catch_log(test);
		mirror_host_refuse_nth = n;
		m = mirror_core_create(&conf);
		mirror_host_refuse_nth = 0;
		if (!IS_ERR(m))
			break;
		told += count_of("mirror_mm: the kernel has no 2 KiB for descriptors, ");
		KUNIT_EXPECT_EQ(test, PTR_ERR(m), -ENOMEM);
	}
	mirror_core_destroy(m);
	KUNIT_EXPECT_EQ(test, told, 2);
	KUNIT_EXPECT_GT(test, n, 8);
}

/* letting others run ------------------------------------------------------------------ */

/* Making a mirror may take long; a reset has everybody else stand still. */
static void only_who_may_sleep_lets_others_run(struct kunit *test)
{
	unsigned long before = harness_relaxed();
	struct mirror *m = mirror_test_flat(test, 4, 3, 64);

	KUNIT_EXPECT_EQ(test, harness_relaxed() - before, 4);
	before = harness_relaxed();
	KUNIT_EXPECT_EQ(test, mirror_core_reset(m), 0);
	KUNIT_EXPECT_EQ(test, harness_relaxed(), before);
}

/*
 * A zone that would have enough if all was reclaimed is worth sixteen rounds; one that
 * would not, none. Once the lists are drained all begins again.
 */
static void hope_is_worth_sixteen_rounds(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 512);
	struct mirror_zone *zone = normal_zone(m);
	unsigned int hidden, i;

	for (i = 0; i < 256; i++)
		KUNIT_ASSERT_NOT_NULL(test, mirror_test_take(zone, 0, MOVABLE));
	for (hidden = 0; hidden <= 64; hidden += 64) {
		unsigned long before;

		mirror_test_marks(test, m, hidden ? 511 : 512, 512, 512);
		mirror_test_no_drift(m);
		mirror_test_no_pcp(m);
		atomic_long_sub(hidden, &zone->vm_stat[MIRROR_NR_FREE_PAGES]);
		this_cpu_ptr(zone->stat)->diff[MIRROR_NR_FREE_PAGES] += hidden;
		before = harness_relaxed();
		KUNIT_EXPECT_NULL(test, mirror_alloc_pages(m, MIRROR_GFP_KERNEL |
							   __MIRROR_GFP_NOWARN, 0, 0));
		KUNIT_EXPECT_EQ(test, harness_relaxed() - before, hidden ? 2 * 16 : 2);
	}
	mirror_fold_cpu(m, 0);
}

/* the host's nodes -------------------------------------------------------------------- */

static void one_node_again(void *unused)
{
	harness_set_nr_nodes(1);
}

/* CPUs are on the host's nodes, from the last one, where the mirror has no more. */
static void cpus_are_where_the_host_has_them_or_in_turn(struct kunit *test)
{
	static const struct mirror_range range = { TEST_PFN, TEST_PFN + 64, 0 };
	struct mirror_config conf;
	unsigned int mine, hosts, cpu;
	struct mirror *m;

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, one_node_again, NULL), 0);
	mirror_test_config(&conf, 4, 3);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	for (hosts = 1; hosts <= 4; hosts++)
		for (mine = 1; mine <= 4; mine++) {
			harness_set_nr_nodes(hosts);
			conf.nr_nodes = mine;
			m = mirror_test_create(test, &conf);
			for_each_possible_cpu(cpu) {
				unsigned int host = hosts - 1 - cpu % hosts;

				KUNIT_EXPECT_EQ_MSG(test, m->cpu_node[cpu],
						    hosts >= mine && host < mine ?
						    host : cpu % mine, "%u on %u", mine, hosts);
			}
		}
}

static struct kunit_case log_cases[] = {
	KUNIT_CASE(refused_free_names_page_and_state),
	KUNIT_CASE(refused_free_names_the_holder),
	KUNIT_CASE(refused_strangers_are_named),
	KUNIT_CASE(reports_of_mistakes_are_limited),
	KUNIT_CASE(new_mirror_has_the_limits_of_the_kernel),
	KUNIT_CASE_PARAM(failure_shows_the_zones_it_could_have_had, failure_gen_params),
	KUNIT_CASE(failure_on_no_node_shows_the_request),
	KUNIT_CASE(failures_are_limited),
	KUNIT_CASE(first_fault_is_told_with_its_numbers),
	KUNIT_CASE(table_beyond_reason_is_told),
	KUNIT_CASE(need_of_too_large_a_mirror_is_told),
	KUNIT_CASE(descriptors_that_are_not_had_are_told),
	KUNIT_CASE(only_who_may_sleep_lets_others_run),
	KUNIT_CASE(hope_is_worth_sixteen_rounds),
	KUNIT_CASE(cpus_are_where_the_host_has_them_or_in_turn),
	{}
};

static struct kunit_suite log_suite = {
	.name = "mirror_log",
	.test_cases = log_cases,
};

kunit_test_suite(log_suite);
