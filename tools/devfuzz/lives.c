// SPDX-License-Identifier: GPL-2.0
/*
 * Lives: what people do with a block, or with very many, in the order in which they do it.
 * Drawn one record at a time such a sequence would come too seldom.
 */
#include "devfuzz.h"
#include "mutate.h"

/* Of OP_POISON, OP_FREE_MANY, OP_RACE and OP_KERNEL, so that the step does what it is for. */
#define ARG_MEANT	0x80

/*
 * Each step is for the block that came last. OP_ALLOC begins each and is 0, so it also
 * ends the shorter ones.
 */
static const uint8_t lives[][5] = {
	{ OP_ALLOC, OP_MAP_ANYWHERE, OP_FREE },
	{ OP_ALLOC, OP_MAP, OP_FREE },
	{ OP_ALLOC, OP_MAP, OP_ACCESS },
	{ OP_ALLOC, OP_MAP, OP_COPY, OP_FREE },
	{ OP_ALLOC, OP_MAP, OP_TOUCH, OP_REMAP },
	{ OP_ALLOC, OP_GRANT, OP_MAP, OP_FREE },
	{ OP_ALLOC, OP_PASS, OP_CLOSE },
	{ OP_ALLOC, OP_MAP, OP_SYSCALL, OP_SYSCALL, OP_FREE },
	/* Bad memory: of a block that was shown, and of one that was not. */
	{ OP_ALLOC, OP_MAP, OP_TOUCH, OP_POISON, OP_TOUCH },
	{ OP_ALLOC, OP_MAP, OP_POISON, OP_ACCESS, OP_TOUCH },
	{ OP_ALLOC, OP_MAP, OP_POISON, OP_READ_TEXT, OP_FREE },
	{ OP_ALLOC, OP_POISON, OP_FREE, OP_POISON },
	/* What is on a list of the CPU, and what is said of it. */
	{ OP_ALLOC, OP_FREE, OP_READ_TEXT },
	{ OP_ALLOC, OP_KERNEL, OP_KERNEL, OP_KERNEL },
};

/* Fields of a step where not any value will do. */
static void aim(struct record *r, uint8_t page)
{
	static const char *const files[] = { "state", "hwpoison", "check", "meminfo" };

	switch (r->op) {
	case OP_ACCESS:
	case OP_COPY:
	case OP_TOUCH:
	case OP_REMAP:
	case OP_SYSCALL:
		r->arg[0] = page;
		break;
	case OP_MAP:
		r->arg[1] = page;
		/* From the block's first page on, as many pages as it may have. */
		r->arg[2] = draw(2) ? 0 : draw(8);
		r->arg[4] = 0xf0 | draw(8);
		r->arg[5] = 0x80;
		r->arg[0] = LAST_OF_ALL;
		break;
	case OP_POISON:
		r->arg[2] = ARG_MEANT;
		r->arg[3] = draw(4);
		r->arg[4] = draw(2);
		r->arg[5] = draw(4) > 0;
		r->arg[0] = LAST_OF_ALL;
		break;
	case OP_READ_TEXT:
		r->arg[0] = text_index(files[draw(ARRAY_SIZE(files))]);
		break;
	case OP_MAP_ANYWHERE:
	case OP_FREE:
	case OP_GRANT:
		r->arg[0] = LAST_OF_ALL;
		break;
	}
}

/* @page: of the windows, where all of the life takes place */
static void draw_step(struct record *r, uint8_t op, uint8_t slot, uint8_t page)
{
	draw_record(r);
	r->op = op;
	r->ctl = CTL_PLAIN | slot;
	aim(r, page);
}

static bool has_poison(const uint8_t *life)
{
	return memchr(life, OP_POISON, ARRAY_SIZE(lives[0]));
}

static void one_block(struct program *p)
{
	const uint8_t *life = lives[draw(ARRAY_SIZE(lives))];
	unsigned int at = draw(p->nr + 1), steps = 0;
	/* Only those that know frames can report one. */
	uint8_t slot = has_poison(life) ? FILE_ADMIN : draw(NR_SLOTS), page = draw(WINDOW_PAGES);
	struct record r;

	while (steps < ARRAY_SIZE(lives[0]) && (!steps || life[steps] != OP_ALLOC)) {
		draw_step(&r, life[steps], slot, page);
		insert(p, at + steps, &r);
		if (at + ++steps > p->nr)
			return;
	}
	if (draw(3) || has_poison(life))
		return;
	draw_record(&r);
	r.op = OP_REPEAT;
	r.arg[0] = steps - 1;
	/* The first leaves a mapping each time: so often that it fills a table. */
	if (life == lives[0] && !draw(4))
		r.arg[1] = TIMES_MANY + draw(2);
	insert(p, at, &r);
}

/* A table of many chunks, most of which are then empty, and what comes later. */
static void many_blocks(struct program *p)
{
	static const uint8_t steps[] = {
		OP_SUBMIT, OP_ALLOC, OP_FREE_MANY, OP_WAIT, OP_ALLOC, OP_FREE, OP_SUBMIT, OP_ALLOC,
	};
	unsigned int at = draw(p->nr + 1), i;
	uint8_t slot = draw(2);
	struct record r;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		draw_step(&r, steps[i], slot, 0);
		if (r.op == OP_SUBMIT) {
			/* One pattern, very often, in good memory. */
			r.arg[0] = 0;
			r.arg[1] = TIMES_THOUSAND + draw(3);
			r.arg[NR_ARGS - 2] = 0xff;
		} else if (r.op == OP_ALLOC) {
			/* Which as an entry of a SUBMIT is one as well: 1 modulo 3. */
			r.op = OP_ALLOC + NR_OPS;
			memset(r.arg, 0x80, sizeof(r.arg));
		}
		insert(p, at + i, &r);
	}
}

/* A file with a limit, which is that of the time at which it was opened. */
static void limited_file(struct program *p)
{
	uint8_t slot = draw(2), small = draw(32);
	struct record r;

	draw_step(&r, OP_ALLOC, slot, 0);
	insert(p, 0, &r);
	insert(p, 0, &r);
	draw_step(&r, OP_CLOSE, slot, 0);
	insert(p, 0, &r);
	draw_step(&r, OP_WRITE_TEXT, slot, 0);
	r.arg[0] = text_index("page_limit");
	r.arg[1] = 6;
	r.arg[2] = small;
	r.arg[8] = 1;
	insert(p, 0, &r);
}

/**
 * insert_life - put the life of a block, or of many, into a program
 * @p: the program
 */
void insert_life(struct program *p)
{
	switch (draw(12)) {
	case 0:
		many_blocks(p);
		break;
	case 1:
		limited_file(p);
		break;
	default:
		one_block(p);
	}
}
