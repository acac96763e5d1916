// SPDX-License-Identifier: GPL-2.0
/*
 * Bad arguments of SUBMIT itself and of the operations in it.
 */
#include "fixture.h"

static int submit(int fd, uint64_t ops, unsigned int nr, unsigned int flags)
{
	struct mirror_mm_submit arg = { .ops = ops, .nr = nr, .flags = flags };

	return st_ioctl(fd, MIRROR_MM_SUBMIT, &arg);
}

/* One operation through SUBMIT: its result, or the call's own -errno. */
static int one(int fd, struct mirror_mm_op *op)
{
	int ret = st_submit(fd, op, 1);

	return ret < 0 ? ret : ret == 1 ? op->result : 1;
}

TEST_F(mirror, too_many_operations_are_EINVAL)
{
	struct mirror_mm_op *ops = calloc(MIRROR_MM_SUBMIT_MAX + 1, sizeof(*ops));

	ASSERT_NE(NULL, ops);
	st_op_alloc(ops, 0, ST_GFP);
	EXPECT_EQ(-EINVAL, st_submit(self->fd, ops, MIRROR_MM_SUBMIT_MAX + 1));
	EXPECT_EQ(-EINVAL, st_submit(self->fd, ops, 1u << 31));
	EXPECT_EQ(-EINVAL, st_submit(self->fd, ops, UINT32_MAX));
	EXPECT_EQ(0, st_held_blocks(self->fd));
	EXPECT_EQ(ST_NOT_DONE, ops->result);
	EXPECT_EQ(MIRROR_MM_SUBMIT_MAX,
		  st_submit(self->fd, ops, MIRROR_MM_SUBMIT_MAX));
}

TEST_F(mirror, no_operations_return_0)
{
	struct mirror_mm_op op;

	EXPECT_EQ(0, st_submit(self->fd, &op, 0));
	EXPECT_EQ(0, st_submit(self->fd, NULL, 0));
}

