// SPDX-License-Identifier: GPL-2.0
/*
 * What a request is allowed to do: which zones it may look in, from which one on, and how
 * deep into the reserves it may go.
 */
#include "gfp_ops.h"

/**
 * mirror_gfp_to_alloc_flags - how far a request may go after its first failure
 * @gfp: MIRROR_GFP_*
 * @order: of the request
 * @migratetype: of the request, from mirror_gfp_migratetype()
 *
 * Context: Any.
 * Return: MIRROR_ALLOC_* with the min watermark.
 */
unsigned int mirror_gfp_to_alloc_flags(u32 gfp, unsigned int order,
				       int migratetype)
{
	unsigned int flags = MIRROR_ALLOC_WMARK_MIN | mirror_cma_flag(migratetype);

	if (gfp & __MIRROR_GFP_HIGH)
		flags |= MIRROR_ALLOC_MIN_RESERVE;
	if (gfp & __MIRROR_GFP_KSWAPD_RECLAIM)
		flags |= MIRROR_ALLOC_KSWAPD;
	if (!(gfp & (__MIRROR_GFP_DIRECT_RECLAIM | __MIRROR_GFP_NOMEMALLOC))) {
		flags |= MIRROR_ALLOC_NON_BLOCK;
		if (order && flags & MIRROR_ALLOC_MIN_RESERVE)
			flags |= MIRROR_ALLOC_HIGHATOMIC;
	}
	return flags;
}

/**
 * mirror_reserve_flags - may a request ignore the marks, or a part of them?
 * @gfp: MIRROR_GFP_*
 * @task: MIRROR_TASK_* of who asks
 *
 * Linux: __gfp_pfmemalloc_flags().
 *
 * Context: Any.
 * Return: MIRROR_ALLOC_NO_WATERMARKS, MIRROR_ALLOC_OOM for a victim of the OOM killer, or 0.
 */
unsigned int mirror_reserve_flags(u32 gfp, unsigned int task)
{
	if (gfp & __MIRROR_GFP_NOMEMALLOC)
		return 0;
	if (gfp & __MIRROR_GFP_MEMALLOC || task & MIRROR_TASK_MEMALLOC)
		return MIRROR_ALLOC_NO_WATERMARKS;
	return task & MIRROR_TASK_VICTIM ? MIRROR_ALLOC_OOM : 0;
}

static unsigned int first_zone(const struct mirror_alloc_context *ac)
{
	unsigned int i;

	for (i = 0; i < ac->zonelist->nr; i++)
		if (mirror_zoneref_allowed(&ac->zonelist->refs[i], ac))
			break;
	return i;
}

static bool stays_on_node(u32 gfp)
{
	return gfp & __MIRROR_GFP_THISNODE;
}

/**
 * mirror_prepare_alloc - find out where a request may look
 * @m: the mirror
 * @gfp: MIRROR_GFP_* that mirror_gfp_check() accepts
 * @nid: preferred node, a valid one
 * @nodemask: allowed nodes, 0 for all
 * @ac: filled in
 *
 * Context: Any.
 * Return: false where no zone is eligible at all.
 */
bool
mirror_prepare_alloc(struct mirror *m, u32 gfp, int nid, u64 nodemask,
		     struct mirror_alloc_context *ac)
{
	const struct mirror_node *node = m->nodes[nid];

	ac->zonelist = MIRROR_DECIDE(m, stays_on_node, stays_on_node, gfp) ?
		       &node->nofallback : &node->fallback;
	ac->highest_zoneidx = mirror_gfp_zone(gfp);
	ac->migratetype = mirror_gfp_migratetype(m, gfp);
	ac->nodemask = nodemask;
	ac->preferred = first_zone(ac);
	return ac->preferred < ac->zonelist->nr;
}

/*
 * Requests that may empty a zone, and urgent ones that cannot wait, are the
 * system's own; who set a nodemask did not mean them.
 */
static bool drops_nodemask(u32 gfp)
{
	if (gfp & __MIRROR_GFP_MEMALLOC && !(gfp & __MIRROR_GFP_NOMEMALLOC))
		return true;
	return gfp & __MIRROR_GFP_HIGH && !(gfp & __MIRROR_GFP_DIRECT_RECLAIM);
}

/**
 * mirror_drop_nodemask - let a request in distress go to nodes that it excluded
 * @m: the mirror
 * @gfp: its MIRROR_GFP_*, which say whether it may
 * @ac: the request; with THISNODE it still stays where it is
 *
 * Context: Any.
 */
void mirror_drop_nodemask(struct mirror *m, u32 gfp,
			  struct mirror_alloc_context *ac)
{
	if (!MIRROR_DECIDE(m, drops_nodemask, drops_nodemask, gfp))
		return;
	ac->nodemask = 0;
	ac->preferred = first_zone(ac);
}
