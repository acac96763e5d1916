// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that allocate and free at a time on a small mirror, for the sanitizers
 * to look at: what nobody else does is a data race in one of them.
 *
 *   harness-stress [THREADS [OPERATIONS [SEED]]]
 *
 * Blocks change hands through slots that all threads share, so about half of them
 * are freed on another CPU than the one they were allocated on. In between the
 * threads drain lists, tick, look on, and change settings. In the end all is freed
 * and has to be there, and the mirror has to be in order.
 */
#include <linux/mirror_mm.h>
#include <pthread.h>
#include "core/mirror.h"

#define FIRST_PFN	0x40000ul
#define NR_PAGES	16384ul
#define NR_SLOTS	2048
#define CHORE_EVERY	512

struct worker {
	pthread_t thread;
	struct mirror *m;
	unsigned int cpu;
	unsigned int seed;
	unsigned long operations;
	unsigned long allocated;
	unsigned long failed;
};

static struct mirror_page *slots[NR_SLOTS];

static unsigned int pick(struct worker *w, unsigned int below)
{
	return rand_r(&w->seed) % below;
}

static u32 random_gfp(struct worker *w)
{
	static const u32 gfps[] = {
		MIRROR_GFP_KERNEL, MIRROR_GFP_NOWAIT, MIRROR_GFP_ATOMIC,
		MIRROR_GFP_KERNEL | __MIRROR_GFP_COMP, MIRROR_GFP_HIGHUSER_MOVABLE,
		__MIRROR_GFP_RECLAIMABLE, __MIRROR_GFP_DMA32 | __MIRROR_GFP_MOVABLE,
	};

	return gfps[pick(w, ARRAY_SIZE(gfps))] | __MIRROR_GFP_NOWARN;
}

/* Whose the block is now must see all that was done to it. */
static struct mirror_page *trade(struct worker *w, struct mirror_page *page)
{
	return __atomic_exchange_n(&slots[pick(w, NR_SLOTS)], page, __ATOMIC_ACQ_REL);
}

static void give_back(struct worker *w, struct mirror_page *page)
{
	if (page && mirror_free_pages(w->m, page, mirror_page_order(page)))
		harness_die("a block in use was not taken back\n");
}

static void operate(struct worker *w)
{
	unsigned int order = pick(w, 4) ? pick(w, 4) : pick(w, w->m->max_order + 1);
	struct mirror_page *page = NULL;

	if (pick(w, 3)) {
		page = mirror_alloc_pages(w->m, random_gfp(w), order, 0);
		w->allocated += !!page;
		w->failed += !page;
	}
	give_back(w, trade(w, page));
}

static void do_bulk(struct worker *w)
{
	struct mirror_page *pages[32] = {};
	unsigned int got;

	got = mirror_alloc_pages_bulk(w->m, MIRROR_GFP_NOWAIT, 0, ARRAY_SIZE(pages), pages);
	if (mirror_free_pages_bulk(w->m, ARRAY_SIZE(pages), pages) != got)
		harness_die("not all of a bulk was taken back\n");
}

static void look_at_line(void *arg, const char *line)
{
	if (!*line)
		harness_die("an empty line\n");
}

/* All that is read without a lock, at any time. */
static void look_on(struct worker *w)
{
	const struct mirror_lines out = { .emit = look_at_line };
	struct mirror *m = w->m;
	unsigned long allocated = mirror_events(m, MIRROR_PGALLOC + MIRROR_ZONE_NORMAL);
	unsigned long hits = mirror_numa_events(mirror_zone_by_id(m, MIRROR_ZONE_NORMAL),
						MIRROR_NUMA_HIT);

	if (!allocated != !hits || mirror_nr_free(m) > 2 * m->managed)
		harness_die("%lu pages allocated, %lu hits, %lu pages free\n", allocated,
			    hits, mirror_nr_free(m));
	mirror_show_request(m, MIRROR_GFP_KERNEL, 0, 0, 0, &out);
	mirror_show_mem(m, &m->nodes[0]->fallback, 0, &out);
}

/* One of the settings, to a value that is taken. */
static int change_setting(struct worker *w)
{
	struct mirror_zone *zone = mirror_zone_by_id(w->m, MIRROR_ZONE_NORMAL);
	const unsigned int ratio[MIRROR_MAX_NR_ZONES] = { 1 + pick(w, 64), 1 + pick(w, 64) };
	unsigned long marks[MIRROR_NR_WMARK], gap = 1 + pick(w, 64);
	unsigned int i;

	switch (pick(w, 5)) {
	case 0:
		return mirror_set_min_free_kbytes(w->m, 64 + pick(w, 512));
	case 1:
		return mirror_set_watermark_scale_factor(w->m, 1 + pick(w, 100));
	case 2:
		return mirror_set_lowmem_reserve_ratio(w->m, ratio);
	case 3:
		return mirror_set_high_fraction(w->m, pick(w, 2) * 8);
	}
	for (i = 0; i < MIRROR_NR_WMARK; i++)
		marks[i] = (i + 1) * gap;
	return mirror_set_zone_watermarks(w->m, zone, marks);
}

