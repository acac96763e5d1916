// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a list segment by segment. Each runs on the reference at once, and its
 * answers decide what makes sense next.
 */
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "state.h"
#include "steps.h"
#include "util.h"

#define SEGMENT_LEAST	50
#define SEGMENT_MOST	1500
#define NR_CHECKPOINTS	20

static void setup(struct generator *g, struct record *r, struct target *ref,
		  const struct mix *mix, uint64_t seed)
{
	struct words state = {};
	unsigned int order;

	memset(g, 0, sizeof(*g));
	if (ref->ops->state(ref, &state))
		die("the %s does not tell its state", ref->name);
	model_init(&g->model, state_span(&state), state_present(&state));
	g->nr_nodes = state_nodes(&state);
	g->nr_cpus = state_cpus(&state);
	words_free(&state);
	g->mix = mix;
	g->rng = seed;
	/* Half of those that the block interface could do as well leave it that. */
	if (g->nr_nodes > 1)
		g->masks = !mix->blocks || mix->may_sleep ||
			   rng_percent(&g->rng, 50);
	g->list = &r->list;
	g->queue = xcalloc(MAX_RUN, sizeof(*g->queue));
	for (order = 0; order < NR_ORDERS; order++)
		g->chance[order] = 100;
	r->list.run_flags = mix->may_sleep ? CONF_RUN_MAY_SLEEP : 0;
}

static void first_operations(struct generator *g)
{
	struct conf_op *op;

	if (!g->mix->min_free_kbytes)
		return;
	op = list_add(g->list, CONF_TUNE);
	op->order = CONF_MIN_FREE_KBYTES;
	op->arg = g->mix->min_free_kbytes;
}

/* Where most attempts fail, the goal is out of reach; turn around. */
static void turn_around(struct generator *g, unsigned int failures,
			unsigned int nr)
{
	uint32_t low = (uint64_t)g->model.nr_present * g->mix->goal_low / 1000;

	if (failures <= nr / 2)
		return;
	if (g->taking)
		g->left = 0;
	if (g->goal > low)
		g->goal = low + rng_below(&g->rng, g->goal - low);
}

static void segment(struct generator *g, struct record *r, struct target *ref,
		    unsigned int limit)
{
	unsigned int size = SEGMENT_LEAST +
		rng_below(&g->rng, SEGMENT_MOST - SEGMENT_LEAST + 1);
	unsigned int first = g->list->nr, word = r->words.nr;

	if (size > limit)
		size = limit;
	while (g->list->nr - first < size)
		step(g);
	record_continue(r, ref);
	learn_chances(g, g->list->op + first, size, r->words.word + word);
	turn_around(g, model_settle(&g->model, g->list->op + first, first,
				    size, r->words.word + word), size);
}

static void checkpoint(struct generator *g, bool text)
{
	list_add(g->list, CONF_CHECKPOINT)->arg = text ? CHECKPOINT_TEXT : 0;
}

void generate(struct record *r, struct target *ref, const struct mix *mix,
	      uint64_t seed, unsigned int nr_ops)
{
	unsigned int first, made = 0, checkpoints = 0;
	struct generator g;

	memset(r, 0, sizeof(*r));
	record_start(r, ref);
	setup(&g, r, ref, mix, seed);
	first_operations(&g);
	while (made < nr_ops) {
		if (step_between(&g))
			checkpoint(&g, false);
		record_continue(r, ref);
		first = g.list->nr;
		segment(&g, r, ref, nr_ops - made);
		made += g.list->nr - first;
		if ((uint64_t)made * NR_CHECKPOINTS / nr_ops <= checkpoints)
			continue;
		checkpoints = (uint64_t)made * NR_CHECKPOINTS / nr_ops;
		checkpoint(&g, checkpoints == NR_CHECKPOINTS / 2 || made == nr_ops);
	}
	record_continue(r, ref);
	record_end(r, ref);
	model_free(&g.model);
	free(g.queue);
}
