// SPDX-License-Identifier: GPL-2.0
/*
 * Operations in words.
 */
#include <stdio.h>
#include <string.h>
#include "run.h"

static const char * const names[NR_OPS] = {
	[OP_ALLOC] = "alloc",
	[OP_ALLOC_FIRST] = "alloc, first attempt only",
	[OP_FREE] = "free",
	[OP_PUT] = "put",
	[OP_GET] = "get",
	[OP_SPLIT] = "split",
	[OP_BULK_ALLOC] = "bulk alloc",
	[OP_BULK_FREE] = "bulk free",
	[OP_INTERRUPT] = "from an interrupt:",
	[OP_CPU] = "go to CPU",
	[OP_DRAIN_CPU] = "drain CPU",
	[OP_DRAIN_ALL] = "drain all CPUs",
	[OP_TICK] = "tick on CPU",
	[OP_KSWAPD] = "serve kswapd",
	[OP_UNRESERVE] = "give up a high-order atomic pageblock",
	[OP_MIN_FREE] = "set min_free_kbytes",
	[OP_SCALE] = "set watermark_scale_factor",
	[OP_FRACTION] = "set percpu_pagelist_high_fraction",
	[OP_RATIO] = "set lowmem_reserve_ratio",
	[OP_MARKS] = "set the watermarks of zones",
	[OP_CACHE] = "tell the cache size of CPU",
	[OP_RESET] = "reset",
	[OP_MISUSE] = "mistake:",
	[OP_EXACT_ALLOC] = "exact alloc",
	[OP_EXACT_FREE] = "exact free",
	[OP_BATCH_FREE] = "batch free",
	[OP_ISOLATE] = "isolate and put back",
};

static const struct {
	u32 bit;
	const char *name;
} bits[] = {
	{ __MIRROR_GFP_DMA, "DMA" },
	{ __MIRROR_GFP_DMA32, "DMA32" },
	{ __MIRROR_GFP_HIGHMEM, "HIGHMEM" },
	{ __MIRROR_GFP_MOVABLE, "MOVABLE" },
	{ __MIRROR_GFP_RECLAIMABLE, "RECLAIMABLE" },
	{ __MIRROR_GFP_HIGH, "HIGH" },
	{ __MIRROR_GFP_DIRECT_RECLAIM, "DIRECT_RECLAIM" },
	{ __MIRROR_GFP_KSWAPD_RECLAIM, "KSWAPD_RECLAIM" },
	{ __MIRROR_GFP_COMP, "COMP" },
	{ __MIRROR_GFP_ZERO, "ZERO" },
	{ __MIRROR_GFP_MEMALLOC, "MEMALLOC" },
	{ __MIRROR_GFP_NOMEMALLOC, "NOMEMALLOC" },
	{ __MIRROR_GFP_NORETRY, "NORETRY" },
	{ __MIRROR_GFP_RETRY_MAYFAIL, "RETRY_MAYFAIL" },
	{ __MIRROR_GFP_HARDWALL, "HARDWALL" },
	{ __MIRROR_GFP_THISNODE, "THISNODE" },
};

static void print_gfp(u32 gfp)
{
	const char *before = "";
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		if (gfp & bits[i].bit) {
			fprintf(stderr, "%s%s", before, bits[i].name);
			before = "|";
		}
	fputs(gfp ? "" : "0", stderr);
}

static void print_request(const struct done *done)
{
	if (done->op.code == OP_BULK_ALLOC)
		fprintf(stderr, " of up to %u pages", 1 + done->op.arg[0] % 64);
	else
		fprintf(stderr, " order %u", done->order);
	fputs(", gfp ", stderr);
	print_gfp(op_gfp(&done->op));
	fprintf(stderr, ", where %#x", done->op.arg[3]);
}

static void print_block(const struct done *done)
{
	if (done->block)
		fprintf(stderr, " at %#lx, order %u", done->block, done->order);
}

/**
 * op_print - write an operation to stderr, in a line
 * @done: the operation and what came of it
 */
void op_print(const struct done *done)
{
	fprintf(stderr, "  %s", names[done->op.code]);
	switch (done->op.code) {
	case OP_ALLOC:
	case OP_ALLOC_FIRST:
	case OP_BULK_ALLOC:
	case OP_EXACT_ALLOC:
		print_request(done);
		break;
	case OP_INTERRUPT:
		fputs(op_is_request(&done->op) ? " alloc" : " free", stderr);
		if (op_is_request(&done->op))
			print_request(done);
		else
			print_block(done);
		break;
	case OP_MISUSE:
		fprintf(stderr, " %s", misuse_name(&done->op));
		fallthrough;
	case OP_FREE:
	case OP_PUT:
	case OP_GET:
	case OP_SPLIT:
	case OP_BULK_FREE:
	case OP_EXACT_FREE:
	case OP_BATCH_FREE:
	case OP_ISOLATE:
		print_block(done);
		break;
	default:
		fprintf(stderr, " (%u %u %u %u)", done->op.arg[0], done->op.arg[1],
			done->op.arg[2], done->op.arg[3]);
	}
	if (done->result > 0 && op_is_request(&done->op))
		fprintf(stderr, ": pfn %#lx\n", done->result);
	else
		fprintf(stderr, ": %ld\n", done->result);
}
