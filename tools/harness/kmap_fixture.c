// SPDX-License-Identifier: GPL-2.0
/*
 * What of kunit/kmap_fixture.c the suites need that look at addresses only.
 */
#include "../../kunit/kmap.h"

const void *mirror_test_memory_param(const void *prev, char *desc)
{
	static const enum mirror_test_memory kind = TEST_VMALLOC;

	if (prev)
		return NULL;
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "addresses alone");
	return &kind;
}

struct mirror *mirror_test_zones(struct kunit *test, unsigned int kmap_slots,
				 unsigned long highmem, unsigned long movable)
{
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, 5, 4);
	conf.zone_pages[MIRROR_ZONE_NORMAL] = HIGH_PAGES - highmem - movable;
	conf.zone_pages[MIRROR_ZONE_HIGHMEM] = highmem;
	conf.zone_pages[MIRROR_ZONE_MOVABLE] = movable;
	conf.rest_zone = MIRROR_ZONE_NORMAL;
	m = mirror_test_range(test, &conf, TEST_PFN, HIGH_PAGES);
	mirror_test_marks(test, m, 0, 0, 0);
	return m;
}

struct mirror *mirror_test_high(struct kunit *test, unsigned int kmap_slots)
{
	return mirror_test_zones(test, kmap_slots, HIGH_PAGES - HIGH_NORMAL, 0);
}
