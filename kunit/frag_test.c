// SPDX-License-Identifier: GPL-2.0
/*
 * Page fragments: cut from the end of a block, one reference each; what becomes of the
 * block when it is used up, when large ones are not to be had, and when it came from the
 * reserves. Nothing here looks at content.
 */
#include <linux/log2.h>
#include "kmap.h"

#define GFP	MIRROR_GFP_NOWAIT
#define SIZE	MIRROR_PAGE_FRAG_MAX_SIZE
#define ORDER	order_base_2(SIZE / PAGE_SIZE)

static struct mirror *small_mirror(struct kunit *test)
{
	struct mirror *m = mirror_test_zones(test, 16, 0, 0);

	m->report_limit.burst = 1;
	mirror_test_no_drift(m);
	return m;
}

static struct mirror_page_frag_cache new_cache(struct mirror *m)
{
	struct mirror_page_frag_cache cache;

	memset(&cache, 0xff, sizeof(cache));
	mirror_page_frag_cache_init(&cache, m);
	return cache;
}

static void *cut(struct kunit *test, struct mirror_page_frag_cache *cache, unsigned int bytes)
{
	void *at = mirror_page_frag_alloc(cache, bytes, GFP);

	KUNIT_ASSERT_NOT_NULL(test, at);
	return at;
}

static unsigned long in_use(struct mirror *m)
{
	mirror_drain_all(m);
	return m->managed - mirror_nr_free(m);
}

static int refs(const struct mirror_page_frag_cache *cache)
{
	return atomic_read(&cache->page->refs);
}

/* cutting -------------------------------------------------------------------------- */

static void fragments_come_from_the_end(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	char *first = cut(test, &cache, 100), *second, *third;

	KUNIT_EXPECT_PTR_EQ(test, cache.va, mirror_content_address(m, cache.page));
	KUNIT_EXPECT_PTR_EQ(test, first, (char *)cache.va + SIZE - 100);
	KUNIT_EXPECT_EQ(test, mirror_page_order(cache.page), ORDER);
	KUNIT_EXPECT_EQ(test, !!(mirror_page_flags(cache.page) & MIRROR_PF_COMPOUND), ORDER > 0);
	KUNIT_EXPECT_FALSE(test, cache.reserve);
	KUNIT_EXPECT_EQ(test, refs(&cache), SIZE + 1);
	KUNIT_EXPECT_EQ(test, cache.pagecnt_bias, SIZE);
	second = cut(test, &cache, 1);
	KUNIT_EXPECT_PTR_EQ(test, second, first - 1);
	third = mirror_page_frag_alloc_align(&cache, 1, GFP, 64);
	KUNIT_EXPECT_PTR_EQ(test, third, (char *)cache.va + SIZE - 128);
	KUNIT_EXPECT_EQ(test, cache.pagecnt_bias, SIZE - 2);
	KUNIT_EXPECT_EQ(test, refs(&cache), SIZE + 1);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, first), 0);
	KUNIT_EXPECT_EQ(test, refs(&cache), SIZE);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, second), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, third), 0);
	KUNIT_EXPECT_EQ(test, refs(&cache), SIZE - 2);
	KUNIT_EXPECT_EQ(test, in_use(m), 1ul << ORDER);
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_NULL(test, cache.page);
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
}

static void alignment_is_kept_and_may_cost_all(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	unsigned int align;
	void *last;

	for (align = 1; align <= PAGE_SIZE; align *= 2) {
		unsigned long at;

		at = (unsigned long)mirror_page_frag_alloc_align(&cache, 3, GFP, align);
		KUNIT_EXPECT_NE(test, at, 0);
		KUNIT_EXPECT_EQ(test, at % align, 0);
		KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, (void *)at), 0);
	}
	last = mirror_page_frag_alloc_align(&cache, 3, GFP, 1u << 31);
	KUNIT_EXPECT_PTR_EQ(test, last, cache.va);
	KUNIT_EXPECT_EQ(test, cache.offset, 0);
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_EQ(test, in_use(m), 1ul << ORDER);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, last), 0);
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
}

