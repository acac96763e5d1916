// SPDX-License-Identifier: GPL-2.0
/*
 * Default watermarks with huge pages, against what a stock Linux 6.12 of Debian (amd64)
 * printed in /proc/zoneinfo on machines of 1 to 960 GiB. Its managed pages are the input.
 *
 * Smaller machines are not in the table: there the default depends on the pages that were
 * managed when the kernel booted, and some came later. The suite mirror_reference covers
 * them, in a kernel that can be told to compute its default again.
 */
#include <linux/sizes.h>
#include "fixture.h"

#define NR_ZONES	3	/* DMA, DMA32, NORMAL */

struct seen {
	const char *machine;
	unsigned long min_free_kbytes;
	unsigned long long managed[NR_ZONES];
	unsigned long marks[NR_ZONES][MIRROR_NR_WMARK];
};

static const struct seen seen[] = {
	{ "1 GiB", 45056, { 3840, 243748, 0 },
	  { { 174, 217, 260, 303 }, { 11089, 13861, 16633, 19405 } } },
	{ "3 GiB", 67584, { 3840, 494362, 247752 },
	  { { 86, 107, 128, 149 }, { 11197, 13996, 16795, 19594 },
	    { 5611, 7013, 8415, 9817 } } },
	{ "6 GiB", 67584, { 3840, 494362, 1020359 },
	  { { 42, 52, 62, 72 }, { 5500, 6875, 8250, 9625 },
	    { 11352, 14190, 17028, 19866 } } },
	{ "64 GiB", 67584, { 3840, 503776, 15956218 },
	  { { 3, 6, 9, 12 }, { 516, 1019, 1522, 2025 },
	    { 16375, 32331, 48287, 64243 } } },
	{ "256 GiB", 67584, { 3840, 503775, 65476828 },
	  { { 0, 3, 6, 9 }, { 128, 631, 1134, 1637 },
	    { 16766, 82242, 147718, 213194 } } },
	{ "960 GiB", 125882, { 3840, 503775, 247093358 },
	  { { 0, 3, 6, 9 }, { 64, 567, 1070, 1573 },
	    { 31405, 278498, 525591, 772684 } } },
};

static void seen_desc(const struct seen *s, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", s->machine);
}

KUNIT_ARRAY_PARAM(seen, seen, seen_desc);

static struct mirror *small_mirror(struct kunit *test, bool thp, unsigned long min_kbytes)
{
	struct mirror_config conf;

	if (PAGE_SIZE != SZ_4K)
		kunit_skip(test, "the numbers are for pages of 4 KiB");
	mirror_test_config(&conf, 10, 9);
	conf.zone_pages[MIRROR_ZONE_DMA] = 1024;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 1024;
	conf.thp = thp;
	conf.min_free_kbytes = min_kbytes;
	return mirror_test_range(test, &conf, TEST_PFN, 4096);
}

/*
 * Makes a small mirror compute as one of the size given: marks depend on these counts
 * alone. @was has what to put back.
 */
static void pretend(struct mirror *m, const unsigned long *managed, unsigned long *was)
{
	struct mirror_zone *zones = m->nodes[0]->zones;
	unsigned int type;

	m->managed = 0;
	for (type = 0; type < NR_ZONES; type++) {
		if (was)
			was[type] = zones[type].managed;
		zones[type].managed = managed[type];
		zones[type].present = managed[type];
		m->managed += managed[type];
		memset(zones[type].watermark, 0, sizeof(zones[type].watermark));
	}
	mutex_lock(&m->tunables_lock);
	mirror_setup_watermarks(m);
	mutex_unlock(&m->tunables_lock);
}

static void marks_are_those_of_a_stock_kernel(struct kunit *test)
{
	const struct seen *s = test->param_value;
	unsigned long managed[NR_ZONES], was[NR_ZONES];
	unsigned long long kbytes = 0;
	unsigned int type, i;
	struct mirror *m;

	for (type = 0; type < NR_ZONES; type++)
		kbytes += s->managed[type] << (PAGE_SHIFT - 10);
	/* The square root is that of a long, as in the kernel. */
	if (kbytes * 16 > ULONG_MAX)
		kunit_skip(test, "no machine with this word size has so much memory");
	m = small_mirror(test, true, 0);
	for (type = 0; type < NR_ZONES; type++)
		managed[type] = s->managed[type];
	pretend(m, managed, was);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, s->min_free_kbytes);
	for (type = 0; type < NR_ZONES; type++)
		for (i = 0; i < MIRROR_NR_WMARK; i++)
			KUNIT_EXPECT_EQ_MSG(test, m->nodes[0]->zones[type].watermark[i],
					    s->marks[type][i], "zone %u, mark %u", type, i);
	pretend(m, was, NULL);
}

/* The square root of 16 times 512 MiB in KiB; 5 % of the rest is less than 33 pageblocks. */
static void huge_pages_count_from_512_mib(struct kunit *test)
{
	static const unsigned long below[] = { 4096, 32768, (512 << 8) - 36864 - 1 };
	static const unsigned long at[] = { 4096, 32768, (512 << 8) - 36864 };
	struct mirror *m = small_mirror(test, true, 0);
	unsigned long was[NR_ZONES];

	pretend(m, below, was);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, 2896);
	pretend(m, at, NULL);
	/* The high marks are one and a half times 724 pages, each zone's share cut. */
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, (131072ul - 1083) / 20 * 4);
	pretend(m, was, NULL);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, 512);
}

static void without_huge_pages_the_square_root_stays(struct kunit *test)
{
	static const unsigned long managed[] = { 4096, 520192, 524288 };
	struct mirror *m = small_mirror(test, false, 0);
	unsigned long was[NR_ZONES];

	pretend(m, managed, was);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, 8192);
	pretend(m, was, NULL);
}

static void what_was_set_by_hand_is_not_raised(struct kunit *test)
{
	static const unsigned long managed[] = { 4096, 520192, 524288 };
	struct mirror *m = small_mirror(test, true, 1000);
	unsigned long was[NR_ZONES];

	pretend(m, managed, was);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, 1000);
	pretend(m, was, NULL);
}

/* Only the distance changes: the kernel computes its default once. */
static void another_scale_factor_leaves_the_minimum(struct kunit *test)
{
	static const unsigned long managed[] = { 4096, 520192, 524288 };
	struct mirror *m = small_mirror(test, true, 0);
	unsigned long was[NR_ZONES];

	pretend(m, managed, was);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 1000), 0);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, 33 * 512 * 4);
	KUNIT_EXPECT_EQ(test, mirror_set_watermark_scale_factor(m, 10), 0);
	KUNIT_EXPECT_EQ(test, m->tunables.min_free_kbytes, 33 * 512 * 4);
	pretend(m, was, NULL);
}

static struct kunit_case thp_marks_cases[] = {
	KUNIT_CASE_PARAM(marks_are_those_of_a_stock_kernel, seen_gen_params),
	KUNIT_CASE(huge_pages_count_from_512_mib),
	KUNIT_CASE(without_huge_pages_the_square_root_stays),
	KUNIT_CASE(what_was_set_by_hand_is_not_raised),
	KUNIT_CASE(another_scale_factor_leaves_the_minimum),
	{}
};

static struct kunit_suite thp_marks_suite = {
	.name = "mirror_thp_marks",
	.test_cases = thp_marks_cases,
};

kunit_test_suite(thp_marks_suite);
