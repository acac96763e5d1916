// SPDX-License-Identifier: GPL-2.0
/*
 * The three patterns that papers about allocators use: all blocks allocated and
 * all freed, the same block again and again, all allocated and freed in random
 * order. "All" is seven eighths of memory: no watermark is reached.
 */
#include <linux/mm.h>
#include "bench.h"

#define PAGES		(BENCH_PAGES / 8 * 7)
#define REPEATS		4096
#define REPETITIONS	2

/* One figure for the first half and one for the second. */
int bench_set_bulk(const struct bench_peer *peer, struct bench_room *room,
		   unsigned int order, u64 results[2])
{
	const struct bench_work work = {
		.slots = room->slots, .nr = PAGES >> order, .order = order
	};
	u64 least[2];
	int ret = bench_halves(peer->get_all, peer->put_all, peer, &work,
			       REPETITIONS, least);

	results[0] = bench_each(least[0], work.nr);
	results[1] = bench_each(least[1], work.nr);
	return ret;
}

int bench_set_repeat(const struct bench_peer *peer, struct bench_room *room,
		     unsigned int order, u64 results[2])
{
	const struct bench_work work = { .nr = REPEATS, .order = order };
	u64 ticks;
	int ret = bench_least(peer->pairs, &work, REPETITIONS, &ticks);

	results[0] = bench_each(ticks, REPEATS);
	return ret;
}

/* Only the second half differs from the first pattern. */
int bench_set_random(const struct bench_peer *peer, struct bench_room *room,
		     unsigned int order, u64 results[2])
{
	const struct bench_work work = {
		.slots = room->slots, .nr = PAGES >> order, .order = order
	};
	u64 ticks, best = U64_MAX;
	unsigned int times, i;

	for (times = 0; times < REPETITIONS; times++) {
		for (i = 0; i < work.nr; i++) {
			work.slots[i] = peer->get(order);
			if (!work.slots[i])
				break;
		}
		if (i < work.nr) {
			while (i--)
				peer->put(work.slots[i], order);
			return -ENOMEM;
		}
		bench_shuffle(work.slots, work.nr);
		bench_count(peer->put_all, &work, &ticks);
		best = min(best, ticks);
	}
	results[0] = bench_each(best, work.nr);
	return 0;
}
