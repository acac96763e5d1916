// SPDX-License-Identifier: GPL-2.0
/*
 * The mixes. Each has a rule of the allocator that it drives harder than the
 * others do; all of them use all three mobilities and most of the flavours.
 */
#include <linux/mirror_mm.h>
#include <string.h>

#include "mixes.h"
#include "util.h"

/*			      PLAIN NOWAIT HIGH ATOMIC MEMALLOC NOMEM NORETRY MAYFAIL */
#define EVERY_FLAVOUR		{ 40,  20,   8,   10,     4,      4,     7,     7 }
#define EVERY_PICK		{ 30, 20, 15, 20, 15 }

const struct mix mixes[] = {
	{
		.name = "order0", .about = "nearly only single pages",
		.order = { 94, 2, 1, 1, 1, 0, 0, 0, 0, 1, 0 },
		.mobility = { 35, 45, 20 },
		.flavour = EVERY_FLAVOUR, .pick = EVERY_PICK,
		.comp = 5, .zero = 1, .goal_low = 300, .goal_high = 999,
		.run = 60, .drain = 2, .tick = 3, .blocks = true,
	}, {
		.name = "mixed", .about = "orders 0 to 10, each half as often",
		.order = { 128, 64, 32, 16, 8, 6, 5, 4, 3, 3, 2 },
		.mobility = { 35, 40, 25 },
		.flavour = EVERY_FLAVOUR, .pick = EVERY_PICK,
		.comp = 20, .zero = 1, .goal_low = 300, .goal_high = 999,
		.run = 30, .drain = 4, .tick = 4, .blocks = true,
	}, {
		.name = "large", .about = "orders 3 to 10",
		.order = { 0, 0, 0, 30, 20, 15, 12, 10, 8, 20, 12 },
		.mobility = { 30, 50, 20 },
		.flavour = EVERY_FLAVOUR, .pick = EVERY_PICK,
		.comp = 50, .goal_low = 300, .goal_high = 999,
		.run = 20, .drain = 5, .tick = 3, .blocks = true,
	}, {
		.name = "bursts", .about = "fill and flush the per-CPU lists",
		.order = { 60, 12, 10, 10, 0, 0, 0, 0, 0, 8, 0 },
		.mobility = { 30, 50, 20 },
		.flavour = EVERY_FLAVOUR, .pick = { 20, 35, 25, 10, 10 },
		.comp = 20, .goal_low = 300, .goal_high = 990,
		.run = 700, .drain = 8, .tick = 8, .blocks = true,
	}, {
		.name = "onesided", .about = "thousands of operations one way",
		.order = { 90, 4, 2, 2, 0, 0, 0, 0, 0, 2, 0 },
		.mobility = { 30, 55, 15 },
		.flavour = EVERY_FLAVOUR, .pick = { 15, 30, 30, 15, 10 },
		.comp = 10, .goal_low = 300, .goal_high = 999,
		.run = 12000, .drain = 2, .tick = 12, .blocks = true,
	}, {
		.name = "fragment", .about = "mobilities mixed in a full node",
		.order = { 50, 20, 12, 10, 6, 4, 3, 2, 1, 3, 1 },
		.mobility = { 38, 32, 30 },
		.flavour = { 45, 20, 8, 10, 5, 2, 5, 5 },
		.pick = { 60, 10, 15, 8, 7 },
		.comp = 15, .goal_low = 850, .goal_high = 999,
		.run = 50, .drain = 3, .tick = 3, .min_free_kbytes = 512,
		.blocks = true,
	}, {
		.name = "atomic", .about = "urgent high orders: reserves",
		.order = { 20, 15, 15, 15, 12, 8, 5, 4, 3, 3, 4 },
		.mobility = { 60, 20, 20 },
		.flavour = { 20, 8, 12, 45, 5, 3, 4, 3 }, .pick = EVERY_PICK,
		.comp = 15, .goal_low = 800, .goal_high = 1002,
		.run = 40, .drain = 4, .tick = 4, .min_free_kbytes = 64,
		.blocks = true,
	}, {
		.name = "bulk", .about = "bulk of all sizes, arrays partly filled",
		.order = { 80, 6, 4, 4, 2, 0, 0, 0, 0, 3, 1 },
		.mobility = { 35, 45, 20 },
		.flavour = EVERY_FLAVOUR, .pick = EVERY_PICK,
		.comp = 10, .zero = 1, .goal_low = 300, .goal_high = 999,
		.run = 80, .bulk = 12, .free_bulk = 6, .drain = 4, .tick = 4,
	}, {
		.name = "refs", .about = "references, compound and split blocks",
		.order = { 40, 20, 16, 14, 12, 10, 4, 3, 2, 3, 1 },
		.mobility = { 35, 40, 25 },
		.flavour = EVERY_FLAVOUR, .pick = EVERY_PICK,
		.comp = 45, .goal_low = 300, .goal_high = 999,
		.run = 30, .refs = 35, .drain = 4, .tick = 4,
	}, {
		.name = "tune", .about = "tunables, drains and ticks on the way",
		.order = { 100, 20, 12, 10, 5, 4, 3, 2, 2, 4, 1 },
		.mobility = { 35, 40, 25 },
		.flavour = EVERY_FLAVOUR, .pick = EVERY_PICK,
		.comp = 15, .goal_low = 300, .goal_high = 999,
		.run = 200, .drain = 15, .tick = 25, .tune = 40, .blocks = true,
	}, {
		.name = "full", .about = "97 to 99.9 % taken, with failures",
		.order = { 90, 24, 14, 10, 6, 4, 3, 2, 2, 3, 2 },
		.mobility = { 35, 40, 25 },
		.flavour = { 30, 12, 14, 18, 14, 4, 4, 4 }, .pick = EVERY_PICK,
		.comp = 15, .goal_low = 970, .goal_high = 1002,
		.run = 40, .drain = 4, .tick = 4, .min_free_kbytes = 1024,
		.blocks = true,
	}, {
		.name = "zero", .about = "content asked for as zeros",
		.order = { 100, 20, 10, 5, 1, 0, 0, 0, 0, 0, 0 },
		.mobility = { 30, 50, 20 },
		.flavour = EVERY_FLAVOUR, .pick = EVERY_PICK,
		.comp = 15, .zero = 40, .goal_low = 300, .goal_high = 950,
		.run = 60, .drain = 3, .tick = 3, .blocks = true,
	}, {
		.name = "movable", .about = "movable pages that their holders could move",
		.order = { 50, 20, 12, 10, 6, 4, 3, 2, 0, 0, 0 },
		.mobility = { 8, 84, 8 },
		.flavour = { 45, 20, 8, 10, 5, 2, 5, 5 },
		.pick = { 70, 8, 10, 6, 6 },
		.comp = 10, .can_move = 90, .goal_low = 930, .goal_high = 999,
		.run = 60, .drain = 3, .tick = 3, .min_free_kbytes = 512,
	}, {
		.name = "cpus", .about = "two CPUs in turn, drains and ticks of one",
		.order = { 90, 16, 10, 10, 3, 2, 1, 1, 0, 4, 1 },
		.mobility = { 35, 45, 20 },
		.flavour = EVERY_FLAVOUR, .pick = EVERY_PICK,
		.comp = 15, .zero = 1, .goal_low = 300, .goal_high = 999,
		.run = 150, .cpus = 6, .drain = 12, .tick = 25, .tune = 10,
		.blocks = true, .apart = true,
	}, {
		.name = "reclaim", .about = "as atomic, with requests that may reclaim",
		.order = { 20, 15, 15, 15, 12, 8, 5, 4, 3, 3, 8 },
		.mobility = { 60, 20, 20 },
		.flavour = { 20, 8, 12, 40, 5, 3, 4, 3, 1, 4 },
		.pick = EVERY_PICK,
		.comp = 15, .goal_low = 900, .goal_high = 1000,
		.run = 40, .drain = 4, .tick = 4, .may_sleep = true,
		.blocks = true, .apart = true,
	},
};

