// SPDX-License-Identifier: GPL-2.0
/*
 * Memory from the DMA API: the only door that a module has to CMA.
 *
 * Each claim has a platform device of its own, because the API chooses the CMA
 * area by device. What it gives are pages of RAM in the kernel's direct mapping,
 * which the host had lent to movable pages and counts as used from now on.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/dma-mapping.h>
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/of_reserved_mem.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include "region.h"

/**
 * struct dma_memory - what the API gave
 * @dev: for whom
 * @page: first page
 * @bytes: how much, aligned to pages only
 * @handle: address for a device; nobody looks at it
 */
struct dma_memory {
	struct platform_device *dev;
	struct page *page;
	size_t bytes;
	dma_addr_t handle;
};

static void give_back(struct dma_memory *mem)
{
	dma_free_pages(&mem->dev->dev, mem->bytes, mem->page, mem->handle,
		       DMA_BIDIRECTIONAL);
}

/*
 * Where CMA has nothing, the API turns to the page allocator by itself. The two
 * can be told apart: CMA's pages are single ones, each with its own reference,
 * while of a block only the first page has one. A largest block is asked for at
 * least, so the last page is never the first.
 */
static bool is_cma(const struct dma_memory *mem)
{
	return page_count(mem->page + (mem->bytes >> PAGE_SHIFT) - 1) > 0;
}

static int ask(struct dma_memory *mem, size_t bytes)
{
	mem->bytes = bytes;
	mem->page = dma_alloc_pages(&mem->dev->dev, bytes, &mem->handle,
				    DMA_BIDIRECTIONAL,
				    GFP_KERNEL | __GFP_NOWARN | __GFP_NORETRY);
	if (!mem->page)
		return -ENOMEM;
	if (is_cma(mem))
		return 0;
	give_back(mem);
	return -ENOMEM;
}

/*
 * CMA aligns to CONFIG_CMA_ALIGNMENT at most, so asking again takes what was
 * missing in addition. Each round asks for more, and for less than a block more.
 */
static int ask_aligned(struct dma_memory *mem, size_t size, size_t block)
{
	size_t pad = 0, missing;
	int ret;

	for (;; pad = missing) {
		if (size + pad < size)
			return -ENOMEM;
		ret = ask(mem, size + pad);
		if (ret)
			return ret;
		missing = -page_to_phys(mem->page) & (block - 1);
		if (missing <= pad)
			return 0;
		give_back(mem);
	}
}

static void release_device(struct platform_device *dev)
{
	of_reserved_mem_device_release(&dev->dev);
	platform_device_unregister(dev);
}

static void release_dma(struct mirror_claim *claim)
{
	struct dma_memory *mem = claim->priv;

	give_back(mem);
	release_device(mem->dev);
	kfree(mem);
}

static struct page *dma_page(const struct mirror_claim *claim, u64 offset)
{
	return pfn_to_page((claim->span.start + offset) >> PAGE_SHIFT);
}

static const struct mirror_claim_ops dma_ops = {
	.name = "cma",
	.page = dma_page,
	.in_image = true,
	.release = release_dma,
};

static void describe_claim(struct mirror_claim *claim, struct dma_memory *mem, u64 size,
			   u64 block)
{
	u64 start = page_to_phys(mem->page);

	claim->span.start = round_up(start, block);
	claim->span.size = size;
	claim->base = page_address(mem->page) + (claim->span.start - start);
	claim->priv = mem;
	claim->ops = &dma_ops;
}

/**
 * mirror_dma_device - a device to ask for memory with
 *
 * Context: Process context; may sleep.
 * Return: the device, which mirror_take_dma() takes over, or ERR_PTR().
 */
struct platform_device *mirror_dma_device(void)
{
	struct platform_device *dev;
	int ret;

	dev = platform_device_register_simple("mirror_mm-dma",
					      PLATFORM_DEVID_AUTO, NULL, 0);
	/* The device has no mistakes; it lacks memory for its name. */
	if (PTR_ERR_OR_ZERO(dev) == -EINVAL)
		return ERR_PTR(-ENOMEM);
	if (IS_ERR(dev))
		return dev;
	ret = dma_coerce_mask_and_coherent(&dev->dev, DMA_BIT_MASK(64));
	if (!ret)
		return dev;
	platform_device_unregister(dev);
	return ERR_PTR(ret);
}

/**
 * mirror_take_dma - take memory from a device's CMA area
 * @claim: becomes the claim; its span.nid stays
 * @dev: whose area; from mirror_dma_device(), and gone after an error
 * @size: bytes, whole blocks
 * @block: bytes of the largest block
 *
 * Context: Process context; may sleep.
 * Return: 0, or -ENOMEM without a line in the log.
 */
int mirror_take_dma(struct mirror_claim *claim, struct platform_device *dev,
		    u64 size, u64 block)
{
	struct dma_memory *mem = kzalloc(sizeof(*mem), GFP_KERNEL);
	int ret = -ENOMEM;

	if (mem && size == (size_t)size) {
		mem->dev = dev;
		ret = ask_aligned(mem, size, block);
	}
	if (!ret) {
		describe_claim(claim, mem, size, block);
		return 0;
	}
	kfree(mem);
	release_device(dev);
	return ret;
}
