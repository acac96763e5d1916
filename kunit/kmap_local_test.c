// SPDX-License-Identifier: GPL-2.0
/*
 * Local mappings: the stack of a CPU, and the interrupts on top of it.
 */
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include "kmap.h"

#define DEPTH	MIRROR_KMAP_LOCAL_DEPTH

static struct mirror_page **high_pages(struct kunit *test, struct mirror *m,
				       unsigned int nr)
{
	struct mirror_page **page = kunit_kcalloc(test, nr, sizeof(*page),
						  GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < nr; i++) {
		page[i] = mirror_test_high_page(test, m);
		memset(mirror_test_standing(test, m, page[i]), i + 1, PAGE_SIZE);
	}
	return page;
}

static void nested_up_to_the_limit(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page **page = high_pages(test, m, DEPTH + 1);
	unsigned int i, wrong = 0;
	u8 *at[DEPTH];
	void *more;

	for (i = 0; i < DEPTH; i++)
		at[i] = mirror_kmap_local(m, page[i]);
	more = mirror_kmap_local(m, page[DEPTH]);
	for (i = 0; i < DEPTH; i++)
		wrong += !at[i] || !!memchr_inv(at[i], i + 1, PAGE_SIZE);
	while (i--)
		wrong += mirror_kunmap_local(m, at[i]) != 0;
	KUNIT_EXPECT_NULL(test, more);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(m));
}

static void wrong_order_is_refused_and_changes_nothing(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page **page = high_pages(test, m, 3);
	void *a, *b, *c;
	int ret[7];

	ret[0] = mirror_kunmap_local(m, page);
	a = mirror_kmap_local(m, page[0]);
	b = mirror_kmap_local(m, page[1]);
	c = mirror_kmap_local(m, page[2]);
	ret[1] = mirror_kunmap_local(m, a);
	ret[2] = mirror_kunmap_local(m, b);
	ret[3] = mirror_kunmap_local(m, c);
	ret[4] = mirror_kunmap_local(m, c);
	ret[5] = mirror_kunmap_local(m, b);
	ret[6] = mirror_kunmap_local(m, a);
	KUNIT_EXPECT_EQ(test, ret[0], -EINVAL);
	KUNIT_EXPECT_EQ(test, ret[1], -EINVAL);
	KUNIT_EXPECT_EQ(test, ret[2], -EINVAL);
	KUNIT_EXPECT_EQ(test, ret[3], 0);
	KUNIT_EXPECT_EQ(test, ret[4], -EINVAL);
	KUNIT_EXPECT_EQ(test, ret[5], 0);
	KUNIT_EXPECT_EQ(test, ret[6], 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap_local(m, a), -EINVAL);
}

static void any_address_in_the_page_undoes_it(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page **page = high_pages(test, m, 1);
	void *at = mirror_kmap_local(m, page[0]);
	int beyond = mirror_kunmap_local(m, at + PAGE_SIZE);
	int last = mirror_kunmap_local(m, at + PAGE_SIZE - 1);

	KUNIT_EXPECT_EQ(test, beyond, -EINVAL);
	KUNIT_EXPECT_EQ(test, last, 0);
}

static void low_pages_are_mapped_in_order_too(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page **page = high_pages(test, m, 1);
	struct mirror_page *low = mirror_test_alloc(m, 0, 0);
	void *a, *b;
	int early;

	KUNIT_ASSERT_NOT_NULL(test, low);
	a = mirror_kmap_local(m, low);
	b = mirror_kmap_local(m, page[0]);
	early = mirror_kunmap_local(m, a);
	KUNIT_EXPECT_EQ(test, mirror_kunmap_local(m, b), 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap_local(m, a), 0);
	KUNIT_EXPECT_EQ(test, early, -EINVAL);
	KUNIT_EXPECT_PTR_EQ(test, a, mirror_page_address(m, low));
	KUNIT_EXPECT_NOT_NULL(test, b);
}

