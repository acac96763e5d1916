// SPDX-License-Identifier: GPL-2.0
/*
 * SUBMIT: an array of operations in one call.
 *
 * Each operation has its result in the caller's array before it counts as done.
 * The array may lie in a mapping of this very device, so user memory is never
 * touched under a lock of ours, and an operation is made final only after its
 * result was written:
 *
 *   ALLOC   allocate, write the answer; where that fails, free again
 *   FREE    hide the block, write the answer, end it; where that fails, show it
 *           again
 *
 * Operations are read a few at a time; what came before a bad address is done.
 */
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "device.h"

#define AHEAD	8

/* An element of the array of programs that are built already. */
static_assert(sizeof(struct mirror_mm_op) == 64);

/* What has to be done once the result is written, or undone where it was not. */
struct pending {
	struct mirror_block *ends;
	u64 fresh;
};

static int start_free(struct mirror_file *file, struct mirror_mm_free *arg,
		      struct pending *pending)
{
	int ret = mirror_check_free(arg);

	if (ret)
		return ret;
	if (mirror_is_broken(file->dev->m))
		return -EIO;
	pending->ends = mirror_block_detach(file->dev->blocks, &file->owner,
					    arg->id);
	return pending->ends ? 0 : -ENOENT;
}

static int start_alloc(struct mirror_file *file, struct mirror_mm_alloc *arg,
		       struct pending *pending)
{
	int ret = mirror_do_alloc(file, arg);

	if (!ret)
		pending->fresh = arg->id;
	return ret;
}

static int start_op(struct mirror_file *file, struct mirror_mm_op *op,
		    struct pending *pending)
{
	switch (op->opcode) {
	case MIRROR_MM_OP_NOP:
		return 0;
	case MIRROR_MM_OP_ALLOC:
		return start_alloc(file, &op->alloc, pending);
	case MIRROR_MM_OP_FREE:
		return start_free(file, &op->free, pending);
	default:
		return -EOPNOTSUPP;
	}
}

static void undo_op(struct mirror_file *file, struct pending *pending)
{
	struct mirror_blocks *blocks = file->dev->blocks;

	if (pending->ends)
		mirror_block_attach(pending->ends);
	if (pending->fresh) {
		pending->ends = mirror_block_detach(blocks, &file->owner,
						    pending->fresh);
		if (pending->ends)
			mirror_block_end(blocks, pending->ends);
	}
}

/* Only an allocation has more to tell than its result. */
static bool write_result(struct mirror_mm_op __user *user,
			 const struct mirror_mm_op *op)
{
	if (op->opcode == MIRROR_MM_OP_ALLOC && !op->result &&
	    copy_to_user(&user->alloc, &op->alloc, sizeof(op->alloc)))
		return false;
	return !put_user(op->result, &user->result);
}

static bool do_op(struct mirror_file *file, struct mirror_mm_op __user *user,
		  struct mirror_mm_op *op)
{
	struct pending pending = {};

	op->result = start_op(file, op, &pending);
	if (!write_result(user, op)) {
		undo_op(file, &pending);
		return false;
	}
	if (pending.ends)
		mirror_block_end(file->dev->blocks, pending.ends);
	return true;
}

/*
 * Reads up to AHEAD operations; returns how many arrived whole. At a hole some
 * architectures count more bytes as missing than are: what one alone says is true.
 */
static unsigned int read_ahead(struct mirror_mm_op *ops,
			       const struct mirror_mm_op __user *user,
			       unsigned int nr)
{
	size_t want = min_t(unsigned int, nr, AHEAD) * sizeof(*ops);
	size_t got = want - copy_from_user(ops, user, want);

	if (got < sizeof(*ops))
		return !copy_from_user(ops, user, sizeof(*ops));
	return got / sizeof(*ops);
}

/**
 * mirror_submit - the SUBMIT request
 * @file: who asks
 * @submit: the request
 *
 * Context: Process context; may sleep.
 * Return: operations done, or an errno of struct mirror_mm_submit where there
 * was none.
 */
long mirror_submit(struct mirror_file *file,
		   const struct mirror_mm_submit *submit)
{
	struct mirror_mm_op __user *user = u64_to_user_ptr(submit->ops);
	struct mirror_mm_op ops[AHEAD];
	unsigned int done = 0, got, i;

	if (submit->flags || submit->nr > MIRROR_MM_SUBMIT_MAX)
		return -EINVAL;
	if (mirror_is_broken(file->dev->m))
		return -EIO;
	if (!access_ok(user, (size_t)submit->nr * sizeof(*user)))
		return -EFAULT;

	while (done < submit->nr) {
		got = read_ahead(ops, user + done, submit->nr - done);
		if (!got)
			return done ?: -EFAULT;
		for (i = 0; i < got; i++, done++)
			if (!do_op(file, user + done, &ops[i]))
				return done ?: -EFAULT;
		if (signal_pending(current) && done < submit->nr)
			return done;
		cond_resched();
	}
	return done;
}
