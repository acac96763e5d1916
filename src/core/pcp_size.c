// SPDX-License-Identifier: GPL-2.0
/*
 * How large per-CPU lists may be, from the sizes of zones and caches.
 *
 *   batch      pages moved between a list and its zone at a time
 *   high_min   what a CPU may keep for sure: its share of the low watermark
 *   high_max   what it may tune itself up to: its share of an eighth of the zone
 *
 * percpu_pagelist_high_fraction sets both bounds to one value and thereby turns
 * the tuning off. Everything runs under the tunables mutex, or before the mirror
 * is in use; the lists' owners read the values without a lock.
 */
#include "internal.h"

/* About 0.1 % of the zone, at most 1 MiB, as 2^n - 1 after division by four. */
static int zone_batch(const struct mirror_zone *zone)
{
	unsigned long batch = min_t(unsigned long, zone->managed >> 10,
				    SZ_1M / PAGE_SIZE) / 4;

	batch = max(batch, 1ul);
	return rounddown_pow_of_two(batch + batch / 2) - 1;
}

static unsigned int local_cpus(const struct mirror_zone *zone)
{
	unsigned int cpu, nr = 0;

	for_each_online_cpu(cpu)
		nr += zone->m->cpu_node[cpu] == zone->node->nid;
	return nr;
}

/* The CPUs that share the zone share what may lie on their lists. */
static int zone_high(const struct mirror_zone *zone, int batch, int cpu_online,
		     unsigned int fraction)
{
	unsigned long total = fraction ? zone->managed / fraction :
			      mirror_zone_wmark(zone, MIRROR_WMARK_LOW);
	unsigned int cpus = local_cpus(zone) + cpu_online;

	if (!cpus)
		cpus = num_online_cpus();
	return max_t(int, total / cpus, batch << 2);
}

/**
 * mirror_pcp_update_zone - compute batch and high again
 * @zone: a populated zone
 * @cpu_online: 1 while a CPU of the node is coming up, else 0
 *
 * Context: Process context; mirror.tunables_lock held, or mirror not in use yet.
 */
void mirror_pcp_update_zone(struct mirror_zone *zone, int cpu_online)
{
	unsigned int fraction = zone->m->tunables.percpu_pagelist_high_fraction;
	int batch = max(1, MIRROR_DECIDE(zone->m, pcp_batch, zone_batch, zone));
	int high_min = zone_high(zone, batch, cpu_online, fraction);
	int high_max = fraction ? high_min :
		       zone_high(zone, batch, cpu_online,
				 MIRROR_PCP_HIGH_FRACTION_MIN);
	unsigned int cpu;

	if (zone->pcp_batch == batch && zone->pcp_high_min == high_min &&
	    zone->pcp_high_max == high_max)
		return;
	zone->pcp_batch = batch;
	zone->pcp_high_min = high_min;
	zone->pcp_high_max = high_max;
	for_each_possible_cpu(cpu) {
		struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);

		WRITE_ONCE(pcp->batch, batch);
		WRITE_ONCE(pcp->high_min, high_min);
		WRITE_ONCE(pcp->high_max, high_max);
	}
}

/**
 * mirror_pcp_update_all - the same for every populated zone
 * @m: the mirror
 *
 * Context: Process context; mirror.tunables_lock held, or mirror not in use yet.
 */
void mirror_pcp_update_all(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		mirror_pcp_update_zone(zone, 0);
}

/**
 * mirror_pcp_set_cache - tell how large a CPU's share of the cache is
 * @m: the mirror
 * @cpu: the CPU
 * @slice: bytes of data cache it has for itself
 *
 * With cache to spare, a batch of high-order blocks stays on the lists when
 * they are freed in a row.
 *
 * Context: Process context.
 */
void mirror_pcp_set_cache(struct mirror *m, unsigned int cpu, size_t slice)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i) {
		struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
		unsigned long flags;

		mirror_host_pcp_enter(flags);
		raw_spin_lock(&pcp->lock);
		if (slice >> PAGE_SHIFT > 3ul * READ_ONCE(pcp->batch))
			pcp->flags |= MIRROR_PCPF_FREE_HIGH_BATCH;
		else
			pcp->flags &= ~MIRROR_PCPF_FREE_HIGH_BATCH;
		raw_spin_unlock(&pcp->lock);
		mirror_host_pcp_exit(flags);
	}
}
