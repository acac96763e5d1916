// SPDX-License-Identifier: GPL-2.0
/*
 * Many references at a time, and blocks that come into use again without being freed:
 * what a cache of page fragments needs (interface/kapi_frag.c).
 */
#include "internal.h"

/**
 * mirror_core_add_refs - take references to a block in addition to one's own
 * @page: its head; compound or a single page
 * @nr: how many, small against MIRROR_REFS_BAD
 *
 * Context: Any. The caller has a reference.
 */
void mirror_core_add_refs(struct mirror_page *page, unsigned int nr)
{
	atomic_add(nr, &page->refs);
}

/**
 * mirror_core_sub_refs - give many references back
 * @m: the mirror
 * @page: head of the block
 * @nr: how many; the caller has them
 *
 * Where there are fewer, somebody gave back what he did not have. The block is left
 * alone then, as others may be using it.
 *
 * Context: Any.
 * Return: true where these were the last ones. The block is the caller's then, without
 * references: for mirror_core_reuse() or mirror_core_release().
 */
bool mirror_core_sub_refs(struct mirror *m, struct mirror_page *page, unsigned int nr)
{
	int old = atomic_read(&page->refs);

	if (mirror_is_broken(m))
		return false;
	do {
		if (mirror_page_state(page) != MIRROR_PAGE_USED || mirror_refs_held(old) < nr) {
			mirror_refuse_page(m, page, mirror_page_order(page),
					   "put of more references than there are");
			return false;
		}
	} while (!atomic_try_cmpxchg(&page->refs, &old, old - nr));
	/* With a bad page in it the block is not for use again. */
	if (old - nr == MIRROR_REFS_BAD)
		mirror_free_bad_block(m, page, MIRROR_REFS_BAD);
	return old == nr;
}

/**
 * mirror_core_reuse - use a block again that has no references left
 * @page: its head, from mirror_core_sub_refs()
 * @nr: references that the caller has from then on
 *
 * Context: Any.
 */
void mirror_core_reuse(struct mirror_page *page, unsigned int nr)
{
	atomic_set_release(&page->refs, nr);
}

/**
 * mirror_core_release - free a block that has no references left
 * @m: the mirror
 * @page: its head, from mirror_core_sub_refs()
 *
 * Context: Any.
 */
void mirror_core_release(struct mirror *m, struct mirror_page *page)
{
	mirror_release_block(m, page, true);
}
