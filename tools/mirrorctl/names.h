/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What users write, as numbers: types, allocation flags, plain numbers.
 */
#ifndef MIRRORCTL_NAMES_H
#define MIRRORCTL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/mirror_mm.h>

/* Largest node that an option takes; a request may name more than there are. */
#define NODE_MAX	1023

/**
 * key_of_type() - a migratetype as options and JSON name it: "unmovable"
 * @type: enum mirror_migratetype
 *
 * Return: its name, "?" for a number without one.
 */
const char *key_of_type(unsigned int type);

/**
 * type_from_name() - find a migratetype, in whatever case it is written
 * @name: "Movable", "movable", …
 *
 * Return: enum mirror_migratetype, or -ENOENT.
 */
int type_from_name(const char *name);

/**
 * type_from_gfp() - the mobility that allocation flags ask for
 * @gfp: MIRROR_GFP_*
 *
 * Return: MIRROR_MIGRATE_UNMOVABLE, _MOVABLE or _RECLAIMABLE.
 */
unsigned int type_from_gfp(__u32 gfp);

/**
 * gfp_of_type() - the gfp bit that asks for a mobility
 * @type: MIRROR_MIGRATE_UNMOVABLE, _MOVABLE or _RECLAIMABLE
 *
 * Return: the bit, 0 for unmovable, which is what no bit means.
 */
__u32 gfp_of_type(unsigned int type);

/**
 * gfp_parse() - flags from their names
 * @text: names separated by "|" or ","; each with or without its prefix
 *	(KERNEL, GFP_KERNEL, MIRROR_GFP_KERNEL, __GFP_ZERO), or a number
 * @gfp: answer
 * @bad: on failure the word that was not understood
 * @bad_len: size of @bad
 *
 * Return: true if all words were understood.
 */
bool gfp_parse(const char *text, __u32 *gfp, char *bad, size_t bad_len);

/**
 * gfp_names() - all names that gfp_parse() knows, without their prefixes
 * @names: answer
 * @max: how many fit
 *
 * Return: how many there are.
 */
size_t gfp_names(const char **names, size_t max);

/**
 * policy_names() - all names that policy_from_name() knows
 * @names: answer
 * @max: how many fit
 *
 * Return: how many there are.
 */
size_t policy_names(const char **names, size_t max);

/**
 * nodes_parse() - a set of nodes
 * @text: numbers and ranges separated by commas: "0-1,3"
 * @mask: answer: bit by node
 *
 * Return: true if @text is such a list, of nodes 0 to 63.
 */
bool nodes_parse(const char *text, __u64 *mask);

/**
 * policy_from_name() - find a memory policy
 * @name: "interleave", "preferred-many", …; an underscore does as well
 *
 * Return: enum mirror_mpol_mode, or -ENOENT.
 */
int policy_from_name(const char *name);

/**
 * number_parse() - an unsigned number that fills the whole text
 * @text: decimal, or hexadecimal behind 0x
 * @max: largest value that is accepted
 * @value: answer
 *
 * Return: true if @text is such a number.
 */
bool number_parse(const char *text, unsigned long long max,
		  unsigned long long *value);

#endif
