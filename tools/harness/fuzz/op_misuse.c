// SPDX-License-Identifier: GPL-2.0
/*
 * Callers' mistakes. Each has to be refused with the errno that is documented,
 * and must not change a byte of the mirror.
 */
#include <errno.h>
#include <linux/mirror_mm.h>
#include "core/gfp_ops.h"
#include "run.h"
#include "state.h"

/* Where a mistake has nothing to be made with. */
#define NOTHING_TO_DO	1

static u32 chance(const struct done *done)
{
	return done->op.arg[1] | done->op.arg[2] << 8;
}

static void expect_refusal(const char *what, int ret, int want)
{
	if (ret != want)
		fuzz_found("%s: %d, should be %d", what, ret, want);
}

/* A page that nobody holds, from a random one on; NULL where all are held. */
static struct mirror_page *free_page(struct run *run, struct done *done)
{
	struct model *model = &run->model;
	u32 i;

	for (i = 0; i < model->nr_frames; i++) {
		u32 frame = (chance(done) + i) % model->nr_frames;

		if (model->owner[frame] == MODEL_FREE) {
			done->block = model_pfn(model, frame);
			return model_page(model, run->m, frame);
		}
	}
	return NULL;
}

static struct model_block *held(struct run *run, struct done *done)
{
	struct model *model = &run->model;
	struct model_block *block;

	if (!model->nr_blocks)
		return NULL;
	block = &model->blocks[chance(done) % model->nr_blocks];
	done->block = model_pfn(model, block->first);
	done->order = block->order;
	return block;
}

/* mistakes ---------------------------------------------------------------------- */

static long free_of_free(struct run *run, struct done *done)
{
	struct mirror_page *page = free_page(run, done);

	if (!page)
		return NOTHING_TO_DO;
	/* Also with the order that its descriptor happens to show. */
	done->order = done->op.arg[3] & 0x80 ? mirror_page_order(page) :
		      done->op.arg[3] % 12;
	return mirror_free_pages(run->m, page, done->order);
}

static long put_of_free(struct run *run, struct done *done)
{
	struct mirror_page *page = free_page(run, done);

	return page ? mirror_core_put(run->m, page) : NOTHING_TO_DO;
}

static long get_of_free(struct run *run, struct done *done)
{
	struct mirror_page *page = free_page(run, done);

	return page ? mirror_core_get(run->m, page) : NOTHING_TO_DO;
}

static long split_of_free(struct run *run, struct done *done)
{
	struct mirror_page *page = free_page(run, done);

	return page ? mirror_core_split(run->m, page, mirror_page_order(page)) :
	       NOTHING_TO_DO;
}

static long wrong_order(struct run *run, struct done *done)
{
	struct model_block *block = held(run, done);
	unsigned int order = done->op.arg[3] % 33;

	if (!block || block->order == order)
		return NOTHING_TO_DO;
	return mirror_free_pages(run->m, model_head(&run->model, run->m, block), order);
}

static long split_wrongly(struct run *run, struct done *done)
{
	struct model_block *block = held(run, done);
	unsigned int order = done->op.arg[3] % 12;

	if (!block || (block->order == order && !block->compound))
		return NOTHING_TO_DO;
	return mirror_core_split(run->m, model_head(&run->model, run->m, block), order);
}

static long free_of_tail(struct run *run, struct done *done)
{
	struct model_block *block = held(run, done);
	struct mirror_page *page;

	if (!block || !block->order)
		return NOTHING_TO_DO;
	page = model_page(&run->model, run->m, block->first + 1 +
			  done->op.arg[3] % ((1u << block->order) - 1));
	return done->op.arg[3] & 0x80 ? mirror_core_split(run->m, page, 0) :
	       mirror_free_pages(run->m, page, done->op.arg[3] & 0x40 ? 0 : block->order);
}

/* References are those of the head where a block is not compound. */
static long get_or_put_of_tail(struct run *run, struct done *done)
{
	struct model_block *block = held(run, done);
	struct mirror_page *page;

	if (!block || !block->order || block->compound)
		return NOTHING_TO_DO;
	page = model_page(&run->model, run->m, block->first + 1 +
			  done->op.arg[3] % ((1u << block->order) - 1));
	return done->op.arg[3] & 0x80 ? mirror_core_get(run->m, page) :
	       mirror_core_put(run->m, page);
}

