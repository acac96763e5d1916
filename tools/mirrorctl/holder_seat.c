// SPDX-License-Identifier: GPL-2.0
/*
 * Handles of holders: h1, h2, … each with the socket of its name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "holder.h"
#include "output.h"
#include "rundir.h"

static bool is_stale(const struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool stale;

	if (fd < 0)
		return false;
	stale = connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) &&
		errno == ECONNREFUSED;
	close(fd);
	return stale;
}

/* Context: under the lock of the folder, see there. */
static void remove_stale(const unsigned int *numbers, int nr)
{
	struct sockaddr_un addr;

	for (int i = 0; i < nr; i++)
		if (!rundir_address(&addr, numbers[i]) && is_stale(&addr))
			unlink(addr.sun_path);
}

static int bind_first_free(struct holder_seat *seat)
{
	struct sockaddr_un addr;
	int err;

	for (seat->number = 1;; seat->number++) {
		err = rundir_address(&addr, seat->number);
		if (err)
			return err;
		if (!bind(seat->socket, (struct sockaddr *)&addr, sizeof(addr)))
			break;
		if (errno != EADDRINUSE) {
			err = -errno;
			out_error("cannot make %s: %s", addr.sun_path,
				  strerror(-err));
			return err;
		}
	}
	if (!listen(seat->socket, 16))
		return 0;
	err = -errno;
	unlink(addr.sun_path);
	return err;
}

int holder_seat(struct holder_seat *seat)
{
	unsigned int *numbers;
	int dir, nr, err;

	dir = rundir_lock(true);
	if (dir < 0)
		return dir;
	nr = rundir_numbers(dir, &numbers);
	remove_stale(numbers, nr);
	free(numbers);

	seat->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	err = seat->socket < 0 ? -errno : bind_first_free(seat);
	if (err && seat->socket >= 0)
		close(seat->socket);
	close(dir);
	return err;
}

void holder_unseat(struct holder_seat *seat)
{
	struct sockaddr_un addr;

	if (!rundir_address(&addr, seat->number))
		unlink(addr.sun_path);
	close(seat->socket);
}
