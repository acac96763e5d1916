// SPDX-License-Identifier: GPL-2.0
/*
 * What people write: region=, cma= and zones=.
 *
 *   region=256M@4G,128M@0x180000000:1     size@start, optional node
 *   region=test:1T,test:64G:1             size alone: no memory behind it
 *   cma=128M,64M:1                        size, optional node
 *   zones=DMA:16M,NORMAL:128M,MOVABLE     name:size; one may go without a size
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/err.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include "region.h"

static const char too_many[] =
	"more than " __stringify(MIRROR_MAX_CLAIMS) " ranges; give fewer, larger ones";

static const char *add_span(struct mirror_spans *spans, u64 start, u64 size,
			    int nid)
{
	if (spans->nr == MIRROR_MAX_CLAIMS)
		return too_many;
	spans->span[spans->nr++] = (struct mirror_span){ start, size, nid };
	return NULL;
}

/* region= -------------------------------------------------------------------- */

static int bad_region(const char *text, const char *why)
{
	pr_err("region=%s: cannot be read: %s; write size@start[:node], as in region=256M@4G, or test:size[:node], several separated by commas, or region=auto\n",
	       text, why);
	return -EINVAL;
}

/* The '@' and the address behind it. */
static const char *read_start(const char **at, u64 *start)
{
	if (**at == '$')
		return "'$' is for the kernel's memmap=, region= has '@' there";
	if (**at != '@')
		return "a size without '@' and the address that it starts at";
	++*at;
	return mirror_read_size(at, start);
}

/* One of region='s entries; the start of a test: entry is not the user's to say. */
static const char *read_entry(const char **at, struct mirror_spans *spans,
			      struct mirror_spans *bare)
{
	static const char test[] = "test:";
	bool is_bare = !strncasecmp(*at, test, strlen(test));
	struct mirror_span s = { .start = 0 };
	const char *why;

	if (!strncasecmp(*at, "auto", 4))
		return "auto stands alone, it means all that memmap= reserved";
	if (is_bare)
		*at += strlen(test);
	why = mirror_read_size(at, &s.size);
	if (!why && !is_bare)
		why = read_start(at, &s.start);
	if (!why)
		why = mirror_read_node(at, &s.nid);
	if (!why && spans->nr + bare->nr == MIRROR_MAX_CLAIMS)
		why = too_many;
	return why ?: add_span(is_bare ? bare : spans, s.start, s.size, s.nid);
}

/**
 * mirror_parse_region - the region= parameter
 * @text: its value, not "auto"
 * @spans: the ranges of memory it names, in their order
 * @bare: those without memory, test:, with their sizes and nodes only
 *
 * Context: Process context.
 * Return: 0, or -EINVAL with a line in the log.
 */
int mirror_parse_region(const char *text, struct mirror_spans *spans,
			struct mirror_spans *bare)
{
	const char *at = text, *why;
	bool more = true;

	spans->nr = 0;
	bare->nr = 0;
	while (more) {
		why = read_entry(&at, spans, bare) ?:
		      mirror_list_next(&at, &more);
		if (why)
			return bad_region(text, why);
	}
	return 0;
}

/* cma= ----------------------------------------------------------------------- */

/**
 * mirror_parse_cma - the cma= parameter
 * @text: its value
 * @spans: the sizes and nodes it names, in their order; they start nowhere
 *
 * Context: Process context.
 * Return: 0, or -EINVAL with a line in the log.
 */
int mirror_parse_cma(const char *text, struct mirror_spans *spans)
{
	const char *at = text, *why;
	bool more = true;
	u64 size;
	int nid;

	spans->nr = 0;
	while (more) {
		why = mirror_read_size(&at, &size) ?:
		      mirror_read_node(&at, &nid) ?:
		      add_span(spans, 0, size, nid) ?:
		      mirror_list_next(&at, &more);
		if (!why)
			continue;
		pr_err("cma=%s: cannot be read: %s; write size[:node], as in cma=128M, several separated by commas\n",
		       text, why);
		return -EINVAL;
	}
	return 0;
}

/* zones= --------------------------------------------------------------------- */

static const char * const zone_args[MIRROR_MAX_NR_ZONES] = {
	[MIRROR_ZONE_DMA] = "DMA",
	[MIRROR_ZONE_DMA32] = "DMA32",
	[MIRROR_ZONE_NORMAL] = "NORMAL",
	[MIRROR_ZONE_HIGHMEM] = "HIGHMEM",
	[MIRROR_ZONE_MOVABLE] = "MOVABLE",
};

/**
 * struct zone_list - what zones= has named so far
 * @conf: gets the sizes
 * @seen: bit by zone type
 * @rest: the one without a size, or -1
 */
struct zone_list {
	struct mirror_config *conf;
	u32 seen;
	int rest;
};

/* Finds the name that @at begins with, and steps over it. */
static int zone_by_name(const char **at)
{
	size_t len = strcspn(*at, ":,\n");
	int type;

	for (type = 0; type < MIRROR_MAX_NR_ZONES; type++)
		if (strlen(zone_args[type]) == len &&
		    !strncasecmp(*at, zone_args[type], len)) {
			*at += len;
			return type;
		}
	return -1;
}

static const char *read_zone_size(const char **at, struct zone_list *list,
				  int type)
{
	const u64 block = (u64)PAGE_SIZE << list->conf->pb_order;
	const char *why;
	u64 size;

	++*at;
	why = mirror_read_size(at, &size);
	if (why)
		return why;
	if (!size || size % block)
		return "not a size of whole pageblocks";
	if (size >> PAGE_SHIFT > ULONG_MAX)
		return "larger than any memory";
	list->conf->zone_pages[type] = size >> PAGE_SHIFT;
	return NULL;
}

static const char *read_zone(const char **at, struct zone_list *list)
{
	int type = zone_by_name(at);

	if (type < 0)
		return "no such zone";
	if (list->seen & BIT(type))
		return "a zone is named twice";
	list->seen |= BIT(type);
	if (**at == ':')
		return read_zone_size(at, list, type);
	if (list->rest >= 0)
		return "two zones without a size";
	list->rest = type;
	return NULL;
}

static const char *read_zones(const char *at, struct zone_list *list)
{
	const char *why = NULL;
	bool more = true;

	while (more && !why)
		why = read_zone(&at, list) ?: mirror_list_next(&at, &more);
	if (!why && list->rest < 0 && list->seen & BIT(MIRROR_ZONE_NORMAL))
		why = "no zone takes the rest";
	return why;
}

/**
 * mirror_parse_zones - the zones= parameter
 * @text: its value
 * @conf: gets the sizes and the zone that takes the rest
 *
 * Context: Process context.
 * Return: 0, or -EINVAL with a line in the log.
 */
int mirror_parse_zones(const char *text, struct mirror_config *conf)
{
	struct zone_list list = { .conf = conf, .rest = -1 };
	const char *why = read_zones(text, &list);

	if (why) {
		pr_err("zones=%s: %s; write name:size, as in zones=DMA:16M,NORMAL:128M,MOVABLE: names are DMA, DMA32, NORMAL, HIGHMEM, MOVABLE, sizes multiples of a pageblock, %s, one name without a size gets the rest\n",
		       text, why,
		       mirror_size_text((u64)PAGE_SIZE << conf->pb_order).s);
		return -EINVAL;
	}
	conf->rest_zone = list.rest < 0 ? MIRROR_ZONE_NORMAL : list.rest;
	return 0;
}
