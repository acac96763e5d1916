// SPDX-License-Identifier: GPL-2.0
/*
 * Permanent mappings: counts, the lazy flush, waiting, and who may undo what.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/smp.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
#include "kmap.h"

#define PATIENCE	(60 * HZ)

static struct mirror_kmap_stat stat_of(struct mirror *m)
{
	struct mirror_kmap_stat stat;

	mirror_kmap_stat(m->region->kmap, &stat);
	return stat;
}

static int count_of(struct mirror *m, struct mirror_page *page)
{
	return mirror_kmap_count(m->region->kmap,
				 mirror_idx_to_pfn(m, idx_of(m, page)));
}

/* One access from each CPU, so that its TLB has seen the address. */
struct touch {
	const void *address;
	atomic_t faults;
};

static void touch_here(void *arg)
{
	struct touch *touch = arg;
	unsigned long word;

	if (copy_from_kernel_nofault(&word, touch->address, sizeof(word)))
		atomic_inc(&touch->faults);
}

/*
 * CPUs that cannot read there. A fault of its own ends UML, so there the page
 * table is asked.
 */
static unsigned int faults_at(const void *address)
{
	struct touch touch = { .address = address };

	if (IS_ENABLED(CONFIG_UML))
		return is_vmalloc_addr(address) && !vmalloc_to_page(address);
	on_each_cpu(touch_here, &touch, 1);
	return atomic_read(&touch.faults);
}

static void page_with_an_address_keeps_it(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_alloc(m, 0, 0);
	void *address;

	KUNIT_ASSERT_NOT_NULL(test, page);
	address = mirror_page_address(m, page);
	KUNIT_ASSERT_NOT_NULL(test, address);
	KUNIT_EXPECT_PTR_EQ(test, mirror_kmap(m, page), address);
	KUNIT_EXPECT_EQ(test, stat_of(m).used, 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
	KUNIT_EXPECT_EQ(test, faults_at(address), 0);
}

static void high_page_has_none(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_high_page(test, m);

	KUNIT_EXPECT_NULL(test, mirror_page_address(m, page));
	KUNIT_ASSERT_NOT_NULL(test, mirror_kmap(m, page));
	KUNIT_EXPECT_NULL(test, mirror_page_address(m, page));
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
}

static void movable_is_as_high_as_what_it_was_cut_from(struct kunit *test)
{
	struct mirror *m = mirror_test_zones(test, 4, 512, 256);
	u32 gfp = __MIRROR_GFP_HIGHMEM | __MIRROR_GFP_MOVABLE;
	struct mirror_page *page = mirror_test_alloc(m, gfp, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, mirror_page_zone(m, page)->type,
			MIRROR_ZONE_MOVABLE);
	KUNIT_EXPECT_NULL(test, mirror_page_address(m, page));
}

static void movable_without_highmem_has_addresses(struct kunit *test)
{
	struct mirror *m = mirror_test_zones(test, 4, 0, 256);
	u32 gfp = __MIRROR_GFP_HIGHMEM | __MIRROR_GFP_MOVABLE;
	struct mirror_page *page = mirror_test_alloc(m, gfp, 0);
	void *address;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, mirror_page_zone(m, page)->type,
			MIRROR_ZONE_MOVABLE);
	address = mirror_page_address(m, page);
	KUNIT_EXPECT_NOT_NULL(test, address);
	KUNIT_EXPECT_PTR_EQ(test, mirror_kmap(m, page), address);
}

static void window_shows_the_memory(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_high_page(test, m);
	u8 *behind = mirror_test_standing(test, m, page);
	u8 *window = mirror_kmap(m, page);

	KUNIT_ASSERT_NOT_NULL(test, window);
	KUNIT_EXPECT_PTR_NE(test, window, behind);
	KUNIT_EXPECT_TRUE(test, PAGE_ALIGNED(window));
	memset(behind, 0x11, PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, memchr_inv(window, 0x11, PAGE_SIZE));
	memset(window, 0x22, PAGE_SIZE);
	KUNIT_EXPECT_NULL(test, memchr_inv(behind, 0x22, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
}

static void each_page_of_a_block_has_its_window(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 16);
	struct mirror_page *page = mirror_test_alloc(m, __MIRROR_GFP_HIGHMEM, 3);
	u8 *window[8];
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < 8; i++) {
		memset(mirror_test_standing(test, m, page + i), i + 1, PAGE_SIZE);
		window[i] = mirror_kmap(m, page + i);
		KUNIT_ASSERT_NOT_NULL(test, window[i]);
	}
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_NULL(test, memchr_inv(window[i], i + 1, PAGE_SIZE));
		KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page + i), 0);
	}
}

