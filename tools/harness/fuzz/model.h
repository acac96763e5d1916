/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The model: one entry a page frame, which says who has it. It knows no buddies,
 * no lists, no types and no watermarks.
 */
#ifndef _HARNESS_FUZZ_MODEL_H
#define _HARNESS_FUZZ_MODEL_H

#include "core/internal.h"

#define MODEL_MAX_NODES		3
#define MODEL_MAX_ZONES		(MODEL_MAX_NODES * MIRROR_MAX_NR_ZONES)

/* What struct model.owner says of a frame; anything else is a block's number. */
#define MODEL_FREE		0xffffu
#define MODEL_HOLE		0xfffeu
#define MODEL_MAX_FRAMES	0xfff0u

/**
 * struct model_block - a block that somebody holds
 * @first: its first frame
 * @refs: references
 * @order: its size
 * @compound: allocated with __MIRROR_GFP_COMP
 */
struct model_block {
	u32 first;
	u32 refs;
	u8 order;
	bool compound;
};

/**
 * struct model - what has to be true of a mirror
 * @base: pfn of frame 0
 * @nr_frames: from the first range to the end of the last, holes included
 * @managed: frames that are no holes
 * @nr_blocks: length of @blocks
 * @used: pages in blocks
 * @zone_pages: pages of each zone
 * @zone_used: of these in blocks
 * @served: blocks that each zone gave
 * @allocated: pages given, by type of zone
 * @freed: pages given back
 * @owner: by frame
 * @zone: id of its zone, by frame
 * @seen: for a walk over lists, by frame
 * @blocks: those that are held, in no order
 */
struct model {
	unsigned long base;
	u32 nr_frames;
	unsigned long managed;
	u32 nr_blocks;
	unsigned long used;
	unsigned long zone_pages[MODEL_MAX_ZONES];
	unsigned long zone_used[MODEL_MAX_ZONES];
	unsigned long served[MODEL_MAX_ZONES];
	unsigned long allocated[MIRROR_MAX_NR_ZONES];
	unsigned long freed;
	u16 *owner;
	u8 *zone;
	u8 *seen;
	struct model_block *blocks;
};

/* model.c */
void model_init(struct model *model, const struct mirror_config *conf);
void model_exit(struct model *model);
void model_copy(struct model *to, const struct model *from);
void model_reset(struct model *model);
struct model_block *model_take(struct model *model, unsigned long pfn,
			       unsigned int order, bool compound);
void model_put(struct model *model, struct model_block *block);
void model_free(struct model *model, struct model_block *block);
void model_split(struct model *model, struct model_block *block);

static inline unsigned long model_pfn(const struct model *model, u32 frame)
{
	return model->base + frame;
}

static inline struct mirror_page *model_page(const struct model *model,
					     const struct mirror *m, u32 frame)
{
	u32 idx = mirror_pfn_to_idx(m, model_pfn(model, frame));

	return idx == MIRROR_NIL ? NULL : &m->pages[idx];
}

static inline struct mirror_page *model_head(const struct model *model,
					     const struct mirror *m,
					     const struct model_block *block)
{
	return model_page(model, m, block->first);
}

static inline unsigned long model_zone_free(const struct model *model,
					    unsigned int zone)
{
	return model->zone_pages[zone] - model->zone_used[zone];
}

/* verify.c */
unsigned long model_zone_pcp(const struct mirror_zone *zone);
void model_verify_counts(struct model *model, struct mirror *m);
void model_verify(struct model *model, struct mirror *m);

/* report.c: says what is wrong, and what led to it, and ends the program */
__printf(1, 2) __attribute__((noreturn)) void fuzz_found(const char *fmt, ...);
void fuzz_set_history(void (*print)(void *arg), void *arg);

#endif /* _HARNESS_FUZZ_MODEL_H */
