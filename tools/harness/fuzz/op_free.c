// SPDX-License-Identifier: GPL-2.0
/*
 * What the holder of a block may do with it, in the mirror and in the model.
 */
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

/* Any page of the block will do where a reference is meant. */
static struct mirror_page *any_page(struct run *run, const struct done *done,
				    const struct model_block *block)
{
	u32 page = done->op.arg[2] % (1u << block->order);

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
	expect_done(done, mirror_core_free(run->m,
					   model_head(&run->model, run->m, block),
					   block->order), "free");
	model_free(&run->model, block);
	return 0;
}

long op_put(struct run *run, struct done *done)
{
	struct model_block *block = op_pick(run, done);

	if (!block)
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

	if (!block || block->compound || block->refs != 1)
		return 0;
	expect_done(done, mirror_core_split(run->m,
					    model_head(&run->model, run->m, block),
					    block->order), "split");
	model_split(&run->model, block);
	return 0;
}

static struct model_block *pick_single(struct run *run, struct done *done)
{
	struct model_block *block = op_pick(run, done);

	return block && !block->order ? block : NULL;
}

/* Single pages, as many as there are from the one picked on. */
long op_bulk_free(struct run *run, struct done *done)
{
	unsigned int nr = 1 + done->op.arg[2] % 64, freed = 0;
	struct model_block *block;

	while (nr-- && (block = pick_single(run, done))) {
		expect_done(done, mirror_core_free(run->m,
						   model_head(&run->model, run->m,
							      block), 0),
			    "bulk free");
		model_free(&run->model, block);
		freed++;
	}
	return freed;
}