static void users_of_a_page_share_its_window(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_high_page(test, m);
	void *window;

	KUNIT_EXPECT_EQ(test, count_of(m, page), 0);
	window = mirror_kmap(m, page);
	KUNIT_EXPECT_EQ(test, count_of(m, page), 2);
	KUNIT_EXPECT_PTR_EQ(test, mirror_kmap(m, page), window);
	KUNIT_EXPECT_EQ(test, count_of(m, page), 3);
	KUNIT_EXPECT_EQ(test, stat_of(m).used, 1);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
	KUNIT_EXPECT_EQ(test, count_of(m, page), 2);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
	KUNIT_EXPECT_EQ(test, count_of(m, page), 1);
	KUNIT_EXPECT_EQ(test, stat_of(m).used, 0);
	KUNIT_EXPECT_EQ(test, stat_of(m).unused, 1);
	KUNIT_EXPECT_EQ(test, faults_at(window), 0);
	/* Nobody had to take it down, so it is there again. */
	KUNIT_EXPECT_PTR_EQ(test, mirror_kmap(m, page), window);
	KUNIT_EXPECT_EQ(test, count_of(m, page), 2);
	KUNIT_EXPECT_EQ(test, stat_of(m).flushes, 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
}

/* Maps and unmaps; the window is left for the flush. */
static void *pass_through(struct kunit *test, struct mirror *m,
			  struct mirror_page *page)
{
	void *window = mirror_kmap(m, page);

	KUNIT_ASSERT_NOT_NULL(test, window);
	KUNIT_EXPECT_EQ(test, faults_at(window), 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
	return window;
}

/* The turn begins at slot 1, so three pages fit before it comes to slot 0. */
static void unused_windows_go_together_when_the_turn_is_over(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page[4], *kept;
	void *old[3], *fresh, *still;
	unsigned int i, same = 0;

	for (i = 0; i < 4; i++)
		page[i] = mirror_test_high_page(test, m);
	kept = page[1];
	still = mirror_kmap(m, kept);
	for (i = 0; i < 3; i++)
		old[i] = pass_through(test, m, page[i]);
	KUNIT_EXPECT_EQ(test, stat_of(m).flushes, 0);
	KUNIT_EXPECT_EQ(test, stat_of(m).unused, 2);
	fresh = mirror_kmap(m, page[3]);
	KUNIT_EXPECT_EQ(test, stat_of(m).flushes, 1);
	KUNIT_EXPECT_EQ(test, stat_of(m).unused, 0);
	KUNIT_EXPECT_EQ(test, stat_of(m).used, 2);
	for (i = 0; i < 3; i++) {
		/* The host may have used one of the addresses again at once. */
		same += old[i] == fresh;
		if (old[i] == still || old[i] == fresh)
			KUNIT_EXPECT_EQ(test, faults_at(old[i]), 0);
		else
			KUNIT_EXPECT_EQ(test, faults_at(old[i]),
					num_online_cpus());
	}
	KUNIT_EXPECT_LE(test, same, 1);
	KUNIT_EXPECT_EQ(test, count_of(m, page[0]), 0);
	KUNIT_EXPECT_EQ(test, count_of(m, kept), 2);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, kept), 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page[3]), 0);
}

/* One flush a turn, however many pages pass. */
static void flushes_are_as_rare_as_turns(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 8);
	struct mirror_page *page[80];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(page); i++) {
		page[i] = mirror_test_high_page(test, m);
		pass_through(test, m, page[i]);
	}
	KUNIT_EXPECT_EQ(test, stat_of(m).flushes, 10);
	KUNIT_EXPECT_EQ(test, stat_of(m).waits, 0);
}

