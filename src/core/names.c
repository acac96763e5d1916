// SPDX-License-Identifier: GPL-2.0
/*
 * Names of zones, migratetypes and allocation flags, for all texts of the module.
 */
#include "mirror.h"

/* The last one is a zone that a mirror never has, but the kernel's files name. */
const char * const mirror_zone_names[MIRROR_MAX_NR_ZONES + 1] = {
	[MIRROR_ZONE_DMA] = "DMA",
	[MIRROR_ZONE_DMA32] = "DMA32",
	[MIRROR_ZONE_NORMAL] = "Normal",
	[MIRROR_ZONE_HIGHMEM] = "HighMem",
	[MIRROR_ZONE_MOVABLE] = "Movable",
	[MIRROR_MAX_NR_ZONES] = "Device",
};

const char * const mirror_migratetype_names[MIRROR_MIGRATE_TYPES] = {
	[MIRROR_MIGRATE_UNMOVABLE] = "Unmovable",
	[MIRROR_MIGRATE_MOVABLE] = "Movable",
	[MIRROR_MIGRATE_RECLAIMABLE] = "Reclaimable",
	[MIRROR_MIGRATE_HIGHATOMIC] = "HighAtomic",
	[MIRROR_MIGRATE_CMA] = "CMA",
	[MIRROR_MIGRATE_ISOLATE] = "Isolate",
};

struct gfp_name {
	u32 mask;
	const char *name;
};

#define GFP_SET(set)	{ MIRROR_GFP_##set, "MIRROR_GFP_" #set }
#define GFP_BIT(bit)	{ __MIRROR_GFP_##bit, "__MIRROR_GFP_" #bit }

/* Sets before their parts, so that the longest name that fits is found first. */
static const struct gfp_name gfp_names[] = {
	GFP_SET(HIGHUSER_MOVABLE),
	GFP_SET(HIGHUSER),
	GFP_SET(USER),
	GFP_SET(KERNEL),
	GFP_SET(NOFS),
	GFP_SET(ATOMIC),
	GFP_SET(NOIO),
	GFP_SET(NOWAIT),
	GFP_SET(DMA),
	GFP_SET(DMA32),
	GFP_BIT(HIGHMEM),
	GFP_BIT(MOVABLE),
	GFP_BIT(RECLAIMABLE),
	GFP_BIT(HIGH),
	GFP_BIT(IO),
	GFP_BIT(FS),
	GFP_BIT(ZERO),
	GFP_BIT(DIRECT_RECLAIM),
	GFP_BIT(KSWAPD_RECLAIM),
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
