/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The complete state of the nodes, as words.
 */
#ifndef CONFORMANCE_STATE_H
#define CONFORMANCE_STATE_H

#include <stdio.h>

#include "record.h"

/* Pages from the first frame of the first node to the last of the last. */
uint32_t state_span(const struct words *state);
/* And how many pages there are, without the holes. */
uint32_t state_present(const struct words *state);
/* How many nodes. */
unsigned int state_nodes(const struct words *state);
/* How many CPUs. */
unsigned int state_cpus(const struct words *state);
/*
 * Prints the records that differ: fields by name, lists around the first entry
 * that differs. Returns how many records differ.
 */
unsigned int state_diff(FILE *out, const struct words *ref,
			const struct words *other, const char *other_name);
/*
 * The most telling of them in words, to the end of a sentence. The states were equal
 * before @op.
 */
void state_sentence(FILE *out, const struct conf_op *op, const struct words *ref,
		    const struct words *other, const char *other_name);

#endif /* CONFORMANCE_STATE_H */
