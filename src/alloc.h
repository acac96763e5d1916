/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocation for callers that may wait.
 */
#ifndef _MIRROR_ALLOC_H
#define _MIRROR_ALLOC_H

#include <linux/mirror_mm.h>
#include "core/mirror.h"

/**
 * struct mirror_placement - where a block should come from
 * @nid: node to start from, or MIRROR_MM_NODE_ANY
 * @nodemask: allowed nodes, bit by node; 0 for all
 * @wish: @nodemask is where to try first, without waiting; then everywhere
 * @interleave: count it where @nid could serve it
 */
struct mirror_placement {
	int nid;
	u64 nodemask;
	bool wish;
	bool interleave;
};

struct mirror_page *mirror_alloc_pages_on(struct mirror *m, u32 gfp,
					  unsigned int order, int nid,
					  u64 nodemask);
struct mirror_page *mirror_alloc_pages_at(struct mirror *m, u32 gfp,
					  unsigned int order, int nid,
					  const struct mirror_placement *at);

static inline int mirror_resolve_node(const struct mirror *m, int nid)
{
	return nid == MIRROR_MM_NODE_ANY ? m->cpu_node[raw_smp_processor_id()] : nid;
}

#endif /* _MIRROR_ALLOC_H */
