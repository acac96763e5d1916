// SPDX-License-Identifier: GPL-2.0
/*
 * Requests, as the users of a mirror make them, and first attempts alone. What
 * comes out goes into the model, and is held against what was promised.
 */
#include <string.h>
#include <linux/mirror_mm.h>
#include "core/gfp_ops.h"
#include "run.h"

/* decoding ---------------------------------------------------------------------- */

/**
 * op_gfp - flags of a request
 * @op: the operation
 *
 * Bits that the core does not look at are not among them. A second zone or a
 * second mobility is left out, so that the flags make sense.
 *
 * Return: MIRROR_GFP_*.
 */
u32 op_gfp(const struct op *op)
{
	static const u32 bits[] = {
		__MIRROR_GFP_MOVABLE, __MIRROR_GFP_RECLAIMABLE,
		__MIRROR_GFP_HIGHMEM, __MIRROR_GFP_HIGH,
		__MIRROR_GFP_DIRECT_RECLAIM, __MIRROR_GFP_KSWAPD_RECLAIM,
		__MIRROR_GFP_COMP, __MIRROR_GFP_THISNODE,
		__MIRROR_GFP_DMA, __MIRROR_GFP_DMA32, __MIRROR_GFP_MEMALLOC,
		__MIRROR_GFP_NOMEMALLOC, __MIRROR_GFP_ZERO,
		__MIRROR_GFP_NORETRY, __MIRROR_GFP_RETRY_MAYFAIL,
		__MIRROR_GFP_HARDWALL,
	};
	u32 given = op->arg[1] | op->arg[2] << 8, gfp = 0;
	unsigned int i;

	/* An interrupt never waits. */
	if (op->code == OP_INTERRUPT)
		given &= ~BIT(4);
	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (given & BIT(i) && !mirror_gfp_check(gfp | bits[i]))
			gfp |= bits[i];
	return gfp;
}

/**
 * op_is_request - does the operation want one block?
 * @op: the operation
 *
 * Return: true where it does.
 */
bool op_is_request(const struct op *op)
{
	return op->code <= OP_ALLOC_FIRST || op->code == OP_EXACT_ALLOC ||
	       (op->code == OP_INTERRUPT && op->arg[0] & 0x10);
}

/**
 * request_decode - what an operation asks for
 * @run: the run
 * @op: the operation
 * @r: filled in
 */
void request_decode(const struct run *run, const struct op *op, struct request *r)
{
	const unsigned int nr_nodes = run->m->nr_nodes;
	unsigned int where = op->arg[3];

	r->order = (op->arg[0] & 0xf) % (run->m->max_order + 1);
	r->gfp = op_gfp(op);
	r->nid = where % nr_nodes;
	where /= 4;
	r->nodemask = where % 4 == 1 ? BIT_ULL(where / 4 % nr_nodes) :
		      where % 4 == 2 ? ~BIT_ULL(where / 4 % nr_nodes) : 0;
	r->first_only = op->code == OP_ALLOC_FIRST;
}

/* asking ------------------------------------------------------------------------ */

static struct mirror_page *ask(struct run *run, const struct request *r)
{
	struct mirror_alloc_context ac;
	bool zones;

	zones = mirror_prepare_alloc(run->m, r->gfp, r->nid, r->nodemask, &ac);
	if (zones != request_possible(run, r))
		fuzz_found("a zone for the request: %d in the mirror, %d in the model",
			   zones, !zones);
	if (!zones)
		return NULL;
	if (r->first_only)
		return mirror_alloc_fast(run->m, r->gfp, r->order, &ac);
	return mirror_alloc_pages_nodemask(run->m, r->gfp, r->order, r->nid,
					   r->nodemask);
}

/* taking note ------------------------------------------------------------------- */

/**
 * request_note - a request was served
 * @run: the run; its model takes note
 * @r: the request
 * @page: what it got
 *
 * Return: the pfn; the program ends where this cannot be.
 */
