/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernels from 6.1 on, all of them.
 */
#ifndef _MIRROR_COMPAT_H
#define _MIRROR_COMPAT_H

#include <linux/export.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/version.h>

/* The namespace became a string in 6.13. */
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
#define EXPORT_SYMBOL_MIRROR(sym)	EXPORT_SYMBOL_NS_GPL(sym, MIRROR_MM)
#else
#define EXPORT_SYMBOL_MIRROR(sym)	EXPORT_SYMBOL_NS_GPL(sym, "MIRROR_MM")
#endif

/* 6.3 made vm_flags read-only outside its helpers, which are inline functions. */
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
static inline void mirror_vm_flags_set(struct vm_area_struct *vma,
				       unsigned long flags)
{
	vma->vm_flags |= flags;
}

static inline void mirror_vm_flags_clear(struct vm_area_struct *vma,
					 unsigned long flags)
{
	vma->vm_flags &= ~flags;
}
#else
#define mirror_vm_flags_set	vm_flags_set
#define mirror_vm_flags_clear	vm_flags_clear
#endif

/*
 * A device that uses all page offsets there are: of the 32 bits that one has on a
 * 32-bit kernel, mmap() would otherwise let it have 20. 6.12 asks the operations,
 * its predecessors the open file.
 */
#ifdef FOP_UNSIGNED_OFFSET
#define MIRROR_ALL_OFFSETS	.fop_flags = FOP_UNSIGNED_OFFSET
static inline void mirror_all_offsets(struct file *filp)
{
}
#else
#define MIRROR_ALL_OFFSETS	.llseek = no_llseek
static inline void mirror_all_offsets(struct file *filp)
{
	filp->f_mode |= FMODE_UNSIGNED_OFFSET;
}
#endif

/*
 * The firmware's map for single pages, of kernels that export it to everybody. Later
 * ones keep it for KVM; /sys/firmware/memmap has the same.
 */
#if defined(CONFIG_X86) && KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
#include <asm/e820/api.h>
static inline bool mirror_firmware_page_is_ram(u64 at)
{
	return e820__mapped_raw_any(at, at + PAGE_SIZE, E820_TYPE_RAM);
}
#else
static inline bool mirror_firmware_page_is_ram(u64 at)
{
	return false;
}
#endif

/*
 * May the current task read memory of @mm that is mapped without leave to read? Since
 * 6.12 a kernel can be configured to leave that to debuggers that trace a task, where
 * /proc/PID/mem could do it before. vm_operations_struct.access is not told which of the
 * two it serves.
 */
#if (IS_ENABLED(CONFIG_PROC_MEM_FORCE_PTRACE) || IS_ENABLED(CONFIG_PROC_MEM_NO_FORCE)) && \
	IS_ENABLED(CONFIG_MEMCG)
static inline bool mirror_may_force(const struct mm_struct *mm)
{
	struct task_struct *task;
	bool traced;

	rcu_read_lock();
	task = rcu_dereference(mm->owner);
	traced = task && ptrace_parent(task) == current;
	rcu_read_unlock();
	return traced;
}
#else
static inline bool mirror_may_force(const struct mm_struct *mm)
{
	return true;
}
#endif

/* 6.17 gave the queues other names: work that runs on any CPU, and on the one it is queued on. */
#if KERNEL_VERSION(6, 17, 0) > LINUX_VERSION_CODE
#define mirror_any_cpu_wq	system_unbound_wq
#define mirror_percpu_wq	system_wq
#else
#define mirror_any_cpu_wq	system_dfl_wq
#define mirror_percpu_wq	system_percpu_wq
#endif

#endif /* _MIRROR_COMPAT_H */
