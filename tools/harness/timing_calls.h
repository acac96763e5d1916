/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls that are timed: what other modules call, with the flags of the guests'
 * benchmark (tools/bench): this node, no waiting, no word in the log.
 */
#ifndef _HARNESS_TIMING_CALLS_H
#define _HARNESS_TIMING_CALLS_H

#include <linux/mirror_mm.h>

#define TIME_GFP	(__MIRROR_GFP_THISNODE | __MIRROR_GFP_NOWARN)

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
