// SPDX-License-Identifier: GPL-2.0
/*
 * Loading with what is allowed, and unloading.
 */
#include <signal.h>
#include "load.h"

#define MIB		0x100000ull
#define PAGES(mib)	((mib) * MIB / ST_PAGE)

/* Loads with a region made from the reserved range by printf(). */
static __printf(1, 2) int load_with(const char *format, ...)
{
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return st_insmod("mirror_mm", text);
}

#define HEX(x)	((unsigned long long)(x))

/* The range as it is, and something more. */
static int load_range(const struct st_range *r, const char *more)
{
	return load_with("region=%#llx@%#llx %s", HEX(r->size), HEX(r->base),
			 more);
}

/* A fresh mirror of that many MiB, in order and empty; its descriptor. */
static int expect_mirror(struct __test_metadata *_metadata, uint64_t mib,
			 struct mirror_mm_info *info)
{
	struct st_buddyinfo buddy;
	int fd = st_open();

	EXPECT_LE(0, fd);
	EXPECT_EQ(0, st_info(fd, info));
	EXPECT_EQ(MIRROR_MM_IN_SERVICE, info->state);
	EXPECT_EQ(PAGES(mib), info->nr_pages);
	EXPECT_EQ(PAGES(mib), info->nr_free);
	EXPECT_EQ(NULL, st_check());
	EXPECT_EQ(0, st_buddyinfo(&buddy));
	EXPECT_EQ(PAGES(mib), st_free_pages(&buddy));
	return fd;
}

TEST_F(load, ways_to_write_one_range)
{
	static const char * const forms[] = {
		"region=256M@4G", "region=0x10000000@0x100000000",
		"region=268435456@4294967296", "region=262144K@4194304k",
		"region=0x10000000@4096M", "region=256m@4g:0",
		"region=AUTO", "region=0X10000000@4G:0x0", "\"region=256M@4G\n\"",
	};
	struct mirror_mm_info info;
	size_t i;
	int fd;

	ASSERT_EQ(256 * MIB, self->range.size);
	ASSERT_EQ(4096 * MIB, self->range.base);
	for (i = 0; i < ARRAY_SIZE(forms); i++) {
		ASSERT_EQ(0, st_insmod("mirror_mm", forms[i]));
		fd = expect_mirror(_metadata, 256, &info);
		EXPECT_EQ(1 << 20, info.start_pfn);
		EXPECT_EQ((1 << 20) + (1 << 16), info.end_pfn);
		EXPECT_EQ(1, info.nr_ranges);
		ASSERT_EQ(0, close(fd));
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
	}
}

TEST_F(load, auto_takes_what_memmap_reserved)
{
	struct mirror_mm_info info;
	struct st_range all[4];
	unsigned int i, nr = st_reserved(all, 4);
	uint64_t size = 0;

	for (i = 0; i < nr; i++)
		size += all[i].size;
	ASSERT_EQ(0, st_insmod("mirror_mm", "region=auto"));
	expect_mirror(_metadata, size / MIB, &info);
	EXPECT_EQ(nr, info.nr_ranges);
	EXPECT_EQ(all[0].base / ST_PAGE, info.start_pfn);
}

TEST_F(load, part_of_the_reserved_range)
{
	struct mirror_mm_info info;

	ASSERT_EQ(0, load_with("region=4M@%#llx",
			       HEX(self->range.base + 252 * MIB)));
	expect_mirror(_metadata, 4, &info);
	EXPECT_EQ(self->range.base / ST_PAGE + PAGES(252), info.start_pfn);
}

TEST_F(load, claimed_range_shows_in_iomem)
{
	char want[64], *text;

	ASSERT_EQ(0, load_range(&self->range, ""));
	snprintf(want, sizeof(want), "%09llx-%09llx : mirror_mm\n",
		 HEX(self->range.base),
		 HEX(self->range.base + self->range.size - 1));
	text = st_read("/proc/iomem");
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, want));
	EXPECT_EQ(NULL, strstr(self->before.iomem, want));
	free(text);
}

