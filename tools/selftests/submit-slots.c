// SPDX-License-Identifier: GPL-2.0
/*
 * Which ids come when: a slot of the table of blocks that becomes free is the last
 * of all free ones to be used again, under its next generation. A SUBMIT takes slots
 * and gives them back several at a time, and nobody may notice: this program plays
 * the queue of free slots itself and foretells the id of every ALLOC.
 */
#include "fixture.h"

#define CHUNK		64	/* slots that are made at a time */
#define MOST_SLOTS	4096
#define MOST_OPS	120
#define ROUNDS		300

struct queue {
	uint32_t generation[MOST_SLOTS];
	uint32_t slot[MOST_SLOTS];	/* a ring */
	unsigned int first;
	unsigned int nr;		/* free ones */
	unsigned int slots;		/* all there are */
};

static void put(struct queue *q, uint32_t slot)
{
	q->slot[(q->first + q->nr++) % MOST_SLOTS] = slot;
}

/* The id of the next ALLOC. */
static uint64_t get(struct queue *q)
{
	uint32_t slot, i;

	if (!q->nr) {
		for (i = 0; i < CHUNK; i++) {
			q->generation[q->slots] = 1;
			put(q, q->slots++);
		}
	}
	slot = q->slot[q->first++ % MOST_SLOTS];
	q->nr--;
	return (uint64_t)q->generation[slot] << 32 | slot;
}

static void give_back(struct queue *q, uint64_t id)
{
	uint32_t slot = id;

	q->generation[slot]++;
	put(q, slot);
}

/* One at a time each free slot shows up once; what was free last shows where it ends. */
static int learn(struct queue *q, int fd)
{
	struct mirror_mm_alloc block;
	uint32_t first = 0, slot;
	int ret;

	memset(q, 0, sizeof(*q));
	for (;;) {
		ret = st_alloc(fd, 0, ST_GFP, &block);
		if (!ret)
			ret = st_free(fd, block.id);
		if (ret)
			return ret;
		slot = block.id;
		if (slot >= MOST_SLOTS)
			return -ERANGE;
		q->generation[slot] = (block.id >> 32) + 1;
		if (q->nr && slot == first)
			break;
		if (!q->nr)
			first = slot;
		put(q, slot);
	}
	/* The first one was taken twice, so it is the last now. */
	q->first++;
	q->nr--;
	put(q, first);
	q->slots = q->nr;
	return 0;
}

/* The operations of one call, and the ids that are to come. */
struct batch {
	struct mirror_mm_op ops[MOST_OPS];
	uint64_t want[MOST_OPS];
	int result[MOST_OPS];
	unsigned int nr;
};

struct player {
	struct queue q;
	uint64_t held[MOST_SLOTS];
	unsigned int nr_held;
	uint64_t seed;
};

static void plan_alloc(struct player *p, struct batch *b, unsigned int i)
{
	unsigned int n = st_below(&p->seed, 20);

	st_op_alloc(&b->ops[i], 0, ST_GFP);
	if (n == 0) {
		/* Refused before a slot is taken. */
		b->ops[i].alloc.order = 11;
		b->result[i] = -EINVAL;
	} else if (n == 1) {
		/* A slot was taken, and goes back unused. */
		b->ops[i].alloc.gfp = MIRROR_GFP_DMA | __MIRROR_GFP_NOWARN;
		b->result[i] = -ENOMEM;
		give_back(&p->q, get(&p->q));
	} else {
		b->want[i] = get(&p->q);
		p->held[p->nr_held++] = b->want[i];
	}
}

/*
 * Only ids of earlier calls can be named, so what is freed comes from the older
 * blocks, in the order of the array. Grows in one half of the rounds and shrinks in
 * the other.
 */
