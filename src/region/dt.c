// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a device tree reserved: the nodes that memory-region names.
 *
 *   no-map      nobody maps it, so we do, as we do with memmap= ranges
 *   reusable    the host lends it to movable pages: a CMA area of its own
 *   neither     the host has it in its direct mapping and may use it; refused
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include "region.h"

static int find_span(struct device_node *target, struct mirror_span *s)
{
	struct reserved_mem *rmem = of_device_is_available(target) ?
				    of_reserved_mem_lookup(target) : NULL;

	if (!rmem || !rmem->size) {
		pr_err("device tree: %pOF is no reserved memory that the kernel knows; put it under /reserved-memory, with reg or size, and not disabled\n",
		       target);
		return -ENXIO;
	}
	s->start = rmem->base;
	s->size = rmem->size;
	return 0;
}

/* The range's own numa-node-id, or else that of the node which names it. */
static int find_nid(struct device_node *np, struct device_node *target,
		    struct mirror_span *s)
{
	u32 nid;

	s->nid = NUMA_NO_NODE;
	if (of_property_read_u32(target, "numa-node-id", &nid) &&
	    of_property_read_u32(np, "numa-node-id", &nid))
		return 0;
	if (nid >= MIRROR_MAX_NODES) {
		pr_err("device tree: %pOF: numa-node-id is %u; give 0 to %u\n",
		       target, nid, MIRROR_MAX_NODES - 1);
		return -EINVAL;
	}
	s->nid = nid;
	return 0;
}

static int take_no_map(struct mirror_claim *claim, struct device_node *target,
		       const struct mirror_span *s, u64 block)
{
	if (!of_device_is_compatible(target, "shared-dma-pool"))
		return mirror_take_reserved(claim, s, block);
	pr_err("device tree: %pOF: with no-map, shared-dma-pool makes it a pool for devices; remove that compatible\n",
	       target);
	return -EBUSY;
}

static int no_area(struct device_node *target)
{
	pr_err("device tree: %pOF is reusable, but the kernel has made no CMA area of it; that takes compatible = \"shared-dma-pool\" and a kernel with CONFIG_DMA_CMA\n",
	       target);
	return -EOPNOTSUPP;
}

/* A claim of the whole area, so it begins where the area does. */
static int take_reusable(struct mirror_claim *claim, struct device_node *np,
			 int index, struct device_node *target,
			 const struct mirror_span *s, u64 block)
{
	struct platform_device *dev;
	int ret;

	ret = mirror_check_shape(s, block);
	if (ret)
		return ret;
	dev = mirror_dma_device();
	if (PTR_ERR_OR_ZERO(dev) == -EOPNOTSUPP)
		return no_area(target);
	if (IS_ERR(dev))
		return mirror_refuse(s, PTR_ERR(dev),
				     "no device can be made to ask for it");
	if (of_reserved_mem_device_init_by_idx(&dev->dev, np, index)) {
		platform_device_unregister(dev);
		return no_area(target);
	}
	claim->span.nid = s->nid;
	if (!mirror_take_dma(claim, dev, s->size, block))
		return 0;
	return mirror_refuse(s, -EBUSY,
			     "the host cannot vacate it: another driver has a part of it, or holds on to a page");
}

static int take_target(struct mirror_region *region, struct device_node *np,
		       int index, struct device_node *target, u64 block)
{
	struct mirror_claim *claim;
	struct mirror_span s;
	int ret;

	ret = find_span(target, &s) ?: find_nid(np, target, &s);
	if (ret)
		return ret;
	claim = mirror_region_add(region);
	if (!claim)
		return -EINVAL;
	if (of_property_read_bool(target, "no-map"))
		return take_no_map(claim, target, &s, block);
	if (of_property_read_bool(target, "reusable"))
		return take_reusable(claim, np, index, target, &s, block);
	pr_err("device tree: %pOF has neither no-map nor reusable, so the kernel maps it for itself; add no-map to it\n",
	       target);
	return -EBUSY;
}

/**
 * mirror_claim_dt - claim what a device tree reserved
 * @region: gets a claim for each phandle of memory-region
 * @np: the node with memory-region
 * @block: bytes of the largest block, to which everything must be aligned
 *
 * Context: Process context; may sleep, and move the host's pages out of the way.
 * Return: 0, or with one line in the log -EINVAL for a node without
 * memory-region, for shape or node number, -ENXIO no reserved memory, -EBUSY in
 * use by the host, -EOPNOTSUPP no CMA for reusable memory, and the errors of
 * mirror_take_reserved(). The region is to be released then.
 */
int mirror_claim_dt(struct mirror_region *region, struct device_node *np,
		    u64 block)
{
	struct device_node *target;
	int i, ret = 0;

	for (i = 0; !ret; i++) {
		target = of_parse_phandle(np, "memory-region", i);
		if (!target)
			break;
		ret = take_target(region, np, i, target, block);
		of_node_put(target);
	}
	if (i)
		return ret;
	pr_err("device tree: %pOF has no memory-region; let it name nodes of /reserved-memory\n",
	       np);
	return -EINVAL;
}
