// SPDX-License-Identifier: GPL-2.0
/*
 * Capture: a task that compacts a zone for its own request takes the block that it has made
 * free before it reaches a free list, where another request would be quicker.
 *
 *   mirror_capture_begin   the task waits for a block of an order
 *   mirror_capture_block   a merge has got that far: is it for the task that frees?
 *   mirror_capture_end     the task does not wait any more, and looks at what it got
 *
 * Several tasks may compact one zone. Each gets only what it frees itself.
 */
#include "internal.h"

static struct mirror_capture *capture_of_this_task(struct mirror_zone *zone)
{
	struct mirror_capture *capture = zone->captures;

	while (capture && (capture->task != current || capture->page))
		capture = capture->next;
	return capture;
}

/**
 * mirror_capture_block - give a block that became free to the task that waits for it
 * @zone: the zone
 * @idx: first frame
 * @order: that it has merged to
 * @mt: type of its pageblock
 *
 * Pages of CMA and of isolated pageblocks are not for it; and a smaller request that is
 * not movable does not get into a movable pageblock this way. Follows
 * compaction_capture() of Linux 6.12.
 *
 * Context: zone->lock held.
 * Return: true where the block is the task's, without a reference, and in no list.
 */
noinline bool mirror_capture_block(struct mirror_zone *zone, u32 idx, unsigned int order,
				   int mt)
{
	struct mirror_capture *capture = capture_of_this_task(zone);

	lockdep_assert_held(&zone->lock);

	if (!capture || capture->order != order)
		return false;
	if (mt == MIRROR_MIGRATE_CMA || mt == MIRROR_MIGRATE_ISOLATE)
		return false;
	if (order < zone->pb_order && mt == MIRROR_MIGRATE_MOVABLE &&
	    capture->migratetype != MIRROR_MIGRATE_MOVABLE)
		return false;
	capture->page = &zone->pages[idx];
	return true;
}

/**
 * mirror_capture_begin - wait for a block of a zone
 * @zone: the zone
 * @capture: with @order and @migratetype set; it must stay until mirror_capture_end()
 *
 * A task waits for one block at a time.
 *
 * Context: Any but with zone->lock held.
 */
void mirror_capture_begin(struct mirror_zone *zone, struct mirror_capture *capture)
{
	unsigned long flags;

	capture->task = current;
	capture->page = NULL;
	raw_spin_lock_irqsave(&zone->lock, flags);
	capture->next = zone->captures;
	zone->captures = capture;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

/**
 * mirror_capture_end - wait no more
 * @zone: the zone
 * @capture: from mirror_capture_begin(), by the same task
 *
 * Context: Any but with zone->lock held.
 * Return: the block, without a reference, or NULL where none was captured.
 */
struct mirror_page *mirror_capture_end(struct mirror_zone *zone,
				       struct mirror_capture *capture)
{
	struct mirror_capture **link = &zone->captures;
	unsigned long flags;

	raw_spin_lock_irqsave(&zone->lock, flags);
	while (*link && *link != capture)
		link = &(*link)->next;
	if (*link)
		*link = capture->next;
	raw_spin_unlock_irqrestore(&zone->lock, flags);
	return capture->page;
}
