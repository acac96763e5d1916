// SPDX-License-Identifier: GPL-2.0
/*
 * What is said of an allocation that failed: names of flags, the line about the
 * request, and the picture of free memory, text for text.
 */
#include <linux/mirror_mm.h>
#include <linux/sizes.h>
#include "fixture.h"

#define MAX_LINES	80

/**
 * struct caught - lines that were emitted
 * @test: for memory
 * @nr: how many, also beyond MAX_LINES
 * @line: the first of them
 */
struct caught {
	struct kunit *test;
	unsigned int nr;
	char *line[MAX_LINES];
};

static void catch_line(void *arg, const char *line)
{
	struct caught *c = arg;
	char *copy;

	if (c->nr < MAX_LINES) {
		copy = kunit_kzalloc(c->test, strlen(line) + 1, GFP_KERNEL);
		if (copy)
			memcpy(copy, line, strlen(line));
		c->line[c->nr] = copy;
	}
	c->nr++;
}

static struct caught *catch_into(struct kunit *test, struct mirror_lines *out)
{
	struct caught *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->test = test;
	*out = (struct mirror_lines) { .emit = catch_line, .arg = c };
	return c;
}

static const char *line_of(const struct caught *c, unsigned int i)
{
	return i < c->nr && i < MAX_LINES && c->line[i] ? c->line[i] : "(none)";
}

static struct caught *picture(struct kunit *test, const struct mirror *m,
			      const struct mirror_zonelist *list, u64 nodemask)
{
	struct mirror_lines out;
	struct caught *c = catch_into(test, &out);

	mirror_show_mem(m, list, nodemask, &out);
	return c;
}

/* names ---------------------------------------------------------------------- */

struct named {
	u32 gfp;
	const char *text;
};

static const struct named all_named[] = {
	{ 0, "none" },
	{ MIRROR_GFP_KERNEL, "MIRROR_GFP_KERNEL" },
	{ MIRROR_GFP_KERNEL | __MIRROR_GFP_ZERO,
	  "MIRROR_GFP_KERNEL|__MIRROR_GFP_ZERO" },
	{ MIRROR_GFP_HIGHUSER_MOVABLE, "MIRROR_GFP_HIGHUSER_MOVABLE" },
	{ MIRROR_GFP_HIGHUSER, "MIRROR_GFP_HIGHUSER" },
	{ MIRROR_GFP_USER, "MIRROR_GFP_USER" },
	{ MIRROR_GFP_NOFS, "MIRROR_GFP_NOFS" },
	{ MIRROR_GFP_NOIO, "MIRROR_GFP_NOIO" },
	{ MIRROR_GFP_ATOMIC, "MIRROR_GFP_ATOMIC" },
	{ MIRROR_GFP_NOWAIT, "MIRROR_GFP_NOWAIT" },
	{ MIRROR_GFP_DMA32 | __MIRROR_GFP_THISNODE,
	  "MIRROR_GFP_DMA32|__MIRROR_GFP_THISNODE" },
	{ __MIRROR_GFP_DIRECT_RECLAIM, "__MIRROR_GFP_DIRECT_RECLAIM" },
	{ __MIRROR_GFP_COMP | 1u << 31, "__MIRROR_GFP_COMP|0x80000000" },
	{ 1u << 25, "0x2000000" },
};

static void named_desc(const struct named *n, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", n->text);
}

KUNIT_ARRAY_PARAM(named, all_named, named_desc);

static void flags_are_named(struct kunit *test)
{
	const struct named *n = test->param_value;
	char text[MIRROR_GFP_TEXT_LEN];

	KUNIT_EXPECT_STREQ(test, mirror_gfp_text(n->gfp, text, sizeof(text)),
			   n->text);
}

static void every_flag_has_a_name(struct kunit *test)
{
	char text[MIRROR_GFP_TEXT_LEN];
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		bool known = __MIRROR_GFP_ALL & BIT(bit);

		mirror_gfp_text(BIT(bit), text, sizeof(text));
		KUNIT_EXPECT_EQ_MSG(test, known, !!strstr(text, "MIRROR_GFP_"),
				    "bit %u: %s", bit, text);
	}
}

/* No mask of 32 bits is longer than there is room for. */
static void names_fit(struct kunit *test)
{
	char text[MIRROR_GFP_TEXT_LEN];
	struct rnd_state rnd;
	size_t longest = 0;
	int i;

	mirror_test_seed(test, &rnd);
	for (i = 0; i < 20000; i++) {
		u32 gfp = prandom_u32_state(&rnd) | prandom_u32_state(&rnd);

		mirror_gfp_text(gfp, text, sizeof(text));
		longest = max(longest, strlen(text));
	}
	KUNIT_EXPECT_GT(test, longest, 100);
	KUNIT_EXPECT_LT(test, longest, sizeof(text) - 1);
}

