// SPDX-License-Identifier: GPL-2.0
/*
 * Ids of blocks, as names within a file.
 *
 * While a block lives its id and offset are its own; afterwards the id leads nowhere,
 * however often the place that it named is used again. Places are used again, so the
 * lower half of an id stays small. The ids of a SUBMIT are no other than those of
 * single calls, and what one file knows says nothing of another.
 */
#include "fixture.h"

#define MOST_OPS	120
#define MOST_HELD	1500
#define ROUNDS		300
#define STALE		4096

/**
 * struct player - a file, and what it knows of its ids
 * @fd: the file
 * @held: blocks that live
 * @nr_held: how many
 * @stale: ids that it freed, the last STALE of them
 * @nr_stale: how many it freed at all
 * @most_held: most blocks that it had at a time
 * @highest_slot: lower half of an id, the highest
 * @seed: of its random numbers
 */
struct player {
	int fd;
	struct mirror_mm_alloc held[MOST_HELD];
	unsigned int nr_held;
	uint64_t stale[STALE];
	uint64_t nr_stale;
	unsigned int most_held;
	uint32_t highest_slot;
	uint64_t seed;
};

static struct player *new_player(struct __test_metadata *_metadata, int fd)
{
	struct player *p = calloc(1, sizeof(*p));

	ASSERT_NE(NULL, p);
	ASSERT_GE(fd, 0);
	p->fd = fd;
	p->seed = st_seed();
	return p;
}

static int by_id(const void *a, const void *b)
{
	const struct mirror_mm_alloc *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int by_offset(const void *a, const void *b)
{
	const struct mirror_mm_alloc *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* No two blocks have the same id, and no part of the same offsets. */
static void expect_all_different(struct __test_metadata *_metadata, struct player *p)
{
	struct mirror_mm_alloc *b = p->held;
	unsigned int i;

	qsort(b, p->nr_held, sizeof(*b), by_id);
	for (i = 1; i < p->nr_held; i++)
		ASSERT_NE(b[i - 1].id, b[i].id);
	qsort(b, p->nr_held, sizeof(*b), by_offset);
	for (i = 1; i < p->nr_held; i++)
		ASSERT_LE(b[i - 1].offset + st_block_size(&b[i - 1]), b[i].offset);
}

static void note_block(struct __test_metadata *_metadata, struct player *p,
		       const struct mirror_mm_alloc *block)
{
	ASSERT_NE(0, block->id);
	ASSERT_EQ(0, block->offset % ST_PAGE);
	p->held[p->nr_held++] = *block;
	if ((uint32_t)block->id > p->highest_slot)
		p->highest_slot = block->id;
	if (p->nr_held > p->most_held)
		p->most_held = p->nr_held;
}

static void note_freed(struct player *p, uint64_t id)
{
	p->stale[p->nr_stale++ % STALE] = id;
}

/* A freed id leads nowhere, neither by itself nor inside of an array. */
static void expect_stale(struct __test_metadata *_metadata, struct player *p,
			 unsigned int nr)
{
	struct mirror_mm_op op;
	uint64_t known = p->nr_stale < STALE ? p->nr_stale : STALE, id;

	while (known && nr--) {
		id = p->stale[st_random(&p->seed) % known];
		ASSERT_EQ(-ENOENT, st_free(p->fd, id)) {
			TH_LOG("id %#llx", (unsigned long long)id);
		}
		st_op_free(&op, id);
		ASSERT_EQ(1, st_submit(p->fd, &op, 1));
		ASSERT_EQ(-ENOENT, op.result);
	}
	ASSERT_EQ(p->nr_held, st_held_blocks(p->fd));
}

/* operations at random -------------------------------------------------------------- */

/* ALLOCs, some of which are refused, and FREEs of blocks of earlier calls. */
static unsigned int plan(struct player *p, struct mirror_mm_op *ops, unsigned int allocs)
{
	unsigned int nr = st_below(&p->seed, MOST_OPS) + 1, i, n;

	for (i = 0; i < nr; i++) {
		if (p->nr_held && (st_below(&p->seed, 10) >= allocs ||
				   p->nr_held + nr > MOST_HELD)) {
			n = st_below(&p->seed, p->nr_held);
			st_op_free(&ops[i], p->held[n].id);
			p->held[n] = p->held[--p->nr_held];
			continue;
		}
		n = st_below(&p->seed, 20);
		st_op_alloc(&ops[i], n ? n % 2 : 63,
			    n == 1 ? MIRROR_GFP_DMA | __MIRROR_GFP_NOWARN : ST_GFP);
	}
	return nr;
}

/* The same, each operation as a call of its own. */
static void run_singly(int fd, struct mirror_mm_op *ops, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct mirror_mm_op *op = &ops[i];

		if (op->opcode == MIRROR_MM_OP_FREE)
			op->result = st_free(fd, op->free.id);
		else
			op->result = st_ioctl(fd, MIRROR_MM_ALLOC, &op->alloc);
	}
}

static int expected_result(const struct mirror_mm_op *op)
{
	if (op->opcode == MIRROR_MM_OP_FREE)
		return 0;
	if (op->alloc.order == 63)
		return -EINVAL;
	return op->alloc.gfp == ST_GFP ? 0 : -ENOMEM;
}

static void take_results(struct __test_metadata *_metadata, struct player *p,
			 struct mirror_mm_op *ops, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		ASSERT_EQ(expected_result(&ops[i]), ops[i].result);
		if (ops[i].opcode == MIRROR_MM_OP_FREE)
			note_freed(p, ops[i].free.id);
		else if (!ops[i].result)
			note_block(_metadata, p, &ops[i].alloc);
	}
	ASSERT_EQ(p->nr_held, st_held_blocks(p->fd));
}