TEST_F(load, a_good_load_complains_of_nothing)
{
	struct st_log log;
	unsigned int ours = 0;
	char text[1024];
	int level;

	ASSERT_EQ(0, st_log_open(&log));
	ASSERT_EQ(0, load_range(&self->range, ""));
	while (st_log_next(&log, &level, text, sizeof(text))) {
		ours += !strncmp(text, "mirror_mm: ", 11);
		EXPECT_LT(3, level) {
			TH_LOG("%s", text);
		}
	}
	EXPECT_LT(0, ours);
	st_log_close(&log);
}

/* Takes all blocks of the largest order; how many lie in each of two ranges. */
static int count_by_range(int fd, uint64_t split, unsigned int *low,
			  unsigned int *high)
{
	struct mirror_mm_alloc block;
	int ret;

	*low = 0;
	*high = 0;
	do {
		ret = st_alloc(fd, 10, ST_GFP_MOVABLE | __MIRROR_GFP_MEMALLOC,
			       &block);
		if (!ret && block.pfn < split)
			++*low;
		else if (!ret)
			++*high;
	} while (!ret);
	return ret;
}

TEST_F(load, two_ranges_with_a_hole_between)
{
	uint64_t base = self->range.base, pfn = base / ST_PAGE;
	struct mirror_mm_alloc block;
	unsigned int low, high;
	struct mirror_mm_info info;
	void *addr;
	int fd;

	ASSERT_EQ(0, load_with("region=64M@%#llx,124M@%#llx", HEX(base),
			       HEX(base + 132 * MIB)));
	fd = expect_mirror(_metadata, 188, &info);
	EXPECT_EQ(2, info.nr_ranges);
	EXPECT_EQ(1, info.nr_nodes);
	EXPECT_EQ(pfn, info.start_pfn);
	EXPECT_EQ(pfn + PAGES(256), info.end_pfn);
	EXPECT_EQ(-ENOMEM, count_by_range(fd, pfn + PAGES(64), &low, &high));
	EXPECT_EQ(16, low);
	EXPECT_EQ(31, high);
	EXPECT_EQ(NULL, st_check());
	ASSERT_EQ(0, close(fd));
	/* Memory of both can be used. */
	fd = st_open();
	ASSERT_LE(0, fd);
	for (low = 0; low < 40; low++) {
		ASSERT_EQ(0, st_alloc(fd, 10, ST_GFP_MOVABLE, &block));
		addr = st_map(fd, &block);
		ASSERT_NE(MAP_FAILED, addr);
		st_mark(addr, st_block_size(&block), low);
		EXPECT_EQ(0, st_unmarked(addr, st_block_size(&block), low));
		ASSERT_EQ(0, munmap(addr, st_block_size(&block)));
	}
}

/* In any order; what lies side by side is one range of memory all the same. */
TEST_F(load, ranges_that_touch)
{
	uint64_t base = self->range.base;
	struct mirror_mm_info info;

	ASSERT_EQ(0, load_with("region=128M@%#llx,128M@%#llx",
			       HEX(base + 128 * MIB), HEX(base)));
	expect_mirror(_metadata, 256, &info);
	EXPECT_EQ(base / ST_PAGE, info.start_pfn);
	EXPECT_EQ(base / ST_PAGE + PAGES(256), info.end_pfn);
}

static int alloc_on(int fd, int node, unsigned int gfp,
		    struct mirror_mm_alloc *block)
{
	memset(block, 0, sizeof(*block));
	block->order = 10;
	block->gfp = gfp;
	block->node = node;
	return st_ioctl(fd, MIRROR_MM_ALLOC, block);
}

