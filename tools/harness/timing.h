/* SPDX-License-Identifier: GPL-2.0 */
/* Between the patterns that are timed and the program that prints them. */
#ifndef _HARNESS_TIMING_H
#define _HARNESS_TIMING_H

#include "core/mirror.h"

#define TIME_MAX_THREADS	16
#define TIME_MAX_REPETITIONS	101

enum time_pattern {
	TIME_REPEAT,
	TIME_BULK,
	TIME_RANDOM,
};

enum time_part {
	TIME_PAIR,
	TIME_GET,
	TIME_PUT,
};

/**
 * struct time_job - one line of measurements
 * @m: the mirror
 * @pattern: what is done
 * @order: of the blocks
 * @gfp: of the requests
 * @threads: how many do it at a time, each on a CPU of its own
 * @repetitions: how often; each gives one figure
 * @blocks: that each thread holds at most (bulk, random) or has in turn (repeat)
 * @get_ns: nanoseconds of one call by repetition, of the slowest thread; of a
 *          pair of calls for repeat
 * @put_ns: likewise; nothing for repeat
 */
struct time_job {
	struct mirror *m;
	enum time_pattern pattern;
	unsigned int order;
	u32 gfp;
	unsigned int threads;
	unsigned int repetitions;
	unsigned int blocks;
	double get_ns[TIME_MAX_REPETITIONS];
	double put_ns[TIME_MAX_REPETITIONS];
};

void time_run(struct time_job *job);
void time_count(struct time_job *job, enum time_part part);
void time_lines(struct time_job *job, enum time_part part);
unsigned int time_cpus(void);
double time_lock_ns(void);

#endif /* _HARNESS_TIMING_H */
