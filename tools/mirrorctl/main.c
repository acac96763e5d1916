// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl: finds the command on the command line and runs it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/mirror_mm.h>

#include "args.h"
#include "mirrorctl.h"
#include "output.h"

struct command {
	const char *name;
	int (*run)(struct options *opts, int argc, char **argv);
};

static const struct command commands[] = {
	{ "info", cmd_info },
	{ "alloc", cmd_alloc },
	{ "free", cmd_free },
	{ "buddyinfo", cmd_buddyinfo },
	{ "nodes", cmd_nodes },
	{ "zones", cmd_zones },
	{ "watch", cmd_watch },
	{ "demo", cmd_demo },
	{ "tour", cmd_tour },
};

struct invocation {
	struct options opts;
	const struct command *command;
	int argc;
	char **argv;
};

static const char doc[] =
	"Drive and watch mirror_mm, a page allocator that runs on a reserved\n"
	"physical range beside the kernel's own." DOC_DETAILS
	"Commands:\n"
	"  info       what the mirror is made of, what is free, who holds what\n"
	"  alloc      take blocks; a small holder process keeps them for you\n"
	"  free       give blocks back\n"
	"  buddyinfo  free blocks by order, as in /proc/buddyinfo\n"
	"  nodes      CPUs, memory and distances, as \"numactl --hardware\"\n"
	"  zones      where zones lie, how full they are, their watermarks\n"
	"  watch      free blocks as moving bars, coloured by mobility type\n"
	"  demo       checks the whole module, and explains as it goes\n"
	"  tour       one thing at a time: what the allocator does, and why\n"
	"\n"
	"\"mirrorctl COMMAND --help\" tells more about one of them. New here? Run\n"
	"\"mirrorctl demo\" first, then \"mirrorctl tour\", then \"mirrorctl watch\",\n"
	"which has keys to take and to free blocks.\n"
	"\n"
	"Exit code: 0 done, 1 failed, 2 wrong usage.";

static void print_version(FILE *out, struct argp_state *state)
{
	(void)state;
	fprintf(out, "mirrorctl for mirror_mm interface version %d\n",
		MIRROR_MM_API_VERSION);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void refuse_command(struct argp_state *state, const char *name)
{
	const char *names[ARRAY_SIZE(commands)];

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		names[i] = commands[i].name;
	args_unknown(state, "no command", name, names, ARRAY_SIZE(commands));
}

/* Options of one command, by their name alone. */
static const struct {
	const char *option;
	const char *command;
} misplaced[] = {
	{ "--order", "alloc" }, { "-o", "alloc" }, { "--count", "alloc" },
	{ "-n", "alloc" }, { "--type", "alloc" }, { "-t", "alloc" },
	{ "--gfp", "alloc" }, { "--node", "alloc" }, { "--nodes", "alloc" },
	{ "--policy", "alloc" }, { "--hold", "alloc" }, { "--list", "alloc" },
	{ "--size", "alloc" }, { "--holder", "free" }, { "--all", "free" },
	{ "--summary", "buddyinfo" }, { "--stat", "nodes" },
	{ "--map", "zones" }, { "--interval", "watch" }, { "-i", "watch" },
	{ "--once", "watch" }, { "--zone", "watch" }, { "--linear", "watch" },
};

/* "mirrorctl --order 3", or an option that stands before its command. */
static void refuse_misplaced(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		size_t len = strcspn(argv[i], "=");

		if (argv[i][0] != '-')
			return;
		for (size_t k = 0; k < ARRAY_SIZE(misplaced); k++) {
			const char *name = misplaced[k].option;

			if (strlen(name) != len || strncmp(name, argv[i], len))
				continue;
			out_error("%s belongs behind its command: mirrorctl %s %s%s%s",
				  argv[i], misplaced[k].command, argv[i],
				  i + 1 < argc && argv[i + 1][0] != '-' ? " " : "",
				  i + 1 < argc && argv[i + 1][0] != '-' ? argv[i + 1] : "");
			exit(EXIT_BAD_USAGE);
		}
		/* What a path may look like is not for here. */
		if (!argv[i][len] && (!strcmp(argv[i], "--device") ||
				      !strcmp(argv[i], "--debugfs")))
			i++;
	}
}

static error_t take_command(struct invocation *inv, const char *name,
			    struct argp_state *state)
{
	if (!strcmp(name, "help"))
		argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
	inv->command = find_command(name);
	if (!inv->command)
		refuse_command(state, name);
	/* All that follows is for the command's own parser. */
	inv->argc = state->argc - state->next + 1;
	inv->argv = &state->argv[state->next - 1];
	state->next = state->argc;
	return 0;
}

static error_t parse_main(int key, char *arg, struct argp_state *state)
{
	struct invocation *inv = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &inv->opts;
		return 0;
	case ARGP_KEY_ARG:
		return take_command(inv, arg, state);
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "no command given; \"mirrorctl --help\" lists them");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp main_argp = {
	.parser = parse_main,
	.args_doc = "COMMAND [OPTION...]",
	.doc = doc,
	.children = options_children,
};

int main(int argc, char **argv)
{
	struct invocation inv = {
		.opts = {
			.device = "/dev/mirror_mm",
			.debugfs = "/sys/kernel/debug/mirror_mm",
		},
	};
	char name[64];

	argp_program_version_hook = print_version;
	argp_err_exit_status = EXIT_BAD_USAGE;
	refuse_misplaced(argc, argv);
	if (args_parse(&main_argp, argc, argv, ARGP_IN_ORDER, &inv))
		return EXIT_FAILED;

	/* The command's help and errors then carry its full name. */
	snprintf(name, sizeof(name), "mirrorctl %s", inv.command->name);
	inv.argv[0] = name;
	return inv.command->run(&inv.opts, inv.argc, inv.argv);
}
