// SPDX-License-Identifier: GPL-2.0
/*
 * The folders of all nodes, read and put together.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mirrorctl.h"
#include "names.h"
#include "numa.h"
#include "output.h"
#include "textfile.h"

#define MAX_NODE	1023

static const struct {
	enum numa_file file;
	const char *name;
	int (*parse)(struct numa_node *node, const char *text);
} sources[] = {
	{ NUMA_CPULIST, "cpulist", numa_parse_cpulist },
	{ NUMA_DISTANCE, "distance", numa_parse_distance },
	{ NUMA_MEMINFO, "meminfo", numa_parse_meminfo },
	{ NUMA_NUMASTAT, "numastat", numa_parse_numastat },
};

int numa_add(struct numa *numa, unsigned int id)
{
	struct numa_node *more;
	size_t at = numa->nr;

	while (at && numa->nodes[at - 1].id > id)
		at--;
	if (at && numa->nodes[at - 1].id == id)
		return -EEXIST;
	more = realloc(numa->nodes, (numa->nr + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	memmove(&more[at + 1], &more[at], (numa->nr - at) * sizeof(*more));
	memset(&more[at], 0, sizeof(*more));
	more[at].id = id;
	numa->nodes = more;
	numa->nr++;
	return 0;
}

static bool same_stats(const struct numa_node *a, const struct numa_node *b)
{
	if (a->nr_stats != b->nr_stats)
		return false;
	for (size_t i = 0; i < a->nr_stats; i++)
		if (strcmp(a->stats[i].name, b->stats[i].name))
			return false;
	return true;
}

const char *numa_mismatch(const struct numa *numa, unsigned int files)
{
	static char text[96];

	for (size_t i = 0; i < numa->nr; i++) {
		const struct numa_node *node = &numa->nodes[i];

		if ((files & NUMA_DISTANCE) && node->nr_distances != numa->nr) {
			snprintf(text, sizeof(text),
				 "node%u/distance has %zu entries, but there are %zu nodes",
				 node->id, node->nr_distances, numa->nr);
			return text;
		}
		if ((files & NUMA_NUMASTAT) && !same_stats(node, numa->nodes)) {
			snprintf(text, sizeof(text),
				 "node%u/numastat has other lines than that of node%u",
				 node->id, numa->nodes->id);
			return text;
		}
	}
	return NULL;
}

static int read_file(const char *dir, struct numa_node *node, size_t source)
{
	char path[PATH_MAX], *text;
	int err;

	snprintf(path, sizeof(path), "%s/node%u/%s", dir, node->id,
		 sources[source].name);
	err = textfile_read(path, &text);
	if (err) {
		out_error("cannot read %s: %s", path, strerror(-err));
		return -EPROTO;
	}
	err = sources[source].parse(node, text);
	free(text);
	if (err == -ENOMEM)
		out_error("out of memory");
	else if (err)
		out_error("%s: its text is not understood", path);
	return err ? -EPROTO : 0;
}

static int find_nodes(const char *dir, struct numa *numa)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;
	int err = 0;

	if (!stream)
		return -errno;
	while (!err && (entry = readdir(stream))) {
		unsigned long long id;

		if (!strncmp(entry->d_name, "node", 4) &&
		    number_parse(entry->d_name + 4, MAX_NODE, &id))
			err = numa_add(numa, id);
	}
	closedir(stream);
	return err || numa->nr ? err : -ENXIO;
}

static int read_nodes(const char *dir, unsigned int files, struct numa *numa)
{
	const char *mismatch;
	int err = 0;

	for (size_t i = 0; i < numa->nr; i++)
		for (size_t k = 0; !err && k < ARRAY_SIZE(sources); k++)
			if (files & sources[k].file)
				err = read_file(dir, &numa->nodes[i], k);
	if (err)
		return err;
	mismatch = numa_mismatch(numa, files);
	if (mismatch)
		out_error("%s: %s", dir, mismatch);
	return mismatch ? -EPROTO : 0;
}

int numa_read(const char *dir, unsigned int files, struct numa *numa)
{
	int err;

	memset(numa, 0, sizeof(*numa));
	err = find_nodes(dir, numa);
	if (!err)
		err = read_nodes(dir, files, numa);
	if (err)
		numa_free(numa);
	return err;
}

void numa_free(struct numa *numa)
{
	for (size_t i = 0; i < numa->nr; i++) {
		free(numa->nodes[i].cpus);
		free(numa->nodes[i].distances);
		free(numa->nodes[i].stats);
	}
	free(numa->nodes);
	memset(numa, 0, sizeof(*numa));
}
