/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A content for each block that no other block has: written and compared.
 */
#ifndef MIRRORCTL_PATTERN_H
#define MIRRORCTL_PATTERN_H

#include <stddef.h>

#include <linux/types.h>

/**
 * struct pattern_job - one pass over one block's memory
 * @mem: the mapping
 * @size: bytes, a multiple of 8
 * @seed: names the content
 * @fd: of /proc/self/mem, for pattern_check_kernel()
 * @bad: after a mismatch, the offset of the first byte that differs
 *
 * The functions below take one as their only argument, to be called through
 * fault_guard(). They return 0, -EILSEQ where a byte is not as it should be,
 * or -errno.
 */
struct pattern_job {
	unsigned char *mem;
	size_t size;
	__u64 seed;
	int fd;
	size_t bad;
};

/* Writes the content over the whole block. */
int pattern_write(void *job);

/* Reads the block by its mapping and compares every byte. */
int pattern_check(void *job);

/* Reads the block by the kernel's hand and compares every byte. */
int pattern_check_kernel(void *job);

/* Checks that every byte is zero. */
int pattern_check_zero(void *job);

#endif
