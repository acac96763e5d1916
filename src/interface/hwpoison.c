// SPDX-License-Identifier: GPL-2.0
/*
 * Reports of bad memory: the files "hwpoison" and "unpoison" of debugfs, by which
 * tests make them, and what all reports come to, those of hardware as well.
 *
 *   hwpoison   writing a page frame number reports that page; reading gives a line
 *              for each bad page: its frame, and "isolated" or who holds it:
 *                0x100000 isolated
 *                0x100009 in-use head 0x100008 order 3 file 2 block 5
 *                0x100009 in-use head 0x100008 order 3 tag 5
 *   unpoison   writing a page frame number takes the report back
 *
 * Numbers are written in decimal, or in hexadecimal with 0x before them. Both files
 * are for those who may test, as corrupt-pfn and unpoison-pfn of Linux 6.12 are:
 * nothing of the hardware changes.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include "device.h"

/* reports ------------------------------------------------------------------------ */

/* A file by its number and the block's slot there; another module by its tag. */
static void print_holder(char *buf, size_t size, const struct mirror_bad_page *bad)
{
	if (bad->owner == MIRROR_NIL)
		scnprintf(buf, size, "tag %u", bad->private);
	else
		scnprintf(buf, size, "file %u block %u", bad->owner, bad->private);
}

static void log_isolated(const struct mirror *m, unsigned long pfn,
			 const struct mirror_bad_page *bad)
{
	char holder[40];

	if (bad->where == MIRROR_BAD_ISOLATED) {
		pr_err("pfn %#lx: bad memory in a free page, which is isolated now\n",
		       pfn);
		return;
	}
	print_holder(holder, sizeof(holder), bad);
	pr_err("pfn %#lx: bad memory in a page in use, to be isolated when it is freed: the block of order %u at pfn %#lx, %s\n",
	       pfn, bad->order, mirror_idx_to_pfn(m, bad->head), holder);
}

static void log_failure(unsigned long pfn, int error)
{
	switch (error) {
	case -EHWPOISON:
		pr_err("pfn %#lx: bad memory, reported before\n", pfn);
		break;
	case -ENXIO:
		pr_err("pfn %#lx: no page of the mirror; see region in /sys/class/misc/mirror_mm for those it has\n",
		       pfn);
		break;
	case -EIO:
		pr_err("pfn %#lx: bad memory; the mirror is out of service and hands nothing out\n",
		       pfn);
		break;
	default:
		pr_err("pfn %#lx: bad memory that could not be isolated (%d); report it again\n",
		       pfn, error);
	}
}

/**
 * mirror_memory_failure - deal with a page whose memory is bad
 * @dev: the device
 * @pfn: the page's frame, any number
 * @by_hardware: hardware said so, not somebody who tests
 *
 * Says in the log what has become of it.
 *
 * Context: Process context; may sleep.
 * Return: as mirror_hwpoison().
 */
int mirror_memory_failure(struct mirror_device *dev, unsigned long pfn,
			  bool by_hardware)
{
	struct mirror_bad_page bad;
	int ret;

	ret = mirror_hwpoison(dev->m, pfn, by_hardware, &bad);
	if (ret)
		log_failure(pfn, ret);
	else
		log_isolated(dev->m, pfn, &bad);
	/* Whoever reports it again may have seen it. */
	if (!ret || ret == -EHWPOISON)
		mirror_blocks_hide_bad(dev->blocks, &bad);
	return ret;
}

/* files -------------------------------------------------------------------------- */

static int read_pfn(const char *file, const char __user *user, size_t count,
		    unsigned long *pfn)
{
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	ret = kstrtoul_from_user(user, count, 0, pfn);
	if (ret == -EINVAL || ret == -ERANGE)
		pr_err("%s: write one page frame number, as in 0x100000\n", file);
	return ret;
}

static ssize_t hwpoison_write(struct file *filp, const char __user *user,
			      size_t count, loff_t *ppos)
{
	struct mirror_device *dev = file_inode(filp)->i_private;
	unsigned long pfn;
	int ret;

	ret = read_pfn("hwpoison", user, count, &pfn) ?:
	      mirror_memory_failure(dev, pfn, false);
	return ret ?: count;
}

static int hwpoison_show(struct seq_file *s, void *unused)
{
	struct mirror_device *dev = s->private;
	struct mirror *m = dev->m;
	struct mirror_bad_page bad;
	char holder[40];
	u32 idx;

	for (idx = 0; mirror_next_bad_page(m, idx, &bad); idx = bad.idx + 1) {
		seq_printf(s, "%#lx ", mirror_idx_to_pfn(m, bad.idx));
		if (bad.where == MIRROR_BAD_ISOLATED) {
			seq_puts(s, "isolated\n");
			continue;
		}
		print_holder(holder, sizeof(holder), &bad);
		seq_printf(s, "in-use head %#lx order %u %s\n",
			   mirror_idx_to_pfn(m, bad.head), bad.order, holder);
	}
	return 0;
}

static int hwpoison_open(struct inode *inode, struct file *filp)
{
	return single_open(filp, hwpoison_show, inode->i_private);
}

const struct file_operations mirror_hwpoison_fops = {
	.owner		= THIS_MODULE,
	.open		= hwpoison_open,
	.read		= seq_read,
	.write		= hwpoison_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static void log_unpoison(unsigned long pfn, int error)
{
	switch (error) {
	case 0:
		pr_info("pfn %#lx: no longer taken for bad memory\n", pfn);
		break;
	case -EOPNOTSUPP:
		pr_err("unpoison: pfn %#lx: hardware reported bad memory, so no page is given back any more\n",
		       pfn);
		break;
	case -EBUSY:
		pr_err("unpoison: pfn %#lx: not isolated; see the file hwpoison for the pages that are\n",
		       pfn);
		break;
	default:
		log_failure(pfn, error);
	}
}

static ssize_t unpoison_write(struct file *filp, const char __user *user,
			      size_t count, loff_t *ppos)
{
	struct mirror_device *dev = filp->private_data;
	unsigned long pfn;
	int ret;

	ret = read_pfn("unpoison", user, count, &pfn);
	if (ret)
		return ret;
	ret = mirror_unpoison(dev->m, pfn);
	log_unpoison(pfn, ret);
	return ret ?: count;
}

const struct file_operations mirror_unpoison_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= unpoison_write,
};
