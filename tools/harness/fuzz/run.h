/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations, and a run of them on a mirror and its model side by side.
 */
#ifndef _HARNESS_FUZZ_RUN_H
#define _HARNESS_FUZZ_RUN_H

#include "geometry.h"

#define RUN_MAX_OPS	1024
#define OP_BYTES	5

enum op_code {
	OP_ALLOC,
	OP_ALLOC_FIRST,		/* the first attempt only */
	OP_FREE,
	OP_PUT,
	OP_GET,
	OP_SPLIT,
	OP_BULK_ALLOC,
	OP_BULK_FREE,
	OP_INTERRUPT,		/* a request or a free, the lists being in use */
	OP_CPU,
	OP_DRAIN_CPU,
	OP_DRAIN_ALL,
	OP_TICK,
	OP_KSWAPD,
	OP_UNRESERVE,
	OP_MIN_FREE,
	OP_SCALE,
	OP_FRACTION,
	OP_RATIO,
	OP_MARKS,
	OP_CACHE,
	OP_RESET,
	OP_MISUSE,
	/* in place of others, see op_decode() */
	OP_EXACT_ALLOC,
	OP_EXACT_FREE,
	OP_BATCH_FREE,
	OP_ISOLATE,		/* a free block leaves its list and comes back */
	NR_OPS
};

/**
 * struct op - one operation
 * @code: enum op_code
 * @arg: what they mean is the operation's own business
 */
struct op {
	u8 code;
	u8 arg[OP_BYTES - 1];
};

/**
 * struct done - an operation that was carried out
 * @op: what
 * @block: the block that was picked for it, first frame and order, if any
 * @order: its order
 * @result: a pfn, a number, or a negative errno
 */
struct done {
	struct op op;
	unsigned long block;
	unsigned int order;
	long result;
};

/* Free blocks of each zone and order of a mirror of which nothing is held. */
struct pristine {
	unsigned long nr_free[MODEL_MAX_ZONES][MIRROR_NR_ORDERS_MAX];
};

/**
 * struct run - a mirror, its model, and what was done
 * @m: the mirror
 * @model: the model
 * @made: the free blocks that it was made with, and has after each reset
 * @merged: those that it has when all is given back
 * @cpu: the CPU that operations run on
 * @nr_cpus: how many there are
 * @loud: print each operation as it is done
 * @done: what was done
 * @nr_done: length of @done
 * @nr_printed: how many of these were printed
 */
struct run {
	struct mirror *m;
	struct model model;
	struct pristine made;
	struct pristine merged;
	unsigned int cpu;
	unsigned int nr_cpus;
	bool loud;
	struct done done[RUN_MAX_OPS];
	unsigned int nr_done;
	unsigned int nr_printed;
};

/* ops.c */
void run_begin(struct run *run, const struct geometry *g);
void run_exit(struct run *run);
void op_decode(struct op *op, const u8 bytes[OP_BYTES]);
void run_op(struct run *run, const struct op *op);
void run_print(const struct run *run, const struct geometry *g);

/* words.c */
void op_print(const struct done *done);

/* op_alloc.c */
u32 op_gfp(const struct op *op);
bool op_is_request(const struct op *op);
long op_alloc(struct run *run, struct done *done);
long op_alloc_first(struct run *run, struct done *done);
long op_bulk_alloc(struct run *run, struct done *done);
long op_unreserve(struct run *run, struct done *done);

/* promise.c: which requests have to be served, and which must not be */
struct request {
	u32 gfp;
	unsigned int order;
	int nid;
	u64 nodemask;
	bool first_only;
};

struct promise {
	bool serve;		/* has to succeed */
	bool near;		/* from the node that was asked for */
	unsigned long avail[MODEL_MAX_ZONES];
};

void request_decode(const struct run *run, const struct op *op, struct request *r);
unsigned long request_note(struct run *run, const struct request *r, struct mirror_page *page);
int request_highest(const struct request *r);
bool request_allows(const struct request *r, unsigned int zone);
bool request_possible(const struct run *run, const struct request *r);
void promise_make(const struct run *run, const struct request *r,
		  struct promise *p);
void promise_keep(const struct run *run, const struct request *r,
		  const struct promise *p, unsigned int zone);

/* op_free.c */
long op_free(struct run *run, struct done *done);
long op_put(struct run *run, struct done *done);
long op_get(struct run *run, struct done *done);
long op_split(struct run *run, struct done *done);
long op_bulk_free(struct run *run, struct done *done);
struct model_block *op_pick(struct run *run, struct done *done);

/* op_exact.c */
long op_exact_alloc(struct run *run, struct done *done);
long op_exact_free(struct run *run, struct done *done);
long op_batch_free(struct run *run, struct done *done);
long op_isolate(struct run *run, struct done *done);

/* op_interrupt.c */
long op_interrupt(struct run *run, struct done *done);

/* op_chores.c */
long op_cpu(struct run *run, struct done *done);
long op_drain_cpu(struct run *run, struct done *done);
long op_drain_all(struct run *run, struct done *done);
long op_tick(struct run *run, struct done *done);
long op_kswapd(struct run *run, struct done *done);
long op_min_free(struct run *run, struct done *done);
long op_scale(struct run *run, struct done *done);
long op_fraction(struct run *run, struct done *done);
long op_ratio(struct run *run, struct done *done);
long op_marks(struct run *run, struct done *done);
long op_cache(struct run *run, struct done *done);
long op_reset(struct run *run, struct done *done);

/* op_misuse.c */
#define NR_MISTAKES	13
long op_misuse(struct run *run, struct done *done);
const char *misuse_name(const struct op *op);

/* end.c */
void pristine_note(struct pristine *p, const struct mirror *m);
void pristine_expect(const struct pristine *p, const struct mirror *m,
		     unsigned int end, const char *when);
void run_end(struct run *run);

#endif /* _HARNESS_FUZZ_RUN_H */
