// SPDX-License-Identifier: GPL-2.0
/*
 * Which code of the module a program reached, told by KCOV.
 *
 * KCOV leaves the addresses that this thread came by in a buffer. Each pair of
 * addresses that follow each other is an edge, and each edge a counter of libFuzzer's,
 * which clears them before a run. An edge counts as reached or not: how often would
 * favour programs that repeat themselves.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "devfuzz.h"

#define KCOV_INIT_TRACE	_IOR('c', 1, unsigned long)
#define KCOV_ENABLE	_IO('c', 100)
#define KCOV_DISABLE	_IO('c', 101)
#define KCOV_TRACE_PC	0

/* Addresses between two times that they are taken over; what comes after is lost. */
#define BUFFER_WORDS	(32ul << 10)
#define NR_COUNTERS	0x10000u

__attribute__((section("__libfuzzer_extra_counters"), used))
static uint8_t counters[NR_COUNTERS];
static uint8_t seen[NR_COUNTERS];
static unsigned int nr_seen;
static unsigned long *buffer;
static int kcov = -1;

/**
 * coverage_init - open KCOV for this thread
 *
 * Without it programs are still run, which DEVFUZZ_BLIND=1 says is wanted.
 */
void coverage_init(void)
{
	kcov = open("/sys/kernel/debug/kcov", O_RDWR | O_CLOEXEC);
	if (kcov < 0 && getenv("DEVFUZZ_BLIND"))
		return;
	if (kcov < 0 || ioctl(kcov, KCOV_INIT_TRACE, BUFFER_WORDS))
		give_up("the kernel has no KCOV: %s", strerror(errno));
	buffer = mmap(NULL, BUFFER_WORDS * sizeof(*buffer), PROT_READ | PROT_WRITE, MAP_SHARED,
		      kcov, 0);
	if (buffer == MAP_FAILED)
		give_up("KCOV's buffer: %s", strerror(errno));
	/* A child's memory is its own, and so is what it reaches. */
	madvise(buffer, BUFFER_WORDS * sizeof(*buffer), MADV_DONTFORK);
}

/**
 * coverage_begin - count from now on
 */
void coverage_begin(void)
{
	if (kcov < 0)
		return;
	if (ioctl(kcov, KCOV_ENABLE, KCOV_TRACE_PC))
		give_up("KCOV_ENABLE: %s", strerror(errno));
	__atomic_store_n(buffer, 0, __ATOMIC_RELAXED);
}

/**
 * coverage_take - add what was reached to libFuzzer's counters
 */
void coverage_take(void)
{
	unsigned long nr, i, last = 0;

	/* One that each program reaches, as libFuzzer wants to see any. */
	counters[0] = 1;
	if (kcov < 0)
		return;
	nr = __atomic_load_n(buffer, __ATOMIC_RELAXED);
	for (i = 1; i <= nr && i < BUFFER_WORDS; i++) {
		uint32_t at = (uint32_t)((buffer[i] ^ last >> 3) * 0x9e3779b97f4a7c15ull >> 48);

		last = buffer[i] * 31;
		if (counters[at])
			continue;
		counters[at] = 1;
		nr_seen += !seen[at];
		seen[at] = 1;
	}
	__atomic_store_n(buffer, 0, __ATOMIC_RELAXED);
}

/**
 * coverage_note - count something that KCOV does not see as an edge
 * @note: which, a small number
 */
void coverage_note(unsigned int note)
{
	/* Next to the one that each program reaches. */
	counters[1 + note] = 1;
	nr_seen += !seen[1 + note];
	seen[1 + note] = 1;
}

/**
 * coverage_stop - count no longer
 */
void coverage_stop(void)
{
	if (kcov >= 0)
		ioctl(kcov, KCOV_DISABLE, 0);
}

/**
 * coverage_edges - how many edges there were so far
 *
 * Return: the number.
 */
unsigned int coverage_edges(void)
{
	return nr_seen;
}
