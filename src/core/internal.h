/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the core share among themselves.
 */
#ifndef _MIRROR_CORE_INTERNAL_H
#define _MIRROR_CORE_INTERNAL_H

#include "mirror.h"
#include "policy.h"

/* list primitives: the lock of the list is held ------------------------- */

static inline void mirror_list_init(struct mirror_list *list)
{
	list->first = MIRROR_NIL;
	list->last = MIRROR_NIL;
	list->nr = 0;
}

static inline bool mirror_list_empty(const struct mirror_list *list)
{
	return READ_ONCE(list->first) == MIRROR_NIL;
}

static inline void mirror_list_add(struct mirror_page *pages,
				   struct mirror_list *list, u32 idx)
{
	pages[idx].prev = MIRROR_NIL;
	pages[idx].next = list->first;
	if (list->first == MIRROR_NIL)
		list->last = idx;
	else
		pages[list->first].prev = idx;
	WRITE_ONCE(list->first, idx);
	list->nr++;
}

static inline void mirror_list_add_tail(struct mirror_page *pages,
					struct mirror_list *list, u32 idx)
{
	pages[idx].next = MIRROR_NIL;
	pages[idx].prev = list->last;
	if (list->last == MIRROR_NIL)
		WRITE_ONCE(list->first, idx);
	else
		pages[list->last].next = idx;
	list->last = idx;
	list->nr++;
}

/*
 * Both neighbours have to point back, or else somebody wrote into a descriptor
 * that was not his. Nothing is changed then.
 */
static inline bool mirror_list_linked(const struct mirror_page *pages,
				      const struct mirror_list *list,
				      u32 idx, u32 nr_desc)
{
	u32 next = pages[idx].next, prev = pages[idx].prev;

	if (next != MIRROR_NIL &&
	    (next >= nr_desc || pages[next].prev != idx))
		return false;
	if (prev != MIRROR_NIL &&
	    (prev >= nr_desc || pages[prev].next != idx))
		return false;
	return (next != MIRROR_NIL || list->last == idx) &&
	       (prev != MIRROR_NIL || list->first == idx);
}

static inline void mirror_list_unlink(struct mirror_page *pages,
				      struct mirror_list *list, u32 idx)
{
	u32 next = pages[idx].next, prev = pages[idx].prev;

	if (prev == MIRROR_NIL)
		WRITE_ONCE(list->first, next);
	else
		pages[prev].next = next;
	if (next == MIRROR_NIL)
		list->last = prev;
	else
		pages[next].prev = prev;
	list->nr--;
}

/* What the mirror takes is told by purpose. */
static inline void mirror_charge(struct mirror *m, enum mirror_cost cost,
				 size_t bytes)
{
	m->cost[cost] += bytes;
	m->metadata_bytes += bytes;
}

/* memmap.c */
#define MIRROR_GROUP_SHIFT	9	/* log2 of the sections of a group */

int mirror_memmap_init(struct mirror *m, unsigned int section_order);
u32 mirror_pfn_slot_idx(const struct mirror *m, unsigned long pfn);

/* populate.c */
int mirror_deal_ranges(struct mirror *m, const struct mirror_config *conf);
int mirror_fill_descriptors(struct mirror *m);
void mirror_make_pristine(struct mirror *m, bool may_sleep);

/* buddy.c */
struct mirror_page *mirror_rmqueue_smallest(struct mirror_zone *zone,
					    unsigned int order, int mt);
void mirror_free_to_buddy(struct mirror_zone *zone, u32 idx, unsigned int order,
			  int mt, bool to_tail);
void mirror_free_large(struct mirror_zone *zone, u32 idx, unsigned int order,
		       bool to_tail);
void mirror_free_one(struct mirror_zone *zone, struct mirror_page *page,
		     unsigned int order);
struct mirror_page *mirror_take_and_expand(struct mirror_zone *zone, u32 idx,
					   unsigned int low, unsigned int high,
					   int mt);
unsigned long mirror_expand(struct mirror_zone *zone, u32 idx, unsigned int low,
			    unsigned int high, int mt);
bool mirror_del_free(struct mirror_zone *zone, u32 idx, unsigned int order,
		     int mt);
void mirror_add_free(struct mirror_zone *zone, u32 idx, unsigned int order,
		     int mt, bool tail);
