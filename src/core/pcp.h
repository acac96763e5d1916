/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Per-CPU lists, inside of the core.
 */
#ifndef _MIRROR_CORE_PCP_H
#define _MIRROR_CORE_PCP_H

#include "mirror.h"

/**
 * mirror_pcp_order - do blocks of this order pass through the per-CPU lists?
 * @zone: the zone
 * @order: of the block
 *
 * Context: Any.
 * Return: true where they do.
 */
static inline bool mirror_pcp_order(const struct mirror_zone *zone, unsigned int order)
{
	return order <= MIRROR_PCP_COSTLY_ORDER ||
	       order == zone->pb_order;
}

/**
 * mirror_pcp_index - list for blocks of a type and order
 * @mt: one of the mobile types
 * @order: one that mirror_pcp_order() accepts
 *
 * Context: Any.
 * Return: index into mirror_pcp.lists.
 */
static inline unsigned int mirror_pcp_index(int mt, unsigned int order)
{
	if (order > MIRROR_PCP_COSTLY_ORDER)
		return MIRROR_PCP_LOW_LISTS + (mt == MIRROR_MIGRATE_MOVABLE);
	return MIRROR_PCP_TYPES * order + mt;
}

/**
 * mirror_pcp_index_order - order of the blocks on a list
 * @zone: the zone
 * @pindex: index into mirror_pcp.lists
 *
 * Context: Any.
 * Return: the order.
 */
static inline unsigned int mirror_pcp_index_order(const struct mirror_zone *zone, int pindex)
{
	if (pindex >= MIRROR_PCP_LOW_LISTS)
		return zone->pb_order;
	return pindex / MIRROR_PCP_TYPES;
}

/* Is the entry of a list still what was put there? */
static inline bool mirror_pcp_is_listed(const struct mirror_page *page, u32 flags)
{
	return mirror_page_flags(page) == flags && !atomic_read(&page->refs);
}

/* pcp.c, and sizes from pcp_size.c */
void mirror_pcp_reset(struct mirror_pcp *pcp);
int mirror_pcp_init_zone(struct mirror_zone *zone);
void mirror_pcp_update_zone(struct mirror_zone *zone, int cpu_online);
struct mirror_page *mirror_rmqueue_pcp(struct mirror_zone *zone,
				       unsigned int order, int mt,
				       unsigned int alloc_flags);
bool mirror_take_hot_damaged(struct mirror_zone *zone, struct mirror_pcp *pcp,
			     struct mirror_list *list, unsigned int order,
			     unsigned long flags);
unsigned int mirror_rmqueue_pcp_bulk(struct mirror_zone *zone, int mt,
				     unsigned int alloc_flags, u32 gfp,
				     unsigned int nr, struct mirror_page **pages);
int mirror_free_pcp_settle(struct mirror_zone *zone, struct mirror_pcp *pcp,
			   struct mirror_list *list, bool free_high, unsigned long flags);
int mirror_free_pcp_by_policy(struct mirror_zone *zone, u32 idx, unsigned int order,
			      int mt);
bool mirror_free_pcp_begin(struct mirror_zone *zone, struct mirror_pcp **pcp,
			   unsigned long *flags);
void mirror_free_pcp_end(struct mirror_pcp *pcp, unsigned long flags);

/* pcp_tune.c */
int mirror_pcp_high(struct mirror_pcp *pcp, const struct mirror_zone *zone, int batch,
		    bool free_high);
int mirror_pcp_nr_free(const struct mirror_pcp *pcp, int batch, int high, bool free_high);
int mirror_pcp_nr_alloc(struct mirror_pcp *pcp, const struct mirror_zone *zone,
			unsigned int order);
int mirror_pcp_decay(const struct mirror_pcp *pcp, int batch);

/* pcp_move.c */
void mirror_pcp_damaged(struct mirror_zone *zone, u32 idx, unsigned int order);
void mirror_pcp_settle(struct mirror_zone *zone, struct mirror_pcp *pcp, unsigned int pindex,
		       int batch, bool free_high);

/* pcp_refill.c */
void mirror_pcp_refill(struct mirror_zone *zone, struct mirror_pcp *pcp,
		       struct mirror_list *list, unsigned int order, int mt,
		       unsigned int alloc_flags);

#endif /* _MIRROR_CORE_PCP_H */
