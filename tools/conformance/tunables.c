// SPDX-License-Identifier: GPL-2.0
/*
 * The settings of both sides, and the watermarks, which the mirror gets from the
 * reference: they follow from all memory of the guest, and the mirror has only
 * its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "targets.h"
#include "util.h"

/* DMA32 and NORMAL among the zones of lowmem_reserve_ratio, on both sides. */
#define RATIO_DMA32	1
#define NR_RATIOS	2

static unsigned int remembered[CONF_NR_TUNABLES];

static char *setting_path(const char *folder, unsigned int tunable)
{
	return xformat("%s%s", folder, tunable_name(tunable));
}

static char *read_setting(const char *folder, unsigned int tunable)
{
	char *path = setting_path(folder, tunable), *text = file_read(path);

	if (!text)
		die("cannot read %s: %s", path, strerror(errno));
	free(path);
	return text;
}

static int write_setting(const char *folder, unsigned int tunable,
			 const char *text)
{
	char *path = setting_path(folder, tunable);
	int err = file_write(path, text);

	if (err)
		fprintf(stderr, "conformance: %s does not take \"%s\": %s\n",
			path, text, strerror(-err));
	free(path);
	return err;
}

/* The start of word number @i of @text. */
static char *word_at(char *text, unsigned int i)
{
	char *word = text + strspn(text, " \t");

	while (i--) {
		word += strcspn(word, " \t\n");
		word += strspn(word, " \t");
	}
	return word;
}

static unsigned int get_setting(const char *folder, unsigned int tunable)
{
	char *text = read_setting(folder, tunable);
	unsigned int value;

	value = strtoul(word_at(text, tunable == CONF_LOWMEM_RESERVE_RATIO ?
				RATIO_DMA32 : 0), NULL, 10);
	free(text);
	return value;
}

static int set_ratio(const char *folder, unsigned int value)
{
	char *old = read_setting(folder, CONF_LOWMEM_RESERVE_RATIO);
	char *first = word_at(old, RATIO_DMA32);
	char *last = word_at(first, NR_RATIOS - 1);
	char *rest = last + strcspn(last, " \t\n");
	char *text = xformat("%.*s%u\t%u%s", (int)(first - old), old, value,
			     value, rest);
	int err = write_setting(folder, CONF_LOWMEM_RESERVE_RATIO, text);

	free(text);
	free(old);
	return err;
}

static int set_setting(const char *folder, unsigned int tunable,
		       unsigned int value)
{
	char text[32];

	if (tunable == CONF_LOWMEM_RESERVE_RATIO)
		return set_ratio(folder, value);
	snprintf(text, sizeof(text), "%u\n", value);
	return write_setting(folder, tunable, text);
}

static void restore(void)
{
	tunables_reset_reference();
}

void tunables_remember(void)
{
	unsigned int i;

	for (i = 0; i < CONF_NR_TUNABLES; i++)
		remembered[i] = get_setting(SYSCTL, i);
	atexit(restore);
	/* Ticks come from the list only. */
	file_write(SYSCTL "stat_interval", "100000\n");
	file_write(SYSCTL "compaction_proactiveness", "0\n");
}

int tunables_reset_reference(void)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < CONF_NR_TUNABLES && !err; i++)
		err = set_setting(SYSCTL, i, remembered[i]);
	return err;
}

int tunables_reset_mirror(void)
{
	unsigned int i;
	int err = file_write(MIRROR_SYSFS "stat_interval", "100000\n");

	for (i = 0; i < CONF_NR_TUNABLES && !err; i++)
		err = set_setting(MIRROR_SYSFS, i, remembered[i]);
	return err;
}

int tune_reference(const struct conf_op *op)
{
	return set_setting(SYSCTL, op->order, op->arg);
}

int tune_mirror(const struct conf_op *op)
{
	return set_setting(MIRROR_SYSFS, op->order, op->arg);
}

/* marks ---------------------------------------------------------------------- */

enum zone_number {
	NUMBER_BOOST,
	NUMBER_MIN,
	NUMBER_LOW,
	NUMBER_HIGH,
	NUMBER_PROMO,
	NUMBER_MANAGED,
	NR_NUMBERS
};

static void take_number(const char *line, unsigned long *number)
{
	static const char * const names[NR_NUMBERS] = {
		"boost", "min", "low", "high", "promo", "managed",
	};
	unsigned long value;
	unsigned int i;
	char name[24];

	/* Those of the per-CPU sets have a colon behind the name. */
	if (sscanf(line, " %23s %lu", name, &value) != 2)
		return;
	for (i = 0; i < NR_NUMBERS; i++)
		if (!strcmp(name, names[i]))
			number[i] = value;
}

/* The marks in the file hold the boost; those of the mirror's file do not. */
static void add_zone(struct marks *marks, int node, const char *zone,
		     const unsigned long *number)
{
	struct zone_marks *z;
	unsigned int i;

	if (!number[NUMBER_MANAGED] || marks->nr == MAX_ZONES)
		return;
	z = &marks->zone[marks->nr++];
	z->node = node;
	snprintf(z->zone, sizeof(z->zone), "%s", zone);
	for (i = 0; i < NR_MARKS; i++)
		z->page[i] = number[NUMBER_MIN + i] - number[NUMBER_BOOST];
}

int marks_of_reference(struct marks *marks)
{
	char *text = file_read("/proc/zoneinfo"), *save, *line;
	unsigned long number[NR_NUMBERS] = {};
	char zone[16] = "", name[16];
	int node, of_node = 0;

	if (!text)
		return -errno;
	memset(marks, 0, sizeof(*marks));
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "Node %d, zone %15s", &node, name) == 2) {
			add_zone(marks, of_node, zone, number);
			of_node = node;
			memset(number, 0, sizeof(number));
			snprintf(zone, sizeof(zone), "%s",
				 is_test_node(node) ? name : "");
		}
		if (zone[0])
			take_number(line, number);
	}
	add_zone(marks, of_node, zone, number);
	free(text);
	return marks->nr ? 0 : -ENODATA;
}

int marks_to_mirror(const struct marks *marks)
{
	unsigned int i;
	char text[120];
	int err = 0;

	for (i = 0; i < marks->nr && !err; i++) {
		const unsigned long *page = marks->zone[i].page;

		snprintf(text, sizeof(text), "%d %s %lu %lu %lu %lu\n",
			 marks->zone[i].node, marks->zone[i].zone, page[0], page[1],
			 page[2], page[3]);
		err = file_write(DEBUGFS "watermarks", text);
		if (err)
			fprintf(stderr, "conformance: watermarks does not take \"%.*s\": %s\n",
				(int)strcspn(text, "\n"), text, strerror(-err));
	}
	return err;
}
