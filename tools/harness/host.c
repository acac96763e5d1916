// SPDX-License-Identifier: GPL-2.0
/*
 * The process as a host: CPUs, memory, work shared out among threads. Twin of
 * src/host.c and of the allocators below it.
 */
#include <sanitizer/asan_interface.h>
#include <sys/mman.h>
#include <time.h>
#include "host.h"

/* CPUs ----------------------------------------------------------------------- */

unsigned int harness_nr_cpus = 4;
unsigned int harness_nr_nodes = 1;
__thread unsigned int harness_cpu;
__thread unsigned long harness_cpu_offset;

/**
 * harness_set_nr_cpus - how many CPUs there are from now on
 * @nr: 1 to HARNESS_MAX_CPUS; 4 where nobody calls this
 *
 * To be called while no mirror exists: each has memory for that many.
 */
void harness_set_nr_cpus(unsigned int nr)
{
	if (!nr || nr > HARNESS_MAX_CPUS)
		harness_die("%u CPUs are not between 1 and %d\n", nr, HARNESS_MAX_CPUS);
	harness_nr_cpus = nr;
}

/**
 * harness_set_nr_nodes - how many nodes the host has from now on
 * @nr: 1 at least, as from the start
 *
 * CPU 0 is on the last one, so that no default of a mirror is right by chance.
 */
void harness_set_nr_nodes(unsigned int nr)
{
	harness_nr_nodes = nr;
}

static unsigned long relaxed;

/* What mirror_host_relax() comes to. */
void harness_relax(void)
{
	cond_resched();
	__atomic_add_fetch(&relaxed, 1, __ATOMIC_RELAXED);
}

/**
 * harness_relaxed - how often the core let others have the CPU
 *
 * Return: the number since the program began.
 */
unsigned long harness_relaxed(void)
{
	return __atomic_load_n(&relaxed, __ATOMIC_RELAXED);
}

/**
 * harness_set_cpu - the calling thread is this CPU from now on
 * @cpu: below the number of CPUs, and no other running thread's
 *
 * Threads are CPU 0 until they say otherwise.
 */
void harness_set_cpu(unsigned int cpu)
{
	if (cpu >= harness_nr_cpus)
		harness_die("CPU %u of %u\n", cpu, harness_nr_cpus);
	harness_cpu = cpu;
	harness_cpu_offset = cpu * HARNESS_PERCPU_STRIDE;
}

/* memory ------------------------------------------------------------------- */

unsigned int mirror_host_refuse_nth;
static unsigned long allocations;
static unsigned long long requested;

/**
 * mirror_host_refuses - is this the allocation that a test wants to fail?
 *
 * Return: true for the one that mirror_host_refuse_nth had come down to.
 */
bool mirror_host_refuses(void)
{
	return mirror_host_refuse_nth && !--mirror_host_refuse_nth;
}

/**
 * harness_allocations - what the core has taken and not given back
 *
 * Return: number of allocations.
 */
unsigned long harness_allocations(void)
{
	return __atomic_load_n(&allocations, __ATOMIC_RELAXED);
}

/**
 * harness_requested - what the core has ever taken
 *
 * Return: bytes.
 */
unsigned long long harness_requested(void)
{
	return __atomic_load_n(&requested, __ATOMIC_RELAXED);
}

static void *taken(void *p, size_t bytes)
{
	if (p) {
		__atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&requested, bytes, __ATOMIC_RELAXED);
	}
	return p;
}

/* In checked builds nobody finds zeros where he did not ask for them. */
static void *soiled(void *p, size_t size)
{
#ifdef HARNESS_CHECKED
	if (p)
		memset(p, 0xa5, size);
#endif
	(void)size;
	return p;
}

#ifdef HARNESS_FENCED
#define FENCE	((size_t)PAGE_SIZE)

/*
 * Memory ends where a page ends that nobody may touch, so a look behind the last element
 * is the end of the program. The page in front holds the length of it all.
 */
static void *get_memory(size_t size)
{
	size_t body = round_up(size, FENCE), whole = body + 2 * FENCE;
	char *p = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return NULL;
	*(size_t *)p = whole;
	mprotect(p + FENCE + body, FENCE, PROT_NONE);
	return p + FENCE + body - round_up(size, sizeof(long));
}

static void put_memory(void *p)
{
	char *first = (char *)round_down((unsigned long)p, FENCE) - FENCE;

	munmap(first, *(size_t *)first);
}

#define get_large	get_memory
#else
static void *get_memory(size_t size)
{
	return malloc(size);
}

/* In huge pages where that wastes nothing. */
static void *get_large(size_t size)
{
	size_t align = IS_ALIGNED(size, SZ_2M) ? SZ_2M : SMP_CACHE_BYTES;
	void *p = aligned_alloc(align, round_up(size, align));

	if (p && align == SZ_2M)
		madvise(p, size, MADV_HUGEPAGE);
	return p;
}

static void put_memory(void *p)
{
	free(p);
}
#endif

/**
 * harness_alloc - what the kmalloc() family comes down to
 * @n: elements
 * @size: of one
 * @gfp: the host's flags; __GFP_ZERO clears
 *
 * Return: the memory or NULL.
 */
void *harness_alloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes = array_size(n, size);
	void *p;

	if (gfp & GFP_KERNEL)
		might_sleep();
	if (mirror_host_refuses() || bytes > PTRDIFF_MAX)
		return NULL;
	p = soiled(get_memory(bytes), bytes);
	if (p && gfp & __GFP_ZERO)
		memset(p, 0, bytes);
	return taken(p, bytes);
}