static void preemption_is_off_in_between(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page **page = high_pages(test, m, 2);
	int before = preempt_count(), inside, after;
	void *a = mirror_kmap_local(m, page[0]);
	void *b = mirror_kmap_local(m, page[1]);

	mirror_kunmap_local(m, b);
	/* A refusal leaves it as it is, too. */
	mirror_kunmap_local(m, b);
	inside = preempt_count();
	mirror_kunmap_local(m, a);
	after = preempt_count();
	KUNIT_EXPECT_EQ(test, after, before);
	if (IS_ENABLED(CONFIG_PREEMPT_COUNT))
		KUNIT_EXPECT_EQ(test, inside, before + 1);
}

static void foreign_pages_are_refused(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);

	KUNIT_EXPECT_NULL(test, mirror_kmap_local(m, NULL));
	KUNIT_EXPECT_NULL(test, mirror_kmap_local(m, m->pages - 1));
	KUNIT_EXPECT_NULL(test, mirror_kmap_local(m, m->pages + m->nr_desc));
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(m));
}

static void works_where_nothing_may_wait(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page **page = high_pages(test, m, 2);
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;
	int ret[2];
	u8 *a, *b;

	spin_lock_irqsave(&lock, flags);
	a = mirror_kmap_local(m, page[0]);
	b = mirror_kmap_local(m, page[1]);
	memcpy(a, b, PAGE_SIZE);
	ret[0] = mirror_kunmap_local(m, b);
	ret[1] = mirror_kunmap_local(m, a);
	mirror_content_zero(m, page[1], 0);
	spin_unlock_irqrestore(&lock, flags);
	KUNIT_EXPECT_EQ(test, ret[0], 0);
	KUNIT_EXPECT_EQ(test, ret[1], 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(mirror_test_standing(test, m, page[0]),
					   2, PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(mirror_test_standing(test, m, page[1]),
					   0, PAGE_SIZE));
}

/* interrupts ------------------------------------------------------------------ */

#define INTERRUPTS	300

/* An interrupt that maps two pages of its own on top of whatever is there. */
struct intruder {
	struct hrtimer timer;
	struct mirror *m;
	struct mirror_page **page;
	void *outer;
	unsigned int wrong;
	unsigned int seen;
	unsigned int outer_refused;
};

static void intrude(struct intruder *in)
{
	u8 *a = mirror_kmap_local(in->m, in->page[0]);
	u8 *b = mirror_kmap_local(in->m, in->page[1]);
	void *outer = READ_ONCE(in->outer);

	in->wrong += !a || a[5] != 1 || !b || b[PAGE_SIZE - 1] != 2;
	in->wrong += mirror_kunmap_local(in->m, a) != -EINVAL;
	in->wrong += mirror_kunmap_local(in->m, b) != 0;
	in->wrong += mirror_kunmap_local(in->m, a) != 0;
	/* What was interrupted keeps what it has, though it is the last one. */
	if (outer) {
		in->outer_refused++;
		in->wrong += mirror_kunmap_local(in->m, outer) != -EINVAL;
	}
	in->seen++;
}

static enum hrtimer_restart hard_intruder(struct hrtimer *timer)
{
	struct intruder *in = container_of(timer, struct intruder, timer);

	in->wrong += !in_hardirq();
	intrude(in);
	if (in->seen >= INTERRUPTS)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, 100 * NSEC_PER_USEC);
	return HRTIMER_RESTART;
}

static enum hrtimer_restart soft_intruder(struct hrtimer *timer)
{
	struct intruder *in = container_of(timer, struct intruder, timer);

	in->wrong += !in_serving_softirq();
	intrude(in);
	if (in->seen >= INTERRUPTS)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, 100 * NSEC_PER_USEC);
	return HRTIMER_RESTART;
}

