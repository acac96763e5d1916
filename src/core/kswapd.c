// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of each node's kswapd: what it was asked for, whether it has to run, and
 * whether it gave the node up.
 *
 *   wake-up   notes the highest zone and the largest order, always
 *             then wakes kswapd: not where it runs already, not for a hopeless node, and
 *             not where a zone is balanced and none is boosted
 *   run       until the node is balanced, or hopeless
 *
 * There is nothing to reclaim, so a run that has work to do fails. What it changes are the
 * boosts: they end by as much as they were when the run began, as raising the marks once
 * more meanwhile is a reason of its own.
 *
 * In the reference a node stops being hopeless with the first page that is reclaimed. Here
 * pages come back when their holders free them, so the next wake-up looks whether they did.
 */
#include "vmstat_ops.h"

/* Runs without a page reclaimed after which a node is left alone: MAX_RECLAIM_RETRIES. */
#define HOPELESS	16

/**
 * mirror_node_hopeless - did kswapd give this node up?
 * @node: the node
 *
 * Context: Any.
 * Return: true where wake-ups do nothing; node_unreclaimable of zoneinfo.
 */
bool mirror_node_hopeless(const struct mirror_node *node)
{
	return READ_ONCE(node->kswapd_failures) >= HOPELESS;
}

/* One zone above its high mark, less @boost of it, is enough. */
static bool above_high(const struct mirror_node *node, unsigned int order, int highest,
		       bool boost)
{
	bool none = true;
	int type;

	for (type = 0; type <= highest; type++) {
		const struct mirror_zone *zone = &node->zones[type];
		unsigned long mark = READ_ONCE(zone->watermark[MIRROR_WMARK_HIGH]);

		if (!mirror_zone_populated(zone))
			continue;
		if (boost)
			mark += READ_ONCE(zone->watermark_boost);
		if (mirror_watermark_ok_safe(zone, order, mark, highest))
			return true;
		none = false;
	}
	return none;
}

/**
 * mirror_node_balanced - is there nothing for kswapd to do, boosts aside?
 * @node: the node
 * @order: of the request
 * @highest: highest zone that it could use
 *
 * Linux: pgdat_balanced().
 *
 * Context: Any.
 * Return: true where a zone has its high mark and a block, or where no zone is eligible.
 */
bool mirror_node_balanced(const struct mirror_node *node, unsigned int order, int highest)
{
	return above_high(node, order, highest, true);
}

static bool boosted(const struct mirror_node *node, int highest)
{
	int type;

	for (type = highest; type >= 0; type--)
		if (READ_ONCE(node->zones[type].watermark_boost))
			return true;
	return false;
}

/* kcompactd would be woken here. There is none yet; what it was asked for is kept for it. */
static void wake_kcompactd(struct mirror_node *node, unsigned int order, int highest)
{
	if (!order)
		return;
	if (READ_ONCE(node->kcompactd_max_order) < order)
		WRITE_ONCE(node->kcompactd_max_order, order);
	if (READ_ONCE(node->kcompactd_highest_zoneidx) > highest)
		WRITE_ONCE(node->kcompactd_highest_zoneidx, highest);
}

static unsigned int larger(unsigned int noted, unsigned int order)
{
	return max(noted, order);
}

static void note(struct mirror_node *node, unsigned int order, int highest)
{
	unsigned int noted = READ_ONCE(node->kswapd_order), asked;
	int zoneidx = READ_ONCE(node->kswapd_highest_zoneidx);
	int type;

	if (zoneidx == MIRROR_KSWAPD_NO_ZONE || zoneidx < highest)
		WRITE_ONCE(node->kswapd_highest_zoneidx, highest);
	/* Stored only where it changes: another CPU may have asked for more meanwhile. */
	asked = MIRROR_DECIDE(node->m, kswapd_order, larger, noted, order);
	if (asked != noted)
		WRITE_ONCE(node->kswapd_order, asked);
	for (type = 0; type <= highest; type++)
		if (mirror_zone_populated(&node->zones[type]))
			set_bit(MIRROR_ZONE_KSWAPD_DUE, &node->zones[type].flags);
}

