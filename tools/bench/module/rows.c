// SPDX-License-Identifier: GPL-2.0
/*
 * The rows and how most of them are counted. Ticks are those of the CPU's cycle
 * counter, which counts instructions where QEMU is told so (-icount).
 */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <linux/timex.h>
#include "bench.h"

#define PAIRS		64
#define REPETITIONS	8
/* What takes many instructions is repeated less. */
#define FEW		3
#define CALIBRATION	1000000

/**
 * bench_count - ticks that one run of a loop takes
 * @loop: the loop
 * @work: what it gets
 * @ticks: where they go
 *
 * Interrupts are off. Some peers allocate what may sleep, and must not.
 *
 * Return: what the loop returns.
 */
int bench_count(bench_loop loop, const struct bench_work *work, u64 *ticks)
{
	unsigned long flags;
	u64 start;
	int ret;

	preempt_disable();
	local_irq_save(flags);
	start = get_cycles();
	ret = loop(work);
	*ticks = get_cycles() - start;
	local_irq_restore(flags);
	preempt_enable();
	return ret;
}

/**
 * bench_least - the least of several runs of a loop that leaves all as it was
 * @loop: the loop
 * @work: what it gets
 * @times: so many runs
 * @ticks: where the ticks go
 *
 * The first runs bring lists and their lengths to where they stay.
 *
 * Return: 0, or what a run returned.
 */
int bench_least(bench_loop loop, const struct bench_work *work,
		unsigned int times, u64 *ticks)
{
	u64 one;
	int ret;

	*ticks = U64_MAX;
	while (times--) {
		ret = bench_count(loop, work, &one);
		if (ret)
			return ret;
		*ticks = min(*ticks, one);
	}
	return 0;
}

/**
 * bench_each - hundredths of a tick for each of so many operations
 * @ticks: of all of them
 * @nr: how many
 *
 * Return: the hundredths, rounded.
 */
u64 bench_each(u64 ticks, unsigned int nr)
{
	return div_u64(ticks * 100 + nr / 2, nr);
}

/**
 * bench_calibrate - do ticks count instructions?
 * @permille: ticks for each thousand instructions
 *
 * Return: 0, or -ERANGE where it is off by more than one in a hundred.
 */
int bench_calibrate(unsigned int *permille)
{
	unsigned long left = CALIBRATION, flags;
	u64 ticks;

	local_irq_save(flags);
	ticks = get_cycles();
	/* Two instructions a turn. */
	asm volatile("1: dec %0\n\tjnz 1b" : "+r" (left) : : "cc");
	ticks = get_cycles() - ticks;
	local_irq_restore(flags);
	*permille = div_u64(ticks * 1000, 2 * CALIBRATION);
	return *permille >= 990 && *permille <= 1010 ? 0 : -ERANGE;
}

static int pair(const struct bench_peer *peer, struct bench_room *room,
		unsigned int order, u64 *result)
{
	const struct bench_work work = { .nr = PAIRS, .order = order };
	int ret = bench_least(peer->pairs, &work, REPETITIONS, result);

	*result = bench_each(*result, PAIRS);
	return ret;
}

static int comp(const struct bench_peer *peer, struct bench_room *room,
		unsigned int order, u64 *result)
{
	const struct bench_work work = { .nr = PAIRS, .order = order };
	int ret;

	if (!peer->comp_pairs) {
		*result = BENCH_NONE;
		return 0;
	}
	ret = bench_least(peer->comp_pairs, &work, REPETITIONS, result);
	*result = bench_each(*result, PAIRS);
	return ret;
}

/**
 * bench_halves - the least of both halves of a round trip, each by itself
 * @get: the first half
 * @put: the second
 * @peer: whose they are
 * @work: what they get
 * @times: so many runs
 * @least: where the ticks go
 *
 * Return: 0, or what a run returned; then nothing is held.
 */
int bench_halves(bench_loop get, bench_loop put, const struct bench_peer *peer,
		 const struct bench_work *work, unsigned int times, u64 least[2])
{
	unsigned int i;
	u64 ticks;
	int ret;

	least[0] = U64_MAX;
	least[1] = U64_MAX;
	while (times--) {
		memset(work->slots, 0, work->nr * sizeof(*work->slots));
		ret = bench_count(get, work, &ticks);
		if (ret) {
			for (i = 0; i < work->nr; i++)
				if (work->slots[i])
					peer->put(work->slots[i], work->order);
			return ret;
		}
		least[0] = min(least[0], ticks);
		bench_count(put, work, &ticks);
		least[1] = min(least[1], ticks);
	}
	return 0;
}

