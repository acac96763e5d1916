/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting, and the rows that are printed.
 */
#ifndef BENCH_COUNT_H
#define BENCH_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct job - something to be counted
 * @before: brings about what @work needs; may be NULL
 * @work: what is counted; with NULL in the place of @work nothing is
 * @after: undoes it; may be NULL
 * @arg: for all three
 * @units: operations or pages that @work stands for
 *
 * All return 0 or minus an errno.
 */
struct job {
	int (*before)(void *arg);
	int (*work)(void *arg);
	int (*after)(void *arg);
	void *arg;
	unsigned int units;
};

/* What a row says where a target has no such operation. */
#define NO_VALUE	(-1.0)

/* Ticks for one unit, the least of many runs; does not return after a failure. */
double least(const char *what, const struct job *job);
/* The same without what @empty costs, which does all but the thing in question. */
double least_above(const char *what, const struct job *job,
		   const struct job *empty);

void row(const char *what, const char *target, double value);
void mirror_and_kernel(const char *what, double mirror, double kernel);

__attribute__((noreturn, format(printf, 2, 3)))
void fail(int err, const char *fmt, ...);

#endif /* BENCH_COUNT_H */
