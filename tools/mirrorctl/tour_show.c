// SPDX-License-Identifier: GPL-2.0
/*
 * What "tour" prints of a step: what was done, what changed, and the sentence.
 */
#include <stdio.h>
#include <string.h>

#include "palette.h"
#include "tour.h"

#define WIDTH_MAX	78

void tour_wrap(FILE *out, const char *text, unsigned int width)
{
	unsigned int column = 0;

	if (width > WIDTH_MAX)
		width = WIDTH_MAX;
	while (*(text += strspn(text, " "))) {
		size_t len = strcspn(text, " ");

		if (column && column + 1 + len > width) {
			fputc('\n', out);
			column = 0;
		}
		fprintf(out, "%s%.*s", column ? " " : "  ", (int)len, text);
		column += (column ? 1 : 2) + len;
		text += len;
	}
	fputc('\n', out);
}

static void print_row(const struct tour *t, const struct tour_row *was,
		      const struct tour_row *is)
{
	const struct term *term = &t->term;
	const char *on = "", *off = "";
	long long change = is->value - was->value;

	if (change) {
		on = palette_on(term, is->type);
		off = palette_off(term);
	}
	printf("    %s%-32s %9llu", on, is->label, was->value);
	if (change)
		printf(" %9llu  %+lld", is->value, change);
	printf("%s\n", off);
}

/* A step that only looks has nothing to compare, so it shows what there is. */
static void print_rows(const struct tour *t, bool changes)
{
	struct tour_row was[TOUR_ROWS], is[TOUR_ROWS];
	size_t nr = tour_rows(t, &t->before, was), shown = 0;

	tour_rows(t, &t->after, is);
	for (size_t i = 0; i < nr; i++) {
		bool shows = changes ? was[i].value != is[i].value : is[i].value;

		if (!shows)
			continue;
		if (!shown++ && changes)
			printf("    %-32s %9s %9s\n", "", "before", "after");
		print_row(t, changes ? &was[i] : &is[i], &is[i]);
	}
	if (!shown)
		printf("    nothing changed\n");
}

static void keep_json(struct tour *t, const struct tour_step *step,
		      const char *sentence, bool expected)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "tour", json_object_new_string(t->name));
	json_object_object_add(obj, "step", json_object_new_int(t->number));
	json_object_object_add(obj, "title", json_object_new_string(step->title));
	json_object_object_add(obj, "done", json_object_new_string(t->done));
	json_object_object_add(obj, "before", tour_view_json(t, &t->before));
	json_object_object_add(obj, "after", tour_view_json(t, &t->after));
	json_object_object_add(obj, "sentence", json_object_new_string(sentence));
	json_object_object_add(obj, "expected", json_object_new_boolean(expected));
	json_object_array_add(t->steps, obj);
}

void tour_show_step(struct tour *t, const struct tour_step *step,
		    unsigned int of, const char *sentence, bool expected)
{
	t->surprises += !expected;
	t->steps_shown++;
	if (t->opts->json) {
		keep_json(t, step, sentence, expected);
		return;
	}
	printf("\n%s[%s %u/%u] %s%s\n", palette_bold(&t->term), t->name, t->number,
	       of, step->title, palette_off(&t->term));
	printf("  done: %s\n", t->done);
	print_rows(t, step->act);
	putchar('\n');
	tour_wrap(stdout, sentence, t->term.cols);
}

void tour_say_changes(const struct tour *t, FILE *out)
{
	struct tour_row was[TOUR_ROWS], is[TOUR_ROWS];
	size_t nr = tour_rows(t, &t->before, was), said = 0;

	tour_rows(t, &t->after, is);
	for (size_t i = 0; i < nr; i++)
		if (was[i].value != is[i].value)
			fprintf(out, "%s%s %llu to %llu", said++ ? "; " : "",
				is[i].label, was[i].value, is[i].value);
	fputs(said ? "." : "nothing changed.", out);
}

bool tour_surprise(const struct tour *t, FILE *out, const char *wanted)
{
	fprintf(out, "That went otherwise: %s was expected. Somebody else may\n"
		"be using the mirror, or a statistics tick came in between.\n"
		"What was seen: ",
		wanted);
	tour_say_changes(t, out);
	return false;
}
