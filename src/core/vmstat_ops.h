/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters that every request changes, in line.
 */
#ifndef _MIRROR_CORE_VMSTAT_OPS_H
#define _MIRROR_CORE_VMSTAT_OPS_H

#include "internal.h"

/**
 * mirror_mod_zone_state_times - change a zone counter by the same several times
 * @zone: the zone
 * @item: the counter
 * @delta: by how much each time
 * @times: how often
 *
 * What the zone sees of it depends on each step, so they are taken one by one.
 *
 * Context: interrupts off.
 */
static __mirror_inline void mirror_mod_zone_state_times(struct mirror_zone *zone,
							enum mirror_zone_stat item,
							long delta, unsigned int times)
{
	struct mirror_zonestat *stat = this_cpu_ptr(zone->stat);
	const long threshold = READ_ONCE(stat->threshold);
	long diff = stat->diff[item];

	while (times--) {
		diff += delta;
		if (unlikely(abs(diff) > threshold)) {
			atomic_long_add(diff, &zone->vm_stat[item]);
			diff = 0;
		}
	}
	WRITE_ONCE(stat->diff[item], diff);
}

/**
 * mirror_mod_zone_state - change a zone counter
 * @zone: the zone
 * @item: the counter
 * @delta: by how much
 *
 * Context: interrupts off.
 */
static inline void mirror_mod_zone_state(struct mirror_zone *zone,
					 enum mirror_zone_stat item, long delta)
{
	mirror_mod_zone_state_times(zone, item, delta, 1);
}

/* Context: any. */
static inline void mirror_count_pages(const struct mirror_zone *zone,
				      enum mirror_zone_event event,
				      unsigned long nr)
{
	this_cpu_add(zone->stat->events[event], nr);
}

/* Context: any. */
static inline void mirror_count_event(const struct mirror_node *node,
				      enum mirror_node_event event)
{
	this_cpu_inc(node->stat->events[event]);
}

/**
 * mirror_count_alloc - count an allocation where it came from
 * @preferred: first zone of the request's list
 * @zone: the zone that served it
 * @order: of each block
 * @nr: blocks
 *
 * Context: Any.
 */
static __mirror_inline void mirror_count_alloc(struct mirror_zone *preferred,
					       struct mirror_zone *zone,
					       unsigned int order, unsigned int nr)
{
	struct mirror_zonestat __percpu *stat = zone->stat;

	this_cpu_add(stat->events[MIRROR_ZONE_PGALLOC], nr << order);
	if (likely(zone->node == preferred->node))
		this_cpu_add(stat->numa[MIRROR_NUMA_HIT], nr);
	else
		MIRROR_DECIDE(zone->m, count_remote, mirror_count_remote, preferred, zone, nr);
	this_cpu_add(stat->numa[this_cpu_read(stat->place)], nr);
}

#endif /* _MIRROR_CORE_VMSTAT_OPS_H */
