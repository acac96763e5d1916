// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists: how many pages a list may hold, how many blocks a refill brings and
 * how many pages a flush takes. All of it follows from the state of one list.
 *
 * "high" moves between high_min and high_max: up while refills or flushes show that it
 * is too small, down when the zone runs short, and with every tick.
 */
#include "internal.h"

static int free_count_to_drop(const struct mirror_pcp *pcp, int batch)
{
	return max_t(int, pcp->free_count, batch);
}

/**
 * mirror_pcp_high - how many pages the lists may hold now
 * @pcp: the lists, locked; high is tuned on the way
 * @zone: whose they are
 * @batch: pages that move at a time
 * @free_high: high orders were freed in a row, so all are to go
 *
 * Linux: nr_pcp_high().
 *
 * Context: Any.
 * Return: pages; with as many or more on the lists a flush is due.
 */
int mirror_pcp_high(struct mirror_pcp *pcp, const struct mirror_zone *zone, int batch,
		    bool free_high)
{
	int high_min = READ_ONCE(pcp->high_min);
	int high_max = READ_ONCE(pcp->high_max);
	int high = clamp(pcp->high, high_min, high_max);

	pcp->high = high;
	if (unlikely(!high))
		return 0;
	if (unlikely(free_high)) {
		pcp->high = max(high - (batch << MIRROR_PCP_BATCH_SCALE),
				high_min);
		return 0;
	}
	if (test_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &zone->flags)) {
		pcp->high = max(high - free_count_to_drop(pcp, batch), high_min);
		return min(batch << 2, pcp->high);
	}
	if (high_min == high_max)
		return high;
	if (test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags)) {
		pcp->high = max(high - free_count_to_drop(pcp, batch), high_min);
		return max(pcp->count, high_min);
	}
	if (pcp->count >= high && pcp->high < pcp->free_count + batch)
		pcp->high = clamp(pcp->free_count + batch, high_min, high_max);
	return high;
}

/**
 * mirror_pcp_nr_free - how many pages to flush
 * @pcp: the lists, locked
 * @batch: pages that move at a time
 * @high: from mirror_pcp_high()
 * @free_high: likewise
 *
 * The longer nothing but frees came, the more. Linux: nr_pcp_free().
 *
 * Context: Any.
 * Return: pages.
 */
int mirror_pcp_nr_free(const struct mirror_pcp *pcp, int batch, int high, bool free_high)
{
	if (unlikely(free_high))
		return min(pcp->count, batch << MIRROR_PCP_BATCH_SCALE);
	if (unlikely(high < batch))
		return 1;
	return clamp_t(int, pcp->free_count, batch, high - batch);
}

/**
 * mirror_pcp_nr_alloc - how many blocks a refill fetches
 * @pcp: the lists, locked; high and alloc_factor are tuned on the way
 * @zone: whose they are
 * @order: of the blocks
 *
 * Doubles while nothing but requests of order 0 come. Linux: nr_pcp_alloc().
 *
 * Context: Any.
 * Return: blocks, 1 at least.
 */
int mirror_pcp_nr_alloc(struct mirror_pcp *pcp, const struct mirror_zone *zone,
			unsigned int order)
{
	int base = READ_ONCE(pcp->batch);
	int high_min = READ_ONCE(pcp->high_min);
	int high_max = READ_ONCE(pcp->high_max);
	int high = clamp(pcp->high, high_min, high_max);
	int batch = order ? base : base << pcp->alloc_factor;

	pcp->high = high;
	if (unlikely(high < base))
		return 1;
	if (high_min != high_max &&
	    !test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags)) {
		high = min(high + batch, high_max);
		pcp->high = high;
	}
	if (!order) {
		int most = max(high - pcp->count - base, base);

		if (batch <= most &&
		    pcp->alloc_factor < MIRROR_PCP_BATCH_SCALE)
			pcp->alloc_factor++;
		batch = min(batch, most);
	}
	return batch > 1 ? max(batch >> order, 2) : batch;
}

/**
 * mirror_pcp_decay - what an idle CPU's high sinks to with a tick
 * @pcp: the lists, locked
 * @batch: pages that move at a time
 *
 * By an eighth, but not far below the count. Linux: decay_pcp_high().
 *
 * Context: Any.
 * Return: the new high.
 */
int mirror_pcp_decay(const struct mirror_pcp *pcp, int batch)
{
	int high_min = READ_ONCE(pcp->high_min);

	if (pcp->high <= high_min)
		return pcp->high;
	return max3(pcp->count - (batch << MIRROR_PCP_BATCH_SCALE),
		    pcp->high - (pcp->high >> 3), high_min);
}