static void do_chore(struct worker *w)
{
	switch (pick(w, 7)) {
	case 0:
		mirror_drain_all(w->m);
		break;
	case 1:
		mirror_serve_kswapd(w->m);
		break;
	case 2:
		if (change_setting(w))
			harness_die("a setting was refused\n");
		break;
	case 3:
		do_bulk(w);
		break;
	case 4:
		mutex_lock(&w->m->tunables_lock);
		mirror_refresh_thresholds(w->m);
		mutex_unlock(&w->m->tunables_lock);
		break;
	case 5:
		look_on(w);
		break;
	default:
		mirror_fold_cpu(w->m, w->cpu);
		mirror_pcp_tick(w->m, w->cpu);
	}
}

static void *worker_main(void *arg)
{
	struct worker *w = arg;
	unsigned long i;

	harness_set_cpu(w->cpu);
	for (i = 0; i < w->operations; i++) {
		operate(w);
		if (!pick(w, CHORE_EVERY))
			do_chore(w);
	}
	return NULL;
}

static struct mirror *make(void)
{
	const struct mirror_range range = { FIRST_PFN, FIRST_PFN + NR_PAGES, 0 };
	struct mirror_config conf;
	struct mirror *m;

	mirror_config_default(&conf);
	conf.ranges = &range;
	conf.nr_ranges = 1;
	conf.max_order = 7;
	conf.pb_order = 6;
	conf.zone_pages[MIRROR_ZONE_DMA32] = NR_PAGES / 4;
	m = mirror_core_create(&conf);
	if (IS_ERR(m))
		harness_die("no mirror: %s\n", strerror(-PTR_ERR(m)));
	return m;
}

static void print_fault(void *arg, const char *line)
{
	fprintf(stderr, "%s\n", line);
}

static unsigned int finish(struct worker *w)
{
	struct mirror_check check = { .emit = print_fault };
	unsigned int i, faults;

	for (i = 0; i < NR_SLOTS; i++)
		give_back(w, slots[i]);
	mirror_drain_all(w->m);
	faults = mirror_check(w->m, &check);
	if (mirror_nr_free(w->m) != w->m->managed)
		print_fault(NULL, "pages are missing");
	else if (!faults)
		return 0;
	return 1;
}

static unsigned long argument(char **argv, int nr, unsigned long most, unsigned long otherwise)
{
	unsigned long n;
	char *end;

	if (!argv[nr])
		return otherwise;
	n = strtoul(argv[nr], &end, 0);
	if (end != argv[nr] && !*end && n && n <= most)
		return n;
	fprintf(stderr, "usage: harness-stress [THREADS [OPERATIONS [SEED]]]\n");
	exit(2);
}

int main(int argc, char **argv)
{
	char *args[4] = {};
	struct worker workers[HARNESS_MAX_CPUS] = {};
	unsigned long threads, operations, seed, allocated = 0, failed = 0;
	unsigned int i, bad;

	memcpy(args, argv, min_t(size_t, argc, ARRAY_SIZE(args)) * sizeof(*args));
	threads = argument(args, 1, HARNESS_MAX_CPUS, 4);
	operations = argument(args, 2, ULONG_MAX, 200000);
	seed = argument(args, 3, UINT_MAX, 1);
	harness_set_nr_cpus(threads);
	workers[0].m = make();
	for (i = 0; i < threads; i++) {
		workers[i].m = workers[0].m;
		workers[i].cpu = i;
		workers[i].seed = seed + i;
		workers[i].operations = operations;
		if (pthread_create(&workers[i].thread, NULL, worker_main, &workers[i]))
			harness_die("thread %u cannot be started\n", i);
	}
	for (i = 0; i < threads; i++) {
		pthread_join(workers[i].thread, NULL);
		allocated += workers[i].allocated;
		failed += workers[i].failed;
	}
	bad = finish(&workers[0]);
	mirror_core_destroy(workers[0].m);
	printf("%lu threads, seed %lu: %lu blocks allocated, %lu requests failed\n",
	       threads, seed, allocated, failed);
	return bad;
}
