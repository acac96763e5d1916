// SPDX-License-Identifier: GPL-2.0
/*
 * What the steps of "tour" are made of: looking, taking, giving back, tunables.
 *
 * Requests name the node, with THISNODE, and the lowest zone of it, so what is not
 * there is not looked for elsewhere. They do not wait and do not warn: an answer
 * of "no" is one to be shown.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "debugfs.h"
#include "device.h"
#include "output.h"
#include "textfile.h"
#include "tour.h"

#define FRACTION	"/sys/class/misc/mirror_mm/percpu_pagelist_high_fraction"

/* Up to this order blocks of every type have per-CPU lists. */
#define COSTLY_ORDER	3

bool tour_wants_end(struct tour *t)
{
	struct pollfd signals = { .fd = t->term.signals, .events = POLLIN };

	if (!t->quit && poll(&signals, 1, 0) > 0)
		t->signalled = term_wait(&t->term, 0.001) == TERM_QUIT;
	t->quit |= t->signalled;
	return t->quit;
}

static int keep_zone(struct tour *t, const struct state *state,
		     struct tour_view *view)
{
	struct state_zone *zone = state_zone(state, t->node, t->zone);

	for (size_t i = 0; zone && i < zone->nr_cpus; i++) {
		if (zone->cpus[i].cpu != t->cpu)
			continue;
		view->zone = *zone;
		view->zone.cpus = NULL;
		view->zone.nr_cpus = 0;
		view->cpu = zone->cpus[i];
		return 0;
	}
	out_error("%s/state: its text is not understood", t->opts->debugfs);
	return -EPROTO;
}

int tour_state(const struct tour *t, struct state *state)
{
	char *text;
	int err = debugfs_read(t->opts, "state", &text);

	if (err) {
		debugfs_explain(t->opts, "state", err);
		return err;
	}
	err = state_parse(text, state);
	free(text);
	if (err)
		out_error("%s/state: %s", t->opts->debugfs, err == -ENOMEM ?
			  "out of memory" : "its text is not understood");
	return err;
}

static int look_at_state(struct tour *t, struct tour_view *view)
{
	struct state state;
	int err = tour_state(t, &state);

	if (err)
		return err;
	err = keep_zone(t, &state, view);
	state_free(&state);
	return err;
}

static int look_at_marks(struct tour *t, struct tour_view *view)
{
	char *text;
	int err = debugfs_read(t->opts, "watermarks", &text);

	if (err) {
		debugfs_explain(t->opts, "watermarks", err);
		return err;
	}
	if (!state_parse_marks(text, t->node, t->zone, &view->marks)) {
		out_error("%s/watermarks: its text is not understood",
			  t->opts->debugfs);
		err = -EPROTO;
	}
	free(text);
	return err;
}

int tour_look(struct tour *t, struct tour_view *view)
{
	struct mirror_mm_info info;
	int err = look_at_state(t, view);

	if (!err)
		err = look_at_marks(t, view);
	if (err)
		return err;
	err = device_info(t->dev, &info);
	if (err)
		out_error("%s does not answer INFO: %s", t->opts->device,
			  strerror(-err));
	view->held_blocks = info.held_blocks;
	view->held_pages = info.held_pages;
	return err;
}

static int make_room(struct tour *t)
{
	size_t room = t->room ? 2 * t->room : 64;
	struct tour_block *more;

	if (t->nr < t->room)
		return 0;
	more = reallocarray(t->blocks, room, sizeof(*more));
	if (!more) {
		out_error("out of memory");
		return -ENOMEM;
	}
	t->blocks = more;
	t->room = room;
	return 0;
}

