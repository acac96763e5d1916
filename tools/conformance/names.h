/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Operations, results and counters in words.
 */
#ifndef CONFORMANCE_NAMES_H
#define CONFORMANCE_NAMES_H

#include <stddef.h>

#include "record.h"

#define OP_TEXT	256

/* One line that op_parse() takes back, without its end. */
const char *op_text(const struct conf_op *op, char *text, size_t len);
/* NULL, or what is wrong with the line; static storage. Changes @line. */
const char *op_parse(char *line, struct conf_op *op);
const char *result_text(uint32_t word, char *text, size_t len);

const char *zone_name(unsigned int type);
const char *type_name(unsigned int type);
const char *zone_field_name(unsigned int field);
const char *stat_field_name(unsigned int field);
const char *pcp_field_name(unsigned int field);
const char *event_name(unsigned int event);
const char *tunable_name(unsigned int tunable);
const char *difference_name(enum difference_kind kind);

/* How a target says in a result word that a call failed with an errno. */
#define RESULT_ERROR	0xffff0000u
#define RESULT_IS_ERROR(word) \
	((word) >= RESULT_ERROR && (word) < CONF_SKIPPED)

#endif /* CONFORMANCE_NAMES_H */
