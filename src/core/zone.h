/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Zones, free areas, per-CPU lists, zonelists.
 *
 *   zone->free_area[order].list[migratetype]: first ... last
 *
 *   order 0  UNMOVABLE   [7]-[12]
 *            MOVABLE     [96]
 *   order 1  MOVABLE     [98]-[44]-[2]
 *   ...
 *
 * zone->free_mask[migratetype] has bit n set where the list of order n holds
 * something, so the first order that fits is one bit operation away.
 */
#ifndef _MIRROR_CORE_ZONE_H
#define _MIRROR_CORE_ZONE_H

#include "page.h"

struct mirror;
struct mirror_node;

/* Limits of what an instance can be configured to. */
#define MIRROR_NR_ORDERS_MAX	16
#define MIRROR_MAX_NODES	64
#define MIRROR_PCP_COSTLY_ORDER	3
#define MIRROR_PCP_TYPES	3
#define MIRROR_PCP_LOW_LISTS	(MIRROR_PCP_TYPES * (MIRROR_PCP_COSTLY_ORDER + 1))
#define MIRROR_NR_PCP_LISTS	(MIRROR_PCP_LOW_LISTS + 2)
/* log2 of how far a batch may be scaled up: CONFIG_PCP_BATCH_SCALE_MAX */
#define MIRROR_PCP_BATCH_SCALE	5
#define MIRROR_PCP_HIGH_FRACTION_MIN	8

/**
 * struct mirror_list - a list of heads, by index
 * @first: MIRROR_NIL where empty
 * @last: MIRROR_NIL where empty
 * @nr: blocks on it
 */
struct mirror_list {
	u32 first;
	u32 last;
	u32 nr;
};

struct mirror_free_area {
	struct mirror_list list[MIRROR_MIGRATE_TYPES];
	unsigned long nr_free;
};

enum mirror_watermark {
	MIRROR_WMARK_MIN,
	MIRROR_WMARK_LOW,
	MIRROR_WMARK_HIGH,
	MIRROR_WMARK_PROMO,
	MIRROR_NR_WMARK
};

enum mirror_zone_stat {
	MIRROR_NR_FREE_PAGES,
	MIRROR_NR_FREE_CMA,
	MIRROR_NR_ZONE_STATS
};

enum mirror_numa_event {
	MIRROR_NUMA_HIT,
	MIRROR_NUMA_MISS,
	MIRROR_NUMA_FOREIGN,
	MIRROR_NUMA_INTERLEAVE,
	MIRROR_NUMA_LOCAL,
	MIRROR_NUMA_OTHER,
	MIRROR_NR_NUMA_EVENTS
};

/* Bits of mirror_pcp.flags */
#define MIRROR_PCPF_PREV_FREE_HIGH_ORDER	BIT(0)
#define MIRROR_PCPF_FREE_HIGH_BATCH		BIT(1)

/**
 * struct mirror_pcp - one CPU's free pages of one zone
 * @lock: covers the lists and every field that is not said to be otherwise
 * @count: pages on all lists
 * @high: the lists are trimmed when @count reaches it; tuned at run time
 * @high_min: lower bound of @high; written under the tunables mutex, read freely
 * @high_max: upper bound of @high; likewise
 * @batch: pages moved at a time; likewise
 * @free_count: pages freed in a row, halved by each allocation
 * @flags: MIRROR_PCPF_*
 * @alloc_factor: log2 by which the next order-0 refill is scaled up
 * @expire: ticks until a remote zone's lists are drained
 * @lists: by mirror_pcp_index()
 */
struct mirror_pcp {
	raw_spinlock_t lock;	/* lock 5 */
	int count;
	int high;
	int high_min;
	int high_max;
	int batch;
	short free_count;
	u8 flags;
	u8 alloc_factor;
	u8 expire;
	struct mirror_list lists[MIRROR_NR_PCP_LISTS];
} ____cacheline_aligned_in_smp;

enum mirror_zone_event {
	MIRROR_ZONE_PGALLOC,
	MIRROR_ZONE_PGFREE,
	MIRROR_NR_ZONE_EVENTS
};

/**
 * struct mirror_zonestat - one CPU's share of a zone's counters
 * @diff: not yet in zone->vm_stat; written on this CPU with interrupts off
 * @threshold: a larger @diff is folded at once
 * @place: MIRROR_NUMA_LOCAL where the CPU is of the zone's node, else
 *         MIRROR_NUMA_OTHER
 * @events: pages that passed on this CPU, by enum mirror_zone_event
 * @numa: events seen on this CPU, never folded back
 */
