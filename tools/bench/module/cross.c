// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks that one CPU allocates and another one frees. QEMU counts for all CPUs
 * together, so that the other one must be halted meanwhile: who waits sleeps.
 */
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include "bench.h"

#define GETTER		0
#define PUTTER		1
/* So many pages more on the other CPU's list than it can have. */
#define WARM_UP		16
#define REPETITIONS	8

struct half {
	bench_loop loop;
	const struct bench_work *work;
	u64 ticks;
};

static int run_half(void *data)
{
	struct half *half = data;

	return bench_count(half->loop, half->work, &half->ticks);
}

/**
 * bench_cross - allocate pages on one CPU, free them on another
 * @peer: whose
 * @room: for the pages
 * @nr: how many
 * @results: for each page: to get it, to put it
 *
 * Return: 0, -ENODEV where there is one CPU only, or -ENOMEM.
 */
int bench_cross(const struct bench_peer *peer, struct bench_room *room,
		unsigned int nr, u64 *results)
{
	const struct bench_work work = { .slots = room->slots, .nr = nr };
	struct half get = { .loop = peer->get_all, .work = &work };
	struct half put = { .loop = peer->put_all, .work = &work };
	u64 least[2] = { U64_MAX, U64_MAX };
	unsigned int i, k;
	int ret;

	if (!cpu_online(PUTTER))
		return -ENODEV;
	for (i = 0; i < WARM_UP + REPETITIONS; i++) {
		memset(work.slots, 0, nr * sizeof(*work.slots));
		ret = smp_call_on_cpu(GETTER, run_half, &get, false);
		if (ret) {
			for (k = 0; k < nr; k++)
				if (work.slots[k])
					peer->put(work.slots[k], 0);
			return ret;
		}
		ret = smp_call_on_cpu(PUTTER, run_half, &put, false);
		if (ret) {
			peer->put_all(&work);
			return ret;
		}
		if (i < WARM_UP)
			continue;
		least[0] = min(least[0], get.ticks);
		least[1] = min(least[1], put.ticks);
	}
	results[0] = bench_each(least[0], nr);
	results[1] = bench_each(least[1], nr);
	return 0;
}
