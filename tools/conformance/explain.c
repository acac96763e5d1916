// SPDX-License-Identifier: GPL-2.0
/*
 * What is known about a difference, for a human.
 *
 * A checkpoint tells only that something went apart since the last one. Both
 * sides then run the list once more, in steps with a look at the states after
 * each, first in large ones, then in smaller ones, down to one operation.
 */
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "pair.h"
#include "state.h"
#include "util.h"

#define STEPS	16
#define BEFORE	10

/* Both sides at the same operation of a list. */
struct walk {
	const struct pair *pair;
	const struct list *list;
	unsigned int at;
	uint32_t want;
	uint32_t got;
	int error;
	struct words ref_state;
	struct words other_state;
};

static bool copy_marks(struct walk *w)
{
	struct marks marks;
	int err = w->pair->ref->ops->get_marks(w->pair->ref, &marks);

	if (!err)
		err = w->pair->other->ops->set_marks(w->pair->other, &marks);
	w->error = err;
	return !err;
}

static bool walk_start(struct walk *w)
{
	w->at = 0;
	w->error = w->pair->ref->ops->reset(w->pair->ref);
	if (!w->error)
		w->error = w->pair->other->ops->reset(w->pair->other);
	return !w->error && copy_marks(w);
}

static bool walk_between(struct walk *w)
{
	const struct conf_op *op = &w->list->op[w->at++];

	if (op->opcode == CONF_CHECKPOINT)
		return true;
	w->error = w->pair->ref->ops->between(w->pair->ref, op);
	if (!w->error)
		w->error = w->pair->other->ops->between(w->pair->other, op);
	return !w->error && (!op_moves_marks(op) || copy_marks(w));
}

/* Stops at the operation whose result differs. */
static bool same_words(struct walk *w, const uint32_t *want,
		       const uint32_t *got, unsigned int nr)
{
	unsigned int last = w->at + nr, i;

	for (; w->at < last; w->at++) {
		for (i = op_words(&w->list->op[w->at]); i; i--, want++, got++) {
			w->want = *want;
			w->got = *got;
			if (*want != *got)
				return false;
		}
	}
	return true;
}

static bool walk_piece(struct walk *w, unsigned int to)
{
	static uint32_t want[CONF_RUN_WORDS], got[CONF_RUN_WORDS];
	unsigned int nr_words, nr = list_piece(w->list, w->at, to, &nr_words);
	const struct conf_op *op = w->list->op + w->at;
	const struct pair *pair = w->pair;
	uint32_t flags = w->list->run_flags;

	w->error = pair->ref->ops->run(pair->ref, op, nr, want, nr_words, flags);
	if (!w->error)
		w->error = pair->other->ops->run(pair->other, op, nr, got,
						 nr_words, flags);
	return !w->error && same_words(w, want, got, nr);
}

/* false where a result differs or a call fails */
static bool walk_to(struct walk *w, unsigned int to)
{
	while (w->at < to)
		if (op_is_between(&w->list->op[w->at]) ? !walk_between(w) :
							 !walk_piece(w, to))
			return false;
	return true;
}

static bool states_equal(struct walk *w)
{
	w->error = w->pair->ref->ops->state(w->pair->ref, &w->ref_state);
	if (!w->error)
		w->error = w->pair->other->ops->state(w->pair->other,
						      &w->other_state);
	return !w->error && words_equal(&w->ref_state, &w->other_state);
}

/* Makes [*low, *high) smaller; false where nothing differs this time. */
static bool narrow(struct walk *w, unsigned int *low, unsigned int *high)
{
	unsigned int step = (*high - *low + STEPS - 1) / STEPS;
	unsigned int at = *low, to;

	if (!walk_start(w) || !walk_to(w, at))
		return false;
	for (; at < *high; at = to) {
		to = at + step < *high ? at + step : *high;
		if (walk_to(w, to) && states_equal(w))
			continue;
		*low = at;
		*high = w->at < to ? w->at + 1 : to;
		return true;
	}
	return false;
}

/* Index of the first operation after which the two differ, or the list's end. */
static unsigned int find_op(struct walk *w, const struct difference *d)
{
	unsigned int low = d->last_equal, high = d->op + 1;

	if (high > w->list->nr)
		high = w->list->nr;
	while (high - low > 1)
		if (!narrow(w, &low, &high))
			return w->list->nr;
	return low;
}

static unsigned int word_of_op(const struct list *list, unsigned int op)
{
	unsigned int word = 0, i;

	for (i = 0; i < op; i++)
		word += op_words(&list->op[i]);
	return word;
}

static void print_op(FILE *out, const struct record *r, unsigned int i)
{
	const struct conf_op *op = &r->list.op[i];
	char text[OP_TEXT], result[64];

	fprintf(out, "  %8u  %s", i, op_text(op, text, sizeof(text)));
	if (op_words(op))
		fprintf(out, " -> %s",
			result_text(r->words.word[word_of_op(&r->list, i)],
				    result, sizeof(result)));
	fputc('\n', out);
}

