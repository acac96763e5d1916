// SPDX-License-Identifier: GPL-2.0
/*
 * What happens between two segments: drains, ticks, tunables.
 */
#include "steps.h"
#include "util.h"

static void add_tune(struct generator *g)
{
	static const struct {
		unsigned int nr;
		unsigned int value[8];
	} choice[CONF_NR_TUNABLES] = {
		[CONF_MIN_FREE_KBYTES] = {
			8, { 256, 512, 1024, 2048, 4096, 8192, 16384, 32768 } },
		[CONF_WATERMARK_SCALE_FACTOR] = { 6, { 1, 10, 10, 50, 200, 1000 } },
		[CONF_WATERMARK_BOOST_FACTOR] = { 5, { 0, 500, 5000, 15000, 60000 } },
		[CONF_LOWMEM_RESERVE_RATIO] = { 6, { 0, 1, 8, 32, 256, 1000 } },
		[CONF_HIGH_FRACTION] = { 7, { 0, 0, 8, 16, 64, 256, 4000 } },
	};
	struct conf_op *op = list_add(g->list, CONF_TUNE);

	op->order = rng_below(&g->rng, CONF_NR_TUNABLES);
	op->arg = choice[op->order].value[rng_below(&g->rng, choice[op->order].nr)];
}

/* Of a drain or a tick: mostly of one of the CPUs, where there are two. */
static unsigned int which_cpu(struct generator *g)
{
	if (!g->mix->cpus || g->nr_cpus == 1 || rng_percent(&g->rng, 30))
		return 0;
	return CONF_ONE_CPU(rng_below(&g->rng, g->nr_cpus));
}

static void add_drain(struct generator *g)
{
	list_add(g->list, CONF_DRAIN)->arg = which_cpu(g);
}

/* Remote lists expire with the third tick in a row that finds them at rest. */
static void add_ticks(struct generator *g)
{
	unsigned int nr = 1 + rng_below(&g->rng, 4);

	while (nr--)
		list_add(g->list, CONF_TICK)->arg = which_cpu(g);
}

void add_between(struct generator *g)
{
	if (rng_percent(&g->rng, g->mix->drain))
		add_drain(g);
	if (rng_percent(&g->rng, g->mix->tick))
		add_ticks(g);
	if (rng_percent(&g->rng, g->mix->tune))
		add_tune(g);
}
