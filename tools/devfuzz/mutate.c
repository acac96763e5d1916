// SPDX-License-Identifier: GPL-2.0
/*
 * How inputs are changed: by whole records, so that the others mean what they meant.
 */
#include <stdlib.h>
#include "devfuzz.h"

size_t mutate(uint8_t *data, size_t size, size_t max, unsigned int seed)
	asm("LLVMFuzzerCustomMutator");
size_t cross(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
	     size_t max, unsigned int seed) asm("LLVMFuzzerCustomCrossOver");

/* An argument that means the last block, and for field_times() 20000 and 40000 times. */
#define LAST_OF_ALL	0xfc
#define TIMES_MANY	245

static uint32_t state;

static uint32_t draw(uint32_t below)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return below ? (uint64_t)state * below >> 32 : 0;
}

/* What is slow, or changes what others can be asked, is drawn less often. */
static uint8_t draw_op(void)
{
	static const uint8_t rare[] = {
		OP_FORK, OP_RACE, OP_CPU, OP_POISON, OP_WRITE_TEXT, OP_READ_TEXT, OP_IOCTL,
		OP_CLOSE,
	};
	static const uint8_t frequent[] = {
		OP_ALLOC, OP_ALLOC, OP_ALLOC, OP_FREE, OP_FREE, OP_SUBMIT, OP_SUBMIT, OP_SUBMIT,
		OP_MAP, OP_MAP, OP_TOUCH, OP_ACCESS, OP_MAP_ANYWHERE, OP_GRANT,
	};
	uint8_t op = draw(NR_OPS);

	if (draw(2))
		return frequent[draw(ARRAY_SIZE(frequent))];
	if (memchr(rare, op, sizeof(rare)) && draw(2))
		return draw_op();
	return op;
}

static void draw_record(struct record *r)
{
	unsigned int i;

	r->op = draw_op();
	/* Entries of a SUBMIT take the kind from the same byte, in another way. */
	if (draw(4) == 0)
		r->op += NR_OPS * draw(8);
	r->ctl = draw(4) ? draw(4) ? 0 : draw(NR_SLOTS) : draw(256);
	if (draw(4) == 0)
		r->ctl |= CTL_PLAIN;
	else if (draw(3) == 0)
		r->ctl |= draw(3) ? CTL_EXTREME : CTL_SAME;
	if (draw(8) == 0)
		r->ctl |= CTL_INJECT;
	else
		r->ctl &= ~CTL_INJECT;
	for (i = 0; i < NR_ARGS; i++)
		r->arg[i] = draw(3) ? 0x80 | draw(128) : draw(256);
	/* Which block: the last one more often than not. */
	if (draw(2))
		r->arg[draw(2) ? 0 : 4] = LAST_OF_ALL;
}

static void insert(struct record *records, unsigned int *nr, unsigned int most, unsigned int at,
		   const struct record *r)
{
	if (*nr == most)
		return;
	memmove(&records[at + 1], &records[at], (*nr - at) * sizeof(*r));
	records[at] = *r;
	++*nr;
}

/*
 * What people do with a block in this order; each step is for the block that came last.
 * OP_ALLOC begins each and is 0, so it also ends the shorter ones.
 */
static const uint8_t lives[][4] = {
	{ OP_ALLOC, OP_MAP_ANYWHERE, OP_FREE },
	{ OP_ALLOC, OP_MAP, OP_FREE },
	{ OP_ALLOC, OP_MAP, OP_ACCESS },
	{ OP_ALLOC, OP_MAP, OP_COPY, OP_FREE },
	{ OP_ALLOC, OP_MAP, OP_TOUCH, OP_REMAP },
	{ OP_ALLOC, OP_GRANT, OP_MAP, OP_FREE },
	{ OP_ALLOC, OP_PASS, OP_CLOSE },
};

