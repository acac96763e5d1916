// SPDX-License-Identifier: GPL-2.0
/*
 * Showing page frames to programs.
 *
 * On x86 vmf_insert_pfn() looks the memory type up in a table. The standing
 * mapping of a claim has an entry there that says write-back. Where there is no
 * such mapping, which is so for HIGHMEM of a 32-bit kernel, there is no entry
 * and the table's answer is "uncached": pages would be right, and slow. The only
 * way to an entry is a kernel mapping, and for that there are no addresses. So
 * there the page table entry is written here, with the type of the mapping
 * itself, as graphics drivers do with theirs.
 */
#include <linux/mm.h>
#include "region.h"

#if defined(CONFIG_X86_32) && defined(CONFIG_HIGHMEM)
#define NEEDS_TYPE	true
#else
#define NEEDS_TYPE	false
#endif

struct insertion {
	struct vm_area_struct *vma;
	unsigned long pfn;
};

/* Under the page table lock. An entry that is there shows this very page. */
static int set_entry(pte_t *pte, unsigned long addr, void *data)
{
	struct insertion *in = data;
	pte_t entry = pte_mkspecial(pfn_pte(in->pfn, in->vma->vm_page_prot));

	if (pte_none(*pte))
		set_pte_at(in->vma->vm_mm, addr, pte, entry);
	return 0;
}

static vm_fault_t insert_with_type(struct vm_area_struct *vma,
				   unsigned long addr, unsigned long pfn)
{
	struct insertion in = { vma, pfn };

	return apply_to_page_range(vma->vm_mm, addr, PAGE_SIZE, set_entry, &in) ?
	       VM_FAULT_OOM : VM_FAULT_NOPAGE;
}

/**
 * mirror_content_insert - show a page frame to a program
 * @region: the memory that it belongs to
 * @vma: its mapping
 * @addr: page in it
 * @pfn: a frame of the mirror
 *
 * Context: From a page fault.
 * Return: VM_FAULT_NOPAGE, or an error of vmf_insert_pfn().
 */
vm_fault_t mirror_content_insert(const struct mirror_region *region,
				 struct vm_area_struct *vma,
				 unsigned long addr, unsigned long pfn)
{
	if (NEEDS_TYPE && !mirror_has_standing(mirror_claim_of(region, pfn), pfn))
		return insert_with_type(vma, addr, pfn);
	return vmf_insert_pfn(vma, addr, pfn);
}
