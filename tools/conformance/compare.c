// SPDX-License-Identifier: GPL-2.0
/*
 * Replays a record on a target, up to the first thing that differs.
 *
 * Behind a difference nothing is compared: two allocators that went apart once
 * differ everywhere, and the first place is the one that tells why.
 */
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "util.h"

struct replay {
	const struct record *r;
	struct target *t;
	struct difference *d;
	unsigned int flags;
	unsigned int op;
	unsigned int word;
	unsigned int checkpoint;
	unsigned int marks;
	unsigned int text_op;
	struct words buffer;
};

static bool failed(struct replay *p, int err)
{
	if (!err)
		return false;
	p->d->kind = TARGET_FAILED;
	p->d->op = p->op;
	p->d->error = err;
	return true;
}

/* Of word number @at behind those of earlier pieces: which operation's is it. */
static unsigned int op_of_word(const struct replay *p, unsigned int at)
{
	unsigned int op = p->op, first = 0;

	while (first + op_words(&p->r->list.op[op]) <= at)
		first += op_words(&p->r->list.op[op++]);
	return op;
}

static bool words_differ(struct replay *p, unsigned int nr_words)
{
	const uint32_t *want = p->r->words.word + p->word;
	const uint32_t *got = p->buffer.word;
	unsigned int i = 0;

	/* A page that is not as clean as asked is wrong on whichever side. */
	while (i < nr_words && want[i] == got[i] && got[i] != CONF_NOT_ZERO)
		i++;
	if (i == nr_words)
		return false;
	p->d->kind = DIFFERENT_RESULT;
	p->d->op = op_of_word(p, i);
	p->d->want = want[i];
	p->d->got = got[i];
	return true;
}

static bool replay_piece(struct replay *p)
{
	const struct list *list = &p->r->list;
	unsigned int nr_words, nr;

	nr = list_piece(list, p->op, list->nr, &nr_words);
	p->buffer.nr = 0;
	words_room(&p->buffer, nr_words);
	if (failed(p, p->t->ops->run(p->t, list->op + p->op, nr, p->buffer.word,
				     nr_words, list->run_flags))) {
		/* Somewhere in there. */
		p->d->op = p->op + nr - 1;
		return true;
	}
	if (words_differ(p, nr_words))
		return true;
	p->word += nr_words;
	p->op += nr;
	return false;
}

/* Does not end the replay: for the allocator nothing has gone apart. */
static void compare_text(struct replay *p, const struct checkpoint *c)
{
	char *text;

	if (!c->text || !(p->flags & COMPARE_TEXT) || p->d->want_text)
		return;
	text = p->t->ops->text(p->t);
	if (text && !strcmp(c->text, text)) {
		free(text);
		return;
	}
	p->text_op = c->op;
	p->d->want_text = xformat("%s", c->text);
	p->d->got_text = text ? text : xformat("(no text)\n");
}

static bool checkpoint_differs(struct replay *p)
{
	const struct checkpoint *c = &p->r->checkpoint[p->checkpoint++];
	struct words state = {};
	bool equal;

	if (failed(p, p->t->ops->state(p->t, &state))) {
		words_free(&state);
		return true;
	}
	equal = words_equal(&state, &c->state);
	words_free(&state);
	if (!equal) {
		p->d->kind = DIFFERENT_STATE;
		p->d->op = c->op;
		return true;
	}
	p->d->last_equal = c->op;
	compare_text(p, c);
	return false;
}

static bool replay_between(struct replay *p)
{
	const struct conf_op *op = &p->r->list.op[p->op];

	if (op->opcode == CONF_CHECKPOINT) {
		if (checkpoint_differs(p))
			return true;
	} else if (failed(p, p->t->ops->between(p->t, op))) {
		return true;
	}
	if (op_moves_marks(op) &&
	    failed(p, p->t->ops->set_marks(p->t, &p->r->marks[p->marks++])))
		return true;
	p->op++;
	return false;
}

bool events_equal(const struct conf_events *a, const struct conf_events *b)
{
	unsigned int i;

	for (i = 0; i < CONF_NR_EVENTS; i++)
		if (a->nr[i] != b->nr[i] && a->nr[i] != CONF_UNSEEN &&
		    b->nr[i] != CONF_UNSEEN)
			return false;
	return true;
}

static bool events_differ(struct replay *p)
{
	if (failed(p, p->t->ops->events(p->t, &p->d->events)))
		return true;
	if (!(p->flags & COMPARE_EVENTS) ||
	    events_equal(&p->r->events, &p->d->events))
		return false;
	p->d->kind = DIFFERENT_EVENTS;
	p->d->op = p->op;
	return true;
}

static bool replay_all(struct replay *p)
{
	const struct list *list = &p->r->list;

	if (failed(p, p->t->ops->reset(p->t)) ||
	    failed(p, p->t->ops->set_marks(p->t, &p->r->marks[p->marks++])))
		return true;
	while (p->op < list->nr)
		if (op_is_between(&list->op[p->op]) ? replay_between(p) :
						      replay_piece(p))
			return true;
	if (!p->d->want_text)
		return events_differ(p);
	p->d->kind = DIFFERENT_TEXT;
	p->d->op = p->text_op;
	return true;
}

bool compare(const struct record *r, struct target *t, unsigned int flags,
	     struct difference *d)
{
	struct replay p = { .r = r, .t = t, .d = d, .flags = flags };
	bool differs;

	memset(d, 0, sizeof(*d));
	differs = replay_all(&p);
	words_free(&p.buffer);
	return differs;
}

void difference_free(struct difference *d)
{
	free(d->want_text);
	free(d->got_text);
	memset(d, 0, sizeof(*d));
}
