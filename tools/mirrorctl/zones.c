// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl zones: where each zone lies, how full it is, where its limits are.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "debugfs.h"
#include "output.h"
#include "snapshot.h"
#include "table.h"
#include "term.h"
#include "textfile.h"
#include "zonemap.h"

/* Without one of these a zone cannot be told. Older kernels have no boost. */
#define NEEDED \
	(SNAPSHOT_MIN | SNAPSHOT_LOW | SNAPSHOT_HIGH | SNAPSHOT_SPANNED | \
	 SNAPSHOT_PRESENT | SNAPSHOT_MANAGED | SNAPSHOT_START | \
	 SNAPSHOT_FREE | SNAPSHOT_PROTECTION)

enum {
	OPT_MAP = 0x800,
};

struct request {
	struct options *opts;
	const char *file;
	bool map;
};

static const char doc[] =
	"Print all zones that have memory, node by node." DOC_DETAILS
	"START is a page frame number; all else counts pages:\n"
	"\n"
	"  SPANNED     from the first to the last page, holes included\n"
	"  PRESENT     pages that are there\n"
	"  MANAGED     pages that the allocator may hand out\n"
	"  HOLES       spanned, but not present\n"
	"  FREE        on the free lists; those on per-CPU lists are not in it\n"
	"  MIN LOW HIGH, BOOST\n"
	"              watermarks, and by how much fragmentation raised them\n"
	"  PROTECTION  what is kept here from requests that could have used the\n"
	"              zone that is named, on top of a watermark\n"
	"\n"
	"FILE is the zoneinfo of somebody else: that of the kernel below, to look\n"
	"at both side by side, or one that was saved.\n"
	"\n"
	"--map draws the mirror's zones, a letter for each pageblock, by its type:\n"
	"large where all of it is free, small where something is in use or on a\n"
	"per-CPU list, and a point where there is a hole.\n"
	"\n"
	"Examples:\n"
	"  mirrorctl zones\n"
	"  mirrorctl zones /proc/zoneinfo\n"
	"  mirrorctl zones --map\n"
	"  mirrorctl zones --json";

static const struct argp_option option_list[] = {
	{ "map", OPT_MAP, NULL, 0, "Draw where the zones lie", 0 },
	{ 0 }
};

static error_t parse_zones(int key, char *arg, struct argp_state *state)
{
	struct request *req = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = req->opts;
		return 0;
	case ARGP_KEY_ARG:
		if (req->file)
			argp_error(state, "more than one FILE: \"%s\" and \"%s\"",
				   req->file, arg);
		req->file = arg;
		return 0;
	case OPT_MAP:
		req->map = true;
		return 0;
	case ARGP_KEY_END:
		if (req->map && req->file)
			argp_error(state, "--map goes with no FILE, such as \"%s\"",
				   req->file);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp zones_argp = {
	.options = option_list,
	.parser = parse_zones,
	.args_doc = "[FILE]",
	.doc = doc,
	.children = options_children,
};

static bool is_populated(const struct zone_snapshot *zone)
{
	return zone->present;
}

/* The zone that entry @i of a protection is about, NULL where none fits. */
static const char *zone_at(const struct snapshot *snap,
			   const struct zone_snapshot *zone, unsigned int i)
{
	const char *name = NULL;
	unsigned int nr = 0;

	for (size_t k = 0; k < snap->nr; k++) {
		if (snap->zones[k].node != zone->node)
			continue;
		if (nr++ == i)
			name = snap->zones[k].name;
	}
	return nr == zone->nr_protection ? name : NULL;
}

/* Where the file does not print all zones, numbers stand for their names. */
static const char *zone_key(const struct snapshot *snap,
			    const struct zone_snapshot *zone, unsigned int i,
			    char *buf, size_t len)
{
	const char *name = zone_at(snap, zone, i);

	snprintf(buf, len, "%u", i);
	return name ? name : buf;
}

static void add_protection(struct table *table, const struct snapshot *snap,
			   const struct zone_snapshot *zone)
{
	char text[SNAPSHOT_ZONES * 40] = "", number[12];
	size_t at = 0;

	for (unsigned int i = 0; i < zone->nr_protection; i++)
		if (zone->protection[i])
			at += snprintf(text + at, sizeof(text) - at, "%s%s:%llu",
				       at ? " " : "",
				       zone_key(snap, zone, i, number,
						sizeof(number)),
				       zone->protection[i]);
	table_add(table, "%s", at ? text : "-");
}

static void add_zone(struct table *table, const struct snapshot *snap,
		     const struct zone_snapshot *zone)
{
	table_add(table, "%d", zone->node);
	table_add(table, "%s", zone->name);
	table_add(table, "%#llx", zone->start_pfn);
	table_add(table, "%llu", zone->spanned);
	table_add(table, "%llu", zone->present);
	table_add(table, "%llu", zone->managed);
	table_add(table, "%llu", zone->spanned - zone->present);
	table_add(table, "%llu", zone->nr_free);
	table_add(table, "%llu", zone->min);
	table_add(table, "%llu", zone->low);
	table_add(table, "%llu", zone->high);
	if (zone->seen & SNAPSHOT_BOOST)
		table_add(table, "%llu", zone->boost);
	else
		table_add(table, "-");
	add_protection(table, snap, zone);
}

static int print_table(const struct snapshot *snap)
{
	static const struct column columns[] = {
		{ "NODE", false }, { "ZONE", true }, { "START", false },
		{ "SPANNED", false }, { "PRESENT", false }, { "MANAGED", false },
		{ "HOLES", false }, { "FREE", false }, { "MIN", false },
		{ "LOW", false }, { "HIGH", false }, { "BOOST", false },
		{ "PROTECTION", true },
	};
	struct table table;

	table_open(&table, columns, ARRAY_SIZE(columns));
	for (size_t i = 0; i < snap->nr; i++)
		if (is_populated(&snap->zones[i]))
			add_zone(&table, snap, &snap->zones[i]);
	return table_print(&table, stdout);
}

static struct json_object *protection_json(const struct snapshot *snap,
					   const struct zone_snapshot *zone)
{
	struct json_object *obj = json_object_new_object();
	char number[12];

	for (unsigned int i = 0; i < zone->nr_protection; i++)
		json_object_object_add(obj,
				       zone_key(snap, zone, i, number,
						sizeof(number)),
				       json_object_new_uint64(zone->protection[i]));
	return obj;
}

static struct json_object *zone_to_json(const struct snapshot *snap,
					const struct zone_snapshot *zone)
{
	const struct {
		const char *key;
		unsigned long long value;
	} numbers[] = {
		{ "start_pfn", zone->start_pfn },
		{ "spanned", zone->spanned },
		{ "present", zone->present },
		{ "managed", zone->managed },
		{ "holes", zone->spanned - zone->present },
		{ "free", zone->nr_free },
		{ "pcp", zone->pcp },
		{ "min", zone->min },
		{ "low", zone->low },
		{ "high", zone->high },
	};
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "node", json_object_new_int(zone->node));
	json_object_object_add(obj, "zone", json_object_new_string(zone->name));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		json_object_object_add(obj, numbers[i].key,
				       json_object_new_uint64(numbers[i].value));
	json_object_object_add(obj, "boost", zone->seen & SNAPSHOT_BOOST ?
			       json_object_new_uint64(zone->boost) : NULL);
	json_object_object_add(obj, "protection", protection_json(snap, zone));
	return obj;
}

