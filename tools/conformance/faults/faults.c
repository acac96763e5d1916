// SPDX-License-Identifier: GPL-2.0
/*
 * Negative controls: policies that are Linux 6.12's but for one thing.
 *
 * A comparison that finds no difference proves something only if it would have
 * found one. So each rule that has a hook is broken here in a small way, the
 * kind that a port gets wrong: a bound off by one, a condition left out. The file
 * "list" beside this one says in words what each does.
 *
 * To break one thing only, a fault needs the rest of its rule. rule_*() below
 * state the rules a second time, which fault-none proves: it uses them all,
 * nothing is wrong with it, and no test may find it. Where a fault lies inside a
 * rule, the rule is told by @wrong, which the compiler sees through.
 *
 * All this is in test builds only: CONFIG_MIRROR_MM_FAULTS.
 */
#include "core/internal.h"

enum fault {
	NOTHING,
	HIGH_UP,
	HIGH_DOWN,
	HIGH_FREE,
	HIGH_REFILL,
	ALLOC_FACTOR,
	REFILL_SIZE,
};

/* free lists -------------------------------------------------------------- */

static bool rule_free_to_tail(const struct mirror_zone *zone, u32 idx,
			      u32 buddy_idx, unsigned int order)
{
	u32 next = idx & buddy_idx;
	u32 above = next ^ (2u << order);
	u32 want = (u32)zone->id << MIRROR_PF_ZONE_SHIFT |
		   (order + 1) << MIRROR_PF_ORDER_SHIFT | MIRROR_PAGE_BUDDY;

	return order + 1 < zone->max_order &&
	       mirror_page_flags(&zone->pages[above]) == want;
}

static bool list_end(const struct mirror_zone *zone, u32 idx, u32 buddy_idx,
		     unsigned int order)
{
	return order + 2 < zone->max_order &&
	       rule_free_to_tail(zone, idx, buddy_idx, order);
}

static bool rule_can_merge(int mt, int buddy_mt)
{
	return mt == buddy_mt ||
	       (mirror_type_mergeable(mt) && mirror_type_mergeable(buddy_mt));
}

static bool merge(int mt, int buddy_mt)
{
	return mt == buddy_mt || mirror_type_mergeable(mt);
}

/* other types' pageblocks -------------------------------------------------- */

static const u8 rule_fallbacks[MIRROR_PCP_TYPES][MIRROR_PCP_TYPES - 1] = {
	[MIRROR_MIGRATE_UNMOVABLE] = {
		MIRROR_MIGRATE_RECLAIMABLE, MIRROR_MIGRATE_MOVABLE },
	[MIRROR_MIGRATE_MOVABLE] = {
		MIRROR_MIGRATE_RECLAIMABLE, MIRROR_MIGRATE_UNMOVABLE },
	[MIRROR_MIGRATE_RECLAIMABLE] = {
		MIRROR_MIGRATE_UNMOVABLE, MIRROR_MIGRATE_MOVABLE },
};

static const u8 fallback_order[MIRROR_PCP_TYPES][MIRROR_PCP_TYPES - 1] = {
	[MIRROR_MIGRATE_UNMOVABLE] = {
		MIRROR_MIGRATE_RECLAIMABLE, MIRROR_MIGRATE_MOVABLE },
	[MIRROR_MIGRATE_MOVABLE] = {
		MIRROR_MIGRATE_UNMOVABLE, MIRROR_MIGRATE_RECLAIMABLE },
	[MIRROR_MIGRATE_RECLAIMABLE] = {
		MIRROR_MIGRATE_UNMOVABLE, MIRROR_MIGRATE_MOVABLE },
};

static bool rule_can_claim(const struct mirror_zone *zone, unsigned int order,
			   int start_mt)
{
	return order >= zone->pb_order / 2 ||
	       start_mt != MIRROR_MIGRATE_MOVABLE || zone->m->mobility_off;
}