/* Whether the operation @a is about a slot of @b. */
static bool shares_slot(const struct conf_op *a, const struct conf_op *b)
{
	return a->slot < b->slot + op_slots(b) && b->slot < a->slot + op_slots(a);
}

static void print_before(FILE *out, const struct record *r, unsigned int op)
{
	unsigned int first = op > BEFORE ? op - BEFORE : 0, i, nr = 0;

	for (i = first; i-- && nr < BEFORE;)
		if (shares_slot(&r->list.op[i], &r->list.op[op]))
			nr++;
	if (nr)
		fprintf(out, "earlier operations on the same slot:\n");
	for (i++; nr && i < first; i++)
		if (shares_slot(&r->list.op[i], &r->list.op[op]))
			print_op(out, r, i);
	fprintf(out, "the operations before it:\n");
	for (i = first; i < op; i++)
		print_op(out, r, i);
}

static void print_results(FILE *out, const struct walk *w)
{
	char want[64], got[64];

	if (w->error)
		fprintf(out, "a call failed: %s\n", strerror(-w->error));
	else if (w->want != w->got)
		fprintf(out, "result: reference %s, %s %s\n",
			result_text(w->want, want, sizeof(want)),
			w->pair->other->name,
			result_text(w->got, got, sizeof(got)));
	else
		fprintf(out, "results are equal, the states behind it are not\n");
}

/* In words, for whoever reads nothing else. */
static void print_sentence(FILE *out, const struct walk *w,
			   const struct record *r, unsigned int op, bool equal)
{
	const char *name = w->pair->other->name;
	char text[OP_TEXT], want[64], got[64];

	op_text(&r->list.op[op], text, sizeof(text));
	if (w->error) {
		fprintf(out, "At operation %u, %s, a call failed: %s.\n", op,
			text, strerror(-w->error));
	} else if (w->want != w->got) {
		fprintf(out, "At operation %u, %s, the answer of Linux is %s, and of the %s %s.\n",
			op, text, result_text(w->want, want, sizeof(want)), name,
			result_text(w->got, got, sizeof(got)));
	} else if (!equal) {
		fprintf(out, "After operation %u, %s, ", op, text);
		state_sentence(out, &r->list.op[op], &w->ref_state, &w->other_state, name);
	}
}

static void print_op_found(FILE *out, struct walk *w, const struct record *r,
			   unsigned int op)
{
	bool equal;
	int error;

	w->want = 0;
	w->got = 0;
	/* States were equal up to here; see what the one operation does. */
	if (walk_start(w) && walk_to(w, op))
		walk_to(w, op + 1);
	error = w->error;
	equal = states_equal(w);
	if (error)
		w->error = error;
	print_sentence(out, w, r, op, equal);
	fprintf(out, "first difference at operation %u:\n", op);
	print_op(out, r, op);
	print_results(out, w);
	print_before(out, r, op);
	fprintf(out, "states after it%s\n", equal ? " are equal" : ":");
	if (!equal && !w->error)
		state_diff(out, &w->ref_state, &w->other_state,
			   w->pair->other->name);
}

static void explain_op(FILE *out, const struct pair *pair,
		       const struct record *r, const struct difference *d)
{
	struct walk w = { .pair = pair, .list = &r->list };
	unsigned int op = find_op(&w, d);

	if (op < r->list.nr)
		print_op_found(out, &w, r, op);
	else
		fprintf(out, "found at operation %u, but not when run once more%s%s\n",
			d->op, w.error ? ": " : "; one side does not repeat itself",
			w.error ? strerror(-w.error) : "");
	words_free(&w.ref_state);
	words_free(&w.other_state);
}

static void explain_text(FILE *out, const struct difference *d)
{
	const char *a = d->want_text, *b = d->got_text;

	fprintf(out, "text differs at checkpoint %u:\n", d->op);
	while (*a || *b) {
		size_t len_a = strcspn(a, "\n"), len_b = strcspn(b, "\n");

		if (len_a != len_b || memcmp(a, b, len_a))
			fprintf(out, "  reference \"%.*s\"\n  mirror    \"%.*s\"\n",
				(int)len_a, a, (int)len_b, b);
		a += len_a + (a[len_a] == '\n');
		b += len_b + (b[len_b] == '\n');
	}
}

static void explain_events(FILE *out, const struct record *r,
			   const struct difference *d)
{
	unsigned int i;

	fprintf(out, "events differ:\n");
	for (i = 0; i < CONF_NR_EVENTS; i++) {
		uint64_t want = r->events.nr[i], got = d->events.nr[i];

		if (want != got && want != CONF_UNSEEN && got != CONF_UNSEEN)
			fprintf(out, "  %-20s reference %llu, mirror %llu\n",
				event_name(i), (unsigned long long)want,
				(unsigned long long)got);
	}
}

void explain(FILE *out, const struct pair *pair, const struct record *r,
	     const struct difference *d)
{
	if (d->kind == DIFFERENT_EVENTS)
		explain_events(out, r, d);
	else if (d->kind != SAME && d->kind != DIFFERENT_TEXT)
		explain_op(out, pair, r, d);
	if (d->want_text)
		explain_text(out, d);
}
