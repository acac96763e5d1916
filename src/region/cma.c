// SPDX-License-Identifier: GPL-2.0
/*
 * cma=: ranges from the host's default CMA area.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmstat.h>
#include "region.h"

/* Why there is none, as far as a module can see it. */
static int none(const struct mirror_span *s)
{
	u64 free = (u64)global_zone_page_state(NR_FREE_CMA_PAGES) << PAGE_SHIFT;

	if (!free)
		pr_err("cma=%s: the running kernel has no free CMA memory; boot with cma=%s or more\n",
		       mirror_size_text(s->size).s,
		       mirror_size_text(s->size).s);
	else
		pr_err("cma=%s: the kernel's CMA area has no such stretch, aligned to the largest block; %s of it are free: give less, or boot with a larger cma=\n",
		       mirror_size_text(s->size).s, mirror_size_text(free).s);
	return -ENOMEM;
}

static int check_size(const struct mirror_span *s, u64 block)
{
	if (s->size && !(s->size & (block - 1)))
		return 0;
	pr_err("cma=%s: size must be a multiple of the largest block, %s\n",
	       mirror_size_text(s->size).s, mirror_size_text(block).s);
	return -EINVAL;
}

static int take_cma(struct mirror_region *region, const struct mirror_span *s,
		    u64 block)
{
	struct mirror_claim *claim = mirror_region_add(region);
	struct platform_device *dev;

	if (!claim)
		return -EINVAL;
	dev = mirror_dma_device();
	if (IS_ERR(dev)) {
		pr_err("cma=%s: no device can be made to ask for it (%ld)\n",
		       mirror_size_text(s->size).s, PTR_ERR(dev));
		return PTR_ERR(dev);
	}
	claim->span.nid = s->nid;
	return mirror_take_dma(claim, dev, s->size, block) ? none(s) : 0;
}

/**
 * mirror_claim_cma - claim memory of the default CMA area
 * @region: gets a claim for each size
 * @text: cma=, as size[:node],...
 * @block: bytes of the largest block, to which everything is aligned
 *
 * Context: Process context; may sleep, and move the host's pages out of the way.
 * Return: 0, or with one line in the log -EOPNOTSUPP where the host has no CMA,
 * -EINVAL for a text or a size that is none, -ENOMEM where the area has no such
 * stretch. The region is to be released then.
 */
int mirror_claim_cma(struct mirror_region *region, const char *text, u64 block)
{
	struct mirror_spans *spans;
	unsigned int i;
	int ret;

	if (!IS_ENABLED(CONFIG_DMA_CMA)) {
		pr_err("cma=%s: the running kernel was built without CMA (CONFIG_DMA_CMA); reserve memory with memmap= and load with region=auto, or use a kernel with CMA\n",
		       text);
		return -EOPNOTSUPP;
	}
	spans = kzalloc(sizeof(*spans), GFP_KERNEL);
	if (!spans)
		return -ENOMEM;
	ret = mirror_parse_cma(text, spans);
	for (i = 0; i < spans->nr && !ret; i++)
		ret = check_size(&spans->span[i], block);
	for (i = 0; i < spans->nr && !ret; i++)
		ret = take_cma(region, &spans->span[i], block);
	kfree(spans);
	return ret;
}
