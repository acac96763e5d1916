/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A zone of which everything is taken, for tests of what a request does then.
 */
#ifndef _MIRROR_KUNIT_FALLBACK_H
#define _MIRROR_KUNIT_FALLBACK_H

#include "fixture.h"

/* 128 pages in use one by one. Blocks of up to 64, pageblocks of 32. */
static inline struct mirror_zone *taken_zone(struct kunit *test)
{
	struct mirror_zone *zone = normal_zone(mirror_test_flat(test, 6, 5, 256));
	struct mirror_page **pages;

	mirror_test_take_all(test, zone, &pages);
	return zone;
}

static inline void give_range(struct mirror_zone *zone, u32 idx, u32 end)
{
	for (; idx < end; idx++)
		mirror_test_give(zone, &zone->pages[idx]);
}

static inline u32 request(struct mirror_zone *zone, unsigned int order, int mt,
			  unsigned int alloc_flags)
{
	struct mirror_page *page = mirror_test_rmqueue(zone, order, mt,
						       alloc_flags);

	return page ? idx_of(zone->m, page) : MIRROR_NIL;
}

#endif /* _MIRROR_KUNIT_FALLBACK_H */
