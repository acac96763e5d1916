// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters: numbers, sizes and lists as people write them, and printed so that
 * they can be written again.
 */
#include <linux/sizes.h>
#include "fixture.h"
#include "region/region.h"

static const struct size_text {
	const char *text;
	u64 value;
	const char *left;
} sizes[] = {
	{ "0", 0, "" }, { "1", 1, "" }, { "4096", SZ_4K, "" }, { "0x1000", SZ_4K, "" },
	{ "0X1000", SZ_4K, "" }, { "010", 8, "" }, { "64M", SZ_64M, "" },
	{ "64m", SZ_64M, "" }, { "0x40M", SZ_64M, "" }, { "1k", SZ_1K, "" },
	{ "4G", SZ_4G, "" }, { "2T", 2ull << 40, "" }, { "3P", 3ull << 50, "" },
	{ "15E", 15ull << 60, "" }, { "64M@4G", SZ_64M, "@4G" },
	{ "64M,", SZ_64M, "," }, { "64MM", SZ_64M, "M" }, { "0xbG", 11ull << 30, "" },
	{ "18446744073709551615", U64_MAX, "" }, { "1\n", 1, "\n" },
};

static void size_desc(const struct size_text *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", size->text);
}

KUNIT_ARRAY_PARAM(size_text, sizes, size_desc);

static void size_is_read(struct kunit *test)
{
	const struct size_text *size = test->param_value;
	const char *at = size->text;
	u64 value = 1234;

	KUNIT_EXPECT_NULL(test, mirror_read_size(&at, &value));
	KUNIT_EXPECT_EQ(test, value, size->value);
	KUNIT_EXPECT_STREQ(test, at, size->left);
}

static void no_sizes_have_a_reason(struct kunit *test)
{
	static const struct {
		const char *text;
		const char *reason;
	} cases[] = {
		{ "", "missing" }, { "M", "missing" }, { "-1", "missing" },
		{ "x", "missing" }, { "+1", "missing" }, { "@", "missing" },
		{ " 1", "blank" }, { "\t1", "blank" }, { "0x", "digit" },
		{ "08", "digit" }, { "64MB", "without B" }, { "64MiB", "without B" },
		{ "64b", "without B" }, { "64KIB", "without B" },
		{ "16E", "too large" }, { "18446744073709551616", "too large" },
		{ "0x10000000000000000", "too large" },
		{ "111111111111111111111111111111", "too large" },
		{ "17179869184G", "too large" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at = cases[i].text, *why;
		u64 value;

		why = mirror_read_size(&at, &value);
		KUNIT_EXPECT_NOT_NULL_MSG(test, why, "%s", cases[i].text);
		if (why)
			KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(why, cases[i].reason),
						  "%s: %s", cases[i].text, why);
	}
}

static void lists_end_as_they_should(struct kunit *test)
{
	static const struct {
		const char *text;
		bool sound, more;
	} cases[] = {
		{ "", true, false }, { "\n", true, false }, { ",1", true, true },
		{ ",", false }, { ",\n", false }, { ", 1", false }, { " ", false },
		{ "\n\n", false }, { "x", false }, { ";", false }, { "\n1", false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at = cases[i].text;
		bool more;

		KUNIT_EXPECT_EQ_MSG(test, !mirror_list_next(&at, &more),
				    cases[i].sound, "%u", i);
		if (cases[i].sound)
			KUNIT_EXPECT_EQ_MSG(test, more, cases[i].more, "%u", i);
	}
}

static void words_are_whole_and_of_any_case(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, mirror_is_word("auto", "auto"));
	KUNIT_EXPECT_TRUE(test, mirror_is_word("AUTO\n", "auto"));
	KUNIT_EXPECT_FALSE(test, mirror_is_word("autox", "auto"));
	KUNIT_EXPECT_FALSE(test, mirror_is_word("aut", "auto"));
	KUNIT_EXPECT_FALSE(test, mirror_is_word("auto ", "auto"));
	KUNIT_EXPECT_FALSE(test, mirror_is_word("", "auto"));
}

