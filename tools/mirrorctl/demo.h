/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of "demo": what it knows, what it says, what it does to blocks.
 */
#ifndef MIRRORCTL_DEMO_H
#define MIRRORCTL_DEMO_H

#include <json-c/json.h>
#include <linux/mirror_mm.h>

#include "mirrorctl.h"
#include "snapshot.h"

/**
 * struct demo_block - one block on its way through the demo
 * @alloc: what ALLOC answered
 * @first: mapping that is written through
 * @second: mapping that is read through
 * @seed: names its content
 * @bad: something was wrong with it
 */
struct demo_block {
	struct mirror_mm_alloc alloc;
	void *first;
	void *second;
	__u64 seed;
	bool bad;
};

/**
 * struct demo - one run
 * @opts: what all commands share
 * @dev: the device
 * @info: what it said before the first allocation
 * @blocks: one of each order and type
 * @nr: how many were allocated
 * @skipped: how many did not fit into a small mirror
 * @small: the mirror is too small to hold one of each with ease
 * @undrained: per-CPU lists could not be emptied; counts by order may differ
 * @before: buddyinfo before, all zero where it could not be read
 * @steps: headings printed so far
 * @failures: JSON array of what went wrong
 * @unverified: JSON array of what could not be looked at
 */
struct demo {
	const struct options *opts;
	int dev;
	struct mirror_mm_info info;
	struct demo_block *blocks;
	unsigned int nr;
	unsigned int skipped;
	bool small;
	bool undrained;
	struct snapshot before;
	unsigned int steps;
	struct json_object *failures;
	struct json_object *unverified;
};

/* demo_say.c: what is told. All are silent with --json, but keep the lists. */
void demo_step(struct demo *d, const char *title);
void demo_say(struct demo *d, const char *fmt, ...)
	__printf(2, 3);
void demo_fail(struct demo *d, const char *fmt, ...)
	__printf(2, 3);
void demo_unverified(struct demo *d, const char *fmt, ...)
	__printf(2, 3);
void demo_text(struct demo *d, const char *name, const char *text);
int demo_verdict(struct demo *d);

/* demo_blocks.c: what is done to blocks. */
bool demo_allocate(struct demo *d);
void demo_map(struct demo *d);
void demo_write(struct demo *d);
void demo_read_second(struct demo *d);
void demo_read_kernel(struct demo *d);
void demo_free(struct demo *d);
void demo_touch(struct demo *d);
void demo_unmap(struct demo *d);

/* demo_state.c: what is seen of the mirror's state. */
void demo_drain(struct demo *d);
void demo_show(struct demo *d);
void demo_remember(struct demo *d);
void demo_check_held(struct demo *d);
void demo_compare(struct demo *d);
void demo_validate(struct demo *d);

#endif
