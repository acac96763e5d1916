/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Locks. With HARNESS_CHECKED pthread's, and each knows its holder; otherwise a
 * spinlock is one byte's worth of atomic exchange, as short as the kernel's.
 */
#ifndef _HARNESS_HOST_LOCK_H
#define _HARNESS_HOST_LOCK_H

#include <pthread.h>
#include <sched.h>
#include "host_atomic.h"

#if defined(__x86_64__) || defined(__i386__)
#define cpu_relax()		__builtin_ia32_pause()
#else
#define cpu_relax()		barrier()
#endif
#define local_irq_save(flags)	do { (flags) = 0; preempt_disable(); } while (0)
#define local_irq_restore(flags)	do { (void)(flags); preempt_enable(); } while (0)
#define local_irq_disable()	barrier()
#define local_irq_enable()	barrier()
#define cond_resched()		might_sleep()
#define might_sleep_if(cond)	do { if (cond) might_sleep(); } while (0)

/* Zeroed memory is no lock: only mutex_init() and spin_lock_init() make one. */
struct mutex {
	pthread_mutex_t raw;
	bool made;
	const void *holder;
};

void mutex_init(struct mutex *lock);
void mutex_destroy(struct mutex *lock);
void mutex_lock(struct mutex *lock);
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(struct mutex *lock);

#ifdef HARNESS_CHECKED

typedef struct spinlock {
	pthread_spinlock_t raw;
	bool made;
	const void *holder;
} spinlock_t;

#define lockdep_assert_held(lock) \
	harness_assert_held((lock)->holder, __FILE__, __LINE__)
#define might_sleep()	harness_might_sleep(__FILE__, __LINE__)
/* Preemption and interrupts come to the same: a thread may not sleep meanwhile. */
#define preempt_disable()	harness_preempt_disable()
#define preempt_enable()	harness_preempt_enable(__FILE__, __LINE__)

void harness_preempt_disable(void);
void harness_preempt_enable(const char *file, int line);
void harness_assert_held(const void *holder, const char *file, int line);
void harness_might_sleep(const char *file, int line);
void spin_lock_init(spinlock_t *lock);
void spin_lock(spinlock_t *lock);
bool spin_trylock(spinlock_t *lock);
void spin_unlock(spinlock_t *lock);
bool spin_is_locked(spinlock_t *lock);

#else /* !HARNESS_CHECKED */

typedef struct spinlock {
	int taken;
} spinlock_t;

#define lockdep_assert_held(lock)	((void)(lock))
#define might_sleep()			((void)0)
#define preempt_disable()		barrier()
#define preempt_enable()		barrier()

/* The holder may have been preempted: there are more threads than CPUs. */
void harness_spin(int *taken);

static inline void spin_lock_init(spinlock_t *lock)
{
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELAXED);
}

static inline bool spin_is_locked(spinlock_t *lock)
{
	return __atomic_load_n(&lock->taken, __ATOMIC_RELAXED);
}

static inline bool spin_trylock(spinlock_t *lock)
{
	return !spin_is_locked(lock) &&
	       !__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE);
}

static inline void spin_lock(spinlock_t *lock)
{
	if (unlikely(__atomic_exchange_n(&lock->taken, 1, __ATOMIC_ACQUIRE)))
		harness_spin(&lock->taken);
}

static inline void spin_unlock(spinlock_t *lock)
{
	__atomic_store_n(&lock->taken, 0, __ATOMIC_RELEASE);
}

#endif /* HARNESS_CHECKED */

#define spin_lock_irqsave(lock, flags)	do { (flags) = 0; spin_lock(lock); } while (0)
#define spin_trylock_irqsave(lock, flags)	((flags) = 0, spin_trylock(lock))
#define spin_unlock_irqrestore(lock, flags) \
	do { (void)(flags); spin_unlock(lock); } while (0)
#define spin_lock_irq(lock)		spin_lock(lock)
#define spin_unlock_irq(lock)		spin_unlock(lock)

/* What sleeps on PREEMPT_RT and what does not is all the same here. */
typedef spinlock_t raw_spinlock_t;
#define raw_spin_lock_init(lock)	spin_lock_init(lock)
#define raw_spin_lock(lock)		spin_lock(lock)
#define raw_spin_trylock(lock)		spin_trylock(lock)
#define raw_spin_unlock(lock)		spin_unlock(lock)
#define raw_spin_lock_irqsave(lock, flags)	spin_lock_irqsave(lock, flags)
#define raw_spin_unlock_irqrestore(lock, flags)	spin_unlock_irqrestore(lock, flags)
#define raw_spin_lock_irq(lock)		spin_lock_irq(lock)
#define raw_spin_unlock_irq(lock)	spin_unlock_irq(lock)

#endif /* _HARNESS_HOST_LOCK_H */