/* The cache has let go of the block, and the last fragment frees it. */
static void block_goes_with_its_last_fragment(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	void *first = cut(test, &cache, 8), *second = cut(test, &cache, 8);

	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_NULL(test, cache.va);
	KUNIT_EXPECT_EQ(test, in_use(m), 1ul << ORDER);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, second), 0);
	KUNIT_EXPECT_EQ(test, in_use(m), 1ul << ORDER);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, first), 0);
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, first), -EINVAL);
	mirror_page_frag_drain(&cache);
}

/* blocks that are used up ------------------------------------------------------------ */

static void block_is_used_again_when_all_is_back(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	char *all = cut(test, &cache, SIZE), *next;

	KUNIT_EXPECT_EQ(test, cache.offset, 0);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, all), 0);
	next = cut(test, &cache, SIZE - 1);
	KUNIT_EXPECT_PTR_EQ(test, next, all + 1);
	KUNIT_EXPECT_EQ(test, refs(&cache), SIZE + 1);
	KUNIT_EXPECT_EQ(test, cache.pagecnt_bias, SIZE);
	/* A last byte, and then there is none. */
	KUNIT_EXPECT_PTR_EQ(test, cut(test, &cache, 1), all);
	KUNIT_EXPECT_EQ(test, cache.offset, 0);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, next), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, all), 0);
	KUNIT_EXPECT_PTR_EQ(test, cut(test, &cache, SIZE), all);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, all), 0);
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
}

static void block_with_fragments_is_left_for_another(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	char *first = cut(test, &cache, SIZE - 1), *second;
	struct mirror_page *block = cache.page;

	second = cut(test, &cache, 2);
	KUNIT_EXPECT_PTR_NE(test, cache.page, block);
	KUNIT_EXPECT_PTR_EQ(test, second, (char *)cache.va + SIZE - 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&block->refs), 1);
	KUNIT_EXPECT_EQ(test, in_use(m), 2ul << ORDER);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, first), 0);
	KUNIT_EXPECT_EQ(test, in_use(m), 1ul << ORDER);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, second), 0);
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
}

/* They are needed where memory is short: freed, and allocated once more. */
static void page_of_the_reserves_is_not_used_again(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	unsigned long freed;
	void *all;

	mirror_test_marks(test, m, m->managed, m->managed, m->managed);
	mirror_test_no_drift(m);
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 1, GFP | __MIRROR_GFP_NOWARN));
	KUNIT_EXPECT_NULL(test, cache.page);
	all = mirror_page_frag_alloc(&cache, PAGE_SIZE, GFP | __MIRROR_GFP_MEMALLOC);
	KUNIT_ASSERT_NOT_NULL(test, all);
	KUNIT_EXPECT_TRUE(test, cache.reserve);
	KUNIT_EXPECT_EQ(test, cache.size, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, all), 0);
	freed = mirror_events(m, MIRROR_PGFREE);
	all = mirror_page_frag_alloc(&cache, PAGE_SIZE, GFP | __MIRROR_GFP_MEMALLOC);
	KUNIT_ASSERT_NOT_NULL(test, all);
	KUNIT_EXPECT_EQ(test, mirror_events(m, MIRROR_PGFREE) - freed, 1);
	KUNIT_EXPECT_EQ(test, refs(&cache), SIZE + 1);
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, all), 0);
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
}

