// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks: finding, showing and ending one.
 *
 *   id      generation : slot            32 bits each
 *   pgoff   generation : slot : page     page has max_order bits, slot as many
 *                                        as a file may need, generation the rest
 *
 * block_ops.h has the steps that every ALLOC and FREE take; here is the rest.
 *
 * Lock 2 of mirror.h, the block lock, is one of a file's mutexes, chosen by slot. No
 * other file takes it. Who holds it clears or copies content, or takes pages out of
 * sight; nothing is allocated under it. owner->lock is a spinlock inside of everything.
 */
#include <linux/mm.h>
#include "block_ops.h"
#include "region/region.h"

/* slots ------------------------------------------------------------------------- */

/**
 * mirror_block_slot_after_growth - take a slot where the table has no free one
 * @call: who asks
 *
 * Other threads of the file may take the new slots, in which case there was progress
 * and it grows again.
 *
 * Context: Process context; may sleep.
 * Return: a slot, or NULL as mirror_table_grow() cannot make one.
 */
struct mirror_block *mirror_block_slot_after_growth(struct mirror_block_call *call)
{
	struct mirror_owner *owner = call->owner;
	struct mirror_block *block = NULL;

	while (!block && !mirror_table_grow(owner)) {
		spin_lock(&owner->lock);
		block = mirror_block_take_slot(owner);
		spin_unlock(&owner->lock);
	}
	return block;
}

static void give_slot_back(struct mirror_owner *owner, struct mirror_block *block)
{
	bool trim;

	spin_lock(&owner->lock);
	mirror_block_return_slot(owner, block);
	trim = owner->nr_empty > 1;
	spin_unlock(&owner->lock);
	if (trim)
		mirror_table_trim_later(owner);
}

/**
 * mirror_block_call_end - give back what the call still has of the table
 * @call: from mirror_block_call_begin()
 *
 * Context: Process context; may sleep.
 */
void mirror_block_call_end(struct mirror_block_call *call)
{
	if (call->returned)
		give_slot_back(call->owner, call->returned);
	call->returned = NULL;
}

/**
 * mirror_block_put - let go of a block
 * @block: from a look-up, or the last mapping
 *
 * Context: Process context; may sleep.
 */
void mirror_block_put(struct mirror_block *block)
{
	if (refcount_dec_and_test(&block->refs))
		give_slot_back(mirror_block_owner(block), block);
}

/**
 * mirror_owner_charge_limited - count a block to come, if the limit allows
 * @owner: who asks; has a limit
 * @order: of the block
 *
 * Context: Any.
 * Return: false where the owner would hold too much.
 */
bool mirror_owner_charge_limited(struct mirror_owner *owner, unsigned int order)
{
	long held = atomic_long_read(&owner->nr_pages), more = 1l << order;

	do {
		if ((u64)held + more > owner->limit)
			return false;
	} while (!atomic_long_try_cmpxchg(&owner->nr_pages, &held, held + more));
	return true;
}

/* finding one -------------------------------------------------------------------- */

/**
 * mirror_block_by_offset - find the block of a file that an offset lies in
 * @owner: the file
 * @pgoff: any number, in pages
 *
 * Context: Process context.
 * Return: the block with a reference for mirror_block_put(), or NULL.
 */
struct mirror_block *mirror_block_by_offset(struct mirror_owner *owner,
					    unsigned long pgoff)
{
	const struct mirror_blocks *blocks = owner->blocks;
	u32 slot = (pgoff >> blocks->m->max_order) &
		   ((1ul << blocks->slot_bits) - 1);
	struct mirror_block *block;

	spin_lock(&owner->lock);
	block = mirror_block_at(owner, slot);
	if (block && block->live &&
	    pgoff - mirror_block_pgoff(blocks, block) < 1ul << block->order)
		refcount_inc(&block->refs);
	else
		block = NULL;
	spin_unlock(&owner->lock);
	return block;
}

/**
 * mirror_block_by_id - find a block of a file by its id
 * @owner: the file
 * @id: any number
 *
 * Context: Process context.
 * Return: the block with a reference for mirror_block_put(), or NULL.
 */
struct mirror_block *mirror_block_by_id(struct mirror_owner *owner, u64 id)
{
	struct mirror_block *block;

	spin_lock(&owner->lock);
	block = mirror_block_find(owner, id);
	if (block)
		refcount_inc(&block->refs);
	spin_unlock(&owner->lock);
	return block;
}

/* ending and showing one ---------------------------------------------------------- */

/* Takes the pages out of every program's sight, for good. */
static void revoke(struct mirror_owner *owner, struct mirror_block *block)
{
	struct mutex *lock = mirror_block_lock(block);

	mutex_lock(lock);
	WRITE_ONCE(block->state, MIRROR_BLOCK_FREED);
	/* Pairs with the one in set_entry(): the state, then the look for page tables. */
	smp_mb();
	/* In pages: on a 32-bit kernel unmap_mapping_range() cuts offsets off. */
	if (atomic_read(&block->mappings) && owner->mapping)
		unmap_mapping_pages(owner->mapping,
				    mirror_block_pgoff(owner->blocks, block),
				    1ul << block->order, true);
	mutex_unlock(lock);
}

/**
 * mirror_block_end_shared - end a block that somebody else still has a hold of
 * @call: whose it was
 * @block: hidden
 *
 * Context: Process context; may sleep.
 * Return: as mirror_block_end().
 */
int mirror_block_end_shared(struct mirror_block_call *call, struct mirror_block *block)
{
	struct mirror_owner *owner = call->owner;
	struct mirror *m = owner->m;
	int ret;

	revoke(owner, block);
	mirror_owner_uncharge(owner, block->order);
	ret = mirror_free_pages(m, mirror_block_page(m, block), block->order);
	if (refcount_dec_and_test(&block->refs))
		call->returned = block;
	return ret;
}

/**
 * mirror_block_expose - see to it that a block's content may be shown
 * @block: the block
 *
 * Clears it the first time, unless its owner asked for it as it is.
 *
 * Context: Process context; the block lock is held.
 * Return: 0; -ENXIO the block was freed; -EIO out of service; -EHWPOISON it would
 * have to be cleared and has a bad page; or an error of mirror_content_zero(). Nothing
 * of it may be shown then.
 */
int mirror_block_expose(struct mirror_block *block)
{
	struct mirror *m = mirror_block_mirror(block);
	int ret;

	lockdep_assert_held(mirror_block_lock(block));

	if (block->state != MIRROR_BLOCK_RESIDENT)
		return -ENXIO;
	if (mirror_is_broken(m))
		return -EIO;
	if (block->zeroed)
		return 0;
	if (unlikely(mirror_nr_hwpoison(m)) && mirror_block_has_bad(block))
		return -EHWPOISON;
	ret = mirror_content_zero(m, mirror_block_page(m, block), block->order);
	block->zeroed = !ret;
	return ret;
}
