// SPDX-License-Identifier: GPL-2.0
/*
 * What debugfs "state" says of each zone, as numbers.
 *
 * A line begins with a word that says what it is about, then come node and zone.
 * "zone" begins each zone; the lines behind it have to name a zone that is there.
 * Of the lists only the lengths are kept.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "statefile.h"

#define ZONE_LINE \
	"zone %d %15s start %*u spanned %*u present %*u managed %llu free %llu " \
	"free_exact %llu cma %*u boost %llu flags %llx highatomic %llu " \
	"highatomic_free %llu"
#define CPU_LINE \
	"pcp %d %15s cpu %u count %llu high %llu high_min %llu high_max %llu " \
	"batch %llu free_count %llu alloc_factor %llu"

struct state_zone *state_zone(const struct state *state, int node,
			      const char *name)
{
	for (size_t i = 0; i < state->nr; i++)
		if (state->zones[i].node == node &&
		    !strcmp(state->zones[i].name, name))
			return &state->zones[i];
	return NULL;
}

/* "zone 0 Normal start 1048576 spanned 65536 ... flags 0x0 highatomic 0 ..." */
static int add_zone(struct state *state, const char *line)
{
	struct state_zone zone = { 0 }, *more;

	if (sscanf(line, ZONE_LINE, &zone.node, zone.name, &zone.managed, &zone.free,
		   &zone.free_exact, &zone.boost, &zone.flags, &zone.highatomic,
		   &zone.highatomic_free) != 9)
		return -EPROTO;
	if (state_zone(state, zone.node, zone.name))
		return -EPROTO;
	more = realloc(state->zones, (state->nr + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	more[state->nr++] = zone;
	state->zones = more;
	return 0;
}

/* How many frames stand to the end of the line, or -1. */
static long long count_frames(const char *at)
{
	long long nr = 0;

	while (*at == ' ') {
		size_t digits = strspn(++at, "0123456789");

		if (!digits)
			return -1;
		at += digits;
		nr++;
	}
	return *at == '\n' || !*at ? nr : -1;
}

/* "free 0 Normal Movable 10: 1048576 1049600"; no length without the colon. */
static int add_free(struct state *state, const char *line)
{
	char name[16], type[16];
	struct state_zone *zone;
	unsigned int order;
	int node, number, len = 0;
	long long nr;

	if (sscanf(line, "free %d %15s %15s %u:%n", &node, name, type, &order,
		   &len) != 4 || !len)
		return -EPROTO;
	zone = state_zone(state, node, name);
	number = type_from_name(type);
	nr = count_frames(line + len);
	if (!zone || number < 0 || order >= SNAPSHOT_ORDERS || nr < 0)
		return -EPROTO;
	zone->typed[number][order] = nr;
	return 0;
}

/* "pcp 0 Normal cpu 0 count 14 high 320 ... batch 15 free_count 0 alloc_factor 0 ..." */
static int add_cpu(struct state *state, const char *line)
{
	struct state_cpu cpu = { 0 }, *more;
	struct state_zone *zone;
	char name[16];
	int node;

	if (sscanf(line, CPU_LINE, &node, name, &cpu.cpu, &cpu.count, &cpu.high, &cpu.high_min,
		   &cpu.high_max, &cpu.batch, &cpu.free_count,
		   &cpu.alloc_factor) != 10)
		return -EPROTO;
	zone = state_zone(state, node, name);
	if (!zone)
		return -EPROTO;
	more = realloc(zone->cpus, (zone->nr_cpus + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	more[zone->nr_cpus++] = cpu;
	zone->cpus = more;
	return 0;
}

/* "pcplist 0 Normal cpu 0 order 0 Unmovable: 1048577", behind its CPU's line. */
static int add_cpu_list(struct state *state, const char *line)
{
	char name[16], type[16];
	struct state_zone *zone;
	unsigned int cpu, order;
	int node, number, len = 0;
	long long nr;

	if (sscanf(line, "pcplist %d %15s cpu %u order %u %15[A-Za-z]:%n", &node,
		   name, &cpu, &order, type, &len) != 5 || !len)
		return -EPROTO;
	zone = state_zone(state, node, name);
	number = strcmp(type, "Other") ? type_from_name(type) : STATE_CPU_OTHER;
	nr = count_frames(line + len);
	if (!zone || !zone->nr_cpus || zone->cpus[zone->nr_cpus - 1].cpu != cpu ||
	    number < 0 || number >= STATE_CPU_TYPES || order >= SNAPSHOT_ORDERS ||
	    nr < 0)
		return -EPROTO;
	zone->cpus[zone->nr_cpus - 1].lists[number][order] = nr;
	return 0;
}

/* "pageblocks 0 Normal: Movable*64 hole*32" */
static int add_pageblocks(struct state *state, const char *line)
{
	struct state_zone *zone;
	char name[16], type[16];
	unsigned long long run;
	int node, len = 0, number;

	if (sscanf(line, "pageblocks %d %15[^: ]:%n", &node, name, &len) != 2 || !len)
		return -EPROTO;
	zone = state_zone(state, node, name);
	if (!zone)
		return -EPROTO;
	for (line += len; *line == ' '; line += len) {
		if (sscanf(line, " %15[A-Za-z]*%llu%n", type, &run, &len) != 2)
			return -EPROTO;
		number = type_from_name(type);
		if (number >= 0)
			zone->pageblocks[number] += run;
		else if (strcmp(type, "hole"))
			return -EPROTO;
	}
	return *line == '\n' || !*line ? 0 : -EPROTO;
}

static const struct {
	const char *word;
	int (*take)(struct state *state, const char *line);
} kinds[] = {
	{ "zone ", add_zone },
	{ "free ", add_free },
	{ "pcp ", add_cpu },
	{ "pcplist ", add_cpu_list },
	{ "pageblocks ", add_pageblocks },
};

static int take_line(struct state *state, const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(line, kinds[i].word, strlen(kinds[i].word)))
			return kinds[i].take(state, line);
	/* Of bad pages nothing is wanted here. */
	return 0;
}

int state_parse(const char *text, struct state *state)
{
	int err = 0;

	memset(state, 0, sizeof(*state));
	while (!err && *text) {
		err = take_line(state, text);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (!err && !state->nr)
		err = -EPROTO;
	if (err)
		state_free(state);
	return err;
}

void state_free(struct state *state)
{
	for (size_t i = 0; i < state->nr; i++)
		free(state->zones[i].cpus);
	free(state->zones);
	memset(state, 0, sizeof(*state));
}

/* "0 Normal 512 640 768 896 0 65536" below a heading that begins with #. */
bool state_parse_marks(const char *text, int node, const char *name,
		       struct state_marks *marks)
{
	while (*text) {
		char zone[16];
		int nid;

		if (sscanf(text, "%d %15s %llu %llu %llu", &nid, zone, &marks->min,
			   &marks->low, &marks->high) == 5 &&
		    nid == node && !strcmp(zone, name))
			return true;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return false;
}