/* Two pages are free, far from each other. */
static void single_page_where_there_is_no_large_block(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	struct mirror_page **pages;
	char *at;

	mirror_test_take_all(test, normal_zone(m), &pages);
	mirror_test_give(normal_zone(m), pages[10]);
	mirror_test_give(normal_zone(m), pages[20]);
	/* More than it has: it stays for smaller ones. */
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, PAGE_SIZE + 1, GFP));
	KUNIT_ASSERT_NOT_NULL(test, cache.page);
	KUNIT_EXPECT_EQ(test, mirror_page_order(cache.page), 0);
	KUNIT_EXPECT_EQ(test, cache.size, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, cache.pagecnt_bias, SIZE + 1);
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, UINT_MAX, GFP));
	KUNIT_EXPECT_EQ(test, cache.pagecnt_bias, SIZE + 1);
	at = cut(test, &cache, PAGE_SIZE);
	KUNIT_EXPECT_PTR_EQ(test, at, cache.va);
	KUNIT_EXPECT_EQ(test, in_use(m), m->managed - 1);
	/* The other one, and then there is none. */
	KUNIT_EXPECT_NOT_NULL(test, cut(test, &cache, PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 1, GFP));
	KUNIT_EXPECT_NULL(test, cache.page);
	KUNIT_EXPECT_NULL(test, cache.va);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, at), 0);
	KUNIT_EXPECT_EQ(test, in_use(m), m->managed - 1);
	KUNIT_EXPECT_NOT_NULL(test, cut(test, &cache, 1));
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_EQ(test, in_use(m), m->managed);
}

static void block_with_a_bad_page_is_not_used_again(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	void *all = cut(test, &cache, SIZE);
	struct mirror_page *block = cache.page;
	struct mirror_bad_page bad;

	KUNIT_ASSERT_EQ(test, mirror_hwpoison(m, mirror_idx_to_pfn(m, idx_of(m, block)), false,
					      &bad), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, all), 0);
	all = cut(test, &cache, 1);
	KUNIT_EXPECT_PTR_NE(test, cache.page, block);
	KUNIT_EXPECT_EQ(test, mirror_page_state(block), MIRROR_PAGE_BAD);
	KUNIT_EXPECT_EQ(test, in_use(m), (1ul << ORDER) + 1);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, all), 0);
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_EQ(test, in_use(m), 1);
}

/* mistakes --------------------------------------------------------------------------- */

static void arguments_that_make_no_sense(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);

	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 0, GFP));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc_align(&cache, 1, GFP, 0));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc_align(&cache, 1, GFP, 3));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc_align(&cache, 1, GFP, UINT_MAX));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 1, GFP | __MIRROR_GFP_HIGHMEM));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 1, ~__MIRROR_GFP_HIGHMEM));
	KUNIT_EXPECT_NULL(test, cache.page);
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, NULL), -ENXIO);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, test), -ENXIO);
}

/* Somebody gave back what he did not have: others may still be using the block. */
static void block_with_too_few_references_is_left_alone(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m);
	struct mirror_page *block;
	void *at = cut(test, &cache, 8);

	block = cache.page;
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, at), 0);
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, at), 0);
	mirror_page_frag_drain(&cache);
	KUNIT_EXPECT_NULL(test, cache.page);
	KUNIT_EXPECT_EQ(test, atomic_read(&block->refs), SIZE - 1);
	KUNIT_EXPECT_EQ(test, in_use(m), 1ul << ORDER);
	KUNIT_EXPECT_FALSE(test, mirror_core_sub_refs(m, block, SIZE));
	KUNIT_EXPECT_TRUE(test, mirror_core_sub_refs(m, block, SIZE - 1));
	mirror_core_release(m, block);
	KUNIT_EXPECT_FALSE(test, mirror_core_sub_refs(m, block, 0));
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
}

static void mirror_out_of_service_does_nothing(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	struct mirror_page_frag_cache cache = new_cache(m), other = new_cache(m);
	void *at = cut(test, &cache, SIZE);
	struct mirror_page *block = cache.page;

	KUNIT_EXPECT_TRUE(test, mirror_take_out(m));
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&other, 8, GFP));
	KUNIT_EXPECT_EQ(test, mirror_page_frag_free(m, at), -EIO);
	KUNIT_EXPECT_NULL(test, mirror_page_frag_alloc(&cache, 8, GFP));
	KUNIT_EXPECT_EQ(test, atomic_read(&block->refs), SIZE + 1);
	mirror_test_mend(m);
	KUNIT_EXPECT_TRUE(test, mirror_core_sub_refs(m, block, SIZE + 1));
	mirror_core_release(m, block);
	KUNIT_EXPECT_EQ(test, in_use(m), 0);
}

