// SPDX-License-Identifier: GPL-2.0
/*
 * Slots, and the operations on them: what a list means is written here once, so
 * that both sides mean the same.
 *
 * A slot is empty, or holds a block with one reference of the slot's own and any
 * number of CONF_GET's, or holds single pages of a split block.
 */
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <uapi/linux/mirror_mm.h>
#include "interpret.h"

/* writing ---------------------------------------------------------------------- */

/**
 * conf_begin - open a record
 * @w: where
 * @kind: enum conf_record_kind
 * @zone: CONF_ZONE()
 * @a: see the kind
 * @b: see the kind
 *
 * Return: for conf_end().
 */
u32 conf_begin(struct conf_writer *w, unsigned int kind, unsigned int zone,
	       unsigned int a, unsigned int b)
{
	u32 start = w->nr;

	conf_put(w, kind | zone << 8 | a << 16 | b << 24);
	conf_put(w, 0);
	return start;
}
EXPORT_SYMBOL_GPL(conf_begin);

/**
 * conf_end - close it, now that its length is known
 * @w: where
 * @start: from conf_begin()
 * @keep_empty: leave it there also without words
 */
void conf_end(struct conf_writer *w, u32 start, bool keep_empty)
{
	u32 nr = w->nr - start - 2;

	if (!nr && !keep_empty)
		w->nr = start;
	else if (start + 1 < w->max)
		w->words[start + 1] = nr;
}
EXPORT_SYMBOL_GPL(conf_end);

/**
 * conf_put_fields - a record of named fields
 * @w: where
 * @kind: CONF_REC_ZONE or CONF_REC_PCP
 * @zone: CONF_ZONE()
 * @fields: the words
 * @nr: how many
 */
void conf_put_fields(struct conf_writer *w, unsigned int kind, unsigned int zone,
		     const u32 *fields, unsigned int nr)
{
	u32 start = conf_begin(w, kind, zone, 0, 0);
	unsigned int i;

	for (i = 0; i < nr; i++)
		conf_put(w, fields[i]);
	conf_end(w, start, true);
}
EXPORT_SYMBOL_GPL(conf_put_fields);

/* content ---------------------------------------------------------------------- */

/* Each page gets something that the next holder must not see in a clean one. */
static void soil(struct conf_interpreter *in, const void *page, unsigned int order)
{
	u8 *content = in->allocator->address(page);
	unsigned long i;

	for (i = 0; content && i < 1ul << order; i++)
		content[i * PAGE_SIZE + i % PAGE_SIZE] = 0xc5;
}

static bool is_clean(struct conf_interpreter *in, const void *page, unsigned int order)
{
	const void *content = in->allocator->address(page);

	return content && !memchr_inv(content, 0, PAGE_SIZE << order);
}

/* What an allocation answers, once it was looked at and written to. */
static u32 taken(struct conf_interpreter *in, void *page, u32 gfp,
		 unsigned int order)
{
	bool good = !(gfp & __MIRROR_GFP_ZERO) || is_clean(in, page, order);

	soil(in, page, order);
	return good ? in->allocator->offset(page) : CONF_NOT_ZERO;
}

/* operations ------------------------------------------------------------------- */

static u32 alloc(struct conf_interpreter *in, const struct conf_op *op)
{
	struct conf_slot *slot = &in->slots[op->slot];
	void *page;

	if (slot->page)
		return CONF_SKIPPED;
	page = in->allocator->alloc(op->gfp, op->order, op->arg);
	if (!page)
		return CONF_FAILED;
	*slot = (struct conf_slot) {
		.page = page,
		.order = op->order,
		.compound = op->gfp & __MIRROR_GFP_COMP && op->order,
	};
	if (op->nr == CONF_CAN_MOVE)
		in->allocator->can_move(page);
	return taken(in, page, op->gfp, op->order);
}

static void free_parts(struct conf_interpreter *in, struct conf_slot *slot)
{
	unsigned int i;

	for (i = 0; slot->parts; i++) {
		if (!(slot->parts & BIT(i)))
			continue;
		slot->parts &= ~BIT(i);
		in->allocator->free(in->allocator->part(slot->page, i), 0);
	}
	slot->page = NULL;
}

