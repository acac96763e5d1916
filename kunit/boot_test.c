// SPDX-License-Identifier: GPL-2.0
/*
 * What a boot line reserves: as the kernel reads it, in all forms, and what looks
 * like an argument and is none.
 */
#include "fixture.h"
#include "region/boot.h"

/* One of @test's own. */
static struct mirror_boot *parse(struct kunit *test, const char *line)
{
	struct mirror_boot *boot = kunit_kzalloc(test, sizeof(*boot), GFP_KERNEL);
	const size_t size = strlen(line) + 1;
	char *copy = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, boot);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, line, size);
	mirror_boot_parse(copy, boot);
	return boot;
}

/* All that is reserved, as one would write it. */
static const char *reserved(struct kunit *test, const struct mirror_boot *boot)
{
	const size_t size = 512;
	char *text = kunit_kzalloc(test, size, GFP_KERNEL);
	unsigned int i, len = 0;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (i = 0; i < boot->reserved.nr; i++)
		len += scnprintf(text + len, size - len, "%s%s", i ? " " : "",
				 mirror_span_text(&boot->reserved.span[i], '@').s);
	return text;
}

static const struct boot_line {
	const char *line;
	const char *reserved;
} lines[] = {
	{ "", "" },
	{ "\n", "" },
	{ "quiet", "" },
	/* forms of one */
	{ "memmap=256M$4G", "256M@4G" },
	{ "memmap=256M$4G\n", "256M@4G" },
	{ "  memmap=256M$4G  ", "256M@4G" },
	{ "memmap=0x10000000$0x100000000", "256M@4G" },
	{ "memmap=268435456$4294967296", "256M@4G" },
	{ "memmap=262144k$4096m", "256M@4G" },
	{ "memmap=1e$0", "1E@0" },
	{ "memmap=1T$1P", "1T@1P" },
	/* a leading 0 is octal, for the kernel too */
	{ "memmap=0400M$4G", "256M@4G" },
	{ "memmap=256M$", "256M@0" },
	/* what follows a number does not undo it */
	{ "memmap=256M$4Gx", "256M@4G" },
	{ "memmap=256M$4G$8G", "256M@4G" },
	/* quotes */
	{ "\"memmap=256M$4G\"", "256M@4G" },
	{ "memmap=\"256M$4G\"", "256M@4G" },
	{ "memmap=\"256M$4G", "256M@4G" },
	{ "memmap=256M$4G,\"64M$8G\"", "256M@4G" },
	{ "foo=\"memmap=256M$4G\"", "" },
	{ "foo=\" memmap=256M$4G \" memmap=4M$8G", "4M@8G" },
	{ "\"foo memmap=256M$4G\"", "" },
	{ "foo\" memmap=256M$4G \"bar", "" },
	/* several */
	{ "memmap=256M$4G,64M$8G", "256M@4G 64M@8G" },
	{ "memmap=64M$8G,256M$4G", "256M@4G 64M@8G" },
	{ "memmap=64M$8G memmap=256M$4G", "256M@4G 64M@8G" },
	{ "memmap=256M$4G memmap=256M$4G", "256M@4G" },
	{ "memmap=64M$4G,64M$0x102000000", "96M@4G" },
	{ "memmap=64M$4G,64M$0x104000000", "128M@4G" },
	{ "memmap=64M$4G,64M$0x108000000,64M$0x104000000", "192M@4G" },
	{ "memmap=1G$4G,64M$0x104000000", "1G@4G" },
	{ "memmap=,256M$4G,,", "256M@4G" },
	/* other marks */
	{ "memmap=256M!4G", "" },
	{ "memmap=256M#4G", "" },
	{ "memmap=256M@4G", "" },
	{ "memmap=256M", "" },
	{ "memmap=256MG", "" },
	{ "memmap=$4G", "" },
	{ "memmap=x$4G", "" },
	{ "memmap=-1M$4G", "" },
	{ "memmap=0$4G", "" },
	{ "memmap=", "" },
	{ "memmap", "" },
	{ "mem=4G", "" },
	/* persistent memory and ACPI tables win, before or behind */
	{ "memmap=256M$4G memmap=64M!4G", "192M@0x104000000" },
	{ "memmap=64M!4G memmap=256M$4G", "192M@0x104000000" },
	{ "memmap=192M$4G,64M#0x104000000", "64M@4G 64M@0x108000000" },
	{ "memmap=256M$4G,1G!4G", "" },
	/* RAM and limits do not */
	{ "memmap=256M$4G memmap=1G@4G", "256M@4G" },
	{ "memmap=256M$4G mem=2G memmap=2G", "256M@4G" },
	/* changes of types */
	{ "memmap=256M$4G,64M%4G", "192M@0x104000000" },
	{ "memmap=256M$4G,64M%4G-2", "192M@0x104000000" },
	{ "memmap=256M$4G,64M%4G-2+1", "192M@0x104000000" },
	{ "memmap=256M$4G,64M%4G-1", "256M@4G" },
	{ "memmap=256M$4G,64M%4G-1+7", "192M@0x104000000" },
	{ "memmap=64M%4G+2", "64M@4G" },
	{ "memmap=64M%4G-1+2", "64M@4G" },
	{ "memmap=64M%4G-1+2x", "" },
	{ "memmap=64M%4G,256M$4G", "256M@4G" },
	{ "memmap=64M%4G+12,256M$4G", "192M@0x104000000" },
	{ "memmap=256M$4G,64M%0x104000000-2", "64M@4G 128M@0x108000000" },
	/* exactmap begins anew */
	{ "memmap=256M$4G memmap=exactmap memmap=64M$8G", "64M@8G" },
	{ "memmap=exactmap,640K@0,1G@1M,256M$4G", "256M@4G" },
	{ "memmap=64M!4G,exactmap,256M$4G", "256M@4G" },
	/* not the kernel's */
	{ "xmemmap=256M$4G", "" },
	{ "MEMMAP=256M$4G", "" },
	{ "memmap =256M$4G", "" },
	{ "memmap.x=256M$4G", "" },
	{ "init=/bin/sh -- memmap=256M$4G", "" },
	{ "memmap=256M$4G -- memmap=64M$8G", "256M@4G" },
	{ "\"--\" memmap=256M$4G", "" },
	{ "--x memmap=256M$4G", "256M@4G" },
	{ "--=1 memmap=256M$4G", "256M@4G" },
	/* past 64 bits: cut as the kernel cuts, and never around */
	{ "memmap=0xffffffffffffffff$4G", "18446744069414584319@4G" },
	{ "memmap=8E$15E", "1152921504606846975@15E" },
};

