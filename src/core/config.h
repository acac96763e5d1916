/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a mirror is made from, and what can be changed of it later.
 */
#ifndef _MIRROR_CORE_CONFIG_H
#define _MIRROR_CORE_CONFIG_H

#include "zone.h"

struct mirror_policy;

/**
 * struct mirror_range - page frames [@start_pfn, @end_pfn) of node @nid
 * @start_pfn: first
 * @end_pfn: one past the last
 * @nid: node, from 0
 */
struct mirror_range {
	unsigned long start_pfn;
	unsigned long end_pfn;
	int nid;
};

/**
 * struct mirror_run - descriptors [@first, @end) of one zone, without a hole
 * @first: index of the first frame
 * @end: one past the last
 * @zone: the zone's id
 */
struct mirror_run {
	u32 first;
	u32 end;
	u16 zone;
};

/**
 * enum mirror_cost - what a mirror takes from the host, by purpose
 * @MIRROR_COST_DESCRIPTORS: struct mirror_page of every frame
 * @MIRROR_COST_PAGEBLOCKS: migratetypes
 * @MIRROR_COST_SECTIONS: tables that lead from frames to descriptors and back
 * @MIRROR_COST_NODES: nodes, zones, zonelists, and the mirror itself
 * @MIRROR_COST_PERCPU: per-CPU lists and counters of all possible CPUs
 * @MIRROR_NR_COSTS: how many there are
 */
enum mirror_cost {
	MIRROR_COST_DESCRIPTORS,
	MIRROR_COST_PAGEBLOCKS,
	MIRROR_COST_SECTIONS,
	MIRROR_COST_NODES,
	MIRROR_COST_PERCPU,
	MIRROR_NR_COSTS
};

#define MIRROR_DISTANCE_LOCAL	10
#define MIRROR_DISTANCE_REMOTE	20

/* Bit in mirror_config.print_zones for the row that a ZONE_DEVICE would have. */
#define MIRROR_PRINT_ZONE_DEVICE	BIT(MIRROR_MAX_NR_ZONES)

/**
 * struct mirror_config - what a mirror is made from
 * @ranges: sorted by address, without overlap
 * @nr_ranges: how many
 * @max_order: largest order, 10 by default
 * @pb_order: at most @max_order, 9 by default
 * @section_order: log2 of the pages of a section where there are several ranges;
 *                 they become smaller where that saves memory
 * @zone_pages: pages of each zone, lowest zone first; the zone in @rest_zone
 *              takes what is left. Counted over all nodes in address order
 * @rest_zone: enum mirror_zone_type
 * @nr_nodes: nodes; 0 means as many as @ranges name
 * @distance: @nr_nodes × @nr_nodes table, or NULL for 10 and 20
 * @cpu_node: node of each CPU, NUMA_NO_NODE or the whole of it NULL for the
 *            host's map and round robin
 * @cpus_late: nodes are put in order as if none of them had CPUs, as x86 does
 *             when it boots
 * @policy: decisions, NULL for those of Linux 6.12
 * @min_free_kbytes: 0 for what mirror_setup_watermarks() finds
 * @watermark_scale_factor: in 1/10000 of a zone; 0 means 10
 * @thp: the default of min_free_kbytes is that of a kernel with huge pages
 * @print_zones: zones that the text files show, bit by enum mirror_zone_type
 * @print_types: migratetypes that the text files show
 */
struct mirror_config {
	const struct mirror_range *ranges;
	unsigned int nr_ranges;
	unsigned int max_order;
	unsigned int pb_order;
	unsigned int section_order;
	unsigned long zone_pages[MIRROR_MAX_NR_ZONES];
	int rest_zone;
	unsigned int nr_nodes;
	const u8 *distance;
	const int *cpu_node;
	bool cpus_late;
	const struct mirror_policy *policy;
	unsigned long min_free_kbytes;
	unsigned int watermark_scale_factor;
	bool thp;
	u32 print_zones;
	u32 print_types;
};

/**
 * struct mirror_tunables - the sysctls; under mirror.tunables_lock, read freely
 * @min_free_kbytes: KiB that lowmem zones keep for emergencies
 * @user_min_free_kbytes: what somebody set by hand, -1 where nobody did
 * @watermark_scale_factor: distance between marks, in 1/10000 of a zone
 * @watermark_boost_factor: largest boost, in 1/10000 of the high mark
 * @lowmem_reserve_ratio: by zone, 0 for no reserve
 * @percpu_pagelist_high_fraction: 0 for the tuned default
 * @stat_interval: seconds between two ticks
 */
struct mirror_tunables {
	unsigned long min_free_kbytes;
	long user_min_free_kbytes;
	unsigned int watermark_scale_factor;
	unsigned int watermark_boost_factor;
	unsigned int lowmem_reserve_ratio[MIRROR_MAX_NR_ZONES];
	unsigned int percpu_pagelist_high_fraction;
	unsigned int stat_interval;
};

#endif /* _MIRROR_CORE_CONFIG_H */