static bool claim_order(const struct mirror_zone *zone, unsigned int order,
			int start_mt)
{
	return order && rule_can_claim(zone, order - 1, start_mt);
}

static bool claim_type(const struct mirror_zone *zone, unsigned int order,
		       int start_mt)
{
	return rule_can_claim(zone, order,
			      start_mt == MIRROR_MIGRATE_RECLAIMABLE ?
			      MIRROR_MIGRATE_MOVABLE : start_mt);
}

static bool rule_claim_block(const struct mirror_zone *zone,
			     unsigned int nr_free, unsigned int nr_alike)
{
	return nr_free + nr_alike >= 1u << (zone->pb_order - 1) ||
	       zone->m->mobility_off;
}

static bool claim_threshold(const struct mirror_zone *zone,
			    unsigned int nr_free, unsigned int nr_alike)
{
	return rule_claim_block(zone, nr_free - 1, nr_alike);
}

static unsigned int rule_alike_pages(const struct mirror_zone *zone,
				     const struct mirror_pageblock_pages *nr, int start_mt,
				     int block_mt)
{
	unsigned int fixed = (1u << zone->pb_order) - nr->free - nr->movable;

	if (start_mt == MIRROR_MIGRATE_MOVABLE)
		return nr->movable;
	return block_mt == MIRROR_MIGRATE_MOVABLE ? fixed : 0;
}

static unsigned int claim_fixed(const struct mirror_zone *zone,
				const struct mirror_pageblock_pages *nr, int start_mt,
				int block_mt)
{
	struct mirror_pageblock_pages used = { .free = nr->free };

	return rule_alike_pages(zone, &used, start_mt, block_mt);
}

static bool claim_alike(const struct mirror_zone *zone, unsigned int nr_free,
			unsigned int nr_alike)
{
	return rule_claim_block(zone, nr_free, 0);
}

static unsigned long rule_reserve_max(const struct mirror_zone *zone)
{
	unsigned long block = 1ul << zone->pb_order;
	unsigned long share = zone->managed / 100;

	return share < block ? 0 : ALIGN(share, block);
}

static unsigned long highatomic_max(const struct mirror_zone *zone)
{
	return ALIGN_DOWN(zone->managed / 100, 1ul << zone->pb_order);
}

static unsigned int rule_nofragment(const struct mirror_zone *zone)
{
	if (zone->type != MIRROR_ZONE_NORMAL ||
	    (zone->m->nr_nodes > 1 && !mirror_zone_populated(zone - 1)))
		return 0;
	return MIRROR_ALLOC_NOFRAGMENT;
}

static unsigned int nofragment(const struct mirror_zone *zone)
{
	if (zone->type != MIRROR_ZONE_NORMAL ||
	    (zone->m->nr_nodes == 1 && !mirror_zone_populated(zone - 1)))
		return 0;
	return MIRROR_ALLOC_NOFRAGMENT;
}

/* nodes ------------------------------------------------------------------- */

static bool rule_stays_on_node(u32 gfp)
{
	return !!(gfp & __MIRROR_GFP_THISNODE);
}

static bool node_only(u32 gfp)
{
	return rule_stays_on_node(gfp) && !(gfp & __MIRROR_GFP_HIGH);
}

static bool drops_for_reserves(u32 gfp)
{
	return (gfp & (__MIRROR_GFP_MEMALLOC | __MIRROR_GFP_NOMEMALLOC)) ==
	       __MIRROR_GFP_MEMALLOC;
}

static unsigned int rule_kswapd_order(unsigned int noted, unsigned int order)
{
	return noted < order ? order : noted;
}

static unsigned int kswapd_order(unsigned int noted, unsigned int order)
{
	return order;
}

static bool rule_drops_nodemask(u32 gfp)
{
	return drops_for_reserves(gfp) ||
	       (gfp & (__MIRROR_GFP_HIGH | __MIRROR_GFP_DIRECT_RECLAIM)) ==
	       __MIRROR_GFP_HIGH;
}

static bool node_mask(u32 gfp)
{
	return drops_for_reserves(gfp);
}

