// SPDX-License-Identifier: GPL-2.0
/*
 * mirror-bench-init PAGES MODULE ARGUMENTS BLOCK...: what making an allocator costs.
 *
 * Loads the mirror of so many pages, and brings as much memory of the kernel's online,
 * in the order of the BLOCKs ("memory32"), several times each; everything is as it was
 * at the end. Prints the least, for a page:
 *
 *	bench init-per-page mirror VALUE
 *	bench init-per-page kernel VALUE
 *
 * What is counted is this task's time on the CPU, a nanosecond an instruction where QEMU
 * counts them. Both calls wait for grace periods of RCU; no waiting is in it.
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

#define TIMES	5

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

static uint64_t online(char *const *blocks, int nr)
{
	uint64_t time = 0;
	int i;

	for (i = 0; i < nr; i++)
		time += set_state(blocks[i], "online_kernel");
	return time;
}

static void offline(char *const *blocks, int nr)
{
	while (nr--)
		set_state(blocks[nr], "offline");
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int main(int argc, char **argv)
{
	uint64_t mirror = UINT64_MAX, kernel = UINT64_MAX;
	double pages;
	int i;

	pages = argc < 5 ? 0 : strtod(argv[1], NULL);
	if (!(pages >= 1)) {
		fprintf(stderr, "usage: mirror-bench-init PAGES MODULE ARGUMENTS BLOCK...\n");
		return 2;
	}
	for (i = 0; i < TIMES; i++) {
		mirror = less(mirror, load(argv[2], argv[3]));
		unload("mirror_mm");
		kernel = less(kernel, online(argv + 4, argc - 4));
		offline(argv + 4, argc - 4);
	}
	printf("bench init-per-page mirror %.2f\n", mirror / pages);
	printf("bench init-per-page kernel %.2f\n", kernel / pages);
	return fflush(stdout) ? 1 : 0;
}
