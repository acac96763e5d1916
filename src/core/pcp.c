// SPDX-License-Identifier: GPL-2.0
/*
 * Per-CPU lists: free blocks at hand, so that most requests need no zone lock.
 *
 *   orders 0 to 3: one list for each mobile type; pageblock order: one list for
 *   movable and one for all else. Larger and in-between orders go to the zone.
 *
 *                 refill: batch, scaled by alloc_factor
 *        zone  ---------------------------------------->  lists  --> request
 *              <----------------------------------------         <-- free
 *                 flush at high: batch or free_count, round robin
 *
 * "high" moves between high_min and high_max: up while refills or flushes show
 * that it is too small, down when the zone runs short, and with every tick.
 *
 * The owner CPU and interrupts on it use a trylock, with preemption off; on
 * failure the request goes to the zone. Drains take the lock for good.
 */
#include "pcp_ops.h"

/* making ---------------------------------------------------------------------- */

/**
 * mirror_pcp_reset - forget a CPU's lists and their history
 * @pcp: the lists; nobody uses them meanwhile
 *
 * batch and high are to be set anew.
 *
 * Context: Any.
 */
void mirror_pcp_reset(struct mirror_pcp *pcp)
{
	unsigned int i;

	pcp->count = 0;
	pcp->high = 0;
	pcp->high_min = 0;
	pcp->high_max = 0;
	pcp->batch = 1;
	pcp->free_count = 0;
	pcp->flags &= MIRROR_PCPF_FREE_HIGH_BATCH;
	pcp->alloc_factor = 0;
	pcp->expire = 0;
	for (i = 0; i < MIRROR_NR_PCP_LISTS; i++)
		mirror_list_init(&pcp->lists[i]);
}

/**
 * mirror_pcp_init_zone - allocate and empty a zone's per-CPU lists
 * @zone: a populated zone
 *
 * Context: Process context; may sleep.
 * Return: 0 or -ENOMEM.
 */
int mirror_pcp_init_zone(struct mirror_zone *zone)
{
	unsigned int cpu;

	zone->pcp = alloc_percpu(struct mirror_pcp);
	if (!zone->pcp)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);

		raw_spin_lock_init(&pcp->lock);
		mirror_pcp_reset(pcp);
	}
	return 0;
}

/**
 * mirror_free_pcp_settle - end mirror_free_pcp() where a flush or a larger high is due
 * @zone: the zone
 * @pcp: the lists, locked; unlocked here
 * @list: the list that the block went to
 * @free_high: from mirror_pcp_free_high()
 * @flags: of mirror_host_pcp_enter()
 *
 * Context: Any.
 * Return: 0.
 */
noinline int mirror_free_pcp_settle(struct mirror_zone *zone,
				    struct mirror_pcp *pcp,
				    struct mirror_list *list, bool free_high,
				    unsigned long flags)
{
	mirror_pcp_settle(zone, pcp, list - pcp->lists, READ_ONCE(pcp->batch), free_high);
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	return 0;
}

/**
 * mirror_free_pcp_by_policy - mirror_free_pcp() where a policy may have its say
 * @zone: the zone
 * @idx: its head, no longer referenced
 * @order: one that mirror_pcp_order() accepts
 * @mt: mobile type whose list it goes to
 *
 * Context: Any.
 * Return: as mirror_free_pcp().
 */
noinline int mirror_free_pcp_by_policy(struct mirror_zone *zone, u32 idx,
				       unsigned int order, int mt)
{
	return mirror_free_pcp_as(zone, idx, order, mt, true);
}

/**
 * mirror_free_pcp_begin - take hold of this CPU's lists to free many pages
 * @zone: the zone
 * @pcp: the lists
 * @flags: for mirror_free_pcp_end()
 *
 * Context: Any. On success preemption is off until the end.
 * Return: false where the lists are being used already.
 */
bool mirror_free_pcp_begin(struct mirror_zone *zone, struct mirror_pcp **pcp,
			   unsigned long *flags)
{
	mirror_host_pcp_enter(*flags);
	*pcp = this_cpu_ptr(zone->pcp);
	if (likely(mirror_host_pcp_trylock(&(*pcp)->lock)))
		return true;
	mirror_host_pcp_exit(*flags);
	return false;
}

/**
 * mirror_free_pcp_end - let the lists go
 * @pcp: from mirror_free_pcp_begin()
 * @flags: likewise
 *
 * Context: after mirror_free_pcp_begin().
 */
void mirror_free_pcp_end(struct mirror_pcp *pcp, unsigned long flags)
{
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
}

/* taking ------------------------------------------------------------------ */

static struct mirror_page *
take_one(struct mirror_zone *zone, struct mirror_pcp *pcp, unsigned int order,
	 int mt, unsigned int alloc_flags)
{
	struct mirror_list *list =
		mirror_list_here(&pcp->lists[mirror_pcp_index(mt, order)]);
	struct mirror_page *page;

	if (unlikely(mirror_list_empty(list))) {
		mirror_pcp_refill(zone, pcp, list, order, mt, alloc_flags);
		if (unlikely(mirror_list_empty(list)))
			return NULL;
	}
	if (likely(mirror_pcp_take(zone, pcp, list, order, &page)))
		return page;
	mirror_pcp_damaged(zone, list->first, order);
	return NULL;
}