static void names_are_cut_where_they_do_not_fit(struct kunit *test)
{
	char text[24] = "";

	memset(text, '#', sizeof(text) - 1);
	mirror_gfp_text(__MIRROR_GFP_ALL | 1u << 31, text, 20);
	KUNIT_EXPECT_EQ(test, strlen(text), 19);
	KUNIT_EXPECT_EQ(test, text[20], '#');
}

/* the request ------------------------------------------------------------------ */

static const char *request(struct kunit *test, u32 gfp, unsigned int order,
			   int nid, u64 nodemask)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_lines out;
	struct caught *c = catch_into(test, &out);

	mirror_show_request(m, gfp, order, nid, nodemask, &out);
	KUNIT_EXPECT_EQ(test, c->nr, 1);
	return line_of(c, 0);
}

static void request_is_one_line(struct kunit *test)
{
	const char *line = request(test, MIRROR_GFP_KERNEL, 4, 0, 0);

	KUNIT_EXPECT_TRUE(test, strstr(line, ": page allocation failure: order:4, "));
	KUNIT_EXPECT_TRUE(test, strstr(line, ", mode:0x6c0(MIRROR_GFP_KERNEL), "));
	KUNIT_EXPECT_TRUE(test, strstr(line, "), node:0, nodemask=(null)"));
}

static void nodemask_is_a_list(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, strstr(request(test, 0, 0, 3, 0x8000000000000117),
				       "mode:0x0(none), node:3, nodemask=0-2,4,8,63"));
	KUNIT_EXPECT_TRUE(test, strstr(request(test, 0, 0, 3, ~0ull),
				       "nodemask=0-63"));
	KUNIT_EXPECT_STREQ(test, strstr(request(test, 0, 0, 3, 1), "nodemask="), "nodemask=0");
}

static void name_of_a_task_stays_in_its_line(struct kunit *test)
{
	static const char name[sizeof(current->comm)] = "a\nb\033[31m\177~";
	char before[sizeof(current->comm)];
	const char *line;

	memcpy(before, current->comm, sizeof(before));
	memcpy(current->comm, name, sizeof(name));
	line = request(test, 0, 0, 0, 0);
	memcpy(current->comm, before, sizeof(before));
	KUNIT_EXPECT_TRUE(test, !strncmp(line, "a?b?[31m?~: page", 16));
}

/* the picture ------------------------------------------------------------------- */

static void need_small_pages(struct kunit *test)
{
	if (PAGE_SIZE != SZ_4K)
		kunit_skip(test, "the numbers are for pages of 4 KiB");
}

static void free_blocks_have_letters(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_zone *zone = normal_zone(m);
	struct mirror_page *a, *b;
	struct caught *c;

	need_small_pages(test);
	a = mirror_test_rmqueue(zone, 0, UNMOVABLE, 0);
	b = mirror_test_rmqueue(zone, 0, MOVABLE, 0);
	KUNIT_ASSERT_NOT_NULL(test, a);
	KUNIT_ASSERT_NOT_NULL(test, b);
	c = picture(test, m, &m->nodes[0]->fallback, 0);
	KUNIT_EXPECT_EQ(test, c->nr, 4);
	KUNIT_EXPECT_STREQ(test, line_of(c, 3),
			   "Node 0 Normal: 2*4kB (UM) 2*8kB (UM) 2*16kB (UM) 2*32kB (UM) 2*64kB (UM) 2*128kB (UM) 2*256kB (M) = 1016kB");
	mirror_test_give(zone, b);
	mirror_test_give(zone, a);
}

static void every_type_has_its_letter(struct kunit *test)
{
	static const int types[] = {
		UNMOVABLE, MOVABLE, RECLAIMABLE, HIGHATOMIC, CMA, ISOLATE,
	};
	struct mirror *m = mirror_test_flat(test, 5, 5, 6 * 32);
	struct mirror_zone *zone = normal_zone(m);
	struct caught *c;
	u32 i;

	need_small_pages(test);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		mirror_test_set_type(zone, i * 32, types[i]);
	c = picture(test, m, &m->nodes[0]->fallback, 0);
	for (i = 0; i < ARRAY_SIZE(types); i++)
		mirror_test_set_type(zone, i * 32, MOVABLE);
	KUNIT_EXPECT_STREQ(test, line_of(c, 3),
			   "Node 0 Normal: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 6*128kB (UMEHCI) = 768kB");
}

