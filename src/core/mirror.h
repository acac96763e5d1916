/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct mirror: one instance, and what the core offers to the layers above.
 *
 * Lock order, outermost first. Nothing is taken against it.
 *
 *   1. mmap_lock			the host's
 *      mirror_blocks.ending	mutex; files stay. Then mirror_owner.grow, mutex;
 *				a file's table. Neither is taken in a fault
 *   2. block lock			src/blocks/block.c; of one file
 *   3. i_mmap_rwsem			the host's, through unmap_mapping_pages()
 *   4. mirror.tunables_lock	mutex; sizes and marks
 *      mirror_kmap.lock		mutex; permanent mappings
 *      mirror_bad.lock		mutex; pages reported as bad. Never two of them
 *   5. mirror_pcp.lock		spinlock, per CPU and zone; one at a time
 *   6. mirror_zone.lock	spinlock, interrupts off; one at a time
 *
 * From an interrupt lock 5 is only ever tried. Nothing sleeps or allocates
 * under 5 and 6, and no user memory is touched under 2 and below.
 */
#ifndef _MIRROR_CORE_MIRROR_H
#define _MIRROR_CORE_MIRROR_H

#include "alloc_flags.h"
#include "config.h"

struct mirror_region;

/* Events by zone type, then the rest; see mirror_events(). */
enum mirror_vm_event {
	MIRROR_PGALLOC,
	MIRROR_ALLOCSTALL = MIRROR_PGALLOC + MIRROR_MAX_NR_ZONES,
	MIRROR_PGFREE = MIRROR_ALLOCSTALL + MIRROR_MAX_NR_ZONES,
};

/**
 * struct mirror_bad - page frames reported as bad
 * @lock: lock 4; one report at a time
 * @idx: the frames, in ascending order
 * @nr: how many
 * @size: space in @idx
 * @moving: frame that is being isolated or given back right now, or MIRROR_NIL
 * @reports: reports so far; wraps
 * @by_hardware: some report came from hardware, so that no page is given back
 *
 * @idx and @nr change under @lock while the machine is stopped; with preemption
 * off they can be read without it.
 */
struct mirror_bad {
	struct mutex lock;	/* lock 4 */
	u32 *idx;
	unsigned int nr;
	unsigned int size;
	u32 moving;
	u32 reports;
	bool by_hardware;
};

/**
 * struct mirror - one page allocator
 * @pages: descriptors of all present sections, one after the other
 * @pageblock_type: migratetype by pageblock of @pages
 * @nr_desc: length of @pages
 * @nr_freeable: the same, and 0 from the moment the mirror goes out of service
 * @slot_shift: log2 of the pages of a slot; a slot holds one section, or the
 *              one range there is
 * @slot_base: first pfn of each slot
 * @nr_slots: how many
 * @section_slot: slot of each section, MIRROR_NIL where absent, for the groups
 *                of sections that have any
 * @group_table: by group of sections from the first: where its part of
 *               @section_slot begins, in groups; MIRROR_NIL where all are absent
 * @first_group: number of that first group
 * @nr_groups: length of @group_table
 * @runs: all memory, in address order
 * @nr_runs: how many
 * @max_order: largest order
 * @pb_order: order of a pageblock
 * @mobility_off: too small for grouping by mobility: all requests are unmovable
 * @thp: see struct mirror_config
 * @nr_nodes: nodes
 * @nr_zones: length of @zones
 * @nodes: the nodes, each of its own allocation
 * @zones: every zone of every node, by its id
 * @distance: @nr_nodes × @nr_nodes
 * @cpu_node: node of each CPU
 * @policy: decision points, never NULL
 * @managed: pages of all zones
 * @broken: set once an invariant was found broken; nothing is handed out since
 * @tunables_lock: lock 4
 * @tunables: the sysctls
 * @bad: page frames reported as bad
 * @print_zones: see struct mirror_config
 * @print_types: see struct mirror_config
 * @report_limit: rate limit of reports about callers' mistakes
 * @failure_limit: rate limit of reports about failed allocations
 * @region: the memory behind the frames, for the layers above; the core does not
 *          look into it. NULL for a mirror of descriptors only
 * @wake_kswapd: called in any context when some node's kswapd was woken, so that
 *               mirror_serve_kswapd() comes; NULL where nobody runs it
 * @wake_kswapd_arg: for @wake_kswapd
 * @oom: bit 0: a request is where the reference would kill a process
 * @check_scratch: for mirror_check()
 * @metadata_bytes: memory taken for all of the above
 * @cost: the same by purpose
 * @ranges: as configured
 * @nr_ranges: how many
 */
