// SPDX-License-Identifier: GPL-2.0
/*
 * Loads and unloads the mirror and its driver, without any tool of the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sequence.h"
#include "targets.h"
#include "util.h"

#define TRIES	100

/* "/a/conf-mirror.ko" is the module conf_mirror. */
static char *module_name(const char *path)
{
	const char *base = strrchr(path, '/');
	char *name, *at;

	base = base ? base + 1 : path;
	name = xformat("%.*s", (int)strcspn(base, "."), base);
	for (at = name; (at = strchr(at, '-'));)
		*at = '_';
	return name;
}

/* A closed device may need a moment until its module is free. */
static void remove_module(const char *path)
{
	char *name = module_name(path);
	unsigned int tries;
	int err = EAGAIN;

	for (tries = 0; tries < TRIES && (err == EAGAIN || err == EBUSY); tries++) {
		if (tries)
			usleep(50000);
		err = syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
	}
	if (err && err != ENOENT)
		die("cannot unload %s: %s; who has its devices open?", name,
		    strerror(err));
	free(name);
}

static void insert_module(const char *path, const char *args)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("cannot open the module %s: %s", path, strerror(errno));
	if (syscall(SYS_finit_module, fd, args, 0))
		die("cannot load %s with \"%s\": %s; the kernel log (dmesg) tells more",
		    path, args, strerror(errno));
	close(fd);
}

/* The tick that a new mirror has due already still keeps the old interval. */
static void still_tick(void)
{
	if (file_write(MIRROR_SYSFS "stat_interval", "100000\n"))
		die("cannot set " MIRROR_SYSFS "stat_interval");
	sleep(2);
}

void modules_reload(const struct fault_plan *f, const char *policy)
{
	const char *args = f->insmod_args ? f->insmod_args : "";
	char *all = policy ? xformat("%s policy=%s", args, policy) :
			     xformat("%s", args);

	remove_module(f->driver_ko);
	remove_module(f->mirror_ko);
	insert_module(f->mirror_ko, all);
	insert_module(f->driver_ko, f->driver_args ? f->driver_args : "");
	free(all);
	still_tick();
}
