// SPDX-License-Identifier: GPL-2.0
/*
 * Where the interface is called from: with interrupts off, in an interrupt, on
 * several CPUs at once; and what a driver does with the memory: DMA.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "apitest.h"

#define ROUNDS	3000
#define THREADS	4

/* What may be done where nothing may wait; the number of failures. */
static unsigned int without_waiting(struct mirror *m)
{
	struct mirror_page *page, *bulk[16] = {};
	unsigned int order, nr, failed = 0;

	for (order = 0; order <= 6; order++) {
		page = mirror_alloc_pages(m, MIRROR_GFP_ATOMIC |
					  __MIRROR_GFP_ZERO, order, 0);
		if (!page) {
			failed++;
			continue;
		}
		failed += mirror_get_page(m, page) != 0;
		failed += mirror_put_page(m, page) != 0;
		failed += mirror_free_pages(m, page, order) != 0;
	}
	nr = mirror_alloc_pages_bulk(m, MIRROR_GFP_NOWAIT, 0, ARRAY_SIZE(bulk),
				     bulk);
	failed += !nr;
	failed += mirror_free_pages_bulk(m, nr, bulk) != nr;
	return failed;
}

static void under_a_spinlock(struct mirror *m, struct apitest *t)
{
	static DEFINE_SPINLOCK(lock);
	unsigned int failed;

	spin_lock_irq(&lock);
	failed = without_waiting(m);
	spin_unlock_irq(&lock);
	expect(t, failed == 0);
}

#define INTERRUPTS	500

/* A timer that does the same in its interrupt, whatever it interrupts. */
struct ticking {
	struct mirror *m;
	struct hrtimer timer;
	atomic_t fired;
	unsigned int failed;
};

static enum hrtimer_restart in_the_interrupt(struct hrtimer *timer)
{
	struct ticking *tick = container_of(timer, struct ticking, timer);

	tick->failed += !in_hardirq();
	tick->failed += without_waiting(tick->m);
	if (atomic_inc_return(&tick->fired) == INTERRUPTS)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, 50 * NSEC_PER_USEC);
	return HRTIMER_RESTART;
}

