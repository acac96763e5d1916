// SPDX-License-Identifier: GPL-2.0
/*
 * Showing page frames to programs.
 *
 * On x86 vmf_insert_pfn() looks the memory type of each page up in a table, which
 * is most of its cost. The standing mapping of a claim has an entry there that says
 * write-back, which is the type of the user's mapping as well. So for what has such
 * a mapping the page table entries are written here, a run of them at a time, as
 * graphics drivers do with theirs.
 *
 * HIGHMEM of a 32-bit kernel has no standing mapping, so the table's answer would be
 * "uncached": pages would be right, and slow. The only way to an entry is a kernel
 * mapping, and for that there are no addresses. There it is done in this way, too.
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
	unsigned long addr;
	unsigned long pfn;
};

/* Under the page table lock. An entry that is there shows this very page. */
static int set_entry(pte_t *pte, unsigned long addr, void *data)
{
	const struct insertion *in = data;
	unsigned long pfn = in->pfn + ((addr - in->addr) >> PAGE_SHIFT);

	if (pte_none(*pte))
		set_pte_at(in->vma->vm_mm, addr, pte,
			   pte_mkspecial(pfn_pte(pfn, in->vma->vm_page_prot)));
	return 0;
}

static vm_fault_t insert_run(struct vm_area_struct *vma, unsigned long addr,
			     unsigned long pfn, unsigned long nr)
{
	struct insertion in = { vma, addr, pfn };

	return apply_to_page_range(vma->vm_mm, addr, nr << PAGE_SHIFT, set_entry,
				   &in) ? VM_FAULT_OOM : VM_FAULT_NOPAGE;
}

static vm_fault_t insert_each(struct vm_area_struct *vma, unsigned long addr,
			      unsigned long pfn, unsigned long nr)
{
	vm_fault_t ret = vmf_insert_pfn(vma, addr, pfn);
	unsigned long i;

	for (i = 1; i < nr && ret == VM_FAULT_NOPAGE; i++)
		ret = vmf_insert_pfn(vma, addr + (i << PAGE_SHIFT), pfn + i);
	return ret;
}

static bool stands(const struct mirror_region *region, unsigned long pfn)
{
	return mirror_has_standing(mirror_claim_of(region, pfn), pfn);
}

/**
 * mirror_content_insert - show page frames to a program
 * @region: the memory that they belong to
 * @vma: its mapping
 * @addr: where in it
 * @pfn: first of a run of frames of one block
 * @nr: how many
 *
 * What is there already stays.
 *
 * Context: From a page fault.
 * Return: VM_FAULT_NOPAGE, or an error of vmf_insert_pfn().
 */
vm_fault_t mirror_content_insert(const struct mirror_region *region,
				 struct vm_area_struct *vma, unsigned long addr,
				 unsigned long pfn, unsigned long nr)
{
	if (NEEDS_TYPE || (stands(region, pfn) && stands(region, pfn + nr - 1)))
		return insert_run(vma, addr, pfn, nr);
	return insert_each(vma, addr, pfn, nr);
}
