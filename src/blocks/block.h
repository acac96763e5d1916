/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks: allocations as their users hold them.
 *
 * Each file has a table of its own, so what one file does costs no other file a
 * slot, a lock or a walk, and the table's memory is charged to who opened it.
 *
 *   table:  chunk 0 ----> | head | slot 1 | slot 2 | ... | slot 127 |   4 KiB
 *           chunk 1 ----> | head | slot 129 ...                     |
 *           chunk 2       (given back, as all of its slots were free)
 *
 * A chunk is aligned to its size, so a block leads to its chunk's head, and that to
 * the file.
 */
#ifndef _MIRROR_BLOCK_H
#define _MIRROR_BLOCK_H

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include "core/hwpoison.h"

struct address_space;
struct mem_cgroup;

#define MIRROR_BLOCK_LOCKS	16
#define MIRROR_CHUNK_BYTES	4096u

enum mirror_block_state {
	MIRROR_BLOCK_RESIDENT,	/* 0, see struct mirror_insertion */
	MIRROR_BLOCK_FREED,	/* its pages are somebody else's; mappings may remain */
};

/**
 * struct mirror_block - one block, or a free slot of a file's table
 * @next_free: slot that becomes free after this one, under owner->lock
 * @id: its name in the device's protocol: generation and slot, 32 bits each. The
 *      generation counts the uses of the slot and is never 0. Written while the slot
 *      is free, under owner->lock
 * @page: descriptor index of its first page
 * @refs: one for the owner, one for each mapping, each granted descriptor and each
 *        look-up under way; 0 for a free slot
 * @mappings: VMAs that show it
 * @order: of the block
 * @live: its id can be found; under owner->lock
 * @zeroed: content may be shown; under the block lock
 * @state: enum mirror_block_state; under the block lock, read without it by faults
 */
struct mirror_block {
	struct mirror_block *next_free;
	u64 id;
	u32 page;
	refcount_t refs;
	atomic_t mappings;
	u8 order;
	u8 live;
	u8 zeroed;
	u8 state;
} __aligned(32);

static_assert(sizeof(struct mirror_block) == 32);

/**
 * struct mirror_chunk - head of a chunk of slots; its first slots have no other use
 * @owner: whose it is
 * @nr: place in the table
 * @nr_used: slots that are not free; under owner->lock
 * @nr_seen: for mirror_table_trim_work(), 0 otherwise
 */
struct mirror_chunk {
	struct mirror_owner *owner;
	u32 nr;
	u32 nr_used;
	u32 nr_seen;
};

#define MIRROR_CHUNK_SLOTS	(MIRROR_CHUNK_BYTES / (u32)sizeof(struct mirror_block))
#define MIRROR_CHUNK_HEAD	1u
#define MIRROR_CHUNK_USABLE	(MIRROR_CHUNK_SLOTS - MIRROR_CHUNK_HEAD)

static_assert(sizeof(struct mirror_chunk) <=
	      MIRROR_CHUNK_HEAD * sizeof(struct mirror_block));

/* What one block costs: its slot, and its part of a chunk's head. */
#define MIRROR_BLOCK_BYTES	DIV_ROUND_UP(MIRROR_CHUNK_BYTES, MIRROR_CHUNK_USABLE)

/**
 * struct mirror_owner - what one file holds
 * @lock: covers the table but for its growing, and @nr_blocks
 * @m: the mirror
 * @blocks: what all files share
 * @mapping: address space through which the file's mappings are found; NULL where
 *           there can be none
 * @memcg: that of the opener, or NULL; the table is charged to it
 * @free_first: slot that has been free for longest, or NULL
 * @free_end: where the next one to become free is linked
 * @chunks: the table; NULL for a chunk that was given back. Replaced by a longer one,
 *          and its entries changed, under both @grow and @lock
 * @nr_chunks: its length
 * @first_hole: no entry before this one is NULL; under @grow
 * @generation: that the slots of a new chunk begin with; under @grow
 * @nr_empty: chunks without a block
 * @nr: number among all files; what descriptors name the holder by
 * @nr_blocks: blocks that can be found
 * @nr_slots: slots that are not free
 * @nr_pages: pages that count for the limit, of blocks on their way as well
 * @limit: most pages it may hold, 0 for no limit
 * @grow: mutex, held while the table grows or shrinks
 * @trim: gives empty chunks back
 * @locks: block locks, by slot
 */
struct mirror_owner {
	spinlock_t lock;		/* innermost */
	struct mirror *m;
	struct mirror_blocks *blocks;
	struct address_space *mapping;
	struct mem_cgroup *memcg;
	struct mirror_block *free_first;
	struct mirror_block **free_end;
	struct mirror_chunk **chunks;
	u32 nr_chunks;
	u32 first_hole;
	u32 generation;
	u32 nr_empty;
	u32 nr;
	u64 nr_blocks;
	u64 nr_slots;
	atomic_long_t nr_pages;
	u64 limit;
	struct mutex grow;		/* outside of @lock */
	struct delayed_work trim;
	struct mutex locks[MIRROR_BLOCK_LOCKS];	/* lock 2 */
};

/**
 * struct mirror_blocks - what the files of a mirror share
 * @m: the mirror
 * @owners: files by number
 * @next_owner: for numbers that come back late
 * @ending: mutex; a file that @owners has does not end while it is held. Outside of
 *          lock 2 of mirror.h
 * @slot_bits: log2 of the most slots that a file may have
 */
