// SPDX-License-Identifier: GPL-2.0
/*
 * What ALLOC and FREE mean, whether they come one by one or in a SUBMIT.
 */
#include <linux/err.h>
#include "alloc.h"
#include "device.h"

static void fill_alloc(const struct mirror_file *file,
		       const struct mirror_block *block,
		       struct mirror_mm_alloc *arg)
{
	const struct mirror_blocks *blocks = file->dev->blocks;
	const struct mirror_zone *zone =
		mirror_page_zone(blocks->m, mirror_block_page(blocks, block));

	arg->id = mirror_block_id(block);
	arg->offset = (u64)mirror_block_pgoff(blocks, block) << PAGE_SHIFT;
	arg->pfn = file->admin ? mirror_block_pfn(blocks, block) :
				 MIRROR_MM_PFN_HIDDEN;
	arg->node = zone->node->nid;
	arg->zone = zone->type;
	arg->migratetype = mirror_pageblock_type(blocks->m, block->page);
}

/* The file's policy is for requests that do not say themselves where to look. */
static int place(struct mirror_file *file, const struct mirror_mm_alloc *arg,
		 struct mirror_placement *at)
{
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
	return 0;
}

/**
 * mirror_do_alloc - the ALLOC request
 * @file: who asks
 * @arg: request and answer
 *
 * Context: Process context; may sleep.
 * Return: 0 or an errno of struct mirror_mm_alloc.
 */
int mirror_do_alloc(struct mirror_file *file, struct mirror_mm_alloc *arg)
{
	struct mirror_placement at;
	struct mirror_block *block;
	bool as_is = arg->flags & MIRROR_MM_ALLOC_NOZERO;
	int ret;

	if (arg->flags & ~MIRROR_MM_ALLOC_FLAGS ||
	    mirror_gfp_check(arg->gfp) || arg->order > file->dev->m->max_order)
		return -EINVAL;
	if (!file->admin &&
	    (as_is || arg->gfp & (__MIRROR_GFP_HIGH | __MIRROR_GFP_MEMALLOC)))
		return -EPERM;
	ret = place(file, arg, &at);
	if (ret)
		return ret;
	block = mirror_alloc_block(file->dev->blocks, &file->owner, arg->gfp,
				   arg->order, &at, as_is);
	if (IS_ERR(block))
		return PTR_ERR(block);
	fill_alloc(file, block, arg);
	return 0;
}

/**
 * mirror_check_free - the fields of a FREE request that are reserved
 * @arg: the request
 *
 * Context: Any.
 * Return: 0 or -EINVAL.
 */
int mirror_check_free(const struct mirror_mm_free *arg)
{
	return arg->flags || arg->reserved ? -EINVAL : 0;
}