int tour_alloc(struct tour *t, unsigned int order, __u32 gfp)
{
	struct mirror_mm_alloc arg = {
		.order = order,
		.gfp = gfp | t->zone_gfp | __MIRROR_GFP_THISNODE |
		       __MIRROR_GFP_NOWARN,
		.node = t->node,
		.flags = MIRROR_MM_ALLOC_NOZERO,
	};
	int err = make_room(t);

	if (err)
		return err;
	t->asked++;
	t->err = device_alloc(t->dev, &arg);
	if (t->err && t->err != -ENOMEM) {
		device_explain_alloc(t->err, &arg, &t->info);
		return t->err;
	}
	if (t->err)
		return 0;
	t->given++;
	t->last = (struct tour_block){ arg.id, arg.pfn, order, arg.migratetype };
	t->blocks[t->nr++] = t->last;
	return 0;
}

int tour_free(struct tour *t, size_t i)
{
	int err = device_free(t->dev, t->blocks[i].id);

	if (err) {
		out_error("cannot give a block back: %s", strerror(-err));
		return err;
	}
	t->last = t->blocks[i];
	t->blocks[i] = t->blocks[--t->nr];
	return 0;
}

/* Signals do not end this: that is what they ask for. */
int tour_free_all(struct tour *t)
{
	int err = 0;

	while (!err && t->nr)
		err = tour_free(t, t->nr - 1);
	return err;
}

int tour_write(struct tour *t, const char *name)
{
	int err = debugfs_write(t->opts, name, "1\n");

	if (err)
		debugfs_explain(t->opts, name, err);
	return err;
}