TEST_F(load, two_nodes)
{
	uint64_t base = self->range.base, split = base / ST_PAGE + PAGES(64);
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	unsigned int nr;
	int fd;

	ASSERT_EQ(0, load_with("region=64M@%#llx:0,64M@%#llx:1", HEX(base),
			       HEX(base + 64 * MIB)));
	fd = expect_mirror(_metadata, 128, &info);
	EXPECT_EQ(2, info.nr_nodes);
	EXPECT_EQ(-ENODEV, alloc_on(fd, 2, ST_GFP, &block));
	ASSERT_EQ(0, alloc_on(fd, 0, ST_GFP, &block));
	EXPECT_EQ(0, block.node);
	EXPECT_LT(block.pfn, split);
	/* One node until it has no more, then the other, unless told not to. */
	for (nr = 0; nr < 15; nr++) {
		ASSERT_EQ(0, alloc_on(fd, 1, ST_GFP, &block));
		EXPECT_EQ(1, block.node);
		EXPECT_GE(block.pfn, split);
	}
	while (!alloc_on(fd, 1, ST_GFP | __MIRROR_GFP_THISNODE, &block))
		EXPECT_EQ(1, block.node);
	ASSERT_EQ(0, alloc_on(fd, 1, ST_GFP, &block));
	EXPECT_EQ(0, block.node);
	EXPECT_EQ(NULL, st_check());
}

/* The row of a zone in buddyinfo; its pages, 0 for none. */
static uint64_t zone_pages(const char *zone)
{
	struct st_buddyinfo buddy, one = { .nr_rows = 0 };
	unsigned int i;

	if (st_buddyinfo(&buddy))
		return 0;
	for (i = 0; i < buddy.nr_rows; i++)
		if (!strcmp(buddy.row[i].zone, zone))
			one.row[one.nr_rows++] = buddy.row[i];
	return st_free_pages(&one);
}

TEST_F(load, zones_have_the_sizes_asked_for)
{
	struct mirror_mm_info info;

	ASSERT_EQ(0, load_range(&self->range, "zones=DMA:16M,NORMAL:128M,MOVABLE"));
	expect_mirror(_metadata, 256, &info);
	EXPECT_EQ(PAGES(16), zone_pages("DMA"));
	EXPECT_EQ(PAGES(128), zone_pages("Normal"));
	EXPECT_EQ(PAGES(112), zone_pages("Movable"));
	EXPECT_EQ(0, zone_pages("DMA32"));
	EXPECT_EQ(0, zone_pages("HighMem"));
	st_close_all();
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, load_range(&self->range,
				"zones=DMA:8M,DMA32:40M,NORMAL:60M,HIGHMEM:70M,MOVABLE"));
	expect_mirror(_metadata, 256, &info);
	EXPECT_EQ(PAGES(8), zone_pages("DMA"));
	EXPECT_EQ(PAGES(40), zone_pages("DMA32"));
	EXPECT_EQ(PAGES(60), zone_pages("Normal"));
	EXPECT_EQ(PAGES(70), zone_pages("HighMem"));
	EXPECT_EQ(PAGES(78), zone_pages("Movable"));
}

/* Which zone a request may use, and that it never comes from a higher one. */
TEST_F(load, requests_go_to_their_zones)
{
	static const struct {
		unsigned int gfp;
		unsigned int zone;
	} wants[] = {
		{ MIRROR_GFP_DMA, MIRROR_ZONE_DMA },
		{ MIRROR_GFP_DMA32, MIRROR_ZONE_DMA32 },
		{ MIRROR_GFP_KERNEL, MIRROR_ZONE_NORMAL },
		{ MIRROR_GFP_KERNEL | __MIRROR_GFP_MOVABLE, MIRROR_ZONE_NORMAL },
		{ MIRROR_GFP_HIGHUSER, MIRROR_ZONE_HIGHMEM },
		{ MIRROR_GFP_HIGHUSER_MOVABLE, MIRROR_ZONE_MOVABLE },
	};
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	int fd, ret = 0;
	size_t i;

	ASSERT_EQ(0, load_range(&self->range,
				"zones=DMA:16M,DMA32:40M,NORMAL:60M,HIGHMEM:70M,MOVABLE"));
	fd = expect_mirror(_metadata, 256, &info);
	for (i = 0; i < ARRAY_SIZE(wants); i++) {
		ASSERT_EQ(0, st_alloc(fd, 3, wants[i].gfp, &block));
		EXPECT_EQ(wants[i].zone, block.zone);
	}
	while (!ret) {
		ret = st_alloc(fd, 6, MIRROR_GFP_KERNEL, &block);
		if (!ret)
			ASSERT_LE(block.zone, MIRROR_ZONE_NORMAL);
	}
	EXPECT_EQ(-ENOMEM, ret);
	EXPECT_LT(PAGES(140), st_nr_free(fd));
	EXPECT_EQ(0, st_alloc(fd, 6, MIRROR_GFP_HIGHUSER_MOVABLE, &block));
	EXPECT_EQ(NULL, st_check());
}