static void plan(struct player *p, struct batch *b, unsigned int round)
{
	unsigned int allocs = round % 100 < 50 ? 6 : 4, old = p->nr_held, i, n = 0;

	memset(b, 0, sizeof(*b));
	b->nr = st_below(&p->seed, MOST_OPS) + 1;
	for (i = 0; i < b->nr; i++) {
		if (n == old || (st_below(&p->seed, 10) < allocs &&
				 p->nr_held < MOST_SLOTS / 2)) {
			plan_alloc(p, b, i);
			continue;
		}
		st_op_free(&b->ops[i], p->held[n]);
		give_back(&p->q, p->held[n]);
		p->held[n++] = 0;
	}
	for (i = 0; i < p->nr_held;)
		if (p->held[i])
			i++;
		else
			p->held[i] = p->held[--p->nr_held];
}

static void run(struct __test_metadata *_metadata, int fd, struct batch *b)
{
	unsigned int i;

	ASSERT_EQ(b->nr, st_submit(fd, b->ops, b->nr));
	for (i = 0; i < b->nr; i++) {
		ASSERT_EQ(b->result[i], b->ops[i].result);
		if (b->want[i])
			ASSERT_EQ(b->want[i], b->ops[i].alloc.id) {
				TH_LOG("operation %u of %u", i, b->nr);
			}
	}
}

/* The same, each operation as a call of its own. */
static void run_singly(struct __test_metadata *_metadata, int fd, struct batch *b)
{
	unsigned int i;
	int ret;

	for (i = 0; i < b->nr; i++) {
		struct mirror_mm_op *op = &b->ops[i];

		if (op->opcode == MIRROR_MM_OP_FREE)
			ret = st_free(fd, op->free.id);
		else
			ret = st_ioctl(fd, MIRROR_MM_ALLOC, &op->alloc);
		ASSERT_EQ(b->result[i], ret);
		if (b->want[i])
			ASSERT_EQ(b->want[i], op->alloc.id);
	}
}

static struct player *new_player(struct __test_metadata *_metadata, int fd)
{
	struct player *p = calloc(1, sizeof(*p));

	ASSERT_NE(NULL, p);
	p->seed = st_seed();
	ASSERT_EQ(0, learn(&p->q, fd));
	return p;
}

TEST_F(mirror, ids_of_a_submit_are_those_of_single_calls)
{
	struct player *p = new_player(_metadata, self->fd);
	struct batch *b = calloc(1, sizeof(*b));
	unsigned int round;

	ASSERT_NE(NULL, b);
	for (round = 0; round < ROUNDS; round++) {
		plan(p, b, round);
		if (round % 5 == 4)
			run_singly(_metadata, self->fd, b);
		else
			run(_metadata, self->fd, b);
		ASSERT_EQ(p->nr_held, st_held_blocks(self->fd));
	}
	TH_LOG("%u slots, %u of them in use", p->q.slots, p->nr_held);
	EXPECT_LT(CHUNK, p->q.slots);
}

/* With as many blocks as there are slots, each FREE makes the place of an ALLOC. */
TEST_F(mirror, no_slot_to_spare)
{
	struct player *p = new_player(_metadata, self->fd);
	struct batch *b = calloc(1, sizeof(*b));
	unsigned int i, round, slots = p->q.slots;
	struct mirror_mm_alloc block;

	ASSERT_NE(NULL, b);
	while (p->q.nr) {
		p->held[p->nr_held] = get(&p->q);
		ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
		ASSERT_EQ(p->held[p->nr_held++], block.id);
	}
	for (round = 0; round < ROUNDS / 10; round++) {
		memset(b, 0, sizeof(*b));
		b->nr = 2 * (CHUNK - 4);
		for (i = 0; i < b->nr; i += 2) {
			st_op_free(&b->ops[i], p->held[i / 2]);
			give_back(&p->q, p->held[i / 2]);
			st_op_alloc(&b->ops[i + 1], 0, ST_GFP);
			b->want[i + 1] = get(&p->q);
			p->held[i / 2] = b->want[i + 1];
		}
		run(_metadata, self->fd, b);
	}
	EXPECT_EQ(slots, p->q.slots);
	EXPECT_EQ(slots, st_held_blocks(self->fd));
}

TEST_HARNESS_MAIN
