// SPDX-License-Identifier: GPL-2.0
/*
 * The end of the program, memory, files and random numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

void die(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("conformance: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(EXIT_SETUP);
}

void *xrealloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p)
		die("no memory for %zu bytes; give the guest more, or take fewer operations",
		    size);
	return p;
}

void *xcalloc(size_t nr, size_t size)
{
	void *p = xrealloc(NULL, nr * size);

	return memset(p, 0, nr * size);
}

char *xformat(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		die("no memory for a line of text");
	va_end(args);
	return text;
}

/* Files of /proc do not know their size, and come in pieces. */
char *file_read(const char *path)
{
	size_t len = 0, room = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text = NULL;
	ssize_t n = 1;

	if (fd < 0)
		return NULL;
	while (n > 0) {
		if (room - len < 4096) {
			room = room ? 2 * room : 16384;
			text = xrealloc(text, room);
		}
		n = read(fd, text + len, room - len - 1);
		len += n > 0 ? n : 0;
	}
	text[len] = '\0';
	close(fd);
	if (!n)
		return text;
	free(text);
	return NULL;
}

int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n;
	int err;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	err = n < 0 ? -errno : 0;
	close(fd);
	return err;
}

uint64_t rng_next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

uint32_t rng_below(uint64_t *state, uint32_t limit)
{
	return (rng_next(state) >> 32) * limit >> 32;
}

bool rng_percent(uint64_t *state, unsigned int percent)
{
	return rng_below(state, 100) < percent;
}

unsigned int rng_weighted(uint64_t *state, const unsigned char *weight,
			  unsigned int nr)
{
	unsigned int sum = 0, i, at;

	for (i = 0; i < nr; i++)
		sum += weight[i];
	at = rng_below(state, sum);
	for (i = 0; at >= weight[i]; i++)
		at -= weight[i];
	return i;
}

double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}
