// SPDX-License-Identifier: GPL-2.0
/*
 * Words for the numbers of the device's protocol.
 */
#include "words.h"

static const char * const types[MIRROR_MIGRATE_TYPES] = {
	[MIRROR_MIGRATE_UNMOVABLE] = "Unmovable",
	[MIRROR_MIGRATE_MOVABLE] = "Movable",
	[MIRROR_MIGRATE_RECLAIMABLE] = "Reclaimable",
	[MIRROR_MIGRATE_HIGHATOMIC] = "HighAtomic",
	[MIRROR_MIGRATE_CMA] = "CMA",
	[MIRROR_MIGRATE_ISOLATE] = "Isolate",
};

static const char * const zones[MIRROR_MAX_NR_ZONES] = {
	[MIRROR_ZONE_DMA] = "DMA",
	[MIRROR_ZONE_DMA32] = "DMA32",
	[MIRROR_ZONE_NORMAL] = "Normal",
	[MIRROR_ZONE_HIGHMEM] = "HighMem",
	[MIRROR_ZONE_MOVABLE] = "Movable",
};

static const char * const policies[MIRROR_MPOL_MAX] = {
	[MIRROR_MPOL_DEFAULT] = "default",
	[MIRROR_MPOL_PREFERRED] = "preferred",
	[MIRROR_MPOL_BIND] = "bind",
	[MIRROR_MPOL_INTERLEAVE] = "interleave",
	[MIRROR_MPOL_LOCAL] = "local",
	[MIRROR_MPOL_PREFERRED_MANY] = "preferred-many",
	[MIRROR_MPOL_WEIGHTED_INTERLEAVE] = "weighted-interleave",
};

#define BIT_NAME(bit)	{ #bit, __MIRROR_GFP_##bit }

const struct word words_gfp_bits[] = {
	BIT_NAME(DMA),
	BIT_NAME(HIGHMEM),
	BIT_NAME(DMA32),
	BIT_NAME(MOVABLE),
	BIT_NAME(RECLAIMABLE),
	BIT_NAME(HIGH),
	BIT_NAME(IO),
	BIT_NAME(FS),
	BIT_NAME(ZERO),
	BIT_NAME(DIRECT_RECLAIM),
	BIT_NAME(KSWAPD_RECLAIM),
	BIT_NAME(WRITE),
	BIT_NAME(NOWARN),
	BIT_NAME(RETRY_MAYFAIL),
	BIT_NAME(NOFAIL),
	BIT_NAME(NORETRY),
	BIT_NAME(MEMALLOC),
	BIT_NAME(COMP),
	BIT_NAME(NOMEMALLOC),
	BIT_NAME(HARDWALL),
	BIT_NAME(THISNODE),
	{ 0 }
};

const char *words_type(unsigned int type)
{
	return type < MIRROR_MIGRATE_TYPES ? types[type] : "?";
}

const char *words_zone(unsigned int zone)
{
	return zone < MIRROR_MAX_NR_ZONES ? zones[zone] : "?";
}

const char *words_policy(unsigned int mode)
{
	return mode < MIRROR_MPOL_MAX ? policies[mode] : "?";
}