/* Did holders free enough since kswapd gave up? The boost is its own to end. */
static bool still_hopeless(struct mirror_node *node, int highest)
{
	if (!mirror_node_hopeless(node))
		return false;
	if (!above_high(node, 0, highest, false))
		return true;
	WRITE_ONCE(node->kswapd_failures, 0);
	return false;
}

/**
 * mirror_wakeup_kswapd - ask kswapd to see to a zone and those below it
 * @zone: a populated zone
 * @gfp: of the request
 * @order: of the request
 * @highest: highest zone that the request could use
 *
 * Linux: wakeup_kswapd().
 *
 * Context: Any, with no lock of the mirror held.
 */
void mirror_wakeup_kswapd(struct mirror_zone *zone, u32 gfp, unsigned int order, int highest)
{
	struct mirror_node *node = zone->node;
	struct mirror *m = node->m;
	void (*wake)(void *arg);

	note(node, order, highest);
	if (test_bit(MIRROR_KSWAPD_AWAKE, &node->kswapd_flags))
		return;
	if (still_hopeless(node, highest) ||
	    (mirror_node_balanced(node, order, highest) && !boosted(node, highest))) {
		if (!(gfp & __MIRROR_GFP_DIRECT_RECLAIM))
			wake_kcompactd(node, order, highest);
		return;
	}
	/* Pairs with the test_and_clear_bit() in may_sleep(): one of both sees the other. */
	if (test_and_set_bit(MIRROR_KSWAPD_AWAKE, &node->kswapd_flags))
		return;
	/* Pairs with the smp_store_release() in mirror_kswapd_start(). */
	wake = smp_load_acquire(&m->wake_kswapd);
	if (wake)
		wake(m->wake_kswapd_arg);
}

/**
 * mirror_wake_kswapds - wake the kswapd of each node that a request could use
 * @ac: the request
 * @gfp: its MIRROR_GFP_*
 * @order: of the request
 *
 * Linux: wake_all_kswapds().
 *
 * Context: Any, with no lock of the mirror held.
 */
void mirror_wake_kswapds(const struct mirror_alloc_context *ac, u32 gfp, unsigned int order)
{
	const struct mirror_node *last = NULL;
	unsigned int i;

	for (i = ac->preferred; i < ac->zonelist->nr; i++) {
		const struct mirror_zoneref *ref = &ac->zonelist->refs[i];

		if (!mirror_zoneref_allowed(ref, ac) || ref->zone->node == last)
			continue;
		last = ref->zone->node;
		mirror_wakeup_kswapd(ref->zone, gfp, order, ac->highest_zoneidx);
	}
}

/* running ------------------------------------------------------------------------- */

static void set_reclaim_active(struct mirror_node *node, int highest, bool active)
{
	int type;

	for (type = 0; type <= highest; type++) {
		struct mirror_zone *zone = &node->zones[type];

		if (!mirror_zone_populated(zone))
			continue;
		if (active)
			set_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &zone->flags);
		else
			clear_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &zone->flags);
	}
}

/* Ends each zone's boost by what it was when the run began. */
static void end_boosts(struct mirror_node *node, const unsigned long *boosts, int highest)
{
	unsigned long flags;
	int type;

	for (type = 0; type <= highest; type++) {
		struct mirror_zone *zone = &node->zones[type];

		if (!boosts[type])
			continue;
		raw_spin_lock_irqsave(&zone->lock, flags);
		WRITE_ONCE(zone->watermark_boost, zone->watermark_boost -
			   min(zone->watermark_boost, boosts[type]));
		raw_spin_unlock_irqrestore(&zone->lock, flags);
	}
	wake_kcompactd(node, node->m->pb_order, highest);
}

