// SPDX-License-Identifier: GPL-2.0
/*
 * cma=: memory of the kernel's CMA area, and how it is refused where there is
 * none. The guest decides what can be shown: a kernel that knows CMA or does
 * not, booted with an area or without.
 */
#include <signal.h>
#include "refuse.h"

#define MIB		0x100000ull
#define PAGES(mib)	((mib) * MIB / ST_PAGE)
#define SIZE		64
/* What the host may put into the area, or take out of it, meanwhile. */
#define SLACK		(24 * 1024)

/* Pages on the host's per-CPU lists are not counted as free: keep these short. */
static void __attribute__((constructor)) keep_lists_short(void)
{
	st_write("/proc/sys/vm/percpu_pagelist_high_fraction", "1000");
}

static long long total(void)
{
	return st_meminfo("CmaTotal:");
}

static long long free_now(void)
{
	return st_meminfo("CmaFree:");
}

static bool has_area(void)
{
	return total() > 2 * SIZE * 1024 + SLACK;
}

static int load_size(unsigned int mib)
{
	return st_insmod("mirror_mm", params("cma=%uM", mib));
}

TEST_F(load, kernel_without_cma)
{
	struct st_range *r = &self->range;

	if (total() >= 0)
		SKIP(return, "this kernel has CMA");
	REFUSED(-EOPNOTSUPP, "CONFIG_DMA_CMA", "cma=64M");
	REFUSED(-EOPNOTSUPP, "memmap=", "cma=64M");
	/* What region= has claimed by then is given back. */
	REFUSED(-EOPNOTSUPP, "CONFIG_DMA_CMA", "cma=64M region=%#llx@%#llx",
		HEX(r->size), HEX(r->base));
}

/* The page allocator could give 4 MiB, and must not be taken for CMA. */
TEST_F(load, kernel_booted_without_an_area)
{
	struct st_range *r = &self->range;

	if (total())
		SKIP(return, "no CMA, or an area");
	REFUSED(-ENOMEM, "boot with cma=64M", "cma=64M");
	REFUSED(-ENOMEM, "boot with cma=4M", "cma=4M");
	REFUSED(-ENOMEM, "boot with cma=4M", "cma=4M region=%#llx@%#llx",
		HEX(r->size), HEX(r->base));
}

TEST_F(load, text_that_is_no_size)
{
	static const char * const garbage[] = {
		"x", "64M:", "64M:x", "64M@4G", "64M:64", ",64M", "64M,,64M",
		"-64M", "0x10000000010000000", "64MM", "auto", "64M,", "64MiB",
	};
	size_t i;

	if (total() < 0)
		SKIP(return, "this kernel has no CMA");
	for (i = 0; i < ARRAY_SIZE(garbage); i++)
		REFUSED(-EINVAL, garbage[i], "cma=%s", garbage[i]);
	REFUSED(-EINVAL, "multiple", "cma=0");
	REFUSED(-EINVAL, "multiple", "cma=4095K");
	REFUSED(-EINVAL, "multiple", "cma=66M");
	REFUSED(-EINVAL, "multiple", "cma=64M,2M");
}

TEST_F(load, more_than_the_area)
{
	long long before = free_now();

	if (!has_area())
		SKIP(return, "booted without a CMA area");
	REFUSED(-ENOMEM, "larger cma=", "cma=%lldK", total() + 4096);
	REFUSED(-ENOMEM, "larger cma=", "cma=1T");
	/* The first can be had, the second cannot; the first is given back. */
	REFUSED(-ENOMEM, "larger cma=", "cma=%uM,%lldK", SIZE, total());
	EXPECT_LE(before - SLACK, free_now());
}

TEST_F(load, counters_of_the_kernel_go_down_and_up)
{
	long long before = free_now(), events;
	struct mirror_mm_info info;
	int fd;

	if (!has_area())
		SKIP(return, "booted without a CMA area");
	ASSERT_EQ(0, load_size(SIZE));
	EXPECT_GE(total() - SIZE * 1024, free_now());
	EXPECT_LE(before - SIZE * 1024 - SLACK, free_now());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(PAGES(SIZE), info.nr_pages);
	EXPECT_EQ(PAGES(SIZE), info.nr_free);
	EXPECT_EQ(0, info.start_pfn % 1024);
	EXPECT_EQ(NULL, st_check());
	ASSERT_EQ(0, close(fd));
	events = free_now();
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	EXPECT_LE(events + SIZE * 1024 - SLACK, free_now());
	EXPECT_LE(before - SLACK, free_now());
}

TEST_F(load, again_and_again)
{
	unsigned int sizes[] = { 4, SIZE, 32, 12, SIZE, 52 }, round;
	long long before = free_now();

	if (!has_area())
		SKIP(return, "booted without a CMA area");
	for (round = 0; round < 18; round++) {
		ASSERT_EQ(0, load_size(sizes[round % ARRAY_SIZE(sizes)]));
		ASSERT_EQ(NULL, st_check());
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
	}
	EXPECT_LE(before - SLACK, free_now());
}

