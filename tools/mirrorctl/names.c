// SPDX-License-Identifier: GPL-2.0
/*
 * Words for the numbers of the device's protocol, and numbers for words.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mirrorctl.h"
#include "names.h"

static const char * const type_names[MIRROR_MIGRATE_TYPES] = {
	[MIRROR_MIGRATE_UNMOVABLE] = "Unmovable",
	[MIRROR_MIGRATE_MOVABLE] = "Movable",
	[MIRROR_MIGRATE_RECLAIMABLE] = "Reclaimable",
	[MIRROR_MIGRATE_HIGHATOMIC] = "HighAtomic",
	[MIRROR_MIGRATE_CMA] = "CMA",
	[MIRROR_MIGRATE_ISOLATE] = "Isolate",
};

static const char * const type_keys[MIRROR_MIGRATE_TYPES] = {
	[MIRROR_MIGRATE_UNMOVABLE] = "unmovable",
	[MIRROR_MIGRATE_MOVABLE] = "movable",
	[MIRROR_MIGRATE_RECLAIMABLE] = "reclaimable",
	[MIRROR_MIGRATE_HIGHATOMIC] = "highatomic",
	[MIRROR_MIGRATE_CMA] = "cma",
	[MIRROR_MIGRATE_ISOLATE] = "isolate",
};

static const char * const zone_names[MIRROR_MAX_NR_ZONES] = {
	[MIRROR_ZONE_DMA] = "DMA",
	[MIRROR_ZONE_DMA32] = "DMA32",
	[MIRROR_ZONE_NORMAL] = "Normal",
	[MIRROR_ZONE_HIGHMEM] = "HighMem",
	[MIRROR_ZONE_MOVABLE] = "Movable",
};

struct gfp_name {
	const char *name;
	__u32 value;
};

#define GFP_BIT(bit)	{ #bit, __MIRROR_GFP_##bit }
#define GFP_SET(set)	{ #set, MIRROR_GFP_##set }

static const struct gfp_name gfp_names[] = {
	GFP_SET(ATOMIC),
	GFP_SET(KERNEL),
	GFP_SET(NOWAIT),
	GFP_SET(NOIO),
	GFP_SET(NOFS),
	GFP_SET(USER),
	GFP_SET(HIGHUSER),
	GFP_SET(HIGHUSER_MOVABLE),
	GFP_BIT(DMA),
	GFP_BIT(HIGHMEM),
	GFP_BIT(DMA32),
	GFP_BIT(MOVABLE),
	GFP_BIT(RECLAIMABLE),
	GFP_BIT(HIGH),
	GFP_BIT(IO),
	GFP_BIT(FS),
	GFP_BIT(ZERO),
	GFP_BIT(DIRECT_RECLAIM),
	GFP_BIT(KSWAPD_RECLAIM),
	GFP_BIT(RECLAIM),
	GFP_BIT(WRITE),
	GFP_BIT(NOWARN),
	GFP_BIT(RETRY_MAYFAIL),
	GFP_BIT(NOFAIL),
	GFP_BIT(NORETRY),
	GFP_BIT(MEMALLOC),
	GFP_BIT(COMP),
	GFP_BIT(NOMEMALLOC),
	GFP_BIT(HARDWALL),
	GFP_BIT(THISNODE),
};

const char *name_of_type(unsigned int type)
{
	return type < MIRROR_MIGRATE_TYPES ? type_names[type] : "?";
}

const char *key_of_type(unsigned int type)
{
	return type < MIRROR_MIGRATE_TYPES ? type_keys[type] : "?";
}

const char *name_of_zone(unsigned int zone)
{
	return zone < MIRROR_MAX_NR_ZONES ? zone_names[zone] : "?";
}

int type_from_name(const char *name)
{
	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		if (!strcasecmp(type_names[type], name))
			return type;
	return -ENOENT;
}

unsigned int type_from_gfp(__u32 gfp)
{
	if (gfp & __MIRROR_GFP_MOVABLE)
		return MIRROR_MIGRATE_MOVABLE;
	if (gfp & __MIRROR_GFP_RECLAIMABLE)
		return MIRROR_MIGRATE_RECLAIMABLE;
	return MIRROR_MIGRATE_UNMOVABLE;
}

__u32 gfp_of_type(unsigned int type)
{
	if (type == MIRROR_MIGRATE_MOVABLE)
		return __MIRROR_GFP_MOVABLE;
	if (type == MIRROR_MIGRATE_RECLAIMABLE)
		return __MIRROR_GFP_RECLAIMABLE;
	return 0;
}

static const char *skip_prefix(const char *word)
{
	static const char * const prefixes[] = { "__", "MIRROR_", "GFP_" };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (!strncasecmp(word, prefixes[i], strlen(prefixes[i])))
			word += strlen(prefixes[i]);
	return word;
}

static bool gfp_word(const char *word, __u32 *gfp)
{
	const char *name = skip_prefix(word);
	unsigned long long number;

	for (size_t i = 0; i < ARRAY_SIZE(gfp_names); i++) {
		if (!strcasecmp(gfp_names[i].name, name)) {
			*gfp |= gfp_names[i].value;
			return true;
		}
	}
	if (!number_parse(word, ~(__u32)0, &number))
		return false;
	*gfp |= number;
	return true;
}

bool gfp_parse(const char *text, __u32 *gfp, char *bad, size_t bad_len)
{
	*gfp = 0;
	for (;;) {
		size_t len = strcspn(text, "|,");
		char word[48];

		snprintf(word, sizeof(word), "%.*s", (int)len, text);
		if (!gfp_word(word, gfp)) {
			snprintf(bad, bad_len, "%s", word);
			return false;
		}
		if (!text[len])
			return true;
		text += len + 1;
	}
}

bool number_parse(const char *text, unsigned long long max,
		  unsigned long long *value)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;

	/* strtoull() would take signs, blanks and octal as well. */
	if (!isxdigit((unsigned char)text[hex ? 2 : 0]))
		return false;
	errno = 0;
	*value = strtoull(text, &end, hex ? 16 : 10);
	return !errno && end != text && !*end && *value <= max;
}
