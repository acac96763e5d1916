// SPDX-License-Identifier: GPL-2.0
/*
 * Zones as a picture: one letter for each pageblock, where it lies.
 *
 * "state" tells in one go where zones are, of which type their pageblocks are,
 * and which blocks are free. The letter is the type's; it is large where all of
 * the pageblock is free, and small where something of it is in use. In a mirror
 * of many pageblocks a letter stands for 2, 4, 8 ... of them.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/mirror_mm.h>

#include "mirrorctl.h"
#include "names.h"
#include "output.h"
#include "words.h"
#include "zonemap.h"

#define HOLE		MIRROR_MIGRATE_TYPES
#define TYPES_AND_HOLE	(MIRROR_MIGRATE_TYPES + 1)
#define COLS_BEFORE	14
#define ROWS_MAX	16
/* More than any address space has; a sum of such numbers cannot overflow. */
#define BLOCKS_MAX	0xffffffffull

/**
 * struct zone_map - one zone
 * @node: its node
 * @name: as printed
 * @start: first page frame
 * @spanned: pages, holes included
 * @nr: pageblocks
 * @types: of each, HOLE where there is none
 * @free: free pages in each
 */
struct zone_map {
	int node;
	char name[16];
	unsigned long long start;
	unsigned long long spanned;
	size_t nr;
	unsigned char *types;
	unsigned long long *free;
};

struct maps {
	struct zone_map *zones;
	size_t nr;
};

static unsigned long long block_size(const struct zone_map *zone)
{
	return zone->spanned / zone->nr;
}

static struct zone_map *find_map(const struct maps *maps, int node,
				 const char *name)
{
	for (size_t i = 0; i < maps->nr; i++)
		if (maps->zones[i].node == node &&
		    !strcmp(maps->zones[i].name, name))
			return &maps->zones[i];
	return NULL;
}

