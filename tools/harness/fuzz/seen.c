// SPDX-License-Identifier: GPL-2.0
/*
 * Digests in an open hash table that doubles when it is half full. A state itself
 * is not kept: its path of operations brings it back.
 */
#include <stdio.h>
#include <stdlib.h>
#include "seen.h"

static void *need(void *p)
{
	if (p)
		return p;
	fprintf(stderr, "error: no memory left for more states\n");
	exit(2);
}

/**
 * seen_init - make an empty set
 * @seen: filled in
 */
void seen_init(struct seen *seen)
{
	*seen = (struct seen){ .nr_slots = 1 << 16, .room = 1 << 15 };
	seen->keys = need(calloc(seen->nr_slots, sizeof(*seen->keys)));
	seen->taken = need(calloc(seen->nr_slots, 1));
	seen->parent = need(calloc(seen->room, sizeof(*seen->parent)));
	seen->op = need(calloc(seen->room, sizeof(*seen->op)));
}

/**
 * seen_exit - free what a set has
 * @seen: the set
 */
void seen_exit(struct seen *seen)
{
	free(seen->keys);
	free(seen->taken);
	free(seen->parent);
	free(seen->op);
}

/* The slot of a digest, or the empty one where it belongs. */
static u64 slot_of(const struct seen *seen, const struct state_key *key)
{
	u64 slot = key->a & (seen->nr_slots - 1);

	while (seen->taken[slot] && !state_same(&seen->keys[slot], key))
		slot = (slot + 1) & (seen->nr_slots - 1);
	return slot;
}

static void grow(struct seen *seen)
{
	struct seen old = *seen;
	u64 i;

	seen->nr_slots *= 2;
	seen->room *= 2;
	seen->keys = need(calloc(seen->nr_slots, sizeof(*seen->keys)));
	seen->taken = need(calloc(seen->nr_slots, 1));
	seen->parent = need(realloc(old.parent, seen->room * sizeof(*seen->parent)));
	seen->op = need(realloc(old.op, seen->room * sizeof(*seen->op)));
	for (i = 0; i < old.nr_slots; i++) {
		u64 slot;

		if (!old.taken[i])
			continue;
		slot = slot_of(seen, &old.keys[i]);
		seen->keys[slot] = old.keys[i];
		seen->taken[slot] = 1;
	}
	free(old.keys);
	free(old.taken);
}

/**
 * seen_add - add a state
 * @seen: the set
 * @key: its digest
 * @parent: where it was found from
 * @op: by what
 *
 * Return: true where it is new; it has the number @seen->nr - 1 then.
 */
bool seen_add(struct seen *seen, struct state_key key, u32 parent,
	      const struct op *op)
{
	u64 slot = slot_of(seen, &key);

	if (seen->taken[slot])
		return false;
	seen->keys[slot] = key;
	seen->taken[slot] = 1;
	seen->parent[seen->nr] = parent;
	seen->op[seen->nr] = *op;
	if (++seen->nr == seen->room)
		grow(seen);
	return true;
}

/**
 * seen_path - the operations that lead to a state
 * @seen: the set
 * @state: its number; 0 is where the search began
 * @path: filled in
 * @max: length of @path
 *
 * Return: how many they are.
 */
unsigned int seen_path(const struct seen *seen, u32 state, struct op *path,
		       unsigned int max)
{
	unsigned int nr = 0, i;
	u32 s;

	for (s = state; s && nr < max; s = seen->parent[s])
		nr++;
	for (s = state, i = nr; i--; s = seen->parent[s])
		path[i] = seen->op[s];
	return nr;
}
