// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the texts of a node's files: cpulist, distance, meminfo, numastat.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "numa.h"

/* No machine has more; a list that says so would only eat memory. */
#define MAX_CPU	65535

static int add_number(unsigned int **list, size_t *nr, unsigned int number)
{
	unsigned int *more = realloc(*list, (*nr + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	more[(*nr)++] = number;
	*list = more;
	return 0;
}

static bool at_end(const char *at)
{
	return !at[strspn(at, " \t\n")];
}

/* Digits alone: scanf() and strtoul() would take a sign and blanks as well. */
static bool take_number(const char **at, unsigned long max, unsigned long *value)
{
	char *end;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	*value = strtoul(*at, &end, 10);
	*at = end;
	return !errno && *value <= max;
}

static int add_range(struct numa_node *node, unsigned long first,
		     unsigned long last)
{
	int err = 0;

	/* Ascending, so each CPU is named once. */
	if (last < first ||
	    (node->nr_cpus && node->cpus[node->nr_cpus - 1] >= first))
		return -EPROTO;
	for (; !err && first <= last; first++)
		err = add_number(&node->cpus, &node->nr_cpus, first);
	return err;
}

/* "0-1,4", and nothing where the node has no CPU. */
int numa_parse_cpulist(struct numa_node *node, const char *text)
{
	unsigned long first, last;
	int err = 0;

	if (at_end(text))
		return 0;
	do {
		if (!take_number(&text, MAX_CPU, &first))
			return -EPROTO;
		last = first;
		if (*text == '-' && (text++, !take_number(&text, MAX_CPU, &last)))
			return -EPROTO;
		err = add_range(node, first, last);
	} while (!err && *text == ',' && text++);
	if (err)
		return err;
	return at_end(text) ? 0 : -EPROTO;
}

int numa_parse_distance(struct numa_node *node, const char *text)
{
	unsigned long value;
	int err = 0;

	while (!err && !at_end(text)) {
		text += strspn(text, " \t");
		if (!take_number(&text, 255, &value))
			return -EPROTO;
		err = add_number(&node->distances, &node->nr_distances, value);
	}
	return err ? err : node->nr_distances ? 0 : -EPROTO;
}

/* "Node 1 MemFree:   1024 kB"; the node must be the folder's. */
static int meminfo_line(struct numa_node *node, const char *line,
			unsigned int *found)
{
	unsigned long long value;
	unsigned int id;
	char key[32];

	if (sscanf(line, "Node %u %31[^:]: %llu kB", &id, key, &value) != 3)
		return 0;
	if (id != node->id)
		return -EPROTO;
	if (!strcmp(key, "MemTotal")) {
		node->total = value;
		*found |= 1;
	} else if (!strcmp(key, "MemFree")) {
		node->free = value;
		*found |= 2;
	}
	return 0;
}

/* Each line by itself: scanf() would go on behind its end. */
static int each_line(struct numa_node *node, const char *text,
		     int (*take)(struct numa_node *node, const char *line,
				 unsigned int *found),
		     unsigned int *found)
{
	char line[128];
	int err = 0;

	while (!err && *text) {
		size_t len = strcspn(text, "\n");

		if (len >= sizeof(line))
			return -EPROTO;
		memcpy(line, text, len);
		line[len] = '\0';
		err = take(node, line, found);
		text += len;
		text += *text == '\n';
	}
	return err;
}

int numa_parse_meminfo(struct numa_node *node, const char *text)
{
	unsigned int found = 0;
	int err = each_line(node, text, meminfo_line, &found);

	if (err)
		return err;
	return found == 3 && node->free <= node->total ? 0 : -EPROTO;
}

static int numastat_line(struct numa_node *node, const char *line,
			 unsigned int *found)
{
	struct numa_stat stat, *more;
	int len = 0;

	if (sscanf(line, "%31s %llu%n", stat.name, &stat.value, &len) != 2 ||
	    line[len])
		return -EPROTO;
	more = realloc(node->stats, (node->nr_stats + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	more[node->nr_stats++] = stat;
	node->stats = more;
	*found += 1;
	return 0;
}

int numa_parse_numastat(struct numa_node *node, const char *text)
{
	unsigned int found = 0;
	int err = each_line(node, text, numastat_line, &found);

	return err ? err : found ? 0 : -EPROTO;
}
