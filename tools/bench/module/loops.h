/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loops, for the peer that includes this after it has said what get(),
 * get_comp(), put(), bulk_get() and bulk_put() are. BENCH_HAS_COMP is 0 where
 * the peer has no compound blocks; BENCH_HAS_BULK_GET and BENCH_HAS_BULK_PUT are
 * where it has no call for an array, which then goes element by element.
 */
#include <linux/errno.h>

#if !BENCH_HAS_BULK_GET
static __always_inline unsigned int bulk_get(unsigned int nr, void **slots)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		slots[i] = get(0);
		if (!slots[i])
			break;
	}
	return i;
}
#endif

#if !BENCH_HAS_BULK_PUT
static __always_inline void bulk_put(unsigned int nr, void **slots)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		put(slots[i], 0);
}
#endif

static int loop_pairs(const struct bench_work *work)
{
	const unsigned int nr = work->nr, order = work->order;
	unsigned int i;
	void *block;

	for (i = 0; i < nr; i++) {
		block = get(order);
		if (!block)
			return -ENOMEM;
		put(block, order);
	}
	return 0;
}

static int __maybe_unused loop_comp_pairs(const struct bench_work *work)
{
	const unsigned int nr = work->nr, order = work->order;
	unsigned int i;
	void *block;

	for (i = 0; i < nr; i++) {
		block = get_comp(order);
		if (!block)
			return -ENOMEM;
		put(block, order);
	}
	return 0;
}

/* Slots from the first that stays empty on are cleared by the caller. */
static int loop_get_all(const struct bench_work *work)
{
	const unsigned int nr = work->nr, order = work->order;
	void **slots = work->slots;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		slots[i] = get(order);
		if (!slots[i])
			return -ENOMEM;
	}
	return 0;
}

static int loop_put_all(const struct bench_work *work)
{
	const unsigned int nr = work->nr, order = work->order;
	void **slots = work->slots;
	unsigned int i;

	for (i = 0; i < nr; i++)
		put(slots[i], order);
	return 0;
}

static int loop_bulk_get(const struct bench_work *work)
{
	return bulk_get(work->nr, work->slots) == work->nr ? 0 : -ENOMEM;
}

static int loop_bulk_put(const struct bench_work *work)
{
	bulk_put(work->nr, work->slots);
	return 0;
}

static int loop_trace(const struct bench_work *work)
{
	const struct bench_op *op = work->ops, *end = op + work->nr;
	void **slots = work->slots;

	for (; op < end; op++) {
		if (op->put) {
			put(slots[op->slot], op->order);
			slots[op->slot] = NULL;
			continue;
		}
		slots[op->slot] = get(op->order);
		if (!slots[op->slot]) {
			*work->done = op - work->ops;
			return -ENOMEM;
		}
	}
	*work->done = work->nr;
	return 0;
}

static void *one_get(unsigned int order)
{
	return get(order);
}

static void one_put(void *block, unsigned int order)
{
	put(block, order);
}

#define BENCH_LOOPS						\
	.get = one_get,						\
	.put = one_put,						\
	.pairs = loop_pairs,					\
	.comp_pairs = BENCH_HAS_COMP ? loop_comp_pairs : NULL,	\
	.get_all = loop_get_all,				\
	.put_all = loop_put_all,				\
	.bulk_get = loop_bulk_get,				\
	.bulk_put = loop_bulk_put,				\
	.trace = loop_trace
