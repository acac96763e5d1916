// SPDX-License-Identifier: GPL-2.0
/*
 * What all commands do alike with their command line.
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "names.h"

#define NAMES_MAX	64
#define WORD_MAX	48
#define LIST_LEN	1024

error_t args_parse_none(int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = state->input;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "takes no argument, not \"%s\"", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

unsigned long long args_number(struct argp_state *state, const char *option,
			       const char *text, unsigned long long least,
			       unsigned long long most)
{
	unsigned long long value = 0;

	if (!number_parse(text, most, &value) || value < least)
		argp_error(state, "%s is a number from %llu to %llu, not \"%s\"",
			   option, least, most, text);
	return value;
}

/* strtod() by itself would take signs, blanks, "inf" and "nan" as well. */
static bool seconds_parse(const char *text, double *value)
{
	unsigned long long whole;
	char *end;

	if (number_parse(text, ARGS_MAX_SECONDS, &whole)) {
		*value = whole;
		return true;
	}
	if (text[strspn(text, "0123456789.eE-")] ||
	    !strchr("0123456789.", text[0]))
		return false;
	*value = strtod(text, &end);
	return end != text && !*end && isfinite(*value);
}

double args_seconds(struct argp_state *state, const char *option,
		    const char *text, double least)
{
	double value = 0;

	if (!seconds_parse(text, &value) || value < least ||
	    value > ARGS_MAX_SECONDS)
		argp_error(state, "%s is seconds from %g to %d, not \"%s\"",
			   option, least, ARGS_MAX_SECONDS, text);
	return value;
}

unsigned int args_env_number(const char *name, unsigned int most,
			     unsigned int fallback)
{
	const char *text = getenv(name);
	unsigned long long value;

	if (!text || !number_parse(text, most, &value) || !value)
		return fallback;
	return value;
}

static size_t least_of(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's distance, row by row: insert, drop or exchange a letter. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], nr = strlen(b);

	if (strlen(a) > WORD_MAX || nr > WORD_MAX)
		return WORD_MAX;
	for (size_t k = 0; k <= nr; k++)
		row[k] = k;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t k = 0; k < nr; k++) {
			bool other = tolower((unsigned char)a[i]) !=
				     tolower((unsigned char)b[k]);
			size_t above = row[k + 1];

			row[k + 1] = least_of(above + 1, row[k] + 1,
					      diagonal + other);
			diagonal = above;
		}
	}
	return row[nr];
}

const char *args_nearest(const char *word, const char *const *names, size_t nr)
{
	size_t len = strlen(word), least = len / 3 + 1;
	const char *best = NULL;

	/* An exchange of two letters is two steps. */
	if (len >= 4 && least < 3)
		least = 3;
	for (size_t i = 0; i < nr; i++) {
		size_t steps = distance(word, names[i]);

		if (len >= 2 && !strncasecmp(word, names[i], len))
			return names[i];
		if (steps < least) {
			least = steps;
			best = names[i];
		}
	}
	return best;
}

static void list_text(char *text, size_t len, const char *const *names,
		      size_t nr)
{
	size_t at = 0;

	text[0] = '\0';
	for (size_t i = 0; i < nr && at < len; i++)
		at += snprintf(text + at, len - at, "%s%s", i ? " " : "",
			       names[i]);
}

static void unknown_text(char *text, size_t len, const char *what,
			 const char *word, const char *const *names, size_t nr)
{
	const char *best = args_nearest(word, names, nr);
	char list[LIST_LEN];

	list_text(list, sizeof(list), names, nr);
	snprintf(text, len, "%s \"%s\"; %s%s%sgive one of: %s", what, word,
		 best ? "did you mean " : "", best ? best : "",
		 best ? "? Or " : "", list);
}

void args_unknown(struct argp_state *state, const char *what, const char *word,
		  const char *const *names, size_t nr)
{
	char text[2 * LIST_LEN];

	unknown_text(text, sizeof(text), what, word, names, nr);
	argp_error(state, "%s", text);
}

