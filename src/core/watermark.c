// SPDX-License-Identifier: GPL-2.0
/*
 * Watermarks: how much of a zone each kind of request may use up.
 *
 *   pages free
 *   high   ----  below it per-CPU lists shrink; kswapd stops here
 *   low    ----  ordinary requests try no further down at first
 *   min    ----  nor any further once they had to wait
 *                  HIGH (atomic): to half, HIGH without waiting: to 3/8 of min
 *   0      ----  MEMALLOC
 *
 * A request that may use a higher zone leaves lowmem_reserve pages in this one on top.
 * What the marks are is computed in watermark_setup.c.
 */
#include "internal.h"

/* checks ------------------------------------------------------------------ */

/* Free pages that this request could not have anyway. */
static long unusable(const struct mirror_zone *zone, unsigned int order,
		     unsigned int alloc_flags)
{
	long nr = (1l << order) - 1;

	if (likely(!(alloc_flags & MIRROR_ALLOC_RESERVES)))
		nr += READ_ONCE(zone->nr_free_highatomic);
	if (!(alloc_flags & MIRROR_ALLOC_CMA))
		nr += mirror_zone_state(zone, MIRROR_NR_FREE_CMA);
	return nr;
}

/* The mark, lowered for requests that may dip into the reserves. */
static long lowered(long min, unsigned int alloc_flags)
{
	long half = min - min / 2;

	if (likely(!(alloc_flags & MIRROR_ALLOC_RESERVES)))
		return min;
	if (alloc_flags & MIRROR_ALLOC_MIN_RESERVE)
		min = alloc_flags & MIRROR_ALLOC_NON_BLOCK ? half - half / 4 : half;
	return alloc_flags & MIRROR_ALLOC_OOM ? min - min / 2 : min;
}

static __mirror_inline bool above_mark(const struct mirror_zone *zone,
				       unsigned int order, unsigned long mark,
				       int highest_zoneidx,
				       unsigned int alloc_flags, long free_pages)
{
	long min = MIRROR_DECIDE(zone->m, watermark_min, lowered, mark,
				 alloc_flags);

	free_pages -= unusable(zone, order, alloc_flags);
	if (free_pages <= min + READ_ONCE(zone->lowmem_reserve[highest_zoneidx]))
		return false;
	return !order || mirror_block_fits(zone, order, alloc_flags);
}

/**
 * mirror_watermark_ok - may a request be served and leave the mark intact?
 * @zone: the zone
 * @order: of the request
 * @mark: in pages
 * @highest_zoneidx: highest zone the request could use
 * @alloc_flags: reserves it may touch
 * @free_pages: free pages of the zone
 *
 * Context: Any; without a lock the answer is a guess, as in the reference.
 * Return: true where it may.
 */
bool mirror_watermark_ok(const struct mirror_zone *zone, unsigned int order,
			 unsigned long mark, int highest_zoneidx,
			 unsigned int alloc_flags, long free_pages)
{
	return above_mark(zone, order, mark, highest_zoneidx, alloc_flags,
			  free_pages);
}

/**
 * mirror_watermark_ok_now - the same with the zone's own free page count
 * @zone: the zone
 * @order: of the request
 * @mark: in pages
 * @highest_zoneidx: highest zone the request could use
 * @alloc_flags: reserves it may touch
 *
 * Context: Any.
 * Return: true where it may.
 */
bool mirror_watermark_ok_now(const struct mirror_zone *zone, unsigned int order,
			     unsigned long mark, int highest_zoneidx,
			     unsigned int alloc_flags)
{
	return mirror_watermark_ok(zone, order, mark, highest_zoneidx,
				   alloc_flags,
				   mirror_zone_state(zone, MIRROR_NR_FREE_PAGES));
}

/**
 * mirror_watermark_ok_safe - the same, certain not to be misled by drift
 * @zone: the zone
 * @order: of the request
 * @mark: in pages
 * @highest_zoneidx: highest zone the request could use
 *
 * Context: Any.
 * Return: true where it may.
 */
bool mirror_watermark_ok_safe(const struct mirror_zone *zone,
			      unsigned int order, unsigned long mark,
			      int highest_zoneidx)
{
	unsigned long nr = mirror_zone_state(zone, MIRROR_NR_FREE_PAGES);

	if (nr < READ_ONCE(zone->percpu_drift_mark))
		nr = mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES);
	return mirror_watermark_ok(zone, order, mark, highest_zoneidx, 0, nr);
}

