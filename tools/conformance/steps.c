// SPDX-License-Identifier: GPL-2.0
/*
 * The choices of a sequence, one operation at a time.
 *
 * Operations come in runs of one direction. Which direction is more likely
 * follows from the goal, an occupancy that wanders while the sequence goes on.
 */
#include <linux/mirror_mm.h>

#include "steps.h"
#include "util.h"

#define LONG_RUN	5000

static uint32_t now(const struct generator *g)
{
	return g->list->nr;
}

static uint32_t mobility_gfp(struct generator *g)
{
	unsigned int mobility = g->mobility;

	if (mobility == NR_MOBILITIES)
		mobility = rng_weighted(&g->rng, g->mix->mobility, NR_MOBILITIES);
	if (mobility == 2)
		return __MIRROR_GFP_RECLAIMABLE;
	/* There is no zone HIGHMEM; it means NORMAL then. */
	if (mobility == 0)
		return rng_percent(&g->rng, 5) ? __MIRROR_GFP_HIGHMEM : 0;
	/* Together they may use a zone MOVABLE, where there is one. */
	return __MIRROR_GFP_MOVABLE |
	       (rng_percent(&g->rng, 50) ? __MIRROR_GFP_HIGHMEM : 0);
}

/* A few have to lie low; a node without a zone DMA32 refuses them. */
static uint32_t zone_gfp(struct generator *g, uint32_t gfp)
{
	return !(gfp & __MIRROR_GFP_HIGHMEM) && rng_percent(&g->rng, 2) ?
	       __MIRROR_GFP_DMA32 : 0;
}

/* Now and then any of the bits that make sense without direct reclaim. */
static uint32_t odd_gfp(struct generator *g)
{
	const uint32_t any = __MIRROR_GFP_HIGH | __MIRROR_GFP_KSWAPD_RECLAIM |
			     __MIRROR_GFP_MEMALLOC | __MIRROR_GFP_NOMEMALLOC |
			     __MIRROR_GFP_NORETRY | __MIRROR_GFP_RETRY_MAYFAIL |
			     __MIRROR_GFP_IO | __MIRROR_GFP_FS |
			     __MIRROR_GFP_WRITE | __MIRROR_GFP_HARDWALL;

	return rng_percent(&g->rng, 10) ? any & rng_next(&g->rng) : 0;
}

static uint32_t request_gfp(struct generator *g)
{
	uint32_t gfp = mobility_gfp(g);

	gfp |= zone_gfp(g, gfp);
	gfp |= flavour_gfp(rng_weighted(&g->rng, g->mix->flavour, NR_FLAVOURS));
	if (rng_percent(&g->rng, g->mix->zero))
		gfp |= __MIRROR_GFP_ZERO;
	return gfp | odd_gfp(g);
}

/* Of a run, since a node has to become full before others are asked. */
static unsigned int preferred_node(struct generator *g)
{
	return g->node < g->nr_nodes ? g->node : rng_below(&g->rng, g->nr_nodes);
}

/* Any set of nodes that is not empty, the preferred one in it or not. */
static uint32_t allowed_nodes(struct generator *g)
{
	if (!g->masks || rng_percent(&g->rng, 50))
		return 0;
	return 1 + rng_below(&g->rng, (1u << g->nr_nodes) - 1);
}

/*
 * With several nodes most requests may leave the one that they prefer. But a
 * request that reclaims in vain and is bound to no node brings the OOM killer.
 */
static void choose_nodes(struct generator *g, struct conf_op *op)
{
	const uint32_t no_kill = __MIRROR_GFP_NORETRY | __MIRROR_GFP_RETRY_MAYFAIL;

	if (g->nr_nodes == 1) {
		op->gfp |= __MIRROR_GFP_THISNODE;
		return;
	}
	op->arg = CONF_NODES(preferred_node(g), allowed_nodes(g));
	if (rng_percent(&g->rng, 15))
		op->gfp |= __MIRROR_GFP_THISNODE;
	else if (op->gfp & __MIRROR_GFP_DIRECT_RECLAIM && !(op->gfp & no_kill))
		op->gfp |= __MIRROR_GFP_RETRY_MAYFAIL;
}

/*
 * With an order above 0 the reference compacts before it gives up, which moves
 * free pages about. The mirror does not compact yet.
 */
static unsigned int request_order(struct generator *g, uint32_t gfp)
{
	return gfp & __MIRROR_GFP_DIRECT_RECLAIM ? 0 :
	       rng_weighted(&g->rng, g->mix->order, NR_ORDERS);
}

