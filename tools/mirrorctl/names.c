// SPDX-License-Identifier: GPL-2.0
/*
 * What users write, as numbers: types, allocation flags, plain numbers.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mirrorctl.h"
#include "names.h"
#include "words.h"

static const char * const type_keys[MIRROR_MIGRATE_TYPES] = {
	[MIRROR_MIGRATE_UNMOVABLE] = "unmovable",
	[MIRROR_MIGRATE_MOVABLE] = "movable",
	[MIRROR_MIGRATE_RECLAIMABLE] = "reclaimable",
	[MIRROR_MIGRATE_HIGHATOMIC] = "highatomic",
	[MIRROR_MIGRATE_CMA] = "cma",
	[MIRROR_MIGRATE_ISOLATE] = "isolate",
};

/* Names for several bits at once; those of single ones are in words.c. */
static const struct word gfp_sets[] = {
#define MIRROR_GFP_SET_NAME(set) \
	{ #set, MIRROR_GFP_##set },
#include <linux/mirror_mm_names.h>
	{ "RECLAIM", __MIRROR_GFP_RECLAIM },
	{ 0 }
};

const char *key_of_type(unsigned int type)
{
	return type < MIRROR_MIGRATE_TYPES ? type_keys[type] : "?";
}

int type_from_name(const char *name)
{
	for (int type = 0; type < MIRROR_MIGRATE_TYPES; type++)
		if (!strcasecmp(words_type(type), name))
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

static bool find_word(const struct word *word, const char *name, __u32 *gfp)
{
	while (word->name && strcasecmp(word->name, name))
		word++;
	*gfp |= word->value;
	return word->name;
}

static bool gfp_word(const char *word, __u32 *gfp)
{
	const char *name = skip_prefix(word);
	unsigned long long number;

	if (find_word(gfp_sets, name, gfp) ||
	    find_word(words_gfp_bits, name, gfp))
		return true;
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

static size_t add_words(const struct word *word, const char **names, size_t nr,
			size_t max)
{
	for (; word->name && nr < max; word++)
		names[nr++] = word->name;
	return nr;
}

size_t gfp_names(const char **names, size_t max)
{
	size_t nr = add_words(gfp_sets, names, 0, max);

	return add_words(words_gfp_bits, names, nr, max);
}

size_t policy_names(const char **names, size_t max)
{
	size_t nr = 0;

	for (int mode = 0; mode < MIRROR_MPOL_MAX && nr < max; mode++)
		names[nr++] = words_policy(mode);
	return nr;
}

bool nodes_parse(const char *text, __u64 *mask)
{
	*mask = 0;
	for (;;) {
		size_t len = strcspn(text, ",");
		unsigned long long first, last;
		char word[24], *dash;

		if (len >= sizeof(word))
			return false;
		memcpy(word, text, len);
		word[len] = '\0';
		dash = strchr(word, '-');
		if (dash)
			*dash = '\0';
		if (!number_parse(word, 63, &first) ||
		    !number_parse(dash ? dash + 1 : word, 63, &last) ||
		    last < first)
			return false;
		for (; first <= last; first++)
			*mask |= 1ull << first;
		if (!text[len])
			return true;
		text += len + 1;
	}
}

static bool same_name(const char *name, const char *text)
{
	while (*name && (*name == *text || (*name == '-' && *text == '_'))) {
		name++;
		text++;
	}
	return *name == *text;
}

int policy_from_name(const char *name)
{
	for (int mode = 0; mode < MIRROR_MPOL_MAX; mode++)
		if (same_name(words_policy(mode), name))
			return mode;
	return -ENOENT;
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
