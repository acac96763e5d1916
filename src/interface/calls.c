// SPDX-License-Identifier: GPL-2.0
/*
 * Which ALLOC requests make sense, and where their blocks are to come from.
 */
#include "calls.h"

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

/* The file's policy is for requests that do not say themselves where to look. */
static int place(struct mirror_file *file, const struct mirror_mm_alloc *arg,
		 struct mirror_request *req)
{
	struct mirror_placement *at = &req->at;
	const struct mirror *m = file->dev->m;
	u64 mask = arg->flags & MIRROR_MM_ALLOC_NODEMASK ? arg->nodemask : 0;

	if (mask & ~GENMASK_ULL(m->nr_nodes - 1, 0))
		return -ENODEV;
	if (arg->node == MIRROR_MM_NODE_ANY && !mask &&
	    !(arg->gfp & __MIRROR_GFP_THISNODE))
		mirror_mempolicy_place(&file->mempolicy, &file->dev->weights,
				       arg->gfp, at);
	else
		*at = (struct mirror_placement){ .nid = arg->node, .nodemask = mask };
	req->repeatable = at->nid == arg->node && at->nodemask == mask;
	return at->nid == MIRROR_MM_NODE_ANY || mirror_nid_valid(m, at->nid) ?
	       0 : -ENODEV;
}

/**
 * mirror_prepare_request - all of an ALLOC that can be said before it is done
 * @file: who asks
 * @arg: the request
 * @req: filled in, for one ALLOC
 *
 * Context: Process context.
 * Return: 0 or an errno of struct mirror_mm_alloc.
 */
int mirror_prepare_request(struct mirror_file *file,
			   const struct mirror_mm_alloc *arg,
			   struct mirror_request *req)
{
	if (!makes_sense(file, arg))
		return -EINVAL;
	if (!file->admin && needs_admin(arg))
		return -EPERM;
	req->gfp = arg->gfp & ~__MIRROR_GFP_ZERO;
	req->order = arg->order;
	req->as_is = arg->flags & MIRROR_MM_ALLOC_NOZERO &&
		     !(arg->gfp & __MIRROR_GFP_ZERO);
	return place(file, arg, req);
}
