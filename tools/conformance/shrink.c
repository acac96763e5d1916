// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a failing list short.
 *
 * First its end is cut off, as early as it still fails. Then large pieces are
 * taken out, then smaller ones, down to single operations, which are tried again
 * until none of them can go. A piece is a run of operations, or all that is done
 * to a range of slots: without both ends of a block's life the rest stays as it
 * was. An operation that has lost what it was about is skipped by the drivers, so
 * every part of a list is a list.
 */
#include <stdlib.h>
#include <string.h>

#include "pair.h"
#include "util.h"

/* @rest takes the place of @list if it still fails, and is gone if not. */
static bool take_if_fails(struct shrinker *s, struct list *list,
			  struct list *rest)
{
	s->trials++;
	if (!s->fails(s->arg, rest)) {
		list_free(rest);
		return false;
	}
	list_free(list);
	*list = *rest;
	return true;
}

static bool without(struct shrinker *s, struct list *list, unsigned int at,
		    unsigned int nr)
{
	struct list rest = { .run_flags = list->run_flags };

	list_append(&rest, list->op, at);
	list_append(&rest, list->op + at + nr, list->nr - at - nr);
	return take_if_fails(s, list, &rest);
}

static bool without_slots(struct shrinker *s, struct list *list,
			  uint32_t first, uint32_t nr)
{
	struct list rest = { .run_flags = list->run_flags };
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (!op_slots(&list->op[i]) ||
		    list->op[i].slot - first >= nr)
			list_append(&rest, &list->op[i], 1);
	if (rest.nr < list->nr)
		return take_if_fails(s, list, &rest);
	list_free(&rest);
	return false;
}

static void cut_end(struct shrinker *s, struct list *list)
{
	unsigned int good = 0;

	while (list->nr - good > 1 && seconds_now() < s->until) {
		unsigned int middle = good + (list->nr - good) / 2;

		if (!without(s, list, middle, list->nr - middle))
			good = middle;
	}
}

static uint32_t end_of_slots(const struct list *list)
{
	uint32_t end = 0;
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (op_slots(&list->op[i]) && list->op[i].slot >= end)
			end = list->op[i].slot + 1;
	return end;
}

static void shrink_by_slots(struct shrinker *s, struct list *list, uint32_t size)
{
	uint32_t at, end = end_of_slots(list);

	for (at = 0; at < end && seconds_now() < s->until; at += size)
		without_slots(s, list, at, size);
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
	uint32_t slots = end_of_slots(list) / 2;
	unsigned int size;

	cut_end(s, list);
	for (; slots > 16; slots /= 2)
		shrink_by_slots(s, list, slots);
	size = list->nr / 2;
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