/* @page: of the windows, where all of the life takes place */
static void draw_step(struct record *r, uint8_t op, uint8_t slot, uint8_t page)
{
	draw_record(r);
	r->op = op;
	r->ctl = CTL_PLAIN | slot;
	if (op == OP_ACCESS || op == OP_COPY || op == OP_TOUCH || op == OP_REMAP)
		r->arg[0] = page;
	if (op == OP_MAP) {
		r->arg[1] = page;
		/* From the block's first page on, as many pages as it may have. */
		r->arg[2] = draw(2) ? 0 : draw(8);
		r->arg[4] = 0xf0 | draw(8);
		r->arg[5] = 0x80;
	}
	if (op == OP_MAP || op == OP_MAP_ANYWHERE || op == OP_FREE || op == OP_GRANT)
		r->arg[0] = LAST_OF_ALL;
}

/* The life of a block, or of very many: fields that make sense are a seldom draw. */
static void insert_life(struct record *records, unsigned int *nr, unsigned int most)
{
	const uint8_t *life = lives[draw(ARRAY_SIZE(lives))];
	unsigned int at = draw(*nr + 1), steps = 0;
	uint8_t slot = draw(NR_SLOTS), page = draw(WINDOW_PAGES);
	struct record r;

	while (steps < ARRAY_SIZE(lives[0]) && (!steps || life[steps] != OP_ALLOC)) {
		draw_step(&r, life[steps], slot, page);
		insert(records, nr, most, at + steps, &r);
		if (at + ++steps > *nr)
			return;
	}
	if (draw(3))
		return;
	draw_record(&r);
	r.op = OP_REPEAT;
	r.arg[0] = steps - 1;
	/* The first leaves a mapping each time: so often that it fills a table. */
	if (life == lives[0] && !draw(4))
		r.arg[1] = TIMES_MANY + draw(2);
	insert(records, nr, most, at, &r);
}

static void change(struct record *records, unsigned int *nr, unsigned int most)
{
	unsigned int at = draw(*nr), i;
	struct record r;

	switch (draw(14)) {
	case 12:
	case 13:
		insert_life(records, nr, most);
		break;
	case 0:
	case 1:
	case 2:
		draw_record(&r);
		insert(records, nr, most, draw(*nr + 1), &r);
		break;
	case 3:
		if (*nr < 2)
			break;
		memmove(&records[at], &records[at + 1], (*nr - at - 1) * sizeof(r));
		--*nr;
		break;
	case 4:
		r = records[at];
		insert(records, nr, most, draw(*nr + 1), &r);
		break;
	case 5:
		i = draw(*nr);
		r = records[at];
		records[at] = records[i];
		records[i] = r;
		break;
	case 6:
		/* Whatever stands from there on, several times. */
		draw_record(&r);
		r.op = OP_REPEAT;
		r.arg[0] = draw(256);
		r.arg[1] = draw(256);
		insert(records, nr, most, at, &r);
		break;
	case 7:
		records[at].ctl ^= 1u << draw(8);
		break;
	case 8:
		records[at].ctl = (records[at].ctl & ~CTL_SLOT) | draw(NR_SLOTS);
		break;
	default:
		for (i = 1 + draw(3); i; i--)
			records[at].arg[draw(NR_ARGS)] = draw(256);
	}
}

size_t mutate(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static struct record records[MAX_RECORDS];
	unsigned int nr = size / RECORD_BYTES, most = max / RECORD_BYTES, times;

	state = seed * 2654435761u | 1;
	if (most > MAX_RECORDS)
		most = MAX_RECORDS;
	if (nr > most)
		nr = most;
	memcpy(records, data, nr * RECORD_BYTES);
	while (nr < 3 && nr < most)
		draw_record(&records[nr++]);
	for (times = 1 + draw(4); times && nr; times--)
		change(records, &nr, most);
	memcpy(data, records, nr * RECORD_BYTES);
	return nr * RECORD_BYTES;
}

/* The beginning of one and the end of another. */
size_t cross(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
	     size_t max, unsigned int seed)
{
	size_t first, second;

	state = seed * 2654435761u | 1;
	first = draw(a_size / RECORD_BYTES + 1) * RECORD_BYTES;
	second = draw(b_size / RECORD_BYTES + 1) * RECORD_BYTES;
	if (first > max)
		first = max / RECORD_BYTES * RECORD_BYTES;
	if (second > max - first)
		second = (max - first) / RECORD_BYTES * RECORD_BYTES;
	memcpy(out, a, first);
	memcpy(out + first, b + b_size / RECORD_BYTES * RECORD_BYTES - second, second);
	return first + second;
}
