// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the tests and shows their results.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include "apitest.h"

static struct apitest *suites[] = {
	apitest_pages,
	apitest_refs,
	apitest_context,
	apitest_kmap,
	apitest_exact,
};

static struct dentry *folder;

void apitest_fail(struct apitest *t, unsigned int line, const char *condition)
{
	if (t->failed++)
		return;
	t->line = line;
	t->condition = condition;
}

static void run_suite(struct mirror *m, struct apitest *t)
{
	for (; t->name; t++) {
		t->run(m, t);
		cond_resched();
	}
}

static unsigned int count_tests(void)
{
	unsigned int i, nr = 0;
	struct apitest *t;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		for (t = suites[i]; t->name; t++)
			nr++;
	return nr;
}

static int results_show(struct seq_file *s, void *unused)
{
	unsigned int i, nr = 0;
	struct apitest *t;

	seq_printf(s, "KTAP version 1\n1..%u\n", count_tests());
	for (i = 0; i < ARRAY_SIZE(suites); i++)
		for (t = suites[i]; t->name; t++) {
			if (t->failed)
				seq_printf(s, "# line %u: %s (and %u more)\n",
					   t->line, t->condition, t->failed - 1);
			seq_printf(s, "%sok %u %s\n", t->failed ? "not " : "",
				   ++nr, t->name);
		}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

static int __init apitest_init(void)
{
	struct mirror *m = mirror_mm_get();
	unsigned int i;

	if (!m)
		return -ENODEV;
	for (i = 0; i < ARRAY_SIZE(suites); i++)
		run_suite(m, suites[i]);
	mirror_mm_put(m);
	folder = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("results", 0400, folder, NULL, &results_fops);
	return 0;
}

static void __exit apitest_exit(void)
{
	debugfs_remove(folder);
}

module_init(apitest_init);
module_exit(apitest_exit);
MODULE_DESCRIPTION("Tests of mirror_mm's in-kernel interface");
MODULE_LICENSE("GPL");
MIRROR_MM_IMPORT_NS();
