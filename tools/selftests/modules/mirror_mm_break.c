// SPDX-License-Identifier: GPL-2.0
/*
 * Damages the descriptor of one free block, as a stray write would: both links
 * of the list it is on lead nowhere afterwards.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mirror_mm.h>
#include <linux/module.h>

/* What begins each 16-byte descriptor of a block that is on a list. */
struct links {
	u32 next;
	u32 prev;
};

#define NOWHERE	0x5a5a5a5a

static ulong pfn;
module_param(pfn, ulong, 0444);
MODULE_PARM_DESC(pfn, "first frame of a free block");

static int __init break_init(void)
{
	struct mirror *m = mirror_mm_get();
	struct mirror_page *page;
	struct links *links;
	int ret = -ENXIO;

	if (!m)
		return -ENODEV;
	page = mirror_pfn_to_page(m, pfn);
	if (page) {
		links = (struct links *)page;
		WRITE_ONCE(links->next, NOWHERE);
		WRITE_ONCE(links->prev, NOWHERE);
		ret = 0;
	}
	mirror_mm_put(m);
	return ret;
}

static void __exit break_exit(void)
{
}

module_init(break_init);
module_exit(break_exit);
MODULE_DESCRIPTION("Breaks an invariant of mirror_mm");
MODULE_LICENSE("GPL");
MIRROR_MM_IMPORT_NS();
