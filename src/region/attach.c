// SPDX-License-Identifier: GPL-2.0
/*
 * A region and its mirror: what is settled once the zones are known.
 *
 * Pages of HIGHMEM have no address. MOVABLE is cut from the end of whatever zone
 * is the highest, so where there is HIGHMEM the pages of MOVABLE have none either,
 * as in Linux.
 *
 * A 64-bit kernel has addresses for all, and the standing mapping of a claim
 * covers high pages too: it holds the memory type for user mappings. A kernel
 * with highmem of its own has hardly more than 100 MiB of them, and maps what
 * lies below HIGHMEM.
 */
#define pr_fmt(fmt) "mirror_mm: " fmt

#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include "region.h"

static u32 high_zones(const struct mirror *m)
{
	struct mirror_zone *zone;
	u32 types = 0;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		types |= BIT(zone->type);
	if (!(types & BIT(MIRROR_ZONE_HIGHMEM)))
		return 0;
	return types & (BIT(MIRROR_ZONE_HIGHMEM) | BIT(MIRROR_ZONE_MOVABLE));
}

/**
 * mirror_content_exists - is there memory behind a page frame?
 * @region: the region, or NULL for a mirror without memory
 * @pfn: a frame of the mirror
 *
 * Context: Any.
 * Return: false for a frame of region=test:.
 */
bool mirror_content_exists(const struct mirror_region *region,
			   unsigned long pfn)
{
	const struct mirror_claim *claim = region ?
					   mirror_claim_of(region, pfn) : NULL;

	return claim && !claim->ops->bare;
}

/**
 * mirror_page_is_high - has this page no address?
 * @m: the mirror
 * @page: a page of it
 *
 * Context: Any.
 * Return: true where only kmap leads to its content; not where there is none.
 */
bool mirror_page_is_high(const struct mirror *m, const struct mirror_page *page)
{
	return m->region &&
	       m->region->high_zones & BIT(mirror_page_zone(m, page)->type) &&
	       mirror_content_exists(m->region,
				     mirror_idx_to_pfn(m, mirror_page_idx(m, page)));
}

/**
 * mirror_claim_of - the claim that a page frame lies in
 * @region: the region
 * @pfn: any number
 *
 * Context: Any.
 * Return: the claim, or NULL.
 */
const struct mirror_claim *mirror_claim_of(const struct mirror_region *region,
					   unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < region->nr; i++)
		if (mirror_claim_offset(&region->claim[i], pfn) <
		    region->claim[i].span.size)
			return &region->claim[i];
	return NULL;
}

/* First byte that no low page lies behind; high zones are at the top. */
static u64 end_of_low(const struct mirror *m, const struct mirror_region *region)
{
	unsigned long end = 0;
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i)
		if (!(region->high_zones & BIT(zone->type)))
			end = max(end, mirror_zone_end_pfn(zone));
	return (u64)end << PAGE_SHIFT;
}

/* The standing mappings that were put off until now. */
static int map_low(struct mirror_region *region, const struct mirror *m)
{
	u64 end = end_of_low(m, region);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < region->nr && !ret; i++) {
		struct mirror_claim *claim = &region->claim[i];

		if (!claim->base && !claim->ops->bare &&
		    claim->span.start < end)
			ret = mirror_claim_map(claim,
					       min(claim->span.size,
						   end - claim->span.start));
	}
	return ret;
}

static int check_slots(unsigned int kmap_slots)
{
	if (kmap_slots >= 1 && kmap_slots <= MIRROR_KMAP_SLOTS_MAX)
		return 0;
	pr_err("kmap_slots=%u: give 1 to %u; %u is usual\n", kmap_slots,
	       MIRROR_KMAP_SLOTS_MAX, MIRROR_KMAP_SLOTS);
	return -EINVAL;
}

/**
 * mirror_region_attach - make a region the memory of a mirror
 * @region: the region that the mirror was made for
 * @m: the mirror
 * @kmap_slots: pages of HIGHMEM that can be mapped at a time by mirror_kmap()
 *
 * Context: Process context; may sleep.
 * Return: 0, or with a line in the log -EINVAL for @kmap_slots or -ENOMEM. What
 * was made until then goes with the region.
 */
int mirror_region_attach(struct mirror_region *region, struct mirror *m,
			 unsigned int kmap_slots)
{
	int ret = check_slots(kmap_slots);

	if (ret)
		return ret;
	region->high_zones = high_zones(m);
	region->local = mirror_local_maps_create();
	if (!region->local)
		return -ENOMEM;
	ret = map_low(region, m);
	if (ret)
		return ret;
	if (region->high_zones) {
		region->kmap = mirror_kmap_create(kmap_slots);
		if (!region->kmap)
			return -ENOMEM;
	}
	m->region = region;
	return 0;
}

/**
 * mirror_region_detach - undo mirror_region_attach()
 * @region: the region; nobody uses its mirror any more
 *
 * Context: Process context; may sleep.
 */
void mirror_region_detach(struct mirror_region *region)
{
	mirror_kmap_destroy(region->kmap);
	region->kmap = NULL;
	free_percpu(region->local);
	region->local = NULL;
}
