/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of the programs that load the module themselves: afterwards the
 * machine has to look as it did before.
 */
#ifndef SELFTEST_LOAD_H
#define SELFTEST_LOAD_H

#include "harness.h"
#include "loader.h"

#define ST_PAT_LIST	"/sys/kernel/debug/x86/pat_memtype_list"

/**
 * struct st_before - the machine without the module
 * @iomem: /proc/iomem
 * @types: the kernel's table of memory types
 * @mappings: kernel mappings of physical memory
 */
struct st_before {
	char *iomem;
	char *types;
	unsigned int mappings;
};

/* The range is the first one that memmap= reserved. */
FIXTURE(load)
{
	struct st_range range;
	struct st_before before;
};

/* Lines of /proc/vmallocinfo that stand for physical memory. */
static unsigned int st_count_mappings(void)
{
	char *text = st_read("/proc/vmallocinfo"), *rest = text, *line;
	unsigned int nr = 0;

	while (rest && (line = st_line(&rest)))
		nr += !!strstr(line, " phys=");
	free(text);
	return nr;
}

FIXTURE_SETUP(load)
{
	ASSERT_EQ(1, st_reserved(&self->range, 1));
	/* What a test before this one has left is not this one's fault. */
	if (st_loaded_module("mirror_mm"))
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
	self->before.iomem = st_read("/proc/iomem");
	ASSERT_NE(NULL, self->before.iomem);
	self->before.types = st_read(ST_PAT_LIST);
	ASSERT_NE(NULL, self->before.types);
	self->before.mappings = st_count_mappings();
}

/* Nothing of the module is left: no name, no file, no memory. */
static void st_expect_gone(struct __test_metadata *_metadata,
			   const struct st_before *before)
{
	char *text;

	EXPECT_FALSE(st_loaded_module("mirror_mm"));
	EXPECT_NE(0, access(ST_DEVICE, F_OK));
	EXPECT_NE(0, access(ST_DEBUGFS, F_OK));
	EXPECT_NE(0, access("/sys/class/misc/mirror_mm", F_OK));
	text = st_read("/proc/iomem");
	EXPECT_STREQ(before->iomem, text);
	free(text);
	text = st_read(ST_PAT_LIST);
	EXPECT_STREQ(before->types, text);
	free(text);
	EXPECT_EQ(before->mappings, st_count_mappings());
}

/* And an ordinary load works. */
FIXTURE_TEARDOWN(load)
{
	st_unmap_all();
	st_close_all();
	if (st_loaded_module("mirror_mm"))
		EXPECT_EQ(0, st_rmmod("mirror_mm"));
	st_expect_gone(_metadata, &self->before);
	EXPECT_EQ(0, st_insmod_default());
	EXPECT_EQ(0, access(ST_DEVICE, F_OK));
	EXPECT_EQ(NULL, st_check());
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
	st_expect_gone(_metadata, &self->before);
}

#endif /* SELFTEST_LOAD_H */