static void add_alloc(struct generator *g)
{
	uint32_t slot = model_empty_slot(&g->model);
	struct conf_op *op;

	if (slot == NO_SLOT) {
		g->left = 0;
		return;
	}
	op = list_add(g->list, CONF_ALLOC);
	op->slot = slot;
	op->gfp = request_gfp(g);
	op->order = request_order(g, op->gfp);
	if (rng_percent(&g->rng, g->mix->comp))
		op->gfp |= __MIRROR_GFP_COMP;
	/* The draws of a mix without such pages stay what they were. */
	if (g->mix->can_move && op->gfp & __MIRROR_GFP_MOVABLE &&
	    rng_percent(&g->rng, g->mix->can_move)) {
		op->nr = CONF_CAN_MOVE;
		op->order = 0;
	}
	choose_nodes(g, op);
	model_take(&g->model, slot, op->order, op->gfp & __MIRROR_GFP_COMP);
	g->doubt += (uint64_t)(100 - g->chance[op->order]) << op->order;
}

/* Small ones and the largest more often than by chance. */
static unsigned int bulk_size(struct generator *g)
{
	static const unsigned int limit[] = { 4, 16, 64, CONF_BULK_MAX };

	if (rng_percent(&g->rng, 3))
		return CONF_BULK_MAX;
	return 1 + rng_below(&g->rng, limit[rng_below(&g->rng, 4)]);
}

static void add_bulk(struct generator *g)
{
	unsigned int window = rng_below(&g->rng, NR_BULK_WINDOWS);
	unsigned int nr = bulk_size(g);
	struct conf_op *op = list_add(g->list, CONF_BULK);

	op->nr = nr;
	op->slot = FIRST_BULK_SLOT + window * CONF_BULK_MAX +
		   rng_below(&g->rng, CONF_BULK_MAX - nr + 1);
	op->gfp = request_gfp(g);
	choose_nodes(g, op);
}

static void add_put(struct generator *g, uint32_t i)
{
	struct slot *slot = &g->model.slot[i];

	list_add(g->list, CONF_PUT)->slot = i;
	if (slot->gets)
		slot->gets--;
	if (!slot->gets && slot->lent)
		model_drop(&g->model, i, now(g));
}

/* The slot's own reference is gone. */
static void free_own(struct generator *g, uint32_t i)
{
	struct slot *slot = &g->model.slot[i];
	uint32_t before = slot_pages(slot);

	if (!slot->gets) {
		model_drop(&g->model, i, now(g));
		return;
	}
	slot->lent = true;
	model_recount(&g->model, slot, before);
}

static void add_free(struct generator *g, uint32_t i)
{
	if (g->model.slot[i].lent) {
		add_put(g, i);
		return;
	}
	list_add(g->list, CONF_FREE)->slot = i;
	free_own(g, i);
}

/* The last part goes with the slot: then it is known to be empty. */
static void add_free_part(struct generator *g, uint32_t i)
{
	struct slot *slot = &g->model.slot[i];
	uint32_t before = slot_pages(slot);
	unsigned int part = rng_below(&g->rng, 1u << slot->order);
	struct conf_op *op;

	while (!(slot->parts & 1u << part))
		part = (part + 1) % (1u << slot->order);
	if (before == 1) {
		add_free(g, i);
		return;
	}
	op = list_add(g->list, CONF_FREE_PART);
	op->slot = i;
	op->arg = part;
	slot->parts &= ~(1u << part);
	model_recount(&g->model, slot, before);
}

/* Of a window of bulk requests, whose slots hold single pages. */
static void add_free_bulk(struct generator *g)
{
	unsigned int window = rng_below(&g->rng, NR_BULK_WINDOWS);
	unsigned int nr = bulk_size(g), i;
	struct conf_op *op = list_add(g->list, CONF_FREE_BULK);

	op->nr = nr;
	op->slot = FIRST_BULK_SLOT + window * CONF_BULK_MAX +
		   rng_below(&g->rng, CONF_BULK_MAX - nr + 1);
	for (i = op->slot; i < op->slot + nr; i++) {
		struct slot *slot = &g->model.slot[i];

		/* What a bulk of this segment has put there goes, too. */
		slot->freed_at = now(g);
		if (slot->held && !slot->lent)
			free_own(g, i);
	}
}

static void add_go_on(struct generator *g)
{
	g->cpu = (g->cpu + 1) % g->nr_cpus;
	list_add(g->list, CONF_GO_ON)->arg = CONF_ONE_CPU(g->cpu);
}

static void add_split(struct generator *g, uint32_t i)
{
	struct slot *slot = &g->model.slot[i];

	list_add(g->list, CONF_SPLIT)->slot = i;
	slot->parts = slot->order == 5 ? UINT32_MAX : (1u << (1u << slot->order)) - 1;
}

static bool can_split(const struct slot *slot)
{
	return !slot->compound && !slot->gets && !slot->lent && slot->order &&
	       slot->order <= CONF_SPLIT_ORDER_MAX && !slot->parts;
}

static void add_get(struct generator *g, uint32_t i)
{
	list_add(g->list, CONF_GET)->slot = i;
	g->model.slot[i].gets++;
}

