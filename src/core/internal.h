/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the core share among themselves.
 */
#ifndef _MIRROR_CORE_INTERNAL_H
#define _MIRROR_CORE_INTERNAL_H

#include "list.h"
#include "mirror.h"
#include "pcp.h"
#include "policy.h"

/* What the mirror takes is told by purpose. */
static inline void mirror_charge(struct mirror *m, enum mirror_cost cost,
				 size_t bytes)
{
	WRITE_ONCE(m->cost[cost], m->cost[cost] + bytes);
	WRITE_ONCE(m->metadata_bytes, m->metadata_bytes + bytes);
}

/* init.c */
bool mirror_take_out(struct mirror *m);

/* memmap.c */
#define MIRROR_GROUP_SHIFT	9	/* log2 of the sections of a group */

int mirror_memmap_init(struct mirror *m, unsigned int section_order);
u32 mirror_pfn_slot_idx(const struct mirror *m, unsigned long pfn);

/* populate.c */
int mirror_deal_ranges(struct mirror *m, const struct mirror_config *conf);
int mirror_fill_descriptors(struct mirror *m);
void mirror_make_pristine(struct mirror *m, bool may_sleep);

/* buddy.c */
void mirror_free_to_buddy(struct mirror_zone *zone, u32 idx, unsigned int order,
			  int mt, bool to_tail);
void mirror_free_large(struct mirror_zone *zone, u32 idx, unsigned int order,
		       bool to_tail);
void mirror_free_one(struct mirror_zone *zone, struct mirror_page *page,
		     unsigned int order);
struct mirror_page *mirror_take_and_expand(struct mirror_zone *zone, unsigned int low,
					   unsigned int high, int mt);

void mirror_account_special(struct mirror_zone *zone, long nr_pages, int mt);
void mirror_free_list_damaged(struct mirror_zone *zone, u32 idx, unsigned int order,
			      int mt);

/* pageblock.c */
void mirror_set_pageblock_type(struct mirror *m, u32 idx, int mt);
void mirror_set_pageblock_range(struct mirror *m, u32 idx, unsigned int order,
				int mt);
bool mirror_pageblock_in_zone(const struct mirror_zone *zone, u32 idx,
			      u32 *start);
/* Pages of one pageblock. */
struct mirror_pageblock_pages {
	unsigned int free;
	unsigned int movable;
};

struct mirror_pageblock_pages mirror_pageblock_count(const struct mirror_zone *zone,
						     u32 start);
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

struct mirror_page *
mirror_rmqueue_other(struct mirror_zone *zone, unsigned int order, int mt,
		     unsigned int alloc_flags, enum mirror_rmqueue_mode *mode);
void mirror_reserve_highatomic(struct mirror_zone *zone,
			       struct mirror_page *page, unsigned int order);

/* free.c */
int mirror_refuse_page(struct mirror *m, struct mirror_page *page, unsigned int order,
		       const char *what);
int mirror_flags_insane(struct mirror *m, const struct mirror_page *page, u32 flags);
int mirror_refuse_foreign(struct mirror *m, const struct mirror_page *page,
			  const char *what);
int mirror_refuse_free(struct mirror *m, struct mirror_page *page, unsigned int order,
		       u32 flags);
int mirror_release_elsewhere(struct mirror_zone *zone, u32 idx, unsigned int order);

/* refs.c */
void mirror_release_block(struct mirror *m, struct mirror_page *head, bool put);
bool mirror_drop_last_marked(struct mirror *m, struct mirror_page *page,
			     unsigned int order, u32 flags);
int mirror_free_shared(struct mirror *m, struct mirror_page *page, unsigned int order,
		       u32 flags);

/* isolate.c */
unsigned long mirror_isolate_free_page(struct mirror_zone *zone, u32 idx,
				       unsigned int order);
bool mirror_putback_isolated_page(struct mirror_zone *zone, u32 idx, unsigned int order,
				  int mt);
bool mirror_take_page_off_buddy(struct mirror_zone *zone, u32 idx);
bool mirror_put_page_back_buddy(struct mirror_zone *zone, u32 idx);

/* freelist.c */
void mirror_bad_taken(struct mirror_zone *zone, struct mirror_page *page);
struct mirror_page *mirror_alloc_refilled(struct mirror_zone *zone, u32 gfp,
					  unsigned int order, int mt);

