// SPDX-License-Identifier: GPL-2.0
/*
 * Programs see the memory through the caches, whatever the zone and the way that
 * the page table entry came about: by the entry itself.
 */
#include "fixture.h"
#include "loader.h"

#define ANSWERS	"/sys/module/mirror_mm_pagetype/parameters/"

static unsigned long answer(const char *name)
{
	char path[128], *text;
	unsigned long value;

	snprintf(path, sizeof(path), ANSWERS "%s", name);
	text = st_read(path);
	value = text ? strtoul(text, NULL, 0) : ~0ul;
	free(text);
	return value;
}

static void expect_write_back(struct __test_metadata *_metadata, void *address,
			      uint64_t pfn)
{
	char parameters[64];

	snprintf(parameters, sizeof(parameters), "address=%#lx",
		 (unsigned long)address);
	ASSERT_EQ(0, st_insmod("mirror_mm_pagetype", parameters));
	EXPECT_EQ(pfn, answer("pfn"));
	EXPECT_EQ(0, answer("bits"));
	EXPECT_EQ(0, st_rmmod("mirror_mm_pagetype"));
}

static const unsigned int kinds[] = {
	ST_GFP, ST_GFP_MOVABLE, ST_GFP | __MIRROR_GFP_HIGHMEM,
};

TEST_F(mirror, entries_of_touched_pages_say_write_back)
{
	struct mirror_mm_alloc block;
	unsigned int i;
	char *addr;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		ASSERT_EQ(0, st_alloc(self->fd, 4, kinds[i], &block));
		addr = st_map(self->fd, &block);
		ASSERT_NE(MAP_FAILED, addr);
		st_fill(addr, st_block_size(&block), i);
		TH_LOG("zone %u", block.zone);
		expect_write_back(_metadata, addr, block.pfn);
		expect_write_back(_metadata, addr + 15 * ST_PAGE,
				  block.pfn + 15);
		EXPECT_EQ(0, st_differs(addr, st_block_size(&block), i));
	}
}

/* Pages that come with one fault lie in one window of the address space. */
#define AROUND	16

/* And those that came with a fault next to them. */
TEST_F(mirror, entries_of_neighbours_say_write_back)
{
	struct mirror_mm_alloc block;
	unsigned int i, first;
	char *addr;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		ASSERT_EQ(0, st_alloc(self->fd, 5, kinds[i], &block));
		addr = st_map(self->fd, &block);
		ASSERT_NE(MAP_FAILED, addr);
		first = -((unsigned long)addr / ST_PAGE) % AROUND;
		ASSERT_EQ(0, st_poke(addr + (first + 3) * ST_PAGE, 1));
		expect_write_back(_metadata, addr + first * ST_PAGE,
				  block.pfn + first);
		expect_write_back(_metadata, addr + (first + 15) * ST_PAGE,
				  block.pfn + first + 15);
	}
}

TEST_HARNESS_MAIN
