// SPDX-License-Identifier: GPL-2.0
/*
 * What happened between two frames of "watch", in words.
 *
 * The module has no tracepoints, so this is made from what the counters and the lists
 * differ by. Of what went forth and back between two frames only the counters tell.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "debugfs.h"
#include "watch.h"
#include "words.h"

void watch_say(struct watch_events *events, const char *fmt, ...)
{
	char clock[12] = "", what[WATCH_EVENT_LEN - 16];
	time_t now = time(NULL);
	struct tm *at = localtime(&now);
	va_list args;

	if (events->nr == WATCH_EVENTS) {
		memmove(events->text[0], events->text[1],
			(WATCH_EVENTS - 1) * WATCH_EVENT_LEN);
		events->nr--;
	}
	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	if (at)
		strftime(clock, sizeof(clock), "%H:%M:%S", at);
	snprintf(events->text[events->nr++], WATCH_EVENT_LEN, "%s %s", clock, what);
}

/* "pgalloc_normal 1281", one for each kind of zone, and "pgfree 249". */
static bool add_counters(const char *text, unsigned long long *allocated,
			 unsigned long long *freed)
{
	bool found = false;

	*allocated = 0;
	*freed = 0;
	while (*text) {
		unsigned long long value;
		char zone[16];

		if (sscanf(text, "pgalloc_%15s %llu", zone, &value) == 2)
			*allocated += value;
		if (sscanf(text, "pgfree %llu", freed) == 1)
			found = true;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return found;
}

bool watch_count(struct watch_events *events, const char *text,
		 unsigned long long *allocated, unsigned long long *freed)
{
	unsigned long long now_allocated, now_freed;

	if (!add_counters(text, &now_allocated, &now_freed))
		return false;
	/* Another mirror was loaded in between where they became less. */
	*allocated = 0;
	*freed = 0;
	if (events->known && now_allocated >= events->allocated &&
	    now_freed >= events->freed) {
		*allocated = now_allocated - events->allocated;
		*freed = now_freed - events->freed;
	}
	events->allocated = now_allocated;
	events->freed = now_freed;
	events->known = true;
	return true;
}

static void say_counters(struct watch_events *events, const struct options *opts,
			 FILE *out)
{
	unsigned long long allocated, freed;
	char *text;

	if (debugfs_read(opts, "vmstat", &text))
		return;
	if (watch_count(events, text, &allocated, &freed)) {
		if (allocated)
			fprintf(out, "; %llu page%s handed out", allocated,
				allocated == 1 ? "" : "s");
		if (freed)
			fprintf(out, "; %llu page%s given back", freed,
				freed == 1 ? "" : "s");
	}
	free(text);
}

static long long change(const struct picture *was, const struct picture *is,
			unsigned int order)
{
	return is->blocks[order] - was->blocks[order];
}

/* The largest order whose blocks became more, or less, by @sign; -1 for none. */
static int largest_change(const struct picture *was, const struct picture *is, int sign)
{
	for (int order = is->nr_orders - 1; order >= 0; order--)
		if (sign * change(was, is, order) > 0)
			return order;
	return -1;
}

/* A split shows as fewer blocks of an order and more of smaller ones. */
static void say_orders(const struct picture *was, const struct picture *is, FILE *out)
{
	int less = largest_change(was, is, -1), more = largest_change(was, is, 1);
	int least = 0;

	if (less < 0 || more < 0)
		return;
	while (!change(was, is, least))
		least++;
	if (less > more)
		fprintf(out, "; %lld of order %d split, down to order %d",
			-change(was, is, less), less, least);
	else
		fprintf(out, "; merged, up to %lld more of order %d",
			change(was, is, more), more);
}

static void say_pageblocks(const struct picture *was, const struct picture *is,
			   FILE *out)
{
	for (unsigned int type = 0; type < MIRROR_MIGRATE_TYPES; type++) {
		long long by = is->pageblocks[type] - was->pageblocks[type];

		if (by > 0)
			fprintf(out, "; %lld pageblock%s became %s", by,
				by == 1 ? "" : "s", words_type(type));
	}
}

static void say_levels(const struct picture *was, const struct picture *is, FILE *out)
{
	long long listed = is->listed - was->listed;

	if (listed)
		fprintf(out, "; %lld page%s %s per-CPU lists", llabs(listed),
			llabs(listed) == 1 ? "" : "s",
			listed > 0 ? "more on" : "fewer on");
	if (is->boost > was->boost)
		fprintf(out, "; types mixed: marks raised by %llu",
			is->boost - was->boost);
	else if (is->boost < was->boost)
		fprintf(out, "; marks lower by %llu, the boost was worked off",
			was->boost - is->boost);
}

void watch_compare(struct watch_events *events, const struct options *opts,
		   const struct picture *was, const struct picture *is)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	say_counters(events, opts, out);
	if (was->zones == is->zones && was->nr_orders == is->nr_orders) {
		say_orders(was, is, out);
		say_pageblocks(was, is, out);
		say_levels(was, is, out);
	}
	if (!fclose(out) && len > 2)
		watch_say(events, "%s", text + 2);
	free(text);
}

void watch_draw_events(FILE *out, const struct watch_events *events,
		       unsigned int most)
{
	unsigned int from = events->nr > most ? events->nr - most : 0;

	for (unsigned int i = from; i < events->nr; i++)
		fprintf(out, "%s\n", events->text[i]);
}