/* addresses ---------------------------------------------------------------------------- */

static void addresses_lead_back_to_their_pages(struct kunit *test)
{
	struct mirror *m = small_mirror(test);
	char *start = mirror_content_address(m, &m->pages[0]);
	char *end = start + HIGH_PAGES * PAGE_SIZE;

	KUNIT_ASSERT_NOT_NULL(test, start);
	KUNIT_EXPECT_PTR_EQ(test, mirror_content_page(m, start), &m->pages[0]);
	KUNIT_EXPECT_PTR_EQ(test, mirror_content_page(m, start + PAGE_SIZE - 1), &m->pages[0]);
	KUNIT_EXPECT_PTR_EQ(test, mirror_content_page(m, start + PAGE_SIZE), &m->pages[1]);
	KUNIT_EXPECT_PTR_EQ(test, mirror_content_page(m, end - 1), &m->pages[HIGH_PAGES - 1]);
	KUNIT_EXPECT_NULL(test, mirror_content_page(m, end));
	KUNIT_EXPECT_NULL(test, mirror_content_page(m, start - 1));
	KUNIT_EXPECT_NULL(test, mirror_content_page(m, NULL));
	KUNIT_EXPECT_NULL(test, mirror_content_page(m, (void *)ULONG_MAX));
}

/* High pages are shown at other addresses for a while, and at none for good. */
static void high_page_has_no_address(struct kunit *test)
{
	struct mirror *m = mirror_test_high(test, 16);
	char *start = mirror_content_address(m, &m->pages[0]);

	KUNIT_EXPECT_PTR_EQ(test, mirror_content_page(m, start + HIGH_NORMAL * PAGE_SIZE - 1),
			    &m->pages[HIGH_NORMAL - 1]);
	KUNIT_EXPECT_NULL(test, mirror_content_page(m, start + HIGH_NORMAL * PAGE_SIZE));
}

static struct kunit_case frag_cases[] = {
	KUNIT_CASE_PARAM(fragments_come_from_the_end, mirror_test_memory_param),
	KUNIT_CASE_PARAM(alignment_is_kept_and_may_cost_all, mirror_test_memory_param),
	KUNIT_CASE_PARAM(block_goes_with_its_last_fragment, mirror_test_memory_param),
	KUNIT_CASE_PARAM(block_is_used_again_when_all_is_back, mirror_test_memory_param),
	KUNIT_CASE_PARAM(block_with_fragments_is_left_for_another, mirror_test_memory_param),
	KUNIT_CASE_PARAM(page_of_the_reserves_is_not_used_again, mirror_test_memory_param),
	KUNIT_CASE_PARAM(single_page_where_there_is_no_large_block, mirror_test_memory_param),
	KUNIT_CASE_PARAM(block_with_a_bad_page_is_not_used_again, mirror_test_memory_param),
	KUNIT_CASE_PARAM(arguments_that_make_no_sense, mirror_test_memory_param),
	KUNIT_CASE_PARAM(block_with_too_few_references_is_left_alone, mirror_test_memory_param),
	KUNIT_CASE_PARAM(mirror_out_of_service_does_nothing, mirror_test_memory_param),
	KUNIT_CASE_PARAM(addresses_lead_back_to_their_pages, mirror_test_memory_param),
	KUNIT_CASE_PARAM(high_page_has_no_address, mirror_test_memory_param),
	{}
};

static struct kunit_suite frag_suite = {
	.name = "mirror_frag",
	.test_cases = frag_cases,
};

kunit_test_suite(frag_suite);
