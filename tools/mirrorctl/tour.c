// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl tour: a guided session on the live mirror.
 *
 * A tour is a list of steps. Each does one thing, and the zone is looked at right
 * before and right behind it; the sentence is made from what was seen there. This file
 * has the order of things: what has to be there, the steps, the end. What a step does
 * is in a file for each tour, on top of tour_act.c.
 *
 * However a tour ends, but for SIGKILL, blocks go back and tunables are as they were:
 * signals arrive on a descriptor, which is looked at between requests.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "debugfs.h"
#include "device.h"
#include "output.h"
#include "palette.h"
#include "tour.h"

/* What they need: orders to cut, and the rights that requests with reserves take. */
#define MIN_ORDER	6
#define BOOST_TRIES	20
#define NEEDED_RIGHTS	\
	(MIRROR_MM_RIGHT_ADMIN | MIRROR_MM_RIGHT_ALLOC | MIRROR_MM_RIGHT_FREE)

static const struct tour_plan * const plans[] = {
	&tour_split, &tour_pcp, &tour_fallback, &tour_watermark, &tour_highatomic,
};

struct request {
	struct options *opts;
	const struct tour_plan *plan;
};

static const char doc[] =
	"A guided session on the live mirror: it does one thing at a time, shows\n"
	"what changed, and says what the allocator did and why." DOC_DETAILS
	"Tours:\n"
	"  split       a free block is cut down for a request, and merges again\n"
	"  pcp         this CPU's lists are refilled, used, flushed and drained\n"
	"  fallback    a request whose own type has nothing claims a pageblock\n"
	"              of another\n"
	"  watermark   how far below the marks each kind of request may go\n"
	"  highatomic  a pageblock is reserved for urgent requests, and given up\n"
	"              again\n"
	"\n"
	"Without a name all of them are listed and then given in this order. On\n"
	"a terminal each step waits for Enter, and q ends; everything is given\n"
	"back then, as it is at the end, on Ctrl-C and after an error.\n"
	"\n"
	"The sentences are made from what was seen. Where something else came\n"
	"than expected, since a program uses the mirror at the same time for one,\n"
	"they say that and what it was.\n"
	"\n"
	"Run it as root, and on a mirror that nobody needs right now: fallback,\n"
	"watermark and highatomic take nearly all memory of one zone for a\n"
	"moment, so that other requests fail. A short setting of\n"
	"percpu_pagelist_high_fraction by pcp is taken back.\n"
	"\n"
	"With --json all steps are one object: title, done, before, after and\n"
	"sentence of each.\n"
	"\n"
	"Examples:\n"
	"  mirrorctl tour split\n"
	"  mirrorctl tour --json pcp\n"
	"\n"
	"Exit code: 0 done, 1 refused or ended by an error or a signal.";