/* hwpoison.c */
void mirror_free_around_bad(struct mirror *m, u32 idx, unsigned int order);
void mirror_free_tails_around_bad(struct mirror *m, u32 idx, unsigned int order);
bool mirror_free_bad_block(struct mirror *m, struct mirror_page *head, int refs);
bool mirror_put_bad_block(struct mirror *m, struct mirror_page *head, int left);
void mirror_mark_split(struct mirror *m, u32 idx, unsigned int order);

/* badlist.c */
u32 mirror_next_bad(const struct mirror *m, u32 idx, u32 end);
bool mirror_has_bad_slow(const struct mirror *m, u32 idx, unsigned int order);
bool mirror_bad_listed(const struct mirror *m, u32 idx);
unsigned long mirror_nr_isolated(const struct mirror *m);
int mirror_bad_list(struct mirror *m, u32 idx);
bool mirror_bad_unlist(struct mirror *m, u32 idx, bool isolated);

/**
 * mirror_has_bad - is a page of these known to be bad?
 * @m: the mirror
 * @idx: first frame
 * @order: log2 of the frames
 *
 * Context: preemption off.
 * Return: true where one is.
 */
static inline bool mirror_has_bad(const struct mirror *m, u32 idx,
				  unsigned int order)
{
	return unlikely(m->bad.nr) && mirror_has_bad_slow(m, idx, order);
}

/* watermark.c */

/* Is there a free block that is large enough and of a type for this request? */
static inline bool mirror_block_fits(const struct mirror_zone *zone,
				     unsigned int order, unsigned int alloc_flags)
{
	const u32 *mask = zone->free_mask;
	u32 orders = mirror_glance(mask[MIRROR_MIGRATE_UNMOVABLE] |
			       mask[MIRROR_MIGRATE_MOVABLE] |
			       mask[MIRROR_MIGRATE_RECLAIMABLE]);

	if (alloc_flags & MIRROR_ALLOC_CMA)
		orders |= READ_ONCE(zone->free_mask[MIRROR_MIGRATE_CMA]);
	if (alloc_flags & (MIRROR_ALLOC_HIGHATOMIC | MIRROR_ALLOC_OOM))
		orders |= READ_ONCE(zone->free_mask[MIRROR_MIGRATE_HIGHATOMIC]);
	return orders >> order;
}

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
void mirror_update_mobility(struct mirror *m);
void mirror_build_routes(struct mirror *m);
void mirror_free_zonelists(struct mirror *m);

static inline bool mirror_zoneref_allowed(const struct mirror_zoneref *ref,
					  const struct mirror_alloc_context *ac)
{
	return ref->zone_idx <= ac->highest_zoneidx &&
	       (!ac->nodemask ||
		ac->nodemask & BIT_ULL(ref->zone->node->nid));
}

/* What a request adds to the flags of its block. */
static inline u32 mirror_prep_flags(unsigned int order, u32 gfp,
				    unsigned int alloc_flags)
{
	u32 flags = 0;

	if (order && gfp & __MIRROR_GFP_COMP)
		flags |= MIRROR_PF_COMPOUND;
	if (alloc_flags & MIRROR_ALLOC_NO_WATERMARKS)
		flags |= MIRROR_PF_RESERVE;
	if (gfp & __MIRROR_GFP_ZERO)
		flags |= MIRROR_PF_ZERO;
	return flags;
}

/* From here on the block is somebody's: one reference, no owner yet. */
static inline void mirror_hand_out(struct mirror_page *page)
{
	page->owner = MIRROR_NIL;
	page->private = 0;
	atomic_set_release(&page->refs, 1);
}

static inline void mirror_prep_page(struct mirror_page *page, unsigned int order,
				    u32 gfp, unsigned int alloc_flags)
{
	u32 flags = mirror_prep_flags(order, gfp, alloc_flags);

	if (flags)
		WRITE_ONCE(page->flags, page->flags | flags);
	mirror_hand_out(page);
}

/* capture.c */
bool mirror_capture_block(struct mirror_zone *zone, u32 idx, unsigned int order, int mt);
void mirror_capture_begin(struct mirror_zone *zone, struct mirror_capture *capture);
struct mirror_page *mirror_capture_end(struct mirror_zone *zone,
				       struct mirror_capture *capture);

/* vmstat.c */
int mirror_vmstat_init_zone(struct mirror_zone *zone);
int mirror_vmstat_init_node(struct mirror_node *node);
void mirror_count_remote(struct mirror_zone *preferred, struct mirror_zone *zone,
			 unsigned long nr);
void mirror_vmstat_reset(struct mirror *m);

#endif /* _MIRROR_CORE_INTERNAL_H */
