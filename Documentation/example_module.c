// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel module that uses pages of a mirror: it takes one block, writes to
 * it, and gives it back when it is unloaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/mirror_mm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#define ORDER	4

static struct mirror *mirror;
static struct mirror_page *page;

static int __init example_init(void)
{
	phys_addr_t phys;
	void *address;

	/* Keeps the mirror loaded until mirror_mm_put(). */
	mirror = mirror_mm_get();
	if (!mirror)
		return -ENODEV;
	page = mirror_alloc_pages(mirror, MIRROR_GFP_KERNEL | __MIRROR_GFP_ZERO,
				  ORDER, MIRROR_MM_NODE_ANY);
	if (!page) {
		mirror_mm_put(mirror);
		return -ENOMEM;
	}

	/* NULL only for pages of a HIGHMEM zone, which this request excludes. */
	address = mirror_page_address(mirror, page);
	memset(address, 0x5a, PAGE_SIZE << ORDER);
	phys = mirror_page_to_phys(mirror, page);
	pr_info("%lu KiB at %pa\n", (PAGE_SIZE << ORDER) >> 10, &phys);
	return 0;
}

static void __exit example_exit(void)
{
	if (mirror_free_pages(mirror, page, ORDER))
		pr_err("the block was refused; the lines above say why\n");
	mirror_mm_put(mirror);
}

module_init(example_init);
module_exit(example_exit);
MIRROR_MM_IMPORT_NS();
MODULE_DESCRIPTION("Uses pages of a mirror");
MODULE_LICENSE("GPL");
