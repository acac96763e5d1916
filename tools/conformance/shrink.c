// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a failing list short.
 *
 * Large pieces are taken out first, then smaller ones, down to single operations,
 * which are tried again until none of them can go. An operation that has lost what
 * it was about is skipped by the drivers, so every part of a list is a list.
 */
#include <stdlib.h>
#include <string.h>

#include "pair.h"
#include "util.h"

static bool without(struct shrinker *s, struct list *list, unsigned int at,
		    unsigned int nr)
{
	struct list rest = { .run_flags = list->run_flags };

	list_append(&rest, list->op, at);
	list_append(&rest, list->op + at + nr, list->nr - at - nr);
	s->trials++;
	if (!s->fails(s->arg, &rest)) {
		list_free(&rest);
		return false;
	}
	list_free(list);
	*list = rest;
	return true;
}

/* Whether any piece of that size could go. */
static bool shrink_by(struct shrinker *s, struct list *list, unsigned int size)
{
	unsigned int at = 0, nr;
	bool gone = false;

	while (at < list->nr && seconds_now() < s->until) {
		nr = list->nr - at < size ? list->nr - at : size;
		if (without(s, list, at, nr))
			gone = true;
		else
			at += nr;
	}
	return gone;
}

void shrink(struct shrinker *s, struct list *list)
{
	unsigned int size = list->nr / 2;

	while (size && list->nr > 1 && seconds_now() < s->until) {
		bool gone = shrink_by(s, list, size);

		if (size > 1)
			size = size / 2;
		else if (!gone)
			break;
	}
}

bool pair_fails(void *arg, const struct list *list)
{
	struct pair_trial *trial = arg;
	struct list whole = { .run_flags = list->run_flags };
	struct difference d;
	struct record r;
	bool differs;

	list_append(&whole, list->op, list->nr);
	list_add(&whole, CONF_CHECKPOINT)->arg =
		trial->flags & COMPARE_TEXT ? CHECKPOINT_TEXT : 0;
	record_list(&r, trial->pair.ref, &whole);
	differs = compare(&r, trial->pair.other, trial->flags, &d);
	/* A mirror out of service fails whatever it is asked. */
	differs &= d.kind != TARGET_FAILED;
	difference_free(&d);
	record_free(&r);
	list_free(&whole);
	return differs;
}

void failing_list(const struct record *r, const struct difference *d,
		  struct list *list)
{
	unsigned int i;

	memset(list, 0, sizeof(*list));
	list->run_flags = r->list.run_flags;
	for (i = 0; i <= d->op && i < r->list.nr; i++)
		if (r->list.op[i].opcode != CONF_CHECKPOINT)
			list_append(list, &r->list.op[i], 1);
}
