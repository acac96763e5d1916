// SPDX-License-Identifier: GPL-2.0
/*
 * The module's files in debugfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "debugfs.h"
#include "output.h"

static int open_file(const struct options *opts, const char *name, int flags)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", opts->debugfs, name) >=
	    (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Such files have no size that could be asked for: read until the end. */
static int read_all(int fd, char **text)
{
	size_t len = 0, size = 0;
	ssize_t got;

	*text = NULL;
	do {
		if (size - len < 2) {
			char *more = realloc(*text, size + 16384);

			if (!more)
				return -ENOMEM;
			*text = more;
			size += 16384;
		}
		got = read(fd, *text + len, size - len - 1);
		if (got < 0 && errno != EINTR)
			return -errno;
		len += got > 0 ? got : 0;
	} while (got);
	(*text)[len] = '\0';
	return 0;
}

int debugfs_read(const struct options *opts, const char *name, char **text)
{
	int fd = open_file(opts, name, O_RDONLY);
	int err;

	*text = NULL;
	if (fd < 0)
		return fd;
	err = read_all(fd, text);
	close(fd);
	if (err) {
		free(*text);
		*text = NULL;
	}
	return err;
}

int debugfs_write(const struct options *opts, const char *name,
		  const char *text)
{
	int fd = open_file(opts, name, O_WRONLY);
	ssize_t done;
	int err = 0;

	if (fd < 0)
		return fd;
	done = write(fd, text, strlen(text));
	if (done != (ssize_t)strlen(text))
		err = done < 0 ? -errno : -EIO;
	close(fd);
	return err;
}

static bool debugfs_is_mounted(void)
{
	struct statfs fs;

	return !statfs("/sys/kernel/debug", &fs) && fs.f_type == DEBUGFS_MAGIC;
}

const char *debugfs_reason(const struct options *opts, int err)
{
	bool usual = !strncmp(opts->debugfs, "/sys/kernel/debug/", 18);

	switch (-err) {
	case EACCES:
	case EPERM:
		return "debugfs is open to root only";
	case ENOENT:
		if (usual && !debugfs_is_mounted())
			return "debugfs is not mounted (mount -t debugfs none /sys/kernel/debug)";
		return "the module's folder is not there (is mirror_mm loaded?)";
	default:
		return strerror(-err);
	}
}

void debugfs_explain(const struct options *opts, const char *name, int err)
{
	out_error("cannot use %s/%s: %s", opts->debugfs, name,
		  debugfs_reason(opts, err));
}