static u32 free_slot(struct conf_interpreter *in, struct conf_slot *slot)
{
	const struct conf_allocator *allocator = in->allocator;
	bool last;

	if (!slot->page)
		return CONF_SKIPPED;
	if (slot->parts) {
		free_parts(in, slot);
		return 0;
	}
	last = allocator->count(slot->page) == 1;
	allocator->free(slot->page, slot->order);
	if (last)
		slot->page = NULL;
	else if (!slot->compound)
		slot->order = 0;
	return 0;
}

static u32 get(struct conf_interpreter *in, struct conf_slot *slot)
{
	if (!slot->page || slot->parts)
		return CONF_SKIPPED;
	in->allocator->get(slot->page);
	return in->allocator->count(slot->page);
}

static u32 put(struct conf_interpreter *in, struct conf_slot *slot)
{
	int count;

	if (!slot->page || slot->parts)
		return CONF_SKIPPED;
	count = in->allocator->count(slot->page);
	/* The kernel's put_page() would lose the tails. */
	if (count == 1 && slot->order && !slot->compound)
		return CONF_SKIPPED;
	in->allocator->put(slot->page);
	if (count == 1)
		slot->page = NULL;
	return count - 1;
}

static u32 split(struct conf_interpreter *in, struct conf_slot *slot)
{
	if (!slot->page || slot->parts || slot->compound || !slot->order ||
	    slot->order > CONF_SPLIT_ORDER_MAX ||
	    in->allocator->count(slot->page) != 1)
		return CONF_SKIPPED;
	in->allocator->split(slot->page, slot->order);
	slot->parts = GENMASK((1u << slot->order) - 1, 0);
	return 0;
}

static u32 free_part(struct conf_interpreter *in, struct conf_slot *slot, u32 i)
{
	if (!slot->page || i >= 32 || !(slot->parts & BIT(i)))
		return CONF_SKIPPED;
	slot->parts &= ~BIT(i);
	in->allocator->free(in->allocator->part(slot->page, i), 0);
	if (!slot->parts)
		slot->page = NULL;
	return 0;
}

/* Only an array of single pages is one that the bulk call knows. */
static bool bulk_fits(const struct conf_slot *slots, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (slots[i].page && (slots[i].order || slots[i].parts))
			return false;
	return true;
}

/* The answer for one element of the array. */
static u32 take_bulk(struct conf_interpreter *in, struct conf_slot *slot,
		     void *page, u32 gfp)
{
	if (!page)
		return CONF_FAILED;
	if (slot->page)
		return in->allocator->offset(page);
	*slot = (struct conf_slot) { .page = page };
	in->events[CONF_EVENT_ALLOC_BULK]++;
	return taken(in, page, gfp, 0);
}

static void bulk(struct conf_interpreter *in, const struct conf_op *op,
		 struct conf_writer *w)
{
	struct conf_slot *slots = &in->slots[op->slot];
	bool fits = bulk_fits(slots, op->nr);
	unsigned int i, ret;

	for (i = 0; i < op->nr; i++)
		in->bulk[i] = slots[i].page;
	ret = fits ? in->allocator->bulk(op->gfp, op->nr, in->bulk, op->arg) :
		     CONF_SKIPPED;
	conf_put(w, ret);
	for (i = 0; i < op->nr; i++)
		conf_put(w, fits ? take_bulk(in, &slots[i], in->bulk[i], op->gfp) :
			 CONF_SKIPPED);
	if (fits && ret < op->nr)
		in->events[CONF_EVENT_FAILED_BULK]++;
}

static u32 single(struct conf_interpreter *in, const struct conf_op *op)
{
	struct conf_slot *slot = &in->slots[op->slot];

	switch (op->opcode) {
	case CONF_ALLOC:
		return alloc(in, op);
	case CONF_FREE:
		return free_slot(in, slot);
	case CONF_GET:
		return get(in, slot);
	case CONF_PUT:
		return put(in, slot);
	case CONF_SPLIT:
		return split(in, slot);
	case CONF_FREE_PART:
		return free_part(in, slot, op->arg);
	default:
		return 0;
	}
}

