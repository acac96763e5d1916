// SPDX-License-Identifier: GPL-2.0
/*
 * Which ALLOC requests make sense, and where their blocks are to come from.
 */
#include <linux/nospec.h>
#include "calls.h"
#include "core/gfp_ops.h"

static bool makes_sense(const struct mirror_file *file,
			const struct mirror_mm_alloc *arg)
{
	return !(arg->flags & ~MIRROR_MM_ALLOC_FLAGS) &&
	       !mirror_gfp_check(arg->gfp) &&
	       arg->order <= file->dev->m->max_order;
}

static bool needs_admin(const struct mirror_mm_alloc *arg)
{
	return arg->flags & MIRROR_MM_ALLOC_NOZERO ||
	       arg->gfp & (__MIRROR_GFP_HIGH | __MIRROR_GFP_MEMALLOC);
}

static bool nodes_exist(const struct mirror *m, const struct mirror_mm_alloc *arg,
			u64 mask)
{
	return !(mask & ~GENMASK_ULL(m->nr_nodes - 1, 0)) &&
	       (arg->node == MIRROR_MM_NODE_ANY || mirror_nid_valid(m, arg->node));
}

/* The file's policy is for requests that do not say themselves where to look. */
static void place(struct mirror_file *file, const struct mirror_mm_alloc *arg,
		  u64 mask, struct mirror_placement *at)
{
	if (arg->node == MIRROR_MM_NODE_ANY && !mask &&
	    !(arg->gfp & __MIRROR_GFP_THISNODE)) {
		mirror_mempolicy_place(&file->mempolicy, &file->dev->weights,
				       arg->gfp, at);
		return;
	}
	*at = (struct mirror_placement){ .nid = arg->node, .nodemask = mask };
	/* Not to be read with a number that only speculation lets through. */
	if (at->nid != MIRROR_MM_NODE_ANY)
		at->nid = array_index_nospec(at->nid, file->dev->m->nr_nodes);
}

/**
 * mirror_prepare_request - all of an ALLOC that can be said before it is done
 * @file: who asks
 * @arg: the request
 * @req: filled in, for one ALLOC; untouched where there is an error
 *
 * Context: Process context.
 * Return: 0 or an errno of struct mirror_mm_alloc.
 */
int mirror_prepare_request(struct mirror_file *file,
			   const struct mirror_mm_alloc *arg,
			   struct mirror_request *req)
{
	u64 mask = arg->flags & MIRROR_MM_ALLOC_NODEMASK ? arg->nodemask : 0;
	int ret = mirror_file_check(file, MIRROR_MM_RIGHT_ALLOC);

	if (ret)
		return ret;
	if (!makes_sense(file, arg))
		return -EINVAL;
	if (needs_admin(arg) && !mirror_file_may(file, MIRROR_MM_RIGHT_ADMIN))
		return -EPERM;
	if (!nodes_exist(file->dev->m, arg, mask))
		return -ENODEV;
	req->gfp = arg->gfp & ~__MIRROR_GFP_ZERO;
	req->order = array_index_nospec(arg->order, file->dev->m->max_order + 1);
	req->as_is = arg->flags & MIRROR_MM_ALLOC_NOZERO &&
		     !(arg->gfp & __MIRROR_GFP_ZERO);
	place(file, arg, mask, &req->at);
	req->repeatable = req->at.nid == arg->node && req->at.nodemask == mask;
	return 0;
}
