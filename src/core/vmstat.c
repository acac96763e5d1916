// SPDX-License-Identifier: GPL-2.0
/*
 * Counters.
 *
 * Each CPU gathers its changes of a zone counter in a byte and adds them to the
 * zone when they pass a threshold, or with the statistics tick. The zone's own
 * value is therefore off by up to threshold × CPUs. Readers for whom that is too
 * much add the bytes up: mirror_zone_state_exact(). Events are plain per-CPU
 * sums that nobody decides by.
 */
#include "vmstat_ops.h"

#define THRESHOLD_MAX	125

/**
 * mirror_zone_state_exact - a zone counter with every CPU's difference
 * @zone: the zone
 * @item: the counter
 *
 * Context: Any; exact where nothing changes meanwhile.
 * Return: the value; never negative.
 */
unsigned long mirror_zone_state_exact(const struct mirror_zone *zone,
				      enum mirror_zone_stat item)
{
	long value = atomic_long_read(&zone->vm_stat[item]);
	unsigned int cpu;

	if (!zone->stat)
		return 0;
	for_each_possible_cpu(cpu)
		value += READ_ONCE(per_cpu_ptr(zone->stat, cpu)->diff[item]);
	return max(value, 0l);
}

/**
 * mirror_nr_free - free pages of all zones, those on per-CPU lists included
 * @m: the mirror
 *
 * Context: Any; exact where nothing changes meanwhile.
 * Return: pages.
 */
unsigned long mirror_nr_free(const struct mirror *m)
{
	unsigned long nr = mirror_pcp_count(m);
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		nr += mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES);
	return nr;
}

/**
 * mirror_numa_events - how often a NUMA event happened to a zone
 * @zone: the zone
 * @item: the event
 *
 * Context: Any.
 * Return: pages.
 */
unsigned long mirror_numa_events(const struct mirror_zone *zone,
				 enum mirror_numa_event item)
{
	unsigned long nr = 0;
	unsigned int cpu;

	if (!zone->stat)
		return 0;
	for_each_possible_cpu(cpu)
		nr += mirror_glance(per_cpu_ptr(zone->stat, cpu)->numa[item]);
	return nr;
}

static unsigned long zone_events(const struct mirror_zone *zone,
				 enum mirror_zone_event event)
{
	unsigned long nr = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		nr += mirror_glance(per_cpu_ptr(zone->stat, cpu)->events[event]);
	return nr;
}

/**
 * mirror_node_events - how often an event happened on some node
 * @m: the mirror
 * @event: the event
 *
 * Context: Any.
 * Return: the count over all nodes and CPUs.
 */
unsigned long mirror_node_events(const struct mirror *m, enum mirror_node_event event)
{
	unsigned long nr = 0;
	struct mirror_node *node;
	unsigned int i, cpu;

	mirror_for_each_node(m, node, i)
		for_each_possible_cpu(cpu)
			nr += mirror_glance(per_cpu_ptr(node->stat, cpu)->events[event]);
	return nr;
}

/**
 * mirror_events - how often an event happened
 * @m: the mirror
 * @item: enum mirror_vm_event, plus the zone's type where it is counted by zone
 *
 * Nothing stalls, as there is no reclaim: MIRROR_ALLOCSTALL stays 0.
 *
 * Context: Any.
 * Return: the count over all CPUs.
 */
unsigned long mirror_events(const struct mirror *m, unsigned int item)
{
	unsigned long nr = 0;
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i) {
		if (item == MIRROR_PGFREE)
			nr += zone_events(zone, MIRROR_ZONE_PGFREE);
		else if (item == MIRROR_PGALLOC + zone->type)
			nr += zone_events(zone, MIRROR_ZONE_PGALLOC);
	}
	return nr;
}

/**
 * mirror_count_remote - count blocks that another node than the preferred one gave
 * @preferred: first zone of the request's list
 * @zone: the zone that served it
 * @nr: blocks
 *
 * Context: Any.
 */
void mirror_count_remote(struct mirror_zone *preferred, struct mirror_zone *zone,
			 unsigned long nr)
{
	this_cpu_add(zone->stat->numa[MIRROR_NUMA_MISS], nr);
	this_cpu_add(preferred->stat->numa[MIRROR_NUMA_FOREIGN], nr);
}

/**
 * mirror_count_interleave - count an interleaved block that came from its node
 * @zone: the zone that served it
 *
 * Context: Any.
 */
void mirror_count_interleave(struct mirror_zone *zone)
{
	this_cpu_inc(zone->stat->numa[MIRROR_NUMA_INTERLEAVE]);
}

