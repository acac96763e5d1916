// SPDX-License-Identifier: GPL-2.0
/*
 * The memory model: page frame numbers and their descriptors.
 *
 * The descriptor array is dense. Memory without a gap is one slot of it:
 *
 *   pfn      base ............................ end
 *   index    0 ............................... n
 *
 * Ranges with gaps are cut into sections, each present one a slot. A table says
 * which slot a section has, in two steps, so that a hole of any width costs four
 * bytes for 512 sections:
 *
 *   group      first   +1  ...  +n		group_table, by pfn
 *                |      -        |
 *   section  - 0 1 - -      2 3 4 - -		section_slot, for groups that have any
 *   index     |--|--|       |--|--|--|		slot_base, by index
 *
 * Slots begin at multiples of the largest block, so the low bits of index and
 * pfn agree and buddies are found in index space.
 *
 * A section that a range fills only in part has descriptors that describe
 * nothing. Where smaller sections save more of them than their longer tables
 * cost, sections are smaller than configured.
 */
#include "internal.h"

#define GROUP_SECTIONS	BIT(MIRROR_GROUP_SHIFT)

/* Nobody's ranges lie so far apart that the table of groups grows beyond this. */
#define MAX_GROUPS	BIT(22)

/* Where a section's slot is kept; its group has to be a present one. */
static u32 *section_entry(const struct mirror *m, unsigned long section)
{
	u32 part = m->group_table[(section >> MIRROR_GROUP_SHIFT) -
				  m->first_group];

	return &m->section_slot[(size_t)part << MIRROR_GROUP_SHIFT |
				(section & (GROUP_SECTIONS - 1))];
}

/**
 * mirror_pfn_slot_idx - place of a page frame in the descriptor array
 * @m: the mirror
 * @pfn: any number
 *
 * Context: Any; constant time.
 * Return: index, which may be that of a hole, or MIRROR_NIL where no slot has
 * the frame.
 */
u32 mirror_pfn_slot_idx(const struct mirror *m, unsigned long pfn)
{
	unsigned long section, group;
	u32 slot;

	if (m->nr_slots == 1)
		return pfn - m->slot_base[0] < m->nr_desc ?
		       pfn - m->slot_base[0] : MIRROR_NIL;
	section = pfn >> m->slot_shift;
	group = (section >> MIRROR_GROUP_SHIFT) - m->first_group;
	if (group >= m->nr_groups || m->group_table[group] == MIRROR_NIL)
		return MIRROR_NIL;
	slot = *section_entry(m, section);
	if (slot == MIRROR_NIL)
		return MIRROR_NIL;
	return slot << m->slot_shift | (pfn & ((1ul << m->slot_shift) - 1));
}

/**
 * mirror_pfn_to_idx - descriptor of a page frame
 * @m: the mirror
 * @pfn: any number
 *
 * Context: Any; constant time.
 * Return: index, or MIRROR_NIL where the mirror has no such frame.
 */
u32 mirror_pfn_to_idx(const struct mirror *m, unsigned long pfn)
{
	u32 idx = mirror_pfn_slot_idx(m, pfn);

	if (idx == MIRROR_NIL ||
	    mirror_page_state(&m->pages[idx]) == MIRROR_PAGE_HOLE)
		return MIRROR_NIL;
	return idx;
}

/**
 * mirror_skip_hole - step over frames that no range has
 * @m: the mirror
 * @pfn: any number
 * @step: frames of a step
 *
 * For walks over a span that may be far wider than its memory.
 *
 * Context: Any.
 * Return: @pfn where some range reaches to it or begins within one step; else
 * the last multiple of steps from @pfn on that is not beyond the next range's
 * first frame; ULONG_MAX behind the last range.
 */
unsigned long mirror_skip_hole(const struct mirror *m, unsigned long pfn,
			       unsigned long step)
{
	unsigned int i;

	for (i = 0; i < m->nr_ranges; i++) {
		const struct mirror_range *r = &m->ranges[i];

		if (pfn >= r->end_pfn)
			continue;
		return pfn >= r->start_pfn ? pfn :
		       pfn + (r->start_pfn - pfn) / step * step;
	}
	return ULONG_MAX;
}

/**
 * mirror_page_head - head of the block around a page
 * @m: the mirror
 * @page: one of its descriptors
 *
 * Looks at one frame for each order.
 *
 * Context: Any; stable only for a block that the caller holds.
 * Return: the head, or NULL where no block covers the page.
 */
