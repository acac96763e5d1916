// SPDX-License-Identifier: GPL-2.0
/*
 * The locks' longer half: mutexes, waiting for a spinlock, and with
 * HARNESS_CHECKED who holds what.
 */
#include "harness.h"
#include "host_lock.h"

/* The address of this variable is the thread's name. */
static __thread unsigned int spinlocks_held;
static __thread unsigned int preempt_count;

static const void *me(void)
{
	return &spinlocks_held;
}

static const void *holder_of(const void *const *holder)
{
	return __atomic_load_n(holder, __ATOMIC_RELAXED);
}

static void set_holder(const void **holder, const void *thread)
{
	__atomic_store_n(holder, thread, __ATOMIC_RELAXED);
}

void mutex_init(struct mutex *lock)
{
	pthread_mutex_init(&lock->raw, NULL);
	lock->made = true;
	lock->holder = NULL;
}

void mutex_destroy(struct mutex *lock)
{
	if (mutex_is_locked(lock))
		harness_die("a mutex is destroyed that somebody holds\n");
	pthread_mutex_destroy(&lock->raw);
}

void mutex_lock(struct mutex *lock)
{
	might_sleep();
	if (!lock->made)
		harness_die("a mutex is used that was never made\n");
	if (holder_of(&lock->holder) == me())
		harness_die("a thread waits for the mutex that it holds\n");
	pthread_mutex_lock(&lock->raw);
	set_holder(&lock->holder, me());
}

void mutex_unlock(struct mutex *lock)
{
	if (holder_of(&lock->holder) != me())
		harness_die("a mutex is unlocked by who does not hold it\n");
	set_holder(&lock->holder, NULL);
	pthread_mutex_unlock(&lock->raw);
}

bool mutex_is_locked(struct mutex *lock)
{
	return holder_of(&lock->holder);
}

/**
 * harness_held - what this thread has to let go of before it may sleep
 *
 * Return: spinlocks held, and preemption that is off; 0 where nobody counts.
 */
unsigned int harness_held(void)
{
	return spinlocks_held + preempt_count;
}

#ifdef HARNESS_CHECKED

void harness_assert_held(const void *holder, const char *file, int line)
{
	if (holder != me())
		harness_die("%s:%d: called without the lock\n", file, line);
}

void harness_might_sleep(const char *file, int line)
{
	if (spinlocks_held)
		harness_die("%s:%d: may sleep with %u spinlocks held\n", file, line,
			    spinlocks_held);
	if (preempt_count)
		harness_die("%s:%d: may sleep with preemption off\n", file, line);
}

void harness_preempt_disable(void)
{
	preempt_count++;
	barrier();
}

void harness_preempt_enable(const char *file, int line)
{
	barrier();
	if (!preempt_count--)
		harness_die("%s:%d: preemption is on already\n", file, line);
}

void spin_lock_init(spinlock_t *lock)
{
	pthread_spin_init(&lock->raw, PTHREAD_PROCESS_PRIVATE);
	lock->made = true;
	lock->holder = NULL;
}

static void got(spinlock_t *lock)
{
	set_holder(&lock->holder, me());
	spinlocks_held++;
}

void spin_lock(spinlock_t *lock)
{
	if (!lock->made)
		harness_die("a spinlock is used that was never made\n");
	if (holder_of(&lock->holder) == me())
		harness_die("a thread waits for the spinlock that it holds\n");
	while (pthread_spin_trylock(&lock->raw))
		sched_yield();
	got(lock);
}

bool spin_trylock(spinlock_t *lock)
{
	if (!lock->made)
		harness_die("a spinlock is used that was never made\n");
	if (pthread_spin_trylock(&lock->raw))
		return false;
	got(lock);
	return true;
}

void spin_unlock(spinlock_t *lock)
{
	if (holder_of(&lock->holder) != me())
		harness_die("a spinlock is unlocked by who does not hold it\n");
	set_holder(&lock->holder, NULL);
	spinlocks_held--;
	pthread_spin_unlock(&lock->raw);
}

bool spin_is_locked(spinlock_t *lock)
{
	return holder_of(&lock->holder);
}

#else

#define SPINS_BEFORE_YIELD	1000

void harness_spin(int *taken)
{
	unsigned int spins = 0;

	do {
		while (__atomic_load_n(taken, __ATOMIC_RELAXED)) {
			cpu_relax();
			if (++spins % SPINS_BEFORE_YIELD == 0)
				sched_yield();
		}
	} while (__atomic_exchange_n(taken, 1, __ATOMIC_ACQUIRE));
}

#endif /* HARNESS_CHECKED */
