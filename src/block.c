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
 * block_ops.h has a block's life; here is the rest.
 *
 * Lock 2 of mirror.h, the block lock, is one of an array of mutexes, chosen by
 * slot. owner->lock and blocks->lock are spinlocks inside of everything.
 */
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include "block_ops.h"
#include "region/region.h"

#define FIRST_TABLE	16

/* slots ----------------------------------------------------------------------- */

/* Behind all other free slots; @end is the last one's link. */
static void append(struct mirror_blocks *blocks, struct mirror_block *first,
		   struct mirror_block **end)
{
	lockdep_assert_held(&blocks->lock);

	*blocks->free_end = first;
	blocks->free_end = end;
}

/* At most @nr of the slots that have been free for longest. */
static struct mirror_block *take(struct mirror_blocks *blocks, unsigned int nr)
{
	struct mirror_block *first = blocks->free_first, **end = &blocks->free_first;

	lockdep_assert_held(&blocks->lock);

	while (nr-- && *end)
		end = &(*end)->next_free;
	if (end == &blocks->free_first)
		return NULL;
	WRITE_ONCE(blocks->free_first, *end);
	if (!*end)
		blocks->free_end = &blocks->free_first;
	*end = NULL;
	return first;
}

static void append_returned(struct mirror_block_call *call)
{
	if (!call->returned)
		return;
	append(call->blocks, call->returned, call->returned_end);
	call->returned = NULL;
	call->returned_end = &call->returned;
}

/* A table that has room for one more chunk than @old, which may be NULL. */
static struct mirror_block_table *
longer_table(struct mirror_block_table *old)
{
	u32 nr = old ? 2 * old->nr : FIRST_TABLE, i;
	struct mirror_block_table *table;

	table = kvzalloc(struct_size(table, chunk, nr), GFP_KERNEL);
	if (!table)
		return NULL;
	table->older = old;
	table->nr = nr;
	for (i = 0; old && i < old->nr; i++)
		table->chunk[i] = old->chunk[i];
	return table;
}

/* Makes place for chunk number @nr. */
static int extend_table(struct mirror_blocks *blocks, u32 nr)
{
	struct mirror_block_table *table = blocks->table;

	if (table && nr < table->nr)
		return 0;
	table = longer_table(table);
	if (!table)
		return -ENOMEM;
	/* Look-ups that find it must find the chunks in it. */
	smp_store_release(&blocks->table, table);
	return 0;
}

