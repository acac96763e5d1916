/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the programs about nodes share: a mirror with nodes, and what its files say
 * about one of them.
 */
#ifndef SELFTEST_NODES_H
#define SELFTEST_NODES_H

#include <sched.h>
#include "harness.h"
#include "loader.h"

#define MIB	0x100000ull

/* Loads the first reserved range with more parameters. */
static inline int st_insmod_more(const char *more)
{
	struct st_range range;
	char text[2048];

	if (!st_reserved(&range, 1))
		return -ENOENT;
	snprintf(text, sizeof(text), "region=%#llx@%#llx %s",
		 (unsigned long long)range.size, (unsigned long long)range.base,
		 more);
	return st_insmod("mirror_mm", text);
}

/* The text of a file of a node, to be freed; NULL with errno. */
static inline char *st_node_text(int nid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "node%d/%s", nid, name);
	return st_debugfs(path);
}

/* True where it is just that. */
static inline bool st_node_says(int nid, const char *name, const char *want)
{
	char *text = st_node_text(nid, name);
	bool same = text && !strcmp(text, want);

	if (!same)
		printf("# node%d/%s is '%s', not '%s'\n", nid, name,
		       text ? text : strerror(errno), want);
	free(text);
	return same;
}

/* A row of numastat; -1 where there is none. */
static inline long long st_numa(int nid, const char *name)
{
	char *text = st_node_text(nid, "numastat");
	long long value = text ? st_number(text, name) : -1;

	free(text);
	return value;
}

/* KiB of a row of meminfo; -1 where there is none. */
static inline long long st_node_memory(int nid, const char *name)
{
	char *text = st_node_text(nid, "meminfo"), *at;
	long long value = -1;
	char row[40];

	snprintf(row, sizeof(row), "Node %d %s:", nid, name);
	at = text ? strstr(text, row) : NULL;
	if (at)
		value = strtoll(at + strlen(row), NULL, 10);
	free(text);
	return value;
}

static inline int st_run_on(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

#endif /* SELFTEST_NODES_H */
