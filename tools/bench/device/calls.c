// SPDX-License-Identifier: GPL-2.0
/*
 * Calls: one by one, and many in a SUBMIT.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "count.h"
#include "device.h"

#define LOOPS		64
#define MOST		4096

/* one by one ----------------------------------------------------------------- */

static int ioctl_pairs(void *arg)
{
	struct mirror_mm_alloc block;
	int i, ret;

	for (i = 0; i < LOOPS; i++) {
		ret = dev_alloc(*(int *)arg, 0, 0, &block);
		if (!ret)
			ret = dev_free(*(int *)arg, block.id);
		if (ret)
			return ret;
	}
	return 0;
}

static int anonymous_pages(void *arg)
{
	void *addr;
	int i;

	for (i = 0; i < LOOPS; i++) {
		addr = anonymous(PAGE, 0);
		if (!addr)
			return -errno;
		touch(addr, PAGE);
		munmap(addr, PAGE);
	}
	return 0;
}

static int empty_loop(void *arg)
{
	int i;

	for (i = 0; i < LOOPS; i++)
		asm volatile("" : : "r"(arg) : "memory");
	return 0;
}

static void bench_pair(int fd)
{
	struct job ours = { .work = ioctl_pairs, .arg = &fd, .units = LOOPS };
	struct job theirs = { .work = anonymous_pages, .units = LOOPS };
	struct job empty = { .work = empty_loop, .units = LOOPS };

	mirror_and_kernel("ioctl-pair",
			  least_above("ALLOC and FREE", &ours, &empty),
			  least_above("mmap and munmap", &theirs, &empty));
}

/* many at a time --------------------------------------------------------------- */

/* Blocks that are held between two calls, and the array that is handed over. */
struct batch {
	int fd;
	unsigned int nr;	/* operations of a call */
	unsigned int calls;	/* in a run */
	struct mirror_mm_op *ops;
	unsigned long long *ids;	/* one for each two operations */
};

static void set_alloc(struct mirror_mm_op *op)
{
	memset(op, 0, sizeof(*op));
	op->opcode = MIRROR_MM_OP_ALLOC;
	op->alloc.gfp = MIRROR_GFP_KERNEL;
	op->alloc.node = MIRROR_MM_NODE_ANY;
}

static void set_free(struct mirror_mm_op *op, unsigned long long id)
{
	memset(op, 0, sizeof(*op));
	op->opcode = MIRROR_MM_OP_FREE;
	op->free.id = id;
}

static unsigned int in_all(const struct batch *b)
{
	return b->nr * b->calls;
}

/* Frees what is held and allocates the same again, in turn. */
static int fill_batch(void *arg)
{
	struct batch *b = arg;
	unsigned int i;

	for (i = 0; i < in_all(b); i += 2) {
		set_free(&b->ops[i], b->ids[i / 2]);
		set_alloc(&b->ops[i + 1]);
	}
	return 0;
}

static int submit_batch(void *arg)
{
	struct batch *b = arg;
	struct mirror_mm_submit submit = { .nr = b->nr };
	unsigned int i;
	int ret;

	for (i = 0; i < b->calls; i++) {
		submit.ops = (uintptr_t)(b->ops + i * b->nr);
		ret = ioctl(b->fd, MIRROR_MM_SUBMIT, &submit);
		if (ret < 0)
			return -errno;
		if (ret != (int)b->nr)
			return -EIO;
	}
	return 0;
}

static int check_batch(void *arg)
{
	struct batch *b = arg;
	unsigned int i;

	for (i = 0; i < in_all(b); i++)
		if (b->ops[i].result)
			return b->ops[i].result;
	for (i = 0; i < in_all(b); i += 2)
		b->ids[i / 2] = b->ops[i + 1].alloc.id;
	return 0;
}

static int hold(struct batch *b)
{
	struct mirror_mm_alloc block;
	unsigned int i;
	int ret;

	for (i = 0; i < in_all(b) / 2; i++) {
		ret = dev_alloc(b->fd, 0, 0, &block);
		if (ret)
			return ret;
		b->ids[i] = block.id;
	}
	return 0;
}

static void let_go(struct batch *b)
{
	unsigned int i;

	for (i = 0; i < in_all(b) / 2; i++)
		dev_free(b->fd, b->ids[i]);
}

/* Half as many pages as operations, all at once. */
static int populate(void *arg)
{
	const struct batch *b = arg;
	size_t size = PAGE * b->nr * b->calls / 2;
	void *addr = anonymous(size, MAP_POPULATE);

	if (!addr)
		return -errno;
	munmap(addr, size);
	return 0;
}

static void bench_batch(struct batch *b, double pair)
{
	struct job ours = { fill_batch, submit_batch, check_batch, b, in_all(b) };
	struct job theirs = { .work = populate, .arg = b, .units = in_all(b) };
	struct job empty = { .work = empty_loop, .units = in_all(b) };
	char name[32], gross_name[40];
	double gross;
	int ret = hold(b);

	if (ret)
		fail(-ret, "blocks to free cannot be had");
	snprintf(name, sizeof(name), "submit-%u", b->nr);
	snprintf(gross_name, sizeof(gross_name), "%s-gross", name);
	gross = least("SUBMIT", &ours);
	if (b->nr == 1)
		gross -= least("loop", &empty);
	mirror_and_kernel(name, gross - pair / 2, NO_VALUE);
	mirror_and_kernel(gross_name, gross, least("populate", &theirs));
	let_go(b);
}

#define NR_LENGTHS	4

/*
 * Blocks that stay. Without them each batch would hold as many as the device has
 * places for at that moment, which is a corner and not what programs meet.
 */
#define OTHERS	10

static void hold_others(int fd)
{
	struct mirror_mm_alloc block;
	unsigned int i;
	int ret;

	for (i = 0; i < OTHERS; i++) {
		ret = dev_alloc(fd, 0, 0, &block);
		if (ret)
			fail(-ret, "blocks that stay cannot be had");
	}
}

void bench_calls(int fd, double pair)
{
	static const unsigned int lengths[NR_LENGTHS] = { 1, 16, 256, MOST };
	struct batch b = { .fd = fd };
	size_t i;

	b.ops = calloc(MOST, sizeof(*b.ops));
	b.ids = calloc(MOST / 2, sizeof(*b.ids));
	if (!b.ops || !b.ids)
		fail(ENOMEM, "the array of operations");
	hold_others(fd);
	bench_pair(fd);
	for (i = 0; i < NR_LENGTHS; i++) {
		b.nr = lengths[i];
		b.calls = b.nr == 1 ? LOOPS : 1;
		bench_batch(&b, pair);
	}
	free(b.ops);
	free(b.ids);
}
