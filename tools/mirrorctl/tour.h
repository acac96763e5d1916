/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of "tour": a session on the live mirror that does one thing at a time,
 * looks before and after, and says what the allocator did.
 */
#ifndef MIRRORCTL_TOUR_H
#define MIRRORCTL_TOUR_H

#include <stdio.h>

#include <json-c/json.h>
#include <linux/mirror_mm.h>

#include "mirrorctl.h"
#include "statefile.h"
#include "term.h"

/**
 * struct tour_view - what a step looks at: one zone, and this CPU's lists
 * @zone: the zone; its array of CPUs is not kept
 * @cpu: this CPU's lists of it
 * @marks: its watermarks
 * @held_blocks: blocks of this process
 * @held_pages: pages in them
 */
struct tour_view {
	struct state_zone zone;
	struct state_cpu cpu;
	struct state_marks marks;
	unsigned long long held_blocks;
	unsigned long long held_pages;
};

/**
 * struct tour_block - a block that the tour holds
 * @id: names it
 * @pfn: first page frame
 * @order: 2^order pages
 * @type: of the pageblock that it lies in, enum mirror_migratetype
 */
struct tour_block {
	__u64 id;
	__u64 pfn;
	unsigned int order;
	unsigned int type;
};

/**
 * struct tour - one run
 * @opts: what all commands share
 * @term: where the text goes
 * @waits: a user presses Enter after each step
 * @dev: the device
 * @info: what it said at the beginning
 * @node: where the tour looks and takes from
 * @zone: its lowest zone, so that no request can fall to another
 * @zone_gfp: bits that ask for that zone
 * @cpu: the CPU that the tour stays on
 * @start: what was seen when the present tour began
 * @before: before the step
 * @after: behind it
 * @blocks: what is held
 * @nr: how many
 * @room: of @blocks
 * @last: the block that the step took or gave back last
 * @err: what the step's last request was answered
 * @asked: how many requests the step made
 * @given: how many of them were granted
 * @done: what the step did, in words
 * @fraction: the tunable's value to be restored, NULL where it is as it was
 * @name: of the present tour
 * @number: of the step
 * @steps: JSON array of all steps
 * @skipped: JSON array of tours that could not be given
 * @surprises: steps that went otherwise than expected
 * @steps_shown: steps so far, of all tours
 * @quit: the user, or a signal, wants an end
 * @signalled: it was a signal
 */
struct tour {
	const struct options *opts;
	struct term term;
	bool waits;
	int dev;
	struct mirror_mm_info info;
	int node;
	char zone[16];
	__u32 zone_gfp;
	unsigned int cpu;
	struct tour_view start;
	struct tour_view before;
	struct tour_view after;
	struct tour_block *blocks;
	size_t nr;
	size_t room;
	struct tour_block last;
	int err;
	unsigned long long asked;
	unsigned long long given;
	char done[256];
	char *fraction;
	const char *name;
	unsigned int number;
	struct json_object *steps;
	struct json_object *skipped;
	unsigned int surprises;
	unsigned int steps_shown;
	bool quit;
	bool signalled;
};

/**
 * struct tour_step - one thing that a tour does
 * @title: what
 * @act: does it and fills in tour.done; NULL for a step that only looks. Returns
 *	0, or -errno where the tour cannot go on, after saying so on stderr
 * @explain: writes the sentence, from what was seen; returns false where that is
 *	not what was expected
 */
struct tour_step {
	const char *title;
	int (*act)(struct tour *t);
	bool (*explain)(struct tour *t, FILE *out);
};

/**
 * struct tour_plan - one tour
 * @name: on the command line
 * @about: one line for the list
 * @obstacle: writes why it cannot be given here, and what would be right; returns
 *	false where nothing is in the way
 * @steps: what it does
 * @nr: how many
 */
struct tour_plan {
	const char *name;
	const char *about;
	bool (*obstacle)(const struct tour *t, FILE *out);
	const struct tour_step *steps;
	unsigned int nr;
};

extern const struct tour_plan tour_split;
extern const struct tour_plan tour_pcp;
extern const struct tour_plan tour_fallback;
extern const struct tour_plan tour_watermark;
extern const struct tour_plan tour_highatomic;

/*
 * What requests of a tour say besides their zone and node. The kernel counts one that
 * cannot wait among those with a right to reserves, so what is to be refused can wait,
 * but is not to try again and again.
 */
#define TOUR_ORDINARY	(MIRROR_GFP_KERNEL | __MIRROR_GFP_NORETRY)
#define TOUR_MOVABLE	(MIRROR_GFP_NOWAIT | __MIRROR_GFP_MOVABLE)

/* tour_act.c: what steps are made of. */

/**
 * tour_state() - read debugfs' state
 * @t: the run
 * @state: to be freed with state_free()
 *
 * Return: 0, or -errno after saying so on stderr.
 */
int tour_state(const struct tour *t, struct state *state);

/**
 * tour_look() - see how the zone and this CPU's lists are now
 * @t: the run
 * @view: answer
 *
 * Return: 0, or -errno after saying why on stderr.
 */
int tour_look(struct tour *t, struct tour_view *view);

/**
 * tour_alloc() - ask for a block; what is granted is held and becomes tour.last
 * @t: the run; its asked, given and err say what came of it
 * @order: of the block
 * @gfp: MIRROR_GFP_*, without zone
 *
 * Return: 0, also where the mirror had nothing, which is in tour.err; -errno, after
 * saying so on stderr, for all other reasons.
 */
int tour_alloc(struct tour *t, unsigned int order, __u32 gfp);

