// SPDX-License-Identifier: GPL-2.0
/*
 * Reads the texts of buddyinfo, pagetypeinfo and zoneinfo.
 *
 * The formats are the kernel's: each line about a zone begins with
 * "Node N, zone NAME"; what follows differs. Columns are taken by blanks,
 * never by position, and a number of orders or zones is never assumed.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "snapshot.h"

struct zone_snapshot *snapshot_zone(const struct snapshot *snap, int node,
				    const char *name)
{
	for (size_t i = 0; i < snap->nr; i++)
		if (snap->zones[i].node == node &&
		    !strcmp(snap->zones[i].name, name))
			return &snap->zones[i];
	return NULL;
}

static struct zone_snapshot *find_or_add(struct snapshot *snap, int node,
					 const char *name)
{
	struct zone_snapshot *zone = snapshot_zone(snap, node, name);
	struct zone_snapshot *more;

	if (zone)
		return zone;
	more = realloc(snap->zones, (snap->nr + 1) * sizeof(*more));
	if (!more)
		return NULL;
	snap->zones = more;
	zone = &more[snap->nr++];
	memset(zone, 0, sizeof(*zone));
	zone->node = node;
	snprintf(zone->name, sizeof(zone->name), "%s", name);
	return zone;
}

/*
 * One line at a time: @at is what is left of it, @zone and @types what the
 * lines before have set.
 */
struct reader {
	struct snapshot *snap;
	struct zone_snapshot *zone;
	const char *at;
	int types[MIRROR_MIGRATE_TYPES];
	unsigned int nr_types;
	bool out_of_memory;
};

/* Takes "Node N, zone NAME" and the comma that may follow. */
static bool take_zone(struct reader *r)
{
	char name[16];
	int node, len;

	if (sscanf(r->at, "Node %d, zone %15[^ ,\n]%n", &node, name, &len) != 2)
		return false;
	r->at += len;
	if (*r->at == ',')
		r->at++;
	r->zone = find_or_add(r->snap, node, name);
	r->out_of_memory = !r->zone;
	return r->zone;
}

static bool take_word(struct reader *r, char *word, int *len)
{
	if (sscanf(r->at, "%31s%n", word, len) != 1)
		return false;
	r->at += *len;
	return true;
}

static bool take_count(struct reader *r, unsigned long long *count)
{
	char word[32];
	const char *digits = word;
	int len;

	if (!take_word(r, word, &len))
		return false;
	if (*digits == '>') {
		r->zone->capped = true;
		digits++;
	}
	return number_parse(digits, ~0ull, count);
}

/* The rest of the line: one count for each order. */
static bool take_orders(struct reader *r, unsigned long long *counts)
{
	unsigned int nr = 0;

	while (r->at[strspn(r->at, " \t")]) {
		if (nr == SNAPSHOT_ORDERS || !take_count(r, &counts[nr]))
			return false;
		nr++;
	}
	if (!nr || (r->zone->nr_orders && r->zone->nr_orders != nr))
		return false;
	r->zone->nr_orders = nr;
	return true;
}

static bool buddyinfo_line(struct reader *r)
{
	if (!r->at[strspn(r->at, " \t")])
		return true;
	return take_zone(r) && take_orders(r, r->zone->free);
}

/* "Number of blocks type" names the columns of the lines below it. */
static bool take_type_names(struct reader *r)
{
	char word[32];
	int len;

	r->nr_types = 0;
	while (take_word(r, word, &len)) {
		int type = type_from_name(word);

		if (type < 0 || r->nr_types == MIRROR_MIGRATE_TYPES)
			return false;
		r->types[r->nr_types++] = type;
	}
	return r->nr_types;
}

static bool take_pageblocks(struct reader *r)
{
	for (unsigned int i = 0; i < r->nr_types; i++)
		if (!take_count(r, &r->zone->pageblocks[r->types[i]]))
			return false;
	return true;
}

static bool pagetypeinfo_zone(struct reader *r)
{
	char word[32];
	int type, len;

	if (!take_zone(r))
		return false;
	if (sscanf(r->at, " type %31s%n", word, &len) != 1)
		return take_pageblocks(r);
	r->at += len;
	type = type_from_name(word);
	if (type < 0)
		return false;
	r->snap->types |= 1u << type;
	return take_orders(r, r->zone->typed[type]);
}

