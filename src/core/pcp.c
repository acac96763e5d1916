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
#include "internal.h"

/* list geometry --------------------------------------------------------- */

/**
 * mirror_pcp_order - do blocks of this order pass through the per-CPU lists?
 * @zone: the zone
 * @order: of the block
 *
 * Context: Any.
 * Return: true where they do.
 */
__mirror_inline bool mirror_pcp_order(const struct mirror_zone *zone, unsigned int order)
{
	return order <= MIRROR_PCP_COSTLY_ORDER ||
	       order == zone->pb_order;
}

/**
 * mirror_pcp_index - list for blocks of a type and order
 * @mt: one of the mobile types
 * @order: one that mirror_pcp_order() accepts
 *
 * Context: Any.
 * Return: index into mirror_pcp.lists.
 */
__mirror_inline unsigned int mirror_pcp_index(int mt, unsigned int order)
{
	if (order > MIRROR_PCP_COSTLY_ORDER)
		return MIRROR_PCP_LOW_LISTS + (mt == MIRROR_MIGRATE_MOVABLE);
	return MIRROR_PCP_TYPES * order + mt;
}

/**
 * mirror_pcp_index_order - order of the blocks on a list
 * @zone: the zone
 * @pindex: index into mirror_pcp.lists
 *
 * Context: Any.
 * Return: the order.
 */
unsigned int mirror_pcp_index_order(const struct mirror_zone *zone, int pindex)
{
	if (pindex >= MIRROR_PCP_LOW_LISTS)
		return zone->pb_order;
	return pindex / MIRROR_PCP_TYPES;
}

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

/* flushing ---------------------------------------------------------------- */

static unsigned int next_list(unsigned int pindex)
{
	return pindex + 1 < MIRROR_NR_PCP_LISTS ? pindex + 1 : 0;
}

static noinline void damaged_list(struct mirror_zone *zone, u32 idx,
				  unsigned int order)
{
	const struct mirror_page *page = idx < zone->nr_desc ? &zone->pages[idx] : NULL;

	mirror_broken(zone->m,
		      "node %d zone %d: entry %u of a per-CPU list of order %u is not what was put there: flags %#x refs %d",
		      zone->node->nid, zone->type, idx, order,
		      page ? page->flags : 0, page ? atomic_read(&page->refs) : 0);
}

/* Is the entry of a list still what was put there? */
static __mirror_inline bool is_listed(const struct mirror_page *page, u32 flags)
{
	return mirror_page_flags(page) == flags && !atomic_read(&page->refs);
}

/* The coldest block of a list goes first. */
static bool flush_one(struct mirror_zone *zone, struct mirror_pcp *pcp,
		      struct mirror_list *list, unsigned int order)
{
	const u32 flags = mirror_zone_head(zone, MIRROR_PAGE_PCP, order);
	u32 idx = list->last;

	if (unlikely(!is_listed(&zone->pages[idx], flags) ||
		     !mirror_list_del(zone->pages, list, idx, zone->nr_desc))) {
		damaged_list(zone, idx, order);
		return false;
	}
	pcp->count -= 1 << order;
	mirror_free_to_buddy(zone, idx, order,
			     mirror_pageblock_type(zone->m, idx), false);
	return true;
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
	raw_spin_lock_irqsave(&zone->lock, flags);
	while (count > 0) {
		struct mirror_list *list = &pcp->lists[pindex];
		unsigned int order = mirror_pcp_index_order(zone, pindex);

		while (count > 0 && !mirror_list_empty(list)) {
			if (!flush_one(zone, pcp, list, order))
				goto out;
			count -= 1 << order;
		}
		pindex = MIRROR_DECIDE(zone->m, pcp_next, next_list, pindex);
	}
out:
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

static int free_count_to_drop(const struct mirror_pcp *pcp, int batch)
{
	return max_t(int, pcp->free_count, batch);
}

/* How many pages the lists may hold, tuning pcp->high on the way. */
static int pcp_high(struct mirror_pcp *pcp, const struct mirror_zone *zone,
		    int batch, bool free_high)
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

/* How many pages to flush: more, the longer nothing but frees came. */
static int pcp_nr_free(const struct mirror_pcp *pcp, int batch, int high,
		       bool free_high)
{
	if (unlikely(free_high))
		return min(pcp->count, batch << MIRROR_PCP_BATCH_SCALE);
	if (unlikely(high < batch))
		return 1;
	return clamp_t(int, pcp->free_count, batch, high - batch);
}

/* A run of freed high orders: they do more good in the zone, merged. */
static bool pcp_free_high(const struct mirror_pcp *pcp, int batch)
{
	return pcp->free_count >= batch &&
	       pcp->flags & MIRROR_PCPF_PREV_FREE_HIGH_ORDER &&
	       (!(pcp->flags & MIRROR_PCPF_FREE_HIGH_BATCH) ||
		pcp->count >= batch);
}

static bool decide_free_high(const struct mirror_zone *zone,
			     const struct mirror_pcp *pcp, int batch)
{
	return MIRROR_DECIDE(zone->m, pcp_free_high, pcp_free_high, pcp, batch);
}

static noinline void flush_to_high(struct mirror_zone *zone,
				   struct mirror_pcp *pcp, unsigned int pindex,
				   int batch, int high, bool free_high)
{
	int nr = MIRROR_DECIDE(zone->m, pcp_nr_free, pcp_nr_free, pcp, batch,
			       high, free_high);

	flush(zone, pcp, mirror_host_hold(nr), pindex);
	if (test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags) &&
	    mirror_watermark_ok_now(zone, 0,
				    mirror_zone_wmark(zone, MIRROR_WMARK_HIGH),
				    MIRROR_ZONE_MOVABLE, 0))
		clear_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
}

