/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The colour of each migratetype, on terminals and in the documentation's
 * pictures: Documentation/plot_buddy.py reads this list.
 */
#ifndef MIRRORCTL_PALETTE_H
#define MIRRORCTL_PALETTE_H

#include "term.h"

/* Red, green and blue. */
#define PALETTE_UNMOVABLE	0xb3402e
#define PALETTE_MOVABLE		0x2c6fae
#define PALETTE_RECLAIMABLE	0xd49a1f
#define PALETTE_HIGHATOMIC	0x8a4fa3
#define PALETTE_CMA		0x2a8c82
#define PALETTE_ISOLATE		0x6b8e3d

/**
 * palette_on() - the sequence that begins a type's colour
 * @term: how many colours it has
 * @type: enum mirror_migratetype; any other number stands for bold
 *
 * Return: a text that stays, empty where there are no colours.
 */
const char *palette_on(const struct term *term, int type);

/**
 * palette_bold() - the sequence that begins bold text
 * @term: where to
 *
 * Return: a text that stays, empty where there are no colours.
 */
const char *palette_bold(const struct term *term);

/**
 * palette_off() - the sequence that ends them
 * @term: where to
 *
 * Return: a text that stays, empty where there are no colours.
 */
const char *palette_off(const struct term *term);

#endif
