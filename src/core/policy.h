/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The decisions of the allocator that somebody may want to make otherwise.
 *
 * A hook that is NULL means what Linux 6.12 does, and that is compiled in line
 * at the place of the decision: MIRROR_DECIDE() costs a patched-out branch
 * until the first mirror with a policy of its own exists.
 */
#ifndef _MIRROR_CORE_POLICY_H
#define _MIRROR_CORE_POLICY_H

#include "mirror.h"

struct mirror_pageblock_pages;

/**
 * struct mirror_policy - decision points
 * @name: as chosen at load time
 * @fallbacks: for each of the three mobile types the other two, in the order in
 *             which they are robbed; NULL for 6.12's
 * @free_to_tail: does a block just freed go to the end of its list, where it is
 *                taken last? Under zone->lock
 * @can_merge: may free blocks of these two pageblock types become one?
 * @can_claim: may a request of this type take over a pageblock of which a free
 *             block of @order was found?
 * @alike_pages: pages of a pageblock in use that count as of the request's type, of
 *               those that @nr counts. Under zone->lock
 * @claim_block: take the pageblock over, given its free and alike pages?
 * @boost: pages that one mixing of types adds to the marks
 * @boost_max: upper bound of the boost
 * @reserve_max: pages that HIGHATOMIC pageblocks may take of the zone
 * @nofragment: MIRROR_ALLOC_NOFRAGMENT for the first pass, or 0
 * @stays_on_node: may the request only have memory of the node that it prefers?
 * @kswapd_order: order to note for kswapd where @noted was, and a request of @order came
 * @drops_nodemask: does the request ignore the nodemask after its first failure?
 * @sort_zones: puts a fallback list into order. It comes by node, the nearest first,
 *              and by zone on each node. The mirror is not in use yet
 * @count_remote: counts blocks that another node than the preferred one gave
 * @lowmem_reserve: pages that a zone with memory keeps from requests that could use
 *                  the @above pages of higher zones; @ratio is not 0
 * @watermark_min: the mark, lowered for a request with reserves
 * @threshold: largest per-CPU difference of a zone counter
 * @pcp_batch: pages to move at a time, from the zone's size
 * @pcp_high: pages a per-CPU list may hold now. Under pcp->lock; may tune it
 * @pcp_nr_alloc: blocks to refill with. Under pcp->lock
 * @pcp_nr_free: pages to flush. Under pcp->lock
 * @pcp_decay: what a per-CPU list's high sinks to with a tick
 * @pcp_free_high: flush because high orders are freed in a row?
 * @pcp_remote: are the CPU's lists of this zone of another node's memory?
 * @pcp_next: list that the bulk free looks at after @pindex
 *
 * All may be called with locks held and interrupts off: they must not sleep.
 */
struct mirror_policy {
	const char *name;
	const u8 (*fallbacks)[MIRROR_PCP_TYPES - 1];
	bool (*free_to_tail)(const struct mirror_zone *zone, u32 idx,
			     u32 buddy_idx, unsigned int order);
	bool (*can_merge)(int mt, int buddy_mt);
	bool (*can_claim)(const struct mirror_zone *zone, unsigned int order,
			  int start_mt);
	unsigned int (*alike_pages)(const struct mirror_zone *zone,
				    const struct mirror_pageblock_pages *nr,
				    int start_mt, int block_mt);
	bool (*claim_block)(const struct mirror_zone *zone,
			    unsigned int nr_free, unsigned int nr_alike);
	unsigned long (*boost)(const struct mirror_zone *zone);
	unsigned long (*boost_max)(const struct mirror_zone *zone);
	unsigned long (*reserve_max)(const struct mirror_zone *zone);
	unsigned int (*nofragment)(const struct mirror_zone *zone);
	bool (*stays_on_node)(u32 gfp);
	unsigned int (*kswapd_order)(unsigned int noted, unsigned int order);
	bool (*drops_nodemask)(u32 gfp);
	void (*sort_zones)(struct mirror_zonelist *list);
	void (*count_remote)(struct mirror_zone *preferred,
			     struct mirror_zone *zone, unsigned long nr);
	unsigned long (*lowmem_reserve)(const struct mirror_zone *zone,
					unsigned long above, unsigned int ratio);
	long (*watermark_min)(long mark, unsigned int alloc_flags);
	int (*threshold)(const struct mirror_zone *zone);
	int (*pcp_batch)(const struct mirror_zone *zone);
	int (*pcp_high)(struct mirror_pcp *pcp, const struct mirror_zone *zone,
			int batch, bool free_high);
	int (*pcp_nr_alloc)(struct mirror_pcp *pcp,
			    const struct mirror_zone *zone, unsigned int order);
	int (*pcp_nr_free)(const struct mirror_pcp *pcp, int batch, int high,
			   bool free_high);
	int (*pcp_decay)(const struct mirror_pcp *pcp, int batch);
	bool (*pcp_free_high)(const struct mirror_pcp *pcp, int batch);
	bool (*pcp_remote)(const struct mirror_zone *zone, unsigned int cpu);
	unsigned int (*pcp_next)(unsigned int pindex);
};

extern const struct mirror_policy mirror_policy_612;
extern const struct mirror_policy mirror_policy_lifo;
DECLARE_STATIC_KEY_FALSE(mirror_policy_key);

const struct mirror_policy *mirror_policy_find(const char *name);

/* Policies with one rule wrong each, for tests: tools/conformance/faults. */
#ifdef CONFIG_MIRROR_MM_FAULTS
const struct mirror_policy *mirror_fault_find(const char *name);
#else
static inline const struct mirror_policy *mirror_fault_find(const char *name)
{
	return NULL;
}
#endif

void mirror_policy_attach(struct mirror *m, const struct mirror_policy *policy);
void mirror_policy_detach(struct mirror *m);

/*
 * MIRROR_DECIDE(m, hook, fallback, args...) - the mirror's own hook where it
 * has one, else @fallback, which the compiler sees through.
 */
#define MIRROR_DECIDE(m, hook, fallback, ...)				\
	(static_branch_unlikely(&mirror_policy_key) && (m)->policy->hook ?	\
	 (m)->policy->hook(__VA_ARGS__) : fallback(__VA_ARGS__))

#endif /* _MIRROR_CORE_POLICY_H */
