/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every command of mirrorctl gets and gives.
 */
#ifndef MIRRORCTL_H
#define MIRRORCTL_H

#include <argp.h>
#include <stdbool.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The compiler checks the arguments of such a function as those of printf(). */
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))

/* In the doc of an argp: what is before it goes above the options, the rest below. */
#define DOC_DETAILS "\v"

/* Exit codes; part of what scripts rely on, listed in mirrorctl.8. */
enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_BAD_USAGE = 2,
};

/**
 * struct options - what can be said before or after any command
 * @device: the device node
 * @debugfs: folder of the module's debugfs files
 * @json: answer in JSON instead of text
 */
struct options {
	const char *device;
	const char *debugfs;
	bool json;
};

/*
 * Parser of the options above, as a child of each command's own parser. The
 * parent must put the struct options in child_inputs[0] at ARGP_KEY_INIT.
 */
extern const struct argp_child options_children[];

/* Each runs one command and returns one of the exit codes. */
int cmd_info(struct options *opts, int argc, char **argv);
int cmd_alloc(struct options *opts, int argc, char **argv);
int cmd_free(struct options *opts, int argc, char **argv);
int cmd_buddyinfo(struct options *opts, int argc, char **argv);
int cmd_nodes(struct options *opts, int argc, char **argv);
int cmd_zones(struct options *opts, int argc, char **argv);
int cmd_watch(struct options *opts, int argc, char **argv);
int cmd_demo(struct options *opts, int argc, char **argv);
int cmd_tour(struct options *opts, int argc, char **argv);

#endif
