// SPDX-License-Identifier: GPL-2.0
/*
 * What goes on beside requests: CPUs, drains, the tick, settings, reset.
 */
#include <errno.h>
#include "harness.h"
#include "run.h"

/* CPUs -------------------------------------------------------------------------- */

static unsigned int pick_cpu(const struct run *run, const struct done *done)
{
	return done->op.arg[0] % run->nr_cpus;
}

long op_cpu(struct run *run, struct done *done)
{
	run->cpu = pick_cpu(run, done);
	harness_set_cpu(run->cpu);
	return run->cpu;
}

long op_drain_cpu(struct run *run, struct done *done)
{
	unsigned int cpu = pick_cpu(run, done), i;
	struct mirror_zone *zone;

	mirror_drain_cpu(run->m, cpu);
	mirror_for_each_populated_zone(run->m, zone, i)
		if (per_cpu_ptr(zone->pcp, cpu)->count)
			fuzz_found("the lists of CPU %u are not empty after a drain", cpu);
	return cpu;
}

long op_drain_all(struct run *run, struct done *done)
{
	mirror_drain_all(run->m);
	if (mirror_pcp_count(run->m))
		fuzz_found("%lu pages on per-CPU lists after a drain of all",
			   mirror_pcp_count(run->m));
	return 0;
}

long op_tick(struct run *run, struct done *done)
{
	unsigned int cpu = pick_cpu(run, done);

	harness_set_cpu(cpu);
	mirror_fold_cpu(run->m, cpu);
	mirror_pcp_tick(run->m, cpu);
	harness_set_cpu(run->cpu);
	return cpu;
}

/* Now and then it is still at work in a zone. */
long op_kswapd(struct run *run, struct done *done)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_serve_kswapd(run->m);
	mirror_for_each_populated_zone(run->m, zone, i)
		if (done->op.arg[0] >> (i % 8) & 1)
			set_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &zone->flags);
		else
			clear_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &zone->flags);
	return 0;
}

/* settings ------------------------------------------------------------------------ */

static long expect_result(const char *what, int ret, int want)
{
	if (ret != want)
		fuzz_found("%s: %d, should be %d", what, ret, want);
	return ret;
}

long op_min_free(struct run *run, struct done *done)
{
	unsigned long kbytes = done->op.arg[0] << (done->op.arg[1] % 4);

	return expect_result("min_free_kbytes",
			     mirror_set_min_free_kbytes(run->m, kbytes),
			     kbytes >> (PAGE_SHIFT - 10) > run->model.managed ?
			     -EINVAL : 0);
}

long op_scale(struct run *run, struct done *done)
{
	unsigned int factor = done->op.arg[0] | (done->op.arg[1] & 0xf) << 8;

	return expect_result("watermark_scale_factor",
			     mirror_set_watermark_scale_factor(run->m, factor),
			     !factor || factor > 3000 ? -EINVAL : 0);
}

long op_fraction(struct run *run, struct done *done)
{
	unsigned int fraction = done->op.arg[0] % 32;

	return expect_result("percpu_pagelist_high_fraction",
			     mirror_set_high_fraction(run->m, fraction),
			     fraction && fraction < 8 ? -EINVAL : 0);
}

/* Pages of the node's zones from @type + 1 to @j. */
static unsigned long above(const struct run *run, unsigned int nid, int type, int j)
{
	unsigned long nr = 0;

	while (++type <= j)
		nr += run->model.zone_pages[nid * MIRROR_MAX_NR_ZONES + type];
	return nr;
}

/* A share of what lies above each zone stays in it, by the zone's ratio. */
long op_ratio(struct run *run, struct done *done)
{
	unsigned int ratio[MIRROR_MAX_NR_ZONES], i;
	struct mirror_zone *zone;
	int j;

	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		ratio[i] = done->op.arg[i % (OP_BYTES - 1)];
	expect_result("lowmem_reserve_ratio",
		      mirror_set_lowmem_reserve_ratio(run->m, ratio), 0);
	mirror_for_each_populated_zone(run->m, zone, i)
		for (j = zone->type + 1; j < MIRROR_MAX_NR_ZONES; j++) {
			unsigned long nr = above(run, zone->node->nid, zone->type, j);

			expect_result("lowmem_reserve", zone->lowmem_reserve[j],
				      ratio[zone->type] ? nr / ratio[zone->type] : 0);
		}
	return 0;
}

long op_marks(struct run *run, struct done *done)
{
	unsigned long marks[MIRROR_NR_WMARK];
	struct mirror_zone *zone;
	unsigned int i, nr;
	bool ok = true;

	for (i = 0; i < MIRROR_NR_WMARK; i++)
		marks[i] = done->op.arg[0] % 32 + (unsigned long)i * (done->op.arg[1] % 32);
	/* Now and then marks that fall. */
	if (done->op.arg[2] == 0xff)
		marks[MIRROR_WMARK_HIGH] = 0;
	mirror_for_each_populated_zone(run->m, zone, nr)
		if (nr % 2 == done->op.arg[3] % 2) {
			ok = marks[MIRROR_WMARK_PROMO] <= zone->managed &&
			     marks[MIRROR_WMARK_HIGH] <= zone->managed &&
			     marks[MIRROR_WMARK_HIGH] >= marks[MIRROR_WMARK_LOW];
			expect_result("watermarks",
				      mirror_set_zone_watermarks(run->m, zone, marks),
				      ok ? 0 : -EINVAL);
		}
	return 0;
}

long op_cache(struct run *run, struct done *done)
{
	mirror_pcp_set_cache(run->m, pick_cpu(run, done),
			     (size_t)done->op.arg[1] << PAGE_SHIFT);
	return 0;
}

long op_reset(struct run *run, struct done *done)
{
	int ret = mirror_core_reset(run->m);

	expect_result("reset", ret, run->model.used ? -EBUSY : 0);
	if (ret)
		return ret;
	model_reset(&run->model);
	run->merged = run->made;
	pristine_expect(&run->made, run->m, MIRROR_NR_ORDERS_MAX, "after reset");
	return 0;
}
