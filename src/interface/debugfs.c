// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/debug/mirror_mm: files to look and files to act.
 *
 *   buddyinfo pagetypeinfo zoneinfo vmstat   for everybody, see report.c
 *   check        validates every structure: "check: clean", or what is wrong
 *   state        every list in order, see state.c
 *   watermarks   marks by zone; "NODE ZONE MIN LOW HIGH PROMO" sets one's
 *   stat_refresh writing does one statistics tick on every CPU
 *   drain        writing gives all per-CPU lists back
 *   nodeN/       what there is to say about a node, see nodes.c
 *   reset        writing makes the mirror pristine; refused while blocks are held
 *   hwpoison, unpoison   pages with bad memory, see hwpoison.c
 *
 *   memory       what the mirror takes from the host, by purpose
 *
 * check, state and reset need a mirror that holds still, whatever calls are on
 * their way into it. They stop the machine for the moment it takes, which grows
 * with the number of blocks. What grows with the number of pages, a part of
 * check, is done in portions for a large mirror, and the machine runs in between.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "device.h"
#include "threads/tick.h"

/* Files that only answer: the private pointer of their seq_file is the device. */
DEFINE_SHOW_ATTRIBUTE(mirror_buddyinfo);
DEFINE_SHOW_ATTRIBUTE(mirror_pagetypeinfo);
DEFINE_SHOW_ATTRIBUTE(mirror_zoneinfo);
DEFINE_SHOW_ATTRIBUTE(mirror_vmstat);

/* check -------------------------------------------------------------------------- */

struct findings {
	struct mirror *m;
	struct mirror_check check;
	char *text;
	size_t len;
	size_t size;
	u32 idx;
};

/* Descriptors that are walked in one go: a few milliseconds' worth. */
#define AT_ONCE		(4u << 20)
#define PORTION		((u32)BIT(20))

#define FINDINGS_SIZE	(16 * PAGE_SIZE)

static void note_finding(void *arg, const char *line)
{
	struct findings *f = arg;

	f->len += scnprintf(f->text + f->len, f->size - f->len, "%s\n", line);
}

static int run_check(void *arg)
{
	struct findings *f = arg;

	return mirror_check(f->m, &f->check);
}

static int run_heads(void *arg)
{
	struct findings *f = arg;

	mirror_check_heads(f->m, &f->check);
	return 0;
}

static int run_tails(void *arg)
{
	struct findings *f = arg;

	f->idx = mirror_check_tails(f->m, f->idx, PORTION, &f->check);
	return 0;
}

static int check_in_portions(struct findings *f)
{
	stop_machine(run_heads, f, NULL);
	while (f->idx < f->m->nr_desc) {
		if (signal_pending(current))
			return -EINTR;
		stop_machine(run_tails, f, NULL);
		cond_resched();
	}
	return 0;
}

static int check_mirror(struct findings *f)
{
	if (f->m->nr_desc > AT_ONCE)
		return check_in_portions(f);
	stop_machine(run_check, f, NULL);
	return 0;
}

static int check_show(struct seq_file *s, void *unused)
{
	struct mirror_device *dev = s->private;
	int ret;
	struct findings f = {
		.m = dev->m,
		.check = { .emit = note_finding, .arg = &f },
		.size = FINDINGS_SIZE,
	};

	f.text = kvzalloc(f.size, GFP_KERNEL);
	if (!f.text)
		return -ENOMEM;
	ret = check_mirror(&f);
	if (!ret && f.check.faults)
		seq_printf(s, "check: %u faults\n%s", f.check.faults, f.text);
	else if (!ret)
		seq_puts(s, "check: clean\n");
	kvfree(f.text);
	return ret;
}

DEFINE_SHOW_ATTRIBUTE(check);

/* memory ------------------------------------------------------------------------- */