struct mirror_blocks {
	struct mirror *m;
	struct xarray owners;
	u32 next_owner;
	struct mutex ending;		/* see mirror.h */
	unsigned int slot_bits;
};

/**
 * struct mirror_block_call - what one call of a program works with
 * @owner: who calls
 * @returned: a slot that became free and is not in the table yet, or NULL
 *
 * The slot goes back the next time that the call takes owner->lock anyway, so an
 * operation of a SUBMIT takes it once. mirror_block_call_end() sees to the last one.
 */
struct mirror_block_call {
	struct mirror_owner *owner;
	struct mirror_block *returned;
};

/**
 * struct mirror_new_block - what is known of a block that was just allocated
 * @id: its name
 * @page: descriptor index of its first page
 *
 * Another thread of the file may end the block as soon as it can be found, and its
 * chunk may be given back, so nobody looks at the block itself any more.
 */
struct mirror_new_block {
	u64 id;
	u32 page;
};

/* owner.c */
struct mirror_blocks *mirror_blocks_create(struct mirror *m);
void mirror_blocks_destroy(struct mirror_blocks *blocks);
int mirror_owner_init(struct mirror_owner *owner, struct mirror_blocks *blocks,
		      u64 limit);
void mirror_owner_end_blocks(struct mirror_owner *owner);
void mirror_owner_destroy(struct mirror_owner *owner);

/* bad.c */
void mirror_blocks_hide_bad(struct mirror_blocks *blocks,
			    const struct mirror_bad_page *bad);
bool mirror_block_has_bad(const struct mirror_block *block);

/* table.c */
int mirror_table_grow(struct mirror_owner *owner);
void mirror_table_trim_later(struct mirror_owner *owner);
void mirror_table_trim_work(struct work_struct *work);
void mirror_table_free(struct mirror_owner *owner);

/* block.c */
void mirror_block_call_end(struct mirror_block_call *call);
struct mirror_block *mirror_block_by_offset(struct mirror_owner *owner,
					    unsigned long pgoff);
struct mirror_block *mirror_block_by_id(struct mirror_owner *owner, u64 id);
void mirror_block_put(struct mirror_block *block);
int mirror_block_expose(struct mirror_block *block);

/* What the functions in block_ops.h leave to block.c. */
struct mirror_block *mirror_block_slot_after_growth(struct mirror_block_call *call);
bool mirror_owner_charge_limited(struct mirror_owner *owner, unsigned int order);
int mirror_block_end_shared(struct mirror_block_call *call, struct mirror_block *block);

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

static inline struct mirror_block *mirror_chunk_slot(struct mirror_chunk *chunk, u32 i)
{
	return (struct mirror_block *)chunk + i;
}

static inline struct mirror_chunk *mirror_block_chunk(const struct mirror_block *block)
{
	return (struct mirror_chunk *)((unsigned long)block &
				       ~(unsigned long)(MIRROR_CHUNK_BYTES - 1));
}

static inline struct mirror_owner *mirror_block_owner(const struct mirror_block *block)
{
	return mirror_block_chunk(block)->owner;
}

static inline struct mirror *mirror_block_mirror(const struct mirror_block *block)
{
	return mirror_block_owner(block)->m;
}

/* How many page offsets a file can have: loff_t is signed, in bytes. */
static inline unsigned long mirror_pgoff_mask(void)
{
	return BITS_PER_LONG == 32 ? ULONG_MAX :
	       (unsigned long)(LLONG_MAX >> PAGE_SHIFT);
}

/* Where the device shows the block of an id, in pages. */
static inline unsigned long mirror_id_pgoff(const struct mirror_blocks *blocks, u64 id)
{
	unsigned long above_pages = (unsigned long)upper_32_bits(id) << blocks->slot_bits |
				    lower_32_bits(id);

	return above_pages << blocks->m->max_order & mirror_pgoff_mask();
}

static inline unsigned long mirror_block_pgoff(const struct mirror_blocks *blocks,
					       const struct mirror_block *block)
{
	return mirror_id_pgoff(blocks, block->id);
}

static inline struct mutex *mirror_block_lock(const struct mirror_block *block)
{
	return &mirror_block_owner(block)->locks[mirror_block_slot(block) %
						 MIRROR_BLOCK_LOCKS];
}

static inline struct mirror_page *mirror_block_page(const struct mirror *m,
						    const struct mirror_block *block)
{
	return &m->pages[block->page];
}

static inline unsigned long mirror_block_pfn(const struct mirror *m,
					     const struct mirror_block *block)
{
	return mirror_idx_to_pfn(m, block->page);
}

/* Whatever is in a slot, or NULL where there is no such slot. */
static __always_inline struct mirror_block *mirror_block_at(struct mirror_owner *owner, u32 slot)
{
	u32 nr = slot / MIRROR_CHUNK_SLOTS;
	struct mirror_chunk *chunk;

	lockdep_assert_held(&owner->lock);

	if (unlikely(nr >= owner->nr_chunks))
		return NULL;
	chunk = owner->chunks[array_index_nospec(nr, owner->nr_chunks)];
	if (unlikely(!chunk || slot % MIRROR_CHUNK_SLOTS < MIRROR_CHUNK_HEAD))
		return NULL;
	return mirror_chunk_slot(chunk, slot % MIRROR_CHUNK_SLOTS);
}

#endif /* _MIRROR_BLOCK_H */
