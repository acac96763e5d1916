/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operation lists, what carries them out, and what came of it.
 *
 *   list     operations, those between segments among them
 *   target   one allocator under test: reset, run, look at the state
 *   record   a list and what the reference answered: result words, the state and
 *            text at each checkpoint, and the watermarks it went with
 *   difference   the first place where a target does not answer as the record
 */
#ifndef CONFORMANCE_RECORD_H
#define CONFORMANCE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

struct list {
	struct conf_op *op;
	unsigned int nr;
	unsigned int room;
	uint32_t run_flags;	/* CONF_RUN_* of all its segments */
};

/* In a CONF_CHECKPOINT: compare the text files, too. */
#define CHECKPOINT_TEXT	1u

struct conf_op *list_add(struct list *list, unsigned int opcode);
void list_append(struct list *list, const struct conf_op *op, unsigned int nr);
void list_free(struct list *list);
/* Words that @op answers with. */
unsigned int op_words(const struct conf_op *op);
bool op_is_between(const struct conf_op *op);
/* Slots that it is about, from @op->slot on. */
unsigned int op_slots(const struct conf_op *op);
/* How many operations from @at on one CONF_RUN can take; their words. */
unsigned int list_piece(const struct list *list, unsigned int at,
			unsigned int end, unsigned int *nr_words);

struct words {
	uint32_t *word;
	unsigned int nr;
	unsigned int room;
};

void words_room(struct words *words, unsigned int more);
bool words_equal(const struct words *a, const struct words *b);
void words_free(struct words *words);

#define MAX_ZONES	(5 * CONF_MAX_NODES)
#define NR_MARKS	4

/* Watermarks of the nodes' populated zones, without boost. */
struct marks {
	unsigned int nr;
	struct zone_marks {
		int node;
		char zone[16];
		unsigned long page[NR_MARKS];	/* min low high promo */
	} zone[MAX_ZONES];
};

struct target;

/* All return 0 or minus an errno; text returns NULL where it has none. */
struct target_ops {
	int (*reset)(struct target *t);
	int (*run)(struct target *t, const struct conf_op *op, unsigned int nr,
		   uint32_t *word, unsigned int nr_words, uint32_t flags);
	int (*between)(struct target *t, const struct conf_op *op);
	int (*state)(struct target *t, struct words *state);
	int (*events)(struct target *t, struct conf_events *events);
	int (*get_marks)(struct target *t, struct marks *marks);
	int (*set_marks)(struct target *t, const struct marks *marks);
	char *(*text)(struct target *t);
};

struct target {
	const char *name;
	const struct target_ops *ops;
};

struct checkpoint {
	unsigned int op;
	struct words state;
	char *text;
};

struct record {
	struct list list;
	struct words words;
	unsigned int done;	/* operations of the list that are recorded */
	struct checkpoint *checkpoint;
	unsigned int nr_checkpoints;
	unsigned int room_checkpoints;
	struct marks *marks;	/* first those after the reset, then after each TUNE */
	unsigned int nr_marks;
	unsigned int room_marks;
	struct conf_events events;
};

/* They end the program where the reference fails: then there is nothing to do. */
void record_start(struct record *r, struct target *ref);
void record_continue(struct record *r, struct target *ref);
void record_end(struct record *r, struct target *ref);
void record_list(struct record *r, struct target *ref, const struct list *list);
void record_free(struct record *r);
/* Whether the marks have to be taken over after @op. */
bool op_moves_marks(const struct conf_op *op);

enum difference_kind {
	SAME,
	DIFFERENT_RESULT,
	DIFFERENT_STATE,
	DIFFERENT_TEXT,
	DIFFERENT_EVENTS,
	TARGET_FAILED,
};

/**
 * struct difference - the first one found
 * @kind: what differs
 * @op: index of the operation
 * @last_equal: operations up to the last checkpoint that was equal
 * @want: DIFFERENT_RESULT: the reference's word
 * @got: and the target's
 * @error: TARGET_FAILED: minus the errno
 * @want_text: of the first checkpoint where texts differ; to be freed
 * @got_text: likewise
 * @events: DIFFERENT_EVENTS: the target's
 */
struct difference {
	enum difference_kind kind;
	unsigned int op;
	unsigned int last_equal;
	uint32_t want;
	uint32_t got;
	int error;
	char *want_text;
	char *got_text;
	struct conf_events events;
};

/* What compare() looks at beside the result words and the checkpoint states. */
#define COMPARE_TEXT	1u
#define COMPARE_EVENTS	2u

/* Whether there is a difference; @d is filled in any case. */
bool compare(const struct record *r, struct target *t, unsigned int flags,
	     struct difference *d);
bool events_equal(const struct conf_events *a, const struct conf_events *b);
void difference_free(struct difference *d);

#endif /* CONFORMANCE_RECORD_H */