static error_t parse_tour(int key, char *arg, struct argp_state *state)
{
	struct request *req = state->input;
	const char *names[ARRAY_SIZE(plans)];

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = req->opts;
		return 0;
	case ARGP_KEY_ARG:
		if (req->plan)
			argp_error(state, "one tour at a time, not \"%s\" and \"%s\"",
				   req->plan->name, arg);
		for (size_t i = 0; i < ARRAY_SIZE(plans); i++) {
			names[i] = plans[i]->name;
			if (!strcmp(arg, names[i]))
				req->plan = plans[i];
		}
		if (!req->plan)
			args_unknown(state, "no tour", arg, names, ARRAY_SIZE(plans));
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp tour_argp = {
	.parser = parse_tour,
	.args_doc = "[split|pcp|fallback|watermark|highatomic]",
	.doc = doc,
	.children = options_children,
};

/* How a request asks for a zone and nothing below it; negative for Movable. */
static long gfp_of_zone(const char *name)
{
	if (!strcmp(name, "DMA"))
		return MIRROR_GFP_DMA;
	if (!strcmp(name, "DMA32"))
		return MIRROR_GFP_DMA32;
	if (!strcmp(name, "HighMem"))
		return __MIRROR_GFP_HIGHMEM;
	return strcmp(name, "Normal") ? -1 : 0;
}

/* The largest of those that are the lowest of their node. */
static const struct state_zone *best_zone(const struct state *state)
{
	const struct state_zone *best = NULL;

	for (size_t i = 0; i < state->nr; i++) {
		const struct state_zone *zone = &state->zones[i];

		if (i && state->zones[i - 1].node == zone->node)
			continue;
		if (gfp_of_zone(zone->name) >= 0 &&
		    (!best || zone->managed > best->managed))
			best = zone;
	}
	return best;
}

static int choose_zone(struct tour *t)
{
	const struct state_zone *best;
	struct state state;
	int err = tour_state(t, &state);

	if (err)
		return err;
	best = best_zone(&state);
	if (best) {
		t->node = best->node;
		snprintf(t->zone, sizeof(t->zone), "%s", best->name);
		t->zone_gfp = gfp_of_zone(t->zone);
	} else {
		out_error("the mirror has no zone but Movable, where nothing Unmovable may lie");
		out_hint("Load the module without zones=, or with NORMAL among them.");
		err = -ENODEV;
	}
	state_free(&state);
	return err;
}

/* The lists of one CPU are looked at, so all has to happen on that one. */
static int stay_on_cpu(struct tour *t)
{
	int cpu = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (cpu >= 0 && cpu < CPU_SETSIZE)
		CPU_SET(cpu, &set);
	if (cpu < 0 || sched_setaffinity(0, sizeof(set), &set)) {
		out_error("cannot stay on one CPU: %s", strerror(errno));
		return -errno;
	}
	t->cpu = cpu;
	return 0;
}

static bool is_usable(const struct tour *t)
{
	const struct mirror_mm_info *info = &t->info;

	if (info->state != MIRROR_MM_IN_SERVICE) {
		out_error("the mirror is out of service: it found its own state broken");
		out_hint("\"dmesg | grep mirror_mm\" has the picture. Load the module again.");
	} else if ((info->rights & NEEDED_RIGHTS) != NEEDED_RIGHTS) {
		out_error("a tour looks at page frames and uses reserves");
		out_hint("That takes CAP_SYS_ADMIN: run this as root%s.", geteuid() ? "" :
			 ", outside of a container that takes it away");
	} else if (info->max_order < MIN_ORDER || info->max_order >= SNAPSHOT_ORDERS ||
		   !info->pb_order || info->pb_order > info->max_order) {
		out_error("orders go to %u, pageblocks have %u; a tour needs %u or more",
			  info->max_order, info->pb_order, MIN_ORDER);
	} else if (info->page_limit) {
		out_error("one open file may hold %llu pages, and a tour takes nearly all",
			  (unsigned long long)info->page_limit);
		out_hint("Write 0 to /sys/class/misc/mirror_mm/page_limit first.");
	} else {
		return true;
	}
	return false;
}

static int prepare(struct tour *t)
{
	int err;

	t->dev = device_open(t->opts, &t->info);
	if (t->dev < 0)
		return t->dev;
	if (!is_usable(t))
		return -EPERM;
	err = choose_zone(t);
	if (!err)
		err = stay_on_cpu(t);
	return err ? err : tour_write(t, "drain");
}

/* On a terminal, time to read; returns at once otherwise. */
static void wait_for_enter(struct tour *t)
{
	if (!t->waits || t->quit)
		return;
	fputs("\n  Enter goes on, q ends ", stdout);
	fflush(stdout);
	while (!t->quit && t->term.keys) {
		enum term_event event = term_wait(&t->term, 3600);

		if (event == TERM_KEY && (t->term.key == '\n' || t->term.key == '\r'))
			break;
		t->quit = event == TERM_QUIT ||
			  (event == TERM_KEY && t->term.key == 'q');
		t->signalled = event == TERM_QUIT;
	}
	t->quit |= !t->term.keys;
	puts("");
}

/* Texts are written in lines as the source has them. */
static void join_lines(char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			*text = ' ';
}

static int run_step(struct tour *t, const struct tour_step *step, unsigned int of)
{
	char *sentence = NULL;
	bool expected;
	size_t len;
	FILE *out;
	int err;

	t->number++;
	t->asked = 0;
	t->given = 0;
	t->err = 0;
	snprintf(t->done, sizeof(t->done), "nothing but looking");
	err = tour_look(t, &t->before);
	if (!err && step->act)
		err = step->act(t);
	if (!err)
		err = tour_look(t, &t->after);
	if (err || t->quit)
		return err;
	out = open_memstream(&sentence, &len);
	if (!out)
		return -ENOMEM;
	expected = step->explain(t, out);
	if (!fclose(out)) {
		join_lines(sentence);
		join_lines(t->done);
		tour_show_step(t, step, of, sentence, expected);
	}
	free(sentence);
	return out_flush();
}

/* Also what a step leaves when it does not come to its end. */
static int give_back(struct tour *t)
{
	int err = tour_free_all(t), restored = tour_restore(t);

	if (!err)
		err = restored;
	return err ? err : tour_write(t, "drain");
}

static void say_obstacle(struct tour *t, const struct tour_plan *plan,
			 const char *why, bool only)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "tour", json_object_new_string(plan->name));
	json_object_object_add(obj, "reason", json_object_new_string(why));
	json_object_array_add(t->skipped, obj);
	if (only)
		out_error("tour %s cannot be given here: %s", plan->name, why);
	else if (!t->opts->json)
		printf("\n[%s] cannot be given here: %s\n", plan->name, why);
}

