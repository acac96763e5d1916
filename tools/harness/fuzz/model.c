// SPDX-License-Identifier: GPL-2.0
/*
 * The model's own bookkeeping: taking and giving frames.
 *
 * Which zone a frame is in follows from the configuration alone: zones are dealt
 * out over the ranges in address order, the lowest zone first.
 */
#include <stdlib.h>
#include <string.h>
#include "model.h"

/* making ---------------------------------------------------------------------- */

static void zone_shares(const struct mirror_config *conf, unsigned long total,
			unsigned long *share)
{
	unsigned long fixed = 0;
	int type;

	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++) {
		share[type] = type == conf->rest_zone ? 0 : conf->zone_pages[type];
		fixed += share[type];
	}
	share[conf->rest_zone] = total - fixed;
}

static void deal_range(struct model *model, const struct mirror_range *r,
		       unsigned long *share, unsigned int *type)
{
	unsigned long pfn;

	for (pfn = r->start_pfn; pfn < r->end_pfn; pfn++) {
		u32 frame = pfn - model->base;
		unsigned int zone;

		while (!share[*type])
			++*type;
		share[*type]--;
		zone = r->nid * MIRROR_MAX_NR_ZONES + *type;
		model->zone[frame] = zone;
		model->owner[frame] = MODEL_FREE;
		model->zone_pages[zone]++;
	}
}

/**
 * model_init - make a model in which nothing is held
 * @model: filled in
 * @conf: what the mirror is made from
 */
void model_init(struct model *model, const struct mirror_config *conf)
{
	const struct mirror_range *r = conf->ranges;
	unsigned long share[MIRROR_MAX_NR_ZONES];
	unsigned int i, type = 0;

	memset(model, 0, sizeof(*model));
	model->base = r[0].start_pfn;
	model->nr_frames = r[conf->nr_ranges - 1].end_pfn - model->base;
	model->owner = calloc(model->nr_frames, sizeof(*model->owner));
	model->zone = calloc(model->nr_frames, sizeof(*model->zone));
	model->seen = calloc(model->nr_frames, sizeof(*model->seen));
	model->blocks = calloc(model->nr_frames, sizeof(*model->blocks));
	if (!model->owner || !model->zone || !model->seen || !model->blocks)
		abort();
	for (i = 0; i < model->nr_frames; i++)
		model->owner[i] = MODEL_HOLE;
	for (i = 0; i < conf->nr_ranges; i++)
		model->managed += r[i].end_pfn - r[i].start_pfn;
	zone_shares(conf, model->managed, share);
	for (i = 0; i < conf->nr_ranges; i++)
		deal_range(model, &r[i], share, &type);
}

/**
 * model_exit - free what model_init() made
 * @model: the model
 */
void model_exit(struct model *model)
{
	free(model->owner);
	free(model->zone);
	free(model->seen);
	free(model->blocks);
}

/**
 * model_copy - make one model say what another one says
 * @to: a model of the same configuration
 * @from: the other one
 */
void model_copy(struct model *to, const struct model *from)
{
	struct model keep = *to;

	*to = *from;
	to->owner = keep.owner;
	to->zone = keep.zone;
	to->seen = keep.seen;
	to->blocks = keep.blocks;
	memcpy(to->owner, from->owner, from->nr_frames * sizeof(*to->owner));
	memcpy(to->blocks, from->blocks, from->nr_blocks * sizeof(*to->blocks));
}

/**
 * model_reset - forget what was counted, as a mirror does when it is reset
 * @model: the model
 */
void model_reset(struct model *model)
{
	memset(model->served, 0, sizeof(model->served));
	memset(model->allocated, 0, sizeof(model->allocated));
	model->freed = 0;
}

/* changing ---------------------------------------------------------------------- */

static void own(struct model *model, const struct model_block *block, u16 owner)
{
	u32 i;

	for (i = 0; i < 1u << block->order; i++)
		model->owner[block->first + i] = owner;
}

