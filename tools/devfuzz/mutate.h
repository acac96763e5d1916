/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A program while it is changed, among the files that do that.
 */
#ifndef _DEVFUZZ_MUTATE_H
#define _DEVFUZZ_MUTATE_H

#include "devfuzz.h"

/* An argument that means the last block. */
#define LAST_OF_ALL	0xfc
/* For field_times(): 1000, 1024 and 4096 times; 20000 and 40000 times. */
#define TIMES_THOUSAND	228
#define TIMES_MANY	245

/**
 * struct program - records
 * @records: room for MAX_RECORDS
 * @nr: how many there are
 * @most: how many there may be
 */
struct program {
	struct record *records;
	unsigned int nr;
	unsigned int most;
};

uint32_t draw(uint32_t below);
void draw_record(struct record *r);
void insert(struct program *p, unsigned int at, const struct record *r);
void insert_life(struct program *p);

#endif /* _DEVFUZZ_MUTATE_H */