struct mirror_page *mirror_page_head(const struct mirror *m,
				     struct mirror_page *page)
{
	u32 idx = mirror_page_idx(m, page);
	unsigned int order;

	for (order = 0; order <= m->max_order; order++) {
		u32 first = round_down(idx, 1u << order);
		u32 flags = mirror_page_flags(&m->pages[first]);

		if (!mirror_state_is_head(mirror_flags_state(flags)))
			continue;
		return idx - first < 1u << mirror_flags_order(flags) ?
		       &m->pages[first] : NULL;
	}
	return NULL;
}

/* tables ----------------------------------------------------------------------- */

static unsigned long first_pfn(const struct mirror *m)
{
	return round_down(m->ranges[0].start_pfn, 1ul << m->max_order);
}

static unsigned long last_pfn(const struct mirror *m)
{
	return round_up(m->ranges[m->nr_ranges - 1].end_pfn,
			1ul << m->max_order);
}

/* How many units of 2^shift frames have a frame of some range. */
static u64 count_units(const struct mirror *m, unsigned int shift)
{
	u64 unit, end = 0, nr = 0;
	unsigned int i;

	for (i = 0; i < m->nr_ranges; i++) {
		unit = max((u64)m->ranges[i].start_pfn >> shift, end);
		end = ((u64)(m->ranges[i].end_pfn - 1) >> shift) + 1;
		nr += end - min(unit, end);
	}
	return nr;
}

/* Groups from the first range to the last. */
static u64 span_groups(const struct mirror *m, unsigned int shift)
{
	u64 first = m->ranges[0].start_pfn;
	u64 last = m->ranges[m->nr_ranges - 1].end_pfn - 1;

	shift += MIRROR_GROUP_SHIFT;
	return (last >> shift) - (first >> shift) + 1;
}

/* What descriptors and tables take with sections of 2^shift frames. */
static u64 sections_cost(const struct mirror *m, unsigned int shift)
{
	u64 slots = count_units(m, shift);

	return (slots << shift) * sizeof(*m->pages) +
	       (slots << shift >> m->pb_order) +
	       slots * sizeof(*m->slot_base) +
	       (count_units(m, shift + MIRROR_GROUP_SHIFT) <<
		MIRROR_GROUP_SHIFT) * sizeof(u32) +
	       span_groups(m, shift) * sizeof(u32);
}

/* The largest sections among those that cost least. */
static unsigned int best_section_order(const struct mirror *m,
				       unsigned int section_order)
{
	unsigned int shift, best = section_order;

	for (shift = section_order; shift-- > m->max_order;)
		if (sections_cost(m, shift) < sections_cost(m, best))
			best = shift;
	return best;
}

/* Without a gap, whatever nodes there are; frames of a slot fit into an index. */
static bool is_flat(const struct mirror *m)
{
	unsigned int i;

	for (i = 1; i < m->nr_ranges; i++)
		if (m->ranges[i].start_pfn != m->ranges[i - 1].end_pfn)
			return false;
	return last_pfn(m) - first_pfn(m) <= 1ul << 31;
}

static int init_flat(struct mirror *m)
{
	m->nr_slots = 1;
	m->nr_desc = last_pfn(m) - first_pfn(m);
	m->slot_shift = order_base_2(m->nr_desc);
	m->slot_base = kmalloc_array(1, sizeof(*m->slot_base), GFP_KERNEL);
	if (!m->slot_base)
		return -ENOMEM;
	m->slot_base[0] = first_pfn(m);
	mirror_charge(m, MIRROR_COST_SECTIONS, sizeof(*m->slot_base));
	return 0;
}

/* Gives each group that has a section a part of the table of sections. */
static void assign_groups(struct mirror *m)
{
	const unsigned int shift = m->slot_shift + MIRROR_GROUP_SHIFT;
	unsigned int i;
	u32 nr = 0;

	memset32(m->group_table, MIRROR_NIL, m->nr_groups);
	for (i = 0; i < m->nr_ranges; i++) {
		u64 g = (u64)m->ranges[i].start_pfn >> shift;
		u64 last = (u64)(m->ranges[i].end_pfn - 1) >> shift;

		for (; g <= last; g++)
			if (m->group_table[g - m->first_group] == MIRROR_NIL)
				m->group_table[g - m->first_group] = nr++;
	}
}

