// SPDX-License-Identifier: GPL-2.0
/*
 * The options that all commands share.
 */
#include "mirrorctl.h"

enum {
	OPT_DEVICE = 0x100,
	OPT_DEBUGFS,
	OPT_JSON,
};

static const struct argp_option option_list[] = {
	{ "device", OPT_DEVICE, "PATH", 0, "Device (default /dev/mirror_mm)", 0 },
	{ "debugfs", OPT_DEBUGFS, "DIR", 0,
	  "Folder of the debugfs files (default /sys/kernel/debug/mirror_mm)", 0 },
	{ "json", OPT_JSON, NULL, 0, "Print JSON, for scripts", 0 },
	{ 0 }
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opts = state->input;

	switch (key) {
	case OPT_DEVICE:
		opts->device = arg;
		return 0;
	case OPT_DEBUGFS:
		opts->debugfs = arg;
		return 0;
	case OPT_JSON:
		opts->json = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp options_argp = {
	.options = option_list,
	.parser = parse_option,
};

const struct argp_child options_children[] = {
	{ &options_argp, 0, "With any command:", 10 },
	{ 0 }
};
