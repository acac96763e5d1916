// SPDX-License-Identifier: GPL-2.0
/*
 * SUBMIT in the hands of a program that wants it to skip a check.
 *
 * Each operation has to end as the single call ends on a file in the same state,
 * whatever came before it in the array, whatever its words are, and also where
 * another thread changes them while the call runs.
 */
#include <limits.h>
#include <pthread.h>
#include <sys/wait.h>
#include "fixture.h"

#define OPS	16

/* words that could stand for "nothing" ---------------------------------------- */

static struct mirror_mm_alloc *ask(struct mirror_mm_op *op, uint32_t order, uint32_t gfp,
				   int node)
{
	st_op_alloc(op, order, gfp);
	op->alloc.node = node;
	return &op->alloc;
}

/* One that is refused, and then one of all ones for the same node; 0 where both are. */
static int all_ones_behind(int fd, uint32_t order, int node, int error)
{
	struct mirror_mm_op ops[3];

	ask(&ops[0], order, ST_GFP, node);
	ask(&ops[1], UINT32_MAX, UINT32_MAX, node);
	ask(&ops[2], 0, UINT32_MAX, node);
	if (st_submit(fd, ops, 3) != 3 || ops[0].result != error ||
	    ops[1].result != -EINVAL || ops[2].result != -EINVAL) {
		printf("# node %d: %d %d %d\n", node, ops[0].result, ops[1].result,
		       ops[2].result);
		return -1;
	}
	return 0;
}

static int refuse_all_ones(int fd, unsigned int nr_nodes)
{
	const int nodes[] = { -2, INT_MIN, INT_MAX, nr_nodes, 63, 64, 1024, 40000 };
	struct mirror_mm_op first;
	unsigned int bad = 0;
	size_t i;

	/* The first of a call, when nothing was asked before. */
	ask(&first, UINT32_MAX, UINT32_MAX, 0);
	bad += st_submit(fd, &first, 1) != 1 || first.result != -EINVAL;
	bad += !!all_ones_behind(fd, UINT32_MAX, 0, -EINVAL);
	bad += !!all_ones_behind(fd, 63, MIRROR_MM_NODE_ANY, -EINVAL);
	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		bad += !!all_ones_behind(fd, 0, nodes[i], -ENODEV);
	return bad + st_held_blocks(fd);
}

TEST_F(mirror, words_of_all_ones_are_words_like_others)
{
	EXPECT_EQ(0, refuse_all_ones(self->fd, self->info.nr_nodes));
}

/* A node of the device that everybody may open. */
TEST_F(mirror, an_ordinary_user_gets_past_no_check)
{
	pid_t pid;
	int fd;

	ASSERT_EQ(0, st_make_node(0666));
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (st_become_nobody())
			_exit(100);
		fd = open(ST_NODE, O_RDWR | O_CLOEXEC);
		_exit(fd < 0 ? 101 : refuse_all_ones(fd, self->info.nr_nodes));
	}
	EXPECT_EQ(0, st_wait(pid));
	EXPECT_EQ(0, unlink(ST_NODE));
}

/* Every word of an element, in every combination of all ones and of what works. */
TEST_F(mirror, any_set_of_words_may_be_all_ones)
{
	static const size_t at[] = {
		offsetof(struct mirror_mm_alloc, order), offsetof(struct mirror_mm_alloc, gfp),
		offsetof(struct mirror_mm_alloc, node), offsetof(struct mirror_mm_alloc, flags),
		offsetof(struct mirror_mm_alloc, nodemask),
		offsetof(struct mirror_mm_alloc, nodemask) + 4,
	};
	struct mirror_mm_op ops[2 << ARRAY_SIZE(at)];
	unsigned int set, i, nr = 1u << ARRAY_SIZE(at);
	int want;

	/* Each twice in a row, as what was refused once is not to be trusted then. */
	for (set = 0; set < 2 * nr; set++) {
		ask(&ops[set], 0, ST_GFP, 0);
		for (i = 0; i < ARRAY_SIZE(at); i++)
			if (set / 2 & 1u << i)
				memset((char *)&ops[set].alloc + at[i], 0xff, 4);
	}
	ASSERT_EQ(2 * nr, st_submit(self->fd, ops, 2 * nr));
	for (set = 0; set < 2 * nr; set++) {
		/* All ones name any node, and no nodemask is looked at without its flag. */
		want = set / 2 & 0xb ? -EINVAL : 0;
		EXPECT_EQ(want, ops[set].result) {
			TH_LOG("words %#x", set / 2);
		}
	}
}

