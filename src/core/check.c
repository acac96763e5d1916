// SPDX-License-Identifier: GPL-2.0
/*
 * Validates every structure of a mirror.
 *
 * Two independent views have to agree: the lists, walked from their ends, and
 * the descriptors, walked by address. What the lists say is free has to be what
 * the descriptors say, to the page, and both have to match the counters.
 *
 * The caller sees to it that nothing changes meanwhile. A block that is just
 * being handed out or taken back is in use without references, which is fine.
 *
 * Almost all of the time goes into the tails of blocks, one descriptor for each
 * page. They need to stand still only block by block, so a caller may have all
 * the rest validated at once and the tails in portions.
 */
#include "internal.h"

/* What one walk over a zone's descriptors adds up to. */
struct tally {
	unsigned long buddy;		/* pages in free blocks, isolated ones too */
	unsigned long isolated;
	unsigned long cma;
	unsigned long highatomic;
	unsigned long pcp;
	unsigned long used;
	unsigned long bad;
};

#define MAX_LINES	64

__printf(2, 3)
static void fault(struct mirror_check *check, const char *fmt, ...)
{
	char line[160];
	va_list args;

	if (check->faults++ >= MAX_LINES || !check->emit)
		return;
	va_start(args, fmt);
	vscnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	check->emit(check->arg, line);
}

/* lists ------------------------------------------------------------------------ */

static bool entry_ok(const struct mirror_zone *zone, u32 idx, u32 prev,
		     enum mirror_page_state state, unsigned int order)
{
	const struct mirror_page *page = &zone->pages[idx];

	return page->prev == prev && idx % (1u << order) == 0 &&
	       page->flags == ((u32)zone->id << MIRROR_PF_ZONE_SHIFT | state |
			       order << MIRROR_PF_ORDER_SHIFT) &&
	       !atomic_read(&page->refs);
}

/* Returns the entries of a list, up to the first one that is wrong. */
static u32 check_list(const struct mirror_zone *zone,
		      const struct mirror_list *list,
		      enum mirror_page_state state, unsigned int order,
		      int mt, struct mirror_check *check)
{
	u32 idx = list->first, prev = MIRROR_NIL, nr = 0;

	while (idx != MIRROR_NIL && nr <= list->nr) {
		if (idx >= zone->m->nr_desc ||
		    !entry_ok(zone, idx, prev, state, order)) {
			fault(check, "node %d zone %d order %u type %d: entry %u after %u damaged",
			      zone->node->nid, zone->type, order, mt, idx, prev);
			return nr;
		}
		if (state == MIRROR_PAGE_BUDDY &&
		    mirror_pageblock_type(zone->m, idx) != mt)
			fault(check, "node %d zone %d order %u: pfn %#lx, type %d, is on list %d",
			      zone->node->nid, zone->type, order,
			      mirror_idx_to_pfn(zone->m, idx),
			      mirror_pageblock_type(zone->m, idx), mt);
		prev = idx;
		idx = zone->pages[idx].next;
		nr++;
	}
	if (nr != list->nr || list->last != prev)
		fault(check, "node %d zone %d order %u type %d: list says %u to %u, has %u to %u",
		      zone->node->nid, zone->type, order, mt, list->nr,
		      list->last, nr, prev);
	return nr;
}

/* Returns the pages on all free lists of the zone. */
static unsigned long check_free_areas(const struct mirror_zone *zone,
				      struct mirror_check *check)
{
	unsigned long pages = 0;
	unsigned int order;
	int mt;

	for (order = 0; order < MIRROR_NR_ORDERS_MAX; order++) {
		const struct mirror_free_area *area = &zone->free_area[order];
		unsigned long nr = 0;

		for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++) {
			nr += check_list(zone, &area->list[mt],
					 MIRROR_PAGE_BUDDY, order, mt, check);
			if (mirror_list_empty(&area->list[mt]) ==
			    !!(zone->free_mask[mt] & BIT(order)))
				fault(check, "node %d zone %d order %u type %d: wrong free_mask",
				      zone->node->nid, zone->type, order, mt);
		}
		if (nr != area->nr_free)
			fault(check, "node %d zone %d order %u: nr_free is %lu, the lists have %lu",
			      zone->node->nid, zone->type, order,
			      area->nr_free, nr);
		pages += nr << order;
	}
	return pages;
}