static struct model_block *add_block(struct model *model, u32 first,
				     unsigned int order, u32 refs)
{
	struct model_block *block = &model->blocks[model->nr_blocks];

	block->first = first;
	block->order = order;
	block->refs = refs;
	block->compound = false;
	own(model, block, model->nr_blocks++);
	return block;
}

/* The last block of the array takes the place of one that goes. */
static void remove_block(struct model *model, struct model_block *block)
{
	struct model_block *last = &model->blocks[--model->nr_blocks];

	own(model, block, MODEL_FREE);
	if (block == last)
		return;
	*block = *last;
	own(model, block, block - model->blocks);
}

static void check_frame(const struct model *model, unsigned long pfn,
			unsigned int zone)
{
	u32 frame = pfn - model->base;

	if (frame >= model->nr_frames || model->owner[frame] == MODEL_HOLE)
		fuzz_found("pfn %#lx was allocated, which is in no range", pfn);
	if (model->owner[frame] != MODEL_FREE)
		fuzz_found("pfn %#lx was allocated, which is held: order %u at %#lx",
			   pfn, model->blocks[model->owner[frame]].order,
			   model_pfn(model,
				     model->blocks[model->owner[frame]].first));
	if (model->zone[frame] != zone)
		fuzz_found("pfn %#lx is in zone %u, the block's first frame in zone %u",
			   pfn, model->zone[frame], zone);
}

/**
 * model_take - somebody got a block
 * @model: the model
 * @pfn: its first frame
 * @order: its size
 * @compound: was it to be compound?
 *
 * Return: the block; the program ends where this cannot be.
 */
struct model_block *model_take(struct model *model, unsigned long pfn,
			       unsigned int order, bool compound)
{
	unsigned long nr = 1ul << order, i;
	struct model_block *block;
	unsigned int zone;

	if (pfn % nr)
		fuzz_found("pfn %#lx is no place for a block of order %u", pfn, order);
	if (pfn < model->base || pfn - model->base >= model->nr_frames)
		fuzz_found("pfn %#lx was allocated, which is in no range", pfn);
	zone = model->zone[pfn - model->base];
	for (i = 0; i < nr; i++)
		check_frame(model, pfn + i, zone);
	block = add_block(model, pfn - model->base, order, 1);
	block->compound = compound && order;
	model->used += nr;
	model->zone_used[zone] += nr;
	model->served[zone]++;
	model->allocated[zone % MIRROR_MAX_NR_ZONES] += nr;
	return block;
}

static void release(struct model *model, u32 first, unsigned long nr)
{
	model->used -= nr;
	model->zone_used[model->zone[first]] -= nr;
	model->freed += nr;
}

/**
 * model_put - a reference is given back; the last one frees the block
 * @model: the model
 * @block: the block; compound, a single page, or with other references
 */
void model_put(struct model *model, struct model_block *block)
{
	if (--block->refs)
		return;
	release(model, block->first, 1ul << block->order);
	remove_block(model, block);
}

/**
 * model_free - a block is freed by who knows its order
 * @model: the model
 * @block: the block
 *
 * Where others have references, all but the first page of a block that is not
 * compound goes.
 */
void model_free(struct model *model, struct model_block *block)
{
	u32 first = block->first, refs = block->refs, i;
	unsigned long nr = 1ul << block->order;

	if (refs == 1 || block->compound || nr == 1) {
		model_put(model, block);
		return;
	}
	for (i = 1; i < nr; i++)
		model->owner[first + i] = MODEL_FREE;
	block->order = 0;
	block->refs--;
	release(model, first, nr - 1);
}

/**
 * model_split - every page of a block becomes a block of its own
 * @model: the model
 * @block: the block, not compound; its first page keeps the references
 */
void model_split(struct model *model, struct model_block *block)
{
	u32 first = block->first, nr = 1u << block->order, i;

	block->order = 0;
	for (i = 1; i < nr; i++)
		add_block(model, first + i, 0, 1);
}
