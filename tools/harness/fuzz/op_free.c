// SPDX-License-Identifier: GPL-2.0
/*
 * What the holder of a block may do with it, in the mirror and in the model.
 */
#include <linux/mirror_mm.h>
#include "run.h"

/* Enough to see what references do, too few to run over. */
#define MAX_REFS	1000

/**
 * op_pick - a block that is held
 * @run: the run
 * @done: its operation picks; says which block it was
 *
 * Return: the block, or NULL where nothing is held.
 */
struct model_block *op_pick(struct run *run, struct done *done)
{
	u32 which = done->op.arg[0] | done->op.arg[1] << 8;
	struct model_block *block;

	if (!run->model.nr_blocks)
		return NULL;
	block = &run->model.blocks[which % run->model.nr_blocks];
	done->block = model_pfn(&run->model, block->first);
	done->order = block->order;
	return block;
}

/* Any page of a compound block will do where a reference is meant. */
static struct mirror_page *any_page(struct run *run, const struct done *done,
				    const struct model_block *block)
{
	u32 page = block->compound ? done->op.arg[2] % (1u << block->order) : 0;

	return model_page(&run->model, run->m, block->first + page);
}

static void expect_done(const struct done *done, int ret, const char *what)
{
	if (ret)
		fuzz_found("%s of the block at %#lx, order %u, was refused with %d",
			   what, done->block, done->order, ret);
}

long op_free(struct run *run, struct done *done)
{
	struct model_block *block = op_pick(run, done);

	if (!block)
		return 0;
	expect_done(done, mirror_free_pages(run->m,
					    model_head(&run->model, run->m, block),
					   block->order), "free");
	model_free(&run->model, block);
	return 0;
}

/* The last put of a block that is not compound would lose its tails for ever. */
long op_put(struct run *run, struct done *done)
{
	struct model_block *block = op_pick(run, done);

	if (!block || (block->refs == 1 && block->order && !block->compound))
		return 0;
	expect_done(done, mirror_core_put(run->m, any_page(run, done, block)), "put");
	model_put(&run->model, block);
	return 0;
}

long op_get(struct run *run, struct done *done)
{
	struct model_block *block = op_pick(run, done);

	if (!block || block->refs >= MAX_REFS)
		return 0;
	expect_done(done, mirror_core_get(run->m, any_page(run, done, block)), "get");
	block->refs++;
	return 0;
}

long op_split(struct run *run, struct done *done)
{
	struct model_block *block = op_pick(run, done);

	if (!block || block->compound)
		return 0;
	expect_done(done, mirror_core_split(run->m,
					    model_head(&run->model, run->m, block),
					    block->order), "split");
	model_split(&run->model, block);
	return 0;
}

/* many at once ------------------------------------------------------------------- */

#define BULK_MAX	64

/**
 * struct bulk - an array of single pages to be freed
 * @page: its elements; some are NULL
 * @frame: frame of each, for the model
 * @nr: how many
 * @again: the last element is the first one once more, which has to be refused
 */
struct bulk {
	struct mirror_page *page[BULK_MAX];
	u32 frame[BULK_MAX];
	unsigned int nr;
	bool again;
};

static struct model_block *block_at(struct model *model, u32 frame)
{
	return &model->blocks[model->owner[frame]];
}

/* Single pages from the one picked on, whatever zone they are of, with gaps between. */
static void collect(struct run *run, const struct done *done, struct bulk *bulk)
{
	unsigned int want = 1 + done->op.arg[2] % (BULK_MAX - 1), step;
	u32 at = done->op.arg[0] | done->op.arg[1] << 8;
	const struct model *model = &run->model;

	for (step = 0; step < model->nr_blocks && bulk->nr < want; step++) {
		const struct model_block *block =
			&model->blocks[(at + step) % model->nr_blocks];

		if (block->order)
			continue;
		bulk->frame[bulk->nr] = block->first;
		bulk->page[bulk->nr++] = model_head(model, run->m, block);
		if (done->op.arg[3] & 1 && bulk->nr < want)
			bulk->page[bulk->nr++] = NULL;
	}
	if (done->op.arg[3] & 2 && bulk->nr &&
	    block_at(&run->model, bulk->frame[0])->refs == 1) {
		bulk->again = true;
		bulk->page[bulk->nr++] = bulk->page[0];
	}
}

long op_bulk_free(struct run *run, struct done *done)
{
	unsigned int freed, expected = 0, i, nr;
	struct bulk bulk = {};
	bool wanted[BULK_MAX];

	collect(run, done, &bulk);
	nr = bulk.nr - bulk.again;
	for (i = 0; i < nr; i++) {
		wanted[i] = bulk.page[i];
		expected += wanted[i];
	}
	freed = mirror_free_pages_bulk(run->m, bulk.nr, bulk.page);
	if (freed != expected)
		fuzz_found("bulk free: %u of %u pages", freed, expected);
	for (i = 0; i < nr; i++) {
		if (bulk.page[i])
			fuzz_found("bulk free: element %u is still there", i);
		if (wanted[i])
			model_free(&run->model, block_at(&run->model, bulk.frame[i]));
	}
	if (bulk.again && !bulk.page[nr])
		fuzz_found("bulk free: a page was freed twice");
	return freed;
}
