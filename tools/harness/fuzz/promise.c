// SPDX-License-Identifier: GPL-2.0
/*
 * What a request is promised, in terms of pages and marks alone.
 *
 * An allocator that always fails overlaps nothing and loses nothing, so the model
 * also knows when a request has to be served: when the best zone of the node that
 * it asks has so many pages free that no rule is left that could refuse it. And
 * it knows when a zone must not serve it: when it is not one of those that the
 * request named, or has less than the min mark and is asked by nobody urgent.
 *
 * The counters that decide may lag behind; both rules leave room for that.
 */
#include <string.h>
#include "run.h"

/* which zones ------------------------------------------------------------------- */

/**
 * request_highest - the highest zone that a request may have memory of
 * @r: the request
 *
 * Return: enum mirror_zone_type.
 */
int request_highest(const struct request *r)
{
	bool movable = r->gfp & __MIRROR_GFP_MOVABLE;

	if (r->gfp & __MIRROR_GFP_DMA)
		return MIRROR_ZONE_DMA;
	if (r->gfp & __MIRROR_GFP_DMA32)
		return MIRROR_ZONE_DMA32;
	if (!(r->gfp & __MIRROR_GFP_HIGHMEM))
		return MIRROR_ZONE_NORMAL;
	return movable ? MIRROR_ZONE_MOVABLE : MIRROR_ZONE_HIGHMEM;
}

static bool ignores_marks(const struct request *r)
{
	return r->gfp & __MIRROR_GFP_MEMALLOC &&
	       !(r->gfp & __MIRROR_GFP_NOMEMALLOC);
}

static bool waits(const struct request *r)
{
	return r->gfp & __MIRROR_GFP_DIRECT_RECLAIM;
}

static bool urgent(const struct request *r)
{
	return r->gfp & __MIRROR_GFP_HIGH;
}

/* Whom the nodemask does not bind once he failed. */
static bool breaks_nodemask(const struct request *r)
{
	return !r->first_only && (ignores_marks(r) || (urgent(r) && !waits(r)));
}

static bool in_mask(const struct request *r, int nid)
{
	return !r->nodemask || r->nodemask & BIT_ULL(nid);
}

/**
 * request_allows - may this zone serve the request?
 * @r: the request
 * @zone: the zone's id
 *
 * Return: true where it may.
 */
bool request_allows(const struct request *r, unsigned int zone)
{
	int nid = zone / MIRROR_MAX_NR_ZONES, type = zone % MIRROR_MAX_NR_ZONES;

	if (type > request_highest(r))
		return false;
	if (r->gfp & __MIRROR_GFP_THISNODE && nid != r->nid)
		return false;
	return in_mask(r, nid) || breaks_nodemask(r);
}

/**
 * request_possible - is there a zone at all that may serve the request?
 * @run: the run
 * @r: the request
 *
 * The nodemask binds here.
 *
 * Return: true where there is.
 */
bool request_possible(const struct run *run, const struct request *r)
{
	unsigned int zone;

	for (zone = 0; zone < MODEL_MAX_ZONES; zone++)
		if (run->model.zone_pages[zone] && request_allows(r, zone) &&
		    in_mask(r, zone / MIRROR_MAX_NR_ZONES))
			return true;
	return false;
}

/* how much ---------------------------------------------------------------------- */

/*
 * Pages that the zone's counter does not show yet, or still shows, at most. What
 * the CPUs have of it now may cancel out, and no longer do so after a drain.
 */
static long drift(const struct mirror_zone *zone)
{
	unsigned int cpu;
	long nr = 0;

	for_each_possible_cpu(cpu)
		nr += per_cpu_ptr(zone->stat, cpu)->threshold;
	return nr;
}

/*
 * Free in the zone, on no per-CPU list, and of a type that anybody may have. Both
 * counters that decide may drift.
 */
static long plainly_free(const struct run *run, const struct mirror_zone *zone)
{
	return (long)model_zone_free(&run->model, zone->id) -
	       (long)model_zone_pcp(zone) -
	       (long)zone->nr_free_highatomic -
	       (long)mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA) -
	       2 * drift(zone);
}

static bool has_block(const struct mirror_zone *zone, unsigned int order)
{
	int mt;

	for (; order <= zone->max_order; order++)
		for (mt = 0; mt < MIRROR_PCP_TYPES; mt++)
			if (zone->free_area[order].list[mt].nr)
				return true;
	return false;
}

