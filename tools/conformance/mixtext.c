// SPDX-License-Identifier: GPL-2.0
/*
 * Reads and writes mixes as text. What a field may be is in two tables; what
 * fields have to be together is checked when all of them are known.
 */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mixtext.h"
#include "util.h"

enum kind {
	WEIGHTS,
	PERCENT,
	GOAL,
	RUN,
	KBYTES,
	SWITCH,
	NR_KINDS
};

/* Size of one value in bytes, and its limits. */
static const struct {
	unsigned char size;
	unsigned int least;
	unsigned int most;
} kinds[] = {
	[WEIGHTS] = { sizeof(unsigned char), 0, 255 },
	[PERCENT] = { sizeof(unsigned char), 0, 100 },
	[GOAL] = { sizeof(unsigned short), 0, 1100 },
	[RUN] = { sizeof(unsigned short), 1, 65535 },
	[KBYTES] = { sizeof(unsigned int), 0, 65536 },
	[SWITCH] = { sizeof(bool), 0, 1 },
};

static_assert(ARRAY_SIZE(kinds) == NR_KINDS, "each kind has its limits");

/**
 * struct field - what can be changed in a mix
 * @name: as in the text
 * @about: for --help; further lines come indented
 * @offset: of the first value
 * @kind: of each value
 * @nr: values, side by side
 */
struct field {
	const char *name;
	const char *about;
	size_t offset;
	enum kind kind;
	unsigned int nr;
};

#define NEXT_LINE	"\n                              "

static const struct field fields[] = {
	{ "order", "weights of the orders 0 to 10",
	  offsetof(struct mix, order), WEIGHTS, NR_ORDERS },
	{ "mobility", "weights of unmovable/movable/reclaimable",
	  offsetof(struct mix, mobility), WEIGHTS, NR_MOBILITIES },
	{ "flavour", "weights of PLAIN/NOWAIT/HIGH/ATOMIC/MEMALLOC/"
	  NEXT_LINE "NOMEMALLOC/NORETRY/MAYFAIL/KERNEL/"
	  NEXT_LINE "KERNEL_NORETRY; the last two need may_sleep=1",
	  offsetof(struct mix, flavour), WEIGHTS, NR_FLAVOURS },
	{ "pick", "weights of random/newest/oldest/upward/downward",
	  offsetof(struct mix, pick), WEIGHTS, NR_PICKS },
	{ "comp", "percent of allocations that are compound",
	  offsetof(struct mix, comp), PERCENT, 1 },
	{ "zero", "percent of allocations that ask for zeros",
	  offsetof(struct mix, zero), PERCENT, 1 },
	{ "can_move", "percent of movable requests for a page that can move; no blocks then",
	  offsetof(struct mix, can_move), PERCENT, 1 },
	{ "goal", "thousandths of the node to keep taken, low/high",
	  offsetof(struct mix, goal_low), GOAL, 2 },
	{ "run", "most operations in one direction",
	  offsetof(struct mix, run), RUN, 1 },
	{ "bulk", "percent of allocations in bulk; no blocks then",
	  offsetof(struct mix, bulk), PERCENT, 1 },
	{ "free_bulk", "percent of frees of an array; no blocks then",
	  offsetof(struct mix, free_bulk), PERCENT, 1 },
	{ "refs", "percent of steps with references; no blocks then",
	  offsetof(struct mix, refs), PERCENT, 1 },
	{ "cpus", "percent of steps to the other CPU, on the node kind cpus",
	  offsetof(struct mix, cpus), PERCENT, 1 },
	{ "drain", "percent of the gaps between segments with that",
	  offsetof(struct mix, drain), PERCENT, 1 },
	{ "tick", "likewise",
	  offsetof(struct mix, tick), PERCENT, 1 },
	{ "tune", "likewise",
	  offsetof(struct mix, tune), PERCENT, 1 },
	{ "min_free_kbytes", "set at the start; 0 leaves it",
	  offsetof(struct mix, min_free_kbytes), KBYTES, 1 },
	{ "may_sleep", "1 where requests may reclaim",
	  offsetof(struct mix, may_sleep), SWITCH, 1 },
};

