// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl alloc: its command line.
 */
#include <stdlib.h>

#include "alloc.h"
#include "names.h"

#define MAX_COUNT	1000000

enum {
	OPT_GFP = 0x200,
	OPT_NODE,
	OPT_NODES,
	OPT_POLICY,
	OPT_HOLD,
	OPT_LIST,
};

static const char doc[] =
	"Take blocks of 2^ORDER contiguous pages from the mirror." DOC_DETAILS
	"A block belongs to the open file that allocated it and goes back when\n"
	"that file closes. So mirrorctl leaves a small process behind, the\n"
	"holder, that keeps it for you: named h1, h2 and so on, one for each\n"
	"alloc. \"mirrorctl free\" talks to it. Its blocks also go back when it\n"
	"is killed, and while it lives the module cannot be unloaded.\n"
	"\n"
	"With --count it is all or nothing: when one block cannot be had, those\n"
	"before it go back.\n"
	"\n"
	"--policy sets the memory policy of the file before the first block is\n"
	"taken: default, local, preferred, preferred-many, bind, interleave or\n"
	"weighted-interleave, as set_mempolicy(2) has them. --nodes are its nodes\n"
	"then. It says where blocks come from, so it excludes --node and THISNODE.\n"
	"\n"
	"Names for --gfp: KERNEL (default), ATOMIC, NOWAIT, NOIO, NOFS, USER,\n"
	"HIGHUSER, HIGHUSER_MOVABLE, and single bits such as DMA, DMA32,\n"
	"HIGHMEM, ZERO, COMP, NORETRY, NOFAIL, NOWARN, HIGH, MEMALLOC,\n"
	"THISNODE; with or without GFP_ and __GFP_ before them.\n"
	"\n"
	"Examples:\n"
	"  mirrorctl alloc --order 3\n"
	"  mirrorctl alloc --order 9 --count 4 --type movable\n"
	"  mirrorctl alloc --order 4 --count 6 --policy interleave --nodes 0-1\n"
	"  mirrorctl alloc --gfp 'KERNEL|NORETRY' --hold 10\n"
	"  mirrorctl alloc --list";

static const struct argp_option option_list[] = {
	{ "order", 'o', "N", 0, "Blocks of 2^N pages (default 0)", 0 },
	{ "count", 'n', "N", 0, "How many blocks (default 1)", 0 },
	{ "type", 't', "TYPE", 0,
	  "Mobility: unmovable (default), movable or reclaimable", 0 },
	{ "gfp", OPT_GFP, "NAME[|NAME...]", 0,
	  "Allocation flags, separated by | or a comma (default KERNEL)", 0 },
	{ "node", OPT_NODE, "N", 0,
	  "Preferred node (default: that of the CPU that asks)", 0 },
	{ "nodes", OPT_NODES, "LIST", 0,
	  "Only from these nodes, such as 0-1,3; with --policy its nodes", 0 },
	{ "policy", OPT_POLICY, "NAME", 0,
	  "Memory policy that says which nodes the blocks come from", 0 },
	{ "hold", OPT_HOLD, "SECONDS", 0,
	  "Stay here that long, then free; leaves no holder behind", 0 },
	{ "list", OPT_LIST, NULL, 0,
	  "Take nothing; list the holders and their blocks", 0 },
	{ 0 }
};

static unsigned int take_number(struct argp_state *state, const char *what,
				const char *text, unsigned int max)
{
	unsigned long long value;

	if (!number_parse(text, max, &value))
		argp_error(state, "%s must be a number from 0 to %u, not \"%s\"",
			   what, max, text);
	return value;
}

static int take_type(struct argp_state *state, const char *text)
{
	int type = type_from_name(text);

	if (type < 0 || type > MIRROR_MIGRATE_RECLAIMABLE)
		argp_error(state,
			   "TYPE is unmovable, movable or reclaimable, not \"%s\"",
			   text);
	return type;
}

static __u32 take_gfp(struct argp_state *state, const char *text)
{
	char bad[48];
	__u32 gfp;

	if (!gfp_parse(text, &gfp, bad, sizeof(bad)))
		argp_error(state, "no allocation flag \"%s\"", bad);
	return gfp;
}

static double take_seconds(struct argp_state *state, const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0 && value <= 1e9))
		argp_error(state, "SECONDS must be a number, not \"%s\"", text);
	return value;
}

static __u64 take_nodes(struct argp_state *state, const char *text)
{
	__u64 mask;

	if (!nodes_parse(text, &mask))
		argp_error(state, "LIST is nodes such as 0-1,3, not \"%s\"",
			   text);
	return mask;
}

static int take_policy(struct argp_state *state, const char *text)
{
	int mode = policy_from_name(text);

	if (mode < 0)
		argp_error(state, "no memory policy \"%s\"", text);
	return mode;
}

/* The module asks a policy only about requests that name no node. */
static void check_policy(struct argp_state *state,
			 const struct alloc_request *req)
{
	if (req->policy < 0)
		return;
	if (req->node != MIRROR_MM_NODE_ANY)
		argp_error(state, "--policy and --node exclude each other");
	if (req->gfp & __MIRROR_GFP_THISNODE)
		argp_error(state, "--policy and THISNODE exclude each other");
}

/* --type says more about what --gfp left open; it must not contradict it. */
static void finish_request(struct argp_state *state, struct alloc_request *req)
{
	unsigned int in_gfp = type_from_gfp(req->gfp);

	check_policy(state, req);
	if (req->type < 0)
		return;
	if (in_gfp != MIRROR_MIGRATE_UNMOVABLE && (int)in_gfp != req->type)
		argp_error(state, "--gfp asks for %s, --type for %s",
			   key_of_type(in_gfp), key_of_type(req->type));
	req->gfp |= gfp_of_type(req->type);
}

static error_t parse_alloc(int key, char *arg, struct argp_state *state)
{
	struct alloc_request *req = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = req->opts;
		return 0;
	case 'o':
		req->order = take_number(state, "ORDER", arg, 63);
		return 0;
	case 'n':
		req->count = take_number(state, "COUNT", arg, MAX_COUNT);
		if (!req->count)
			argp_error(state, "COUNT must be at least 1");
		return 0;
	case 't':
		req->type = take_type(state, arg);
		return 0;
	case OPT_GFP:
		req->gfp = take_gfp(state, arg);
		return 0;
	case OPT_NODE:
		req->node = take_number(state, "NODE", arg, 1023);
		return 0;
	case OPT_NODES:
		req->nodes = take_nodes(state, arg);
		return 0;
	case OPT_POLICY:
		req->policy = take_policy(state, arg);
		return 0;
	case OPT_HOLD:
		req->hold = take_seconds(state, arg);
		return 0;
	case OPT_LIST:
		req->list = true;
		return 0;
	case ARGP_KEY_END:
		finish_request(state, req);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

const struct argp alloc_argp = {
	.options = option_list,
	.parser = parse_alloc,
	.doc = doc,
	.children = options_children,
};
