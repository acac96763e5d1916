/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What debugfs "state" says of each zone, as numbers.
 */
#ifndef MIRRORCTL_STATEFILE_H
#define MIRRORCTL_STATEFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "snapshot.h"

/* Lists of a CPU by type; at the pageblock order all but Movable share one. */
#define STATE_CPU_OTHER	3
#define STATE_CPU_TYPES	4

/* Bits of a zone's flags. */
#define STATE_BELOW_HIGH	0x4
#define STATE_KSWAPD_DUE	0x8

/**
 * struct state_cpu - the lists that one CPU has of one zone
 * @cpu: its number
 * @count: pages on all lists
 * @high: pages at which a list gives some back
 * @high_min: least that @high is tuned to
 * @high_max: most that @high is tuned to
 * @batch: pages that a refill fetches at least
 * @free_count: pages freed in a row, of late
 * @alloc_factor: how often a refill's batch is doubled
 * @lists: blocks by type and order
 */
struct state_cpu {
	unsigned int cpu;
	unsigned long long count;
	unsigned long long high;
	unsigned long long high_min;
	unsigned long long high_max;
	unsigned long long batch;
	unsigned long long free_count;
	unsigned long long alloc_factor;
	unsigned long long lists[STATE_CPU_TYPES][SNAPSHOT_ORDERS];
};

/**
 * struct state_zone - one zone
 * @node: its node
 * @name: as printed
 * @managed: pages that the allocator manages
 * @free: free pages as watermarks are compared with: what CPUs have not added
 *	yet is missing
 * @free_exact: free pages
 * @boost: on top of each watermark
 * @flags: STATE_* and others
 * @highatomic: pages of reserved pageblocks
 * @highatomic_free: of these, those that are free
 * @typed: free blocks by migratetype and order
 * @pageblocks: by migratetype
 * @cpus: lists of the CPUs
 * @nr_cpus: how many
 */
struct state_zone {
	int node;
	char name[16];
	unsigned long long managed;
	unsigned long long free;
	unsigned long long free_exact;
	unsigned long long boost;
	unsigned long long flags;
	unsigned long long highatomic;
	unsigned long long highatomic_free;
	unsigned long long typed[MIRROR_MIGRATE_TYPES][SNAPSHOT_ORDERS];
	unsigned long long pageblocks[MIRROR_MIGRATE_TYPES];
	struct state_cpu *cpus;
	size_t nr_cpus;
};

/**
 * struct state - all zones that have memory, by node and then by type
 * @zones: the zones
 * @nr: how many
 */
struct state {
	struct state_zone *zones;
	size_t nr;
};

/**
 * struct state_marks - the watermarks of a zone, without what a boost adds
 * @min: pages
 * @low: pages
 * @high: pages
 */
struct state_marks {
	unsigned long long min;
	unsigned long long low;
	unsigned long long high;
};

/**
 * state_parse() - take a text of "state" apart
 * @text: the whole text
 * @state: answer, to be given to state_free()
 *
 * Return: 0, -ENOMEM, or -EPROTO where the text is not what "state" prints.
 */
int state_parse(const char *text, struct state *state);

/**
 * state_free() - drop what a state holds
 * @state: empty afterwards
 */
void state_free(struct state *state);

/**
 * state_zone() - find a zone
 * @state: where
 * @node: number of the node
 * @name: as printed
 *
 * Return: the zone, or NULL.
 */
struct state_zone *state_zone(const struct state *state, int node,
			      const char *name);

/**
 * state_parse_marks() - one zone's marks in a text of "watermarks"
 * @text: the whole text
 * @node: number of the node
 * @name: of the zone
 * @marks: answer
 *
 * Return: true where the text has them.
 */
bool state_parse_marks(const char *text, int node, const char *name,
		       struct state_marks *marks);

#endif
