// SPDX-License-Identifier: GPL-2.0
/*
 * The tunables in sysfs: what is written counts at once, what makes no sense is
 * refused and changes nothing.
 */
#include <sys/stat.h>
#include "fixture.h"

#define FOLDER	"/sys/class/misc/mirror_mm/"

static const char * const names[] = {
	"min_free_kbytes", "watermark_scale_factor", "watermark_boost_factor",
	"lowmem_reserve_ratio", "percpu_pagelist_high_fraction",
	"stat_interval", "page_limit",
};

static char *get(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), FOLDER "%s", name);
	return st_read(path);
}

static long get_number(const char *name)
{
	char *text = get(name);
	long value = text ? strtol(text, NULL, 10) : -1;

	free(text);
	return value;
}

static int set(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), FOLDER "%s", name);
	return st_write(path, value);
}

static int set_number(const char *name, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld\n", value);
	return set(name, text);
}

TEST_F(mirror, all_can_be_read_and_only_root_writes)
{
	char path[128], *text;
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), FOLDER "%s", names[i]);
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(0644, st.st_mode & 07777);
		text = get(names[i]);
		ASSERT_NE(NULL, text);
		EXPECT_EQ('\n', text[strlen(text) - 1]);
		free(text);
	}
}

/* Writing back what was read is no change, and is accepted. */
TEST_F(mirror, what_is_read_can_be_written)
{
	char *before, *after;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		before = get(names[i]);
		ASSERT_NE(NULL, before);
		EXPECT_EQ(0, set(names[i], before)) {
			TH_LOG("%s", names[i]);
		}
		after = get(names[i]);
		ASSERT_NE(NULL, after);
		EXPECT_STREQ(before, after);
		free(before);
		free(after);
	}
}

TEST_F(mirror, min_free_kbytes_moves_the_marks)
{
	long old = get_number("min_free_kbytes");
	long min = st_zoneinfo_number("min"), low = st_zoneinfo_number("low");

	EXPECT_EQ(old / 4, min);
	ASSERT_EQ(0, set_number("min_free_kbytes", 8192));
	EXPECT_EQ(8192, get_number("min_free_kbytes"));
	EXPECT_EQ(2048, st_zoneinfo_number("min"));
	EXPECT_EQ(2048 + 512, st_zoneinfo_number("low"));
	EXPECT_EQ(2048 + 1024, st_zoneinfo_number("high"));
	ASSERT_EQ(0, set_number("min_free_kbytes", old));
	EXPECT_EQ(min, st_zoneinfo_number("min"));
	EXPECT_EQ(low, st_zoneinfo_number("low"));
}

TEST_F(mirror, watermark_scale_factor_spreads_the_marks)
{
	long old = get_number("watermark_scale_factor");
	long min = st_zoneinfo_number("min"), low = st_zoneinfo_number("low");
	long step = self->info.nr_pages * 1000 / 10000;

	ASSERT_EQ(0, set_number("watermark_scale_factor", 1000));
	EXPECT_EQ(1000, get_number("watermark_scale_factor"));
	EXPECT_EQ(min, st_zoneinfo_number("min"));
	EXPECT_EQ(min + step, st_zoneinfo_number("low"));
	EXPECT_EQ(min + 2 * step, st_zoneinfo_number("high"));
	ASSERT_EQ(0, set_number("watermark_scale_factor", old));
	EXPECT_EQ(low, st_zoneinfo_number("low"));
}

/* Limits of the per-CPU lists, from "state". */
static int list_limits(long *high_min, long *high_max)
{
	char *text = st_debugfs("state"), *at;
	int got = 0;

	at = text ? strstr(text, " high_min ") : NULL;
	if (at)
		got = sscanf(at, " high_min %ld high_max %ld", high_min, high_max);
	free(text);
	return got;
}

TEST_F(mirror, high_fraction_fixes_the_size_of_the_lists)
{
	long old_min, old_max, now_min, now_max;

	ASSERT_EQ(2, list_limits(&old_min, &old_max));
	EXPECT_LT(old_min, old_max);
	ASSERT_EQ(0, set_number("percpu_pagelist_high_fraction", 8));
	ASSERT_EQ(2, list_limits(&now_min, &now_max));
	EXPECT_EQ(self->info.nr_pages / 8 / sysconf(_SC_NPROCESSORS_ONLN),
		  now_min);
	EXPECT_EQ(now_min, now_max);
	ASSERT_EQ(0, set_number("percpu_pagelist_high_fraction", 0));
	ASSERT_EQ(2, list_limits(&now_min, &now_max));
	EXPECT_EQ(old_min, now_min);
	EXPECT_EQ(old_max, now_max);
}

/* Files that are open already keep the limit they were opened with. */
TEST_F(mirror, page_limit_counts_for_files_opened_later)
{
	struct mirror_mm_alloc block;
	int fd;

	ASSERT_EQ(0, set_number("page_limit", 10));
	fd = st_open();
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, st_alloc(self->fd, 4, ST_GFP, &block));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 4, ST_GFP, &block));
	EXPECT_EQ(0, st_alloc(fd, 3, ST_GFP, &block));
	EXPECT_EQ(0, st_alloc(fd, 1, ST_GFP, &block));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 0, ST_GFP, &block));
	ASSERT_EQ(0, set_number("page_limit", 0));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 0, ST_GFP, &block));
	EXPECT_EQ(0, st_alloc(self->fd, 10, ST_GFP, &block));
}

TEST_F(mirror, values_that_make_no_sense_are_EINVAL)
{
	static const struct {
		const char *name;
		const char *value;
	} bad[] = {
		{ "min_free_kbytes", "x" }, { "min_free_kbytes", "-1" },
		{ "min_free_kbytes", "99999999999" },
		{ "watermark_scale_factor", "0" },
		{ "watermark_scale_factor", "3001" },
		{ "watermark_boost_factor", "-1" },
		{ "watermark_boost_factor", "99999999999" },
		{ "lowmem_reserve_ratio", "1 2 3" },
		{ "lowmem_reserve_ratio", "a b c d e" },
		{ "percpu_pagelist_high_fraction", "7" },
		{ "percpu_pagelist_high_fraction", "-8" },
		{ "stat_interval", "x" }, { "page_limit", "-1" },
		{ "page_limit", "many" },
	};
	char *before, *after;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		before = get(bad[i].name);
		EXPECT_EQ(-EINVAL, set(bad[i].name, bad[i].value)) {
			TH_LOG("%s %s", bad[i].name, bad[i].value);
		}
		after = get(bad[i].name);
		EXPECT_STREQ(before, after);
		free(before);
		free(after);
	}
}

TEST_HARNESS_MAIN
