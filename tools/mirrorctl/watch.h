/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of "watch" around its picture: what the user's keys do, what happened
 * between two frames, and the lists of the CPUs.
 */
#ifndef MIRRORCTL_WATCH_H
#define MIRRORCTL_WATCH_H

#include <stdio.h>

#include <linux/mirror_mm.h>

#include "picture.h"
#include "statefile.h"
#include "term.h"

#define WATCH_EVENTS	4
#define WATCH_EVENT_LEN	200

/**
 * struct watch_events - what happened, in words, the newest last
 * @text: each with its time
 * @nr: how many
 * @allocated: pages that were ever handed out, by the counters
 * @freed: pages that ever came back
 * @known: these were read before
 */
struct watch_events {
	char text[WATCH_EVENTS][WATCH_EVENT_LEN];
	unsigned int nr;
	unsigned long long allocated;
	unsigned long long freed;
	bool known;
};

/**
 * watch_say() - add an event
 * @events: to these; the oldest goes where there is no room
 * @fmt: what happened, as for printf()
 */
void watch_say(struct watch_events *events, const char *fmt, ...) __printf(2, 3);

/**
 * watch_count() - take the counters of vmstat
 * @events: what is known of them
 * @text: the whole text of vmstat
 * @allocated: answer: pages handed out since the last time, 0 at the first
 * @freed: answer: pages that came back, likewise
 *
 * Return: false where the text has no such counters.
 */
bool watch_count(struct watch_events *events, const char *text,
		 unsigned long long *allocated, unsigned long long *freed);

/**
 * watch_compare() - add one event for all that differs between two frames
 * @events: to these
 * @opts: names the folder of debugfs
 * @was: the frame before
 * @is: the frame now
 */
void watch_compare(struct watch_events *events, const struct options *opts,
		   const struct picture *was, const struct picture *is);

/**
 * watch_draw_events() - the newest events, one a line
 * @out: where to
 * @events: these
 * @most: lines
 */
void watch_draw_events(FILE *out, const struct watch_events *events,
		       unsigned int most);

/**
 * watch_draw_lists() - the lists of each CPU by order
 * @out: where to
 * @term: its abilities
 * @state: all zones
 * @choice: which of them
 * @most: lines; with more CPUs than that there is one for all of them
 */
void watch_draw_lists(FILE *out, const struct term *term,
		      const struct state *state,
		      const struct picture_choice *choice, unsigned int most);

/* More blocks than that nobody takes by hand. */
#define WATCH_BLOCKS	1024

/**
 * struct watch_hand - what the user takes and gives back by keys
 * @opts: names the device
 * @choice: the zones that are looked at
 * @dev: the device, negative as long as nothing was asked of it
 * @info: what it said when it was opened
 * @order: of the next request
 * @type: likewise, enum mirror_migratetype
 * @ids: blocks held, the newest last
 * @nr: how many
 * @paused: frames come by the key for a step only
 * @help: all keys are explained
 */
struct watch_hand {
	const struct options *opts;
	const struct picture_choice *choice;
	int dev;
	struct mirror_mm_info info;
	unsigned int order;
	unsigned int type;
	__u64 ids[WATCH_BLOCKS];
	unsigned int nr;
	bool paused;
	bool help;
};

/**
 * enum watch_next - what a key is followed by
 * @WATCH_REDRAW: the same frame again
 * @WATCH_REFRESH: a new one
 * @WATCH_END: nothing
 */
enum watch_next {
	WATCH_REDRAW,
	WATCH_REFRESH,
	WATCH_END,
};

/**
 * watch_key() - do what a key asks for
 * @hand: what is held
 * @events: says what came of it
 * @key: the key
 *
 * Return: what has to follow.
 */
enum watch_next watch_key(struct watch_hand *hand, struct watch_events *events,
			  int key);

/**
 * watch_draw_keys() - one line about the keys
 * @out: where to
 * @hand: as it is now
 */
void watch_draw_keys(FILE *out, const struct watch_hand *hand);

/**
 * watch_let_go() - give back what is held
 * @hand: empty afterwards
 */
void watch_let_go(struct watch_hand *hand);

#endif
