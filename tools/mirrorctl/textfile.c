// SPDX-License-Identifier: GPL-2.0
/*
 * Whole files of text, from debugfs, sysfs or /proc.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "textfile.h"

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

int textfile_read(const char *path, char **text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int err;

	*text = NULL;
	if (fd < 0)
		return -errno;
	err = read_all(fd, text);
	close(fd);
	if (err) {
		free(*text);
		*text = NULL;
	}
	return err;
}
