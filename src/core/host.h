/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core's only view of the kernel.
 *
 * Every file of src/core includes this header and no other <linux/> one. What
 * is not named here the core does not use; a userspace build of the core puts
 * another file of the same name before this one in its include path.
 */
#ifndef _MIRROR_CORE_HOST_H
#define _MIRROR_CORE_HOST_H

#undef pr_fmt
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/topology.h>
#include <linux/types.h>
#include <linux/vmalloc.h>
#include <uapi/linux/mirror_mm.h>
#include "host_task.h"

/*
 * Interrupts nest inside a per-CPU list's lock only by way of trylock, which
 * tells them apart where spinlocks are real. On a uniprocessor a trylock always
 * wins, so interrupts have to stay out instead.
 */
#ifdef CONFIG_SMP
#define mirror_host_pcp_enter(flags)	do { (flags) = 0; preempt_disable(); } while (0)
#define mirror_host_pcp_exit(flags)	do { (void)(flags); preempt_enable(); } while (0)
#else
#define mirror_host_pcp_enter(flags)	local_irq_save(flags)
#define mirror_host_pcp_exit(flags)	local_irq_restore(flags)
#endif

/*
 * The lock of a per-CPU list, tried with preemption off already. Where nobody
 * watches spinlocks this is done in line, without counting preemption once more.
 *
 * It and the zone's lock are raw: on PREEMPT_RT other spinlocks sleep, while these are
 * taken with preemption off and in hard interrupts, and a validation that stops the
 * machine relies on nobody being in the middle of them.
 */
#if defined(CONFIG_SMP) && !defined(CONFIG_DEBUG_SPINLOCK) && \
	!defined(CONFIG_DEBUG_LOCK_ALLOC)
static inline bool mirror_host_pcp_trylock(raw_spinlock_t *lock)
{
	return arch_spin_trylock(&lock->raw_lock);
}

static inline void mirror_host_pcp_unlock(raw_spinlock_t *lock)
{
	arch_spin_unlock(&lock->raw_lock);
}

/* A zone's lock on the short ways, likewise: with interrupts off nobody is preempted. */
#define mirror_host_zone_lock(lock, flags)				\
	do {								\
		local_irq_save(flags);					\
		arch_spin_lock(&(lock)->raw_lock);			\
	} while (0)
#define mirror_host_zone_unlock(lock, flags)				\
	do {								\
		arch_spin_unlock(&(lock)->raw_lock);			\
		local_irq_restore(flags);				\
	} while (0)
#else
#define mirror_host_pcp_trylock(lock)	raw_spin_trylock(lock)
#define mirror_host_pcp_unlock(lock)	raw_spin_unlock(lock)
#define mirror_host_zone_lock(lock, flags)	raw_spin_lock_irqsave(lock, flags)
#define mirror_host_zone_unlock(lock, flags)	raw_spin_unlock_irqrestore(lock, flags)
#endif

/*
 * How many pages to move under one hold of the zone's lock. Preemption and interrupts
 * are off meanwhile: a batch of thousands would break the latency that PREEMPT_RT is for.
 */
#define mirror_host_hold(nr) \
	(IS_ENABLED(CONFIG_PREEMPT_RT) ? min_t(int, nr, 64) : (nr))

/*
 * For what the short ways are made of. Where lines are counted, each is to stand
 * there once.
 */
#ifdef CONFIG_MIRROR_MM_GCOV
#define __mirror_inline	__attribute__((__noinline__, __unused__))
#else
#define __mirror_inline	__always_inline
#endif

/* Order of a huge page, of which more are asked for than of its neighbours. */
#define MIRROR_HOST_HUGE_ORDER	(PMD_SHIFT - PAGE_SHIFT)

/* Between two steps of something long, where sleeping is allowed. */
#define mirror_host_relax()	cond_resched()

/* Gives a task that is in the midst of something time to get on; sleeps. */
#define mirror_host_pause()	schedule_timeout_uninterruptible(1)

/*
 * The same in a loop that may go round for long. Work queues take a worker that never
 * sleeps for one that gets on, and start no other in its place.
 */
static inline void mirror_host_let_others(void)
{
	if (current->flags & PF_WQ_WORKER)
		mirror_host_pause();
	else
		mirror_host_relax();
}

/* host.c */
unsigned int mirror_host_task(void);
int mirror_host_stopped(int (*fn)(void *arg), void *arg);
#include "host_calls.h"

#ifdef CONFIG_MIRROR_MM_KUNIT_TEST
#include "host_refuse.h"
#else
static inline bool mirror_host_refuses(void)
{
	return false;
}
#endif

#endif /* _MIRROR_CORE_HOST_H */
