// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the reference's nodes pristine: all their memory offline, then online again.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "targets.h"
#include "util.h"

#define MEMORY	"/sys/devices/system/memory/memory"
#define TRIES	20

struct hotplug hotplug;

static int by_number(const void *a, const void *b)
{
	const unsigned int *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

bool is_test_node(int node)
{
	return node >= CONF_FIRST_NODE &&
	       node < CONF_FIRST_NODE + (int)hotplug.nr_nodes;
}

static void find_blocks(unsigned int node)
{
	unsigned int number, *block = hotplug.block[node];
	struct dirent *entry;
	char path[64], end;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%u",
		 CONF_FIRST_NODE + node);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (sscanf(entry->d_name, "memory%u%c", &number, &end) == 1 &&
		    hotplug.nr[node] < ARRAY_SIZE(hotplug.block[0]))
			block[hotplug.nr[node]++] = number;
	closedir(dir);
	qsort(block, hotplug.nr[node], sizeof(*block), by_number);
}

void hotplug_find(void)
{
	unsigned int node;

	for (node = 0; node < CONF_MAX_NODES; node++)
		if (!hotplug.nr[node])
			find_blocks(node);
	while (hotplug.nr_nodes < CONF_MAX_NODES && hotplug.nr[hotplug.nr_nodes])
		hotplug.nr_nodes++;
	if (!hotplug.nr_nodes)
		die("node %d has no memory blocks; name them with --memory-blocks=32,33",
		    CONF_FIRST_NODE);
}

static int set_state(unsigned int block, const char *want)
{
	char path[64], *now;
	bool offline;

	snprintf(path, sizeof(path), MEMORY "%u/state", block);
	now = file_read(path);
	if (!now)
		return -errno;
	offline = !strncmp(now, "offline", 7);
	free(now);
	if (offline == !strcmp(want, "offline"))
		return 0;
	return file_write(path, want);
}

/* Somebody may look at a page just now; that passes. */
static int set_state_patiently(unsigned int block, const char *want)
{
	unsigned int tries;
	int err = -EBUSY;

	for (tries = 0; tries < TRIES && (err == -EBUSY || err == -EAGAIN);
	     tries++) {
		if (tries)
			usleep(50000);
		err = set_state(block, want);
	}
	if (err)
		fprintf(stderr, "conformance: " MEMORY "%u/state does not take \"%s\": %s\n",
			block, want, strerror(-err));
	return err;
}

static int node_offline(unsigned int node)
{
	unsigned int i;
	int err = 0;

	for (i = hotplug.nr[node]; i-- && !err;)
		err = set_state_patiently(hotplug.block[node][i], "offline");
	return err;
}

static int node_online(unsigned int node)
{
	unsigned int i, nr = hotplug.nr[node];
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = set_state_patiently(hotplug.block[node][i],
					  i + hotplug.movable < nr ?
					  "online_kernel" : "online_movable");
	return err;
}

int hotplug_renew(void)
{
	unsigned int i;
	int err = 0;

	for (i = hotplug.nr_nodes; i-- && !err;)
		err = node_offline(i);
	for (i = 0; i < hotplug.nr_nodes && !err; i++)
		err = node_online(i);
	return err;
}
