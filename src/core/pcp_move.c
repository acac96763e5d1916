// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists: blocks go back to the zone, under its lock. A flush gives back what is above
 * high, a drain all, and the tick what a CPU did not use for a while.
 */
#include "buddy_ops.h"

static unsigned int next_list(unsigned int pindex)
{
	return pindex + 1 < MIRROR_NR_PCP_LISTS ? pindex + 1 : 0;
}

/**
 * mirror_pcp_damaged - take the mirror out of service for a damaged list
 * @zone: whose list
 * @idx: the entry, any number
 * @order: of the list's blocks
 *
 * Context: Any.
 */
noinline void mirror_pcp_damaged(struct mirror_zone *zone, u32 idx, unsigned int order)
{
	const struct mirror_page *page = idx < zone->nr_desc ? &zone->pages[idx] : NULL;

	mirror_broken(zone->m,
		      "node %d zone %d: entry %u of a per-CPU list of order %u is not what was put there: flags %#x refs %d",
		      zone->node->nid, zone->type, idx, order,
		      page ? page->flags : 0, page ? atomic_read(&page->refs) : 0);
}

/* Is an entry still what was put there, between the one before it and @next? */
static __mirror_inline bool entry_ok(const struct mirror_zone *zone,
				     const struct mirror_list *list, u32 idx, u32 next,
				     u32 listed)
{
	const struct mirror_page *pages = zone->pages;
	u32 prev = pages[idx].prev;

	if (unlikely(!mirror_pcp_is_listed(&pages[idx], listed) || pages[idx].next != next))
		return false;
	if (prev == MIRROR_NIL)
		return list->first == idx;
	return prev < zone->nr_desc && pages[prev].next == idx;
}

/* A list ends with @last from here on. */
static void cut_behind(struct mirror_zone *zone, struct mirror_list *list, u32 last,
		       unsigned int nr)
{
	WRITE_ONCE(*(last == MIRROR_NIL ? &list->first : &zone->pages[last].next), MIRROR_NIL);
	list->last = last;
	list->nr -= nr;
}

/*
 * Gives blocks of one list back, the coldest first, until it is empty or @count pages have
 * gone. Returns how many have; it stops short of both where the list is damaged.
 */
static __mirror_inline int flush_list(struct mirror_zone *zone, struct mirror_pcp *pcp,
				      struct mirror_list *list, unsigned int order, int count)
{
	const u32 listed = mirror_zone_head(zone, MIRROR_PAGE_PCP, order);
	struct mirror_page *pages = zone->pages;
	int freed = 0, step = 1 << order;
	u32 idx = list->last, next = MIRROR_NIL;

	if (idx == MIRROR_NIL)
		return 0;
	do {
		u32 prev = pages[idx].prev;

		if (unlikely(!entry_ok(zone, list, idx, next, listed))) {
			mirror_pcp_damaged(zone, idx, order);
			break;
		}
		mirror_free_to_buddy_here(zone, idx, order,
					  mirror_pageblock_type(zone->m, idx));
		next = idx;
		idx = prev;
		freed += step;
	} while (freed < count && idx != MIRROR_NIL);
	cut_behind(zone, list, idx, freed >> order);
	pcp->count -= freed;
	return freed;
}

/*
 * Frees at least @count pages, list by list, each until it is empty or enough
 * is freed; @pindex has its turn first.
 */
static noinline void flush(struct mirror_zone *zone, struct mirror_pcp *pcp,
			   int count, unsigned int pindex)
{
	unsigned long flags;

	lockdep_assert_held(&pcp->lock);

	count = min(pcp->count, count);
	mirror_host_zone_lock(&zone->lock, flags);
	while (count > 0) {
		struct mirror_list *list = mirror_list_here(&pcp->lists[pindex]);

		count -= flush_list(zone, pcp, list, mirror_pcp_index_order(zone, pindex),
				    count);
		if (unlikely(count > 0 && !mirror_list_empty(list)))
			break;
		pindex = MIRROR_DECIDE(zone->m, pcp_next, next_list, pindex);
	}
	mirror_host_zone_unlock(&zone->lock, flags);
}

static noinline void flush_to_high(struct mirror_zone *zone,
				   struct mirror_pcp *pcp, unsigned int pindex,
				   int batch, int high, bool free_high)
{
	int nr = MIRROR_DECIDE(zone->m, pcp_nr_free, mirror_pcp_nr_free, pcp, batch,
			       high, free_high);

	flush(zone, pcp, mirror_host_hold(nr), pindex);
	if (test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags) &&
	    mirror_watermark_ok_now(zone, 0,
				    mirror_zone_wmark(zone, MIRROR_WMARK_HIGH),
				    MIRROR_ZONE_MOVABLE, 0))
		clear_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
}

