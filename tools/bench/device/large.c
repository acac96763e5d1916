// SPDX-License-Identifier: GPL-2.0
/*
 * 2 MiB in one piece: got, mapped, touched page by page, given back. Against all
 * that a program could use instead on this machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-heap.h>
#include <linux/udmabuf.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "count.h"
#include "device.h"

#define ORDER	9
#define SIZE	(PAGE << ORDER)
#define POOL	"/proc/sys/vm/nr_hugepages"

static int show(int fd, unsigned long long offset)
{
	void *addr = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			  offset);

	if (addr == MAP_FAILED)
		return -errno;
	touch(addr, SIZE);
	return munmap(addr, SIZE) ? -errno : 0;
}

static int use_mirror(void *arg)
{
	struct mirror_mm_alloc block;

	return dev_alloc(*(int *)arg, ORDER, 0, &block) ?:
	       show(*(int *)arg, block.offset) ?:
	       dev_free(*(int *)arg, block.id);
}

static int use_hugetlb(void *arg)
{
	void *addr = anonymous(SIZE, MAP_HUGETLB);

	if (!addr)
		return -errno;
	touch(addr, SIZE);
	return munmap(addr, SIZE) ? -errno : 0;
}

/* Twice the size holds an aligned piece, which is all that is touched. */
static int use_thp(void *arg)
{
	char *addr = anonymous(2 * SIZE, 0), *piece;

	if (!addr)
		return -errno;
	piece = (char *)(((uintptr_t)addr + SIZE - 1) & ~(SIZE - 1));
	if (madvise(piece, SIZE, MADV_HUGEPAGE))
		return -errno;
	touch(piece, SIZE);
	return munmap(addr, 2 * SIZE) ? -errno : 0;
}

static int use_heap(void *arg)
{
	struct dma_heap_allocation_data data = {
		.len = SIZE, .fd_flags = O_RDWR | O_CLOEXEC,
	};
	int ret;

	if (ioctl(*(int *)arg, DMA_HEAP_IOCTL_ALLOC, &data))
		return -errno;
	ret = show(data.fd, 0);
	close(data.fd);
	return ret;
}

static int use_udmabuf(void *arg)
{
	struct udmabuf_create create = { .size = SIZE };
	int ret, buf;

	create.memfd = memfd_create("bench", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	if ((int)create.memfd < 0)
		return -errno;
	if (ftruncate(create.memfd, SIZE) ||
	    fcntl(create.memfd, F_ADD_SEALS, F_SEAL_SHRINK))
		return -errno;
	buf = ioctl(*(int *)arg, UDMABUF_CREATE, &create);
	if (buf < 0)
		return -errno;
	ret = show(buf, 0);
	close(buf);
	close(create.memfd);
	return ret;
}

/* Pages of a pool that an administrator would have set aside at boot. */
static bool set_pool(const char *pages)
{
	int fd = open(POOL, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, pages, 1) == 1;

	if (fd >= 0)
		close(fd);
	return ok;
}

static double through_device(const char *path, int (*work)(void *arg))
{
	struct job job = { .work = work, .units = 1 };
	int fd = open(path, O_RDWR | O_CLOEXEC);
	double value;

	/* Not every kernel is built with it. */
	if (fd < 0)
		return NO_VALUE;
	job.arg = &fd;
	value = least(path, &job);
	close(fd);
	return value;
}

static double through_hugetlb(void)
{
	struct job job = { .work = use_hugetlb, .units = 1 };
	double value;

	if (!set_pool("2"))
		return NO_VALUE;
	value = least("MAP_HUGETLB", &job);
	set_pool("0");
	return value;
}

void bench_large(int fd)
{
	struct job ours = { .work = use_mirror, .arg = &fd, .units = 1 };
	struct job thp = { .work = use_thp, .units = 1 };
	double mirror = least("a block of 2 MiB", &ours);

	mirror_and_kernel("map-2m", mirror, through_hugetlb());
	mirror_and_kernel("map-2m-thp", mirror, least("huge page", &thp));
	mirror_and_kernel("map-2m-heap", mirror,
			  through_device("/dev/dma_heap/system", use_heap));
	mirror_and_kernel("map-2m-udmabuf", mirror,
			  through_device("/dev/udmabuf", use_udmabuf));
}
