// SPDX-License-Identifier: GPL-2.0
/*
 * A request or a free from an interrupt that came while its CPU was at work on
 * its own lists: it gets no hold of them and has to go to the zone.
 */
#include "run.h"

static void keep_lists_busy(struct run *run)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(run->m, zone, i)
		raw_spin_lock(&per_cpu_ptr(zone->pcp, run->cpu)->lock);
}

static void let_lists_go(struct run *run)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(run->m, zone, i)
		raw_spin_unlock(&per_cpu_ptr(zone->pcp, run->cpu)->lock);
}

long op_interrupt(struct run *run, struct done *done)
{
	unsigned long before = mirror_pcp_count(run->m);
	long ret;

	keep_lists_busy(run);
	ret = op_is_request(&done->op) ? op_alloc(run, done) : op_free(run, done);
	let_lists_go(run);
	if (mirror_pcp_count(run->m) != before)
		fuzz_found("an interrupt changed per-CPU lists that were in use");
	return ret;
}