static void nodes_have_bounds(struct kunit *test)
{
	static const struct {
		const char *text;
		bool sound;
		int nid;
	} cases[] = {
		{ "", true, NUMA_NO_NODE }, { ",", true, NUMA_NO_NODE },
		{ ":0", true, 0 }, { ":63", true, 63 }, { ":0x3f", true, 63 },
		{ ":64", false }, { ":", false }, { ":-1", false }, { ":x", false },
		{ ":99999999999999999999", false },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *at = cases[i].text;
		int nid;

		KUNIT_EXPECT_EQ_MSG(test, !mirror_read_node(&at, &nid),
				    cases[i].sound, "%u", i);
		if (cases[i].sound)
			KUNIT_EXPECT_EQ_MSG(test, nid, cases[i].nid, "%u", i);
	}
}

static void spans_are_printed_as_written(struct kunit *test)
{
	static const struct {
		struct mirror_span span;
		const char *text;
	} cases[] = {
		{ { SZ_4G, SZ_256M }, "256M@4G" }, { { 0, 0 }, "0@0" },
		{ { 0x100400000, 96 * SZ_1M }, "96M@0x100400000" },
		{ { SZ_512M, 1536ull * SZ_1M }, "1536M@512M" },
		{ { SZ_512M + SZ_4K, SZ_4K }, "4K@0x20001000" },
		{ { 1ull << 40, 1ull << 40 }, "1T@1T" }, { { 5, 4097 }, "4097@0x5" },
		{ { 0xf8000000, SZ_64M }, "64M@0xf8000000" },
		{ { 3ull << 30, SZ_1K }, "1K@3G" },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_STREQ(test, mirror_span_text(&cases[i].span, '@').s,
				   cases[i].text);
}

/* What is printed can be given to region=. */
static void printed_spans_can_be_read(struct kunit *test)
{
	struct mirror_spans *spans = kunit_kzalloc(test, 2 * sizeof(*spans), GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, spans);
	mirror_test_seed(test, &rnd);
	for (i = 0; i < 1000; i++) {
		struct mirror_span span = {
			(u64)prandom_u32_state(&rnd) << prandom_u32_state(&rnd) % 32,
			(u64)prandom_u32_state(&rnd) << prandom_u32_state(&rnd) % 32,
		};

		KUNIT_ASSERT_EQ(test, 0,
				mirror_parse_region(mirror_span_text(&span, '@').s,
						    spans, spans + 1));
		KUNIT_ASSERT_EQ(test, spans->nr, 1);
		KUNIT_ASSERT_EQ(test, spans->span[0].start, span.start);
		KUNIT_ASSERT_EQ(test, spans->span[0].size, span.size);
	}
}

static void usable_part_is_of_whole_blocks(struct kunit *test)
{
	static const struct {
		struct mirror_span span, part;
	} cases[] = {
		{ { SZ_4M, SZ_4M }, { SZ_4M, SZ_4M } },
		{ { SZ_1M, SZ_8M }, { SZ_4M, SZ_4M } },
		{ { SZ_1M, SZ_4M }, { 0, 0 } }, { { SZ_4M, SZ_2M }, { 0, 0 } },
		{ { SZ_1M, SZ_1M }, { 0, 0 } }, { { 0, 0 }, { 0, 0 } },
		{ { 0x100100000, 100 * SZ_1M }, { 0x100400000, 96 * SZ_1M } },
		{ { U64_MAX - SZ_1M, SZ_1M }, { 0, 0 } },
	};
	struct mirror_span part;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		bool any = mirror_usable_part(&cases[i].span, SZ_4M, &part);

		KUNIT_EXPECT_EQ_MSG(test, any, cases[i].part.size > 0, "%u", i);
		if (!any)
			continue;
		KUNIT_EXPECT_EQ(test, part.start, cases[i].part.start);
		KUNIT_EXPECT_EQ(test, part.size, cases[i].part.size);
	}
}

static struct kunit_case param_cases[] = {
	KUNIT_CASE_PARAM(size_is_read, size_text_gen_params),
	KUNIT_CASE(no_sizes_have_a_reason),
	KUNIT_CASE(lists_end_as_they_should),
	KUNIT_CASE(words_are_whole_and_of_any_case),
	KUNIT_CASE(nodes_have_bounds),
	KUNIT_CASE(spans_are_printed_as_written),
	KUNIT_CASE(printed_spans_can_be_read),
	KUNIT_CASE(usable_part_is_of_whole_blocks),
	{}
};

static struct kunit_suite param_suite = {
	.name = "mirror_param",
	.test_cases = param_cases,
};

kunit_test_suite(param_suite);
