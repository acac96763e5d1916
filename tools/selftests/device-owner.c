// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks belong to the file that allocated them: no other file finds them, and
 * they all go back when the file's last user is gone, however it went.
 */
#include <signal.h>
#include <sys/wait.h>
#include "fixture.h"

#define HELD	2000

/* Blocks of all kinds and orders, some of them mapped and touched. */
static int hold_many(int fd, unsigned int nr)
{
	static const unsigned int gfps[] = {
		ST_GFP, ST_GFP_MOVABLE, ST_GFP_RECLAIM,
	};
	struct mirror_mm_alloc block;
	unsigned int i;
	char *addr;

	for (i = 0; i < nr; i++) {
		if (st_alloc(fd, i % 5, gfps[i % 3], &block))
			return -1;
		if (i % 16)
			continue;
		addr = st_map(fd, &block);
		if (addr == MAP_FAILED || st_not_zero(addr, ST_PAGE))
			return -1;
		addr[0] = 1;
	}
	return 0;
}

TEST_F(mirror, another_file_cannot_free_or_map)
{
	struct mirror_mm_alloc mine[64], theirs;
	int other = st_open(), i;
	uint64_t guess;
	char *addr;

	ASSERT_GE(other, 0);
	for (i = 0; i < 64; i++) {
		ASSERT_EQ(0, st_alloc(self->fd, i % 4, ST_GFP, &mine[i]));
		addr = st_map(self->fd, &mine[i]);
		ASSERT_NE(MAP_FAILED, addr);
		st_mark(addr, st_block_size(&mine[i]), i);
		ASSERT_EQ(0, munmap(addr, st_block_size(&mine[i])));
	}
	ASSERT_EQ(0, st_alloc(other, 0, ST_GFP, &theirs));
	for (i = 0; i < 64; i++) {
		EXPECT_EQ(-ENOENT, st_free(other, mine[i].id));
		EXPECT_EQ(ENXIO, st_map_errno(other, mine[i].offset, ST_PAGE,
					      PROT_READ, MAP_SHARED));
	}
	/* Numbers near its own, and small ones. */
	for (guess = 1; guess <= 4096; guess++) {
		EXPECT_EQ(-ENOENT, st_free(other, theirs.id + guess));
		EXPECT_EQ(-ENOENT, st_free(other, theirs.id - guess));
		EXPECT_EQ(ENXIO, st_map_errno(other,
					      theirs.offset + guess * ST_PAGE,
					      ST_PAGE, PROT_READ, MAP_SHARED));
		EXPECT_EQ(ENXIO, st_map_errno(other,
					      theirs.offset - guess * ST_PAGE,
					      ST_PAGE, PROT_READ, MAP_SHARED));
	}
	EXPECT_EQ(1, st_held_blocks(other));
	EXPECT_EQ(64, st_held_blocks(self->fd));
	for (i = 0; i < 64; i++) {
		addr = st_map(self->fd, &mine[i]);
		ASSERT_NE(MAP_FAILED, addr);
		EXPECT_EQ(0, st_unmarked(addr, st_block_size(&mine[i]), i));
	}
}

/* An id that one file gave back does not work for the next that gets it. */
TEST_F(mirror, stale_id_stays_stale)
{
	struct mirror_mm_alloc block, next;
	int other = st_open(), i;
	uint64_t stale;

	ASSERT_GE(other, 0);
	ASSERT_EQ(0, st_alloc(self->fd, 1, ST_GFP, &block));
	stale = block.id;
	ASSERT_EQ(0, st_free(self->fd, stale));
	for (i = 0; i < 3000; i++) {
		ASSERT_EQ(0, st_alloc(i % 2 ? other : self->fd, 1, ST_GFP, &next));
		ASSERT_NE(stale, next.id);
		ASSERT_EQ(-ENOENT, st_free(self->fd, stale));
		ASSERT_EQ(-ENOENT, st_free(other, stale));
		ASSERT_EQ(0, st_free(i % 2 ? other : self->fd, next.id));
	}
}

TEST_F(mirror, close_gives_everything_back)
{
	int fd = st_open();

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, hold_many(fd, HELD));
	EXPECT_EQ(HELD, st_held_blocks(fd));
	EXPECT_EQ(self->info.nr_free - st_held_pages(fd), st_nr_free(self->fd));
	ASSERT_EQ(0, close(fd));
	EXPECT_LT(st_nr_free(self->fd), self->info.nr_free);
	st_unmap_all();
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

