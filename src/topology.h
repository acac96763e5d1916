/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Nodes as the administrator wants them: nodes=, distance=, cpus=.
 */
#ifndef _MIRROR_TOPOLOGY_H
#define _MIRROR_TOPOLOGY_H

#include "core/mirror.h"
#include "region/region.h"

#define MIRROR_MAX_RANGES	(MIRROR_MAX_CLAIMS + MIRROR_MAX_NODES)

/**
 * struct mirror_topology_params - what was written
 * @nodes: nodes=, or NULL
 * @distance: distance=, or NULL
 * @cpus: cpus=, or NULL
 */
struct mirror_topology_params {
	const char *nodes;
	const char *distance;
	const char *cpus;
};

/**
 * struct mirror_topology - what a struct mirror_config points to
 * @ranges: one for each piece of a claim that belongs to one node
 * @distance: table
 * @cpu_node: node of each CPU, nr_cpu_ids of them
 */
struct mirror_topology {
	struct mirror_range ranges[MIRROR_MAX_RANGES];
	u8 distance[MIRROR_MAX_NODES * MIRROR_MAX_NODES];
	int cpu_node[];
};

struct mirror_topology *
mirror_topology_create(const struct mirror_topology_params *p,
		       struct mirror_config *conf);
void mirror_topology_free(struct mirror_topology *topology);

#endif /* _MIRROR_TOPOLOGY_H */