/**
 * mirror_pcp_settle - what blocks that came in bring about: a larger high, or a flush
 * @zone: whose lists
 * @pcp: the lists, locked
 * @pindex: the list that the last block went to, which a flush begins with
 * @batch: pages that move at a time
 * @free_high: from mirror_pcp_free_high()
 *
 * Context: Any.
 */
noinline void mirror_pcp_settle(struct mirror_zone *zone, struct mirror_pcp *pcp,
				unsigned int pindex, int batch, bool free_high)
{
	int high = MIRROR_DECIDE(zone->m, pcp_high, mirror_pcp_high, pcp, zone, batch,
				 free_high);

	if (pcp->count >= high)
		flush_to_high(zone, pcp, pindex, batch, high, free_high);
}

/* draining and the tick --------------------------------------------------- */

static void drain_some(struct mirror_zone *zone, struct mirror_pcp *pcp,
		       int count)
{
	unsigned long flags;

	mirror_host_pcp_enter(flags);
	raw_spin_lock(&pcp->lock);
	flush(zone, pcp, count, 0);
	raw_spin_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
}

/*
 * What the list had when the drain began is enough: its CPU may go on freeing to it
 * for ever.
 */
static void drain_zone(struct mirror_zone *zone, unsigned int cpu)
{
	struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
	int left = mirror_glance(pcp->count);

	while (left > 0 && mirror_glance(pcp->count) && !mirror_is_broken(zone->m)) {
		int some = mirror_host_hold(READ_ONCE(pcp->batch) <<
					    MIRROR_PCP_BATCH_SCALE);

		drain_some(zone, pcp, some);
		left -= some;
	}
}

/**
 * mirror_drain_zone - give all of a zone's per-CPU lists back to it
 * @zone: a populated zone
 *
 * Context: Process context.
 */
void mirror_drain_zone(struct mirror_zone *zone)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		drain_zone(zone, cpu);
}

/**
 * mirror_drain_cpu - give all of a CPU's lists back to their zones
 * @m: the mirror
 * @cpu: any possible CPU
 *
 * Context: Process context.
 */
void mirror_drain_cpu(struct mirror *m, unsigned int cpu)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		drain_zone(zone, cpu);
}

/**
 * mirror_drain_all - the same for every CPU
 * @m: the mirror
 *
 * Context: Process context.
 */
void mirror_drain_all(struct mirror *m)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		mirror_drain_cpu(m, cpu);
}

static void decay(struct mirror_zone *zone, struct mirror_pcp *pcp)
{
	int batch = READ_ONCE(pcp->batch);
	unsigned long flags;
	int excess;

	/* A request that interrupts the tick may be tuning high as well. */
	mirror_host_pcp_enter(flags);
	raw_spin_lock(&pcp->lock);
	pcp->high = MIRROR_DECIDE(zone->m, pcp_decay, mirror_pcp_decay, pcp, batch);
	excess = pcp->count - pcp->high;
	raw_spin_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	for (; excess > 0; excess -= batch)
		drain_some(zone, pcp, min(excess, batch));
}

static bool pcp_remote(const struct mirror_zone *zone, unsigned int cpu)
{
	return zone->m->cpu_node[cpu] != zone->node->nid;
}

/* Counts an idle tick; returns whether that was the last one. */
static bool count_down(const struct mirror_zone *zone, struct mirror_pcp *pcp,
		       unsigned int cpu)
{
	if (!pcp->expire || !mirror_glance(pcp->count))
		return false;
	if (!MIRROR_DECIDE(zone->m, pcp_remote, pcp_remote, zone, cpu)) {
		pcp->expire = 0;
		return false;
	}
	return !--pcp->expire;
}

/*
 * What a CPU keeps of another node's memory goes back after three idle ticks. Two
 * ticks of one CPU, one of them by hand, must not count from the same number down to
 * less than nothing, so neither interrupts the other.
 */
static void expire(struct mirror_zone *zone, struct mirror_pcp *pcp,
		   unsigned int cpu)
{
	bool due;

	preempt_disable();
	due = count_down(zone, pcp, cpu);
	preempt_enable();
	if (due)
		drain_some(zone, pcp, READ_ONCE(pcp->batch));
}

/**
 * mirror_pcp_tick - the per-CPU lists' part of the statistics tick
 * @m: the mirror
 * @cpu: the CPU it runs on, or one that is offline
 *
 * Call mirror_fold_cpu() first: it arms the expiry of remote lists.
 *
 * Context: Process context, bound to @cpu.
 */
void mirror_pcp_tick(struct mirror *m, unsigned int cpu)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i) {
		struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);

		decay(zone, pcp);
		expire(zone, pcp, cpu);
	}
}
