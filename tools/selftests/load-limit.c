// SPDX-License-Identifier: GPL-2.0
/*
 * The limit of pages that one file may hold.
 */
#include "load.h"

#define LIMIT	64

static int load_limited(const struct st_range *r)
{
	char parameters[96];

	snprintf(parameters, sizeof(parameters),
		 "region=%#llx@%#llx file_page_limit=%d",
		 (unsigned long long)r->size, (unsigned long long)r->base,
		 LIMIT);
	return st_insmod("mirror_mm", parameters);
}

TEST_F(load, limit_is_EDQUOT_to_the_page)
{
	struct mirror_mm_alloc block, last = { .id = 0 };
	struct mirror_mm_info info;
	int fd, i;

	ASSERT_EQ(0, load_limited(&self->range));
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(LIMIT, info.page_limit);
	for (i = 0; i < LIMIT; i++) {
		ASSERT_EQ(0, st_alloc(fd, 0, ST_GFP, &block));
		last = block;
	}
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 0, ST_GFP, &block));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 10, ST_GFP, &block));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 0, ST_GFP | __MIRROR_GFP_MEMALLOC,
				    &block));
	EXPECT_EQ(LIMIT, st_held_pages(fd));
	EXPECT_EQ(LIMIT, st_held_blocks(fd));
	/* What is given back may be taken again, no more than that. */
	ASSERT_EQ(0, st_free(fd, last.id));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 1, ST_GFP, &block));
	EXPECT_EQ(0, st_alloc(fd, 0, ST_GFP, &block));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 0, ST_GFP, &block));
	EXPECT_EQ(info.nr_free - LIMIT, st_nr_free(fd));
}

TEST_F(load, limit_counts_pages_and_not_blocks)
{
	struct mirror_mm_alloc block, all;
	int fd;

	ASSERT_EQ(0, load_limited(&self->range));
	fd = st_open();
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 7, ST_GFP, &block));
	ASSERT_EQ(0, st_alloc(fd, 6, ST_GFP, &all));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 0, ST_GFP, &block));
	ASSERT_EQ(0, st_free(fd, all.id));
	ASSERT_EQ(0, st_alloc(fd, 5, ST_GFP, &block));
	EXPECT_EQ(-EDQUOT, st_alloc(fd, 6, ST_GFP, &block));
	EXPECT_EQ(0, st_alloc(fd, 5, ST_GFP, &block));
}

TEST_F(load, each_file_has_a_limit_of_its_own)
{
	struct mirror_mm_alloc block;
	int fd[8], i;

	ASSERT_EQ(0, load_limited(&self->range));
	for (i = 0; i < 8; i++) {
		fd[i] = i % 2 ? st_open_unprivileged() : st_open();
		ASSERT_LE(0, fd[i]);
		ASSERT_EQ(0, st_alloc(fd[i], 6, ST_GFP, &block));
		EXPECT_EQ(-EDQUOT, st_alloc(fd[i], 0, ST_GFP, &block));
	}
}

TEST_F(load, limit_holds_inside_a_submit)
{
	struct mirror_mm_op ops[100];
	int fd, i;

	ASSERT_EQ(0, load_limited(&self->range));
	fd = st_open();
	ASSERT_LE(0, fd);
	for (i = 0; i < 100; i++)
		st_op_alloc(&ops[i], 0, ST_GFP);
	ASSERT_EQ(100, st_submit(fd, ops, 100));
	for (i = 0; i < 100; i++)
		EXPECT_EQ(i < LIMIT ? 0 : -EDQUOT, ops[i].result);
	EXPECT_EQ(LIMIT, st_held_pages(fd));
}

TEST_F(load, no_limit_by_default)
{
	struct mirror_mm_info info;
	struct mirror_mm_alloc block;
	int fd;

	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(0, info.page_limit);
	EXPECT_EQ(0, st_alloc(fd, 10, ST_GFP, &block));
}

TEST_HARNESS_MAIN
