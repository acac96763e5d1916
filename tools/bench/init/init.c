// SPDX-License-Identifier: GPL-2.0
/*
 * mirror-bench-init MODULE SMALL LARGE PAGES BLOCK BLOCK PAGES: what a page costs when
 * an allocator is made.
 *
 * Loads the mirror with the arguments SMALL, then LARGE, which has so many PAGES more,
 * and brings two BLOCKs of the kernel's memory online ("memory32"), the second of which
 * has so many PAGES. Everything is as it was at the end. Prints, for each of them,
 *
 *	bench init-per-page mirror VALUE
 *	bench init-per-page kernel VALUE
 *
 * and what the first part costs as a whole. What is counted is this task's
 * time on the CPU, a nanosecond an instruction where QEMU counts them. Both calls wait
 * for grace periods of RCU; no waiting is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define TIMES	10
/* On a busy host the guest's clock may jump in all loads of one kind. */
#define ATTEMPTS	4

__attribute__((noreturn, format(printf, 1, 2)))
static void fail(const char *fmt, ...)
{
	int err = errno;
	va_list args;

	va_start(args, fmt);
	fputs("mirror-bench-init: ", stderr);
	vfprintf(stderr, fmt, args);
	fprintf(stderr, ": %s\n", strerror(err));
	va_end(args);
	exit(1);
}

static uint64_t own_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static uint64_t load(const char *module, const char *arguments)
{
	int fd = open(module, O_RDONLY | O_CLOEXEC);
	uint64_t start, time;

	if (fd < 0)
		fail("%s cannot be opened", module);
	start = own_time();
	if (syscall(SYS_finit_module, fd, arguments, 0))
		fail("%s %s cannot be loaded", module, arguments);
	time = own_time() - start;
	close(fd);
	return time;
}

static void unload(const char *name)
{
	if (syscall(SYS_delete_module, name, O_NONBLOCK))
		fail("module %s cannot be unloaded", name);
}

static uint64_t set_state(const char *block, const char *state)
{
	uint64_t start, time;
	char path[128];
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/sys/devices/system/memory/%s/state", block);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		fail("%s cannot be opened", path);
	start = own_time();
	length = write(fd, state, strlen(state));
	time = own_time() - start;
	if (length < 0)
		fail("%s cannot become %s", block, state);
	close(fd);
	return time;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The least of several, for each way to load it. */
static void measure_mirror(const char *module, char *const arguments[2], uint64_t least[2])
{
	int i, which;

	least[0] = UINT64_MAX;
	least[1] = UINT64_MAX;
	for (i = 0; i < TIMES; i++) {
		for (which = 0; which < 2; which++) {
			least[which] = less(least[which], load(module, arguments[which]));
			unload("mirror_mm");
		}
	}
}

static void measure_kernel(char *const blocks[2], uint64_t least[2])
{
	int i, which;

	least[0] = UINT64_MAX;
	least[1] = UINT64_MAX;
	for (i = 0; i < TIMES; i++) {
		for (which = 0; which < 2; which++)
			least[which] = less(least[which],
					    set_state(blocks[which], "online_kernel"));
		while (which--)
			set_state(blocks[which], "offline");
	}
}

static double pages_of(const char *text)
{
	double pages = strtod(text, NULL);

	if (!(pages >= 1)) {
		errno = EINVAL;
		fail("'%s' is no number of pages", text);
	}
	return pages;
}

int main(int argc, char **argv)
{
	uint64_t mirror[2], kernel[2];
	double more, second;
	int i;

	if (argc != 8) {
		fputs("usage: mirror-bench-init MODULE SMALL LARGE PAGES BLOCK BLOCK PAGES\n",
		      stderr);
		return 2;
	}
	more = pages_of(argv[4]);
	second = pages_of(argv[7]);
	for (i = 0; i < ATTEMPTS; i++) {
		measure_mirror(argv[1], argv + 2, mirror);
		if (mirror[1] > mirror[0])
			break;
	}
	measure_kernel(argv + 5, kernel);
	if (mirror[1] <= mirror[0]) {
		errno = ERANGE;
		fail("'%s' takes %llu and '%s' %llu: it must be more", argv[3],
		     (unsigned long long)mirror[1], argv[2],
		     (unsigned long long)mirror[0]);
	}
	printf("# the first part: mirror %llu, with what loading a module costs, kernel %llu\n",
	       (unsigned long long)mirror[0], (unsigned long long)kernel[0]);
	printf("bench init-per-page mirror %.2f\n", (mirror[1] - mirror[0]) / more);
	printf("bench init-per-page kernel %.2f\n", kernel[1] / second);
	return fflush(stdout) ? 1 : 0;
}
