/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a mirror is made from, read out of the first bytes of an input.
 */
#ifndef _HARNESS_FUZZ_GEOMETRY_H
#define _HARNESS_FUZZ_GEOMETRY_H

#include "model.h"

#define GEOMETRY_MAX_RANGES	4
#define GEOMETRY_MAX_CPUS	3
#define GEOMETRY_BYTES		32

/**
 * struct geometry - a configuration and what it points to
 * @conf: the configuration
 * @ranges: of @conf
 * @distance: of @conf
 * @cpu_node: of @conf
 * @nr_cpus: CPUs that the mirror knows
 * @cma: pageblocks from the end that become CMA
 * @grouped: pageblocks are kept apart by type, however few there are
 * @no_marks: all watermarks are set to 0 at first
 */
struct geometry {
	struct mirror_config conf;
	struct mirror_range ranges[GEOMETRY_MAX_RANGES];
	u8 distance[MODEL_MAX_NODES * MODEL_MAX_NODES];
	int cpu_node[GEOMETRY_MAX_CPUS];
	unsigned int nr_cpus;
	unsigned int cma;
	bool grouped;
	bool no_marks;
};

extern const struct mirror_policy geometry_policy;

void geometry_decode(struct geometry *g, const u8 bytes[GEOMETRY_BYTES]);
void geometry_print(const struct geometry *g);
struct mirror *geometry_create(const struct geometry *g);
void geometry_mark_cma(const struct geometry *g, struct mirror *m);

#endif /* _HARNESS_FUZZ_GEOMETRY_H */
