/* SPDX-License-Identifier: GPL-2.0 */
/* Types, the compiler, numbers, text and messages. */
#ifndef _HARNESS_HOST_BASE_H
#define _HARNESS_HOST_BASE_H

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <linux/types.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;
typedef u64 phys_addr_t;
typedef unsigned int gfp_t;

#define U8_MAX		UINT8_MAX
#define U16_MAX		UINT16_MAX
#define U32_MAX		UINT32_MAX
#define U64_MAX		UINT64_MAX
#define S8_MAX		INT8_MAX
#define S32_MAX		INT32_MAX
#define PAGE_SHIFT	12
#define PAGE_SIZE	0x1000ul
#define BITS_PER_LONG	__LONG_WIDTH__
#define HZ		250
#define SZ_1K		0x400
#define SZ_4K		0x1000
#define SZ_64K		0x10000
#define SZ_256K		0x40000
#define SZ_512K		0x80000
#define SZ_1M		0x100000
#define SZ_2M		0x200000
#define SZ_4M		0x400000
#define SZ_32M		0x2000000
#define SZ_1G		0x40000000
#define SMP_CACHE_BYTES	64

/* compiler ----------------------------------------------------------------- */

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#undef __always_inline
#define __always_inline	inline __attribute__((always_inline))
#define noinline	__attribute__((noinline))
#define __cold		__attribute__((cold))
#define __must_check	__attribute__((warn_unused_result))
#define __maybe_unused	__attribute__((unused))
#define __printf(a, b)	__attribute__((format(printf, a, b)))
#define __aligned(n)	__attribute__((aligned(n)))
#define __percpu
#define __init
#define __exit
#define __initdata
#define ____cacheline_aligned_in_smp	__aligned(SMP_CACHE_BYTES)
#define fallthrough	__attribute__((fallthrough))
#define notrace
#define OPTIMIZER_HIDE_VAR(var)	__asm__("" : "+r" (var))
#define barrier()	__asm__ __volatile__("" : : : "memory")
#define prefetch(p)	__builtin_prefetch(p)
#define prefetchw(p)	__builtin_prefetch(p, 1)
#define typecheck(type, x)	((void)sizeof((type *)0 == (typeof(x) *)0))

