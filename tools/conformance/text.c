// SPDX-License-Identifier: GPL-2.0
/*
 * buddyinfo, pagetypeinfo, zoneinfo and vmstat of the nodes, of either side.
 *
 * Both have node 1, so its part of each file must be the same text, and that of
 * node 2, where there is one. vmstat is the mirror's as a whole, so the nodes'
 * are added up. Taken out is
 * only what the table below names. Counters that grow forever are told as what
 * was added since the reset.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"
#include "util.h"

#define NODE_VMSTAT	"/sys/devices/system/node/node%u/vmstat"

static const struct {
	const char *what;
	const char *why;
} exceptions[] = {
	{ "zoneinfo: start_pfn",
	  "the two ranges lie at different places" },
	{ "zoneinfo: zones of the nodes without pages",
	  "their marks follow from the guest's settings only, and nothing uses them" },
	{ "marks: min, low, high, promo",
	  "they follow from all of the guest's memory, so the mirror gets the nodes'; "
	  "KUnit (mirror_reference) compares what it computes itself" },
	{ "all files: other nodes",
	  "the guest lives there; the mirror's node 0 is empty" },
	{ "vmstat: nr_dirty_threshold and all behind it",
	  "the kernel counts them for the whole guest, in /proc/vmstat only; "
	  "the drivers compare pgalloc, pgfree and allocstall as events" },
};

void text_print_exceptions(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(exceptions); i++)
		printf("not compared: %s (%s)\n", exceptions[i].what,
		       exceptions[i].why);
}

struct output {
	char *text;
	size_t len;
	FILE *file;
	struct text_base *learn;	/* either learns the counters */
	const struct text_base *base;	/* or subtracts them */
};

static unsigned long base_value(const struct text_base *base, const char *name)
{
	unsigned int i;

	for (i = 0; i < base->nr; i++)
		if (!strcmp(base->counter[i].name, name))
			return base->counter[i].value;
	return 0;
}

static void learn(struct text_base *base, const char *name, unsigned long value)
{
	if (base->nr == MAX_COUNTERS)
		return;
	snprintf(base->counter[base->nr].name, sizeof(base->counter[0].name),
		 "%s", name);
	base->counter[base->nr++].value = value;
}

/* "numa_hit 17", with any blanks: the blanks stay, the number is made relative. */
static void put_counter(struct output *out, const char *where, const char *line)
{
	const char *name = line + strspn(line, " ");
	const char *number = name + strcspn(name, " ");
	char key[64];
	unsigned long value;

	number += strspn(number, " ");
	value = strtoul(number, NULL, 10);
	snprintf(key, sizeof(key), "%s %.*s", where, (int)strcspn(name, " "), name);
	if (out->learn)
		learn(out->learn, key, value);
	else
		fprintf(out->file, "%s: %.*s%lu\n", where, (int)(number - line),
			line, value - base_value(out->base, key));
}

static void put_line(struct output *out, const char *where, const char *line)
{
	const char *name = line + strspn(line, " ");

	if (!strncmp(name, "numa_", 5))
		put_counter(out, where, line);
	else if (strncmp(name, "start_pfn:", 10))
		fprintf(out->file, "%s: %s\n", where, line);
}