struct mirror_zonestat {
	s8 diff[MIRROR_NR_ZONE_STATS];
	s8 threshold;
	u8 place;
	unsigned long events[MIRROR_NR_ZONE_EVENTS];
	unsigned long numa[MIRROR_NR_NUMA_EVENTS];
};

enum mirror_node_event {
#define MIRROR_NODE_EVENT(name)	MIRROR_EVENT_##name
#include "node_events.h"
	MIRROR_NR_NODE_EVENTS
};

/**
 * struct mirror_nodestat - one CPU's share of a node's counters
 * @events: by enum mirror_node_event
 */
struct mirror_nodestat {
	unsigned long events[MIRROR_NR_NODE_EVENTS];
};

/* Bits of mirror_zone.flags; atomic bit operations, no lock. */
enum mirror_zone_flag {
	MIRROR_ZONE_BOOSTED,		/* kswapd is due because of a boost */
	MIRROR_ZONE_RECLAIM_ACTIVE,	/* kswapd is at work here */
	MIRROR_ZONE_BELOW_HIGH,		/* free pages fell below the high mark */
	MIRROR_ZONE_KSWAPD_DUE,		/* kswapd was asked for, and has not looked yet */
	MIRROR_ZONE_BROKEN,		/* the mirror is out of service */
};

/**
 * struct mirror_capture - a free block that direct compaction wants first
 * @next: of another task that compacts the same zone
 * @task: who waits; only what it frees is taken, or an interrupt that runs on top of it
 * @page: the block, once there is one
 * @order: wanted
 * @migratetype: of the request
 */
struct mirror_capture {
	struct mirror_capture *next;
	const struct task_struct *task;
	struct mirror_page *page;
	unsigned int order;
	int migratetype;
};

/**
 * struct mirror_zone - a zone of one node
 * @m: the mirror
 * @node: the node
 * @pages: the mirror's descriptor array, copied here for the hot paths
 * @nr_desc: its length
 * @type: enum mirror_zone_type
 * @id: node × MIRROR_MAX_NR_ZONES + @type
 * @page_flags: @id as in the descriptors
 * @max_order: of the mirror
 * @pb_order: of the mirror
 * @pcp_batch: what was last given to every mirror_pcp
 * @pcp_high_min: likewise
 * @pcp_high_max: likewise
 * @start_pfn: first frame
 * @spanned: frames from the first to the last, holes included
 * @present: frames without the holes
 * @managed: frames that the allocator hands out
 * @watermark: pages, by enum mirror_watermark, without the boost. Written under
 *             the tunables mutex and @lock, read freely
 * @watermark_boost: pages on top of every watermark; under @lock, read freely
 * @lowmem_reserve: pages kept from requests that could use a higher zone, by
 *                  that zone; under the tunables mutex, read freely
 * @percpu_drift_mark: below it the per-CPU differences have to be added up;
 *                     under the tunables mutex, read freely
 * @flags: enum mirror_zone_flag
 * @vm_stat: counters, less what CPUs have in their differences
 * @pcp: per-CPU lists; NULL for a zone without pages
 * @stat: per-CPU counters; likewise
 * @lock: covers all that follows
 * @free_area: by order
 * @free_mask: by migratetype: which orders' lists are not empty
 * @nr_reserved_highatomic: pages in HIGHATOMIC pageblocks
 * @nr_free_highatomic: pages free there
 * @captures: compactions that wait for a block; under @lock
 */
struct mirror_zone {
	struct mirror *m;
	struct mirror_node *node;
	struct mirror_page *pages;
	u32 nr_desc;
	u8 type;
	u8 max_order;
	u8 pb_order;
	u16 id;
	u32 page_flags;
	int pcp_batch;
	int pcp_high_min;
	int pcp_high_max;
	unsigned long start_pfn;
	unsigned long spanned;
	unsigned long present;
	unsigned long managed;
	unsigned long watermark[MIRROR_NR_WMARK];
	unsigned long watermark_boost;
	long lowmem_reserve[MIRROR_MAX_NR_ZONES];
	unsigned long percpu_drift_mark;
	unsigned long flags;
	atomic_long_t vm_stat[MIRROR_NR_ZONE_STATS];
	struct mirror_pcp __percpu *pcp;
	struct mirror_zonestat __percpu *stat;

