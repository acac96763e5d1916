// SPDX-License-Identifier: GPL-2.0
/*
 * The command line, and the sequences it asks for.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mixtext.h"
#include "options.h"
#include "targets.h"
#include "util.h"

#define DEFAULT_SAVE	"/tmp/conformance-failing.txt"

enum key {
	KEY_SEEDS = 256, KEY_SEED, KEY_SEQUENCES, KEY_MIX, KEY_OPS,
	KEY_NO_BLOCKS, KEY_NO_TEXT, KEY_MIRROR_KO, KEY_DRIVER_KO,
	KEY_INSMOD_ARGS, KEY_DRIVER_ARGS, KEY_FAULTS, KEY_REPLAY, KEY_SAVE, KEY_SHRINK, KEY_TAP,
	KEY_CSV, KEY_MEMORY_BLOCKS, KEY_MOVABLE, KEY_MIN_EVENTS,
	KEY_EXCEPT_EVENTS, KEY_LIST_MIXES,
};

static const struct argp_option option_list[] = {
	{ "seeds", KEY_SEEDS, "S1,S2..", 0, "each mix with each of these seeds", 1 },
	{ "seed", KEY_SEED, "S", 0,
	  "first seed (default: a random one); the next sequence has the next", 1 },
	{ "sequences", KEY_SEQUENCES, "N", 0,
	  "how many, the mixes in turn (default: each once)", 1 },
	{ "mix", KEY_MIX, "NAME[+FIELD=VALUE]..,..", 0,
	  "kinds of sequences, or all (default); each with fields of it changed, see below", 1 },
	{ "list-mixes", KEY_LIST_MIXES, NULL, 0,
	  "print each mix with all its fields, as --mix takes it, and end", 1 },
	{ "ops", KEY_OPS, "N", 0, "operations of a sequence (default 100000)", 1 },
	{ "no-blocks", KEY_NO_BLOCKS, NULL, 0, "only pages, not SUBMIT", 2 },
	{ "no-text", KEY_NO_TEXT, NULL, 0, "do not compare text files", 2 },
	{ "memory-blocks", KEY_MEMORY_BLOCKS, "N,..", 0,
	  "memory blocks of node 1 (default: from sysfs)", 2 },
	{ "movable-blocks", KEY_MOVABLE, "N", 0,
	  "the last N of each node become zone MOVABLE", 2 },
	{ "mirror-ko", KEY_MIRROR_KO, "FILE", 0, "load this mirror_mm.ko before", 3 },
	{ "driver-ko", KEY_DRIVER_KO, "FILE", 0, "and this conf_mirror.ko", 3 },
	{ "insmod-args", KEY_INSMOD_ARGS, "ARG", 0,
	  "argument of the mirror; may be given more than once", 3 },
	{ "driver-args", KEY_DRIVER_ARGS, "ARG", 0, "and of its driver", 3 },
	{ "faults", KEY_FAULTS, "NAME,..", 0, "mirrors of these policies have to be found", 3 },
	{ "replay", KEY_REPLAY, "FILE", 0, "run the list of this file instead", 4 },
	{ "save", KEY_SAVE, "FILE", 0,
	  "where a failing list goes (default: " DEFAULT_SAVE ")", 4 },
	{ "shrink-seconds", KEY_SHRINK, "N", 0,
	  "to shorten the first failing list (default 60; 0: do not)", 4 },
	{ "min-events", KEY_MIN_EVENTS, "N", 0,
	  "fail where a rule fired less often over the whole run", 5 },
	{ "except-events", KEY_EXCEPT_EVENTS, "NAME,..", 0, "but for these", 5 },
	{ "csv", KEY_CSV, "FILE", 0, "results for a program", 5 },
	{ "tap", KEY_TAP, NULL, 0, "test lines for a harness, too", 5 },
	{ }
};

/* What the options say about the sequences, before it becomes a plan. */
struct wish {
	struct options *o;
	uint64_t seed[256];
	unsigned int nr_seeds;
	bool first_seed;
	unsigned int sequences;
	const struct mix *mix[32];
	unsigned int nr_mixes;
	unsigned int nr_own;
};

