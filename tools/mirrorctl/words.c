// SPDX-License-Identifier: GPL-2.0
/*
 * Words for the numbers of the device's protocol.
 */
#include "words.h"

static const char * const types[MIRROR_MIGRATE_TYPES] = {
#define MIRROR_MIGRATETYPE_NAME(name, text) \
	[MIRROR_MIGRATE_##name] = text,
#include <linux/mirror_mm_names.h>
};

static const char * const zones[MIRROR_MAX_NR_ZONES] = {
#define MIRROR_ZONE_NAME(name, text) \
	[MIRROR_ZONE_##name] = text,
#include <linux/mirror_mm_names.h>
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

const struct word words_gfp_bits[] = {
#define MIRROR_GFP_BIT_NAME(bit) \
	{ #bit, __MIRROR_GFP_##bit },
#include <linux/mirror_mm_names.h>
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
