// SPDX-License-Identifier: GPL-2.0
/*
 * Two threads that end one block at the same moment, each with a reference: its pages
 * are freed once, whoever of them comes first.
 */
#include <linux/mirror_mm.h>
#include <pthread.h>
#include "../../kunit/fixture.h"

#define ROUNDS	2000

struct fight;
typedef int (*end_fn)(struct fight *f);
typedef void (*after_fn)(struct kunit *test, struct fight *f);

struct fight {
	struct mirror *m;
	struct mirror_page *page;
	unsigned int order;
	atomic_t arrived;
	end_fn end[2];
	int ret[2];
};

/*
 * Both go on within a few instructions, which waking one up would not do. But where the
 * machine has no CPU for the other one, waiting for it must not take what it needs.
 */
static void meet(struct fight *f)
{
	int turn = atomic_inc_return(&f->arrived), spins = 0;

	turn += turn & 1;
	while (atomic_read_acquire(&f->arrived) < turn)
		if (++spins > 1000)
			sched_yield();
}

static int by_free(struct fight *f)
{
	return mirror_core_free(f->m, f->page, f->order);
}

static int by_put(struct fight *f)
{
	return mirror_core_put(f->m, f->page);
}

static int by_split(struct fight *f)
{
	return mirror_core_split(f->m, f->page, f->order);
}

static int by_marking_movable(struct fight *f)
{
	int i, ret = 0;

	/* Once would be over before the other thread is there. */
	for (i = 0; i < 50 && !ret; i++)
		ret = mirror_core_set_movable(f->m, f->page, i % 2);
	return ret;
}

static void *other_thread(void *arg)
{
	struct fight *f = arg;
	unsigned int i;

	harness_set_cpu(1);
	for (i = 0; i < ROUNDS; i++) {
		meet(f);
		f->ret[1] = f->end[1](f);
		meet(f);
	}
	return NULL;
}

/* Runs @after when both are done, with all that they left behind. */
static void fight(struct kunit *test, struct fight *f, after_fn after)
{
	pthread_t thread;
	unsigned int i;

	f->m = mirror_test_flat(test, 6, 5, 256);
	f->m->report_limit.burst = 0;
	KUNIT_ASSERT_EQ(test, pthread_create(&thread, NULL, other_thread, f), 0);
	for (i = 0; i < ROUNDS; i++) {
		f->order = 1 + i % 6;
		f->page = mirror_test_take(normal_zone(f->m), f->order, MOVABLE);
		atomic_set(&f->page->refs, 2);
		meet(f);
		f->ret[0] = f->end[0](f);
		meet(f);
		after(test, f);
		mirror_drain_all(f->m);
	}
	pthread_join(thread, NULL);
	KUNIT_EXPECT_EQ(test, mirror_nr_free(f->m), 256);
}

/* Whoever is late keeps his reference. */
static void one_is_refused(struct kunit *test, struct fight *f)
{
	KUNIT_EXPECT_EQ(test, f->ret[0] + f->ret[1], -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_core_put(f->m, f->page), 0);
}

static void two_frees_of_a_shared_block(struct kunit *test)
{
	struct fight f = { .end = { by_free, by_free } };

	fight(test, &f, one_is_refused);
}

/* The free finds the tails, be the other reference there still or not. */
static void both_are_done(struct kunit *test, struct fight *f)
{
	KUNIT_EXPECT_EQ(test, f->ret[0], 0);
	KUNIT_EXPECT_EQ(test, f->ret[1], 0);
}

static void free_and_put_of_a_shared_block(struct kunit *test)
{
	struct fight f = { .end = { by_free, by_put } };

	fight(test, &f, both_are_done);
}

/* Split, and the free was refused; or freed but for its first page, and not split. */
static void one_of_them_had_the_block(struct kunit *test, struct fight *f)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, f->ret[0] + f->ret[1], -EINVAL);
	if (!f->ret[0])
		for (i = 1; i < 1u << f->order; i++)
			KUNIT_EXPECT_EQ(test, mirror_core_free(f->m, f->page + i, 0), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_put(f->m, f->page), 0);
	if (!f->ret[0])
		KUNIT_EXPECT_EQ(test, mirror_core_put(f->m, f->page), 0);
}

static void split_and_free_of_a_shared_block(struct kunit *test)
{
	struct fight f = { .end = { by_split, by_free } };

	fight(test, &f, one_of_them_had_the_block);
}

/* The mark of who still holds the first page does not undo the cut, and does not stop it. */
static void first_page_stays_alone(struct kunit *test, struct fight *f)
{
	both_are_done(test, f);
	KUNIT_EXPECT_EQ(test, mirror_page_order(f->page), 0);
	KUNIT_EXPECT_EQ(test, mirror_core_put(f->m, f->page), 0);
}

static void free_of_a_block_that_is_marked_movable(struct kunit *test)
{
	struct fight f = { .end = { by_free, by_marking_movable } };

	fight(test, &f, first_page_stays_alone);
}

static struct kunit_case twice_cases[] = {
	KUNIT_CASE(two_frees_of_a_shared_block),
	KUNIT_CASE(free_and_put_of_a_shared_block),
	KUNIT_CASE(split_and_free_of_a_shared_block),
	KUNIT_CASE(free_of_a_block_that_is_marked_movable),
	{}
};

static struct kunit_suite twice_suite = {
	.name = "mirror_twice",
	.test_cases = twice_cases,
};

kunit_test_suite(twice_suite);