static void rule_sort_zones(struct mirror_zonelist *list)
{
}

static int by_node(const struct mirror_zoneref *a, const struct mirror_zoneref *b)
{
	return a->zone->node->nid - b->zone->node->nid;
}

static int by_zone(const struct mirror_zoneref *a, const struct mirror_zoneref *b)
{
	return b->zone_idx - a->zone_idx;
}

/* What is equal keeps its order. */
static void sort(struct mirror_zonelist *list,
		 int (*cmp)(const struct mirror_zoneref *a,
			    const struct mirror_zoneref *b))
{
	unsigned int i, j;

	for (i = 1; i < list->nr; i++)
		for (j = i; j && cmp(&list->refs[j - 1], &list->refs[j]) > 0; j--)
			swap(list->refs[j - 1], list->refs[j]);
}

static void node_order(struct mirror_zonelist *list)
{
	sort(list, by_node);
}

static void node_zones(struct mirror_zonelist *list)
{
	sort(list, by_zone);
}

static void rule_count_remote(struct mirror_zone *preferred,
			      struct mirror_zone *zone, unsigned long nr)
{
	this_cpu_add(zone->stat->numa[MIRROR_NUMA_MISS], nr);
	this_cpu_add(preferred->stat->numa[MIRROR_NUMA_FOREIGN], nr);
}

static void node_miss(struct mirror_zone *preferred, struct mirror_zone *zone,
		      unsigned long nr)
{
	rule_count_remote(zone, preferred, nr);
}

static bool rule_pcp_remote(const struct mirror_zone *zone, unsigned int cpu)
{
	return zone->node->nid != zone->m->cpu_node[cpu];
}

static bool node_remote(const struct mirror_zone *zone, unsigned int cpu)
{
	return true;
}

static unsigned long rule_lowmem_reserve(const struct mirror_zone *zone,
					 unsigned long above, unsigned int ratio)
{
	return above / ratio;
}

static unsigned long node_reserve(const struct mirror_zone *zone,
				  unsigned long above, unsigned int ratio)
{
	return rule_lowmem_reserve(zone, above + zone->managed, ratio);
}

/* marks ------------------------------------------------------------------- */

static unsigned long rule_boost(const struct mirror_zone *zone)
{
	return 1ul << zone->pb_order;
}

static unsigned long boost(const struct mirror_zone *zone)
{
	return rule_boost(zone) - 1;
}

static unsigned long boost_limit(const struct mirror_zone *zone,
				 enum mirror_watermark mark)
{
	unsigned long factor = READ_ONCE(zone->m->tunables.watermark_boost_factor);
	unsigned long most = mult_frac(zone->watermark[mark], factor, 10000);

	return most ? max(most, 1ul << zone->pb_order) : 0;
}

static unsigned long rule_boost_max(const struct mirror_zone *zone)
{
	return boost_limit(zone, MIRROR_WMARK_HIGH);
}

static unsigned long boost_max(const struct mirror_zone *zone)
{
	return boost_limit(zone, MIRROR_WMARK_LOW);
}

static long rule_watermark_min(long mark, unsigned int alloc_flags)
{
	if (alloc_flags & MIRROR_ALLOC_MIN_RESERVE) {
		mark -= mark / 2;
		if (alloc_flags & MIRROR_ALLOC_NON_BLOCK)
			mark -= mark / 4;
	}
	if (alloc_flags & MIRROR_ALLOC_OOM)
		mark -= mark / 2;
	return mark;
}

/* Atomic requests go no deeper than those that may wait. */
static long min_reserve(long mark, unsigned int alloc_flags)
{
	return rule_watermark_min(mark, alloc_flags & ~MIRROR_ALLOC_NON_BLOCK);
}

static long non_block(long mark, unsigned int alloc_flags)
{
	mark = rule_watermark_min(mark, alloc_flags);
	if (alloc_flags & MIRROR_ALLOC_NON_BLOCK &&
	    !(alloc_flags & MIRROR_ALLOC_MIN_RESERVE))
		mark -= mark / 4;
	return mark;
}