/* any array against the single calls ------------------------------------------------ */

/**
 * struct twin - two files in the same state
 * @fd: the one that gets the array, and the one that gets single calls
 * @held: ids of blocks that both have
 * @live: those of them that were not freed yet
 */
struct twin {
	int fd[2];
	uint64_t held[2][OPS];
	bool live[OPS];
};

static int refill(struct twin *t)
{
	struct mirror_mm_alloc block;
	int i, which;

	for (i = 0; i < OPS; i++) {
		for (which = 0; which < 2 && !t->live[i]; which++) {
			if (st_alloc(t->fd[which], 0, ST_GFP, &block))
				return -1;
			t->held[which][i] = block.id;
		}
		t->live[i] = true;
	}
	return 0;
}

static uint32_t extreme(uint64_t *seed, uint32_t most)
{
	const uint32_t values[] = {
		0, 0, 0, 1, most, most + 1, 31, 32, 63, 64, 1u << 31, INT32_MAX, 40000,
		UINT32_MAX, UINT32_MAX - 1, st_random(seed),
	};

	return values[st_below(seed, ARRAY_SIZE(values))];
}

static uint32_t any_gfp(uint64_t *seed)
{
	const uint32_t values[] = {
		0, ST_GFP, ST_GFP, ST_GFP_MOVABLE, ST_GFP_RECLAIM, MIRROR_GFP_ATOMIC,
		ST_GFP | __MIRROR_GFP_MEMALLOC, ST_GFP | __MIRROR_GFP_THISNODE,
		MIRROR_GFP_DMA32 | __MIRROR_GFP_NOWARN, MIRROR_GFP_DMA | MIRROR_GFP_DMA32,
		__MIRROR_GFP_MOVABLE | __MIRROR_GFP_RECLAIMABLE, __MIRROR_GFP_ALL,
		__MIRROR_GFP_ALL + 1, 1u << 31, UINT32_MAX, st_random(seed),
	};

	return values[st_below(seed, ARRAY_SIZE(values))];
}

/* Fields one by one, or one value for several of them at once. */
static void any_alloc(struct mirror_mm_alloc *arg, uint64_t *seed, unsigned int max_order)
{
	unsigned int set = st_below(seed, 4) ? 0 : st_random(seed);
	uint32_t value = st_below(seed, 2) ? UINT32_MAX : extreme(seed, max_order);

	arg->order = set & 1 ? value : st_below(seed, 3) ? st_below(seed, 3) :
							   extreme(seed, max_order);
	arg->gfp = set & 2 ? value : st_below(seed, 3) ? ST_GFP : any_gfp(seed);
	arg->node = set & 4 ? value : st_below(seed, 3) ? -(int)st_below(seed, 2) :
							  (int)extreme(seed, 1);
	arg->flags = set & 8 ? value : st_below(seed, 4) ? st_below(seed, 4) :
							   extreme(seed, 3);
	arg->nodemask = set & 16 ? value : st_below(seed, 2);
	arg->nodemask |= set & 32 ? (uint64_t)value << 32 : 0;
}

