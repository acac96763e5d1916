// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a run: all is given back, and has to be what it was at first.
 *
 * Inside a pageblock everything has merged then. Pageblocks may stay apart where
 * one gave up a type that does not mix while its neighbour was free already, so
 * every page is taken and given back once more: that also shows that the mirror
 * can hand out all it has.
 */
#include <string.h>
#include "run.h"

/**
 * pristine_note - remember the free blocks of a mirror
 * @p: filled in
 * @m: the mirror
 */
void pristine_note(struct pristine *p, const struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i, order;

	memset(p, 0, sizeof(*p));
	mirror_for_each_populated_zone(m, zone, i)
		for (order = 0; order < MIRROR_NR_ORDERS_MAX; order++)
			p->nr_free[i][order] = zone->free_area[order].nr_free;
}

/**
 * pristine_expect - compare the free blocks of a mirror with what they were
 * @p: from pristine_note()
 * @m: the mirror
 * @end: first order that may differ
 * @when: said where they differ; the program ends then
 */
void pristine_expect(const struct pristine *p, const struct mirror *m,
		     unsigned int end, const char *when)
{
	struct mirror_zone *zone;
	unsigned int i, order;

	mirror_for_each_populated_zone(m, zone, i)
		for (order = 0; order < end; order++)
			if (zone->free_area[order].nr_free != p->nr_free[i][order])
				fuzz_found("%s: zone %u order %u: %lu free blocks, %lu at first",
					   when, i, order,
					   zone->free_area[order].nr_free,
					   p->nr_free[i][order]);
}

/* Half of them from the front, so that neighbours do not always go together. */
static void free_all(struct run *run)
{
	struct model *model = &run->model;

	while (model->nr_blocks) {
		struct model_block *block =
			&model->blocks[model->nr_blocks % 2 ? 0 : model->nr_blocks - 1];
		int ret = mirror_core_free(run->m, model_head(model, run->m, block),
					   block->order);

		if (ret)
			fuzz_found("the last free was refused with %d", ret);
		model_free(model, block);
	}
	mirror_drain_all(run->m);
	model_verify(model, run->m);
}

/* Any request of the node, whatever the zone and the marks. */
static bool any_request(struct run *run, unsigned int nid,
			struct mirror_alloc_context *ac)
{
	return mirror_prepare_alloc(run->m, __MIRROR_GFP_HIGHMEM |
				    __MIRROR_GFP_MOVABLE | __MIRROR_GFP_THISNODE,
				    nid, 0, ac);
}

static void give_up_reserves(struct run *run)
{
	struct mirror_alloc_context ac;
	unsigned int nid;

	for (nid = 0; nid < run->m->nr_nodes; nid++)
		while (any_request(run, nid, &ac) &&
		       mirror_unreserve_highatomic(run->m, &ac, true))
			;
}

static void take_node(struct run *run, unsigned int nid)
{
	struct mirror_alloc_context ac;
	struct mirror_page *page;

	if (!any_request(run, nid, &ac))
		return;
	while ((page = mirror_get_page_from_freelist(run->m, 0, 0,
						     MIRROR_ALLOC_NO_WATERMARKS |
						     MIRROR_ALLOC_CMA, &ac)))
		model_take(&run->model,
			   mirror_idx_to_pfn(run->m, mirror_page_idx(run->m, page)),
			   0, false);
}

static void take_all(struct run *run)
{
	unsigned int nid;

	for (nid = 0; nid < run->m->nr_nodes; nid++)
		take_node(run, nid);
	model_verify(&run->model, run->m);
	if (run->model.used != run->model.managed)
		fuzz_found("all requests together got %lu of %lu pages",
			   run->model.used, run->model.managed);
}

static void expect_rising(const struct mirror *m, const struct mirror_list *list)
{
	u32 idx, next;

	for (idx = list->first; idx != MIRROR_NIL; idx = next) {
		next = m->pages[idx].next;
		if (next != MIRROR_NIL && next < idx)
			fuzz_found("after reset a free list is in disorder at %u", idx);
	}
}

/* Lists begin in address order. */
static void expect_sorted(const struct mirror *m)
{
	unsigned int i, order;
	struct mirror_zone *zone;
	int mt;

	mirror_for_each_populated_zone(m, zone, i)
		for (order = 0; order <= m->max_order; order++)
			for (mt = 0; mt < MIRROR_MIGRATE_TYPES; mt++)
				expect_rising(m, &zone->free_area[order].list[mt]);
}

/**
 * run_end - give everything back and see whether all is as it was
 * @run: the run
 *
 * The program ends where it is not.
 */
void run_end(struct run *run)
{
	struct mirror *m = run->m;
	int ret;

	model_verify(&run->model, m);
	free_all(run);
	pristine_expect(&run->merged, m, m->pb_order, "all given back");
	give_up_reserves(run);
	take_all(run);
	free_all(run);
	pristine_expect(&run->merged, m, MIRROR_NR_ORDERS_MAX,
			"all taken and given back");
	ret = mirror_core_reset(m);
	if (ret)
		fuzz_found("reset with nothing held: %d", ret);
	model_reset(&run->model);
	model_verify(&run->model, m);
	pristine_expect(&run->made, m, MIRROR_NR_ORDERS_MAX, "after reset");
	expect_sorted(m);
}
