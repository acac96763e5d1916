// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping pages. The same tests run on a mirror with a HIGHMEM zone, whose pages
 * have no address, and on one without, where there is nothing to map.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "apitest.h"

static bool highmem;
module_param(highmem, bool, 0444);
MODULE_PARM_DESC(highmem, "the mirror has a HIGHMEM zone");

#define HIGH_GFP	(APITEST_GFP | __MIRROR_GFP_HIGHMEM)

static struct mirror_page *high_page(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = mirror_alloc_pages(m, HIGH_GFP, 0, 0);

	expect(t, page);
	return page;
}

static void address_or_none(struct mirror *m, struct apitest *t)
{
	struct mirror_page *low = mirror_alloc_pages(m, APITEST_GFP, 0, 0);
	struct mirror_page *high = high_page(m, t);

	if (expect(t, low)) {
		expect(t, mirror_page_address(m, low));
		expect(t, mirror_kmap(m, low) == mirror_page_address(m, low));
		expect(t, mirror_kunmap(m, low) == 0);
		expect(t, mirror_free_pages(m, low, 0) == 0);
	}
	if (high) {
		expect(t, !mirror_page_address(m, high) == highmem);
		expect(t, mirror_free_pages(m, high, 0) == 0);
	}
}

/* What is written through one of the three is read through the others. */
static void all_ways_lead_to_the_memory(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = high_page(m, t);
	u8 *alias, *window, *local;

	if (!page)
		return;
	alias = memremap(mirror_page_to_phys(m, page), PAGE_SIZE, MEMREMAP_WB);
	window = mirror_kmap(m, page);
	if (expect(t, alias) && expect(t, window)) {
		/* The host has one mapping of its RAM for everybody. */
		expect(t, alias != window ||
		       page_is_ram(mirror_page_to_pfn(m, page)));
		memset(alias, 0x61, PAGE_SIZE);
		expect(t, !memchr_inv(window, 0x61, PAGE_SIZE));
		local = mirror_kmap_local(m, page);
		memset(local, 0x62, PAGE_SIZE);
		expect(t, !memchr_inv(window, 0x62, PAGE_SIZE));
		expect(t, mirror_kunmap_local(m, local) == 0);
		expect(t, !memchr_inv(alias, 0x62, PAGE_SIZE));
	}
	expect(t, mirror_kmap(m, page) == window);
	expect(t, mirror_kunmap(m, page) == 0);
	expect(t, mirror_kunmap(m, page) == 0);
	if (alias)
		memunmap(alias);
	expect(t, mirror_free_pages(m, page, 0) == 0);
}

static void zeroed_on_request(struct mirror *m, struct apitest *t)
{
	unsigned int order = 3, round, i;

	for (round = 0; round < 20; round++) {
		u32 gfp = round % 2 ? HIGH_GFP | __MIRROR_GFP_ZERO : HIGH_GFP;
		struct mirror_page *page = mirror_alloc_pages(m, gfp, order, 0);

		if (!expect(t, page))
			return;
		for (i = 0; i < 1u << order; i++) {
			u8 *at = mirror_kmap_local(m, mirror_pfn_to_page(m,
						mirror_page_to_pfn(m, page) + i));

			if (round % 2)
				expect(t, !memchr_inv(at, 0, PAGE_SIZE));
			memset(at, 0xee, PAGE_SIZE);
			expect(t, mirror_kunmap_local(m, at) == 0);
		}
		expect(t, mirror_free_pages(m, page, order) == 0);
	}
}

/* Enough for the turn to come round with any table that a guest has. */
#define PASSED	700

/*
 * Maps and unmaps page after page. The window of the page before is still there,
 * except where the turn has just come round; then its address must fault.
 */
