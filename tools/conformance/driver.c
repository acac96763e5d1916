// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of the two drivers.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "targets.h"
#include "util.h"

#define STATE_WORDS	524288

int driver_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("cannot open %s: %s; be root and load the drivers (mirror_mm first)",
		    path, strerror(errno));
	return fd;
}

static int call(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

int driver_run(int fd, const struct conf_op *op, unsigned int nr,
	       uint32_t *word, unsigned int nr_words, uint32_t flags)
{
	struct conf_run run = {
		.ops = (uintptr_t)op,
		.words = (uintptr_t)word,
		.nr = nr,
		.max_words = nr_words,
		.flags = flags,
	};
	int err = call(fd, CONF_IOC_RUN, &run);

	if (err)
		return err;
	/* Another number of words is an answer to another list. */
	return run.nr_words == nr_words ? 0 : -EPROTO;
}

int driver_state(int fd, struct words *state)
{
	struct conf_state arg = { .max_words = STATE_WORDS };
	static uint32_t buffer[STATE_WORDS];
	int err;

	arg.words = (uintptr_t)buffer;
	err = call(fd, CONF_IOC_STATE, &arg);
	if (err)
		return err;
	/* Many states are kept: each has only the room it needs. */
	words_free(state);
	words_room(state, arg.nr_words);
	memcpy(state->word, buffer, arg.nr_words * sizeof(*buffer));
	state->nr = arg.nr_words;
	return 0;
}

int driver_events(int fd, struct conf_events *events)
{
	return call(fd, CONF_IOC_EVENTS, events);
}

int driver_between(int fd, const struct conf_op *op)
{
	void *which = (void *)(uintptr_t)op->arg;

	switch (op->opcode) {
	case CONF_DRAIN:
		return call(fd, CONF_IOC_DRAIN, which);
	case CONF_TICK:
		return call(fd, CONF_IOC_TICK, which);
	default:
		return -EINVAL;
	}
}

int driver_reset(int fd)
{
	return call(fd, CONF_IOC_RESET, NULL);
}
