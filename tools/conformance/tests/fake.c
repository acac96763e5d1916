// SPDX-License-Identifier: GPL-2.0
/*
 * An allocator of bits that keeps to the protocol: the first fit from where it
 * stopped last. It says nothing about Linux; it is there to be equal to another
 * one, or to differ in a known way.
 */
#include <errno.h>
#include <linux/mirror_mm.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "util.h"

#define PAGES	16384u

struct fake_slot {
	uint32_t page;
	uint8_t order;
	bool used;
	bool compound;
	bool own;
	bool bulk;
	uint16_t gets;
	uint32_t parts;
};

struct fake {
	struct target t;
	enum bug bug;
	struct fake_slot *slot;
	bool taken[PAGES];
	uint32_t nr_free;
	uint32_t hand;
	uint32_t miscounted;
	bool drained;
	bool ticked;
	uint32_t third;
	uint32_t cpu;
};

static bool range_is_free(const struct fake *f, uint32_t page, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (f->taken[page + i])
			return false;
	return true;
}

static void set_range(struct fake *f, uint32_t page, uint32_t nr, bool taken)
{
	memset(f->taken + page, taken, nr);
	f->nr_free += taken ? -nr : nr;
}

static uint32_t get_pages(struct fake *f, unsigned int order)
{
	uint32_t nr = 1u << order, tries = PAGES >> order;
	uint32_t page = f->hand & ~(nr - 1);

	if (f->nr_free < nr)
		return CONF_FAILED;
	for (; tries--; page = (page + nr) % PAGES) {
		if (!range_is_free(f, page, nr))
			continue;
		set_range(f, page, nr, true);
		f->hand = (page + nr) % PAGES;
		return page;
	}
	return CONF_FAILED;
}

static bool no_third(struct fake *f, const struct conf_op *op)
{
	return f->bug == BUG_RESULT && f->drained && op->order == 3 &&
	       f->third >= 2;
}

static uint32_t do_alloc(struct fake *f, const struct conf_op *op)
{
	struct fake_slot *s = &f->slot[op->slot];
	uint32_t page;

	if (s->used)
		return CONF_SKIPPED;
	page = no_third(f, op) ? CONF_FAILED : get_pages(f, op->order);
	if (page == CONF_FAILED)
		return page;
	f->third += op->order == 3;
	*s = (struct fake_slot) {
		.page = page, .order = op->order, .used = true, .own = true,
		.compound = op->gfp & __MIRROR_GFP_COMP,
	};
	return page;
}

static void free_parts(struct fake *f, struct fake_slot *s)
{
	unsigned int i;

	for (i = 0; i < 1u << s->order; i++)
		if (s->parts & 1u << i)
			set_range(f, s->page + i, 1, false);
}

static void free_block(struct fake *f, struct fake_slot *s)
{
	set_range(f, s->page, 1u << s->order, false);
	f->third -= s->order == 3;
	f->miscounted += f->bug == BUG_STATE && f->ticked && s->order > 4;
}

/* The head stays as a page of its own. */
static void free_tails(struct fake *f, struct fake_slot *s)
{
	set_range(f, s->page + 1, (1u << s->order) - 1, false);
	f->third -= s->order == 3;
	s->order = 0;
}

static uint32_t do_free(struct fake *f, struct fake_slot *s)
{
	if (!s->used || !s->own)
		return CONF_SKIPPED;
	s->own = false;
	s->used = s->gets;
	if (s->parts)
		free_parts(f, s);
	else if (!s->gets)
		free_block(f, s);
	else if (!s->compound)
		free_tails(f, s);
	return 0;
}

static uint32_t do_get(struct fake_slot *s)
{
	if (!s->used || s->parts)
		return CONF_SKIPPED;
	return ++s->gets + s->own;
}

static uint32_t do_put(struct fake *f, struct fake_slot *s)
{
	if (!s->used || s->parts || !s->gets)
		return CONF_SKIPPED;
	s->gets--;
	if (s->gets || s->own)
		return s->gets + s->own;
	free_block(f, s);
	s->used = false;
	return 0;
}

static uint32_t do_split(struct fake *f, struct fake_slot *s)
{
	if (!s->used || s->compound || s->gets || !s->own || s->parts ||
	    !s->order || s->order > CONF_SPLIT_ORDER_MAX)
		return CONF_SKIPPED;
	f->third -= s->order == 3;
	s->parts = s->order == 5 ? UINT32_MAX : (1u << (1u << s->order)) - 1;
	return 0;
}

static uint32_t do_free_part(struct fake *f, struct fake_slot *s, uint32_t part)
{
	if (!s->used || part > 31 || !(s->parts & 1u << part))
		return CONF_SKIPPED;
	set_range(f, s->page + part, 1, false);
	s->parts &= ~(1u << part);
	s->used = s->parts;
	return 0;
}

static void do_bulk(struct fake *f, const struct conf_op *op, uint32_t *word)
{
	unsigned int i;

	word[0] = 0;
	for (i = 0; i < op->nr; i++) {
		struct fake_slot *s = &f->slot[op->slot + i];

		if (!s->used) {
			s->page = get_pages(f, 0);
			s->order = 0;
			s->own = s->page != CONF_FAILED;
			s->used = s->own;
		}
		word[1 + i] = s->used ? s->page : CONF_FAILED;
		word[0] += s->used;
	}
}

