// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of the kernel that look at mappings of the device in other ways than the program
 * itself does. What they answer is the kernel's own business: such a mapping has no struct
 * pages. That nothing but the windows' own content comes back is looked at elsewhere.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include "windows.h"

/* As of <numaif.h>, which is of a library's. */
#define POLICY_BIND		2
#define POLICY_INTERLEAVE	3
#define POLICY_MOVE		2

static char buf[4 * PAGE];

static void read_proc(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && read(fd, buf, sizeof(buf)) > 0)
		;
	if (fd >= 0)
		close(fd);
}

static void copy_by_process(const struct record *r, char *at, size_t len)
{
	struct iovec here = { buf, len < sizeof(buf) ? len : sizeof(buf) }, there = { at, len };
	ssize_t ret = r->arg[3] & 1 ? process_vm_writev(getpid(), &here, 1, &there, 1, 0) :
				      process_vm_readv(getpid(), &here, 1, &there, 1, 0);

	if (ret > 0 && r->arg[3] & 1)
		windows_adopt(at, ret);
}

static void splice_it(char *at, size_t len)
{
	struct iovec iov = { at, len };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return;
	vmsplice(ends[1], &iov, 1, SPLICE_F_NONBLOCK);
	close(ends[0]);
	close(ends[1]);
}

static void set_policies(const struct record *r, char *at, size_t len)
{
	unsigned long mask = r->arg[4] % 4;
	int mode = r->arg[3] & 1 ? POLICY_BIND : POLICY_INTERLEAVE;

	syscall(SYS_mbind, at, len, mode, &mask, 8 * sizeof(mask), POLICY_MOVE);
	syscall(SYS_get_mempolicy, &mode, &mask, 8 * sizeof(mask), at, 3);
}

static void read_pagemap(const char *at, size_t nr)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);

	pread(fd, buf, 8 * nr, (uintptr_t)at / PAGE * 8);
	close(fd);
}

void op_syscall(const struct record *r)
{
	unsigned char resident[WINDOW_PAGES];
	size_t at, nr, len;
	char *addr;

	window_range(r, 0, &at, &nr);
	addr = window_device() + at * PAGE;
	len = nr * PAGE;
	say("SYSCALL %u for %zu pages at %zu", r->arg[2] % 8, nr, at);
	inject_begin(r, NR_ARGS - 3);
	switch (r->arg[2] % 8) {
	case 0:
		copy_by_process(r, addr, len);
		break;
	case 1:
		splice_it(addr, len);
		break;
	case 2:
		set_policies(r, addr, len);
		break;
	case 3:
		mincore(addr, len, resident);
		break;
	case 4:
		read_proc("/proc/self/smaps");
		break;
	case 5:
		read_proc("/proc/self/numa_maps");
		break;
	case 6:
		read_pagemap(addr, nr);
		break;
	default:
		mlock2(addr, len, r->arg[3] & 1);
		munlock(addr, len);
	}
	inject_end();
}
