// SPDX-License-Identifier: GPL-2.0
/*
 * The three patterns that papers about allocators use: all blocks allocated and
 * all freed, the same block again and again, all allocated and freed in random
 * order. "All" is three quarters of memory: with what per-CPU lists keep of blocks of
 * other orders, no watermark is reached.
 */
#include <linux/mm.h>
#include "bench.h"

#define PAGES		(BENCH_PAGES / 4 * 3)
#define REPEATS		4096
#define REPETITIONS	2

static int repeat(const struct bench_peer *peer, unsigned int order, u64 *result)
{
	const struct bench_work work = { .nr = REPEATS, .order = order };
	u64 ticks;
	int ret = bench_least(peer->pairs, &work, REPETITIONS, &ticks);

	*result = bench_each(ticks, REPEATS);
	return ret;
}

static int get_shuffled(const struct bench_peer *peer,
			const struct bench_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr; i++) {
		work->slots[i] = peer->get(work->order);
		if (!work->slots[i])
			break;
	}
	if (i < work->nr) {
		while (i--)
			peer->put(work->slots[i], work->order);
		return -ENOMEM;
	}
	bench_shuffle(work->slots, work->nr);
	return 0;
}

static int random_put(const struct bench_peer *peer,
		      const struct bench_work *work, u64 *result)
{
	u64 ticks, best = U64_MAX;
	unsigned int i;
	int ret;

	for (i = 0; i < REPETITIONS; i++) {
		ret = get_shuffled(peer, work);
		if (ret)
			return ret;
		bench_count(peer->put_all, work, &ticks);
		best = min(best, ticks);
	}
	*result = bench_each(best, work->nr);
	return 0;
}

/**
 * bench_set - the patterns with blocks of one order
 * @peer: whose
 * @room: for the blocks
 * @order: of the blocks
 * @results: bulk get, bulk put, repeat, random put
 *
 * Return: 0 or -ENOMEM.
 */
int bench_set(const struct bench_peer *peer, struct bench_room *room,
	      unsigned int order, u64 *results)
{
	const struct bench_work work = {
		.slots = room->slots, .nr = PAGES >> order, .order = order
	};
	u64 least[2];
	int ret = bench_halves(peer->get_all, peer->put_all, peer, &work,
			       REPETITIONS, least);

	if (ret)
		return ret;
	results[0] = bench_each(least[0], work.nr);
	results[1] = bench_each(least[1], work.nr);
	ret = repeat(peer, order, &results[2]);
	return ret ? ret : random_put(peer, &work, &results[3]);
}