struct mirror {
	struct mirror_page *pages;
	u8 *pageblock_type;
	u32 nr_desc;
	unsigned int slot_shift;
	unsigned long nr_freeable;
	unsigned long *slot_base;
	u32 nr_slots;
	u32 *section_slot;
	u32 *group_table;
	unsigned long first_group;
	unsigned long nr_groups;
	struct mirror_run *runs;
	unsigned int nr_runs;
	unsigned int max_order;
	unsigned int pb_order;
	bool mobility_off;
	bool thp;
	unsigned int nr_nodes;
	unsigned int nr_zones;
	struct mirror_node **nodes;
	struct mirror_zone **zones;
	u8 *distance;
	int *cpu_node;
	const struct mirror_policy *policy;
	unsigned long managed;
	unsigned long broken;
	struct mutex tunables_lock;	/* lock 4 */
	struct mirror_tunables tunables;
	struct mirror_bad bad;
	u32 print_zones;
	u32 print_types;
	struct ratelimit_state report_limit;
	struct ratelimit_state failure_limit;
	struct mirror_region *region;
	void (*wake_kswapd)(void *arg);
	void *wake_kswapd_arg;
	unsigned long oom;
	void *check_scratch;
	size_t metadata_bytes;
	size_t cost[MIRROR_NR_COSTS];
	struct mirror_range *ranges;
	unsigned int nr_ranges;
};

static inline struct mirror_zone *mirror_zone_by_id(const struct mirror *m,
						    unsigned int id)
{
	return m->zones[id];
}

static inline struct mirror_node *mirror_node_at(const struct mirror *m,
						 unsigned int i)
{
	return i < m->nr_nodes ? m->nodes[i] : NULL;
}

static inline struct mirror_zone *mirror_zone_at(const struct mirror *m,
						 unsigned int id)
{
	return id < m->nr_zones ?
	       mirror_zone_by_id(m, id) : NULL;
}

static inline struct mirror_zone *
mirror_populated_zone_from(const struct mirror *m, unsigned int *id)
{
	struct mirror_zone *zone;

	while ((zone = mirror_zone_at(m, *id)) && !mirror_zone_populated(zone))
		(*id)++;
	return zone;
}

#define mirror_for_each_node(m, node, i) \
	for ((i) = 0; ((node) = mirror_node_at(m, i)); (i)++)

/* All zones of all nodes, or those with pages; @i is the zone's id. */
#define mirror_for_each_zone(m, zone, i) \
	for ((i) = 0; ((zone) = mirror_zone_at(m, i)); (i)++)
#define mirror_for_each_populated_zone(m, zone, i) \
	for ((i) = 0; ((zone) = mirror_populated_zone_from(m, &(i))); (i)++)

static inline struct mirror_zone *mirror_page_zone(const struct mirror *m,
						   const struct mirror_page *page)
{
	return mirror_zone_by_id(m, mirror_flags_zone(mirror_page_flags(page)));
}

static inline bool mirror_is_broken(const struct mirror *m)
{
	return unlikely(READ_ONCE(m->broken));
}

static inline u32 mirror_page_idx(const struct mirror *m,
				  const struct mirror_page *page)
{
	return page - m->pages;
}

static inline unsigned long mirror_idx_to_pfn(const struct mirror *m, u32 idx)
{
	u32 mask = (1u << m->slot_shift) - 1;

	return m->slot_base[idx >> m->slot_shift] + (idx & mask);
}

static inline bool mirror_nid_valid(const struct mirror *m, int nid)
{
	return (unsigned int)nid < m->nr_nodes;
}

/**
 * mirror_pageblock_type - migratetype of the pageblock around a frame
 * @m: the mirror
 * @idx: the frame
 *
 * Context: Any. Stable under zone->lock only.
 * Return: enum mirror_migratetype.
 */
static inline int mirror_pageblock_type(const struct mirror *m, u32 idx)
{
	return READ_ONCE(m->pageblock_type[idx >> m->pb_order]);
}

/**
 * mirror_zone_state - a zone counter as the reference's decisions see it
 * @zone: the zone
 * @item: the counter
 *
 * Context: Any.
 * Return: the zone's value, without what CPUs have not folded; never negative.
 */