static int drift_threshold(const struct mirror_zone *zone, unsigned int base)
{
	int units = zone->managed >> (27 - PAGE_SHIFT);

	return min(125, 2 * fls(num_online_cpus()) * (int)(base + fls(units)));
}

static int rule_threshold(const struct mirror_zone *zone)
{
	return drift_threshold(zone, 1);
}

/* Never 0, which would be no drift at all and another rule. */
static int threshold(const struct mirror_zone *zone)
{
	return max(1, drift_threshold(zone, 0));
}

/* per-CPU lists ----------------------------------------------------------- */

static int rule_pcp_batch(const struct mirror_zone *zone)
{
	unsigned long batch = min_t(unsigned long, zone->managed >> 10,
				    SZ_1M / PAGE_SIZE) / 4;

	batch = max(batch, 1ul);
	return rounddown_pow_of_two(batch + batch / 2) - 1;
}

static int batch(const struct mirror_zone *zone)
{
	return rule_pcp_batch(zone) + 1;
}

static __always_inline int high_of(struct mirror_pcp *pcp,
				   const struct mirror_zone *zone, int batch,
				   bool free_high, enum fault wrong)
{
	int low = READ_ONCE(pcp->high_min), top = READ_ONCE(pcp->high_max);
	int high = clamp(pcp->high, low, top);
	int drop = max_t(int, pcp->free_count, batch);

	pcp->high = high;
	if (!high)
		return 0;
	if (free_high) {
		pcp->high = max(high - (batch << MIRROR_PCP_BATCH_SCALE), low);
		return wrong == HIGH_FREE ? pcp->high : 0;
	}
	if (test_bit(MIRROR_ZONE_RECLAIM_ACTIVE, &zone->flags)) {
		pcp->high = max(high - drop, low);
		return min(batch << 2, pcp->high);
	}
	if (low == top)
		return high;
	if (test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags)) {
		pcp->high = max(high - (wrong == HIGH_DOWN ? batch : drop), low);
		return max(pcp->count, low);
	}
	if ((wrong == HIGH_UP ? pcp->count > high : pcp->count >= high) &&
	    pcp->high < pcp->free_count + batch)
		pcp->high = clamp(pcp->free_count + batch, low, top);
	return high;
}

static int rule_pcp_high(struct mirror_pcp *pcp, const struct mirror_zone *zone,
			 int batch, bool free_high)
{
	return high_of(pcp, zone, batch, free_high, NOTHING);
}

static int pcp_high_up(struct mirror_pcp *pcp, const struct mirror_zone *zone,
		       int batch, bool free_high)
{
	return high_of(pcp, zone, batch, free_high, HIGH_UP);
}

static int pcp_high_down(struct mirror_pcp *pcp, const struct mirror_zone *zone,
			 int batch, bool free_high)
{
	return high_of(pcp, zone, batch, free_high, HIGH_DOWN);
}

static int pcp_high_free(struct mirror_pcp *pcp, const struct mirror_zone *zone,
			 int batch, bool free_high)
{
	return high_of(pcp, zone, batch, free_high, HIGH_FREE);
}

static __always_inline int nr_alloc(struct mirror_pcp *pcp,
				    const struct mirror_zone *zone,
				    unsigned int order, enum fault wrong)
{
	int base = READ_ONCE(pcp->batch), low = READ_ONCE(pcp->high_min);
	int top = READ_ONCE(pcp->high_max), high = clamp(pcp->high, low, top);
	bool short_of = test_bit(MIRROR_ZONE_BELOW_HIGH, &zone->flags);
	bool scaled = !order || wrong == ALLOC_FACTOR;
	int batch = scaled ? base << pcp->alloc_factor : base;
	int most;

	pcp->high = high;
	if (high < base)
		return 1;
	if (low != top && (!short_of || wrong == HIGH_REFILL)) {
		high = min(high + batch, top);
		pcp->high = high;
	}
	if (!order) {
		most = max(high - pcp->count - (wrong == REFILL_SIZE ? 0 : base),
			   base);
		if (batch <= most && pcp->alloc_factor < MIRROR_PCP_BATCH_SCALE)
			pcp->alloc_factor++;
		batch = min(batch, most);
	}
	return batch > 1 ? max(batch >> order, 2) : batch;
}