static void every_slot_can_be_in_use(struct kunit *test)
{
	static const unsigned int sizes[] = { 1, 2, 3, 7, 64 };
	struct mirror *m = mirror_test_high(test, 64);
	struct mirror_page *page[64];
	unsigned int i, k;

	for (i = 0; i < ARRAY_SIZE(page); i++)
		page[i] = mirror_test_high_page(test, m);
	for (k = 0; k < ARRAY_SIZE(sizes); k++) {
		mirror_kmap_destroy(m->region->kmap);
		m->region->kmap = mirror_kmap_create(sizes[k]);
		KUNIT_ASSERT_NOT_NULL(test, m->region->kmap);
		for (i = 0; i < sizes[k]; i++)
			KUNIT_EXPECT_NOT_NULL(test, mirror_kmap(m, page[i]));
		KUNIT_EXPECT_EQ(test, stat_of(m).used, sizes[k]);
		for (i = 0; i < sizes[k]; i++)
			KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page[i]), 0);
	}
}

/* waiting -------------------------------------------------------------------- */

struct waiter {
	struct mirror *m;
	struct mirror_page *page;
	struct task_struct *task;
	struct completion done;
	void *window;
};

static int wait_for_window(void *arg)
{
	struct waiter *w = arg;

	w->window = mirror_kmap(w->m, w->page);
	kthread_complete_and_exit(&w->done, 0);
}

/* Starts somebody who has to wait for a slot, and waits until it does. */
static struct waiter *start_waiter(struct kunit *test, struct mirror *m,
				   struct mirror_page *page)
{
	struct waiter *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);
	unsigned long waits = stat_of(m).waits, end = jiffies + PATIENCE;

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->m = m;
	w->page = page;
	init_completion(&w->done);
	w->task = kthread_run(wait_for_window, w, "kmap-waiter");
	KUNIT_ASSERT_FALSE(test, IS_ERR(w->task));
	while (stat_of(m).waits == waits && time_before(jiffies, end))
		msleep(20);
	KUNIT_EXPECT_EQ(test, stat_of(m).waits, waits + 1);
	return w;
}

static bool ended(struct waiter *w, unsigned long patience)
{
	return wait_for_completion_timeout(&w->done, patience);
}

static void full_table_makes_one_wait_for_kunmap(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 2);
	struct mirror_page *page[3];
	struct waiter *w;
	unsigned int i;

	for (i = 0; i < 3; i++)
		page[i] = mirror_test_high_page(test, m);
	memset(mirror_test_standing(test, m, page[2]), 0x33, PAGE_SIZE);
	mirror_kmap(m, page[0]);
	mirror_kmap(m, page[1]);
	mirror_kmap(m, page[1]);
	w = start_waiter(test, m, page[2]);
	KUNIT_EXPECT_FALSE(test, ended(w, HZ / 20));
	/* One of two users: the slot is still in use. */
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page[1]), 0);
	KUNIT_EXPECT_FALSE(test, ended(w, HZ / 20));
	KUNIT_EXPECT_EQ(test, stat_of(m).waits, 1);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page[1]), 0);
	KUNIT_ASSERT_TRUE(test, ended(w, PATIENCE));
	KUNIT_ASSERT_NOT_NULL(test, w->window);
	KUNIT_EXPECT_NULL(test, memchr_inv(w->window, 0x33, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, count_of(m, page[1]), 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page[0]), 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page[2]), 0);
}

/* There is one slot: the second can only go on because it finds the first's. */
static void two_that_wait_for_one_page_share_it(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 1);
	struct mirror_page *held = mirror_test_high_page(test, m);
	struct mirror_page *page = mirror_test_high_page(test, m);
	struct waiter *one, *two;

	mirror_kmap(m, held);
	one = start_waiter(test, m, page);
	two = start_waiter(test, m, page);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, held), 0);
	KUNIT_ASSERT_TRUE(test, ended(one, PATIENCE));
	KUNIT_ASSERT_TRUE(test, ended(two, PATIENCE));
	KUNIT_EXPECT_PTR_EQ(test, one->window, two->window);
	KUNIT_EXPECT_EQ(test, count_of(m, page), 3);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
}

