/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tests of the in-kernel interface. Each runs once, when the module is loaded;
 * debugfs "mirror_mm_apitest/results" then has a line of KTAP for each.
 */
#ifndef APITEST_H
#define APITEST_H

#include <linux/hrtimer.h>
#include <linux/mirror_mm.h>
#include <linux/printk.h>
#include <linux/version.h>

/* What most tests allocate with. They try hard and complain about nothing. */
#define APITEST_GFP	(MIRROR_GFP_KERNEL | __MIRROR_GFP_NOWARN)

/**
 * struct apitest - one test
 * @name: for people
 * @run: called with the mirror and itself
 * @failed: conditions that did not hold
 * @line: of the first of them
 * @condition: its text
 */
struct apitest {
	const char *name;
	void (*run)(struct mirror *m, struct apitest *t);
	unsigned int failed;
	unsigned int line;
	const char *condition;
};

void apitest_fail(struct apitest *t, unsigned int line, const char *condition);

/* Notes a condition that does not hold, and goes on; true where it holds. */
#define expect(t, condition)						\
({									\
	bool __holds = (condition);					\
									\
	if (!__holds)							\
		apitest_fail(t, __LINE__, #condition);			\
	__holds;							\
})

/* Each ends with an entry without a name. */
extern struct apitest apitest_pages[];
extern struct apitest apitest_refs[];
extern struct apitest apitest_context[];
extern struct apitest apitest_kmap[];
extern struct apitest apitest_exact[];

/* A timer in hard interrupts of this CPU; 6.13 made one call of what were two steps. */
static inline void apitest_timer(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *timer))
{
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
	hrtimer_init_on_stack(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	timer->function = fn;
#else
	hrtimer_setup_on_stack(timer, fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
#endif
}

#endif /* APITEST_H */