/* events ----------------------------------------------------------------------- */

static void count_alloc(struct conf_interpreter *in, unsigned int order, u32 result)
{
	bool pcp = order <= CONF_COSTLY_ORDER || order == CONF_PB_ORDER;

	if (result == CONF_SKIPPED)
		return;
	if (result != CONF_FAILED)
		in->events[pcp ? CONF_EVENT_ALLOC_PCP : CONF_EVENT_ALLOC_BUDDY]++;
	else if (!order)
		in->events[CONF_EVENT_FAILED_0]++;
	else if (order <= CONF_COSTLY_ORDER)
		in->events[CONF_EVENT_FAILED_LOW]++;
	else
		in->events[CONF_EVENT_FAILED_COSTLY]++;
}

static void count_pcp(u64 *events, const struct conf_view *old,
		      const struct conf_view *new, bool frees)
{
	events[CONF_EVENT_PCP_REFILL] += !frees && new->count > old->count;
	events[CONF_EVENT_PCP_FLUSH] += frees && new->count < old->count;
	events[CONF_EVENT_PCP_EMPTIED] += frees && old->count && !new->count;
	events[CONF_EVENT_PCP_HIGH_UP] += new->high > old->high;
	events[CONF_EVENT_PCP_HIGH_DOWN] += new->high < old->high;
	events[CONF_EVENT_FACTOR_UP] += new->factor > old->factor;
	events[CONF_EVENT_FACTOR_DOWN] += new->factor < old->factor;
}

static void count_zone(u64 *events, const struct conf_view *old,
		       const struct conf_view *new, bool frees)
{
	events[CONF_EVENT_BOOST] += new->boost > old->boost;
	events[CONF_EVENT_RESERVE] += new->reserved > old->reserved;
	events[CONF_EVENT_UNRESERVE] += new->reserved < old->reserved;
	events[CONF_EVENT_BELOW_HIGH_SET] += new->below_high && !old->below_high;
	events[CONF_EVENT_BELOW_HIGH_CLEAR] += !new->below_high && old->below_high;
	events[CONF_EVENT_MERGED_LARGEST] += frees && new->largest > old->largest;
}

static bool op_frees(unsigned int opcode)
{
	return opcode == CONF_FREE || opcode == CONF_PUT || opcode == CONF_FREE_PART;
}

static void observe(struct conf_interpreter *in, const struct conf_op *op)
{
	struct conf_view old[CONF_ZONES];
	bool frees = op_frees(op->opcode);
	unsigned int i;

	memcpy(old, in->views, sizeof(old));
	in->allocator->view(in->views);
	for (i = 0; i < CONF_ZONES; i++) {
		count_pcp(in->events, &old[i], &in->views[i], frees);
		count_zone(in->events, &old[i], &in->views[i], frees);
	}
}

/*
 * The allocator's own counters may be the whole machine's: only what they gain
 * while nobody else can run is ours.
 */
static bool counter_is_shared(unsigned int event)
{
	return event == CONF_EVENT_PGALLOC || event == CONF_EVENT_PGFREE ||
	       event == CONF_EVENT_ALLOCSTALL;
}

static void count_own(struct conf_interpreter *in, const u64 *before,
		      bool may_sleep)
{
	u64 now[CONF_NR_EVENTS] = {};
	unsigned int i;

	in->allocator->counters(now);
	for (i = 0; i < CONF_NR_EVENTS; i++) {
		if (now[i] == CONF_UNSEEN || (may_sleep && counter_is_shared(i)))
			in->events[i] = CONF_UNSEEN;
		else if (in->events[i] != CONF_UNSEEN)
			in->events[i] += now[i] - before[i];
	}
}

/**
 * conf_events - what was seen since the reset
 * @in: the side
 * @events: filled in
 *
 * Context: Process context.
 */