/* Each slot that becomes empty goes to one, and the others wait on. */
static void many_wait_and_all_get_their_turn(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 1);
	struct mirror_page *held = mirror_test_high_page(test, m), *page;
	struct waiter *w[6];
	unsigned int i, k, got;

	mirror_kmap(m, held);
	for (i = 0; i < ARRAY_SIZE(w); i++)
		w[i] = start_waiter(test, m, mirror_test_high_page(test, m));
	page = held;
	for (i = 0; i < ARRAY_SIZE(w); i++) {
		unsigned long end = jiffies + PATIENCE;

		KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
		do {
			msleep(20);
			for (k = 0, got = 0; k < ARRAY_SIZE(w); k++)
				got += completion_done(&w[k]->done);
		} while (got <= i && time_before(jiffies, end));
		KUNIT_ASSERT_EQ(test, got, i + 1);
		for (k = 0; k < ARRAY_SIZE(w); k++)
			if (count_of(m, w[k]->page) == 2)
				page = w[k]->page;
	}
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
	KUNIT_EXPECT_EQ(test, stat_of(m).used, 0);
}

/* the storm -------------------------------------------------------------------- */

#define STORM_THREADS	4
#define STORM_PAGES	24
#define STORM_SLOTS	8
#define STORM_ROUNDS	600

/*
 * Most pages that each holds at a time: more than the slots in all, but not so
 * many that all slots could be held by threads that wait for another one.
 */
static const unsigned int storm_holds[STORM_THREADS] = { 5, 2, 2, 2 };

struct storm;

struct storm_thread {
	struct storm *storm;
	struct rnd_state rnd;
	unsigned int number;
	unsigned int nr_held;
	unsigned int held[5];
	u32 *window[5];
	u32 written[STORM_PAGES];
	unsigned int wrong;
	struct completion done;
};

struct storm {
	struct mirror *m;
	struct mirror_page *page[STORM_PAGES];
	struct storm_thread thread[STORM_THREADS];
};

/* Word 0 of a page says which it is; each thread counts in a word of its own. */
static void storm_map(struct storm_thread *t)
{
	unsigned int which = prandom_u32_state(&t->rnd) % STORM_PAGES;
	u32 *window = mirror_kmap(t->storm->m, t->storm->page[which]);

	if (!window) {
		t->wrong++;
		return;
	}
	t->wrong += window[0] != which;
	t->wrong += window[1 + t->number] != t->written[which];
	window[1 + t->number] = ++t->written[which];
	t->held[t->nr_held] = which;
	t->window[t->nr_held++] = window;
}

static void storm_unmap(struct storm_thread *t)
{
	unsigned int i = prandom_u32_state(&t->rnd) % t->nr_held;
	unsigned int which = t->held[i];

	t->wrong += t->window[i][0] != which;
	t->wrong += t->window[i][1 + t->number] != t->written[which];
	t->wrong += mirror_kunmap(t->storm->m, t->storm->page[which]) != 0;
	t->nr_held--;
	t->held[i] = t->held[t->nr_held];
	t->window[i] = t->window[t->nr_held];
}

static int storm_main(void *arg)
{
	struct storm_thread *t = arg;
	unsigned int round;

	for (round = 0; round < STORM_ROUNDS; round++) {
		if (t->nr_held < storm_holds[t->number] &&
		    (!t->nr_held || prandom_u32_state(&t->rnd) % 3))
			storm_map(t);
		else
			storm_unmap(t);
		/* With what it holds, so that the others run out of slots. */
		if (round % 16 == 0)
			usleep_range(50, 100);
	}
	while (t->nr_held)
		storm_unmap(t);
	kthread_complete_and_exit(&t->done, 0);
}

static void storm_start(struct kunit *test, struct storm *storm, unsigned int i)
{
	struct storm_thread *t = &storm->thread[i];
	struct task_struct *task;

	t->storm = storm;
	t->number = i;
	init_completion(&t->done);
	mirror_test_seed(test, &t->rnd);
	task = kthread_run(storm_main, t, "kmap-storm/%u", i);
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
}