/* Returns the pages on all CPUs' lists of the zone. */
static unsigned long check_pcps(const struct mirror_zone *zone,
				struct mirror_check *check)
{
	unsigned long all = 0;
	unsigned int cpu, i;

	for_each_possible_cpu(cpu) {
		const struct mirror_pcp *pcp = per_cpu_ptr(zone->pcp, cpu);
		unsigned long pages = 0;

		for (i = 0; i < MIRROR_NR_PCP_LISTS; i++) {
			unsigned int order = mirror_pcp_index_order(zone, i);

			pages += (unsigned long)
				 check_list(zone, &pcp->lists[i],
					    MIRROR_PAGE_PCP, order, i, check)
				 << order;
		}
		if (pages != pcp->count)
			fault(check, "node %d zone %d cpu %u: count %d, lists have %lu",
			      zone->node->nid, zone->type, cpu, pcp->count,
			      pages);
		all += pages;
	}
	return all;
}

/* descriptors ------------------------------------------------------------------- */

static void add_free(struct tally *t, int mt, unsigned long nr)
{
	t->buddy += nr;
	if (mt == MIRROR_MIGRATE_ISOLATE)
		t->isolated += nr;
	else if (mt == MIRROR_MIGRATE_CMA)
		t->cma += nr;
	else if (mt == MIRROR_MIGRATE_HIGHATOMIC)
		t->highatomic += nr;
}

/*
 * Two free buddies of one pageblock should have become one block. Pageblocks
 * themselves may stay apart: their types can become alike while both are free.
 */
static void check_merged(const struct mirror *m, u32 idx, unsigned int order,
			 struct mirror_check *check)
{
	u32 buddy = idx ^ (1u << order);

	if (order < m->pb_order && buddy > idx &&
	    m->pages[buddy].flags == m->pages[idx].flags)
		fault(check, "pfn %#lx and its buddy are both free at order %u",
		      mirror_idx_to_pfn(m, idx), order);
}

/* All but the first descriptor of a block have to be tails of the same zone. */
static void check_tails(const struct mirror *m, u32 idx,
			struct mirror_check *check)
{
	u32 want = m->pages[idx].flags & MIRROR_PF_ZONE;
	unsigned int order = mirror_flags_order(m->pages[idx].flags);
	u32 i;

	for (i = 1; i < 1u << order; i++) {
		const struct mirror_page *page = &m->pages[idx + i];

		if (page->flags == want && !atomic_read(&page->refs))
			continue;
		fault(check, "pfn %#lx in the order %u block at %#lx: flags %#x, refs %d",
		      mirror_idx_to_pfn(m, idx + i), order,
		      mirror_idx_to_pfn(m, idx), page->flags,
		      atomic_read(&page->refs));
		return;
	}
}

/* Adds one block to its zone's tally; returns the frames to go on by. */
static u32 check_block(const struct mirror *m, u32 idx, struct tally *tallies,
		       struct mirror_check *check)
{
	u32 flags = m->pages[idx].flags;
	unsigned int order = mirror_flags_order(flags);
	unsigned long nr = 1ul << order;
	struct tally *t = &tallies[mirror_flags_zone(flags)];

