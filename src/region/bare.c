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

#include <linux/printk.h>
#include <linux/sizes.h>
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
	pr_err("region test:%s: %pV\n", mirror_size_text(size).s, &vaf);
	va_end(args);
	return error;
}

static int check_size(u64 size, u64 start, u64 described, u64 block)
{
	if (!size || size & (block - 1))
		return refuse(size, -EINVAL,
			      "give a multiple of the largest block, %s",
			      mirror_size_text(block).s);
	/* All frames together must have numbers below a descriptor's 32 bits. */
	if ((size >> PAGE_SHIFT) + described >= MIRROR_NIL ||
	    (start + size) >> PAGE_SHIFT > ULONG_MAX)
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

/* Behind whatever the region has of this kind, with a hole. */
static u64 next_start(const struct mirror_region *region)
{
	u64 start = BARE_START;
	unsigned int i;

	for (i = 0; i < region->nr; i++) {
		const struct mirror_claim *claim = &region->claim[i];

		if (claim->ops->bare)
			start = ALIGN(mirror_span_end(&claim->span),
				      (u64)SZ_1G) + SZ_1G;
	}
	return start;
}

static int add_bare(struct mirror_region *region,
		    const struct mirror_span *wanted, u64 block)
{
	struct mirror_claim *claim;
	u64 start = next_start(region);
	int ret;

	ret = check_size(wanted->size, start, described_pages(region), block);
	if (ret)
		return ret;
	claim = mirror_region_add(region);
	if (!claim)
		return -EINVAL;
	claim->span = (struct mirror_span){ start, wanted->size, wanted->nid };
	claim->ops = &bare_ops;
	pr_info("test region of %llu MiB from %#llx: descriptors only, its blocks have no memory and cannot be mapped\n",
		wanted->size >> 20, start);
	return 0;
}

/**
 * mirror_claim_bare - ranges without memory
 * @region: gets a claim for each
 * @bare: sizes and nodes
 * @block: bytes of the largest block, of which everything must be a multiple
 *
 * Context: Process context.
 * Return: 0, or with one line in the log -EINVAL for a size or too many ranges,
 * -ERANGE too large. The region is to be released then.
 */
int mirror_claim_bare(struct mirror_region *region,
		      const struct mirror_spans *bare, u64 block)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < bare->nr && !ret; i++)
		ret = add_bare(region, &bare->span[i], block);
	return ret;
}
