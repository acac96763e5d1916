// SPDX-License-Identifier: GPL-2.0
/*
 * Pages in other portions than one block: exact ranges, batches of mixed orders, and free
 * blocks that leave their lists for a moment.
 */
#include <errno.h>
#include <linux/mirror_mm.h>
#include "run.h"
#include "state.h"

static struct model_block *block_at(struct model *model, u32 frame)
{
	return &model->blocks[model->owner[frame]];
}

/* exact ranges --------------------------------------------------------------------- */

/* More than half a block, and the block at most. */
static u32 exact_pages(const struct op *op, unsigned int order)
{
	return (1u << order) - (order ? (op->arg[0] >> 4) % (1u << (order - 1)) : 0);
}

/* The block was split, and what was too much of it went back. */
static void take_exact(struct model *model, u32 first, unsigned int order, u32 nr)
{
	u32 i;

	model_split(model, block_at(model, first));
	for (i = nr; i < 1u << order; i++)
		model_free(model, block_at(model, first + i));
}

long op_exact_alloc(struct run *run, struct done *done)
{
	struct mirror_page *page;
	struct promise promise;
	unsigned long pfn;
	struct request r;
	u32 nr;

	request_decode(run, &done->op, &r);
	r.gfp &= ~__MIRROR_GFP_COMP;
	r.nodemask = 0;
	done->order = r.order;
	nr = exact_pages(&done->op, r.order);
	promise_make(run, &r, &promise);
	page = mirror_alloc_pages_exact(run->m, nr * PAGE_SIZE - done->op.arg[3], r.gfp, r.nid);
	if (!page) {
		if (promise.serve && request_possible(run, &r))
			fuzz_found("%u exact pages failed, gfp %#x, node %d, and there is enough",
				   nr, r.gfp, r.nid);
		return -ENOMEM;
	}
	pfn = request_note(run, &r, page);
	promise_keep(run, &r, &promise, run->model.zone[pfn - run->model.base]);
	take_exact(&run->model, pfn - run->model.base, r.order, nr);
	return pfn;
}

/* Single pages that are held, one after the other from @first on. */
static u32 single_pages(struct model *model, u32 first, u32 most)
{
	u32 i;

	for (i = 0; i < most && first + i < model->nr_frames; i++)
		if (model->owner[first + i] >= MODEL_MAX_FRAMES ||
		    block_at(model, first + i)->order)
			break;
	return i;
}

static void expect_unchanged(struct run *run, const struct state_key *before, int ret)
{
	struct state_key after = state_bytes_key(run->m);

	if (ret != -EINVAL)
		fuzz_found("free of exact pages: %d, should be refused", ret);
	if (!state_same(before, &after))
		fuzz_found("free of exact pages was refused, but something has changed");
}

/* As many as there are, or now and then more; wherever they begin. */
long op_exact_free(struct run *run, struct done *done)
{
	struct model_block *block = op_pick(run, done);
	u32 want = 1 + done->op.arg[2] % 64, first, have, nr, i;
	struct state_key before;
	struct mirror_page *page;
	unsigned int order;
	int ret;

	if (!block || block->order)
		return 0;
	first = block->first;
	have = single_pages(&run->model, first, want);
	nr = done->op.arg[3] & 1 ? want : have;
	order = order_base_2(nr);
	page = model_page(&run->model, run->m, first);
	before = state_bytes_key(run->m);
	ret = mirror_free_pages_exact(run->m, page, nr * PAGE_SIZE);
	if (nr > have || order > run->m->max_order ||
	    mirror_page_idx(run->m, page) & ((1u << order) - 1)) {
		expect_unchanged(run, &before, ret);
		return ret;
	}
	if (ret)
		fuzz_found("free of %u exact pages at frame %u was refused with %d", nr, first,
			   ret);
	for (i = 0; i < nr; i++)
		model_free(&run->model, block_at(&run->model, first + i));
	return nr;
}

/* batches -------------------------------------------------------------------------- */

#define BATCH_MAX	80

/**
 * struct batch - an array of blocks to be freed
 * @page: its elements; some are NULL
 * @order: of each
 * @frame: first frame of each, for the model
 * @nr: how many
 * @again: the last element is the first one once more, which has to be refused
 */
struct batch {
	struct mirror_page *page[BATCH_MAX + 1];
	unsigned int order[BATCH_MAX + 1];
	u32 frame[BATCH_MAX];
	unsigned int nr;
	bool again;
};

