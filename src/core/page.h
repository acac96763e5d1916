/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page descriptors.
 *
 * One 16-byte struct mirror_page stands for each page frame. Only the first
 * descriptor of a block, its head, says anything about the block; the others,
 * its tails, stay in state TAIL from the moment they become part of a block
 * until the block is split again. So splitting, merging, taking or giving back
 * a block writes one or two descriptors at each step, whatever its order.
 *
 *   frame   0   1   2   3   4   5   6   7
 *          +---------------+---+---+-------+
 *   state  | B2  T   T   T | A0| P0| A1  T |   B free, P per-CPU, A in use
 *          +---------------+---+---+-------+   (the digit is the order), T tail
 *
 * The head of the block that a tail lies in is one of the frames got by clearing
 * the tail's low bits, one more each time: frame 7 asks 6; frame 3 asks 2, 0.
 *
 * Links are indices into the dense descriptor array, which keeps them at four
 * bytes. MIRROR_NIL ends a list.
 */
#ifndef _MIRROR_CORE_PAGE_H
#define _MIRROR_CORE_PAGE_H

#include "host.h"

#define MIRROR_NIL	U32_MAX

/*
 * Reads without a lock what others write under one, where the value of a moment ago
 * will do: for reports, and for guesses that are looked at again under the lock.
 *
 * It is for counts, links and holders, which the hot paths write plainly because
 * WRITE_ONCE() would cost them instructions. All else that is read without its lock is
 * written with WRITE_ONCE() and read with READ_ONCE().
 */
#define mirror_glance(value)	data_race(value)

/**
 * enum mirror_page_state - what a descriptor says of its frame
 * @MIRROR_PAGE_TAIL: inside a block whose head is elsewhere
 * @MIRROR_PAGE_BUDDY: head of a free block on a free_area list
 * @MIRROR_PAGE_PCP: head of a free block on a per-CPU list
 * @MIRROR_PAGE_USED: head of a block that somebody holds
 * @MIRROR_PAGE_HOLE: there is no memory here, or none of this mirror's
 * @MIRROR_PAGE_BAD: reported as bad and kept out of every list; always one page
 * @MIRROR_PAGE_ISOLATED: head of a block that was free, and is kept from everybody for a
 *                        while: isolate.c
 */
enum mirror_page_state {
	MIRROR_PAGE_TAIL,
	MIRROR_PAGE_BUDDY,
	MIRROR_PAGE_PCP,
	MIRROR_PAGE_USED,
	MIRROR_PAGE_HOLE,
	MIRROR_PAGE_BAD,
	MIRROR_PAGE_ISOLATED,
};

/**
 * struct mirror_page - descriptor of one page frame
 * @next: index of the next head on the same list
 * @prev: index of the previous one
 * @owner: of a block in use: number of the file that holds it, or MIRROR_NIL where
 *         another kernel module does
 * @private: of a block in use: for its owner; a file's is the block's slot
 * @flags: state, order and zone, see the masks below
 * @refs: references to a block in use, and MIRROR_REFS_BAD; 0 everywhere else
 *
 * Links belong to the lock of the list. @flags of a listed head are written
 * under that lock; of a block in use by who holds the last reference. Readers
 * without the lock use READ_ONCE() and trust only what they own.
 */
struct mirror_page {
	union {
		struct {
			u32 next;
			u32 prev;
		};
		struct {
			u32 owner;
			u32 private;
		};
	};
	u32 flags;
	atomic_t refs;
};

static_assert(sizeof(struct mirror_page) == 16);

#define MIRROR_PF_STATE		0x00000007u
#define MIRROR_PF_COMPOUND	0x00000008u	/* freed as one at the last put */
#define MIRROR_PF_RESERVE	0x00000010u	/* came from below the watermarks */
#define MIRROR_PF_ZERO		0x00000020u	/* to be cleared before anybody sees it */
#define MIRROR_PF_MOVABLE	0x00000040u	/* its holder can move it */
#define MIRROR_PF_ORDER		0x00001f00u
#define MIRROR_PF_ORDER_SHIFT	8
#define MIRROR_PF_ZONE_SHIFT	16
#define MIRROR_PF_ZONE		0xffff0000u

/*
 * Added to the references of a block in use that has a bad page in it. Whoever
 * frees the block finds more references than his own and leaves the short path.
 * No holder can count this far. The first page of a block that was cut while it was
 * shared has it, too: see refs.c.
 */
#define MIRROR_REFS_BAD		0x40000000

/* References that somebody holds. */
static inline int mirror_refs_held(int refs)
{
	return refs & (MIRROR_REFS_BAD - 1);
}

static inline u32 mirror_page_flags(const struct mirror_page *page)
{
	return READ_ONCE(page->flags);
}

static inline enum mirror_page_state mirror_flags_state(u32 flags)
{
	return flags & MIRROR_PF_STATE;
}

static inline bool mirror_state_is_head(enum mirror_page_state state)
{
	return state == MIRROR_PAGE_BUDDY || state == MIRROR_PAGE_PCP ||
	       state == MIRROR_PAGE_USED || state == MIRROR_PAGE_ISOLATED;
}

static inline unsigned int mirror_flags_order(u32 flags)
{
	return (flags & MIRROR_PF_ORDER) >> MIRROR_PF_ORDER_SHIFT;
}

static inline unsigned int mirror_flags_zone(u32 flags)
{
	return flags >> MIRROR_PF_ZONE_SHIFT;
}

static inline enum mirror_page_state
mirror_page_state(const struct mirror_page *page)
{
	return mirror_flags_state(mirror_page_flags(page));
}

static inline unsigned int mirror_page_order(const struct mirror_page *page)
{
	return mirror_flags_order(mirror_page_flags(page));
}

/* A state and an order as flags. */
static inline u32 mirror_head_flags(enum mirror_page_state state,
				    unsigned int order)
{
	return order << MIRROR_PF_ORDER_SHIFT | state;
}

/* Becomes a head in @state; the zone id stays, everything else goes. */
static inline void mirror_page_set_head(struct mirror_page *page,
					enum mirror_page_state state,
					unsigned int order)
{
	WRITE_ONCE(page->flags, (page->flags & MIRROR_PF_ZONE) | state |
		   (order << MIRROR_PF_ORDER_SHIFT));
}

static inline void mirror_page_set_tail(struct mirror_page *page)
{
	WRITE_ONCE(page->flags, page->flags & MIRROR_PF_ZONE);
}

#endif /* _MIRROR_CORE_PAGE_H */
