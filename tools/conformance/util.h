/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every part uses: the end of the program, memory, files, random numbers.
 */
#ifndef CONFORMANCE_UTIL_H
#define CONFORMANCE_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

enum exit_code {
	EXIT_EQUAL,
	EXIT_DIFFERENT,
	EXIT_SETUP,
};

/* Says what is wrong and ends with EXIT_SETUP. */
void die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/* They end the program where there is no memory. */
void *xrealloc(void *old, size_t size);
void *xcalloc(size_t nr, size_t size);
char *xformat(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Room for one more element of an array whose room doubles. */
#define grow(array, nr, room) do {					\
	if ((nr) >= (room)) {						\
		(room) = (room) ? 2 * (room) : 64;			\
		(array) = xrealloc(array, (room) * sizeof(*(array)));	\
	}								\
} while (0)

/* The whole text, to be freed; NULL with errno. */
char *file_read(const char *path);
/* 0, or minus the errno. */
int file_write(const char *path, const char *text);

/* splitmix64: small, and good enough for choices. */
uint64_t rng_next(uint64_t *state);
/* 0 to @limit - 1 */
uint32_t rng_below(uint64_t *state, uint32_t limit);
/* true @percent times out of 100 */
bool rng_percent(uint64_t *state, unsigned int percent);
/* Index of one of @nr weights; at least one is not 0. */
unsigned int rng_weighted(uint64_t *state, const unsigned char *weight,
			  unsigned int nr);

double seconds_now(void);

#endif /* CONFORMANCE_UTIL_H */
