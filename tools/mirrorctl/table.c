// SPDX-License-Identifier: GPL-2.0
/*
 * Tables whose columns are as wide as what stands in them.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "table.h"

void table_open(struct table *table, const struct column *columns, size_t nr)
{
	memset(table, 0, sizeof(*table));
	table->columns = columns;
	table->nr_columns = nr;
	for (size_t i = 0; i < nr; i++)
		table_add(table, "%s", columns[i].title);
}

void table_add(struct table *table, const char *fmt, ...)
{
	char **more = realloc(table->cells, (table->nr + 1) * sizeof(*more));
	va_list args;

	if (!more) {
		table->out_of_memory = true;
		return;
	}
	table->cells = more;
	va_start(args, fmt);
	if (vasprintf(&more[table->nr], fmt, args) < 0)
		table->out_of_memory = true;
	else
		table->nr++;
	va_end(args);
}

static int width_of(const struct table *table, size_t column)
{
	size_t width = 0;

	for (size_t i = column; i < table->nr; i += table->nr_columns)
		if (strlen(table->cells[i]) > width)
			width = strlen(table->cells[i]);
	return width;
}

/* No blanks at the end of a line. */
static void print_cell(const struct table *table, size_t i, FILE *out)
{
	size_t column = i % table->nr_columns;
	bool last = column + 1 == table->nr_columns;
	int width = width_of(table, column);

	if (table->columns[column].left)
		width = last ? 0 : -width;
	fprintf(out, "%s%*s%s", column ? "  " : "", width, table->cells[i],
		last ? "\n" : "");
}

int table_print(struct table *table, FILE *out)
{
	bool good = !table->out_of_memory;

	for (size_t i = 0; good && i < table->nr; i++)
		print_cell(table, i, out);
	for (size_t i = 0; i < table->nr; i++)
		free(table->cells[i]);
	free(table->cells);
	memset(table, 0, sizeof(*table));
	if (!good)
		out_error("out of memory");
	return good ? 0 : -ENOMEM;
}