/* How many pages have to stay free for the request to be served for sure. */
static long has_to_stay(const struct mirror_zone *zone, const struct request *r)
{
	long mark;

	if (r->first_only)
		return mirror_zone_wmark(zone, MIRROR_WMARK_LOW) +
		       zone->lowmem_reserve[request_highest(r)];
	if (ignores_marks(r))
		return 0;
	mark = mirror_zone_wmark(zone, MIRROR_WMARK_MIN);
	if (urgent(r))
		mark -= mark / 2;
	/* Who cannot even wait goes deeper. */
	if (urgent(r) && !waits(r) && !(r->gfp & __MIRROR_GFP_NOMEMALLOC))
		mark -= mark / 4;
	return mark + zone->lowmem_reserve[request_highest(r)];
}

/* The zone of the node asked that is tried first; NULL where that has none. */
static const struct mirror_zone *first_zone(const struct run *run,
					    const struct request *r)
{
	int type;

	if (!request_possible(run, r) ||
	    (!in_mask(r, r->nid) && !breaks_nodemask(r)))
		return NULL;
	for (type = request_highest(r); type >= 0; type--) {
		const struct mirror_zone *zone = &run->m->nodes[r->nid]->zones[type];

		if (mirror_zone_populated(zone))
			return zone;
	}
	return NULL;
}

/* What a zone can have free at most when its mark is looked at. */
static unsigned long avail_at_most(const struct run *run,
				   const struct mirror_zone *zone,
				   const struct request *r)
{
	long nr = model_zone_free(&run->model, zone->id) + drift(zone);

	/* Who waits has the per-CPU lists drained. */
	return waits(r) && !r->first_only ? nr : nr - (long)model_zone_pcp(zone);
}

/**
 * promise_make - see what a request can rely on, before it is made
 * @run: the run
 * @r: the request
 * @p: filled in
 */
void promise_make(const struct run *run, const struct request *r,
		  struct promise *p)
{
	const struct mirror_zone *zone = first_zone(run, r);
	unsigned int i;
	long room;

	memset(p, 0, sizeof(*p));
	if (zone) {
		room = plainly_free(run, zone) - ((1l << r->order) - 1);
		p->serve = room > has_to_stay(zone, r) && has_block(zone, r->order);
		p->near = p->serve && in_mask(r, r->nid) &&
			  room > (long)mirror_zone_wmark(zone, MIRROR_WMARK_LOW) +
				 zone->lowmem_reserve[request_highest(r)];
	}
	mirror_for_each_populated_zone(run->m, zone, i)
		p->avail[i] = avail_at_most(run, zone, r);
}

/**
 * promise_keep - was it right that this zone served the request?
 * @run: the run
 * @r: the request
 * @p: from promise_make()
 * @zone: the zone's id
 *
 * The program ends where it was not.
 */
void promise_keep(const struct run *run, const struct request *r,
		  const struct promise *p, unsigned int zone)
{
	const struct mirror_zone *z = mirror_zone_by_id(run->m, zone);
	unsigned long mark;

	if (!request_allows(r, zone))
		fuzz_found("node %u zone %u served a request for node %d, mask %#llx, gfp %#x",
			   zone / MIRROR_MAX_NR_ZONES, zone % MIRROR_MAX_NR_ZONES,
			   r->nid, (unsigned long long)r->nodemask, r->gfp);
	if (p->near && zone / MIRROR_MAX_NR_ZONES != (unsigned int)r->nid)
		fuzz_found("node %u served a request that node %d has enough for",
			   zone / MIRROR_MAX_NR_ZONES, r->nid);
	if (!r->first_only && (urgent(r) || ignores_marks(r)))
		return;
	mark = z->watermark[r->first_only ? MIRROR_WMARK_LOW : MIRROR_WMARK_MIN] +
	       z->lowmem_reserve[request_highest(r)];
	if (p->avail[zone] < mark + (1ul << r->order))
		fuzz_found("node %u zone %u, %lu pages free, served order %u below a mark of %lu",
			   zone / MIRROR_MAX_NR_ZONES, zone % MIRROR_MAX_NR_ZONES,
			   p->avail[zone], r->order, mark);
}