void conf_events(struct conf_interpreter *in, struct conf_events *events)
{
	memcpy(events->nr, in->events, sizeof(events->nr));
}

/* lists ------------------------------------------------------------------------ */

static bool nodes_ok(u32 nodes)
{
	return CONF_PREFERRED(nodes) < CONF_MAX_NODES &&
	       CONF_ALLOWED(nodes) < 1u << CONF_MAX_NODES;
}

static bool op_ok(const struct conf_op *op)
{
	if (op->opcode >= CONF_NR_RUN_OPS || op->slot >= CONF_SLOTS)
		return false;
	if ((op->opcode == CONF_ALLOC || op->opcode == CONF_BULK) &&
	    !nodes_ok(op->arg))
		return false;
	if (op->opcode == CONF_ALLOC)
		return !op->nr || (op->nr == CONF_CAN_MOVE && !op->order);
	return op->opcode != CONF_BULK ||
	       (op->nr <= CONF_BULK_MAX && op->slot + op->nr <= CONF_SLOTS);
}

/**
 * conf_list_ok - can the list be carried out?
 * @ops: the list
 * @nr: its length
 * @max_words: room for the results
 *
 * Return: false for an unknown operation, a slot or node that does not exist, or
 * more results than there is room.
 */
bool conf_list_ok(const struct conf_op *ops, u32 nr, u32 max_words)
{
	u32 i, room = nr;

	for (i = 0; i < nr; i++) {
		if (!op_ok(&ops[i]))
			return false;
		room += ops[i].opcode == CONF_BULK ? ops[i].nr : 0;
	}
	return room <= max_words;
}

static void as_local(struct conf_interpreter *in, bool begins)
{
	if (in->allocator->as_local)
		in->allocator->as_local(begins);
}

/**
 * conf_interpret - carry out a segment
 * @in: the side
 * @ops: the list, which conf_list_ok() found good
 * @nr: its length
 * @w: the results
 * @may_sleep: leave interrupts on
 *
 * Context: Process context.
 */
void conf_interpret(struct conf_interpreter *in, const struct conf_op *ops,
		    u32 nr, struct conf_writer *w, bool may_sleep)
{
	u64 before[CONF_NR_EVENTS] = {};
	unsigned long flags = 0;
	u32 i;

	if (may_sleep && in->allocator->may_wait)
		in->allocator->may_wait(true);
	if (!may_sleep) {
		local_irq_save(flags);
		as_local(in, true);
	}
	in->allocator->counters(before);
	in->allocator->view(in->views);
	for (i = 0; i < nr; i++) {
		if (ops[i].opcode == CONF_BULK) {
			bulk(in, &ops[i], w);
		} else {
			u32 result = single(in, &ops[i]);

			if (ops[i].opcode == CONF_ALLOC)
				count_alloc(in, ops[i].order, result);
			conf_put(w, result);
		}
		observe(in, &ops[i]);
	}
	count_own(in, before, may_sleep);
	if (!may_sleep) {
		as_local(in, false);
		local_irq_restore(flags);
	}
	if (may_sleep && in->allocator->may_wait)
		in->allocator->may_wait(false);
}

/* A mirror out of service takes nothing back; its slots are forgotten. */
static void empty_slot(struct conf_interpreter *in, struct conf_slot *slot)
{
	int count;

	if (slot->parts)
		free_parts(in, slot);
	count = slot->page ? in->allocator->count(slot->page) : 0;
	while (slot->page && count-- > 0)
		free_slot(in, slot);
	slot->page = NULL;
	slot->parts = 0;
}

/**
 * conf_reset - give everything back and start anew
 * @in: the side
 *
 * Context: Process context; may sleep.
 */
void conf_reset(struct conf_interpreter *in)
{
	u32 i;

	for (i = 0; i < CONF_SLOTS; i++) {
		empty_slot(in, &in->slots[i]);
		if (!(i % 4096))
			cond_resched();
	}
	in->allocator->drain();
	in->allocator->reset();
	memset(in->events, 0, sizeof(in->events));
}
