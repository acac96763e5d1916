// SPDX-License-Identifier: GPL-2.0
/*
 * Geometries: any bytes give one that a mirror can be made from, so that a
 * refusal to make it is a fault.
 */
#include <stdlib.h>
#include <string.h>
#include "core/buddy_ops.h"
#include "core/policy.h"
#include "geometry.h"
#include "harness.h"

/* A multiple of any block, so that offsets alone decide about alignment. */
#define BASE_PFN	0x40000ul

/* decoding ---------------------------------------------------------------------- */

struct cursor {
	const u8 *next;
};

static unsigned int byte(struct cursor *c)
{
	return *c->next++;
}

/* A third of a zone may be reserved, so that small ones have a reserve, too. */
static unsigned long large_reserve(const struct mirror_zone *zone)
{
	return round_down(zone->managed / 3, 1ul << zone->pb_order);
}

const struct mirror_policy geometry_policy = {
	.name = "large-reserve",
	.reserve_max = large_reserve,
};

/* FAULT= names a deliberate fault, which every mirror of this run then has. */
static const struct mirror_policy *pick_policy(unsigned int choice)
{
	static const struct mirror_policy * const policies[] = {
		NULL, &geometry_policy, NULL, &mirror_policy_lifo,
	};
	const char *name = getenv("FAULT");
	char full[64];

	if (!name)
		return policies[choice % ARRAY_SIZE(policies)];
	snprintf(full, sizeof(full), "fault-%s", name);
	if (!mirror_policy_find(full)) {
		fprintf(stderr, "error: no fault is named %s\n", name);
		exit(1);
	}
	return mirror_policy_find(full);
}

static unsigned long range_size(struct cursor *c, unsigned int shift)
{
	unsigned long size = ((unsigned long)byte(c) << shift) + 1;

	return size + byte(c) % 8;
}

/* Two nodes never share a pageblock: a configuration with that can be refused. */
static void decode_ranges(struct geometry *g, struct cursor *c)
{
	static const u8 shifts[] = { 0, 0, 0, 0, 1, 1, 2, 3 };
	unsigned int shift = shifts[byte(c) % ARRAY_SIZE(shifts)];
	unsigned int nr = 1 + byte(c) % GEOMETRY_MAX_RANGES, i;
	unsigned int nr_nodes = 1 + byte(c) % MODEL_MAX_NODES;
	unsigned long pfn = BASE_PFN + byte(c);

	for (i = 0; i < nr; i++) {
		struct mirror_range *r = &g->ranges[i];
		unsigned int hole = byte(c);

		if (hole % 4 == 1)
			pfn += hole << shift;
		r->nid = byte(c) % nr_nodes;
		if (i && r->nid != r[-1].nid)
			pfn = round_up(pfn, 1ul << g->conf.pb_order);
		r->start_pfn = pfn;
		pfn += range_size(c, shift);
		r->end_pfn = pfn;
	}
	g->conf.ranges = g->ranges;
	g->conf.nr_ranges = nr;
	g->conf.nr_nodes = nr_nodes;
}

static void decode_zones(struct geometry *g, struct cursor *c)
{
	unsigned int parts = byte(c), rest = byte(c), type, i;
	unsigned long total = 0;

	for (i = 0; i < g->conf.nr_ranges; i++)
		total += g->ranges[i].end_pfn - g->ranges[i].start_pfn;
	g->conf.rest_zone = rest % 2 ? (int)(rest / 2 % MIRROR_MAX_NR_ZONES) :
			    MIRROR_ZONE_NORMAL;
	/* A bit of @parts for each zone that gets an eighth, and a few pages. */
	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		if (parts & BIT(type))
			g->conf.zone_pages[type] = total / 8 +
				(total >= 64 ? (parts >> 5) : 0);
}

static void decode_nodes(struct geometry *g, struct cursor *c)
{
	static const u8 distances[] = { 10, 20, 15, 21, 40 };
	unsigned int i, given = byte(c), cpus = byte(c);

	g->nr_cpus = 1 + cpus % GEOMETRY_MAX_CPUS;
	for (i = 0; i < ARRAY_SIZE(g->cpu_node); i++)
		g->cpu_node[i] = (cpus >> (2 + 2 * i)) % g->conf.nr_nodes;
	if (given & 1)
		g->conf.cpu_node = g->cpu_node;
	g->conf.cpus_late = given & 2;
	for (i = 0; i < ARRAY_SIZE(g->distance); i++)
		g->distance[i] = distances[(given >> (i % 6)) % ARRAY_SIZE(distances)];
	if (given & 4)
		g->conf.distance = g->distance;
}

static void decode_settings(struct geometry *g, struct cursor *c)
{
	static const unsigned int factors[] = { 0, 10, 100, 1000, 3000 };
	unsigned int marks = byte(c), other = byte(c);

	g->conf.min_free_kbytes = marks % 16 * 4;
	g->conf.watermark_scale_factor = factors[marks / 16 % ARRAY_SIZE(factors)];
	g->no_marks = other & 1;
	g->cma = other & 2 ? 1 + (other >> 6) : 0;
	g->grouped = other & 4;
	g->conf.policy = pick_policy(other >> 3);
}

