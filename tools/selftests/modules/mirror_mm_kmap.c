// SPDX-License-Identifier: GPL-2.0
/*
 * Maps the first or the second of two pages of HIGHMEM, in the task that writes 0 or 1 to
 * the parameter `map`, so that an errno reaches a program.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/mirror_mm.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

static struct mirror *mirror;
static struct mirror_page *pages[2];

static int map_page(const char *val, const struct kernel_param *kp)
{
	unsigned int i;
	void *address;
	int ret = kstrtouint(val, 0, &i);

	if (ret || i >= ARRAY_SIZE(pages))
		return -EINVAL;
	address = mirror_kmap(mirror, pages[i]);
	if (!address)
		return -ENOMEM;
	memset(address, 0x5a, PAGE_SIZE);
	return mirror_kunmap(mirror, pages[i]);
}

static const struct kernel_param_ops map_ops = { .set = map_page };
module_param_cb(map, &map_ops, NULL, 0200);
MODULE_PARM_DESC(map, "writing 0 or 1 maps that page and unmaps it");

static void kmap_exit(void)
{
	if (pages[0])
		mirror_free_pages(mirror, pages[0], 0);
	if (pages[1])
		mirror_free_pages(mirror, pages[1], 0);
	mirror_mm_put(mirror);
}

static int __init kmap_init(void)
{
	unsigned int i;

	mirror = mirror_mm_get();
	if (!mirror)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(pages); i++) {
		pages[i] = mirror_alloc_pages(mirror, MIRROR_GFP_HIGHUSER, 0,
					      MIRROR_MM_NODE_ANY);
		if (pages[i] && !mirror_page_address(mirror, pages[i]))
			continue;
		kmap_exit();
		return -ENXIO;
	}
	return 0;
}

module_init(kmap_init);
module_exit(kmap_exit);
MIRROR_MM_IMPORT_NS();
MODULE_DESCRIPTION("Maps a page of a mirror when it is told to");
MODULE_LICENSE("GPL");
