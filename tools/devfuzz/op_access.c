// SPDX-License-Identifier: GPL-2.0
/*
 * Accesses to both windows: by the program, by the kernel for it, by a debugger.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "windows.h"

#define MOST	((WINDOW_PAGES + 1) * PAGE)
#define NTH	(NR_ARGS - 3)

static char buf[NR_WINDOWS][MOST];
static int memory = -1;
static int scratch = -1;

void access_init(void)
{
	memory = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	scratch = memfd_create("scratch", MFD_CLOEXEC);
	if (memory < 0 || scratch < 0 || ftruncate(scratch, MOST))
		give_up("/proc/self/mem: %s", strerror(errno));
}

/* A place in the windows, near an edge of a page more often than not. */
static size_t place(const struct record *r)
{
	static const uint16_t bytes[] = { 0, 0, 8, 16, 2048, 4080, 4088, 4091, 4092, 4095, 1, 3 };

	return r->arg[0] % WINDOW_PAGES * PAGE + bytes[r->arg[1] % ARRAY_SIZE(bytes)];
}

static size_t length(const struct record *r, size_t at)
{
	static const uint32_t lengths[] = {
		8, 1, 4, 16, 17, 64, 4088, 4095, 4096, 4097, 8192, 8193, 12288, 20480, 32768,
		65536, 90000,
	};
	size_t len = lengths[r->arg[2] % ARRAY_SIZE(lengths)];

	return len > MOST - at ? MOST - at : len;
}

void op_touch(const struct record *r)
{
	uint64_t value[NR_WINDOWS] = {};
	size_t at = place(r);
	bool write = r->arg[2] & 1;
	int sig[NR_WINDOWS], i;

	for (i = 0; i < NR_WINDOWS; i++)
		sig[i] = write ? try_write(window[i] + at, r->arg[3] * 0x0101010101010101ull) :
				 try_read(window[i] + at, &value[i]);
	say("%s %#zx: signal %d and %d, %#llx and %#llx", write ? "WRITE" : "READ", at,
	    sig[DEVICE], sig[MODEL], (unsigned long long)value[DEVICE],
	    (unsigned long long)value[MODEL]);
	if (world.poisoned)
		return;
	if (sig[DEVICE] != sig[MODEL])
		found("an access gives signal %d, and %d for a memfd", sig[DEVICE], sig[MODEL]);
	if (value[DEVICE] != value[MODEL])
		found("a word is %#llx, and %#llx in a memfd", (unsigned long long)value[DEVICE],
		      (unsigned long long)value[MODEL]);
}

void op_access(const struct record *r)
{
	size_t at = place(r), len = length(r, at);
	bool injected = false, write = r->arg[3] & 1 && !(r->ctl & CTL_INJECT);
	ssize_t done[NR_WINDOWS];
	int i;

	for (i = 0; i < NR_WINDOWS; i++) {
		memset(buf[i], r->arg[4], len);
		if (i == DEVICE)
			inject_begin(r, NTH);
		done[i] = write ? pwrite(memory, buf[i], len, (uintptr_t)window[i] + at) :
				  pread(memory, buf[i], len, (uintptr_t)window[i] + at);
		if (done[i] < 0)
			done[i] = -errno;
		if (i == DEVICE)
			injected = inject_end();
	}
	say("a debugger %s %zu bytes at %#zx: %zd and %zd", write ? "writes" : "reads", len, at,
	    done[DEVICE], done[MODEL]);
	if (world.poisoned || injected)
		return;
	if (done[DEVICE] != done[MODEL])
		found("a debugger %s %zu bytes and gets %zd, and %zd for a memfd",
		      write ? "writes" : "reads", len, done[DEVICE], done[MODEL]);
	if (!write && memcmp(buf[DEVICE], buf[MODEL], len))
		found("a debugger reads something else than from a memfd");
}

/* The kernel copies from and to the mapping, as for any file. */
void op_copy(const struct record *r)
{
	size_t at = place(r), len = length(r, at);
	bool to = r->arg[3] & 1;
	ssize_t done[NR_WINDOWS];
	int i;

	for (i = 0; i < NR_WINDOWS; i++) {
		memset(buf[i], r->arg[4], len);
		if (to && pwrite(scratch, buf[i], len, 0) != (ssize_t)len)
			give_up("a memfd cannot be written: %s", strerror(errno));
		done[i] = to ? pread(scratch, window[i] + at, len, 0) :
			       pwrite(scratch, window[i] + at, len, 0);
		if (done[i] < 0)
			done[i] = -errno;
		if (!to && done[i] > 0 && pread(scratch, buf[i], done[i], 0) != done[i])
			give_up("a memfd cannot be read: %s", strerror(errno));
	}
	say("copying %zu bytes %s %#zx: %zd and %zd", len, to ? "to" : "from", at, done[DEVICE],
	    done[MODEL]);
	if (world.poisoned)
		return;
	if (done[DEVICE] != done[MODEL])
		found("copying %zu bytes %s a mapping gives %zd, and %zd for a memfd", len,
		      to ? "to" : "from", done[DEVICE], done[MODEL]);
	if (!to && memcmp(buf[DEVICE], buf[MODEL], len))
		found("what was copied from a mapping differs from a memfd");
}

/**
 * windows_compare - both show the same, page by page
 */
void windows_compare(void)
{
	uint64_t word[NR_WINDOWS];
	size_t at;
	int sig;

	if (!windows_used() || world.poisoned)
		return;
	for (at = 0; at < WINDOW_PAGES * PAGE; at += PAGE) {
		sig = try_read(window[DEVICE] + at, &word[DEVICE]);
		if (sig != try_read(window[MODEL] + at, &word[MODEL]))
			found("page %zu gives signal %d, and none or another in a memfd", at / PAGE,
			      sig);
		if (!sig && memcmp(window[DEVICE] + at, window[MODEL] + at, PAGE))
			found("page %zu holds something else than that of a memfd", at / PAGE);
	}
}

/**
 * windows_child - what a child sees of its parent's mappings
 * @r: record
 *
 * Return: 0, or what is wrong as an exit code.
 */
int windows_child(const struct record *r)
{
	uint64_t word[NR_WINDOWS];
	size_t at;

	if (world.poisoned)
		return 0;
	for (at = 0; at < WINDOW_PAGES * PAGE; at += PAGE) {
		char *p = window[DEVICE] + at, *q = window[MODEL] + at;

		if (r->arg[0] & 1 && !try_write(p + 8, r->arg[1]) != !try_write(q + 8, r->arg[1]))
			return 2;
		if (!try_read(p, &word[DEVICE]) != !try_read(q, &word[MODEL]))
			return 3;
		if (!try_read(p, &word[DEVICE]) && memcmp(p, q, PAGE))
			return 4;
	}
	return 0;
}
