// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl watch: free blocks by order and type, again and again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "args.h"
#include "debugfs.h"
#include "frame.h"
#include "names.h"
#include "output.h"
#include "watch.h"
#include "words.h"

#define ALL_FILES \
	(SNAPSHOT_BUDDYINFO | SNAPSHOT_PAGETYPEINFO | SNAPSHOT_ZONEINFO)

/* Reading the lists of the CPUs stops the machine, which is not for every moment. */
#define LISTS_INTERVAL	0.2
/* Lines of events at least, and room for the line about the end. */
#define EVENT_LINES	2

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
 * @lists: the lists of the CPUs are shown too
 * @state: these
 * @events: what happened
 * @hand: what the user holds
 * @shown: frames shown so far
 * @lost: a frame could not be had
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
	bool lists;
	struct state state;
	struct watch_events events;
	struct watch_hand hand;
	unsigned int shown;
	bool lost;
	char *text;
};

static const char doc[] =
	"Show free blocks by order and mobility type as bars, redrawn each\n"
	"second." DOC_DETAILS
	"The largest order is on top. Take a block, with the key a or with\n"
	"\"mirrorctl alloc\" in another terminal, and see how a large one falls\n"
	"apart into smaller ones; give it back and see them merge. The number\n"
	"behind FREE is the change since the frame before. Letters behind a bar say how many of\n"
	"its blocks are of which type: U unmovable, M movable, R reclaimable, H\n"
	"highatomic, C cma, I isolate.\n"
	"\n"
	"The length of a bar is the logarithm of its pages: with each step it\n"
	"stands for twice as many. --linear draws them in proportion. Pages on\n"
	"per-CPU lists are free, but in none of the bars: below, each CPU's are\n"
	"listed by order, where root looks and frames are not closer than 0.2 s.\n"
	"The last lines say in words what happened between two frames.\n"
	"\n"
	"Keys on a terminal:\n"
	"  a    take a block      + -  its order     t  its mobility type\n"
	"  f    give the newest one back            g  give all back\n"
	"  d    drain the per-CPU lists\n"
	"  p    pause, and go on   s  one frame while it pauses\n"
	"  h    explain the keys   q  quit\n"
	"What the keys took goes back at the end.\n"
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

static void name_zones(const struct snapshot *snap, int node)
{
	char text[256] = "";
	size_t at = 0;

	for (size_t i = 0; i < snap->nr && at < sizeof(text); i++)
		if (snap->zones[i].nr_orders &&
		    (node < 0 || snap->zones[i].node == node))
			at += snprintf(text + at, sizeof(text) - at,
				       "%snode %d %s", at ? ", " : "",
				       snap->zones[i].node, snap->zones[i].name);
	if (at)
		out_hint("There are: %s.", text);
}

/* Says which part of the choice is not there, and what is. */
static void refuse_choice(const struct watch *w)
{
	const char *names[MIRROR_MAX_NR_ZONES], *best = NULL;
	const struct picture_choice *choice = &w->choice;
	bool node_exists = choice->node < 0;

	for (size_t i = 0; i < w->snap.nr; i++)
		node_exists |= w->snap.zones[i].node == choice->node;
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		names[i] = words_zone(i);
	if (choice->zone)
		best = args_nearest(choice->zone, names, ARRAY_SIZE(names));
	if (!node_exists)
		out_error("no node %d with memory here", choice->node);
	else if (!choice->zone)
		out_error("node %d has no zone here", choice->node);
	else
		out_error("no zone \"%s\" %s%s%s%s", choice->zone,
			  choice->node < 0 ? "here" : "on that node",
			  best ? "; did you mean " : "", best ? best : "",
			  best ? "?" : "");
	name_zones(&w->snap, node_exists ? choice->node : -1);
}

/* Without them there is one line less. */
static void sample_lists(struct watch *w)
{
	char *text;

	state_free(&w->state);
	if (!w->lists || debugfs_read(w->opts, "state", &text))
		return;
	state_parse(text, &w->state);
	free(text);
}

static bool sample(struct watch *w)
{
	struct snapshot snap;

	if (snapshot_read(w->opts, ALL_FILES, &snap))
		return false;
	snapshot_free(&w->snap);
	w->snap = snap;
	w->before = w->now;
	if (!picture_make(&w->now, &w->snap, &w->choice))
		return false;
	sample_lists(w);
	if (!w->opts->json)
		watch_compare(&w->events, w->opts, &w->before, &w->now);
	return true;
}

