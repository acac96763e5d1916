// SPDX-License-Identifier: GPL-2.0
/*
 * Loading with a HIGHMEM zone: what is refused, and that no window stays.
 */
#include "load.h"

#define ZONES	"zones=NORMAL:32M,HIGHMEM"

static int load_with(const char *more)
{
	struct st_range range;
	char parameters[256];

	if (!st_reserved(&range, 1))
		return -ENOENT;
	snprintf(parameters, sizeof(parameters), "region=%#llx@%#llx %s",
		 (unsigned long long)range.size, (unsigned long long)range.base,
		 more);
	return st_insmod("mirror_mm", parameters);
}

/* The same, with what the log says about it. */
static int refusal_of(const char *more, const char *words)
{
	bool said = false;
	struct st_log log;
	char text[1024];
	int level, ret;

	if (st_log_open(&log))
		return -EIO;
	ret = load_with(more);
	while (st_log_next(&log, &level, text, sizeof(text)))
		said |= level == 3 && strstr(text, "mirror_mm: ") &&
			strstr(text, words);
	st_log_close(&log);
	return said ? ret : -ENOMSG;
}

FIXTURE(highmem)
{
	struct st_before before;
};

FIXTURE_SETUP(highmem)
{
	self->before.iomem = st_read("/proc/iomem");
	ASSERT_NE(NULL, self->before.iomem);
	self->before.types = st_read(ST_PAT_LIST);
	ASSERT_NE(NULL, self->before.types);
	self->before.mappings = st_count_mappings();
}

/* Loading works, and nothing is left of it. */
FIXTURE_TEARDOWN(highmem)
{
	ASSERT_EQ(0, load_with(ZONES));
	EXPECT_EQ(NULL, st_check());
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
	st_expect_gone(_metadata, &self->before);
}

TEST_F(highmem, tables_without_sense_are_refused)
{
	EXPECT_EQ(-EINVAL, refusal_of(ZONES " kmap_slots=0", "kmap_slots=0: "));
	EXPECT_EQ(-EINVAL, refusal_of(ZONES " kmap_slots=65537",
				      "kmap_slots=65537: "));
	EXPECT_EQ(-EINVAL, load_with(ZONES " kmap_slots=-1"));
	EXPECT_EQ(-EINVAL, load_with(ZONES " kmap_slots=many"));
	st_expect_gone(_metadata, &self->before);
}

TEST_F(highmem, tables_of_any_size_work)
{
	static const char * const sizes[] = { "1", "512", "65536" };
	char more[128];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		snprintf(more, sizeof(more), ZONES " kmap_slots=%s", sizes[i]);
		ASSERT_EQ(0, load_with(more));
		EXPECT_EQ(NULL, st_check());
		EXPECT_EQ(0, st_rmmod("mirror_mm"));
	}
}

/* 32 bits are too few for a standing mapping of everything. */
TEST_F(highmem, lowmem_that_does_not_fit_is_refused)
{
	if (sizeof(long) == 8)
		SKIP(return, "a 64-bit kernel maps all of it");
	EXPECT_EQ(-ENOMEM, refusal_of("", "zones=NORMAL:32M,HIGHMEM"));
	EXPECT_EQ(-ENOMEM, refusal_of("zones=NORMAL:240M,HIGHMEM",
				      "zones=NORMAL:32M,HIGHMEM"));
	st_expect_gone(_metadata, &self->before);
}

TEST_F(highmem, windows_go_with_the_module)
{
	ASSERT_EQ(0, load_with(ZONES " kmap_slots=64"));
	ASSERT_EQ(0, st_insmod("mirror_mm_apitest", "highmem=1"));
	EXPECT_LT(self->before.mappings, st_count_mappings());
	EXPECT_EQ(0, st_rmmod("mirror_mm_apitest"));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
	st_expect_gone(_metadata, &self->before);
}

TEST_HARNESS_MAIN
