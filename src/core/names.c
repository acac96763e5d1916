// SPDX-License-Identifier: GPL-2.0
/*
 * Names of zones, migratetypes and allocation flags, for all texts of the module.
 */
#include "mirror.h"

/* The last one is a zone that a mirror never has, but the kernel's files name. */
const char * const mirror_zone_names[MIRROR_MAX_NR_ZONES + 1] = {
#define MIRROR_ZONE_NAME(name, text) \
	[MIRROR_ZONE_##name] = text,
#include <uapi/linux/mirror_mm_names.h>
	[MIRROR_MAX_NR_ZONES] = "Device",
};

const char * const mirror_migratetype_names[MIRROR_MIGRATE_TYPES] = {
#define MIRROR_MIGRATETYPE_NAME(name, text) \
	[MIRROR_MIGRATE_##name] = text,
#include <uapi/linux/mirror_mm_names.h>
};

const char * const mirror_node_event_names[MIRROR_NR_NODE_EVENTS] = {
#define MIRROR_NODE_EVENT(name) \
	[MIRROR_EVENT_##name] = #name
#include "node_events.h"
};

struct gfp_name {
	u32 mask;
	const char *name;
};

/*
 * Sets before their parts, so that the longest name that fits is found first. DMA and DMA32
 * are sets of one bit, whose short names the kernel prints.
 */
static const struct gfp_name gfp_names[] = {
#define MIRROR_GFP_SET_NAME(set) \
	{ MIRROR_GFP_##set, "MIRROR_GFP_" #set },
#include <uapi/linux/mirror_mm_names.h>
	{ MIRROR_GFP_DMA, "MIRROR_GFP_DMA" },
	{ MIRROR_GFP_DMA32, "MIRROR_GFP_DMA32" },
#define MIRROR_GFP_BIT_NAME(bit) \
	{ __MIRROR_GFP_##bit, "__MIRROR_GFP_" #bit },
#include <uapi/linux/mirror_mm_names.h>
};

/**
 * mirror_gfp_text - allocation flags by their names
 * @gfp: any bits
 * @buf: where to; the text is cut where it does not fit
 * @size: bytes of @buf, at least 1; MIRROR_GFP_TEXT_LEN has room for any bits
 *
 * Context: Any.
 * Return: @buf: names with | between them, unknown bits as a number at the end,
 * "none" for 0.
 */
const char *mirror_gfp_text(u32 gfp, char *buf, size_t size)
{
	const char *before = "";
	size_t i, len = 0;

	buf[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(gfp_names) && gfp; i++) {
		if ((gfp & gfp_names[i].mask) != gfp_names[i].mask)
			continue;
		len += scnprintf(buf + len, size - len, "%s%s", before,
				 gfp_names[i].name);
		before = "|";
		gfp &= ~gfp_names[i].mask;
	}
	if (gfp)
		scnprintf(buf + len, size - len, "%s%#x", before, gfp);
	else if (!len)
		scnprintf(buf, size, "none");
	return buf;
}