#define container_of(ptr, type, member) \
	((type *)((char *)(ptr) - offsetof(type, member)))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define BUILD_BUG_ON(cond)	static_assert(!(cond), #cond)

/* numbers ------------------------------------------------------------------ */

/* Each argument is evaluated once; the name is unique for nested uses. */
#define HARNESS_PASTE_(a, b)	a##b
#define HARNESS_PASTE(a, b)	HARNESS_PASTE_(a, b)
#define HARNESS_PICK_(type, a, op, b, x, y) \
	({ type x = (a); type y = (b); x op y ? x : y; })
#define HARNESS_PICK(type, a, op, b)					\
	HARNESS_PICK_(type, a, op, b, HARNESS_PASTE(pick_x, __COUNTER__),	\
		      HARNESS_PASTE(pick_y, __COUNTER__))

#define min(a, b)	HARNESS_PICK(typeof((a) + (b)), a, <, b)
#define max(a, b)	HARNESS_PICK(typeof((a) + (b)), a, >, b)
#define min_t(type, a, b)	HARNESS_PICK(type, a, <, b)
#define max_t(type, a, b)	HARNESS_PICK(type, a, >, b)
#define min3(a, b, c)	min(min(a, b), c)
#define max3(a, b, c)	max(max(a, b), c)
#define clamp(x, lo, hi)	min(max(x, lo), hi)
#define clamp_t(type, x, lo, hi)	min_t(type, max_t(type, x, lo), hi)
#define abs(x)		({ typeof(x) abs_x = (x); abs_x < 0 ? -abs_x : abs_x; })
#define swap(a, b)	do { typeof(a) swap_t = (a); (a) = (b); (b) = swap_t; } while (0)

#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_up(x, to)		((((x) - 1) | ((typeof(x))(to) - 1)) + 1)
#define round_down(x, to)	((x) & ~((typeof(x))(to) - 1))
#define ALIGN(x, to)		round_up(x, to)
#define ALIGN_DOWN(x, to)	round_down(x, to)
#define IS_ALIGNED(x, to)	(!((x) & ((typeof(x))(to) - 1)))

#define BIT(n)			(1ul << (n))
#define BIT_ULL(n)		(1ull << (n))
#define GENMASK(high, low) \
	((~0ul >> (BITS_PER_LONG - 1 - (high))) & (~0ul << (low)))
#define hweight8(x)		((unsigned int)__builtin_popcount((u8)(x)))
#define hweight16(x)		((unsigned int)__builtin_popcount((u16)(x)))
#define hweight32(x)		((unsigned int)__builtin_popcount(x))
#define hweight64(x)		((unsigned int)__builtin_popcountll(x))
#define hweight_long(x)		((unsigned int)__builtin_popcountl(x))
#define __ffs(x)		((unsigned long)__builtin_ctzl(x))
#define __fls(x)		((unsigned long)(BITS_PER_LONG - 1 - __builtin_clzl(x)))
#define fls(x)			harness_fls((u32)(x))
#define fls64(x)		harness_fls(x)
#define fls_long(x)		harness_fls(x)
#define ilog2(x)		(harness_fls(x) - 1)
#define order_base_2(x)		((x) > 1 ? harness_fls((u64)(x) - 1) : 0)
#define is_power_of_2(x)	((x) && !((x) & ((x) - 1)))
#define rounddown_pow_of_two(x)	(1ul << ilog2(x))
#define roundup_pow_of_two(x)	(1ul << order_base_2(x))

static inline int harness_fls(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

#define div_u64(n, d)		((u64)(n) / (u32)(d))
#define div64_u64(n, d)		((u64)(n) / (u64)(d))
#define div64_ul(n, d)		((u64)(n) / (unsigned long)(d))
#define mult_frac(x, n, d) \
	({ typeof(x) mf_q = (x) / (d); mf_q * (n) + ((x) - mf_q * (d)) * (n) / (d); })
unsigned long int_sqrt(unsigned long x);

static inline size_t array_size(size_t n, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes;
}

static inline void *memset32(u32 *p, u32 value, size_t n)
{
	u32 *end = p + n;

	while (p != end)
		*p++ = value;
	return end - n;
}

/* errors in pointers ------------------------------------------------------- */

#define MAX_ERRNO	4095

static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= (unsigned long)-MAX_ERRNO;
}

static inline bool IS_ERR_OR_NULL(const void *p)
{
	return !p || IS_ERR(p);
}

static inline int PTR_ERR_OR_ZERO(const void *p)
{
	return IS_ERR(p) ? (int)PTR_ERR(p) : 0;
}

/* text and messages -------------------------------------------------------- */

/* For %pV, which messages use as their first conversion or not at all. */
struct va_format {
	const char *fmt;
	va_list *va;
};

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
__printf(3, 4) int scnprintf(char *buf, size_t size, const char *fmt, ...);

__printf(1, 2) void harness_print(const char *fmt, ...);
__printf(3, 4) __cold void harness_warn(const char *file, int line,
					const char *fmt, ...);
__printf(1, 2) __cold __attribute__((noreturn)) void harness_die(const char *fmt, ...);
void dump_stack(void);

#define pr_err(fmt, ...)	harness_print(pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...)	harness_print(pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...)	harness_print(pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug(fmt, ...)	((void)(0 && (harness_print(pr_fmt(fmt), ##__VA_ARGS__), 0)))

#define WARN(cond, ...)							\
({									\
	bool warn_on = cond;						\
	if (unlikely(warn_on))						\
		harness_warn(__FILE__, __LINE__, __VA_ARGS__);		\
	unlikely(warn_on);						\
})
#define WARN_ON(cond)		WARN(cond, "%s\n", #cond)
#define WARN_ONCE		WARN
#define WARN_ON_ONCE		WARN_ON

struct ratelimit_state {
	u64 interval_ns;
	int burst;
	u64 begin_ns;
	int printed;
};

#define DEFAULT_RATELIMIT_INTERVAL	(5 * HZ)
#define DEFAULT_RATELIMIT_BURST		10

void ratelimit_state_init(struct ratelimit_state *rs, int interval, int burst);
int __ratelimit(struct ratelimit_state *rs);

/* The running thread, which has a name and nothing else. */
struct task_struct {
	char comm[16];
};

extern __thread struct task_struct harness_task;
#define current		(&harness_task)

#endif /* _HARNESS_HOST_BASE_H */