/* Where the shortcut said no: urgent requests get a second look, without the boost. */
static noinline bool ok_at_order_0(const struct mirror_zone *zone,
				   unsigned long mark, int highest_zoneidx,
				   unsigned int alloc_flags, long nr)
{
	if (mirror_watermark_ok(zone, 0, mark, highest_zoneidx, alloc_flags, nr))
		return true;
	if (alloc_flags & MIRROR_ALLOC_MIN_RESERVE &&
	    READ_ONCE(zone->watermark_boost) &&
	    (alloc_flags & MIRROR_ALLOC_WMARK_MASK) == MIRROR_ALLOC_WMARK_MIN)
		return mirror_watermark_ok(zone, 0,
					   READ_ONCE(zone->watermark[MIRROR_WMARK_MIN]),
					   highest_zoneidx, alloc_flags, nr);
	return false;
}

/**
 * mirror_watermark_fast - the same for the fast path
 * @zone: the zone
 * @order: of the request
 * @mark: in pages
 * @highest_zoneidx: highest zone the request could use
 * @alloc_flags: reserves it may touch
 *
 * A shortcut for order 0, and for urgent order-0 requests a second look without
 * the boost.
 *
 * Context: Any.
 * Return: true where it may.
 */
__mirror_inline bool
mirror_watermark_fast(const struct mirror_zone *zone, unsigned int order,
		      unsigned long mark, int highest_zoneidx,
		      unsigned int alloc_flags)
{
	long nr = mirror_zone_state(zone, MIRROR_NR_FREE_PAGES);

	if (!order) {
		long usable = nr - min(nr, unusable(zone, 0, alloc_flags));

		if (likely(usable > (long)mark +
			   READ_ONCE(zone->lowmem_reserve[highest_zoneidx])))
			return true;
		return ok_at_order_0(zone, mark, highest_zoneidx, alloc_flags, nr);
	}
	return above_mark(zone, order, mark, highest_zoneidx, alloc_flags, nr);
}

/*
 * What a zone would have free if all was reclaimed that can be. The reference counts the
 * free pages as reclaimable where the zone has none on LRU lists (zone_reclaimable_pages()),
 * and a mirror's zones have none. So they count twice.
 */
static unsigned long available(const struct mirror_zone *zone)
{
	return 2 * mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES);
}

/**
 * mirror_zones_should_do - if all was reclaimed, would a zone have enough for a request?
 * @ac: where the request may look
 * @order: of the request
 * @alloc_flags: reserves it may touch
 *
 * With the min mark and exact counts. Slow, as the differences of all CPUs are added up.
 * Linux: the loop of should_reclaim_retry().
 *
 * Context: Any.
 * Return: true where one of its zones has.
 */
bool mirror_zones_should_do(const struct mirror_alloc_context *ac, unsigned int order,
			    unsigned int alloc_flags)
{
	unsigned int i;

	for (i = ac->preferred; i < ac->zonelist->nr; i++) {
		const struct mirror_zoneref *ref = &ac->zonelist->refs[i];
		const struct mirror_zone *zone = ref->zone;

		if (mirror_zoneref_allowed(ref, ac) &&
		    mirror_watermark_ok(zone, order, mirror_zone_wmark(zone, MIRROR_WMARK_MIN),
					ac->highest_zoneidx, alloc_flags,
					available(zone)))
			return true;
	}
	return false;
}

/* boost ------------------------------------------------------------------- */

static unsigned long boost_step(const struct mirror_zone *zone)
{
	return 1ul << zone->pb_order;
}

static unsigned long boost_max(const struct mirror_zone *zone)
{
	unsigned long factor = READ_ONCE(zone->m->tunables.watermark_boost_factor);
	unsigned long most = mult_frac(zone->watermark[MIRROR_WMARK_HIGH],
				       factor, 10000);

	if (!most)
		return 0;
	return max(most, 1ul << zone->pb_order);
}

/**
 * mirror_boost_watermark - raise the marks because types are being mixed
 * @zone: the zone
 *
 * Context: zone->lock held.
 * Return: true where it was raised, and kswapd has reason to run.
 */
bool mirror_boost_watermark(struct mirror_zone *zone)
{
	unsigned long boost, most;

	lockdep_assert_held(&zone->lock);

	if (!READ_ONCE(zone->m->tunables.watermark_boost_factor) ||
	    4ul << zone->pb_order > zone->managed)
		return false;
	most = MIRROR_DECIDE(zone->m, boost_max, boost_max, zone);
	if (!most)
		return false;
	boost = zone->watermark_boost;
	boost += MIRROR_DECIDE(zone->m, boost, boost_step, zone);
	if (boost > most)
		boost = most;
	WRITE_ONCE(zone->watermark_boost, boost);
	return true;
}
