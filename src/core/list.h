/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of blocks, linked by the numbers of their descriptors. The lock of the list is
 * held for all but mirror_list_empty().
 */
#ifndef _MIRROR_CORE_LIST_H
#define _MIRROR_CORE_LIST_H

#include "mirror.h"

/* The compiler would work a list's address out anew for each of its fields. */
static inline struct mirror_list *mirror_list_here(struct mirror_list *list)
{
	OPTIMIZER_HIDE_VAR(list);
	return list;
}

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
	u32 first = list->first;

	pages[idx].prev = MIRROR_NIL;
	pages[idx].next = first;
	*(first == MIRROR_NIL ? &list->last : &pages[first].prev) = idx;
	WRITE_ONCE(list->first, idx);
	list->nr++;
}

static inline void mirror_list_add_tail(struct mirror_page *pages,
					struct mirror_list *list, u32 idx)
{
	u32 last = list->last;

	pages[idx].next = MIRROR_NIL;
	pages[idx].prev = last;
	WRITE_ONCE(*(last == MIRROR_NIL ? &list->first : &pages[last].next), idx);
	list->last = idx;
	list->nr++;
}

/*
 * Takes an entry off. Both neighbours, or the ends of the list, have to point to
 * it, or else somebody wrote into a descriptor that was not his: false, and
 * nothing is changed then.
 */
static inline bool mirror_list_del(struct mirror_page *pages,
				   struct mirror_list *list, u32 idx, u32 nr_desc)
{
	u32 next = pages[idx].next, prev = pages[idx].prev;
	u32 *to_it = &list->first, *back = &list->last;

	if (prev != MIRROR_NIL) {
		if (unlikely(prev >= nr_desc))
			return false;
		to_it = &pages[prev].next;
	}
	if (next != MIRROR_NIL) {
		if (unlikely(next >= nr_desc))
			return false;
		back = &pages[next].prev;
	}
	if (unlikely(*to_it != idx || *back != idx))
		return false;
	WRITE_ONCE(*to_it, next);
	*back = prev;
	list->nr--;
	return true;
}

/* Takes the first entry off a list that has one, likewise. */
static inline bool mirror_list_del_first(struct mirror_page *pages,
					 struct mirror_list *list, u32 nr_desc)
{
	u32 idx = list->first, next = pages[idx].next;

	if (unlikely(pages[idx].prev != MIRROR_NIL))
		return false;
	if (next == MIRROR_NIL) {
		if (unlikely(list->last != idx))
			return false;
		list->last = MIRROR_NIL;
	} else {
		if (unlikely(next >= nr_desc || pages[next].prev != idx))
			return false;
		pages[next].prev = MIRROR_NIL;
	}
	WRITE_ONCE(list->first, next);
	list->nr--;
	return true;
}

/*
 * Takes the first @nr entries off, the last of which is @last, whatever comes behind them.
 * False where that does not lead back to @last.
 */
static inline bool mirror_list_cut(struct mirror_page *pages, struct mirror_list *list,
				   u32 last, u32 nr, u32 nr_desc)
{
	u32 next = pages[last].next;

	WRITE_ONCE(list->first, next);
	list->nr -= nr;
	if (next == MIRROR_NIL) {
		if (unlikely(list->last != last))
			return false;
		list->last = MIRROR_NIL;
		return true;
	}
	if (unlikely(next >= nr_desc || pages[next].prev != last))
		return false;
	pages[next].prev = MIRROR_NIL;
	return true;
}

#endif /* _MIRROR_CORE_LIST_H */
