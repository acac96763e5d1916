// SPDX-License-Identifier: GPL-2.0
/*
 * A thread of the same file guesses the ids of blocks that another one is just being
 * told of, and frees them. What is told must be of the block as it was allocated, whatever
 * has become of it and of the memory that described it.
 */
#include <pthread.h>
#include <stdatomic.h>
#include "fixture.h"

#define OPS		64
#define ROUNDS		3000
#define SLOTS		256	/* as many slots as OPS blocks may come to lie in, and more */

struct guesser {
	int fd;
	atomic_bool end;
	atomic_uint_least64_t newest;
	unsigned long hits;
};

/* The ids to come are those of the slots near the newest one, a generation or two later. */
static void *guess(void *arg)
{
	struct guesser *g = arg;
	unsigned int slot, next;

	while (!atomic_load(&g->end)) {
		uint64_t newest = atomic_load(&g->newest);

		for (slot = 0; slot < SLOTS && !atomic_load(&g->end); slot++)
			for (next = 0; next < 3; next++)
				g->hits += !st_free(g->fd,
						    ((newest >> 32) + next) << 32 | slot);
	}
	return NULL;
}

static void expect_sound(struct __test_metadata *_metadata, const struct mirror_mm_info *info,
			 const struct mirror_mm_op *op)
{
	ASSERT_EQ(0, op->result);
	ASSERT_NE(0, op->alloc.id);
	ASSERT_GT(1u << 16, (uint32_t)op->alloc.id);
	ASSERT_LE(info->start_pfn, op->alloc.pfn);
	ASSERT_GT(info->end_pfn, op->alloc.pfn);
	ASSERT_EQ(0, op->alloc.offset % ST_PAGE);
	ASSERT_GT(MIRROR_MIGRATE_TYPES, op->alloc.migratetype);
	ASSERT_GT(MIRROR_MAX_NR_ZONES, op->alloc.zone);
}

TEST_F(mirror, answers_are_of_the_block_as_it_was_allocated)
{
	struct guesser g = { .fd = self->fd };
	static struct mirror_mm_op ops[OPS];
	unsigned int round, i;
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, guess, &g));
	for (round = 0; round < ROUNDS; round++) {
		memset(ops, 0, sizeof(ops));
		for (i = 0; i < OPS; i++)
			st_op_alloc(&ops[i], 0, ST_GFP);
		ASSERT_EQ(OPS, st_submit(self->fd, ops, OPS));
		for (i = 0; i < OPS; i++)
			expect_sound(_metadata, &self->info, &ops[i]);
		atomic_store(&g.newest, ops[OPS - 1].alloc.id);
		/* Some of them are gone already. */
		for (i = 0; i < OPS; i++)
			st_free(self->fd, ops[i].alloc.id);
	}
	atomic_store(&g.end, true);
	ASSERT_EQ(0, pthread_join(thread, NULL));
	TH_LOG("%lu of %u blocks were freed by a guess", g.hits, ROUNDS * OPS);
	EXPECT_EQ(0, st_held_blocks(self->fd));
}

TEST_HARNESS_MAIN
