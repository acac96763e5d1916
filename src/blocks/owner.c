// SPDX-License-Identifier: GPL-2.0
/*
 * Files as holders of blocks: their beginning and their end.
 */
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include "block_ops.h"

/*
 * Where a file's generations begin: for files that are opened one after the other they
 * differ in their low bits, of which offsets have 15 or fewer, as well as in their high
 * ones. So an id that a program takes to the wrong file leads nowhere there, and so does
 * an offset, but for one in some thousands. No more hangs on it than the program's own
 * blocks.
 */
static u32 first_generation(u32 nr)
{
	return nr * 0x9e3779b1u ?: 1;
}

/**
 * mirror_owner_init - a new file
 * @owner: filled in; zero
 * @blocks: of the mirror
 * @limit: most pages it may hold, 0 for no limit
 *
 * Context: Process context; may sleep.
 * Return: 0, or -ENOMEM or -EBUSY where there can be no more files.
 */
int mirror_owner_init(struct mirror_owner *owner, struct mirror_blocks *blocks,
		      u64 limit)
{
	unsigned int i;
	int ret;

	spin_lock_init(&owner->lock);
	mutex_init(&owner->grow);
	for (i = 0; i < MIRROR_BLOCK_LOCKS; i++)
		mutex_init(&owner->locks[i]);
	INIT_DELAYED_WORK(&owner->trim, mirror_table_trim_work);
	owner->free_end = &owner->free_first;
	owner->m = blocks->m;
	owner->blocks = blocks;
	owner->limit = limit;
	ret = xa_alloc_cyclic(&blocks->owners, &owner->nr, owner, XA_LIMIT(1, INT_MAX),
			      &blocks->next_owner, GFP_KERNEL);
	if (ret < 0)
		return ret;
	owner->generation = first_generation(owner->nr);
	owner->memcg = get_mem_cgroup_from_mm(current->mm);
	return 0;
}

static void end_block(struct mirror_owner *owner, struct mirror_block *block)
{
	struct mirror_block_call call;

	mirror_block_call_begin(&call, owner);
	spin_lock(&owner->lock);
	mirror_block_clear_live(owner, block);
	spin_unlock(&owner->lock);
	/* Out of service the pages are lost, which the log has said. */
	(void)mirror_block_end(&call, block);
	spin_lock(&owner->lock);
	mirror_block_flush_returned(&call);
	spin_unlock(&owner->lock);
}

static void end_blocks(struct mirror_owner *owner, struct mirror_chunk *chunk)
{
	u32 i;

	for (i = MIRROR_CHUNK_HEAD; i < MIRROR_CHUNK_SLOTS; i++)
		if (mirror_chunk_slot(chunk, i)->live)
			end_block(owner, mirror_chunk_slot(chunk, i));
}

/**
 * mirror_owner_end_blocks - end every block that a file holds
 * @owner: the file's; it makes no more calls
 *
 * Granted descriptors and their mappings may exist. They show nothing from then on.
 *
 * Context: Process context; may sleep.
 */
void mirror_owner_end_blocks(struct mirror_owner *owner)
{
	u32 i;

	mutex_lock(&owner->blocks->ending);
	xa_erase(&owner->blocks->owners, owner->nr);
	mutex_unlock(&owner->blocks->ending);
	/* Chunks stay until the end: a granted descriptor that goes may have them trimmed. */
	mutex_lock(&owner->grow);
	for (i = 0; i < owner->nr_chunks; i++) {
		if (owner->chunks[i])
			end_blocks(owner, owner->chunks[i]);
		cond_resched();
	}
	mutex_unlock(&owner->grow);
}

/**
 * mirror_owner_destroy - free what a file's blocks were kept in
 * @owner: the file's; its blocks were ended, and no mapping or descriptor is left
 *
 * Context: Process context; may sleep.
 */
void mirror_owner_destroy(struct mirror_owner *owner)
{
	cancel_delayed_work_sync(&owner->trim);
	WARN_ONCE(owner->nr_slots, "mirror_mm: %llu blocks outlive their file\n",
		  owner->nr_slots);
	mirror_table_free(owner);
	mem_cgroup_put(owner->memcg);
}

/*
 * Freed blocks that are still mapped keep slots, too, and their number is that of
 * mappings, which the opener's memory limits. Of the 32 bits that a page offset has
 * on a 32-bit kernel four are left for the generation.
 */
static unsigned int slot_bits(const struct mirror *m)
{
	return BITS_PER_LONG == 32 ? 28 - m->max_order : 26;
}

/**
 * mirror_blocks_create - what the files of a mirror share
 * @m: the mirror
 *
 * Context: Process context; may sleep.
 * Return: it, or ERR_PTR(-ENOMEM).
 */
struct mirror_blocks *mirror_blocks_create(struct mirror *m)
{
	struct mirror_blocks *blocks = kzalloc(sizeof(*blocks), GFP_KERNEL);

	if (!blocks)
		return ERR_PTR(-ENOMEM);
	blocks->m = m;
	blocks->slot_bits = slot_bits(m);
	mutex_init(&blocks->ending);
	xa_init_flags(&blocks->owners, XA_FLAGS_ALLOC1);
	return blocks;
}

/**
 * mirror_blocks_destroy - take it apart
 * @blocks: no file is open
 *
 * Context: Process context.
 */
void mirror_blocks_destroy(struct mirror_blocks *blocks)
{
	xa_destroy(&blocks->owners);
	kfree(blocks);
}
