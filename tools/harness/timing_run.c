// SPDX-License-Identifier: GPL-2.0
/*
 * The patterns: allocate and free one (repeat), allocate all and free all in the
 * same order (bulk) or in random order (random), by any number of threads.
 *
 * Threads meet before each part, so that all of them are in it at once; a part's
 * time is that of its slowest thread.
 */
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include "timing.h"
#include "timing_calls.h"

struct worker {
	pthread_t thread;
	struct time_job *job;
	unsigned int cpu;
	pthread_barrier_t *meet;
	struct mirror_page **pages;
	double get_ns[TIME_MAX_REPETITIONS];
	double put_ns[TIME_MAX_REPETITIONS];
};

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* the loops ------------------------------------------------------------------ */

static __cold void lost(const char *what, unsigned int order)
{
	harness_die("%s of order %u failed\n", what, order);
}

static noinline void pairs(const struct time_job *job, struct mirror_page **pages)
{
	unsigned int i;

	for (i = 0; i < job->blocks; i++) {
		struct mirror_page *page = timed_get(job->m, job->order, job->gfp);

		if (unlikely(!page) || timed_put(job->m, page, job->order))
			lost("a pair", job->order);
	}
}

static noinline void get_all(const struct time_job *job, struct mirror_page **pages)
{
	unsigned int i;

	for (i = 0; i < job->blocks; i++) {
		pages[i] = timed_get(job->m, job->order, job->gfp);
		if (unlikely(!pages[i]))
			lost("an allocation", job->order);
	}
}

static noinline void put_all(const struct time_job *job, struct mirror_page **pages)
{
	unsigned int i;

	for (i = 0; i < job->blocks; i++)
		if (unlikely(timed_put(job->m, pages[i], job->order)))
			lost("a free", job->order);
}

/* The same in each run, another one on each CPU. */
static void shuffle(struct mirror_page **pages, unsigned int nr, unsigned int cpu)
{
	unsigned int seed = cpu + 1, i, j;

	for (i = nr - 1; i > 0; i--) {
		j = rand_r(&seed) % (i + 1);
		swap(pages[i], pages[j]);
	}
}

/* threads -------------------------------------------------------------------- */

typedef void (*loop_fn)(const struct time_job *job, struct mirror_page **pages);

static double time_loop(struct worker *w, loop_fn fn)
{
	double start;

	pthread_barrier_wait(w->meet);
	start = now_ns();
	fn(w->job, w->pages);
	return (now_ns() - start) / w->job->blocks;
}

static void repetition(struct worker *w, unsigned int i)
{
	if (w->job->pattern == TIME_REPEAT) {
		w->get_ns[i] = time_loop(w, pairs);
		return;
	}
	w->get_ns[i] = time_loop(w, get_all);
	if (w->job->pattern == TIME_RANDOM)
		shuffle(w->pages, w->job->blocks, w->cpu);
	w->put_ns[i] = time_loop(w, put_all);
}

/* To the CPU'th of the CPUs that this process may use, if it has that many. */
static void pin(unsigned int cpu)
{
	cpu_set_t mine, one;
	int i;

	if (sched_getaffinity(0, sizeof(mine), &mine))
		return;
	for (i = 0; i < CPU_SETSIZE; i++) {
		if (!CPU_ISSET(i, &mine) || cpu--)
			continue;
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
		return;
	}
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	unsigned int i;

	harness_set_cpu(w->cpu);
	pin(w->cpu);
	w->pages = calloc(w->job->blocks, sizeof(*w->pages));
	if (!w->pages)
		harness_die("no memory for %u pointers\n", w->job->blocks);
	for (i = 0; i < w->job->repetitions; i++)
		repetition(w, i);
	free(w->pages);
	return NULL;
}

static void collect(struct time_job *job, const struct worker *w)
{
	unsigned int i;

	for (i = 0; i < job->repetitions; i++) {
		job->get_ns[i] = max(job->get_ns[i], w->get_ns[i]);
		job->put_ns[i] = max(job->put_ns[i], w->put_ns[i]);
	}
}

/**
 * time_run - measure one line
 * @job: what; its figures are filled in
 */
void time_run(struct time_job *job)
{
	struct worker workers[TIME_MAX_THREADS] = {};
	pthread_barrier_t meet;
	unsigned int i;

	memset(job->get_ns, 0, sizeof(job->get_ns));
	memset(job->put_ns, 0, sizeof(job->put_ns));
	pthread_barrier_init(&meet, NULL, job->threads);
	for (i = 0; i < job->threads; i++) {
		workers[i].job = job;
		workers[i].cpu = i;
		workers[i].meet = &meet;
		if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]))
			harness_die("thread %u cannot be started\n", i);
	}
	for (i = 0; i < job->threads; i++) {
		pthread_join(workers[i].thread, NULL);
		collect(job, &workers[i]);
	}
	pthread_barrier_destroy(&meet);
}

/* counting ------------------------------------------------------------------- */

/* callgrind looks at what runs below this function, and at nothing else. */
static noinline void counted(loop_fn fn, struct time_job *job,
			     struct mirror_page **pages)
{
	fn(job, pages);
	barrier();
}

static void count_or_do(bool count, loop_fn fn, struct time_job *job,
			struct mirror_page **pages)
{
	if (count)
		counted(fn, job, pages);
	else
		fn(job, pages);
}

/**
 * time_count - do the same, for somebody who counts instructions
 * @job: what; one thread. Only the last of its repetitions is counted
 * @part: and of that only this
 */
void time_count(struct time_job *job, enum time_part part)
{
	struct mirror_page **pages = calloc(job->blocks, sizeof(*pages));
	unsigned int i;

	if (!pages)
		harness_die("no memory for %u pointers\n", job->blocks);
	for (i = 1; i <= job->repetitions; i++) {
		bool last = i == job->repetitions;

		if (part == TIME_PAIR) {
			count_or_do(last, pairs, job, pages);
			continue;
		}
		count_or_do(last && part == TIME_GET, get_all, job, pages);
		count_or_do(last && part == TIME_PUT, put_all, job, pages);
	}
	free(pages);
}

#define LOCK_ROUNDS	20000
#define LOCK_REPETITIONS	50

/**
 * time_lock_ns - what a spinlock costs that nobody else wants
 *
 * Return: nanoseconds of one trylock and unlock, the least of some repetitions.
 */
double time_lock_ns(void)
{
	unsigned int i, j, refused = 0;
	spinlock_t lock;		/* nobody else's */
	double start, least = 1e9;

	spin_lock_init(&lock);
	for (i = 0; i < LOCK_REPETITIONS; i++) {
		start = now_ns();
		for (j = 0; j < LOCK_ROUNDS; j++) {
			refused += !spin_trylock(&lock);
			spin_unlock(&lock);
		}
		least = min(least, now_ns() - start);
	}
	if (refused)
		harness_die("a free lock was refused\n");
	return least / LOCK_ROUNDS;
}
