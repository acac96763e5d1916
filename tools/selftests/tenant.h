/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Somebody who works with blocks of his own beside a hostile neighbour. Each of his
 * calls has to end as if he were alone, and his memory has to hold what he wrote.
 *
 * What he waits is counted, not timed: a lock that another holds for long makes him
 * give up the CPU.
 */
#ifndef SELFTEST_TENANT_H
#define SELFTEST_TENANT_H

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "fixture.h"

/* What nobody but the tenant himself may find in memory. */
#define TENANT_TAG	0x7e4a47

#define HELD	48

struct tenant {
	int fd;
	struct mirror_mm_alloc block[HELD];
	char *addr[HELD];
	uint64_t seed;
	long waits;		/* times that a call gave up the CPU */
	long faults;
	unsigned int calls;
};

static long waits_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_nvcsw;
}

static long faults_so_far(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

/* One call, with what it waited. */
#define COUNTED(t, call)						\
	({								\
		long before = waits_so_far();				\
		typeof(call) result = (call);				\
									\
		(t)->waits += waits_so_far() - before;			\
		(t)->calls++;						\
		result;							\
	})

static uint64_t tag_of(const struct tenant *t, unsigned int i)
{
	return t->block[i].id ^ TENANT_TAG;
}

static void take_one(struct __test_metadata *_metadata, struct tenant *t, unsigned int i)
{
	struct mirror_mm_alloc *block = &t->block[i];
	long before;

	ASSERT_EQ(0, COUNTED(t, st_alloc(t->fd, i % 5, ST_GFP_MOVABLE, block)));
	t->addr[i] = COUNTED(t, st_map(t->fd, block));
	ASSERT_NE(MAP_FAILED, t->addr[i]);
	/* A neighbour is a child of this process, and must not have what is the tenant's. */
	ASSERT_EQ(0, madvise(t->addr[i], st_block_size(block), MADV_DONTFORK));
	before = faults_so_far();
	ASSERT_EQ(0, st_peek_pages(t->addr[i], st_block_size(block)));
	t->faults += faults_so_far() - before;
	ASSERT_EQ(0, st_not_zero(t->addr[i], st_block_size(block)));
	st_fill(t->addr[i], st_block_size(block), tag_of(t, i));
}

static void give_one_back(struct __test_metadata *_metadata, struct tenant *t, unsigned int i)
{
	size_t size = st_block_size(&t->block[i]);

	ASSERT_EQ(0, st_differs(t->addr[i], size, tag_of(t, i)));
	if (st_below(&t->seed, 2)) {
		ASSERT_EQ(0, COUNTED(t, st_free(t->fd, t->block[i].id)));
		ASSERT_EQ(size / ST_PAGE, st_count_signal(t->addr[i], size, SIGBUS));
		ASSERT_EQ(0, COUNTED(t, munmap(t->addr[i], size)));
	} else {
		ASSERT_EQ(0, COUNTED(t, munmap(t->addr[i], size)));
		ASSERT_EQ(0, COUNTED(t, st_free(t->fd, t->block[i].id)));
	}
	ASSERT_EQ(-ENOENT, st_free(t->fd, t->block[i].id));
}

/* Killed wherever it is; the exit code tells whether it ended otherwise before. */
static int end_neighbour(pid_t pid)
{
	kill(pid, SIGKILL);
	return st_wait(pid);
}

#endif /* SELFTEST_TENANT_H */