static int rule_pcp_nr_alloc(struct mirror_pcp *pcp,
			     const struct mirror_zone *zone, unsigned int order)
{
	return nr_alloc(pcp, zone, order, NOTHING);
}

static int pcp_high_refill(struct mirror_pcp *pcp,
			   const struct mirror_zone *zone, unsigned int order)
{
	return nr_alloc(pcp, zone, order, HIGH_REFILL);
}

static int alloc_factor(struct mirror_pcp *pcp, const struct mirror_zone *zone,
			unsigned int order)
{
	return nr_alloc(pcp, zone, order, ALLOC_FACTOR);
}

static int refill_size(struct mirror_pcp *pcp, const struct mirror_zone *zone,
		       unsigned int order)
{
	return nr_alloc(pcp, zone, order, REFILL_SIZE);
}

static int rule_pcp_nr_free(const struct mirror_pcp *pcp, int batch, int high,
			    bool free_high)
{
	if (free_high)
		return min(pcp->count, batch << MIRROR_PCP_BATCH_SCALE);
	return high < batch ? 1 :
	       clamp_t(int, pcp->free_count, batch, high - batch);
}

/* A run of frees scales nothing. */
static int nr_free(const struct mirror_pcp *pcp, int batch, int high,
		   bool free_high)
{
	if (free_high || high < batch)
		return rule_pcp_nr_free(pcp, batch, high, free_high);
	return batch;
}

static int rule_pcp_decay(const struct mirror_pcp *pcp, int batch)
{
	int low = READ_ONCE(pcp->high_min);

	if (pcp->high <= low)
		return pcp->high;
	return max3(pcp->count - (batch << MIRROR_PCP_BATCH_SCALE),
		    pcp->high - (pcp->high >> 3), low);
}

static int pcp_decay(const struct mirror_pcp *pcp, int batch)
{
	int low = READ_ONCE(pcp->high_min);

	if (pcp->high <= low)
		return pcp->high;
	return max3(pcp->count - (batch << MIRROR_PCP_BATCH_SCALE),
		    pcp->high - (pcp->high >> 4), low);
}

static bool rule_pcp_free_high(const struct mirror_pcp *pcp, int batch)
{
	return pcp->free_count >= batch &&
	       pcp->flags & MIRROR_PCPF_PREV_FREE_HIGH_ORDER &&
	       (!(pcp->flags & MIRROR_PCPF_FREE_HIGH_BATCH) ||
		pcp->count >= batch);
}

/* One free of a high order is no run of them. */
static bool free_high(const struct mirror_pcp *pcp, int batch)
{
	return pcp->free_count >= batch &&
	       (!(pcp->flags & MIRROR_PCPF_FREE_HIGH_BATCH) ||
		pcp->count >= batch);
}

static unsigned int rule_pcp_next(unsigned int pindex)
{
	return (pindex + 1) % MIRROR_NR_PCP_LISTS;
}

static unsigned int round_robin(unsigned int pindex)
{
	return pindex ? pindex - 1 : MIRROR_NR_PCP_LISTS - 1;
}

#include "cpus.h"

/* by name ----------------------------------------------------------------- */

