// SPDX-License-Identifier: GPL-2.0
/*
 * mirror-bench-device PAIR: what the device itself costs, beside what a program
 * would use instead.
 *
 * PAIR is what an order-0 allocation and its free cost inside the kernel, counted
 * in the same guest; the rows of SUBMIT are told without it. Rows of all figures:
 *
 *	bench WHAT TARGET VALUE
 *
 * TARGET is "mirror" or "kernel"; VALUE "-" where the kernel has no such thing.
 *
 *   WHAT              one unit is      mirror                kernel
 *   ioctl-pair        a pair           ALLOC and FREE        mmap, touch, munmap
 *   submit-N          an operation     SUBMIT above PAIR/2   -
 *   submit-N-gross    an operation     SUBMIT, all of it     half a page of a
 *                                                            populated mapping
 *                                                            and its munmap
 *   fault-zeroed-O    a page           first touch           first touch of
 *   fault-asis-O      a page           the same, NOZERO      anonymous memory
 *   fault-again-O     a page           touch in a mapping    the same
 *                                      of a block seen before
 *   map-O             a page           ALLOC, mmap, touch,   mmap, touch, munmap
 *                                      munmap, FREE          of anonymous memory
 *   map-2m            a block          the same, order 9     MAP_HUGETLB
 *   map-2m-thp        a block          the same              a transparent huge page
 *   map-2m-heap       a block          the same              system dma-buf heap
 *   map-2m-udmabuf    a block          the same              udmabuf of a memfd
 *
 * N is 1, 16, 256, 4096 operations a call, half of them ALLOC and half FREE of
 * order 0; O is 0, 3, 9. "Touch" writes a word to each page. The cost of the
 * same loop without the thing in question is taken off.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include "count.h"
#include "device.h"

#define DEVICE	"/dev/mirror_mm"

int dev_alloc(int fd, unsigned int order, unsigned int flags,
	      struct mirror_mm_alloc *block)
{
	*block = (struct mirror_mm_alloc){
		.order = order,
		.gfp = MIRROR_GFP_KERNEL,
		.node = MIRROR_MM_NODE_ANY,
		.flags = flags,
	};
	return ioctl(fd, MIRROR_MM_ALLOC, block) ? -errno : 0;
}

int dev_free(int fd, unsigned long long id)
{
	struct mirror_mm_free arg = { .id = id };

	return ioctl(fd, MIRROR_MM_FREE, &arg) ? -errno : 0;
}

void touch(void *addr, size_t size)
{
	char *at = addr, *end = at + size;

	for (; at < end; at += PAGE)
		asm volatile("movb $1, %0" : "=m"(*at));
}

void *anonymous(size_t size, int flags)
{
	void *addr = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	return addr == MAP_FAILED ? NULL : addr;
}

static double parse_pair(const char *text)
{
	char *end;
	double pair;

	errno = 0;
	pair = strtod(text, &end);
	if (end == text || *end || errno || !(pair > 0 && pair < 1e9))
		fail(0, "PAIR is a number of instructions, not '%s'", text);
	return pair;
}

int main(int argc, char **argv)
{
	double pair;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: mirror-bench-device PAIR\n"
			"PAIR: what an order-0 pair costs inside the kernel\n");
		return 2;
	}
	pair = parse_pair(argv[1]);
	fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fail(errno, "%s cannot be opened; is the module loaded?", DEVICE);
	/* A pipe or a serial line must see nothing before the end. */
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	bench_calls(fd, pair);
	bench_faults(fd);
	bench_large(fd);
	return fflush(stdout) ? 1 : 0;
}