	raw_spinlock_t lock ____cacheline_aligned_in_smp;	/* lock 6 */
	u32 free_mask[MIRROR_MIGRATE_TYPES];
	unsigned long nr_reserved_highatomic;
	unsigned long nr_free_highatomic;
	struct mirror_capture *captures;
	struct mirror_free_area free_area[MIRROR_NR_ORDERS_MAX];
};

struct mirror_zoneref {
	struct mirror_zone *zone;
	int zone_idx;
};

/**
 * struct mirror_zonelist - zones in the order they are tried
 * @nr: how many
 * @refs: the zones, best first
 */
struct mirror_zonelist {
	unsigned int nr;
	struct mirror_zoneref *refs;
};

/* Bits of mirror_node.kswapd_flags */
enum mirror_kswapd_flag {
	MIRROR_KSWAPD_AWAKE,	/* woken, and not asleep again */
};

#define MIRROR_KSWAPD_NO_ZONE	MIRROR_MAX_NR_ZONES

/* The lowest bits of a request say which zone and type it is for. */
#define MIRROR_NR_ROUTES	32

/**
 * struct mirror_route - where a request without a nodemask begins
 * @zone: preferred zone; NULL where none is eligible or the bits contradict
 *        each other
 * @highest_zoneidx: highest zone the request may use
 * @migratetype: of the request
 *
 * What mirror_prepare_alloc() finds out, ready for each combination of bits.
 */
struct mirror_route {
	struct mirror_zone *zone;
	u8 highest_zoneidx;
	u8 migratetype;
};

/**
 * struct mirror_node - a memory node
 * @m: the mirror
 * @nid: its number
 * @has_cpus: some CPU called it local when the zonelists were built
 * @start_pfn: first frame
 * @spanned: frames, holes included
 * @present: frames, without the holes
 * @totalreserve: pages no ordinary request is promised; under the tunables mutex
 * @zones: all five, most of them empty
 * @fallback: own zones, then those of the other nodes by distance
 * @nofallback: own zones only
 * @routes: by the lowest bits of a request
 * @stat: per-CPU counters
 * @kswapd_flags: MIRROR_KSWAPD_*; atomic bit operations
 * @kswapd_order: largest order that was asked for since kswapd last looked
 * @kswapd_highest_zoneidx: highest zone likewise, or MIRROR_KSWAPD_NO_ZONE
 * @kswapd_last_zoneidx: highest zone of kswapd's last run
 * @kswapd_failures: runs without a page reclaimed
 * @kcompactd_max_order: order that a kcompactd would compact for
 * @kcompactd_highest_zoneidx: highest zone that it would look at
 *
 * The kswapd_ and kcompactd_ fields are hints as in the reference: written without a lock,
 * and a wake-up that another one overwrites is made up for by the next.
 */
struct mirror_node {
	struct mirror *m;
	int nid;
	bool has_cpus;
	unsigned long start_pfn;
	unsigned long spanned;
	unsigned long present;
	unsigned long totalreserve;
	struct mirror_zone zones[MIRROR_MAX_NR_ZONES];
	struct mirror_zonelist fallback;
	struct mirror_zonelist nofallback;
	struct mirror_route routes[MIRROR_NR_ROUTES];
	struct mirror_nodestat __percpu *stat;

	unsigned long kswapd_flags;
	unsigned int kswapd_order;
	int kswapd_highest_zoneidx;
	int kswapd_last_zoneidx;
	unsigned int kswapd_failures;
	unsigned int kcompactd_max_order;
	int kcompactd_highest_zoneidx;
};

static inline bool mirror_zone_populated(const struct mirror_zone *zone)
{
	return zone->present;
}

static inline unsigned long mirror_zone_end_pfn(const struct mirror_zone *zone)
{
	return zone->start_pfn + zone->spanned;
}

static inline unsigned long mirror_zone_wmark(const struct mirror_zone *zone,
					      enum mirror_watermark mark)
{
	return READ_ONCE(zone->watermark[mark]) +
	       READ_ONCE(zone->watermark_boost);
}

/* The flags of a head in this zone that say nothing but what and how large it is. */
static inline u32 mirror_zone_head(const struct mirror_zone *zone,
				   enum mirror_page_state state,
				   unsigned int order)
{
	return zone->page_flags | order << MIRROR_PF_ORDER_SHIFT | state;
}

static inline u32 mirror_zone_idx(const struct mirror_zone *zone,
				  const struct mirror_page *page)
{
	return page - zone->pages;
}

#endif /* _MIRROR_CORE_ZONE_H */
