// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays for SUBMIT: mixtures that fill a file's table, empty it, or are wrong in each
 * field.
 */
#include <string.h>
#include "many.h"

#define NOT_DONE	0x5a5a5a5a

enum kind {
	ODD_ALLOC,	/* sound, of any kind */
	FREE,		/* of a block that is held */
	STALE,		/* of an id that is no block's any more, or never was */
	EXTREME,	/* extreme values in one field, in some, or in all */
	OTHER,		/* NOP and opcodes that there are none of */
	NR_SHARES,
	PLAIN_ALLOC = NR_SHARES,
};

/* What the entries of an array are, in parts of 256; the rest is PLAIN_ALLOC. */
struct mix {
	uint8_t share[NR_SHARES];
};

/**
 * struct plan - of one array
 * @mix: of what
 * @most_order: of requests that make sense
 * @pages: that its requests may take
 * @frees: of blocks that are held
 */
struct plan {
	const struct mix *mix;
	uint32_t most_order;
	int64_t pages;
	int64_t frees;
};

static const struct mix grow = { { 60, 16, 8, 8, 4 } };
static const struct mix even = { { 50, 110, 8, 8, 4 } };
static const struct mix shrink = { { 4, 220, 10, 4, 4 } };
static const struct mix wrong = { { 30, 30, 60, 110, 10 } };

static const uint64_t extremes[] = {
	0, 1, 2, 3, UINT32_MAX, UINT64_MAX, UINT32_MAX, UINT64_MAX, 1ull << 31, 1ull << 63,
	INT32_MAX, INT64_MAX, UINT32_MAX - 1, UINT64_MAX - 1, 4, 7, 8, 9, 10, 11, 12, 31, 32,
	33, 63, 64, 65, 127, 128, 255, 256, 65535, 65536, 1ull << 20, 1ull << 21,
	(1ull << 21) - 1, 1ull << 32, (1ull << 32) + 1, 1ull << 52, ~0xfffull,
	0xffff800000000000ull, 0xffffffff00000000ull,
};

static uint64_t extreme(void)
{
	return extremes[draw(ARRAY_SIZE(extremes))];
}

static void plain_alloc(struct mirror_mm_op *op)
{
	op->opcode = MIRROR_MM_OP_ALLOC;
	op->alloc = (struct mirror_mm_alloc){
		.gfp = MIRROR_GFP_KERNEL, .node = MIRROR_MM_NODE_ANY,
	};
}

static void odd_alloc(struct mirror_mm_op *op, uint32_t most_order)
{
	static const uint8_t orders[] = {
		0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 9, 10,
	};
	static const uint32_t gfps[] = {
		MIRROR_GFP_KERNEL, MIRROR_GFP_HIGHUSER_MOVABLE, MIRROR_GFP_USER,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_RECLAIMABLE, MIRROR_GFP_NOWAIT,
		MIRROR_GFP_ATOMIC, MIRROR_GFP_DMA32, MIRROR_GFP_DMA,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_ZERO | __MIRROR_GFP_COMP,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_THISNODE | __MIRROR_GFP_NORETRY,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_MEMALLOC,
		MIRROR_GFP_NOWAIT | __MIRROR_GFP_MOVABLE,
	};

	plain_alloc(op);
	op->alloc.order = orders[draw(ARRAY_SIZE(orders))];
	if (op->alloc.order > most_order)
		op->alloc.order %= most_order + 1;
	op->alloc.gfp = gfps[draw(ARRAY_SIZE(gfps))];
	op->alloc.node = (int)draw(idle.nr_nodes + 1) - 1;
	if (!draw(8))
		op->alloc.flags = draw(MIRROR_MM_ALLOC_FLAGS + 1);
	op->alloc.nodemask = draw(1u << idle.nr_nodes);
}

/* One value in all fields, extreme ones in all, or sound ones in all but one. */
static void extreme_alloc(struct mirror_mm_op *op)
{
	uint64_t same = extreme();

	odd_alloc(op, 10);
	switch (draw(8)) {
	case 0:
	case 1:
		memset(&op->alloc, 0xff, sizeof(op->alloc));
		break;
	case 2:
		op->alloc.order = same;
		op->alloc.gfp = same;
		op->alloc.node = same;
		op->alloc.flags = same;
		op->alloc.nodemask = same;
		break;
	case 3:
		op->alloc.order = extreme();
		op->alloc.gfp = extreme();
		op->alloc.node = extreme();
		op->alloc.flags = extreme();
		op->alloc.nodemask = extreme();
		break;
	case 4:
		op->alloc.order = same;
		break;
	case 5:
		op->alloc.gfp ^= 1u << draw(32);
		break;
	case 6:
		op->alloc.node = same;
		op->alloc.nodemask = extreme();
		break;
	default:
		op->alloc.flags = same;
	}
}

static void set_free(struct mirror_mm_op *op, uint64_t id)
{
	op->opcode = MIRROR_MM_OP_FREE;
	op->free = (struct mirror_mm_free){ .id = id };
}

/* One after the other, so that an array empties the table; or any, twice as well. */
static void free_held(struct file *f, struct mirror_mm_op *op)
{
	if (!f->nr) {
		plain_alloc(op);
		return;
	}
	set_free(op, f->held[draw(16) ? f->next++ % f->nr : draw(f->nr)].id);
}

