// SPDX-License-Identifier: GPL-2.0
/*
 * What allocating and freeing cost, in ticks of the CPU's cycle counter, for a
 * machine on which that counts instructions (see scripts/memory-model.sh).
 *
 *   pair0 pair10   one block allocated and freed, the next one the same
 *   burst          so many single pages allocated, then all of them freed; the
 *                  figure is for one page
 *
 * Each is the least of several repetitions, in hundredths of a tick. Nothing is
 * printed before the last one: a console beside it would be counted too.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irqflags.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mirror_mm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timex.h>

#define PAIRS		64
#define BURST		16384
#define REPETITIONS	8

static bool movable;
module_param(movable, bool, 0444);
MODULE_PARM_DESC(movable, "ask for zone MOVABLE instead of NORMAL");

static u32 gfp(void)
{
	return movable ? MIRROR_GFP_NOWAIT | __MIRROR_GFP_HIGHMEM |
			 __MIRROR_GFP_MOVABLE : MIRROR_GFP_NOWAIT;
}

static int pairs(struct mirror *m, unsigned int order)
{
	struct mirror_page *page;
	unsigned int i;

	for (i = 0; i < PAIRS; i++) {
		page = mirror_alloc_pages(m, gfp(), order, 0);
		if (!page)
			return -ENOMEM;
		mirror_free_pages(m, page, order);
	}
	return 0;
}

static int burst(struct mirror *m, struct mirror_page **pages)
{
	unsigned int i, nr;

	for (nr = 0; nr < BURST; nr++) {
		pages[nr] = mirror_alloc_pages(m, gfp(), 0, 0);
		if (!pages[nr])
			break;
	}
	for (i = 0; i < nr; i++)
		mirror_free_pages(m, pages[i], 0);
	return nr == BURST ? 0 : -ENOMEM;
}

/* Ticks of one call with interrupts off; 0 where it failed. */
static u64 count(struct mirror *m, int order, struct mirror_page **pages)
{
	unsigned long flags;
	u64 start, ticks;
	int ret;

	local_irq_save(flags);
	start = get_cycles();
	ret = order < 0 ? burst(m, pages) : pairs(m, order);
	ticks = get_cycles() - start;
	local_irq_restore(flags);
	return ret ? 0 : ticks;
}

/* The first few bring lists and their sizes into the state they stay in. */
static u64 least(struct mirror *m, int order, unsigned int nr,
		 struct mirror_page **pages)
{
	u64 best = U64_MAX;
	unsigned int i;

	for (i = 0; i < REPETITIONS; i++)
		best = min(best, count(m, order, pages));
	return div_u64(best * 100, nr);
}

static int __init cost_init(void)
{
	struct mirror *m = mirror_mm_get();
	struct mirror_page **pages;
	u64 pair0, pair10, page;

	if (!m)
		return -ENODEV;
	pages = kvmalloc_array(BURST, sizeof(*pages), GFP_KERNEL);
	if (!pages) {
		mirror_mm_put(m);
		return -ENOMEM;
	}
	pair0 = least(m, 0, PAIRS, pages);
	pair10 = least(m, 10, PAIRS, pages);
	page = least(m, -1, BURST, pages);
	kvfree(pages);
	mirror_mm_put(m);
	if (!pair0 || !pair10 || !page)
		return -ENOMEM;
	pr_info("pair0 %llu pair10 %llu burst %llu\n", pair0, pair10, page);
	return 0;
}

static void __exit cost_exit(void)
{
}

module_init(cost_init);
module_exit(cost_exit);
MODULE_DESCRIPTION("Counts what allocations of mirror_mm cost");
MODULE_LICENSE("GPL");
MIRROR_MM_IMPORT_NS();
