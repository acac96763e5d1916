/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes a list while it runs on the reference.
 */
#ifndef CONFORMANCE_GENERATE_H
#define CONFORMANCE_GENERATE_H

#include "mixes.h"
#include "record.h"

/* The same seed, mix and number give the same list on the same kernel. */
void generate(struct record *r, struct target *ref, const struct mix *mix,
	      uint64_t seed, unsigned int nr_ops);

#endif /* CONFORMANCE_GENERATE_H */
