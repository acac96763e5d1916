// SPDX-License-Identifier: GPL-2.0
/* The mirror, through what it exports. */
#include <linux/mirror_mm.h>
#include "bench.h"

/* The same request as the kernel's in peer_kernel.c. */
#define GFP	(__MIRROR_GFP_THISNODE | __MIRROR_GFP_NOWARN)

static __always_inline void *get(unsigned int order)
{
	return mirror_alloc_pages(bench_instance, GFP, order, 0);
}

static __always_inline void *get_comp(unsigned int order)
{
	return mirror_alloc_pages(bench_instance, GFP | __MIRROR_GFP_COMP,
				  order, 0);
}

static __always_inline void put(void *block, unsigned int order)
{
	mirror_free_pages(bench_instance, block, order);
}

static __always_inline unsigned int bulk_get(unsigned int nr, void **slots)
{
	return mirror_alloc_pages_bulk(bench_instance, GFP, 0, nr,
				       (struct mirror_page **)slots);
}

static __always_inline void bulk_put(unsigned int nr, void **slots)
{
	mirror_free_pages_bulk(bench_instance, nr,
			       (struct mirror_page **)slots);
}

#define BENCH_HAS_COMP 1
#define BENCH_HAS_BULK_GET 1
#define BENCH_HAS_BULK_PUT 1
#include "loops.h"

const struct bench_peer bench_mirror = {
	.name = "mirror",
	BENCH_LOOPS,
};