static uint64_t take_number(struct argp_state *state, const char *text,
			    uint64_t least, uint64_t most)
{
	unsigned long long value;
	char *end;

	errno = 0;
	value = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || value < least ||
	    value > most)
		argp_error(state, "\"%s\" is no number from %llu to %llu", text,
			   (unsigned long long)least, (unsigned long long)most);
	return value;
}

static void take_seeds(struct wish *w, struct argp_state *state, char *text)
{
	char *save, *word;

	for (word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		if (w->nr_seeds == ARRAY_SIZE(w->seed))
			argp_error(state, "more than %zu seeds",
				   ARRAY_SIZE(w->seed));
		w->seed[w->nr_seeds++] = take_number(state, word, 0, UINT64_MAX);
	}
}

static void take_all_mixes(struct wish *w)
{
	unsigned int i;

	for (i = 0; i < nr_mixes; i++)
		if (!mixes[i].apart)
			w->mix[w->nr_mixes++] = &mixes[i];
}

/* Its name is short, as the table's column is. */
static const struct mix *own_mix(struct wish *w, struct argp_state *state,
				 const char *text)
{
	struct mix *mix = xcalloc(1, sizeof(*mix));
	char *error = mix_parse(mix, text);

	if (error)
		argp_error(state, "%s", error);
	mix->name = xformat("%s+%u", mix->name, ++w->nr_own);
	return mix;
}

static void take_mixes(struct wish *w, struct argp_state *state, char *text)
{
	const struct mix *mix;
	char *save, *word;

	w->nr_mixes = 0;
	w->nr_own = 0;
	for (word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		mix = mix_find(word);
		if (w->nr_mixes + nr_mixes > ARRAY_SIZE(w->mix))
			argp_error(state, "too many mixes");
		else if (!strcmp(word, "all"))
			take_all_mixes(w);
		else
			w->mix[w->nr_mixes++] = mix ? mix : own_mix(w, state, word);
	}
}

static void take_memory_blocks(struct argp_state *state, char *text)
{
	char *save, *word;

	for (word = strtok_r(text, ",", &save); word;
	     word = strtok_r(NULL, ",", &save)) {
		if (hotplug.nr[0] == ARRAY_SIZE(hotplug.block[0]))
			argp_error(state, "too many memory blocks");
		hotplug.block[0][hotplug.nr[0]++] =
			take_number(state, word, 0, UINT32_MAX);
	}
}

static void add_plan(struct options *o, uint64_t seed, const struct mix *mix)
{
	o->plan = xrealloc(o->plan, (o->nr_plans + 1) * sizeof(*o->plan));
	o->plan[o->nr_plans] = (struct plan) {
		.number = o->nr_plans + 1, .seed = seed, .mix = mix,
	};
	o->nr_plans++;
}

static uint64_t fresh_seed(void)
{
	uint64_t state = seconds_now() * 1e9;

	/* Short enough to be typed again. */
	return rng_next(&state) >> 24;
}

static void make_plan(struct wish *w)
{
	unsigned int i, k;

	if (!w->nr_mixes)
		take_all_mixes(w);
	if (w->nr_seeds && !w->first_seed) {
		for (i = 0; i < w->nr_seeds; i++)
			for (k = 0; k < w->nr_mixes; k++)
				add_plan(w->o, w->seed[i], w->mix[k]);
		return;
	}
	if (!w->nr_seeds)
		w->seed[0] = fresh_seed();
	if (!w->sequences)
		w->sequences = w->nr_mixes;
	for (i = 0; i < w->sequences; i++)
		add_plan(w->o, w->seed[0] + i, w->mix[i % w->nr_mixes]);
}

static void check(const struct wish *w, struct argp_state *state)
{
	const struct fault_plan *f = &w->o->faults;

	if (w->nr_seeds && !w->first_seed && w->sequences)
		argp_error(state, "--sequences goes with --seed, not with --seeds");
	if (!f->mirror_ko != !f->driver_ko)
		argp_error(state, "--mirror-ko and --driver-ko go together");
	if (f->names && !f->mirror_ko)
		argp_error(state, "--faults needs --mirror-ko, --driver-ko and --insmod-args");
	if (hotplug.movable && hotplug.nr[0] && hotplug.movable > hotplug.nr[0])
		argp_error(state, "only %u memory blocks", hotplug.nr[0]);
}