/**
 * mirror_take_hot_damaged - end mirror_take_hot() where the list is damaged
 * @zone: the zone
 * @pcp: the lists, locked; unlocked here
 * @list: the damaged one
 * @order: of its blocks
 * @flags: of mirror_host_pcp_enter()
 *
 * Context: Any.
 * Return: false, with the mirror out of service.
 */
noinline bool mirror_take_hot_damaged(struct mirror_zone *zone,
				      struct mirror_pcp *pcp,
				      struct mirror_list *list,
				      unsigned int order, unsigned long flags)
{
	mirror_pcp_damaged(zone, list->first, order);
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	return false;
}

/**
 * mirror_rmqueue_pcp - take a block from this CPU's lists
 * @zone: the zone
 * @order: one that mirror_pcp_order() accepts
 * @mt: of the request
 * @alloc_flags: for the refill
 *
 * Context: Any.
 * Return: the head in state USED, without references, or NULL where the lists
 * are being used already, or stay empty after a refill.
 */
struct mirror_page *
mirror_rmqueue_pcp(struct mirror_zone *zone, unsigned int order, int mt,
		   unsigned int alloc_flags)
{
	struct mirror_page *page = NULL;
	struct mirror_pcp *pcp;
	unsigned long flags;

	mirror_host_pcp_enter(flags);
	pcp = this_cpu_ptr(zone->pcp);
	if (likely(mirror_host_pcp_trylock(&pcp->lock))) {
		pcp->free_count >>= 1;
		page = take_one(zone, pcp, order, mt, alloc_flags);
		mirror_host_pcp_unlock(&pcp->lock);
	}
	mirror_host_pcp_exit(flags);
	return page;
}

/*
 * Takes single pages from a list that is not empty, one for each element up to the
 * first that is not NULL. The list itself is set right once, at the end.
 */
static unsigned int take_run(struct mirror_zone *zone, struct mirror_pcp *pcp,
			     struct mirror_list *list, u32 gfp, unsigned int nr,
			     struct mirror_page **taken)
{
	const u32 listed = mirror_zone_head(zone, MIRROR_PAGE_PCP, 0);
	const u32 used = mirror_zone_head(zone, MIRROR_PAGE_USED, 0) |
			 mirror_prep_flags(0, gfp, 0);
	const u32 nr_desc = zone->nr_desc;
	struct mirror_page *pages = zone->pages;
	u32 idx = list->first, prev = MIRROR_NIL;
	unsigned int i;

	for (i = 0; i < nr && idx < nr_desc && !taken[i]; i++) {
		struct mirror_page *page = &pages[idx];

		if (unlikely(!mirror_pcp_is_listed(page, listed) || page->prev != prev)) {
			mirror_pcp_damaged(zone, idx, 0);
			break;
		}
		prev = idx;
		idx = page->next;
		WRITE_ONCE(page->flags, used);
		mirror_hand_out(page);
		taken[i] = page;
	}
	if (idx == MIRROR_NIL && list->last == prev)
		list->last = MIRROR_NIL;
	else if (idx < nr_desc && pages[idx].prev == prev)
		pages[idx].prev = MIRROR_NIL;
	else
		mirror_pcp_damaged(zone, idx, 0);
	WRITE_ONCE(list->first, idx);
	list->nr -= i;
	pcp->count -= i;
	return i;
}

/**
 * mirror_rmqueue_pcp_bulk - take order-0 pages under one hold of the lock
 * @zone: the zone
 * @mt: of the request
 * @alloc_flags: for refills
 * @gfp: of the request
 * @nr: length of @pages
 * @pages: NULL elements are filled, others left alone
 *
 * Context: Any.
 * Return: how many pages were taken. They are in state USED, each with one
 * reference.
 */
unsigned int mirror_rmqueue_pcp_bulk(struct mirror_zone *zone, int mt,
				     unsigned int alloc_flags, u32 gfp,
				     unsigned int nr, struct mirror_page **pages)
{
	unsigned int i = 0, run, taken = 0;
	struct mirror_list *list;
	struct mirror_pcp *pcp;
	unsigned long flags;

	mirror_host_pcp_enter(flags);
	pcp = this_cpu_ptr(zone->pcp);
	if (!mirror_host_pcp_trylock(&pcp->lock))
		goto out;
	list = &pcp->lists[mirror_pcp_index(mt, 0)];
	while (i < nr) {
		if (pages[i]) {
			i++;
			continue;
		}
		if (mirror_list_empty(list))
			mirror_pcp_refill(zone, pcp, list, 0, mt, alloc_flags);
		if (mirror_list_empty(list))
			break;
		run = take_run(zone, pcp, list, gfp, nr - i, pages + i);
		if (unlikely(!run))
			break;
		i += run;
		taken += run;
	}
	mirror_host_pcp_unlock(&pcp->lock);
out:
	mirror_host_pcp_exit(flags);
	return taken;
}

/**
 * mirror_pcp_count - pages on per-CPU lists
 * @m: the mirror
 *
 * Context: Any; a moving target unless the mirror is quiet.
 * Return: pages.
 */
unsigned long mirror_pcp_count(const struct mirror *m)
{
	unsigned long nr = 0;
	struct mirror_zone *zone;
	unsigned int i, cpu;

	mirror_for_each_populated_zone(m, zone, i)
		for_each_possible_cpu(cpu)
			nr += mirror_glance(per_cpu_ptr(zone->pcp, cpu)->count);
	return nr;
}
