/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations during which one allocation fails, and then the next one, until an
 * operation had no more of them.
 *
 * The kernel lets a task say which of its next allocations is to fail
 * (fault-injection in the kernel's documentation, "fail-nth"). The stack of each one
 * goes to the kernel's log, where scripts/failnth.sh looks which call of the module
 * it was. Only what the task itself allocates fails; workqueues are not concerned.
 */
#ifndef SELFTEST_FAIL_H
#define SELFTEST_FAIL_H

#include "harness.h"
#include "selftest.h"

#define FAIL_SLAB	"/sys/kernel/debug/failslab/"
#define FAIL_PAGES	"/sys/kernel/debug/fail_page_alloc/"
/* Allocations of one operation; no operation has so many. */
#define FAIL_LIMIT	100000
/* Seconds. The limit is for hangs: the guest has one as a whole. */
#define FAIL_TIME	1400
#define FAIL_ERRORS	4

/**
 * struct fail_op - one operation
 * @name: for the log
 * @set_up: what has to be there first; 0, or minus the errno. May be NULL
 * @run: the operation; 0 or more, or minus an errno
 * @tidy: undoes what was done, and finds that nothing was lost; a word on what
 *        was, or NULL
 * @expected: what @run gives where no allocation fails
 * @errors: what else it may give than that and -ENOMEM where one does
 * @arg: for the three
 */
struct fail_op {
	const char *name;
	int (*set_up)(const struct fail_op *op);
	int (*run)(const struct fail_op *op);
	const char *(*tidy)(const struct fail_op *op);
	int expected;
	int errors[FAIL_ERRORS];
	const void *arg;
};

/* What a whole sweep came to. */
struct fail_sum {
	unsigned long failed;		/* allocations */
	unsigned long errors;		/* operations that gave an error */
	unsigned long without;		/* and those that did without */
};

static int fail_fd = -1, fail_log = -1;

static int fail_prepare(void)
{
	int ret;

	ret = st_write(FAIL_SLAB "ignore-gfp-wait", "N");
	ret = ret ? ret : st_write(FAIL_SLAB "verbose", "2");
	ret = ret ? ret : st_write(FAIL_PAGES "ignore-gfp-wait", "N");
	ret = ret ? ret : st_write(FAIL_PAGES "ignore-gfp-highmem", "N");
	ret = ret ? ret : st_write(FAIL_PAGES "min-order", "0");
	ret = ret ? ret : st_write(FAIL_PAGES "verbose", "2");
	if (ret)
		return ret;
	/* Of this process: the harness has one for each test. */
	fail_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	fail_log = open("/dev/kmsg", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	return fail_fd < 0 || fail_log < 0 ? -errno : 0;
}

/* So that the host knows what a stack in the log belongs to. */
static void fail_mark(const char *name, long nth)
{
	char text[96];
	int length = snprintf(text, sizeof(text), "fail-nth: %s %ld\n", name, nth);

	if (write(fail_log, text, length) != length)
		exit(KSFT_FAIL);
}

/* A line of a stack that is one of our functions, and that the unwinder is sure of. */
static inline bool fail_is_our_frame(const char *line)
{
	const char *text = strchr(line, ';');

	return text && strstr(text, "[mirror_mm]") && !strstr(text, " ? ");
}

/*
 * The place in the module that the last logged failure belongs to: a hash of the calls of
 * its innermost two functions. 0 where nothing was logged since this was last asked.
 */
static inline unsigned long fail_site(void)
{
	unsigned long hash = 0;
	unsigned int frames = 0;
	char line[1024], *c;
	ssize_t length;

	for (;;) {
		length = read(fail_log, line, sizeof(line) - 1);
		/* EPIPE: so much has come meanwhile that the oldest is gone. */
		if (length < 0 && errno == EPIPE)
			continue;
		if (length < 0 && errno != EAGAIN)
			exit(KSFT_FAIL);
		if (length <= 0)
			return hash;
		line[length] = 0;
		if (strstr(line, "forcing a failure")) {
			hash = 0;
			frames = 0;
		}
		if (!fail_is_our_frame(line) || frames++ >= 2)
			continue;
		for (c = strchr(line, ';'); *c && *c != '['; c++)
			hash = hash * 31 + (unsigned char)*c;
	}
}

static void fail_set(long nth)
{
	char text[24];
	int length = snprintf(text, sizeof(text), "%ld", nth);

	if (pwrite(fail_fd, text, length, 0) != length)
		exit(KSFT_FAIL);
}

/* How many allocations were left until the one that was to fail. */
static long fail_left(void)
{
	char text[24];
	ssize_t got = pread(fail_fd, text, sizeof(text) - 1, 0);

	if (got <= 0)
		exit(KSFT_FAIL);
	text[got] = 0;
	return atol(text);
}

/* Runs the operation with allocation @nth failing; was there such a one? */
static bool fail_run(const struct fail_op *op, long nth, int *ret)
{
	bool injected;

	fail_set(nth);
	*ret = op->run(op);
	injected = !fail_left();
	fail_set(0);
	return injected;
}

static bool fail_may_give(const struct fail_op *op, int ret)
{
	unsigned int i;

	if (ret == op->expected || ret == -ENOMEM)
		return true;
	for (i = 0; i < FAIL_ERRORS && op->errors[i]; i++)
		if (ret == op->errors[i])
			return true;
	return false;
}

/* One try; false where no allocation was left that could fail. */
static bool fail_once(struct __test_metadata *_metadata, const struct fail_op *op, long nth,
		      struct fail_sum *sum)
{
	const char *lost;
	bool injected;
	int ret;

	fail_mark(op->name, nth);
	ret = op->set_up ? op->set_up(op) : 0;
	ASSERT_EQ(0, ret) {
		TH_LOG("%s, allocation %ld: cannot be set up", op->name, nth);
	}
	injected = fail_run(op, nth, &ret);
	EXPECT_TRUE(injected ? fail_may_give(op, ret) : ret == op->expected) {
		TH_LOG("%s, allocation %ld%s: %d", op->name, nth,
		       injected ? "" : ", which there is not", ret);
	}
	sum->failed += injected;
	sum->errors += injected && ret != op->expected;
	sum->without += injected && ret == op->expected;
	lost = op->tidy ? op->tidy(op) : NULL;
	EXPECT_EQ(NULL, lost) {
		TH_LOG("%s, allocation %ld failing: %s", op->name, nth, lost);
	}
	return injected;
}

static void fail_report(const struct fail_op *op, const struct fail_sum *sum)
{
	printf("# %s: %lu allocations failed; an error came of %lu, it did without %lu\n",
	       op->name, sum->failed, sum->errors, sum->without);
}

/* Each allocation of the operation fails once. */
static inline struct fail_sum fail_sweep(struct __test_metadata *_metadata,
					 const struct fail_op *op)
{
	struct fail_sum sum = { 0 };
	long nth = 1;

	while (fail_once(_metadata, op, nth, &sum) && __test_passed(_metadata)) {
		ASSERT_GT(FAIL_LIMIT, nth);
		nth++;
	}
	fail_report(op, &sum);
	return sum;
}

#endif /* SELFTEST_FAIL_H */
