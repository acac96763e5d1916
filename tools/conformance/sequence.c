// SPDX-License-Identifier: GPL-2.0
/*
 * One sequence: made on the reference, replayed on the mirror at each level.
 */
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "generate.h"
#include "names.h"
#include "sequence.h"
#include "util.h"

static bool list_has_blocks_only(const struct list *list)
{
	unsigned int i;

	/* Where segments may sleep, the drivers stay on one CPU. */
	for (i = 0; i < list->nr; i++)
		if (!blocks_can(&list->op[i]) ||
		    (list->run_flags && list->op[i].opcode == CONF_GO_ON))
			return false;
	return true;
}

static void count_words(const struct record *r, struct outcome *out)
{
	const uint32_t *word = r->words.word;
	unsigned int i;

	for (i = 0; i < r->list.nr; i++) {
		out->ops += !op_is_between(&r->list.op[i]);
		if (!op_words(&r->list.op[i]))
			continue;
		out->failed += *word == CONF_FAILED;
		out->skipped += *word == CONF_SKIPPED;
		word += op_words(&r->list.op[i]);
	}
	out->checkpoints = r->nr_checkpoints;
	for (i = 0; i < r->nr_checkpoints; i++)
		out->texts += !!r->checkpoint[i].text;
}

static void add_events(struct conf_events *sum, const struct conf_events *one)
{
	unsigned int i;

	for (i = 0; i < CONF_NR_EVENTS; i++) {
		if (one->nr[i] == CONF_UNSEEN)
			sum->nr[i] = CONF_UNSEEN;
		else if (sum->nr[i] != CONF_UNSEEN)
			sum->nr[i] += one->nr[i];
	}
}

/* Of a list that could not be made short, its end tells most. */
#define LINES_SHOWN	60

unsigned int shrink_and_save(struct session *s, struct target *other,
			     const struct record *r, const struct difference *d)
{
	struct pair_trial trial = { .pair = { s->ref, other } };
	struct shrinker shrinker = {
		.fails = pair_fails, .arg = &trial,
		.until = seconds_now() + s->shrink_seconds,
	};
	unsigned int left = 0;
	struct list list;

	if (d->kind == DIFFERENT_TEXT)
		trial.flags = COMPARE_TEXT;
	if (d->kind == DIFFERENT_EVENTS)
		trial.flags = COMPARE_EVENTS;
	failing_list(r, d, &list);
	if (pair_fails(&trial, &list)) {
		shrink(&shrinker, &list);
		left = list.nr;
		printf("shrunk to %u operations in %u trials:\n",
		       left, shrinker.trials);
		list_print(stdout, &list, LINES_SHOWN);
		list_save(&list, s->save, difference_name(d->kind));
	} else {
		printf("not shrunk: the first %u operations do not differ when run again\n",
		       list.nr);
	}
	list_free(&list);
	return left;
}

static void tell(struct session *s, struct target *other,
		 const struct record *r, const struct difference *d)
{
	struct pair pair = { s->ref, other };

	printf("\n%s differs from the reference: %s\n", other->name,
	       difference_name(d->kind));
	explain(stdout, &pair, r, d);
	if (s->shrink_seconds && !s->shrunk && d->kind != TARGET_FAILED) {
		s->shrunk = true;
		shrink_and_save(s, other, r, d);
	}
	printf("\n");
	fflush(stdout);
}

/* In one word, for the table. */
static const char *one_level(struct session *s, struct target *t,
			     const struct record *r, unsigned int flags,
			     struct outcome *out)
{
	const char *verdict = "equal";
	struct difference d;

	s->operations += out->ops;
	if (compare(r, t, flags, &d)) {
		tell(s, t, r, &d);
		verdict = difference_name(d.kind);
		s->differences++;
		out->differences++;
	} else if (flags & COMPARE_EVENTS) {
		add_events(&s->ref_events, &r->events);
		add_events(&s->mirror_events, &d.events);
	}
	difference_free(&d);
	return verdict;
}

static void all_levels(struct session *s, const struct record *r,
		       struct outcome *out)
{
	count_words(r, out);
	out->pages = one_level(s, s->pages, r, s->flags, out);
	out->blocks = "-";
	/* Who asks by blocks is not seen by the driver, so its events are not. */
	if (s->blocks && list_has_blocks_only(&r->list))
		out->blocks = one_level(s, s->blocks, r,
					s->flags & ~COMPARE_EVENTS, out);
	s->sequences++;
}

void run_sequence(struct session *s, const struct plan *plan,
		  struct outcome *out)
{
	struct record r;

	memset(out, 0, sizeof(*out));
	out->plan = *plan;
	generate(&r, s->ref, plan->mix, plan->seed, s->nr_ops);
	all_levels(s, &r, out);
	record_free(&r);
}

void run_list(struct session *s, const struct list *list, struct outcome *out)
{
	struct list whole = { .run_flags = list->run_flags };
	struct record r;

	memset(out, 0, sizeof(*out));
	list_append(&whole, list->op, list->nr);
	list_add(&whole, CONF_CHECKPOINT)->arg = CHECKPOINT_TEXT;
	record_list(&r, s->ref, &whole);
	all_levels(s, &r, out);
	record_free(&r);
	list_free(&whole);
}
