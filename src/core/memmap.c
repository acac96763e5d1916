// SPDX-License-Identifier: GPL-2.0
/*
 * The memory model: page frame numbers and their descriptors.
 *
 * The descriptor array is dense. One range is one slot of it:
 *
 *   pfn      base ............................ end
 *   index    0 ............................... n
 *
 * Several ranges are cut into sections, each present one a slot; a table says
 * which slot a section has, so holes cost four bytes a section:
 *
 *   section    first   +1   +2   +3   +4
 *   slot         0      1    -    -    2
 *   index     |--------|--------|--------|
 *
 * Slots begin at multiples of the largest block, so the low bits of index and
 * pfn agree and buddies are found in index space.
 */
#include "internal.h"

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
	unsigned long section;

	if (m->nr_slots == 1)
		return pfn - m->slot_base[0] < m->nr_desc ?
		       pfn - m->slot_base[0] : MIRROR_NIL;
	section = (pfn >> m->slot_shift) - m->first_section;
	if (section >= m->nr_sections || m->section_slot[section] == MIRROR_NIL)
		return MIRROR_NIL;
	return m->section_slot[section] << m->slot_shift |
	       (pfn & ((1ul << m->slot_shift) - 1));
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

static unsigned long first_pfn(const struct mirror *m)
{
	return round_down(m->ranges[0].start_pfn, 1ul << m->max_order);
}

static unsigned long last_pfn(const struct mirror *m)
{
	return round_up(m->ranges[m->nr_ranges - 1].end_pfn,
			1ul << m->max_order);
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
	return 0;
}

/* Numbers the sections that some range reaches into. */
static void assign_slots(struct mirror *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_ranges; i++) {
		unsigned long s = m->ranges[i].start_pfn >> m->slot_shift;

		for (; s <= (m->ranges[i].end_pfn - 1) >> m->slot_shift; s++) {
			u32 *slot = &m->section_slot[s - m->first_section];

			if (*slot == MIRROR_NIL)
				*slot = m->nr_slots++;
		}
	}
}

static int init_sections(struct mirror *m, unsigned int section_order)
{
	unsigned long s;

	m->slot_shift = max(section_order, m->max_order);
	m->first_section = m->ranges[0].start_pfn >> m->slot_shift;
	m->nr_sections = ((last_pfn(m) - 1) >> m->slot_shift) -
			 m->first_section + 1;
	m->section_slot = kvmalloc_array(m->nr_sections, sizeof(u32),
					 GFP_KERNEL);
	if (!m->section_slot)
		return -ENOMEM;
	memset32(m->section_slot, MIRROR_NIL, m->nr_sections);
	assign_slots(m);
	m->slot_base = kvmalloc_array(m->nr_slots, sizeof(*m->slot_base),
				      GFP_KERNEL);
	if (!m->slot_base)
		return -ENOMEM;
	for (s = 0; s < m->nr_sections; s++)
		if (m->section_slot[s] != MIRROR_NIL)
			m->slot_base[m->section_slot[s]] =
				(m->first_section + s) << m->slot_shift;
	if ((u64)m->nr_slots << m->slot_shift >= MIRROR_NIL)
		return -EINVAL;
	m->nr_desc = m->nr_slots << m->slot_shift;
	m->metadata_bytes += m->nr_sections * sizeof(u32) +
			     m->nr_slots * sizeof(*m->slot_base);
	return 0;
}

/**
 * mirror_memmap_init - allocate the descriptors of all ranges, as holes
 * @m: the mirror, with its ranges
 * @section_order: log2 of the pages of a section
 *
 * Context: Process context; may sleep.
 * Return: 0, -ENOMEM, or -EINVAL for more descriptors than an index can name.
 */
int mirror_memmap_init(struct mirror *m, unsigned int section_order)
{
	u32 blocks, idx;
	int ret;

	ret = m->nr_ranges == 1 ? init_flat(m) : init_sections(m, section_order);
	if (ret)
		return ret;
	blocks = DIV_ROUND_UP(m->nr_desc, 1u << m->pb_order);
	m->pages = vzalloc(array_size(m->nr_desc, sizeof(*m->pages)));
	m->pageblock_type = kvmalloc(blocks, GFP_KERNEL);
	if (!m->pages || !m->pageblock_type)
		return -ENOMEM;
	m->metadata_bytes += (size_t)m->nr_desc * sizeof(*m->pages) + blocks;
	for (idx = 0; idx < m->nr_desc; idx++)
		m->pages[idx].flags = MIRROR_PAGE_HOLE;
	return 0;
}
