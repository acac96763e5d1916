/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the texts of debugfs say, as numbers.
 */
#ifndef MIRRORCTL_SNAPSHOT_H
#define MIRRORCTL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/mirror_mm.h>

#include "mirrorctl.h"

#define SNAPSHOT_ORDERS	32
/* More than any kernel has; for the protection of a zone. */
#define SNAPSHOT_ZONES	8

/* Which lines about a zone were found in zoneinfo. */
enum snapshot_field {
	SNAPSHOT_BOOST = 1 << 0,
	SNAPSHOT_MIN = 1 << 1,
	SNAPSHOT_LOW = 1 << 2,
	SNAPSHOT_HIGH = 1 << 3,
	SNAPSHOT_PROMO = 1 << 4,
	SNAPSHOT_SPANNED = 1 << 5,
	SNAPSHOT_PRESENT = 1 << 6,
	SNAPSHOT_MANAGED = 1 << 7,
	SNAPSHOT_START = 1 << 8,
	SNAPSHOT_FREE = 1 << 9,
	SNAPSHOT_PROTECTION = 1 << 10,
};

/**
 * struct zone_snapshot - one zone at one moment
 * @node: number of its node
 * @name: as printed: "Normal"
 * @nr_orders: orders in the files, 0 where no file with orders names the zone
 * @free: from buddyinfo: free blocks of each order
 * @typed: from pagetypeinfo: free blocks of each migratetype and order
 * @capped: the file stopped counting at some of @typed (it prints ">100000")
 * @pageblocks: from pagetypeinfo: pageblocks of each migratetype
 * @nr_free: from zoneinfo, like all below: pages on the free lists
 * @boost: watermarks, in pages
 * @min: likewise
 * @low: likewise
 * @high: likewise
 * @promo: likewise
 * @spanned: pages from the first to the last, holes included
 * @present: pages that are there
 * @managed: pages that the allocator manages
 * @start_pfn: first page frame
 * @pcp: pages on per-CPU lists
 * @protection: pages kept from requests that could use a higher zone, by the
 *	place of that zone in the node
 * @nr_protection: entries of it
 * @seen: SNAPSHOT_* of what zoneinfo said
 */
struct zone_snapshot {
	int node;
	char name[16];
	unsigned int nr_orders;
	unsigned long long free[SNAPSHOT_ORDERS];
	unsigned long long typed[MIRROR_MIGRATE_TYPES][SNAPSHOT_ORDERS];
	bool capped;
	unsigned long long pageblocks[MIRROR_MIGRATE_TYPES];
	unsigned long long nr_free;
	unsigned long long boost;
	unsigned long long min;
	unsigned long long low;
	unsigned long long high;
	unsigned long long promo;
	unsigned long long spanned;
	unsigned long long present;
	unsigned long long managed;
	unsigned long long start_pfn;
	unsigned long long pcp;
	unsigned long long protection[SNAPSHOT_ZONES];
	unsigned int nr_protection;
	unsigned int seen;
};

/**
 * struct snapshot - all zones at one moment
 * @zones: in the order in which the files name them
 * @nr: how many
 * @have_zoneinfo: what comes from zoneinfo is known
 * @types: bit for each migratetype that pagetypeinfo prints
 */
struct snapshot {
	struct zone_snapshot *zones;
	size_t nr;
	bool have_zoneinfo;
	unsigned int types;
};

/*
 * Each of these takes the whole text of a file and adds what it says to @snap.
 * Return: 0, -ENOMEM, or minus the number of the line plus SNAPSHOT_BAD_LINE
 * where a line is not what the file's format has.
 */
#define SNAPSHOT_BAD_LINE	100000

int snapshot_parse_buddyinfo(struct snapshot *snap, const char *text);
int snapshot_parse_pagetypeinfo(struct snapshot *snap, const char *text);
int snapshot_parse_zoneinfo(struct snapshot *snap, const char *text);

/**
 * snapshot_explain() - say on stderr what a parser has found wrong
 * @name: of the file
 * @err: what the parser returned; nothing is said about 0
 */
void snapshot_explain(const char *name, int err);

enum snapshot_file {
	SNAPSHOT_BUDDYINFO = 1,
	SNAPSHOT_PAGETYPEINFO = 2,
	SNAPSHOT_ZONEINFO = 4,
};

/**
 * snapshot_read() - read and parse files of debugfs
 * @opts: names the folder
 * @files: SNAPSHOT_*; zoneinfo is left out silently where it cannot be read
 * @snap: answer, to be given to snapshot_free()
 *
 * Return: 0, or a negative number after saying on stderr what is wrong.
 */
int snapshot_read(const struct options *opts, unsigned int files,
		  struct snapshot *snap);

/**
 * snapshot_free() - drop what a snapshot holds
 * @snap: empty afterwards
 */
void snapshot_free(struct snapshot *snap);

/**
 * snapshot_zone() - find a zone
 * @snap: where
 * @node: number of the node
 * @name: as printed
 *
 * Return: the zone, or NULL.
 */
struct zone_snapshot *snapshot_zone(const struct snapshot *snap, int node,
				    const char *name);

#endif
