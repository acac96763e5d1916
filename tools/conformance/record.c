// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a list on the reference and keeps all it answers.
 *
 * A list may grow between two calls of record_continue(): that is how the
 * generator learns what became of the operations before.
 */
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "util.h"

static void must(const struct target *ref, const char *what, int err)
{
	if (err)
		die("the %s refused to %s: %s; see the kernel log (dmesg)",
		    ref->name, what, strerror(-err));
}

static void keep_marks(struct record *r, struct target *ref)
{
	grow(r->marks, r->nr_marks, r->room_marks);
	must(ref, "tell its watermarks",
	     ref->ops->get_marks(ref, &r->marks[r->nr_marks++]));
}

static void keep_checkpoint(struct record *r, struct target *ref,
			    const struct conf_op *op)
{
	struct checkpoint *c;

	grow(r->checkpoint, r->nr_checkpoints, r->room_checkpoints);
	c = &r->checkpoint[r->nr_checkpoints++];
	memset(c, 0, sizeof(*c));
	c->op = r->done;
	must(ref, "tell its state", ref->ops->state(ref, &c->state));
	if (op->arg & CHECKPOINT_TEXT)
		c->text = ref->ops->text(ref);
}

static void record_between(struct record *r, struct target *ref)
{
	const struct conf_op *op = &r->list.op[r->done];

	if (op->opcode == CONF_CHECKPOINT)
		keep_checkpoint(r, ref, op);
	else
		must(ref, "drain, tick or tune", ref->ops->between(ref, op));
	if (op_moves_marks(op))
		keep_marks(r, ref);
	r->done++;
}

static void record_piece(struct record *r, struct target *ref)
{
	unsigned int nr_words, nr;

	nr = list_piece(&r->list, r->done, r->list.nr, &nr_words);
	words_room(&r->words, nr_words);
	must(ref, "run a segment",
	     ref->ops->run(ref, r->list.op + r->done, nr,
			   r->words.word + r->words.nr, nr_words,
			   r->list.run_flags));
	r->words.nr += nr_words;
	r->done += nr;
}

void record_start(struct record *r, struct target *ref)
{
	must(ref, "reset", ref->ops->reset(ref));
	keep_marks(r, ref);
}

void record_continue(struct record *r, struct target *ref)
{
	while (r->done < r->list.nr) {
		if (op_is_between(&r->list.op[r->done]))
			record_between(r, ref);
		else
			record_piece(r, ref);
	}
}

void record_end(struct record *r, struct target *ref)
{
	must(ref, "tell its events", ref->ops->events(ref, &r->events));
}

void record_list(struct record *r, struct target *ref, const struct list *list)
{
	memset(r, 0, sizeof(*r));
	r->list.run_flags = list->run_flags;
	list_append(&r->list, list->op, list->nr);
	record_start(r, ref);
	record_continue(r, ref);
	record_end(r, ref);
}

void record_free(struct record *r)
{
	unsigned int i;

	for (i = 0; i < r->nr_checkpoints; i++) {
		words_free(&r->checkpoint[i].state);
		free(r->checkpoint[i].text);
	}
	free(r->checkpoint);
	free(r->marks);
	words_free(&r->words);
	list_free(&r->list);
	memset(r, 0, sizeof(*r));
}
