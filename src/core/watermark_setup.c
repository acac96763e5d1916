// SPDX-License-Identifier: GPL-2.0
/*
 * Watermarks: what they are, from the sizes and the tunables.
 *
 * min comes from min_free_kbytes, shared out by zone size; the distance between marks is
 * the larger of min / 4 and watermark_scale_factor.
 *
 * Computed under the tunables mutex, read without it.
 */
#include "internal.h"

#define SCALE_FACTOR_MAX	3000
#define MIN_FREE_KBYTES_LOW	128
#define MIN_FREE_KBYTES_HIGH	262144

/* Smaller systems do without huge pages by default. */
#define THP_MIN_BYTES		(512ull << 20)
/*
 * Pageblocks of each zone that khugepaged wants to be free: two, and for each of the three
 * types that have lists of their own one to fall back to by each.
 */
#define THP_PAGEBLOCKS		(2 + MIRROR_PCP_TYPES * MIRROR_PCP_TYPES)

static bool is_lowmem(const struct mirror_zone *zone)
{
	return zone->type != MIRROR_ZONE_HIGHMEM &&
	       zone->type != MIRROR_ZONE_MOVABLE;
}

static unsigned long lowmem_pages(struct mirror *m)
{
	struct mirror_zone *zone;
	unsigned long nr = 0;
	unsigned int i;

	mirror_for_each_zone(m, zone, i)
		if (is_lowmem(zone))
			nr += zone->managed;
	return nr;
}

static void set_marks(struct mirror_zone *zone, const unsigned long *marks)
{
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&zone->lock, flags);
	WRITE_ONCE(zone->watermark_boost, 0);
	for (i = 0; i < MIRROR_NR_WMARK; i++)
		WRITE_ONCE(zone->watermark[i], marks[i]);
	raw_spin_unlock_irqrestore(&zone->lock, flags);
}

/* HIGHMEM and MOVABLE serve nobody who is in distress: a token reserve will do. */
static void setup_zone_marks(struct mirror_zone *zone, unsigned long pages_min,
			     unsigned long lowmem)
{
	u64 share = lowmem ? div64_ul((u64)pages_min * zone->managed, lowmem) : 0;
	unsigned long marks[MIRROR_NR_WMARK], gap;

	marks[MIRROR_WMARK_MIN] = is_lowmem(zone) ? share :
				  clamp(zone->managed / 1024, 32ul, 128ul);
	gap = max_t(u64, share >> 2,
		    mult_frac(zone->managed,
			      (unsigned long)zone->m->tunables.watermark_scale_factor,
			      10000));
	marks[MIRROR_WMARK_LOW] = marks[MIRROR_WMARK_MIN] + gap;
	marks[MIRROR_WMARK_HIGH] = marks[MIRROR_WMARK_LOW] + gap;
	marks[MIRROR_WMARK_PROMO] = marks[MIRROR_WMARK_HIGH] + gap;
	set_marks(zone, marks);
}

static void setup_totalreserve(struct mirror *m)
{
	struct mirror_node *node;
	unsigned int i, type, j;

	mirror_for_each_node(m, node, i) {
		node->totalreserve = 0;
		for (type = 0; type < MIRROR_MAX_NR_ZONES; type++) {
			struct mirror_zone *zone = &node->zones[type];
			long most = 0;

			for (j = type; j < MIRROR_MAX_NR_ZONES; j++)
				most = max(most, zone->lowmem_reserve[j]);
			most += mirror_zone_wmark(zone, MIRROR_WMARK_HIGH);
			node->totalreserve += min_t(unsigned long, most,
						    zone->managed);
		}
	}
}

static unsigned long lowmem_reserve(const struct mirror_zone *zone,
				    unsigned long above, unsigned int ratio)
{
	return above / ratio;
}

static void setup_zone_reserve(struct mirror_node *node, unsigned int type)
{
	struct mirror_zone *zone = &node->zones[type];
	unsigned int ratio = node->m->tunables.lowmem_reserve_ratio[type];
	unsigned long above = 0;
	unsigned int j;

	for (j = type + 1; j < MIRROR_MAX_NR_ZONES; j++) {
		above += node->zones[j].managed;
		WRITE_ONCE(zone->lowmem_reserve[j],
			   ratio && zone->managed ?
			   MIRROR_DECIDE(node->m, lowmem_reserve, lowmem_reserve,
					 zone, above, ratio) : 0);
	}
}

/**
 * mirror_setup_lowmem_reserve - compute what lower zones keep from requests
 * @m: the mirror
 *
 * Context: Process context; mirror.tunables_lock held, or mirror not in use yet.
 */
void mirror_setup_lowmem_reserve(struct mirror *m)
{
	struct mirror_node *node;
	unsigned int i, type;

	mirror_for_each_node(m, node, i)
		for (type = 0; type < MIRROR_MAX_NR_ZONES - 1; type++)
			setup_zone_reserve(node, type);
	setup_totalreserve(m);
}

/* From min_free_kbytes, all marks and all that hangs on them. */
static void setup_marks(struct mirror *m)
{
	unsigned long pages_min = m->tunables.min_free_kbytes >> (PAGE_SHIFT - 10);
	unsigned long lowmem = lowmem_pages(m);
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_zone(m, zone, i)
		setup_zone_marks(zone, pages_min, lowmem);
	setup_totalreserve(m);
	mirror_pcp_update_all(m);
}

static unsigned long square_root_kbytes(struct mirror *m)
{
	return clamp_t(unsigned long,
		       int_sqrt((lowmem_pages(m) << (PAGE_SHIFT - 10)) * 16),
		       MIN_FREE_KBYTES_LOW, MIN_FREE_KBYTES_HIGH);
}

