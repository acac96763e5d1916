// SPDX-License-Identifier: GPL-2.0
/*
 * The slow path, stage by stage:
 *
 *   exact flags       the min mark, and the reserves that gfp and the task permit
 *   compaction        at once for costly and for unmovable blocks
 *   round             wake kswapd; urgent requests on all nodes, MEMALLOC without watermarks
 *     reclaim         costly orders where zones have enough to compact: an attempt, then
 *                     the reserve but for its last pageblock, a drain, another attempt
 *     compaction      not there yet; the per-CPU lists are drained
 *     another round   up to 16 while a zone would have enough if all was reclaimed, then
 *                     while one gives up a pageblock of the high-order atomic reserve
 *   out of memory     one attempt at the high mark; no OOM killer yet, where the reference
 *                     would kill the per-CPU lists are drained, and all rounds begin again
 *   no page           __MIRROR_GFP_NOFAIL has half of the reserves
 *
 * Nothing is reclaimed, so a round makes progress only in that compaction could begin.
 */
#include "slowpath.h"

/* Rounds without progress; as MAX_RECLAIM_RETRIES of the reference. */
#define MAX_ROUNDS	16

/**
 * struct slowpath - a request on its way
 * @m: the mirror
 * @gfp: of the request, in the scope of its task
 * @order: of the request
 * @task: MIRROR_TASK_* of who asks
 * @alloc_flags: MIRROR_ALLOC_*, which change from stage to stage
 * @rounds: without progress so far
 * @waits: for others who were out of memory
 * @unreserved: pageblocks that were taken from the high-order atomic reserve
 * @killed: the reference would have killed a process for it; once is enough here
 * @ac: where the request may look
 */
struct slowpath {
	struct mirror *m;
	u32 gfp;
	unsigned int order;
	unsigned int task;
	unsigned int alloc_flags;
	unsigned int rounds;
	unsigned int waits;
	u32 unreserved;
	bool killed;
	struct mirror_alloc_context *ac;
};

static bool is_costly(const struct slowpath *s)
{
	return s->order > MIRROR_PCP_COSTLY_ORDER;
}

/* Moving pages may write them: not for those who must not wait for I/O. */
static bool may_compact(const struct slowpath *s)
{
	return s->order && s->gfp & __MIRROR_GFP_IO;
}

/* One round of reclaim and compaction is enough for these. */
static bool tries_once(const struct slowpath *s)
{
	if (s->gfp & __MIRROR_GFP_NORETRY)
		return true;
	return is_costly(s) && !(may_compact(s) && s->gfp & __MIRROR_GFP_RETRY_MAYFAIL);
}

