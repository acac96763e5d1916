// SPDX-License-Identifier: GPL-2.0
/*
 * A user in the kernel that takes pages and keeps them until it is unloaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mirror_mm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

static unsigned int pages = 1;
module_param(pages, uint, 0444);
MODULE_PARM_DESC(pages, "how many to hold");

static struct mirror *mirror;
static struct mirror_page **held;
static unsigned int nr;

static void let_go(void)
{
	while (nr)
		mirror_free_pages(mirror, held[--nr], 0);
	kfree(held);
	mirror_mm_put(mirror);
}

static int __init hold_init(void)
{
	void *address;

	held = kcalloc(pages, sizeof(*held), GFP_KERNEL);
	if (!held)
		return -ENOMEM;
	mirror = mirror_mm_get();
	while (mirror && nr < pages) {
		held[nr] = mirror_alloc_pages(mirror, MIRROR_GFP_KERNEL, 0,
					      MIRROR_MM_NODE_ANY);
		if (!held[nr])
			break;
		address = mirror_page_address(mirror, held[nr++]);
		if (address)
			memset(address, 0x5a, PAGE_SIZE);
	}
	if (nr == pages)
		return 0;
	let_go();
	return mirror ? -ENOMEM : -ENODEV;
}

module_init(hold_init);
module_exit(let_go);
MIRROR_MM_IMPORT_NS();
MODULE_DESCRIPTION("Holds pages of a mirror");
MODULE_LICENSE("GPL");
