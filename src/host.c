// SPDX-License-Identifier: GPL-2.0
/*
 * What the core needs of the kernel in larger portions: work shared out among
 * CPUs, a machine that stands still, and memory by the gigabyte. Declared in
 * core/host.h.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include "compat.h"
#include "core/host.h"

/**
 * mirror_host_task - what of the task that asks matters to its request
 *
 * The flags of the task count in softirqs as well, as in the reference; in hard interrupts
 * it is there by chance.
 *
 * Context: Any.
 * Return: MIRROR_TASK_*.
 */
unsigned int mirror_host_task(void)
{
	unsigned int task = 0;

	if (current->flags & PF_MEMALLOC && (in_serving_softirq() || !in_interrupt()))
		task |= MIRROR_TASK_MEMALLOC;
	if (current->flags & PF_MEMALLOC_NOIO)
		task |= MIRROR_TASK_NOIO;
	if (current->flags & PF_MEMALLOC_NOFS)
		task |= MIRROR_TASK_NOFS;
	if (current->flags & PF_DUMPCORE)
		task |= MIRROR_TASK_DUMPCORE;
	if (in_task() && current->prio < MAX_RT_PRIO)
		task |= MIRROR_TASK_REALTIME;
	if (!in_interrupt() && tsk_is_oom_victim(current))
		task |= MIRROR_TASK_VICTIM;
	return task;
}

/**
 * struct crew - one piece of work and who is at it
 * @nr: pieces
 * @fn: does one
 * @arg: for @fn
 * @next: first piece that nobody has taken
 * @stop: take no more
 */
struct crew {
	unsigned int nr;
	void (*fn)(void *arg, unsigned int i);
	void *arg;
	atomic_t next;
	bool stop;
};

struct member {
	struct work_struct work;
	struct crew *crew;
};

/* Takes one piece; there may be none left. */
static bool do_piece(struct crew *crew)
{
	unsigned int i;

	if (READ_ONCE(crew->stop))
		return false;
	i = (unsigned int)atomic_inc_return(&crew->next) - 1;
	if (i >= crew->nr)
		return false;
	crew->fn(crew->arg, i);
	cond_resched();
	return true;
}

static void help(struct work_struct *work)
{
	struct crew *crew = container_of(work, struct member, work)->crew;

	while (do_piece(crew))
		;
}

/* The others; NULL where nobody else is needed, or to be had. */
static struct member *start_helpers(struct crew *crew, unsigned int nr)
{
	struct member *members;
	unsigned int i;

	members = nr ? kcalloc(nr, sizeof(*members), GFP_KERNEL | __GFP_NOWARN) :
		       NULL;
	for (i = 0; members && i < nr; i++) {
		members[i].crew = crew;
		INIT_WORK(&members[i].work, help);
		queue_work(mirror_any_cpu_wq, &members[i].work);
	}
	return members;
}

/* The caller's own part, with a line of log for each second it takes. */
static void lead(struct crew *crew, const char *what)
{
	unsigned long due = jiffies + HZ;

	while (do_piece(crew)) {
		if (fatal_signal_pending(current))
			WRITE_ONCE(crew->stop, true);
		if (time_before(jiffies, due))
			continue;
		due = jiffies + HZ;
		pr_info("%s: %u %% done\n", what,
			(unsigned int)div_u64(100ull *
					      min_t(u32, crew->nr,
						    atomic_read(&crew->next)),
					      crew->nr));
	}
}

/**
 * mirror_host_for_each - do many independent pieces of work, on all CPUs
 * @nr: pieces, less than 2^31
 * @fn: called once with each number below @nr, in no order, from several tasks
 * @arg: for @fn
 * @what: for the log, which tells every second how far it has got
 *
 * Whoever has no helpers does everything alone.
 *
 * Context: Process context; may sleep, and so may @fn.
 * Return: 0, with all done; -EINTR where a fatal signal came before the end.
 */
int mirror_host_for_each(unsigned int nr, void (*fn)(void *arg, unsigned int i),
			 void *arg, const char *what)
{
	struct crew crew = { .nr = nr, .fn = fn, .arg = arg };
	unsigned int i, others = min(nr, num_online_cpus());
	struct member *members;

	others -= !!others;
	members = start_helpers(&crew, others);
	lead(&crew, what);
	for (i = 0; members && i < others; i++)
		flush_work(&members[i].work);
	kfree(members);
	return crew.stop ? -EINTR : 0;
}

/**
 * mirror_host_stopped - call a function while everything else stands still
 * @fn: called with interrupts off; no task is between preempt_disable() and
 *      preempt_enable() meanwhile
 * @arg: for @fn
 *
 * Context: Process context; may sleep. Not inside of CPU hotplug's lock.
 * Return: what @fn returned.
 */
int mirror_host_stopped(int (*fn)(void *arg), void *arg)
{
	return stop_machine(fn, arg, NULL);
}

#ifdef CONFIG_MIRROR_MM_KUNIT_TEST
unsigned int mirror_host_refuse_nth;

/**
 * mirror_host_refuses - is this the allocation that a test wants to fail?
 *
 * Context: Any; one test at a time.
 * Return: true for the one that mirror_host_refuse_nth had come down to.
 */
bool mirror_host_refuses(void)
{
	return mirror_host_refuse_nth && !--mirror_host_refuse_nth;
}
#endif

/**
 * mirror_host_available - memory that can be taken without driving others out
 *
 * Context: Any.
 * Return: bytes: what the kernel calls available, less a sixteenth of the whole.
 */
u64 mirror_host_available(void)
{
	long pages = si_mem_available() - (long)(totalram_pages() / 16);

	return (u64)max(pages, 0l) << PAGE_SHIFT;
}

/**
 * mirror_host_alloc_large - memory by the gigabyte
 * @size: bytes
 *
 * In huge pages where that wastes nothing. The content is whatever was there.
 * The host's OOM killer is kept out.
 *
 * Context: Process context; may sleep.
 * Return: the memory or NULL.
 */
void *mirror_host_alloc_large(size_t size)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN;

	if (mirror_host_refuses())
		return NULL;
	return IS_ALIGNED(size, PMD_SIZE) ? vmalloc_huge(size, gfp) :
					    __vmalloc(size, gfp);
}

/**
 * mirror_host_free_large - give it back
 * @p: from mirror_host_alloc_large(), or NULL
 *
 * Context: Process context; may sleep.
 */
void mirror_host_free_large(void *p)
{
	vfree(p);
}
