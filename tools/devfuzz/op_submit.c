// SPDX-License-Identifier: GPL-2.0
/*
 * SUBMIT: arrays of any entries, anywhere. What an entry is answered with has to be what
 * the single call gives, which another open of the same kind is asked.
 */
#include <sys/mman.h>
#include <unistd.h>
#include "devfuzz.h"

#define MAX_ENTRIES	(MIRROR_MM_SUBMIT_MAX - 1)
#define PATTERN		8u
#define NOT_DONE	0x5a5a5a5a
#define WHERE		(NR_ARGS - 2)
#define NTH		(NR_ARGS - 3)

/*
 * The array, then a page that can be read only, then nothing. That page is written to
 * where it is mapped a second time.
 */
#define ARRAY_BYTES	(MIRROR_MM_SUBMIT_MAX * sizeof(struct mirror_mm_op))
static char *array;
static char *behind_array;

/**
 * struct pattern - an entry that is repeated
 * @asked: as it was put into the array
 * @single: what the single call gives; FREE is judged by what the file has
 * @known: @single is known
 */
struct pattern {
	struct mirror_mm_op asked;
	long single;
	bool known;
};

static void init(void)
{
	int fd;

	if (array)
		return;
	fd = memfd_create("array", MFD_CLOEXEC);
	array = mmap(NULL, ARRAY_BYTES + 2 * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (array == MAP_FAILED || munmap(array + ARRAY_BYTES + PAGE, PAGE) ||
	    ftruncate(fd, PAGE))
		give_up("memory for arrays");
	behind_array = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (behind_array == MAP_FAILED ||
	    mmap(array + ARRAY_BYTES, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) ==
	    MAP_FAILED)
		give_up("memory for arrays");
	close(fd);
}

/* entries ---------------------------------------------------------------------------- */

static void make_entry(const struct record *r, struct mirror_mm_op *op)
{
	struct block *block;

	memset(op, 0, sizeof(*op));
	op->opcode = r->op < 250 ? r->op % 3 : field_u32(r, NR_ARGS - 1);
	op->result = NOT_DONE;
	if (op->opcode != MIRROR_MM_OP_FREE) {
		field_alloc(r, &op->alloc);
		return;
	}
	op->free.id = pick_id(r, 0, &block);
	op->free.flags = field_is_sound(r, 1) ? 0 : field_u32(r, 1);
	op->free.reserved = field_is_sound(r, 2) ? 0 : field_u32(r, 2);
}

static long ask_alloc(int twin, const struct mirror_mm_alloc *asked)
{
	struct mirror_mm_alloc arg = *asked;
	long ret = call(twin, MIRROR_MM_ALLOC, &arg);
	struct mirror_mm_free arg_free = { .id = arg.id };

	if (!ret && call(twin, MIRROR_MM_FREE, &arg_free) == -ENOENT)
		found("a twin cannot free its block");
	return ret;
}

static long single(const struct slot *slot, struct pattern *p)
{
	if (p->known)
		return p->single;
	p->known = true;
	switch (p->asked.opcode) {
	case MIRROR_MM_OP_NOP:
		p->single = 0;
		break;
	case MIRROR_MM_OP_ALLOC:
		p->single = ask_alloc(file_twin(slot_file(slot)), &p->asked.alloc);
		break;
	default:
		p->single = -EOPNOTSUPP;
	}
	return p->single;
}

/* Whether there is something left is not the request's own doing. */
static bool is_supply(long ret)
{
	return !ret || ret == -ENOMEM || ret == -EDQUOT;
}

static void judge_alloc(const struct slot *slot, struct pattern *p,
			const struct mirror_mm_op *op, bool injected)
{
	const struct mirror_mm_alloc *asked = &p->asked.alloc;
	long due = single(slot, p);

	if (op->result != due && !(is_supply(op->result) && is_supply(due)))
		found("ALLOC order %#x gfp %#x node %d flags %#x mask %#llx: SUBMIT %d, single %ld",
		      asked->order, asked->gfp, asked->node, asked->flags,
		      (unsigned long long)asked->nodemask, op->result, due);
	check_alloc(slot, asked, op->result, injected);
	if (!op->result)
		block_add(slot->file, &op->alloc, asked->flags & MIRROR_MM_ALLOC_NOZERO &&
			  !(asked->gfp & __MIRROR_GFP_ZERO));
}

static void judge_free(const struct slot *slot, const struct pattern *p,
		       const struct mirror_mm_op *op)
{
	struct block *block = block_by_id(slot->file, p->asked.free.id);
	long due = due_of_free(slot, &p->asked.free, block);

	if (op->result != due)
		found("SUBMIT answers FREE id %#llx flags %#x reserved %#x with %d, not %ld",
		      (unsigned long long)p->asked.free.id, p->asked.free.flags,
		      p->asked.free.reserved, op->result, due);
	if (!op->result)
		block_gone(block);
}

static void judge(const struct slot *slot, struct pattern *p, const struct mirror_mm_op *op,
		  bool injected)
{
	switch (p->asked.opcode) {
	case MIRROR_MM_OP_ALLOC:
		judge_alloc(slot, p, op, injected);
		break;
	case MIRROR_MM_OP_FREE:
		judge_free(slot, p, op);
		break;
	default:
		if (op->result != single(slot, p))
			found("SUBMIT answers opcode %#x with %d", p->asked.opcode, op->result);
	}
}

/* arrays ------------------------------------------------------------------------------ */

/**
 * struct array - where one lies
 * @at: its beginning
 * @nr: entries
 * @whole: so many of them lie in memory that can be read and written
 */
struct array {
	char *at;
	unsigned int nr;
	unsigned int whole;
};

/* In our own memory, not in a mapping of the device. */
static bool is_own(const struct array *a)
{
	return a->at >= array && a->at <= array + ARRAY_BYTES;
}

/* An array in a mapping must stay there: its results are wanted. */
static void keep_mapped(struct pattern *patterns, unsigned int nr, int file)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		struct mirror_mm_op *op = &patterns[i].asked;
		struct block *block = block_by_id(file, op->free.id);

		if (op->opcode == MIRROR_MM_OP_FREE && block && block->model != NO_MODEL)
			op->opcode = MIRROR_MM_OP_NOP;
	}
}

