/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A block's way from a free slot to an owner and back: what each operation of a
 * SUBMIT goes through. Inline, since calls from file to file would be a good part
 * of what an operation costs.
 *
 *   charge --> publish --> [detach --> attach] ... detach --> end
 *
 * FREE is detach, which hides the block, and end, which takes its pages away;
 * between them it can still be undone. All of it is for process context.
 */
#ifndef _MIRROR_BLOCK_OPS_H
#define _MIRROR_BLOCK_OPS_H

#include <linux/mirror_mm.h>
#include "block.h"

/* Added to an id: the next generation of the same slot. */
#define MIRROR_BLOCK_NEXT	BIT_ULL(32)

/**
 * mirror_block_call_begin - what a call needs before anything else here
 * @call: set up; mirror_block_call_end() ends it
 * @owner: who calls
 */
static __always_inline void mirror_block_call_begin(struct mirror_block_call *call,
						    struct mirror_owner *owner)
{
	call->owner = owner;
	call->returned = NULL;
}

/* slots and the owner's count --------------------------------------------------- */

static __always_inline void mirror_block_return_slot(struct mirror_owner *owner,
						     struct mirror_block *block)
{
	lockdep_assert_held(&owner->lock);

	block->id += MIRROR_BLOCK_NEXT;
	if (unlikely(!mirror_block_generation(block)))
		block->id += MIRROR_BLOCK_NEXT;
	block->next_free = NULL;
	*owner->free_end = block;
	owner->free_end = &block->next_free;
	owner->nr_slots--;
	if (unlikely(!--mirror_block_chunk(block)->nr_used))
		owner->nr_empty++;
}

/* The lock is taken for something else, too: what the call has freed goes back. */
static __always_inline void mirror_block_flush_returned(struct mirror_block_call *call)
{
	lockdep_assert_held(&call->owner->lock);

	if (!call->returned)
		return;
	mirror_block_return_slot(call->owner, call->returned);
	call->returned = NULL;
}

static __always_inline struct mirror_block *
mirror_block_take_slot(struct mirror_owner *owner)
{
	struct mirror_block *block = owner->free_first;

	lockdep_assert_held(&owner->lock);

	if (unlikely(!block))
		return NULL;
	owner->free_first = block->next_free;
	if (unlikely(!owner->free_first))
		owner->free_end = &owner->free_first;
	owner->nr_slots++;
	if (unlikely(!mirror_block_chunk(block)->nr_used++))
		owner->nr_empty--;
	return block;
}

static __always_inline bool mirror_owner_charge(struct mirror_owner *owner,
						unsigned int order)
{
	if (unlikely(owner->limit))
		return mirror_owner_charge_limited(owner, order);
	atomic_long_add(1l << order, &owner->nr_pages);
	return true;
}

static __always_inline void mirror_owner_uncharge(struct mirror_owner *owner,
						  unsigned int order)
{
	atomic_long_sub(1l << order, &owner->nr_pages);
}

/* making one -------------------------------------------------------------------- */

static __always_inline void mirror_block_set_live(struct mirror_owner *owner,
						  struct mirror_block *block)
{
	lockdep_assert_held(&owner->lock);

	block->live = true;
	owner->nr_blocks++;
}

/**
 * mirror_block_attach - let a block be found again by its owner
 * @owner: the owner
 * @block: from mirror_block_detach()
 */
static __always_inline void mirror_block_attach(struct mirror_owner *owner,
						struct mirror_block *block)
{
	spin_lock(&owner->lock);
	mirror_block_set_live(owner, block);
	spin_unlock(&owner->lock);
}

/**
 * mirror_block_publish - make pages a block that its owner can find
 * @call: who asked; was charged for the pages
 * @page: head of pages that the block then holds the reference to
 * @order: of the pages
 * @zeroed: the content may be shown as it is
 * @new: filled in
 *
 * Context: Process context; may sleep.
 * Return: false where there is no slot for it.
 */
static __always_inline bool
mirror_block_publish(struct mirror_block_call *call, struct mirror_page *page,
		     unsigned int order, bool zeroed, struct mirror_new_block *new)
{
	struct mirror_owner *owner = call->owner;
	struct mirror_block *block;

	spin_lock(&owner->lock);
	mirror_block_flush_returned(call);
	block = mirror_block_take_slot(owner);
	if (unlikely(!block)) {
		spin_unlock(&owner->lock);
		block = mirror_block_slot_after_growth(call);
		if (!block)
			return false;
		spin_lock(&owner->lock);
	}
	block->page = mirror_page_idx(owner->m, page);
	block->order = order;
	block->zeroed = zeroed;
	block->state = MIRROR_BLOCK_RESIDENT;
	page->owner = owner->nr;
	page->private = mirror_block_slot(block);
	refcount_set(&block->refs, 1);
	new->id = block->id;
	new->page = block->page;
	mirror_block_set_live(owner, block);
	spin_unlock(&owner->lock);
	return true;
}

/* ending one -------------------------------------------------------------------- */

/* Whoever it belonged to, nobody finds it from here on. */
static __always_inline void mirror_block_clear_live(struct mirror_owner *owner,
						    struct mirror_block *block)
{
	lockdep_assert_held(&owner->lock);

	block->live = false;
	owner->nr_blocks--;
}

/* The block of an id that a program gave, or NULL. */
static __always_inline struct mirror_block *mirror_block_find(struct mirror_owner *owner, u64 id)
{
	struct mirror_block *block = mirror_block_at(owner, lower_32_bits(id));

	return likely(block && block->live && block->id == id) ? block : NULL;
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
static __always_inline struct mirror_block *
mirror_block_detach(struct mirror_block_call *call, u64 id)
{
	struct mirror_owner *owner = call->owner;
	struct mirror_block *block;

	spin_lock(&owner->lock);
	mirror_block_flush_returned(call);
	block = mirror_block_find(owner, id);
	if (likely(block))
		mirror_block_clear_live(owner, block);
	spin_unlock(&owner->lock);
	return block;
}

/**
 * mirror_block_end - take a block's pages away and drop the owner's reference
 * @call: whose it was; no other block was detached or ended since
 * @block: from mirror_block_detach()
 *
 * Mappings that remain give SIGBUS from here on.
 *
 * Look-ups take their reference under owner->lock while the block is live, and it is
 * hidden. So where the owner's reference is the only one, no mapping exists and none
 * can come about: the slot goes back without a look at the mappings.
 *
 * Context: Process context; may sleep.
 * Return: 0, or what mirror_free_pages() said: the pages stay lost to the mirror then.
 */
static __always_inline int mirror_block_end(struct mirror_block_call *call,
					    struct mirror_block *block)
{
	struct mirror *m = call->owner->m;
	struct mirror_page *page = mirror_block_page(m, block);
	unsigned int order = block->order;

	/* Pairs with the release in mirror_block_put(): its user is done with the block. */
	if (unlikely(atomic_read_acquire(&block->refs.refs) != 1))
		return mirror_block_end_shared(call, block);
	refcount_set(&block->refs, 0);
	mirror_owner_uncharge(call->owner, order);
	call->returned = block;
	return mirror_free_pages(m, page, order);
}

#endif /* _MIRROR_BLOCK_OPS_H */