static void storm_through_a_small_table(struct kunit *test)
{
	struct storm *storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	struct mirror *m = mirror_test_high(test, STORM_SLOTS);
	unsigned int i, k;

	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->m = m;
	for (i = 0; i < STORM_PAGES; i++) {
		u32 *word;

		storm->page[i] = mirror_test_high_page(test, m);
		word = mirror_test_standing(test, m, storm->page[i]);
		memset(word, 0, PAGE_SIZE);
		word[0] = i;
	}
	for (i = 0; i < STORM_THREADS; i++)
		storm_start(test, storm, i);
	for (i = 0; i < STORM_THREADS; i++) {
		struct completion *done = &storm->thread[i].done;

		KUNIT_ASSERT_TRUE(test,
				  wait_for_completion_timeout(done, 2 * PATIENCE));
	}
	for (i = 0; i < STORM_THREADS; i++)
		KUNIT_EXPECT_EQ_MSG(test, storm->thread[i].wrong, 0,
				    "thread %u", i);
	for (i = 0; i < STORM_PAGES; i++)
		for (k = 0; k < STORM_THREADS; k++)
			KUNIT_EXPECT_EQ(test, storm->thread[k].written[i],
					((u32 *)mirror_test_standing(test, m,
							storm->page[i]))[1 + k]);
	KUNIT_EXPECT_EQ(test, stat_of(m).used, 0);
	KUNIT_EXPECT_GT(test, stat_of(m).waits, 0);
	KUNIT_EXPECT_GT(test, stat_of(m).flushes, 100);
	kunit_info(test, "%lu flushes, %lu waits\n", stat_of(m).flushes,
		   stat_of(m).waits);
}

/* misuse ------------------------------------------------------------------------- */

static void what_is_not_mapped_cannot_be_unmapped(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_high_page(test, m);
	struct mirror_page *other = mirror_test_high_page(test, m);

	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), -EINVAL);
	KUNIT_ASSERT_NOT_NULL(test, mirror_kmap(m, page));
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, other), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), -EINVAL);
	KUNIT_EXPECT_EQ(test, count_of(m, page), 1);
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(m));
	KUNIT_EXPECT_NOT_NULL(test, mirror_kmap(m, page));
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
}

static void foreign_pages_are_refused(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *foreign[] = {
		NULL, m->pages - 1, m->pages + m->nr_desc,
		(void *)m->pages + 4, (void *)ULONG_MAX,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(foreign); i++) {
		KUNIT_EXPECT_NULL(test, mirror_kmap(m, foreign[i]));
		KUNIT_EXPECT_EQ(test, mirror_kunmap(m, foreign[i]), -ENXIO);
	}
	KUNIT_EXPECT_EQ(test, stat_of(m).used, 0);
	KUNIT_EXPECT_FALSE(test, mirror_is_broken(m));
}

static void nobodys_page_is_refused(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_high_page(test, m);

	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_EXPECT_NULL(test, mirror_kmap(m, page));
	KUNIT_EXPECT_EQ(test, stat_of(m).used, 0);
}

/* The next holder finds the window of the last one: it is the same memory. */
static void window_outlives_the_holder(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_high_page(test, m);
	void *window = pass_through(test, m, page);

	KUNIT_ASSERT_EQ(test, mirror_free_pages(m, page, 0), 0);
	KUNIT_ASSERT_PTR_EQ(test, mirror_test_high_page(test, m), page);
	KUNIT_EXPECT_PTR_EQ(test, mirror_kmap(m, page), window);
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
}

static void broken_mirror_maps_nothing_and_unmaps(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_high_page(test, m);

	KUNIT_ASSERT_NOT_NULL(test, mirror_kmap(m, page));
	mirror_test_throw_away(test, m);
	WRITE_ONCE(m->broken, 1);
	KUNIT_EXPECT_NULL(test, mirror_kmap(m, page));
	KUNIT_EXPECT_NULL(test, mirror_kmap_local(m, page));
	KUNIT_EXPECT_EQ(test, mirror_kunmap(m, page), 0);
}