unsigned long request_note(struct run *run, const struct request *r, struct mirror_page *page)
{
	unsigned long pfn;

	if (!mirror_page_is_ours(run->m, page))
		fuzz_found("%p was allocated, which is no page of the mirror", page);
	pfn = mirror_idx_to_pfn(run->m, mirror_page_idx(run->m, page));
	model_take(&run->model, pfn, r->order, r->gfp & __MIRROR_GFP_COMP);
	if (atomic_read(&page->refs) != 1)
		fuzz_found("pfn %#lx was allocated with %d references", pfn,
			   atomic_read(&page->refs));
	return pfn;
}

static unsigned int zone_at(const struct run *run, unsigned long pfn)
{
	return run->model.zone[pfn - run->model.base];
}

static long do_alloc(struct run *run, struct done *done)
{
	struct mirror_page *page;
	struct promise promise;
	struct request r;
	unsigned long pfn;

	request_decode(run, &done->op, &r);
	done->order = r.order;
	promise_make(run, &r, &promise);
	page = ask(run, &r);
	if (!page) {
		if (promise.serve)
			fuzz_found("order %u failed, gfp %#x, node %d, and there is enough",
				   r.order, r.gfp, r.nid);
		return -ENOMEM;
	}
	pfn = request_note(run, &r, page);
	promise_keep(run, &r, &promise, zone_at(run, pfn));
	return pfn;
}

long op_alloc(struct run *run, struct done *done)
{
	return do_alloc(run, done);
}

long op_alloc_first(struct run *run, struct done *done)
{
	return do_alloc(run, done);
}

/* bulk ------------------------------------------------------------------------------ */

#define BULK_MAX	64

/* Some places of the array are taken already: they have to stay as they are. */
static void prefill(struct run *run, struct mirror_page **pages, unsigned int nr,
		    unsigned int pattern)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		pages[i] = run->model.nr_blocks && pattern >> (i % 8) & 1 ?
			   model_head(&run->model, run->m, &run->model.blocks[0]) :
			   NULL;
}

static void check_bulk(struct run *run, const struct request *r,
		       const struct promise *promise, struct mirror_page **pages,
		       struct mirror_page * const *before, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (before[i] && pages[i] != before[i])
			fuzz_found("bulk: element %u was not empty, and was changed", i);
		if (!before[i] && pages[i])
			promise_keep(run, r, promise,
				     zone_at(run, request_note(run, r, pages[i])));
	}
}

long op_bulk_alloc(struct run *run, struct done *done)
{
	struct mirror_page *pages[BULK_MAX], *before[BULK_MAX];
	unsigned int nr = 1 + done->op.arg[0] % BULK_MAX, filled, i;
	struct promise promise;
	struct request r;

	request_decode(run, &done->op, &r);
	r.order = 0;
	prefill(run, pages, nr, done->op.arg[0] & 0x80 ? done->op.arg[3] : 0);
	memcpy(before, pages, nr * sizeof(*pages));
	promise_make(run, &r, &promise);
	filled = mirror_alloc_pages_bulk_nodemask(run->m, r.gfp, r.nid, r.nodemask,
						  nr, pages);
	check_bulk(run, &r, &promise, pages, before, nr);
	for (i = 0; i < filled; i++)
		if (i >= nr || !pages[i])
			fuzz_found("bulk: %u by the result, element %u is empty", filled, i);
	for (i = 0; i < nr && before[i];)
		i++;
	if (i < nr && filled <= i && promise.serve)
		fuzz_found("bulk: no page, gfp %#x, node %d, and there is enough", r.gfp, r.nid);
	return filled;
}

long op_unreserve(struct run *run, struct done *done)
{
	struct mirror_alloc_context ac;
	struct request r;

	request_decode(run, &done->op, &r);
	if (!mirror_prepare_alloc(run->m, r.gfp, r.nid, r.nodemask, &ac))
		return 0;
	return mirror_unreserve_highatomic(run->m, &ac, done->op.arg[0] & 1);
}
