/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocation for callers that may wait, by page and by block.
 */
#ifndef _MIRROR_ALLOC_H
#define _MIRROR_ALLOC_H

#include <linux/mirror_mm.h>
#include "block.h"

struct mirror_block *mirror_alloc_block(struct mirror_blocks *blocks,
					struct mirror_owner *owner, u32 gfp,
					unsigned int order, int nid,
					bool as_is);

#endif /* _MIRROR_ALLOC_H */
