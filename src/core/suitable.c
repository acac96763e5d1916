// SPDX-License-Identifier: GPL-2.0
/*
 * Would it help a request to move pages in use together? By free pages alone: a zone needs
 * room to move pages to, and for large blocks it has to be scattered rather than full.
 */
#include "internal.h"

/* vm.extfrag_threshold: at or below it a failure is due to a lack of memory. */
#define EXTFRAG_THRESHOLD	500

/* Pages that have to be free beside the block itself. */
static unsigned long compact_gap(unsigned int order)
{
	return 2ul << order;
}

/*
 * Why a request would fail in this zone: towards 0 for a lack of memory, towards 1000
 * because it is scattered; -1000 where it would not fail for want of a block.
 */
static int fragmentation_index(const struct mirror_zone *zone, unsigned int order)
{
	unsigned long pages = 0, blocks = 0, fits = 0;
	unsigned int i;

	for (i = 0; i <= zone->max_order; i++) {
		unsigned long nr = mirror_glance(zone->free_area[i].nr_free);

		pages += nr << i;
		blocks += nr;
		if (i >= order)
			fits += nr;
	}
	if (!blocks)
		return 0;
	if (fits)
		return -1000;
	return 1000 - (int)div64_ul(1000 + div64_ul((u64)pages * 1000, 1ul << order), blocks);
}

static bool suitable(const struct mirror_zone *zone, unsigned int order, int highest)
{
	bool costly = order > MIRROR_PCP_COSTLY_ORDER;
	unsigned long mark = compact_gap(order) +
			     mirror_zone_wmark(zone, costly ? MIRROR_WMARK_LOW :
							      MIRROR_WMARK_MIN);
	int index;

	if (!mirror_watermark_ok_now(zone, 0, mark, highest, MIRROR_ALLOC_CMA))
		return false;
	if (!costly)
		return true;
	index = fragmentation_index(zone, order);
	return index < 0 || index > EXTFRAG_THRESHOLD;
}

/* The request could be served as it is, or compaction would do something. */
static bool runs_in(const struct mirror_zone *zone, unsigned int order, int highest,
		    unsigned int alloc_flags)
{
	unsigned long mark = mirror_zone_wmark(zone, alloc_flags & MIRROR_ALLOC_WMARK_MASK);

	return mirror_watermark_ok_now(zone, order, mark, highest, alloc_flags) ||
	       suitable(zone, order, highest);
}

/**
 * mirror_compaction_runs - is there a zone that compaction would not skip?
 * @ac: where the request may look
 * @order: of the request
 * @alloc_flags: its MIRROR_ALLOC_*
 *
 * Linux: compaction_suit_allocation_order(), which says COMPACT_SKIPPED otherwise.
 *
 * Context: Any.
 * Return: true where there is.
 */
bool mirror_compaction_runs(const struct mirror_alloc_context *ac, unsigned int order,
			    unsigned int alloc_flags)
{
	unsigned int i;

	for (i = ac->preferred; i < ac->zonelist->nr; i++)
		if (mirror_zoneref_allowed(&ac->zonelist->refs[i], ac) &&
		    runs_in(ac->zonelist->refs[i].zone, order, ac->highest_zoneidx,
			    alloc_flags))
			return true;
	return false;
}

static bool ready(const struct mirror_zone *zone, unsigned int order, int highest)
{
	unsigned long mark = mirror_zone_wmark(zone, MIRROR_WMARK_HIGH) + compact_gap(order);

	if (mirror_watermark_ok_now(zone, order, mirror_zone_wmark(zone, MIRROR_WMARK_MIN),
				    highest, 0))
		return true;
	return suitable(zone, order, highest) &&
	       mirror_watermark_ok_safe(zone, 0, mark, highest);
}

/**
 * mirror_compaction_ready - has a zone so much free that reclaim would leave it alone?
 * @ac: where the request may look
 * @order: of the request; a costly one
 *
 * Direct reclaim of the reference stops for such a zone and says that it made progress.
 * Linux: compaction_ready() of mm/vmscan.c.
 *
 * Context: Any.
 * Return: true where one has.
 */
bool mirror_compaction_ready(const struct mirror_alloc_context *ac, unsigned int order)
{
	unsigned int i;

	for (i = ac->preferred; i < ac->zonelist->nr; i++)
		if (mirror_zoneref_allowed(&ac->zonelist->refs[i], ac) &&
		    ready(ac->zonelist->refs[i].zone, order, ac->highest_zoneidx))
			return true;
	return false;
}