static error_t parse_switch(int key, struct options *o)
{
	switch (key) {
	case KEY_NO_BLOCKS:
		o->blocks = false;
		return 0;
	case KEY_NO_TEXT:
		o->text = false;
		return 0;
	case KEY_TAP:
		o->tap = true;
		return 0;
	case KEY_LIST_MIXES:
		mix_list(stdout);
		exit(EXIT_EQUAL);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_file(int key, char *arg, struct options *o)
{
	switch (key) {
	case KEY_MIRROR_KO:
		o->faults.mirror_ko = arg;
		return 0;
	case KEY_DRIVER_KO:
		o->faults.driver_ko = arg;
		return 0;
	case KEY_INSMOD_ARGS:
		o->faults.insmod_args = o->faults.insmod_args ?
			xformat("%s %s", o->faults.insmod_args, arg) : arg;
		return 0;
	case KEY_DRIVER_ARGS:
		o->faults.driver_args = arg;
		return 0;
	case KEY_FAULTS:
		o->faults.names = arg;
		return 0;
	case KEY_REPLAY:
		o->replay = arg;
		return 0;
	case KEY_SAVE:
		o->save = arg;
		return 0;
	case KEY_EXCEPT_EVENTS:
		o->except_events = arg;
		return 0;
	case KEY_CSV:
		o->csv = arg;
		return 0;
	default:
		return parse_switch(key, o);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct wish *w = state->input;

	switch (key) {
	case KEY_SEED:
		w->first_seed = true;
		w->nr_seeds = 1;
		w->seed[0] = take_number(state, arg, 0, UINT64_MAX);
		return 0;
	case KEY_SEEDS:
		take_seeds(w, state, arg);
		return 0;
	case KEY_SEQUENCES:
		w->sequences = take_number(state, arg, 1, 100000);
		return 0;
	case KEY_MIX:
		take_mixes(w, state, arg);
		return 0;
	case KEY_OPS:
		w->o->nr_ops = take_number(state, arg, 1, 50000000);
		return 0;
	case KEY_SHRINK:
		w->o->shrink_seconds = take_number(state, arg, 0, 86400);
		return 0;
	case KEY_MIN_EVENTS:
		w->o->min_events = take_number(state, arg, 0, UINT32_MAX);
		return 0;
	case KEY_MEMORY_BLOCKS:
		take_memory_blocks(state, arg);
		return 0;
	case KEY_MOVABLE:
		hotplug.movable = take_number(state, arg, 0, 63);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "unexpected argument \"%s\"", arg);
		return 0;
	case ARGP_KEY_END:
		check(w, state);
		return 0;
	default:
		return parse_file(key, arg, w->o);
	}
}

static const char doc[] =
	"Compares the page allocator of mirror_mm with the kernel's.\v ";

static const char exit_codes[] =
	"Exit code: 0 equal, 1 different or nothing compared, 2 wrong usage or\n"
	"set-up.";

static void explain_mixes(FILE *out)
{
	unsigned int i;

	fprintf(out, "Mixes:\n");
	for (i = 0; i < nr_mixes; i++)
		fprintf(out, "  %-9s %s%s\n", mixes[i].name, mixes[i].about,
			mixes[i].apart ? " (only when named)" : "");
	fprintf(out, "\nFields of a mix, as in --mix=full+comp=90+order=0/0/0/5+goal=900/1000\n"
		"(values left out of a list are 0; all others stay as in the mix):\n");
	mix_explain_fields(out);
}

static char *end_of_help(int key, const char *text, void *input)
{
	char *help = NULL;
	size_t len;
	FILE *out;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	out = open_memstream(&help, &len);
	if (!out)
		return (char *)text;
	explain_mixes(out);
	fprintf(out, "\n%s", exit_codes);
	fclose(out);
	return help;
}

void options_parse(struct options *o, int argc, char **argv)
{
	static const struct argp argp = {
		.options = option_list, .parser = parse,
		.doc = doc,
		.help_filter = end_of_help,
	};
	static struct wish w;

	*o = (struct options) {
		.nr_ops = 100000, .shrink_seconds = 60, .blocks = true,
		.text = true, .save = DEFAULT_SAVE,
	};
	w.o = o;
	argp_err_exit_status = EXIT_SETUP;
	if (argp_parse(&argp, argc, argv, 0, NULL, &w))
		exit(EXIT_SETUP);
	make_plan(&w);
}
