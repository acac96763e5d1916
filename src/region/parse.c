// SPDX-License-Identifier: GPL-2.0
/*
 * What people write: region=, cma=, zones=, and the kernel's own memmap=.
 *
 *   region=256M@4G,128M@0x180000000:1     size@start, optional node
 *   region=test:1T,test:64G:1             size alone: no memory behind it
 *   cma=128M,64M:1                        size, optional node
 *   zones=DMA:16M,NORMAL:128M,MOVABLE     name:size; one may go without a size
 *   memmap=256M$4G,64M$8G                 from /proc/cmdline, '$' only
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/ctype.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "region.h"

/* As memparse() does, but a number past 64 bits is none; advances @text. */
static bool parse_size(const char **text, u64 *value)
{
	static const char suffixes[] = "KMGTPE";
	bool hex = (*text)[0] == '0' && tolower((*text)[1]) == 'x';
	size_t len = hex ? 2 + strspn(*text + 2, "0123456789abcdefABCDEF") :
			   strspn(*text, "0123456789");
	const char *suffix;
	char digits[24];

	if (!len || len >= sizeof(digits))
		return false;
	memcpy(digits, *text, len);
	digits[len] = '\0';
	if (kstrtoull(digits, 0, value))
		return false;
	*text += len;
	suffix = **text ? strchr(suffixes, toupper(**text)) : NULL;
	if (!suffix)
		return true;
	++*text;
	return !check_shl_overflow(*value, 10 * (suffix - suffixes + 1), value);
}

static int add_span(struct mirror_spans *spans, u64 start, u64 size, int nid)
{
	if (spans->nr == MIRROR_MAX_CLAIMS)
		return -E2BIG;
	spans->span[spans->nr++] = (struct mirror_span){ start, size, nid };
	return 0;
}

/* One list of SIZE$START; other kinds of memmap= entries are passed over. */
static int parse_memmap_arg(const char *text, struct mirror_spans *spans)
{
	while (*text && !isspace(*text)) {
		u64 size, start;

		if (parse_size(&text, &size) && *text == '$') {
			text++;
			if (parse_size(&text, &start) &&
			    add_span(spans, start, size, NUMA_NO_NODE))
				return -E2BIG;
		}
		text += strcspn(text, ", \t\n");
		if (*text == ',')
			text++;
	}
	return 0;
}

/**
 * mirror_parse_memmap - what a kernel command line reserves
 * @cmdline: all of it
 * @spans: the ranges that its memmap=SIZE$START arguments name, in their order
 *
 * Context: Any.
 * Return: 0, or -E2BIG for more than MIRROR_MAX_CLAIMS.
 */
int mirror_parse_memmap(const char *cmdline, struct mirror_spans *spans)
{
	static const char name[] = "memmap=";
	const char *at = cmdline;
	int ret = 0;

	spans->nr = 0;
	while (!ret && (at = strstr(at, name))) {
		bool is_arg = at == cmdline || isspace(at[-1]) || at[-1] == '"';

		at += strlen(name);
		if (is_arg)
			ret = parse_memmap_arg(at, spans);
	}
	return ret;
}

static int bad_region(const char *text)
{
	pr_err("region=%s: cannot be read; write size@start[:node], as in region=256M@4G, or test:size[:node], several separated by commas, or region=auto\n",
	       text);
	return -EINVAL;
}

/* What may stand behind a range: a colon and its node. */
static bool parse_node(const char **at, int *nid)
{
	u64 value;

	*nid = NUMA_NO_NODE;
	if (**at != ':')
		return true;
	++*at;
	if (!parse_size(at, &value) || value >= MIRROR_MAX_NODES)
		return false;
	*nid = value;
	return true;
}

/* One of region='s entries; the start of a test: entry is not the user's to say. */
static bool parse_entry(const char **at, bool *is_bare, struct mirror_span *s)
{
	static const char test[] = "test:";

	*is_bare = !strncasecmp(*at, test, strlen(test));
	s->start = 0;
	if (*is_bare)
		*at += strlen(test);
	if (!parse_size(at, &s->size))
		return false;
	if (!*is_bare && (*(*at)++ != '@' || !parse_size(at, &s->start)))
		return false;
	return parse_node(at, &s->nid);
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
	const char *at = text;

	spans->nr = 0;
	bare->nr = 0;
	do {
		struct mirror_span s;
		bool is_bare;

		if (!parse_entry(&at, &is_bare, &s))
			return bad_region(text);
		if (spans->nr + bare->nr == MIRROR_MAX_CLAIMS) {
			pr_err("region=%s: more than %d ranges; give fewer, larger ones\n",
			       text, MIRROR_MAX_CLAIMS);
			return -EINVAL;
		}
		add_span(is_bare ? bare : spans, s.start, s.size, s.nid);
	} while (*at == ',' && *++at);
	return *at && *at != '\n' ? bad_region(text) : 0;
}

