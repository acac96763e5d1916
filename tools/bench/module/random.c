// SPDX-License-Identifier: GPL-2.0
/* What is random is the same for every peer, and in every run. */
#include <linux/bitops.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include "bench.h"

#define SEED		20240601
#define FULL_PERCENT	90
#define LEFT_PERCENT	70

/* Each order half as often as the one below: all of them take equal memory. */
static unsigned int random_order(struct rnd_state *rnd)
{
	return __ffs(prandom_u32_state(rnd) | BIT(BENCH_ORDERS - 1));
}

/* Each order three quarters as often as the one below. */
static unsigned int trace_order(struct rnd_state *rnd)
{
	unsigned int order;

	do {
		for (order = 0; prandom_u32_state(rnd) % 4; order++)
			;
	} while (order >= BENCH_ORDERS);
	return order;
}

/**
 * bench_make_trace - a list of operations that any allocator can follow
 * @ops: BENCH_OPS of them
 *
 * Each takes one slot at random: an empty one gets a block, a full one loses it.
 */
void bench_make_trace(struct bench_op *ops)
{
	static u8 orders[BENCH_OP_SLOTS];
	struct rnd_state rnd;
	unsigned int i;
	u16 slot;

	memset(orders, BENCH_ORDERS, sizeof(orders));
	prandom_seed_state(&rnd, SEED);
	for (i = 0; i < BENCH_OPS; i++) {
		slot = prandom_u32_state(&rnd) % BENCH_OP_SLOTS;
		ops[i].slot = slot;
		ops[i].put = orders[slot] != BENCH_ORDERS;
		if (ops[i].put) {
			ops[i].order = orders[slot];
			orders[slot] = BENCH_ORDERS;
		} else {
			orders[slot] = trace_order(&rnd);
			ops[i].order = orders[slot];
		}
	}
}

/**
 * bench_shuffle - bring an array into random order
 * @slots: the array
 * @nr: its length
 */
void bench_shuffle(void **slots, unsigned int nr)
{
	struct rnd_state rnd;
	unsigned int i, other;

	prandom_seed_state(&rnd, SEED);
	for (i = nr; i > 1; i--) {
		other = prandom_u32_state(&rnd) % i;
		swap(slots[i - 1], slots[other]);
	}
}

/**
 * bench_occupy - fill memory to 70 %, with free blocks of all sizes left
 * @peer: whose
 * @room: keeps the blocks
 *
 * Blocks of random orders fill nine tenths of it, then some go again. None of
 * that comes near a watermark.
 *
 * Return: 0 or -ENOMEM.
 */
int bench_occupy(const struct bench_peer *peer, struct bench_room *room)
{
	const unsigned long full = BENCH_PAGES * FULL_PERCENT / 100;
	const unsigned long left = BENCH_PAGES * LEFT_PERCENT / 100;
	unsigned long pages = 0;
	struct rnd_state rnd;
	unsigned int order, i;

	prandom_seed_state(&rnd, SEED);
	room->nr_held = 0;
	while (pages < full) {
		order = random_order(&rnd);
		/* What does not fit any more is passed over, by every peer. */
		if (pages + BIT(order) > full + BIT(BENCH_ORDERS - 2))
			continue;
		room->held[room->nr_held] = peer->get(order);
		if (!room->held[room->nr_held])
			return -ENOMEM;
		room->orders[room->nr_held++] = order;
		pages += BIT(order);
	}
	while (pages > left) {
		i = prandom_u32_state(&rnd) % room->nr_held;
		order = room->orders[i];
		peer->put(room->held[i], order);
		pages -= BIT(order);
		room->held[i] = room->held[--room->nr_held];
		room->orders[i] = room->orders[room->nr_held];
	}
	return 0;
}

/**
 * bench_vacate - give back what bench_occupy() has left
 * @peer: whose
 * @room: where it is
 */
void bench_vacate(const struct bench_peer *peer, struct bench_room *room)
{
	while (room->nr_held) {
		room->nr_held--;
		peer->put(room->held[room->nr_held],
			  room->orders[room->nr_held]);
	}
}
