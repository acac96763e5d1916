/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory behind a mirror: ranges taken from the host, and their content.
 */
#ifndef _MIRROR_REGION_H
#define _MIRROR_REGION_H

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

struct mirror_spans {
	unsigned int nr;
	struct mirror_span span[MIRROR_MAX_CLAIMS];
};

/* parse.c */
int mirror_parse_memmap(const char *cmdline, struct mirror_spans *spans);
int mirror_parse_region(const char *text, struct mirror_spans *spans,
			struct mirror_spans *bare);
int mirror_parse_zones(const char *text, struct mirror_config *conf);
int mirror_read_cmdline(char **cmdline);

/* claim.c */

struct mirror_claim;

/**
 * struct mirror_claim_ops - a way to get memory
 * @name: for messages
 * @bare: there is no memory behind it
 * @release: gives the claim back to where it came from
 */
struct mirror_claim_ops {
	const char *name;
	bool bare;
	void (*release)(struct mirror_claim *claim);
};

/**
 * struct mirror_claim - one range that is ours
 * @span: where
 * @ops: how it was got; NULL until there is something to give back
 * @base: our write-back mapping of all of it, NULL where there is none
 */
struct mirror_claim {
	struct mirror_span span;
	const struct mirror_claim_ops *ops;
	void *base;
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

struct mirror_region *mirror_region_claim(struct mirror_spans *spans,
					  const struct mirror_spans *reserved,
					  unsigned int max_order);
struct mirror_region *mirror_region_vmalloc(u64 start, u64 size);
void mirror_region_release(struct mirror_region *region);
unsigned int mirror_region_ranges(const struct mirror_region *region,
				  struct mirror_range *ranges);

/* bare.c */
struct mirror_region *mirror_region_add_bare(struct mirror_region *region,
					     const struct mirror_spans *bare,
					     unsigned int max_order);

/* content.c */
bool mirror_content_exists(const struct mirror_region *region,
			   unsigned long pfn);
void *mirror_content_address(const struct mirror_region *region,
			     unsigned long pfn);
void mirror_content_zero(const struct mirror_region *region, unsigned long pfn,
			 unsigned int order);
int mirror_content_copy(const struct mirror_region *region, unsigned long pfn,
			unsigned long offset, void *buf, int len, bool write);
vm_fault_t mirror_content_insert(struct vm_area_struct *vma,
				 unsigned long addr, unsigned long pfn);

#endif /* _MIRROR_REGION_H */