static inline unsigned long mirror_zone_state(const struct mirror_zone *zone,
					      enum mirror_zone_stat item)
{
	return max(atomic_long_read(&zone->vm_stat[item]), 0l);
}

static inline bool mirror_type_mergeable(int mt)
{
	return mt < MIRROR_PCP_TYPES;
}

/* init.c */
void mirror_config_default(struct mirror_config *conf);
struct mirror *mirror_core_create(const struct mirror_config *conf);
void mirror_core_destroy(struct mirror *m);
__printf(2, 3) void mirror_broken(struct mirror *m, const char *fmt, ...);

/* populate.c */
int mirror_core_reset(struct mirror *m);

/* memmap.c */
u32 mirror_pfn_to_idx(const struct mirror *m, unsigned long pfn);
unsigned long mirror_skip_hole(const struct mirror *m, unsigned long pfn,
			       unsigned long step);
struct mirror_page *mirror_page_head(const struct mirror *m,
				     struct mirror_page *page);

/* freelist.c */
/**
 * struct mirror_alloc_context - what stays the same during one request
 * @zonelist: zones to try
 * @preferred: index of the first eligible zone in it; @zonelist->nr for none
 * @highest_zoneidx: highest zone the request may use
 * @migratetype: of the request
 * @nodemask: allowed nodes, bit by node; 0 for all
 */
struct mirror_alloc_context {
	const struct mirror_zonelist *zonelist;
	unsigned int preferred;
	int highest_zoneidx;
	int migratetype;
	u64 nodemask;
};

unsigned int mirror_gfp_to_alloc_flags(u32 gfp, unsigned int order,
				       int migratetype);
bool mirror_prepare_alloc(struct mirror *m, u32 gfp, int nid, u64 nodemask,
			  struct mirror_alloc_context *ac);
void mirror_drop_nodemask(struct mirror *m, u32 gfp,
			  struct mirror_alloc_context *ac);
unsigned int mirror_reserve_flags(u32 gfp, unsigned int task);
bool mirror_zones_should_do(const struct mirror_alloc_context *ac, unsigned int order,
			    unsigned int alloc_flags);
struct mirror_page *
mirror_get_page_from_freelist(struct mirror *m, u32 gfp, unsigned int order,
			      unsigned int alloc_flags,
			      const struct mirror_alloc_context *ac);
struct mirror_page *
mirror_alloc_fast(struct mirror *m, u32 gfp, unsigned int order,
		  const struct mirror_alloc_context *ac);
unsigned int mirror_alloc_fast_bulk(struct mirror *m, u32 gfp, unsigned int nr,
				    struct mirror_page **pages,
				    const struct mirror_alloc_context *ac);
bool mirror_unreserve_highatomic(struct mirror *m,
				 const struct mirror_alloc_context *ac,
				 bool force);

/* free.c */
int mirror_core_free(struct mirror *m, struct mirror_page *page,
		     unsigned int order);
unsigned int mirror_core_free_bulk(struct mirror *m, unsigned int nr,
				   struct mirror_page **pages);
bool mirror_page_is_ours(const struct mirror *m, const struct mirror_page *page);

/* refs.c */
int mirror_core_get(struct mirror *m, struct mirror_page *page);
int mirror_core_put(struct mirror *m, struct mirror_page *page);
struct mirror_page *mirror_folio_head(const struct mirror *m, struct mirror_page *page);
int mirror_core_set_movable(struct mirror *m, struct mirror_page *page, bool movable);
int mirror_core_split(struct mirror *m, struct mirror_page *page,
		      unsigned int order);

/* frag.c */
void mirror_core_add_refs(struct mirror_page *page, unsigned int nr);
bool mirror_core_sub_refs(struct mirror *m, struct mirror_page *page, unsigned int nr);
void mirror_core_reuse(struct mirror_page *page, unsigned int nr);
void mirror_core_release(struct mirror *m, struct mirror_page *page);

/* free_batch.c */
unsigned int mirror_core_free_batch(struct mirror *m, unsigned int nr,
				    struct mirror_page **pages, const unsigned int *orders);

/* exact.c */
unsigned long mirror_exact_order(size_t bytes, unsigned int *order);
int mirror_core_trim(struct mirror *m, struct mirror_page *page, unsigned int order,
		     unsigned long nr);
int mirror_core_free_trimmed(struct mirror *m, struct mirror_page *page,
			     unsigned int order, unsigned long nr);

