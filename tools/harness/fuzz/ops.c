// SPDX-License-Identifier: GPL-2.0
/*
 * From bytes to operations, and from operations to what carries them out.
 */
#include <string.h>
#include "run.h"

/* How often each comes up, of 64. */
static const u8 weights[NR_OPS] = {
	[OP_ALLOC] = 15,
	[OP_ALLOC_FIRST] = 4,
	[OP_FREE] = 13,
	[OP_PUT] = 4,
	[OP_GET] = 2,
	[OP_SPLIT] = 2,
	[OP_BULK_ALLOC] = 2,
	[OP_BULK_FREE] = 2,
	[OP_INTERRUPT] = 3,
	[OP_CPU] = 2,
	[OP_DRAIN_CPU] = 1,
	[OP_DRAIN_ALL] = 1,
	[OP_TICK] = 2,
	[OP_KSWAPD] = 1,
	[OP_UNRESERVE] = 1,
	[OP_MIN_FREE] = 1,
	[OP_SCALE] = 1,
	[OP_FRACTION] = 1,
	[OP_RATIO] = 1,
	[OP_MARKS] = 1,
	[OP_CACHE] = 1,
	[OP_RESET] = 1,
	[OP_MISUSE] = 2,
};

/* What takes the place of others when the two highest bits are set, which no weight uses. */
static const u8 instead[NR_OPS] = {
	[OP_ALLOC_FIRST] = OP_EXACT_ALLOC,
	[OP_BULK_FREE] = OP_EXACT_FREE,
	[OP_PUT] = OP_BATCH_FREE,
	[OP_INTERRUPT] = OP_ISOLATE,
};

static long (* const handlers[NR_OPS])(struct run *run, struct done *done) = {
	[OP_ALLOC] = op_alloc,
	[OP_ALLOC_FIRST] = op_alloc_first,
	[OP_FREE] = op_free,
	[OP_PUT] = op_put,
	[OP_GET] = op_get,
	[OP_SPLIT] = op_split,
	[OP_BULK_ALLOC] = op_bulk_alloc,
	[OP_BULK_FREE] = op_bulk_free,
	[OP_INTERRUPT] = op_interrupt,
	[OP_CPU] = op_cpu,
	[OP_DRAIN_CPU] = op_drain_cpu,
	[OP_DRAIN_ALL] = op_drain_all,
	[OP_TICK] = op_tick,
	[OP_KSWAPD] = op_kswapd,
	[OP_UNRESERVE] = op_unreserve,
	[OP_MIN_FREE] = op_min_free,
	[OP_SCALE] = op_scale,
	[OP_FRACTION] = op_fraction,
	[OP_RATIO] = op_ratio,
	[OP_MARKS] = op_marks,
	[OP_CACHE] = op_cache,
	[OP_RESET] = op_reset,
	[OP_MISUSE] = op_misuse,
	[OP_EXACT_ALLOC] = op_exact_alloc,
	[OP_EXACT_FREE] = op_exact_free,
	[OP_BATCH_FREE] = op_batch_free,
	[OP_ISOLATE] = op_isolate,
};

/**
 * op_decode - read an operation
 * @op: filled in
 * @bytes: any
 */
void op_decode(struct op *op, const u8 bytes[OP_BYTES])
{
	int left = bytes[0] % 64;

	op->code = 0;
	while (op->code + 1 < NR_OPS && left >= weights[op->code])
		left -= weights[op->code++];
	if (bytes[0] >= 192 && instead[op->code])
		op->code = instead[op->code];
	memcpy(op->arg, bytes + 1, sizeof(op->arg));
}

/**
 * run_begin - make a mirror and a model
 * @run: all but @run->loud is filled in
 * @g: the geometry
 */
void run_begin(struct run *run, const struct geometry *g)
{
	run->nr_done = 0;
	run->nr_printed = 0;
	run->cpu = 0;
	run->nr_cpus = g->nr_cpus;
	model_init(&run->model, &g->conf);
	run->m = geometry_create(g);
	pristine_note(&run->made, run->m);
	geometry_mark_cma(g, run->m);
	pristine_note(&run->merged, run->m);
	model_verify(&run->model, run->m);
}

/**
 * run_exit - free both
 * @run: the run
 */
void run_exit(struct run *run)
{
	mirror_core_destroy(run->m);
	model_exit(&run->model);
}

/**
 * run_op - carry an operation out, in the mirror and in the model
 * @run: the run, with room for one more
 * @op: the operation
 *
 * Compares the counters afterwards; the program ends where they differ.
 */
void run_op(struct run *run, const struct op *op)
{
	struct done *done = &run->done[run->nr_done++];

	*done = (struct done){ .op = *op };
	done->result = handlers[op->code](run, done);
	if (run->loud) {
		op_print(done);
		run->nr_printed = run->nr_done;
	}
	model_verify_counts(&run->model, run->m);
}

/**
 * run_print - say in words what a run was made of
 * @run: the run
 * @g: what its mirror was made from
 */
void run_print(const struct run *run, const struct geometry *g)
{
	unsigned int i;

	if (!run->loud)
		geometry_print(g);
	for (i = run->nr_printed; i < run->nr_done; i++)
		op_print(&run->done[i]);
}
