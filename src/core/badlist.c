// SPDX-License-Identifier: GPL-2.0
/*
 * The list of page frames that were reported as bad: looked up by whoever cuts a
 * block, changed by hwpoison.c.
 *
 * It is an array in ascending order. Look-ups come from any context and take no
 * lock, so it changes while the machine is stopped: preemption off is enough to
 * keep it as it is.
 */
#include "internal.h"

/* Place of the first listed frame that is not below @idx. */
static unsigned int lower_bound(const struct mirror_bad *bad, u32 idx)
{
	unsigned int low = 0, high = bad->nr;

	while (low < high) {
		unsigned int mid = low + (high - low) / 2;

		if (bad->idx[mid] < idx)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/**
 * mirror_bad_listed - is a frame known to be bad?
 * @m: the mirror
 * @idx: the frame
 *
 * Context: preemption off, or m->bad.lock held.
 * Return: true where it is.
 */
bool mirror_bad_listed(const struct mirror *m, u32 idx)
{
	const struct mirror_bad *bad = &m->bad;
	unsigned int at = lower_bound(bad, idx);

	return at < bad->nr && bad->idx[at] == idx;
}

/**
 * mirror_next_bad - first bad frame of a range
 * @m: the mirror
 * @idx: first frame
 * @end: one past the last
 *
 * Context: preemption off, or nobody else uses the mirror.
 * Return: the frame, or @end where there is none.
 */
u32 mirror_next_bad(const struct mirror *m, u32 idx, u32 end)
{
	unsigned int at = lower_bound(&m->bad, idx);

	return at < m->bad.nr ? min(m->bad.idx[at], end) : end;
}

/**
 * mirror_has_bad_slow - mirror_has_bad() for a mirror with bad pages
 * @m: the mirror
 * @idx: first frame
 * @order: log2 of the frames
 *
 * Context: preemption off.
 * Return: true where one of the frames is bad.
 */
bool mirror_has_bad_slow(const struct mirror *m, u32 idx, unsigned int order)
{
	u32 end = idx + (1u << order);

	return mirror_next_bad(m, idx, end) != end;
}

/**
 * mirror_nr_isolated - bad pages that nobody holds any more
 * @m: the mirror
 *
 * Context: nobody else uses the mirror.
 * Return: pages.
 */
unsigned long mirror_nr_isolated(const struct mirror *m)
{
	unsigned long nr = 0;
	unsigned int i;

	/* The validator asks too, of a list that may be damaged. */
	for (i = 0; i < m->bad.nr; i++)
		nr += m->bad.idx[i] < m->nr_desc &&
		      mirror_page_state(&m->pages[m->bad.idx[i]]) == MIRROR_PAGE_BAD;
	return nr;
}

/* changes: the machine is stopped ------------------------------------------------ */

/* One change of the list. */
struct change {
	struct mirror *m;
	u32 idx;
	u32 *space;		/* instead of the list's, NULL to keep that one */
	unsigned int size;
	bool isolated;
};

static int insert_frame(void *arg)
{
	struct change *c = arg;
	struct mirror_bad *bad = &c->m->bad;
	unsigned int at = lower_bound(bad, c->idx);

	if (c->space) {
		if (bad->nr)
			memcpy(c->space, bad->idx, bad->nr * sizeof(*bad->idx));
		swap(bad->idx, c->space);
		bad->size = c->size;
	}
	memmove(bad->idx + at + 1, bad->idx + at,
		(bad->nr - at) * sizeof(*bad->idx));
	bad->idx[at] = c->idx;
	bad->moving = c->idx;
	WRITE_ONCE(bad->reports, bad->reports + 1);
	WRITE_ONCE(bad->nr, bad->nr + 1);
	return 0;
}

static int remove_frame(void *arg)
{
	struct change *c = arg;
	struct mirror_bad *bad = &c->m->bad;
	unsigned int at = lower_bound(bad, c->idx);

	if ((mirror_page_state(&c->m->pages[c->idx]) == MIRROR_PAGE_BAD) != c->isolated)
		return false;
	WRITE_ONCE(bad->nr, bad->nr - 1);
	memmove(bad->idx + at, bad->idx + at + 1,
		(bad->nr - at) * sizeof(*bad->idx));
	bad->moving = c->idx;
	return true;
}

/**
 * mirror_bad_list - list a frame as bad
 * @m: the mirror
 * @idx: the frame, which is m->bad.moving until the caller says otherwise
 *
 * Context: Process context; may sleep. m->bad.lock held.
 * Return: 0; -EHWPOISON it is listed already; -ENOMEM.
 */
int mirror_bad_list(struct mirror *m, u32 idx)
{
	struct mirror_bad *bad = &m->bad;
	struct change c = { .m = m, .idx = idx };

	if (mirror_bad_listed(m, idx))
		return -EHWPOISON;
	if (bad->nr == bad->size) {
		c.size = max(2 * bad->size, 16u);
		c.space = kvmalloc_array(c.size, sizeof(*c.space), GFP_KERNEL);
		if (!c.space)
			return -ENOMEM;
		mirror_charge(m, MIRROR_COST_NODES,
			      (c.size - bad->size) * sizeof(*c.space));
	}
	mirror_host_stopped(insert_frame, &c);
	/* The old space, as the two were swapped. */
	kvfree(c.space);
	return 0;
}

/**
 * mirror_bad_unlist - take a frame off the list
 * @m: the mirror
 * @idx: a listed frame, which is m->bad.moving until the caller says otherwise
 * @isolated: take it off where it is isolated; else where it is not
 *
 * Context: Process context; may sleep. m->bad.lock held.
 * Return: true where it was taken off.
 */
bool mirror_bad_unlist(struct mirror *m, u32 idx, bool isolated)
{
	struct change c = { .m = m, .idx = idx, .isolated = isolated };

	return mirror_host_stopped(remove_frame, &c);
}