/* Ends the line that starts at @at; where the next one starts, NULL for none. */
static char *cut_line(char *at)
{
	char *end = strchr(at, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	return end[1] ? end + 1 : NULL;
}

static char *must_read(const char *path)
{
	char *text = file_read(path);

	if (!text)
		die("cannot read %s; are debugfs, sysfs and proc mounted?", path);
	return text;
}

static void put_buddyinfo(struct output *out, const char *path)
{
	char *text = must_read(path), *line = text, *next;
	int node;

	for (; line; line = next) {
		next = cut_line(line);
		if (sscanf(line, "Node %d,", &node) == 1 && is_test_node(node))
			put_line(out, "buddyinfo", line);
	}
	free(text);
}

static void put_lines(struct output *out, const char *where, char *line)
{
	char *next;

	for (; line; line = next) {
		next = cut_line(line);
		put_line(out, where, line);
	}
}

/* Each node has a part that starts with the same words and then names it. */
static void put_pagetypeinfo(struct output *out, const char *path)
{
	static const char start[] = "Page block order:";
	char *text = must_read(path), *part = strstr(text, start), *next;
	char *node;
	int number;

	for (; part; part = next) {
		next = strstr(part + 1, start);
		if (next)
			next[-1] = '\0';
		node = strstr(part, "\nNode ");
		if (node && sscanf(node, " Node %d,", &number) == 1 &&
		    is_test_node(number))
			put_lines(out, "pagetypeinfo", part);
	}
	free(text);
}

static bool zone_has_pages(const char *part)
{
	const char *managed = strstr(part, "\n        managed ");
	unsigned long pages;

	return managed && sscanf(managed, " managed %lu", &pages) == 1 && pages;
}

static void put_zone(struct output *out, char *part)
{
	char zone[16] = "", where[40];
	int node;

	if (sscanf(part, "Node %d, zone %15s", &node, zone) != 2)
		return;
	snprintf(where, sizeof(where), "zoneinfo %d %s", node, zone);
	put_lines(out, where, part);
}

static void put_zoneinfo(struct output *out, const char *path)
{
	char *text = must_read(path), *part = text, *next;
	int node;

	for (; part; part = next) {
		next = strstr(part, "\nNode ");
		if (next)
			*next++ = '\0';
		if (sscanf(part, "Node %d,", &node) == 1 && is_test_node(node) &&
		    zone_has_pages(part))
			put_zone(out, part);
	}
	free(text);
}

/* One of the nodes' counter of that name, 0 where it has none. */
static unsigned long node_counter(unsigned int node, const char *name)
{
	char *path = xformat(NODE_VMSTAT, CONF_FIRST_NODE + node);
	char *text = must_read(path), *line = text, *next;
	size_t len = strcspn(name, " ") + 1;
	unsigned long value = 0;

	for (; line; line = next) {
		next = cut_line(line);
		if (!strncmp(line, name, len))
			value = strtoul(line + len, NULL, 10);
	}
	free(text);
	free(path);
	return value;
}

/* A line of the first node, with what the others have added. */
static char *whole_counter(const char *line)
{
	size_t len = strcspn(line, " ");
	unsigned long value = strtoul(line + len, NULL, 10);
	unsigned int node;

	for (node = 1; node < hotplug.nr_nodes; node++)
		value += node_counter(node, line);
	return xformat("%.*s %lu", (int)len, line, value);
}

static void put_vmstat(struct output *out, bool reference)
{
	char *path = reference ? xformat(NODE_VMSTAT, CONF_FIRST_NODE) :
				 xformat("%svmstat", DEBUGFS);
	char *text = must_read(path), *line = text, *next, *whole;

	for (; line; line = next) {
		next = cut_line(line);
		if (!strncmp(line, "nr_dirty_threshold ", 19))
			break;
		whole = reference ? whole_counter(line) : xformat("%s", line);
		put_line(out, "vmstat", whole);
		free(whole);
	}
	free(text);
	free(path);
}

/* vmstat comes first: reading it folds the counters that zoneinfo then shows. */
static void put_all(struct output *out, bool reference)
{
	out->file = open_memstream(&out->text, &out->len);
	if (!out->file)
		die("no memory for the text files");
	put_vmstat(out, reference);
	put_zoneinfo(out, reference ? "/proc/zoneinfo" : DEBUGFS "zoneinfo");
	put_buddyinfo(out, reference ? "/proc/buddyinfo" : DEBUGFS "buddyinfo");
	put_pagetypeinfo(out, reference ? "/proc/pagetypeinfo" :
					  DEBUGFS "pagetypeinfo");
	fclose(out->file);
}

void text_base(struct text_base *base, bool reference)
{
	struct output out = { .learn = base };

	base->nr = 0;
	put_all(&out, reference);
	free(out.text);
}

/* Two texts that both lack a file would be equal. */
static void check_parts(const char *text)
{
	static const char * const parts[] = {
		"buddyinfo: ", "pagetypeinfo: ", "zoneinfo ", "vmstat: ",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++)
		if (!strstr(text, parts[i]))
			die("node %d has no line in %s", CONF_FIRST_NODE, parts[i]);
}

char *text_now(const struct text_base *base, bool reference)
{
	struct output out = { .base = base };

	put_all(&out, reference);
	check_parts(out.text);
	return out.text;
}
