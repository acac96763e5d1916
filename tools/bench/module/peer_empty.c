// SPDX-License-Identifier: GPL-2.0
/*
 * No allocator: the loops with the calls taken out. The compiler must believe
 * that a block comes and goes.
 */
#include <linux/compiler.h>
#include "bench.h"

static __always_inline void *get(unsigned int order)
{
	void *block = (void *)8;

	asm volatile("" : "+r" (block) : "r" (order));
	return block;
}

static __always_inline void *get_comp(unsigned int order)
{
	return get(order);
}

static __always_inline void put(void *block, unsigned int order)
{
	asm volatile("" : : "r" (block), "r" (order) : "memory");
}

static __always_inline unsigned int bulk_get(unsigned int nr, void **slots)
{
	asm volatile("" : "+r" (nr) : "r" (slots) : "memory");
	return nr;
}

static __always_inline void bulk_put(unsigned int nr, void **slots)
{
	asm volatile("" : : "r" (nr), "r" (slots) : "memory");
}

#define BENCH_HAS_COMP 1
#define BENCH_HAS_BULK_GET 1
#define BENCH_HAS_BULK_PUT 1
#include "loops.h"

const struct bench_peer bench_empty = {
	.name = "empty",
	BENCH_LOOPS,
};