/* @alike: begin with the words of this one. */
static void any_op(struct mirror_mm_op *op, uint64_t *seed, unsigned int max_order,
		   const struct mirror_mm_op *alike)
{
	unsigned int n = st_below(seed, 8);

	if (alike && n < 4) {
		*op = *alike;
		if (n < 2)
			memset(&op->alloc, 0xff, 8);
		else if (n == 2)
			memset((char *)op + 8 + 4 * st_below(seed, 14), st_below(seed, 2) - 1, 4);
	} else {
		memset(op, st_below(seed, 2) ? 0 : 0xa5, sizeof(*op));
		any_alloc(&op->alloc, seed, max_order);
		op->opcode = MIRROR_MM_OP_ALLOC;
		if (!st_below(seed, 16))
			op->opcode = extreme(seed, MIRROR_MM_OP_FREE);
	}
	op->result = ST_NOT_DONE;
}

/* Ids that exist, that did, and that never will; the flags mostly zero. */
static int any_free(struct mirror_mm_op *op, uint64_t *seed, const struct twin *t)
{
	int block = st_below(seed, OPS);

	st_op_free(op, t->held[0][block]);
	if (!st_below(seed, 4)) {
		op->free.flags = extreme(seed, 1);
		op->free.reserved = extreme(seed, 1);
	}
	if (st_below(seed, 4))
		return block;
	op->free.id = st_below(seed, 2) ? extreme(seed, 1) :
					  (uint64_t)extreme(seed, 1) << 32 | extreme(seed, 1);
	return -1;
}

/* Blocks so large that two files with many of them would need more than there is. */
static bool too_large(const struct mirror_mm_op *op, unsigned int max_order)
{
	return op->opcode == MIRROR_MM_OP_ALLOC && op->alloc.order > 2 &&
	       op->alloc.order <= max_order;
}

/* The result of the single call; a block that comes of it is freed at once. */
static int single(struct twin *t, struct mirror_mm_op *op, int block)
{
	struct mirror_mm_alloc arg = op->alloc;
	int ret;

	switch (op->opcode) {
	case MIRROR_MM_OP_NOP:
		return 0;
	case MIRROR_MM_OP_ALLOC:
		ret = st_ioctl(t->fd[1], MIRROR_MM_ALLOC, &arg);
		return ret ? ret : st_free(t->fd[1], arg.id);
	case MIRROR_MM_OP_FREE:
		if (block >= 0)
			op->free.id = t->held[1][block];
		ret = st_ioctl(t->fd[1], MIRROR_MM_FREE, &op->free);
		if (!ret && block >= 0)
			t->live[block] = false;
		return ret;
	default:
		return -EOPNOTSUPP;
	}
}

static void one_array(struct __test_metadata *_metadata, struct twin *t, uint64_t *seed,
		      unsigned int max_order)
{
	struct mirror_mm_op ops[OPS], asked[OPS];
	int i, nr = st_below(seed, OPS) + 1, block[OPS], large = 0;

	ASSERT_EQ(0, refill(t));
	for (i = 0; i < nr; i++) {
		block[i] = -1;
		any_op(&ops[i], seed, max_order, i ? &asked[i - 1] : NULL);
		if (ops[i].opcode == MIRROR_MM_OP_FREE || !st_below(seed, 4))
			block[i] = any_free(&ops[i], seed, t);
		if (too_large(&ops[i], max_order) && large++)
			ops[i].alloc.order = 0;
		asked[i] = ops[i];
	}
	ASSERT_EQ(nr, st_submit(t->fd[0], ops, nr));
	for (i = 0; i < nr; i++) {
		ASSERT_EQ(single(t, &asked[i], block[i]), ops[i].result) {
			TH_LOG("%d of %d: opcode %u order %#x gfp %#x node %d flags %#x mask %#llx",
			       i, nr, asked[i].opcode, asked[i].alloc.order,
			       asked[i].alloc.gfp, asked[i].alloc.node,
			       asked[i].alloc.flags,
			       (unsigned long long)asked[i].alloc.nodemask);
		}
		if (!ops[i].result && ops[i].opcode == MIRROR_MM_OP_ALLOC)
			ASSERT_EQ(0, st_free(t->fd[0], ops[i].alloc.id));
	}
	ASSERT_EQ(st_held_blocks(t->fd[1]), st_held_blocks(t->fd[0]));
}

