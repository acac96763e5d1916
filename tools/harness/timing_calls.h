/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls that are timed: what other modules call, with flags that may not
 * wait and ask for no clearing, as in the guests' benchmark.
 */
#ifndef _HARNESS_TIMING_CALLS_H
#define _HARNESS_TIMING_CALLS_H

#include <linux/mirror_mm.h>

#define TIME_GFP	MIRROR_GFP_NOWAIT

static __always_inline struct mirror_page *
timed_get(struct mirror *m, unsigned int order, u32 gfp)
{
	return mirror_alloc_pages(m, gfp, order, 0);
}

static __always_inline int timed_put(struct mirror *m, struct mirror_page *page,
				     unsigned int order)
{
	return mirror_free_pages(m, page, order);
}

#endif /* _HARNESS_TIMING_CALLS_H */
