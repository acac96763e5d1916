// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that the hardware reports as bad are never handed out again.
 *
 * m->bad lists their frames. A frame is listed first and then isolated, by where
 * it is at that moment:
 *
 *   in a free block       the block is split down to the page, which stays out
 *   on a per-CPU list     the lists are drained, which makes it a free block
 *   in a block in use     MIRROR_REFS_BAD is added to the block's references.
 *                         Whoever frees it fails to bring the count from 1 to 0
 *                         and comes here: all pages but the bad one are freed
 *
 *   order 3, frame 5 bad   [ . . . . . x . . ]
 *   freed                  [ 2     ][0][B][1 ]
 *
 * An isolated page has a state of its own, so nothing merges with it. Paths that
 * free a block whose pages nobody reported pay nothing for this.
 *
 * The list (badlist.c) changes while the machine is stopped. Code that looks a block up in it
 * and then cuts the block does both with preemption off, so it either sees a new
 * frame or has cut the block before that frame is looked for. The count may get
 * MIRROR_REFS_BAD while another block is made of the same frames; a block that has
 * the mark and no bad page is freed as any other, only by a longer way. The first page
 * of a block that was cut while it was shared has the mark for another reason, see refs.c.
 *
 * Follows memory_failure() and unpoison_memory() of Linux 6.12 for free pages; for
 * pages in use the reference leaves the whole block allocated.
 */
#include "hwpoison.h"
#include "internal.h"

/* A task that is just allocating or freeing the page gets this many ticks. */
#define MAX_TRIES	500

/* pages in use -------------------------------------------------------------------- */

/*
 * A mark that is there already is written once more: the exchange orders the look at
 * the count before the next one at the head.
 */
static bool add_mark(atomic_t *refs)
{
	int old = atomic_read(refs);

	do {
		/* One less than the mark: a put without a reference is under way. */
		if (old <= 0 || old == MIRROR_REFS_BAD - 1)
			return false;
	} while (!atomic_try_cmpxchg(refs, &old, old | MIRROR_REFS_BAD));
	return true;
}

/* False where nobody holds the page, or not this block any more. */
static bool mark_block(struct mirror *m, u32 idx)
{
	struct mirror_page *head = mirror_page_head(m, &m->pages[idx]);

	return head && mirror_page_state(head) == MIRROR_PAGE_USED &&
	       add_mark(&head->refs) &&
	       mirror_page_head(m, &m->pages[idx]) == head &&
	       mirror_page_state(head) == MIRROR_PAGE_USED;
}

/* The largest part of a block that begins at @at and has no bad page, or one page. */
static unsigned int good_order(const struct mirror *m, u32 idx, u32 at,
			       unsigned int order)
{
	if (at != idx)
		order = __ffs(at - idx);	/* as the block is aligned */
	while (order && mirror_has_bad(m, at, order))
		order--;
	return order;
}

/**
 * mirror_free_around_bad - free the pages of a block but for those that are bad
 * @m: the mirror
 * @idx: first frame of what is a block in use or part of one, without references
 * @order: log2 of its frames
 *
 * The good ones go past the per-CPU lists, the bad ones are isolated.
 *
 * Context: preemption off.
 */
void mirror_free_around_bad(struct mirror *m, u32 idx, unsigned int order)
{
	struct mirror_zone *zone = mirror_page_zone(m, &m->pages[idx]);
	u32 at = idx, end = idx + (1u << order);

	while (at != end) {
		unsigned int good = good_order(m, idx, at, order);
		struct mirror_page *page = &m->pages[at];

		if (mirror_has_bad(m, at, good)) {
			mirror_page_set_head(page, MIRROR_PAGE_BAD, 0);
		} else {
			mirror_page_set_head(page, MIRROR_PAGE_USED, good);
			mirror_free_one(zone, page, good);
		}
		at += 1u << good;
	}
}

/**
 * mirror_free_tails_around_bad - the same for all pages but the first
 * @m: the mirror
 * @idx: first frame, which becomes a block in use of its own
 * @order: log2 of the block's frames
 *
 * Context: preemption off.
 */
void mirror_free_tails_around_bad(struct mirror *m, u32 idx, unsigned int order)
{
	mirror_page_set_head(&m->pages[idx], MIRROR_PAGE_USED, 0);
	while (order-- > 0)
		mirror_free_around_bad(m, idx + (1u << order), order);
}