static void marks_and_counters_are_in_kib(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct caught *c;

	need_small_pages(test);
	mirror_test_marks(test, m, 10, 20, 30);
	mirror_test_no_drift(m);
	c = picture(test, m, &m->nodes[0]->fallback, 0);
	KUNIT_EXPECT_STREQ(test, line_of(c, 0),
			   "Mem-Info: 256 pages managed, free:256 free_pcp:0 free_cma:0");
	KUNIT_EXPECT_STREQ(test, line_of(c, 1),
			   "Node 0 Normal free:1024kB boost:0kB min:40kB low:80kB high:120kB reserved_highatomic:0kB free_highatomic:0kB present:1024kB managed:1024kB free_pcp:0kB local_pcp:0kB free_cma:0kB");
	KUNIT_EXPECT_STREQ(test, line_of(c, 2), "lowmem_reserve[]: 0 0 0 0 0");
}

static void pages_on_lists_of_cpus_are_told(struct kunit *test)
{
	struct mirror *m = mirror_test_flat(test, 6, 5, 256);
	struct mirror_page *page = mirror_test_alloc(m, MIRROR_GFP_KERNEL, 0);
	struct caught *c;

	need_small_pages(test);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, 0, mirror_free_pages(m, page, 0));
	KUNIT_ASSERT_GT(test, this_pcp(normal_zone(m))->count, 0);
	c = picture(test, m, &m->nodes[0]->fallback, 0);
	KUNIT_EXPECT_FALSE(test, strstr(line_of(c, 1), " free_pcp:0kB"));
	KUNIT_EXPECT_FALSE(test, strstr(line_of(c, 1), " local_pcp:0kB"));
}

/* Zones in the order in which the request went through them. */
static void zones_are_those_of_the_request(struct kunit *test)
{
	struct mirror *m = mirror_test_two_nodes(test, 6, 5, 256);
	const struct mirror_node *second = m->nodes[1];
	struct caught *c = picture(test, m, &second->fallback, 0);

	KUNIT_EXPECT_EQ(test, c->nr, 7);
	KUNIT_EXPECT_TRUE(test, strstr(line_of(c, 1), "Node 1 Normal free:"));
	KUNIT_EXPECT_TRUE(test, strstr(line_of(c, 4), "Node 0 Normal free:"));
	c = picture(test, m, &second->nofallback, 0);
	KUNIT_EXPECT_EQ(test, c->nr, 4);
	KUNIT_EXPECT_TRUE(test, strstr(line_of(c, 1), "Node 1 Normal free:"));
	c = picture(test, m, &second->fallback, BIT_ULL(0));
	KUNIT_EXPECT_EQ(test, c->nr, 4);
	KUNIT_EXPECT_TRUE(test, strstr(line_of(c, 1), "Node 0 Normal free:"));
}

static void picture_of_many_nodes_is_bounded(struct kunit *test)
{
	struct mirror_range ranges[20];
	struct mirror_config conf;
	struct mirror *m;
	struct caught *c;
	int i;

	mirror_test_config(&conf, 4, 3);
	for (i = 0; i < ARRAY_SIZE(ranges); i++)
		ranges[i] = (struct mirror_range) {
			TEST_PFN + 64 * i, TEST_PFN + 64 * (i + 1), i
		};
	conf.ranges = ranges;
	conf.nr_ranges = ARRAY_SIZE(ranges);
	m = mirror_test_create(test, &conf);
	c = picture(test, m, &m->nodes[7]->fallback, 0);
	KUNIT_EXPECT_EQ(test, c->nr, 1 + 16 * 3 + 1);
	KUNIT_EXPECT_TRUE(test, strstr(line_of(c, 1), "Node 7 Normal free:"));
	KUNIT_EXPECT_STREQ(test, line_of(c, 49), "4 more zones are not shown");
}

static struct kunit_case show_mem_cases[] = {
	KUNIT_CASE_PARAM(flags_are_named, named_gen_params),
	KUNIT_CASE(every_flag_has_a_name),
	KUNIT_CASE(names_fit),
	KUNIT_CASE(names_are_cut_where_they_do_not_fit),
	KUNIT_CASE(request_is_one_line),
	KUNIT_CASE(nodemask_is_a_list),
	KUNIT_CASE(name_of_a_task_stays_in_its_line),
	KUNIT_CASE(free_blocks_have_letters),
	KUNIT_CASE(every_type_has_its_letter),
	KUNIT_CASE(marks_and_counters_are_in_kib),
	KUNIT_CASE(pages_on_lists_of_cpus_are_told),
	KUNIT_CASE(zones_are_those_of_the_request),
	KUNIT_CASE(picture_of_many_nodes_is_bounded),
	{}
};

static struct kunit_suite show_mem_suite = {
	.name = "mirror_show_mem",
	.test_cases = show_mem_cases,
};

kunit_test_suite(show_mem_suite);
