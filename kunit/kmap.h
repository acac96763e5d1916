/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mirrors with memory and a HIGHMEM zone, for the suites about mapping.
 */
#ifndef _MIRROR_KUNIT_KMAP_H
#define _MIRROR_KUNIT_KMAP_H

#include <linux/mirror_mm.h>
#include "fixture.h"
#include "region/region.h"

/* Pages of the mirror, and of its NORMAL zone; the rest is HIGHMEM. */
#define HIGH_PAGES	2048ul
#define HIGH_NORMAL	256ul

/* Where the memory comes from; a parameter of all tests. */
enum mirror_test_memory {
	TEST_VMALLOC,	/* the host's, with struct pages */
	TEST_RESERVED,	/* set aside by memmap=, without */
	TEST_NR_MEMORY
};

const void *mirror_test_memory_param(const void *prev, char *desc);

struct mirror_region *mirror_test_region(struct kunit *test);
struct mirror *mirror_test_zones(struct kunit *test, unsigned int kmap_slots,
				 unsigned long highmem, unsigned long movable);
struct mirror *mirror_test_high(struct kunit *test, unsigned int kmap_slots);
struct mirror_page *mirror_test_high_page(struct kunit *test, struct mirror *m);
void *mirror_test_standing(struct kunit *test, struct mirror *m,
			   const struct mirror_page *page);

#endif /* _MIRROR_KUNIT_KMAP_H */
