// SPDX-License-Identifier: GPL-2.0
/*
 * Does a mirror say what the model says?
 *
 * Each frame is looked up in the mirror, and each free list walked: a frame is
 * free in both or held in both, by the same block, and no free block is on two
 * lists or on none. mirror_check() then looks at what the model knows nothing of.
 */
#include <string.h>
#include "model.h"

/* counters ---------------------------------------------------------------------- */

static void expect(const char *what, unsigned int zone, unsigned long have,
		   unsigned long want)
{
	if (have != want)
		fuzz_found("node %u zone %u: %s: %lu in the mirror, %lu in the model",
			   zone / MIRROR_MAX_NR_ZONES, zone % MIRROR_MAX_NR_ZONES,
			   what, have, want);
}

/**
 * model_zone_pcp - pages of a zone that lie on per-CPU lists
 * @zone: the zone
 *
 * Return: pages, by the lists' own counts.
 */
unsigned long model_zone_pcp(const struct mirror_zone *zone)
{
	unsigned long nr = 0;
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		nr += per_cpu_ptr(zone->pcp, cpu)->count;
	return nr;
}

static void verify_zone(const struct model *model, const struct mirror_zone *zone,
			unsigned int id)
{
	expect("pages", id, zone->managed, model->zone_pages[id]);
	expect("present pages", id, zone->present, model->zone_pages[id]);
	if (!mirror_zone_populated(zone))
		return;
	expect("free pages", id,
	       mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES) + model_zone_pcp(zone),
	       model_zone_free(model, id));
	expect("blocks it gave", id,
	       mirror_numa_events(zone, MIRROR_NUMA_HIT) +
	       mirror_numa_events(zone, MIRROR_NUMA_MISS), model->served[id]);
	expect("blocks it gave to near and far CPUs", id,
	       mirror_numa_events(zone, MIRROR_NUMA_LOCAL) +
	       mirror_numa_events(zone, MIRROR_NUMA_OTHER), model->served[id]);
}

/**
 * model_verify_counts - compare what both have counted
 * @model: the model
 * @m: the mirror
 *
 * The program ends where they differ.
 */
void model_verify_counts(struct model *model, struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i;

	if (mirror_is_broken(m))
		fuzz_found("the mirror found an invariant broken");
	if (mirror_nr_free(m) != model->managed - model->used)
		fuzz_found("%lu pages free in the mirror, %lu in the model",
			   mirror_nr_free(m), model->managed - model->used);
	mirror_for_each_zone(m, zone, i)
		verify_zone(model, zone, i);
	for (i = 0; i < MIRROR_MAX_NR_ZONES; i++)
		expect("pages allocated, all nodes", i,
		       mirror_events(m, MIRROR_PGALLOC + i), model->allocated[i]);
	expect("pages freed", 0, mirror_events(m, MIRROR_PGFREE), model->freed);
}

/* frames ---------------------------------------------------------------------------- */

static void verify_held(const struct model *model, const struct mirror *m,
			u32 frame, struct mirror_page *page)
{
	const struct model_block *block = &model->blocks[model->owner[frame]];
	struct mirror_page *head = mirror_page_head(m, page);
	unsigned long pfn = model_pfn(model, frame);
	u32 flags = mirror_page_flags(page);

	if (head != model_head(model, m, block))
		fuzz_found("pfn %#lx: its block does not begin at %#lx", pfn,
			   model_pfn(model, block->first));
	if (frame != block->first)
		return;
	if (mirror_flags_state(flags) != MIRROR_PAGE_USED ||
	    mirror_flags_order(flags) != block->order ||
	    !(flags & MIRROR_PF_COMPOUND) != !block->compound)
		fuzz_found("pfn %#lx: flags %#x of a held block of order %u", pfn,
			   flags, block->order);
	if (mirror_refs_held(atomic_read(&page->refs)) != (int)block->refs)
		fuzz_found("pfn %#lx: %d references in the mirror, %u in the model",
			   pfn, atomic_read(&page->refs), block->refs);
}