static int write_fraction(const char *value)
{
	int fd = open(FRACTION, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0 || write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		err = errno ? -errno : -EIO;
	if (fd >= 0)
		close(fd);
	if (err)
		out_error("cannot write to %s: %s", FRACTION, strerror(-err));
	return err;
}

int tour_set_fraction(struct tour *t, unsigned int value)
{
	char text[16];
	int err = 0;

	if (!t->fraction)
		err = textfile_read(FRACTION, &t->fraction);
	if (err) {
		out_error("cannot read %s: %s", FRACTION, strerror(-err));
		return err;
	}
	snprintf(text, sizeof(text), "%u\n", value);
	return write_fraction(text);
}

int tour_restore(struct tour *t)
{
	int err;

	if (!t->fraction)
		return 0;
	err = write_fraction(t->fraction);
	free(t->fraction);
	t->fraction = NULL;
	return err;
}

static bool passes_by(const struct tour *t, unsigned int order)
{
	return order > COSTLY_ORDER && order != t->info.pb_order;
}

unsigned int tour_order(const struct tour *t)
{
	unsigned int order = COSTLY_ORDER + 1;

	while (!passes_by(t, order))
		order++;
	return order;
}

unsigned long long tour_usable(const struct tour_view *view)
{
	/* The first lags behind, so it may be the smaller one. */
	if (view->zone.free < view->zone.highatomic_free)
		return 0;
	return view->zone.free - view->zone.highatomic_free;
}

unsigned long long tour_mark(const struct tour_view *view, unsigned long long pages)
{
	return pages + view->zone.boost;
}

static int ask_until(struct tour *t, unsigned int order, __u32 gfp)
{
	int err = 0;

	t->err = 0;
	while (!err && !t->err && !tour_wants_end(t))
		err = tour_alloc(t, order, gfp);
	return err;
}

/* The last answer is by counts that lag behind; with exact ones it may be another. */
int tour_ask_until_refused(struct tour *t, unsigned int order, __u32 gfp)
{
	unsigned long long given;
	int err;

	do {
		err = tour_write(t, "stat_refresh");
		given = t->given;
		if (!err)
			err = ask_until(t, order, gfp);
	} while (!err && !t->quit && t->given != given);
	return err;
}

/* The largest blocks first; where there is none left the next order is tried. */
int tour_take_down(struct tour *t, unsigned long long target)
{
	unsigned int least = tour_order(t), order;
	struct tour_view now;
	int err = tour_write(t, "stat_refresh");

	if (!err)
		err = tour_look(t, &now);
	for (order = t->info.max_order; !err && order >= least; order--) {
		unsigned long long size = 1ull << order;

		t->err = 0;
		while (passes_by(t, order) && !err && !t->err &&
		       tour_usable(&now) >= target + size &&
		       !tour_wants_end(t)) {
			err = tour_alloc(t, order, TOUR_MOVABLE);
			if (!err && !t->err)
				now.zone.free -= size;
		}
	}
	return err ? err : tour_write(t, "stat_refresh");
}

long long tour_delta(const struct tour *t, unsigned int type, unsigned int order)
{
	return t->after.zone.typed[type][order] -
	       t->before.zone.typed[type][order];
}

static bool delta_is(const struct tour *t, unsigned int type, unsigned int order,
		     unsigned int low, unsigned int high, int sign)
{
	long long wanted = 0;

	if (order >= low && order < high)
		wanted = -sign;
	else if (order == high)
		wanted = sign;
	return tour_delta(t, type, order) == wanted;
}

int tour_moved_blocks(const struct tour *t, unsigned int type,
		      unsigned int order, int sign)
{
	unsigned int high = order, i, other;

	while (high < SNAPSHOT_ORDERS && tour_delta(t, type, high) != sign)
		high++;
	if (high == SNAPSHOT_ORDERS)
		return -1;
	for (i = 0; i < SNAPSHOT_ORDERS; i++) {
		if (!delta_is(t, type, i, order, high, sign))
			return -1;
		for (other = 0; other < MIRROR_MIGRATE_TYPES; other++)
			if (other != type && tour_delta(t, other, i))
				return -1;
	}
	return high;
}

int tour_act_take_down(struct tour *t)
{
	int err = tour_take_down(t, tour_mark(&t->before, t->before.marks.low));

	snprintf(t->done, sizeof(t->done),
		 "took %llu blocks, the largest first, as long as low permits",
		 t->given);
	return err;
}

int tour_act_until_refused(struct tour *t)
{
	int err = tour_ask_until_refused(t, tour_order(t), TOUR_ORDINARY);

	snprintf(t->done, sizeof(t->done),
		 "asked for blocks of order %u with GFP_KERNEL |\n"
		 "__GFP_NORETRY until one was refused: %llu were granted",
		 tour_order(t), t->given);
	return err;
}

int tour_act_drain(struct tour *t)
{
	int err = tour_write(t, "drain");

	if (!err)
		err = tour_write(t, "stat_refresh");
	snprintf(t->done, sizeof(t->done),
		 "wrote to drain, which gives the pages of all per-CPU lists\n"
		 "back, and to stat_refresh");
	return err;
}

int tour_act_give_back(struct tour *t)
{
	size_t nr = t->nr;
	int err = tour_free_all(t);

	if (!err)
		err = tour_act_drain(t);
	if (!err)
		err = tour_restore(t);
	if (nr)
		snprintf(t->done, sizeof(t->done), "gave %zu block%s back, and wrote to drain",
			 nr, nr == 1 ? "" : "s");
	else
		snprintf(t->done, sizeof(t->done), "wrote to drain; no block\n"
			 "was left to give back");
	return err;
}

bool tour_explain_give_back(struct tour *t, FILE *out)
{
	unsigned long long was = t->start.zone.free_exact;
	unsigned long long is = t->after.zone.free_exact;

	if (t->after.held_blocks) {
		fprintf(out, "Something is left: the device says that this\n"
			"process holds %llu blocks.",
			t->after.held_blocks);
		return false;
	}
	if (was != is) {
		fprintf(out, "This process holds nothing any more, but %llu\n"
			"pages are free where there were %llu when the tour\n"
			"began; somebody else uses the mirror.",
			is, was);
		return false;
	}
	fprintf(out, "All %llu pages are free again that were free when the\n"
		"tour began, and this process holds nothing; each block\n"
		"merged with its buddy as far as that was free, up to order\n"
		"%u at most.",
		is, t->info.max_order);
	return true;
}
