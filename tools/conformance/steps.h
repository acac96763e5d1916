/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One step of a sequence: which operation comes next, and for which slot.
 */
#ifndef CONFORMANCE_STEPS_H
#define CONFORMANCE_STEPS_H

#include "mixes.h"
#include "model.h"
#include "record.h"

#define MAX_RUN	16384

/**
 * struct generator - what the choices depend on
 * @mix: weights
 * @rng: state of the random numbers
 * @list: operations so far
 * @model: what the slots hold
 * @goal: pages to steer for
 * @chance: of each order to be had, in percent, from the answers so far
 * @doubt: hundredths of pages of this segment that will likely not be had
 * @left: operations left in this run
 * @taking: the run allocates
 * @mobility: of the whole run, NR_MOBILITIES for each one's own
 * @nr_nodes: 1, or 2 for lists that name nodes
 * @masks: requests name the nodes that they allow, too
 * @nr_cpus: 1, or 2 for lists that go from one to the other
 * @cpu: where they are
 * @node: what the run prefers, @nr_nodes for each one's own
 * @queue: slots that the run frees, the next one last
 * @nr_queue: how many
 */
struct generator {
	const struct mix *mix;
	uint64_t rng;
	struct list *list;
	struct model model;
	uint32_t goal;
	unsigned int chance[NR_ORDERS];
	uint64_t doubt;
	unsigned int left;
	bool taking;
	unsigned int mobility;
	unsigned int nr_nodes;
	bool masks;
	unsigned int nr_cpus;
	unsigned int cpu;
	unsigned int node;
	uint32_t *queue;
	unsigned int nr_queue;
};

/* Adds operations to the list: one, or none where nothing fits. */
void step(struct generator *g);
/* Before each segment; adds what happens between two. Whether that was anything. */
bool step_between(struct generator *g);
/* After it, with its answers. */
void learn_chances(struct generator *g, const struct conf_op *op,
		   unsigned int nr, const uint32_t *word);

/* between.c: adds drains, ticks and tunes, as the mix has them. */
void add_between(struct generator *g);

/* pick.c: fills the queue with up to @nr slots. */
void pick_slots(struct generator *g, unsigned int nr);

#endif /* CONFORMANCE_STEPS_H */
