// SPDX-License-Identifier: GPL-2.0
/*
 * The page allocator of the running kernel, on a node that nothing else uses.
 * No reclaim: it would wake others. It has no call that frees pages in bulk.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include "bench.h"

#define GFP	(__GFP_THISNODE | __GFP_NOWARN)

static __always_inline void *get(unsigned int order)
{
	return alloc_pages_node(bench_node, GFP, order);
}

static __always_inline void *get_comp(unsigned int order)
{
	return alloc_pages_node(bench_node, GFP | __GFP_COMP, order);
}

static __always_inline void put(void *block, unsigned int order)
{
	__free_pages(block, order);
}

/* It fills the empty slots of an array. */
static __always_inline unsigned int bulk_get(unsigned int nr, void **slots)
{
	return alloc_pages_bulk_array_node(GFP, bench_node, nr,
					   (struct page **)slots);
}

#define BENCH_HAS_COMP 1
#define BENCH_HAS_BULK_GET 1
#define BENCH_HAS_BULK_PUT 0
#include "loops.h"

/* Pages from elsewhere would be other pages than those that are meant. */
static int start(unsigned long bytes)
{
	struct pglist_data *pgdat;

	if (bench_node < 0 || bench_node >= nr_node_ids ||
	    !node_online(bench_node))
		return -ENODEV;
	pgdat = NODE_DATA(bench_node);
	return pgdat->node_present_pages == bytes >> PAGE_SHIFT ? 0 : -ERANGE;
}

const struct bench_peer bench_kernel = {
	.name = "kernel",
	.start = start,
	BENCH_LOOPS,
};
