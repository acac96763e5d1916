// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl tour pcp: the per-CPU lists are refilled, used and flushed.
 *
 * The tour stays on one CPU and takes single movable pages. How many pages a list may
 * have is tuned by the load; for the flush the tour fixes it at its least, with
 * percpu_pagelist_high_fraction, and sets that back right after.
 */
#include "tour.h"

#define TYPE	MIRROR_MIGRATE_MOVABLE
/* 4 batches are the least that the allocator sets high to. */
#define SMALLEST_HIGH	1000000000u

static unsigned long long listed(const struct tour_view *view)
{
	return view->cpu.lists[TYPE][0];
}

/* Pages that the zone got, negative for those that left it. */
static long long zone_gain(const struct tour *t)
{
	return t->after.zone.free_exact - t->before.zone.free_exact;
}

static bool obstacle(const struct tour *t, FILE *out)
{
	unsigned long long need = t->start.marks.high + t->start.zone.boost +
				  16 * t->start.cpu.batch;

	if (t->start.zone.free > need)
		return false;
	fprintf(out, "it needs more than %llu free pages in zone %s of node\n"
		"%d, so that the zone is above its high mark, and there are\n"
		"%llu; give something back (mirrorctl free --all), or load\n"
		"the module with a larger region",
		need, t->zone, t->node, t->start.zone.free);
	return true;
}

static bool explain_look(struct tour *t, FILE *out)
{
	const struct state_cpu *cpu = &t->after.cpu;

	if (cpu->count)
		return tour_surprise(t, out, "no page on the lists of this CPU after a drain");
	fprintf(out, "Each CPU has lists of its own for blocks of order 0 to\n"
		"3 and %u, which it uses without the zone's lock; those of\n"
		"CPU %u are empty now, a refill fetches %llu pages (batch) or\n"
		"a multiple of that, and pages go back to the zone when there\n"
		"are as many as high.",
		t->info.pb_order, t->cpu, cpu->batch);
	return true;
}

static int act_take(struct tour *t)
{
	int err = tour_alloc(t, 0, TOUR_MOVABLE);

	if (t->err)
		snprintf(t->done, sizeof(t->done), "asked for one Movable page, and was refused");
	else
		snprintf(t->done, sizeof(t->done), "asked for one Movable\n"
			 "page, and got the one at pfn %#llx",
			 (unsigned long long)t->last.pfn);
	return err;
}

static bool explain_refill(struct tour *t, FILE *out)
{
	unsigned long long fetched = listed(&t->after) + 1;
	const struct state_cpu *was = &t->before.cpu;

	if (t->err || listed(&t->before) || zone_gain(t) != -(long long)fetched)
		return tour_surprise(t, out, "a list that was empty and is\n"
				     "refilled from the zone, less the page\n"
				     "that was asked for");
	fprintf(out, "The list was empty, so %llu page%s came from the zone\n"
		"in one go, under one hold of its lock: one was given out and\n"
		"%llu stay for the next requests",
		fetched, fetched == 1 ? "" : "s", fetched - 1);
	if (fetched == was->batch << was->alloc_factor && was->alloc_factor)
		fprintf(out, "; that is the batch of %llu, doubled %llu\n"
			"time%s since requests came in a row.",
			was->batch, was->alloc_factor,
			was->alloc_factor == 1 ? "" : "s");
	else if (fetched == was->batch)
		fprintf(out, "; that is one batch.");
	else
		fprintf(out, "; the batch is %llu.", was->batch);
	return true;
}

static bool explain_hit(struct tour *t, FILE *out)
{
	if (t->err || listed(&t->after) + 1 != listed(&t->before) || zone_gain(t))
		return tour_surprise(t, out, "a page from this CPU's list,\n"
				     "and a zone that is as before");
	fprintf(out, "The list had %llu pages, so its first one was given out\n"
		"and %llu stay; the zone has as many free pages as before,\n"
		"%llu, since nobody had to go there.",
		listed(&t->before), listed(&t->after), t->after.zone.free_exact);
	return true;
}

static int act_free_two(struct tour *t)
{
	int err = 0;

	for (int i = 0; i < 2 && !err && t->nr; i++)
		err = tour_free(t, 0);
	snprintf(t->done, sizeof(t->done), "gave both pages back, the one at pfn %#llx last",
		 (unsigned long long)t->last.pfn);
	return err;
}

static bool explain_free(struct tour *t, FILE *out)
{
	if (listed(&t->after) != listed(&t->before) + 2 || zone_gain(t))
		return tour_surprise(t, out, "two more pages on this CPU's list");
	fprintf(out, "Freed pages go to the front of this CPU's list, which\n"
		"has %llu now, and not to the zone: they do not merge there,\n"
		"and buddyinfo does not count them as free.",
		listed(&t->after));
	return true;
}

static int act_take_hot(struct tour *t)
{
	unsigned long long freed = t->last.pfn;
	int err = tour_alloc(t, 0, TOUR_MOVABLE);

	snprintf(t->done, sizeof(t->done), "asked for one Movable page again, and %s%s",
		 t->err ? "was refused" : "got ", t->err ? "" :
		 t->last.pfn == freed ? "the one freed last" : "another than the one freed last");
	t->given = !t->err && t->last.pfn == freed;
	return err;
}