static void place(const struct record *r, struct array *a)
{
	size_t size = a->nr * sizeof(struct mirror_mm_op);
	uint8_t how = r->arg[WHERE];
	size_t behind;

	a->at = array + ARRAY_BYTES - size;
	a->whole = a->nr;
	if (how >= 0x60)
		return;
	switch (how % 3) {
	case 0:
		/* The end lies in memory that can only be read, or in none. */
		behind = sizeof(struct mirror_mm_op) * (how % 5) + 8 * (how % 8);
		if (behind > size)
			behind = size;
		a->at += behind;
		a->whole = (size - behind) / sizeof(struct mirror_mm_op);
		break;
	case 1:
		a->at = window_device() + how * 8;
		if (a->nr > PAGE / sizeof(struct mirror_mm_op))
			a->nr = PAGE / sizeof(struct mirror_mm_op);
		a->whole = 0;
		break;
	default:
		a->at -= how % 64;
	}
}

/* An entry, or a part of one, that lies in the page behind the array. */
static void fill_behind(const char *to, const struct mirror_mm_op *op)
{
	size_t size = sizeof(*op), before = 0;

	if (to < array + ARRAY_BYTES) {
		before = array + ARRAY_BYTES - to;
		memcpy((char *)to, op, before);
	}
	to += before;
	if (to + size - before <= array + ARRAY_BYTES + PAGE)
		memcpy(behind_array + (to - array - ARRAY_BYTES), (const char *)op + before,
		       size - before);
}

/* What can be written is; in a mapping of the device that may be nothing. */
static void fill(const struct array *a, const struct pattern *patterns, unsigned int nr_patterns)
{
	size_t size = sizeof(struct mirror_mm_op);
	unsigned int i;

	for (i = 0; i < a->nr; i++) {
		char *to = a->at + i * size;

		if (a->whole == a->nr)
			memcpy(to, &patterns[i % nr_patterns].asked, size);
		else if (to + size <= array + ARRAY_BYTES || !is_own(a))
			try_copy(to, &patterns[i % nr_patterns].asked, size);
		else
			fill_behind(to, &patterns[i % nr_patterns].asked);
	}
}

/* A signal may end it early; what is left has to be done by another call. */
static long submit_all(const struct slot *slot, struct mirror_mm_submit *arg, unsigned int whole)
{
	unsigned int done = 0;
	long ret;

	do {
		ret = call(slot->fd, MIRROR_MM_SUBMIT, arg);
		if (ret <= 0)
			break;
		done += ret;
		arg->ops += ret * sizeof(struct mirror_mm_op);
		arg->nr -= ret;
	} while (done < whole);
	return done ? done : ret;
}