static int bad_cma(const char *text)
{
	pr_err("cma=%s: cannot be read; write size[:node], as in cma=128M, several separated by commas\n",
	       text);
	return -EINVAL;
}

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
	const char *at = text;

	spans->nr = 0;
	do {
		u64 size;
		int nid;

		if (!parse_size(&at, &size) || !parse_node(&at, &nid))
			return bad_cma(text);
		if (add_span(spans, 0, size, nid)) {
			pr_err("cma=%s: more than %d ranges; give fewer, larger ones\n",
			       text, MIRROR_MAX_CLAIMS);
			return -EINVAL;
		}
	} while (*at == ',' && *++at);
	return *at && *at != '\n' ? bad_cma(text) : 0;
}

static const char * const zone_args[MIRROR_MAX_NR_ZONES] = {
	[MIRROR_ZONE_DMA] = "DMA",
	[MIRROR_ZONE_DMA32] = "DMA32",
	[MIRROR_ZONE_NORMAL] = "NORMAL",
	[MIRROR_ZONE_HIGHMEM] = "HIGHMEM",
	[MIRROR_ZONE_MOVABLE] = "MOVABLE",
};

static int bad_zones(const char *text, const char *why)
{
	pr_err("zones=%s: %s; write name:size, as in zones=DMA:16M,NORMAL:128M,MOVABLE: names are DMA, DMA32, NORMAL, HIGHMEM, MOVABLE, sizes multiples of a pageblock, one name without a size gets the rest\n",
	       text, why);
	return -EINVAL;
}

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
	const u64 block = (u64)PAGE_SIZE << conf->pb_order;
	const char *at = text;
	u32 seen = 0;
	int rest = -1;

	do {
		int type = zone_by_name(&at);
		u64 size;

		if (type < 0)
			return bad_zones(text, "no such zone");
		if (seen & BIT(type))
			return bad_zones(text, "a zone is named twice");
		seen |= BIT(type);
		if (*at != ':') {
			if (rest >= 0)
				return bad_zones(text, "two zones without a size");
			rest = type;
			continue;
		}
		at++;
		if (!parse_size(&at, &size) || !size || size % block)
			return bad_zones(text, "not a size of whole pageblocks");
		if (size >> PAGE_SHIFT > ULONG_MAX)
			return bad_zones(text, "larger than any memory");
		conf->zone_pages[type] = size >> PAGE_SHIFT;
	} while (*at == ',' && *++at);

	if (*at && *at != '\n')
		return bad_zones(text, "something follows that is no zone");
	if (rest < 0 && seen & BIT(MIRROR_ZONE_NORMAL))
		return bad_zones(text, "no zone takes the rest");
	conf->rest_zone = rest < 0 ? MIRROR_ZONE_NORMAL : rest;
	return 0;
}

/**
 * mirror_read_cmdline - read /proc/cmdline
 * @cmdline: the text; to be freed with kfree()
 *
 * The kernel's own copy is not exported to modules.
 *
 * Context: Process context; may sleep.
 * Return: 0, -ENOMEM, or what opening or reading the file gave, with a line in
 * the log.
 */
int mirror_read_cmdline(char **cmdline)
{
	const size_t max = PAGE_SIZE;
	struct file *file;
	ssize_t len;
	loff_t pos = 0;
	char *text;

	text = kzalloc(max, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	file = filp_open("/proc/cmdline", O_RDONLY, 0);
	len = IS_ERR(file) ? PTR_ERR(file) :
	      kernel_read(file, text, max - 1, &pos);
	if (!IS_ERR(file))
		filp_close(file, NULL);
	if (len < 0) {
		pr_err("/proc/cmdline cannot be read (%zd); mount /proc, it says what memmap= reserved\n",
		       len);
		kfree(text);
		return len;
	}
	*cmdline = text;
	return 0;
}
