/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reference and target side by side, for a closer look at a difference.
 */
#ifndef CONFORMANCE_PAIR_H
#define CONFORMANCE_PAIR_H

#include <stdio.h>

#include "record.h"

struct pair {
	struct target *ref;
	struct target *other;
};

/* Says all there is to say about the difference, in words. */
void explain(FILE *out, const struct pair *pair, const struct record *r,
	     const struct difference *d);

/**
 * struct shrinker - what to shrink for
 * @fails: whether a list still shows what is looked for
 * @arg: for @fails
 * @until: seconds_now() at which to stop
 * @trials: out: how often @fails was asked
 */
struct shrinker {
	bool (*fails)(void *arg, const struct list *list);
	void *arg;
	double until;
	unsigned int trials;
};

/* Takes operations out of the list as long as it fails. */
void shrink(struct shrinker *s, struct list *list);

/**
 * struct pair_trial - argument of pair_fails()
 * @pair: who runs the list
 * @flags: COMPARE_*
 */
struct pair_trial {
	struct pair pair;
	unsigned int flags;
};

bool pair_fails(void *trial, const struct list *list);
/* The part of a record that a difference needs, without its checkpoints. */
void failing_list(const struct record *r, const struct difference *d,
		  struct list *list);

/* listfile.c: a list as a text file; they end the program where that fails */
void list_save(const struct list *list, const char *path, const char *title);
/* Only the @last operations of a longer one. */
void list_print(FILE *out, const struct list *list, unsigned int last);
void list_load(struct list *list, const char *path);

#endif /* CONFORMANCE_PAIR_H */