/**
 * kmemdup - a copy
 * @p: of this
 * @size: bytes
 * @gfp: the host's flags
 *
 * Return: the copy or NULL.
 */
void *kmemdup(const void *p, size_t size, gfp_t gfp)
{
	void *copy = harness_alloc(1, size, gfp);

	return copy ? memcpy(copy, p, size) : NULL;
}

/**
 * kfree - give memory of any of these calls back
 * @p: the memory, or NULL
 */
void kfree(const void *p)
{
	if (!p)
		return;
	__atomic_sub_fetch(&allocations, 1, __ATOMIC_RELAXED);
	put_memory((void *)p);
}

/**
 * mirror_host_available - memory that can be taken without driving others out
 *
 * Looked up once: a fuzzer makes thousands of mirrors a second.
 *
 * Return: bytes: what the kernel calls available, less a sixteenth of the whole.
 */
u64 mirror_host_available(void)
{
	static u64 bytes;
	unsigned long long kb, total = 0, available = 0;
	char line[128];
	FILE *file;

	if (bytes)
		return bytes;
	file = fopen("/proc/meminfo", "r");
	while (file && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "MemTotal: %llu", &kb) == 1)
			total = kb;
		if (sscanf(line, "MemAvailable: %llu", &kb) == 1)
			available = kb;
	}
	if (file)
		fclose(file);
	if (available <= total / 16)
		harness_die("/proc/meminfo shows no memory that is available\n");
	bytes = (available - total / 16) * 1024;
	return bytes;
}

/**
 * mirror_host_alloc_large - memory by the gigabyte
 * @size: bytes
 *
 * The content is whatever was there.
 *
 * Return: the memory or NULL.
 */
void *mirror_host_alloc_large(size_t size)
{
	might_sleep();
	if (mirror_host_refuses())
		return NULL;
	return taken(soiled(get_large(size), size), size);
}

/**
 * mirror_host_free_large - give it back
 * @p: from mirror_host_alloc_large(), or NULL
 */
void mirror_host_free_large(void *p)
{
	kfree(p);
}

/* memory of each CPU --------------------------------------------------------- */

/* Between the copies there is nothing to be touched. */
static void fence_off(char *p, size_t size)
{
	unsigned int cpu;

	for (cpu = 0; cpu < harness_nr_cpus; cpu++)
		ASAN_POISON_MEMORY_REGION(p + cpu * HARNESS_PERCPU_STRIDE + size,
					  HARNESS_PERCPU_STRIDE - size);
}

/**
 * harness_alloc_percpu - what alloc_percpu() comes down to
 * @size: of one CPU's copy
 *
 * Return: zeroed memory for per_cpu_ptr() and this_cpu_ptr(), or NULL.
 */
void *harness_alloc_percpu(size_t size)
{
	size_t bytes = harness_nr_cpus * HARNESS_PERCPU_STRIDE;
	char *p;

	might_sleep();
	if (size > HARNESS_PERCPU_STRIDE)
		harness_die("%zu bytes a CPU: raise HARNESS_PERCPU_STRIDE\n", size);
	if (mirror_host_refuses())
		return NULL;
	p = taken(aligned_alloc(SMP_CACHE_BYTES, bytes), size * harness_nr_cpus);
	if (p) {
		memset(p, 0, bytes);
		fence_off(p, size);
	}
	return p;
}

/**
 * free_percpu - give it back
 * @p: from harness_alloc_percpu(), or NULL
 */
void free_percpu(void *p)
{
	if (!p)
		return;
	__atomic_sub_fetch(&allocations, 1, __ATOMIC_RELAXED);
	free(p);
}

/* work shared out ------------------------------------------------------------ */

/* One piece of work and who is at it, as in src/host.c. */
struct crew {
	unsigned int nr;
	void (*fn)(void *arg, unsigned int i);
	void *arg;
	unsigned int next;
};

struct member {
	pthread_t thread;
	struct crew *crew;
	unsigned int cpu;
};

static void work(struct crew *crew)
{
	unsigned int i;

	while ((i = __atomic_fetch_add(&crew->next, 1, __ATOMIC_RELAXED)) < crew->nr)
		crew->fn(crew->arg, i);
}

static void *help(void *arg)
{
	struct member *member = arg;

	harness_set_cpu(member->cpu);
	work(member->crew);
	return NULL;
}

/**
 * mirror_host_for_each - do many independent pieces of work, on all CPUs
 * @nr: pieces
 * @fn: called once with each number below @nr, in no order, from several threads
 * @arg: for @fn
 * @what: for a log that userspace does not keep
 *
 * Helpers that cannot be started are done without.
 *
 * Return: 0; nobody interrupts it here.
 */
int mirror_host_for_each(unsigned int nr, void (*fn)(void *arg, unsigned int i),
			 void *arg, const char *what)
{
	struct crew crew = { .nr = nr, .fn = fn, .arg = arg };
	struct member members[HARNESS_MAX_CPUS];
	unsigned int i, others = min(nr, harness_nr_cpus), started = 0;

	(void)what;
	might_sleep();
	for (i = 1; i < others; i++) {
		struct member *member = &members[started];

		member->crew = &crew;
		member->cpu = (harness_cpu + i) % harness_nr_cpus;
		if (!pthread_create(&member->thread, NULL, help, member))
			started++;
	}
	work(&crew);
	while (started--)
		pthread_join(members[started].thread, NULL);
	return 0;
}
