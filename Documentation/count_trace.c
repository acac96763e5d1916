// SPDX-License-Identifier: GPL-2.0
/*
 * A random mix of operations as in the row trace-100k of make bench, for
 * callgrind; count_trace.sh builds and runs it. counted_trace() is what counts.
 */
#include <linux/mirror_mm.h>
#include <stdio.h>
#include "core/internal.h"
#include "harness.h"

#define NR_OPS		100000
#define NR_SLOTS	1536
#define NR_ORDERS	11
#define WARM_UP		3
#define GFP		(__MIRROR_GFP_THISNODE | __MIRROR_GFP_NOWARN)

static struct { u16 slot; u8 put, order; } ops[NR_OPS];
static struct mirror_page *slots[NR_SLOTS];

/* Each order three quarters as often as the one below. */
static unsigned int random_order(unsigned int *seed)
{
	unsigned int order;

	do {
		for (order = 0; rand_r(seed) >> 8 & 3; order++)
			;
	} while (order >= NR_ORDERS);
	return order;
}

/* An empty slot gets a block, a full one loses it. */
static void make_ops(void)
{
	u8 orders[NR_SLOTS];
	unsigned int seed = 20240601, i, slot;

	memset(orders, NR_ORDERS, sizeof(orders));
	for (i = 0; i < NR_OPS; i++) {
		slot = rand_r(&seed) % NR_SLOTS;
		ops[i].slot = slot;
		ops[i].put = orders[slot] != NR_ORDERS;
		ops[i].order = ops[i].put ? orders[slot] : random_order(&seed);
		orders[slot] = ops[i].put ? NR_ORDERS : ops[i].order;
	}
}

static void run(struct mirror *m)
{
	unsigned int i;

	for (i = 0; i < NR_OPS; i++) {
		struct mirror_page **slot = &slots[ops[i].slot];

		if (ops[i].put) {
			mirror_free_pages(m, *slot, ops[i].order);
			continue;
		}
		*slot = mirror_alloc_pages(m, GFP, ops[i].order, 0);
		if (!*slot)
			harness_die("operation %u found no block\n", i);
	}
}

static noinline void counted_trace(struct mirror *m)
{
	run(m);
	barrier();	/* or it is the same function as warm_up() */
}

static noinline void warm_up(struct mirror *m)
{
	run(m);
}

/* What the last operations on each slot left. */
static void give_back(struct mirror *m)
{
	static bool seen[NR_SLOTS];
	unsigned int i = NR_OPS;

	memset(seen, 0, sizeof(seen));
	while (i-- > 0) {
		if (!seen[ops[i].slot] && !ops[i].put)
			mirror_free_pages(m, slots[ops[i].slot], ops[i].order);
		seen[ops[i].slot] = true;
	}
}

int main(void)
{
	struct mirror_range range = { .start_pfn = 0x20000, .end_pfn = 0x30000 };
	struct mirror_config conf;
	struct mirror *m;
	unsigned int i;

	harness_set_nr_cpus(1);
	mirror_config_default(&conf);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	m = mirror_core_create(&conf);
	if (IS_ERR(m))
		harness_die("no mirror\n");
	make_ops();
	for (i = 0; i < WARM_UP; i++) {
		warm_up(m);
		give_back(m);
	}
	counted_trace(m);
	return 0;
}
