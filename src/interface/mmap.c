// SPDX-License-Identifier: GPL-2.0
/*
 * User mappings.
 *
 * A mapping shows one block, or a part of it, and holds a reference to it, so
 * the block's offset is not used again while it lives. Pages are inserted when
 * they are touched. Freeing the block takes them out and leaves the mapping
 * pointing nowhere: the fault handler finds the block freed and sends SIGBUS.
 *
 * Freeing changes the state and then zaps. An insertion looks at the state under the
 * page table lock, which the zap takes as well: no page is inserted after the zap. So
 * the block lock, which a fault takes to have the content cleared, is not held while
 * page tables are allocated.
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
static_assert(FAULT_AROUND <= PTRS_PER_PTE);

/* Page of the block at an address. */
static unsigned long page_at(const struct vm_area_struct *vma,
			     const struct mirror_block *block, unsigned long addr)
{
	return ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff -
	       mirror_block_pgoff(mirror_block_owner(block)->blocks, block);
}

/*
 * The touched page, and all that lie in the same window, mapping and block. The
 * block was cleared as a whole, so none of them shows anything it should not.
 */
static void find_run(struct mirror_insertion *in, const struct mirror_block *block)
{
	unsigned long size = FAULT_AROUND << PAGE_SHIFT;
	unsigned long window = round_down(in->touched, size);
	unsigned long end = min(window + size, in->vma->vm_end);
	unsigned long page;

	in->addr = max(window, in->vma->vm_start);
	page = page_at(in->vma, block, in->addr);
	in->pfn = mirror_block_pfn(mirror_block_mirror(block), block) + page;
	in->nr = min((end - in->addr) >> PAGE_SHIFT, (1ul << block->order) - page);
}

/* In a mirror that ever had a bad page each page is looked at by itself. */
static vm_fault_t insert_single(struct mirror_insertion *in, struct mirror_block *block)
{
	const struct mirror *m = mirror_block_mirror(block);
	unsigned long page = page_at(in->vma, block, in->touched);

	if (mirror_page_is_bad(m, mirror_block_page(m, block) + page))
		return VM_FAULT_HWPOISON;
	in->addr = in->touched;
	in->pfn = mirror_block_pfn(m, block) + page;
	in->nr = 1;
	return mirror_content_insert(m->region, in);
}

/* A page was reported while pages were inserted; it may be one of them. */
static vm_fault_t undo_insertion(struct mirror_block *block)
{
	struct mirror_owner *owner = mirror_block_owner(block);

	unmap_mapping_pages(owner->mapping, mirror_block_pgoff(owner->blocks, block),
			    1ul << block->order, true);
	return VM_FAULT_NOPAGE;
}

static vm_fault_t insert_around(struct vm_area_struct *vma, unsigned long touched)
{
	struct mirror_block *block = vma->vm_private_data;
	const struct mirror *m = mirror_block_mirror(block);
	u32 reports = READ_ONCE(m->bad.reports);
	struct mirror_insertion in = {
		.vma = vma, .touched = touched, .revoked = &block->state,
	};
	vm_fault_t ret;

	if (unlikely(reports)) {
		ret = insert_single(&in, block);
	} else {
		find_run(&in, block);
		ret = mirror_content_insert(m->region, &in);
	}
	/* Pairs with the one in mirror_blocks_hide_bad(): the entries, then this look. */
	smp_mb();
	return likely(READ_ONCE(m->bad.reports) == reports) ? ret : undo_insertion(block);
}

static vm_fault_t fault_of_error(int error)
{
	return error == -EHWPOISON ? VM_FAULT_HWPOISON : VM_FAULT_SIGBUS;
}

/* A task that is being killed gets the signal instead of the page. */
static vm_fault_t mirror_fault(struct vm_fault *vmf)
{
	struct mirror_block *block = vmf->vma->vm_private_data;
	struct mutex *lock = mirror_block_lock(block);
	unsigned long addr = vmf->address & PAGE_MASK;
	int ret;

	if (page_at(vmf->vma, block, addr) >= 1ul << block->order ||
	    mutex_lock_killable(lock))
		return VM_FAULT_SIGBUS;
	ret = mirror_block_expose(block);
	mutex_unlock(lock);
	return ret ? fault_of_error(ret) : insert_around(vmf->vma, addr);
}

/* For fork() and for a mapping that is cut in two. */
static void mirror_vma_open(struct vm_area_struct *vma)
{
	struct mirror_block *block = vma->vm_private_data;

	refcount_inc(&block->refs);
	atomic_inc(&block->mappings);
}

static void mirror_vma_close(struct vm_area_struct *vma)
{
	struct mirror_block *block = vma->vm_private_data;

	atomic_dec(&block->mappings);
	mirror_block_put(block);
}

