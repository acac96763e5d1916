// SPDX-License-Identifier: GPL-2.0
/*
 * Another driver: takes a physical range, and no more than that.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/ioport.h>
#include <linux/module.h>

static unsigned long long base;
module_param(base, ullong, 0444);
MODULE_PARM_DESC(base, "first physical address");

static unsigned long long size;
module_param(size, ullong, 0444);
MODULE_PARM_DESC(size, "bytes");

static int __init squat_init(void)
{
	return request_mem_region(base, size, KBUILD_MODNAME) ? 0 : -EBUSY;
}

static void __exit squat_exit(void)
{
	release_mem_region(base, size);
}

module_init(squat_init);
module_exit(squat_exit);
MODULE_DESCRIPTION("Holds a physical range that mirror_mm must not take");
MODULE_LICENSE("GPL");
