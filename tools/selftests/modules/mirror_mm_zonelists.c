// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's own zonelists as text, in the form of the mirror's file of that name:
 * /sys/kernel/debug/mirror_mm_zonelists/nodeN. What has a mirror no name for, the
 * zones of devices, has no memory that could be in a list.
 */
#include <linux/debugfs.h>
#include <linux/mmzone.h>
#include <linux/module.h>
#include <linux/seq_file.h>

static struct dentry *folder;

static void show_list(struct seq_file *s, const char *name,
		      const struct zonelist *list)
{
	const struct zoneref *ref;

	seq_printf(s, "%s:", name);
	for (ref = list->_zonerefs; ref->zone; ref++)
		seq_printf(s, " %d:%s", zone_to_nid(ref->zone), ref->zone->name);
	seq_putc(s, '\n');
}

static int zonelists_show(struct seq_file *s, void *unused)
{
	const struct pglist_data *node = NODE_DATA((unsigned long)s->private);

	show_list(s, "fallback", &node->node_zonelists[ZONELIST_FALLBACK]);
#ifdef CONFIG_NUMA
	show_list(s, "nofallback", &node->node_zonelists[ZONELIST_NOFALLBACK]);
#endif
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(zonelists);

static int __init zonelists_init(void)
{
	unsigned long nid;
	char name[16];

	folder = debugfs_create_dir("mirror_mm_zonelists", NULL);
	for_each_node(nid) {
		snprintf(name, sizeof(name), "node%lu", nid);
		debugfs_create_file(name, 0400, folder, (void *)nid,
				    &zonelists_fops);
	}
	return 0;
}

static void __exit zonelists_exit(void)
{
	debugfs_remove(folder);
}

module_init(zonelists_init);
module_exit(zonelists_exit);
MODULE_DESCRIPTION("Shows the zonelists of the running kernel");
MODULE_LICENSE("GPL");
