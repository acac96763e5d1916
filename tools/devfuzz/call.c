// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the device, allocations that are made to fail, and what has to hold of
 * whatever a call answers.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include "devfuzz.h"

/**
 * call - a request of the device
 * @fd: descriptor
 * @request: its number
 * @arg: its argument
 *
 * Return: what ioctl() returns, or minus the errno.
 */
long call(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

/* injection ------------------------------------------------------------------------ */

static int nth_file(void)
{
	static int fd = -2;

	if (fd == -2)
		fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	return fd;
}

static bool injecting;

/**
 * inject_begin - have an allocation of the kernel fail, where the record says so
 * @r: the record
 * @i: the argument that says which one
 */
void inject_begin(const struct record *r, unsigned int i)
{
	char text[16];
	int len;

	injecting = false;
	if (!(r->ctl & CTL_INJECT) || nth_file() < 0)
		return;
	len = snprintf(text, sizeof(text), "%u", 1 + r->arg[i % NR_ARGS] % 12);
	injecting = pwrite(nth_file(), text, len, 0) == len;
}

/**
 * inject_end - have all succeed again
 *
 * Return: whether one has failed.
 */
bool inject_end(void)
{
	char text[16] = "";

	if (!injecting)
		return false;
	injecting = false;
	if (pread(nth_file(), text, sizeof(text) - 1, 0) <= 0 ||
	    pwrite(nth_file(), "0", 1, 0) != 1)
		give_up("fail-nth: %s", strerror(errno));
	return !atoi(text);
}

/* signals -------------------------------------------------------------------------- */

/* Where inject_begin() has its number less one. */
#define ALARM_ARG	(NR_ARGS - 4)

static timer_t timer;
static bool alarm_set;

static void on_alarm(int unused)
{
	(void)unused;
}

/**
 * alarm_init - make the timer
 */
void alarm_init(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };

	if (sigaction(SIGUSR2, &action, NULL) ||
	    timer_create(CLOCK_MONOTONIC, &event, &timer))
		give_up("a timer: %s", strerror(errno));
}

/**
 * alarm_begin - have a signal come soon, where the record says so
 * @r: the record
 *
 * Calls that a signal may cut short are repeated or judged by what they say they did, so
 * it makes no difference when it comes.
 */
void alarm_begin(const struct record *r)
{
	struct itimerspec when = {
		.it_value.tv_nsec = 100000l << (r->arg[ALARM_ARG] >> 5),
		.it_interval.tv_nsec = 20000000l,
	};

	alarm_set = (r->arg[ALARM_ARG] & 0x1f) == 0x1f && !(r->ctl & CTL_INJECT);
	if (alarm_set)
		timer_settime(timer, 0, &when, NULL);
}

/**
 * alarm_end - no signal comes any more
 */
void alarm_end(void)
{
	struct itimerspec never = {};

	if (alarm_set)
		timer_settime(timer, 0, &never, NULL);
	alarm_set = false;
}

/* judging --------------------------------------------------------------------------- */

/**
 * nothing_scarce - is so much free that no plain request may fail?
 *
 * Return: true where it is.
 */
bool nothing_scarce(void)
{
	struct mirror_mm_info info;
	long ret;

	if (world.tuned)
		return false;
	ret = call(world.neighbour, MIRROR_MM_INFO, &info);
	if (ret)
		found("INFO of the neighbour gives %ld", ret);
	if (info.state != MIRROR_MM_IN_SERVICE)
		found("the mirror went out of service");
	return info.nr_free > world.spare;
}

/**
 * check_neighbour - another file below its limit is served while memory is free
 */
void check_neighbour(void)
{
	struct mirror_mm_alloc arg = {
		.gfp = MIRROR_GFP_KERNEL, .node = MIRROR_MM_NODE_ANY,
	};
	struct mirror_mm_free arg_free = {};
	long ret;

	if (!nothing_scarce())
		return;
	ret = call(world.neighbour, MIRROR_MM_ALLOC, &arg);
	if (ret)
		found("another file is refused a page (%ld) while memory is free", ret);
	arg_free.id = arg.id;
	ret = call(world.neighbour, MIRROR_MM_FREE, &arg_free);
	if (ret)
		found("another file cannot free its page: %ld", ret);
}

static bool is_plain(const struct file *file, const struct mirror_mm_alloc *arg)
{
	return !arg->order && !arg->flags && arg->node == MIRROR_MM_NODE_ANY && !file->policy &&
	       (arg->gfp == MIRROR_GFP_KERNEL || arg->gfp == MIRROR_GFP_USER ||
		arg->gfp == MIRROR_GFP_HIGHUSER_MOVABLE);
}

static void check_limit(const struct file *file, const struct mirror_mm_alloc *asked, long ret)
{
	bool above = file->limit && asked->order < 32 &&
		     file->pages + (1ull << asked->order) > file->limit;

	if (ret == -EDQUOT && !above)
		found("EDQUOT with %llu of %llu pages, for order %u",
		      (unsigned long long)file->pages, (unsigned long long)file->limit,
		      asked->order);
	if (!ret && above)
		found("%llu of %llu pages, and order %u was granted",
		      (unsigned long long)file->pages, (unsigned long long)file->limit,
		      asked->order);
}

/**
 * check_alloc - what has to hold of an ALLOC's answer
 * @slot: who asked
 * @asked: for what
 * @ret: 0 or minus the errno
 * @injected: an allocation of the kernel failed meanwhile
 */
void check_alloc(const struct slot *slot, const struct mirror_mm_alloc *asked, long ret,
		 bool injected)
{
	const struct file *file = slot_file(slot);
	int may = may_change(slot, 1);

	if (may && ret != may && ret != -EFAULT)
		found("ALLOC gives %ld where %d is due", ret, may);
	if (may)
		return;
	check_limit(file, asked, ret);
	if (!ret && asked->order > world.info.max_order)
		found("order %u was granted", asked->order);
	if (!ret && asked->flags & ~MIRROR_MM_ALLOC_FLAGS)
		found("flags %#x were granted", asked->flags);
	if (ret == -ENOMEM && !injected && is_plain(file, asked) && nothing_scarce())
		found("a plain page is refused while memory is free");
}
