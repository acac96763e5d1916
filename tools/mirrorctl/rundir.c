// SPDX-License-Identifier: GPL-2.0
/*
 * The folder in which holders can be reached: one socket hN.sock for holder hN.
 * Each user has one of his own.
 *
 * A socket that nobody listens on is left over from a holder that was killed.
 * Such a one may be removed only under the lock: a holder that is just coming
 * up has a socket before it listens, and it holds the lock until it does.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "names.h"
#include "output.h"
#include "rundir.h"

/* A folder that belongs to this user, and that nobody else can change. */
static bool is_ours(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISDIR(st.st_mode) &&
	       st.st_uid == geteuid() && !(st.st_mode & 022);
}

static bool set_path(char *path, const char *parent, const char *name)
{
	return snprintf(path, PATH_MAX, "%s/%s", parent, name) < PATH_MAX;
}

/*
 * Where a user's sockets belong: below what his session has for such things, which
 * may be somebody else's after su; else in /tmp, under a name that says whose it is.
 */
static void choose_path(char *path)
{
	const char *session = getenv("XDG_RUNTIME_DIR");
	char own[64];

	if (!geteuid()) {
		set_path(path, "/run", "mirrorctl");
		return;
	}
	if (session && *session == '/' && is_ours(session) &&
	    set_path(path, session, "mirrorctl"))
		return;
	snprintf(own, sizeof(own), "/run/user/%u", (unsigned int)geteuid());
	if (is_ours(own)) {
		set_path(path, own, "mirrorctl");
		return;
	}
	snprintf(own, sizeof(own), "mirrorctl-%u", (unsigned int)geteuid());
	set_path(path, "/tmp", own);
}

const char *rundir_path(void)
{
	static char chosen[PATH_MAX];
	const char *path = getenv("MIRRORCTL_RUN_DIR");

	if (path && *path)
		return path;
	if (!*chosen)
		choose_path(chosen);
	return chosen;
}

/* The folder itself is private; one that it lies in is made for everybody. */
static int make_folders(const char *path)
{
	char part[PATH_MAX];
	char *slash;

	if (snprintf(part, sizeof(part), "%s", path) >= (int)sizeof(part))
		return -ENAMETOOLONG;
	for (slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, 0700) && errno != EEXIST ? -errno : 0;
}

/* Whoever may rename the folder can put another in its place. */
static bool parent_is_safe(int dir)
{
	struct stat st;

	return !fstatat(dir, "..", &st, 0) &&
	       (st.st_uid == geteuid() || !st.st_uid) &&
	       (st.st_mode & S_ISVTX || !(st.st_mode & 022));
}

static int check_private(int dir)
{
	struct stat st;

	if (fstat(dir, &st))
		return -errno;
	if (st.st_uid == geteuid() && !(st.st_mode & 077)) {
		if (parent_is_safe(dir))
			return 0;
		out_error("%s is in a folder that others can change", rundir_path());
		out_hint("Choose another folder: MIRRORCTL_RUN_DIR=dir mirrorctl ...");
		return -EPERM;
	}
	out_error("%s must be yours and closed to others (mode 0700)",
		  rundir_path());
	out_hint("Choose another folder: MIRRORCTL_RUN_DIR=dir mirrorctl ...");
	return -EPERM;
}

static int open_folder(bool create)
{
	int err, dir;

	err = create ? make_folders(rundir_path()) : 0;
	if (!err) {
		dir = open(rundir_path(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (dir >= 0)
			return dir;
		err = -errno;
	}
	if (create || err != -ENOENT) {
		out_error("cannot use %s: %s", rundir_path(),
			  err == -ENOTDIR || err == -ELOOP ?
			  "it is no folder, or a link to one" : strerror(-err));
		out_hint("Choose another folder: MIRRORCTL_RUN_DIR=dir mirrorctl ...");
	}
	return err;
}

int rundir_lock(bool create)
{
	int dir = open_folder(create);
	int err;

	if (dir < 0)
		return dir;
	err = check_private(dir);
	if (!err && flock(dir, LOCK_EX))
		err = -errno;
	if (!err)
		return dir;
	close(dir);
	return err;
}

int rundir_address(struct sockaddr_un *addr, unsigned int number)
{
	int len;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	len = snprintf(addr->sun_path, sizeof(addr->sun_path), "%s/h%u.sock",
		       rundir_path(), number);
	if (len < (int)sizeof(addr->sun_path))
		return 0;
	out_error("the path of a socket in %s is too long", rundir_path());
	return -ENAMETOOLONG;
}

bool handle_parse(const char *handle, unsigned int *number)
{
	unsigned long long value;

	if (handle[0] != 'h' || !number_parse(handle + 1, HANDLE_MAX, &value))
		return false;
	*number = value;
	return true;
}

static bool socket_number(const char *name, unsigned int *number)
{
	size_t len = strlen(name);
	char handle[16];

	if (len < 5 || len >= sizeof(handle) + 5 ||
	    strcmp(name + len - 5, ".sock"))
		return false;
	snprintf(handle, sizeof(handle), "%.*s", (int)len - 5, name);
	return handle_parse(handle, number);
}

static int compare_numbers(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a;
	unsigned int y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

static int collect(DIR *stream, unsigned int **numbers)
{
	struct dirent *entry;
	unsigned int number;
	int nr = 0;

	while ((entry = readdir(stream))) {
		unsigned int *more;

		if (!socket_number(entry->d_name, &number))
			continue;
		more = realloc(*numbers, (nr + 1) * sizeof(number));
		if (!more)
			return -ENOMEM;
		more[nr++] = number;
		*numbers = more;
	}
	return nr;
}

int rundir_numbers(int dir, unsigned int **numbers)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream;
	int nr;

	*numbers = NULL;
	if (copy < 0)
		return -errno;
	stream = fdopendir(copy);
	if (!stream) {
		close(copy);
		return -ENOMEM;
	}
	nr = collect(stream, numbers);
	closedir(stream);
	if (nr < 0) {
		free(*numbers);
		*numbers = NULL;
	} else if (nr > 1) {
		qsort(*numbers, nr, sizeof(**numbers), compare_numbers);
	}
	return nr;
}
