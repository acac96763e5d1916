/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pages that were reported as bad.
 */
#ifndef _MIRROR_CORE_HWPOISON_H
#define _MIRROR_CORE_HWPOISON_H

#include "mirror.h"

/**
 * enum mirror_bad_where - where a bad page is
 * @MIRROR_BAD_ISOLATED: out of every list, for good
 * @MIRROR_BAD_IN_USE: in a block that somebody holds; isolated once that is freed
 */
enum mirror_bad_where {
	MIRROR_BAD_ISOLATED,
	MIRROR_BAD_IN_USE,
};

/**
 * struct mirror_bad_page - what is known of a bad page
 * @idx: its descriptor
 * @where: isolated or in use
 * @head: in use: first frame of the block, by descriptor
 * @order: in use: order of the block
 * @owner: in use: as in struct mirror_page
 * @private: in use: as in struct mirror_page
 */
struct mirror_bad_page {
	u32 idx;
	enum mirror_bad_where where;
	u32 head;
	unsigned int order;
	u32 owner;
	u32 private;
};

int mirror_hwpoison(struct mirror *m, unsigned long pfn, bool by_hardware,
		    struct mirror_bad_page *bad);
int mirror_unpoison(struct mirror *m, unsigned long pfn);
bool mirror_page_is_bad(const struct mirror *m, const struct mirror_page *page);
bool mirror_next_bad_page(struct mirror *m, u32 from, struct mirror_bad_page *bad);

/**
 * mirror_nr_hwpoison - how many pages were reported as bad
 * @m: the mirror
 *
 * Context: Any.
 * Return: pages, those in use included.
 */
static inline unsigned int mirror_nr_hwpoison(const struct mirror *m)
{
	return READ_ONCE(m->bad.nr);
}

#endif /* _MIRROR_CORE_HWPOISON_H */
