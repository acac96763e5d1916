// SPDX-License-Identifier: GPL-2.0
/*
 * Who reserves memory to keep something in it loses nothing by a load, whether it
 * succeeds or not: each word of the reservation is as it was.
 */
#include "refuse.h"

#define MIB	0x100000ull

/* A word that tells its address, and the pass. */
static uint64_t word_at(uint64_t at, uint64_t pass)
{
	return (at ^ pass << 56) * 0x9e3779b97f4a7c15ull;
}

static uint64_t *map_range(const struct st_range *r)
{
	int fd = open("/dev/mem", O_RDWR | O_CLOEXEC);
	void *addr;

	if (fd < 0)
		return MAP_FAILED;
	addr = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    r->base);
	close(fd);
	return addr;
}

/* The kernel keeps /dev/mem away from what a driver has, so it is mapped anew. */
static void fill(struct __test_metadata *_metadata, const struct st_range *r,
		 uint64_t pass)
{
	uint64_t *words = map_range(r), i;

	ASSERT_NE(MAP_FAILED, (void *)words);
	for (i = 0; i < r->size / 8; i++)
		words[i] = word_at(i, pass);
	ASSERT_EQ(0, munmap(words, r->size));
}

static uint64_t count_lost(struct __test_metadata *_metadata,
			   const struct st_range *r, uint64_t pass)
{
	uint64_t *words = map_range(r), i, lost = 0;

	EXPECT_NE(MAP_FAILED, (void *)words);
	if (words == MAP_FAILED)
		return r->size;
	for (i = 0; i < r->size / 8; i++)
		lost += words[i] != word_at(i, pass);
	EXPECT_EQ(0, munmap(words, r->size));
	return lost;
}

TEST_F(load, content_outlives_loads)
{
	const struct st_range *r = &self->range;
	unsigned int i;

	fill(_metadata, r, 1);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, st_insmod_default());
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
		EXPECT_EQ(0, count_lost(_metadata, r, 1));
	}
	/* Allocating does not write either, unless somebody maps it. */
	ASSERT_EQ(0, st_insmod("mirror_mm", "region=auto nodes=2"));
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	EXPECT_EQ(0, count_lost(_metadata, r, 1));
}

/* The range is good, and tried; what comes after it fails. */
TEST_F(load, content_outlives_refused_loads)
{
	const struct st_range *r = &self->range;

	fill(_metadata, r, 2);
	REFUSED(-EINVAL, "cpus=x", "region=%#llx@%#llx nodes=64 cpus=x",
		HEX(r->size), HEX(r->base));
	EXPECT_EQ(0, count_lost(_metadata, r, 2));
	REFUSED(-EINVAL, "zones=", "region=%#llx@%#llx zones=NORMAL:1G,MOVABLE",
		HEX(r->size), HEX(r->base));
	EXPECT_EQ(0, count_lost(_metadata, r, 2));
}

TEST_HARNESS_MAIN
