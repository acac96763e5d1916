// SPDX-License-Identifier: GPL-2.0
/*
 * The module's files in debugfs.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "debugfs.h"
#include "output.h"
#include "textfile.h"

static int path_of(const struct options *opts, const char *name, char *path)
{
	if (snprintf(path, PATH_MAX, "%s/%s", opts->debugfs, name) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}

int debugfs_read(const struct options *opts, const char *name, char **text)
{
	char path[PATH_MAX];
	int err = path_of(opts, name, path);

	*text = NULL;
	return err ? err : textfile_read(path, text);
}

int debugfs_write(const struct options *opts, const char *name,
		  const char *text)
{
	char path[PATH_MAX];
	int err = path_of(opts, name, path);
	ssize_t done;
	int fd;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
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
