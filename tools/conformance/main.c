// SPDX-License-Identifier: GPL-2.0
/*
 * conformance: the mirror against the kernel's own page allocator.
 *
 * For each sequence a list of operations is made while it runs on the kernel's
 * allocator, node 1 of the guest, or nodes 1 and 2. It is then replayed on the mirror, as pages and
 * as blocks; each result, and the complete state at each checkpoint, has to be the
 * same.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "options.h"
#include "targets.h"
#include "util.h"

#define MPOL_BIND	2

/* Nothing of this program may come from the nodes under test. */
static void keep_off_test_node(void)
{
	unsigned long node0 = 1;

	syscall(SYS_set_mempolicy, MPOL_BIND, &node0, 8 * sizeof(node0));
}

static FILE *open_csv(const char *path)
{
	FILE *csv = path ? fopen(path, "w") : NULL;

	if (path && !csv)
		die("cannot write %s: %s", path, strerror(errno));
	return csv;
}

static void set_up(struct session *s, const struct options *o)
{
	keep_off_test_node();
	hotplug_find();
	if (hotplug.movable > hotplug.nr[0])
		die("--movable-blocks=%u, but node %d has only %u memory blocks",
		    hotplug.movable, CONF_FIRST_NODE, hotplug.nr[0]);
	s->ref = reference_open();
	s->nr_ops = o->nr_ops;
	s->flags = COMPARE_EVENTS | (o->text ? COMPARE_TEXT : 0);
	s->shrink_seconds = o->shrink_seconds;
	s->save = o->save;
	s->tap = o->tap;
	s->csv = open_csv(o->csv);
}

static void open_mirror(struct session *s, const struct options *o)
{
	if (o->faults.mirror_ko)
		modules_reload(&o->faults, NULL);
	mirror_open(&s->pages, &s->blocks);
	if (!o->blocks)
		s->blocks = NULL;
}

static void tap_line(const struct options *o, const struct outcome *out)
{
	if (!o->tap)
		return;
	printf("%sok %u - %s seed=%llu ops=%u\n",
	       out->differences ? "not " : "", out->plan.number,
	       out->plan.mix ? mix_text(out->plan.mix) : o->replay,
	       (unsigned long long)out->plan.seed, out->ops);
}

static void finish(struct session *s, const struct options *o,
		   struct outcome *out)
{
	table_line(out);
	tap_line(o, out);
	csv_line(s->csv, out);
}

static bool compare_all(struct session *s, const struct options *o)
{
	struct outcome out;
	unsigned int i;

	if (o->tap)
		printf("TAP version 13\n1..%u\n", o->nr_plans);
	if (o->text)
		text_print_exceptions();
	table_mixes(stdout, o->plan, o->nr_plans);
	table_head();
	for (i = 0; i < o->nr_plans; i++) {
		run_sequence(s, &o->plan[i], &out);
		finish(s, o, &out);
	}
	table_events(s);
	csv_events(s->csv, s);
	return coverage_is_enough(s, o->min_events, o->except_events);
}

static void replay_file(struct session *s, const struct options *o)
{
	struct outcome out;
	struct list list;

	list_load(&list, o->replay);
	if (o->tap)
		printf("TAP version 13\n1..1\n");
	table_head();
	/* The list is as short as its owner wants it. */
	s->shrink_seconds = 0;
	run_list(s, &list, &out);
	out.plan.number = 1;
	finish(s, o, &out);
	list_free(&list);
}

int main(int argc, char **argv)
{
	struct session s = {};
	struct options o;
	bool good = true;

	options_parse(&o, argc, argv);
	coverage_check_names(o.except_events);
	set_up(&s, &o);
	if (o.faults.names) {
		if (o.tap)
			printf("TAP version 13\n");
		good = run_faults(&s, &o.faults, o.plan, o.nr_plans);
	} else {
		open_mirror(&s, &o);
		if (o.replay)
			replay_file(&s, &o);
		else
			good = compare_all(&s, &o);
	}
	summary(&s);
	if (s.csv)
		fclose(s.csv);
	return good && s.operations && !s.differences ? EXIT_EQUAL :
							EXIT_DIFFERENT;
}
