// SPDX-License-Identifier: GPL-2.0
/*
 * What libFuzzer calls: an input is a geometry and a list of operations.
 *
 *   FUZZ_WORDS=1	print both as they are read, to replay an input
 *   FAULT=NAME		all mirrors have this deliberate fault (builds with FAULTS=1)
 */
#include <stdlib.h>
#include "harness.h"
#include "run.h"

static struct run run;
static struct geometry geometry;

/* libFuzzer finds them by these names. */
int fuzz_one(const u8 *data, size_t size) asm("LLVMFuzzerTestOneInput");
int fuzz_begin(int *argc, char ***argv) asm("LLVMFuzzerInitialize");

static void print_run(void *arg)
{
	run_print(&run, &geometry);
}

int fuzz_begin(int *argc, char ***argv)
{
	run.loud = getenv("FUZZ_WORDS");
	harness_set_quiet(!run.loud);
	fuzz_set_history(print_run, NULL);
	return 0;
}

/* All pages are looked at now and then; in a small mirror after each operation. */
static bool time_to_verify(void)
{
	unsigned int every = 1 + run.model.nr_frames / 128;

	return run.nr_done % every == 0;
}

static void do_ops(const u8 *data, size_t size)
{
	struct op op;

	for (; size >= OP_BYTES && run.nr_done < RUN_MAX_OPS; size -= OP_BYTES) {
		op_decode(&op, data);
		data += OP_BYTES;
		run_op(&run, &op);
		if (time_to_verify())
			model_verify(&run.model, run.m);
	}
}

int fuzz_one(const u8 *data, size_t size)
{
	if (size < GEOMETRY_BYTES)
		return -1;
	geometry_decode(&geometry, data);
	if (run.loud)
		geometry_print(&geometry);
	run_begin(&run, &geometry);
	do_ops(data + GEOMETRY_BYTES, size - GEOMETRY_BYTES);
	run_end(&run);
	run_exit(&run);
	return 0;
}
