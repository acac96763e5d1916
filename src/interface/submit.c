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
 * Writing a result and reading the next operation go together: the gates to user
 * memory are opened once for both, and words are moved one by one, which for so few
 * of them is cheaper than any call that copies. What came before a bad address is
 * done.
 */
#include <linux/sched/signal.h>
#include <linux/uaccess.h>
#include "calls.h"

/* Operations between two looks at signals and at the scheduler, a power of two. */
#define STRETCH	16

/* An element of the array of programs that are built already. */
static_assert(sizeof(struct mirror_mm_op) == 64);

/*
 * What operations read of an element: opcode, the first two words of the operands,
 * and the last one. Those between are answers. An element lies on two pages at most,
 * so where its first and its last word can be read it is all there.
 */
enum {
	OPCODE_WORD,
	WHAT_WORD,		/* alloc: order and gfp; free: id */
	WHERE_WORD,		/* alloc: node and flags; free: flags, reserved */
	LAST_WORD = 7,		/* alloc: nodemask */
	NR_WORDS,
};

union element {
	struct mirror_mm_op op;
	u64 word[NR_WORDS];
};

static_assert(sizeof(union element) == sizeof(struct mirror_mm_op));
static_assert(offsetof(struct mirror_mm_op, alloc.order) == WHAT_WORD * sizeof(u64));
static_assert(offsetof(struct mirror_mm_op, alloc.node) == WHERE_WORD * sizeof(u64));
static_assert(offsetof(struct mirror_mm_op, alloc.nodemask) == LAST_WORD * sizeof(u64));
static_assert(offsetofend(struct mirror_mm_op, free) == (WHERE_WORD + 1) * sizeof(u64));

/**
 * struct submit - a SUBMIT under way
 * @file: who asks
 * @call: slots of blocks
 * @e: the element whose turn it is
 * @end: of the array
 * @more: that one was told its result, and @e is the next one now
 * @known: @last, @settings and @req are those of an ALLOC that was found sound and
 *         means the same again
 * @settings: of the file, when that was
 * @last: its words, as they were read
 * @req: what it meant; most of the time the next one means the same
 */
struct submit {
	struct mirror_file *file;
	struct mirror_block_call call;
	union element e;
	union element __user *end;
	bool more;
	bool known;
	int settings;
	u64 last[3];
	struct mirror_request req;
};

/* user memory ----------------------------------------------------------------- */

/* With the gates open: no call may be made in between. */
static __always_inline bool get_words(union element *e, const union element __user *user)
{
	unsafe_get_user(e->word[OPCODE_WORD], &user->word[OPCODE_WORD], hole);
	unsafe_get_user(e->word[WHAT_WORD], &user->word[WHAT_WORD], hole);
	unsafe_get_user(e->word[WHERE_WORD], &user->word[WHERE_WORD], hole);
	unsafe_get_user(e->word[LAST_WORD], &user->word[LAST_WORD], hole);
	return true;
hole:
	return false;
}

static bool read_first(struct submit *s, const union element __user *user)
{
	bool ok;

	if (!user_read_access_begin(user, sizeof(*user)))
		return false;
	ok = get_words(&s->e, user);
	user_read_access_end();
	return ok;
}

static __always_inline bool open_gates(const struct submit *s, union element __user *user)
{
	return user_access_begin(user, (user + 1 < s->end ? 2 : 1) * sizeof(*user));
}

static __always_inline void close_gates(struct submit *s, union element __user *user)
{
	s->more = user + 1 < s->end && get_words(&s->e, user + 1);
	user_access_end();
}

static __always_inline bool write_result(struct submit *s, union element __user *user, int result)
{
	if (!open_gates(s, user))
		return false;
	unsafe_put_user(result, &user->op.result, hole);
	close_gates(s, user);
	return true;
hole:
	user_access_end();
	return false;
}

/* The nodes are no answer; written back, they show that the last word can be, too. */
static bool write_answer(struct submit *s, union element __user *user,
			 const struct mirror_answer *answer)
{
	if (!open_gates(s, user))
		return false;
	unsafe_put_user(answer->node, &user->op.alloc.node, hole);
	unsafe_put_user(answer->id, &user->op.alloc.id, hole);
	unsafe_put_user(answer->offset, &user->op.alloc.offset, hole);
	unsafe_put_user(answer->pfn, &user->op.alloc.pfn, hole);
	unsafe_put_user(answer->zone, &user->op.alloc.zone, hole);
	unsafe_put_user(answer->migratetype, &user->op.alloc.migratetype, hole);
	unsafe_put_user(s->e.op.alloc.nodemask, &user->op.alloc.nodemask, hole);
	unsafe_put_user(0, &user->op.result, hole);
	close_gates(s, user);
	return true;
hole:
	user_access_end();
	return false;
}