static int add_map(struct maps *maps, const char *line)
{
	struct zone_map zone = { 0 }, *more;

	if (sscanf(line, "zone %d %15s start %llu spanned %llu", &zone.node,
		   zone.name, &zone.start, &zone.spanned) != 4 || !zone.spanned)
		return -EPROTO;
	more = realloc(maps->zones, (maps->nr + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	more[maps->nr++] = zone;
	maps->zones = more;
	return 0;
}

static int add_run(struct zone_map *zone, const char *type,
		   unsigned long long run)
{
	int number = strcmp(type, "hole") ? type_from_name(type) : HOLE;
	unsigned char *more;

	if (number < 0 || !run || run > BLOCKS_MAX)
		return -EPROTO;
	more = realloc(zone->types, zone->nr + run);
	if (!more)
		return -ENOMEM;
	memset(more + zone->nr, number, run);
	zone->types = more;
	zone->nr += run;
	return 0;
}

/* "pageblocks 0 Normal: Movable*64 hole*32" */
static int add_pageblocks(struct maps *maps, const char *line)
{
	struct zone_map *zone;
	unsigned long long run;
	char name[16], type[16];
	int node, len = 0, err = 0;

	if (sscanf(line, "pageblocks %d %15[^: ]:%n", &node, name, &len) != 2 || !len)
		return -EPROTO;
	zone = find_map(maps, node, name);
	if (!zone || zone->nr)
		return -EPROTO;
	for (line += len; !err && *line == ' '; line += len) {
		if (sscanf(line, " %15[A-Za-z]*%llu%n", type, &run, &len) != 2)
			return -EPROTO;
		err = add_run(zone, type, run);
	}
	if (err)
		return err;
	if (*line != '\n' || !zone->nr || zone->spanned % zone->nr)
		return -EPROTO;
	zone->free = calloc(zone->nr, sizeof(*zone->free));
	return zone->free ? 0 : -ENOMEM;
}

/* A block may be larger than a pageblock. */
static int add_free_block(struct zone_map *zone, unsigned long long pfn,
			  unsigned long long pages)
{
	unsigned long long size = block_size(zone);

	if (pfn < zone->start || pfn - zone->start > zone->spanned - pages)
		return -EPROTO;
	pfn -= zone->start;
	while (pages) {
		unsigned long long part = size - pfn % size;

		part = part < pages ? part : pages;
		zone->free[pfn / size] += part;
		pfn += part;
		pages -= part;
	}
	return 0;
}

/* "free 0 Normal Movable 10: 1048576 1049600" */
static int add_free(struct maps *maps, const char *line)
{
	struct zone_map *zone;
	unsigned int order;
	char name[16], *end;
	int node, len = 0, err = 0;

	if (sscanf(line, "free %d %15s %*s %u:%n", &node, name, &order,
		   &len) != 3 || !len || order > 31)
		return -EPROTO;
	zone = find_map(maps, node, name);
	if (!zone || !zone->nr || zone->spanned < 1ull << order)
		return -EPROTO;
	for (line += len; !err && *line == ' '; line = end) {
		unsigned long long pfn = strtoull(line, &end, 10);

		if (end == line)
			return -EPROTO;
		err = add_free_block(zone, pfn, 1ull << order);
	}
	return err || *line == '\n' ? err : -EPROTO;
}

/* Takes the lines that begin with a word, which others may stand between. */
static int each_line(struct maps *maps, const char *text, const char *word,
		     int (*take)(struct maps *maps, const char *line))
{
	int err = 0;

	while (!err && *text) {
		if (!strncmp(text, word, strlen(word)))
			err = take(maps, text);
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return err;
}

/* How many pageblocks a letter stands for. */
static size_t scale_of(const struct zone_map *zone, size_t per_row)
{
	size_t scale = 1;

	while (zone->nr > scale * per_row * ROWS_MAX)
		scale *= 2;
	return scale;
}

/* What most of the pageblocks are; a hole only where all of them are. */
static int cell(const struct zone_map *zone, size_t from, size_t to)
{
	size_t count[TYPES_AND_HOLE] = { 0 };
	bool all_free = true;
	int best = HOLE;

	for (size_t i = from; i < to; i++) {
		count[zone->types[i]]++;
		if (zone->types[i] != HOLE && zone->free[i] < block_size(zone))
			all_free = false;
	}
	for (int type = 0; type < HOLE; type++)
		if (count[type] && (best == HOLE || count[type] > count[best]))
			best = type;
	if (best == HOLE)
		return '.';
	return all_free ? words_type(best)[0] : tolower(words_type(best)[0]);
}

static void draw_zone(FILE *out, const struct zone_map *zone, size_t per_row)
{
	size_t scale = scale_of(zone, per_row), step = scale * per_row;
	char size[OUT_BYTES_LEN];

	fprintf(out, "Node %d, zone %s: a letter is %s\n", zone->node,
		zone->name, out_bytes(size, scale * block_size(zone) *
					    sysconf(_SC_PAGESIZE)));
	for (size_t row = 0; row < zone->nr; row += step) {
		fprintf(out, "  %#10llx  ", zone->start + row * block_size(zone));
		for (size_t i = row; i < row + step && i < zone->nr; i += scale)
			fputc(cell(zone, i, i + scale < zone->nr ? i + scale :
								   zone->nr), out);
		fputc('\n', out);
	}
}

static void draw(FILE *out, const struct maps *maps, unsigned int columns)
{
	size_t per_row = 16;

	while (per_row < 128 && COLS_BEFORE + 2 * per_row <= columns)
		per_row *= 2;
	for (size_t i = 0; i < maps->nr; i++)
		draw_zone(out, &maps->zones[i], per_row);
	fputs("U unmovable, M movable, R reclaimable, H highatomic, C cma, I isolate;\n"
	      "large: all free, small: something is in use, point: a hole\n", out);
}

static int check_maps(const struct maps *maps)
{
	for (size_t i = 0; i < maps->nr; i++)
		if (!maps->zones[i].nr)
			return -EPROTO;
	return maps->nr ? 0 : -EPROTO;
}

static struct json_object *map_to_json(const struct zone_map *zone)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *types = json_object_new_array();
	struct json_object *counts = json_object_new_array();

	for (size_t i = 0; i < zone->nr; i++) {
		bool hole = zone->types[i] == HOLE;

		json_object_array_add(types, hole ? NULL :
				      json_object_new_string(key_of_type(zone->types[i])));
		json_object_array_add(counts,
				      json_object_new_uint64(zone->free[i]));
	}
	json_object_object_add(obj, "node", json_object_new_int(zone->node));
	json_object_object_add(obj, "zone", json_object_new_string(zone->name));
	json_object_object_add(obj, "start_pfn",
			       json_object_new_uint64(zone->start));
	json_object_object_add(obj, "pageblock_pages",
			       json_object_new_uint64(block_size(zone)));
	json_object_object_add(obj, "types", types);
	json_object_object_add(obj, "free", counts);
	return obj;
}

static struct json_object *maps_to_json(const struct maps *maps)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *zones = json_object_new_array();

	for (size_t i = 0; i < maps->nr; i++)
		json_object_array_add(zones, map_to_json(&maps->zones[i]));
	json_object_object_add(obj, "zones", zones);
	return obj;
}

static int read_maps(struct maps *maps, const char *state)
{
	int err = each_line(maps, state, "zone ", add_map);

	if (!err)
		err = each_line(maps, state, "pageblocks ", add_pageblocks);
	if (!err)
		err = each_line(maps, state, "free ", add_free);
	return err ? err : check_maps(maps);
}

static void free_maps(struct maps *maps)
{
	for (size_t i = 0; i < maps->nr; i++) {
		free(maps->zones[i].types);
		free(maps->zones[i].free);
	}
	free(maps->zones);
}

int zonemap_draw(FILE *out, const char *state, unsigned int columns)
{
	struct maps maps = { 0 };
	int err = read_maps(&maps, state);

	if (!err)
		draw(out, &maps, columns);
	free_maps(&maps);
	return err;
}

int zonemap_json(const char *state, struct json_object **obj)
{
	struct maps maps = { 0 };
	int err = read_maps(&maps, state);

	if (!err)
		*obj = maps_to_json(&maps);
	free_maps(&maps);
	return err;
}
