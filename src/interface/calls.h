/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ALLOC and FREE mean, whether they come one by one or in a SUBMIT.
 */
#ifndef _MIRROR_CALLS_H
#define _MIRROR_CALLS_H

#include "blocks/block_alloc.h"
#include "device.h"

/**
 * struct mirror_request - an ALLOC that was looked at and found sound
 * @gfp: without __MIRROR_GFP_ZERO
 * @order: of the block
 * @at: where
 * @as_is: the content may be shown without being cleared
 * @repeatable: @at is what the request itself says, so it holds for the same request
 *              again
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
						 const struct mirror_new_block *new)
{
	const struct mirror *m = file->owner.m;
	unsigned int zone = mirror_flags_zone(mirror_page_flags(&m->pages[new->page]));

	return (struct mirror_answer){
		.id = new->id,
		.offset = (u64)mirror_id_pgoff(file->owner.blocks, new->id) << PAGE_SHIFT,
		.pfn = mirror_file_may(file, MIRROR_MM_RIGHT_ADMIN) ?
		       mirror_idx_to_pfn(m, new->page) : MIRROR_MM_PFN_HIDDEN,
		.node = zone / MIRROR_MAX_NR_ZONES,
		.zone = zone % MIRROR_MAX_NR_ZONES,
		.migratetype = mirror_pageblock_type(m, new->page),
	};
}

/* An ALLOC that was prepared, carried out; errors of mirror_alloc_block(). */
static inline int mirror_do_request(struct mirror_block_call *call,
				    const struct mirror_request *req,
				    struct mirror_new_block *new)
{
	return mirror_alloc_block(call, req->gfp, req->order, &req->at, req->as_is, new);
}

/* An ALLOC whose answer could not be written: nobody knows the id to free. */
static inline void mirror_take_back(struct mirror_block_call *call, u64 id)
{
	struct mirror_block *block = mirror_block_detach(call, id);

	/* An error is that of a mirror out of service, which the next call tells. */
	if (block)
		(void)mirror_block_end(call, block);
}

/**
 * mirror_file_check - may this file do that?
 * @file: the file
 * @right: one of MIRROR_MM_RIGHT_*, for something that changes the mirror
 *
 * Return: 0; -EBADF not open for writing, -EPERM the right was dropped.
 */
static inline int mirror_file_check(const struct mirror_file *file, u32 right)
{
	if (likely(mirror_file_may(file, right)))
		return 0;
	return file->writable ? -EPERM : -EBADF;
}

/* What can be said of a FREE before it is done: 0, -EBADF, -EPERM or -EINVAL. */
static inline int mirror_check_free(const struct mirror_file *file,
				    const struct mirror_mm_free *arg)
{
	if (unlikely(arg->flags || arg->reserved))
		return -EINVAL;
	return mirror_file_check(file, MIRROR_MM_RIGHT_FREE);
}

#endif /* _MIRROR_CALLS_H */