static uint32_t do_free_bulk(struct fake *f, const struct conf_op *op)
{
	struct fake_slot *s = &f->slot[op->slot];
	uint32_t i, nr = 0;

	for (i = 0; i < op->nr; i++)
		if (s[i].used && (s[i].order || s[i].parts))
			return CONF_SKIPPED;
	for (i = 0; i < op->nr; i++)
		nr += s[i].used && !do_free(f, &s[i]);
	return nr;
}

static void one(struct fake *f, const struct conf_op *op, uint32_t *word)
{
	struct fake_slot *s = &f->slot[op->slot];

	*word = 0;
	if (op->opcode == CONF_ALLOC)
		*word = do_alloc(f, op);
	else if (op->opcode == CONF_FREE)
		*word = do_free(f, s);
	else if (op->opcode == CONF_GET)
		*word = do_get(s);
	else if (op->opcode == CONF_PUT)
		*word = do_put(f, s);
	else if (op->opcode == CONF_SPLIT)
		*word = do_split(f, s);
	else if (op->opcode == CONF_FREE_PART)
		*word = do_free_part(f, s, op->arg);
	else if (op->opcode == CONF_BULK)
		do_bulk(f, op, word);
	else if (op->opcode == CONF_FREE_BULK)
		*word = do_free_bulk(f, op);
	else if (op->opcode == CONF_GO_ON)
		f->cpu = op->arg - CONF_ONE_CPU(0);
}

static struct fake *of(struct target *t)
{
	return (struct fake *)t;
}

static int reset(struct target *t)
{
	struct fake *f = of(t);

	memset(f->slot, 0, CONF_SLOTS * sizeof(*f->slot));
	memset(f->taken, 0, sizeof(f->taken));
	f->nr_free = PAGES;
	f->hand = 0;
	f->miscounted = 0;
	f->third = 0;
	f->cpu = 0;
	f->drained = false;
	f->ticked = false;
	return 0;
}

static int run(struct target *t, const struct conf_op *op, unsigned int nr,
	       uint32_t *word, unsigned int nr_words, uint32_t flags)
{
	const uint32_t *end = word + nr_words;

	(void)flags;
	for (; nr--; word += op_words(op), op++)
		one(of(t), op, word);
	return word == end ? 0 : -EPROTO;
}

static int between(struct target *t, const struct conf_op *op)
{
	of(t)->drained |= op->opcode == CONF_DRAIN;
	of(t)->ticked |= op->opcode == CONF_TICK;
	return 0;
}

static void put_record(struct words *state, struct conf_record head,
		       const uint32_t *word)
{
	words_room(state, 2 + head.nr);
	memcpy(state->word + state->nr, &head, sizeof(head));
	memcpy(state->word + state->nr + 2, word, head.nr * sizeof(*word));
	state->nr += 2 + head.nr;
}

static int state(struct target *t, struct words *out)
{
	uint32_t zone[CONF_NR_ZONE_FIELDS] = { 0, PAGES, PAGES, PAGES };
	uint32_t pcp[CONF_NR_PCP_FIELDS] = {};
	static uint32_t list[PAGES];
	struct fake *f = of(t);
	uint32_t i, nr = 0;

	for (i = 0; i < PAGES; i++)
		if (!f->taken[i])
			list[nr++] = i;
	zone[CONF_ZONE_FREE] = f->nr_free + f->miscounted;
	out->nr = 0;
	put_record(out, (struct conf_record) { .kind = CONF_REC_ZONE, .zone = 2,
		   .nr = CONF_NR_ZONE_FIELDS }, zone);
	for (i = 0; i < CONF_MAX_CPUS; i++)
		put_record(out, (struct conf_record) { .kind = CONF_REC_PCP, .zone = 2,
			   .b = i, .nr = CONF_NR_PCP_FIELDS }, pcp);
	put_record(out, (struct conf_record) { .kind = CONF_REC_FREE, .zone = 2,
		   .nr = nr }, list);
	return 0;
}

static int events(struct target *t, struct conf_events *out)
{
	(void)t;
	memset(out, 0xff, sizeof(*out));
	out->nr[CONF_EVENT_CLAIM] = 3;
	return 0;
}

static int get_marks(struct target *t, struct marks *marks)
{
	(void)t;
	memset(marks, 0, sizeof(*marks));
	return 0;
}

static int set_marks(struct target *t, const struct marks *marks)
{
	(void)t;
	(void)marks;
	return 0;
}

static char *text(struct target *t)
{
	struct fake *f = of(t);

	return xformat("free %u\nlast line\n",
		       f->nr_free + (f->bug == BUG_TEXT && f->drained));
}

struct target *fake_new(enum bug bug)
{
	static const struct target_ops ops = {
		.reset = reset, .run = run, .between = between, .state = state,
		.events = events, .get_marks = get_marks,
		.set_marks = set_marks, .text = text,
	};
	struct fake *f = xcalloc(1, sizeof(*f));

	f->t.name = bug ? "fake with a bug" : "fake";
	f->t.ops = &ops;
	f->bug = bug;
	f->slot = xcalloc(CONF_SLOTS, sizeof(*f->slot));
	return &f->t;
}

void fake_free(struct target *t)
{
	free(of(t)->slot);
	free(t);
}
