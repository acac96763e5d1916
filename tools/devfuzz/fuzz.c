// SPDX-License-Identifier: GPL-2.0
/*
 * What libFuzzer calls: an input is a program of operations on the device.
 *
 *   DEVFUZZ_WORDS=1	print each operation as it is done, to replay an input
 *   DEVFUZZ_UNITS=dir	folder of the inputs that reached something new
 *   DEVFUZZ_BLIND=1	a kernel without KCOV will do
 *   DEVFUZZ_SLOW=1	waiting and taking a CPU away may take any part of the time
 *   DEVFUZZ_HARDWARE=1	machine checks are about the mirror's own pages as well
 *   DEVFUZZ_QUICK=1	nothing is repeated so often that it fills a table
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "devfuzz.h"

#define STEPS		200000u
#define STEP_OF_OP	4u
#define MOST_SECONDS	150
#define QUICK_TIMES	64

/* libFuzzer finds them by these names, and we find its own. */
int fuzz_one(const uint8_t *data, size_t size) asm("LLVMFuzzerTestOneInput");
int fuzz_begin(int *argc, char ***argv) asm("LLVMFuzzerInitialize");

bool loud;
static bool quick;
static int log_fd = -1;
/* When the program did. */
static time_t began;

const char * const op_names[NR_OPS] = {
	"alloc", "free", "info", "submit", "ctl", "ioctl", "map", "unmap", "protect", "remap",
	"advise", "touch", "access", "copy", "map-anywhere", "map-raw", "grant", "drop", "dup",
	"pass", "close", "fork", "race", "file", "read-text", "write-text", "poison", "cpu",
	"repeat", "free-many", "wait", "kernel", "syscall", "open",
};

static void (*const calls[NR_OPS])(const struct record *r) = {
	op_alloc, op_free, op_info, NULL, op_ctl, op_ioctl, op_map, op_unmap, op_protect,
	op_remap, op_advise, op_touch, op_access, op_copy, op_map_anywhere, op_map_raw,
	op_grant, op_drop, op_dup, op_pass, op_close, op_fork, op_race, op_file, op_read_text,
	op_write_text, op_poison, op_cpu, NULL, op_free_many, op_wait, op_kernel, op_syscall,
	op_open,
};

/* words ----------------------------------------------------------------------------- */

void say(const char *format, ...)
{
	va_list args;

	if (!loud)
		return;
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

void found(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	mailbox_found(text);
	printf("FOUND: %s\n", text);
	fflush(stdout);
	_exit(77);
}

void give_up(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "error: ");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\n");
	_exit(1);
}

/* the kernel's log --------------------------------------------------------------------- */

/* Reports that do not end the guest by themselves. */
static bool is_bad(const char *line)
{
	static const char *const bad[] = {
		"BUG:", "WARNING:", "possible circular locking", "possible recursive locking",
		"inconsistent lock state", "Invalid wait context", "suspicious RCU usage",
		"unreferenced object", "KASAN:", "UBSAN:", " blocked for more than",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		if (strstr(line, bad[i]))
			return true;
	return false;
}

static void look_at_log(void)
{
	char line[2048];
	ssize_t len;

	while (log_fd >= 0) {
		len = read(log_fd, line, sizeof(line) - 1);
		if (len < 0 && errno == EPIPE)
			continue;
		if (len <= 0)
			return;
		line[len] = '\0';
		if (is_bad(line))
			found("the kernel's log: %.200s", strchr(line, ';') + 1);
	}
}

/* programs ------------------------------------------------------------------------------ */

static unsigned int run_one(const struct record *r, unsigned int left);

/* A program of requests that all wait in vain would take an hour for its steps. */
static bool is_late(void)
{
	static unsigned int calls;

	return ++calls % 64 == 0 && time(NULL) - began > MOST_SECONDS;
}

static bool take_steps(unsigned int nr)
{
	if (world.steps <= nr || is_late()) {
		world.steps = 0;
		return false;
	}
	world.steps -= nr;
	return true;
}

static unsigned int repeat(const struct record *r, unsigned int left)
{
	unsigned int nr = 1 + r->arg[0] % 6, times = field_times(r, 1, 236), i;

	if (quick && times > QUICK_TIMES)
		times = QUICK_TIMES;
	if (nr > left)
		nr = left;
	say("REPEAT %u records %u times", nr, times);
	for (; times; times--)
		for (i = 0; i < nr; ) {
			/* No repeating inside of what is repeated. */
			if (r[1 + i].op % NR_OPS == OP_REPEAT) {
				i++;
				continue;
			}
			if (!world.steps)
				return nr;
			i += run_one(&r[1 + i], nr - 1 - i);
		}
	return nr;
}

/* Runs a record; returns how many records that took. */
static unsigned int run_one(const struct record *r, unsigned int left)
{
	enum op_kind kind = r->op % NR_OPS;
	unsigned int taken = 1;

	if (!take_steps(STEP_OF_OP))
		return left + 1;
	mailbox_count(kind, 1);
	if (kind == OP_SUBMIT)
		taken += op_submit(r, left);
	else if (kind == OP_REPEAT)
		taken += repeat(r, left);
	else
		calls[kind](r);
	coverage_take();
	return taken;
}

static void keep_units(void)
{
	static time_t last;
	const char *folder = getenv("DEVFUZZ_UNITS");

	if (!folder || time(NULL) - last < 5)
		return;
	last = time(NULL);
	mailbox_scan(folder);
}

int fuzz_one(const uint8_t *data, size_t size)
{
	static struct record records[MAX_RECORDS];
	unsigned int nr = size / RECORD_BYTES, i;

	if (nr > MAX_RECORDS)
		nr = MAX_RECORDS;
	/* libFuzzer begins without a corpus by running nothing, and ends if that fails. */
	if (!nr) {
		coverage_take();
		return 0;
	}
	memcpy(records, data, nr * RECORD_BYTES);
	mailbox_input(data, nr * RECORD_BYTES);
	keep_units();
	world_begin();
	world.steps = STEPS;
	began = time(NULL);
	coverage_begin();
	for (i = 0; i < nr; )
		i += run_one(&records[i], nr - 1 - i);
	world_end();
	coverage_take();
	coverage_stop();
	look_at_log();
	mailbox_run_done();
	return 0;
}

int fuzz_begin(int *argc, char ***argv)
{
	struct rlimit files = { 4096, 4096 };

	setrlimit(RLIMIT_NOFILE, &files);
	loud = getenv("DEVFUZZ_WORDS");
	quick = getenv("DEVFUZZ_QUICK") && *getenv("DEVFUZZ_QUICK");
	mailbox_init();
	if (getenv("DEVFUZZ_KEEP")) {
		mailbox_forget_units();
		mailbox_scan(getenv("DEVFUZZ_KEEP"));
		_exit(0);
	}
	arena_init();
	world_init();
	windows_init();
	text_init();
	race_init();
	kernel_init();
	alarm_init();
	coverage_init();
	text_reset();
	log_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log_fd >= 0)
		lseek(log_fd, 0, SEEK_END);
	return 0;
}
