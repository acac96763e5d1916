/* SPDX-License-Identifier: GPL-2.0 */
/*
 * /dev/mirror_mm and what belongs to it: shared among the files of interface/.
 */
#ifndef _MIRROR_DEVICE_H
#define _MIRROR_DEVICE_H

#include <linux/miscdevice.h>
#include <linux/seq_file.h>
#include "block.h"
#include "mempolicy.h"

/**
 * struct mirror_device - the device of one mirror
 * @misc: its registration
 * @m: the mirror
 * @blocks: its table of blocks
 * @mnt: mount of the file system that @inode lives on
 * @mnt_count: for simple_pin_fs()
 * @inode: anonymous inode whose address space all files share, so that a zap
 *         finds every mapping, through whichever device node it was made
 * @page_limit: limit of each file opened from now on, 0 for none
 * @weights: of the nodes, for interleaving
 * @debugfs: folder
 */
struct mirror_device {
	struct miscdevice misc;
	struct mirror *m;
	struct mirror_blocks *blocks;
	struct vfsmount *mnt;
	int mnt_count;
	struct inode *inode;
	u64 page_limit;
	struct mirror_weights weights;
	struct dentry *debugfs;
};

/**
 * struct mirror_file - one open of the device
 * @dev: the device
 * @owner: what it holds
 * @mempolicy: where its blocks come from
 * @admin: had CAP_SYS_ADMIN when it was opened
 */
struct mirror_file {
	struct mirror_device *dev;
	struct mirror_owner owner;
	struct mirror_mempolicy mempolicy;
	bool admin;
};

/* chardev.c */
int mirror_device_register(struct mirror_device *dev);
void mirror_device_unregister(struct mirror_device *dev);

/* ctl.c */
int mirror_do_ctl(struct mirror_file *file, struct mirror_mm_ctl *arg);

/* nodes.c */
void mirror_nodes_create(struct mirror_device *dev);

/* submit.c */
long mirror_submit(struct mirror_file *file,
		   const struct mirror_mm_submit *submit);

/* mmap.c */
int mirror_mmap(struct file *filp, struct vm_area_struct *vma);

/* sysfs.c */
extern const struct attribute_group *mirror_sysfs_groups[];

/* debugfs.c */
void mirror_debugfs_create(struct mirror_device *dev);
void mirror_debugfs_remove(struct mirror_device *dev);

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