/**
 * geometry_decode - read a geometry
 * @g: filled in; @g->conf points into it
 * @bytes: any
 */
void geometry_decode(struct geometry *g, const u8 bytes[GEOMETRY_BYTES])
{
	struct cursor c = { bytes };

	memset(g, 0, sizeof(*g));
	mirror_config_default(&g->conf);
	g->conf.max_order = 1 + byte(&c) % 10;
	g->conf.pb_order = 1 + byte(&c) % g->conf.max_order;
	g->conf.section_order = g->conf.max_order + byte(&c) % 4;
	decode_settings(g, &c);
	decode_ranges(g, &c);
	decode_zones(g, &c);
	decode_nodes(g, &c);
}

/* making ------------------------------------------------------------------------ */

/* Frees a block that is free already, so that it merges with what is around. */
static void free_again(struct mirror_zone *zone, u32 idx, int mt)
{
	unsigned int order = zone->pb_order;
	u32 flags = mirror_page_flags(&zone->pages[idx]);

	if (mirror_flags_state(flags) != MIRROR_PAGE_BUDDY ||
	    mirror_flags_order(flags) != order)
		return;
	mirror_del_free(zone, idx, order, mt);
	mirror_account_free(zone, -(1l << order), mt);
	mirror_free_large(zone, idx, order, false);
}

/* Gives the last pageblocks of a zone the type CMA, if they are whole. */
static void make_cma(struct mirror *m, struct mirror_zone *zone, unsigned int nr)
{
	unsigned long size = 1ul << m->pb_order;
	unsigned long pfn = round_down(mirror_zone_end_pfn(zone), size);

	for (; nr && pfn >= zone->start_pfn + size; nr--) {
		u32 idx;

		pfn -= size;
		idx = mirror_pfn_to_idx(m, pfn);
		if (idx == MIRROR_NIL ||
		    mirror_flags_zone(mirror_page_flags(&m->pages[idx])) != zone->id)
			return;
		raw_spin_lock(&zone->lock);
		mirror_pageblock_isolate(zone, idx, MIRROR_MIGRATE_CMA);
		free_again(zone, idx, MIRROR_MIGRATE_CMA);
		raw_spin_unlock(&zone->lock);
	}
}

static void clear_marks(struct mirror *m)
{
	static const unsigned long none[MIRROR_NR_WMARK];
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		mirror_set_zone_watermarks(m, zone, none);
}

static void group_by_mobility(struct mirror *m)
{
	m->mobility_off = false;
	mirror_build_routes(m);
}

/**
 * geometry_create - make the mirror
 * @g: the geometry
 *
 * Return: the mirror; the program ends where there is none.
 */
struct mirror *geometry_create(const struct geometry *g)
{
	struct mirror *m;

	harness_set_nr_cpus(g->nr_cpus);
	harness_set_cpu(0);
	m = mirror_core_create(&g->conf);
	if (IS_ERR(m))
		fuzz_found("a mirror was refused with %ld", PTR_ERR(m));
	if (g->no_marks)
		clear_marks(m);
	if (g->grouped)
		group_by_mobility(m);
	return m;
}

/**
 * geometry_mark_cma - give some pageblocks the type CMA, where the geometry has any
 * @g: the geometry
 * @m: a mirror of it, nothing of which is held
 */
void geometry_mark_cma(const struct geometry *g, struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		make_cma(m, zone, g->cma);
}

/* words ------------------------------------------------------------------------- */

/**
 * geometry_print - say what a geometry is
 * @g: the geometry
 */
void geometry_print(const struct geometry *g)
{
	const struct mirror_config *c = &g->conf;
	unsigned int i;

	fprintf(stderr, "max order %u, pageblock %u, section %u, %u CPUs, %u nodes, policy %s\n",
		c->max_order, c->pb_order, c->section_order, g->nr_cpus, c->nr_nodes,
		c->policy ? c->policy->name : mirror_policy_612.name);
	for (i = 0; i < c->nr_ranges; i++)
		fprintf(stderr, "range %#lx to %#lx, %lu pages, node %d\n",
			c->ranges[i].start_pfn, c->ranges[i].end_pfn,
			c->ranges[i].end_pfn - c->ranges[i].start_pfn,
			c->ranges[i].nid);
	fprintf(stderr, "zones");
	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		fprintf(stderr, " %lu", c->zone_pages[i]);
	fprintf(stderr, ", the rest in zone %d; min_free_kbytes %lu, scale factor %u%s\n",
		c->rest_zone, c->min_free_kbytes, c->watermark_scale_factor,
		g->no_marks ? ", marks set to 0" : "");
	if (c->cpu_node)
		for (i = 0; i < g->nr_cpus; i++)
			fprintf(stderr, "CPU %u on node %d\n", i, c->cpu_node[i]);
	if (c->distance)
		for (i = 0; i < c->nr_nodes * c->nr_nodes; i++)
			fprintf(stderr, "%s%u%s", i % c->nr_nodes ? " " : "distances ",
				c->distance[i],
				i % c->nr_nodes == c->nr_nodes - 1 ? "\n" : "");
	if (g->cma)
		fprintf(stderr, "CMA: the last %u pageblocks of each zone\n", g->cma);
}
