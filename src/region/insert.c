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

/* What set_entry() needs of an insertion in one place, as it is called for each page. */
struct run {
	struct mirror_insertion in;
	pgprot_t prot;
	struct mm_struct *mm;
};

/*
 * Under the page table lock. Whoever takes frames out of sight first says so in
 * @revoked and then walks the page tables, so an entry that is written before is found
 * by that walk, and one that would be written afterwards is not.
 *
 * An entry that is present shows this very page. One that is neither present nor empty
 * is a marker of userfaultfd's write protection: where the fault is, the page takes its
 * place and counts as written to, as the fault would come again for ever; elsewhere it
 * stays.
 */
static notrace int set_entry(pte_t *pte, unsigned long addr, void *data)
{
	const struct run *run = data;
	const struct mirror_insertion *in = &run->in;
	unsigned long i = (addr - in->addr) >> PAGE_SHIFT;

	/* The lock stays taken for all of one page table, which is all there are. */
	if (!i) {
		/* Pairs with the one in revoke(): a new page table, then this look. */
		smp_mb();
		if (READ_ONCE(*in->revoked))
			return -ENXIO;
	}
	if (likely(pte_none(*pte)) || (addr == in->touched && !pte_present(*pte)))
		set_pte_at(run->mm, addr, pte,
			   pte_mkspecial(pfn_pte(in->pfn + i, run->prot)));
	return 0;
}

/* A kernel with highmem of its own maps frames that have no standing mapping. */
static bool has_write_back_type(const struct mirror_region *region, unsigned long pfn)
{
	return IS_ENABLED(CONFIG_HIGHMEM) ||
	       mirror_has_standing(mirror_claim_of(region, pfn), pfn);
}

/**
 * mirror_content_insert - show page frames to a program
 * @region: the memory that they belong to
 * @in: which, and where; all of it in one page table
 *
 * What is there already stays. Page tables are allocated, so no lock should be held
 * that others must not wait for memory under.
 *
 * Context: From a page fault; may sleep.
 * Return: VM_FAULT_NOPAGE, also where they were revoked; VM_FAULT_SIGBUS where they
 * have no mapping that says what type of memory they are; VM_FAULT_OOM.
 */
vm_fault_t mirror_content_insert(const struct mirror_region *region,
				 const struct mirror_insertion *in)
{
	struct run run = { *in, in->vma->vm_page_prot, in->vma->vm_mm };
	int ret;

	/* A block, and so the run, is of one claim. */
	if (!has_write_back_type(region, in->pfn))
		return VM_FAULT_SIGBUS;
	ret = apply_to_page_range(run.mm, in->addr, in->nr << PAGE_SHIFT, set_entry, &run);
	/* Where they were revoked the fault comes back, and its handler knows by then. */
	return ret && ret != -ENXIO ? VM_FAULT_OOM : VM_FAULT_NOPAGE;
}
