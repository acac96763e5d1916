/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU lists, in line: a block from the list of its type and order, or back to it. What
 * has more to do than that is in pcp.c and pcp_move.c.
 */
#ifndef _MIRROR_CORE_PCP_OPS_H
#define _MIRROR_CORE_PCP_OPS_H

#include "vmstat_ops.h"

/**
 * mirror_pcp_free_high - were high orders freed in a row?
 * @pcp: the lists, locked
 * @batch: pages that move at a time
 *
 * Such blocks do more good in the zone, where they merge.
 *
 * Context: Any.
 * Return: true where all of the lists are to be flushed for them.
 */
static __mirror_inline bool mirror_pcp_free_high(const struct mirror_pcp *pcp, int batch)
{
	return pcp->free_count >= batch &&
	       pcp->flags & MIRROR_PCPF_PREV_FREE_HIGH_ORDER &&
	       (!(pcp->flags & MIRROR_PCPF_FREE_HIGH_BATCH) ||
		pcp->count >= batch);
}

/**
 * mirror_pcp_is_settled - would mirror_pcp_settle() change nothing?
 * @zone: whose lists
 * @pcp: the lists, locked
 * @free_high: from mirror_pcp_free_high()
 *
 * Context: Any.
 * Return: false where that is not certain.
 */
static __mirror_inline bool mirror_pcp_is_settled(const struct mirror_zone *zone,
						  const struct mirror_pcp *pcp, bool free_high)
{
	int high = pcp->high;

	return pcp->count < high && mirror_glance(high >= pcp->high_min) &&
	       mirror_glance(high <= pcp->high_max) && !free_high &&
	       !(READ_ONCE(zone->flags) & (BIT(MIRROR_ZONE_RECLAIM_ACTIVE) |
					   BIT(MIRROR_ZONE_BELOW_HIGH)));
}

/* freeing ----------------------------------------------------------------- */

static inline bool mirror_decide_free_high(const struct mirror_zone *zone,
					   const struct mirror_pcp *pcp, int batch)
{
	return MIRROR_DECIDE(zone->m, pcp_free_high, mirror_pcp_free_high, pcp, batch);
}

/*
 * Puts a block on a list; the lists are locked. Returns whether mirror_pcp_settle() is due,
 * with @free_high for it. With @policy there may be one of somebody's own, which is
 * asked whatever it is about.
 */
static __mirror_inline bool mirror_pcp_put(struct mirror_zone *zone,
					   struct mirror_pcp *pcp,
					   struct mirror_list *list, u32 idx,
					   unsigned int order, bool policy,
					   bool *free_high)
{
	int nr = 1 << order, batch = READ_ONCE(pcp->batch);
	struct mirror_page *pages = zone->pages;

	pcp->alloc_factor >>= 1;
	mirror_count_pages(zone, MIRROR_ZONE_PGFREE, nr);
	WRITE_ONCE(pages[idx].flags,
		   mirror_zone_head(zone, MIRROR_PAGE_PCP, order));
	mirror_list_add(pages, list, idx);
	pcp->count += nr;
	*free_high = false;
	if (order && order <= MIRROR_PCP_COSTLY_ORDER) {
		*free_high = policy ? mirror_decide_free_high(zone, pcp, batch) :
				      mirror_pcp_free_high(pcp, batch);
		pcp->flags |= MIRROR_PCPF_PREV_FREE_HIGH_ORDER;
	} else {
		pcp->flags &= ~MIRROR_PCPF_PREV_FREE_HIGH_ORDER;
	}
	if (pcp->free_count < batch << MIRROR_PCP_BATCH_SCALE)
		pcp->free_count += nr;
	return policy || unlikely(!mirror_pcp_is_settled(zone, pcp, *free_high));
}

static __mirror_inline int mirror_free_pcp_as(struct mirror_zone *zone, u32 idx,
					      unsigned int order, int mt, bool policy)
{
	struct mirror_list *list;
	struct mirror_pcp *pcp;
	unsigned long flags;
	bool free_high;

	mirror_host_pcp_enter(flags);
	pcp = this_cpu_ptr(zone->pcp);
	if (unlikely(!mirror_host_pcp_trylock(&pcp->lock))) {
		mirror_host_pcp_exit(flags);
		return -EBUSY;
	}
	list = mirror_list_here(&pcp->lists[mirror_pcp_index(mt, order)]);
	if (mirror_pcp_put(zone, pcp, list, idx, order, policy, &free_high))
		return mirror_free_pcp_settle(zone, pcp, list, free_high, flags);
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	return 0;
}

