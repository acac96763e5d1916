// SPDX-License-Identifier: GPL-2.0
/*
 * SUBMIT: many operations, in order, each with its own result.
 */
#include <signal.h>
#include <sys/time.h>
#include "fixture.h"

#define MANY	4096

/* Held blocks that the operations of a test give back. */
static int hold(int fd, struct mirror_mm_alloc *blocks, unsigned int nr)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nr; i++) {
		ret = st_alloc(fd, i % 3, ST_GFP, &blocks[i]);
		if (ret)
			return ret;
	}
	return 0;
}

/* Operation @i of the mixed array, and what its result has to be. */
static int mixed_op(struct mirror_mm_op *op, unsigned int i,
		    const struct mirror_mm_alloc *held)
{
	switch (i % 8) {
	case 0:
		st_op_alloc(op, i / 8 % 4, ST_GFP_MOVABLE);
		return 0;
	case 1:
		st_op_free(op, held[i / 8].id);
		return 0;
	case 2:
		st_op_alloc(op, 11, ST_GFP);
		return -EINVAL;
	case 3:
		/* Freed two operations ago. */
		st_op_free(op, held[i / 8].id);
		return -ENOENT;
	case 4:
		st_op_alloc(op, 0, ST_GFP);
		op->opcode = 7 + i;
		return -EOPNOTSUPP;
	case 5:
		st_op_alloc(op, 0, ST_GFP);
		op->alloc.node = 3;
		return -ENODEV;
	case 6:
		st_op_alloc(op, 0, MIRROR_GFP_DMA32);
		return -ENOMEM;
	default:
		st_op_alloc(op, 0, 0);
		op->opcode = MIRROR_MM_OP_NOP;
		return 0;
	}
}

TEST_F(mirror, mixed_operations_have_results_of_their_own)
{
	struct mirror_mm_op *ops = calloc(MANY, sizeof(*ops));
	struct mirror_mm_alloc *held = calloc(MANY / 8, sizeof(*held));
	int *want = calloc(MANY, sizeof(*want));
	uint64_t pages = 0;
	unsigned int i;
	void *addr;

	ASSERT_TRUE(ops && held && want);
	ASSERT_EQ(0, hold(self->fd, held, MANY / 8));
	for (i = 0; i < MANY; i++)
		want[i] = mixed_op(&ops[i], i, held);
	ASSERT_EQ(MANY, st_submit(self->fd, ops, MANY));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(want[i], ops[i].result) {
			TH_LOG("operation %u", i);
		}
	/* What was allocated is usable, and all different. */
	for (i = 0; i < MANY; i += 8) {
		addr = st_map(self->fd, &ops[i].alloc);
		ASSERT_NE(MAP_FAILED, addr);
		st_mark(addr, st_block_size(&ops[i].alloc), i);
		ASSERT_EQ(0, munmap(addr, st_block_size(&ops[i].alloc)));
		pages += 1u << ops[i].alloc.order;
	}
	for (i = 0; i < MANY; i += 8) {
		addr = st_map(self->fd, &ops[i].alloc);
		ASSERT_NE(MAP_FAILED, addr);
		EXPECT_EQ(0, st_unmarked(addr, st_block_size(&ops[i].alloc), i));
	}
	EXPECT_EQ(pages, st_held_pages(self->fd));
	EXPECT_EQ(MANY / 8, st_held_blocks(self->fd));
}

/* A failed ALLOC leaves nothing that looks like an answer to be used. */
TEST_F(mirror, operations_answer_as_the_single_calls_do)
{
	struct mirror_mm_alloc single;
	struct mirror_mm_op op;
	unsigned int order;

	for (order = 0; order <= self->info.max_order; order++) {
		st_op_alloc(&op, order, ST_GFP_MOVABLE);
		ASSERT_EQ(1, st_submit(self->fd, &op, 1));
		ASSERT_EQ(0, op.result);
		EXPECT_EQ(MIRROR_MM_OP_ALLOC, op.opcode);
		EXPECT_NE(0, op.alloc.id);
		EXPECT_EQ(0, op.alloc.node);
		EXPECT_EQ(0, op.alloc.pfn % (1ull << order));
		EXPECT_EQ(MIRROR_ZONE_NORMAL, op.alloc.zone);
		EXPECT_EQ(MIRROR_MIGRATE_MOVABLE, op.alloc.migratetype);
		ASSERT_EQ(0, st_alloc(self->fd, order, ST_GFP_MOVABLE, &single));
		EXPECT_NE(single.id, op.alloc.id);
		EXPECT_NE(single.offset, op.alloc.offset);
		EXPECT_NE(single.pfn, op.alloc.pfn);
		EXPECT_EQ(single.migratetype, op.alloc.migratetype);
		ASSERT_EQ(0, st_free(self->fd, op.alloc.id));
	}
}

struct asked {
	struct mirror_mm_op ops[20];
	int result[20];
	unsigned int nr;
};

