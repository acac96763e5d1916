// SPDX-License-Identifier: GPL-2.0
/*
 * The block level: a segment becomes one SUBMIT.
 *
 * FREE names a block by an id that ALLOC answers with. So a FREE of a block from
 * the same array cannot be written down yet, and the array is sent before it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mirror_mm.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "blocks.h"
#include "names.h"
#include "targets.h"
#include "util.h"

/* A slot whose ALLOC is in the array that was not sent yet. */
#define ID_PENDING	(~(uint64_t)0)

struct blocks {
	int fd;
	unsigned int cpu;
	uint64_t first_pfn;
	uint64_t *id;			/* by slot; 0: empty */
	struct mirror_mm_op *batch;
	uint32_t *slot;			/* by element of the batch */
	uint32_t **answer;		/* likewise: where its word goes */
	unsigned int nr;
};

struct blocks *blocks_new(void)
{
	struct blocks *b = xcalloc(1, sizeof(*b));

	b->fd = -1;
	b->id = xcalloc(CONF_SLOTS, sizeof(*b->id));
	b->batch = xcalloc(CONF_RUN_OPS, sizeof(*b->batch));
	b->slot = xcalloc(CONF_RUN_OPS, sizeof(*b->slot));
	b->answer = xcalloc(CONF_RUN_OPS, sizeof(*b->answer));
	return b;
}

/* The calls of this program are carried out where it runs. */
static bool run_on(unsigned int first, unsigned int nr)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	while (nr--)
		CPU_SET(first++, &cpus);
	return !sched_setaffinity(0, sizeof(cpus), &cpus);
}

void blocks_let_go(struct blocks *b)
{
	if (b->fd >= 0)
		run_on(0, CONF_MAX_CPUS);
	if (b->fd >= 0)
		close(b->fd);
	b->fd = -1;
	memset(b->id, 0, CONF_SLOTS * sizeof(*b->id));
}

void blocks_free(struct blocks *b)
{
	blocks_let_go(b);
	free(b->id);
	free(b->batch);
	free(b->slot);
	free(b->answer);
	free(b);
}

int blocks_begin(struct blocks *b)
{
	struct mirror_mm_info info = {};

	b->nr = 0;
	b->cpu = 0;
	if (!run_on(0, 1))
		return -errno;
	b->fd = open("/dev/mirror_mm", O_RDWR | O_CLOEXEC);
	if (b->fd < 0 || ioctl(b->fd, MIRROR_MM_INFO, &info) < 0)
		return -errno;
	if (info.start_pfn == MIRROR_MM_PFN_HIDDEN)
		return -EPERM;
	b->first_pfn = info.start_pfn;
	return 0;
}

bool blocks_can(const struct conf_op *op)
{
	/* It has no nodemask, and says itself which blocks can move. */
	if (op->opcode == CONF_ALLOC)
		return !CONF_ALLOWED(op->arg) && op->nr != CONF_CAN_MOVE;
	return op->opcode == CONF_NOP || op->opcode == CONF_FREE ||
	       op->opcode == CONF_GO_ON || op_is_between(op);
}

static uint32_t alloc_answer(struct blocks *b, uint32_t slot,
			     const struct mirror_mm_op *op)
{
	b->id[slot] = op->result ? 0 : op->alloc.id;
	if (!op->result)
		return op->alloc.pfn - b->first_pfn;
	return op->result == -ENOMEM ? CONF_FAILED : RESULT_ERROR - op->result;
}

static void take_answers(struct blocks *b)
{
	unsigned int i;

	for (i = 0; i < b->nr; i++) {
		const struct mirror_mm_op *op = &b->batch[i];

		if (op->opcode == MIRROR_MM_OP_ALLOC)
			*b->answer[i] = alloc_answer(b, b->slot[i], op);
		else
			*b->answer[i] = op->result ? RESULT_ERROR - op->result : 0;
	}
	b->nr = 0;
}

static int send_batch(struct blocks *b)
{
	unsigned int done = 0;
	int n;

	while (done < b->nr) {
		struct mirror_mm_submit arg = {
			.ops = (uintptr_t)(b->batch + done),
			.nr = b->nr - done,
		};

		n = ioctl(b->fd, MIRROR_MM_SUBMIT, &arg);
		if (n < 0 && errno != EINTR)
			return -errno;
		/* It carries out at least one, or says why not. */
		if (!n)
			return -EPROTO;
		done += n > 0 ? n : 0;
	}
	take_answers(b);
	return 0;
}

static struct mirror_mm_op *batch_add(struct blocks *b, unsigned int opcode,
				      uint32_t slot, uint32_t *word)
{
	struct mirror_mm_op *op = &b->batch[b->nr];

	memset(op, 0, sizeof(*op));
	op->opcode = opcode;
	b->slot[b->nr] = slot;
	b->answer[b->nr++] = word;
	return op;
}

static int add_alloc(struct blocks *b, const struct conf_op *op, uint32_t *word)
{
	struct mirror_mm_op *add;

	if (b->id[op->slot]) {
		*word = CONF_SKIPPED;
		return 0;
	}
	add = batch_add(b, MIRROR_MM_OP_ALLOC, op->slot, word);
	add->alloc.order = op->order;
	add->alloc.gfp = op->gfp;
	add->alloc.node = CONF_FIRST_NODE + CONF_PREFERRED(op->arg);
	add->alloc.flags = MIRROR_MM_ALLOC_NOZERO;
	b->id[op->slot] = ID_PENDING;
	return 0;
}

static int add_free(struct blocks *b, const struct conf_op *op, uint32_t *word)
{
	if (!b->id[op->slot]) {
		*word = CONF_SKIPPED;
		return 0;
	}
	batch_add(b, MIRROR_MM_OP_FREE, op->slot, word)->free.id =
		b->id[op->slot];
	b->id[op->slot] = 0;
	return 0;
}

/* What was asked on the CPU before has to be done there. */
static int go_on(struct blocks *b, const struct conf_op *op, uint32_t *word)
{
	unsigned int cpu = op->arg - CONF_ONE_CPU(0);
	int err = send_batch(b);

	if (err)
		return err;
	*word = run_on(cpu, 1) ? 0 : CONF_SKIPPED;
	if (!*word)
		b->cpu = cpu;
	return 0;
}

unsigned int blocks_cpu(const struct blocks *b)
{
	return b->cpu;
}

/* Whether the answer to an earlier operation is needed to go on. */
static bool depends(const struct blocks *b, const struct conf_op *op)
{
	return b->nr == CONF_RUN_OPS ||
	       (op->opcode != CONF_NOP && b->id[op->slot] == ID_PENDING);
}

static int add_op(struct blocks *b, const struct conf_op *op, uint32_t *word)
{
	int err = depends(b, op) ? send_batch(b) : 0;

	if (err)
		return err;
	switch (op->opcode) {
	case CONF_NOP:
		batch_add(b, MIRROR_MM_OP_NOP, 0, word);
		return 0;
	case CONF_ALLOC:
		return add_alloc(b, op, word);
	case CONF_FREE:
		return add_free(b, op, word);
	case CONF_GO_ON:
		return go_on(b, op, word);
	default:
		return -EOPNOTSUPP;
	}
}

int blocks_run(struct blocks *b, const struct conf_op *op, unsigned int nr,
	       uint32_t *word)
{
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		err = add_op(b, &op[i], &word[i]);
		if (err)
			return err;
	}
	return send_batch(b);
}
