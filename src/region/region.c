// SPDX-License-Identifier: GPL-2.0
/*
 * The region of a mirror: its claims, by whichever way they were got.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include "region.h"

/**
 * mirror_region_add - room for one more claim
 * @region: the region
 *
 * Context: Any.
 * Return: the claim, all zero, or NULL with a line in the log where there are
 * MIRROR_MAX_CLAIMS already.
 */
struct mirror_claim *mirror_region_add(struct mirror_region *region)
{
	if (region->nr < MIRROR_MAX_CLAIMS)
		return &region->claim[region->nr++];
	pr_err("more than %d ranges in all; give fewer, larger ones\n",
	       MIRROR_MAX_CLAIMS);
	return NULL;
}

static int compare_claims(const void *a, const void *b)
{
	const struct mirror_claim *x = a, *y = b;

	return x->span.start < y->span.start ? -1 :
	       x->span.start > y->span.start;
}

/**
 * mirror_region_sort - bring the claims into address order
 * @region: the region
 *
 * Context: Process context.
 */
void mirror_region_sort(struct mirror_region *region)
{
	sort(region->claim, region->nr, sizeof(*region->claim), compare_claims,
	     NULL);
}

static void release_vmalloc(struct mirror_claim *claim)
{
	vfree(claim->base);
}

static struct page *vmalloc_page(const struct mirror_claim *claim, u64 offset)
{
	return vmalloc_to_page(claim->base + (size_t)offset);
}

static const struct mirror_claim_ops vmalloc_ops = {
	.name = "vmalloc",
	.page = vmalloc_page,
	.in_image = true,
	.release = release_vmalloc,
};

/**
 * mirror_region_vmalloc - memory for tests, where no range is reserved
 * @start: physical address it pretends to begin at
 * @size: bytes
 *
 * Its content can be reached through content.c, and not be mapped for users.
 *
 * Context: Process context; may sleep.
 * Return: the region, or ERR_PTR(-ENOMEM).
 */
struct mirror_region *mirror_region_vmalloc(u64 start, u64 size)
{
	struct mirror_region *region = kzalloc(sizeof(*region), GFP_KERNEL);

	if (!region)
		return ERR_PTR(-ENOMEM);
	region->nr = 1;
	region->claim[0].span = (struct mirror_span){ start, size, 0 };
	region->claim[0].ops = &vmalloc_ops;
	region->claim[0].base = vzalloc(size);
	if (!region->claim[0].base) {
		kfree(region);
		return ERR_PTR(-ENOMEM);
	}
	return region;
}

/**
 * mirror_region_release - give everything back to the host
 * @region: the region, also one that was not taken to the end; may be NULL
 *
 * Context: Process context; may sleep.
 */
void mirror_region_release(struct mirror_region *region)
{
	if (!region)
		return;
	mirror_region_detach(region);
	while (region->nr--) {
		struct mirror_claim *claim = &region->claim[region->nr];

		if (claim->ops)
			claim->ops->release(claim);
	}
	kfree(region);
}

/**
 * mirror_region_ranges - the claims as page frame ranges
 * @region: the region
 * @ranges: array of MIRROR_MAX_CLAIMS; NUMA_NO_NODE where nobody named a node
 *
 * Context: Any.
 * Return: how many.
 */
unsigned int mirror_region_ranges(const struct mirror_region *region,
				  struct mirror_range *ranges)
{
	unsigned int i;

	for (i = 0; i < region->nr; i++) {
		const struct mirror_span *s = &region->claim[i].span;

		ranges[i].start_pfn = s->start >> PAGE_SHIFT;
		ranges[i].end_pfn = mirror_span_end(s) >> PAGE_SHIFT;
		ranges[i].nid = s->nid;
	}
	return region->nr;
}
