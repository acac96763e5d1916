/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ALLOC and FREE mean, whether they come one by one or in a SUBMIT.
 */
#ifndef _MIRROR_CALLS_H
#define _MIRROR_CALLS_H

#include "block_alloc.h"
#include "device.h"

/**
 * struct mirror_request - an ALLOC that was looked at and found sound
 * @gfp: without __MIRROR_GFP_ZERO
 * @order: of the block
 * @at: where
 * @as_is: the content may be shown without being cleared
 * @repeatable: no policy had a word in @at, so it holds for the same request again
 */
struct mirror_request {
	u32 gfp;
	unsigned int order;
	struct mirror_placement at;
	bool as_is;
	bool repeatable;
};

int mirror_prepare_request(struct mirror_file *file,
			   const struct mirror_mm_alloc *arg,
			   struct mirror_request *req);

/**
 * struct mirror_answer - what an ALLOC is answered with, see struct mirror_mm_alloc
 * @id: names the block
 * @offset: where to map it, in bytes
 * @pfn: first page frame, or MIRROR_MM_PFN_HIDDEN
 * @node: where it lies
 * @zone: enum mirror_zone_type
 * @migratetype: of its pageblock
 */
struct mirror_answer {
	u64 id;
	u64 offset;
	u64 pfn;
	s32 node;
	u32 zone;
	u32 migratetype;
};

static inline struct mirror_answer mirror_answer(const struct mirror_file *file,
						 const struct mirror_blocks *blocks,
						 const struct mirror_block *block)
{
	const struct mirror_page *page = mirror_block_page(blocks, block);
	unsigned int zone = mirror_flags_zone(mirror_page_flags(page));

	return (struct mirror_answer){
		.id = block->id,
		.offset = (u64)mirror_block_pgoff(blocks, block) << PAGE_SHIFT,
		.pfn = file->admin ? mirror_block_pfn(blocks, block) :
				     MIRROR_MM_PFN_HIDDEN,
		.node = zone / MIRROR_MAX_NR_ZONES,
		.zone = zone % MIRROR_MAX_NR_ZONES,
		.migratetype = mirror_pageblock_type(blocks->m, block->page),
	};
}

/* An ALLOC that was prepared, carried out; errors of mirror_alloc_block(). */
static inline struct mirror_block *mirror_do_request(struct mirror_block_call *call,
						     const struct mirror_request *req)
{
	return mirror_alloc_block(call, req->gfp, req->order, &req->at, req->as_is);
}

/* An ALLOC whose answer nobody got: nobody could ever free it. */
static inline void mirror_take_back(struct mirror_block_call *call, u64 id)
{
	struct mirror_block *block = mirror_block_detach(call, id);

	if (block)
		mirror_block_end(call, block);
}

/* The fields of a FREE request that are reserved: 0 or -EINVAL. */
static inline int mirror_check_free(const struct mirror_mm_free *arg)
{
	return arg->flags || arg->reserved ? -EINVAL : 0;
}

#endif /* _MIRROR_CALLS_H */