static bool explain_hot(struct tour *t, FILE *out)
{
	if (!t->given || listed(&t->after) + 1 != listed(&t->before))
		return tour_surprise(t, out, "the page that was freed last");
	fprintf(out, "The page at pfn %#llx, freed last, is given out first:\n"
		"what was in use a moment ago is likely still in this CPU's\n"
		"cache.",
		(unsigned long long)t->last.pfn);
	return true;
}

/* Frees pages until one more makes the list as long as high says. */
static int fill_list(struct tour *t, unsigned long long high)
{
	struct tour_view now;
	int err = 0;

	for (unsigned long long i = 0; i < high && !err && !t->err; i++)
		err = tour_wants_end(t) ? 0 : tour_alloc(t, 0, TOUR_MOVABLE);
	if (!err)
		err = tour_look(t, &now);
	while (!err && now.cpu.count + 1 < high && t->nr > 1) {
		err = tour_free(t, t->nr - 1);
		now.cpu.count++;
	}
	return err;
}

static int act_fill(struct tour *t)
{
	struct tour_view now;
	int err = tour_set_fraction(t, SMALLEST_HIGH);

	if (!err)
		err = tour_look(t, &now);
	if (err)
		return err;
	err = fill_list(t, now.cpu.high_min);
	snprintf(t->done, sizeof(t->done),
		 "set percpu_pagelist_high_fraction to %u, so that high is\n"
		 "%llu; took %llu pages and gave pages back until one fewer\n"
		 "than that is on the lists",
		 SMALLEST_HIGH, now.cpu.high_min, t->given);
	return err;
}

static bool explain_fill(struct tour *t, FILE *out)
{
	const struct state_cpu *cpu = &t->after.cpu;

	if (cpu->high_min != cpu->high_max || cpu->count + 1 != cpu->high_min || !t->nr)
		return tour_surprise(t, out, "lists with one page fewer than high");
	fprintf(out, "High is %llu now, 4 times the batch of %llu, and there\n"
		"it stays, as least and most are the same; %llu pages are on\n"
		"the lists of CPU %u, one fewer than high.",
		cpu->high_min, cpu->batch, cpu->count, t->cpu);
	return true;
}

static int act_flush(struct tour *t)
{
	size_t held = t->nr;
	int err = held ? tour_free(t, held - 1) : 0;

	snprintf(t->done, sizeof(t->done), "%s, and set the tunable back",
		 held ? "gave one page back" : "there was no page to give back");
	return err ? err : tour_restore(t);
}

/* As many as were freed in a row; at least a batch, and a batch stays. */
static unsigned long long flush_size(const struct state_cpu *was)
{
	unsigned long long nr = was->free_count + 1;
	unsigned long long most = was->high_min - was->batch;

	if (nr < was->batch)
		nr = was->batch;
	return nr < most ? nr : most;
}

static bool explain_flush(struct tour *t, FILE *out)
{
	const struct state_cpu *was = &t->before.cpu, *is = &t->after.cpu;
	unsigned long long flushed = was->count + 1 - is->count;

	if (is->count > was->count || zone_gain(t) != (long long)flushed)
		return tour_surprise(t, out, "a flush of this CPU's lists to the zone");
	fprintf(out, "With that page there were %llu on the lists, as many as\n"
		"high, so %llu of them, those that lay there longest first,\n"
		"went back to the zone in one go and %llu stay; ",
		was->count + 1, flushed, is->count);
	if (flushed != flush_size(was)) {
		fprintf(out, "after %llu pages freed in a row, %llu were expected.",
			was->free_count + 1, flush_size(was));
		return false;
	}
	fprintf(out, "how many go follows from the %llu that were freed in a\n"
		"row, but is at least a batch (%llu) and leaves a batch\n"
		"behind (high - batch is %llu).",
		was->free_count + 1, was->batch, was->high_min - was->batch);
	return true;
}

static bool explain_drain(struct tour *t, FILE *out)
{
	if (t->after.cpu.count || zone_gain(t) != (long long)t->before.cpu.count)
		return tour_surprise(t, out, "all pages of this CPU's lists in the zone");
	fprintf(out, "The %llu pages that were on the lists of CPU %u are on\n"
		"the zone's free lists now, where they merge; the allocator\n"
		"itself drains the lists when a request that may wait would\n"
		"fail otherwise.",
		t->before.cpu.count, t->cpu);
	return true;
}

static const struct tour_step steps[] = {
	{ "Empty the per-CPU lists", tour_act_drain, explain_look },
	{ "Take one page", act_take, explain_refill },
	{ "Take another page", act_take, explain_hit },
	{ "Give both back", act_free_two, explain_free },
	{ "Take one again", act_take_hot, explain_hot },
	{ "Fill the list", act_fill, explain_fill },
	{ "Give one more page back", act_flush, explain_flush },
	{ "Drain the lists", tour_act_drain, explain_drain },
	{ "Give everything back", tour_act_give_back, tour_explain_give_back },
};

const struct tour_plan tour_pcp = {
	.name = "pcp",
	.about = "this CPU's lists are refilled, used, flushed and drained",
	.obstacle = obstacle,
	.steps = steps,
	.nr = ARRAY_SIZE(steps),
};
