// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl watch: free blocks by order and type, again and again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "frame.h"
#include "names.h"
#include "output.h"

#define ALL_FILES \
	(SNAPSHOT_BUDDYINFO | SNAPSHOT_PAGETYPEINFO | SNAPSHOT_ZONEINFO)

enum {
	OPT_ONCE = 0x500,
	OPT_ZONE,
	OPT_NODE,
	OPT_LINEAR,
};

/**
 * struct watch - one run of "watch"
 * @opts: what all commands share
 * @interval: seconds between frames
 * @count: frames to show, 0 for no end
 * @choice: what to show
 * @term: where to
 * @snap: what the files said last
 * @now: the picture made of it
 * @before: the one before
 * @shown: frames shown so far
 * @text: the last frame
 */
struct watch {
	struct options *opts;
	double interval;
	unsigned int count;
	struct picture_choice choice;
	struct term term;
	struct snapshot snap;
	struct picture now;
	struct picture before;
	unsigned int shown;
	char *text;
};

static const char doc[] =
	"Show free blocks by order and mobility type as bars, redrawn each\n"
	"second." DOC_DETAILS
	"The largest order is on top. Take a block with \"mirrorctl alloc\" in\n"
	"another terminal and see how a large one falls apart into smaller\n"
	"ones; give it back and see them merge. The number behind FREE is the\n"
	"change since the frame before. Letters behind a bar say how many of\n"
	"its blocks are of which type: U unmovable, M movable, R reclaimable, H\n"
	"highatomic, C cma, I isolate.\n"
	"\n"
	"The length of a bar is the logarithm of its pages: with each step it\n"
	"stands for twice as many. --linear draws them in proportion. Pages on\n"
	"per-CPU lists are free, but in none of the bars.\n"
	"\n"
	"Without a terminal the frames follow each other. Colours are off where\n"
	"NO_COLOR is set; bars are made of # where the locale is not UTF-8.\n"
	"With --json each frame is one line.\n"
	"\n"
	"Examples:\n"
	"  mirrorctl watch\n"
	"  mirrorctl watch --once\n"
	"  mirrorctl watch --json --interval 0.5 --count 20 > log";

static const struct argp_option option_list[] = {
	{ "interval", 'i', "SECONDS", 0, "Time between frames (default 1)", 0 },
	{ "count", 'n', "N", 0, "End after N frames", 0 },
	{ "once", OPT_ONCE, NULL, 0, "One frame, the same as --count 1", 0 },
	{ "zone", OPT_ZONE, "NAME", 0,
	  "Only zones of this name (default: all, added up)", 0 },
	{ "node", OPT_NODE, "N", 0, "Only this node", 0 },
	{ "linear", OPT_LINEAR, NULL, 0, "Bars in proportion to pages", 0 },
	{ 0 }
};

static error_t parse_watch(int key, char *arg, struct argp_state *state)
{
	struct watch *w = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = w->opts;
		return 0;
	case 'i':
		w->interval = args_seconds(state, "--interval", arg, 0.01);
		return 0;
	case 'n':
		w->count = args_number(state, "--count", arg, 1,
				       ARGS_MAX_COUNT);
		return 0;
	case OPT_ONCE:
		w->count = 1;
		return 0;
	case OPT_ZONE:
		w->choice.zone = arg;
		return 0;
	case OPT_NODE:
		w->choice.node = args_number(state, "--node", arg, 0,
					     NODE_MAX);
		return 0;
	case OPT_LINEAR:
		w->choice.linear = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument, not \"%s\"", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp watch_argp = {
	.options = option_list,
	.parser = parse_watch,
	.doc = doc,
	.children = options_children,
};

static bool sample(struct watch *w)
{
	struct snapshot snap;

	if (snapshot_read(w->opts, ALL_FILES, &snap))
		return false;
	snapshot_free(&w->snap);
	w->snap = snap;
	w->before = w->now;
	if (picture_make(&w->now, &w->snap, &w->choice))
		return true;
	out_error("no such zone here; \"mirrorctl buddyinfo\" shows them");
	return false;
}

static bool draw(struct watch *w)
{
	size_t len;
	FILE *out;

	free(w->text);
	w->text = NULL;
	out = open_memstream(&w->text, &len);
	if (!out)
		return false;
	picture_draw(out, &w->term, &w->now, w->shown ? &w->before : NULL,
		     &w->snap, &w->choice);
	if (w->term.live)
		fprintf(out, "\nevery %g s; Ctrl-C ends\n", w->interval);
	else if (!w->count || w->shown + 1 < w->count)
		fputc('\n', out);
	return !fclose(out) && !term_show(&w->term, w->text);
}

static bool show(struct watch *w)
{
	struct json_object *frame;

	if (!w->opts->json)
		return draw(w);
	frame = frame_to_json(&w->snap, &w->choice);
	return !out_json(frame, JSON_C_TO_STRING_PLAIN);
}

/* Waits for the next frame; a resize draws the last one again. */
static bool wait_for_next(struct watch *w)
{
	enum term_event event;

	while ((event = term_wait(&w->term, w->interval)) == TERM_RESIZED)
		if (!w->opts->json && w->term.live && !draw(w))
			return false;
	return event == TERM_TIME_OVER;
}

static bool run(struct watch *w)
{
	for (;;) {
		if (!sample(w) || !show(w))
			return false;
		if (++w->shown == w->count)
			return true;
		if (!wait_for_next(w))
			return true;
	}
}

int cmd_watch(struct options *opts, int argc, char **argv)
{
	struct watch w = {
		.opts = opts,
		.interval = 1,
		.choice = { .node = -1 },
	};
	bool good;

	if (args_parse(&watch_argp, argc, argv, 0, &w))
		return EXIT_FAILED;
	if (term_open(&w.term, !opts->json && w.count != 1)) {
		out_error("cannot prepare the terminal");
		return EXIT_FAILED;
	}
	good = run(&w);
	term_close(&w.term, w.text);
	snapshot_free(&w.snap);
	free(w.text);
	return good ? EXIT_OK : EXIT_FAILED;
}