static void stale_address_faults(struct mirror *m, struct apitest *t)
{
	unsigned int i, faults = 0, wrong = 0;
	struct mirror_page **pages;
	void *before = NULL, *now;
	u32 word;

	pages = kvcalloc(PASSED, sizeof(*pages), GFP_KERNEL);
	if (!expect(t, pages))
		return;
	expect(t, mirror_alloc_pages_bulk(m, HIGH_GFP, 0, PASSED, pages) ==
	       PASSED);
	for (i = 0; i < PASSED && pages[i]; i++) {
		now = mirror_kmap(m, pages[i]);
		if (!expect(t, now))
			break;
		*(u32 *)now = i;
		if (before && copy_from_kernel_nofault(&word, before, sizeof(word)))
			faults++;
		else if (before && before != now)
			wrong += word != i - 1;
		wrong += mirror_kunmap(m, pages[i]) != 0;
		before = now;
	}
	expect(t, wrong == 0);
	expect(t, !faults == !highmem);
	expect(t, faults < PASSED / 2);
	expect(t, mirror_free_pages_bulk(m, PASSED, pages) == PASSED);
	kvfree(pages);
}

static void local_maps_nest(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page[MIRROR_KMAP_LOCAL_DEPTH];
	u32 *at[MIRROR_KMAP_LOCAL_DEPTH];
	unsigned int i, wrong = 0;
	void *more;

	for (i = 0; i < MIRROR_KMAP_LOCAL_DEPTH; i++) {
		page[i] = i % 3 ? high_page(m, t) :
			  mirror_alloc_pages(m, APITEST_GFP, 0, 0);
		if (!expect(t, page[i]))
			return;
	}
	for (i = 0; i < MIRROR_KMAP_LOCAL_DEPTH; i++) {
		at[i] = mirror_kmap_local(m, page[i]);
		*at[i] = i;
	}
	more = mirror_kmap_local(m, page[0]);
	wrong += mirror_kunmap_local(m, at[0]) != -EINVAL;
	wrong += mirror_kunmap_local(m, &more) != -EINVAL;
	while (i--) {
		wrong += *at[i] != i;
		wrong += mirror_kunmap_local(m, at[i]) != 0;
	}
	wrong += mirror_kunmap_local(m, at[0]) != -EINVAL;
	expect(t, !more);
	expect(t, wrong == 0);
	for (i = 0; i < MIRROR_KMAP_LOCAL_DEPTH; i++)
		expect(t, mirror_free_pages(m, page[i], 0) == 0);
}

static void misuse_is_refused(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = high_page(m, t);

	if (!page)
		return;
	expect(t, !mirror_kmap(m, NULL));
	expect(t, mirror_kunmap(m, NULL) == -ENXIO);
	expect(t, !mirror_kmap_local(m, (void *)page - (1 << 28)));
	if (highmem) {
		expect(t, mirror_kunmap(m, page) == -EINVAL);
		expect(t, mirror_kmap(m, page));
		expect(t, mirror_kunmap(m, page) == 0);
		expect(t, mirror_kunmap(m, page) == -EINVAL);
	}
	expect(t, mirror_free_pages(m, page, 0) == 0);
	expect(t, !mirror_kmap(m, page));
}

#define INTERRUPTS	300

struct ticking {
	struct mirror *m;
	struct mirror_page *page;
	struct hrtimer timer;
	u32 count;
	unsigned int wrong;
	bool done;
};

/* Counts in the page, on top of what it interrupts. */
static enum hrtimer_restart count_in_the_page(struct hrtimer *timer)
{
	struct ticking *tick = container_of(timer, struct ticking, timer);
	u32 *at = mirror_kmap_local(tick->m, tick->page);

	if (at)
		tick->wrong += at[3] != tick->count;
	else
		tick->wrong++;
	if (at)
		at[3] = ++tick->count;
	tick->wrong += mirror_kunmap_local(tick->m, at) != 0;
	if (tick->count < INTERRUPTS && !tick->wrong) {
		hrtimer_forward_now(timer, 50 * NSEC_PER_USEC);
		return HRTIMER_RESTART;
	}
	WRITE_ONCE(tick->done, true);
	return HRTIMER_NORESTART;
}

