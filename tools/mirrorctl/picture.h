/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Free memory as a picture: one bar for each order, stacked by migratetype.
 */
#ifndef MIRRORCTL_PICTURE_H
#define MIRRORCTL_PICTURE_H

#include <stdio.h>

#include "snapshot.h"
#include "term.h"

/**
 * struct picture - what one frame shows: the zones of a snapshot, added up
 * @zones: how many were added up
 * @label: their names
 * @nr_orders: rows
 * @blocks: free blocks of each order
 * @typed: free blocks of each migratetype and order
 * @pageblocks: of each migratetype
 * @types: bit for each migratetype that the file prints
 * @capped: counts end at what the file counts to
 * @total: free pages
 * @listed: pages on per-CPU lists
 * @boost: what is on top of the watermarks of all zones together
 * @scale: pages at which a bar is as long as it gets
 */
struct picture {
	unsigned int zones;
	char label[64];
	unsigned int nr_orders;
	unsigned long long blocks[SNAPSHOT_ORDERS];
	unsigned long long typed[MIRROR_MIGRATE_TYPES][SNAPSHOT_ORDERS];
	unsigned long long pageblocks[MIRROR_MIGRATE_TYPES];
	unsigned int types;
	bool capped;
	unsigned long long total;
	unsigned long long listed;
	unsigned long long boost;
	unsigned long long scale;
};

/**
 * struct picture_choice - what the user wants to see
 * @node: only this node, or negative
 * @zone: only zones of this name, or NULL
 * @linear: bars in proportion to pages, not to their logarithm
 */
struct picture_choice {
	int node;
	const char *zone;
	bool linear;
};

/**
 * picture_shows() - is a zone in the picture
 * @choice: what the user wants to see
 * @zone: the zone
 *
 * Return: true if it is; never for zones that have no memory.
 */
bool picture_shows(const struct picture_choice *choice,
		   const struct zone_snapshot *zone);

/**
 * picture_make() - add up the zones that are to be shown
 * @pic: answer
 * @snap: with buddyinfo and pagetypeinfo
 * @choice: which
 *
 * Return: false if no zone is left.
 */
bool picture_make(struct picture *pic, const struct snapshot *snap,
		  const struct picture_choice *choice);

/**
 * struct picture_frame - all that one frame is drawn from
 * @term: its width and abilities
 * @pic: what
 * @before: the frame before, to show what changed, or NULL
 * @snap: that @pic was made of, for watermarks
 * @choice: likewise
 * @line: a line below the first one, with its end
 */
struct picture_frame {
	const struct term *term;
	const struct picture *pic;
	const struct picture *before;
	const struct snapshot *snap;
	const struct picture_choice *choice;
	const char *line;
};

/**
 * picture_draw() - write one frame
 * @out: where to
 * @frame: what
 */
void picture_draw(FILE *out, const struct picture_frame *frame);

#endif