/**
 * mirror_free_bad_block - free a block that has the mark, with the last reference
 * @m: the mirror
 * @head: of a block in use
 * @refs: what the count has to be for that, MIRROR_REFS_BAD included
 *
 * Context: Any.
 * Return: false, with nothing changed, where the count is another one.
 */
bool mirror_free_bad_block(struct mirror *m, struct mirror_page *head, int refs)
{
	bool last;

	preempt_disable();
	last = atomic_cmpxchg(&head->refs, refs, 0) == refs;
	if (last && mirror_has_bad(m, mirror_page_idx(m, head), mirror_page_order(head)))
		mirror_free_around_bad(m, mirror_page_idx(m, head),
				       mirror_page_order(head));
	else if (last)
		mirror_release_block(m, head, refs == MIRROR_REFS_BAD);
	preempt_enable();
	return last;
}

/**
 * mirror_put_bad_block - a block that has the mark lost a reference
 * @m: the mirror
 * @head: of the block
 * @left: references after that, MIRROR_REFS_BAD included
 *
 * Frees the block where it was the last one. Where nobody had any, it is put back
 * first, as who frees the block may be just about to.
 *
 * Context: Any.
 * Return: false where nobody had any.
 */
bool mirror_put_bad_block(struct mirror *m, struct mirror_page *head, int left)
{
	bool held = left != MIRROR_REFS_BAD - 1;

	if (!held)
		atomic_inc(&head->refs);
	mirror_free_bad_block(m, head, MIRROR_REFS_BAD);
	return held;
}

/**
 * mirror_mark_split - move the mark of a block to those of its pages that are bad
 * @m: the mirror
 * @idx: first frame of what was one block and is single pages now
 * @order: log2 of the frames
 *
 * Context: preemption off.
 */
void mirror_mark_split(struct mirror *m, u32 idx, unsigned int order)
{
	u32 bad = mirror_next_bad(m, idx, idx + (1u << order));
	u32 end = idx + (1u << order);

	if (bad != idx)
		atomic_andnot(MIRROR_REFS_BAD, &m->pages[idx].refs);
	for (; bad != end; bad = mirror_next_bad(m, bad + 1, end))
		atomic_or(MIRROR_REFS_BAD, &m->pages[bad].refs);
}

/* reports ------------------------------------------------------------------------- */

static bool on_pcp_list(struct mirror *m, u32 idx)
{
	const struct mirror_page *head = mirror_page_head(m, &m->pages[idx]);

	return head && mirror_page_state(head) == MIRROR_PAGE_PCP;
}

/* Returns 0; -EBUSY where the page was never found in one state or another. */
static int isolate(struct mirror *m, struct mirror_zone *zone, u32 idx)
{
	unsigned int i;

	for (i = 0; i < MAX_TRIES && !mirror_is_broken(m); i++) {
		if (mirror_page_state(&m->pages[idx]) == MIRROR_PAGE_BAD ||
		    mirror_take_page_off_buddy(zone, idx) || mark_block(m, idx))
			return 0;
		if (on_pcp_list(m, idx))
			mirror_drain_zone(zone);
		else
			mirror_host_pause();
	}
	return mirror_is_broken(m) ? -EIO : -EBUSY;
}

/* A frame that could not be isolated is forgotten, so that it can be reported again. */
static int list_and_isolate(struct mirror *m, struct mirror_zone *zone, u32 idx)
{
	int ret = mirror_bad_list(m, idx);

	if (ret)
		return ret;
	ret = isolate(m, zone, idx);
	if (ret == -EBUSY && !mirror_bad_unlist(m, idx, false))
		ret = 0;
	WRITE_ONCE(m->bad.moving, MIRROR_NIL);
	return ret;
}

/* What of a block is told of it may be out of date at once. */
static void describe(struct mirror *m, u32 idx, struct mirror_bad_page *bad)
{
	const struct mirror_page *head = mirror_page_head(m, &m->pages[idx]);

	*bad = (struct mirror_bad_page){ .idx = idx, .where = MIRROR_BAD_ISOLATED };
	if (!head || mirror_page_state(head) != MIRROR_PAGE_USED)
		return;
	bad->where = MIRROR_BAD_IN_USE;
	bad->head = mirror_page_idx(m, head);
	bad->order = mirror_page_order(head);
	bad->owner = mirror_glance(head->owner);
	bad->private = mirror_glance(head->private);
}

