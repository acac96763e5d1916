/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of the program's own logic, which need no guest.
 */
#ifndef CONFORMANCE_CHECK_H
#define CONFORMANCE_CHECK_H

#include <sched.h>

#include "record.h"

#define CHECK(cond) check_that(cond, #cond, __FILE__, __LINE__)

void check_that(bool ok, const char *what, const char *file, int line);

/* What is wrong with a fake allocator. */
enum bug {
	NO_BUG,
	BUG_RESULT,	/* with two blocks of order 3 after a drain, no third */
	BUG_STATE,	/* after a tick, freeing an order above 4 miscounts */
	BUG_TEXT,	/* a text file tells another number once a drain was */
};

struct target *fake_new(enum bug bug);
void fake_free(struct target *t);

/* What blocks.c calls instead, in these tests. */
int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_sched_setaffinity(pid_t pid, size_t size, const cpu_set_t *cpus);

void test_state(void);
void test_generator(void);
void test_mixtext(void);
void test_finding(void);
void test_blocks(void);
void test_session(void);

#endif /* CONFORMANCE_CHECK_H */
