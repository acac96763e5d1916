// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl nodes: what numactl(8) and numastat(8) would print, if they knew
 * of the mirror.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "debugfs.h"
#include "names.h"
#include "numa.h"
#include "output.h"
#include "term.h"

/* Width of numastat's columns, the first one included. */
#define STAT_WIDTH	16

enum {
	OPT_STAT = 0x700,
};

struct request {
	struct options *opts;
	const char *dir;
	bool stat;
};

static const char doc[] =
	"Print the mirror's nodes: their CPUs, their memory, and how far each is\n"
	"from the others." DOC_DETAILS
	"The text is that of \"numactl --hardware\". --stat counts where requests\n"
	"got their pages, as numastat(8) prints it:\n"
	"\n"
	"  numa_hit        came from the node that was wanted\n"
	"  numa_miss       came from this node, though another was wanted\n"
	"  numa_foreign    were wanted from this node, but came from another\n"
	"  interleave_hit  numa_hit of requests that are spread over the nodes\n"
	"  local_node      came from this node to one of its own CPUs\n"
	"  other_node      came from this node to a CPU of another\n"
	"\n"
	"DIR is a folder with a nodeN for each node, such as that of the kernel\n"
	"below, to look at both side by side.\n"
	"\n"
	"Examples:\n"
	"  mirrorctl nodes\n"
	"  mirrorctl nodes --stat\n"
	"  mirrorctl nodes /sys/devices/system/node";

static const struct argp_option option_list[] = {
	{ "stat", OPT_STAT, NULL, 0, "Counts of hits and misses, by node", 0 },
	{ 0 }
};

static error_t parse_nodes(int key, char *arg, struct argp_state *state)
{
	struct request *req = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = req->opts;
		return 0;
	case OPT_STAT:
		req->stat = true;
		return 0;
	case ARGP_KEY_ARG:
		if (req->dir)
			argp_error(state, "more than one DIR: \"%s\" and \"%s\"",
				   req->dir, arg);
		req->dir = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp nodes_argp = {
	.options = option_list,
	.parser = parse_nodes,
	.args_doc = "[DIR]",
	.doc = doc,
	.children = options_children,
};

/* "(0-2,5)" */
static void print_ids(const struct numa *numa)
{
	size_t first = 0;

	for (size_t i = 0; i < numa->nr; i++) {
		const struct numa_node *node = &numa->nodes[i];

		if (i + 1 < numa->nr && node[1].id == node->id + 1)
			continue;
		printf("%s%u", first ? "," : "", numa->nodes[first].id);
		if (first != i)
			printf("-%u", node->id);
		first = i + 1;
	}
}

static void print_node(const struct numa_node *node)
{
	printf("node %u cpus:", node->id);
	for (size_t i = 0; i < node->nr_cpus; i++)
		printf(" %u", node->cpus[i]);
	printf("\nnode %u size: %llu MB\n", node->id, node->total / 1024);
	printf("node %u free: %llu MB\n", node->id, node->free / 1024);
}

/* numactl leaves a blank at the end of each of these lines, too. */
static void print_distances(const struct numa *numa)
{
	printf("node distances:\nnode ");
	for (size_t i = 0; i < numa->nr; i++)
		printf("%3u ", numa->nodes[i].id);
	putchar('\n');
	for (size_t i = 0; i < numa->nr; i++) {
		const struct numa_node *node = &numa->nodes[i];

		printf("%3u: ", node->id);
		for (size_t k = 0; k < node->nr_distances; k++)
			printf("%3u ", node->distances[k]);
		putchar('\n');
	}
}

static void print_hardware(const struct numa *numa)
{
	printf("available: %zu nodes (", numa->nr);
	print_ids(numa);
	printf(")\n");
	for (size_t i = 0; i < numa->nr; i++)
		print_node(&numa->nodes[i]);
	print_distances(numa);
}

/* As numastat: a terminal gets what fits, a file all nodes side by side. */
static size_t nodes_side_by_side(const struct numa *numa)
{
	unsigned int width = args_env_number("NUMASTAT_WIDTH", 1000000, 0);

	if (!width) {
		if (!isatty(STDOUT_FILENO))
			return numa->nr;
		width = term_width();
	}
	return width < 2 * STAT_WIDTH ? 1 : width / STAT_WIDTH - 1;
}

static void print_stat_table(const struct numa *numa, size_t from, size_t to)
{
	char name[16];

	printf("%*s", STAT_WIDTH, "");
	for (size_t i = from; i < to; i++) {
		snprintf(name, sizeof(name), "node%u", numa->nodes[i].id);
		printf("%*s", STAT_WIDTH, name);
	}
	putchar('\n');
	for (size_t row = 0; row < numa->nodes->nr_stats; row++) {
		printf("%-*s", STAT_WIDTH, numa->nodes->stats[row].name);
		for (size_t i = from; i < to; i++)
			printf("%*llu", STAT_WIDTH,
			       numa->nodes[i].stats[row].value);
		putchar('\n');
	}
}

static void print_stats(const struct numa *numa)
{
	size_t step = nodes_side_by_side(numa);

	for (size_t from = 0; from < numa->nr; from += step) {
		size_t to = from + step < numa->nr ? from + step : numa->nr;

		if (from)
			putchar('\n');
		print_stat_table(numa, from, to);
	}
}

static struct json_object *node_to_json(const struct numa *numa,
					const struct numa_node *node)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *cpus = json_object_new_array();
	struct json_object *distances = json_object_new_object();
	struct json_object *stats = json_object_new_object();
	char key[16];

	for (size_t i = 0; i < node->nr_cpus; i++)
		json_object_array_add(cpus, json_object_new_int(node->cpus[i]));
	for (size_t i = 0; i < node->nr_distances; i++) {
		snprintf(key, sizeof(key), "%u", numa->nodes[i].id);
		json_object_object_add(distances, key,
				       json_object_new_int(node->distances[i]));
	}
	for (size_t i = 0; i < node->nr_stats; i++)
		json_object_object_add(stats, node->stats[i].name,
				       json_object_new_uint64(node->stats[i].value));
	json_object_object_add(obj, "node", json_object_new_int(node->id));
	json_object_object_add(obj, "cpus", cpus);
	json_object_object_add(obj, "total_kb",
			       json_object_new_uint64(node->total));
	json_object_object_add(obj, "free_kb",
			       json_object_new_uint64(node->free));
	json_object_object_add(obj, "distances", distances);
	json_object_object_add(obj, "stat", stats);
	return obj;
}

