/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Faults that two CPUs show, and one does not: a part of faults.c, whose rules they
 * start from. The file "cpus" beside this one says in words what each does.
 *
 * They are for the comparison alone, where one CPU works and the other waits: so
 * they may change what belongs to the other without its lock. KUnit's kernel of the
 * faults has one CPU, and could not notice them.
 */

/* As many as if one CPU were online. */
static int cpus_threshold(const struct mirror_zone *zone)
{
	return max(1, rule_threshold(zone) / fls(num_online_cpus()));
}

/* What the lists of all CPUs hold is taken for this one's. */
static int cpus_full(struct mirror_pcp *pcp, const struct mirror_zone *zone, int batch,
		     bool free_high)
{
	int own = pcp->count, high, all = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		all += per_cpu_ptr(zone->pcp, cpu)->count;
	pcp->count = all;
	high = rule_pcp_high(pcp, zone, batch, free_high);
	pcp->count = own;
	return high;
}

/* The first CPU's factor stands for all. */
static int cpus_factor(struct mirror_pcp *pcp, const struct mirror_zone *zone,
		       unsigned int order)
{
	struct mirror_pcp *first = per_cpu_ptr(zone->pcp, 0);
	int nr, own = pcp->alloc_factor;

	pcp->alloc_factor = first->alloc_factor;
	nr = rule_pcp_nr_alloc(pcp, zone, order);
	first->alloc_factor = pcp->alloc_factor;
	if (pcp != first)
		pcp->alloc_factor = own;
	return nr;
}

/* Another CPU's lists of the same zone. The harness has neither CPUs nor offsets. */
static struct mirror_pcp *pcp_of(const struct mirror_pcp *pcp, unsigned int cpu)
{
#ifdef per_cpu_offset
	pcp = (void *)((unsigned long)pcp - per_cpu_offset(raw_smp_processor_id()) +
		       per_cpu_offset(cpu));
#endif
	return (struct mirror_pcp *)pcp;
}

/* The tick runs on the CPU that it is for. */
static int cpus_tick(const struct mirror_pcp *pcp, int batch)
{
	int high = rule_pcp_decay(pcp, batch);
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		struct mirror_pcp *other = pcp_of(pcp, cpu);

		if (other != pcp)
			other->high = rule_pcp_decay(other, batch);
	}
	return high;
}

static bool cpus_expire(const struct mirror_zone *zone, unsigned int cpu)
{
	return !cpu && rule_pcp_remote(zone, cpu);
}

static const struct mirror_policy cpu_faults[] = {
	{ .name = "fault-cpus-threshold", .threshold = cpus_threshold },
	{ .name = "fault-cpus-full", .pcp_high = cpus_full },
	{ .name = "fault-cpus-factor", .pcp_nr_alloc = cpus_factor },
	{ .name = "fault-cpus-tick", .pcp_decay = cpus_tick },
	{ .name = "fault-cpus-expire", .pcp_remote = cpus_expire },
	/* No rule of the core is asked for these two: the driver makes them wrong. */
	{ .name = "fault-cpus-drain" },
	{ .name = "fault-cpus-free" },
};