/* What a block that came in may bring about: a larger high, or a flush. */
static noinline void settle(struct mirror_zone *zone, struct mirror_pcp *pcp,
			    unsigned int pindex, int batch, bool free_high)
{
	int high = MIRROR_DECIDE(zone->m, pcp_high, pcp_high, pcp, zone, batch,
				 free_high);

	if (pcp->count >= high)
		flush_to_high(zone, pcp, pindex, batch, high, free_high);
}

/* Would settle() change nothing? Where it is not certain, the answer is no. */
static __mirror_inline bool is_settled(const struct mirror_zone *zone,
				       const struct mirror_pcp *pcp,
				       bool free_high)
{
	int high = pcp->high;

	return pcp->count < high && mirror_glance(high >= pcp->high_min) &&
	       mirror_glance(high <= pcp->high_max) && !free_high &&
	       !(READ_ONCE(zone->flags) & (BIT(MIRROR_ZONE_RECLAIM_ACTIVE) |
					   BIT(MIRROR_ZONE_BELOW_HIGH)));
}

/*
 * Puts a block on a list; the lists are locked. Returns whether settle() is due,
 * with @free_high for it. With @policy there may be one of somebody's own, which is
 * asked whatever it is about.
 */
static __mirror_inline bool put_on_list(struct mirror_zone *zone,
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
		*free_high = policy ? decide_free_high(zone, pcp, batch) :
				      pcp_free_high(pcp, batch);
		pcp->flags |= MIRROR_PCPF_PREV_FREE_HIGH_ORDER;
	} else {
		pcp->flags &= ~MIRROR_PCPF_PREV_FREE_HIGH_ORDER;
	}
	if (pcp->free_count < batch << MIRROR_PCP_BATCH_SCALE)
		pcp->free_count += nr;
	return policy || unlikely(!is_settled(zone, pcp, *free_high));
}

/* Ends mirror_free_pcp() where there is more to do than to put the block away. */
static noinline int settle_and_leave(struct mirror_zone *zone,
				     struct mirror_pcp *pcp,
				     struct mirror_list *list, bool free_high,
				     unsigned long flags)
{
	settle(zone, pcp, list - pcp->lists, READ_ONCE(pcp->batch), free_high);
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	return 0;
}

static __mirror_inline int free_pcp(struct mirror_zone *zone, u32 idx,
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
	if (put_on_list(zone, pcp, list, idx, order, policy, &free_high))
		return settle_and_leave(zone, pcp, list, free_high, flags);
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	return 0;
}

