// SPDX-License-Identifier: GPL-2.0
/*
 * Page content: the only file that reaches it.
 *
 * The kernel's side is the write-back mapping that a claim keeps for as long as
 * it lives. It also holds the memory type for user mappings: without it x86
 * would silently make them uncached.
 */
#include <linux/mm.h>
#include <linux/string.h>
#include "region.h"

/* The claim with a frame's memory; none where the claim is one of names only. */
static const struct mirror_claim *claim_of(const struct mirror_region *region,
					   unsigned long pfn)
{
	u64 phys = (u64)pfn << PAGE_SHIFT;
	unsigned int i;

	for (i = 0; i < region->nr; i++)
		if (phys - region->claim[i].span.start <
		    region->claim[i].span.size)
			return region->claim[i].ops->bare ?
			       NULL : &region->claim[i];
	return NULL;
}

/**
 * mirror_content_exists - is there memory behind a page frame?
 * @region: the region, or NULL for a mirror without memory
 * @pfn: a frame of the mirror
 *
 * Context: Any.
 * Return: false for a frame of region=test:.
 */
bool mirror_content_exists(const struct mirror_region *region,
			   unsigned long pfn)
{
	return region && claim_of(region, pfn);
}

/**
 * mirror_content_address - where the kernel sees a page frame
 * @region: the region, or NULL for a mirror without memory
 * @pfn: a frame of the mirror
 *
 * Context: Any.
 * Return: the address, or NULL where there is none.
 */
void *mirror_content_address(const struct mirror_region *region,
			     unsigned long pfn)
{
	const struct mirror_claim *claim = region ? claim_of(region, pfn) : NULL;

	if (!claim)
		return NULL;
	return claim->base + (((u64)pfn << PAGE_SHIFT) - claim->span.start);
}

/**
 * mirror_content_zero - clear a block
 * @region: the region, or NULL for a mirror without memory
 * @pfn: its first frame
 * @order: of the block
 *
 * Context: Any.
 */
void mirror_content_zero(const struct mirror_region *region, unsigned long pfn,
			 unsigned int order)
{
	char *at = mirror_content_address(region, pfn);
	unsigned long i;

	if (!at)
		return;
	for (i = 0; i < 1ul << order; i++)
		clear_page(at + (i << PAGE_SHIFT));
}

/**
 * mirror_content_copy - read or write a block's content
 * @region: the region
 * @pfn: first frame of the block
 * @offset: byte in it
 * @buf: kernel memory
 * @len: bytes, not beyond the end of the block
 * @write: into the block
 *
 * Context: Any.
 * Return: @len, or -EFAULT where there is no memory.
 */
int mirror_content_copy(const struct mirror_region *region, unsigned long pfn,
			unsigned long offset, void *buf, int len, bool write)
{
	char *at = mirror_content_address(region, pfn);

	if (!at)
		return -EFAULT;
	if (write)
		memcpy(at + offset, buf, len);
	else
		memcpy(buf, at + offset, len);
	return len;
}

/**
 * mirror_content_insert - show a page frame to a program
 * @vma: its mapping
 * @addr: page in it
 * @pfn: a frame of the mirror
 *
 * Context: From a page fault.
 * Return: VM_FAULT_NOPAGE, or an error of vmf_insert_pfn().
 */
vm_fault_t mirror_content_insert(struct vm_area_struct *vma,
				 unsigned long addr, unsigned long pfn)
{
	return vmf_insert_pfn(vma, addr, pfn);
}