/**
 * mirror_hwpoison - never hand a page out again
 * @m: the mirror
 * @pfn: its frame, any number
 * @by_hardware: a real error; no page of the mirror is ever given back then
 * @bad: where the page is, filled in for 0 and -EHWPOISON
 *
 * Whoever holds the page goes on holding it: tell him. It is isolated when its
 * block is freed, while the other pages of the block can be allocated again.
 *
 * Context: Process context; may sleep. Stops the machine for a moment.
 * Return: 0; -EIO out of service; -ENXIO no frame of the mirror; -EHWPOISON known
 * to be bad already; -ENOMEM; -EBUSY while a task was allocating or freeing the
 * page for seconds: report it again.
 */
int mirror_hwpoison(struct mirror *m, unsigned long pfn, bool by_hardware,
		    struct mirror_bad_page *bad)
{
	u32 idx = mirror_pfn_to_idx(m, pfn);
	struct mirror_zone *zone;
	int ret;

	if (mirror_is_broken(m))
		return -EIO;
	if (idx == MIRROR_NIL)
		return -ENXIO;
	zone = mirror_zone_at(m, mirror_flags_zone(mirror_page_flags(&m->pages[idx])));
	if (!zone || !mirror_zone_populated(zone))
		return -EIO;
	mutex_lock(&m->bad.lock);
	m->bad.by_hardware |= by_hardware;
	ret = list_and_isolate(m, zone, idx);
	if (!ret || ret == -EHWPOISON)
		describe(m, idx, bad);
	mutex_unlock(&m->bad.lock);
	return ret;
}

/**
 * mirror_unpoison - take back the report of a bad page
 * @m: the mirror
 * @pfn: its frame, any number
 *
 * For tests.
 *
 * Context: Process context; may sleep. Stops the machine for a moment.
 * Return: 0, the page is free; -EIO out of service; -ENXIO no frame of the mirror;
 * -EOPNOTSUPP hardware has reported some page; -EBUSY nobody reported this page, or
 * it is in use.
 */
int mirror_unpoison(struct mirror *m, unsigned long pfn)
{
	u32 idx = mirror_pfn_to_idx(m, pfn);
	int ret = -EBUSY;

	if (mirror_is_broken(m))
		return -EIO;
	if (idx == MIRROR_NIL)
		return -ENXIO;
	mutex_lock(&m->bad.lock);
	if (m->bad.by_hardware) {
		ret = -EOPNOTSUPP;
	} else if (mirror_bad_listed(m, idx) && mirror_bad_unlist(m, idx, true)) {
		mirror_put_page_back_buddy(mirror_page_zone(m, &m->pages[idx]), idx);
		WRITE_ONCE(m->bad.moving, MIRROR_NIL);
		ret = 0;
	}
	mutex_unlock(&m->bad.lock);
	return ret;
}

/**
 * mirror_page_is_bad - was a page reported as bad?
 * @m: the mirror
 * @page: one of its descriptors
 *
 * Context: Any.
 * Return: true where it was.
 */
bool mirror_page_is_bad(const struct mirror *m, const struct mirror_page *page)
{
	bool is_bad;

	if (likely(!mirror_nr_hwpoison(m)))
		return false;
	preempt_disable();
	is_bad = mirror_bad_listed(m, mirror_page_idx(m, page));
	preempt_enable();
	return is_bad;
}

/**
 * mirror_next_bad_page - walk over the bad pages
 * @m: the mirror
 * @from: first descriptor to look at
 * @bad: the first bad page from there on
 *
 * Context: Process context; may sleep.
 * Return: false where there is none.
 */
bool mirror_next_bad_page(struct mirror *m, u32 from, struct mirror_bad_page *bad)
{
	u32 idx;

	mutex_lock(&m->bad.lock);
	idx = mirror_next_bad(m, from, m->nr_desc);
	if (idx != m->nr_desc)
		describe(m, idx, bad);
	mutex_unlock(&m->bad.lock);
	return idx != m->nr_desc;
}