static void verify_free(const struct model *model, const struct mirror *m,
			u32 frame, struct mirror_page *page)
{
	struct mirror_page *head = mirror_page_head(m, page);

	if (!head || mirror_page_state(head) == MIRROR_PAGE_USED)
		fuzz_found("pfn %#lx: nobody has it, and it is %s",
			   model_pfn(model, frame),
			   head ? "in use" : "in no block");
	if (atomic_read(&page->refs))
		fuzz_found("pfn %#lx: nobody has it, and it has %d references",
			   model_pfn(model, frame), atomic_read(&page->refs));
}

static void verify_frame(const struct model *model, const struct mirror *m, u32 frame)
{
	struct mirror_page *page = model_page(model, m, frame);
	unsigned long pfn = model_pfn(model, frame);
	bool hole = model->owner[frame] == MODEL_HOLE;

	if (!page != hole)
		fuzz_found("pfn %#lx: %s in the mirror only", pfn,
			   page ? "memory" : "a hole");
	if (!page)
		return;
	if (mirror_idx_to_pfn(m, mirror_page_idx(m, page)) != pfn)
		fuzz_found("pfn %#lx: its descriptor says pfn %#lx", pfn,
			   mirror_idx_to_pfn(m, mirror_page_idx(m, page)));
	if (mirror_flags_zone(mirror_page_flags(page)) != model->zone[frame])
		fuzz_found("pfn %#lx: zone %u in the mirror, %u in the model", pfn,
			   mirror_flags_zone(mirror_page_flags(page)),
			   model->zone[frame]);
	if (model->owner[frame] == MODEL_FREE)
		verify_free(model, m, frame, page);
	else
		verify_held(model, m, frame, page);
}

/* free lists ------------------------------------------------------------------------- */

static void see_block(struct model *model, const struct mirror *m, u32 idx,
		      unsigned int order)
{
	u32 first = mirror_idx_to_pfn(m, idx) - model->base, i;

	for (i = 0; i < 1u << order; i++) {
		if (first + i >= model->nr_frames ||
		    model->owner[first + i] != MODEL_FREE)
			fuzz_found("pfn %#lx is on a free list, and not free",
				   model_pfn(model, first + i));
		if (model->seen[first + i]++)
			fuzz_found("pfn %#lx is on the free lists twice",
				   model_pfn(model, first + i));
	}
}

static unsigned long walk_list(struct model *model, const struct mirror *m,
			       const struct mirror_list *list, unsigned int order)
{
	unsigned long nr = 0;
	u32 idx;

	for (idx = list->first; idx != MIRROR_NIL; idx = m->pages[idx].next) {
		if (idx >= m->nr_desc || nr++ > m->nr_desc)
			fuzz_found("a free list of order %u leads nowhere", order);
		see_block(model, m, idx, order);
	}
	return nr << order;
}

/* A frame that is free is on the free lists of its zone or on a per-CPU list. */
static void verify_lists(struct model *model, const struct mirror *m)
{
	unsigned int i, order, mt;
	struct mirror_zone *zone;

	memset(model->seen, 0, model->nr_frames);
	mirror_for_each_populated_zone(m, zone, i) {
		unsigned long nr = 0;

		for (order = 0; order <= m->max_order; order++)
			for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
				nr += walk_list(model, m,
						&zone->free_area[order].list[mt],
						order);
		expect("pages on free lists and per-CPU lists", i,
		       nr + model_zone_pcp(zone), model_zone_free(model, i));
	}
}

/* all of it -------------------------------------------------------------------------- */

static void keep_first(void *arg, const char *line)
{
	char **first = arg;

	fprintf(stderr, "check: %s\n", line);
	if (!*first)
		*first = strdup(line);
}

/**
 * model_verify - compare everything
 * @model: the model
 * @m: the mirror
 *
 * The program ends where they differ, or where the mirror is not sound.
 */
void model_verify(struct model *model, struct mirror *m)
{
	char *first = NULL;
	struct mirror_check check = { .emit = keep_first, .arg = &first };
	u32 frame;

	model_verify_counts(model, m);
	if (mirror_check(m, &check))
		fuzz_found("mirror_check(), of %u: %s", check.faults, first);
	for (frame = 0; frame < model->nr_frames; frame++)
		verify_frame(model, m, frame);
	verify_lists(model, m);
}