static bool pagetypeinfo_line(struct reader *r)
{
	static const char blocks[] = "Number of blocks type";
	static const char mixed[] = "Number of mixed blocks";

	if (!strncmp(r->at, "Node", 4))
		return pagetypeinfo_zone(r);
	if (!strncmp(r->at, blocks, strlen(blocks))) {
		r->at += strlen(blocks);
		return take_type_names(r);
	}
	/* Another table of the same shape, which nobody here needs. */
	if (!strncmp(r->at, mixed, strlen(mixed)))
		r->nr_types = 0;
	return true;
}

static void zoneinfo_number(struct zone_snapshot *zone, const char *key,
			    unsigned long long value)
{
	const struct {
		const char *key;
		unsigned long long *to;
		enum snapshot_field field;
	} fields[] = {
		{ "boost", &zone->boost, SNAPSHOT_BOOST },
		{ "min", &zone->min, SNAPSHOT_MIN },
		{ "low", &zone->low, SNAPSHOT_LOW },
		{ "high", &zone->high, SNAPSHOT_HIGH },
		{ "promo", &zone->promo, SNAPSHOT_PROMO },
		{ "spanned", &zone->spanned, SNAPSHOT_SPANNED },
		{ "present", &zone->present, SNAPSHOT_PRESENT },
		{ "managed", &zone->managed, SNAPSHOT_MANAGED },
		{ "start_pfn:", &zone->start_pfn, SNAPSHOT_START },
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (!strcmp(fields[i].key, key)) {
			*fields[i].to = value;
			zone->seen |= fields[i].field;
		}
	}
	/* One for each CPU. */
	if (!strcmp(key, "count:"))
		zone->pcp += value;
}

/* "(0, 0, 64)", behind the word. */
static bool take_protection(struct zone_snapshot *zone, const char *at)
{
	int len;

	zone->nr_protection = 0;
	zone->seen |= SNAPSHOT_PROTECTION;
	for (; *at == '(' || *at == ','; at += len) {
		unsigned int nr = zone->nr_protection;

		len = 0;
		if (nr == SNAPSHOT_ZONES ||
		    sscanf(at + 1, " %llu%n", &zone->protection[nr], &len) != 1)
			return false;
		zone->nr_protection++;
		len++;
	}
	return zone->nr_protection && *at == ')';
}

/* Anything that is not known is another statistic: there are many. */
static bool zoneinfo_line(struct reader *r)
{
	static const char protection[] = "protection: ";
	unsigned long long value;
	char key[32];

	if (!strncmp(r->at, "Node", 4))
		return take_zone(r);
	if (!r->zone)
		return true;
	r->at += strspn(r->at, " ");
	if (!strncmp(r->at, protection, strlen(protection)))
		return take_protection(r->zone, r->at + strlen(protection));
	if (sscanf(r->at, "pages free %llu", &value) == 1) {
		r->zone->nr_free = value;
		r->zone->seen |= SNAPSHOT_FREE;
	} else if (sscanf(r->at, "%31s %llu", key, &value) == 2) {
		zoneinfo_number(r->zone, key, value);
	}
	return true;
}

static int parse(struct snapshot *snap, const char *text,
		 bool (*parse_line)(struct reader *r))
{
	struct reader r = { .snap = snap };
	char line[1024];
	int number;

	for (number = 1; *text; number++) {
		size_t len = strcspn(text, "\n");

		if (snprintf(line, sizeof(line), "%.*s", (int)len, text) >=
		    (int)sizeof(line))
			return -number - SNAPSHOT_BAD_LINE;
		r.at = line;
		if (!parse_line(&r))
			return r.out_of_memory ? -ENOMEM :
						 -number - SNAPSHOT_BAD_LINE;
		text += len;
		text += *text == '\n';
	}
	return 0;
}

int snapshot_parse_buddyinfo(struct snapshot *snap, const char *text)
{
	return parse(snap, text, buddyinfo_line);
}

int snapshot_parse_pagetypeinfo(struct snapshot *snap, const char *text)
{
	return parse(snap, text, pagetypeinfo_line);
}

int snapshot_parse_zoneinfo(struct snapshot *snap, const char *text)
{
	int err = parse(snap, text, zoneinfo_line);

	if (!err)
		snap->have_zoneinfo = true;
	return err;
}