/* Something with references, for a slot that it makes sense for. */
static void add_reference(struct generator *g)
{
	const struct model *m = &g->model;
	uint32_t i = rng_percent(&g->rng, 50) ? m->newest :
		     m->held[rng_below(&g->rng, m->nr_held)];
	struct slot *slot = &m->slot[i];

	if (slot->parts)
		add_free_part(g, i);
	else if (can_split(slot) && rng_percent(&g->rng, 50))
		add_split(g, i);
	else if (slot->gets && rng_percent(&g->rng, 60))
		add_put(g, i);
	else if (slot->gets && rng_percent(&g->rng, 50))
		add_free(g, i);
	else if (slot->gets < 100)
		add_get(g, i);
}

/*
 * Pages that are taken, as far as can be said inside a segment. A few large
 * blocks that are not to be had would otherwise hide that the node is not full.
 */
static uint32_t likely_pages(const struct generator *g)
{
	uint64_t doubt = g->doubt / 100;

	return doubt < g->model.pages ? g->model.pages - doubt : 0;
}

void learn_chances(struct generator *g, const struct conf_op *op,
		   unsigned int nr, const uint32_t *word)
{
	for (; nr--; word += op_words(op), op++)
		if (op->opcode == CONF_ALLOC && *word != CONF_SKIPPED)
			g->chance[op->order] = (7 * g->chance[op->order] +
						(*word == CONF_FAILED ? 0 : 107)) / 8;
	g->doubt = 0;
}

static bool has_long_runs(const struct generator *g)
{
	return g->mix->run > LONG_RUN;
}

static void new_goal(struct generator *g)
{
	const struct mix *mix = g->mix;
	uint32_t low = (uint64_t)g->model.nr_present * mix->goal_low / 1000;
	uint32_t high = (uint64_t)g->model.nr_present * mix->goal_high / 1000;
	uint32_t width = high - low, stride = width / 8 + 1;

	if (g->goal < low || rng_percent(&g->rng, has_long_runs(g) ? 60 : 10))
		g->goal = low + rng_below(&g->rng, width + 1);
	g->goal += rng_below(&g->rng, 2 * stride + 1);
	g->goal -= stride < g->goal ? stride : g->goal;
	if (g->goal < low)
		g->goal = low;
	if (g->goal > high)
		g->goal = high;
}

/* The first is asked more often than the others, so that it is full more often. */
static void new_node(struct generator *g)
{
	if (g->nr_nodes == 1)
		g->node = 0;
	else if (rng_percent(&g->rng, 45))
		g->node = 0;
	else
		g->node = 1 + rng_below(&g->rng, g->nr_nodes);
}

static void new_run(struct generator *g)
{
	bool below;

	if (has_long_runs(g))
		new_goal(g);
	below = likely_pages(g) < g->goal;
	g->left = 1 + rng_below(&g->rng, g->mix->run);
	/* Short runs are more frequent than long ones. */
	if (rng_percent(&g->rng, 50))
		g->left = 1 + g->left / 8;
	g->taking = rng_percent(&g->rng, below ? 80 : 20);
	g->mobility = rng_percent(&g->rng, 50) ? NR_MOBILITIES :
		      rng_weighted(&g->rng, g->mix->mobility, NR_MOBILITIES);
	new_node(g);
	g->nr_queue = 0;
	if (!g->taking)
		pick_slots(g, g->left);
}

static void step_taking(struct generator *g)
{
	if (rng_percent(&g->rng, g->mix->bulk))
		add_bulk(g);
	else
		add_alloc(g);
	/* A run may lead past the goal, but not to the other end. */
	if (likely_pages(g) > g->goal + g->model.nr_present / 16)
		g->left = 0;
}

static void step_giving(struct generator *g)
{
	bool enough = likely_pages(g) + g->model.nr_present / 8 < g->goal;

	if (!enough && g->mix->free_bulk && rng_percent(&g->rng, g->mix->free_bulk)) {
		add_free_bulk(g);
		return;
	}
	while (g->nr_queue && !enough) {
		uint32_t i = g->queue[--g->nr_queue];

		if (!g->model.slot[i].held)
			continue;
		add_free(g, i);
		return;
	}
	g->left = 0;
}

void step(struct generator *g)
{
	if (!g->left)
		new_run(g);
	if (g->left)
		g->left--;
	/* The draws of a mix for one CPU stay what they were. */
	if (g->mix->cpus && g->nr_cpus > 1 && rng_percent(&g->rng, g->mix->cpus))
		add_go_on(g);
	else if (g->model.nr_held && rng_percent(&g->rng, g->mix->refs))
		add_reference(g);
	else if (g->taking)
		step_taking(g);
	else
		step_giving(g);
}

bool step_between(struct generator *g)
{
	unsigned int before = g->list->nr;

	/* Where runs go on for many segments, each has a goal of its own. */
	if (!has_long_runs(g))
		new_goal(g);
	add_between(g);
	return g->list->nr > before;
}
