/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Words for the numbers of the device's protocol: one table for each, for all
 * programs here. Needs nothing but the protocol.
 */
#ifndef MIRROR_WORDS_H
#define MIRROR_WORDS_H

#include <linux/mirror_mm.h>

/**
 * struct word - a number that has a name
 * @name: without its prefix
 * @value: the number
 */
struct word {
	const char *name;
	__u32 value;
};

/* Each gfp bit by its name without prefix, in ascending order; NULL ends it. */
extern const struct word words_gfp_bits[];

/**
 * words_type() - a migratetype as debugfs prints it: "Unmovable"
 * @type: enum mirror_migratetype
 *
 * Return: its name, "?" for a number without one.
 */
const char *words_type(unsigned int type);

/**
 * words_zone() - a zone as debugfs prints it: "Normal"
 * @zone: enum mirror_zone_type
 *
 * Return: its name, "?" for a number without one.
 */
const char *words_zone(unsigned int zone);

/**
 * words_policy() - a memory policy: "preferred-many"
 * @mode: enum mirror_mpol_mode
 *
 * Return: its name, "?" for a number without one.
 */
const char *words_policy(unsigned int mode);

#endif
