/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks: allocations as their users hold them.
 */
#ifndef _MIRROR_BLOCK_H
#define _MIRROR_BLOCK_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include "core/mirror.h"

#define MIRROR_BLOCK_LOCKS	64
#define MIRROR_BLOCK_CHUNK	64

enum mirror_block_state {
	MIRROR_BLOCK_RESIDENT,
	MIRROR_BLOCK_FREED,	/* its pages are somebody else's; mappings may remain */
};

/**
 * struct mirror_block - one block, or a free slot of the table
 * @link: in the owner's list, under owner->lock
 * @owner: who can find it, NULL while nobody can; is made and is no longer a
 *         certain owner under that owner's lock only, so who holds the lock and
 *         reads his own name there knows it for sure
 * @next_free: slot that becomes free after this one, under blocks->lock
 * @refs: one for the owner, one for each mapping and each look-up under way;
 *        0 for a free slot
 * @mappings: VMAs that show it
 * @id: its name in the device's protocol: generation and slot, 32 bits each. The
 *      generation counts the uses of the slot and is never 0
 * @page: descriptor index of its first page
 * @order: of the block
 * @zeroed: content may be shown; under the block lock
 * @state: enum mirror_block_state; under the block lock
 */
struct mirror_block {
	struct hlist_node link;
	struct mirror_owner *owner;
	struct mirror_block *next_free;
	refcount_t refs;
	atomic_t mappings;
	u64 id;
	u32 page;
	u8 order;
	u8 zeroed;
	u8 state;
};

/**
 * struct mirror_owner - what one file holds
 * @lock: covers @blocks and @nr_blocks
 * @blocks: its blocks, but for those that are being freed
 * @nr_blocks: how many
 * @nr_pages: pages that count for the limit, of blocks on their way as well
 * @limit: most pages it may hold, 0 for no limit
 */
struct mirror_owner {
	spinlock_t lock;		/* innermost */
	struct hlist_head blocks;
	u64 nr_blocks;
	atomic_long_t nr_pages;
	u64 limit;
};

/**
 * struct mirror_block_table - finds a block by its slot
 * @older: a shorter one that it has taken the place of
 * @nr: length of @chunk
 * @chunk: arrays of MIRROR_BLOCK_CHUNK blocks
 */
struct mirror_block_table {
	struct mirror_block_table *older;
	u32 nr;
	struct mirror_block *chunk[];
};

/**
 * struct mirror_blocks - all blocks of a mirror
 * @m: the mirror
 * @mapping: address space through which all user mappings are found; NULL where
 *           there are none
 * @table: of at least @nr_slots slots. Neither a table nor a chunk is freed before
 *         all of it, so look-ups need no lock
 * @lock: covers the list of free slots
 * @free_first: slot that has been free for longest, or NULL
 * @free_end: where the next one to become free is linked
 * @nr_slots: slots that exist; grows under @grow
 * @slot_bits: log2 of the most slots there may be
 * @grow: mutex, held while the table grows
 * @locks: block locks, by slot
 */
struct mirror_blocks {
	struct mirror *m;
	struct address_space *mapping;
	struct mirror_block_table *table;
	spinlock_t lock;		/* innermost */
	struct mirror_block *free_first;
	struct mirror_block **free_end;
	u32 nr_slots;
	unsigned int slot_bits;
	struct mutex grow;		/* outside of @lock */
	struct mutex locks[MIRROR_BLOCK_LOCKS];	/* lock 2 */
};

/**
 * struct mirror_block_call - what one call of a program works with
 * @blocks: the table
 * @owner: who calls
 * @ahead: slots to take from the table at a time
 * @ready: slots taken, not used yet, in the table's order
 * @returned: slots that became free, in that order; not in the table yet
 * @returned_end: where the next one is linked
 *
 * Slots go over to the call and back several at a time, so that a call with many
 * operations rarely needs the table's lock. Each operation gets the slot that it
 * would get if they went one by one. mirror_block_call_end() gives all back.
 */
struct mirror_block_call {
	struct mirror_blocks *blocks;
	struct mirror_owner *owner;
	unsigned int ahead;
	struct mirror_block *ready;
	struct mirror_block *returned;
	struct mirror_block **returned_end;
};

struct mirror_blocks *mirror_blocks_create(struct mirror *m);
void mirror_blocks_destroy(struct mirror_blocks *blocks);

void mirror_owner_init(struct mirror_owner *owner, u64 limit);
void mirror_owner_release(struct mirror_blocks *blocks,
			  struct mirror_owner *owner);

void mirror_block_call_end(struct mirror_block_call *call);

struct mirror_block *mirror_block_by_offset(struct mirror_blocks *blocks,
					    struct mirror_owner *owner,
					    unsigned long pgoff);
void mirror_block_put(struct mirror_blocks *blocks, struct mirror_block *block);
int mirror_block_expose(struct mirror_blocks *blocks,
			struct mirror_block *block);

/* What the functions in block_ops.h leave to block.c. */
struct mirror_block *mirror_block_fetch_slots(struct mirror_block_call *call);
bool mirror_owner_charge_limited(struct mirror_owner *owner, unsigned int order);
void mirror_block_end_shared(struct mirror_block_call *call,
			     struct mirror_block *block);

static inline u64 mirror_block_make_id(u32 generation, u32 slot)
{
	return (u64)generation << 32 | slot;
}

static inline u32 mirror_block_generation(const struct mirror_block *block)
{
	return upper_32_bits(block->id);
}

/* Position in the table. */
static inline u32 mirror_block_slot(const struct mirror_block *block)
{
	return lower_32_bits(block->id);
}

/* How many page offsets a file can have: loff_t is signed, in bytes. */
static inline unsigned long mirror_pgoff_mask(void)
{
	return BITS_PER_LONG == 32 ? ULONG_MAX :
	       (unsigned long)(LLONG_MAX >> PAGE_SHIFT);
}

/* Where the device shows a block, in pages. */
static inline unsigned long mirror_block_pgoff(const struct mirror_blocks *blocks,
					       const struct mirror_block *block)
{
	unsigned long above_pages =
		(unsigned long)mirror_block_generation(block) << blocks->slot_bits |
		mirror_block_slot(block);

	return above_pages << blocks->m->max_order & mirror_pgoff_mask();
}

static inline struct mutex *mirror_block_lock(struct mirror_blocks *blocks,
					      const struct mirror_block *block)
{
	return &blocks->locks[mirror_block_slot(block) % MIRROR_BLOCK_LOCKS];
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

/* NULL where there is no such slot. */
static inline struct mirror_block *mirror_block_at(const struct mirror_blocks *blocks,
						   u32 slot)
{
	const struct mirror_block_table *table;

	/* Read before the table: that is long enough then. */
	if (unlikely(slot >= smp_load_acquire(&blocks->nr_slots)))
		return NULL;
	table = READ_ONCE(blocks->table);
	return &table->chunk[slot / MIRROR_BLOCK_CHUNK][slot % MIRROR_BLOCK_CHUNK];
}

#endif /* _MIRROR_BLOCK_H */