static_assert(offsetof(struct mix, goal_high) ==
	      offsetof(struct mix, goal_low) + sizeof(unsigned short),
	      "both ends of the goal are one field");

static unsigned int get(const struct mix *mix, const struct field *f,
			unsigned int i)
{
	const char *p = (const char *)mix + f->offset + i * kinds[f->kind].size;

	switch (kinds[f->kind].size) {
	case 1:
		return *(const unsigned char *)p;
	case 2:
		return *(const unsigned short *)p;
	default:
		return *(const unsigned int *)p;
	}
}

static void put(struct mix *mix, const struct field *f, unsigned int i,
		unsigned int value)
{
	char *p = (char *)mix + f->offset + i * kinds[f->kind].size;

	switch (kinds[f->kind].size) {
	case 1:
		*(unsigned char *)p = value;
		break;
	case 2:
		*(unsigned short *)p = value;
		break;
	default:
		*(unsigned int *)p = value;
	}
}

/* reading ---------------------------------------------------------------------- */

/* @list with one more word behind a comma; frees the old one. */
static char *join(char *list, const char *word)
{
	char *longer = xformat("%s%s%s", list, *list ? ", " : "", word);

	free(list);
	return longer;
}

static char *no_such_mix(const char *name)
{
	char *known = xformat("%s", ""), *error;
	unsigned int i;

	for (i = 0; i < nr_mixes; i++)
		known = join(known, mixes[i].name);
	error = xformat("no mix \"%s\"; there are %s, and all, which takes no changes",
			name, known);
	free(known);
	return error;
}

static char *no_such_field(const char *name)
{
	char *known = xformat("%s", ""), *error;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		known = join(known, fields[i].name);
	error = xformat("no field \"%s\"; there are %s", name, known);
	free(known);
	return error;
}

static const struct field *field_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (!strcmp(fields[i].name, name))
			return &fields[i];
	return NULL;
}

/* Digits only: not what strtoul() takes besides. */
static bool take_value(const char *text, enum kind kind, unsigned int *value)
{
	unsigned long number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	number = strtoul(text, &end, 10);
	*value = number;
	return !errno && !*end && number >= kinds[kind].least &&
	       number <= kinds[kind].most;
}

static char *take_values(struct mix *mix, const struct field *f, char *text)
{
	unsigned int i, value;
	char *word;

	for (i = 0; (word = strsep(&text, "/")); i++) {
		if (i == f->nr)
			return xformat("%s has more than %u value%s", f->name,
				       f->nr, f->nr > 1 ? "s" : "");
		if (!take_value(word, f->kind, &value))
			return xformat("%s: \"%s\" is no number from %u to %u",
				       f->name, word, kinds[f->kind].least,
				       kinds[f->kind].most);
		put(mix, f, i, value);
	}
	for (; i < f->nr; i++)
		put(mix, f, i, 0);
	return NULL;
}

static char *take_change(struct mix *mix, char *text)
{
	const char *name = strsep(&text, "=");
	const struct field *f = field_find(name);

	if (!f)
		return no_such_field(name);
	if (!text)
		return xformat("%s has no value; write %s=%u to %s=%u", name,
			       name, kinds[f->kind].least, name,
			       kinds[f->kind].most);
	return take_values(mix, f, text);
}

static char *take_changes(struct mix *mix, char *text)
{
	char *word, *error = NULL;

	while (!error && (word = strsep(&text, "+")))
		error = take_change(mix, word);
	return error;
}

/* checking --------------------------------------------------------------------- */

static bool all_zeros(const struct mix *mix, const struct field *f)
{
	unsigned int i;

	for (i = 0; i < f->nr; i++)
		if (get(mix, f, i))
			return false;
	return true;
}

