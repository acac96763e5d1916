// SPDX-License-Identifier: GPL-2.0
/*
 * Ticks of the cycle counter, which counts instructions on a virtual machine
 * that was started so (-icount shift=0,sleep=off), the kernel's with the
 * program's. Each figure is the least of REPETITIONS runs: what an interrupt or
 * the kernel's own work added to the others is left out.
 *
 * Rows are kept until the end, since printing is work for the machine, too.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <x86intrin.h>
#include "count.h"

#define REPETITIONS	25
/* The first runs bring caches and lists into the state they stay in. */
#define WARM_UP		3

void fail(int err, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "mirror-bench-device: ");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, err ? ": %s\n" : "\n", strerror(err));
	exit(1);
}

static void call(const char *what, int (*part)(void *arg), void *arg)
{
	int ret = part ? part(arg) : 0;

	if (ret)
		fail(-ret, "%s", what);
}

static uint64_t once(const char *what, const struct job *job)
{
	uint64_t start, ticks;

	call(what, job->before, job->arg);
	start = __rdtsc();
	call(what, job->work, job->arg);
	ticks = __rdtsc() - start;
	call(what, job->after, job->arg);
	return ticks;
}

double least(const char *what, const struct job *job)
{
	uint64_t best = UINT64_MAX, ticks;
	unsigned int i;

	for (i = 0; i < WARM_UP + REPETITIONS; i++) {
		ticks = once(what, job);
		if (i >= WARM_UP && ticks < best)
			best = ticks;
	}
	return (double)best / job->units;
}

double least_above(const char *what, const struct job *job,
		   const struct job *empty)
{
	return least(what, job) - least(what, empty);
}

void row(const char *what, const char *target, double value)
{
	if (value == NO_VALUE)
		printf("bench %s %s -\n", what, target);
	else
		printf("bench %s %s %.1f\n", what, target, value);
}

void mirror_and_kernel(const char *what, double mirror, double kernel)
{
	row(what, "mirror", mirror);
	row(what, "kernel", kernel);
}
