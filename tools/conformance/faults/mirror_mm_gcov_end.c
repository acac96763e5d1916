// SPDX-License-Identifier: GPL-2.0
/*
 * The counters of mirror_mm.ko as they were when it was unloaded, its exit included.
 *
 * Load this module first. Each time that mirror_mm.ko goes, the kernel tells before it
 * frees the module's memory, and the counters are kept as text, in the format of
 * mirror_mm_gcov.c:
 *
 *   cat /sys/kernel/debug/mirror_mm_gcov_end
 *
 * It looks the function that leads to the counters up when mirror_mm.ko has come. Using the
 * symbol would keep that module from going.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "gcov.h"

#define TEXT_BYTES	(8u << 20)

typedef const struct gcov_object *const *(*objects_fn)(unsigned int *nr);

static objects_fn find_objects;
static char *text;
static size_t length;
static DEFINE_MUTEX(lock);
static struct dentry *file;

static void look_up(void)
{
	find_objects = (objects_fn)__symbol_get("mirror_gcov_objects");
	if (find_objects)
		__symbol_put("mirror_gcov_objects");
}

static void keep_counters(void)
{
	struct seq_file seq = { .buf = text, .size = TEXT_BYTES };
	const struct gcov_object *const *objects;
	unsigned int nr;

	if (!find_objects)
		return;
	mutex_lock(&lock);
	objects = find_objects(&nr);
	seq.count = length;
	gcov_show(&seq, objects, nr);
	length = seq.count;
	mutex_unlock(&lock);
	find_objects = NULL;
}

static int module_event(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct module *mod = data;

	if (strcmp(mod->name, "mirror_mm"))
		return NOTIFY_DONE;
	if (event == MODULE_STATE_LIVE)
		look_up();
	else if (event == MODULE_STATE_GOING)
		keep_counters();
	return NOTIFY_OK;
}

static struct notifier_block notifier = { .notifier_call = module_event };

static int mirror_gcov_end_show(struct seq_file *seq, void *unused)
{
	mutex_lock(&lock);
	seq_write(seq, text, length);
	mutex_unlock(&lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(mirror_gcov_end);

static int __init mirror_gcov_end_init(void)
{
	int ret;

	text = vzalloc(TEXT_BYTES);
	if (!text)
		return -ENOMEM;
	ret = register_module_notifier(&notifier);
	if (ret) {
		vfree(text);
		return ret;
	}
	file = debugfs_create_file("mirror_mm_gcov_end", 0400, NULL, NULL,
				   &mirror_gcov_end_fops);
	return 0;
}

static void __exit mirror_gcov_end_exit(void)
{
	debugfs_remove(file);
	unregister_module_notifier(&notifier);
	vfree(text);
}

module_init(mirror_gcov_end_init);
module_exit(mirror_gcov_end_exit);
MODULE_DESCRIPTION("Coverage counters of mirror_mm that include its exit, for its tests");
MODULE_LICENSE("GPL");
