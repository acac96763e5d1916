/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tables whose columns are as wide as what stands in them.
 */
#ifndef MIRRORCTL_TABLE_H
#define MIRRORCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "mirrorctl.h"

/**
 * struct column - one column
 * @title: above it
 * @left: words stand to the left, numbers to the right
 */
struct column {
	const char *title;
	bool left;
};

/**
 * struct table - cells, row by row
 * @columns: what they are
 * @nr_columns: how many
 * @cells: texts, the titles first
 * @nr: how many
 * @out_of_memory: some cell is missing
 */
struct table {
	const struct column *columns;
	size_t nr_columns;
	char **cells;
	size_t nr;
	bool out_of_memory;
};

/**
 * table_open() - begin with a row of titles
 * @table: to be given to table_print(), which ends it
 * @columns: must stay until then
 * @nr: how many
 */
void table_open(struct table *table, const struct column *columns, size_t nr);

/**
 * table_add() - the next cell, to the right of the last or in a new row
 * @table: where
 * @fmt: as for printf()
 */
void table_add(struct table *table, const char *fmt, ...) __printf(2, 3);

/**
 * table_print() - print all rows, and drop them
 * @table: empty afterwards
 * @out: where to
 *
 * Return: 0, or -ENOMEM after saying so on stderr; then nothing was printed.
 */
int table_print(struct table *table, FILE *out);

#endif