/* What an earlier tour did to the marks is worked off by the statistics tick. */
static int wait_for_marks(struct tour *t)
{
	int err = tour_look(t, &t->start);

	for (int i = 0; i < BOOST_TRIES && !err && t->start.zone.boost &&
	     t->start.zone.flags & STATE_KSWAPD_DUE && !tour_wants_end(t); i++) {
		t->signalled = term_wait(&t->term, 0.2) == TERM_QUIT;
		t->quit |= t->signalled;
		err = tour_look(t, &t->start);
	}
	return err;
}

/* Returns 0, 1 where it cannot be given here, or -errno. */
static int look_for_obstacle(struct tour *t, const struct tour_plan *plan, bool only)
{
	char *why = NULL;
	bool found;
	size_t len;
	FILE *out;
	int err = tour_act_drain(t);

	if (!err)
		err = wait_for_marks(t);
	if (err)
		return err;
	out = open_memstream(&why, &len);
	if (!out)
		return -ENOMEM;
	found = plan->obstacle(t, out);
	if (!fclose(out) && found) {
		join_lines(why);
		say_obstacle(t, plan, why, only);
	}
	free(why);
	return found;
}

static int run_plan(struct tour *t, const struct tour_plan *plan, bool only)
{
	int err = look_for_obstacle(t, plan, only), back;

	if (err)
		return err > 0 && !only ? 0 : -1;
	t->name = plan->name;
	t->number = 0;
	for (unsigned int i = 0; i < plan->nr && !err && !tour_wants_end(t); i++) {
		err = run_step(t, &plan->steps[i], plan->nr);
		if (!err)
			wait_for_enter(t);
	}
	back = give_back(t);
	return err ? err : back;
}

static void list_plans(const struct tour *t)
{
	printf("%sTours, on zone %s of node %d and CPU %u:%s\n",
	       palette_bold(&t->term), t->zone, t->node, t->cpu,
	       palette_off(&t->term));
	for (size_t i = 0; i < ARRAY_SIZE(plans); i++)
		printf("  %-11s %s\n", plans[i]->name, plans[i]->about);
}

static int run(struct tour *t, const struct tour_plan *plan)
{
	int err = 0;

	if (plan)
		return run_plan(t, plan, true);
	if (!t->opts->json) {
		list_plans(t);
		wait_for_enter(t);
	}
	for (size_t i = 0; i < ARRAY_SIZE(plans) && !err && !t->quit; i++)
		err = run_plan(t, plans[i], false);
	return err;
}

static int print_json(struct tour *t)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "steps", json_object_get(t->steps));
	json_object_object_add(obj, "skipped", json_object_get(t->skipped));
	json_object_object_add(obj, "surprises", json_object_new_int(t->surprises));
	json_object_object_add(obj, "ended_early", json_object_new_boolean(t->quit));
	return out_json(obj, JSON_C_TO_STRING_PRETTY);
}

static int conclude(struct tour *t, int err)
{
	if (err)
		return err;
	if (t->opts->json)
		return print_json(t);
	if (t->quit)
		printf("\ntour: ended early");
	else if (t->surprises)
		printf("\ntour: %u steps, %u of them went otherwise than expected",
		       t->steps_shown, t->surprises);
	else
		printf("\ntour: %u steps, all as expected", t->steps_shown);
	printf("; everything was given back\n");
	return out_flush();
}

int cmd_tour(struct options *opts, int argc, char **argv)
{
	struct request req = { .opts = opts };
	struct tour t = { .opts = opts, .dev = -1 };
	int err;

	if (args_parse(&tour_argp, argc, argv, 0, &req))
		return EXIT_FAILED;
	/* A reader that goes away is an error like others: all has to be given back. */
	signal(SIGPIPE, SIG_IGN);
	if (term_open(&t.term, false)) {
		out_error("cannot prepare the terminal");
		return EXIT_FAILED;
	}
	t.steps = json_object_new_array();
	t.skipped = json_object_new_array();
	err = prepare(&t);
	if (!err) {
		t.waits = !opts->json && isatty(STDOUT_FILENO) &&
			  term_take_keys(&t.term);
		err = conclude(&t, run(&t, req.plan));
	}
	term_close(&t.term, NULL);
	json_object_put(t.steps);
	json_object_put(t.skipped);
	free(t.blocks);
	if (t.dev >= 0)
		close(t.dev);
	return err || t.signalled ? EXIT_FAILED : EXIT_OK;
}