/* One more ALLOC, that ends with @result; more of it may be changed. */
static struct mirror_mm_alloc *ask(struct asked *a, unsigned int order,
				   unsigned int gfp, int result)
{
	st_op_alloc(&a->ops[a->nr], order, gfp);
	a->result[a->nr] = result;
	return &a->ops[a->nr++].alloc;
}

static unsigned int type_of(unsigned int gfp)
{
	if (gfp == ST_GFP)
		return MIRROR_MIGRATE_UNMOVABLE;
	return gfp == ST_GFP_MOVABLE ? MIRROR_MIGRATE_MOVABLE :
				       MIRROR_MIGRATE_RECLAIMABLE;
}

/* Requests that are alike but for one word: none is taken for the one before it. */
TEST_F(mirror, requests_that_differ_in_one_word)
{
	struct asked a = { .nr = 0 };
	struct mirror_mm_alloc *arg;
	unsigned int i;

	ask(&a, 0, ST_GFP, 0);
	ask(&a, 0, ST_GFP, 0);
	ask(&a, 3, ST_GFP, 0);
	ask(&a, 11, ST_GFP, -EINVAL);
	ask(&a, 11, ST_GFP, -EINVAL);
	ask(&a, 3, ST_GFP, 0);
	ask(&a, 3, ST_GFP_MOVABLE, 0);
	ask(&a, 3, ~0u, -EINVAL);
	ask(&a, 3, ST_GFP_RECLAIM, 0);
	ask(&a, 0, ST_GFP, -ENODEV)->node = 1;
	ask(&a, 0, ST_GFP, 0)->node = 0;
	ask(&a, 0, ST_GFP, -EINVAL)->flags = 1u << 31;
	ask(&a, 0, ST_GFP, 0)->flags = MIRROR_MM_ALLOC_NODEMASK;
	arg = ask(&a, 0, ST_GFP, -ENODEV);
	arg->flags = MIRROR_MM_ALLOC_NODEMASK;
	arg->nodemask = 1u << 5;
	arg = ask(&a, 0, ST_GFP, 0);
	arg->flags = MIRROR_MM_ALLOC_NODEMASK;
	arg->nodemask = 1;
	ask(&a, 0, ST_GFP, 0)->nodemask = 1u << 5;

	ASSERT_EQ(a.nr, st_submit(self->fd, a.ops, a.nr));
	for (i = 0; i < a.nr; i++) {
		arg = &a.ops[i].alloc;
		EXPECT_EQ(a.result[i], a.ops[i].result) {
			TH_LOG("operation %u", i);
		}
		if (a.ops[i].result)
			continue;
		EXPECT_EQ(0, arg->pfn % (1u << arg->order));
		EXPECT_EQ(type_of(arg->gfp), arg->migratetype);
		EXPECT_EQ(0, arg->node);
	}
}

/* NOZERO in one operation, and not in those around it, on memory that was written. */
TEST_F(mirror, each_operation_says_itself_whether_to_clear)
{
	struct mirror_mm_alloc dirty[3];
	struct mirror_mm_op ops[6];
	char *addr[3];
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &dirty[i]));
		addr[i] = st_map(self->fd, &dirty[i]);
		ASSERT_NE(MAP_FAILED, addr[i]);
		st_fill(addr[i], ST_PAGE, 7);
		st_op_free(&ops[2 * i], dirty[i].id);
		st_op_alloc(&ops[2 * i + 1], 0, ST_GFP);
	}
	ops[3].alloc.flags = MIRROR_MM_ALLOC_NOZERO;
	ASSERT_EQ(6, st_submit(self->fd, ops, 6));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, ops[2 * i + 1].result);
		/* The page freed last is the first to be taken. */
		ASSERT_EQ(dirty[i].pfn, ops[2 * i + 1].alloc.pfn);
		addr[i] = st_map(self->fd, &ops[2 * i + 1].alloc);
		ASSERT_NE(MAP_FAILED, addr[i]);
	}
	EXPECT_EQ(0, st_not_zero(addr[0], ST_PAGE));
	EXPECT_EQ(0, st_differs(addr[1], ST_PAGE, 7));
	EXPECT_EQ(0, st_not_zero(addr[2], ST_PAGE));
}

/* With all memory taken, an ALLOC works only behind the FREE. */
TEST_F(mirror, operations_happen_in_order)
{
	struct mirror_mm_alloc block, last = { .id = 0 };
	struct mirror_mm_op ops[5];
	int ret;

	while (!(ret = st_alloc(self->fd, 10, ST_GFP_MOVABLE, &block)))
		last = block;
	ASSERT_EQ(-ENOMEM, ret);
	st_op_alloc(&ops[0], 10, ST_GFP_MOVABLE);
	st_op_free(&ops[1], last.id);
	st_op_alloc(&ops[2], 10, ST_GFP_MOVABLE);
	st_op_alloc(&ops[3], 10, ST_GFP_MOVABLE);
	st_op_free(&ops[4], last.id);
	ASSERT_EQ(5, st_submit(self->fd, ops, 5));
	EXPECT_EQ(-ENOMEM, ops[0].result);
	EXPECT_EQ(0, ops[1].result);
	EXPECT_EQ(0, ops[2].result);
	EXPECT_EQ(-ENOMEM, ops[3].result);
	EXPECT_EQ(-ENOENT, ops[4].result);
	EXPECT_EQ(last.pfn, ops[2].alloc.pfn);
}