/**
 * tour_free() - give a block back, which becomes tour.last
 * @t: the run
 * @i: index into tour.blocks; the last block gets this place
 *
 * Return: 0, or -errno after saying so on stderr.
 */
int tour_free(struct tour *t, size_t i);

/**
 * tour_free_all() - give all blocks back
 * @t: the run
 *
 * Return: 0, or -errno after saying so on stderr.
 */
int tour_free_all(struct tour *t);

/**
 * tour_write() - write to a file of debugfs
 * @t: the run
 * @name: "drain" or "stat_refresh"
 *
 * Return: 0, or -errno after saying so on stderr.
 */
int tour_write(struct tour *t, const char *name);

/**
 * tour_set_fraction() - set percpu_pagelist_high_fraction
 * @t: the run; keeps the value of before for tour_restore()
 * @value: what to set
 *
 * Return: 0, or -errno after saying so on stderr.
 */
int tour_set_fraction(struct tour *t, unsigned int value);

/**
 * tour_restore() - set tunables to what they were
 * @t: the run
 *
 * Return: 0, or -errno after saying so on stderr.
 */
int tour_restore(struct tour *t);

/**
 * tour_ask_until_refused() - take blocks of one order as long as there are any
 * @t: the run
 * @order: of each
 * @gfp: as for tour_alloc()
 *
 * Return: 0, or -errno after saying so on stderr.
 */
int tour_ask_until_refused(struct tour *t, unsigned int order, __u32 gfp);

/**
 * tour_usable() - free pages that a request without a right to reserves may count on
 * @view: where
 *
 * Return: pages, as the watermarks are compared with.
 */
unsigned long long tour_usable(const struct tour_view *view);

/**
 * tour_mark() - a watermark with what a boost adds
 * @view: where
 * @pages: the mark
 *
 * Return: pages.
 */
unsigned long long tour_mark(const struct tour_view *view,
			     unsigned long long pages);

/**
 * tour_take_down() - take blocks until the zone has little left
 * @t: the run
 * @target: usable pages that are to stay at least; less than a block of
 *	tour_order() more do
 *
 * Return: 0, or -errno after saying so on stderr.
 */
int tour_take_down(struct tour *t, unsigned long long target);

/**
 * tour_order() - a small order that passes by the per-CPU lists
 * @t: the run
 *
 * Return: the order.
 */
unsigned int tour_order(const struct tour *t);

/**
 * tour_wants_end() - has the user or a signal asked for an end?
 * @t: the run
 *
 * Return: true where one has; a step then leaves its work as it is.
 */
bool tour_wants_end(struct tour *t);

/**
 * tour_delta() - by how much a free list of a type has changed
 * @t: the run
 * @type: enum mirror_migratetype
 * @order: of the list
 *
 * Return: blocks, negative where they became less.
 */
long long tour_delta(const struct tour *t, unsigned int type,
		     unsigned int order);

/**
 * tour_moved_blocks() - do free lists differ in any other way than a split's or a
 *	merge's?
 * @t: the run
 * @type: whose lists
 * @order: of the block that was taken or freed
 * @sign: -1 for a block that was taken, 1 for one that was freed
 *
 * A block taken from one of order n leaves one more free block of each order from
 * @order to n - 1 and one less of n; a freed one does the reverse.
 *
 * Return: n, or -1 where something else has changed.
 */
int tour_moved_blocks(const struct tour *t, unsigned int type,
		      unsigned int order, int sign);

/* Steps of several tours: to low in the largest blocks, on to min, and the two ends. */
int tour_act_take_down(struct tour *t);
int tour_act_until_refused(struct tour *t);
int tour_act_drain(struct tour *t);
int tour_act_give_back(struct tour *t);
bool tour_explain_give_back(struct tour *t, FILE *out);

/* tour_show.c: what is printed. */

/**
 * tour_show_step() - print one step, or keep it for the JSON
 * @t: the run
 * @step: the step
 * @of: how many steps the tour has
 * @sentence: what was explained
 * @expected: it went as was expected
 */
void tour_show_step(struct tour *t, const struct tour_step *step,
		    unsigned int of, const char *sentence, bool expected);

/**
 * tour_say_changes() - end a sentence with all that has changed
 * @t: the run
 * @out: where to
 */
void tour_say_changes(const struct tour *t, FILE *out);

/**
 * tour_surprise() - begin a sentence about what was not expected
 * @t: the run
 * @out: where to
 * @wanted: what was expected
 *
 * Return: false, which is the answer of the explanation then.
 */
bool tour_surprise(const struct tour *t, FILE *out, const char *wanted);

/**
 * tour_wrap() - print a text in lines that fit, indented by two
 * @out: where to
 * @text: the text
 * @width: columns
 */
void tour_wrap(FILE *out, const char *text, unsigned int width);

/* tour_rows.c: a view as a list of numbers. */
#define TOUR_ROWS	400

/**
 * struct tour_row - one number of a view
 * @label: for people
 * @value: the number
 * @type: migratetype whose colour it has, negative for none
 */
struct tour_row {
	char label[40];
	unsigned long long value;
	int type;
};

/**
 * tour_rows() - a view as numbers; those of two views are at the same places
 * @t: the run
 * @view: the view
 * @rows: answer, room for TOUR_ROWS
 *
 * Return: how many.
 */
size_t tour_rows(const struct tour *t, const struct tour_view *view,
		 struct tour_row *rows);

/**
 * tour_view_json() - a view as a JSON object
 * @t: the run
 * @view: the view
 *
 * Return: a new object.
 */
struct json_object *tour_view_json(const struct tour *t,
				   const struct tour_view *view);

#endif
