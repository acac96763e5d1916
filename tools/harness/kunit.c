// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the suites that are linked in and prints KTAP.
 *
 *   harness-kunit [FILTER] [NAME=VALUE...]
 *
 * FILTER is a shell pattern for "suite.case". Names: seed and fault as for
 * mirror_mm_kunit.ko, cpus (4), verbose=1 for what the core logs, stop=1 to end with
 * the first suite that fails.
 */
#include <fnmatch.h>
#include <setjmp.h>
#include <sys/random.h>
#include "kunit.h"

struct kunit_action {
	void (*fn)(void *arg);
	void *arg;
	struct kunit_action *next;
};

struct kunit_exit {
	jmp_buf buf;
};

/* Results of one level of the output. */
struct count {
	unsigned int nr;
	unsigned int failed;
	unsigned int skipped;
};

static struct kunit_suite *suites;
static const char *filter = "*";

/**
 * kunit_register - run this suite as well
 * @suite: the suite; the order is the linker's
 */
void kunit_register(struct kunit_suite *suite)
{
	struct kunit_suite **end = &suites;

	while (*end)
		end = &(*end)->next;
	*end = suite;
}

/* inside of a case ------------------------------------------------------------ */

static void indent(int depth)
{
	printf("%*s", 4 * depth, "");
}

/**
 * kunit_print - a comment in the output
 * @test: the case
 * @fmt: as for printf(), with a line's end
 */
void kunit_print(const struct kunit *test, const char *fmt, ...)
{
	va_list args;

	indent(test->depth);
	printf("# %s: ", test->name);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
}

static __attribute__((noreturn)) void leave(struct kunit *test)
{
	if (!test->exit)
		harness_die("%s: an assertion failed at the end of the case\n", test->name);
	longjmp(test->exit->buf, 1);
}

/**
 * kunit_fail - an expectation was not met
 * @test: the case
 * @place: which one
 * @left: what it compared
 * @right: likewise
 * @fmt: more about it, as for printf()
 */
void kunit_fail(struct kunit *test, const struct kunit_place *place,
		long long left, long long right, const char *fmt, ...)
{
	va_list args;

	test->failed = true;
	kunit_print(test, "%s:%d: not so: %s (%lld, %lld)", place->file, place->line,
		    place->text, left, right);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	if (place->fatal)
		leave(test);
}

/**
 * kunit_skip - this case cannot run here
 * @test: the case
 * @fmt: why not
 */
void kunit_skip(struct kunit *test, const char *fmt, ...)
{
	va_list args;

	test->skipped = true;
	va_start(args, fmt);
	vscnprintf(test->reason, sizeof(test->reason), fmt, args);
	va_end(args);
	leave(test);
}

/**
 * kunit_add_action - something to do when the case is over
 * @test: the case
 * @fn: does it
 * @arg: for @fn
 *
 * Return: 0.
 */
int kunit_add_action(struct kunit *test, void (*fn)(void *arg), void *arg)
{
	struct kunit_action *action = malloc(sizeof(*action));

	if (!action)
		harness_die("no memory for a test\n");
	*action = (struct kunit_action) { fn, arg, test->actions };
	test->actions = action;
	return 0;
}

/**
 * kunit_kcalloc - memory that goes back when the case is over
 * @test: the case
 * @n: elements
 * @size: of one
 * @gfp: not looked at
 *
 * Return: zeroed memory.
 */
void *kunit_kcalloc(struct kunit *test, size_t n, size_t size, gfp_t gfp)
{
	void *p = calloc(n, size);

	(void)gfp;
	if (p)
		kunit_add_action(test, free, p);
	return p;
}

static void end(struct kunit *test)
{
	struct kunit_action *action;

	while ((action = test->actions)) {
		test->actions = action->next;
		action->fn(action->arg);
		free(action);
	}
}

/* numbers -------------------------------------------------------------------- */

void prandom_seed_state(struct rnd_state *rnd, u64 seed)
{
	rnd->state = seed;
}

/* A counter in odd steps, its bits mixed by two multiplications. */
u32 prandom_u32_state(struct rnd_state *rnd)
{
	u64 x = rnd->state += 0x9e3779b97f4a7c15ull;

	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
	return x >> 32;
}

u32 get_random_u32(void)
{
	u32 x;

	if (getrandom(&x, sizeof(x), 0) != sizeof(x))
		harness_die("no random numbers\n");
	return x;
}

/* running -------------------------------------------------------------------- */

static void result(int depth, struct count *count, const struct kunit *test,
		   const char *name)
{
	count->nr++;
	count->failed += test->failed;
	count->skipped += test->skipped;
	indent(depth);
	printf("%sok %u %s%s%s\n", test->failed ? "not " : "", count->nr, name,
	       test->skipped ? " # SKIP " : "", test->reason);
	fflush(stdout);
}

static void run_body(struct kunit_suite *suite, struct kunit_case *c,
		     struct kunit *test)
{
	struct kunit_exit exit;

	test->exit = &exit;
	if (!setjmp(exit.buf)) {
		if (suite->init && suite->init(test))
			test->failed = true;
		else
			c->run_case(test);
	}
	test->exit = NULL;
	if (suite->exit)
		suite->exit(test);
	end(test);
}

static void run_once(struct kunit_suite *suite, struct kunit_case *c,
		     struct kunit *test)
{
	unsigned long warnings = harness_warnings();
	unsigned long allocations = harness_allocations();