static int print_json(const struct snapshot *snap)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *zones = json_object_new_array();

	for (size_t i = 0; i < snap->nr; i++)
		if (is_populated(&snap->zones[i]))
			json_object_array_add(zones,
					      zone_to_json(snap, &snap->zones[i]));
	json_object_object_add(obj, "zones", zones);
	return out_json(obj, JSON_C_TO_STRING_PRETTY);
}

/* A text that was cut off, or is no zoneinfo at all, gets no table. */
static int check_zones(const struct request *req, const struct snapshot *snap)
{
	const char *name = req->file ? req->file : "zoneinfo";

	for (size_t i = 0; i < snap->nr; i++) {
		const struct zone_snapshot *zone = &snap->zones[i];

		if (!(zone->seen & SNAPSHOT_PRESENT) ||
		    (is_populated(zone) && (zone->seen & NEEDED) != NEEDED) ||
		    zone->present > zone->spanned) {
			out_error("%s: node %d, zone %s is not complete; was the text cut off?",
				  name, zone->node, zone->name);
			return -1;
		}
	}
	if (snap->nr)
		return 0;
	out_error("%s: there is no zone in it; its text should be as that of /proc/zoneinfo",
		  name);
	return -1;
}

static int read_zones(const struct request *req, struct snapshot *snap)
{
	char *text;
	int err;

	if (req->file)
		err = textfile_read(req->file, &text);
	else
		err = debugfs_read(req->opts, "zoneinfo", &text);
	if (err && req->file)
		out_error("cannot read %s: %s", req->file, strerror(-err));
	else if (err)
		debugfs_explain(req->opts, "zoneinfo", err);
	if (err)
		return err;
	err = snapshot_parse_zoneinfo(snap, text);
	free(text);
	snapshot_explain(req->file ? req->file : "zoneinfo", err);
	return err ? err : check_zones(req, snap);
}

static int print_map(const struct options *opts)
{
	struct json_object *obj;
	char *text;
	int err = debugfs_read(opts, "state", &text);

	if (err) {
		debugfs_explain(opts, "state", err);
		return err;
	}
	if (opts->json)
		err = zonemap_json(text, &obj);
	else
		err = zonemap_draw(stdout, text, term_width());
	free(text);
	if (err == -ENOMEM)
		out_error("out of memory");
	else if (err)
		out_error("%s/state: its text is not understood", opts->debugfs);
	else if (opts->json)
		err = out_json(obj, JSON_C_TO_STRING_PRETTY);
	return err;
}

static int print_zones(const struct request *req)
{
	struct snapshot snap = { 0 };
	int err = read_zones(req, &snap);

	if (!err)
		err = req->opts->json ? print_json(&snap) : print_table(&snap);
	snapshot_free(&snap);
	return err;
}

int cmd_zones(struct options *opts, int argc, char **argv)
{
	struct request req = { .opts = opts };
	int err;

	if (args_parse(&zones_argp, argc, argv, 0, &req))
		return EXIT_FAILED;
	err = req.map ? print_map(opts) : print_zones(&req);
	return err || out_flush() ? EXIT_FAILED : EXIT_OK;
}
