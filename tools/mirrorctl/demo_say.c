// SPDX-License-Identifier: GPL-2.0
/*
 * What "demo" tells: steps, failures, gaps, and the verdict.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "block.h"
#include "demo.h"
#include "output.h"

#define STEPS	8

void demo_step(struct demo *d, const char *title)
{
	d->steps++;
	if (!d->opts->json)
		printf("\n[%u/%d] %s\n", d->steps, STEPS, title);
}

void demo_say(struct demo *d, const char *fmt, ...)
{
	va_list args;

	if (d->opts->json)
		return;
	fputs("  ", stdout);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
}

static bool is_noted(struct json_object *list, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (!strcmp(json_object_get_string(json_object_array_get_idx(list, i)),
			    text))
			return true;
	return false;
}

/* What is met in several steps is told each time, but listed once. */
static void note(struct demo *d, struct json_object *list, const char *what,
		 const char *fmt, va_list args)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, args);
	if (!is_noted(list, text))
		json_object_array_add(list, json_object_new_string(text));
	demo_say(d, "%s: %s", what, text);
}

void demo_fail(struct demo *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(d, d->failures, "FAILED", fmt, args);
	va_end(args);
}

void demo_unverified(struct demo *d, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	note(d, d->unverified, "NOT VERIFIED", fmt, args);
	va_end(args);
}

void demo_text(struct demo *d, const char *name, const char *text)
{
	if (d->opts->json)
		return;
	printf("\n  %s:\n", name);
	while (*text) {
		size_t len = strcspn(text, "\n");

		printf("    %.*s\n", (int)len, text);
		text += len;
		text += *text == '\n';
	}
}

static struct json_object *summary(const struct demo *d, bool good)
{
	struct json_object *obj = json_object_new_object();
	struct json_object *blocks = json_object_new_array();

	for (unsigned int i = 0; i < d->nr; i++) {
		struct json_object *block = block_to_json(&d->blocks[i].alloc);

		json_object_object_add(block, "verified",
				       json_object_new_boolean(!d->blocks[i].bad));
		json_object_array_add(blocks, block);
	}
	json_object_object_add(obj, "ok", json_object_new_boolean(good));
	json_object_object_add(obj, "blocks", blocks);
	json_object_object_add(obj, "skipped", json_object_new_int(d->skipped));
	json_object_object_add(obj, "failures", json_object_get(d->failures));
	json_object_object_add(obj, "unverified",
			       json_object_get(d->unverified));
	return obj;
}

static void print_verdict(const struct demo *d)
{
	size_t failed = json_object_array_length(d->failures);
	size_t gaps = json_object_array_length(d->unverified);

	putchar('\n');
	for (size_t i = 0; i < failed; i++)
		printf("demo: FAILED: %s\n",
		       json_object_get_string(json_object_array_get_idx(d->failures,
									i)));
	for (size_t i = 0; i < gaps; i++)
		printf("demo: not verified: %s\n",
		       json_object_get_string(json_object_array_get_idx(d->unverified,
									i)));
	if (d->skipped)
		printf("demo: %u blocks did not fit into this small mirror\n",
		       d->skipped);
	if (failed)
		printf("demo: FAILED, %zu fault%s\n", failed,
		       failed == 1 ? "" : "s");
	else if (gaps)
		printf("demo: nothing found wrong with %u blocks, but not all could be verified\n",
		       d->nr);
	else
		printf("demo: all %u blocks verified, everything merged back\n",
		       d->nr);
}

int demo_verdict(struct demo *d)
{
	bool good = !json_object_array_length(d->failures);

	if (d->opts->json)
		out_json(summary(d, good), JSON_C_TO_STRING_PRETTY);
	else
		print_verdict(d);
	return good && !out_flush() ? EXIT_OK : EXIT_FAILED;
}
