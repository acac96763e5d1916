// SPDX-License-Identifier: GPL-2.0
/*
 * gen_pool, one granule a page, with the algorithm that it has by default. It
 * has no compound blocks and nothing in bulk; pages in bulk are a loop.
 */
#include <linux/genalloc.h>
#include <linux/mm.h>
#include <linux/numa.h>
#include "bench.h"

static struct gen_pool *pool;

static __always_inline void *get(unsigned int order)
{
	return (void *)gen_pool_alloc(pool, PAGE_SIZE << order);
}

static __always_inline void *get_comp(unsigned int order)
{
	return NULL;
}

static __always_inline void put(void *block, unsigned int order)
{
	gen_pool_free(pool, (unsigned long)block, PAGE_SIZE << order);
}

#define BENCH_HAS_COMP 0
#define BENCH_HAS_BULK_GET 0
#define BENCH_HAS_BULK_PUT 0
#include "loops.h"

/* The addresses are numbers: nothing looks at what is there. */
static int start(unsigned long bytes)
{
	int ret;

	pool = gen_pool_create(PAGE_SHIFT, NUMA_NO_NODE);
	if (!pool)
		return -ENOMEM;
	ret = gen_pool_add(pool, BENCH_BYTES, bytes, NUMA_NO_NODE);
	if (ret)
		gen_pool_destroy(pool);
	return ret;
}

static void stop(void)
{
	gen_pool_destroy(pool);
}

const struct bench_peer bench_gen_pool = {
	.name = "gen_pool",
	.start = start,
	.stop = stop,
	BENCH_LOOPS,
};
