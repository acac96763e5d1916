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

/* Only makes the page table that leads there. */
static int leave_entry(pte_t *pte, unsigned long addr, void *data)
{
	return 0;
}

/**
 * mirror_content_make_table - make the page table that a fault needs
 * @vmf: the fault
 *
 * mirror_content_insert() then allocates nothing, so it may be called with a lock
 * that others must not wait for memory under.
 *
 * Context: From a page fault; may sleep.
 * Return: 0 or -ENOMEM.
 */
int mirror_content_make_table(const struct vm_fault *vmf)
{
	if (likely(!pmd_none(READ_ONCE(*vmf->pmd))))
		return 0;
	return apply_to_page_range(vmf->vma->vm_mm, vmf->address & PAGE_MASK, PAGE_SIZE,
				   leave_entry, NULL);
}

/*
 * Under the page table lock. An entry that is present shows this very page. One that
 * is neither present nor empty is a marker of userfaultfd's write protection: where
 * the fault is, the page takes its place and counts as written to, as the fault would
 * come again for ever; elsewhere it stays.
 */
static int set_entry(pte_t *pte, unsigned long addr, void *data)
{
	const struct mirror_insertion *in = data;
	unsigned long pfn = in->pfn + ((addr - in->addr) >> PAGE_SHIFT);
	pte_t old = ptep_get(pte);

	if (pte_none(old) || (addr == in->touched && !pte_present(old)))
		set_pte_at(in->vma->vm_mm, addr, pte,
			   pte_mkspecial(pfn_pte(pfn, in->vma->vm_page_prot)));
	return 0;
}

/* The call for existing tables passes empty entries over, so it is this one. */
static vm_fault_t insert_run(const struct mirror_insertion *in)
{
	return apply_to_page_range(in->vma->vm_mm, in->addr, in->nr << PAGE_SHIFT,
				   set_entry, (void *)in) ?
	       VM_FAULT_OOM : VM_FAULT_NOPAGE;
}

static vm_fault_t insert_each(const struct mirror_insertion *in)
{
	vm_fault_t ret = VM_FAULT_NOPAGE;
	unsigned long i;

	for (i = 0; i < in->nr && ret == VM_FAULT_NOPAGE; i++)
		ret = vmf_insert_pfn(in->vma, in->addr + (i << PAGE_SHIFT), in->pfn + i);
	return ret;
}

static bool stands(const struct mirror_region *region, unsigned long pfn)
{
	return mirror_has_standing(mirror_claim_of(region, pfn), pfn);
}

/**
 * mirror_content_insert - show page frames to a program
 * @region: the memory that they belong to
 * @in: which, and where; mirror_content_make_table() has made the page table
 *
 * What is there already stays. Page tables of such a mapping do not go before the
 * mapping does, so nothing is allocated here.
 *
 * Context: From a page fault.
 * Return: VM_FAULT_NOPAGE, or an error of vmf_insert_pfn().
 */
vm_fault_t mirror_content_insert(const struct mirror_region *region,
				 const struct mirror_insertion *in)
{
	if (NEEDS_TYPE ||
	    (stands(region, in->pfn) && stands(region, in->pfn + in->nr - 1)))
		return insert_run(in);
	return insert_each(in);
}
