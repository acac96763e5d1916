// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks that were freed and are still mapped, or granted: they hold no page, so no
 * limit of pages counts them, and they must stop nobody. The mirror is as small as
 * one can be, and its files may hold one page each.
 */
#include <signal.h>
#include <sys/resource.h>
#include "load.h"

/* More than four for each page of the smallest mirror on 4 KiB pages. */
#define ROUNDS	20000

/* 16 MiB, or what one block of the largest order needs where pages are larger. */
static int load_small(const struct st_range *r)
{
	unsigned long long size = ST_PAGE << 10;
	char parameters[96];

	if (size < 16ull << 20)
		size = 16ull << 20;
	snprintf(parameters, sizeof(parameters), "region=%#llx@%#llx file_page_limit=1",
		 size, (unsigned long long)r->base);
	return st_insmod("mirror_mm", parameters);
}

/* Room for as many mappings of a page, so that all can go at once. */
static char *reserve(size_t pages)
{
	return mmap(NULL, pages * ST_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* Leaves a block behind that is freed and mapped at @at; 0 or minus the errno. */
static int leave_mapped(int fd, void *at, bool touch, bool by_submit)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_op op;
	int ret = st_alloc(fd, 0, ST_GFP, &block);

	if (ret)
		return ret;
	if (mmap(at, ST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
		 block.offset) == MAP_FAILED)
		return -errno;
	if (touch && st_poke(at, block.id))
		return -EFAULT;
	if (!by_submit)
		return st_free(fd, block.id);
	st_op_free(&op, block.id);
	return st_submit(fd, &op, 1) == 1 ? op.result : -EPROTO;
}

/* What any other file does at any time; also one that is opened only then. */
static int use_another(int fd)
{
	int fresh = st_open_unprivileged(), ret;
	struct mirror_mm_alloc block;

	if (fresh < 0)
		return fresh;
	ret = st_alloc(fresh, 0, ST_GFP, &block);
	close(fresh);
	if (!ret)
		ret = st_alloc(fd, 0, ST_GFP, &block);
	return ret ? ret : st_free(fd, block.id);
}

TEST_F(load, blocks_that_wait_for_their_mappings_stop_nobody)
{
	char *room = reserve(ROUNDS);
	int fd, other, i;

	ASSERT_EQ(0, load_small(&self->range));
	fd = st_open();
	other = st_open();
	ASSERT_LE(0, fd);
	ASSERT_LE(0, other);
	ASSERT_NE(MAP_FAILED, room);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, leave_mapped(fd, room + i * ST_PAGE, i % 7 == 0, i % 2)) {
			TH_LOG("after %d blocks", i);
		}
		if (i % 256 == 255)
			ASSERT_EQ(0, use_another(other));
	}
	EXPECT_EQ(0, st_held_pages(fd));
	EXPECT_EQ(0, st_held_blocks(fd));
	EXPECT_EQ(ROUNDS, st_waiting_blocks(fd));
	EXPECT_EQ(0, st_waiting_blocks(other));
	EXPECT_EQ(ROUNDS, st_count_signal(room, ROUNDS * ST_PAGE, SIGBUS));
	ASSERT_EQ(0, munmap(room, ROUNDS / 2 * ST_PAGE));
	EXPECT_EQ(ROUNDS - ROUNDS / 2, st_waiting_blocks(fd));
	ASSERT_EQ(0, use_another(other));
	ASSERT_EQ(0, munmap(room, ROUNDS * ST_PAGE));
	EXPECT_EQ(0, st_waiting_blocks(fd));
	EXPECT_EQ(0, use_another(fd));
}

/* Several files of one program, so that no limit of one of them ends it early. */
TEST_F(load, files_that_fill_up_together_stop_nobody)
{
	enum { FILES = 8 };
	char *room = reserve(ROUNDS);
	int fd[FILES], other, i;

	ASSERT_EQ(0, load_small(&self->range));
	other = st_open();
	ASSERT_LE(0, other);
	ASSERT_NE(MAP_FAILED, room);
	for (i = 0; i < FILES; i++) {
		fd[i] = st_open_unprivileged();
		ASSERT_LE(0, fd[i]);
	}
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, leave_mapped(fd[i % FILES], room + i * ST_PAGE, false, false)) {
			TH_LOG("after %d blocks", i);
		}
		if (i % 256 == 255)
			ASSERT_EQ(0, use_another(other));
	}
	for (i = 0; i < FILES; i++) {
		EXPECT_EQ(ROUNDS / FILES, st_waiting_blocks(fd[i]));
		ASSERT_EQ(0, close(fd[i]));
	}
	ASSERT_EQ(0, use_another(other));
	ASSERT_EQ(0, munmap(room, ROUNDS * ST_PAGE));
	EXPECT_EQ(0, use_another(other));
}

/* Descriptors that were granted hold a place as mappings do. */
TEST_F(load, blocks_that_wait_for_granted_descriptors_stop_nobody)
{
	enum { GRANTS = 5000 };
	struct rlimit limit = { GRANTS + 100, GRANTS + 100 };
	struct mirror_mm_alloc block;
	static int granted[GRANTS];
	int fd, other, i;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		SKIP(return, "so many descriptors are not allowed");
	ASSERT_EQ(0, load_small(&self->range));
	fd = st_open();
	other = st_open();
	ASSERT_LE(0, fd);
	ASSERT_LE(0, other);
	for (i = 0; i < GRANTS; i++) {
		ASSERT_EQ(0, st_alloc(fd, 0, ST_GFP, &block));
		granted[i] = st_grant(fd, block.id, i % 2);
		ASSERT_LE(0, granted[i]);
		ASSERT_EQ(0, st_free(fd, block.id));
		if (i % 256 == 255)
			ASSERT_EQ(0, use_another(other));
	}
	EXPECT_EQ(GRANTS, st_waiting_blocks(fd));
	EXPECT_EQ(0, st_held_pages(fd));
	for (i = 0; i < GRANTS; i++)
		ASSERT_EQ(0, close(granted[i]));
	EXPECT_EQ(0, st_waiting_blocks(fd));
}

/* A child has the mappings too; the block waits for both. */
TEST_F(load, blocks_wait_for_the_mappings_of_children)
{
	char *room = reserve(100);
	int fd, i, ends[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, load_small(&self->range));
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_NE(MAP_FAILED, room);
	ASSERT_EQ(0, pipe(ends));
	for (i = 0; i < 100; i++)
		ASSERT_EQ(0, leave_mapped(fd, room + i * ST_PAGE, true, false));
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) ? 1 : 0);
	}
	ASSERT_EQ(0, munmap(room, 100 * ST_PAGE));
	EXPECT_EQ(100, st_waiting_blocks(fd));
	ASSERT_EQ(0, close(ends[1]));
	EXPECT_EQ(0, st_wait(pid));
	EXPECT_EQ(0, st_waiting_blocks(fd));
}

TEST_HARNESS_MAIN
