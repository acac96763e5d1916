/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzzer tells the module that uses the mirror from inside of the kernel.
 */
#ifndef _DEVFUZZ_USER_H
#define _DEVFUZZ_USER_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define USER_SLOTS	8

enum user_what {
	USER_ALLOC,
	USER_FREE,
	USER_GET,
	USER_PUT,
	USER_COUNT,
	USER_SPLIT,
	USER_ADDRESS,
	USER_BULK,
	USER_PFN,
	USER_STRAY,
	USER_MACHINE_CHECK,
	USER_RELEASE,
	NR_USER_WHAT,
};

/**
 * struct user_call - one call
 * @what: enum user_what
 * @slot: which of the module's blocks, below USER_SLOTS
 * @order: of the request
 * @gfp: likewise
 * @node: likewise
 * @nr: pages of a bulk request; for a stray pointer, which function gets it
 * @mask: nodes
 * @value: a page frame, a pointer, or the address of a machine check
 * @status: of a machine check
 * @pfn: out: of the slot's first page
 */
struct user_call {
	__u32 what;
	__u32 slot;
	__u32 order;
	__u32 gfp;
	__s32 node;
	__u32 nr;
	__u64 mask;
	__u64 value;
	__u64 status;
	__u64 pfn;
};

#define USER_CALL	_IOWR(0xB7, 0, struct user_call)

#endif /* _DEVFUZZ_USER_H */
