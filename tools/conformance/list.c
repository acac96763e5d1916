// SPDX-License-Identifier: GPL-2.0
/*
 * Operation lists: growing them and cutting them into what one call can take.
 */
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "util.h"

struct conf_op *list_add(struct list *list, unsigned int opcode)
{
	struct conf_op *op;

	grow(list->op, list->nr, list->room);
	op = &list->op[list->nr++];
	memset(op, 0, sizeof(*op));
	op->opcode = opcode;
	return op;
}

void list_append(struct list *list, const struct conf_op *op, unsigned int nr)
{
	while (nr--)
		*list_add(list, op->opcode) = *op, op++;
}

void list_free(struct list *list)
{
	free(list->op);
	memset(list, 0, sizeof(*list));
}

bool op_is_between(const struct conf_op *op)
{
	return op->opcode >= CONF_NR_RUN_OPS;
}

unsigned int op_words(const struct conf_op *op)
{
	if (op_is_between(op))
		return 0;
	return op->opcode == CONF_BULK ? 1 + op->nr : 1;
}

unsigned int op_slots(const struct conf_op *op)
{
	switch (op->opcode) {
	case CONF_ALLOC:
	case CONF_FREE:
	case CONF_GET:
	case CONF_PUT:
	case CONF_SPLIT:
	case CONF_FREE_PART:
		return 1;
	case CONF_BULK:
	case CONF_FREE_BULK:
		return op->nr;
	default:
		return 0;
	}
}

bool op_moves_marks(const struct conf_op *op)
{
	return op->opcode == CONF_TUNE &&
	       (op->order == CONF_MIN_FREE_KBYTES ||
		op->order == CONF_WATERMARK_SCALE_FACTOR);
}

unsigned int list_piece(const struct list *list, unsigned int at,
			unsigned int end, unsigned int *nr_words)
{
	unsigned int nr = 0;

	*nr_words = 0;
	while (at + nr < end && nr < CONF_RUN_OPS) {
		const struct conf_op *op = &list->op[at + nr];

		if (op_is_between(op) ||
		    *nr_words + op_words(op) > CONF_RUN_WORDS)
			break;
		*nr_words += op_words(op);
		nr++;
	}
	return nr;
}

void words_room(struct words *words, unsigned int more)
{
	if (words->nr + more <= words->room)
		return;
	words->room = 2 * words->room;
	if (words->room < words->nr + more)
		words->room = words->nr + more;
	words->word = xrealloc(words->word, words->room * sizeof(*words->word));
}

bool words_equal(const struct words *a, const struct words *b)
{
	return a->nr == b->nr &&
	       (!a->nr || !memcmp(a->word, b->word, a->nr * sizeof(*a->word)));
}

void words_free(struct words *words)
{
	free(words->word);
	memset(words, 0, sizeof(*words));
}