TEST_F(mirror, exit_gives_everything_back)
{
	pid_t pid = st_fork();
	int fd;

	ASSERT_GE(pid, 0);
	if (!pid) {
		fd = st_open();
		_exit(fd < 0 || hold_many(fd, HELD));
	}
	EXPECT_EQ(0, st_wait(pid));
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

/* Killed while it works: in the middle of whatever it is doing. */
static void __noreturn work_until_killed(int pipe_fd)
{
	struct mirror_mm_op ops[256];
	struct mirror_mm_alloc block;
	int fd = st_open(), i;
	void *addr;

	if (fd < 0 || hold_many(fd, 300) || write(pipe_fd, "x", 1) != 1)
		_exit(1);
	for (;;) {
		for (i = 0; i < 256; i++)
			st_op_alloc(&ops[i], i % 3, ST_GFP_MOVABLE);
		st_submit(fd, ops, 256);
		for (i = 0; i < 256; i++)
			st_op_free(&ops[i], ops[i].alloc.id);
		st_submit(fd, ops, 256);
		if (st_alloc(fd, 4, ST_GFP, &block))
			_exit(2);
		addr = st_map(fd, &block);
		if (addr == MAP_FAILED)
			_exit(3);
		memset(addr, 1, st_block_size(&block));
		st_free(fd, block.id);
		munmap(addr, st_block_size(&block));
	}
}

TEST_F(mirror, kill_gives_everything_back)
{
	uint64_t seed = st_seed();
	int ends[2], round;
	unsigned int spin;
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(ends));
	for (round = 0; round < 25; round++) {
		pid = st_fork();
		ASSERT_GE(pid, 0);
		if (!pid)
			work_until_killed(ends[1]);
		ASSERT_EQ(1, read(ends[0], &c, 1));
		for (spin = st_below(&seed, 200); spin; spin--)
			st_nr_free(self->fd);
		ASSERT_EQ(0, kill(pid, SIGKILL));
		EXPECT_EQ(128 + SIGKILL, st_wait(pid));
		ASSERT_EQ(self->info.nr_free, st_nr_free(self->fd));
	}
}

/* Parent, child and grandchild share mappings; the last of them counts. */
TEST_F(mirror, last_of_several_processes_gives_back)
{
	int round, fd;
	pid_t pid;

	for (round = 0; round < 30; round++) {
		pid = st_fork();
		ASSERT_GE(pid, 0);
		if (!pid) {
			pid_t child;

			fd = st_open();
			if (fd < 0 || hold_many(fd, 64))
				_exit(1);
			child = st_fork();
			if (!child) {
				close(fd);
				_exit(0);
			}
			if (round % 2)
				close(fd);
			if (round % 3)
				st_unmap_all();
			_exit(child < 0 || st_wait(child));
		}
		ASSERT_EQ(0, st_wait(pid));
		ASSERT_EQ(self->info.nr_free, st_nr_free(self->fd));
	}
}

/* Children that fault, unmap and die while the parent frees under them. */
TEST_F(mirror, fork_storm_with_frees)
{
	struct mirror_mm_alloc block[8];
	int round, i, child;
	char *addr[8];
	pid_t pid[4];

	for (round = 0; round < 25; round++) {
		for (i = 0; i < 8; i++) {
			ASSERT_EQ(0, st_alloc(self->fd, i % 4, ST_GFP_MOVABLE,
					      &block[i]));
			addr[i] = st_map(self->fd, &block[i]);
			ASSERT_NE(MAP_FAILED, addr[i]);
			ASSERT_EQ(0, st_poke(addr[i], round + 1));
		}
		for (child = 0; child < 4; child++) {
			pid[child] = st_fork();
			ASSERT_GE(pid[child], 0);
			if (pid[child])
				continue;
			for (i = 0; i < 8 * 20; i++) {
				uint64_t value = round + 1;
				int sig = st_peek(addr[i % 8], &value);

				if ((sig && sig != SIGBUS) || value != round + 1)
					_exit(1);
			}
			_exit(0);
		}
		for (i = 0; i < 8; i++)
			EXPECT_EQ(0, st_free(self->fd, block[i].id));
		for (child = 0; child < 4; child++)
			EXPECT_EQ(0, st_wait(pid[child]));
		for (i = 0; i < 8; i++)
			ASSERT_EQ(0, munmap(addr[i], st_block_size(&block[i])));
	}
}

/* A process without a descriptor of its own keeps the file by its mapping. */
TEST_F(mirror, mapping_of_a_child_outlives_the_parent)
{
	int to_child[2], to_parent[2];
	struct mirror_mm_alloc block;
	pid_t pid, child;
	char *addr, c;
	int fd;

	ASSERT_EQ(0, pipe(to_child));
	ASSERT_EQ(0, pipe(to_parent));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		fd = st_open();
		if (fd < 0 || st_alloc(fd, 3, ST_GFP, &block))
			_exit(1);
		addr = st_map(fd, &block);
		if (addr == MAP_FAILED)
			_exit(2);
		st_fill(addr, st_block_size(&block), 4);
		child = fork();
		if (child)
			_exit(child < 0);
		close(fd);
		if (read(to_child[0], &c, 1) != 1)
			_exit(1);
		c = st_differs(addr, st_block_size(&block), 4) ? 'n' : 'y';
		if (write(to_parent[1], &c, 1) != 1)
			_exit(1);
		if (read(to_child[0], &c, 1) != 1)
			_exit(1);
		munmap(addr, st_block_size(&block));
		if (write(to_parent[1], "z", 1) != 1)
			_exit(1);
		_exit(0);
	}
	ASSERT_EQ(0, st_wait(pid));
	EXPECT_EQ(self->info.nr_free - 8, st_nr_free(self->fd));
	ASSERT_EQ(1, write(to_child[1], "a", 1));
	ASSERT_EQ(1, read(to_parent[0], &c, 1));
	EXPECT_EQ('y', c);
	ASSERT_EQ(1, write(to_child[1], "b", 1));
	ASSERT_EQ(1, read(to_parent[0], &c, 1));
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

TEST_HARNESS_MAIN
