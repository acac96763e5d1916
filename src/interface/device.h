/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/mirror_mm and what belongs to it: shared among the files of interface/.
 */
#ifndef _MIRROR_DEVICE_H
#define _MIRROR_DEVICE_H

#include <linux/miscdevice.h>
#include <linux/notifier.h>
#include <linux/seq_file.h>
#include "blocks/block.h"
#include "mempolicy.h"

/**
 * struct mirror_device - the device of one mirror
 * @misc: its registration
 * @m: the mirror
 * @blocks: what its files share
 * @mnt: mount of the file system that the files' inodes live on
 * @mnt_count: for simple_pin_fs()
 * @page_limit: limit of each file opened from now on, 0 for none
 * @weights: of the nodes, for interleaving
 * @debugfs: folder
 * @mce: hears of machine checks
 */
struct mirror_device {
	struct miscdevice misc;
	struct mirror *m;
	struct mirror_blocks *blocks;
	struct vfsmount *mnt;
	int mnt_count;
	u64 page_limit;
	struct mirror_weights weights;
	struct dentry *debugfs;
	struct notifier_block mce;
};

/**
 * struct mirror_file - one open of the device
 * @dev: the device
 * @owner: what it holds
 * @inode: anonymous, with the address space that all of the file's mappings are found
 *         through, whichever device node it was opened by
 * @mempolicy: where its blocks come from
 * @users: one for the device's file, one for each granted descriptor
 * @writable: it was opened for writing
 * @rights: MIRROR_MM_RIGHT_*; bits go and never come
 * @settings: counts changes of @mempolicy and @rights, after which a SUBMIT looks at
 *            its requests anew
 */
struct mirror_file {
	struct mirror_device *dev;
	struct mirror_owner owner;
	struct inode *inode;
	struct mirror_mempolicy mempolicy;
	refcount_t users;
	bool writable;
	atomic_t rights;
	atomic_t settings;
};

struct mirror_granted;

static inline bool mirror_file_may(const struct mirror_file *file, u32 right)
{
	return atomic_read(&file->rights) & right;
}

/* chardev.c */
int mirror_device_register(struct mirror_device *dev);
void mirror_device_unregister(struct mirror_device *dev);
void mirror_file_put(struct mirror_file *file);

/* ctl.c */
int mirror_do_ctl(struct mirror_file *file, struct mirror_mm_ctl *arg,
		  struct mirror_granted *made);

/* nodes.c */
void mirror_nodes_create(struct mirror_device *dev);

/* submit.c */
long mirror_submit(struct mirror_file *file,
		   const struct mirror_mm_submit *submit);

/* mmap.c */
int mirror_map_block(struct vm_area_struct *vma, struct mirror_block *block,
		     bool writable);
int mirror_mmap(struct file *filp, struct vm_area_struct *vma);

/* grant.c */

/**
 * struct mirror_granted - a descriptor that is not in use yet
 * @fd: its number
 * @filp: its file, or NULL for none
 */
struct mirror_granted {
	int fd;
	struct file *filp;
};

int mirror_grant(struct mirror_file *file, struct mirror_mm_grant *arg,
		 struct mirror_granted *made);
void mirror_grant_end(const struct mirror_granted *made, bool told);

/* sysfs.c */
extern const struct attribute_group *mirror_sysfs_groups[];

/* debugfs.c */
void mirror_debugfs_create(struct mirror_device *dev);
void mirror_debugfs_remove(struct mirror_device *dev);

/* hwpoison.c */
extern const struct file_operations mirror_hwpoison_fops;
extern const struct file_operations mirror_unpoison_fops;
int mirror_memory_failure(struct mirror_device *dev, unsigned long pfn,
			  bool by_hardware);

/* mce.c */
#ifdef CONFIG_X86_MCE
void mirror_mce_register(struct mirror_device *dev);
void mirror_mce_unregister(struct mirror_device *dev);
#else
static inline void mirror_mce_register(struct mirror_device *dev)
{
}

static inline void mirror_mce_unregister(struct mirror_device *dev)
{
}
#endif

/* report.c */
int mirror_buddyinfo_show(struct seq_file *s, void *unused);
int mirror_pagetypeinfo_show(struct seq_file *s, void *unused);
int mirror_zoneinfo_show(struct seq_file *s, void *unused);
int mirror_vmstat_show(struct seq_file *s, void *unused);

/* state.c */
void mirror_print_state(struct mirror *m, struct seq_file *s);

/* vmstat_text.c */
extern const char * const mirror_vmstat_zone[];
extern const unsigned int mirror_nr_vmstat_zone;
extern const char * const mirror_vmstat_numa[];
extern const char * const mirror_vmstat_node[];
extern const unsigned int mirror_nr_vmstat_node;
extern const char * const mirror_vmstat_global[];
extern const unsigned int mirror_nr_vmstat_global;
extern const char * const mirror_vmstat_events[];
extern const unsigned int mirror_nr_vmstat_events;

#endif /* _MIRROR_DEVICE_H */