void mirror_account_free(struct mirror_zone *zone, long nr_pages, int mt);

/* pageblock.c */
void mirror_set_pageblock_type(struct mirror *m, u32 idx, int mt);
void mirror_set_pageblock_range(struct mirror *m, u32 idx, unsigned int order,
				int mt);
bool mirror_pageblock_in_zone(const struct mirror_zone *zone, u32 idx,
			      u32 *start);
unsigned int mirror_pageblock_free(const struct mirror_zone *zone, u32 start);
int mirror_move_freepages(struct mirror_zone *zone, u32 idx, int old_mt,
			  int new_mt);
bool mirror_pageblock_isolate(struct mirror_zone *zone, u32 idx, int mt);

/* fallback.c: how the last block of a bulk refill was found */
enum mirror_rmqueue_mode {
	MIRROR_RMQUEUE_NORMAL,
	MIRROR_RMQUEUE_CMA,
	MIRROR_RMQUEUE_CLAIM,
	MIRROR_RMQUEUE_STEAL,
};

struct mirror_page *mirror_rmqueue_locked(struct mirror_zone *zone,
					  unsigned int order, int mt,
					  unsigned int alloc_flags,
					  enum mirror_rmqueue_mode *mode);
void mirror_reserve_highatomic(struct mirror_zone *zone,
			       struct mirror_page *page, unsigned int order);

/* pcp.c, pcp_size.c */
bool mirror_pcp_order(const struct mirror_zone *zone, unsigned int order);
int mirror_pcp_index(int mt, unsigned int order);
unsigned int mirror_pcp_index_order(const struct mirror_zone *zone, int pindex);
void mirror_pcp_reset(struct mirror_pcp *pcp);
int mirror_pcp_init_zone(struct mirror_zone *zone);
void mirror_pcp_update_zone(struct mirror_zone *zone, int cpu_online);
struct mirror_page *mirror_rmqueue_pcp(struct mirror_zone *zone,
				       unsigned int order, int mt,
				       unsigned int alloc_flags);
unsigned int mirror_rmqueue_pcp_bulk(struct mirror_zone *zone, int mt,
				     unsigned int alloc_flags, unsigned int nr,
				     struct mirror_page **pages);
bool mirror_free_pcp(struct mirror_zone *zone, struct mirror_page *page,
		     unsigned int order, int mt);

/* watermark.c */
bool mirror_watermark_ok(const struct mirror_zone *zone, unsigned int order,
			 unsigned long mark, int highest_zoneidx,
			 unsigned int alloc_flags, long free_pages);
bool mirror_watermark_ok_now(const struct mirror_zone *zone, unsigned int order,
			     unsigned long mark, int highest_zoneidx,
			     unsigned int alloc_flags);
bool mirror_watermark_ok_safe(const struct mirror_zone *zone,
			      unsigned int order, unsigned long mark,
			      int highest_zoneidx);
bool mirror_watermark_fast(const struct mirror_zone *zone, unsigned int order,
			   unsigned long mark, int highest_zoneidx,
			   unsigned int alloc_flags);
bool mirror_boost_watermark(struct mirror_zone *zone);
void mirror_setup_lowmem_reserve(struct mirror *m);

/* zonelist.c */
int mirror_build_zonelists(struct mirror *m);
void mirror_free_zonelists(struct mirror *m);

static inline bool mirror_zoneref_allowed(const struct mirror_zoneref *ref,
					  const struct mirror_alloc_context *ac)
{
	return ref->zone_idx <= ac->highest_zoneidx &&
	       (!ac->nodemask ||
		ac->nodemask & BIT_ULL(ref->zone->node->nid));
}

/* vmstat.c */
int mirror_vmstat_init_zone(struct mirror_zone *zone);
void mirror_mod_zone_state(struct mirror_zone *zone, enum mirror_zone_stat item,
			   long delta);
void mirror_count_alloc(struct mirror_zone *preferred, struct mirror_zone *zone,
			unsigned int order, unsigned long nr);
void mirror_vmstat_reset(struct mirror *m);

static inline void mirror_count_event(struct mirror *m, unsigned int item,
				      unsigned long nr)
{
	this_cpu_add(m->events->nr[item], nr);
}

#endif /* _MIRROR_CORE_INTERNAL_H */
