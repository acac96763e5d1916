/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that can change in a mirror: saved, brought back, and told apart.
 */
#ifndef _HARNESS_FUZZ_STATE_H
#define _HARNESS_FUZZ_STATE_H

#include "core/mirror.h"

/**
 * struct state_key - a digest, of 128 bits so that two never meet by chance
 * @a: one half
 * @b: the other one
 */
struct state_key {
	u64 a;
	u64 b;
};

static inline bool state_same(const struct state_key *a, const struct state_key *b)
{
	return a->a == b->a && a->b == b->b;
}

size_t state_size(struct mirror *m);
void state_save(struct mirror *m, void *buffer);
void state_restore(struct mirror *m, const void *buffer);
struct state_key state_bytes_key(struct mirror *m);
struct state_key state_key(struct mirror *m);

#endif /* _HARNESS_FUZZ_STATE_H */
