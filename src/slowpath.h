/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a request does after the fast path has failed.
 */
#ifndef _MIRROR_SLOWPATH_H
#define _MIRROR_SLOWPATH_H

#include "core/mirror.h"

struct mirror_page *mirror_alloc_slow(struct mirror *m, u32 gfp, unsigned int order,
				      struct mirror_alloc_context *ac);

static inline bool mirror_gfp_may_wait(u32 gfp)
{
	return gfp & __MIRROR_GFP_DIRECT_RECLAIM;
}

#endif /* _MIRROR_SLOWPATH_H */
