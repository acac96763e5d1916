/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mirrorctl alloc: what the command line asks for.
 */
#ifndef MIRRORCTL_ALLOC_H
#define MIRRORCTL_ALLOC_H

#include <linux/mirror_mm.h>

#include "mirrorctl.h"

/**
 * struct alloc_request - the arguments of "alloc"
 * @opts: what all commands share
 * @order: blocks of 2^order pages
 * @count: how many blocks
 * @type: migratetype, or -1 where only @gfp says
 * @gfp: MIRROR_GFP_*, with the bit for @type
 * @node: preferred node or MIRROR_MM_NODE_ANY
 * @nodes: set of nodes, bit by node, 0 for none given; with @policy its nodes,
 *	else those that the request may be served from
 * @policy: enum mirror_mpol_mode to set first, or negative
 * @hold: seconds to stay in the foreground, negative for a holder
 * @list: only list the holders
 */
struct alloc_request {
	struct options *opts;
	unsigned int order;
	unsigned int count;
	int type;
	__u32 gfp;
	int node;
	__u64 nodes;
	int policy;
	double hold;
	bool list;
};

/* Parser of "alloc"; its input is a struct alloc_request. */
extern const struct argp alloc_argp;

/**
 * alloc_type() - a mobility that a request can ask for
 * @text: its name
 *
 * Return: enum mirror_migratetype, or a negative number.
 */
int alloc_type(const char *text);

/**
 * alloc_refuse_size() - refuse a size in bytes, and say which order it is
 * @state: of "alloc"; the refusal ends the program
 * @option: where it stood
 * @text: the size
 */
void alloc_refuse_size(struct argp_state *state, const char *option,
		       const char *text);

/**
 * alloc_refuse_argument() - refuse what is no option, and say which it may be
 * @state: of "alloc"; the refusal ends the program
 * @text: the argument
 */
void alloc_refuse_argument(struct argp_state *state, const char *text);

#endif
