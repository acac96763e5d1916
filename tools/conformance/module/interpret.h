/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Slots, and the operations on them. See interpret.c.
 */
#ifndef _CONFORMANCE_INTERPRET_H
#define _CONFORMANCE_INTERPRET_H

#include "driver.h"

/**
 * struct conf_slot - a block that a list holds
 * @page: its head, in the allocator's own terms; NULL for an empty slot
 * @parts: bit for each page still held of a split block, else 0
 * @order: of the block, 0 once the tails are gone
 * @compound: allocated with COMP
 * @cpu: where it was allocated
 */
struct conf_slot {
	void *page;
	u32 parts;
	u8 order;
	bool compound;
	u8 cpu;
};

/**
 * struct conf_interpreter - the state of one side
 * @allocator: what is driven
 * @cpu: the one in turn
 * @slots: by number
 * @bulk: array that a bulk allocation fills
 * @views: as after the last operation
 * @events: counted here, by enum conf_event
 */
struct conf_interpreter {
	const struct conf_allocator *allocator;
	unsigned int cpu;
	struct conf_slot slots[CONF_SLOTS];
	void *bulk[CONF_BULK_MAX];
	struct conf_view views[CONF_ZONES];
	u64 events[CONF_NR_EVENTS];
};

void conf_carry_out(struct conf_interpreter *in, const struct conf_op *op,
		    struct conf_writer *w);
void conf_count_own(struct conf_interpreter *in, const u64 *before, bool may_sleep);
bool conf_list_ok(const struct conf_op *ops, u32 nr, u32 max_words);
void conf_interpret(struct conf_interpreter *in, const struct conf_op *ops,
		    u32 nr, struct conf_writer *w, bool may_sleep);
void conf_events(struct conf_interpreter *in, struct conf_events *events);
void conf_reset(struct conf_interpreter *in);

#endif /* _CONFORMANCE_INTERPRET_H */
