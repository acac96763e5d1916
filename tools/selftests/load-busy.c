// SPDX-License-Identifier: GPL-2.0
/*
 * The module cannot go while somebody uses it, and goes when nobody does.
 */
#include <signal.h>
#include "load.h"

TEST_F(load, second_load_is_EEXIST)
{
	char region[64];

	snprintf(region, sizeof(region), "region=%#llx@%#llx",
		 (unsigned long long)self->range.size,
		 (unsigned long long)self->range.base);
	ASSERT_EQ(0, st_insmod("mirror_mm", region));
	EXPECT_EQ(-EEXIST, st_insmod("mirror_mm", region));
	EXPECT_EQ(-EEXIST, st_insmod("mirror_mm", ""));
	EXPECT_EQ(0, access(ST_DEVICE, F_OK));
	EXPECT_EQ(NULL, st_check());
}

TEST_F(load, open_file_keeps_the_module)
{
	struct mirror_mm_alloc block;
	int fd, copy;

	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
	/* The refusal has no other effect. */
	EXPECT_EQ(0, st_alloc(fd, 10, ST_GFP, &block));
	EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
	copy = dup(fd);
	ASSERT_LE(0, copy);
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, close(copy));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
}

TEST_F(load, mapping_keeps_the_module)
{
	struct mirror_mm_alloc block;
	char *addr, *part;
	int fd;

	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_alloc(fd, 2, ST_GFP, &block));
	addr = st_map(fd, &block);
	part = st_map_at(fd, block.offset + ST_PAGE, ST_PAGE);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_NE(MAP_FAILED, part);
	st_fill(addr, st_block_size(&block), 1);
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
	EXPECT_EQ(0, st_differs(addr, st_block_size(&block), 1));
	ASSERT_EQ(0, munmap(addr, st_block_size(&block)));
	EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, munmap(part, ST_PAGE));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
}

TEST_F(load, mapping_of_a_freed_block_keeps_the_module)
{
	struct mirror_mm_alloc block;
	char *addr;
	int fd;

	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_alloc(fd, 2, ST_GFP, &block));
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(0, st_free(fd, block.id));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
	EXPECT_EQ(4, st_count_signal(addr, st_block_size(&block), SIGBUS));
	ASSERT_EQ(0, munmap(addr, st_block_size(&block)));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
}

/* Another process' mapping counts too, also when that process is killed. */
TEST_F(load, killed_process_lets_the_module_go)
{
	int ends[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, st_insmod_default());
	ASSERT_EQ(0, pipe(ends));
	pid = st_fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		struct mirror_mm_alloc block;
		int fd = st_open();
		char *addr;

		if (fd < 0 || st_alloc(fd, 9, ST_GFP, &block))
			_exit(1);
		addr = st_map(fd, &block);
		if (addr == MAP_FAILED)
			_exit(2);
		memset(addr, 1, st_block_size(&block));
		if (write(ends[1], "x", 1) != 1)
			_exit(3);
		for (;;)
			pause();
	}
	ASSERT_EQ(1, read(ends[0], &c, 1));
	EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(128 + SIGKILL, st_wait(pid));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
}

TEST_F(load, open_debugfs_file_keeps_the_module)
{
	char buf[64];
	int fd;

	ASSERT_EQ(0, st_insmod_default());
	fd = open(ST_DEBUGFS "/buddyinfo", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_LT(0, read(fd, buf, 8));
	EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
	EXPECT_LT(0, read(fd, buf, 8));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
}

TEST_HARNESS_MAIN
