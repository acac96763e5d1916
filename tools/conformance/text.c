// SPDX-License-Identifier: GPL-2.0
/*
 * buddyinfo, pagetypeinfo, zoneinfo and vmstat of the node, of either side.
 *
 * Both have node 1, so its part of each file must be the same text. Taken out is
 * only what the table below names. Counters that grow forever are told as what
 * was added since the reset.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "targets.h"
#include "util.h"

#define NODE_VMSTAT	"/sys/devices/system/node/node1/vmstat"

static const struct {
	const char *what;
	const char *why;
} exceptions[] = {
	{ "zoneinfo: start_pfn",
	  "the two ranges lie at different places" },
	{ "zoneinfo: zones of the node without pages",
	  "their marks follow from the guest's settings only, and nothing uses them" },
	{ "marks: min, low, high, promo",
	  "they follow from all of the guest's memory, so the mirror gets the node's; "
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
		if (sscanf(line, "Node %d,", &node) == 1 && node == TEST_NODE)
			put_line(out, "buddyinfo", line);
	}
	free(text);
}

/* Each node has a part that starts with the same words and then names it. */
static void put_pagetypeinfo(struct output *out, const char *path)
{
	static const char start[] = "Page block order:";
	char *text = must_read(path), *part = strstr(text, start), *next, *line;
	char *node;
	int number;

	for (; part; part = next) {
		next = strstr(part + 1, start);
		if (next)
			next[-1] = '\0';
		node = strstr(part, "\nNode ");
		if (node && sscanf(node, " Node %d,", &number) == 1 &&
		    number == TEST_NODE)
			break;
	}
	for (line = part; line; line = next) {
		next = cut_line(line);
		put_line(out, "pagetypeinfo", line);
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
	char *line = part, *next;
	char zone[16] = "", where[32];

	if (sscanf(part, "Node %*d, zone %15s", zone) != 1)
		return;
	snprintf(where, sizeof(where), "zoneinfo %s", zone);
	for (; line; line = next) {
		next = cut_line(line);
		put_line(out, where, line);
	}
}

static void put_zoneinfo(struct output *out, const char *path)
{
	char *text = must_read(path), *part = text, *next;
	int node;

	for (; part; part = next) {
		next = strstr(part, "\nNode ");
		if (next)
			*next++ = '\0';
		if (sscanf(part, "Node %d,", &node) == 1 && node == TEST_NODE &&
		    zone_has_pages(part))
			put_zone(out, part);
	}
	free(text);
}

static void put_vmstat(struct output *out, const char *path)
{
	char *text = must_read(path), *line = text, *next;

	for (; line; line = next) {
		next = cut_line(line);
		if (!strncmp(line, "nr_dirty_threshold ", 19))
			break;
		put_line(out, "vmstat", line);
	}
	free(text);
}

/* vmstat comes first: reading it folds the counters that zoneinfo then shows. */
static void put_all(struct output *out, bool reference)
{
	out->file = open_memstream(&out->text, &out->len);
	if (!out->file)
		die("no memory for the text files");
	put_vmstat(out, reference ? NODE_VMSTAT : DEBUGFS "vmstat");
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
			die("node %d has no line in %s", TEST_NODE, parts[i]);
}

char *text_now(const struct text_base *base, bool reference)
{
	struct output out = { .base = base };

	put_all(&out, reference);
	check_parts(out.text);
	return out.text;
}
