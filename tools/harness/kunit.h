/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of KUnit as the suites of kunit/ use that need nothing but the core.
 * They are compiled as they are: this header answers to <kunit/test.h>,
 * <kunit/resource.h> and the few kernel headers that the fixture includes.
 *
 * Cases run one after the other in one thread, on CPU 0. An assertion that fails
 * jumps out of its case; what the case registered is undone then as well. A case
 * fails too when the core warned during it, or kept memory after it.
 */
#ifndef _HARNESS_KUNIT_H
#define _HARNESS_KUNIT_H

#include "host.h"

/* No option of the kernel's is set. */
#define IS_ENABLED(option)	0

#define KUNIT_PARAM_DESC_SIZE	128

/**
 * struct kunit - a case while it runs
 * @priv: the case's own
 * @param_value: the parameter; NULL for a case without
 * @name: of the case
 * @failed: an expectation was not met
 * @skipped: the case says that it cannot run here
 * @reason: why it was skipped
 * @actions: what is to be done at its end, last registered first
 * @exit: where to go from an assertion, struct kunit_exit
 * @depth: how far its lines are indented
 */
struct kunit {
	void *priv;
	const void *param_value;
	const char *name;
	bool failed;
	bool skipped;
	char reason[KUNIT_PARAM_DESC_SIZE];
	struct kunit_action *actions;
	struct kunit_exit *exit;
	int depth;
};

enum kunit_speed {
	KUNIT_SPEED_UNSET,
	KUNIT_SPEED_VERY_SLOW,
	KUNIT_SPEED_SLOW,
	KUNIT_SPEED_NORMAL,
};

struct kunit_attributes {
	enum kunit_speed speed;
};

struct kunit_case {
	void (*run_case)(struct kunit *test);
	const char *name;
	const void *(*generate_params)(const void *prev, char *desc);
	struct kunit_attributes attr;
};

struct kunit_suite {
	const char *name;
	int (*suite_init)(struct kunit_suite *suite);
	void (*suite_exit)(struct kunit_suite *suite);
	int (*init)(struct kunit *test);
	void (*exit)(struct kunit *test);
	struct kunit_case *test_cases;
	struct kunit_suite *next;
};

