// SPDX-License-Identifier: GPL-2.0
/*
 * The table of blocks: ids, owners, states.
 *
 *   id      generation : slot            32 bits each
 *   pgoff   generation : slot : page     page has max_order bits, slot as many
 *                                        as the table needs, generation the rest
 *
 * A slot comes back into use only when its owner, every mapping and every look-up
 * have let go of it, and then as the last of all free slots and with the next
 * generation. So an id or an offset that has been used before leads nowhere.
 *
 *   reserve --> publish --> [detach --> attach] ... detach --> end --> (put)
 *
 * FREE is detach, which hides the block, and end, which takes its pages away;
 * between them it can still be undone.
 *
 * Lock 2 of mirror.h, the block lock, is one of an array of mutexes, chosen by
 * slot. owner->lock and blocks->lock are spinlocks inside of everything.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include "block.h"
#include "region/region.h"

/* ids ------------------------------------------------------------------------ */

/**
 * mirror_block_id - name of a block in the device's protocol
 * @block: the block
 *
 * Context: Any.
 * Return: the id, never 0.
 */
u64 mirror_block_id(const struct mirror_block *block)
{
	return (u64)block->generation << 32 | block->slot;
}

static unsigned int generation_shift(const struct mirror_blocks *blocks)
{
	return blocks->m->max_order + blocks->slot_bits;
}

/* How many page offsets a file can have: loff_t is signed, in bytes. */
static unsigned long pgoff_mask(void)
{
	return BITS_PER_LONG == 32 ? ULONG_MAX :
	       (unsigned long)(LLONG_MAX >> PAGE_SHIFT);
}

/**
 * mirror_block_pgoff - where the device shows a block
 * @blocks: the table
 * @block: the block
 *
 * Context: Any.
 * Return: offset in pages.
 */
unsigned long mirror_block_pgoff(const struct mirror_blocks *blocks,
				 const struct mirror_block *block)
{
	return ((unsigned long)block->generation << generation_shift(blocks) |
		(unsigned long)block->slot << blocks->m->max_order) &
	       pgoff_mask();
}

static struct mirror_block *block_at(struct mirror_blocks *blocks, u32 slot)
{
	struct mirror_block *chunk;

	if (slot >= READ_ONCE(blocks->nr_slots))
		return NULL;
	chunk = xa_load(&blocks->chunks, slot / MIRROR_BLOCK_CHUNK);
	return chunk ? &chunk[slot % MIRROR_BLOCK_CHUNK] : NULL;
}

/* slots ----------------------------------------------------------------------- */

static void push_free(struct mirror_blocks *blocks, struct mirror_block *block)
{
	spin_lock(&blocks->lock);
	block->next_free = MIRROR_NIL;
	if (blocks->free_first == MIRROR_NIL)
		blocks->free_first = block->slot;
	else
		block_at(blocks, blocks->free_last)->next_free = block->slot;
	blocks->free_last = block->slot;
	spin_unlock(&blocks->lock);
}

static struct mirror_block *pop_free(struct mirror_blocks *blocks)
{
	struct mirror_block *block = NULL;

	spin_lock(&blocks->lock);
	if (blocks->free_first != MIRROR_NIL) {
		block = block_at(blocks, blocks->free_first);
		blocks->free_first = block->next_free;
	}
	spin_unlock(&blocks->lock);
	return block;
}