	if (mirror_flags_zone(flags) >= m->nr_nodes * MIRROR_MAX_NR_ZONES ||
	    mirror_flags_state(flags) == MIRROR_PAGE_TAIL ||
	    mirror_flags_state(flags) > MIRROR_PAGE_ISOLATED ||
	    (mirror_flags_state(flags) == MIRROR_PAGE_BAD && order) ||
	    order > m->max_order || idx % nr) {
		fault(check, "pfn %#lx: flags %#x where a block should begin",
		      mirror_idx_to_pfn(m, idx), flags);
		return 1;
	}
	switch (mirror_flags_state(flags)) {
	case MIRROR_PAGE_BUDDY:
		add_free(t, mirror_pageblock_type(m, idx), nr);
		check_merged(m, idx, order, check);
		break;
	case MIRROR_PAGE_PCP:
		t->pcp += nr;
		break;
	case MIRROR_PAGE_USED:
	case MIRROR_PAGE_ISOLATED:
		t->used += nr;
		break;
	case MIRROR_PAGE_BAD:
		t->bad += nr;
		break;
	default:
		return 1;
	}
	return nr;
}

static void check_descriptors(const struct mirror *m, struct tally *tallies,
			      bool tails, struct mirror_check *check)
{
	u32 idx, nr;

	for (idx = 0; idx < m->nr_desc && check->faults < MAX_LINES; idx += nr) {
		nr = check_block(m, idx, tallies, check);
		if (tails && nr > 1)
			check_tails(m, idx, check);
	}
}

/* counters --------------------------------------------------------------------- */

static void expect(const struct mirror_zone *zone, const char *what,
		   unsigned long have, unsigned long want,
		   struct mirror_check *check)
{
	if (have != want)
		fault(check, "node %d zone %d: %s: %lu, should be %lu",
		      zone->node->nid, zone->type, what, have, want);
}

/* A pageblock's first frame may be a hole, which is of no zone. */
static const struct mirror_page *first_page(const struct mirror *m, u32 idx, u32 end)
{
	for (; idx < end; idx++)
		if (mirror_page_state(&m->pages[idx]) != MIRROR_PAGE_HOLE)
			return &m->pages[idx];
	return NULL;
}

static unsigned long highatomic_pages(const struct mirror_zone *zone)
{
	const struct mirror *m = zone->m;
	u32 block = 1u << m->pb_order, idx;
	unsigned long nr = 0;

	for (idx = 0; idx < m->nr_desc; idx += block) {
		const struct mirror_page *page;

		if (mirror_pageblock_type(m, idx) != MIRROR_MIGRATE_HIGHATOMIC)
			continue;
		page = first_page(m, idx, min(idx + block, m->nr_desc));
		if (page && mirror_flags_zone(page->flags) == zone->id)
			nr += block;
	}
	return nr;
}

static void check_zone(const struct mirror_zone *zone, const struct tally *t,
		       struct mirror_check *check)
{
	expect(zone, "pages on free lists, by the descriptors",
	       check_free_areas(zone, check), t->buddy, check);
	expect(zone, "pages on per-CPU lists, by the descriptors",
	       check_pcps(zone, check), t->pcp, check);
	expect(zone, "free, per-CPU, used and bad pages",
	       t->buddy + t->pcp + t->used + t->bad, zone->managed, check);
	expect(zone, "nr_free_pages",
	       mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES),
	       t->buddy - t->isolated, check);
	expect(zone, "nr_free_cma",
	       mirror_zone_state_exact(zone, MIRROR_NR_FREE_CMA), t->cma, check);
	expect(zone, "nr_free_highatomic", zone->nr_free_highatomic,
	       t->highatomic, check);
	expect(zone, "nr_reserved_highatomic", zone->nr_reserved_highatomic,
	       highatomic_pages(zone), check);
}

/* A frame reported as bad is on no list, and who holds it cannot free it unnoticed. */
static bool bad_frame_ok(const struct mirror *m, unsigned int i)
{
	struct mirror_page *page = &m->pages[m->bad.idx[i]], *head;

	if (i && m->bad.idx[i] <= m->bad.idx[i - 1])
		return false;
	if (mirror_page_state(page) == MIRROR_PAGE_BAD)
		return !atomic_read(&page->refs);
	head = mirror_page_head(m, page);
	return head && mirror_page_state(head) == MIRROR_PAGE_USED &&
	       atomic_read(&head->refs) & MIRROR_REFS_BAD;
}

