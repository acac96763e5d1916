// SPDX-License-Identifier: GPL-2.0
/*
 * Zonelists: where a request looks, in which order.
 *
 *   fallback     node 0: MOVABLE HIGHMEM NORMAL DMA32 DMA, node 2: MOVABLE ...
 *   no fallback  node 0: MOVABLE HIGHMEM NORMAL DMA32 DMA
 *
 * Nodes come in order of distance from the one asked. Among equals, nodes
 * without CPUs come first, then those that fewer others fall back to first, and
 * a node prefers the ones numbered above it.
 *
 * Built once, before the mirror is in use, and read without a lock: a CPU that
 * comes or goes later changes nothing, as in the reference.
 */
#include "gfp_ops.h"

#define PENALTY_FOR_CPUS	1
/* One bit of distance has to outweigh any load. */
#define DISTANCE_SCALE		1024

static int node_value(const struct mirror *m, int from, int to,
		      const unsigned int *load)
{
	int value = m->distance[from * m->nr_nodes + to];

	value += to < from;
	if (m->nodes[to]->has_cpus)
		value += PENALTY_FOR_CPUS;
	return value * DISTANCE_SCALE + load[to];
}

/* The best node that is not in @used yet, or -1. */
static int nearest_node(const struct mirror *m, int from, u64 *used,
			const unsigned int *load)
{
	int best = -1, best_value = INT_MAX;
	int nid;

	if (m->nodes[from]->present && !(*used & BIT_ULL(from))) {
		*used |= BIT_ULL(from);
		return from;
	}
	for (nid = 0; nid < (int)m->nr_nodes; nid++) {
		int value;

		if (!m->nodes[nid]->present || *used & BIT_ULL(nid))
			continue;
		value = node_value(m, from, nid, load);
		if (value < best_value) {
			best_value = value;
			best = nid;
		}
	}
	if (best >= 0)
		*used |= BIT_ULL(best);
	return best;
}

static void add_node(struct mirror_zonelist *list, struct mirror_node *node)
{
	int type;

	for (type = MIRROR_MAX_NR_ZONES - 1; type >= 0; type--) {
		struct mirror_zone *zone = &node->zones[type];

		if (mirror_zone_populated(zone))
			list->refs[list->nr++] =
				(struct mirror_zoneref){ zone, type };
	}
}

/* Nodes are added in the order that is meant. */
static void sort_zones(struct mirror_zonelist *list)
{
}

/* The first of a group at equal distance takes load, so others spread. */
static void build_fallback(struct mirror_node *node, unsigned int *load)
{
	struct mirror *m = node->m;
	int from = node->nid, nid, prev = from;
	u64 used = 0;

	while ((nid = nearest_node(m, from, &used, load)) >= 0) {
		const u8 *distance = &m->distance[from * m->nr_nodes];

		if (distance[nid] != distance[prev])
			load[nid]++;
		prev = nid;
		add_node(&node->fallback, m->nodes[nid]);
	}
	MIRROR_DECIDE(m, sort_zones, sort_zones, &node->fallback);
}

static int alloc_list(struct mirror_zonelist *list, unsigned int nr_nodes)
{
	list->nr = 0;
	list->refs = kcalloc(nr_nodes * MIRROR_MAX_NR_ZONES,
			     sizeof(*list->refs), GFP_KERNEL);
	return list->refs ? 0 : -ENOMEM;
}

/* Pages above the high marks, over all zones; a mirror that is being made has no marks yet. */
static unsigned long free_zone_pages(const struct mirror *m)
{
	const struct mirror_zonelist *list = &m->nodes[0]->fallback;
	unsigned long sum = 0;
	unsigned int i;

	for (i = 0; i < list->nr; i++) {
		const struct mirror_zone *zone = list->refs[i].zone;
		unsigned long high = mirror_zone_wmark(zone, MIRROR_WMARK_HIGH);

		if (zone->managed > high)
			sum += zone->managed - high;
	}
	return sum;
}

/**
 * mirror_update_mobility - decide whether pageblocks are kept apart by type
 * @m: the mirror, with its zonelists, not in use
 *
 * Not where there is less than a pageblock for each type. Linux: the end of
 * build_all_zonelists(), where the kernel has all types but CMA.
 *
 * Context: Any.
 */
void mirror_update_mobility(struct mirror *m)
{
	m->mobility_off = free_zone_pages(m) <
			  (unsigned long)(MIRROR_MIGRATE_TYPES - 1) << m->pb_order;
}

/**
 * mirror_build_zonelists - build both lists of every node
 * @m: the mirror, not in use yet
 *
 * Context: Process context; may sleep.
 * Return: 0 or -ENOMEM; what was built goes with mirror_free_zonelists().
 */
int mirror_build_zonelists(struct mirror *m)
{
	unsigned int load[MIRROR_MAX_NODES] = {};
	struct mirror_node *node;
	unsigned int i;

	mirror_for_each_node(m, node, i) {
		if (alloc_list(&node->fallback, m->nr_nodes) ||
		    alloc_list(&node->nofallback, 1))
			return -ENOMEM;
		mirror_charge(m, MIRROR_COST_NODES,
			      (m->nr_nodes + 1) * MIRROR_MAX_NR_ZONES *
			      sizeof(*node->fallback.refs));
		build_fallback(node, load);
		add_node(&node->nofallback, node);
	}
	mirror_update_mobility(m);
	return 0;
}

/*
 * Only where the node itself has an eligible zone: then THISNODE, which is no part
 * of the index, makes no difference.
 */
static void build_route(struct mirror_node *node, u32 gfp)
{
	struct mirror_alloc_context ac;

	if (mirror_gfp_check(gfp) ||
	    !mirror_prepare_alloc(node->m, gfp | __MIRROR_GFP_THISNODE,
				  node->nid, 0, &ac))
		return;
	node->routes[gfp] = (struct mirror_route){
		.zone = ac.zonelist->refs[ac.preferred].zone,
		.highest_zoneidx = ac.highest_zoneidx,
		.migratetype = ac.migratetype,
	};
}

/**
 * mirror_build_routes - work out where each kind of request begins
 * @m: the mirror, not in use yet, with all that mirror_prepare_alloc() needs
 *
 * A policy of one's own gets none, as it is asked anew for each request; nor does a
 * mirror without all the orders of per-CPU lists, so that who has one need not ask.
 *
 * Context: Any.
 */
void mirror_build_routes(struct mirror *m)
{
	struct mirror_node *node;
	unsigned int i;
	u32 gfp;

	if (m->policy != &mirror_policy_612 || m->max_order < MIRROR_PCP_COSTLY_ORDER)
		return;
	mirror_for_each_node(m, node, i)
		for (gfp = 0; gfp < MIRROR_NR_ROUTES; gfp++)
			build_route(node, gfp);
}

/**
 * mirror_free_zonelists - free all lists
 * @m: the mirror
 *
 * Context: Process context.
 */
void mirror_free_zonelists(struct mirror *m)
{
	struct mirror_node *node;
	unsigned int i;

	mirror_for_each_node(m, node, i) {
		kfree(node->fallback.refs);
		kfree(node->nofallback.refs);
	}
}
