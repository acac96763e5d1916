/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file's ALLOC: pages, and a slot of the table for them.
 */
#ifndef _MIRROR_BLOCK_ALLOC_H
#define _MIRROR_BLOCK_ALLOC_H

#include "alloc.h"
#include "block_ops.h"

/**
 * mirror_alloc_block - allocate a block for a file
 * @call: of the file
 * @gfp: MIRROR_GFP_* that mirror_gfp_check() accepts
 * @order: of the block, at most the mirror's largest
 * @at: where, with nodes of the mirror only; may name MIRROR_MM_NODE_ANY
 * @as_is: the content may be shown without being cleared
 * @new: filled in
 *
 * A request that is not sound after all finds no page.
 *
 * Inline for the same reason as what is in block_ops.h.
 *
 * Context: Process context; may sleep.
 * Return: 0, -EIO out of service, -EDQUOT the file's limit, -ENOMEM.
 */
static __always_inline int
mirror_alloc_block(struct mirror_block_call *call, u32 gfp, unsigned int order,
		   const struct mirror_placement *at, bool as_is,
		   struct mirror_new_block *new)
{
	struct mirror_owner *owner = call->owner;
	struct mirror *m = owner->m;
	int nid = mirror_resolve_node(m, at->nid);
	struct mirror_page *page;

	if (!mirror_owner_charge(owner, order))
		return mirror_is_broken(m) ? -EIO : -EDQUOT;
	if (unlikely(at->wish || at->interleave))
		page = mirror_alloc_pages_at(m, gfp, order, nid, at);
	else
		page = mirror_alloc_pages_on(m, gfp, order, nid, at->nodemask);
	if (unlikely(!page))
		goto uncharge;
	if (likely(mirror_block_publish(call, page, order, as_is, new)))
		return 0;
	/* An error is that of a mirror out of service, which is what is told then. */
	(void)mirror_free_pages(m, page, order);
uncharge:
	mirror_owner_uncharge(owner, order);
	return mirror_is_broken(m) ? -EIO : -ENOMEM;
}

#endif /* _MIRROR_BLOCK_ALLOC_H */