/* Lower zones keep something back from requests that could go elsewhere. */
TEST_F(load, lower_zones_are_protected)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	int fd;

	ASSERT_EQ(0, load_range(&self->range, "zones=DMA:16M,NORMAL"));
	fd = expect_mirror(_metadata, 256, &info);
	while (!st_alloc(fd, 5, MIRROR_GFP_KERNEL, &block))
		;
	EXPECT_LT(200, zone_pages("DMA"));
	EXPECT_EQ(0, st_alloc(fd, 5, MIRROR_GFP_DMA, &block));
	EXPECT_EQ(MIRROR_ZONE_DMA, block.zone);
}

/* Programs map pages of a HIGHMEM zone like any other. */
TEST_F(load, highmem_pages_can_be_mapped)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	void *addr;
	int fd;

	ASSERT_EQ(0, load_range(&self->range, "zones=NORMAL:64M,HIGHMEM"));
	fd = expect_mirror(_metadata, 256, &info);
	ASSERT_EQ(0, st_alloc(fd, 4, MIRROR_GFP_HIGHUSER, &block));
	EXPECT_EQ(MIRROR_ZONE_HIGHMEM, block.zone);
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(0, st_not_zero(addr, st_block_size(&block)));
	st_fill(addr, st_block_size(&block), 1);
	EXPECT_EQ(0, st_differs(addr, st_block_size(&block), 1));
	ASSERT_EQ(0, st_free(fd, block.id));
	EXPECT_EQ(16, st_count_signal(addr, st_block_size(&block), SIGBUS));
}

TEST_F(load, watermarks_follow_the_parameters)
{
	struct mirror_mm_info info;
	long min, low, high;

	ASSERT_EQ(0, load_range(&self->range, "min_free_kbytes=4096"));
	expect_mirror(_metadata, 256, &info);
	min = st_zoneinfo_number("min");
	EXPECT_EQ(1024, min);
	EXPECT_EQ(min + min / 4, st_zoneinfo_number("low"));
	EXPECT_EQ(min + min / 2, st_zoneinfo_number("high"));
	st_close_all();
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, load_range(&self->range, "min_free_kbytes=4096 watermark_scale_factor=1000"));
	expect_mirror(_metadata, 256, &info);
	low = st_zoneinfo_number("low");
	high = st_zoneinfo_number("high");
	EXPECT_EQ(1024, st_zoneinfo_number("min"));
	EXPECT_EQ(1024 + PAGES(256) / 10, low);
	EXPECT_EQ(1024 + 2 * (PAGES(256) / 10), high);
}

TEST_F(load, again_and_again)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	int i, fd;

	for (i = 0; i < 15; i++) {
		ASSERT_EQ(0, load_range(&self->range, ""));
		fd = expect_mirror(_metadata, 256, &info);
		ASSERT_EQ(0, st_alloc(fd, i % 11, ST_GFP, &block));
		ASSERT_EQ(0, close(fd));
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
		st_expect_gone(_metadata, &self->before);
	}
}

TEST_HARNESS_MAIN