static void print_json(const struct numa *numa)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *nodes = json_object_new_array();

	for (size_t i = 0; i < numa->nr; i++)
		json_object_array_add(nodes,
				      node_to_json(numa, &numa->nodes[i]));
	json_object_object_add(obj, "nodes", nodes);
	out_json(obj, JSON_C_TO_STRING_PRETTY);
}

static unsigned int files_for(const struct request *req)
{
	if (req->opts->json)
		return NUMA_ALL;
	return req->stat ? NUMA_NUMASTAT : NUMA_ALL & ~NUMA_NUMASTAT;
}

static void explain(const struct request *req, int err)
{
	const char *dir = req->dir ? req->dir : req->opts->debugfs;

	if (err == -ENXIO)
		out_error("%s: there is no folder node0, node1, ... in it%s",
			  dir, req->dir ? "" : " (is the module older than mirrorctl?)");
	else if (req->dir && err != -EPROTO)
		out_error("cannot read %s: %s", dir, strerror(-err));
	else if (err != -EPROTO)
		debugfs_explain(req->opts, "node*", err);
}

int cmd_nodes(struct options *opts, int argc, char **argv)
{
	struct request req = { .opts = opts };
	struct numa numa;
	int err;

	if (args_parse(&nodes_argp, argc, argv, 0, &req))
		return EXIT_FAILED;
	err = numa_read(req.dir ? req.dir : opts->debugfs, files_for(&req),
			&numa);
	if (err) {
		explain(&req, err);
		return EXIT_FAILED;
	}
	if (opts->json)
		print_json(&numa);
	else if (req.stat)
		print_stats(&numa);
	else
		print_hardware(&numa);
	numa_free(&numa);
	return out_flush() ? EXIT_FAILED : EXIT_OK;
}
