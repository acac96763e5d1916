// SPDX-License-Identifier: GPL-2.0
/*
 * The geometries of the exhaustive search: 16 to 64 pages, pageblocks of 4 and of
 * 8, and each thing that makes requests go another way: the zones, the nodes, a
 * hole, a second CPU, marks, a reserve.
 */
#include <string.h>
#include "tiny.h"

#define BASE_PFN	0x40000ul

const struct tiny tinies[] = {
	{
		.name = "16 pages, pageblocks of 4",
		.max_order = 3, .pb_order = 2,
		.nr_ranges = 1, .ranges = { { 0, 16, 0 } },
		.nr_cpus = 1, .refs = true, .depth = 4,
	}, {
		.name = "16 pages, pageblocks of 8, the largest block",
		.max_order = 3, .pb_order = 3,
		.nr_ranges = 1, .ranges = { { 0, 16, 0 } },
		.nr_cpus = 1, .depth = 4,
	}, {
		.name = "20 pages from an odd frame on, two CPUs",
		.max_order = 3, .pb_order = 2,
		.nr_ranges = 1, .ranges = { { 5, 25, 0 } },
		.nr_cpus = 2, .depth = 4,
	}, {
		.name = "32 pages in two zones, the border inside a pageblock",
		.max_order = 4, .pb_order = 3,
		.nr_ranges = 1, .ranges = { { 0, 32, 0 } },
		.dma32 = 13, .nr_cpus = 1, .depth = 3,
	}, {
		.name = "32 pages on two nodes, one CPU on each",
		.max_order = 3, .pb_order = 2,
		.nr_ranges = 2, .ranges = { { 0, 16, 0 }, { 16, 32, 1 } },
		.nr_cpus = 2, .depth = 3,
	}, {
		.name = "40 pages with a hole, pageblocks of 4",
		.max_order = 4, .pb_order = 2,
		.nr_ranges = 2, .ranges = { { 0, 22, 0 }, { 48, 66, 0 } },
		.nr_cpus = 1, .fill = 30, .depth = 3,
	}, {
		.name = "64 pages with marks and a reserve",
		.max_order = 4, .pb_order = 2,
		.nr_ranges = 1, .ranges = { { 0, 64, 0 } },
		.nr_cpus = 1, .min_free_kbytes = 32, .reserve = true,
		.depth = 3,
	}, {
		.name = "64 pages, most of them taken, with marks, boosts and a reserve",
		.max_order = 4, .pb_order = 3,
		.nr_ranges = 1, .ranges = { { 0, 64, 0 } },
		.nr_cpus = 1, .min_free_kbytes = 32, .reserve = true,
		.fill = 48, .depth = 3,
	},
};

const unsigned int nr_tinies = ARRAY_SIZE(tinies);

/**
 * tiny_geometry - what a mirror of that size is made from
 * @tiny: the size
 * @g: filled in
 */
void tiny_geometry(const struct tiny *tiny, struct geometry *g)
{
	unsigned int i;

	memset(g, 0, sizeof(*g));
	mirror_config_default(&g->conf);
	g->conf.max_order = tiny->max_order;
	g->conf.pb_order = tiny->pb_order;
	g->conf.section_order = tiny->max_order;
	/* Otherwise so few pages are not grouped by mobility. */
	g->grouped = true;
	for (i = 0; i < tiny->nr_ranges; i++) {
		g->ranges[i] = tiny->ranges[i];
		g->ranges[i].start_pfn += BASE_PFN;
		g->ranges[i].end_pfn += BASE_PFN;
	}
	g->conf.ranges = g->ranges;
	g->conf.nr_ranges = tiny->nr_ranges;
	g->conf.nr_nodes = tiny->ranges[tiny->nr_ranges - 1].nid + 1;
	g->conf.zone_pages[MIRROR_ZONE_DMA32] = tiny->dma32;
	g->conf.min_free_kbytes = tiny->min_free_kbytes;
	g->no_marks = !tiny->min_free_kbytes;
	g->nr_cpus = tiny->nr_cpus;
	for (i = 0; i < g->nr_cpus; i++)
		g->cpu_node[i] = i % g->conf.nr_nodes;
	g->conf.cpu_node = g->cpu_node;
	if (tiny->reserve)
		g->conf.policy = &geometry_policy;
}