bool args_size(const char *text, unsigned long long *bytes)
{
	static const char units[] = "KMGT";
	size_t digits = strspn(text, "0123456789");
	unsigned long long value;
	char number[24], *unit;
	unsigned int shift;

	if (!digits || digits >= sizeof(number) || !text[digits])
		return false;
	snprintf(number, sizeof(number), "%.*s", (int)digits, text);
	unit = strchr(units, toupper((unsigned char)text[digits]));
	text += digits + 1;
	if (!unit || (*text && strcasecmp(text, "B") && strcasecmp(text, "iB")))
		return false;
	shift = 10 * (unit - units + 1);
	if (!number_parse(number, ~0ull >> shift, &value))
		return false;
	*bytes = value << shift;
	return true;
}

struct option_names {
	const struct argp_option *option[NAMES_MAX];
	size_t nr;
};

static void collect(struct option_names *all, const struct argp *argp)
{
	const struct argp_option *o = argp->options;
	const struct argp_child *child = argp->children;

	for (; o && (o->name || o->key || o->doc); o++)
		if (o->name && all->nr < NAMES_MAX)
			all->option[all->nr++] = o;
	for (; child && child->argp; child++)
		collect(all, child->argp);
}

/* As getopt_long(): any beginning of a name will do; it says what has several. */
static const struct argp_option *find_option(const struct option_names *all,
					     const char *word, size_t len)
{
	const struct argp_option *found = NULL;

	for (size_t i = 0; i < all->nr; i++) {
		const struct argp_option *o = all->option[i];

		if (strncmp(o->name, word, len))
			continue;
		if (!o->name[len])
			return o;
		found = o;
	}
	return found;
}

static void refuse_option(const struct option_names *all, const char *program,
			  const char *word, size_t len)
{
	const char *names[NAMES_MAX];
	char text[2 * LIST_LEN], typed[WORD_MAX + 1], dashed[NAMES_MAX][WORD_MAX];
	size_t nr = 0;

	for (size_t i = 0; i < all->nr; i++) {
		if (all->option[i]->flags & OPTION_HIDDEN)
			continue;
		snprintf(dashed[nr], WORD_MAX, "--%s", all->option[i]->name);
		names[nr] = dashed[nr];
		nr++;
	}
	snprintf(typed, sizeof(typed), "--%.*s", (int)len, word);
	unknown_text(text, sizeof(text), "no option", typed, names, nr);
	fprintf(stderr, "%s: %s\nTry `%s --help' for more information.\n",
		program, text, program);
	exit(EXIT_BAD_USAGE);
}

static bool is_standard(const char *word, size_t len)
{
	static const char * const names[] = { "help", "usage", "version" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(names[i], word, len))
			return true;
	return false;
}

/* Whether an option like "-n", "-n5" or "-n" in "-an" takes the next word. */
static bool short_takes_next(const struct option_names *all, const char *word)
{
	for (size_t i = 0; i < all->nr; i++)
		if (all->option[i]->key == word[1] && all->option[i]->arg)
			return !word[2];
	return false;
}

static void check_options(const struct argp *argp, int argc, char **argv,
			  unsigned int flags)
{
	struct option_names all = { .nr = 0 };

	collect(&all, argp);
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		const char *word = argv[i];
		const struct argp_option *o;
		size_t len;

		if (word[0] != '-' || !word[1]) {
			if (flags & ARGP_IN_ORDER)
				return;
			continue;
		}
		if (word[1] != '-') {
			i += short_takes_next(&all, word);
			continue;
		}
		word += 2;
		len = strcspn(word, "=");
		o = find_option(&all, word, len);
		if (!o && !is_standard(word, len))
			refuse_option(&all, argv[0], word, len);
		if (o && o->arg && !(o->flags & OPTION_ARG_OPTIONAL) && !word[len])
			i++;
	}
}

error_t args_parse(const struct argp *argp, int argc, char **argv,
		   unsigned int flags, void *input)
{
	check_options(argp, argc, argv, flags);
	return argp_parse(argp, argc, argv, flags, NULL, input);
}
