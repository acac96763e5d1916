// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that may fault, patterns, children and random numbers.
 *
 * A faulting access jumps out of the signal handler. The jump buffer is the
 * thread's own, so threads may fault at the same time.
 */
#include <setjmp.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include "selftest.h"

static __thread sigjmp_buf jump;
static __thread int armed;

static void on_fault(int sig)
{
	if (__atomic_exchange_n(&armed, 0, __ATOMIC_SEQ_CST))
		siglongjmp(jump, sig);
	signal(sig, SIG_DFL);
	raise(sig);
}

/* SA_NODEFER: the handler is left by a jump that does not restore the mask. */
__attribute__((constructor)) static void catch_faults(void)
{
	struct sigaction action = {
		.sa_handler = on_fault,
		.sa_flags = SA_NODEFER,
	};

	sigaction(SIGBUS, &action, NULL);
	sigaction(SIGSEGV, &action, NULL);
}

int st_peek(const void *addr, uint64_t *value)
{
	const uint64_t *word = addr;
	int sig = sigsetjmp(jump, 0);

	if (sig)
		return sig;
	__atomic_store_n(&armed, 1, __ATOMIC_SEQ_CST);
	*value = __atomic_load_n(word, __ATOMIC_SEQ_CST);
	__atomic_store_n(&armed, 0, __ATOMIC_SEQ_CST);
	return 0;
}

int st_poke(void *addr, uint64_t value)
{
	uint64_t *word = addr;
	int sig = sigsetjmp(jump, 0);

	if (sig)
		return sig;
	__atomic_store_n(&armed, 1, __ATOMIC_SEQ_CST);
	__atomic_store_n(word, value, __ATOMIC_SEQ_CST);
	__atomic_store_n(&armed, 0, __ATOMIC_SEQ_CST);
	return 0;
}

int st_peek_pages(const void *addr, size_t length)
{
	uint64_t value;
	size_t at;
	int sig;

	for (at = 0; at < length; at += ST_PAGE) {
		sig = st_peek((const char *)addr + at, &value);
		if (sig)
			return sig;
	}
	return 0;
}

size_t st_count_signal(const void *addr, size_t length, int sig)
{
	size_t at, nr = 0;
	uint64_t value;

	for (at = 0; at < length; at += ST_PAGE)
		nr += st_peek((const char *)addr + at, &value) == sig;
	return nr;
}

static uint64_t pattern(uint64_t tag, size_t word)
{
	return (tag + 1) * 0x9e3779b97f4a7c15ull ^ word * 0xc2b2ae3d27d4eb4full;
}

void st_fill(void *addr, size_t length, uint64_t tag)
{
	uint64_t *words = addr;
	size_t i;

	for (i = 0; i < length / sizeof(*words); i++)
		words[i] = pattern(tag, i);
}

size_t st_differs(const void *addr, size_t length, uint64_t tag)
{
	const uint64_t *words = addr;
	size_t i, nr = 0;

	for (i = 0; i < length / sizeof(*words); i++)
		nr += words[i] != pattern(tag, i);
	return nr;
}

size_t st_not_zero(const void *addr, size_t length)
{
	const uint64_t *words = addr;
	size_t i, nr = 0;

	for (i = 0; i < length / sizeof(*words); i++)
		nr += words[i] != 0;
	return nr;
}

#define LAST_WORD	(ST_PAGE / sizeof(uint64_t) - 1)

void st_mark(void *addr, size_t length, uint64_t tag)
{
	size_t at;

	for (at = 0; at < length; at += ST_PAGE) {
		uint64_t *page = (uint64_t *)((char *)addr + at);

		page[0] = pattern(tag, at);
		page[LAST_WORD] = pattern(tag, at + 1);
	}
}

size_t st_unmarked(const void *addr, size_t length, uint64_t tag)
{
	size_t at, nr = 0;

	for (at = 0; at < length; at += ST_PAGE) {
		const uint64_t *page =
			(const uint64_t *)((const char *)addr + at);

		nr += page[0] != pattern(tag, at) ||
		      page[LAST_WORD] != pattern(tag, at + 1);
	}
	return nr;
}

ssize_t st_proc_mem(pid_t pid, void *addr, void *buf, size_t length, bool write)
{
	char path[32];
	ssize_t done;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	done = write ? pwrite(fd, buf, length, (uintptr_t)addr) :
		       pread(fd, buf, length, (uintptr_t)addr);
	if (done < 0)
		done = -errno;
	close(fd);
	return done;
}

pid_t st_fork(void)
{
	pid_t parent = getpid(), pid;

	fflush(stdout);
	fflush(stderr);
	pid = fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	return 0;
}

int st_become_nobody(void)
{
	if (setgroups(0, NULL) || setgid(65534) || setuid(65534))
		return -errno;
	/* A change of user takes the parent's death signal away. */
	return prctl(PR_SET_PDEATHSIG, SIGKILL) ? -errno : 0;
}

int st_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

uint64_t st_seed(void)
{
	const char *given = getenv("MIRROR_MM_SEED");
	uint64_t seed = 1;

	if (given && *given)
		seed = strtoull(given, NULL, 0);
	else if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		seed = getpid();
	printf("# MIRROR_MM_SEED=%llu\n", (unsigned long long)seed);
	return seed;
}

uint64_t st_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}