TEST_F(mirror, submit_flags_are_EINVAL)
{
	struct mirror_mm_op op;
	unsigned int bit;

	st_op_alloc(&op, 0, ST_GFP);
	for (bit = 0; bit < 32; bit++)
		EXPECT_EQ(-EINVAL,
			  submit(self->fd, (uintptr_t)&op, 1, 1u << bit));
	EXPECT_EQ(ST_NOT_DONE, op.result);
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

/* Also where address plus length would wrap around to memory that exists. */
TEST_F(mirror, array_outside_of_memory_is_EFAULT)
{
	static const uint64_t bad[] = {
		0, 8, 0x0000800000000000ull, 0x7fffffffffffffc0ull,
		0xffff888000000000ull, 0xffffffffffffff00ull,
		0xffffffffffffffc0ull, 0xfffffffffffffff8ull, UINT64_MAX,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EFAULT, submit(self->fd, bad[i], 1, 0));
		EXPECT_EQ(-EFAULT, submit(self->fd, bad[i], 64, 0));
		EXPECT_EQ(-EFAULT, submit(self->fd, bad[i],
					  MIRROR_MM_SUBMIT_MAX, 0));
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(mirror, unknown_opcode_is_EOPNOTSUPP)
{
	static const uint32_t opcodes[] = {
		MIRROR_MM_OP_FREE + 1, 4, 255, 256, 1u << 16, UINT32_MAX,
	};
	struct mirror_mm_op op;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(opcodes); i++) {
		st_op_alloc(&op, 0, ST_GFP);
		op.opcode = opcodes[i];
		EXPECT_EQ(-EOPNOTSUPP, one(self->fd, &op));
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_F(mirror, nop_looks_at_nothing)
{
	struct mirror_mm_op op;

	memset(&op, 0xa5, sizeof(op));
	op.opcode = MIRROR_MM_OP_NOP;
	EXPECT_EQ(0, one(self->fd, &op));
}

TEST_F(mirror, alloc_operation_fails_as_the_call_does)
{
	struct mirror_mm_op op;
	unsigned int bit;

	st_op_alloc(&op, self->info.max_order + 1, ST_GFP);
	EXPECT_EQ(-EINVAL, one(self->fd, &op));
	st_op_alloc(&op, UINT32_MAX, ST_GFP);
	EXPECT_EQ(-EINVAL, one(self->fd, &op));
	st_op_alloc(&op, 0, ~__MIRROR_GFP_ALL);
	EXPECT_EQ(-EINVAL, one(self->fd, &op));
	st_op_alloc(&op, 0, __MIRROR_GFP_DMA | __MIRROR_GFP_HIGHMEM);
	EXPECT_EQ(-EINVAL, one(self->fd, &op));
	st_op_alloc(&op, 0, __MIRROR_GFP_MOVABLE | __MIRROR_GFP_RECLAIMABLE);
	EXPECT_EQ(-EINVAL, one(self->fd, &op));
	st_op_alloc(&op, 0, ST_GFP);
	op.alloc.node = 1;
	EXPECT_EQ(-ENODEV, one(self->fd, &op));
	st_op_alloc(&op, 0, MIRROR_GFP_DMA);
	EXPECT_EQ(-ENOMEM, one(self->fd, &op));
	for (bit = 0; bit < 32; bit++) {
		st_op_alloc(&op, 0, ST_GFP);
		op.alloc.flags = 1u << bit;
		EXPECT_EQ(op.alloc.flags & MIRROR_MM_ALLOC_FLAGS ? 0 : -EINVAL,
			  one(self->fd, &op));
	}
	EXPECT_EQ(__builtin_popcount(MIRROR_MM_ALLOC_FLAGS),
		  st_held_blocks(self->fd));
}

TEST_F(mirror, free_operation_fails_as_the_call_does)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_op op;

	ASSERT_EQ(0, st_alloc(self->fd, 2, ST_GFP, &block));
	st_op_free(&op, 0);
	EXPECT_EQ(-ENOENT, one(self->fd, &op));
	st_op_free(&op, ~block.id);
	EXPECT_EQ(-ENOENT, one(self->fd, &op));
	st_op_free(&op, block.id);
	op.free.flags = 1;
	EXPECT_EQ(-EINVAL, one(self->fd, &op));
	st_op_free(&op, block.id);
	op.free.reserved = 1u << 31;
	EXPECT_EQ(-EINVAL, one(self->fd, &op));
	EXPECT_EQ(1, st_held_blocks(self->fd));
	/* Only the part of the union that the operation uses has to be clean. */
	st_op_free(&op, block.id);
	memset(&op.reserved[2], 0xa5, 5 * sizeof(op.reserved[0]));
	EXPECT_EQ(0, one(self->fd, &op));
	EXPECT_EQ(-ENOENT, one(self->fd, &op));
}

TEST_F(mirror, operations_of_an_unprivileged_file_are_checked_too)
{
	int fd = st_open_unprivileged();
	struct mirror_mm_op op;

	ASSERT_GE(fd, 0);
	st_op_alloc(&op, 0, ST_GFP);
	op.alloc.flags = MIRROR_MM_ALLOC_NOZERO;
	EXPECT_EQ(-EPERM, one(fd, &op));
	st_op_alloc(&op, 0, ST_GFP | __MIRROR_GFP_HIGH);
	EXPECT_EQ(-EPERM, one(fd, &op));
	st_op_alloc(&op, 0, ST_GFP | __MIRROR_GFP_MEMALLOC);
	EXPECT_EQ(-EPERM, one(fd, &op));
	EXPECT_EQ(0, st_held_blocks(fd));
	st_op_alloc(&op, 0, ST_GFP);
	EXPECT_EQ(0, one(fd, &op));
	EXPECT_EQ(MIRROR_MM_PFN_HIDDEN, op.alloc.pfn);
}

TEST_HARNESS_MAIN
