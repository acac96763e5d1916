/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequences: which ones to run, and running one at all levels.
 */
#ifndef CONFORMANCE_SEQUENCE_H
#define CONFORMANCE_SEQUENCE_H

#include <stdio.h>

#include "mixes.h"
#include "pair.h"

struct plan {
	unsigned int number;
	uint64_t seed;
	const struct mix *mix;
};

/**
 * struct session - one run of the program
 * @ref: the kernel
 * @pages: the mirror
 * @blocks: the mirror, NULL where this level is left out
 * @nr_ops: operations of a sequence
 * @flags: COMPARE_*
 * @shrink_seconds: 0 for no shrinking
 * @save: where a failing list goes
 * @csv: NULL for none
 * @sequences: run so far
 * @operations: the list's operations, once for each level
 * @differences: levels of sequences that differ
 * @shrunk: one list was made short; that is enough for one run
 * @tap: print test lines, too
 * @ref_events: sums
 * @mirror_events: sums
 */
struct session {
	struct target *ref;
	struct target *pages;
	struct target *blocks;
	unsigned int nr_ops;
	unsigned int flags;
	unsigned int shrink_seconds;
	const char *save;
	FILE *csv;
	unsigned int sequences;
	unsigned long long operations;
	unsigned int differences;
	bool shrunk;
	bool tap;
	struct conf_events ref_events;
	struct conf_events mirror_events;
};

/* What one sequence came to, for its line of the table. */
struct outcome {
	struct plan plan;
	unsigned int ops;
	unsigned int failed;
	unsigned int skipped;
	unsigned int checkpoints;
	unsigned int texts;
	const char *pages;
	const char *blocks;
	unsigned int differences;
};

void run_sequence(struct session *s, const struct plan *plan,
		  struct outcome *out);
/* A list that exists, as a sequence of its own. */
void run_list(struct session *s, const struct list *list, struct outcome *out);
/* Shrinks, prints and saves a failing list; how many operations are left. */
unsigned int shrink_and_save(struct session *s, struct target *other,
			     const struct record *r, const struct difference *d);

/* table.c: what is printed */
/* Above the table: what its short names of the user's own mixes stand for. */
void table_mixes(FILE *out, const struct plan *plan, unsigned int nr);
void table_head(void);
void table_line(const struct outcome *out);
void table_events(const struct session *s);
void csv_line(FILE *csv, const struct outcome *out);
void csv_events(FILE *csv, const struct session *s);
void summary(const struct session *s);

/* coverage.c: each event not in @except was seen @least times or more */
bool coverage_is_enough(const struct session *s, unsigned int least,
			const char *except);
/* Ends the program where one of the names is none. */
void coverage_check_names(const char *list);

/**
 * struct fault_plan - the negative controls
 * @names: separated by commas
 * @mirror_ko: the module
 * @driver_ko: the one that makes /dev/conf_mirror
 * @insmod_args: for the mirror, without policy=
 * @driver_args: for its driver; NULL for none
 */
struct fault_plan {
	const char *names;
	const char *mirror_ko;
	const char *driver_ko;
	const char *insmod_args;
	const char *driver_args;
};

/* faults.c: whether each fault is found, and the mirror without one is not */
bool run_faults(struct session *s, const struct fault_plan *faults,
		const struct plan *plan, unsigned int nr);
/* modules.c: loads both, unloading them before. @policy may be NULL. */
void modules_reload(const struct fault_plan *faults, const char *policy);

#endif /* CONFORMANCE_SEQUENCE_H */
