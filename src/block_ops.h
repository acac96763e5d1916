/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block's way from a free slot to an owner and back: what each operation of a
 * SUBMIT goes through. Inline, since calls from file to file would be a good part
 * of what an operation costs.
 *
 *   reserve --> publish --> [detach --> attach] ... detach --> end
 *
 * FREE is detach, which hides the block, and end, which takes its pages away;
 * between them it can still be undone. All of it is for process context.
 */
#ifndef _MIRROR_BLOCK_OPS_H
#define _MIRROR_BLOCK_OPS_H

#include "block.h"

/* Added to an id: the next generation of the same slot. */
#define MIRROR_BLOCK_NEXT	BIT_ULL(32)

/**
 * mirror_block_call_begin - what a call needs before anything else here
 * @call: set up; mirror_block_call_end() ends it
 * @blocks: the table
 * @owner: who calls
 * @ahead: how many slots to take at a time; no more than blocks are expected
 */
static inline void mirror_block_call_begin(struct mirror_block_call *call,
					   struct mirror_blocks *blocks,
					   struct mirror_owner *owner,
					   unsigned int ahead)
{
	call->blocks = blocks;
	call->owner = owner;
	call->ahead = ahead;
	call->ready = NULL;
	call->returned = NULL;
	call->returned_end = &call->returned;
}

/* slots and the owner's count --------------------------------------------------- */

static inline void mirror_block_return_slot(struct mirror_block_call *call,
					    struct mirror_block *block)
{
	block->id += MIRROR_BLOCK_NEXT;
	if (unlikely(!mirror_block_generation(block)))
		block->id += MIRROR_BLOCK_NEXT;
	block->next_free = NULL;
	*call->returned_end = block;
	call->returned_end = &block->next_free;
}

static inline struct mirror_block *
mirror_block_take_slot(struct mirror_block_call *call)
{
	struct mirror_block *block = call->ready;

	if (unlikely(!block)) {
		block = mirror_block_fetch_slots(call);
		if (!block)
			return NULL;
	}
	call->ready = block->next_free;
	return block;
}

static inline bool mirror_owner_charge(struct mirror_owner *owner,
				       unsigned int order)
{
	if (unlikely(owner->limit))
		return mirror_owner_charge_limited(owner, order);
	atomic_long_add(1l << order, &owner->nr_pages);
	return true;
}

static inline void mirror_owner_uncharge(struct mirror_owner *owner,
					 unsigned int order)
{
	atomic_long_sub(1l << order, &owner->nr_pages);
}

/* making one -------------------------------------------------------------------- */

/**
 * mirror_block_reserve - set a slot aside and charge its owner
 * @call: who asks
 * @order: of the block to come
 * @block: becomes the block, which nobody can find yet
 *
 * Context: Process context; may sleep.
 * Return: 0; -EDQUOT over the owner's limit; -ENOMEM.
 */
static inline int mirror_block_reserve(struct mirror_block_call *call,
				       unsigned int order,
				       struct mirror_block **block)
{
	if (!mirror_owner_charge(call->owner, order))
		return -EDQUOT;
	*block = mirror_block_take_slot(call);
	if (unlikely(!*block)) {
		mirror_owner_uncharge(call->owner, order);
		return -ENOMEM;
	}
	(*block)->order = order;
	return 0;
}

/**
 * mirror_block_unreserve - the opposite, where there was no page to be had
 * @call: who asked
 * @block: from mirror_block_reserve()
 */
static inline void mirror_block_unreserve(struct mirror_block_call *call,
					  struct mirror_block *block)
{
	mirror_owner_uncharge(call->owner, block->order);
	mirror_block_return_slot(call, block);
}

/**
 * mirror_block_attach - let a block be found by its owner
 * @owner: the owner
 * @block: new, or from mirror_block_detach()
 */
static inline void mirror_block_attach(struct mirror_owner *owner,
				       struct mirror_block *block)
{
	spin_lock(&owner->lock);
	hlist_add_head(&block->link, &owner->blocks);
	owner->nr_blocks++;
	WRITE_ONCE(block->owner, owner);
	spin_unlock(&owner->lock);
}

/**
 * mirror_block_publish - give a reserved block its pages and let it be found
 * @call: who asked
 * @block: from mirror_block_reserve()
 * @page: head of pages that the block now holds the reference to
 * @zeroed: the content may be shown as it is
 */
static inline void mirror_block_publish(struct mirror_block_call *call,
					struct mirror_block *block,
					struct mirror_page *page, bool zeroed)
{
	block->page = mirror_page_idx(call->blocks->m, page);
	block->zeroed = zeroed;
	block->state = MIRROR_BLOCK_RESIDENT;
	page->owner = mirror_block_slot(block);
	page->private = mirror_block_generation(block);
	refcount_set(&block->refs, 1);
	mirror_block_attach(call->owner, block);
}

/* ending one -------------------------------------------------------------------- */

/* Whoever it belonged to, nobody finds it from here on. */
static inline void mirror_block_hide(struct mirror_owner *owner,
				     struct mirror_block *block)
{
	lockdep_assert_held(&owner->lock);

	__hlist_del(&block->link);
	owner->nr_blocks--;
	WRITE_ONCE(block->owner, NULL);
}

/**
 * mirror_block_detach - hide a block that is about to be freed
 * @call: who asks
 * @id: any number
 *
 * The caller then has the owner's reference: it ends the block, or attaches it
 * again.
 *
 * Return: the block, or NULL where the owner has none of that id.
 */
static inline struct mirror_block *
mirror_block_detach(struct mirror_block_call *call, u64 id)
{
	struct mirror_block *block = mirror_block_at(call->blocks, lower_32_bits(id));
	struct mirror_owner *owner = call->owner;
	bool mine;

	if (unlikely(!block))
		return NULL;
	spin_lock(&owner->lock);
	mine = READ_ONCE(block->owner) == owner && block->id == id;
	if (likely(mine))
		mirror_block_hide(owner, block);
	spin_unlock(&owner->lock);
	return mine ? block : NULL;
}

/**
 * mirror_block_end - take a block's pages away and drop the owner's reference
 * @call: whose it was
 * @block: from mirror_block_detach()
 *
 * Mappings that remain give SIGBUS from here on.
 *
 * A look-up takes its reference before it asks whose the block is, and the block
 * is hidden. So where the owner's reference is the only one, no mapping exists and
 * none can come about: the slot goes back without a look at the mappings.
 *
 * Context: Process context; may sleep.
 */
static inline void mirror_block_end(struct mirror_block_call *call,
				    struct mirror_block *block)
{
	struct mirror_page *page = mirror_block_page(call->blocks, block);
	unsigned int order = block->order;

	if (unlikely(!refcount_dec_if_one(&block->refs))) {
		mirror_block_end_shared(call, block);
		return;
	}
	mirror_owner_uncharge(call->owner, order);
	mirror_core_free(call->blocks->m, page, order);
	mirror_block_return_slot(call, block);
}

#endif /* _MIRROR_BLOCK_OPS_H */
