// SPDX-License-Identifier: GPL-2.0
/*
 * Negative controls: mirrors with a fault, each of which has to be found.
 *
 * The reference runs once; its records are then replayed on each mirror. The
 * mirror without a fault goes first: found equal, it shows that what is found
 * behind it is the fault's doing.
 */
#include <stdlib.h>
#include <string.h>

#include "generate.h"
#include "names.h"
#include "sequence.h"
#include "targets.h"
#include "util.h"

static const char sound[] = "linux-6.12";
/* All of its rules once more, through the hooks that the faults go through. */
static const char restated[] = "fault-none";

struct control {
	struct session *s;
	const struct fault_plan *faults;
	const struct plan *plan;
	struct record *record;
	unsigned int nr;
	unsigned int cases;
	bool shrunk;
	bool failed;
};

static void tap_case(struct control *c, bool good, const char *format,
		     const char *name)
{
	if (!c->s->tap)
		return;
	printf("%sok %u - ", good ? "" : "not ", ++c->cases);
	printf(format, name);
	printf("\n");
}

static void record_all(struct control *c)
{
	unsigned int i;

	c->record = xcalloc(c->nr, sizeof(*c->record));
	for (i = 0; i < c->nr; i++)
		generate(&c->record[i], c->s->ref, c->plan[i].mix,
			 c->plan[i].seed, c->s->nr_ops);
}

/* The sequence that finds something, or @c->nr. */
static unsigned int replay_all(struct control *c, struct difference *d)
{
	unsigned int i;

	memset(d, 0, sizeof(*d));
	for (i = 0; i < c->nr; i++) {
		difference_free(d);
		c->s->sequences++;
		c->s->operations += c->s->nr_ops;
		if (compare(&c->record[i], c->s->pages, c->s->flags, d))
			break;
	}
	return i;
}

static void check_shrinker(struct control *c, const struct record *r,
			   const struct difference *d)
{
	struct list list;
	unsigned int before, after;

	failing_list(r, d, &list);
	before = list.nr;
	list_free(&list);
	c->shrunk = true;
	after = shrink_and_save(c->s, c->s->pages, r, d);
	/* The list that is left was seen to fail, or it would not be left. */
	if (!after || after >= before) {
		printf("the shrinker did not make %u operations shorter\n", before);
		c->failed = true;
	}
	tap_case(c, after && after < before, "a failing list of %s gets shorter",
		 "the first fault");
}

static void print_found(const struct control *c, const char *name, unsigned int i,
			const struct difference *d)
{
	const struct plan *plan = &c->plan[i];

	printf("%-24s %4u %-11s %9u  %s\n", name, plan->number, plan->mix->name,
	       d->op, difference_name(d->kind));
	if (c->s->csv)
		fprintf(c->s->csv, "fault,%s,%u,%s,%u,%s\n", name, plan->number,
			mix_text(plan->mix), d->op, difference_name(d->kind));
	fflush(stdout);
}

/* @i is the sequence that found something, or the number of all. */
static void judge_fault(struct control *c, const char *name, unsigned int i,
			const struct difference *d)
{
	/* A call that fails says nothing about the rule. */
	bool found = i < c->nr && d->kind != TARGET_FAILED;

	if (i < c->nr)
		print_found(c, name, i, d);
	else
		printf("%-24s NOT FOUND\n", name);
	if (!found) {
		c->s->differences++;
		c->failed = true;
	}
	tap_case(c, found, "%s is found", name);
	if (found && !c->shrunk && c->s->shrink_seconds)
		check_shrinker(c, &c->record[i], d);
}

static void judge_sound(struct control *c, const char *name, unsigned int i,
			const struct difference *d)
{
	struct pair pair = { c->s->ref, c->s->pages };

	if (i < c->nr) {
		print_found(c, name, i, d);
		explain(stdout, &pair, &c->record[i], d);
		c->s->differences++;
		c->failed = true;
	} else {
		printf("%-24s equal, as it has to be\n", name);
	}
	tap_case(c, i == c->nr, "%s is equal", name);
}

static void one_mirror(struct control *c, const char *name,
		       void (*judge)(struct control *c, const char *name,
				     unsigned int i, const struct difference *d))
{
	struct difference d;
	unsigned int i;

	modules_reload(c->faults, name);
	mirror_open(&c->s->pages, &c->s->blocks);
	i = replay_all(c, &d);
	judge(c, name, i, &d);
	difference_free(&d);
	mirror_close();
}

bool run_faults(struct session *s, const struct fault_plan *faults,
		const struct plan *plan, unsigned int nr)
{
	struct control c = { .s = s, .faults = faults, .plan = plan, .nr = nr };
	char *names = xformat("%s", faults->names), *save, *name;
	unsigned int i;

	record_all(&c);
	table_mixes(stdout, plan, nr);
	printf("%-24s %4s %-11s %9s  %s\n", "fault", "nr", "mix", "operation",
	       "found by");
	one_mirror(&c, sound, judge_sound);
	one_mirror(&c, restated, judge_sound);
	for (name = strtok_r(names, ",", &save); name;
	     name = strtok_r(NULL, ",", &save))
		one_mirror(&c, name, judge_fault);
	if (s->tap)
		printf("1..%u\n", c.cases);
	for (i = 0; i < nr; i++)
		record_free(&c.record[i]);
	free(c.record);
	free(names);
	return !c.failed;
}
