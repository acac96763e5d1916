// SPDX-License-Identifier: GPL-2.0
/*
 * region=test:SIZE: page frames without memory, alone and beside real ones. They
 * are allocated like any other, and cannot be seen.
 */
#include "load.h"

#define MIB		0x100000ull
#define PAGES(mib)	((mib) * MIB / ST_PAGE)
#define BARE_PFN	((4ull << 50) / ST_PAGE)

/* Every way to map a block fails with the same errno. */
static void expect_no_mapping(struct __test_metadata *_metadata, int fd,
			      const struct mirror_mm_alloc *block)
{
	size_t size = ST_PAGE << block->order;

	EXPECT_EQ(ENODEV, st_map_errno(fd, block->offset, size,
				       PROT_READ | PROT_WRITE, MAP_SHARED));
	EXPECT_EQ(ENODEV, st_map_errno(fd, block->offset, ST_PAGE, PROT_READ,
				       MAP_SHARED));
	EXPECT_EQ(ENODEV, st_map_errno(fd, block->offset + size - ST_PAGE,
				       ST_PAGE, PROT_WRITE, MAP_SHARED));
	/* What is wrong with the request itself is said first. */
	EXPECT_EQ(EINVAL, st_map_errno(fd, block->offset, size, PROT_READ,
				       MAP_PRIVATE));
}

/* The file "memory" and INFO say the same, and it adds up. */
static void expect_cost(struct __test_metadata *_metadata,
			const struct mirror_mm_info *info)
{
	static const char * const parts[] = {
		"descriptors", "pageblocks", "sections", "nodes", "percpu",
	};
	char *text = st_debugfs("memory");
	long long sum = 0;
	size_t i;

	ASSERT_NE(NULL, text);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		EXPECT_LT(0, st_number(text, parts[i]));
		sum += st_number(text, parts[i]);
	}
	EXPECT_EQ(sum, st_number(text, "total"));
	EXPECT_EQ(info->metadata_bytes, sum);
	EXPECT_EQ(info->nr_pages, st_number(text, "pages"));
	EXPECT_EQ(16 * st_number(text, "described"),
		  st_number(text, "descriptors"));
	free(text);
}

TEST_F(load, blocks_without_memory)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	unsigned int order;
	int fd;

	ASSERT_EQ(0, st_insmod("mirror_mm", "region=test:1G"));
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(PAGES(1024), info.nr_pages);
	EXPECT_EQ(PAGES(1024), info.nr_free);
	EXPECT_EQ(BARE_PFN, info.start_pfn);
	EXPECT_EQ(BARE_PFN + PAGES(1024), info.end_pfn);
	expect_cost(_metadata, &info);
	for (order = 0; order <= 10; order++) {
		ASSERT_EQ(0, st_alloc(fd, order, ST_GFP_MOVABLE, &block));
		EXPECT_LE(BARE_PFN, block.pfn);
		expect_no_mapping(_metadata, fd, &block);
		EXPECT_EQ(0, st_free(fd, block.id));
	}
	ASSERT_EQ(0, st_alloc(fd, 3, ST_GFP_MOVABLE | __MIRROR_GFP_ZERO, &block));
	expect_no_mapping(_metadata, fd, &block);
	EXPECT_EQ(NULL, st_check());
}

/* Nothing of the host is touched, so nothing has to be reserved. */
TEST_F(load, blocks_with_memory_and_without)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	unsigned int real = 0, bare = 0;
	char params[128];
	char *addr;
	int fd;

	snprintf(params, sizeof(params), "region=64M@%#llx,test:64M:1,test:32M",
		 (unsigned long long)self->range.base);
	ASSERT_EQ(0, st_insmod("mirror_mm", params));
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(3, info.nr_ranges);
	EXPECT_EQ(2, info.nr_nodes);
	EXPECT_EQ(PAGES(160), info.nr_pages);
	expect_cost(_metadata, &info);
	while (!st_alloc(fd, 10, ST_GFP_MOVABLE | __MIRROR_GFP_MEMALLOC, &block)) {
		if (block.pfn >= BARE_PFN) {
			expect_no_mapping(_metadata, fd, &block);
			bare++;
			continue;
		}
		EXPECT_EQ(0, block.node);
		addr = st_map(fd, &block);
		ASSERT_NE(MAP_FAILED, addr);
		EXPECT_EQ(0, st_not_zero(addr, ST_PAGE));
		real++;
	}
	EXPECT_EQ(16, real);
	EXPECT_EQ(24, bare);
	EXPECT_EQ(NULL, st_check());
}

struct refusal {
	const char *region;
	int error;
	const char *word;
};

/* One line each, that names what was given. */
TEST_F(load, test_regions_that_make_no_sense)
{
	static const struct refusal refusals[] = {
		{ "test:", -EINVAL, "test:size" }, { "test", -EINVAL, "test:size" },
		{ "test:x", -EINVAL, "test:size" }, { "test:4M@4G", -EINVAL, "test:size" },
		{ "test:4M:64", -EINVAL, "test:size" }, { "test:4M:", -EINVAL, "test:size" },
		{ "test:4M,auto", -EINVAL, "test:size" },
		{ "test:0", -EINVAL, "largest block, 4M" },
		{ "test:1", -EINVAL, "largest block, 4M" },
		{ "test:6M", -EINVAL, "largest block, 4M" },
		{ "test:4M,test:5M", -EINVAL, "largest block, 4M" },
		{ "test:4M,", -EINVAL, "last comma" }, { "test:4MB", -EINVAL, "without B" },
		{ "test:4M:64", -EINVAL, "0 to 63" },
		{ "test:16T", -ERANGE, "too large" },
		{ "test:15T,test:1T", -ERANGE, "too large" },
		{ "test:4E", -ERANGE, "too large" },
		{ "test:12T", -ENOMEM, "only" }, { "test:8T,test:4T:1", -ENOMEM, "only" },
		{ "test:4M,4M@4M", -EBUSY, "System RAM" },
	};
	const struct refusal *r;
	struct st_log log;
	char text[1024], param[64];
	int level, lines;
	bool named;

	for (r = refusals; r < refusals + ARRAY_SIZE(refusals); r++) {
		snprintf(param, sizeof(param), "region=%s", r->region);
		ASSERT_EQ(0, st_log_open(&log));
		EXPECT_EQ(r->error, st_insmod("mirror_mm", param)) {
			TH_LOG("%s", param);
		}
		lines = 0;
		named = false;
		while (st_log_next(&log, &level, text, sizeof(text))) {
			lines += level <= 3;
			named |= level <= 3 && strstr(text, r->word);
		}
		st_log_close(&log);
		EXPECT_EQ(1, lines);
		EXPECT_TRUE(named) {
			TH_LOG("%s: no '%s'", param, r->word);
		}
		st_expect_gone(_metadata, &self->before);
	}
}

TEST_HARNESS_MAIN
