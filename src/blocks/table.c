// SPDX-License-Identifier: GPL-2.0
/*
 * The table of a file's blocks: how it grows and shrinks.
 *
 * Slots come in chunks, which are charged to the memory cgroup of who opened the
 * file, whoever uses it. Chunks whose slots are all free go back after a moment, but
 * for one.
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
#include "compat.h"

#define FIRST_LENGTH	16u
#define TRIM_DELAY	(HZ / 2)

/*
 * A full memory cgroup is an error for who asks. Without RETRY_MAYFAIL its OOM killer
 * would end a process of the opener, who may not be the one that asks.
 */
static void *alloc_charged(const struct mirror_owner *owner, size_t size)
{
	struct mem_cgroup *before = set_active_memcg(owner->memcg);
	void *p = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);

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

/* Links the slots, in their order, to @end; returns the new end. */
static struct mirror_block **init_chunk(struct mirror_chunk *chunk,
					struct mirror_owner *owner, u32 nr,
					struct mirror_block **end)
{
	u32 i;

	chunk->owner = owner;
	chunk->nr = nr;
	for (i = MIRROR_CHUNK_HEAD; i < MIRROR_CHUNK_SLOTS; i++) {
		struct mirror_block *block = mirror_chunk_slot(chunk, i);

		block->id = mirror_block_make_id(owner->generation,
						 nr * MIRROR_CHUNK_SLOTS + i);
		*end = block;
		end = &block->next_free;
	}
	return end;
}

/* Behind all other free slots; @end is the last one's link. */
static void append_slots(struct mirror_owner *owner, struct mirror_block *first,
			 struct mirror_block **end)
{
	lockdep_assert_held(&owner->lock);

	*owner->free_end = first;
	owner->free_end = end;
}

static int add_chunk(struct mirror_owner *owner)
{
	struct mirror_block *first, **end;
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
	end = init_chunk(chunk, owner, nr, &first);
	spin_lock(&owner->lock);
	owner->chunks[nr] = chunk;
	owner->nr_empty++;
	append_slots(owner, first, end);
	spin_unlock(&owner->lock);
	return 0;
}

static bool has_free_slot(struct mirror_owner *owner)
{
	bool has;

	spin_lock(&owner->lock);
	has = owner->free_first;
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

/* All free slots, of which nobody else knows then. */
static struct mirror_block *take_free(struct mirror_owner *owner)
{
	struct mirror_block *first;

	spin_lock(&owner->lock);
	first = owner->free_first;
	owner->free_first = NULL;
	owner->free_end = &owner->free_first;
	spin_unlock(&owner->lock);
	return first;
}

static void count_slots(struct mirror_block *block)
{
	for (; block; block = block->next_free) {
		mirror_block_chunk(block)->nr_seen++;
		cond_resched();
	}
}

static bool all_seen(const struct mirror_block *block)
{
	return mirror_block_chunk(block)->nr_seen == MIRROR_CHUNK_USABLE;
}

/*
 * Slots of chunks that stay, in their order; @end is set to the last one's link. Of the
 * chunks without a block the first one that is met stays as well.
 */
static struct mirror_block *keep_slots(struct mirror_block *block,
				       struct mirror_block ***end)
{
	struct mirror_chunk *spare = NULL;
	struct mirror_block *first = NULL;

	*end = &first;
	for (; block; block = block->next_free) {
		cond_resched();
		if (!spare && all_seen(block))
			spare = mirror_block_chunk(block);
		if (all_seen(block) && mirror_block_chunk(block) != spare)
			continue;
		**end = block;
		*end = &block->next_free;
	}
	if (spare)
		spare->nr_seen = 0;
	**end = NULL;
	return first;
}

static void give_back(struct mirror_owner *owner, struct mirror_block *first,
		      struct mirror_block **end)
{
	if (!first)
		return;
	spin_lock(&owner->lock);
	/* In front of those that became free since. */
	if (!owner->free_first)
		owner->free_end = end;
	*end = owner->free_first;
	owner->free_first = first;
	spin_unlock(&owner->lock);
}

static void free_chunk(struct mirror_owner *owner, u32 nr)
{
	struct mirror_chunk *chunk = owner->chunks[nr];

	raise_generation(owner, chunk);
	owner->first_hole = min(owner->first_hole, nr);
	spin_lock(&owner->lock);
	owner->chunks[nr] = NULL;
	owner->nr_empty--;
	spin_unlock(&owner->lock);
	kvfree(chunk);
}

/*
 * The free slots are taken aside, so a chunk of which all slots are there has no block
 * and gets none. Who needs a slot meanwhile waits for @grow.
 */
static void trim(struct mirror_owner *owner)
{
	struct mirror_block *first, **end;
	u32 i;

	lockdep_assert_held(&owner->grow);

	first = take_free(owner);
	count_slots(first);
	first = keep_slots(first, &end);
	give_back(owner, first, end);
	for (i = 0; i < owner->nr_chunks; i++) {
		struct mirror_chunk *chunk = owner->chunks[i];

		if (chunk && chunk->nr_seen == MIRROR_CHUNK_USABLE)
			free_chunk(owner, i);
		else if (chunk)
			chunk->nr_seen = 0;
		cond_resched();
	}
}

/**
 * mirror_table_trim_work - give chunks back that have no block, but for one
 * @work: owner->trim of a file
 *
 * Context: Process context; may sleep.
 */
void mirror_table_trim_work(struct work_struct *work)
{
	struct mirror_owner *owner = container_of(to_delayed_work(work),
						  struct mirror_owner, trim);

	mutex_lock(&owner->grow);
	/* Without the lock: trim() counts by itself. */
	if (mirror_glance(owner->nr_empty) > 1)
		trim(owner);
	mutex_unlock(&owner->grow);
}

/**
 * mirror_table_trim_later - have it done when there was time to use them again
 * @owner: the file
 *
 * Context: Any but NMI.
 */
void mirror_table_trim_later(struct mirror_owner *owner)
{
	if (!delayed_work_pending(&owner->trim))
		queue_delayed_work(mirror_any_cpu_wq, &owner->trim, TRIM_DELAY);
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
