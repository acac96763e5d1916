// SPDX-License-Identifier: GPL-2.0
/*
 * mirrorctl free: ask holders to give blocks back.
 *
 * All ids are looked up before the first is freed, so a mistyped one changes
 * nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "holder.h"
#include "mirrorctl.h"
#include "names.h"
#include "output.h"
#include "rundir.h"

enum {
	OPT_HOLDER = 0x300,
	OPT_ALL,
};

/**
 * struct release - one run of "free"
 * @opts: what all commands share
 * @ids: from the command line
 * @nr_ids: how many
 * @holder: number of the only holder to ask, 0 for any
 * @all: everything
 * @freed: for JSON: ids that are free now
 * @failed: for JSON: ids that are not, and why
 * @ended: for JSON: holders that hold nothing any more
 */
struct release {
	struct options *opts;
	unsigned long long *ids;
	size_t nr_ids;
	unsigned int holder;
	bool all;
	struct json_object *freed;
	struct json_object *failed;
	struct json_object *ended;
};

static const char doc[] =
	"Give blocks back that \"mirrorctl alloc\" has left with a holder." DOC_DETAILS
	"A holder that holds nothing any more ends by itself. \"mirrorctl alloc\n"
	"--list\" shows what is held and by whom.\n"
	"\n"
	"Examples:\n"
	"  mirrorctl free 0x100000003\n"
	"  mirrorctl free --holder h1\n"
	"  mirrorctl free --all";

static const struct argp_option option_list[] = {
	{ "holder", OPT_HOLDER, "hN", 0,
	  "All blocks of this holder, or only the IDs given with it", 0 },
	{ "all", OPT_ALL, NULL, 0, "All blocks of all holders", 0 },
	{ 0 }
};

/* Words that say what is meant, but not as an option. */
static void refuse_word(struct argp_state *state, const char *text)
{
	unsigned int number;

	if (handle_parse(text, &number) && number)
		argp_error(state, "\"%s\" is a holder, not an ID: mirrorctl free --holder %s",
			   text, text);
	if (!strcasecmp(text, "all"))
		argp_error(state, "\"%s\" is not an ID: mirrorctl free --all",
			   text);
}

static void take_holder(struct argp_state *state, struct release *rel,
			const char *text)
{
	unsigned long long number;

	if (handle_parse(text, &rel->holder) && rel->holder)
		return;
	if (number_parse(text, HANDLE_MAX, &number) && number)
		argp_error(state,
			   "--holder is h1, h2, ..., not \"%s\"; did you mean --holder h%llu?",
			   text, number);
	argp_error(state,
		   "--holder is h1, h2, ..., not \"%s\"; \"mirrorctl alloc --list\" shows those there are",
		   text);
}

static void take_id(struct argp_state *state, struct release *rel,
		    const char *text)
{
	unsigned long long id, *more;

	refuse_word(state, text);
	if (!number_parse(text, ~0ull, &id))
		argp_error(state,
			   "an ID is a number such as 0x12, not \"%s\"; \"mirrorctl alloc --list\" shows those there are",
			   text);
	for (size_t i = 0; i < rel->nr_ids; i++)
		if (rel->ids[i] == id)
			argp_error(state, "ID %#llx is named twice", id);
	more = realloc(rel->ids, (rel->nr_ids + 1) * sizeof(id));
	if (!more)
		argp_failure(state, EXIT_FAILED, 0, "out of memory");
	more[rel->nr_ids++] = id;
	rel->ids = more;
}

static void finish_args(struct argp_state *state, const struct release *rel)
{
	if (!rel->all && !rel->holder && !rel->nr_ids)
		argp_error(state, "say what: ID..., --holder hN or --all");
	if (rel->all && (rel->holder || rel->nr_ids))
		argp_error(state, "--all goes without IDs and --holder");
}

