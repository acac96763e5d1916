/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line.
 */
#ifndef CONFORMANCE_OPTIONS_H
#define CONFORMANCE_OPTIONS_H

#include "sequence.h"

struct options {
	struct plan *plan;
	unsigned int nr_plans;
	unsigned int nr_ops;
	unsigned int shrink_seconds;
	bool blocks;
	bool text;
	bool tap;
	const char *replay;
	const char *save;
	const char *csv;
	unsigned int min_events;
	const char *except_events;
	struct fault_plan faults;
};

void options_parse(struct options *o, int argc, char **argv);

#endif /* CONFORMANCE_OPTIONS_H */
