// SPDX-License-Identifier: GPL-2.0
/*
 * gpu_buddy, one chunk a page. Its users lock around it; what they lock with is
 * not counted here. It has no compound blocks, and one call gives several pages
 * only as one block, which cannot be freed page by page: in bulk is a loop.
 */
#include <linux/gpu_buddy.h>
#include <linux/mm.h>
#include "bench.h"

static struct gpu_buddy mm;

static __always_inline void *get(unsigned int order)
{
	const u64 size = (u64)PAGE_SIZE << order;
	LIST_HEAD(blocks);

	if (gpu_buddy_alloc_blocks(&mm, 0, BENCH_BYTES, size, size, &blocks, 0))
		return NULL;
	return list_first_entry(&blocks, struct gpu_buddy_block, link);
}

static __always_inline void *get_comp(unsigned int order)
{
	return NULL;
}

static __always_inline void put(void *block, unsigned int order)
{
	gpu_buddy_free_block(&mm, block);
}

#define BENCH_HAS_COMP 0
#define BENCH_HAS_BULK_GET 0
#define BENCH_HAS_BULK_PUT 0
#include "loops.h"

static int start(unsigned long bytes)
{
	return gpu_buddy_init(&mm, bytes, PAGE_SIZE);
}

static void stop(void)
{
	gpu_buddy_fini(&mm);
}

const struct bench_peer bench_gpu_buddy = {
	.name = "gpu_buddy",
	.start = start,
	.stop = stop,
	BENCH_LOOPS,
};
