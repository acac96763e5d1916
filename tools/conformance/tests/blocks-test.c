// SPDX-License-Identifier: GPL-2.0
/*
 * The block level against a device made of a counter: ids that are never used
 * twice, and a SUBMIT that may stop in the middle, as with a signal.
 */
#include <errno.h>
#include <linux/mirror_mm.h>
#include <sched.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>

#include "blocks.h"
#include "check.h"
#include "names.h"
#include "util.h"

#define DEVICE_FD	1000000
#define FIRST_PFN	0x20000

static struct {
	bool live[1000];	/* by id */
	unsigned int next_id;
	unsigned int calls;
	unsigned int wrong_frees;
	unsigned int per_call;
	unsigned int cpu;
	unsigned int first_cpu_ops;
} device;

/* CPU 2 is not there. */
int __wrap_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *cpus)
{
	(void)pid;
	(void)size;
	if (CPU_ISSET(2, cpus))
		return -1;
	device.cpu = CPU_COUNT(cpus) == 1 && CPU_ISSET(1, cpus);
	return 0;
}

int __wrap_open(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	memset(&device, 0, sizeof(device));
	device.next_id = 1;
	device.per_call = UINT32_MAX;
	return DEVICE_FD;
}

int __wrap_close(int fd)
{
	(void)fd;
	return 0;
}

/* Order 10 never fits. The page is the id, to know it again. */
static void device_op(struct mirror_mm_op *op)
{
	op->result = 0;
	if (op->opcode == MIRROR_MM_OP_FREE) {
		op->result = device.live[op->free.id] ? 0 : -ENOENT;
		device.wrong_frees += !!op->result;
		device.live[op->free.id] = false;
	} else if (op->opcode == MIRROR_MM_OP_ALLOC && op->alloc.order == 10) {
		op->result = -ENOMEM;
	} else if (op->opcode == MIRROR_MM_OP_ALLOC) {
		op->alloc.id = device.next_id++;
		op->alloc.pfn = FIRST_PFN + op->alloc.id;
		device.live[op->alloc.id] = true;
	}
}

static int device_submit(const struct mirror_mm_submit *arg)
{
	struct mirror_mm_op *op = (void *)(uintptr_t)arg->ops;
	unsigned int i;

	device.calls++;
	if (!device.cpu)
		device.first_cpu_ops += arg->nr;
	for (i = 0; i < arg->nr && i < device.per_call; i++)
		device_op(&op[i]);
	return i;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (fd != DEVICE_FD)
		return -1;
	if (request == MIRROR_MM_SUBMIT)
		return device_submit(arg);
	((struct mirror_mm_info *)arg)->start_pfn = FIRST_PFN;
	return 0;
}

static const struct conf_op ops[] = {
	{ .opcode = CONF_ALLOC, .slot = 5 },
	{ .opcode = CONF_ALLOC, .slot = 6, .order = 10 },
	{ .opcode = CONF_NOP },
	{ .opcode = CONF_FREE, .slot = 7 },		/* never held */
	{ .opcode = CONF_ALLOC, .slot = 8 },
	{ .opcode = CONF_FREE, .slot = 5 },		/* from the same array */
	{ .opcode = CONF_ALLOC, .slot = 5 },
	{ .opcode = CONF_FREE, .slot = 6 },		/* failed before */
	{ .opcode = CONF_ALLOC, .slot = 8 },		/* still held */
	{ .opcode = CONF_FREE, .slot = 8 },
	{ .opcode = CONF_FREE, .slot = 8 },		/* gone */
};

static const uint32_t want[] = {
	1, CONF_FAILED, 0, CONF_SKIPPED, 2, 0, 3, CONF_SKIPPED, CONF_SKIPPED, 0,
	CONF_SKIPPED,
};

static void answers_are_the_drivers(unsigned int per_call)
{
	uint32_t word[ARRAY_SIZE(ops)];
	struct blocks *b = blocks_new();

	CHECK(!blocks_begin(b));
	device.per_call = per_call;
	memset(word, 0x5a, sizeof(word));
	CHECK(!blocks_run(b, ops, ARRAY_SIZE(ops), word));
	CHECK(!memcmp(word, want, sizeof(want)));
	CHECK(!device.wrong_frees);
	CHECK(device.live[3] && !device.live[1] && !device.live[2]);
	/* Sent once before an id was needed, and at the end. */
	CHECK(per_call == 1 || device.calls == 2);
	blocks_free(b);
}

static void nodemasks_are_left_to_pages(void)
{
	struct conf_op op = { .opcode = CONF_ALLOC, .arg = CONF_NODES(1, 0) };

	CHECK(blocks_can(&op));
	op.arg = CONF_NODES(1, 3);
	CHECK(!blocks_can(&op));
}

/* What is in the array when the CPU changes is sent before, where it belongs. */
static void each_cpu_has_its_own(void)
{
	static const struct conf_op list[] = {
		{ .opcode = CONF_ALLOC, .slot = 1 },
		{ .opcode = CONF_GO_ON, .arg = CONF_ONE_CPU(1) },
		{ .opcode = CONF_ALLOC, .slot = 2 },
		{ .opcode = CONF_FREE, .slot = 1 },
		{ .opcode = CONF_GO_ON, .arg = CONF_ONE_CPU(2) },
		{ .opcode = CONF_FREE, .slot = 2 },
	};
	uint32_t word[ARRAY_SIZE(list)];
	struct blocks *b = blocks_new();

	CHECK(!blocks_begin(b) && !device.cpu && !blocks_cpu(b));
	CHECK(!blocks_run(b, list, ARRAY_SIZE(list), word));
	CHECK(device.first_cpu_ops == 1);
	CHECK(device.cpu == 1 && blocks_cpu(b) == 1);
	CHECK(!word[1] && word[4] == CONF_SKIPPED);
	CHECK(!word[3] && !word[5] && !device.wrong_frees);
	blocks_free(b);
	CHECK(!device.cpu);
}

void test_blocks(void)
{
	each_cpu_has_its_own();
	nodemasks_are_left_to_pages();
	answers_are_the_drivers(UINT32_MAX);
	answers_are_the_drivers(1);
}
