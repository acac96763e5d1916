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
		.cpu = in->cpu,
	};
	if (op->nr == CONF_CAN_MOVE)
		in->allocator->can_move(page);
	return taken(in, page, op->gfp, op->order);
}

static void count_remote(struct conf_interpreter *in, const struct conf_slot *slot)
{
	in->events[CONF_EVENT_FREE_REMOTE] += slot->cpu != in->cpu;
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
	count_remote(in, slot);
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
	*slot = (struct conf_slot) { .page = page, .cpu = in->cpu };
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

static u32 free_bulk(struct conf_interpreter *in, const struct conf_op *op)
{
	struct conf_slot *slots = &in->slots[op->slot];
	unsigned int i, nr = 0;

	if (!bulk_fits(slots, op->nr))
		return CONF_SKIPPED;
	for (i = 0; i < op->nr; i++) {
		if (!slots[i].page)
			continue;
		count_remote(in, &slots[i]);
		in->bulk[nr++] = slots[i].page;
		if (in->allocator->count(slots[i].page) == 1)
			slots[i].page = NULL;
	}
	in->allocator->free_bulk(in->bulk, nr);
	in->events[CONF_EVENT_FREE_BULK] += nr;
	return nr;
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
	case CONF_FREE_BULK:
		return free_bulk(in, op);
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
	return opcode == CONF_FREE || opcode == CONF_PUT || opcode == CONF_FREE_PART ||
	       opcode == CONF_FREE_BULK;
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

/**
 * conf_count_own - add what the allocator has counted itself
 * @in: the side
 * @before: its counters when the segment began
 * @may_sleep: the segment left interrupts on
 *
 * Context: nobody else has allocated since @before, but for @may_sleep.
 */
void conf_count_own(struct conf_interpreter *in, const u64 *before, bool may_sleep)
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

/**
 * conf_carry_out - one operation, and what can be seen of it
 * @in: the side
 * @op: one of those inside a segment, but for CONF_GO_ON
 * @w: the results
 *
 * Context: on the CPU in turn.
 */
void conf_carry_out(struct conf_interpreter *in, const struct conf_op *op,
		    struct conf_writer *w)
{
	if (op->opcode == CONF_BULK) {
		bulk(in, op, w);
	} else {
		u32 result = single(in, op);

		if (op->opcode == CONF_ALLOC)
			count_alloc(in, op->order, result);
		conf_put(w, result);
	}
	observe(in, op);
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
	in->cpu = 0;
	in->allocator->drain();
	in->allocator->reset();
	memset(in->events, 0, sizeof(in->events));
}
