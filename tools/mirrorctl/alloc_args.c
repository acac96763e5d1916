// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl alloc: its command line.
 */
#include "alloc.h"
#include "args.h"
#include "names.h"

enum {
	OPT_GFP = 0x200,
	OPT_NODE,
	OPT_NODES,
	OPT_POLICY,
	OPT_HOLD,
	OPT_LIST,
	OPT_SIZE,
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
	/* Others have it, so people try it. */
	{ "size", OPT_SIZE, "SIZE", OPTION_HIDDEN, NULL, 0 },
	{ 0 }
};

int alloc_type(const char *text)
{
	int type = type_from_name(text);

	return type > MIRROR_MIGRATE_RECLAIMABLE ? -1 : type;
}

static int take_type(struct argp_state *state, const char *text)
{
	static const char * const names[] = {
		"unmovable", "movable", "reclaimable",
	};
	int type = alloc_type(text);
	char bad[48];
	__u32 gfp;

	if (type >= 0)
		return type;
	if (type_from_name(text) >= 0)
		argp_error(state,
			   "--type \"%s\": no request can ask for that type, the allocator alone sets it; give one of: unmovable movable reclaimable",
			   text);
	if (gfp_parse(text, &gfp, bad, sizeof(bad)))
		argp_error(state,
			   "no mobility type \"%s\", but an allocation flag: --gfp 'KERNEL|%s'; give one of: unmovable movable reclaimable",
			   text, text);
	args_unknown(state, "no mobility type", text, names, ARRAY_SIZE(names));
	return 0;
}

static __u32 take_gfp(struct argp_state *state, const char *text)
{
	const char *names[64];
	char bad[48];
	__u32 gfp;

	if (gfp_parse(text, &gfp, bad, sizeof(bad)))
		return gfp;
	if (alloc_type(bad) >= 0)
		argp_error(state, "no allocation flag \"%s\", but a mobility type: --type %s",
			   bad, bad);
	args_unknown(state, "no allocation flag", bad, names,
		     gfp_names(names, ARRAY_SIZE(names)));
	return 0;
}

static unsigned int take_order(struct argp_state *state, const char *text)
{
	unsigned long long bytes;

	if (args_size(text, &bytes))
		alloc_refuse_size(state, "--order", text);
	return args_number(state, "--order", text, 0, 63);
}

static __u64 take_nodes(struct argp_state *state, const char *text)
{
	__u64 mask;

	if (!nodes_parse(text, &mask))
		argp_error(state, "--nodes is nodes from 0 to 63, such as 0-1,3, not \"%s\"",
			   text);
	return mask;
}

static int take_policy(struct argp_state *state, const char *text)
{
	const char *names[MIRROR_MPOL_MAX];
	int mode = policy_from_name(text);

	if (mode < 0)
		args_unknown(state, "no memory policy", text, names,
			     policy_names(names, ARRAY_SIZE(names)));
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
		req->order = take_order(state, arg);
		return 0;
	case 'n':
		req->count = args_number(state, "--count", arg, 1,
					 ARGS_MAX_COUNT);
		return 0;
	case 't':
		req->type = take_type(state, arg);
		return 0;
	case OPT_GFP:
		req->gfp = take_gfp(state, arg);
		return 0;
	case OPT_NODE:
		req->node = args_number(state, "--node", arg, 0, NODE_MAX);
		return 0;
	case OPT_NODES:
		req->nodes = take_nodes(state, arg);
		return 0;
	case OPT_POLICY:
		req->policy = take_policy(state, arg);
		return 0;
	case OPT_HOLD:
		req->hold = args_seconds(state, "--hold", arg, 0);
		return 0;
	case OPT_LIST:
		req->list = true;
		return 0;
	case OPT_SIZE:
		alloc_refuse_size(state, "no option --size", arg);
		return 0;
	case ARGP_KEY_ARG:
		alloc_refuse_argument(state, arg);
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
