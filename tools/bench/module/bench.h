/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What allocators cost, counted side by side.
 *
 * A peer is an allocator under test. A loop is a piece of work that is the same
 * for all peers, compiled once for each (loops.h), so that no call through a
 * pointer is counted. A row is a loop with its parameters and a name: it gives
 * one figure for each peer.
 */
#ifndef MIRROR_MM_BENCH_H
#define MIRROR_MM_BENCH_H

#include <linux/types.h>

struct mirror;

#define BENCH_BYTES	(256UL << 20)
#define BENCH_PAGES	(BENCH_BYTES >> PAGE_SHIFT)
#define BENCH_ORDERS	11	/* 0 to 10 */
/* Where a peer has no such operation. */
#define BENCH_NONE	(~0ULL)

/* One operation of a trace: slot gets a block of this order, or loses it. */
struct bench_op {
	u16 slot;
	u8 order;
	u8 put;
};

/* What a loop is to do. */
struct bench_work {
	void **slots;
	const struct bench_op *ops;
	unsigned int *done;		/* of ops, where it is told */
	unsigned int nr;
	unsigned int order;
};

/* Each does its work and says 0, or -ENOMEM where a block was not to be had. */
typedef int (*bench_loop)(const struct bench_work *work);

struct bench_peer {
	const char *name;
	int (*start)(unsigned long bytes);
	void (*stop)(void);		/* NULL: others make it */
	void *(*get)(unsigned int order);
	void (*put)(void *block, unsigned int order);
	bench_loop pairs;
	bench_loop comp_pairs;		/* NULL: it knows no compound blocks */
	bench_loop get_all;
	bench_loop put_all;
	bench_loop bulk_get;
	bench_loop bulk_put;
	bench_loop trace;
};

/* The first stands for no allocator: what it counts is the loop itself. */
enum bench_peer_id {
	BENCH_EMPTY,
	BENCH_MIRROR,
	BENCH_KERNEL,
	BENCH_GEN_POOL,
	BENCH_GPU_BUDDY,
	BENCH_PEERS
};

extern const struct bench_peer bench_empty;
extern const struct bench_peer bench_mirror;
extern const struct bench_peer bench_kernel;
extern const struct bench_peer bench_gen_pool;
extern const struct bench_peer bench_gpu_buddy;

/* Memory that rows share; allocated before anything is counted. */
struct bench_room {
	void **slots;			/* BENCH_PAGES of them */
	void **held;			/* blocks that fill memory, and */
	u8 *orders;			/* their orders */
	unsigned int nr_held;
	struct bench_op *ops;
};

#define BENCH_FIGURES	4

/* The figures of one piece of work, for each of its parameters. */
struct bench_row {
	const char *group;
	const char *names[BENCH_FIGURES];	/* with %u for the parameter */
	unsigned int first, last;	/* of the parameter, up or down, by 1 */
	unsigned int factor;		/* or up, so many times */
	/* Hundredths of an instruction for one operation, or BENCH_NONE. */
	int (*measure)(const struct bench_peer *peer, struct bench_room *room,
		       unsigned int param, u64 *results);
	/* Called before the first and after the last of a row's figures. */
	int (*enter)(const struct bench_peer *peer, struct bench_room *room);
	void (*leave)(const struct bench_peer *peer, struct bench_room *room);
};

extern const struct bench_row bench_rows[];
extern const unsigned int bench_nr_rows;

extern int bench_node;
extern struct mirror *bench_instance;

/* rows.c */
int bench_count(bench_loop loop, const struct bench_work *work, u64 *ticks);
int bench_least(bench_loop loop, const struct bench_work *work,
		unsigned int times, u64 *ticks);
u64 bench_each(u64 ticks, unsigned int nr);
int bench_calibrate(unsigned int *permille);

int bench_halves(bench_loop get, bench_loop put, const struct bench_peer *peer,
		 const struct bench_work *work, unsigned int times, u64 least[2]);

/* sets.c */
int bench_set(const struct bench_peer *peer, struct bench_room *room,
	      unsigned int order, u64 *results);

/* cross.c */
int bench_cross(const struct bench_peer *peer, struct bench_room *room,
		unsigned int nr, u64 *results);

/* random.c */
#define BENCH_OPS	100000
#define BENCH_OP_SLOTS	1536
void bench_make_trace(struct bench_op *ops);
void bench_shuffle(void **slots, unsigned int nr);
int bench_occupy(const struct bench_peer *peer, struct bench_room *room);
void bench_vacate(const struct bench_peer *peer, struct bench_room *room);

/* misuse.c */
struct bench_refusal {
	const char *what;
	int wanted;
	int seen;
};

#define BENCH_REFUSALS	3
int bench_misuse(struct bench_refusal refusals[BENCH_REFUSALS]);

#endif /* MIRROR_MM_BENCH_H */