#define KUNIT_CASE(fn)		{ .run_case = fn, .name = #fn }
#define KUNIT_CASE_SLOW(fn)	KUNIT_CASE(fn)
#define KUNIT_CASE_PARAM(fn, gen) \
	{ .run_case = fn, .name = #fn, .generate_params = gen }
#define KUNIT_CASE_PARAM_ATTR(fn, gen, ...) \
	{ .run_case = fn, .name = #fn, .generate_params = gen, .attr = __VA_ARGS__ }

/* One after the other: @prev is NULL for the first, the result for none. */
#define KUNIT_GENERATE(id, array, describe)				\
static const void *id##_gen_params(const void *prev, char *desc)	\
{									\
	typeof(&(array)[0]) at = prev ? (typeof(at))prev + 1 : &(array)[0];	\
									\
	if (at == &(array)[ARRAY_SIZE(array)])				\
		return NULL;						\
	describe;							\
	return at;							\
}

#define KUNIT_ARRAY_PARAM(id, array, get_desc) \
	KUNIT_GENERATE(id, array, (get_desc)(at, desc))
#define KUNIT_ARRAY_PARAM_DESC(id, array, member) \
	KUNIT_GENERATE(id, array, scnprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s", at->member))

#define kunit_test_suite(suite)						\
static void __attribute__((constructor)) register_##suite(void)		\
{									\
	kunit_register(&(suite));					\
}

void kunit_register(struct kunit_suite *suite);

/* resources ---------------------------------------------------------------- */

int kunit_add_action(struct kunit *test, void (*fn)(void *arg), void *arg);
#define kunit_add_action_or_reset	kunit_add_action

void *kunit_kcalloc(struct kunit *test, size_t n, size_t size, gfp_t gfp);
#define kunit_kzalloc(test, size, gfp)	kunit_kcalloc(test, 1, size, gfp)
#define kunit_kmalloc(test, size, gfp)	kunit_kcalloc(test, 1, size, gfp)

/* text --------------------------------------------------------------------- */

__printf(2, 3) void kunit_print(const struct kunit *test, const char *fmt, ...);
#define kunit_info	kunit_print
#define kunit_err	kunit_print

__printf(2, 3) __attribute__((noreturn))
void kunit_skip(struct kunit *test, const char *fmt, ...);

/* expectations and assertions ------------------------------------------------ */

/**
 * struct kunit_place - which expectation it was
 * @text: as it is written
 * @file: where
 * @line: where
 * @fatal: an assertion: the case is over
 */
struct kunit_place {
	const char *text;
	const char *file;
	int line;
	bool fatal;
};

__printf(5, 6) __cold
void kunit_fail(struct kunit *test, const struct kunit_place *place,
		long long left, long long right, const char *fmt, ...);

#define KUNIT_MUST(test, is_fatal, what, cond, left, right, ...)	\
do {									\
	static const struct kunit_place place_here = {			\
		.text = what, .file = __FILE__, .line = __LINE__,	\
		.fatal = is_fatal,					\
	};								\
	if (unlikely(!(cond)))						\
		kunit_fail(test, &place_here, left, right, " " __VA_ARGS__);	\
} while (0)

#define KUNIT_COMPARE(test, fatal, a, op, b, ...)			\
do {									\
	const typeof(a) left_is = (a);					\
	const typeof(b) right_is = (b);					\
									\
	KUNIT_MUST(test, fatal, #a " " #op " " #b, left_is op right_is,	\
		   (long long)left_is, (long long)right_is, __VA_ARGS__);	\
} while (0)

#define KUNIT_COMPARE_PTR(test, fatal, a, op, b, ...)			\
do {									\
	const void *left_is = (a);					\
	const void *right_is = (b);					\
									\
	KUNIT_MUST(test, fatal, #a " " #op " " #b, left_is op right_is,	\
		   (long)left_is, (long)right_is, __VA_ARGS__);		\
} while (0)

#define KUNIT_GOOD_PTR(test, fatal, p, ...)				\
do {									\
	const void *pointer_is = (p);					\
									\
	KUNIT_MUST(test, fatal, #p " is a pointer", !IS_ERR_OR_NULL(pointer_is),	\
		   (long)pointer_is, 0, __VA_ARGS__);			\
} while (0)

#define KUNIT_TRUTH(test, fatal, a, want, ...) \
	KUNIT_COMPARE(test, fatal, !!(a), ==, want, __VA_ARGS__)

#define KUNIT_EXPECT_TRUE(t, a)		KUNIT_TRUTH(t, false, a, true)
#define KUNIT_EXPECT_FALSE(t, a)	KUNIT_TRUTH(t, false, a, false)
#define KUNIT_EXPECT_TRUE_MSG(t, a, ...)	KUNIT_TRUTH(t, false, a, true, __VA_ARGS__)
#define KUNIT_EXPECT_FALSE_MSG(t, a, ...)	KUNIT_TRUTH(t, false, a, false, __VA_ARGS__)
#define KUNIT_EXPECT_EQ(t, a, b)	KUNIT_COMPARE(t, false, a, ==, b)
#define KUNIT_EXPECT_EQ_MSG(t, a, b, ...)	KUNIT_COMPARE(t, false, a, ==, b, __VA_ARGS__)
#define KUNIT_EXPECT_NE(t, a, b)	KUNIT_COMPARE(t, false, a, !=, b)
#define KUNIT_EXPECT_LT(t, a, b)	KUNIT_COMPARE(t, false, a, <, b)
#define KUNIT_EXPECT_LE(t, a, b)	KUNIT_COMPARE(t, false, a, <=, b)
#define KUNIT_EXPECT_GT(t, a, b)	KUNIT_COMPARE(t, false, a, >, b)
#define KUNIT_EXPECT_GE(t, a, b)	KUNIT_COMPARE(t, false, a, >=, b)
#define KUNIT_EXPECT_PTR_EQ(t, a, b)	KUNIT_COMPARE_PTR(t, false, a, ==, b)
#define KUNIT_EXPECT_PTR_EQ_MSG(t, a, b, ...) \
	KUNIT_COMPARE_PTR(t, false, a, ==, b, __VA_ARGS__)
#define KUNIT_EXPECT_PTR_NE(t, a, b)	KUNIT_COMPARE_PTR(t, false, a, !=, b)
#define KUNIT_EXPECT_NULL(t, a)		KUNIT_COMPARE_PTR(t, false, a, ==, NULL)
#define KUNIT_EXPECT_NOT_NULL(t, a)	KUNIT_COMPARE_PTR(t, false, a, !=, NULL)
#define KUNIT_EXPECT_NOT_ERR_OR_NULL(t, a)	KUNIT_GOOD_PTR(t, false, a)
#define KUNIT_EXPECT_STREQ(t, a, b) \
	KUNIT_MUST(t, false, #a " reads " #b, !strcmp(a, b), 0, 0)
#define KUNIT_EXPECT_MEMEQ(t, a, b, size) \
	KUNIT_MUST(t, false, #a " is like " #b, !memcmp(a, b, size), 0, 0)
#define KUNIT_FAIL(t, ...)	KUNIT_MUST(t, false, "failure", false, 0, 0, __VA_ARGS__)

#define KUNIT_ASSERT_TRUE(t, a)		KUNIT_TRUTH(t, true, a, true)
#define KUNIT_ASSERT_FALSE(t, a)	KUNIT_TRUTH(t, true, a, false)
#define KUNIT_ASSERT_TRUE_MSG(t, a, ...)	KUNIT_TRUTH(t, true, a, true, __VA_ARGS__)
#define KUNIT_ASSERT_EQ(t, a, b)	KUNIT_COMPARE(t, true, a, ==, b)
#define KUNIT_ASSERT_EQ_MSG(t, a, b, ...)	KUNIT_COMPARE(t, true, a, ==, b, __VA_ARGS__)
#define KUNIT_ASSERT_NE(t, a, b)	KUNIT_COMPARE(t, true, a, !=, b)
#define KUNIT_ASSERT_LT(t, a, b)	KUNIT_COMPARE(t, true, a, <, b)
#define KUNIT_ASSERT_LE(t, a, b)	KUNIT_COMPARE(t, true, a, <=, b)
#define KUNIT_ASSERT_GT(t, a, b)	KUNIT_COMPARE(t, true, a, >, b)
#define KUNIT_ASSERT_GE(t, a, b)	KUNIT_COMPARE(t, true, a, >=, b)
#define KUNIT_ASSERT_PTR_EQ(t, a, b)	KUNIT_COMPARE_PTR(t, true, a, ==, b)
#define KUNIT_ASSERT_PTR_NE(t, a, b)	KUNIT_COMPARE_PTR(t, true, a, !=, b)
#define KUNIT_ASSERT_NULL(t, a)		KUNIT_COMPARE_PTR(t, true, a, ==, NULL)
#define KUNIT_ASSERT_NOT_NULL(t, a)	KUNIT_COMPARE_PTR(t, true, a, !=, NULL)
#define KUNIT_ASSERT_NOT_NULL_MSG(t, a, ...) \
	KUNIT_COMPARE_PTR(t, true, a, !=, NULL, __VA_ARGS__)
#define KUNIT_ASSERT_NOT_ERR_OR_NULL(t, a)	KUNIT_GOOD_PTR(t, true, a)

/* what else the suites ask the kernel for --------------------------------------- */

struct rnd_state {
	u64 state;
};

void prandom_seed_state(struct rnd_state *rnd, u64 seed);
u32 prandom_u32_state(struct rnd_state *rnd);
u32 get_random_u32(void);

/* A module's parameters are arguments of the program, as NAME=VALUE. */
enum kunit_param_type {
	KUNIT_PARAM_ulong,
	KUNIT_PARAM_charp,
};

void kunit_register_param(const char *name, enum kunit_param_type type, void *variable);

#define module_param_named(id, variable, type, mode)			\
static void __attribute__((constructor)) register_param_##id(void)	\
{									\
	kunit_register_param(#id, KUNIT_PARAM_##type, &(variable));	\
}

#define MODULE_PARM_DESC(id, text)	static_assert(sizeof(text), text)
#define MODULE_LICENSE(text)		static_assert(sizeof(text), text)
#define MODULE_DESCRIPTION(text)	static_assert(sizeof(text), text)

#endif /* _HARNESS_KUNIT_H */