static char *check_weights(const struct mix *mix, const struct field *f)
{
	if (f->kind != WEIGHTS || !all_zeros(mix, f))
		return NULL;
	return xformat("%s is all zeros: nothing to choose; make one of its %u weights 1 or more",
		       f->name, f->nr);
}

static char *check_goal(const struct mix *mix)
{
	if (mix->goal_low <= mix->goal_high)
		return NULL;
	return xformat("goal=%u/%u: low is above high; write LOW/HIGH, as in goal=%u/%u",
		       mix->goal_low, mix->goal_high, mix->goal_high,
		       mix->goal_low);
}

/* The reference would compact, which the mirror does not do yet. */
static char *check_can_move(const struct mix *mix)
{
	if (!mix->can_move || !mix->may_sleep)
		return NULL;
	return xformat("can_move=%u with may_sleep=1: the kernel would move pages; make one 0",
		       mix->can_move);
}

static char *check_cpus(const struct mix *mix)
{
	if (!mix->cpus || !mix->may_sleep)
		return NULL;
	return xformat("cpus=%u with may_sleep=1: others would run meanwhile; make one 0",
		       mix->cpus);
}

static char *check_flavours(const struct mix *mix)
{
	static const char why[] =
		"KERNEL and KERNEL_NORETRY may reclaim, which needs may_sleep=1";

	if (mix->may_sleep ||
	    (!mix->flavour[KERNEL] && !mix->flavour[KERNEL_NORETRY]))
		return NULL;
	return xformat("flavour: %s; add that, or make these two weights 0", why);
}

static char *check(const struct mix *mix)
{
	char *error = NULL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields) && !error; i++)
		error = check_weights(mix, &fields[i]);
	if (!error)
		error = check_goal(mix);
	if (!error)
		error = check_can_move(mix);
	if (!error)
		error = check_cpus(mix);
	return error ? error : check_flavours(mix);
}

static char *parse_changes(struct mix *mix, const char *text, char *changes)
{
	char *error = changes ? take_changes(mix, changes) : NULL, *whole;

	if (!error)
		error = check(mix);
	if (!error)
		return NULL;
	whole = xformat("mix \"%s\": %s", text, error);
	free(error);
	return whole;
}

char *mix_parse(struct mix *mix, const char *text)
{
	char *copy = xformat("%s", text), *changes = copy, *error;
	const char *name = strsep(&changes, "+");
	const struct mix *base = mix_find(name);

	if (base) {
		*mix = *base;
		mix->text = text;
		error = parse_changes(mix, text, changes);
		mix->blocks = !mix->bulk && !mix->free_bulk && !mix->refs &&
			      !mix->can_move;
	} else {
		error = no_such_mix(name);
	}
	free(copy);
	return error;
}

/* writing ---------------------------------------------------------------------- */

static void print_field(FILE *out, const struct mix *mix, const struct field *f)
{
	unsigned int i;

	fprintf(out, "+%s=", f->name);
	for (i = 0; i < f->nr; i++)
		fprintf(out, "%s%u", i ? "/" : "", get(mix, f, i));
}

char *mix_fields(const struct mix *mix)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	unsigned int i;

	if (!out)
		die("no memory for a line of text");
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		print_field(out, mix, &fields[i]);
	fclose(out);
	return text;
}

void mix_explain_fields(FILE *out)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		fprintf(out, "  %-15s %u to %-5u  %s\n", fields[i].name,
			kinds[fields[i].kind].least, kinds[fields[i].kind].most,
			fields[i].about);
}

void mix_list(FILE *out)
{
	unsigned int i;
	char *text;

	for (i = 0; i < nr_mixes; i++) {
		text = mix_fields(&mixes[i]);
		fprintf(out, "%s%s\n", mixes[i].name, text);
		free(text);
	}
}
