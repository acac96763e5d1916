/* SPDX-License-Identifier: GPL-2.0 */
/* A set of digests, and the tree of operations that led to them. */
#ifndef _HARNESS_FUZZ_SEEN_H
#define _HARNESS_FUZZ_SEEN_H

#include "run.h"
#include "state.h"

/**
 * struct seen - states in the order in which they were found
 * @keys: by slot of the hash table
 * @taken: is the slot in use?
 * @nr_slots: a power of two
 * @parent: by state, the one it was found from
 * @op: by state, the operation that did it
 * @nr: states
 * @room: length of @parent and @op
 */
struct seen {
	struct state_key *keys;
	u8 *taken;
	u64 nr_slots;
	u32 *parent;
	struct op *op;
	u32 nr;
	u32 room;
};

void seen_init(struct seen *seen);
void seen_exit(struct seen *seen);
bool seen_add(struct seen *seen, struct state_key key, u32 parent,
	      const struct op *op);
unsigned int seen_path(const struct seen *seen, u32 state, struct op *path,
		       unsigned int max);

#endif /* _HARNESS_FUZZ_SEEN_H */
