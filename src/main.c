// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters, init and exit.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/init.h>
#include <linux/module.h>
#include "dt_driver.h"
#include "instance.h"
#include "region/region.h"
#include "threads/tick.h"

static struct mirror_params params = {
	.policy = "linux-6.12",
	.kmap_slots = MIRROR_KMAP_SLOTS,
};

static struct mirror_instance *instance;

/* They tell addresses, so only root reads them. */
module_param_named(region, params.from.region, charp, 0400);
MODULE_PARM_DESC(region, "physical range that memmap= reserved: size@start[:node],... or auto; test:size for one without memory");
module_param_named(cma, params.from.cma, charp, 0400);
MODULE_PARM_DESC(cma, "memory of the kernel's CMA area (its own cma= at boot): size[:node],...");
module_param_named(force, params.from.force, charp, 0400);
MODULE_PARM_DESC(force, "may-overwrite-device-memory: region= may have what the firmware's memory map does not call RAM");
module_param_named(nodes, params.nodes, charp, 0400);
MODULE_PARM_DESC(nodes, "nodes to divide the memory into, as evenly as whole largest blocks allow, in address order (default: as region= says)");
module_param_named(distance, params.distance, charp, 0400);
MODULE_PARM_DESC(distance, "table of distances between nodes, row by row, as 10,20,20,10 (default: 10 and 20)");
module_param_named(cpus, params.cpus, charp, 0400);
MODULE_PARM_DESC(cpus, "CPUs of each node, as 0-3:0,4-N:1 (default: the kernel's own map)");
module_param_named(zones, params.zones, charp, 0400);
MODULE_PARM_DESC(zones, "zones by size, as DMA:16M,NORMAL:128M,MOVABLE (default: all NORMAL)");
module_param_named(policy, params.policy, charp, 0400);
MODULE_PARM_DESC(policy, "linux-6.12 (default) or lifo");
module_param_named(min_free_kbytes, params.min_free_kbytes, ulong, 0400);
MODULE_PARM_DESC(min_free_kbytes, "reserve for emergencies, as the sysctl (default: from the size)");
module_param_named(watermark_scale_factor, params.watermark_scale_factor,
		   uint, 0400);
MODULE_PARM_DESC(watermark_scale_factor, "distance of the watermarks, as the sysctl (default: 10)");
module_param_named(kmap_slots, params.kmap_slots, uint, 0400);
MODULE_PARM_DESC(kmap_slots, "pages of HIGHMEM that mirror_kmap() can map at a time (default: 512)");
module_param_named(file_page_limit, params.page_limit, ullong, 0400);
MODULE_PARM_DESC(file_page_limit, "most pages that one open file may hold (default: 0, no limit)");

/* Built into a kernel, having nothing to do is no failure. */
#ifdef MODULE
#define NO_REGION	(-EINVAL)
#else
#define NO_REGION	0
#endif

static int no_region(void)
{
	mirror_sources_missing();
	return NO_REGION;
}

/* NULL where nobody asked for a mirror. */
static struct mirror_instance * __init create(void)
{
	struct mirror_instance *in = mirror_dt_create(&params);

	if (in || !mirror_sources_any(&params.from))
		return in;
	return mirror_instance_create(&params);
}

static int __init mirror_mm_init(void)
{
	int ret;

	ret = mirror_tick_init();
	if (ret)
		return ret;
	instance = create();
	if (!IS_ERR_OR_NULL(instance))
		return 0;
	ret = instance ? PTR_ERR(instance) : no_region();
	instance = NULL;
	mirror_tick_exit();
	return ret;
}

static void __exit mirror_mm_exit(void)
{
	mirror_instance_destroy(instance);
	mirror_dt_exit();
	mirror_tick_exit();
}

module_init(mirror_mm_init);
module_exit(mirror_mm_exit);
MODULE_DESCRIPTION("A second page allocator on a reserved physical range");
MODULE_AUTHOR("The mirror_mm developers");
/* The same as in dkms.conf. */
MODULE_VERSION("0.1.0");
MODULE_LICENSE("GPL");