static void free_stale(const struct file *f, struct mirror_mm_op *op)
{
	static const uint64_t steps[] = {
		1, -1ull, 1ull << 32, -(1ull << 32), 2ull << 32, 128, 1ull << 63,
	};
	const struct file *other = &files[draw(NR_FILES)];
	uint64_t id = extreme();

	switch (draw(4)) {
	case 0:
		if (f->nr)
			id = f->held[draw(f->nr)].id + steps[draw(ARRAY_SIZE(steps))];
		break;
	case 1:
		if (other->nr)
			id = other->held[draw(other->nr)].id;
		break;
	default:
		if (f->nr_stale)
			id = f->stale[draw(f->nr_stale < NR_STALE ? f->nr_stale : NR_STALE)];
	}
	set_free(op, id == f->array_id ? 0 : id);
}

static void extreme_free(struct mirror_mm_op *op)
{
	op->free.flags = draw(2) ? extreme() : 0;
	op->free.reserved = draw(2) ? extreme() : 0;
}

static void other(struct mirror_mm_op *op)
{
	op->opcode = draw(2) ? 0 : extreme();
	if (op->opcode == MIRROR_MM_OP_ALLOC || op->opcode == MIRROR_MM_OP_FREE)
		op->opcode = 3;
}

static enum kind draw_kind(const struct mix *mix)
{
	int what = draw(256);
	unsigned int kind;

	for (kind = 0; kind < NR_SHARES; kind++) {
		what -= mix->share[kind];
		if (what < 0)
			return kind;
	}
	return PLAIN_ALLOC;
}

static void make_entry(struct file *f, const struct plan *plan, struct mirror_mm_op *op)
{
	switch (draw_kind(plan->mix)) {
	case ODD_ALLOC:
		odd_alloc(op, plan->most_order);
		break;
	case FREE:
		free_held(f, op);
		if (!draw(64))
			extreme_free(op);
		break;
	case STALE:
		free_stale(f, op);
		break;
	case EXTREME:
		extreme_alloc(op);
		break;
	case OTHER:
		other(op);
		break;
	default:
		plain_alloc(op);
	}
}

static const struct mix *choose_mix(const struct file *f)
{
	uint64_t left = model_free_pages();

	if (!draw(8))
		return &wrong;
	if (left < idle.nr_pages / 16)
		return &shrink;
	if (left < idle.nr_pages / 4)
		return draw(3) ? &shrink : &even;
	return f->nr < 1000 || draw(2) ? &grow : draw(2) ? &even : &shrink;
}

/* Few arrays ask for more than there is: what finds nothing tries hard first. */
static struct plan make_plan(const struct file *f, uint32_t nr)
{
	int64_t left = model_free_pages();

	return (struct plan){
		.mix = choose_mix(f),
		.most_order = nr > 4000 && draw(8) ? 1 : 10,
		.pages = draw(16) ? left * 7 / 8 : left + 500,
		.frees = f->nr + f->nr / 16 + 4,
	};
}

static bool within(struct plan *plan, const struct mirror_mm_op *op)
{
	if (op->opcode == MIRROR_MM_OP_ALLOC && op->alloc.order <= idle.max_order)
		plan->pages -= 1ll << op->alloc.order;
	else if (op->opcode == MIRROR_MM_OP_FREE)
		plan->frees--;
	return plan->pages >= 0 && plan->frees >= 0;
}

/* The same request but for one field, which SUBMIT must not take for the same. */
static void vary(struct mirror_mm_op *op)
{
	switch (draw(5)) {
	case 0:
		op->alloc.order ^= draw(4) ? 1 : 1u << draw(32);
		break;
	case 1:
		op->alloc.gfp ^= 1u << draw(draw(4) ? 21 : 32);
		break;
	case 2:
		op->alloc.node = (int)draw(idle.nr_nodes + 1) - 1;
		break;
	case 3:
		op->alloc.flags ^= draw(4) ? MIRROR_MM_ALLOC_NODEMASK : 1u << draw(32);
		break;
	default:
		op->alloc.nodemask = draw(1u << idle.nr_nodes);
	}
}

/**
 * make_entries - fill an array
 * @f: for whom
 * @ops: the array
 * @nr: its length
 *
 * The same request often comes several times in a row, as programs have it.
 *
 * Return: entries; fewer than @nr where there is nothing left to give out or to free.
 */
uint32_t make_entries(struct file *f, struct mirror_mm_op *ops, uint32_t nr)
{
	struct plan plan = make_plan(f, nr);
	uint32_t i, again = 0;

	for (i = 0; i < nr; i++) {
		if (again && ops[i - 1].opcode == MIRROR_MM_OP_ALLOC) {
			again--;
			ops[i] = ops[i - 1];
			if (!draw(8))
				vary(&ops[i]);
		} else {
			memset(&ops[i], 0, sizeof(ops[i]));
			make_entry(f, &plan, &ops[i]);
			ops[i].result = NOT_DONE;
			again = draw(4) ? 0 : draw(24);
		}
		if (!within(&plan, &ops[i]) && i)
			return i;
	}
	return nr;
}

/* A file that is refused all of it, or nearly all. */
static bool can_do_little(const struct file *f)
{
	uint32_t both = MIRROR_MM_RIGHT_ALLOC | MIRROR_MM_RIGHT_FREE;

	return (f->rights & both) != both || (f->limit && f->limit < 1000);
}

/**
 * draw_length - how long an array is to be
 * @f: whose
 *
 * Return: entries.
 */
uint32_t draw_length(const struct file *f)
{
	static const uint32_t lengths[] = {
		1, 2, 15, 16, 17, 63, 256, 1000, 4096, 10000, 20000, 20000, 32768, 65535, 65536,
		65536,
	};

	return lengths[draw(can_do_little(f) ? 8 : ARRAY_SIZE(lengths))];
}