/* All blocks of the largest order, mapped, written and read again. */
static unsigned int use_all(struct __test_metadata *_metadata, int fd,
			    unsigned int *in_ram)
{
	struct mirror_mm_alloc block;
	unsigned int nr = 0, i;
	char *addr[256];

	*in_ram = 0;
	while (nr < 256 && !st_alloc(fd, 10, ST_GFP_MOVABLE |
				     __MIRROR_GFP_MEMALLOC, &block)) {
		*in_ram += st_is_ram(block.pfn);
		addr[nr] = st_map(fd, &block);
		ASSERT_NE(MAP_FAILED, addr[nr]);
		EXPECT_EQ(0, st_not_zero(addr[nr], st_block_size(&block)));
		st_mark(addr[nr], st_block_size(&block), nr);
		nr++;
	}
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(0, st_unmarked(addr[i], 1024 * ST_PAGE, i));
		ASSERT_EQ(0, munmap(addr[i], 1024 * ST_PAGE));
	}
	return nr;
}

TEST_F(load, its_pages_are_ram_and_can_all_be_used)
{
	unsigned int in_ram;
	int fd;

	if (!has_area())
		SKIP(return, "booted without a CMA area");
	ASSERT_EQ(0, load_size(64));
	fd = st_open();
	ASSERT_LE(0, fd);
	EXPECT_EQ(16, use_all(_metadata, fd, &in_ram));
	EXPECT_EQ(16, in_ram);
}

TEST_F(load, together_with_region)
{
	unsigned int in_ram, reserved = self->range.size / MIB / 4;
	struct st_range *r = &self->range, ours;
	struct mirror_mm_info info;
	int fd;

	if (!has_area())
		SKIP(return, "booted without a CMA area");
	ASSERT_EQ(0, st_insmod("mirror_mm",
			       params("cma=64M region=%#llx@%#llx",
				      HEX(r->size), HEX(r->base))));
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(PAGES(64) + r->size / ST_PAGE, info.nr_pages);
	EXPECT_EQ(2, info.nr_ranges);
	EXPECT_EQ(0, st_iomem("mirror_mm", &ours, 1));
	EXPECT_EQ(NULL, st_check());
	EXPECT_EQ(16 + reserved, use_all(_metadata, fd, &in_ram));
	EXPECT_EQ(16, in_ram);
}

TEST_F(load, several_with_nodes)
{
	struct st_buddyinfo buddy;

	if (!has_area())
		SKIP(return, "booted without a CMA area");
	ASSERT_EQ(0, st_insmod("mirror_mm", "cma=32M:1,64M,16M:1"));
	ASSERT_EQ(0, st_buddyinfo(&buddy));
	ASSERT_EQ(2, buddy.nr_rows);
	EXPECT_EQ(0, buddy.row[0].node);
	EXPECT_EQ(16, buddy.row[0].nr[10]);
	EXPECT_EQ(1, buddy.row[1].node);
	EXPECT_EQ(12, buddy.row[1].nr[10]);
	EXPECT_EQ(NULL, st_check());
}

/* Pages that the host has moved to another place since it booted. */
static long long moved(void)
{
	char *text = st_read("/proc/vmstat");
	char *at = text ? strstr(text, "\npgmigrate_success ") : NULL;
	long long nr = at ? strtoll(strchr(at + 1, ' '), NULL, 10) : -1;

	free(text);
	return nr;
}

#define CHUNK	(16 * MIB)
#define CHUNKS	96

/* Fills anonymous memory until the host takes @kib of the area for it. */
static unsigned int fill_area(char *chunks[CHUNKS], long long kib)
{
	long long enough = total() - kib;
	unsigned int nr = 0;

	while (nr < CHUNKS && free_now() > enough) {
		chunks[nr] = mmap(NULL, CHUNK, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
				  -1, 0);
		if (chunks[nr] == MAP_FAILED)
			break;
		st_mark(chunks[nr], CHUNK, nr);
		nr++;
	}
	return nr;
}

/* When it is the host's again, the host uses it, and nobody of us does. */
TEST_F(load, host_can_use_it_afterwards)
{
	long long moved_before = moved();
	unsigned int nr, i, size;
	char *chunks[CHUNKS];

	if (!has_area())
		SKIP(return, "booted without a CMA area");
	ASSERT_EQ(0, load_size(SIZE));
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	nr = fill_area(chunks, 80 * 1024);
	ASSERT_GE(total() - 80 * 1024, free_now());
	/* More than is free there: pages have to move out, with their content. */
	size = (free_now() / 1024 + 16) & ~3u;
	TH_LOG("%u MiB filled, claiming %u", (unsigned int)(nr * CHUNK / MIB), size);
	ASSERT_EQ(0, load_size(size));
	for (i = 0; i < nr; i++)
		EXPECT_EQ(0, st_unmarked(chunks[i], CHUNK, i));
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	for (i = 0; i < nr; i++) {
		EXPECT_EQ(0, st_unmarked(chunks[i], CHUNK, i));
		ASSERT_EQ(0, munmap(chunks[i], CHUNK));
	}
	TH_LOG("%lld pages were moved", moved() - moved_before);
	EXPECT_LE(moved_before + PAGES(8), moved());
}

TEST_HARNESS_MAIN
