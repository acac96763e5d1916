// SPDX-License-Identifier: GPL-2.0
/*
 * many OPERATIONS [SEED] - so many operations of /dev/mirror_mm, by SUBMIT
 *
 * An operation is an element of an array that SUBMIT told its result. Prints what was
 * done, or what is wrong, with status 1.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include "many.h"

#define SUBMITS_PER_RACE	24
#define SECONDS_PER_CHECK	3
#define SECONDS_PER_LINE	20
#define ARRAY_BYTES		(MIRROR_MM_SUBMIT_MAX * sizeof(struct mirror_mm_op))

struct file files[NR_FILES];
struct counts counts;
struct mirror_mm_info idle;

static uint64_t seed, state;
static time_t began;
/* What was asked; the array, a page that can be read only, and nothing behind it. */
static struct mirror_mm_op *asked;
static char *array;

void found(const char *format, ...)
{
	va_list args;

	printf("FOUND after %llu operations, seed %llu: ", (unsigned long long)counts.operations,
	       (unsigned long long)seed);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

uint64_t draw64(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

uint32_t draw(uint32_t below)
{
	return (draw64() >> 32) * below >> 32;
}

long call(int fd, unsigned long request, void *arg)
{
	int ret = ioctl(fd, request, arg);

	return ret < 0 ? -errno : ret;
}

/* SUBMIT -------------------------------------------------------------------------------- */

/**
 * struct place - where an array lies
 * @at: its beginning
 * @nr: entries
 * @whole: so many can be read and told their result
 */
struct place {
	char *at;
	uint32_t nr;
	uint32_t whole;
};

static void choose_place(const struct file *f, struct place *p)
{
	uint32_t behind, most = PAGE / sizeof(*asked);

	p->at = array + ARRAY_BYTES - p->nr * sizeof(*asked);
	p->whole = p->nr;
	switch (draw(8)) {
	case 0:
		/* Entries at the end lie in memory that can only be read. */
		behind = 1 + draw(p->nr < most ? p->nr : most);
		p->at += behind * sizeof(*asked);
		p->whole -= behind;
		break;
	case 1:
		p->at -= draw(sizeof(*asked));
		break;
	case 2:
		if (!f->array)
			break;
		p->at = (char *)f->array;
		if (p->nr > 1024)
			p->nr = 1024;
		p->whole = p->nr;
		break;
	}
}

static void fill(const struct place *p)
{
	size_t size = p->nr * sizeof(*asked), good;

	if (p->whole == p->nr) {
		memcpy(p->at, asked, size);
		return;
	}
	good = array + ARRAY_BYTES - p->at;
	memcpy(p->at, asked, good);
	/* The page behind holds zeros, which are NOPs. */
	memset((char *)asked + good, 0, size - good);
}

static void on_alarm(int unused)
{
	(void)unused;
}

/* A signal may end it early; what is left takes another call. */
static uint32_t submit_all(const struct file *f, const struct place *p)
{
	struct mirror_mm_submit arg = { .ops = (uintptr_t)p->at, .nr = p->nr };
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } }, never = {};
	bool signals = !draw(8);
	uint32_t done = 0;
	long ret;

	if (signals)
		setitimer(ITIMER_REAL, &often, NULL);
	do {
		ret = call(f->fd, MIRROR_MM_SUBMIT, &arg);
		counts.submits++;
		if (ret <= 0)
			break;
		done += ret;
		arg.ops += ret * sizeof(*asked);
		arg.nr -= ret;
	} while (done < p->whole);
	if (signals)
		setitimer(ITIMER_REAL, &never, NULL);
	if (done != p->whole || (!p->whole && ret != -EFAULT))
		found("SUBMIT of %u entries, %u in good memory, does %u and gives %ld", p->nr,
		      p->whole, done, ret);
	return done;
}

/* Entries that were not done are as they were. */
static void check_rest(const struct place *p)
{
	if (memcmp(p->at + p->whole * sizeof(*asked), &asked[p->whole],
		   (p->nr - p->whole) * sizeof(*asked)))
		found("entries behind the last one that was done have changed");
}

static void submit(struct file *f)
{
	struct mirror_mm_op op;
	struct place p;
	uint32_t i, nr;

	p.nr = make_entries(f, asked, draw_length(f));
	choose_place(f, &p);
	fill(&p);
	nr = submit_all(f, &p);
	for (i = 0; i < nr; i++) {
		memcpy(&op, p.at + i * sizeof(op), sizeof(op));
		counts.operations++;
		model_judge(f, &asked[i], &op);
	}
	check_rest(&p);
	file_check(f);
	if (model_blocks() > counts.most_blocks)
		counts.most_blocks = model_blocks();
}

/* all ------------------------------------------------------------------------------------ */

static void init(void)
{
	struct sigaction action = { .sa_handler = on_alarm };
	int fd = open("/dev/mirror_mm", O_RDWR | O_CLOEXEC);
	unsigned int i;

	sigaction(SIGALRM, &action, NULL);
	if (fd < 0 || call(fd, MIRROR_MM_INFO, &idle))
		found("/dev/mirror_mm: %s", strerror(errno));
	close(fd);
	asked = malloc(ARRAY_BYTES);
	array = mmap(NULL, ARRAY_BYTES + 2 * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (!asked || array == MAP_FAILED || mprotect(array + ARRAY_BYTES, PAGE, PROT_READ) ||
	    munmap(array + ARRAY_BYTES + PAGE, PAGE))
		found("memory for arrays");
	model_init();
	race_init();
	for (i = 0; i < NR_FILES; i++)
		file_open(&files[i]);
}

static void print_counts(void)
{
	time_t seconds = time(NULL) - began;

	printf("%llu operations in %llu SUBMITs, %lld s, %lld a second: ",
	       (unsigned long long)counts.operations, (unsigned long long)counts.submits,
	       (long long)seconds,
	       (long long)(counts.operations / (seconds ? seconds : 1)));
	printf("%llu blocks given out, %llu given back, %llu refused, %llu raced; ",
	       (unsigned long long)counts.allocs, (unsigned long long)counts.frees,
	       (unsigned long long)counts.refused, (unsigned long long)counts.raced);
	printf("at most %llu blocks at a time, %llu checks\n",
	       (unsigned long long)counts.most_blocks, (unsigned long long)counts.checks);
	fflush(stdout);
}

static void now_and_then(void)
{
	static time_t last_check, last_line;
	time_t now = time(NULL);

	if (now - last_check >= SECONDS_PER_CHECK) {
		last_check = now;
		read_check();
		check_free_pages();
	}
	if (now - last_line >= SECONDS_PER_LINE) {
		last_line = now;
		print_counts();
	}
}

static void step(void)
{
	struct file *f = &files[draw(NR_FILES)];

	if (!draw(24)) {
		file_close(f);
		file_open(f);
	}
	if (!draw(32))
		file_change(f);
	if (!draw(4))
		map_some(f);
	if (!draw(SUBMITS_PER_RACE))
		race();
	else
		submit(f);
	now_and_then();
}

int main(int argc, char **argv)
{
	uint64_t due = argc > 1 ? strtoull(argv[1], NULL, 0) : 0;
	unsigned int i;

	seed = argc > 2 && *argv[2] ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
	state = seed * 0x9e3779b97f4a7c15ull | 1;
	began = time(NULL);
	printf("%llu operations, seed %llu\n", (unsigned long long)due, (unsigned long long)seed);
	fflush(stdout);
	init();
	while (counts.operations < due)
		step();
	for (i = 0; i < NR_FILES; i++)
		file_close(&files[i]);
	read_check();
	check_free_pages();
	print_counts();
	return 0;
}
