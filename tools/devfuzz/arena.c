// SPDX-License-Identifier: GPL-2.0
/*
 * Memory to pass to calls, some of it bad, and accesses that may end with a signal.
 *
 *   | ordinary, 2 pages | read-only | nothing |
 *
 * The page that can be read only is written to where it is mapped a second time.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#include "devfuzz.h"

#define GOOD	(2 * PAGE)

static char *arena;
static char *behind_arena;
static __thread sigjmp_buf back;
static __thread bool trying;

/* The access that may fault stays between the two. */
static inline void barrier(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void set_trying(bool on)
{
	barrier();
	__atomic_store_n(&trying, on, __ATOMIC_RELAXED);
	barrier();
}

static void on_signal(int sig)
{
	static const char text[] = "a signal outside of an access that may have one";

	if (__atomic_load_n(&trying, __ATOMIC_RELAXED))
		siglongjmp(back, sig);
	mailbox_found(text);
	__builtin_trap();
}

void arena_init(void)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };
	int fd = memfd_create("arena", MFD_CLOEXEC);

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	arena = mmap(NULL, GOOD + 2 * PAGE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || ftruncate(fd, PAGE) || arena == MAP_FAILED ||
	    munmap(arena + GOOD + PAGE, PAGE))
		give_up("memory for arguments");
	behind_arena = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (behind_arena == MAP_FAILED ||
	    mmap(arena + GOOD, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED)
		give_up("memory for arguments");
	close(fd);
}

/**
 * arena_place - choose where an argument lies
 * @how: the choice; the upper half is ordinary memory
 * @from: the argument
 * @size: its size
 * @good: set to whether the whole argument can be read and written
 *
 * Return: the address that the call is to be given.
 */
void *arena_place(uint8_t how, const void *from, size_t size, bool *good)
{
	char *at = arena + GOOD - size;
	uint64_t word;

	*good = how >= 0x60;
	switch (how < 0x60 ? how % 12 : 12) {
	case 0:
		return NULL;
	case 1:
		memcpy(behind_arena, from, size);
		return arena + GOOD;
	case 2:
		return arena + GOOD + PAGE;
	case 3:
		return (void *)0xffff888000000000ul;
	case 4:
		return (void *)(~0ul - size + 1);
	case 5:
		return (void *)(1ul << 47);
	case 6:
		return (void *)((1ul << 47) - PAGE - size / 2);
	case 7:
		/* The end of it cannot be written. */
		at += 8;
		memcpy(at, from, size - 8);
		return at;
	case 8:
		/* The last word cannot be written, the others can. */
		at += size > 16 ? size / 2 & ~7ul : 8;
		memcpy(at, from, arena + GOOD - at);
		return at;
	case 9:
		/* In a mapping of the device itself, where there is one. */
		at = window_device();
		*good = !try_copy(at, from, size) && !try_read(at, &word);
		return at;
	case 10:
		return (void *)0x8000000000000000ul;
	case 11:
		/* At an odd address, which is as good as any. */
		*good = true;
		at -= 3;
		memcpy(at, from, size);
		return at;
	}
	memcpy(at, from, size);
	return at;
}

/**
 * try_read - read a word
 * @addr: where
 * @value: filled in
 *
 * Return: 0 or the signal it ended with.
 */
int try_read(const void *addr, uint64_t *value)
{
	int sig = sigsetjmp(back, 0);

	if (!sig) {
		set_trying(true);
		*value = __atomic_load_n((const uint64_t *)addr, __ATOMIC_RELAXED);
	}
	set_trying(false);
	return sig;
}

/**
 * try_write - write a word
 * @addr: where
 * @value: the word
 *
 * Return: 0 or the signal it ended with.
 */
int try_write(void *addr, uint64_t value)
{
	int sig = sigsetjmp(back, 0);

	if (!sig) {
		set_trying(true);
		__atomic_store_n((uint64_t *)addr, value, __ATOMIC_RELAXED);
	}
	set_trying(false);
	return sig;
}

/**
 * try_copy - copy memory, from its beginning on
 * @to: where to
 * @from: where from
 * @size: how much
 *
 * Return: 0 or the signal it ended with.
 */
int try_copy(void *to, const void *from, size_t size)
{
	int sig = sigsetjmp(back, 0);

	if (!sig) {
		set_trying(true);
		memcpy(to, from, size);
		barrier();
	}
	set_trying(false);
	return sig;
}
