// SPDX-License-Identifier: GPL-2.0
/*
 * region=test:SIZE: page frames that are names only.
 *
 * The allocator looks at descriptors and never at memory, so one of a terabyte
 * can be tried where there are a few gigabytes. Its blocks are allocated and
 * freed like any other; they cannot be mapped, have no address in the kernel, and
 * nothing is cleared.
 *
 * The frames begin behind everything that a processor can address, whatever the
 * machine, so none of their numbers is that of memory. Each range begins a
 * multiple of 1 GiB, with at least as much between two of them.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "region.h"

/* 4 PiB, or 8 TiB where a frame's number has 32 bits. */
#define BARE_START	(1ull << (BITS_PER_LONG == 64 ? 52 : 43))

static void release_bare(struct mirror_claim *claim)
{
}

static const struct mirror_claim_ops bare_ops = {
	.name = "test",
	.bare = true,
	.release = release_bare,
};

__printf(3, 4)
static int refuse(u64 size, int error, const char *fmt, ...)
{
	struct va_format vaf;
	va_list args;

	va_start(args, fmt);
	vaf.fmt = fmt;
	vaf.va = &args;
	pr_err("region test:%lluK: %pV\n", size >> 10, &vaf);
	va_end(args);
	return error;
}

static int check_size(u64 size, u64 start, u64 described, u64 block)
{
	if (!size || size % block)
		return refuse(size, -EINVAL,
			      "give a multiple of the largest block, %lluK",
			      block >> 10);
	/* All frames together must have numbers below a descriptor's 32 bits. */
	if ((size >> PAGE_SHIFT) + described >= MIRROR_NIL ||
	    (start + size - 1) >> PAGE_SHIFT > ULONG_MAX)
		return refuse(size, -ERANGE,
			      "too large; a mirror has less than %lluG in all",
			      (u64)MIRROR_NIL >> (30 - PAGE_SHIFT));
	return 0;
}

static u64 described_pages(const struct mirror_region *region)
{
	unsigned int i;
	u64 nr = 0;

	for (i = 0; i < region->nr; i++)
		nr += region->claim[i].span.size >> PAGE_SHIFT;
	return nr;
}

/* Behind whatever the region has, with a hole. */
static u64 next_start(const struct mirror_region *region)
{
	const struct mirror_span *last;

	if (!region->nr || !region->claim[region->nr - 1].ops->bare)
		return BARE_START;
	last = &region->claim[region->nr - 1].span;
	return ALIGN(last->start + last->size, (u64)SZ_1G) + SZ_1G;
}

static int add_bare(struct mirror_region *region,
		    const struct mirror_span *wanted, u64 block)
{
	struct mirror_claim *claim = &region->claim[region->nr];
	u64 start = next_start(region);
	int ret;

	ret = check_size(wanted->size, start, described_pages(region), block);
	if (ret)
		return ret;
	claim->span = (struct mirror_span){ start, wanted->size, wanted->nid };
	claim->ops = &bare_ops;
	region->nr++;
	pr_info("test region of %llu MiB from %#llx: descriptors only, its blocks have no memory and cannot be mapped\n",
		wanted->size >> 20, start);
	return 0;
}

/**
 * mirror_region_add_bare - ranges without memory, behind those with
 * @region: what has been claimed, or NULL for nothing; given back on error
 * @bare: sizes and nodes
 * @max_order: largest block, of whose size everything must be a multiple
 *
 * Context: Process context; may sleep.
 * Return: the region, or ERR_PTR() with one line in the log: -EINVAL size,
 * -ERANGE too large, -ENOMEM.
 */
struct mirror_region *mirror_region_add_bare(struct mirror_region *region,
					     const struct mirror_spans *bare,
					     unsigned int max_order)
{
	const u64 block = (u64)PAGE_SIZE << max_order;
	unsigned int i;
	int ret = 0;

	if (!region)
		region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < bare->nr && !ret; i++)
		ret = add_bare(region, &bare->span[i], block);
	if (!ret)
		return region;
	mirror_region_release(region);
	return ERR_PTR(ret);
}
