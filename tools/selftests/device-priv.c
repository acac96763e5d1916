// SPDX-License-Identifier: GPL-2.0
/*
 * What a file shows and allows depends on CAP_SYS_ADMIN when it was opened, not
 * on who uses it later.
 */
#include <signal.h>
#include <sys/stat.h>
#include "fixture.h"

TEST_F(mirror, device_is_for_its_owner_only)
{
	struct stat st;

	ASSERT_EQ(0, stat(ST_DEVICE, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0600, st.st_mode & 07777);
}

TEST_F(mirror, unprivileged_file_sees_no_frame_numbers)
{
	int fd = st_open_unprivileged();
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	unsigned int order;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(MIRROR_MM_PFN_HIDDEN, info.start_pfn);
	EXPECT_EQ(MIRROR_MM_PFN_HIDDEN, info.end_pfn);
	EXPECT_EQ(self->info.nr_pages, info.nr_pages);
	for (order = 0; order <= info.max_order; order++) {
		ASSERT_EQ(0, st_alloc(fd, order, ST_GFP, &block));
		EXPECT_EQ(MIRROR_MM_PFN_HIDDEN, block.pfn);
	}
	ASSERT_EQ(0, st_info(self->fd, &info));
	EXPECT_EQ(self->info.start_pfn, info.start_pfn);
}

TEST_F(mirror, unprivileged_file_may_not_skip_zeroing_or_touch_reserves)
{
	int fd = st_open_unprivileged();
	struct mirror_mm_alloc block;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EPERM, st_alloc_flags(fd, 0, ST_GFP, MIRROR_MM_ALLOC_NOZERO,
					 &block));
	EXPECT_EQ(-EPERM, st_alloc(fd, 0, ST_GFP | __MIRROR_GFP_HIGH, &block));
	EXPECT_EQ(-EPERM, st_alloc(fd, 0, MIRROR_GFP_ATOMIC, &block));
	EXPECT_EQ(-EPERM, st_alloc(fd, 0, ST_GFP | __MIRROR_GFP_MEMALLOC,
				   &block));
	EXPECT_EQ(-EPERM, st_alloc(fd, 0, ST_GFP | __MIRROR_GFP_MEMALLOC |
				   __MIRROR_GFP_NOMEMALLOC, &block));
	EXPECT_EQ(0, st_held_blocks(fd));
	EXPECT_EQ(0, st_alloc(fd, 0, ST_GFP, &block));
}

TEST_F(mirror, privileged_file_may)
{
	struct mirror_mm_alloc block;

	EXPECT_EQ(0, st_alloc_flags(self->fd, 0, ST_GFP, MIRROR_MM_ALLOC_NOZERO,
				    &block));
	EXPECT_NE(MIRROR_MM_PFN_HIDDEN, block.pfn);
	EXPECT_EQ(0, st_alloc(self->fd, 0, MIRROR_GFP_ATOMIC, &block));
	EXPECT_EQ(0, st_alloc(self->fd, 0, ST_GFP | __MIRROR_GFP_MEMALLOC,
			      &block));
}

/* A holder of the capability gains nothing on a file that had none. */
TEST_F(mirror, capability_counts_at_open)
{
	int fd = st_open_unprivileged(), other = st_open();
	struct mirror_mm_alloc block;

	ASSERT_GE(fd, 0);
	ASSERT_GE(other, 0);
	EXPECT_EQ(0, st_alloc(other, 0, ST_GFP, &block));
	EXPECT_NE(MIRROR_MM_PFN_HIDDEN, block.pfn);
	EXPECT_EQ(0, st_alloc(fd, 0, ST_GFP, &block));
	EXPECT_EQ(MIRROR_MM_PFN_HIDDEN, block.pfn);
	EXPECT_EQ(-EPERM, st_alloc_flags(fd, 0, ST_GFP, MIRROR_MM_ALLOC_NOZERO,
					 &block));
}

/* A file handed to a process of another user keeps its owner's rights. */
TEST_F(mirror, file_passed_to_another_user_keeps_its_rights)
{
	struct mirror_mm_alloc block;
	pid_t pid = st_fork();

	ASSERT_GE(pid, 0);
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		if (st_open() != -EACCES)
			_exit(3);
		if (st_alloc(self->fd, 0, ST_GFP, &block))
			_exit(4);
		_exit(block.pfn == MIRROR_MM_PFN_HIDDEN ? 5 : 0);
	}
	EXPECT_EQ(0, st_wait(pid));
	EXPECT_EQ(1, st_held_blocks(self->fd));
}

TEST_F(mirror, unprivileged_file_maps_and_frees_its_blocks)
{
	int fd = st_open_unprivileged();
	struct mirror_mm_alloc block;
	void *addr;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, st_alloc(fd, 2, ST_GFP_MOVABLE, &block));
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(0, st_not_zero(addr, st_block_size(&block)));
	st_fill(addr, st_block_size(&block), block.id);
	EXPECT_EQ(0, st_differs(addr, st_block_size(&block), block.id));
	EXPECT_EQ(0, st_free(fd, block.id));
	EXPECT_EQ(4, st_count_signal(addr, st_block_size(&block), SIGBUS));
}

TEST_HARNESS_MAIN