/*
 * What the kernel asks of a mapping of ordinary pages before a debugger gets at it.
 * Debuggers may read where the program may not, where this kernel leaves it to them;
 * they write to a shared mapping only where the program may.
 */
static bool access_allowed(const struct vm_area_struct *vma, int write)
{
	if (write)
		return vma->vm_flags & VM_WRITE;
	return vma->vm_flags & VM_READ ||
	       (vma->vm_flags & VM_MAYREAD && mirror_may_force(vma->vm_mm));
}

/* How many of the bytes from @offset on may be touched: none of a bad page. */
static unsigned long without_bad(struct mirror_block *block, unsigned long offset,
				 unsigned long len)
{
	const struct mirror *m = mirror_block_mirror(block);
	const struct mirror_page *page = mirror_block_page(m, block) + (offset >> PAGE_SHIFT);

	if (likely(!mirror_nr_hwpoison(m)))
		return len;
	return mirror_page_is_bad(m, page) ? 0 :
	       min(len, PAGE_SIZE - offset_in_page(offset));
}

/*
 * For debuggers, who cannot get at pages that have no struct page. As much as lies in
 * the mapping and in the block; the caller goes on with what is behind it.
 */
static int mirror_access(struct vm_area_struct *vma, unsigned long addr,
			 void *buf, int len, int write)
{
	struct mirror_block *block = vma->vm_private_data;
	struct mirror *m = mirror_block_mirror(block);
	unsigned long page = page_at(vma, block, addr);
	struct mutex *lock = mirror_block_lock(block);
	unsigned long offset, left;
	int ret = -EFAULT;

	if (len <= 0 || addr < vma->vm_start || addr >= vma->vm_end ||
	    page >= 1ul << block->order || !access_allowed(vma, write))
		return -EFAULT;
	offset = (page << PAGE_SHIFT) + offset_in_page(addr);
	left = min3(vma->vm_end - addr, (PAGE_SIZE << block->order) - offset,
		    (unsigned long)len);
	if (mutex_lock_killable(lock))
		return -EINTR;
	left = without_bad(block, offset, left);
	if (left && !mirror_block_expose(block))
		ret = mirror_content_copy(m, mirror_block_page(m, block), offset, buf,
					  left, write);
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
 * mirror_map_block - make a new mapping show a block
 * @vma: where; its offset is the block's in its file, plus pages
 * @block: with a reference, which the mapping takes over where it succeeds
 * @writable: it may be written to, now or later
 *
 * Context: Process context; mmap_lock is held for writing.
 * Return: 0; -EINVAL a private mapping, or one that runs past the block's end;
 * -EACCES for writing without @writable; -ENODEV a block without memory, of
 * region=test:; -EIO out of service.
 */
int mirror_map_block(struct vm_area_struct *vma, struct mirror_block *block,
		     bool writable)
{
	const struct mirror *m = mirror_block_mirror(block);
	unsigned long first = page_at(vma, block, vma->vm_start);

	if (mirror_is_broken(m))
		return -EIO;
	/* VM_SHARED goes where the file is read-only; VM_MAYSHARE stays. */
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	if (first >= 1ul << block->order ||
	    vma_pages(vma) > (1ul << block->order) - first)
		return -EINVAL;
	if (!writable && vma->vm_flags & VM_WRITE)
		return -EACCES;
	if (!mirror_content_exists(m->region, mirror_block_pfn(m, block)))
		return -ENODEV;
	if (!writable)
		mirror_vm_flags_clear(vma, VM_MAYWRITE);
	mirror_vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
	vma->vm_private_data = block;
	vma->vm_ops = &mirror_vm_ops;
	atomic_inc(&block->mappings);
	return 0;
}

/**
 * mirror_mmap - map a block or a part of it
 * @filp: the device's file that allocated it
 * @vma: where; its offset is one that ALLOC returned, plus pages
 *
 * Context: Process context; mmap_lock is held for writing.
 * Return: 0; -ENXIO no live block of this file at that offset; or an error of
 * mirror_map_block().
 */
int mirror_mmap(struct file *filp, struct vm_area_struct *vma)
{
	struct mirror_file *file = filp->private_data;
	struct mirror_block *block;
	int ret;

	if (mirror_is_broken(file->dev->m))
		return -EIO;
	if (!(vma->vm_flags & VM_MAYSHARE))
		return -EINVAL;
	block = mirror_block_by_offset(&file->owner, vma->vm_pgoff);
	if (!block)
		return -ENXIO;
	ret = mirror_map_block(vma, block, mirror_file_may(file, MIRROR_MM_RIGHT_WRITE));
	if (ret)
		mirror_block_put(block);
	return ret;
}