/* pcp.c */
void mirror_drain_zone(struct mirror_zone *zone);
void mirror_drain_cpu(struct mirror *m, unsigned int cpu);
void mirror_drain_all(struct mirror *m);
void mirror_pcp_tick(struct mirror *m, unsigned int cpu);
void mirror_pcp_update_all(struct mirror *m);
void mirror_pcp_set_cache(struct mirror *m, unsigned int cpu, size_t slice);
unsigned long mirror_pcp_count(const struct mirror *m);

/* watermark.c */
void mirror_setup_watermarks(struct mirror *m);
int mirror_set_min_free_kbytes(struct mirror *m, unsigned long kbytes);
int mirror_set_watermark_scale_factor(struct mirror *m, unsigned int factor);
int mirror_set_lowmem_reserve_ratio(struct mirror *m, const unsigned int *ratio);
int mirror_set_high_fraction(struct mirror *m, unsigned int fraction);
int mirror_set_zone_watermarks(struct mirror *m, struct mirror_zone *zone,
			       const unsigned long marks[MIRROR_NR_WMARK]);

/* kswapd.c */
bool mirror_node_hopeless(const struct mirror_node *node);
bool mirror_node_balanced(const struct mirror_node *node, unsigned int order, int highest);
void mirror_wakeup_kswapd(struct mirror_zone *zone, u32 gfp, unsigned int order, int highest);
void mirror_wake_kswapds(const struct mirror_alloc_context *ac, u32 gfp, unsigned int order);
void mirror_serve_kswapd(struct mirror *m);
void mirror_kswapd_reset(struct mirror *m);

/* suitable.c */
bool mirror_compaction_runs(const struct mirror_alloc_context *ac, unsigned int order,
			    unsigned int alloc_flags);
bool mirror_compaction_ready(const struct mirror_alloc_context *ac, unsigned int order);

/* vmstat.c */
unsigned long mirror_zone_state_exact(const struct mirror_zone *zone,
				      enum mirror_zone_stat item);
unsigned long mirror_numa_events(const struct mirror_zone *zone,
				 enum mirror_numa_event item);
unsigned long mirror_events(const struct mirror *m, unsigned int item);
unsigned long mirror_node_events(const struct mirror *m, enum mirror_node_event event);
void mirror_count_interleave(struct mirror_zone *zone);
void mirror_fold_cpu(struct mirror *m, unsigned int cpu);
bool mirror_cpu_has_diffs(const struct mirror *m, unsigned int cpu);
void mirror_refresh_thresholds(struct mirror *m);
unsigned long mirror_nr_free(const struct mirror *m);

/* names.c; the names are those of /proc/vmstat */
extern const char * const mirror_node_event_names[MIRROR_NR_NODE_EVENTS];
/* Room for the names of any 32 bits. */
#define MIRROR_GFP_TEXT_LEN	512

extern const char * const mirror_zone_names[MIRROR_MAX_NR_ZONES + 1];
extern const char * const mirror_migratetype_names[MIRROR_MIGRATE_TYPES];
const char *mirror_gfp_text(u32 gfp, char *buf, size_t size);

/* show_mem.c */
/**
 * struct mirror_lines - where lines of text go
 * @emit: called with each line, without a newline; must not sleep
 * @arg: for @emit
 */
struct mirror_lines {
	void (*emit)(void *arg, const char *line);
	void *arg;
};

void mirror_show_mem(const struct mirror *m, const struct mirror_zonelist *list,
		     u64 nodemask, const struct mirror_lines *out);
void mirror_show_request(const struct mirror *m, u32 gfp, unsigned int order,
			 int nid, u64 nodemask, const struct mirror_lines *out);
void mirror_warn_alloc(struct mirror *m, u32 gfp, unsigned int order, int nid,
		       u64 nodemask);

/* check.c */
/**
 * struct mirror_check - where a validation writes what it finds
 * @emit: called with one line for each fault; may be NULL
 * @arg: for @emit
 * @faults: how many there were
 */
struct mirror_check {
	void (*emit)(void *arg, const char *line);
	void *arg;
	unsigned int faults;
};

unsigned int mirror_check(struct mirror *m, struct mirror_check *check);
void mirror_check_heads(struct mirror *m, struct mirror_check *check);
u32 mirror_check_tails(const struct mirror *m, u32 idx, u32 nr,
		       struct mirror_check *check);
size_t mirror_check_scratch_size(unsigned int nr_nodes);

#endif /* _MIRROR_CORE_MIRROR_H */