/* The descriptors and the list of bad frames have to agree, but for one on its way. */
static void check_bad(const struct mirror *m, const struct tally *tallies,
		      struct mirror_check *check)
{
	u32 moving = m->bad.moving;
	unsigned long isolated = 0, listed = mirror_nr_isolated(m);
	unsigned int i;

	for (i = 0; i < m->nr_zones; i++)
		isolated += tallies[i].bad;
	for (i = 0; i < m->bad.nr && moving == MIRROR_NIL; i++)
		if (m->bad.idx[i] >= m->nr_desc || !bad_frame_ok(m, i))
			fault(check, "bad frame %u of %u, entry %u, is neither isolated nor held",
			      i, m->bad.nr, m->bad.idx[i]);
	if (moving == MIRROR_NIL && isolated != listed)
		fault(check, "%lu pages are isolated as bad, %lu should be", isolated,
		      listed);
}

static void check_all(struct mirror *m, bool tails, struct mirror_check *check)
{
	struct tally *tallies = m->check_scratch;
	struct mirror_zone *zone;
	unsigned int i;

	check->faults = 0;
	if (mirror_is_broken(m))
		fault(check, "an invariant was found broken before; see the kernel log");
	memset(tallies, 0, mirror_check_scratch_size(m->nr_nodes));
	check_descriptors(m, tallies, tails, check);
	mirror_for_each_populated_zone(m, zone, i)
		check_zone(zone, &tallies[i], check);
	check_bad(m, tallies, check);
}

/**
 * mirror_check - validate everything
 * @m: the mirror
 * @check: where the findings go; @check->faults is set
 *
 * Context: nothing else may use the mirror meanwhile: stop_machine(), or a
 * mirror that only the caller knows.
 * Return: number of faults, 0 for a sound mirror.
 */
unsigned int mirror_check(struct mirror *m, struct mirror_check *check)
{
	check_all(m, true, check);
	return check->faults;
}

/**
 * mirror_check_heads - validate everything but the tails of blocks
 * @m: the mirror
 * @check: where the findings go; @check->faults is set
 *
 * Takes time by the number of blocks, not of pages.
 *
 * Context: as for mirror_check().
 */
void mirror_check_heads(struct mirror *m, struct mirror_check *check)
{
	check_all(m, false, check);
}

/**
 * mirror_check_tails - validate the tails of some blocks
 * @m: the mirror
 * @idx: first descriptor, a multiple of the largest block
 * @nr: descriptors, likewise
 * @check: where the findings go, after mirror_check_heads(); adds to
 *         @check->faults
 *
 * Context: as for mirror_check(); the mirror may have been used since the heads
 * were looked at.
 * Return: @idx of the next portion; the number of descriptors after the last one.
 */
u32 mirror_check_tails(const struct mirror *m, u32 idx, u32 nr,
		       struct mirror_check *check)
{
	u32 end = idx + min(nr, m->nr_desc - idx);

	while (idx < end && check->faults < MAX_LINES) {
		u32 flags = m->pages[idx].flags;
		unsigned int order = mirror_flags_order(flags);

		if (!mirror_state_is_head(mirror_flags_state(flags)) ||
		    order > m->max_order || idx % (1u << order)) {
			idx++;
			continue;
		}
		check_tails(m, idx, check);
		idx += 1u << order;
	}
	return end;
}

/**
 * mirror_check_scratch_size - memory that mirror_check() needs at hand
 * @nr_nodes: nodes of the mirror
 *
 * It runs where nothing can be allocated.
 *
 * Context: Any.
 * Return: bytes.
 */
size_t mirror_check_scratch_size(unsigned int nr_nodes)
{
	return sizeof(struct tally) * nr_nodes * MIRROR_MAX_NR_ZONES;
}