/* Interrupts that come while this CPU is in the middle of a call, too. */
static void in_an_interrupt(struct mirror *m, struct apitest *t)
{
	struct ticking tick = { .m = m };
	unsigned int failed = 0;

	apitest_timer(&tick.timer, in_the_interrupt);
	hrtimer_start(&tick.timer, 50 * NSEC_PER_USEC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	while (atomic_read(&tick.fired) < INTERRUPTS) {
		failed += without_waiting(m);
		cond_resched();
	}
	hrtimer_cancel(&tick.timer);
	destroy_hrtimer_on_stack(&tick.timer);
	expect(t, failed == 0);
	expect(t, tick.failed == 0);
}

struct thread {
	struct mirror *m;
	struct completion done;
	unsigned int number;
	unsigned int failed;
};

/* Writes its number all over its pages, and finds it there again. */
static void one_round(struct thread *th, unsigned int round)
{
	unsigned int order = (round + th->number) % 6;
	u32 gfp = round % 2 ? APITEST_GFP : APITEST_GFP | __MIRROR_GFP_MOVABLE;
	struct mirror_page *page;
	u8 tag = th->number + 1;
	void *address;

	page = mirror_alloc_pages(th->m, gfp, order, 0);
	if (!page) {
		th->failed++;
		return;
	}
	address = mirror_page_address(th->m, page);
	memset(address, tag, PAGE_SIZE << order);
	th->failed += mirror_get_page(th->m, page) != 0;
	cond_resched();
	th->failed += !!memchr_inv(address, tag, PAGE_SIZE << order);
	th->failed += mirror_put_page(th->m, page) != 0;
	th->failed += mirror_free_pages(th->m, page, order) != 0;
}

static int thread_main(void *arg)
{
	struct thread *th = arg;
	unsigned int round;

	for (round = 0; round < ROUNDS; round++)
		one_round(th, round);
	/* Not simply complete(): the module may be gone right after it. */
	kthread_complete_and_exit(&th->done, 0);
}

static void several_threads(struct mirror *m, struct apitest *t)
{
	struct thread *th = kcalloc(THREADS, sizeof(*th), GFP_KERNEL);
	struct task_struct *task;
	unsigned int i;

	if (!expect(t, th))
		return;
	for (i = 0; i < THREADS; i++) {
		th[i].m = m;
		th[i].number = i;
		init_completion(&th[i].done);
		task = kthread_run(thread_main, &th[i], "apitest/%u", i);
		if (!expect(t, !IS_ERR(task)))
			complete(&th[i].done);
	}
	for (i = 0; i < THREADS; i++) {
		wait_for_completion(&th[i].done);
		expect(t, th[i].failed == 0);
	}
	kfree(th);
}

/* Two that free the same block at the same time, again and again. */
struct duel {
	struct mirror *m;
	struct mirror_page *page;
	unsigned int order;
	atomic_t round;
	atomic_t ready;
	atomic_t freed;
	struct completion done;
};

/* Meets the other one at the start of each round. */
static void duel_meet(struct duel *d, int round)
{
	if (atomic_inc_return(&d->ready) == 2) {
		atomic_set(&d->ready, 0);
		atomic_set(&d->round, round);
	}
	while (atomic_read(&d->round) != round)
		cond_resched();
}

static void duel_free(struct duel *d)
{
	if (d->page && !mirror_free_pages(d->m, d->page, d->order))
		atomic_inc(&d->freed);
}

static int duel_thread(void *arg)
{
	struct duel *d = arg;
	int i;

	for (i = 1; i <= 2 * ROUNDS; i += 2) {
		duel_meet(d, i);
		duel_free(d);
		duel_meet(d, i + 1);
	}
	kthread_complete_and_exit(&d->done, 0);
}

static void two_free_one_block(struct mirror *m, struct apitest *t)
{
	struct duel *d = kzalloc(sizeof(*d), GFP_KERNEL);
	struct task_struct *task;
	unsigned int wrong = 0;
	int i;

	if (!expect(t, d))
		return;
	d->m = m;
	init_completion(&d->done);
	task = kthread_run(duel_thread, d, "apitest/duel");
	if (!expect(t, !IS_ERR(task))) {
		kfree(d);
		return;
	}
	for (i = 1; i <= 2 * ROUNDS; i += 2) {
		d->order = i / 2 % 6;
		d->page = mirror_alloc_pages(m, APITEST_GFP, d->order, 0);
		atomic_set(&d->freed, 0);
		duel_meet(d, i);
		duel_free(d);
		duel_meet(d, i + 1);
		wrong += atomic_read(&d->freed) != 1;
	}
	wait_for_completion(&d->done);
	expect(t, wrong == 0);
	kfree(d);
}

/* As include/linux/mirror_mm.h says it is done without a struct page. */
static void map_for(struct device *dev, struct mirror *m, struct apitest *t)
{
	unsigned int order = 4;
	struct mirror_page *page = mirror_alloc_pages(m, APITEST_GFP, order, 0);
	phys_addr_t phys;
	dma_addr_t dma;

	if (!expect(t, page))
		return;
	phys = mirror_page_to_phys(m, page);
	dma = dma_map_resource(dev, phys, PAGE_SIZE << order, DMA_BIDIRECTIONAL,
			       0);
	if (expect(t, !dma_mapping_error(dev, dma))) {
		/* Without an IOMMU the device sees what the CPU sees. */
		expect(t, device_iommu_mapped(dev) || dma == phys);
		dma_unmap_resource(dev, dma, PAGE_SIZE << order,
				   DMA_BIDIRECTIONAL, 0);
	}
	expect(t, mirror_free_pages(m, page, order) == 0);
}

static void mapped_for_dma(struct mirror *m, struct apitest *t)
{
	struct platform_device *pdev;

	pdev = platform_device_register_simple("mirror_mm_apitest",
					       PLATFORM_DEVID_NONE, NULL, 0);
	if (!expect(t, !IS_ERR(pdev)))
		return;
	if (expect(t, !dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(64))))
		map_for(&pdev->dev, m, t);
	platform_device_unregister(pdev);
}

struct apitest apitest_context[] = {
	{ "under a spinlock with interrupts off", under_a_spinlock },
	{ "in an interrupt", in_an_interrupt },
	{ "from several threads", several_threads },
	{ "of two that free one block, one does", two_free_one_block },
	{ "mapped for DMA", mapped_for_dma },
	{}
};
