// SPDX-License-Identifier: GPL-2.0
/*
 * How often each line of the core ran, on a kernel without CONFIG_GCOV_KERNEL.
 *
 * The core's objects count by themselves (-fprofile-arcs). This module prints the
 * counters and sets them to zero:
 *
 *   cat /sys/kernel/debug/mirror_mm_gcov
 *   echo 0 >/sys/kernel/debug/mirror_mm_gcov
 *
 *   gcov-object VERSION STAMP CHECKSUM FILE.gcda
 *   gcov-function IDENT LINENO_CHECKSUM CFG_CHECKSUM COUNTER...
 *
 * tools/conformance/gcda.py finds these lines in whatever text they are printed
 * to and makes .gcda files of them. Counters are added to without care for other
 * CPUs, so use one.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include "gcov.h"

static struct dentry *file;

static void clear_function(struct seq_file *seq, const struct gcov_function *fn)
{
	memset(fn->arcs.values, 0, fn->arcs.num * sizeof(*fn->arcs.values));
}

static int mirror_gcov_show(struct seq_file *seq, void *unused)
{
	const struct gcov_object *const *objects;
	unsigned int nr;

	objects = mirror_gcov_objects(&nr);
	gcov_show(seq, objects, nr);
	return 0;
}

static ssize_t mirror_gcov_write(struct file *file, const char __user *buf,
				 size_t len, loff_t *pos)
{
	const struct gcov_object *const *objects;
	unsigned int i, nr;

	objects = mirror_gcov_objects(&nr);
	for (i = 0; i < nr; i++)
		gcov_each_function(NULL, objects[i], clear_function);
	return len;
}

static int mirror_gcov_open(struct inode *inode, struct file *file)
{
	return single_open(file, mirror_gcov_show, NULL);
}

static const struct file_operations mirror_gcov_fops = {
	.owner = THIS_MODULE,
	.open = mirror_gcov_open,
	.read = seq_read,
	.write = mirror_gcov_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static int __init mirror_gcov_init(void)
{
	file = debugfs_create_file("mirror_mm_gcov", 0600, NULL, NULL,
				   &mirror_gcov_fops);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit mirror_gcov_exit(void)
{
	debugfs_remove(file);
}

module_init(mirror_gcov_init);
module_exit(mirror_gcov_exit);
MODULE_DESCRIPTION("Coverage counters of mirror_mm's core, for its tests");
MODULE_LICENSE("GPL");
