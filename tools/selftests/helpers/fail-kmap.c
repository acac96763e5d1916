// SPDX-License-Identifier: GPL-2.0
/*
 * mirror_kmap() of pages without an address, while each allocation of the kernel for it
 * fails once. There is one window, so mapping the other page takes it down.
 */
#include "load.h"
#include "fail.h"

#define MAP	"/sys/module/mirror_mm_kmap/parameters/map"

static int have_other_page(const struct fail_op *op)
{
	return st_write(MAP, "1");
}

static int run_map(const struct fail_op *op)
{
	return st_write(MAP, "0");
}

/* No try must spoil the next one. */
static const char *settle(const struct fail_op *op)
{
	if (st_write(MAP, "0"))
		return "the page cannot be mapped any more";
	return st_check();
}

static void sweep_map(struct __test_metadata *_metadata, const char *name,
		      const char *parameters)
{
	const struct fail_op op = {
		.name = name, .set_up = have_other_page, .run = run_map, .tidy = settle,
	};
	struct fail_sum sum;

	ASSERT_EQ(0, st_insmod("mirror_mm", parameters));
	ASSERT_EQ(0, st_insmod("mirror_mm_kmap", ""));
	ASSERT_EQ(0, fail_prepare());
	sum = fail_sweep(_metadata, &op);
	EXPECT_LT(0, sum.errors);
	EXPECT_EQ(0, st_rmmod("mirror_mm_kmap"));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
}

TEST_F_TIMEOUT(load, kmap, FAIL_TIME)
{
	char text[96];

	snprintf(text, sizeof(text), "region=16M@%#llx zones=NORMAL:8M,HIGHMEM kmap_slots=1",
		 (unsigned long long)self->range.base);
	sweep_map(_metadata, "kmap", text);
}

TEST_F_TIMEOUT(load, kmap_of_cma, FAIL_TIME)
{
	sweep_map(_metadata, "kmap-cma", "cma=16M zones=NORMAL:8M,HIGHMEM kmap_slots=1");
}

TEST_HARNESS_MAIN
