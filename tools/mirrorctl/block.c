// SPDX-License-Identifier: GPL-2.0
/*
 * Blocks in tables and in JSON.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "names.h"
#include "output.h"
#include "words.h"

static struct json_object *pfn_to_json(__u64 pfn)
{
	if (pfn == MIRROR_MM_PFN_HIDDEN)
		return NULL;
	return json_object_new_uint64(pfn);
}

struct json_object *block_to_json(const struct mirror_mm_alloc *alloc)
{
	struct json_object *obj = json_object_new_object();

	json_object_object_add(obj, "id", out_json_hex(alloc->id));
	json_object_object_add(obj, "order",
			       json_object_new_int(alloc->order));
	json_object_object_add(obj, "pages",
			       json_object_new_uint64(1ull << alloc->order));
	json_object_object_add(obj, "type",
			       json_object_new_string(key_of_type(type_from_gfp(alloc->gfp))));
	json_object_object_add(obj, "pageblock",
			       json_object_new_string(key_of_type(alloc->migratetype)));
	json_object_object_add(obj, "node", json_object_new_int(alloc->node));
	json_object_object_add(obj, "zone",
			       json_object_new_string(words_zone(alloc->zone)));
	json_object_object_add(obj, "gfp", out_json_hex(alloc->gfp));
	json_object_object_add(obj, "pfn", pfn_to_json(alloc->pfn));
	json_object_object_add(obj, "offset", out_json_hex(alloc->offset));
	return obj;
}

static const char *string_of(struct json_object *obj, const char *key)
{
	const char *text = json_object_get_string(json_object_object_get(obj, key));

	return text ? text : "";
}

static bool hex_of(struct json_object *obj, const char *key, __u64 *value)
{
	unsigned long long number;
	bool good = number_parse(string_of(obj, key), ~0ull, &number);

	*value = good ? number : 0;
	return good;
}

static unsigned int zone_from_name(const char *name)
{
	unsigned int zone = 0;

	while (zone < MIRROR_MAX_NR_ZONES && strcmp(words_zone(zone), name))
		zone++;
	return zone;
}

int block_from_json(struct json_object *obj, struct mirror_mm_alloc *alloc)
{
	struct json_object *pfn;
	__u64 gfp;
	int type;

	memset(alloc, 0, sizeof(*alloc));
	if (!hex_of(obj, "id", &alloc->id) ||
	    !hex_of(obj, "offset", &alloc->offset) || !hex_of(obj, "gfp", &gfp))
		return -EPROTO;
	alloc->gfp = gfp;
	alloc->order = json_object_get_int(json_object_object_get(obj, "order"));
	if (alloc->order > 63)
		return -EPROTO;
	alloc->node = json_object_get_int(json_object_object_get(obj, "node"));
	pfn = json_object_object_get(obj, "pfn");
	alloc->pfn = pfn ? json_object_get_uint64(pfn) : MIRROR_MM_PFN_HIDDEN;
	alloc->zone = zone_from_name(string_of(obj, "zone"));
	type = type_from_name(string_of(obj, "pageblock"));
	alloc->migratetype = type < 0 ? MIRROR_MIGRATE_TYPES : type;
	return 0;
}

static void pfn_text(char *buf, size_t len, __u64 pfn)
{
	if (pfn == MIRROR_MM_PFN_HIDDEN)
		snprintf(buf, len, "hidden");
	else
		snprintf(buf, len, "%#llx", (unsigned long long)pfn);
}

void block_table(FILE *out, const struct mirror_mm_alloc *blocks, size_t nr,
		 __u32 page_size)
{
	char size[OUT_BYTES_LEN], pfn[24];

	fprintf(out, "  %-14s %5s %9s  %-11s  %-11s  %4s %-7s  %-10s  %s\n",
		"ID", "ORDER", "SIZE", "TYPE", "PAGEBLOCK", "NODE", "ZONE", "PFN",
		"OFFSET");
	for (size_t i = 0; i < nr; i++) {
		const struct mirror_mm_alloc *b = &blocks[i];

		pfn_text(pfn, sizeof(pfn), b->pfn);
		fprintf(out, "  %#-14llx %5u %9s  %-11s  %-11s  %4d %-7s  %-10s  %#llx\n",
			(unsigned long long)b->id, b->order,
			out_bytes(size, (__u64)page_size << b->order),
			key_of_type(type_from_gfp(b->gfp)),
			key_of_type(b->migratetype), b->node,
			words_zone(b->zone), pfn,
			(unsigned long long)b->offset);
	}
}

unsigned long long block_pages(const struct mirror_mm_alloc *blocks, size_t nr)
{
	unsigned long long pages = 0;

	for (size_t i = 0; i < nr; i++)
		pages += 1ull << blocks[i].order;
	return pages;
}
