/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nodes of a mirror, or of the kernel below it: both have a folder with one
 * nodeN for each, and in it the same files.
 */
#ifndef MIRRORCTL_NUMA_H
#define MIRRORCTL_NUMA_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct numa_stat - one line of a node's numastat
 * @name: as the file has it
 * @value: how often that happened
 */
struct numa_stat {
	char name[32];
	unsigned long long value;
};

/**
 * struct numa_node - one node
 * @id: its number; numbers may be missing between two nodes
 * @cpus: numbers of its CPUs, in ascending order
 * @nr_cpus: how many
 * @distances: to each node of the system, in the order of their numbers
 * @nr_distances: how many
 * @total: memory in KiB
 * @free: the free part of it
 * @stats: from numastat, in the order of the file
 * @nr_stats: how many
 */
struct numa_node {
	unsigned int id;
	unsigned int *cpus;
	size_t nr_cpus;
	unsigned int *distances;
	size_t nr_distances;
	unsigned long long total;
	unsigned long long free;
	struct numa_stat *stats;
	size_t nr_stats;
};

/**
 * struct numa - all nodes
 * @nodes: by number
 * @nr: how many
 */
struct numa {
	struct numa_node *nodes;
	size_t nr;
};

/* The files of a node. */
enum numa_file {
	NUMA_CPULIST = 1,
	NUMA_DISTANCE = 2,
	NUMA_MEMINFO = 4,
	NUMA_NUMASTAT = 8,
};

#define NUMA_ALL	15

/*
 * Each of these takes the whole text of a file and fills in what it says.
 * Return: 0, -ENOMEM, or -EPROTO where the text is not what the file's format
 * has. What was taken before an error is numa_free()'s.
 */
int numa_parse_cpulist(struct numa_node *node, const char *text);
int numa_parse_distance(struct numa_node *node, const char *text);
int numa_parse_meminfo(struct numa_node *node, const char *text);
int numa_parse_numastat(struct numa_node *node, const char *text);

/**
 * numa_add() - one more node
 * @numa: kept in order
 * @id: its number
 *
 * Return: 0, -ENOMEM, or -EEXIST.
 */
int numa_add(struct numa *numa, unsigned int id);

/**
 * numa_mismatch() - do the nodes fit together
 * @numa: with what @files say
 * @files: NUMA_*
 *
 * Return: NULL, or a clause that says what does not; static storage.
 */
const char *numa_mismatch(const struct numa *numa, unsigned int files);

/**
 * numa_read() - read and parse the folders of all nodes
 * @dir: where the folders nodeN are
 * @files: NUMA_*; nothing else is read
 * @numa: answer, to be given to numa_free()
 *
 * Says on stderr what is wrong, but for the first two of these.
 *
 * Return: 0; -errno where @dir cannot be read, -ENXIO where no node is in it;
 * -EPROTO for all else.
 */
int numa_read(const char *dir, unsigned int files, struct numa *numa);

/**
 * numa_free() - drop all nodes
 * @numa: empty afterwards
 */
void numa_free(struct numa *numa);

#endif