static const struct mirror_policy faults[] = {
	{
		.name = "fault-none",
		.fallbacks = rule_fallbacks,
		.free_to_tail = rule_free_to_tail,
		.can_merge = rule_can_merge,
		.can_claim = rule_can_claim,
		.alike_pages = rule_alike_pages,
		.claim_block = rule_claim_block,
		.boost = rule_boost,
		.boost_max = rule_boost_max,
		.reserve_max = rule_reserve_max,
		.nofragment = rule_nofragment,
		.stays_on_node = rule_stays_on_node,
		.kswapd_order = rule_kswapd_order,
		.drops_nodemask = rule_drops_nodemask,
		.sort_zones = rule_sort_zones,
		.count_remote = rule_count_remote,
		.lowmem_reserve = rule_lowmem_reserve,
		.watermark_min = rule_watermark_min,
		.threshold = rule_threshold,
		.pcp_batch = rule_pcp_batch,
		.pcp_high = rule_pcp_high,
		.pcp_nr_alloc = rule_pcp_nr_alloc,
		.pcp_nr_free = rule_pcp_nr_free,
		.pcp_decay = rule_pcp_decay,
		.pcp_free_high = rule_pcp_free_high,
		.pcp_remote = rule_pcp_remote,
		.pcp_next = rule_pcp_next,
	},
	{ .name = "fault-list-end", .free_to_tail = list_end },
	{ .name = "fault-merge", .can_merge = merge },
	{ .name = "fault-fallback-order", .fallbacks = fallback_order },
	{ .name = "fault-claim-order", .can_claim = claim_order },
	{ .name = "fault-claim-type", .can_claim = claim_type },
	{ .name = "fault-claim-threshold", .claim_block = claim_threshold },
	{ .name = "fault-claim-alike", .claim_block = claim_alike },
	{ .name = "fault-claim-fixed", .alike_pages = claim_fixed },
	{ .name = "fault-highatomic-max", .reserve_max = highatomic_max },
	{ .name = "fault-nofragment", .nofragment = nofragment },
	{ .name = "fault-boost", .boost = boost },
	{ .name = "fault-boost-max", .boost_max = boost_max },
	{ .name = "fault-min-reserve", .watermark_min = min_reserve },
	{ .name = "fault-non-block", .watermark_min = non_block },
	{ .name = "fault-threshold", .threshold = threshold },
	{ .name = "fault-batch", .pcp_batch = batch },
	{ .name = "fault-pcp-high-up", .pcp_high = pcp_high_up },
	{ .name = "fault-pcp-high-down", .pcp_high = pcp_high_down },
	{ .name = "fault-pcp-high-free", .pcp_high = pcp_high_free },
	{ .name = "fault-pcp-high-refill", .pcp_nr_alloc = pcp_high_refill },
	{ .name = "fault-alloc-factor", .pcp_nr_alloc = alloc_factor },
	{ .name = "fault-refill-size", .pcp_nr_alloc = refill_size },
	{ .name = "fault-nr-free", .pcp_nr_free = nr_free },
	{ .name = "fault-pcp-decay", .pcp_decay = pcp_decay },
	{ .name = "fault-free-high", .pcp_free_high = free_high },
	{ .name = "fault-round-robin", .pcp_next = round_robin },
	{ .name = "fault-node-order", .sort_zones = node_order },
	{ .name = "fault-node-zones", .sort_zones = node_zones },
	{ .name = "fault-node-only", .stays_on_node = node_only },
	{ .name = "fault-kswapd-order", .kswapd_order = kswapd_order },
	{ .name = "fault-node-mask", .drops_nodemask = node_mask },
	{ .name = "fault-node-miss", .count_remote = node_miss },
	{ .name = "fault-node-remote", .pcp_remote = node_remote },
	{ .name = "fault-node-reserve", .lowmem_reserve = node_reserve },
};

/**
 * mirror_fault_find - look a fault up
 * @name: a policy's name, "fault-" included
 *
 * Context: Any.
 * Return: the policy, or NULL where there is none of that name.
 */
const struct mirror_policy *mirror_fault_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(faults); i++)
		if (!strcmp(faults[i].name, name))
			return &faults[i];
	for (i = 0; i < ARRAY_SIZE(cpu_faults); i++)
		if (!strcmp(cpu_faults[i].name, name))
			return &cpu_faults[i];
	return NULL;
}
