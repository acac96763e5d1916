// SPDX-License-Identifier: GPL-2.0
/*
 * User mappings.
 *
 * A mapping shows one block, or a part of it, and holds a reference to it, so
 * the block's offset is not used again while it lives. Pages are inserted when
 * they are touched. Freeing the block takes them out and leaves the mapping
 * pointing nowhere: the fault handler finds the block freed and sends SIGBUS.
 *
 * The block lock covers the look at the state and the insertion, and freeing
 * changes the state and zaps under it: no page is inserted after the zap.
 */
#include <linux/fs.h>
#include <linux/mm.h>
#include "compat.h"
#include "device.h"
#include "region/region.h"

/*
 * Pages inserted around the one that was touched, a power of two; no more than one
 * page table has. Each but the touched one costs about as much as a look at it.
 */
#define FAULT_AROUND	512ul

struct shown {
	struct mirror_blocks *blocks;
	struct mirror_block *block;
};

static struct shown shown_by(struct vm_area_struct *vma)
{
	struct mirror_file *file = vma->vm_file->private_data;

	return (struct shown){ file->dev->blocks, vma->vm_private_data };
}

/* Page of the block at an address. */
static unsigned long page_at(const struct vm_area_struct *vma,
			     const struct shown *s, unsigned long addr)
{
	return ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff -
	       mirror_block_pgoff(s->blocks, s->block);
}

/*
 * The touched page, and all that lie in the same window, mapping and block. The
 * block was cleared as a whole, so none of them shows anything it should not.
 */
static vm_fault_t insert_around(struct vm_area_struct *vma, const struct shown *s,
				unsigned long touched)
{
	unsigned long size = FAULT_AROUND << PAGE_SHIFT;
	unsigned long window = round_down(touched, size);
	unsigned long addr = max(window, vma->vm_start);
	unsigned long nr = (min(window + size, vma->vm_end) - addr) >> PAGE_SHIFT;
	unsigned long page = page_at(vma, s, addr);

	nr = min(nr, (1ul << s->block->order) - page);
	return mirror_content_insert(s->blocks->m->region, vma, addr,
				     mirror_block_pfn(s->blocks, s->block) + page, nr);
}

static vm_fault_t fault_locked(struct vm_fault *vmf, const struct shown *s)
{
	unsigned long addr = vmf->address & PAGE_MASK;

	if (page_at(vmf->vma, s, addr) >= 1ul << s->block->order ||
	    mirror_block_expose(s->blocks, s->block))
		return VM_FAULT_SIGBUS;
	return insert_around(vmf->vma, s, addr);
}

static vm_fault_t mirror_fault(struct vm_fault *vmf)
{
	struct shown s = shown_by(vmf->vma);
	struct mutex *lock = mirror_block_lock(s.blocks, s.block);
	vm_fault_t ret;

	mutex_lock(lock);
	ret = fault_locked(vmf, &s);
	mutex_unlock(lock);
	return ret;
}

/* For fork() and for a mapping that is cut in two. */
static void mirror_vma_open(struct vm_area_struct *vma)
{
	struct shown s = shown_by(vma);

	refcount_inc(&s.block->refs);
	atomic_inc(&s.block->mappings);
}

static void mirror_vma_close(struct vm_area_struct *vma)
{
	struct shown s = shown_by(vma);

	atomic_dec(&s.block->mappings);
	mirror_block_put(s.blocks, s.block);
}

/* For debuggers, who cannot get at pages that have no struct page. */
static int mirror_access(struct vm_area_struct *vma, unsigned long addr,
			 void *buf, int len, int write)
{
	struct shown s = shown_by(vma);
	struct mutex *lock = mirror_block_lock(s.blocks, s.block);
	unsigned long offset = (page_at(vma, &s, addr) << PAGE_SHIFT) +
			       offset_in_page(addr);
	unsigned long size = PAGE_SIZE << s.block->order;
	int ret = -EFAULT;

	if (write && !(vma->vm_flags & VM_MAYWRITE))
		return -EFAULT;
	if (offset >= size || len <= 0)
		return -EFAULT;
	len = min_t(unsigned long, len, size - offset);
	mutex_lock(lock);
	if (!mirror_block_expose(s.blocks, s.block))
		ret = mirror_content_copy(s.blocks->m,
					  mirror_block_page(s.blocks, s.block),
					  offset, buf, len, write);
	mutex_unlock(lock);
	return ret;
}

static const struct vm_operations_struct mirror_vm_ops = {
	.open	= mirror_vma_open,
	.close	= mirror_vma_close,
	.fault	= mirror_fault,
	.access	= mirror_access,
};

/**
 * mirror_mmap - map a block or a part of it
 * @filp: the device's file that allocated it
 * @vma: where; its offset is one that ALLOC returned, plus pages
 *
 * Context: Process context; mmap_lock is held for writing.
 * Return: 0; -EINVAL a private mapping, or one that runs past the block's end;
 * -ENXIO no live block of this file at that offset; -ENODEV a block without
 * memory, of region=test:; -EIO out of service.
 */
int mirror_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct mirror_file *file = filp->private_data;
	struct mirror_blocks *blocks = file->dev->blocks;
	struct mirror_block *block;
	unsigned long first;

	if (mirror_is_broken(blocks->m))
		return -EIO;
	/* VM_SHARED goes where the file is read-only; VM_MAYSHARE stays. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	block = mirror_block_by_offset(blocks, &file->owner, vma->vm_pgoff);
	if (!block)
		return -ENXIO;
	first = vma->vm_pgoff - mirror_block_pgoff(blocks, block);
	if (first + vma_pages(vma) > 1ul << block->order) {
		mirror_block_put(blocks, block);
		return -EINVAL;
	}
	if (!mirror_content_exists(blocks->m->region,
				   mirror_block_pfn(blocks, block))) {
		mirror_block_put(blocks, block);
		return -ENODEV;
	}
	mirror_vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = block;
	vma->vm_ops = &mirror_vm_ops;
	atomic_inc(&block->mappings);
	return 0;
}