static void take_results(const struct slot *slot, const struct array *a,
			 struct pattern *patterns, unsigned int nr_patterns, long done,
			 bool injected)
{
	struct mirror_mm_op op;
	long i;

	for (i = 0; i < done; i++) {
		struct pattern *p = &patterns[i % nr_patterns];

		if (try_copy(&op, a->at + i * sizeof(op), sizeof(op)))
			found("entry %ld was done, and cannot be read", i);
		judge(slot, p, &op, injected);
	}
}

/* A call that is wrong as a whole. */
static bool submit_wrongly(const struct record *r, const struct slot *slot)
{
	struct mirror_mm_submit arg = {
		.ops = (uintptr_t)(array + ARRAY_BYTES - 4096), .nr = 4,
	};
	long ret;

	if (field_is_sound(r, 2) && field_is_sound(r, 3) && field_is_sound(r, 4))
		return false;
	if (!field_is_sound(r, 2))
		arg.flags = field_u32(r, 2);
	if (!field_is_sound(r, 3))
		arg.nr = field_u32(r, 3);
	if (!field_is_sound(r, 4))
		arg.ops = field_u64(r, 4) ^ (r->arg[5] & 0x80 ? arg.ops : 0);
	/* Nothing in it does anything; what lies before it may be an earlier array. */
	memset(array + ARRAY_BYTES - 4096, 0, 4096);
	if (arg.ops + ARRAY_BYTES >= (uintptr_t)array &&
	    arg.ops < (uintptr_t)array + ARRAY_BYTES - 4096)
		arg.ops = 8;
	ret = call(slot->fd, MIRROR_MM_SUBMIT, &arg);
	say("SUBMIT ops %#llx nr %#x flags %#x: %ld", (unsigned long long)arg.ops, arg.nr,
	    arg.flags, ret);
	if (slot->block != NO_BLOCK ? ret != -ENOTTY :
	    (arg.flags || arg.nr > MIRROR_MM_SUBMIT_MAX) && ret != -EINVAL)
		found("SUBMIT of flags %#x nr %#x gives %ld", arg.flags, arg.nr, ret);
	if (ret > arg.nr && ret > 0)
		found("SUBMIT did more than there is");
	check_books(slot);
	return true;
}

/**
 * op_submit - a SUBMIT
 * @r: the call; the records behind it are its entries
 * @nr: records that there are behind it
 *
 * Return: how many of these were taken.
 */
unsigned int op_submit(const struct record *r, unsigned int nr)
{
	unsigned int nr_patterns = 1 + r->arg[0] % PATTERN, i;
	struct slot *slot = get_slot(r);
	struct pattern patterns[PATTERN];
	struct mirror_mm_submit arg;
	bool injected;
	struct array a;
	long done;

	init();
	if (!slot || submit_wrongly(r, slot))
		return 0;
	if (nr_patterns > nr)
		nr_patterns = nr;
	if (!nr_patterns)
		return 0;
	memset(patterns, 0, sizeof(patterns));
	for (i = 0; i < nr_patterns; i++)
		make_entry(&r[1 + i], &patterns[i].asked);
	a.nr = nr_patterns * field_times(r, 1, 208);
	if (a.nr > world.steps)
		a.nr = world.steps;
	if (a.nr > MAX_ENTRIES)
		a.nr = MAX_ENTRIES;
	place(r, &a);
	if (!is_own(&a))
		keep_mapped(patterns, nr_patterns, slot->file);
	fill(&a, patterns, nr_patterns);
	arg = (struct mirror_mm_submit){ .ops = (uintptr_t)a.at, .nr = a.nr };
	inject_begin(r, NTH);
	alarm_begin(r);
	done = submit_all(slot, &arg, a.whole);
	alarm_end();
	injected = inject_end();
	say("SUBMIT of %u entries, %u in good memory: %ld", a.nr, a.whole, done);
	if (slot->block != NO_BLOCK) {
		if (done != -ENOTTY)
			found("SUBMIT through a granted descriptor gives %ld", done);
		return nr_patterns;
	}
	if (done == -EFAULT && !a.whole)
		done = 0;
	if (done < (long)a.whole || done > (long)a.nr)
		found("SUBMIT of %u entries, %u in good memory, did %ld", a.nr, a.whole, done);
	windows_adopt(a.at, a.nr * sizeof(struct mirror_mm_op));
	take_results(slot, &a, patterns, nr_patterns, done, injected);
	if (done > 0) {
		mailbox_count(NR_OPS, done);
		world.steps -= (unsigned int)done < world.steps ? done : world.steps;
	}
	check_books(slot);
	return nr_patterns;
}