/* Numbers the sections that some range reaches into, in address order. */
static void assign_slots(struct mirror *m)
{
	unsigned int i;
	u32 nr = 0;

	for (i = 0; i < m->nr_ranges; i++) {
		unsigned long s = m->ranges[i].start_pfn >> m->slot_shift;

		for (; s <= (m->ranges[i].end_pfn - 1) >> m->slot_shift; s++) {
			if (*section_entry(m, s) != MIRROR_NIL)
				continue;
			m->slot_base[nr] = s << m->slot_shift;
			*section_entry(m, s) = nr++;
		}
	}
}

static int init_sections(struct mirror *m, unsigned int section_order)
{
	u64 entries;

	m->slot_shift = best_section_order(m, max(section_order, m->max_order));
	if (count_units(m, m->slot_shift) << m->slot_shift >= MIRROR_NIL ||
	    span_groups(m, m->slot_shift) > MAX_GROUPS) {
		pr_err("%lu MiB in %u ranges are too much, or too far apart, to be described; give less, in ranges of whole %lu MiB\n",
		       m->managed >> (20 - PAGE_SHIFT), m->nr_ranges,
		       1ul << m->slot_shift >> (20 - PAGE_SHIFT));
		return -EINVAL;
	}
	m->nr_slots = count_units(m, m->slot_shift);
	m->nr_desc = m->nr_slots << m->slot_shift;
	m->nr_groups = span_groups(m, m->slot_shift);
	m->first_group = m->ranges[0].start_pfn >> m->slot_shift >>
			 MIRROR_GROUP_SHIFT;
	entries = count_units(m, m->slot_shift + MIRROR_GROUP_SHIFT) <<
		  MIRROR_GROUP_SHIFT;
	m->group_table = kvmalloc_array(m->nr_groups, sizeof(u32), GFP_KERNEL);
	m->section_slot = kvmalloc_array(entries, sizeof(u32), GFP_KERNEL);
	m->slot_base = kvmalloc_array(m->nr_slots, sizeof(*m->slot_base),
				      GFP_KERNEL);
	if (!m->group_table || !m->section_slot || !m->slot_base)
		return -ENOMEM;
	memset32(m->section_slot, MIRROR_NIL, entries);
	assign_groups(m);
	assign_slots(m);
	mirror_charge(m, MIRROR_COST_SECTIONS,
		      (m->nr_groups + entries) * sizeof(u32) +
		      m->nr_slots * sizeof(*m->slot_base));
	return 0;
}

/* Before anything is taken: a host that is short gets no shorter. */
static int check_host(const struct mirror *m, u64 need)
{
	u64 have = mirror_host_available();

	if (need <= have && need <= SIZE_MAX)
		return 0;
	pr_err("%lu MiB of memory need %llu MiB for their descriptors, and only %llu MiB can be taken from the kernel; give a smaller region\n",
	       m->managed >> (20 - PAGE_SHIFT), need >> 20, have >> 20);
	return -ENOMEM;
}

/**
 * mirror_memmap_init - allocate the descriptors of all ranges, with no content
 * @m: the mirror, with its ranges
 * @section_order: log2 of the pages of a section; they become smaller where that
 *                 saves memory
 *
 * Context: Process context; may sleep.
 * Return: 0; -ENOMEM, with a line in the log where it is the host's memory as a
 * whole that is short; -EINVAL, with a line too, for more descriptors than an index
 * can name, or for sections too small for the distance between the ranges.
 */
int mirror_memmap_init(struct mirror *m, unsigned int section_order)
{
	u64 bytes;
	u32 blocks;
	int ret;

	ret = is_flat(m) ? init_flat(m) : init_sections(m, section_order);
	if (ret)
		return ret;
	blocks = DIV_ROUND_UP(m->nr_desc, 1u << m->pb_order);
	bytes = (u64)m->nr_desc * sizeof(*m->pages);
	ret = check_host(m, bytes + blocks);
	if (ret)
		return ret;
	m->pages = mirror_host_alloc_large(bytes);
	m->pageblock_type = kvmalloc(blocks, GFP_KERNEL);
	if (!m->pages || !m->pageblock_type) {
		pr_err("the kernel has no %llu KiB for descriptors, of memory or of vmalloc addresses; give a smaller region\n",
		       (bytes + blocks) >> 10);
		return -ENOMEM;
	}
	mirror_charge(m, MIRROR_COST_DESCRIPTORS, bytes);
	mirror_charge(m, MIRROR_COST_PAGEBLOCKS, blocks);
	return 0;
}
