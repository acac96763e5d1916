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
#include <sys/mman.h>
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

/**
 * time_cpus - CPUs that threads can be pinned to
 *
 * Return: how many this process may use, at most TIME_MAX_THREADS.
 */
unsigned int time_cpus(void)
{
	cpu_set_t mine;

	if (sched_getaffinity(0, sizeof(mine), &mine))
		return 1;
	return min(CPU_COUNT(&mine), TIME_MAX_THREADS);
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

/* lines ------------------------------------------------------------------------ */

/*
 * A tracer of memory accesses sees the writes to this page: the first of an operation's
 * accesses lies between 1 and 0.
 */
#define MARK_ADDRESS	0x70000000000ul

static noinline void marked(loop_fn fn, struct time_job *job, struct mirror_page **pages,
			    unsigned long *mark)
{
	WRITE_ONCE(*mark, 1);
	fn(job, pages);
	WRITE_ONCE(*mark, 0);
}

static void print_region(const char *name, const void *from, size_t size)
{
	printf("region %s %lx %lx\n", name, (unsigned long)from,
	       (unsigned long)from + size);
}

static void print_regions(const struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned int i, cpu;

	printf("mark %lx\n", MARK_ADDRESS);
	print_region("descriptors", m->pages, m->nr_desc * sizeof(*m->pages));
	mirror_for_each_populated_zone(m, zone, i) {
		print_region("zone", zone, sizeof(*zone));
		for_each_possible_cpu(cpu) {
			print_region("lists", per_cpu_ptr(zone->pcp, cpu),
				     sizeof(*zone->pcp));
			print_region("counters", per_cpu_ptr(zone->stat, cpu),
				     sizeof(*zone->stat));
		}
	}
	fflush(stdout);
}

/**
 * time_lines - do operations one by one, for somebody who traces what they write to
 * @job: what; one thread, after all of its repetitions but the last
 * @part: get or put; other operations make the blocks for it and take them back
 *
 * Prints where the mirror's structures lie.
 */
void time_lines(struct time_job *job, enum time_part part)
{
	unsigned long *mark = mmap((void *)MARK_ADDRESS, PAGE_SIZE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	struct mirror_page **pages = calloc(job->blocks, sizeof(*pages));
	unsigned int i, blocks = job->blocks;

	if (mark == MAP_FAILED || !pages)
		harness_die("no memory at %lx\n", MARK_ADDRESS);
	print_regions(job->m);
	for (i = 1; i < job->repetitions; i++) {
		if (part == TIME_PAIR) {
			pairs(job, pages);
			continue;
		}
		get_all(job, pages);
		put_all(job, pages);
	}
	if (part == TIME_PUT)
		get_all(job, pages);
	job->blocks = 1;
	for (i = 0; i < blocks; i++)
		marked(part == TIME_PAIR ? pairs : part == TIME_GET ? get_all : put_all, job,
		       pages + i, mark);
	job->blocks = blocks;
	if (part == TIME_GET)
		put_all(job, pages);
	free(pages);
	munmap(mark, PAGE_SIZE);
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
