/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A list as blocks of /dev/mirror_mm.
 */
#ifndef CONFORMANCE_BLOCKS_H
#define CONFORMANCE_BLOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol.h"

struct blocks;

struct blocks *blocks_new(void);
void blocks_free(struct blocks *b);
/* Opens the device; nothing is held. 0 or minus an errno. */
int blocks_begin(struct blocks *b);
/* Gives all blocks back, by closing the device. */
void blocks_let_go(struct blocks *b);
/* One word for each operation; only what blocks_can() says. */
int blocks_run(struct blocks *b, const struct conf_op *op, unsigned int nr,
	       uint32_t *word);
bool blocks_can(const struct conf_op *op);
/* Where they are asked for now. */
unsigned int blocks_cpu(const struct blocks *b);

#endif /* CONFORMANCE_BLOCKS_H */
