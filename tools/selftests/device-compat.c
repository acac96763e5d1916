// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that were built otherwise: long ago, or for 32 bits.
 *
 * A 32-bit program on a 64-bit kernel finds the same structs. System calls of
 * the 32-bit kind can be made from here: their pointers have to lie low, as all
 * static data of this program does.
 */
#include <signal.h>
#include "fixture.h"

/* A program that does not know the last fields gets all the others, and no more. */
TEST_F(mirror, info_of_an_older_program)
{
	const size_t size = offsetof(struct mirror_mm_info, waiting_blocks);
	struct mirror_mm_info got, want = self->info;

	memset(&want.waiting_blocks, 0xa5, sizeof(want) - size);
	memset(&got, 0xa5, sizeof(got));
	ASSERT_EQ(0, st_ioctl(self->fd, st_resized(MIRROR_MM_INFO, size), &got));
	EXPECT_EQ(0, memcmp(&want, &got, sizeof(got)));
	EXPECT_EQ(-EINVAL, st_ioctl(self->fd, st_resized(MIRROR_MM_INFO, size - 1), &got));
}

#ifdef __x86_64__

#define NR_IOCTL_32	54

/* ioctl() as a 32-bit program calls it. */
static int ioctl_32(int fd, unsigned int request, void *arg)
{
	int ret;

	asm volatile("int $0x80"
		     : "=a" (ret)
		     : "0" (NR_IOCTL_32), "b" (fd), "c" (request), "d" (arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return ret;
}

static struct mirror_mm_info info;
static struct mirror_mm_alloc block;
static struct mirror_mm_free end;
static struct mirror_mm_submit submit;
static struct mirror_mm_op ops[4];

static void no_such_call(int sig)
{
	_exit(1);
}

/* A kernel without 32-bit system calls sends a signal. */
static bool has_32_bit_calls(void)
{
	pid_t pid = st_fork();

	if (!pid) {
		signal(SIGSEGV, no_such_call);
		ioctl_32(-1, 0, NULL);
		_exit(0);
	}
	return pid > 0 && !st_wait(pid);
}

TEST_F(mirror, requests_of_a_32_bit_program)
{
	void *addr;
	int i;

	if (!has_32_bit_calls())
		SKIP(return, "this kernel has no 32-bit system calls");
	ASSERT_LT((uintptr_t)&ops[4], UINT32_MAX);
	ASSERT_EQ(0, ioctl_32(self->fd, MIRROR_MM_INFO, &info));
	EXPECT_EQ(0, memcmp(&info, &self->info, sizeof(info)));
	block.order = 2;
	block.gfp = ST_GFP;
	block.node = MIRROR_MM_NODE_ANY;
	ASSERT_EQ(0, ioctl_32(self->fd, MIRROR_MM_ALLOC, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, st_block_size(&block), 1);
	EXPECT_EQ(0, st_differs(addr, st_block_size(&block), 1));
	for (i = 0; i < 4; i++)
		st_op_alloc(&ops[i], i, ST_GFP);
	submit.ops = (uintptr_t)ops;
	submit.nr = 4;
	EXPECT_EQ(4, ioctl_32(self->fd, MIRROR_MM_SUBMIT, &submit));
	for (i = 0; i < 4; i++)
		EXPECT_EQ(0, ops[i].result);
	EXPECT_EQ(4 + 15, st_held_pages(self->fd));
	end.id = block.id;
	EXPECT_EQ(0, ioctl_32(self->fd, MIRROR_MM_FREE, &end));
	EXPECT_EQ(-ENOENT, ioctl_32(self->fd, MIRROR_MM_FREE, &end));
	EXPECT_EQ(4, st_count_signal(addr, st_block_size(&block), SIGBUS));
}

#else

TEST_F(mirror, requests_of_a_32_bit_program)
{
	SKIP(return, "known for x86 only");
}

#endif

TEST_HARNESS_MAIN