const unsigned int nr_mixes = ARRAY_SIZE(mixes);

const struct mix *mix_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < nr_mixes; i++)
		if (!strcmp(mixes[i].name, name))
			return &mixes[i];
	return NULL;
}

const char *mix_text(const struct mix *mix)
{
	return mix->text ? mix->text : mix->name;
}

uint32_t flavour_gfp(unsigned int flavour)
{
	static const uint32_t gfp[NR_FLAVOURS] = {
		[NOWAIT] = __MIRROR_GFP_KSWAPD_RECLAIM,
		[HIGH] = __MIRROR_GFP_HIGH,
		[ATOMIC] = MIRROR_GFP_ATOMIC,
		[MEMALLOC] = __MIRROR_GFP_MEMALLOC,
		[NOMEMALLOC] = __MIRROR_GFP_NOMEMALLOC | __MIRROR_GFP_HIGH,
		[NORETRY] = __MIRROR_GFP_NORETRY,
		[MAYFAIL] = __MIRROR_GFP_RETRY_MAYFAIL,
		[KERNEL] = MIRROR_GFP_KERNEL,
		[KERNEL_NORETRY] = MIRROR_GFP_KERNEL | __MIRROR_GFP_NORETRY,
	};

	/* The driver adds the same to each of the reference's requests. */
	return gfp[flavour] | __MIRROR_GFP_NOWARN;
}
