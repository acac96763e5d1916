/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The core's view of its host where the host is a process: twin of
 * src/core/host.h, by whose include guard it takes that header's place. The
 * compiler is told to include it before anything else.
 *
 * What the kernel has and a process has not:
 *   interrupts     never come; a lock with interrupts off is a lock
 *   CPUs           are numbers that threads give themselves, harness_set_cpu();
 *                  two threads that run at a time need different ones
 *   static keys    are variables, or off for good with HARNESS_KEYS_OFF
 *   memory behind  there is none: descriptors only
 *
 * With HARNESS_CHECKED the locks know who holds them, and what the core asserts
 * about locks and sleeping is tested. Without it nothing is in the way of timing.
 */
#ifndef _MIRROR_CORE_HOST_H
#define _MIRROR_CORE_HOST_H

#ifndef pr_fmt
#define pr_fmt(fmt) "mirror_mm: " fmt
#endif

#include "host_base.h"
#include "host_atomic.h"
#include "host_lock.h"
#include "host_memory.h"

#define mirror_host_pcp_enter(flags)	do { (flags) = 0; preempt_disable(); } while (0)
#define mirror_host_pcp_exit(flags)	do { (void)(flags); preempt_enable(); } while (0)
#define __mirror_inline			__always_inline
#define MIRROR_HOST_HUGE_ORDER		9
#define mirror_host_pcp_trylock(lock)	raw_spin_trylock(lock)
#define mirror_host_pcp_unlock(lock)	raw_spin_unlock(lock)
#define mirror_host_zone_lock(lock, flags)	raw_spin_lock_irqsave(lock, flags)
#define mirror_host_zone_unlock(lock, flags)	raw_spin_unlock_irqrestore(lock, flags)
#define mirror_host_hold(nr)		(nr)
#define mirror_host_relax()		harness_relax()
#define mirror_host_let_others()	harness_relax()
/* One task of no particular kind. */
#define mirror_host_task()		0u
#define mirror_host_pause()		sched_yield()
/* For programs of one thread: the others of a process cannot be stopped. */
#define mirror_host_stopped(fn, arg)	((fn)(arg))

void harness_relax(void);

#include "core/host_calls.h"
#include "core/host_task.h"
#include "layers.h"
#include <uapi/linux/mirror_mm.h>

#endif /* _MIRROR_CORE_HOST_H */
