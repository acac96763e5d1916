// SPDX-License-Identifier: GPL-2.0
/*
 * What an idle mirror costs, on a reservation of 1 GiB: by its own account, and
 * by what the kernel says that the module has taken.
 */
#include "load.h"

#define GIB_PAGES	262144ul

/* Bytes that the module has from vmalloc(), without mappings of its range. */
static unsigned long vmalloc_bytes(void)
{
	char *text = st_read("/proc/vmallocinfo"), *rest = text, *line;
	unsigned long sum = 0, size;

	while (rest && (line = st_line(&rest))) {
		if (!strstr(line, "[mirror_mm]") || strstr(line, " phys=") ||
		    sscanf(line, "%*s %lu", &size) != 1)
			continue;
		/* Each area has a guard page that costs no memory. */
		sum += size - ST_PAGE;
	}
	free(text);
	return sum;
}

TEST_F(load, seventeen_bytes_a_page)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	unsigned long seen;
	int fd;

	ASSERT_EQ(GIB_PAGES * ST_PAGE, self->range.size);
	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(GIB_PAGES, info.nr_pages);
	seen = vmalloc_bytes();
	TH_LOG("%llu bytes by INFO, %lu of them seen in vmallocinfo, %u a block",
	       (unsigned long long)info.metadata_bytes, seen, info.block_bytes);
	EXPECT_LE(info.metadata_bytes, 17 * GIB_PAGES);
	/* The descriptors alone are 16 bytes a page, and they must show there. */
	EXPECT_LE(16 * GIB_PAGES, seen);
	EXPECT_LE(seen, info.metadata_bytes + 8 * ST_PAGE);
	EXPECT_LT(0, info.block_bytes);
	EXPECT_EQ(0, st_alloc(fd, 10, ST_GFP_MOVABLE, &block));
	EXPECT_EQ(NULL, st_check());
}

TEST_F(load, all_of_it_can_be_used)
{
	struct mirror_mm_alloc block;
	unsigned int nr = 0;
	char *addr;
	int fd, ret;

	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	while (!(ret = st_alloc(fd, 10, ST_GFP_MOVABLE | __MIRROR_GFP_MEMALLOC,
				&block))) {
		addr = st_map_at(fd, block.offset + (nr % 1024) * ST_PAGE,
				 ST_PAGE);
		ASSERT_NE(MAP_FAILED, addr);
		st_fill(addr, ST_PAGE, nr);
		EXPECT_EQ(0, st_differs(addr, ST_PAGE, nr));
		nr++;
	}
	EXPECT_EQ(-ENOMEM, ret);
	EXPECT_EQ(GIB_PAGES >> 10, nr);
	EXPECT_EQ(0, st_nr_free(fd));
}

TEST_HARNESS_MAIN
