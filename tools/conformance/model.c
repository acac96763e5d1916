// SPDX-License-Identifier: GPL-2.0
/*
 * The generator's belief about the slots.
 *
 * Held slots are in an array for a choice at random, in a chain by age, and in a
 * table by page for runs along the addresses.
 */
#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "record.h"
#include "util.h"

void model_init(struct model *m, uint32_t nr_pages, uint32_t nr_present)
{
	uint32_t i;

	memset(m, 0, sizeof(*m));
	m->slot = xcalloc(CONF_SLOTS, sizeof(*m->slot));
	m->held = xcalloc(CONF_SLOTS, sizeof(*m->held));
	m->empty = xcalloc(CONF_SLOTS, sizeof(*m->empty));
	m->leaving = xcalloc(CONF_SLOTS, sizeof(*m->leaving));
	m->slot_at = xcalloc(nr_pages, sizeof(*m->slot_at));
	m->nr_pages = nr_pages;
	m->nr_present = nr_present;
	m->oldest = NO_SLOT;
	m->newest = NO_SLOT;
	for (i = FIRST_BULK_SLOT; i; i--)
		m->empty[m->nr_empty++] = i - 1;
	for (i = 0; i < nr_pages; i++)
		m->slot_at[i] = NO_SLOT;
}

void model_free(struct model *m)
{
	free(m->slot);
	free(m->held);
	free(m->empty);
	free(m->leaving);
	free(m->slot_at);
	memset(m, 0, sizeof(*m));
}

uint32_t model_empty_slot(struct model *m)
{
	return m->nr_empty ? m->empty[--m->nr_empty] : NO_SLOT;
}

uint32_t slot_pages(const struct slot *slot)
{
	if (slot->parts)
		return __builtin_popcount(slot->parts);
	/* The tails of a block that is not compound went with its own reference. */
	if (slot->lent && !slot->compound)
		return 1;
	return 1u << slot->order;
}

void model_recount(struct model *m, const struct slot *slot, uint32_t before)
{
	m->pages += slot_pages(slot) - before;
}

static void chain_in(struct model *m, uint32_t i)
{
	struct slot *slot = &m->slot[i];

	slot->older = m->newest;
	slot->newer = NO_SLOT;
	if (m->newest != NO_SLOT)
		m->slot[m->newest].newer = i;
	else
		m->oldest = i;
	m->newest = i;
}

static void chain_out(struct model *m, const struct slot *slot)
{
	if (slot->older != NO_SLOT)
		m->slot[slot->older].newer = slot->newer;
	else
		m->oldest = slot->newer;
	if (slot->newer != NO_SLOT)
		m->slot[slot->newer].older = slot->older;
	else
		m->newest = slot->older;
}

void model_take(struct model *m, uint32_t i, unsigned int order, bool compound)
{
	struct slot *slot = &m->slot[i];

	*slot = (struct slot) {
		.held = true, .order = order, .page = NO_PAGE,
		.compound = compound, .at = m->nr_held,
	};
	m->held[m->nr_held++] = i;
	m->pages += slot_pages(slot);
	chain_in(m, i);
}

void model_place(struct model *m, uint32_t i, uint32_t page)
{
	if (page >= m->nr_pages)
		return;
	m->slot[i].page = page;
	m->slot_at[page] = i;
}

void model_drop(struct model *m, uint32_t i, uint32_t op)
{
	struct slot *slot = &m->slot[i];

	m->pages -= slot_pages(slot);
	if (slot->page != NO_PAGE && m->slot_at[slot->page] == i)
		m->slot_at[slot->page] = NO_SLOT;
	m->held[slot->at] = m->held[--m->nr_held];
	m->slot[m->held[slot->at]].at = slot->at;
	chain_out(m, slot);
	slot->held = false;
	slot->freed_at = op;
	if (i < FIRST_BULK_SLOT)
		m->leaving[m->nr_leaving++] = i;
}

/* Whether the allocation failed. */
static bool settle_alloc(struct model *m, const struct conf_op *op,
			 uint32_t at, uint32_t word)
{
	if (m->slot[op->slot].held && word >= RESULT_LIMIT)
		model_drop(m, op->slot, at);
	else if (m->slot[op->slot].held)
		model_place(m, op->slot, word);
	return word == CONF_FAILED;
}

static bool settle_bulk(struct model *m, const struct conf_op *op, uint32_t at,
			const uint32_t *word)
{
	unsigned int i;
	bool failed = false;

	if (word[0] == CONF_SKIPPED)
		return false;
	for (i = 0; i < op->nr; i++) {
		struct slot *slot = &m->slot[op->slot + i];

		failed |= word[1 + i] == CONF_FAILED;
		/* One that a later operation emptied again is not held. */
		if (slot->held || slot->freed_at > at ||
		    word[1 + i] >= RESULT_LIMIT)
			continue;
		model_take(m, op->slot + i, 0, false);
		model_place(m, op->slot + i, word[1 + i]);
	}
	return failed;
}

unsigned int model_settle(struct model *m, const struct conf_op *op,
			  uint32_t first, unsigned int nr,
			  const uint32_t *word)
{
	unsigned int i, failures = 0;

	for (i = 0; i < nr; i++) {
		if (op[i].opcode == CONF_ALLOC)
			failures += settle_alloc(m, &op[i], first + i, *word);
		else if (op[i].opcode == CONF_BULK)
			failures += settle_bulk(m, &op[i], first + i, word);
		word += op_words(&op[i]);
	}
	while (m->nr_leaving)
		m->empty[m->nr_empty++] = m->leaving[--m->nr_leaving];
	return failures;
}