static void sizes_without_sense_are_refused(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_region *region = mirror_region_vmalloc(0, PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, region);
	KUNIT_EXPECT_EQ(test, mirror_region_attach(region, m, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mirror_region_attach(region, m,
						   MIRROR_KMAP_SLOTS_MAX + 1),
			-EINVAL);
	mirror_region_release(region);
}

/* the module's own accesses -------------------------------------------------------- */

static void high_block_is_cleared(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_alloc(m, __MIRROR_GFP_HIGHMEM, 4);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, page);
	for (i = 0; i < 16; i++)
		memset(mirror_test_standing(test, m, page + i), 0x44, PAGE_SIZE);
	mirror_content_zero(m, page, 3);
	for (i = 0; i < 16; i++)
		KUNIT_EXPECT_NULL(test,
				  memchr_inv(mirror_test_standing(test, m, page + i),
					     i < 8 ? 0 : 0x44, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, stat_of(m).used + stat_of(m).unused, 0);
}

static void high_block_is_read_and_written_across_pages(struct kunit *test)
{
	size_t size = 2 * PAGE_SIZE + 777, at = PAGE_SIZE - 333, i;
	struct mirror *m = mirror_test_high(test, 4);
	struct mirror_page *page = mirror_test_alloc(m, __MIRROR_GFP_HIGHMEM, 2);
	u8 *in = kunit_kzalloc(test, size, GFP_KERNEL);
	u8 *out = kunit_kzalloc(test, size, GFP_KERNEL);
	u8 *behind = NULL;

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_NOT_NULL(test, in);
	KUNIT_ASSERT_NOT_NULL(test, out);
	for (i = 0; i < size; i++)
		in[i] = i * 7 + i / 251;
	mirror_content_zero(m, page, 2);
	KUNIT_EXPECT_EQ(test, mirror_content_copy(m, page, at, in, size, true),
			(int)size);
	KUNIT_EXPECT_EQ(test, mirror_content_copy(m, page, at, out, size, false),
			(int)size);
	KUNIT_EXPECT_EQ(test, memcmp(in, out, size), 0);
	for (i = 0; i < 4 * PAGE_SIZE; i++) {
		u8 want = i - at < size ? in[i - at] : 0;

		if (i % PAGE_SIZE == 0)
			behind = mirror_test_standing(test, m,
						      page + i / PAGE_SIZE);
		if (behind[i % PAGE_SIZE] != want)
			break;
	}
	KUNIT_EXPECT_EQ_MSG(test, i, 4 * PAGE_SIZE, "first wrong byte");
}

#define MEMORY_CASE(name)	KUNIT_CASE_PARAM(name, mirror_test_memory_param)
#define SLOW_MEMORY_CASE(name) \
	KUNIT_CASE_PARAM_ATTR(name, mirror_test_memory_param, slow)

static const struct kunit_attributes slow = { .speed = KUNIT_SPEED_SLOW };

static struct kunit_case kmap_cases[] = {
	MEMORY_CASE(page_with_an_address_keeps_it),
	MEMORY_CASE(high_page_has_none),
	MEMORY_CASE(movable_is_as_high_as_what_it_was_cut_from),
	MEMORY_CASE(movable_without_highmem_has_addresses),
	MEMORY_CASE(window_shows_the_memory),
	MEMORY_CASE(each_page_of_a_block_has_its_window),
	MEMORY_CASE(users_of_a_page_share_its_window),
	MEMORY_CASE(unused_windows_go_together_when_the_turn_is_over),
	MEMORY_CASE(flushes_are_as_rare_as_turns),
	MEMORY_CASE(every_slot_can_be_in_use),
	MEMORY_CASE(full_table_makes_one_wait_for_kunmap),
	MEMORY_CASE(two_that_wait_for_one_page_share_it),
	SLOW_MEMORY_CASE(many_wait_and_all_get_their_turn),
	SLOW_MEMORY_CASE(storm_through_a_small_table),
	MEMORY_CASE(what_is_not_mapped_cannot_be_unmapped),
	MEMORY_CASE(foreign_pages_are_refused),
	MEMORY_CASE(nobodys_page_is_refused),
	MEMORY_CASE(window_outlives_the_holder),
	MEMORY_CASE(broken_mirror_maps_nothing_and_unmaps),
	MEMORY_CASE(sizes_without_sense_are_refused),
	MEMORY_CASE(high_block_is_cleared),
	MEMORY_CASE(high_block_is_read_and_written_across_pages),
	{}
};

static struct kunit_suite kmap_suite = {
	.name = "mirror_kmap",
	.test_cases = kmap_cases,
};

kunit_test_suite(kmap_suite);