static long call(struct run *run, struct mirror_page *page, unsigned int which)
{
	switch (which % 4) {
	case 0:
		return mirror_free_pages(run->m, page, which / 4 % 4);
	case 1:
		return mirror_core_put(run->m, page);
	case 2:
		return mirror_core_get(run->m, page);
	default:
		return mirror_core_split(run->m, page, which / 4 % 4);
	}
}

/* Past either end, between two descriptors, NULL, or of something else. */
static long foreign(struct run *run, struct done *done)
{
	struct mirror_page other = {};
	struct mirror_page *pages = run->m->pages;
	struct mirror_page *page[] = {
		&other, NULL, pages - 1, pages + run->m->nr_desc,
		(void *)pages + 8, (void *)pages + 1, (void *)-16l,
		(void *)&pages[chance(done) % run->m->nr_desc] + 4,
	};

	return call(run, page[done->op.arg[3] % ARRAY_SIZE(page)], chance(done));
}

static long hole(struct run *run, struct done *done)
{
	struct mirror *m = run->m;
	u32 i;

	for (i = 0; i < m->nr_desc; i++) {
		u32 idx = (chance(done) + i) % m->nr_desc;

		if (mirror_page_state(&m->pages[idx]) == MIRROR_PAGE_HOLE)
			return call(run, &m->pages[idx], done->op.arg[3] % 4);
	}
	return NOTHING_TO_DO;
}

static long reset_while_held(struct run *run, struct done *done)
{
	return run->model.used ? mirror_core_reset(run->m) : NOTHING_TO_DO;
}

static long bad_flags(struct run *run, struct done *done)
{
	static const u32 bad[] = {
		__MIRROR_GFP_MOVABLE | __MIRROR_GFP_RECLAIMABLE,
		__MIRROR_GFP_DMA | __MIRROR_GFP_DMA32,
		__MIRROR_GFP_DMA | __MIRROR_GFP_HIGHMEM,
		__MIRROR_GFP_DMA32 | __MIRROR_GFP_HIGHMEM,
		__MIRROR_GFP_ALL + 1, 1u << 31,
	};

	return mirror_gfp_check(bad[chance(done) % ARRAY_SIZE(bad)]);
}

static long bad_setting(struct run *run, struct done *done)
{
	switch (chance(done) % 4) {
	case 0:
		return mirror_set_high_fraction(run->m, 1 + done->op.arg[3] % 7);
	case 1:
		return mirror_set_watermark_scale_factor(run->m, 0);
	case 2:
		return mirror_set_watermark_scale_factor(run->m, 3001 + chance(done));
	default:
		return mirror_set_min_free_kbytes(run->m,
				(run->model.managed + 1) << (PAGE_SHIFT - 10));
	}
}

static const struct {
	const char *name;
	long (*fn)(struct run *run, struct done *done);
	int refusal;
} mistakes[NR_MISTAKES] = {
	{ "free of a page that is free", free_of_free, -EINVAL },
	{ "put of a page that is free", put_of_free, -EINVAL },
	{ "get of a page that is free", get_of_free, -EINVAL },
	{ "split of a page that is free", split_of_free, -EINVAL },
	{ "free with the wrong order", wrong_order, -EINVAL },
	{ "split of what cannot be split", split_wrongly, -EINVAL },
	{ "free or split of a tail", free_of_tail, -EINVAL },
	{ "get or put of a tail", get_or_put_of_tail, -EINVAL },
	{ "foreign pointer", foreign, -ENXIO },
	{ "use of a hole", hole, -EINVAL },
	{ "reset while blocks are held", reset_while_held, -EBUSY },
	{ "flags that make no sense", bad_flags, -EINVAL },
	{ "a setting out of bounds", bad_setting, -EINVAL },
};

/**
 * misuse_name - what mistake an operation is
 * @op: the operation
 *
 * Return: in words.
 */
const char *misuse_name(const struct op *op)
{
	return mistakes[op->arg[0] % ARRAY_SIZE(mistakes)].name;
}

long op_misuse(struct run *run, struct done *done)
{
	unsigned int which = done->op.arg[0] % ARRAY_SIZE(mistakes);
	struct state_key before = state_bytes_key(run->m), after;
	long ret = mistakes[which].fn(run, done);

	if (ret == NOTHING_TO_DO)
		return 0;
	expect_refusal(mistakes[which].name, ret, mistakes[which].refusal);
	after = state_bytes_key(run->m);
	if (!state_same(&before, &after))
		fuzz_found("%s was refused, but something has changed",
			   mistakes[which].name);
	return ret;
}
