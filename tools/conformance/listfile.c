// SPDX-License-Identifier: GPL-2.0
/*
 * Lists as text: one operation a line, '#' starts a comment, and a line
 * "may_sleep" says that the segments run in process context.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "pair.h"
#include "util.h"

static const char may_sleep[] = "may_sleep";

void list_print(FILE *out, const struct list *list, unsigned int last)
{
	unsigned int i = list->nr > last ? list->nr - last : 0;
	char text[OP_TEXT];

	if (list->run_flags & CONF_RUN_MAY_SLEEP)
		fprintf(out, "%s\n", may_sleep);
	if (i)
		fprintf(out, "# %u operations, then:\n", i);
	for (; i < list->nr; i++)
		fprintf(out, "%s\n", op_text(&list->op[i], text, sizeof(text)));
}

void list_save(const struct list *list, const char *path, const char *title)
{
	FILE *file = fopen(path, "w");

	if (!file)
		die("cannot write %s: %s", path, strerror(errno));
	fprintf(file, "# %s\n# run it again: make conformance REPLAY=this-file\n", title);
	list_print(file, list, list->nr);
	if (fclose(file))
		die("cannot write %s: %s", path, strerror(errno));
}

static const char *load_line(struct list *list, char *line)
{
	struct conf_op op;
	const char *wrong;

	line[strcspn(line, "#\n")] = '\0';
	if (!line[strspn(line, " \t")])
		return NULL;
	if (!strcmp(line, may_sleep)) {
		list->run_flags |= CONF_RUN_MAY_SLEEP;
		return NULL;
	}
	wrong = op_parse(line, &op);
	if (!wrong)
		list_append(list, &op, 1);
	return wrong;
}

void list_load(struct list *list, const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned int number = 0;
	const char *wrong;
	char *line = NULL;
	size_t room = 0;

	if (!file)
		die("cannot read %s: %s", path, strerror(errno));
	memset(list, 0, sizeof(*list));
	while (getline(&line, &room, file) >= 0) {
		number++;
		wrong = load_line(list, line);
		if (wrong)
			die("%s:%u: %s", path, number, wrong);
	}
	free(line);
	fclose(file);
}
