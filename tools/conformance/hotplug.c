// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the reference's node pristine: all its memory offline, then online again.
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

void hotplug_find(void)
{
	char path[64];
	struct dirent *entry;
	unsigned int number;
	DIR *dir;
	char end;

	snprintf(path, sizeof(path), "/sys/devices/system/node/node%d", TEST_NODE);
	dir = opendir(path);
	if (!dir)
		die("there is no node %d; the guest needs -device pc-dimm,node=1",
		    TEST_NODE);
	while ((entry = readdir(dir)))
		if (sscanf(entry->d_name, "memory%u%c", &number, &end) == 1 &&
		    hotplug.nr < ARRAY_SIZE(hotplug.block))
			hotplug.block[hotplug.nr++] = number;
	closedir(dir);
	if (!hotplug.nr)
		die("node %d has no memory blocks in %s; name them with --memory-blocks=32,33",
		    TEST_NODE, path);
	qsort(hotplug.block, hotplug.nr, sizeof(*hotplug.block), by_number);
}

static int set_state(unsigned int i, const char *want)
{
	char path[64], *now;
	bool offline;

	snprintf(path, sizeof(path), MEMORY "%u/state", hotplug.block[i]);
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
static int set_state_patiently(unsigned int i, const char *want)
{
	unsigned int tries;
	int err = -EBUSY;

	for (tries = 0; tries < TRIES && (err == -EBUSY || err == -EAGAIN);
	     tries++) {
		if (tries)
			usleep(50000);
		err = set_state(i, want);
	}
	if (err)
		fprintf(stderr, "conformance: " MEMORY "%u/state does not take \"%s\": %s\n",
			hotplug.block[i], want, strerror(-err));
	return err;
}

int hotplug_renew(void)
{
	unsigned int i;
	int err = 0;

	for (i = hotplug.nr; i-- && !err;)
		err = set_state_patiently(i, "offline");
	for (i = 0; i < hotplug.nr && !err; i++)
		err = set_state_patiently(i, i + hotplug.movable < hotplug.nr ?
					     "online_kernel" : "online_movable");
	return err;
}