static void in_an_interrupt(struct mirror *m, struct apitest *t)
{
	struct mirror_page *page = high_page(m, t);
	struct ticking tick = { .m = m, .page = high_page(m, t) };
	unsigned int wrong = 0;
	u32 *at;

	if (!page || !tick.page)
		return;
	at = mirror_kmap(m, tick.page);
	at[3] = 0;
	expect(t, mirror_kunmap(m, tick.page) == 0);
	apitest_timer(&tick.timer, count_in_the_page);
	hrtimer_start(&tick.timer, 50 * NSEC_PER_USEC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	while (!READ_ONCE(tick.done)) {
		at = mirror_kmap_local(m, page);
		memset(at, 0x71, PAGE_SIZE);
		wrong += !!memchr_inv(at, 0x71, PAGE_SIZE);
		wrong += mirror_kunmap_local(m, at) != 0;
		cond_resched();
	}
	hrtimer_cancel(&tick.timer);
	destroy_hrtimer_on_stack(&tick.timer);
	expect(t, wrong == 0);
	expect(t, tick.wrong == 0);
	expect(t, mirror_free_pages(m, page, 0) == 0);
	expect(t, mirror_free_pages(m, tick.page, 0) == 0);
}

#define THREADS		4
#define ROUNDS		400
#define SHARED_PAGES	24

struct sharing {
	struct mirror *m;
	struct mirror_page *page[SHARED_PAGES];
	struct completion done[THREADS];
	unsigned int wrong[THREADS];
	u32 written[THREADS][SHARED_PAGES];
	atomic_t started;
};

/* A word of each page for each thread; two pages at a time. */
static unsigned int share_round(struct sharing *s, unsigned int me,
				unsigned int a, unsigned int b)
{
	u32 *at = mirror_kmap(s->m, s->page[a]);
	u32 *bt = mirror_kmap(s->m, s->page[b]);
	unsigned int wrong = 0;

	if (!at || !bt)
		return 1;
	wrong += at[me] != s->written[me][a];
	at[me] = ++s->written[me][a];
	cond_resched();
	wrong += bt[me] != s->written[me][b];
	bt[me] = ++s->written[me][b];
	wrong += mirror_kunmap(s->m, s->page[a]) != 0;
	wrong += mirror_kunmap(s->m, s->page[b]) != 0;
	return wrong;
}

static int share_main(void *arg)
{
	struct sharing *s = arg;
	unsigned int me = atomic_inc_return(&s->started) - 1, round;

	for (round = 0; round < ROUNDS; round++)
		s->wrong[me] += share_round(s, me,
					    (round * 7 + me * 5) % SHARED_PAGES,
					    (round * 11 + me * 3 + 1) % SHARED_PAGES);
	kthread_complete_and_exit(&s->done[me], 0);
}

static void several_threads_share(struct mirror *m, struct apitest *t)
{
	struct sharing *s = kzalloc(sizeof(*s), GFP_KERNEL);
	unsigned int i;

	if (!expect(t, s))
		return;
	s->m = m;
	for (i = 0; i < SHARED_PAGES; i++) {
		s->page[i] = mirror_alloc_pages(m, HIGH_GFP | __MIRROR_GFP_ZERO,
						0, 0);
		if (!expect(t, s->page[i]))
			return;
	}
	for (i = 0; i < THREADS; i++)
		init_completion(&s->done[i]);
	for (i = 0; i < THREADS; i++)
		expect(t, !IS_ERR(kthread_run(share_main, s, "apitest/%u", i)));
	for (i = 0; i < THREADS; i++) {
		wait_for_completion(&s->done[i]);
		expect(t, s->wrong[i] == 0);
	}
	for (i = 0; i < SHARED_PAGES; i++)
		expect(t, mirror_free_pages(m, s->page[i], 0) == 0);
	kfree(s);
}

struct apitest apitest_kmap[] = {
	{ "a page of HIGHMEM has no address", address_or_none },
	{ "all ways lead to the memory", all_ways_lead_to_the_memory },
	{ "pages of HIGHMEM are zeroed on request", zeroed_on_request },
	{ "a stale address faults", stale_address_faults },
	{ "local mappings nest", local_maps_nest },
	{ "misuse of a mapping is refused", misuse_is_refused },
	{ "local mappings in an interrupt", in_an_interrupt },
	{ "several threads share windows", several_threads_share },
	{}
};
