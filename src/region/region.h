/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory behind a mirror: ranges taken from the host, and their content.
 */
#ifndef _MIRROR_REGION_H
#define _MIRROR_REGION_H

#include <linux/err.h>
#include <linux/mm_types.h>
#include <linux/types.h>
#include "core/mirror.h"

#define MIRROR_MAX_CLAIMS	16

/**
 * struct mirror_span - a physical range as somebody names it
 * @start: first byte
 * @size: bytes
 * @nid: node that it becomes part of
 */
struct mirror_span {
	u64 start;
	u64 size;
	int nid;
};

static inline u64 mirror_span_end(const struct mirror_span *s)
{
	return s->start + s->size;
}

struct mirror_spans {
	unsigned int nr;
	struct mirror_span span[MIRROR_MAX_CLAIMS];
};

/* parse.c */
int mirror_parse_memmap(const char *cmdline, struct mirror_spans *spans);
int mirror_parse_cma(const char *text, struct mirror_spans *spans);
int mirror_parse_region(const char *text, struct mirror_spans *spans);
int mirror_parse_zones(const char *text, struct mirror_config *conf);
int mirror_read_cmdline(char **cmdline);

/* region.c */

struct mirror_claim;

/**
 * struct mirror_claim_ops - a way to get memory
 * @name: for messages
 * @release: gives the claim back to where it came from
 */
struct mirror_claim_ops {
	const char *name;
	void (*release)(struct mirror_claim *claim);
};

/**
 * struct mirror_claim - one range that is ours
 * @span: where
 * @ops: how it was got; NULL until there is something to give back
 * @base: our write-back mapping of all of it, NULL where there is none
 * @priv: of @ops
 */
struct mirror_claim {
	struct mirror_span span;
	const struct mirror_claim_ops *ops;
	void *base;
	void *priv;
};

/**
 * struct mirror_region - all memory of one mirror, in address order
 * @nr: claims
 * @claim: the claims
 */
struct mirror_region {
	unsigned int nr;
	struct mirror_claim claim[MIRROR_MAX_CLAIMS];
};

struct mirror_claim *mirror_region_add(struct mirror_region *region);
void mirror_region_sort(struct mirror_region *region);
struct mirror_region *mirror_region_vmalloc(u64 start, u64 size);
void mirror_region_release(struct mirror_region *region);
unsigned int mirror_region_ranges(const struct mirror_region *region,
				  struct mirror_range *ranges);

/* claim.c */
__printf(3, 4)
int mirror_refuse(const struct mirror_span *s, int error, const char *fmt, ...);
int mirror_check_shape(const struct mirror_span *s, u64 block);
int mirror_take_reserved(struct mirror_claim *claim,
			 const struct mirror_span *s, u64 block);
int mirror_claim_memmap(struct mirror_region *region,
			struct mirror_spans *spans,
			const struct mirror_spans *reserved, u64 block);

/* dma.c */

struct platform_device;

#ifdef CONFIG_DMA_CMA
struct platform_device *mirror_dma_device(void);
int mirror_take_dma(struct mirror_claim *claim, struct platform_device *dev,
		    u64 size, u64 block);
#else
static inline struct platform_device *mirror_dma_device(void)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline int mirror_take_dma(struct mirror_claim *claim,
				  struct platform_device *dev, u64 size,
				  u64 block)
{
	return -EOPNOTSUPP;
}
#endif

/* cma.c */
int mirror_claim_cma(struct mirror_region *region, const char *text, u64 block);

/* dt.c */

struct device_node;

#ifdef CONFIG_OF
int mirror_claim_dt(struct mirror_region *region, struct device_node *np,
		    u64 block);
#else
static inline int mirror_claim_dt(struct mirror_region *region,
				  struct device_node *np, u64 block)
{
	return -EOPNOTSUPP;
}
#endif

/* source.c */

/**
 * struct mirror_sources - where the memory of a mirror is to come from
 * @region: region=, or NULL or empty; "auto" for all that memmap= reserved
 * @cma: cma=, or NULL or empty
 * @dt: node of the device tree that names reserved memory, or NULL
 */
struct mirror_sources {
	char *region;
	char *cma;
	struct device_node *dt;
};

bool mirror_sources_any(const struct mirror_sources *from);
struct mirror_region *mirror_region_open(const struct mirror_sources *from,
					 unsigned int max_order);

/* content.c */
void *mirror_content_address(const struct mirror_region *region,
			     unsigned long pfn);
void mirror_content_zero(const struct mirror_region *region, unsigned long pfn,
			 unsigned int order);
int mirror_content_copy(const struct mirror_region *region, unsigned long pfn,
			unsigned long offset, void *buf, int len, bool write);
vm_fault_t mirror_content_insert(struct vm_area_struct *vma,
				 unsigned long addr, unsigned long pfn);

#endif /* _MIRROR_REGION_H */