/**
 * mirror_free_pcp - give a block back to this CPU's lists
 * @zone: the zone
 * @idx: its head, no longer referenced
 * @order: one that mirror_pcp_order() accepts
 * @mt: mobile type whose list it goes to
 *
 * Context: Any.
 * Return: 0, or -EBUSY where the lists are being used already; the block is still
 * the caller's then.
 */
static __mirror_inline int mirror_free_pcp(struct mirror_zone *zone, u32 idx,
					   unsigned int order, int mt)
{
	if (static_branch_unlikely(&mirror_policy_key))
		return mirror_free_pcp_by_policy(zone, idx, order, mt);
	return mirror_free_pcp_as(zone, idx, order, mt, false);
}

/**
 * mirror_free_pcp_next - give a block back to lists that are held
 * @zone: the zone
 * @pcp: from mirror_free_pcp_begin()
 * @idx: its head, no longer referenced
 * @order: one that mirror_pcp_order() accepts
 * @mt: mobile type whose list it goes to
 *
 * Context: between mirror_free_pcp_begin() and mirror_free_pcp_end().
 */
static __mirror_inline void mirror_free_pcp_next(struct mirror_zone *zone,
						 struct mirror_pcp *pcp, u32 idx,
						 unsigned int order, int mt)
{
	unsigned int pindex = mirror_pcp_index(mt, order);
	bool free_high;

	if (mirror_pcp_put(zone, pcp, mirror_list_here(&pcp->lists[pindex]), idx, order,
			   static_branch_unlikely(&mirror_policy_key), &free_high))
		mirror_pcp_settle(zone, pcp, pindex, READ_ONCE(pcp->batch), free_high);
}

/* Takes the hottest block of a list that is not empty; false where it is damaged. */
static __mirror_inline bool mirror_pcp_take(struct mirror_zone *zone,
					    struct mirror_pcp *pcp,
					    struct mirror_list *list,
					    unsigned int order, struct mirror_page **taken)
{
	const u32 flags = mirror_zone_head(zone, MIRROR_PAGE_PCP, order);
	struct mirror_page *pages = zone->pages, *page = &pages[list->first];

	*taken = page;
	if (unlikely(!mirror_pcp_is_listed(page, flags) ||
		     !mirror_list_del_first(pages, list, zone->nr_desc)))
		return false;
	pcp->count -= 1 << order;
	WRITE_ONCE(page->flags, flags - MIRROR_PAGE_PCP + MIRROR_PAGE_USED);
	return true;
}

/**
 * mirror_take_hot - take a block from this CPU's lists if one is there
 * @zone: the zone
 * @order: one that mirror_pcp_order() accepts
 * @mt: of the request
 * @page: the head in state USED, without references
 *
 * Context: Any.
 * Return: false, with nothing changed, where the list would have to be refilled
 * or the lists are being used already, or with the mirror out of service.
 */
static __mirror_inline bool mirror_take_hot(struct mirror_zone *zone, unsigned int order,
					    int mt, struct mirror_page **page)
{
	struct mirror_list *list;
	struct mirror_pcp *pcp;
	unsigned long flags;

	mirror_host_pcp_enter(flags);
	pcp = this_cpu_ptr(zone->pcp);
	if (unlikely(!mirror_host_pcp_trylock(&pcp->lock)))
		goto exit;
	list = mirror_list_here(&pcp->lists[mirror_pcp_index(mt, order)]);
	if (unlikely(mirror_list_empty(list)))
		goto unlock;
	pcp->free_count >>= 1;
	if (unlikely(!mirror_pcp_take(zone, pcp, list, order, page)))
		return mirror_take_hot_damaged(zone, pcp, list, order, flags);
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	return true;
unlock:
	mirror_host_pcp_unlock(&pcp->lock);
exit:
	mirror_host_pcp_exit(flags);
	return false;
}

#endif /* _MIRROR_CORE_PCP_OPS_H */
