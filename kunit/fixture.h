/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: mirrors made for one test and validated at its end,
 * lists and counts in a form that a test can compare, and a seeded generator.
 *
 * No memory stands behind these mirrors. The core looks at descriptors only, so
 * any page frame number does. Lists are written as indices of descriptors: for
 * a mirror of one aligned range, frames counted from its first.
 */
#ifndef _MIRROR_KUNIT_FIXTURE_H
#define _MIRROR_KUNIT_FIXTURE_H

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/mirror_mm.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include "core/fallback_ops.h"
#include "core/gfp_ops.h"
#include "core/hwpoison.h"
#include "core/route_ops.h"

/* First frame of most mirrors here: a multiple of any block. */
#define TEST_PFN	0x40000ul

#define UNMOVABLE	MIRROR_MIGRATE_UNMOVABLE
#define MOVABLE		MIRROR_MIGRATE_MOVABLE
#define RECLAIMABLE	MIRROR_MIGRATE_RECLAIMABLE
#define HIGHATOMIC	MIRROR_MIGRATE_HIGHATOMIC
#define CMA		MIRROR_MIGRATE_CMA
#define ISOLATE		MIRROR_MIGRATE_ISOLATE

/**
 * struct mirror_test_geometry - a parameter for tests that any size must pass
 * @max_order: largest block
 * @pb_order: pageblock
 * @nr_pages: of the one range
 * @offset: of its first frame from TEST_PFN
 */
struct mirror_test_geometry {
	unsigned int max_order;
	unsigned int pb_order;
	unsigned long nr_pages;
	unsigned long offset;
};

extern const struct mirror_test_geometry mirror_test_geometries[4];
void mirror_test_geometry_desc(const struct mirror_test_geometry *g, char *desc);

/* making a mirror ---------------------------------------------------------- */

void mirror_test_config(struct mirror_config *conf, unsigned int max_order,
			unsigned int pb_order);
struct mirror *mirror_test_create(struct kunit *test,
				  const struct mirror_config *conf);
struct mirror *mirror_test_range(struct kunit *test,
				 const struct mirror_config *conf,
				 unsigned long start, unsigned long nr_pages);
struct mirror *mirror_test_flat(struct kunit *test, unsigned int max_order,
				unsigned int pb_order, unsigned long nr_pages);
struct mirror *mirror_test_geometry(struct kunit *test,
				    const struct mirror_test_geometry *g);
void mirror_test_throw_away(struct kunit *test, struct mirror *m);
unsigned int mirror_test_faults(struct kunit *test, struct mirror *m);
void mirror_test_marks(struct kunit *test, struct mirror *m, unsigned long min,
		       unsigned long low, unsigned long high);
void mirror_test_stay(struct kunit *test);
u64 mirror_test_seed(struct kunit *test, struct rnd_state *rnd);

/* blocks ------------------------------------------------------------------- */

struct mirror_page *mirror_test_take(struct mirror_zone *zone,
				     unsigned int order, int mt);
void mirror_test_give(struct mirror_zone *zone, struct mirror_page *page);
struct mirror_page *mirror_test_rmqueue(struct mirror_zone *zone,
					unsigned int order, int mt,
					unsigned int alloc_flags);
struct mirror_page *mirror_test_alloc(struct mirror *m, u32 gfp,
				      unsigned int order);
struct mirror_page *mirror_test_alloc_flags(struct mirror *m, u32 gfp,
					    unsigned int order,
					    unsigned int alloc_flags);
void mirror_test_set_type(struct mirror_zone *zone, u32 idx, int mt);
unsigned int mirror_test_take_all(struct kunit *test, struct mirror_zone *zone,
				  struct mirror_page ***pages);

/* looking at one ----------------------------------------------------------- */

void mirror_test_expect_list(struct kunit *test, const struct mirror_zone *zone,
			     const struct mirror_list *list, const u32 *want,
			     unsigned int nr);
unsigned int mirror_test_blocks(const struct mirror_zone *zone,
				unsigned int order);
void mirror_test_mend(struct mirror *m);
struct mirror_page *mirror_test_snapshot(struct kunit *test, const struct mirror *m);
unsigned int mirror_test_changed(const struct mirror *m,
				 const struct mirror_page *before);

/* The list from first to last, as descriptor indices. */
#define EXPECT_FREE_LIST(test, zone, order, mt, ...)			\
do {									\
	const struct mirror_zone *z = zone;				\
	const u32 want_list[] = { __VA_ARGS__ };			\
									\
	mirror_test_expect_list(test, z, &z->free_area[order].list[mt],	\
				want_list, ARRAY_SIZE(want_list));	\
} while (0)

#define EXPECT_PCP_LIST(test, zone, pcp, pindex, ...)			\
do {									\
	const u32 want_list[] = { __VA_ARGS__ };			\
									\
	mirror_test_expect_list(test, zone, &(pcp)->lists[pindex],	\
				want_list, ARRAY_SIZE(want_list));	\
} while (0)

static inline struct mirror_zone *normal_zone(const struct mirror *m)
{
	return &m->nodes[0]->zones[MIRROR_ZONE_NORMAL];
}

static inline struct mirror_pcp *this_pcp(const struct mirror_zone *zone)
{
	return per_cpu_ptr(zone->pcp, raw_smp_processor_id());
}

/* What is freed stays on this CPU's lists, and 63 pages are fetched at a time. */
static inline struct mirror_pcp *mirror_test_hoard(const struct mirror_zone *zone)
{
	struct mirror_pcp *pcp = this_pcp(zone);

	pcp->high_min = 1000;
	pcp->high_max = 1000;
	pcp->high = 1000;
	pcp->batch = 63;
	return pcp;
}

/* Orders up to 6, pageblocks of 32, and the first 256 pages in zone DMA32. */
static inline struct mirror *mirror_test_with_dma32(struct kunit *test,
						    const struct mirror_range *ranges,
						    unsigned int nr_ranges)
{
	struct mirror_config conf;

	mirror_test_config(&conf, 6, 5);
	conf.ranges = ranges;
	conf.nr_ranges = nr_ranges;
	conf.zone_pages[MIRROR_ZONE_DMA32] = 256;
	return mirror_test_create(test, &conf);
}

static inline unsigned int list_len(const struct mirror_zone *zone,
				    unsigned int order, int mt)
{
	return zone->free_area[order].list[mt].nr;
}

static inline unsigned long zone_free(const struct mirror_zone *zone)
{
	return mirror_zone_state_exact(zone, MIRROR_NR_FREE_PAGES);
}

static inline u32 idx_of(const struct mirror *m, const struct mirror_page *page)
{
	return mirror_page_idx(m, page);
}

struct mirror *mirror_test_two_nodes(struct kunit *test, unsigned int max_order,
				     unsigned int pb_order,
				     unsigned long pages);

/* a mirror without memory of its past ------------------------------------- */

void mirror_test_no_drift(struct mirror *m);
void mirror_test_no_pcp(struct mirror *m);
void mirror_test_free_all(struct kunit *test, struct mirror *m);
void mirror_test_expect_nr_free(struct kunit *test,
				const struct mirror_zone *zone,
				const unsigned int *want);

#endif /* _MIRROR_KUNIT_FIXTURE_H */
