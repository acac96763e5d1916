// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters, init and exit.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/init.h>
#include <linux/module.h>
#include "instance.h"
#include "region/region.h"
#include "tick.h"

static struct mirror_params params = {
	.policy = "linux-6.12",
	.kmap_slots = MIRROR_KMAP_SLOTS,
};

static struct mirror_instance *instance;

module_param_named(region, params.region, charp, 0444);
MODULE_PARM_DESC(region, "physical range that memmap= reserved: size@start[:node],... or auto");
module_param_named(zones, params.zones, charp, 0444);
MODULE_PARM_DESC(zones, "zones by size, as DMA:16M,NORMAL:128M,MOVABLE (default: all NORMAL)");
module_param_named(policy, params.policy, charp, 0444);
MODULE_PARM_DESC(policy, "linux-6.12 (default) or lifo");
module_param_named(min_free_kbytes, params.min_free_kbytes, ulong, 0444);
MODULE_PARM_DESC(min_free_kbytes, "reserve for emergencies, as the sysctl (default: from the size)");
module_param_named(watermark_scale_factor, params.watermark_scale_factor,
		   uint, 0444);
MODULE_PARM_DESC(watermark_scale_factor, "distance of the watermarks, as the sysctl (default: 10)");
module_param_named(kmap_slots, params.kmap_slots, uint, 0444);
MODULE_PARM_DESC(kmap_slots, "pages of HIGHMEM that mirror_kmap() can map at a time (default: 512)");
module_param_named(file_page_limit, params.page_limit, ullong, 0444);
MODULE_PARM_DESC(file_page_limit, "most pages that one open file may hold (default: 0, no limit)");

/* Built into a kernel, having nothing to do is no failure. */
#ifdef MODULE
#define NO_REGION	(-EINVAL)
#else
#define NO_REGION	0
#endif

static int no_region(void)
{
	pr_err("no region given: nothing is claimed. Boot with memmap=256M$4G (escape the $ in GRUB), then load with region=256M@4G or region=auto\n");
	return NO_REGION;
}

static int __init mirror_mm_init(void)
{
	int ret;

	if (!params.region || !*params.region)
		return no_region();
	ret = mirror_tick_init();
	if (ret)
		return ret;
	instance = mirror_instance_create(&params);
	if (!IS_ERR(instance))
		return 0;
	ret = PTR_ERR(instance);
	instance = NULL;
	mirror_tick_exit();
	return ret;
}

static void __exit mirror_mm_exit(void)
{
	mirror_instance_destroy(instance);
	mirror_tick_exit();
}

module_init(mirror_mm_init);
module_exit(mirror_mm_exit);
MODULE_DESCRIPTION("A second page allocator on a reserved physical range");
MODULE_AUTHOR("The mirror_mm developers");
MODULE_LICENSE("GPL");