/*
 * What khugepaged asks for, at most a twentieth of the lowmem above the high marks: those
 * that the square root gave, as the kernel has them when huge pages start.
 */
static unsigned long thp_kbytes(struct mirror *m)
{
	unsigned long free = 0, wanted = 0, high;
	struct mirror_zone *zone;
	unsigned int i;

	mirror_for_each_populated_zone(m, zone, i) {
		if (!is_lowmem(zone))
			continue;
		wanted += (unsigned long)THP_PAGEBLOCKS << m->pb_order;
		high = mirror_zone_wmark(zone, MIRROR_WMARK_HIGH);
		if (zone->managed > high)
			free += zone->managed - high;
	}
	return min(wanted, free / 20) << (PAGE_SHIFT - 10);
}

static bool has_thp(const struct mirror *m)
{
	return m->thp && (u64)m->managed << PAGE_SHIFT >= THP_MIN_BYTES;
}

/**
 * mirror_setup_watermarks - the marks that a mirror starts with
 * @m: the mirror
 *
 * Where nobody set min_free_kbytes it follows from the size of lowmem: four
 * times the square root of its KiB, and in a mirror of 512 MiB or more what huge pages
 * need, if that is more.
 *
 * Linux: init_per_zone_wmark_min(), then set_recommended_min_free_kbytes().
 *
 * Context: Process context; mirror.tunables_lock held, or mirror not in use yet.
 */
void mirror_setup_watermarks(struct mirror *m)
{
	struct mirror_tunables *t = &m->tunables;

	if (t->user_min_free_kbytes < 0)
		WRITE_ONCE(t->min_free_kbytes, square_root_kbytes(m));
	setup_marks(m);
	if (t->user_min_free_kbytes >= 0 || !has_thp(m) || thp_kbytes(m) <= t->min_free_kbytes)
		return;
	WRITE_ONCE(t->min_free_kbytes, thp_kbytes(m));
	setup_marks(m);
}

/**
 * mirror_set_min_free_kbytes - the sysctl of that name
 * @m: the mirror
 * @kbytes: new value
 *
 * Context: Process context; may sleep.
 * Return: 0, or -EINVAL for more than the mirror has.
 */
int mirror_set_min_free_kbytes(struct mirror *m, unsigned long kbytes)
{
	if (kbytes >> (PAGE_SHIFT - 10) > m->managed)
		return -EINVAL;
	mutex_lock(&m->tunables_lock);
	WRITE_ONCE(m->tunables.min_free_kbytes, kbytes);
	m->tunables.user_min_free_kbytes = kbytes;
	setup_marks(m);
	mutex_unlock(&m->tunables_lock);
	return 0;
}

/**
 * mirror_set_watermark_scale_factor - the sysctl of that name
 * @m: the mirror
 * @factor: 1 to 3000
 *
 * Context: Process context; may sleep.
 * Return: 0, or -EINVAL outside that range.
 */
int mirror_set_watermark_scale_factor(struct mirror *m, unsigned int factor)
{
	if (!factor || factor > SCALE_FACTOR_MAX)
		return -EINVAL;
	mutex_lock(&m->tunables_lock);
	WRITE_ONCE(m->tunables.watermark_scale_factor, factor);
	setup_marks(m);
	mutex_unlock(&m->tunables_lock);
	return 0;
}

/**
 * mirror_set_lowmem_reserve_ratio - the sysctl of that name
 * @m: the mirror
 * @ratio: by zone type; 0 for no reserve
 *
 * Context: Process context; may sleep.
 * Return: 0.
 */
int mirror_set_lowmem_reserve_ratio(struct mirror *m, const unsigned int *ratio)
{
	mutex_lock(&m->tunables_lock);
	memcpy(m->tunables.lowmem_reserve_ratio, ratio,
	       sizeof(m->tunables.lowmem_reserve_ratio));
	mirror_setup_lowmem_reserve(m);
	mutex_unlock(&m->tunables_lock);
	return 0;
}

/**
 * mirror_set_high_fraction - the sysctl percpu_pagelist_high_fraction
 * @m: the mirror
 * @fraction: 0 for the tuned default, else at least 8
 *
 * Context: Process context; may sleep.
 * Return: 0, or -EINVAL for 1 to 7.
 */
int mirror_set_high_fraction(struct mirror *m, unsigned int fraction)
{
	if (fraction && fraction < MIRROR_PCP_HIGH_FRACTION_MIN)
		return -EINVAL;
	mutex_lock(&m->tunables_lock);
	/* The same value once more does not even take in a boost. */
	if (fraction != m->tunables.percpu_pagelist_high_fraction) {
		WRITE_ONCE(m->tunables.percpu_pagelist_high_fraction, fraction);
		mirror_pcp_update_all(m);
	}
	mutex_unlock(&m->tunables_lock);
	return 0;
}

/**
 * mirror_set_zone_watermarks - set one zone's marks by hand
 * @m: the mirror
 * @zone: the zone
 * @marks: in pages, rising
 *
 * For comparison with a system whose marks come from memory that the mirror
 * does not have. The next change of a sysctl computes them anew.
 *
 * Context: Process context; may sleep.
 * Return: 0, or -EINVAL where they do not rise or exceed the zone.
 */
int mirror_set_zone_watermarks(struct mirror *m, struct mirror_zone *zone,
			       const unsigned long marks[MIRROR_NR_WMARK])
{
	unsigned int i;

	for (i = 0; i < MIRROR_NR_WMARK; i++)
		if (marks[i] > zone->managed || (i && marks[i] < marks[i - 1]))
			return -EINVAL;
	mutex_lock(&m->tunables_lock);
	set_marks(zone, marks);
	setup_totalreserve(m);
	mirror_pcp_update_all(m);
	mutex_unlock(&m->tunables_lock);
	return 0;
}
