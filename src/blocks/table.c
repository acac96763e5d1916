// SPDX-License-Identifier: GPL-2.0
/*
 * The table of a file's blocks: how it grows and shrinks.
 *
 * Slots come in chunks, which are charged to the memory cgroup of who opened the
 * file, whoever uses it. A chunk whose slots are all free goes back, but for one.
 *
 * A slot is used again only when its owner, every mapping and every look-up have let
 * go of it, and then under its next generation. Slots of a new chunk begin with a
 * generation that no slot of an earlier chunk had, so an id that was used before
 * leads nowhere.
 */
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "block.h"

#define FIRST_LENGTH	16u

static void *alloc_charged(const struct mirror_owner *owner, size_t size)
{
	struct mem_cgroup *before = set_active_memcg(owner->memcg);
	void *p = kvzalloc(size, GFP_KERNEL_ACCOUNT);

	set_active_memcg(before);
	return p;
}

/* Room for one more entry than there is. */
static int lengthen(struct mirror_owner *owner)
{
	u32 nr = owner->nr_chunks ? 2 * owner->nr_chunks : FIRST_LENGTH;
	struct mirror_chunk **chunks, **old = owner->chunks;

	lockdep_assert_held(&owner->grow);

	chunks = alloc_charged(owner, nr * sizeof(*chunks));
	if (!chunks)
		return -ENOMEM;
	if (old)
		memcpy(chunks, old, owner->nr_chunks * sizeof(*chunks));
	spin_lock(&owner->lock);
	owner->chunks = chunks;
	owner->nr_chunks = nr;
	spin_unlock(&owner->lock);
	kvfree(old);
	return 0;
}

/* The place of a new chunk, behind those that are there. */
static int find_hole(struct mirror_owner *owner, u32 *nr)
{
	u32 most = (1u << owner->blocks->slot_bits) / MIRROR_CHUNK_SLOTS;
	u32 i = owner->first_hole;

	while (i < owner->nr_chunks && owner->chunks[i])
		i++;
	owner->first_hole = i;
	if (i >= most)
		return -ENOMEM;
	*nr = i;
	return i < owner->nr_chunks ? 0 : lengthen(owner);
}

/* Links the slots as free ones, in their order. */
static void init_chunk(struct mirror_chunk *chunk, struct mirror_owner *owner, u32 nr)
{
	u32 i;

	chunk->owner = owner;
	chunk->nr = nr;
	chunk->nr_free = MIRROR_CHUNK_USABLE;
	chunk->free_end = &chunk->first_free;
	for (i = MIRROR_CHUNK_HEAD; i < MIRROR_CHUNK_SLOTS; i++) {
		struct mirror_block *block = mirror_chunk_slot(chunk, i);

		block->id = mirror_block_make_id(owner->generation,
						 nr * MIRROR_CHUNK_SLOTS + i);
		*chunk->free_end = block;
		chunk->free_end = &block->next_free;
	}
}

static void insert_chunk(struct mirror_owner *owner, struct mirror_chunk *chunk)
{
	spin_lock(&owner->lock);
	owner->chunks[chunk->nr] = chunk;
	list_add(&chunk->list, &owner->empty);
	owner->nr_empty++;
	spin_unlock(&owner->lock);
}

static int add_chunk(struct mirror_owner *owner)
{
	struct mirror_chunk *chunk;
	u32 nr;
	int ret;

	lockdep_assert_held(&owner->grow);

	ret = find_hole(owner, &nr);
	if (ret)
		return ret;
	/* kmalloc() aligns a power of two to its size. */
	chunk = alloc_charged(owner, MIRROR_CHUNK_BYTES);
	if (!chunk)
		return -ENOMEM;
	init_chunk(chunk, owner, nr);
	insert_chunk(owner, chunk);
	return 0;
}

static bool has_free_slot(struct mirror_owner *owner)
{
	bool has;

	spin_lock(&owner->lock);
	has = !list_empty(&owner->partial) || !list_empty(&owner->empty);
	spin_unlock(&owner->lock);
	return has;
}

/**
 * mirror_table_grow - see to it that there is a free slot
 * @owner: the file
 *
 * Another thread of the file may take it first.
 *
 * Context: Process context; may sleep.
 * Return: 0, or -ENOMEM: no memory, none left to the opener's memory cgroup, or the
 * file has as many slots as one may have.
 */
int mirror_table_grow(struct mirror_owner *owner)
{
	int ret = 0;

	mutex_lock(&owner->grow);
	if (!has_free_slot(owner))
		ret = add_chunk(owner);
	mutex_unlock(&owner->grow);
	return ret;
}

/* A later chunk must not use generations that were used in this one. */
static void raise_generation(struct mirror_owner *owner, struct mirror_chunk *chunk)
{
	u32 highest = owner->generation, i;

	for (i = MIRROR_CHUNK_HEAD; i < MIRROR_CHUNK_SLOTS; i++) {
		u32 next = mirror_block_generation(mirror_chunk_slot(chunk, i));

		/* Generations wrap, so their difference says which one is later. */
		if ((s32)(next - highest) > 0)
			highest = next;
	}
	owner->generation = highest + 1 ?: 1;
}

/* Takes a chunk without blocks out of the table, while there are two. */
static struct mirror_chunk *take_empty(struct mirror_owner *owner)
{
	struct mirror_chunk *chunk = NULL;

	lockdep_assert_held(&owner->grow);

	spin_lock(&owner->lock);
	if (owner->nr_empty > 1) {
		chunk = list_last_entry(&owner->empty, struct mirror_chunk, list);
		list_del(&chunk->list);
		owner->nr_empty--;
		owner->chunks[chunk->nr] = NULL;
	}
	spin_unlock(&owner->lock);
	return chunk;
}

/**
 * mirror_table_trim - give chunks back that have no block, but for one
 * @owner: the file
 *
 * Context: Process context; may sleep.
 */
void mirror_table_trim(struct mirror_owner *owner)
{
	struct mirror_chunk *chunk;

	mutex_lock(&owner->grow);
	while ((chunk = take_empty(owner))) {
		raise_generation(owner, chunk);
		owner->first_hole = min(owner->first_hole, chunk->nr);
		kvfree(chunk);
	}
	mutex_unlock(&owner->grow);
}

/**
 * mirror_table_free - give all of it back
 * @owner: a file that has no blocks and makes no calls any more
 *
 * Context: Process context; may sleep.
 */
void mirror_table_free(struct mirror_owner *owner)
{
	u32 i;

	for (i = 0; i < owner->nr_chunks; i++)
		kvfree(owner->chunks[i]);
	kvfree(owner->chunks);
}