/* Maps and unmaps while the intruder comes again and again. */
static unsigned int be_interrupted(struct intruder *in, struct mirror_page **page)
{
	unsigned long end = jiffies + 60 * HZ;
	unsigned int wrong = 0, spin;
	u8 *a, *b;

	while (READ_ONCE(in->seen) < INTERRUPTS && time_before(jiffies, end)) {
		a = mirror_kmap_local(in->m, page[2]);
		b = mirror_kmap_local(in->m, page[3]);
		WRITE_ONCE(in->outer, b);
		for (spin = 0; spin < 2000; spin++)
			cpu_relax();
		WRITE_ONCE(in->outer, NULL);
		wrong += !a || a[7] != 3 || !b || b[9] != 4;
		wrong += mirror_kunmap_local(in->m, b) != 0;
		wrong += mirror_kunmap_local(in->m, a) != 0;
		cond_resched();
	}
	return wrong;
}

static void interrupted_by(struct kunit *test,
			   enum hrtimer_restart (*who)(struct hrtimer *timer),
			   enum hrtimer_mode mode)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct intruder *in = kunit_kzalloc(test, sizeof(*in), GFP_KERNEL);
	unsigned int wrong;

	KUNIT_ASSERT_NOT_NULL(test, in);
	in->m = m;
	in->page = high_pages(test, m, 4);
	hrtimer_init(&in->timer, CLOCK_MONOTONIC, mode);
	in->timer.function = who;
	hrtimer_start(&in->timer, 100 * NSEC_PER_USEC, mode);
	wrong = be_interrupted(in, in->page);
	hrtimer_cancel(&in->timer);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, in->wrong, 0);
	KUNIT_EXPECT_EQ(test, in->seen, INTERRUPTS);
	KUNIT_EXPECT_GT(test, in->outer_refused, 0);
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(m));
}

static void hard_interrupts_nest_on_top(struct kunit *test)
{
	interrupted_by(test, hard_intruder, HRTIMER_MODE_REL_PINNED_HARD);
}

static void soft_interrupts_nest_on_top(struct kunit *test)
{
	interrupted_by(test, soft_intruder, HRTIMER_MODE_REL_PINNED_SOFT);
}

struct elsewhere {
	struct mirror *m;
	void *address;
	int ret;
};

static void undo_here(void *arg)
{
	struct elsewhere *e = arg;

	e->ret = mirror_kunmap_local(e->m, e->address);
}

static void another_cpu_cannot_undo_it(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page **page = high_pages(test, m, 1);
	struct elsewhere e = { .m = m };
	unsigned int other;
	int here;

	e.address = mirror_kmap_local(m, page[0]);
	other = cpumask_any_but(cpu_online_mask, smp_processor_id());
	e.ret = -EINVAL;
	if (other < nr_cpu_ids)
		smp_call_function_single(other, undo_here, &e, 1);
	here = mirror_kunmap_local(m, e.address);
	KUNIT_EXPECT_EQ(test, here, 0);
	KUNIT_EXPECT_EQ(test, e.ret, -EINVAL);
	if (other >= nr_cpu_ids)
		kunit_skip(test, "there is one CPU");
}

#define MEMORY_CASE(name)	KUNIT_CASE_PARAM(name, mirror_test_memory_param)
#define SLOW_MEMORY_CASE(name) \
	KUNIT_CASE_PARAM_ATTR(name, mirror_test_memory_param, slow)

static const struct kunit_attributes slow = { .speed = KUNIT_SPEED_SLOW };

static struct kunit_case kmap_local_cases[] = {
	MEMORY_CASE(nested_up_to_the_limit),
	MEMORY_CASE(wrong_order_is_refused_and_changes_nothing),
	MEMORY_CASE(any_address_in_the_page_undoes_it),
	MEMORY_CASE(low_pages_are_mapped_in_order_too),
	MEMORY_CASE(preemption_is_off_in_between),
	MEMORY_CASE(foreign_pages_are_refused),
	MEMORY_CASE(works_where_nothing_may_wait),
	SLOW_MEMORY_CASE(hard_interrupts_nest_on_top),
	SLOW_MEMORY_CASE(soft_interrupts_nest_on_top),
	MEMORY_CASE(another_cpu_cannot_undo_it),
	{}
};

static struct kunit_suite kmap_local_suite = {
	.name = "mirror_kmap_local",
	.test_cases = kmap_local_cases,
};

kunit_test_suite(kmap_local_suite);
