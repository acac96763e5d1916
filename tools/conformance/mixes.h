/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a sequence is made of, as weights.
 */
#ifndef CONFORMANCE_MIXES_H
#define CONFORMANCE_MIXES_H

#include <stdbool.h>
#include <stdint.h>

#define NR_ORDERS	11
#define NR_MOBILITIES	3

/* How a request asks, beside size and mobility. */
enum flavour {
	PLAIN,
	NOWAIT,
	HIGH,
	ATOMIC,
	MEMALLOC,
	NOMEMALLOC,
	NORETRY,
	MAYFAIL,
	KERNEL,			/* may reclaim: only where segments may sleep */
	KERNEL_NORETRY,
	NR_FLAVOURS
};

/* In which order a run gives blocks back. */
enum pick {
	PICK_RANDOM,
	PICK_NEWEST,
	PICK_OLDEST,
	PICK_UPWARD,		/* neighbours, so that they merge */
	PICK_DOWNWARD,
	NR_PICKS
};

/**
 * struct mix - one kind of sequence
 * @name: for --mix and the table
 * @about: for --help
 * @text: the whole of it, where it is one of the user's own; else NULL
 * @order: weight of each order
 * @mobility: weights of unmovable, movable, reclaimable
 * @flavour: weights
 * @pick: weights
 * @comp: percent of the allocations that are compound
 * @zero: and that ask for zeros
 * @can_move: percent of the movable requests that are single pages whose holder
 *            could move them
 * @goal_low: least occupancy to steer for, in thousandths
 * @goal_high: and most
 * @run: most operations in one direction before the next choice
 * @bulk: percent of the allocations that become a CONF_BULK
 * @free_bulk: percent of the frees that become a CONF_FREE_BULK
 * @refs: percent of the steps that do something with references
 * @cpus: percent of the steps that hand over to the other CPU, where there is one
 * @drain: percent of the gaps between segments with that
 * @tick: likewise
 * @tune: likewise
 * @min_free_kbytes: set at the start, 0 to leave it
 * @blocks: has only what the block interface has
 * @may_sleep: CONF_RUN_MAY_SLEEP
 * @apart: not part of "all"
 */
struct mix {
	const char *name;
	const char *about;
	const char *text;
	unsigned char order[NR_ORDERS];
	unsigned char mobility[NR_MOBILITIES];
	unsigned char flavour[NR_FLAVOURS];
	unsigned char pick[NR_PICKS];
	unsigned char comp;
	unsigned char zero;
	unsigned char can_move;
	unsigned short goal_low;
	unsigned short goal_high;
	unsigned short run;
	unsigned char bulk;
	unsigned char free_bulk;
	unsigned char refs;
	unsigned char cpus;
	unsigned char drain;
	unsigned char tick;
	unsigned char tune;
	unsigned int min_free_kbytes;
	bool blocks;
	bool may_sleep;
	bool apart;
};

extern const struct mix mixes[];
extern const unsigned int nr_mixes;

/* NULL where there is none of that name. */
const struct mix *mix_find(const char *name);
/* The whole of it, as --mix takes it. */
const char *mix_text(const struct mix *mix);
/* gfp bits of a flavour, as the mirror's interface numbers them. */
uint32_t flavour_gfp(unsigned int flavour);

#endif /* CONFORMANCE_MIXES_H */
