// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays that another thread changes while SUBMIT works through them, and blocks that it
 * frees as soon as their ids are there. Nobody can say what each entry is answered with;
 * what is looked at is that nothing is lost when the file is gone.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>
#include "many.h"

#define ENTRIES	4096u

static struct mirror_mm_op *ops;
static int fd;
static bool frees;
static uint32_t nr;
static uint64_t helper_state = 88172645463325252ull;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool going, stop;

/* The other thread's choices are its own. */
static uint32_t helper_draw(uint32_t below)
{
	helper_state ^= helper_state << 13;
	helper_state ^= helper_state >> 7;
	helper_state ^= helper_state << 17;
	return (helper_state >> 32) * below >> 32;
}

static void flip(void)
{
	static const uint32_t words[] = {
		0, 0, 1, 1, 2, 2, 63, MIRROR_GFP_KERNEL, MIRROR_GFP_KERNEL, 40000, 1u << 31,
		UINT32_MAX, UINT32_MAX, INT32_MAX,
	};
	uint32_t *at = (uint32_t *)&ops[helper_draw(nr)];

	__atomic_store_n(at + helper_draw(sizeof(*ops) / 4),
			 words[helper_draw(ARRAY_SIZE(words))], __ATOMIC_RELAXED);
}

static void free_one(void)
{
	struct mirror_mm_free arg = {
		.id = __atomic_load_n(&ops[helper_draw(nr)].alloc.id, __ATOMIC_RELAXED),
	};

	call(fd, MIRROR_MM_FREE, &arg);
}

static void *helper(void *unused)
{
	for (;;) {
		pthread_mutex_lock(&lock);
		while (!going)
			pthread_cond_wait(&changed, &lock);
		pthread_mutex_unlock(&lock);
		while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
			if (frees)
				free_one();
			else
				flip();
		pthread_mutex_lock(&lock);
		going = false;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	return unused;
}

/**
 * race_init - start the other thread
 */
void race_init(void)
{
	pthread_t thread;

	ops = mmap(NULL, ENTRIES * sizeof(*ops), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (ops == MAP_FAILED || pthread_create(&thread, NULL, helper, NULL))
		found("a second thread cannot be made");
}

static void set_going(bool on)
{
	pthread_mutex_lock(&lock);
	stop = !on;
	if (on)
		going = true;
	pthread_cond_broadcast(&changed);
	while (!on && going)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void submit(void)
{
	struct mirror_mm_submit arg = { .ops = (uintptr_t)ops, .nr = nr };
	long done = call(fd, MIRROR_MM_SUBMIT, &arg);

	if (done != nr)
		found("SUBMIT of %u entries does %ld", nr, done);
	counts.submits++;
	counts.operations += done;
	counts.raced += done;
}

/**
 * race - some SUBMITs of a file of its own
 */
void race(void)
{
	static struct file nobody;
	unsigned int rounds = 1 + draw(4);
	struct mirror_mm_info info;

	fd = open("/dev/mirror_mm", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		found("/dev/mirror_mm cannot be opened: %d", errno);
	nr = make_entries(&nobody, ops, 1 + draw(ENTRIES));
	frees = draw(2);
	set_going(true);
	while (rounds--) {
		submit();
		if (!draw(4))
			nr = make_entries(&nobody, ops, nr);
	}
	set_going(false);
	if (call(fd, MIRROR_MM_INFO, &info) || info.held_pages < info.held_blocks)
		found("%llu pages in %llu blocks", (unsigned long long)info.held_pages,
		      (unsigned long long)info.held_blocks);
	close(fd);
}