static error_t parse_free(int key, char *arg, struct argp_state *state)
{
	struct release *rel = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = rel->opts;
		return 0;
	case OPT_HOLDER:
		take_holder(state, rel, arg);
		return 0;
	case OPT_ALL:
		rel->all = true;
		return 0;
	case ARGP_KEY_ARG:
		take_id(state, rel, arg);
		return 0;
	case ARGP_KEY_END:
		finish_args(state, rel);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp free_argp = {
	.options = option_list,
	.parser = parse_free,
	.args_doc = "ID...\n--holder hN [ID...]\n--all",
	.doc = doc,
	.children = options_children,
};

static bool holds(const struct holder *h, unsigned long long id)
{
	for (size_t i = 0; i < h->nr; i++)
		if (h->blocks[i].id == id)
			return true;
	return false;
}

static bool is_meant(const struct release *rel, const struct holder *h)
{
	return !rel->holder || rel->holder == h->number;
}

/* Each id must be with exactly one of the holders that are meant. */
static bool check_id(const struct release *rel, unsigned long long id,
		     const struct holder *holders, int nr)
{
	int found = 0;

	for (int i = 0; i < nr; i++)
		found += is_meant(rel, &holders[i]) && holds(&holders[i], id);
	if (found == 1)
		return true;
	if (found)
		out_error("ID %#llx is with %d holders: say which by --holder",
			  id, found);
	else if (rel->holder)
		out_error("holder h%u holds no block %#llx", rel->holder, id);
	else
		out_error("no holder holds a block %#llx", id);
	return false;
}

static bool check_all(const struct release *rel, const struct holder *holders,
		      int nr)
{
	bool found = !rel->holder;
	bool good = true;

	for (int i = 0; i < nr; i++)
		found |= is_meant(rel, &holders[i]);
	if (!found) {
		out_error("there is no holder h%u", rel->holder);
		good = false;
	}
	for (size_t i = 0; found && i < rel->nr_ids; i++)
		good &= check_id(rel, rel->ids[i], holders, nr);
	if (!good) {
		out_hint("Nothing was freed. \"mirrorctl alloc --list\" shows");
		out_hint("what is held; a program's own blocks only it can free.");
	}
	return good;
}

static struct json_object *request_for(const struct release *rel,
				       const struct holder *h)
{
	struct json_object *request = json_object_new_object();
	struct json_object *ids;

	json_object_object_add(request, "op", json_object_new_string("free"));
	if (!rel->nr_ids)
		return request;
	ids = json_object_new_array();
	for (size_t i = 0; i < rel->nr_ids; i++)
		if (holds(h, rel->ids[i]))
			json_object_array_add(ids, out_json_hex(rel->ids[i]));
	json_object_object_add(request, "ids", ids);
	return request;
}

static void report_list(const struct release *rel, struct json_object *list,
			struct json_object *all, unsigned int number)
{
	bool bad = all == rel->failed;

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		struct json_object *id = bad ? json_object_object_get(item, "id")
					     : item;

		json_object_array_add(all, json_object_get(item));
		if (bad)
			out_error("h%u cannot free %s: %s", number,
				  json_object_get_string(id),
				  json_object_get_string(json_object_object_get(item,
										"error")));
		else if (!rel->opts->json)
			printf("h%u freed %s\n", number,
			       json_object_get_string(id));
	}
}

static bool ask_holder(const struct release *rel, const struct holder *h)
{
	struct json_object *request = request_for(rel, h);
	struct json_object *reply = NULL;
	char handle[16];
	int err;

	snprintf(handle, sizeof(handle), "h%u", h->number);
	err = holder_ask(h->number, request, &reply);
	json_object_put(request);
	if (err) {
		out_error("holder %s did not answer: %s", handle, strerror(-err));
		return false;
	}
	report_list(rel, json_object_object_get(reply, "freed"), rel->freed,
		    h->number);
	report_list(rel, json_object_object_get(reply, "failed"), rel->failed,
		    h->number);
	if (!json_object_get_int64(json_object_object_get(reply, "left"))) {
		json_object_array_add(rel->ended,
				      json_object_new_string(handle));
		if (!rel->opts->json)
			printf("%s holds nothing more and has ended\n", handle);
	}
	json_object_put(reply);
	return true;
}

static bool concerns(const struct release *rel, const struct holder *h)
{
	if (!is_meant(rel, h))
		return false;
	for (size_t i = 0; i < rel->nr_ids; i++)
		if (holds(h, rel->ids[i]))
			return true;
	return !rel->nr_ids;
}

static int release_blocks(struct release *rel)
{
	struct holder *holders;
	int nr = holder_list(&holders);
	bool good;

	if (nr < 0)
		return EXIT_FAILED;
	good = check_all(rel, holders, nr);
	for (int i = 0, go = good; go && i < nr; i++)
		if (concerns(rel, &holders[i]))
			good &= ask_holder(rel, &holders[i]);
	holder_list_free(holders, nr);
	if (!nr && rel->all && !rel->opts->json)
		puts("No holder: there was nothing to free.");
	good &= !json_object_array_length(rel->failed);
	return good ? EXIT_OK : EXIT_FAILED;
}

int cmd_free(struct options *opts, int argc, char **argv)
{
	struct release rel = { .opts = opts };
	struct json_object *result;
	int ret;

	if (args_parse(&free_argp, argc, argv, 0, &rel))
		return EXIT_FAILED;
	result = json_object_new_object();
	rel.freed = json_object_new_array();
	rel.failed = json_object_new_array();
	rel.ended = json_object_new_array();
	json_object_object_add(result, "freed", rel.freed);
	json_object_object_add(result, "failed", rel.failed);
	json_object_object_add(result, "ended", rel.ended);

	ret = release_blocks(&rel);
	free(rel.ids);
	if (opts->json)
		out_json(result, JSON_C_TO_STRING_PRETTY);
	else
		json_object_put(result);
	return out_flush() ? EXIT_FAILED : ret;
}
