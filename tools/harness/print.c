// SPDX-License-Identifier: GPL-2.0
/*
 * What the core has to say: messages go to stderr, warnings are counted and, by
 * default, the end of the program.
 */
#include <execinfo.h>
#include <time.h>
#include <unistd.h>
#include "harness.h"
#include "host_atomic.h"

__thread struct task_struct harness_task = { "harness" };

static bool quiet;
static bool warn_fatal = true;
static unsigned long warnings;
static unsigned long expected;
static bool expecting;
static unsigned long messages;
static FILE *caught;

/**
 * harness_set_quiet - keep messages to oneself
 * @on: do not print what the core logs; warnings are printed all the same
 */
void harness_set_quiet(bool on)
{
	quiet = on;
}

/**
 * harness_set_warn_fatal - what a warning of the core means
 * @on: abort(), as it is from the start; otherwise count it and go on
 */
void harness_set_warn_fatal(bool on)
{
	warn_fatal = on;
}

/**
 * harness_warnings - how often the core has warned
 *
 * Return: the number since the program began.
 */
unsigned long harness_warnings(void)
{
	return __atomic_load_n(&warnings, __ATOMIC_RELAXED);
}

/**
 * harness_expect_warnings - let a warning be what a test wants to see
 * @on: from now on warnings are counted apart and are no mistake; or no longer
 */
void harness_expect_warnings(bool on)
{
	expecting = on;
	expected = 0;
}

/**
 * harness_expected_warnings - how many of them came
 *
 * Return: the number since harness_expect_warnings().
 */
unsigned long harness_expected_warnings(void)
{
	return expected;
}

/**
 * harness_messages - how many lines the core has logged, printed or not
 *
 * Return: the number since the program began.
 */
unsigned long harness_messages(void)
{
	return __atomic_load_n(&messages, __ATOMIC_RELAXED);
}

/**
 * harness_catch_log - have what the core logs written to a buffer, too
 * @text: the buffer, which is a string at any time; NULL for no longer
 * @size: its size; what does not fit is lost
 *
 * Expected warnings are caught as well, and a line says where the stack would be.
 */
void harness_catch_log(char *text, size_t size)
{
	if (caught)
		fclose(caught);
	caught = text ? fmemopen(text, size, "w") : NULL;
	if (caught)
		setbuf(caught, NULL);
}

/* The first conversion of the kernel's printk() that printf() has not: %pV. */
static void print_args(FILE *to, const char *fmt, va_list args)
{
	const char *nested = strstr(fmt, "%pV");
	struct va_format *vaf;

	if (!nested) {
		vfprintf(to, fmt, args);
		return;
	}
	fprintf(to, "%.*s", (int)(nested - fmt), fmt);
	vaf = va_arg(args, struct va_format *);
	vfprintf(to, vaf->fmt, *vaf->va);
	vfprintf(to, nested + 3, args);
}

static void catch_args(const char *fmt, va_list args)
{
	va_list copy;

	if (!caught)
		return;
	va_copy(copy, args);
	print_args(caught, fmt, copy);
	va_end(copy);
}

/**
 * harness_print - a line of the log
 * @fmt: as for printk()
 */
void harness_print(const char *fmt, ...)
{
	va_list args;

	__atomic_add_fetch(&messages, 1, __ATOMIC_RELAXED);
	va_start(args, fmt);
	catch_args(fmt, args);
	if (!quiet)
		print_args(stderr, fmt, args);
	va_end(args);
}

/**
 * dump_stack - the way here
 */
void dump_stack(void)
{
	void *frames[32];

	if (caught)
		fputs("(stack)\n", caught);
	if (!quiet)
		backtrace_symbols_fd(frames, backtrace(frames, ARRAY_SIZE(frames)),
				     STDERR_FILENO);
}

/**
 * harness_warn - WARN()
 * @file: where
 * @line: where
 * @fmt: as for printk()
 */
void harness_warn(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	if (expecting) {
		expected++;
		va_start(args, fmt);
		catch_args(fmt, args);
		va_end(args);
		return;
	}
	__atomic_add_fetch(&warnings, 1, __ATOMIC_RELAXED);
	fprintf(stderr, "WARNING: %s:%d: ", file, line);
	va_start(args, fmt);
	print_args(stderr, fmt, args);
	va_end(args);
	dump_stack();
	if (warn_fatal)
		abort();
}

/**
 * harness_die - the program makes no sense any more
 * @fmt: why
 */
void harness_die(const char *fmt, ...)
{
	va_list args;

	fputs("harness: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	dump_stack();
	abort();
}

/**
 * vscnprintf - format into a buffer
 * @buf: where to
 * @size: its size
 * @fmt: as for printf()
 * @args: likewise
 *
 * Return: characters written, without the final 0.
 */
int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	int len = vsnprintf(buf, size, fmt, args);

	if (len < 0 || !size)
		return 0;
	return (size_t)len < size ? len : (int)size - 1;
}

/**
 * scnprintf - the same with its arguments at hand
 * @buf: where to
 * @size: its size
 * @fmt: as for printf()
 *
 * Return: characters written, without the final 0.
 */
int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return len;
}

/* rate limits -------------------------------------------------------------- */

static u64 now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/**
 * ratelimit_state_init - no more than @burst messages in @interval
 * @rs: the state
 * @interval: in units of 1/HZ seconds
 * @burst: messages
 */
void ratelimit_state_init(struct ratelimit_state *rs, int interval, int burst)
{
	*rs = (struct ratelimit_state) {
		.interval_ns = interval * (1000000000ull / HZ),
		.burst = burst,
	};
}

/**
 * __ratelimit - may one more be printed now?
 * @rs: the state; threads that ask at a time may be told yes once too often
 *
 * Return: 1 for yes.
 */
int __ratelimit(struct ratelimit_state *rs)
{
	u64 now = now_ns(), begin = READ_ONCE(rs->begin_ns);

	if (!begin || now - begin >= rs->interval_ns) {
		WRITE_ONCE(rs->begin_ns, now);
		WRITE_ONCE(rs->printed, 0);
	}
	if (READ_ONCE(rs->printed) >= rs->burst)
		return 0;
	__atomic_fetch_add(&rs->printed, 1, __ATOMIC_RELAXED);
	return 1;
}

/* numbers ------------------------------------------------------------------ */

/**
 * int_sqrt - integer part of a square root
 * @x: of which
 *
 * Newton's method from above: the first step that does not fall has arrived.
 *
 * Return: the largest number whose square is at most @x.
 */
unsigned long int_sqrt(unsigned long x)
{
	unsigned long root, next;

	if (x < 2)
		return x;
	next = 1ul << (harness_fls(x) + 1) / 2;
	do {
		root = next;
		next = (root + x / root) / 2;
	} while (next < root);
	return root;
}