static unsigned int count_lines(const char *text)
{
	unsigned int nr = 0;

	for (; *text; text++)
		nr += *text == '\n';
	return nr;
}

/* What is below the picture, as far as the screen has room for it. */
static void draw_below(FILE *out, const struct watch *w, unsigned int used)
{
	bool closing = w->term.live && !w->term.keys;
	unsigned int room = ~0u, lists = 4;

	if (w->term.live) {
		room = w->term.rows > used + closing ?
		       w->term.rows - used - closing : 0;
		lists = room > EVENT_LINES ? room - EVENT_LINES : room > 1;
	}
	watch_draw_lists(out, &w->term, &w->state, &w->choice, lists);
	fflush(out);
	used = count_lines(w->text) - used;
	watch_draw_events(out, &w->events, room > used ? room - used : 0);
	if (closing)
		fprintf(out, "every %g s; Ctrl-C ends\n", w->interval);
	else if (!w->term.live && (!w->count || w->shown + 1 < w->count))
		fputc('\n', out);
}

static void draw_keys(const struct watch *w, char **line)
{
	size_t len;
	FILE *out = open_memstream(line, &len);

	if (!out)
		return;
	if (w->term.keys)
		watch_draw_keys(out, &w->hand);
	else
		fputc('\n', out);
	fclose(out);
}

static bool draw(struct watch *w)
{
	struct picture_frame frame = {
		.term = &w->term,
		.pic = &w->now,
		.before = w->shown ? &w->before : NULL,
		.snap = &w->snap,
		.choice = &w->choice,
	};
	char *line = NULL;
	size_t len;
	FILE *out;

	free(w->text);
	w->text = NULL;
	draw_keys(w, &line);
	out = open_memstream(&w->text, &len);
	if (!out || !line) {
		free(line);
		return false;
	}
	frame.line = line;
	picture_draw(out, &frame);
	fflush(out);
	draw_below(out, w, count_lines(w->text));
	free(line);
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

/* Waits for the next frame; a resize, and most keys, draw the last one again. */
static bool wait_for_next(struct watch *w)
{
	for (;;) {
		double seconds = w->hand.paused ? ARGS_MAX_SECONDS : w->interval;
		enum term_event event = term_wait(&w->term, seconds);
		enum watch_next next = WATCH_REDRAW;

		if (event == TERM_QUIT)
			return false;
		if (event == TERM_TIME_OVER)
			return true;
		if (event == TERM_KEY)
			next = watch_key(&w->hand, &w->events, w->term.key);
		if (next != WATCH_REDRAW)
			return next == WATCH_REFRESH;
		if (w->term.live && !draw(w))
			return false;
	}
}

/* The first sample is there. */
static bool run(struct watch *w)
{
	for (;;) {
		if (!show(w))
			return false;
		if (++w->shown == w->count)
			return true;
		if (!wait_for_next(w))
			return true;
		if (!sample(w)) {
			w->lost = true;
			return false;
		}
	}
}

/* What cannot be shown is refused before the screen is another. */
static int first_sample(struct watch *w)
{
	w->hand.opts = w->opts;
	w->hand.choice = &w->choice;
	w->lists = !w->opts->json && w->interval >= LISTS_INTERVAL;
	if (sample(w))
		return EXIT_OK;
	if (!w->snap.nr)
		return EXIT_FAILED;
	refuse_choice(w);
	return EXIT_BAD_USAGE;
}

static int watch(struct watch *w)
{
	bool good;

	if (term_open(&w->term, !w->opts->json && w->count != 1)) {
		out_error("cannot prepare the terminal");
		return EXIT_FAILED;
	}
	if (w->term.live)
		term_take_keys(&w->term);
	good = run(w);
	term_close(&w->term, w->text);
	/* What was said of it went to a screen that is gone now. */
	if (w->lost && w->term.live && !sample(w) && w->snap.nr)
		out_error("the zones that were looked at are gone");
	return good ? EXIT_OK : EXIT_FAILED;
}

int cmd_watch(struct options *opts, int argc, char **argv)
{
	struct watch w = {
		.opts = opts,
		.interval = 1,
		.choice = { .node = -1 },
		.hand = { .dev = -1 },
	};
	int ret;

	if (args_parse(&watch_argp, argc, argv, 0, &w))
		return EXIT_FAILED;
	ret = first_sample(&w);
	if (ret == EXIT_OK)
		ret = watch(&w);
	watch_let_go(&w.hand);
	snapshot_free(&w.snap);
	state_free(&w.state);
	free(w.text);
	return ret;
}