static int bulk(const struct bench_peer *peer, struct bench_room *room,
		unsigned int nr, u64 *results)
{
	const struct bench_work work = { .slots = room->slots, .nr = nr };
	u64 least[2];
	int ret = bench_halves(peer->bulk_get, peer->bulk_put, peer, &work,
			       2 * REPETITIONS, least);

	results[0] = bench_each(least[0], nr);
	results[1] = bench_each(least[1], nr);
	return ret;
}

/* The least of whole round trips: a cheap half may make the other one dear. */
static int burst(const struct bench_peer *peer, struct bench_room *room,
		 unsigned int nr, u64 *result)
{
	const struct bench_work work = { .slots = room->slots, .nr = nr };
	u64 best = U64_MAX, least[2];
	unsigned int i;
	int ret;

	for (i = 0; i < REPETITIONS; i++) {
		ret = bench_halves(peer->get_all, peer->put_all, peer, &work, 1,
				   least);
		if (ret)
			return ret;
		best = min(best, least[0] + least[1]);
	}
	*result = bench_each(best, nr);
	return 0;
}

static int outstanding(const struct bench_peer *peer, struct bench_room *room,
		       unsigned int nr, u64 *result)
{
	struct bench_work work = { .slots = room->slots };
	int ret = 0;

	while (work.nr < nr && !ret) {
		room->slots[work.nr] = peer->get(0);
		if (room->slots[work.nr])
			work.nr++;
		else
			ret = -ENOMEM;
	}
	if (!ret)
		ret = pair(peer, room, 0, result);
	peer->put_all(&work);
	return ret;
}

static int trace(const struct bench_peer *peer, struct bench_room *room,
		 unsigned int param, u64 *result)
{
	unsigned int i, times, done;
	const struct bench_work work = {
		.slots = room->slots, .ops = room->ops, .nr = BENCH_OPS,
		.done = &done
	};
	u64 ticks, best = U64_MAX;
	u8 *orders = room->orders;
	int ret = 0;

	for (times = 0; times < FEW && !ret; times++) {
		memset(room->slots, 0, BENCH_OP_SLOTS * sizeof(*room->slots));
		ret = bench_count(peer->trace, &work, &ticks);
		best = min(best, ticks);
		for (i = 0; i < done; i++)
			orders[room->ops[i].slot] = room->ops[i].order;
		for (i = 0; i < BENCH_OP_SLOTS; i++)
			if (room->slots[i])
				peer->put(room->slots[i], orders[i]);
	}
	*result = bench_each(best, BENCH_OPS);
	return ret;
}

#define BULK(_nr)							\
	{ .group = "bulk", .names = { "bulk%u-alloc", "bulk%u-free" },	\
	  .first = (_nr), .last = (_nr), .measure = bulk }

const struct bench_row bench_rows[] = {
	{ .group = "pair", .names = { "pair-%u" },
	  .last = BENCH_ORDERS - 1, .measure = pair },
	{ .group = "comp", .names = { "comp-%u" },
	  .last = BENCH_ORDERS - 1, .measure = comp },
	BULK(1), BULK(8), BULK(64), BULK(128),
	{ .group = "burst", .names = { "burst-%u" },
	  .first = 16, .last = 16384, .factor = 4, .measure = burst },
	{ .group = "outstanding", .names = { "outstanding-%u" },
	  .first = 16, .last = 16384, .factor = 4, .measure = outstanding },
	{ .group = "trace", .names = { "trace-100k" }, .measure = trace },
	{ .group = "occ70", .names = { "occ70-pair-%u" },
	  .last = BENCH_ORDERS - 1, .measure = pair,
	  .enter = bench_occupy, .leave = bench_vacate },
	/* From the largest on: small pages on per-CPU lists keep blocks apart. */
	{ .group = "set", .names = { "set-bulk-get-%u", "set-bulk-put-%u",
				     "set-repeat-%u", "set-random-put-%u" },
	  .first = BENCH_ORDERS - 1, .measure = bench_set },
	{ .group = "cross", .names = { "cross-alloc", "cross-free" },
	  .first = 1024, .last = 1024, .measure = bench_cross },
};

const unsigned int bench_nr_rows = ARRAY_SIZE(bench_rows);
