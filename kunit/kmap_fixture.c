// SPDX-License-Identifier: GPL-2.0
/*
 * Mirrors with memory, and pages that have no address.
 *
 * On a machine with a reserved range the tests run on that as well as on memory
 * of the host: the windows are made by other means there.
 */
#include <linux/io.h>
#include <linux/sizes.h>
#include "kmap.h"
#include "region/boot.h"

/* What scripts/kunit-lib.sh reserves on machines that QEMU makes. */
#define RESERVED_BASE	(512ull * SZ_1M)
#define MAX_ORDER_HERE	5
#define PB_ORDER_HERE	4

static const char * const memory_names[] = {
	[TEST_VMALLOC] = "memory of the host",
	[TEST_RESERVED] = "a reserved range",
};

const void *mirror_test_memory_param(const void *prev, char *desc)
{
	static const enum mirror_test_memory kinds[] = {
		TEST_VMALLOC, TEST_RESERVED,
	};
	const enum mirror_test_memory *next = prev;

	next = next ? next + 1 : kinds;
	if (next == kinds + ARRAY_SIZE(kinds))
		return NULL;
	strscpy(desc, memory_names[*next], KUNIT_PARAM_DESC_SIZE);
	return next;
}

static void release(void *arg)
{
	mirror_region_release(arg);
}

static struct mirror_region *claim_reserved(struct kunit *test)
{
	struct mirror_spans spans = {
		.nr = 1,
		.span[0] = { RESERVED_BASE, HIGH_PAGES << PAGE_SHIFT, 0 },
	};
	struct mirror_host_says host = { .force = NULL };
	struct mirror_region *region;
	struct mirror_boot *boot;
	int ret;

	if (IS_ENABLED(CONFIG_UML) || !IS_ENABLED(CONFIG_X86))
		kunit_skip(test, "no range is reserved here");
	boot = kunit_kzalloc(test, sizeof(*boot), GFP_KERNEL);
	region = kzalloc(sizeof(*region), GFP_KERNEL);
	if (!region || !boot) {
		kfree(region);
		return ERR_PTR(-ENOMEM);
	}
	boot->reserved.nr = 1;
	boot->reserved.span[0] = spans.span[0];
	host.boot = boot;
	ret = mirror_claim_memmap(region, &spans, &host,
				  (u64)PAGE_SIZE << MAX_ORDER_HERE);
	if (!ret)
		return region;
	mirror_region_release(region);
	return ERR_PTR(ret);
}

/**
 * mirror_test_region - memory of the kind that the test's parameter names
 * @test: the test
 *
 * Return: the region, which ends with the test.
 */
struct mirror_region *mirror_test_region(struct kunit *test)
{
	const enum mirror_test_memory *kind = test->param_value;
	struct mirror_region *region;

	region = *kind == TEST_RESERVED ? claim_reserved(test) :
		 mirror_region_vmalloc((u64)TEST_PFN << PAGE_SHIFT,
				       HIGH_PAGES << PAGE_SHIFT);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, region);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, release, region));
	return region;
}

/**
 * mirror_test_zones - a mirror with memory
 * @test: the test
 * @kmap_slots: of its table
 * @highmem: pages of HIGHMEM
 * @movable: pages of MOVABLE; what is left is NORMAL
 *
 * Return: the mirror, without marks.
 */
struct mirror *mirror_test_zones(struct kunit *test, unsigned int kmap_slots,
				 unsigned long highmem, unsigned long movable)
{
	struct mirror_region *region = mirror_test_region(test);
	struct mirror_range ranges[MIRROR_MAX_CLAIMS];
	struct mirror_config conf;
	struct mirror *m;

	mirror_test_config(&conf, MAX_ORDER_HERE, PB_ORDER_HERE);
	conf.ranges = ranges;
	conf.nr_ranges = mirror_region_ranges(region, ranges);
	conf.zone_pages[MIRROR_ZONE_NORMAL] = HIGH_PAGES - highmem - movable;
	conf.zone_pages[MIRROR_ZONE_HIGHMEM] = highmem;
	conf.zone_pages[MIRROR_ZONE_MOVABLE] = movable;
	conf.rest_zone = MIRROR_ZONE_NORMAL;
	m = mirror_test_create(test, &conf);
	mirror_test_marks(test, m, 0, 0, 0);
	KUNIT_ASSERT_EQ(test, 0, mirror_region_attach(region, m, kmap_slots));
	return m;
}

/**
 * mirror_test_high - the usual one: a bit of NORMAL, and HIGHMEM
 * @test: the test
 * @kmap_slots: of its table
 *
 * Return: the mirror.
 */
struct mirror *mirror_test_high(struct kunit *test, unsigned int kmap_slots)
{
	return mirror_test_zones(test, kmap_slots, HIGH_PAGES - HIGH_NORMAL, 0);
}

/**
 * mirror_test_high_page - a page of HIGHMEM
 * @test: the test
 * @m: from mirror_test_high()
 *
 * Return: the page.
 */
struct mirror_page *mirror_test_high_page(struct kunit *test, struct mirror *m)
{
	struct mirror_page *page = mirror_test_alloc(m, __MIRROR_GFP_HIGHMEM, 0);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, mirror_page_zone(m, page)->type,
			MIRROR_ZONE_HIGHMEM);
	return page;
}

static void unmap_alias(void *address)
{
	memunmap(address);
}

/**
 * mirror_test_standing - the memory behind a page, past the mirror
 * @test: the test
 * @m: the mirror
 * @page: any page of it
 *
 * Return: an address that the mirror does not give out for it.
 */
void *mirror_test_standing(struct kunit *test, struct mirror *m,
			   const struct mirror_page *page)
{
	unsigned long pfn = mirror_idx_to_pfn(m, idx_of(m, page));
	const struct mirror_claim *claim = mirror_claim_of(m->region, pfn);
	void *alias;

	KUNIT_ASSERT_NOT_NULL(test, claim);
	if (mirror_has_standing(claim, pfn))
		return claim->base + (size_t)mirror_claim_offset(claim, pfn);
	alias = memremap(PFN_PHYS(pfn), PAGE_SIZE, MEMREMAP_WB);
	KUNIT_ASSERT_NOT_NULL(test, alias);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, unmap_alias, alias));
	return alias;
}
