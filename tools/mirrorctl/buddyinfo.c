// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl buddyinfo: free blocks by order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "args.h"
#include "debugfs.h"
#include "output.h"
#include "snapshot.h"

enum {
	OPT_SUMMARY = 0x400,
};

struct request {
	struct options *opts;
	bool summary;
};

static const char doc[] =
	"Print how many free blocks of each order the mirror has." DOC_DETAILS
	"Without options it prints the text of debugfs as it is, one line a\n"
	"zone: the first number counts free blocks of 1 page (order 0), the\n"
	"next those of 2 pages (order 1), then 4, 8 and so on. Pages on per-CPU\n"
	"lists are not in it.\n"
	"\n"
	"--summary adds sizes and shares. Its last column says how much of the\n"
	"free memory lies in blocks of that order or above: what a request of\n"
	"that order can use.\n"
	"\n"
	"Examples:\n"
	"  mirrorctl buddyinfo\n"
	"  mirrorctl buddyinfo --summary\n"
	"  mirrorctl buddyinfo --json";

static const struct argp_option option_list[] = {
	{ "summary", OPT_SUMMARY, NULL, 0,
	  "Sizes and shares by order, for people", 0 },
	{ 0 }
};

static error_t parse_buddyinfo(int key, char *arg, struct argp_state *state)
{
	struct request *req = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = req->opts;
		return 0;
	case OPT_SUMMARY:
		req->summary = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument, not \"%s\"", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp buddyinfo_argp = {
	.options = option_list,
	.parser = parse_buddyinfo,
	.doc = doc,
	.children = options_children,
};

static unsigned long long pages_from(const struct zone_snapshot *zone,
				     unsigned int order)
{
	unsigned long long pages = 0;

	for (; order < zone->nr_orders; order++)
		pages += zone->free[order] << order;
	return pages;
}

static int print_raw(const struct options *opts)
{
	char *text;
	int err = debugfs_read(opts, "buddyinfo", &text);

	if (err) {
		debugfs_explain(opts, "buddyinfo", err);
		return EXIT_FAILED;
	}
	fputs(text, stdout);
	free(text);
	return EXIT_OK;
}

static void print_zone(const struct zone_snapshot *zone)
{
	unsigned long long total = pages_from(zone, 0);
	long page = sysconf(_SC_PAGESIZE);
	char size[OUT_BYTES_LEN];

	printf("Node %d, zone %s: %llu pages free (%s)\n", zone->node,
	       zone->name, total, out_bytes(size, total * page));
	printf("  ORDER      BLOCK       FREE       PAGES  SHARE  USABLE\n");
	for (unsigned int order = 0; order < zone->nr_orders; order++) {
		unsigned long long pages = zone->free[order] << order;
		double of = total ? total : 1;

		printf("  %5u %10s %10llu %11llu %5.1f%% %6.1f%%\n", order,
		       out_bytes(size, (unsigned long long)page << order),
		       zone->free[order], pages, 100 * pages / of,
		       100 * pages_from(zone, order) / of);
	}
}

static struct json_object *zone_to_json(const struct zone_snapshot *zone)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *counts = json_object_new_array();

	for (unsigned int order = 0; order < zone->nr_orders; order++)
		json_object_array_add(counts,
				      json_object_new_uint64(zone->free[order]));
	json_object_object_add(obj, "node", json_object_new_int(zone->node));
	json_object_object_add(obj, "zone", json_object_new_string(zone->name));
	json_object_object_add(obj, "free", counts);
	json_object_object_add(obj, "pages",
			       json_object_new_uint64(pages_from(zone, 0)));
	return obj;
}

static void print_json(const struct snapshot *snap)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *zones = json_object_new_array();

	for (size_t i = 0; i < snap->nr; i++)
		json_object_array_add(zones, zone_to_json(&snap->zones[i]));
	json_object_object_add(obj, "zones", zones);
	out_json(obj, JSON_C_TO_STRING_PRETTY);
}

static int print_parsed(const struct options *opts)
{
	struct snapshot snap;

	if (snapshot_read(opts, SNAPSHOT_BUDDYINFO, &snap))
		return EXIT_FAILED;
	if (opts->json)
		print_json(&snap);
	for (size_t i = 0; !opts->json && i < snap.nr; i++) {
		if (i)
			putchar('\n');
		print_zone(&snap.zones[i]);
	}
	snapshot_free(&snap);
	return EXIT_OK;
}

int cmd_buddyinfo(struct options *opts, int argc, char **argv)
{
	struct request req = { .opts = opts };
	int ret;

	if (args_parse(&buddyinfo_argp, argc, argv, 0, &req))
		return EXIT_FAILED;
	ret = opts->json || req.summary ? print_parsed(opts) : print_raw(opts);
	return out_flush() ? EXIT_FAILED : ret;
}
