/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that the host sees as well, and reads when the guest is gone. It is read by
 * scripts/devfuzz.py, which knows this layout.
 */
#ifndef _DEVFUZZ_MAILBOX_H
#define _DEVFUZZ_MAILBOX_H

#include <stdint.h>

#define MAILBOX_MAGIC	0x78626c6961766564ull
#define MAILBOX_RING	256
#define MAILBOX_KINDS	48
#define MAILBOX_INPUT	2032

/**
 * struct mailbox_input - an input that was run
 * @number: of the run, from 1
 * @size: bytes
 * @data: the bytes
 */
struct mailbox_input {
	uint64_t number;
	uint64_t size;
	uint8_t data[MAILBOX_INPUT];
};

/**
 * struct mailbox - what the host reads
 * @magic: MAILBOX_MAGIC
 * @runs: programs begun; the last one is the input number @runs of the ring
 * @edges: reached so far
 * @seconds: since the beginning
 * @operations: by kind; entries of SUBMIT are the last kind
 * @end: bytes of @units in use
 * @found: what was found, or nothing
 * @ring: the last inputs
 * @units: inputs that reached something new: a size of 4 bytes, then the input
 */
struct mailbox {
	uint64_t magic;
	uint64_t runs;
	uint64_t edges;
	uint64_t seconds;
	uint64_t operations[MAILBOX_KINDS];
	uint64_t end;
	char found[1024];
	struct mailbox_input ring[MAILBOX_RING];
	uint8_t units[];
};

#endif /* _DEVFUZZ_MAILBOX_H */