static void collect_batch(struct run *run, const struct done *done, struct batch *batch)
{
	u32 want = min_t(u32, 1 + done->op.arg[2] % BATCH_MAX, run->model.nr_blocks);
	u32 at = done->op.arg[0] | done->op.arg[1] << 8, i;

	for (i = 0; i < want; i++) {
		const struct model_block *block =
			&run->model.blocks[(at + i) % run->model.nr_blocks];

		/* A gap is no block, whatever its order. */
		batch->order[i] = done->op.arg[3] & 1 && i % 3 == 1 ? ~0u : block->order;
		batch->frame[i] = block->first;
		batch->page[i] = batch->order[i] == ~0u ? NULL :
				 model_head(&run->model, run->m, block);
	}
	batch->nr = want;
	if (done->op.arg[3] & 2 && want && block_at(&run->model, batch->frame[0])->refs == 1) {
		batch->again = true;
		batch->page[want] = batch->page[0];
		batch->order[want] = batch->order[0];
	}
}

long op_batch_free(struct run *run, struct done *done)
{
	unsigned int freed, expected = 0, i;
	struct batch batch = {};
	bool wanted[BATCH_MAX];

	if (!run->model.nr_blocks)
		return 0;
	collect_batch(run, done, &batch);
	for (i = 0; i < batch.nr; i++) {
		wanted[i] = batch.page[i];
		expected += wanted[i];
	}
	freed = mirror_free_blocks_batch(run->m, batch.nr + batch.again, batch.page, batch.order);
	if (freed != expected)
		fuzz_found("batch: %u of %u blocks were freed", freed, expected);
	for (i = 0; i < batch.nr; i++) {
		if (batch.page[i])
			fuzz_found("batch: element %u is still there", i);
		if (wanted[i])
			model_free(&run->model, block_at(&run->model, batch.frame[i]));
	}
	if (batch.again && !batch.page[batch.nr])
		fuzz_found("batch: a block was freed twice");
	return freed;
}

/* isolated blocks ------------------------------------------------------------------- */

/* A block on a free list, or NULL where the chosen page is in none. */
static struct mirror_page *free_block_at(struct run *run, struct done *done)
{
	u32 frame = (done->op.arg[0] | done->op.arg[1] << 8) % run->model.nr_frames;
	struct mirror_page *page, *head;

	if (run->model.owner[frame] != MODEL_FREE)
		return NULL;
	page = model_page(&run->model, run->m, frame);
	head = mirror_page_head(run->m, page);
	if (!head || mirror_page_state(head) != MIRROR_PAGE_BUDDY)
		return NULL;
	done->block = model_pfn(&run->model, frame);
	done->order = mirror_page_order(head);
	return done->op.arg[2] & 1 ? head : page;
}

static void expect_free(struct run *run, const char *when, unsigned long nr_out)
{
	if (mirror_nr_free(run->m) + nr_out + run->model.used != run->model.managed)
		fuzz_found("%s: %lu pages free, %lu out, %lu held, of %lu", when,
			   mirror_nr_free(run->m), nr_out, run->model.used,
			   run->model.managed);
}

/* The whole block: nobody can free it meanwhile, and it comes back as it was. */
static long isolate_block(struct run *run, struct done *done, struct mirror_page *head)
{
	struct mirror_zone *zone = mirror_page_zone(run->m, head);
	u32 idx = mirror_page_idx(run->m, head);
	unsigned long flags, nr;
	int mt;

	raw_spin_lock_irqsave(&zone->lock, flags);
	nr = mirror_isolate_free_page(zone, idx, done->order);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	expect_free(run, "isolated", nr);
	if (!nr)
		return 0;
	if (nr != 1ul << done->order || atomic_read(&head->refs) ||
	    mirror_page_state(head) != MIRROR_PAGE_ISOLATED)
		fuzz_found("%lu pages were isolated of a block of order %u", nr, done->order);
	if (mirror_free_pages(run->m, head, done->order) != -EINVAL)
		fuzz_found("an isolated block was freed");
	raw_spin_lock_irqsave(&zone->lock, flags);
	mt = mirror_pageblock_type(run->m, idx);
	if (!mirror_putback_isolated_page(zone, idx, done->order, mt) ||
	    mirror_putback_isolated_page(zone, idx, done->order, mt))
		fuzz_found("an isolated block has to come back once");
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return nr;
}

static long take_off_page(struct run *run, struct mirror_page *page)
{
	struct mirror_zone *zone = mirror_page_zone(run->m, page);
	u32 idx = mirror_page_idx(run->m, page);

	if (!mirror_take_page_off_buddy(zone, idx))
		fuzz_found("a page of a free block was not taken off");
	expect_free(run, "taken off", 1);
	if (mirror_take_page_off_buddy(zone, idx))
		fuzz_found("a page was taken off twice");
	if (!mirror_put_page_back_buddy(zone, idx) || mirror_put_page_back_buddy(zone, idx))
		fuzz_found("a page that was taken off has to come back once");
	return 1;
}

long op_isolate(struct run *run, struct done *done)
{
	struct mirror_page *page = free_block_at(run, done);
	long nr;

	if (!page)
		return 0;
	nr = done->op.arg[2] & 1 ? isolate_block(run, done, page) : take_off_page(run, page);
	expect_free(run, "put back", 0);
	return nr;
}
