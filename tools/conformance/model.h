/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which slots hold what, as the generator believes it.
 *
 * Inside a segment every allocation is taken for granted; what the reference
 * answers puts it right afterwards. A slot that was freed is not used again
 * before that, so that an answer belongs to one allocation only.
 */
#ifndef CONFORMANCE_MODEL_H
#define CONFORMANCE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

#define NO_SLOT		UINT32_MAX
#define NO_PAGE		UINT32_MAX
/* A result word from here on is no offset. */
#define RESULT_LIMIT	0xffff0000u

/* Slots from here on belong to bulk windows, CONF_BULK_MAX each. */
#define FIRST_BULK_SLOT	(CONF_SLOTS / 2)
#define NR_BULK_WINDOWS	32

/**
 * struct slot - one slot
 * @held: something is in it
 * @compound: as one block
 * @lent: its own reference is back, others are not
 * @order: of the block
 * @gets: references beside its own
 * @parts: of a split block: pages still held, bit by number; 0 if not split
 * @page: offset, NO_PAGE until the answer is known
 * @freed_at: operation that freed it last
 * @at: index in struct model.held
 * @older: neighbours by age
 * @newer: likewise
 */
struct slot {
	bool held;
	bool compound;
	bool lent;
	uint8_t order;
	uint16_t gets;
	uint32_t parts;
	uint32_t page;
	uint32_t freed_at;
	uint32_t at;
	uint32_t older;
	uint32_t newer;
};

struct model {
	struct slot *slot;
	uint32_t *held;
	uint32_t nr_held;
	uint32_t oldest;
	uint32_t newest;
	uint32_t *empty;
	uint32_t nr_empty;
	uint32_t *leaving;
	uint32_t nr_leaving;
	uint32_t *slot_at;	/* by page: the slot whose block starts there */
	uint32_t nr_pages;	/* from the first frame to the last */
	uint32_t nr_present;	/* without the holes */
	uint32_t pages;		/* taken */
};

void model_init(struct model *m, uint32_t nr_pages, uint32_t nr_present);
void model_free(struct model *m);
/* An empty slot, or NO_SLOT. */
uint32_t model_empty_slot(struct model *m);
void model_take(struct model *m, uint32_t slot, unsigned int order,
		bool compound);
void model_place(struct model *m, uint32_t slot, uint32_t page);
/* Nothing is in the slot any more. @op says when, for the answers of a bulk. */
void model_drop(struct model *m, uint32_t slot, uint32_t op);
uint32_t slot_pages(const struct slot *slot);
/* For changes of a slot that change how many pages it has. */
void model_recount(struct model *m, const struct slot *slot, uint32_t before);
/* A segment's answers against its operations; returns failed allocations. */
unsigned int model_settle(struct model *m, const struct conf_op *op,
			  uint32_t first, unsigned int nr,
			  const uint32_t *word);

#endif /* CONFORMANCE_MODEL_H */
