// SPDX-License-Identifier: GPL-2.0
/*
 * Which slots a run of frees empties, and in which order.
 */
#include "steps.h"
#include "util.h"

static void queue_up(struct generator *g, uint32_t slot)
{
	g->queue[g->nr_queue++] = slot;
}

static void turn_queue(struct generator *g)
{
	unsigned int i, last = g->nr_queue;
	uint32_t swap;

	for (i = 0; i < g->nr_queue / 2; i++) {
		swap = g->queue[i];
		g->queue[i] = g->queue[--last];
		g->queue[last] = swap;
	}
}

/* The same slot may be drawn twice; the second time it is passed over. */
static void pick_random(struct generator *g, unsigned int nr)
{
	const struct model *m = &g->model;

	while (nr--)
		queue_up(g, m->held[rng_below(&g->rng, m->nr_held)]);
}

static void pick_newest(struct generator *g, unsigned int nr)
{
	uint32_t i = g->model.newest;

	for (; nr-- && i != NO_SLOT; i = g->model.slot[i].older)
		queue_up(g, i);
	turn_queue(g);
}

static void pick_oldest(struct generator *g, unsigned int nr)
{
	uint32_t i = g->model.oldest;

	for (; nr-- && i != NO_SLOT; i = g->model.slot[i].newer)
		queue_up(g, i);
	turn_queue(g);
}

/* All that is held from some page on, so that whole pageblocks become free. */
static void pick_downward(struct generator *g, unsigned int nr)
{
	const struct model *m = &g->model;
	uint32_t page = rng_below(&g->rng, m->nr_pages) & ~511u;

	for (; nr && page < m->nr_pages; page++) {
		if (m->slot_at[page] == NO_SLOT)
			continue;
		queue_up(g, m->slot_at[page]);
		nr--;
	}
}

static void pick_upward(struct generator *g, unsigned int nr)
{
	pick_downward(g, nr);
	turn_queue(g);
}

void pick_slots(struct generator *g, unsigned int nr)
{
	static void (* const pick[NR_PICKS])(struct generator *, unsigned int) = {
		[PICK_RANDOM] = pick_random,
		[PICK_NEWEST] = pick_newest,
		[PICK_OLDEST] = pick_oldest,
		[PICK_UPWARD] = pick_upward,
		[PICK_DOWNWARD] = pick_downward,
	};
	unsigned int how = rng_weighted(&g->rng, g->mix->pick, NR_PICKS);

	g->nr_queue = 0;
	if (g->model.nr_held)
		pick[how](g, nr < MAX_RUN ? nr : MAX_RUN);
}
