/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory policies: on which nodes a file's blocks come to lie.
 */
#ifndef _MIRROR_MEMPOLICY_H
#define _MIRROR_MEMPOLICY_H

#include <linux/spinlock.h>
#include "alloc.h"

/**
 * struct mirror_weights - how many blocks in a row each node gets
 * @of: by node, under WEIGHTED_INTERLEAVE; 0 counts as 1. Written and read freely
 */
struct mirror_weights {
	u8 of[MIRROR_MAX_NODES];
};

/**
 * struct mirror_mempolicy - the policy of one file
 * @lock: covers all of it
 * @mode: enum mirror_mpol_mode
 * @nodes: bit by node, only nodes that have memory
 * @lowest_zone: BIND binds requests for this zone and higher ones
 * @prev: node that interleaving chose last
 * @left: blocks that @prev is still to get, by its weight
 */
struct mirror_mempolicy {
	spinlock_t lock;		/* innermost */
	u32 mode;
	u64 nodes;
	int lowest_zone;
	int prev;
	u8 left;
};

void mirror_mempolicy_init(struct mirror_mempolicy *pol);
int mirror_mempolicy_set(struct mirror_mempolicy *pol, const struct mirror *m,
			 const struct mirror_mm_mempolicy *arg);
void mirror_mempolicy_get(struct mirror_mempolicy *pol,
			  struct mirror_mm_mempolicy *arg);
void mirror_mempolicy_place(struct mirror_mempolicy *pol,
			    const struct mirror_weights *weights, u32 gfp,
			    struct mirror_placement *at);

#endif /* _MIRROR_MEMPOLICY_H */