/* Would the OOM killer kill for it? Not for a zone that it cannot free on purpose. */
static bool worth_a_kill(const struct slowpath *s)
{
	return !s->killed && !is_costly(s) && !(s->task & MIRROR_TASK_DUMPCORE) &&
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
		mirror_wake_kswapds(s->ac, s->gfp, s->order);
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

/* Linux: should_reclaim_retry(). */
static bool another_round(struct slowpath *s)
{
	bool hopeful;

	if (++s->rounds > MAX_ROUNDS)
		return unreserve(s);
	hopeful = mirror_zones_should_do(s->ac, s->order, s->alloc_flags);
	mirror_host_let_others();
	return hopeful || unreserve(s);
}

/* Pages on the lists of idle CPUs merge in the zone, or become of use to other types. */
static struct mirror_page *drain_and_attempt(const struct slowpath *s)
{
	mirror_drain_all(s->m);
	return attempt(s, s->alloc_flags);
}

static struct mirror_page *compact(const struct slowpath *s)
{
	return may_compact(s) ? drain_and_attempt(s) : NULL;
}

/* Linux: __alloc_pages_direct_reclaim(), where reclaim leaves zones to compaction. */
static struct mirror_page *reclaim(const struct slowpath *s)
{
	struct mirror_page *page;

	if (!is_costly(s) || !may_compact(s) || !mirror_compaction_ready(s->ac, s->order))
		return NULL;
	page = attempt(s, s->alloc_flags);
	if (page)
		return page;
	mirror_unreserve_highatomic(s->m, s->ac, false);
	return drain_and_attempt(s);
}

/*
 * The high mark is for the case that somebody has freed much in the meantime. It goes
 * without CMA and without kswapd, as the reference's does.
 */
static struct mirror_page *last_attempt(struct slowpath *s, bool *progress)
{
	struct mirror_page *page;

	page = mirror_get_page_from_freelist(s->m, s->gfp & ~__MIRROR_GFP_DIRECT_RECLAIM,
					     s->order, MIRROR_ALLOC_WMARK_HIGH, s->ac);
	if (page || !worth_a_kill(s))
		return page;
	mirror_drain_all(s->m);
	s->killed = true;
	*progress = true;
	return s->gfp & __MIRROR_GFP_NOFAIL ? attempt(s, MIRROR_ALLOC_NO_WATERMARKS) : NULL;
}

/*
 * One at a time. Who finds another here has hope that it makes progress for both; but not
 * for ever, as others may come all the time.
 *
 * Linux: __alloc_pages_may_oom().
 */
static struct mirror_page *out_of_memory(struct slowpath *s, bool *progress)
{
	struct mirror_page *page;
	bool mine = !test_and_set_bit(0, &s->m->oom);

	*progress = false;
	if (!mine && s->waits++ < MAX_ROUNDS) {
		mirror_host_pause();
		*progress = true;
		return NULL;
	}
	page = last_attempt(s, progress);
	if (mine)
		clear_bit(0, &s->m->oom);
	return page;
}

/* A victim had its share of the reserves; it is to exit and not to wait. */
static bool gives_up_as_victim(const struct slowpath *s)
{
	return s->task & MIRROR_TASK_VICTIM &&
	       (s->alloc_flags & MIRROR_ALLOC_OOM || s->gfp & __MIRROR_GFP_NOMEMALLOC);
}

/* What a round begins with; the nodes that are woken are those that were asked for. */
static struct mirror_page *begin_round(struct slowpath *s)
{
	unsigned int reserve = mirror_reserve_flags(s->gfp, s->task);

	wake_kswapds(s);
	if (reserve)
		s->alloc_flags = reserve |
				 (s->alloc_flags & (MIRROR_ALLOC_KSWAPD | MIRROR_ALLOC_CMA));
	mirror_drop_nodemask(s->m, reserve ? s->gfp | __MIRROR_GFP_MEMALLOC : s->gfp, s->ac);
	return attempt(s, s->alloc_flags);
}

/* Rounds until there is a page, or no hope. */
static struct mirror_page *retry(struct slowpath *s)
{
	struct mirror_page *page;
	bool progress;

	do {
		do {
			page = begin_round(s);
			if (page || !mirror_gfp_may_wait(s->gfp) ||
			    s->task & MIRROR_TASK_MEMALLOC)
				return page;
			page = reclaim(s) ?: compact(s);
			if (page || tries_once(s))
				return page;
		} while (another_round(s));
		page = out_of_memory(s, &progress);
		if (page || gives_up_as_victim(s))
			return page;
		s->rounds = 0;
	} while (progress);
	return NULL;
}

/*
 * Costly blocks that may be moved for, and unmovable ones so that they mix less. Who
 * ignores the marks has yet to try that.
 */
static bool compacts_first(const struct slowpath *s)
{
	return mirror_gfp_may_wait(s->gfp) && may_compact(s) &&
	       (is_costly(s) || s->ac->migratetype != MIRROR_MIGRATE_MOVABLE) &&
	       !mirror_reserve_flags(s->gfp, s->task);
}

/* As huge pages in a page fault: too dear where compaction alone does not do it. */
static bool gives_up_at_once(const struct slowpath *s)
{
	return is_costly(s) && s->gfp & __MIRROR_GFP_NORETRY &&
	       (s->gfp & __MIRROR_GFP_THISNODE ||
		!mirror_compaction_runs(s->ac, s->order, s->alloc_flags));
}

static struct mirror_page *stages(struct slowpath *s)
{
	struct mirror_page *page;

	/* On the nodes that were asked for: a nodemask that is dropped later wakes no more. */
	wake_kswapds(s);
	page = attempt(s, s->alloc_flags);
	if (page)
		return page;
	if (compacts_first(s)) {
		page = compact(s);
		if (page || gives_up_at_once(s))
			return page;
	}
	return retry(s);
}

/* Linux: current_gfp_context(), but for PF_MEMALLOC_PIN. */
static u32 gfp_in_scope(u32 gfp, unsigned int task)
{
	if (task & MIRROR_TASK_NOIO)
		return gfp & ~(__MIRROR_GFP_IO | __MIRROR_GFP_FS);
	return task & MIRROR_TASK_NOFS ? gfp & ~__MIRROR_GFP_FS : gfp;
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
	unsigned int task = mirror_host_task();
	struct slowpath s = {
		.m = m, .gfp = gfp_in_scope(gfp, task), .order = order, .task = task, .ac = ac,
		.alloc_flags = mirror_gfp_to_alloc_flags(gfp, order, ac->migratetype),
	};
	struct mirror_page *page;

	if (mirror_gfp_may_wait(gfp) && task & MIRROR_TASK_REALTIME)
		s.alloc_flags |= MIRROR_ALLOC_MIN_RESERVE;
	page = stages(&s);
	if (!page && gfp & __MIRROR_GFP_NOFAIL && mirror_gfp_may_wait(gfp))
		page = attempt(&s, MIRROR_ALLOC_MIN_RESERVE);
	return page;
}
