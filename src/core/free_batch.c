// SPDX-License-Identifier: GPL-2.0
/*
 * Freeing many blocks of whatever orders: free_unref_folios() of the reference.
 *
 *   first    each block is checked and loses its reference. One of an order that
 *            passes by the per-CPU lists is freed at once
 *   then     the others go to this CPU's lists in the order of the array. The lists
 *            of a zone are held from one block to the next, for as long as the zone
 *            stays the same
 *
 * So a large block is on its free list before the small ones that stand in front of it,
 * as in the reference, which takes 31 folios at a time.
 */
#include "free_ops.h"

/* PAGEVEC_SIZE of 6.12. */
#define BATCH_SIZE	31

#define FREE_LAST	1	/* the block had no other reference */

/* Blocks without references, for the per-CPU lists. */
struct batch {
	unsigned int nr;
	u32 idx[BATCH_SIZE];
	u8 order[BATCH_SIZE];
};

/* The lists of this CPU that are held; @zone is NULL for none. */
struct held_lists {
	struct mirror_zone *zone;
	struct mirror_pcp *pcp;
	unsigned long flags;
};

static void let_go(struct held_lists *held)
{
	if (held->zone)
		mirror_free_pcp_end(held->pcp, held->flags);
	held->zone = NULL;
}

/* False where they are being used already. */
static bool hold(struct held_lists *held, struct mirror_zone *zone)
{
	if (!mirror_free_pcp_begin(zone, &held->pcp, &held->flags))
		return false;
	held->zone = zone;
	return true;
}

/* Pages of an isolated pageblock are nobody's; all other types have a list that will do. */
static void release_one(struct mirror *m, struct held_lists *held, u32 idx, unsigned int order)
{
	struct mirror_zone *zone = mirror_page_zone(m, &m->pages[idx]);
	int mt = mirror_pageblock_type(m, idx);

	if (zone != held->zone || mt == MIRROR_MIGRATE_ISOLATE) {
		let_go(held);
		if (mt == MIRROR_MIGRATE_ISOLATE || !hold(held, zone)) {
			mirror_free_one(zone, &m->pages[idx], order);
			return;
		}
	}
	if (!mirror_type_mergeable(mt))
		mt = MIRROR_MIGRATE_MOVABLE;
	mirror_free_pcp_next(zone, held->pcp, idx, order, mt);
}

static void release_batch(struct mirror *m, struct batch *batch)
{
	struct held_lists held = {};
	unsigned int i;

	for (i = 0; i < batch->nr; i++)
		release_one(m, &held, batch->idx[i], batch->order[i]);
	let_go(&held);
	batch->nr = 0;
}

/*
 * All of mirror_core_free() but putting the block away. Returns FREE_LAST where that is
 * left to do; 0 where others have references, or the block had a bad page: that is dealt
 * with; or what mirror_core_free() would return.
 */
static int drop_reference(struct mirror *m, struct mirror_page *page, unsigned int order)
{
	u32 flags;

	if (mirror_page_place(m, page) >= READ_ONCE(m->nr_freeable))
		return mirror_is_broken(m) ? -EIO : mirror_refuse_foreign(m, page, "free");
	flags = mirror_page_flags(page);
	if (!mirror_flags_used(m, order, flags))
		return mirror_refuse_free(m, page, order, flags);
	if (mirror_drop_last(page) || mirror_drop_last_marked(m, page, order, flags))
		return FREE_LAST;
	return mirror_free_shared(m, page, order, flags);
}

/* The block has no reference any more. */
static void put_in_batch(struct mirror *m, struct batch *batch, struct mirror_page *page,
			 unsigned int order)
{
	struct mirror_zone *zone = mirror_page_zone(m, page);

	if (!mirror_pcp_order(zone, order)) {
		mirror_free_one(zone, page, order);
		return;
	}
	batch->idx[batch->nr] = mirror_page_idx(m, page);
	batch->order[batch->nr++] = order;
}

/**
 * mirror_core_free_batch - free blocks of mixed orders
 * @m: the mirror
 * @nr: length of @pages and of @orders
 * @pages: heads; each freed element becomes NULL; NULL elements are passed over
 * @orders: the order of each
 *
 * Each block is one that mirror_core_free() would free with its order, and is freed in
 * the same sense: where others have references, one goes.
 *
 * Context: Any.
 * Return: how many were freed. The others were refused, as by mirror_core_free(), and
 * are left.
 */
unsigned int mirror_core_free_batch(struct mirror *m, unsigned int nr,
				    struct mirror_page **pages, const unsigned int *orders)
{
	unsigned int i, seen = 0, freed = 0;
	struct batch batch = { .nr = 0 };

	for (i = 0; i < nr; i++) {
		int ret;

		if (!pages[i])
			continue;
		ret = drop_reference(m, pages[i], orders[i]);
		if (ret == FREE_LAST)
			put_in_batch(m, &batch, pages[i], orders[i]);
		if (ret >= 0) {
			pages[i] = NULL;
			freed++;
		}
		if (++seen % BATCH_SIZE == 0)
			release_batch(m, &batch);
	}
	release_batch(m, &batch);
	return freed;
}