/* Allocated in one call, freed in the next, tens of thousands at a time. */
TEST_F(mirror, largest_call_and_back)
{
	unsigned int i, nr = MIRROR_MM_SUBMIT_MAX, got = 0, round;
	struct mirror_mm_op *ops = calloc(nr, sizeof(*ops));

	ASSERT_NE(NULL, ops);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < nr; i++)
			st_op_alloc(&ops[i], 0, ST_GFP_MOVABLE);
		ASSERT_EQ(nr, st_submit(self->fd, ops, nr));
		for (i = 0, got = 0; i < nr; i++) {
			if (!ops[i].result)
				got++;
			else
				ASSERT_EQ(-ENOMEM, ops[i].result);
		}
		EXPECT_EQ(got, st_held_pages(self->fd));
		EXPECT_GT(got, self->info.nr_pages * 9 / 10);
		for (i = 0; i < nr; i++) {
			if (ops[i].result)
				ops[i].opcode = MIRROR_MM_OP_NOP;
			else
				st_op_free(&ops[i], ops[i].alloc.id);
		}
		ASSERT_EQ(nr, st_submit(self->fd, ops, nr));
		for (i = 0; i < nr; i++)
			ASSERT_EQ(0, ops[i].result);
		EXPECT_EQ(0, st_held_pages(self->fd));
	}
}

static unsigned int alarms;

static void on_alarm(int sig)
{
	__atomic_add_fetch(&alarms, 1, __ATOMIC_SEQ_CST);
}

static int alarm_every(long usec)
{
	struct itimerval timer = {
		.it_interval.tv_usec = usec, .it_value.tv_usec = usec,
	};

	return setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * A signal may cut the array short. Then the count says how much is done, and
 * nothing behind it was even looked at.
 */
TEST_F(mirror, signal_cuts_short_without_loss)
{
	struct sigaction action = { .sa_handler = on_alarm };
	/* So few that memory never is what cuts them short. */
	unsigned int half = self->info.nr_pages / 2, nr = half < 20000 ? half : 20000;
	unsigned int i, round, cut = 0;
	struct mirror_mm_op *ops = calloc(nr, sizeof(*ops));
	uint64_t held;
	int done;

	ASSERT_NE(NULL, ops);
	ASSERT_NE(0, nr);
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	for (round = 0; round < 12; round++) {
		for (i = 0; i < nr; i++)
			st_op_alloc(&ops[i], 0, ST_GFP_MOVABLE);
		ASSERT_EQ(0, alarm_every(500 + 700 * round));
		done = st_submit(self->fd, ops, nr);
		ASSERT_EQ(0, alarm_every(0));
		if (done == -EINTR)
			done = 0;
		ASSERT_GE(done, 0);
		cut += done < (int)nr;
		for (i = 0; i < nr; i++)
			ASSERT_EQ(i < done ? 0 : (int)ST_NOT_DONE,
				  ops[i].result) {
				TH_LOG("operation %u of %d done", i, done);
			}
		held = st_held_pages(self->fd);
		EXPECT_EQ(done, held);
		for (i = 0; i < done; i++)
			st_op_free(&ops[i], ops[i].alloc.id);
		ASSERT_EQ(done, st_submit(self->fd, ops, done));
		EXPECT_EQ(0, st_held_pages(self->fd));
	}
	TH_LOG("%u of %u calls cut short by %u signals", cut, round, alarms);
}

/* Many small calls from one array, walking through it. */
TEST_F(mirror, any_length_and_place_of_the_array)
{
	struct mirror_mm_op *ops = calloc(512, sizeof(*ops));
	uint64_t seed = st_seed();
	unsigned int nr, first, i, round;

	ASSERT_NE(NULL, ops);
	for (round = 0; round < 200; round++) {
		nr = 1 + st_below(&seed, 300);
		first = st_below(&seed, 512 - nr);
		memset(ops, 0x5a, 512 * sizeof(*ops));
		for (i = first; i < first + nr; i++)
			st_op_alloc(&ops[i], i % 2, ST_GFP);
		ASSERT_EQ(nr, st_submit(self->fd, ops + first, nr));
		for (i = 0; i < 512; i++)
			ASSERT_EQ(i < first || i >= first + nr ?
				  (int)ST_NOT_DONE : 0, ops[i].result);
		for (i = first; i < first + nr; i++)
			st_op_free(&ops[i], ops[i].alloc.id);
		ASSERT_EQ(nr, st_submit(self->fd, ops + first, nr));
		ASSERT_EQ(0, st_held_pages(self->fd));
	}
}

TEST_HARNESS_MAIN