static int add_chunk(struct mirror_blocks *blocks)
{
	u32 first = blocks->nr_slots, nr = first / MIRROR_BLOCK_CHUNK, i;
	struct mirror_block *chunk;

	lockdep_assert_held(&blocks->grow);

	if (first + MIRROR_BLOCK_CHUNK > 1ul << blocks->slot_bits ||
	    extend_table(blocks, nr))
		return -ENOMEM;
	chunk = kcalloc(MIRROR_BLOCK_CHUNK, sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;
	for (i = 0; i < MIRROR_BLOCK_CHUNK; i++) {
		chunk[i].id = mirror_block_make_id(1, first + i);
		chunk[i].next_free = i + 1 < MIRROR_BLOCK_CHUNK ? &chunk[i + 1] : NULL;
	}
	blocks->table->chunk[nr] = chunk;
	/* Who reads this number finds the chunk. */
	smp_store_release(&blocks->nr_slots, first + MIRROR_BLOCK_CHUNK);
	spin_lock(&blocks->lock);
	append(blocks, chunk, &chunk[MIRROR_BLOCK_CHUNK - 1].next_free);
	spin_unlock(&blocks->lock);
	return 0;
}

static struct mirror_block *exchange_slots(struct mirror_block_call *call)
{
	struct mirror_blocks *blocks = call->blocks;
	struct mirror_block *first;

	spin_lock(&blocks->lock);
	append_returned(call);
	first = take(blocks, call->ahead);
	spin_unlock(&blocks->lock);
	return first;
}

static noinline struct mirror_block *fetch_from_table(struct mirror_block_call *call)
{
	struct mirror_blocks *blocks = call->blocks;
	struct mirror_block *first = exchange_slots(call);

	if (likely(first))
		return first;
	mutex_lock(&blocks->grow);
	do {
		first = exchange_slots(call);
	} while (!first && !add_chunk(blocks));
	mutex_unlock(&blocks->grow);
	return first;
}

/**
 * mirror_block_fetch_slots - take free slots out of the table, returning others
 * @call: has none ready
 *
 * Context: Process context; may sleep.
 * Return: the first of one or more, linked by next_free, or NULL.
 */
struct mirror_block *mirror_block_fetch_slots(struct mirror_block_call *call)
{
	struct mirror_block *first = call->returned;

	/* With the table empty, those that the call itself freed are the next. */
	if (!first || READ_ONCE(call->blocks->free_first))
		return fetch_from_table(call);
	call->returned = NULL;
	call->returned_end = &call->returned;
	return first;
}

/**
 * mirror_block_call_end - give all slots of a call back to the table
 * @call: from mirror_block_call_begin(); may go on after this
 *
 * Those it did not use are the first to be used again.
 *
 * Context: Process context.
 */
void mirror_block_call_end(struct mirror_block_call *call)
{
	struct mirror_blocks *blocks = call->blocks;
	struct mirror_block **end = &call->ready;

	if (!call->ready && !call->returned)
		return;
	while (*end)
		end = &(*end)->next_free;
	spin_lock(&blocks->lock);
	if (call->ready) {
		if (!blocks->free_first)
			blocks->free_end = end;
		*end = blocks->free_first;
		blocks->free_first = call->ready;
		call->ready = NULL;
	}
	append_returned(call);
	spin_unlock(&blocks->lock);
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
	struct mirror_block_call call;

	if (!refcount_dec_and_test(&block->refs))
		return;
	mirror_block_call_begin(&call, blocks, NULL, 0);
	mirror_block_return_slot(&call, block);
	mirror_block_call_end(&call);
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

/* A reference to whatever is in the slot now, so that it can be looked at. */
static struct mirror_block *get_slot(struct mirror_blocks *blocks, u32 slot)
{
	struct mirror_block *block = mirror_block_at(blocks, slot);

	if (!block || !refcount_inc_not_zero(&block->refs))
		return NULL;
	return block;
}

static bool belongs(struct mirror_block *block, struct mirror_owner *owner)
{
	bool ok;

	spin_lock(&owner->lock);
	ok = READ_ONCE(block->owner) == owner;
	spin_unlock(&owner->lock);
	return ok;
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

/* ending and showing one ---------------------------------------------------------- */

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
 * mirror_block_end_shared - end a block that is mapped, or being looked up
 * @call: whose it was
 * @block: hidden
 *
 * Context: Process context; may sleep.
 */
void mirror_block_end_shared(struct mirror_block_call *call,
			     struct mirror_block *block)
{
	struct mirror_blocks *blocks = call->blocks;

	revoke(blocks, block);
	mirror_owner_uncharge(call->owner, block->order);
	mirror_core_free(blocks->m, mirror_block_page(blocks, block), block->order);
	if (refcount_dec_and_test(&block->refs))
		mirror_block_return_slot(call, block);
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
	INIT_HLIST_HEAD(&owner->blocks);
	owner->limit = limit;
}

static struct mirror_block *first_block(struct mirror_owner *owner)
{
	struct mirror_block *block;

	spin_lock(&owner->lock);
	block = hlist_entry_safe(owner->blocks.first, struct mirror_block, link);
	if (block)
		mirror_block_hide(owner, block);
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
	struct mirror_block_call call;
	struct mirror_block *block;

	mirror_block_call_begin(&call, blocks, owner, 0);
	while ((block = first_block(owner))) {
		mirror_block_end(&call, block);
		mirror_block_call_end(&call);
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
	blocks->free_end = &blocks->free_first;
	blocks->slot_bits = slot_bits(m);
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
	struct mirror_block_table *table = blocks->table, *older;
	u32 i;

	for (i = 0; table && i < table->nr; i++)
		kfree(table->chunk[i]);
	for (; table; table = older) {
		older = table->older;
		kvfree(table);
	}
	kfree(blocks);
}
