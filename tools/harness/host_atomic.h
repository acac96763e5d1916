/* SPDX-License-Identifier: GPL-2.0 */
/* Memory accesses that other threads see, atomic counters and bits. */
#ifndef _HARNESS_HOST_ATOMIC_H
#define _HARNESS_HOST_ATOMIC_H

#include "host_base.h"

#ifdef __SANITIZE_THREAD__
/* The sanitizer takes volatile for a data race. */
#define READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define WRITE_ONCE(x, value)	__atomic_store_n(&(x), value, __ATOMIC_RELAXED)
#define data_race(expr)							\
({									\
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);			\
	typeof(expr) racy_value = (expr);				\
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);			\
	racy_value;							\
})

void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#else
#define data_race(expr)		(expr)
#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile typeof(x) *)&(x) = (value))
#endif

#define smp_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, value)	__atomic_store_n(p, value, __ATOMIC_RELEASE)
#define smp_mb()		__atomic_thread_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()		__atomic_thread_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()		__atomic_thread_fence(__ATOMIC_RELEASE)
#define xchg(p, value)		__atomic_exchange_n(p, value, __ATOMIC_SEQ_CST)
#define cmpxchg(p, old, new)						\
({									\
	typeof(*(p)) cx_old = (old);					\
	__atomic_compare_exchange_n(p, &cx_old, new, false,		\
				    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);\
	cx_old;								\
})

typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;

#define ATOMIC_INIT(i)		{ (i) }
#define ATOMIC_LONG_INIT(i)	{ (i) }

/* The same operations for both widths. */
#define HARNESS_ATOMIC(name, type, atomic)				\
static inline type name##_read(const atomic *v)				\
{									\
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);		\
}									\
static inline type name##_read_acquire(const atomic *v)			\
{									\
	return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);		\
}									\
static inline void name##_set(atomic *v, type i)			\
{									\
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void name##_set_release(atomic *v, type i)		\
{									\
	__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);		\
}									\
static inline type name##_add_return(type i, atomic *v)			\
{									\
	return __atomic_add_fetch(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline type name##_sub_return(type i, atomic *v)			\
{									\
	return __atomic_sub_fetch(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline type name##_inc_return(atomic *v)				\
{									\
	return name##_add_return(1, v);					\
}									\
static inline type name##_dec_return(atomic *v)				\
{									\
	return name##_sub_return(1, v);					\
}									\
static inline void name##_add(type i, atomic *v)			\
{									\
	__atomic_add_fetch(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void name##_sub(type i, atomic *v)			\
{									\
	__atomic_sub_fetch(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void name##_inc(atomic *v)				\
{									\
	name##_add(1, v);						\
}									\
static inline void name##_dec(atomic *v)				\
{									\
	name##_sub(1, v);						\
}									\
static inline bool name##_dec_and_test(atomic *v)			\
{									\
	return !name##_sub_return(1, v);				\
}									\
static inline void name##_or(type i, atomic *v)				\
{									\
	__atomic_or_fetch(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static inline void name##_andnot(type i, atomic *v)			\
{									\
	__atomic_and_fetch(&v->counter, ~i, __ATOMIC_RELAXED);		\
}									\
static inline type name##_xchg(atomic *v, type i)			\
{									\
	return __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);	\
}									\
static inline bool name##_try_cmpxchg(atomic *v, type *old, type i)	\
{									\
	return __atomic_compare_exchange_n(&v->counter, old, i, false,	\
					   __ATOMIC_SEQ_CST,		\
					   __ATOMIC_RELAXED);		\
}									\
static inline type name##_cmpxchg(atomic *v, type old, type i)		\
{									\
	name##_try_cmpxchg(v, &old, i);					\
	return old;							\
}									\
static inline bool name##_inc_not_zero(atomic *v)			\
{									\
	type old = name##_read(v);					\
									\
	while (old)							\
		if (name##_try_cmpxchg(v, &old, old + 1))		\
			return true;					\
	return false;							\
}									\
static inline type name##_dec_if_positive(atomic *v)			\
{									\
	type old = name##_read(v);					\
									\
	while (old > 0)							\
		if (name##_try_cmpxchg(v, &old, old - 1))		\
			break;						\
	return old - 1;							\
}

HARNESS_ATOMIC(atomic, int, atomic_t)
HARNESS_ATOMIC(atomic_long, long, atomic_long_t)

#define BIT_WORD_OF(nr, addr)	(&(addr)[(nr) / BITS_PER_LONG])
#define BIT_MASK_OF(nr)		(1ul << ((nr) % BITS_PER_LONG))

static inline bool test_bit(unsigned int nr, const unsigned long *addr)
{
	return READ_ONCE(*BIT_WORD_OF(nr, addr)) & BIT_MASK_OF(nr);
}

static inline void set_bit(unsigned int nr, unsigned long *addr)
{
	__atomic_or_fetch(BIT_WORD_OF(nr, addr), BIT_MASK_OF(nr), __ATOMIC_RELAXED);
}

static inline void clear_bit(unsigned int nr, unsigned long *addr)
{
	__atomic_and_fetch(BIT_WORD_OF(nr, addr), ~BIT_MASK_OF(nr), __ATOMIC_RELAXED);
}

static inline bool test_and_set_bit(unsigned int nr, unsigned long *addr)
{
	return __atomic_fetch_or(BIT_WORD_OF(nr, addr), BIT_MASK_OF(nr),
				 __ATOMIC_SEQ_CST) & BIT_MASK_OF(nr);
}

static inline bool test_and_clear_bit(unsigned int nr, unsigned long *addr)
{
	return __atomic_fetch_and(BIT_WORD_OF(nr, addr), ~BIT_MASK_OF(nr),
				  __ATOMIC_SEQ_CST) & BIT_MASK_OF(nr);
}

static inline void __set_bit(unsigned int nr, unsigned long *addr)
{
	*BIT_WORD_OF(nr, addr) |= BIT_MASK_OF(nr);
}

static inline void __clear_bit(unsigned int nr, unsigned long *addr)
{
	*BIT_WORD_OF(nr, addr) &= ~BIT_MASK_OF(nr);
}

/*
 * Static keys: in the kernel an instruction that is patched while nobody has a
 * policy of his own, here a variable; HARNESS_KEYS_OFF is the unpatched state.
 */
struct static_key_false {
	int users;
};

#define DEFINE_STATIC_KEY_FALSE(name)	struct static_key_false name
#define DECLARE_STATIC_KEY_FALSE(name)	extern struct static_key_false name
#ifdef HARNESS_KEYS_OFF
#define static_branch_unlikely(key)	((void)(key), false)
#define static_branch_inc(key) \
	harness_die("this program was built without other policies\n")
#else
#define static_branch_unlikely(key)	unlikely(READ_ONCE((key)->users))
#define static_branch_inc(key) \
	((void)__atomic_add_fetch(&(key)->users, 1, __ATOMIC_SEQ_CST))
#endif
#define static_branch_dec(key) \
	((void)__atomic_sub_fetch(&(key)->users, 1, __ATOMIC_SEQ_CST))

#endif /* _HARNESS_HOST_ATOMIC_H */
