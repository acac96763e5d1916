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

static bool kernel_has_debugfs(void)
{
	char *text;
	bool has;

	if (textfile_read("/proc/filesystems", &text))
		return true;
	has = strstr(text, "\tdebugfs\n");
	free(text);
	return has;
}

bool lockdown_is_on(const char *text)
{
	const char *mode = strchr(text, '[');

	return mode && strncmp(mode, "[none]", 6);
}

/* Which of those who can keep even root out it was. */
static const char *refused_to_root(void)
{
	bool on;
	char *text;

	if (textfile_read("/sys/kernel/security/lockdown", &text))
		return "it is closed to root, too: a kernel that is locked down, or a container";
	on = lockdown_is_on(text);
	free(text);
	return on ? "the kernel is locked down, which closes it to root, too" :
	       "it is closed to root, too: a security module or a container keeps it so";
}

static const char *missing(const struct options *opts)
{
	bool usual = !strncmp(opts->debugfs, "/sys/kernel/debug/", 18);

	if (usual && !debugfs_is_mounted())
		return kernel_has_debugfs() ?
		       "debugfs is not mounted (mount -t debugfs none /sys/kernel/debug)" :
		       "this kernel has no debugfs, or was booted with debugfs=off";
	if (!access(opts->debugfs, F_OK))
		return "the module has no such file (is it older than mirrorctl?)";
	if (usual && !access("/sys/module/mirror_mm", F_OK))
		return "the module is loaded, but has no folder there (see dmesg)";
	return "the module's folder is not there (is mirror_mm loaded?)";
}

const char *debugfs_reason(const struct options *opts, int err)
{
	switch (-err) {
	case EACCES:
	case EPERM:
		return geteuid() ?
		       "you are not root, and debugfs is root's unless it is mounted otherwise" :
		       refused_to_root();
	case ENOENT:
		return missing(opts);
	default:
		return strerror(-err);
	}
}

void debugfs_explain(const struct options *opts, const char *name, int err)
{
	out_error("cannot use %s/%s: %s", opts->debugfs, name,
		  debugfs_reason(opts, err));
}