/* A remote zone's lists are given three ticks from its last change. */
static void fold_zone(struct mirror_zone *zone, unsigned int cpu)
{
	struct mirror_zonestat *stat = per_cpu_ptr(zone->stat, cpu);
	unsigned int i;

	for (i = 0; i < MIRROR_NR_ZONE_STATS; i++) {
		s8 diff = stat->diff[i];

		if (!diff)
			continue;
		WRITE_ONCE(stat->diff[i], 0);
		atomic_long_add(diff, &zone->vm_stat[i]);
		per_cpu_ptr(zone->pcp, cpu)->expire = 3;
	}
}

/**
 * mirror_fold_cpu - add a CPU's differences to the zones
 * @m: the mirror
 * @cpu: the CPU it runs on, or one that is offline
 *
 * Context: Process context, bound to @cpu.
 */
void mirror_fold_cpu(struct mirror *m, unsigned int cpu)
{
	struct mirror_zone *zone;
	unsigned long flags;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i) {
		local_irq_save(flags);
		fold_zone(zone, cpu);
		local_irq_restore(flags);
	}
}

/**
 * mirror_cpu_has_diffs - does a CPU have differences that are not in the zones yet?
 * @m: the mirror
 * @cpu: any possible CPU
 *
 * Linux: need_update() of mm/vmstat.c.
 *
 * Context: Any; a guess for another CPU.
 * Return: true where it has.
 */
bool mirror_cpu_has_diffs(const struct mirror *m, unsigned int cpu)
{
	struct mirror_zone *zone;
	unsigned int i, item;

	mirror_for_each_populated_zone(m, zone, i)
		for (item = 0; item < MIRROR_NR_ZONE_STATS; item++)
			if (mirror_glance(per_cpu_ptr(zone->stat, cpu)->diff[item]))
				return true;
	return false;
}

/* Grows with the CPUs and with the zone, both by their logarithm. */
static int zone_threshold(const struct mirror_zone *zone)
{
	int units = zone->managed >> (27 - PAGE_SHIFT);

	return min(THRESHOLD_MAX,
		   2 * fls(num_online_cpus()) * (1 + fls(units)));
}

/**
 * mirror_refresh_thresholds - compute how far CPUs may drift
 * @m: the mirror
 *
 * At the beginning and when CPUs come or go, as in the reference; a change of the
 * marks alone keeps what was computed from the old ones.
 *
 * Context: Process context; mirror.tunables_lock held, or mirror not in use yet.
 */
void mirror_refresh_thresholds(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i, cpu;

	mirror_for_each_populated_zone(m, zone, i) {
		int threshold = MIRROR_DECIDE(m, threshold, zone_threshold, zone);
		unsigned long drift = num_online_cpus() * threshold;

		for_each_online_cpu(cpu)
			WRITE_ONCE(per_cpu_ptr(zone->stat, cpu)->threshold, threshold);
		if (drift > zone->watermark[MIRROR_WMARK_LOW] -
			    zone->watermark[MIRROR_WMARK_MIN])
			WRITE_ONCE(zone->percpu_drift_mark,
				   mirror_zone_wmark(zone, MIRROR_WMARK_HIGH) +
				   drift);
	}
}

static void reset_stat(const struct mirror_zone *zone, unsigned int cpu)
{
	bool local = zone->m->cpu_node[cpu] == zone->node->nid;

	*per_cpu_ptr(zone->stat, cpu) = (struct mirror_zonestat){
		.place = local ? MIRROR_NUMA_LOCAL : MIRROR_NUMA_OTHER,
	};
}

/**
 * mirror_vmstat_init_zone - allocate a zone's per-CPU counters
 * @zone: a populated zone of a mirror that knows the nodes of CPUs
 *
 * Context: Process context; may sleep.
 * Return: 0 or -ENOMEM.
 */
int mirror_vmstat_init_zone(struct mirror_zone *zone)
{
	unsigned int cpu;

	zone->stat = alloc_percpu(struct mirror_zonestat);
	if (!zone->stat)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		reset_stat(zone, cpu);
	return 0;
}

/**
 * mirror_vmstat_init_node - allocate a node's per-CPU counters
 * @node: the node
 *
 * Context: Process context; may sleep.
 * Return: 0 or -ENOMEM.
 */
int mirror_vmstat_init_node(struct mirror_node *node)
{
	node->stat = alloc_percpu(struct mirror_nodestat);
	return node->stat ? 0 : -ENOMEM;
}

/**
 * mirror_vmstat_reset - set every counter to zero
 * @m: the mirror, which nobody uses meanwhile
 *
 * Context: Any.
 */
void mirror_vmstat_reset(struct mirror *m)
{
	struct mirror_zone *zone;
	struct mirror_node *node;
	unsigned int i, cpu;

	mirror_for_each_node(m, node, i)
		for_each_possible_cpu(cpu)
			memset(per_cpu_ptr(node->stat, cpu), 0, sizeof(struct mirror_nodestat));
	mirror_for_each_populated_zone(m, zone, i) {
		memset(zone->vm_stat, 0, sizeof(zone->vm_stat));
		for_each_possible_cpu(cpu)
			reset_stat(zone, cpu);
	}
}