/* Without reclaim all priorities come to the same, so one look stands for all. */
static void balance(struct mirror_node *node, unsigned int order, int highest)
{
	unsigned long boosts[MIRROR_MAX_NR_ZONES], sum = 0;
	int type;

	mirror_count_event(node, MIRROR_EVENT_pageoutrun);
	for (type = 0; type <= highest; type++) {
		boosts[type] = READ_ONCE(node->zones[type].watermark_boost);
		sum += boosts[type];
	}
	set_reclaim_active(node, highest, true);
	if (sum || !mirror_node_balanced(node, order, highest))
		WRITE_ONCE(node->kswapd_failures, READ_ONCE(node->kswapd_failures) + 1);
	set_reclaim_active(node, highest, false);
	if (sum)
		end_boosts(node, boosts, highest);
}

/* Where nothing was noted, the zones are those of the time before. */
static void take_note(struct mirror_node *node, unsigned int *order, int *highest)
{
	int zoneidx = READ_ONCE(node->kswapd_highest_zoneidx);
	unsigned int type;

	*order = READ_ONCE(node->kswapd_order);
	if (zoneidx != MIRROR_KSWAPD_NO_ZONE)
		*highest = zoneidx;
	WRITE_ONCE(node->kswapd_order, 0);
	WRITE_ONCE(node->kswapd_highest_zoneidx, MIRROR_KSWAPD_NO_ZONE);
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		clear_bit(MIRROR_ZONE_KSWAPD_DUE, &node->zones[type].flags);
}

/*
 * Asleep first, and then the look whether it may be: a wake-up that comes in between finds
 * it asleep.
 */
static bool may_sleep(struct mirror_node *node, int highest)
{
	int zoneidx;

	test_and_clear_bit(MIRROR_KSWAPD_AWAKE, &node->kswapd_flags);
	zoneidx = READ_ONCE(node->kswapd_highest_zoneidx);
	if (zoneidx == MIRROR_KSWAPD_NO_ZONE)
		zoneidx = highest;
	if (mirror_node_hopeless(node) ||
	    mirror_node_balanced(node, READ_ONCE(node->kswapd_order), zoneidx))
		return true;
	mirror_count_event(node, MIRROR_EVENT_kswapd_high_wmark_hit_quickly);
	set_bit(MIRROR_KSWAPD_AWAKE, &node->kswapd_flags);
	return false;
}

static void run(struct mirror_node *node)
{
	int highest = READ_ONCE(node->kswapd_last_zoneidx);
	unsigned int order;

	do {
		take_note(node, &order, &highest);
		balance(node, order, highest);
	} while (!may_sleep(node, highest));
	WRITE_ONCE(node->kswapd_last_zoneidx, highest);
}

/**
 * mirror_serve_kswapd - run the kswapd of each node where it was woken
 * @m: the mirror
 *
 * Linux: kswapd(), from being woken until it sleeps again.
 *
 * Context: Process context; one caller at a time.
 */
void mirror_serve_kswapd(struct mirror *m)
{
	struct mirror_node *node;
	unsigned int i;

	mirror_for_each_node(m, node, i)
		if (test_bit(MIRROR_KSWAPD_AWAKE, &node->kswapd_flags))
			run(node);
}

/**
 * mirror_kswapd_reset - forget what kswapd was asked for, and all failures
 * @m: the mirror, not in use
 *
 * Context: Any.
 */
void mirror_kswapd_reset(struct mirror *m)
{
	struct mirror_node *node;
	unsigned int i;

	mirror_for_each_node(m, node, i) {
		node->kswapd_flags = 0;
		node->kswapd_order = 0;
		node->kswapd_highest_zoneidx = MIRROR_KSWAPD_NO_ZONE;
		node->kswapd_last_zoneidx = MIRROR_MAX_NR_ZONES - 1;
		node->kswapd_failures = 0;
		node->kcompactd_max_order = 0;
		node->kcompactd_highest_zoneidx = MIRROR_MAX_NR_ZONES - 1;
	}
}
