// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of blocks that were reported as bad: out of every program's sight, and a touch
 * gives SIGBUS as that of a poisoned page does in Linux. The other pages of the block
 * stay, one fault for each; but of a block that nobody has seen, and that would have to
 * be cleared, nothing is shown.
 */
#include <linux/mm.h>
#include "block_ops.h"

/*
 * Where somebody besides the owner has a hold of the block, as mappings have. Of a
 * block that is being freed the owner's reference may go at any moment.
 */
static bool get_shared(struct mirror_block *block)
{
	int refs = refcount_read(&block->refs);

	do {
		if (refs < 2)
			return false;
	} while (!atomic_try_cmpxchg(&block->refs.refs, &refs, refs + 1));
	return true;
}

/*
 * A block with this page, with a reference, where that slot of the file has it and it
 * may be mapped. Also one that a FREE has hidden, as it may be found again.
 */
static struct mirror_block *get_block(struct mirror_owner *owner, u32 slot, u32 idx)
{
	struct mirror_block *block;

	spin_lock(&owner->lock);
	block = mirror_block_at(owner, slot);
	if (!block || idx - block->page >= 1u << block->order || !get_shared(block))
		block = NULL;
	spin_unlock(&owner->lock);
	return block;
}

static void unmap_page(struct mirror_owner *owner, struct mirror_block *block, u32 idx)
{
	unsigned long pgoff = mirror_block_pgoff(owner->blocks, block);

	if (owner->mapping)
		unmap_mapping_pages(owner->mapping, pgoff + (idx - block->page), 1, true);
}

/**
 * mirror_blocks_hide_bad - take a bad page out of the mappings of its block
 * @blocks: the blocks of all files
 * @bad: from mirror_hwpoison(), in use
 *
 * Faults look for bad pages before and after they insert any, so it stays out. A block
 * that was freed since has no mappings.
 *
 * Context: Process context; may sleep.
 */
void mirror_blocks_hide_bad(struct mirror_blocks *blocks, const struct mirror_bad_page *bad)
{
	struct mirror_owner *owner;
	struct mirror_block *block;

	if (bad->where != MIRROR_BAD_IN_USE || bad->owner == MIRROR_NIL)
		return;
	/* Pairs with the one after an insertion in mmap.c: the report, then the zap. */
	smp_mb();
	/* A file cannot end meanwhile. */
	mutex_lock(&blocks->ending);
	owner = xa_load(&blocks->owners, bad->owner);
	block = owner ? get_block(owner, bad->private, bad->idx) : NULL;
	if (block) {
		unmap_page(owner, block, bad->idx);
		mirror_block_put(block);
	}
	mutex_unlock(&blocks->ending);
}

/**
 * mirror_block_has_bad - does a block have a bad page?
 * @block: the block
 *
 * Context: Any.
 * Return: true where it has.
 */
bool mirror_block_has_bad(const struct mirror_block *block)
{
	const struct mirror *m = mirror_block_mirror(block);
	unsigned long i;

	for (i = 0; i < 1ul << block->order; i++)
		if (mirror_page_is_bad(m, mirror_block_page(m, block) + i))
			return true;
	return false;
}