/* Grows in one half of the rounds and shrinks in the other. */
static void play(struct __test_metadata *_metadata, struct player *p, unsigned int round)
{
	struct mirror_mm_op ops[MOST_OPS];
	unsigned int nr = plan(p, ops, round % 100 < 50 ? 7 : 3);

	if (round % 3 == 0)
		run_singly(p->fd, ops, nr);
	else
		ASSERT_EQ(nr, st_submit(p->fd, ops, nr));
	take_results(_metadata, p, ops, nr);
}

/* tests ------------------------------------------------------------------------------- */

TEST_F(mirror, ids_are_unique_while_they_live_and_dead_afterwards)
{
	struct player *p = new_player(_metadata, self->fd);
	unsigned int round;

	for (round = 0; round < ROUNDS; round++) {
		play(_metadata, p, round);
		if (round % 10 == 9) {
			expect_all_different(_metadata, p);
			expect_stale(_metadata, p, 20);
		}
	}
	/* A place that was never needed was never made, but for the rest of a page of them. */
	TH_LOG("%u blocks at most, highest slot %u", p->most_held, p->highest_slot);
	EXPECT_LT(p->highest_slot, 2 * p->most_held + 256);
}

/* One place, used as often as it takes to see that its names do not come back. */
TEST_F(mirror, id_stays_dead_over_many_lives_of_its_slot)
{
	struct player *p = new_player(_metadata, self->fd);
	struct mirror_mm_op ops[2];
	unsigned int i;

	st_op_alloc(&ops[1], 0, ST_GFP);
	ASSERT_EQ(1, st_submit(p->fd, &ops[1], 1));
	for (i = 0; i < 20000; i++) {
		uint64_t id = ops[1].alloc.id;

		note_freed(p, id);
		st_op_free(&ops[0], id);
		st_op_alloc(&ops[1], 0, ST_GFP);
		ASSERT_EQ(2, st_submit(p->fd, ops, 2));
		ASSERT_EQ(0, ops[0].result);
		ASSERT_EQ(0, ops[1].result);
		ASSERT_NE(id, ops[1].alloc.id);
		ASSERT_LT((uint32_t)ops[1].alloc.id, 256);
	}
	ASSERT_EQ(0, st_free(p->fd, ops[1].alloc.id));
	expect_stale(_metadata, p, 1000);
}

/* Thousands of places come and go; those that come later have other names. */
TEST_F(mirror, id_stays_dead_when_the_table_shrank_and_grew)
{
	struct player *p = new_player(_metadata, self->fd);
	struct mirror_mm_op *ops = calloc(MOST_HELD, sizeof(*ops));
	unsigned int i, round;

	ASSERT_NE(NULL, ops);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < MOST_HELD; i++)
			st_op_alloc(&ops[i], 0, ST_GFP);
		ASSERT_EQ(MOST_HELD, st_submit(p->fd, ops, MOST_HELD));
		take_results(_metadata, p, ops, MOST_HELD);
		expect_all_different(_metadata, p);
		expect_stale(_metadata, p, 200);
		for (i = 0; i < MOST_HELD; i++)
			st_op_free(&ops[i], p->held[i].id);
		p->nr_held = 0;
		ASSERT_EQ(MOST_HELD, st_submit(p->fd, ops, MOST_HELD));
		take_results(_metadata, p, ops, MOST_HELD);
		expect_stale(_metadata, p, 200);
	}
	EXPECT_LT(p->highest_slot, 2 * MOST_HELD + 256);
}

/* The first block of every file, and of none another file's. */
TEST_F(mirror, ids_of_another_file_lead_nowhere)
{
	enum { FILES = 64 };
	struct mirror_mm_alloc block[FILES];
	unsigned int i, j, same = 0;
	int fd[FILES];

	for (i = 0; i < FILES; i++) {
		fd[i] = i % 2 ? st_open() : st_open_unprivileged();
		ASSERT_GE(fd[i], 0);
		ASSERT_EQ(0, st_alloc(fd[i], 0, ST_GFP, &block[i]));
	}
	for (i = 0; i < FILES; i++) {
		for (j = 0; j < FILES; j++) {
			if (i == j)
				continue;
			same += block[i].id == block[j].id;
			EXPECT_EQ(-ENOENT, st_free(fd[i], block[j].id));
			/* The offsets of a 32-bit mmap() are too few to differ. */
			if (sizeof(long) == 4 && block[i].offset == block[j].offset)
				continue;
			EXPECT_EQ(ENXIO, st_map_errno(fd[i], block[j].offset, ST_PAGE,
						      PROT_READ, MAP_SHARED));
		}
	}
	EXPECT_EQ(0, same);
	for (i = 0; i < FILES; i++)
		EXPECT_EQ(1, st_held_blocks(fd[i]));
}

/* What a file does to its slots can be seen by no other. */
TEST_F(mirror, ids_do_not_tell_what_other_files_do)
{
	struct mirror_mm_alloc mine, theirs;
	int other = st_open();
	unsigned int i;
	uint64_t last;

	ASSERT_GE(other, 0);
	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &mine));
	ASSERT_EQ(0, st_free(self->fd, mine.id));
	for (i = 0; i < 1000; i++) {
		last = mine.id;
		ASSERT_EQ(0, st_alloc(other, 0, ST_GFP, &theirs));
		ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &mine));
		ASSERT_EQ(0, st_free(self->fd, mine.id));
		/* Its own slots only: a file with one block at a time has few. */
		ASSERT_LT((uint32_t)mine.id, 256);
		ASSERT_NE(last, mine.id);
	}
	EXPECT_EQ(1000, st_held_blocks(other));
}

TEST_HARNESS_MAIN