static noinline int free_pcp_by_policy(struct mirror_zone *zone, u32 idx,
				       unsigned int order, int mt)
{
	return free_pcp(zone, idx, order, mt, true);
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
__mirror_inline int mirror_free_pcp(struct mirror_zone *zone, u32 idx,
				    unsigned int order, int mt)
{
	if (static_branch_unlikely(&mirror_policy_key))
		return free_pcp_by_policy(zone, idx, order, mt);
	return free_pcp(zone, idx, order, mt, false);
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
 * mirror_free_pcp_next - give a single page back to lists that are held
 * @zone: the zone
 * @pcp: from mirror_free_pcp_begin()
 * @idx: the page, no longer referenced
 * @mt: mobile type whose list it goes to
 *
 * Context: between mirror_free_pcp_begin() and mirror_free_pcp_end().
 */
__mirror_inline void mirror_free_pcp_next(struct mirror_zone *zone,
					  struct mirror_pcp *pcp, u32 idx, int mt)
{
	unsigned int pindex = mirror_pcp_index(mt, 0);
	bool free_high;

	if (put_on_list(zone, pcp, mirror_list_here(&pcp->lists[pindex]), idx, 0,
			static_branch_unlikely(&mirror_policy_key), &free_high))
		settle(zone, pcp, pindex, READ_ONCE(pcp->batch), free_high);
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

/* refilling --------------------------------------------------------------- */

/* How many blocks to fetch; doubles while nothing but order-0 requests come. */
static int pcp_nr_alloc(struct mirror_pcp *pcp, const struct mirror_zone *zone,
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

/* Fetched in list order, so that successive requests get rising addresses. */
static noinline void refill(struct mirror_zone *zone, struct mirror_pcp *pcp,
			    struct mirror_list *list, unsigned int order, int mt,
			    unsigned int alloc_flags)
{
	enum mirror_rmqueue_mode mode = MIRROR_RMQUEUE_NORMAL;
	int nr = MIRROR_DECIDE(zone->m, pcp_nr_alloc, pcp_nr_alloc, pcp, zone,
			       order);
	unsigned long flags;

	nr = mirror_host_hold(nr);
	raw_spin_lock_irqsave(&zone->lock, flags);
	while (nr-- > 0) {
		struct mirror_page *page;

		page = mirror_rmqueue_locked(zone, order, mt, alloc_flags, &mode);
		if (unlikely(!page))
			break;
		WRITE_ONCE(page->flags,
			   mirror_zone_head(zone, MIRROR_PAGE_PCP, order));
		mirror_list_add_tail(zone->pages, list,
				     mirror_zone_idx(zone, page));
		pcp->count += 1 << order;
	}
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

/* Takes the hottest block of a list that is not empty; false where it is damaged. */
static __mirror_inline bool take_first(struct mirror_zone *zone,
				       struct mirror_pcp *pcp,
				       struct mirror_list *list,
				       unsigned int order, struct mirror_page **taken)
{
	const u32 flags = mirror_zone_head(zone, MIRROR_PAGE_PCP, order);
	struct mirror_page *pages = zone->pages, *page = &pages[list->first];

	*taken = page;
	if (unlikely(!is_listed(page, flags) ||
		     !mirror_list_del_first(pages, list, zone->nr_desc)))
		return false;
	pcp->count -= 1 << order;
	WRITE_ONCE(page->flags, flags - MIRROR_PAGE_PCP + MIRROR_PAGE_USED);
	return true;
}

static __mirror_inline struct mirror_page *
take_one(struct mirror_zone *zone, struct mirror_pcp *pcp, unsigned int order,
	 int mt, unsigned int alloc_flags)
{
	struct mirror_list *list =
		mirror_list_here(&pcp->lists[mirror_pcp_index(mt, order)]);
	struct mirror_page *page;

	if (unlikely(mirror_list_empty(list))) {
		refill(zone, pcp, list, order, mt, alloc_flags);
		if (unlikely(mirror_list_empty(list)))
			return NULL;
	}
	if (likely(take_first(zone, pcp, list, order, &page)))
		return page;
	damaged_list(zone, list->first, order);
	return NULL;
}

/* Ends mirror_take_hot() where the list is damaged. */
static noinline bool damaged_and_leave(struct mirror_zone *zone,
				       struct mirror_pcp *pcp,
				       struct mirror_list *list,
				       unsigned int order, unsigned long flags)
{
	damaged_list(zone, list->first, order);
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	return false;
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
__mirror_inline bool mirror_take_hot(struct mirror_zone *zone, unsigned int order,
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
	if (unlikely(!take_first(zone, pcp, list, order, page)))
		return damaged_and_leave(zone, pcp, list, order, flags);
	mirror_host_pcp_unlock(&pcp->lock);
	mirror_host_pcp_exit(flags);
	return true;
unlock:
	mirror_host_pcp_unlock(&pcp->lock);
exit:
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
__mirror_inline struct mirror_page *
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

		if (unlikely(!is_listed(page, listed) || page->prev != prev)) {
			damaged_list(zone, idx, 0);
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
		damaged_list(zone, idx, 0);
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
			refill(zone, pcp, list, 0, mt, alloc_flags);
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

/* An idle CPU's high sinks by an eighth a tick, but not far below its count. */
static int pcp_decay(const struct mirror_pcp *pcp, int batch)
{
	int high_min = READ_ONCE(pcp->high_min);

	if (pcp->high <= high_min)
		return pcp->high;
	return max3(pcp->count - (batch << MIRROR_PCP_BATCH_SCALE),
		    pcp->high - (pcp->high >> 3), high_min);
}

static void decay(struct mirror_zone *zone, struct mirror_pcp *pcp)
{
	int batch = READ_ONCE(pcp->batch);
	unsigned long flags;
	int excess;

	/* A request that interrupts the tick may be tuning high as well. */
	mirror_host_pcp_enter(flags);
	raw_spin_lock(&pcp->lock);
	pcp->high = MIRROR_DECIDE(zone->m, pcp_decay, pcp_decay, pcp, batch);
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