static int add_chunk(struct mirror_blocks *blocks)
{
	u32 first = blocks->nr_slots, i;
	struct mirror_block *chunk;
	int ret;

	lockdep_assert_held(&blocks->grow);

	if (first + MIRROR_BLOCK_CHUNK > 1ul << blocks->slot_bits)
		return -ENOMEM;
	chunk = kcalloc(MIRROR_BLOCK_CHUNK, sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;
	ret = xa_err(xa_store(&blocks->chunks, first / MIRROR_BLOCK_CHUNK,
			      chunk, GFP_KERNEL));
	if (ret) {
		kfree(chunk);
		return ret;
	}
	WRITE_ONCE(blocks->nr_slots, first + MIRROR_BLOCK_CHUNK);
	for (i = 0; i < MIRROR_BLOCK_CHUNK; i++) {
		INIT_LIST_HEAD(&chunk[i].link);
		chunk[i].slot = first + i;
		chunk[i].generation = 1;
		push_free(blocks, &chunk[i]);
	}
	return 0;
}

static struct mirror_block *take_slot(struct mirror_blocks *blocks)
{
	struct mirror_block *block = pop_free(blocks);

	if (likely(block))
		return block;
	mutex_lock(&blocks->grow);
	do {
		block = pop_free(blocks);
	} while (!block && !add_chunk(blocks));
	mutex_unlock(&blocks->grow);
	return block;
}

static void give_slot(struct mirror_blocks *blocks, struct mirror_block *block)
{
	if (!++block->generation)
		block->generation = 1;
	push_free(blocks, block);
}

/**
 * mirror_block_put - let go of a block
 * @blocks: the table
 * @block: from a look-up, or the last mapping
 *
 * Context: Any but interrupts.
 */
void mirror_block_put(struct mirror_blocks *blocks, struct mirror_block *block)
{
	if (refcount_dec_and_test(&block->refs))
		give_slot(blocks, block);
}

/* making one ------------------------------------------------------------------- */

static bool charge(struct mirror_owner *owner, unsigned int order)
{
	bool ok;

	spin_lock(&owner->lock);
	ok = !owner->limit || owner->nr_pages + (1ull << order) <= owner->limit;
	if (ok) {
		owner->nr_pages += 1ull << order;
		owner->nr_blocks++;
	}
	spin_unlock(&owner->lock);
	return ok;
}

static void uncharge(struct mirror_owner *owner, unsigned int order)
{
	spin_lock(&owner->lock);
	owner->nr_pages -= 1ull << order;
	owner->nr_blocks--;
	spin_unlock(&owner->lock);
}

/**
 * mirror_block_reserve - set a slot aside and charge its owner
 * @blocks: the table
 * @owner: who asks
 * @order: of the block to come
 *
 * Context: Process context; may sleep.
 * Return: the block, which nobody can find yet, or ERR_PTR(): -EDQUOT over the
 * owner's limit, -ENOMEM.
 */
struct mirror_block *mirror_block_reserve(struct mirror_blocks *blocks,
					  struct mirror_owner *owner,
					  unsigned int order)
{
	struct mirror_block *block;

	if (!charge(owner, order))
		return ERR_PTR(-EDQUOT);
	block = take_slot(blocks);
	if (!block) {
		uncharge(owner, order);
		return ERR_PTR(-ENOMEM);
	}
	block->owner = owner;
	block->order = order;
	return block;
}

/**
 * mirror_block_unreserve - the opposite, where there was no page to be had
 * @blocks: the table
 * @block: from mirror_block_reserve()
 *
 * Context: Process context.
 */
void mirror_block_unreserve(struct mirror_blocks *blocks,
			    struct mirror_block *block)
{
	uncharge(block->owner, block->order);
	give_slot(blocks, block);
}

/**
 * mirror_block_publish - give a reserved block its pages and let it be found
 * @blocks: the table
 * @block: from mirror_block_reserve()
 * @page: head of pages that the block now holds the reference to
 * @zeroed: the content may be shown as it is
 *
 * Context: Process context.
 */
void mirror_block_publish(struct mirror_blocks *blocks,
			  struct mirror_block *block, struct mirror_page *page,
			  bool zeroed)
{
	block->page = mirror_page_idx(blocks->m, page);
	block->zeroed = zeroed;
	block->state = MIRROR_BLOCK_RESIDENT;
	atomic_set(&block->mappings, 0);
	page->owner = block->slot;
	page->private = block->generation;
	refcount_set(&block->refs, 1);
	mirror_block_attach(block);
}

/* finding one -------------------------------------------------------------------- */

/* A reference to whatever is in the slot now, so that it can be looked at. */
static struct mirror_block *get_slot(struct mirror_blocks *blocks, u32 slot)
{
	struct mirror_block *block = block_at(blocks, slot);

	if (!block || !refcount_inc_not_zero(&block->refs))
		return NULL;
	return block;
}

static bool belongs(struct mirror_block *block, struct mirror_owner *owner)
{
	bool ok;

	if (block->owner != owner)
		return false;
	spin_lock(&owner->lock);
	ok = !list_empty(&block->link);
	spin_unlock(&owner->lock);
	return ok;
}

/**
 * mirror_block_by_id - find a block of an owner
 * @blocks: the table
 * @owner: who asks
 * @id: any number
 *
 * Context: Process context.
 * Return: the block with a reference for mirror_block_put(), or NULL.
 */
struct mirror_block *mirror_block_by_id(struct mirror_blocks *blocks,
					struct mirror_owner *owner, u64 id)
{
	struct mirror_block *block = get_slot(blocks, lower_32_bits(id));

	if (!block)
		return NULL;
	if (mirror_block_id(block) == id && belongs(block, owner))
		return block;
	mirror_block_put(blocks, block);
	return NULL;
}

/**
 * mirror_block_by_offset - find the block of an owner that an offset lies in
 * @blocks: the table
 * @owner: who asks
 * @pgoff: any number, in pages
 *
 * Context: Process context.
 * Return: the block with a reference for mirror_block_put(), or NULL.
 */
struct mirror_block *mirror_block_by_offset(struct mirror_blocks *blocks,
					    struct mirror_owner *owner,
					    unsigned long pgoff)
{
	u32 slot = (pgoff >> blocks->m->max_order) &
		   ((1ul << blocks->slot_bits) - 1);
	struct mirror_block *block = get_slot(blocks, slot);

	if (!block)
		return NULL;
	if (pgoff - mirror_block_pgoff(blocks, block) < 1ul << block->order &&
	    belongs(block, owner))
		return block;
	mirror_block_put(blocks, block);
	return NULL;
}

/* ending one ---------------------------------------------------------------------- */

/**
 * mirror_block_attach - let a block be found by its owner
 * @block: new, or from mirror_block_detach()
 *
 * Context: Process context.
 */
void mirror_block_attach(struct mirror_block *block)
{
	struct mirror_owner *owner = block->owner;

	spin_lock(&owner->lock);
	list_add(&block->link, &owner->blocks);
	spin_unlock(&owner->lock);
}

static bool hide(struct mirror_block *block)
{
	struct mirror_owner *owner = block->owner;
	bool was_visible;

	spin_lock(&owner->lock);
	was_visible = !list_empty(&block->link);
	list_del_init(&block->link);
	spin_unlock(&owner->lock);
	return was_visible;
}

/**
 * mirror_block_detach - hide a block that is about to be freed
 * @blocks: the table
 * @owner: who asks
 * @id: any number
 *
 * The caller then has the owner's reference: it ends the block, or attaches it
 * again.
 *
 * Context: Process context.
 * Return: the block, or NULL where @owner has none of that id.
 */
struct mirror_block *mirror_block_detach(struct mirror_blocks *blocks,
					 struct mirror_owner *owner, u64 id)
{
	struct mirror_block *block = mirror_block_by_id(blocks, owner, id);
	bool mine;

	if (!block)
		return NULL;
	mine = hide(block);
	mirror_block_put(blocks, block);
	return mine ? block : NULL;
}

/* Takes the pages out of every program's sight, for good. */
static void revoke(struct mirror_blocks *blocks, struct mirror_block *block)
{
	struct mutex *lock = mirror_block_lock(blocks, block);

	mutex_lock(lock);
	block->state = MIRROR_BLOCK_FREED;
	/* In pages: on a 32-bit kernel unmap_mapping_range() cuts offsets off. */
	if (atomic_read(&block->mappings) && blocks->mapping)
		unmap_mapping_pages(blocks->mapping,
				    mirror_block_pgoff(blocks, block),
				    1ul << block->order, true);
	mutex_unlock(lock);
}

/**
 * mirror_block_end - take a block's pages away and drop the owner's reference
 * @blocks: the table
 * @block: from mirror_block_detach()
 *
 * Mappings that remain give SIGBUS from here on.
 *
 * Context: Process context; may sleep.
 */
void mirror_block_end(struct mirror_blocks *blocks, struct mirror_block *block)
{
	unsigned int order = block->order;

	revoke(blocks, block);
	uncharge(block->owner, order);
	mirror_core_free(blocks->m, mirror_block_page(blocks, block), order);
	mirror_block_put(blocks, block);
}

/**
 * mirror_block_expose - see to it that a block's content may be shown
 * @blocks: the table
 * @block: the block
 *
 * Clears it the first time, unless its owner asked for it as it is.
 *
 * Context: Process context; the block lock is held.
 * Return: 0, or -ENXIO where the block was freed.
 */
int mirror_block_expose(struct mirror_blocks *blocks,
			struct mirror_block *block)
{
	lockdep_assert_held(mirror_block_lock(blocks, block));

	if (block->state != MIRROR_BLOCK_RESIDENT)
		return -ENXIO;
	if (block->zeroed)
		return 0;
	mirror_content_zero(blocks->m, mirror_block_page(blocks, block),
			    block->order);
	block->zeroed = true;
	return 0;
}

/* owners and the table ------------------------------------------------------------- */

/**
 * mirror_owner_init - a new file
 * @owner: filled in
 * @limit: most pages it may hold, 0 for no limit
 *
 * Context: Any.
 */
void mirror_owner_init(struct mirror_owner *owner, u64 limit)
{
	memset(owner, 0, sizeof(*owner));
	spin_lock_init(&owner->lock);
	INIT_LIST_HEAD(&owner->blocks);
	owner->limit = limit;
}

static struct mirror_block *first_block(struct mirror_owner *owner)
{
	struct mirror_block *block;

	spin_lock(&owner->lock);
	block = list_first_entry_or_null(&owner->blocks, struct mirror_block,
					 link);
	if (block)
		list_del_init(&block->link);
	spin_unlock(&owner->lock);
	return block;
}

/**
 * mirror_owner_release - give back everything a file holds
 * @blocks: the table
 * @owner: the file's; it makes no more calls and has no mappings
 *
 * Context: Process context; may sleep.
 */
void mirror_owner_release(struct mirror_blocks *blocks,
			  struct mirror_owner *owner)
{
	struct mirror_block *block;

	while ((block = first_block(owner))) {
		mirror_block_end(blocks, block);
		cond_resched();
	}
}

/*
 * Mappings of freed blocks keep slots too, so there are more slots than pages.
 * Of the 32 bits that a page offset has on a 32-bit kernel four are left for the
 * generation.
 */
static unsigned int slot_bits(const struct mirror *m)
{
	unsigned int most = BITS_PER_LONG == 32 ? 28 - m->max_order : 26;

	return clamp(order_base_2(m->managed) + 2, 6, (int)most);
}

/**
 * mirror_blocks_create - make an empty table
 * @m: the mirror whose blocks it will hold
 *
 * Context: Process context; may sleep.
 * Return: the table or ERR_PTR(-ENOMEM).
 */
struct mirror_blocks *mirror_blocks_create(struct mirror *m)
{
	struct mirror_blocks *blocks = kzalloc(sizeof(*blocks), GFP_KERNEL);
	unsigned int i;

	if (!blocks)
		return ERR_PTR(-ENOMEM);
	blocks->m = m;
	blocks->free_first = MIRROR_NIL;
	blocks->free_last = MIRROR_NIL;
	blocks->slot_bits = slot_bits(m);
	xa_init(&blocks->chunks);
	spin_lock_init(&blocks->lock);
	mutex_init(&blocks->grow);
	for (i = 0; i < MIRROR_BLOCK_LOCKS; i++)
		mutex_init(&blocks->locks[i]);
	return blocks;
}

/**
 * mirror_blocks_destroy - free the table
 * @blocks: the table; no file is open
 *
 * Context: Process context.
 */
void mirror_blocks_destroy(struct mirror_blocks *blocks)
{
	struct mirror_block *chunk;
	unsigned long i;

	xa_for_each(&blocks->chunks, i, chunk)
		kfree(chunk);
	xa_destroy(&blocks->chunks);
	kfree(blocks);
}