static void line_desc(const struct boot_line *line, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", line->line);
}

KUNIT_ARRAY_PARAM(boot_line, lines, line_desc);

static void line_reserves(struct kunit *test)
{
	const struct boot_line *line = test->param_value;
	struct mirror_boot *boot = parse(test, line->line);

	KUNIT_EXPECT_STREQ(test, reserved(test, boot), line->reserved);
	KUNIT_EXPECT_FALSE(test, boot->reserved.cut);
}

static void ranges_are_covered_as_a_whole(struct kunit *test)
{
	struct mirror_boot *boot = parse(test, "memmap=64M$4G,64M$0x104000000,64M$8G");
	const u64 start = 4ull << 30, mib = 1 << 20;
	const struct {
		struct mirror_span span;
		bool covered;
	} cases[] = {
		{ { start, 128 * mib }, true }, { { start, 4 * mib }, true },
		{ { start + 60 * mib, 8 * mib }, true },
		{ { start + 124 * mib, 4 * mib }, true },
		{ { start + 124 * mib, 8 * mib }, false },
		{ { start - 4 * mib, 8 * mib }, false },
		{ { start, 5ull << 30 }, false }, { { 0, 4 * mib }, false },
		{ { 2 * start, 64 * mib }, true },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    mirror_boot_covers(boot, &cases[i].span),
				    cases[i].covered, "case %u", i);
}

/* More than fit are not forgotten without a word. */
static void too_many_ranges_are_told(struct kunit *test)
{
	char *line = kunit_kzalloc(test, 4096, GFP_KERNEL);
	unsigned int i, len;

	KUNIT_ASSERT_NOT_NULL(test, line);
	len = scnprintf(line, 4096, "memmap=");
	for (i = 0; i <= MIRROR_BOOT_SPANS; i++)
		len += scnprintf(line + len, 4096 - len, "1$%u,", 2 * i);
	KUNIT_EXPECT_TRUE(test, parse(test, line)->reserved.cut);
}

static void other_arguments_are_explained(struct kunit *test)
{
	static const struct {
		const char *line;
		const char *words;
	} cases[] = {
		{ "memmap=256M!4G", "memmap=256M!4G makes persistent memory" },
		{ "memmap=256M#4G", "ACPI" }, { "memmap=256M@4G", "adds RAM" },
		{ "memmap=256MG", "memmap=256MG limits the kernel's memory" },
		{ "mem=4G", "mem=4G limits the kernel's memory" },
		{ "memmap=exactmap", "drops" }, { "memmap=1M%4G-1", "changes types" },
	};
	struct mirror_span low = { 0, 1 << 20 };
	char text[200];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		struct mirror_boot *boot = parse(test, cases[i].line);

		KUNIT_ASSERT_TRUE(test, mirror_boot_explain(boot, NULL, text,
							    sizeof(text)));
		KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, cases[i].words),
					  "%s", text);
	}
	KUNIT_EXPECT_FALSE(test, mirror_boot_explain(parse(test, "memmap=1M!4G mem=4G"),
						     &low, text, sizeof(text)));
	KUNIT_EXPECT_FALSE(test, mirror_boot_explain(parse(test, "memmap=1M$4G"),
						     NULL, text, sizeof(text)));
}

/* against a model ---------------------------------------------------------------- */

#define CELLS	32
#define ROUNDS	300

/**
 * struct model - each MiB of the first 32 for itself
 * @reserved: a bit for each
 * @stronger: the same
 */
struct model {
	u32 reserved;
	u32 stronger;
};

