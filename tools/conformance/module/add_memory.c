// SPDX-License-Identifier: GPL-2.0
/*
 * Gives node 1 a zone DMA32: QEMU plugs memory in above 4 GiB only.
 *
 * The range was reserved at boot (memmap=), so it is there and nobody's. From now
 * on it is a memory block, offline, like any other. Load this before anything of
 * the node is online, or what describes the pages would be taken from the node.
 *
 * The kernel puts memory that comes later into the zone that spans it already,
 * and into NORMAL otherwise. So each time it is about to look, the empty zone is
 * made to span the range; what it had for that when it was last online went with
 * its memory.
 *
 * It all stays until the guest ends: there is no way back.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/memory_hotplug.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include "driver.h"

static unsigned long start;
module_param(start, ulong, 0);
MODULE_PARM_DESC(start, "physical address, a multiple of the size of a memory block");
static unsigned long size;
module_param(size, ulong, 0);
MODULE_PARM_DESC(size, "bytes, likewise");

static void span_range(void)
{
	struct zone *zone = &NODE_DATA(CONF_FIRST_NODE)->node_zones[ZONE_DMA32];

	if (!zone_is_empty(zone))
		return;
	zone->zone_start_pfn = PHYS_PFN(start);
	zone->spanned_pages = size >> PAGE_SHIFT;
}

static int before_zone_is_chosen(struct kprobe *probe, struct pt_regs *regs)
{
	span_range();
	return 0;
}

static struct kprobe probe = {
	.symbol_name = "zone_for_pfn_range",
	.pre_handler = before_zone_is_chosen,
};

static int __init add_memory_init(void)
{
	void (*init_empty_zone)(struct zone *zone, unsigned long start_pfn,
				unsigned long size);
	int ret;

	init_empty_zone = conf_symbol("init_currently_empty_zone");
	if (!init_empty_zone)
		return -ENOENT;
	ret = add_memory(CONF_FIRST_NODE, start, size, MHP_NONE);
	if (ret) {
		pr_err("[mem %#lx-%#lx] cannot become memory of node %d: %d\n",
		       start, start + size - 1, CONF_FIRST_NODE, ret);
		return ret;
	}
	/* An empty zone has no free lists yet, and one that spans gets none later. */
	init_empty_zone(&NODE_DATA(CONF_FIRST_NODE)->node_zones[ZONE_DMA32],
			PHYS_PFN(start), size >> PAGE_SHIFT);
	return register_kprobe(&probe);
}
module_init(add_memory_init);

MODULE_DESCRIPTION("Adds reserved memory to node 1, as its zone DMA32");
MODULE_LICENSE("GPL");