static int memory_show(struct seq_file *s, void *unused)
{
	static const char * const names[MIRROR_NR_COSTS] = {
		[MIRROR_COST_DESCRIPTORS] = "descriptors",
		[MIRROR_COST_PAGEBLOCKS] = "pageblocks",
		[MIRROR_COST_SECTIONS] = "sections",
		[MIRROR_COST_NODES] = "nodes",
		[MIRROR_COST_PERCPU] = "percpu",
	};
	struct mirror_device *dev = s->private;
	unsigned int i;

	seq_puts(s, "# bytes\n");
	for (i = 0; i < MIRROR_NR_COSTS; i++)
		seq_printf(s, "%s %zu\n", names[i], READ_ONCE(dev->m->cost[i]));
	seq_printf(s, "total %zu\n", READ_ONCE(dev->m->metadata_bytes));
	seq_printf(s, "# geometry\npages %lu\ndescribed %u\nsections_present %u\n",
		   dev->m->managed, dev->m->nr_desc, dev->m->nr_slots);
	seq_printf(s, "section_pages %lu\n", 1ul << dev->m->slot_shift);
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(memory);

/* state -------------------------------------------------------------------------- */

static int run_state(void *arg)
{
	struct seq_file *s = arg;
	struct mirror_device *dev = s->private;

	mirror_print_state(dev->m, s);
	return 0;
}

static int state_show(struct seq_file *s, void *unused)
{
	return stop_machine(run_state, s, NULL);
}

DEFINE_SHOW_ATTRIBUTE(state);

/* watermarks ---------------------------------------------------------------------- */

static int watermarks_show(struct seq_file *s, void *unused)
{
	struct mirror_device *dev = s->private;
	struct mirror_zone *zone;
	unsigned int i;

	seq_puts(s, "# node zone min low high promo boost managed\n");
	mirror_for_each_populated_zone(dev->m, zone, i)
		seq_printf(s, "%d %s %lu %lu %lu %lu %lu %lu\n",
			   zone->node->nid, mirror_zone_names[zone->type],
			   READ_ONCE(zone->watermark[MIRROR_WMARK_MIN]),
			   READ_ONCE(zone->watermark[MIRROR_WMARK_LOW]),
			   READ_ONCE(zone->watermark[MIRROR_WMARK_HIGH]),
			   READ_ONCE(zone->watermark[MIRROR_WMARK_PROMO]),
			   READ_ONCE(zone->watermark_boost), zone->managed);
	return 0;
}

static struct mirror_zone *zone_by_name(struct mirror *m, int nid,
					const char *name)
{
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		if (zone->node->nid == nid &&
		    !strcasecmp(mirror_zone_names[zone->type], name))
			return zone;
	return NULL;
}

static int bad_marks(const char *why)
{
	pr_err("watermarks: %s; write \"NODE ZONE MIN LOW HIGH PROMO\" in pages, as in \"0 Normal 512 640 768 896\"\n",
	       why);
	return -EINVAL;
}

static int set_marks(struct mirror *m, const char *text)
{
	unsigned long marks[MIRROR_NR_WMARK];
	struct mirror_zone *zone;
	char name[16];
	int nid;

	if (sscanf(text, "%d %15s %lu %lu %lu %lu", &nid, name, &marks[0],
		   &marks[1], &marks[2], &marks[3]) != 6)
		return bad_marks("six words are needed");
	zone = zone_by_name(m, nid, name);
	if (!zone)
		return bad_marks("there is no such zone, or it is empty");
	if (mirror_set_zone_watermarks(m, zone, marks))
		return bad_marks("the marks must rise and fit into the zone");
	return 0;
}

static ssize_t watermarks_write(struct file *filp, const char __user *user,
				size_t count, loff_t *ppos)
{
	struct mirror_device *dev = file_inode(filp)->i_private;
	char text[128];
	ssize_t ret;

	if (count >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, user, count))
		return -EFAULT;
	text[count] = '\0';
	ret = set_marks(dev->m, text);
	return ret ?: count;
}

static int watermarks_open(struct inode *inode, struct file *filp)
{
	return single_open(filp, watermarks_show, inode->i_private);
}

static const struct file_operations watermarks_fops = {
	.owner		= THIS_MODULE,
	.open		= watermarks_open,
	.read		= seq_read,
	.write		= watermarks_write,
	.llseek		= seq_lseek,
	.release	= single_release,
};

/* stat_refresh, drain and reset ----------------------------------------------------- */

/* A file that only acts: whatever is written to it. */
#define ACT_FILE(name, act)						\
static ssize_t name##_write(struct file *filp, const char __user *user,	\
			    size_t count, loff_t *ppos)			\
{									\
	struct mirror_device *dev = filp->private_data;			\
									\
	act(dev->m);							\
	return count;							\
}									\
static const struct file_operations name##_fops = {			\
	.owner	= THIS_MODULE,						\
	.open	= simple_open,						\
	.write	= name##_write,						\
}

ACT_FILE(stat_refresh, mirror_tick_step);
ACT_FILE(drain, mirror_drain_all);

static int run_reset(void *arg)
{
	return mirror_core_reset(arg);
}

static ssize_t reset_write(struct file *filp, const char __user *user,
			   size_t count, loff_t *ppos)
{
	struct mirror_device *dev = filp->private_data;
	int ret;

	/* Not under the tunables lock: CPU hotplug takes that inside of its own. */
	while ((ret = stop_machine(run_reset, dev->m, NULL)) == -EAGAIN)
		if (msleep_interruptible(1))
			return -EINTR;
	if (ret == -EBUSY)
		pr_err("reset: pages are still held; close the files that hold blocks first\n");
	return ret ?: count;
}

static const struct file_operations reset_fops = {
	.owner	= THIS_MODULE,
	.open	= simple_open,
	.write	= reset_write,
};

/**
 * mirror_debugfs_create - make the folder and its files
 * @dev: the device
 *
 * Without debugfs there are none, which is no error.
 *
 * Context: Process context; may sleep.
 */
void mirror_debugfs_create(struct mirror_device *dev)
{
	static const struct {
		const char *name;
		umode_t mode;
		const struct file_operations *fops;
	} files[] = {
		{ "buddyinfo", 0444, &mirror_buddyinfo_fops },
		{ "pagetypeinfo", 0444, &mirror_pagetypeinfo_fops },
		{ "zoneinfo", 0444, &mirror_zoneinfo_fops },
		{ "vmstat", 0444, &mirror_vmstat_fops },
		{ "check", 0400, &check_fops },
		{ "memory", 0444, &memory_fops },
		{ "state", 0400, &state_fops },
		{ "watermarks", 0600, &watermarks_fops },
		{ "stat_refresh", 0200, &stat_refresh_fops },
		{ "drain", 0200, &drain_fops },
		{ "reset", 0200, &reset_fops },
		{ "hwpoison", 0600, &mirror_hwpoison_fops },
		{ "unpoison", 0200, &mirror_unpoison_fops },
	};
	unsigned int i;

	dev->debugfs = debugfs_create_dir("mirror_mm", NULL);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		debugfs_create_file(files[i].name, files[i].mode, dev->debugfs,
				    dev, files[i].fops);
	mirror_nodes_create(dev);
}

/**
 * mirror_debugfs_remove - remove the folder
 * @dev: the device
 *
 * Context: Process context; waits for readers.
 */
void mirror_debugfs_remove(struct mirror_device *dev)
{
	debugfs_remove(dev->debugfs);
}