static unsigned int below(struct rnd_state *rnd, unsigned int limit)
{
	return prandom_u32_state(rnd) % limit;
}

/* One argument, applied to the model as well. */
static int add_random(struct rnd_state *rnd, struct model *model, char *text,
		      size_t size)
{
	unsigned int start = below(rnd, CELLS), len = 1 + below(rnd, CELLS - start);
	u32 bits = (u32)GENMASK_ULL(start + len - 1, start);

	switch (below(rnd, 10)) {
	case 0:
		model->stronger |= bits;
		return scnprintf(text, size, " memmap=%uM!%uM", len, start);
	case 1:
		model->reserved &= ~bits;
		return scnprintf(text, size, " memmap=%uM%%%uM-2", len, start);
	case 2:
		model->reserved &= ~bits;
		model->stronger &= ~bits;
		return scnprintf(text, size, " memmap=%uM%%%uM", len, start);
	case 3:
		return scnprintf(text, size, " memmap=%uM@%uM", len, start);
	case 4:
		if (below(rnd, 4))
			return scnprintf(text, size, " x\"memmap=%uM$%uM\"", len, start);
		*model = (struct model){ 0 };
		return scnprintf(text, size, " memmap=exactmap");
	default:
		model->reserved |= bits;
		return scnprintf(text, size, " memmap=%uM$%uM", len, start);
	}
}

static u32 cells_of(const struct mirror_boot_set *set)
{
	u32 bits = 0;
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		unsigned int start = set->span[i].start >> 20;
		unsigned int end = mirror_span_end(&set->span[i]) >> 20;

		bits |= (u32)GENMASK_ULL(end - 1, start);
	}
	return bits;
}

static void expect_sound(struct kunit *test, const struct mirror_boot_set *set)
{
	unsigned int i;

	for (i = 0; i < set->nr; i++) {
		KUNIT_EXPECT_GT(test, set->span[i].size, 0);
		KUNIT_EXPECT_GT(test, mirror_span_end(&set->span[i]),
				set->span[i].start);
		if (i)
			KUNIT_EXPECT_LT(test, mirror_span_end(&set->span[i - 1]),
					set->span[i].start);
	}
}

static void random_arguments_match_a_model(struct kunit *test)
{
	struct mirror_boot *boot = kunit_kzalloc(test, sizeof(*boot), GFP_KERNEL);
	char *line = kunit_kzalloc(test, 2048, GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int round, i, nr;

	KUNIT_ASSERT_NOT_NULL(test, boot);
	KUNIT_ASSERT_NOT_NULL(test, line);
	mirror_test_seed(test, &rnd);
	for (round = 0; round < ROUNDS; round++) {
		struct model model = { 0 };
		int len = 0;

		nr = below(&rnd, 12);
		line[0] = '\0';
		for (i = 0; i < nr; i++)
			len += add_random(&rnd, &model, line + len, 2048 - len);
		mirror_boot_parse(line, boot);
		expect_sound(test, &boot->reserved);
		KUNIT_ASSERT_EQ_MSG(test, cells_of(&boot->reserved),
				    model.reserved & ~model.stronger,
				    "round %u", round);
	}
}

/* Whatever is written there, the sets are sets. */
static void random_text_does_no_harm(struct kunit *test)
{
	static const char * const pieces[] = {
		"memmap=", "mem=", "exactmap", "$", "!", "#", "%", "@", "-2", "+2",
		",", " ", "\"", "--", "=", "0x", "1", "9", "G", "E", "\n", "ffff",
		"0xffffffffffffffff", "x",
	};
	struct mirror_boot *boot = kunit_kzalloc(test, sizeof(*boot), GFP_KERNEL);
	char *line = kunit_kzalloc(test, 1024, GFP_KERNEL);
	struct rnd_state rnd;
	unsigned int round, i, len;

	KUNIT_ASSERT_NOT_NULL(test, boot);
	KUNIT_ASSERT_NOT_NULL(test, line);
	mirror_test_seed(test, &rnd);
	for (round = 0; round < 20 * ROUNDS; round++) {
		len = scnprintf(line, 1024, "memmap=");
		for (i = below(&rnd, 40); i; i--)
			len += scnprintf(line + len, 1024 - len, "%s",
					 pieces[below(&rnd, ARRAY_SIZE(pieces))]);
		mirror_boot_parse(line, boot);
		expect_sound(test, &boot->reserved);
		expect_sound(test, &boot->stronger);
	}
}

static struct kunit_case boot_cases[] = {
	KUNIT_CASE_PARAM(line_reserves, boot_line_gen_params),
	KUNIT_CASE(ranges_are_covered_as_a_whole),
	KUNIT_CASE(too_many_ranges_are_told),
	KUNIT_CASE(other_arguments_are_explained),
	KUNIT_CASE(random_arguments_match_a_model),
	KUNIT_CASE(random_text_does_no_harm),
	{}
};

static struct kunit_suite boot_suite = {
	.name = "mirror_boot",
	.test_cases = boot_cases,
};

kunit_test_suite(boot_suite);
