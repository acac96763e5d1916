/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The device, and the three groups of rows.
 */
#ifndef BENCH_DEVICE_H
#define BENCH_DEVICE_H

#include <linux/mirror_mm.h>
#include <stddef.h>

#define PAGE	4096ul

/* 0 or minus an errno. */
int dev_alloc(int fd, unsigned int order, unsigned int flags,
	      struct mirror_mm_alloc *block);
int dev_free(int fd, unsigned long long id);

/* One write to each page; the first of all makes the page appear. */
void touch(void *addr, size_t size);
/* Anonymous memory in small pages; NULL with errno. */
void *anonymous(size_t size, int flags);

/* calls.c: @pair is what alloc and free of one page cost inside the kernel */
void bench_calls(int fd, double pair);
/* faults.c */
void bench_faults(int fd);
/* large.c */
void bench_large(int fd);

#endif /* BENCH_DEVICE_H */