static void many_arrays(struct __test_metadata *_metadata, int (*open_one)(void),
			unsigned int max_order)
{
	struct twin t = { .fd = { open_one(), open_one() } };
	uint64_t seed = st_seed();
	unsigned int round;

	ASSERT_GE(t.fd[0], 0);
	ASSERT_GE(t.fd[1], 0);
	for (round = 0; round < 3000; round++)
		one_array(_metadata, &t, &seed, max_order);
}

TEST_F(mirror, any_array_ends_as_the_single_calls_do)
{
	self->reserves = true;
	many_arrays(_metadata, st_open, self->info.max_order);
}

TEST_F(mirror, any_array_of_an_unprivileged_file_too)
{
	many_arrays(_metadata, st_open_unprivileged, self->info.max_order);
}

/* words that change meanwhile ---------------------------------------------------- */

#define FLIPPED	256

struct flipper {
	struct mirror_mm_op ops[FLIPPED];
	uint64_t seed;
	bool stop;
};

/* What is written over the operations: words that are never right together. */
static void *flip(void *data)
{
	static const uint32_t words[] = {
		0, 0, 1, 2, 63, ST_GFP, ST_GFP, 40000, 1u << 31, UINT32_MAX, UINT32_MAX,
	};
	struct flipper *f = data;
	unsigned int at, n;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		at = st_below(&f->seed, FLIPPED);
		n = st_below(&f->seed, sizeof(f->ops[0]) / 4);
		__atomic_store_n((uint32_t *)&f->ops[at] + n,
				 words[st_below(&f->seed, ARRAY_SIZE(words))],
				 __ATOMIC_RELAXED);
	}
	return NULL;
}

/* The mirror's own books are looked at by the fixture, when the file is closed. */
TEST_F(mirror, words_that_change_while_the_call_runs)
{
	struct flipper *f = calloc(1, sizeof(*f));
	struct mirror_mm_alloc block;
	unsigned int round, i;
	pthread_t thread;
	int done, fd;

	ASSERT_NE(NULL, f);
	f->seed = st_seed();
	self->reserves = true;
	ASSERT_EQ(0, pthread_create(&thread, NULL, flip, f));
	for (round = 0; round < 300; round++) {
		fd = round % 2 ? st_open() : st_open_unprivileged();
		ASSERT_GE(fd, 0);
		for (i = 0; i < FLIPPED; i++)
			ask(&f->ops[i], round % 3, ST_GFP, i % 2 ? 40000 : 0);
		done = st_submit(fd, f->ops, FLIPPED);
		EXPECT_EQ(FLIPPED, done);
		EXPECT_LE(st_held_blocks(fd), FLIPPED);
		ASSERT_EQ(0, st_alloc(fd, 0, ST_GFP, &block));
		ASSERT_EQ(0, close(fd));
	}
	__atomic_store_n(&f->stop, true, __ATOMIC_RELAXED);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

/* where the array is said to be ---------------------------------------------------- */

/* Bits above those that a pointer has: they must not be cut off. */
TEST_F(mirror, address_that_is_right_only_in_its_lower_bits_is_EFAULT)
{
	/* User addresses have up to 57 bits; a page beyond them is not there either. */
	unsigned int bit, first = sizeof(long) == 4 ? 32 : 57;
	struct mirror_mm_submit arg;
	struct mirror_mm_op op;

	for (bit = first; bit < 64; bit++) {
		st_op_alloc(&op, 0, ST_GFP);
		arg = (struct mirror_mm_submit){ (uintptr_t)&op | 1ull << bit, 1, 0 };
		EXPECT_EQ(-EFAULT, st_ioctl(self->fd, MIRROR_MM_SUBMIT, &arg)) {
			TH_LOG("bit %u", bit);
		}
		arg.ops = (uintptr_t)&op | ~0ull << bit;
		EXPECT_EQ(-EFAULT, st_ioctl(self->fd, MIRROR_MM_SUBMIT, &arg));
		EXPECT_EQ(ST_NOT_DONE, op.result);
	}
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_HARNESS_MAIN
