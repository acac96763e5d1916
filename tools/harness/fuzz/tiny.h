/* SPDX-License-Identifier: GPL-2.0 */
/* Geometries small enough to reach all that can be reached in a few steps. */
#ifndef _HARNESS_FUZZ_TINY_H
#define _HARNESS_FUZZ_TINY_H

#include "geometry.h"

/**
 * struct tiny - a geometry and what is done in it
 * @name: in words
 * @max_order: largest block
 * @pb_order: pageblock
 * @nr_ranges: length of @ranges
 * @ranges: frames from a base, and their node
 * @dma32: pages of zone DMA32; the rest is NORMAL
 * @nr_cpus: CPUs
 * @min_free_kbytes: 0 for marks of 0
 * @reserve: a third of the zone may be reserved for high-order atomic requests
 * @refs: blocks get a second reference, too
 * @fill: so many single pages are taken at first, of the three mobilities in turns;
 *        every fourth of them stays, so that the search begins in a zone full of
 *        holes
 * @depth: operations in a row, where nobody says otherwise
 */
struct tiny {
	const char *name;
	unsigned int max_order;
	unsigned int pb_order;
	unsigned int nr_ranges;
	struct mirror_range ranges[2];
	unsigned long dma32;
	unsigned int nr_cpus;
	unsigned long min_free_kbytes;
	bool reserve;
	bool refs;
	unsigned int fill;
	unsigned int depth;
};

extern const struct tiny tinies[];
extern const unsigned int nr_tinies;

void tiny_geometry(const struct tiny *tiny, struct geometry *g);

#endif /* _HARNESS_FUZZ_TINY_H */
