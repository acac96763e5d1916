// SPDX-License-Identifier: GPL-2.0
/*
 * The slow path, stage by stage:
 *
 *   exact flags       the min mark, and the reserves that gfp permits
 *   retry             urgent requests on all nodes, MEMALLOC without watermarks
 *     compaction      not there yet; for an order above 0 the per-CPU lists are drained
 *     another round   while a zone has enough by exact counts, or gives up a pageblock of
 *                     the high-order atomic reserve
 *   out of memory     one attempt at the high mark; no OOM killer yet, where the reference
 *                     would kill the per-CPU lists are drained
 *
 * There is no reclaim either, so each round is one without progress.
 */
#include "slowpath.h"

/* Rounds without progress; as MAX_RECLAIM_RETRIES of the reference. */
#define MAX_ROUNDS	16

/**
 * struct slowpath - a request on its way
 * @m: the mirror
 * @gfp: of the request
 * @order: of the request
 * @alloc_flags: MIRROR_ALLOC_*, which change from stage to stage
 * @rounds: without progress so far
 * @unreserved: pageblocks that were taken from the high-order atomic reserve
 * @ac: where the request may look
 */
struct slowpath {
	struct mirror *m;
	u32 gfp;
	unsigned int order;
	unsigned int alloc_flags;
	unsigned int rounds;
	u32 unreserved;
	struct mirror_alloc_context *ac;
};

static bool ignores_watermarks(u32 gfp)
{
	return gfp & __MIRROR_GFP_MEMALLOC && !(gfp & __MIRROR_GFP_NOMEMALLOC);
}

static bool is_costly(const struct slowpath *s)
{
	return s->order > MIRROR_PCP_COSTLY_ORDER;
}

/* One round of reclaim and compaction is enough for these. */
static bool tries_once(const struct slowpath *s)
{
	return s->gfp & __MIRROR_GFP_NORETRY ||
	       (is_costly(s) && !(s->gfp & __MIRROR_GFP_RETRY_MAYFAIL));
}

/* Would the OOM killer kill for it? Not for a zone that it cannot free on purpose. */
static bool worth_a_kill(const struct slowpath *s)
{
	return !is_costly(s) &&
	       !(s->gfp & (__MIRROR_GFP_RETRY_MAYFAIL | __MIRROR_GFP_THISNODE)) &&
	       s->ac->highest_zoneidx >= MIRROR_ZONE_NORMAL;
}

static struct mirror_page *attempt(const struct slowpath *s, unsigned int alloc_flags)
{
	return mirror_get_page_from_freelist(s->m, s->gfp, s->order, alloc_flags, s->ac);
}

static void wake_kswapds(const struct slowpath *s)
{
	if (s->alloc_flags & MIRROR_ALLOC_KSWAPD)
		mirror_wake_kswapds(s->ac);
}

/*
 * Others may reserve as fast as this gives up, so it ends after as many pageblocks as
 * the mirror has.
 */
static bool unreserve(struct slowpath *s)
{
	return s->unreserved++ <= s->m->nr_desc >> s->m->pb_order &&
	       mirror_unreserve_highatomic(s->m, s->ac, true);
}

static bool another_round(struct slowpath *s)
{
	bool hopeful = ++s->rounds <= MAX_ROUNDS &&
		       mirror_zones_should_do(s->ac, s->order, s->alloc_flags);

	mirror_host_relax();
	if (!hopeful && !unreserve(s))
		return false;
	wake_kswapds(s);
	return true;
}

/* Pages on the lists of idle CPUs merge in the zone, or become of use to other types. */
static struct mirror_page *drain_and_attempt(const struct slowpath *s)
{
	mirror_drain_all(s->m);
	return attempt(s, s->alloc_flags);
}

/* The high mark is for the case that somebody has freed much in the meantime. */
static struct mirror_page *out_of_memory(const struct slowpath *s)
{
	struct mirror_page *page = attempt(s, MIRROR_ALLOC_WMARK_HIGH);

	if (page || !worth_a_kill(s))
		return page;
	page = drain_and_attempt(s);
	if (!page && s->gfp & __MIRROR_GFP_NOFAIL)
		page = attempt(s, MIRROR_ALLOC_NO_WATERMARKS);
	return page;
}

static struct mirror_page *retry(struct slowpath *s)
{
	struct mirror_page *page;

	do {
		page = attempt(s, s->alloc_flags);
		if (page || !mirror_gfp_may_wait(s->gfp))
			return page;
		if (s->order) {
			page = drain_and_attempt(s);
			if (page)
				return page;
		}
		if (tries_once(s))
			return NULL;
	} while (another_round(s));
	return out_of_memory(s);
}

/**
 * mirror_alloc_slow - the slow path
 * @m: the mirror
 * @gfp: MIRROR_GFP_*
 * @order: of the request
 * @ac: from mirror_prepare_alloc(); urgent requests lose its nodemask
 *
 * Linux: __alloc_pages_slowpath(). One thing is different: __MIRROR_GFP_NOFAIL gets what
 * it is due of the reserves and then fails, as nobody makes progress that it could wait
 * for.
 *
 * Context: that of the request; may sleep with __MIRROR_GFP_DIRECT_RECLAIM.
 * Return: the head in state USED with one reference, or NULL.
 */
struct mirror_page *mirror_alloc_slow(struct mirror *m, u32 gfp, unsigned int order,
				      struct mirror_alloc_context *ac)
{
	struct slowpath s = {
		.m = m, .gfp = gfp, .order = order, .ac = ac,
		.alloc_flags = mirror_gfp_to_alloc_flags(gfp, order, ac->migratetype),
	};
	struct mirror_page *page;

	/* On the nodes that were asked for: a nodemask that is dropped below wakes no more. */
	wake_kswapds(&s);
	page = attempt(&s, s.alloc_flags);
	if (page)
		return page;
	if (ignores_watermarks(gfp))
		s.alloc_flags = MIRROR_ALLOC_NO_WATERMARKS |
				(s.alloc_flags & (MIRROR_ALLOC_KSWAPD | MIRROR_ALLOC_CMA));
	mirror_drop_nodemask(m, gfp, ac);
	page = retry(&s);
	if (!page && gfp & __MIRROR_GFP_NOFAIL && mirror_gfp_may_wait(gfp))
		page = attempt(&s, MIRROR_ALLOC_MIN_RESERVE);
	return page;
}