	run_body(suite, c, test);
	if (harness_warnings() != warnings) {
		kunit_print(test, "the core warned %lu times\n",
			    harness_warnings() - warnings);
		test->failed = true;
	}
	if (harness_held()) {
		kunit_print(test, "%u spinlocks are held or preemption is off\n",
			    harness_held());
		test->failed = true;
	}
	if (harness_allocations() != allocations) {
		kunit_print(test, "%ld allocations were not given back\n",
			    (long)(harness_allocations() - allocations));
		test->failed = true;
	}
}

static void run_params(struct kunit_suite *suite, struct kunit_case *c,
		       struct kunit *whole)
{
	char desc[KUNIT_PARAM_DESC_SIZE] = "";
	const void *param = NULL;
	struct count count = {};

	printf("        KTAP version 1\n        # Subtest: %s\n", c->name);
	while ((param = c->generate_params(param, desc))) {
		struct kunit test = { .name = c->name, .param_value = param, .depth = 2 };

		run_once(suite, c, &test);
		result(2, &count, &test, desc);
		desc[0] = 0;
	}
	printf("        1..%u\n", count.nr);
	whole->failed = count.failed || !count.nr;
	whole->skipped = count.nr && count.skipped == count.nr;
}

static bool wanted(const struct kunit_suite *suite, const struct kunit_case *c)
{
	char name[256];

	snprintf(name, sizeof(name), "%s.%s", suite->name, c->name);
	return !fnmatch(filter, name, 0) || !fnmatch(filter, suite->name, 0);
}

static unsigned int nr_wanted(const struct kunit_suite *suite)
{
	const struct kunit_case *c;
	unsigned int nr = 0;

	for (c = suite->test_cases; c->run_case; c++)
		nr += wanted(suite, c);
	return nr;
}

static void run_suite(struct kunit_suite *suite, struct count *all)
{
	struct kunit group = { .name = suite->name };
	struct count count = {};
	struct kunit_case *c;

	printf("    KTAP version 1\n    # Subtest: %s\n    1..%u\n", suite->name,
	       nr_wanted(suite));
	if (suite->suite_init && suite->suite_init(suite))
		group.failed = true;
	for (c = suite->test_cases; c->run_case && !group.failed; c++) {
		struct kunit test = { .name = c->name, .depth = 1 };

		if (!wanted(suite, c))
			continue;
		if (c->generate_params)
			run_params(suite, c, &test);
		else
			run_once(suite, c, &test);
		result(1, &count, &test, c->name);
	}
	if (suite->suite_exit)
		suite->suite_exit(suite);
	group.failed |= count.failed;
	result(0, all, &group, suite->name);
}

/* arguments ------------------------------------------------------------------ */

#define MAX_PARAMS	8

static struct {
	const char *name;
	enum kunit_param_type type;
	void *variable;
} params[MAX_PARAMS];
static unsigned int nr_params;

static unsigned long cpus = 4;
static unsigned long verbose;
static unsigned long stop;
module_param_named(cpus, cpus, ulong, 0);
module_param_named(verbose, verbose, ulong, 0);
module_param_named(stop, stop, ulong, 0);

/**
 * kunit_register_param - take an argument NAME=VALUE
 * @name: the name
 * @type: what @variable is
 * @variable: where the value goes
 */
void kunit_register_param(const char *name, enum kunit_param_type type, void *variable)
{
	if (nr_params == MAX_PARAMS)
		harness_die("more than %d parameters\n", MAX_PARAMS);
	params[nr_params].name = name;
	params[nr_params].type = type;
	params[nr_params++].variable = variable;
}

static void give_up(const char *argument)
{
	unsigned int i;

	fprintf(stderr, "harness-kunit: %s makes no sense\n"
		"usage: harness-kunit [SUITE.CASE] [NAME=VALUE...], with names:", argument);
	for (i = 0; i < nr_params; i++)
		fprintf(stderr, " %s", params[i].name);
	fputc('\n', stderr);
	exit(2);
}

static void set_param(char *argument)
{
	char *value = strchr(argument, '='), *rest = "";
	unsigned int i = 0;

	while (i < nr_params && (strlen(params[i].name) != (size_t)(value - argument) ||
				 strncmp(params[i].name, argument, value - argument)))
		i++;
	if (i == nr_params || !*++value)
		give_up(argument);
	if (params[i].type == KUNIT_PARAM_charp)
		*(char **)params[i].variable = value;
	else
		*(unsigned long *)params[i].variable = strtoul(value, &rest, 0);
	if (*rest)
		give_up(argument);
}

int main(int argc, char **argv)
{
	struct kunit_suite *suite;
	struct count count = {};
	unsigned int nr = 0;

	while (*++argv)
		if (strchr(*argv, '='))
			set_param(*argv);
		else
			filter = *argv;
	harness_set_nr_cpus(cpus);
	harness_set_quiet(!verbose);
	harness_set_warn_fatal(false);
	for (suite = suites; suite; suite = suite->next)
		nr += !!nr_wanted(suite);
	printf("KTAP version 1\n1..%u\n", nr);
	for (suite = suites; suite && !(stop && count.failed); suite = suite->next)
		if (nr_wanted(suite))
			run_suite(suite, &count);
	return count.failed || !count.nr;
}