/* operations -------------------------------------------------------------------- */

/*
 * No value of the words stands for anything else: programs can write them all. The
 * settings are compared as well, since rights may go and a policy come in between.
 */
static bool same_as_last(const struct submit *s)
{
	return s->known && s->last[0] == s->e.word[WHAT_WORD] &&
	       s->last[1] == s->e.word[WHERE_WORD] &&
	       s->last[2] == s->e.word[LAST_WORD] &&
	       atomic_read(&s->file->settings) == s->settings;
}

static noinline int prepare(struct submit *s)
{
	int ret;

	s->settings = atomic_read(&s->file->settings);
	smp_rmb();	/* pairs with the barriers in ctl.c: settings before rights, policy */
	ret = mirror_prepare_request(s->file, &s->e.op.alloc, &s->req);
	s->known = !ret && s->req.repeatable;
	s->last[0] = s->e.word[WHAT_WORD];
	s->last[1] = s->e.word[WHERE_WORD];
	s->last[2] = s->e.word[LAST_WORD];
	return ret;
}

static noinline bool answer_error(struct submit *s, union element __user *user, int err)
{
	return write_result(s, user, err);
}

static bool answer_alloc(struct submit *s, union element __user *user,
			 const struct mirror_new_block *new)
{
	const struct mirror_answer answer = mirror_answer(s->file, new);

	if (likely(write_answer(s, user, &answer)))
		return true;
	mirror_take_back(&s->call, answer.id);
	return false;
}

static bool do_alloc(struct submit *s, union element __user *user)
{
	int ret = same_as_last(s) ? 0 : prepare(s);
	struct mirror_new_block new;

	if (likely(!ret))
		ret = mirror_do_request(&s->call, &s->req, &new);
	if (unlikely(ret))
		return answer_error(s, user, ret);
	return answer_alloc(s, user, &new);
}

static int start_free(struct submit *s, struct mirror_block **block)
{
	int ret = mirror_check_free(s->file, &s->e.op.free);

	if (ret)
		return ret;
	if (mirror_is_broken(s->file->dev->m))
		return -EIO;
	*block = mirror_block_detach(&s->call, s->e.op.free.id);
	return *block ? 0 : -ENOENT;
}

static bool do_free(struct submit *s, union element __user *user)
{
	struct mirror_block *block;
	int ret = start_free(s, &block);

	if (unlikely(ret))
		return answer_error(s, user, ret);
	if (unlikely(!write_result(s, user, 0))) {
		mirror_block_attach(s->call.owner, block);
		return false;
	}
	/* An error is that of a mirror out of service, which the next operation tells. */
	(void)mirror_block_end(&s->call, block);
	return true;
}

/* false where it could not be told its result: it is not done then */
static bool do_op(struct submit *s, union element __user *user)
{
	switch (s->e.op.opcode) {
	case MIRROR_MM_OP_ALLOC:
		return do_alloc(s, user);
	case MIRROR_MM_OP_FREE:
		return do_free(s, user);
	default:
		return answer_error(s, user, s->e.op.opcode == MIRROR_MM_OP_NOP ? 0 : -EOPNOTSUPP);
	}
}

static unsigned int do_ops(struct submit *s, union element __user *user)
{
	unsigned int done = 0;

	while (s->more && do_op(s, user)) {
		user++;
		if (++done % STRETCH)
			continue;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return done;
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
	union element __user *user = u64_to_user_ptr(submit->ops);
	struct submit s = { .file = file, .end = user + submit->nr };
	unsigned int done;

	if (submit->flags || submit->nr > MIRROR_MM_SUBMIT_MAX)
		return -EINVAL;
	if (mirror_is_broken(file->dev->m))
		return -EIO;
	/* A pointer of 32 bits would lose what is above them. */
	if (submit->ops != (uintptr_t)user ||
	    !access_ok(user, (size_t)submit->nr * sizeof(*user)))
		return -EFAULT;

	might_fault();
	mirror_block_call_begin(&s.call, &file->owner);
	s.more = submit->nr && read_first(&s, user);
	done = do_ops(&s, user);
	mirror_block_call_end(&s.call);
	return done || !submit->nr ? done : -EFAULT;
}
