// SPDX-License-Identifier: GPL-2.0
/*
 * Says what is in the page table entry behind an address of the program that
 * loads it: the page frame, and the bits that choose the memory type. No bit set
 * is write-back on any x86.
 *
 *   insmod mirror_mm_pagetype.ko address=0x7f0000000000
 *   cat /sys/module/mirror_mm_pagetype/parameters/{pfn,bits}
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>

static unsigned long address;
module_param(address, ulong, 0444);
MODULE_PARM_DESC(address, "of a page that was touched");

static unsigned long pfn;
module_param(pfn, ulong, 0444);
MODULE_PARM_DESC(pfn, "the answer: page frame");

static unsigned long bits = ULONG_MAX;
module_param(bits, ulong, 0444);
MODULE_PARM_DESC(bits, "the answer: _PAGE_PWT, _PAGE_PCD and _PAGE_PAT");

static int look(pte_t *pte, unsigned long addr, void *data)
{
	if (!pte_present(*pte))
		return -ENOENT;
	pfn = pte_pfn(*pte);
#ifdef CONFIG_X86
	bits = pte_flags(*pte) & (_PAGE_PWT | _PAGE_PCD | _PAGE_PAT);
#endif
	return 0;
}

static int __init pagetype_init(void)
{
	int ret;

	if (!current->mm)
		return -EINVAL;
	mmap_read_lock(current->mm);
	ret = apply_to_page_range(current->mm, address & PAGE_MASK, PAGE_SIZE,
				  look, NULL);
	mmap_read_unlock(current->mm);
	return ret;
}

static void __exit pagetype_exit(void)
{
}

module_init(pagetype_init);
module_exit(pagetype_exit);
MODULE_DESCRIPTION("Memory type of a program's page");
MODULE_LICENSE("GPL");
