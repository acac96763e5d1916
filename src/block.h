/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks: allocations as their users hold them.
 */
#ifndef _MIRROR_BLOCK_H
#define _MIRROR_BLOCK_H

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/xarray.h>
#include "core/mirror.h"

#define MIRROR_BLOCK_LOCKS	64
#define MIRROR_BLOCK_CHUNK	64

enum mirror_block_state {
	MIRROR_BLOCK_RESIDENT,
	MIRROR_BLOCK_FREED,	/* its pages are somebody else's; mappings may remain */
};

struct mirror_owner;

/**
 * struct mirror_block - one block, or a free slot of the table
 * @link: in the owner's list, under owner->lock; empty while nobody can find it
 * @owner: whose it is; changes only while nobody can find it
 * @refs: one for the owner, one for each mapping and each look-up under way;
 *        0 for a free slot
 * @mappings: VMAs that show it
 * @generation: counts the uses of the slot, never 0
 * @slot: position in the table
 * @page: descriptor index of its first page
 * @next_free: slot that becomes free after this one, under table->lock
 * @order: of the block
 * @zeroed: content may be shown; under the block lock
 * @state: enum mirror_block_state; under the block lock
 */
struct mirror_block {
	struct list_head link;
	struct mirror_owner *owner;
	refcount_t refs;
	atomic_t mappings;
	u32 generation;
	u32 slot;
	u32 page;
	u32 next_free;
	u8 order;
	u8 zeroed;
	u8 state;
};

/**
 * struct mirror_owner - what one file holds
 * @lock: covers @blocks and the counts
 * @blocks: its blocks
 * @nr_blocks: how many
 * @nr_pages: their pages
 * @limit: most pages it may hold, 0 for no limit
 */
struct mirror_owner {
	spinlock_t lock;		/* innermost */
	struct list_head blocks;
	u64 nr_blocks;
	u64 nr_pages;
	u64 limit;
};

/**
 * struct mirror_blocks - the table of all blocks of a mirror
 * @m: the mirror
 * @mapping: address space through which all user mappings are found; NULL where
 *           there are none
 * @chunks: arrays of MIRROR_BLOCK_CHUNK blocks, never freed while the table lives
 * @lock: covers the list of free slots and @nr_slots
 * @free_first: slot that has been free for longest, or MIRROR_NIL
 * @free_last: slot freed last
 * @nr_slots: slots that exist
 * @slot_bits: log2 of the most slots there may be
 * @grow: mutex, held while the table grows
 * @locks: block locks, by slot
 */
struct mirror_blocks {
	struct mirror *m;
	struct address_space *mapping;
	struct xarray chunks;
	spinlock_t lock;		/* innermost */
	u32 free_first;
	u32 free_last;
	u32 nr_slots;
	unsigned int slot_bits;
	struct mutex grow;		/* outside of @lock */
	struct mutex locks[MIRROR_BLOCK_LOCKS];	/* lock 2 */
};

struct mirror_blocks *mirror_blocks_create(struct mirror *m);
void mirror_blocks_destroy(struct mirror_blocks *blocks);

void mirror_owner_init(struct mirror_owner *owner, u64 limit);
void mirror_owner_release(struct mirror_blocks *blocks,
			  struct mirror_owner *owner);

struct mirror_block *mirror_block_reserve(struct mirror_blocks *blocks,
					  struct mirror_owner *owner,
					  unsigned int order);
void mirror_block_unreserve(struct mirror_blocks *blocks,
			    struct mirror_block *block);
void mirror_block_publish(struct mirror_blocks *blocks,
			  struct mirror_block *block, struct mirror_page *page,
			  bool zeroed);

struct mirror_block *mirror_block_by_id(struct mirror_blocks *blocks,
					struct mirror_owner *owner, u64 id);
struct mirror_block *mirror_block_by_offset(struct mirror_blocks *blocks,
					    struct mirror_owner *owner,
					    unsigned long pgoff);
void mirror_block_put(struct mirror_blocks *blocks, struct mirror_block *block);

struct mirror_block *mirror_block_detach(struct mirror_blocks *blocks,
					 struct mirror_owner *owner, u64 id);
void mirror_block_attach(struct mirror_block *block);
void mirror_block_end(struct mirror_blocks *blocks, struct mirror_block *block);

int mirror_block_expose(struct mirror_blocks *blocks,
			struct mirror_block *block);

u64 mirror_block_id(const struct mirror_block *block);
unsigned long mirror_block_pgoff(const struct mirror_blocks *blocks,
				 const struct mirror_block *block);

static inline struct mutex *mirror_block_lock(struct mirror_blocks *blocks,
					      const struct mirror_block *block)
{
	return &blocks->locks[block->slot % MIRROR_BLOCK_LOCKS];
}

static inline struct mirror_page *
mirror_block_page(const struct mirror_blocks *blocks,
		  const struct mirror_block *block)
{
	return &blocks->m->pages[block->page];
}

static inline unsigned long mirror_block_pfn(const struct mirror_blocks *blocks,
					     const struct mirror_block *block)
{
	return mirror_idx_to_pfn(blocks->m, block->page);
}

#endif /* _MIRROR_BLOCK_H */
