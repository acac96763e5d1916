// SPDX-License-Identifier: GPL-2.0
/*
 * Memory policies, as set_mempolicy(2) gives them to a task: which node a request
 * starts from, and which nodes it may use, where it does not say so itself.
 *
 *   DEFAULT, LOCAL        start from the CPU's node
 *   PREFERRED             start from the one node
 *   PREFERRED_MANY        try the nodes first, then all others
 *   BIND                  the nodes and no other
 *   INTERLEAVE            start from each node in turn
 *   WEIGHTED_INTERLEAVE   likewise, each node so many times as it weighs
 *
 * A start is no limit: what that node cannot give comes from the next in its
 * fallback list.
 */
#include <linux/bitops.h>
#include <linux/minmax.h>
#include "core/gfp_ops.h"
#include "mempolicy.h"

/* Before the first node, as the next one is the lowest. */
#define NO_NODE_YET	(MIRROR_MAX_NODES - 1)

static bool takes_turns(u32 mode)
{
	return mode == MIRROR_MPOL_INTERLEAVE ||
	       mode == MIRROR_MPOL_WEIGHTED_INTERLEAVE;
}

/* Nodes with something in one of the zones up to @highest. */
static u64 nodes_with(const struct mirror *m, int highest)
{
	struct mirror_zone *zone;
	u64 nodes = 0;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		if (zone->type <= highest)
			nodes |= BIT_ULL(zone->node->nid);
	return nodes;
}

/*
 * Low zones lie on few nodes, so a request for one of them is not bound. Only one
 * for the highest zone is, or for MOVABLE where the nodes have nothing else.
 */
static int lowest_bound_zone(const struct mirror *m, u64 nodes)
{
	struct mirror_zone *zone;
	int highest = 0;
	unsigned int i;

	if (!(nodes & nodes_with(m, MIRROR_ZONE_HIGHMEM)))
		return MIRROR_ZONE_MOVABLE;
	mirror_for_each_populated_zone(m, zone, i)
		if (zone->type <= MIRROR_ZONE_HIGHMEM)
			highest = max_t(int, highest, zone->type);
	return highest;
}

/* set and get ------------------------------------------------------------------ */

/**
 * mirror_mempolicy_init - the policy of a new file
 * @pol: becomes DEFAULT
 *
 * Context: Any.
 */
void mirror_mempolicy_init(struct mirror_mempolicy *pol)
{
	memset(pol, 0, sizeof(*pol));
	spin_lock_init(&pol->lock);
	pol->mode = MIRROR_MPOL_DEFAULT;
}

/* Which modes want nodes, and which want none. */
static int check_mode(u32 mode, u64 nodes)
{
	if (mode >= MIRROR_MPOL_MAX)
		return -EINVAL;
	if (mode == MIRROR_MPOL_DEFAULT || mode == MIRROR_MPOL_LOCAL)
		return nodes ? -EINVAL : 0;
	return nodes || mode == MIRROR_MPOL_PREFERRED ? 0 : -EINVAL;
}

/**
 * mirror_mempolicy_set - change the policy of a file
 * @pol: of the file
 * @m: the mirror
 * @arg: mode and nodes
 *
 * Interleaving begins anew with the lowest node.
 *
 * Context: Any but interrupts.
 * Return: 0, or -EINVAL as struct mirror_mm_mempolicy says.
 */
int mirror_mempolicy_set(struct mirror_mempolicy *pol, const struct mirror *m,
			 const struct mirror_mm_mempolicy *arg)
{
	u64 nodes = arg->nodemask & nodes_with(m, MIRROR_ZONE_MOVABLE);
	u32 mode = arg->mode;
	int ret = check_mode(mode, arg->nodemask);

	if (ret || arg->next_node)
		return -EINVAL;
	if (arg->nodemask && !nodes)
		return -EINVAL;
	if (mode == MIRROR_MPOL_PREFERRED) {
		nodes &= -nodes;
		if (!nodes)
			mode = MIRROR_MPOL_LOCAL;
	}
	spin_lock(&pol->lock);
	WRITE_ONCE(pol->mode, mode);
	pol->nodes = nodes;
	pol->lowest_zone = lowest_bound_zone(m, nodes);
	pol->prev = NO_NODE_YET;
	pol->left = 0;
	spin_unlock(&pol->lock);
	return 0;
}

static int node_after(int nid, u64 nodes)
{
	u64 above = nodes & ~GENMASK_ULL(nid, 0);

	return __ffs64(above ?: nodes);
}

static bool stays(const struct mirror_mempolicy *pol)
{
	return pol->mode == MIRROR_MPOL_WEIGHTED_INTERLEAVE && pol->left;
}

/**
 * mirror_mempolicy_get - tell the policy of a file
 * @pol: of the file
 * @arg: filled in
 *
 * Context: Any but interrupts.
 */
void mirror_mempolicy_get(struct mirror_mempolicy *pol,
			  struct mirror_mm_mempolicy *arg)
{
	spin_lock(&pol->lock);
	arg->mode = pol->mode;
	arg->nodemask = pol->nodes;
	arg->next_node = MIRROR_MM_NODE_ANY;
	if (takes_turns(pol->mode))
		arg->next_node = stays(pol) ? pol->prev :
				 node_after(pol->prev, pol->nodes);
	spin_unlock(&pol->lock);
}

/* using it --------------------------------------------------------------------- */

static int take_turn(struct mirror_mempolicy *pol,
		     const struct mirror_weights *weights)
{
	lockdep_assert_held(&pol->lock);

	if (!stays(pol)) {
		pol->prev = node_after(pol->prev, pol->nodes);
		pol->left = max_t(u8, READ_ONCE(weights->of[pol->prev]), 1);
	}
	pol->left--;
	return pol->prev;
}

/**
 * mirror_mempolicy_place - where a request that names no node looks
 * @pol: of the file
 * @weights: of its nodes
 * @gfp: MIRROR_GFP_* of the request, without __MIRROR_GFP_THISNODE
 * @at: filled in
 *
 * Context: Any but interrupts.
 */
void mirror_mempolicy_place(struct mirror_mempolicy *pol,
			    const struct mirror_weights *weights, u32 gfp,
			    struct mirror_placement *at)
{
	*at = (struct mirror_placement){ .nid = MIRROR_MM_NODE_ANY };
	if (READ_ONCE(pol->mode) == MIRROR_MPOL_DEFAULT)
		return;
	spin_lock(&pol->lock);
	switch (pol->mode) {
	case MIRROR_MPOL_PREFERRED:
		at->nid = __ffs64(pol->nodes);
		break;
	case MIRROR_MPOL_PREFERRED_MANY:
		at->nodemask = pol->nodes;
		at->wish = true;
		break;
	case MIRROR_MPOL_BIND:
		if (mirror_gfp_zone(gfp) >= pol->lowest_zone)
			at->nodemask = pol->nodes;
		break;
	case MIRROR_MPOL_INTERLEAVE:
		at->interleave = true;
		fallthrough;
	case MIRROR_MPOL_WEIGHTED_INTERLEAVE:
		at->nid = take_turn(pol, weights);
		break;
	}
	spin_unlock(&pol->lock);
}
