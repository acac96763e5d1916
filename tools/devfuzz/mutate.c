// SPDX-License-Identifier: GPL-2.0
/*
 * How inputs are changed: by whole records, so that the others mean what they meant.
 */
#include <stdlib.h>
#include "mutate.h"

size_t mutate(uint8_t *data, size_t size, size_t max, unsigned int seed)
	asm("LLVMFuzzerCustomMutator");
size_t cross(const uint8_t *a, size_t a_size, const uint8_t *b, size_t b_size, uint8_t *out,
	     size_t max, unsigned int seed) asm("LLVMFuzzerCustomCrossOver");

static uint32_t state;

uint32_t draw(uint32_t below)
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
		OP_CLOSE, OP_WAIT, OP_KERNEL, OP_SYSCALL, OP_OPEN,
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

void draw_record(struct record *r)
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

void insert(struct program *p, unsigned int at, const struct record *r)
{
	if (p->nr == p->most)
		return;
	memmove(&p->records[at + 1], &p->records[at], (p->nr - at) * sizeof(*r));
	p->records[at] = *r;
	p->nr++;
}

static void take_out(struct program *p, unsigned int at)
{
	if (p->nr < 2)
		return;
	memmove(&p->records[at], &p->records[at + 1], (p->nr - at - 1) * sizeof(p->records[0]));
	p->nr--;
}

static void swap(struct record *a, struct record *b)
{
	struct record r = *a;

	*a = *b;
	*b = r;
}

static void change(struct program *p)
{
	unsigned int at = draw(p->nr), i;
	struct record r, *there = &p->records[at];

	switch (draw(14)) {
	case 12:
	case 13:
		insert_life(p);
		break;
	case 0:
	case 1:
	case 2:
		draw_record(&r);
		insert(p, draw(p->nr + 1), &r);
		break;
	case 3:
		take_out(p, at);
		break;
	case 4:
		r = *there;
		insert(p, draw(p->nr + 1), &r);
		break;
	case 5:
		swap(there, &p->records[draw(p->nr)]);
		break;
	case 6:
		/* Whatever stands from there on, several times. */
		draw_record(&r);
		r.op = OP_REPEAT;
		r.arg[0] = draw(256);
		r.arg[1] = draw(256);
		insert(p, at, &r);
		break;
	case 7:
		there->ctl ^= 1u << draw(8);
		break;
	case 8:
		there->ctl = (there->ctl & ~CTL_SLOT) | draw(NR_SLOTS);
		break;
	default:
		for (i = 1 + draw(3); i; i--)
			there->arg[draw(NR_ARGS)] = draw(256);
	}
}

size_t mutate(uint8_t *data, size_t size, size_t max, unsigned int seed)
{
	static struct record records[MAX_RECORDS];
	struct program p = {
		.records = records, .nr = size / RECORD_BYTES, .most = max / RECORD_BYTES,
	};
	unsigned int times;

	state = seed * 2654435761u | 1;
	if (p.most > MAX_RECORDS)
		p.most = MAX_RECORDS;
	if (p.nr > p.most)
		p.nr = p.most;
	memcpy(records, data, p.nr * RECORD_BYTES);
	while (p.nr < 3 && p.nr < p.most)
		draw_record(&records[p.nr++]);
	for (times = 1 + draw(4); times && p.nr; times--)
		change(&p);
	memcpy(data, records, p.nr * RECORD_BYTES);
	return p.nr * RECORD_BYTES;
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
