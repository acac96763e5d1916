// SPDX-License-Identifier: GPL-2.0
/*
 * Claims that must be refused: with the errno that fits, one line in the log
 * that says what was wrong, and nothing left behind.
 *
 * The guest has two reservations. Behind the second there is no memory.
 */
#include "refuse.h"

#define FORCE_WORD	"may-overwrite-device-memory"
#define FORCE		"force=" FORCE_WORD
#define MIB	0x100000ull
#define BLOCK	(4 * MIB)

TEST_F(load, no_region_says_how_to_give_one)
{
	REFUSED(-EINVAL, "region=", "%s", "");
	REFUSED(-EINVAL, "region=", "region=");
	REFUSED(-EINVAL, "reserved is 256M@4G, 64M@64G", "zones=NORMAL");
}

TEST_F(load, text_that_is_no_region)
{
	static const char * const garbage[] = {
		"x", "256M", "256M@", "@4G", "@", "256M$4G", "256M@4Gx", "4G-256M",
		"256M@4G;64M@8G", "-1M@4G", "256M@-4G", "256M@@4G", "M@4G",
		"256M@4G:", "256M@4G:x", "256M@4G:4096", "256M@4G@4G",
		"auto,256M@4G", "256M@4G,auto", ",256M@4G", "256M@4G,,64M@8G",
		"AUTOMATIC", "0xg@4G",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(garbage); i++)
		REFUSED(-EINVAL, garbage[i], "region=%s", garbage[i]);
}

/* The reason is the one that a person needs, and not that something is wrong. */
TEST_F(load, near_misses_are_named)
{
	static const struct {
		const char *parameters;
		const char *word;
	} misses[] = {
		{ "region=256MB@4G", "without B" },
		{ "region=256M@4GiB", "without B" },
		{ "region=256Mib@4G", "without B" },
		{ "region=256M$4G", "'$' is for the kernel's memmap=" },
		{ "region=256M", "without '@'" },
		{ "region=256M 4G", "without '@'" },
		{ "region=128M@4G,", "last comma" },
		{ "region=128M@4G, 128M@0x108000000", "last comma" },
		{ "\"region=128M@4G, 128M@0x108000000\"", "blank" },
		{ "\"region=128M@4G 128M@0x108000000\"", "blank" },
		{ "\"region=128M @4G\"", "without '@'" },
		{ "region=128M@4G:64", "0 to 63" },
		{ "region=128M@4G:-1", "0 to 63" },
		{ "region=auto,128M@4G", "auto stands alone" },
		{ "region=128M@4G,AUTO", "auto stands alone" },
		{ "region=99999999999999999999@4G", "too large" },
		{ "region=auto zones=DMA:16M,", "last comma" },
		{ "region=auto zones=DMA:16MB,NORMAL", "without B" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(misses); i++)
		REFUSED(-EINVAL, misses[i].word, "%s", misses[i].parameters);
}

TEST_F(load, size_0)
{
	REFUSED(-EINVAL, "size", "region=0@%#llx", HEX(self->range.base));
	REFUSED(-EINVAL, "size", "region=0@0");
	REFUSED(-EINVAL, "size", "region=0M@%#llx:0", HEX(self->range.base));
}

TEST_F(load, too_small)
{
	static const uint64_t sizes[] = { 1, 4096, MIB, 2 * MIB, BLOCK - 4096 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		REFUSED(-EINVAL, "too small", "region=%#llx@%#llx",
			HEX(sizes[i]), HEX(self->range.base));
}

TEST_F(load, base_or_size_not_of_whole_blocks)
{
	uint64_t base = self->range.base;

	REFUSED(-EINVAL, "multiple", "region=8M@%#llx", HEX(base + 1));
	REFUSED(-EINVAL, "multiple", "region=8M@%#llx", HEX(base + 4096));
	REFUSED(-EINVAL, "multiple", "region=8M@%#llx", HEX(base + 2 * MIB));
	REFUSED(-EINVAL, "multiple", "region=%#llx@%#llx", HEX(2 * BLOCK + 1),
		HEX(base));
	REFUSED(-EINVAL, "multiple", "region=10M@%#llx", HEX(base));
	/* The line says which part would do, as it has to be written. */
	REFUSED(-EINVAL, "used is 96M@0x100400000", "region=100M@0x100100000");
	REFUSED(-EINVAL, "used is 8M@4G", "region=10M@4G");
	REFUSED(-EINVAL, "no such block", "region=6M@0x100100000");
}

TEST_F(load, beyond_the_physical_width)
{
	REFUSED(-ERANGE, "beyond", "region=256M@4P");
	REFUSED(-ERANGE, "beyond", "region=4M@0x4000000000000000");
	REFUSED(-ERANGE, "beyond", "region=4M@0xffffffffffc00000");
	REFUSED(-ERANGE, "beyond", "region=8M@0xffffffffffc00000");
	REFUSED(-ERANGE, "beyond", "region=0xffffffffffc00000@4M");
	REFUSED(-ERANGE, "beyond", "region=0xffffffffffc00000@8M");
}

/* Cut off at 64 bits, these would be the range that may be claimed. */
TEST_F(load, numbers_of_more_than_64_bits)
{
	static const char * const numbers[] = {
		"0x10000000010000000@4G", "256M@0x10000000100000000",
		"0x100000000100M@4G", "256M@17179869188G",
		"268435456@18446744078004518912",
	};
	struct st_log log;
	size_t i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		ASSERT_EQ(0, st_log_open(&log));
		ret = st_insmod("mirror_mm", params("region=%s", numbers[i]));
		EXPECT_TRUE(ret == -EINVAL || ret == -ERANGE) {
			TH_LOG("region=%s: %d", numbers[i], ret);
		}
		expect_one_line(_metadata, &log, "region");
		st_log_close(&log);
		if (!ret)
			EXPECT_EQ(0, st_rmmod("mirror_mm"));
		st_expect_gone(_metadata, &self->before);
	}
}

TEST_F(load, ranges_that_overlap)
{
	uint64_t base = self->range.base;

	REFUSED(-EINVAL, "overlap", "region=64M@%#llx,64M@%#llx", HEX(base),
		HEX(base + 32 * MIB));
	REFUSED(-EINVAL, "overlap", "region=64M@%#llx,64M@%#llx",
		HEX(base + 60 * MIB), HEX(base));
	REFUSED(-EINVAL, "overlap", "region=64M@%#llx,64M@%#llx", HEX(base),
		HEX(base));
	REFUSED(-EINVAL, "overlap", "region=128M@%#llx,32M@%#llx,4M@%#llx",
		HEX(base), HEX(base + 192 * MIB), HEX(base + 124 * MIB));
}

/* The largest stretch of RAM there is; whole blocks in the middle of it. */
TEST_F(load, system_ram)
{
	struct st_range ram[32];
	unsigned int i, nr = st_iomem("System RAM", ram, 32), tried = 0;

	for (i = 0; i < nr; i++) {
		uint64_t start = (ram[i].base + BLOCK - 1) & ~(BLOCK - 1);

		if (start + BLOCK > ram[i].base + ram[i].size)
			continue;
		REFUSED(-EBUSY, "RAM", "region=4M@%#llx", HEX(start));
		tried++;
	}
	EXPECT_GE(tried, 2);
	REFUSED(-EBUSY, "RAM", "region=64M@512M");
}

TEST_F(load, partly_system_ram)
{
	struct st_range *r = &self->range;

	/* What follows the reservation is RAM, and what lies before 4 MiB. */
	REFUSED(-EBUSY, "RAM", "region=%#llx@%#llx", HEX(r->size + BLOCK),
		HEX(r->base));
	REFUSED(-EBUSY, "RAM", "region=8M@%#llx",
		HEX(r->base + r->size - BLOCK));
	REFUSED(-EBUSY, "RAM", "region=4M@0");
}

TEST_F(load, nothing_that_memmap_reserved)
{
	REFUSED(-ENXIO, "memmap", "region=64M@32G");
	REFUSED(-ENXIO, "memmap", "region=64M@32G,64M@%#llx",
		HEX(self->range.base));
	REFUSED(-ENXIO, "memmap", "region=64M@%#llx,64M@32G",
		HEX(self->range.base));
}

/* The firmware's reservations are not ours, although nobody seems to use them. */
TEST_F(load, reserved_by_the_firmware)
{
	struct st_range reserved[32], own[4];
	unsigned int i, j, nr = st_iomem("Reserved", reserved, 32);
	unsigned int nr_own = st_reserved(own, 4), tried = 0;

	for (i = 0; i < nr; i++) {
		uint64_t start = (reserved[i].base + BLOCK - 1) & ~(BLOCK - 1);

		for (j = 0; j < nr_own; j++)
			if (start < own[j].base + own[j].size &&
			    start + BLOCK > own[j].base)
				break;
		if (j < nr_own ||
		    start + BLOCK > reserved[i].base + reserved[i].size)
			continue;
		REFUSED(-ENXIO, "memmap", "region=4M@%#llx", HEX(start));
		tried++;
	}
	if (!tried)
		SKIP(return, "this machine's firmware reserves no 4 MiB");
}

TEST_F(load, another_drivers)
{
	uint64_t base = self->range.base;
	char squat[64];

	snprintf(squat, sizeof(squat), "base=%#llx size=4096",
		 HEX(base + 100 * MIB));
	ASSERT_EQ(0, st_insmod("mirror_mm_squat", squat));
	free(self->before.iomem);
	self->before.iomem = st_read("/proc/iomem");
	REFUSED(-EBUSY, "in part: mirror_mm_squat [mem 0x106400000-0x106400fff]",
		"region=%#llx@%#llx",
		HEX(self->range.size), HEX(base));
	/* Beside it there is no objection. */
	EXPECT_EQ(0, st_insmod("mirror_mm",
			       params("region=100M@%#llx,4M@%#llx", HEX(base),
				      HEX(base + 104 * MIB))));
	EXPECT_EQ(0, st_rmmod("mirror_mm"));
	/* The second range fails, so the first is given back. */
	REFUSED(-EBUSY, "another driver", "region=64M@%#llx,64M@%#llx",
		HEX(base), HEX(base + 64 * MIB));
	EXPECT_EQ(0, st_rmmod("mirror_mm_squat"));
	free(self->before.iomem);
	self->before.iomem = st_read("/proc/iomem");
}

TEST_F(load, nothing_behind_it)
{
	struct st_range ranges[4];

	if (st_reserved(ranges, 4) < 2)
		SKIP(return, "no second memmap= here");
	/* The firmware's map knows of no memory there. */
	REFUSED(-ENXIO, "firmware", "region=%#llx@%#llx", HEX(ranges[1].size),
		HEX(ranges[1].base));
	REFUSED(-ENXIO, "firmware", "region=%#llx@%#llx,4M@%#llx",
		HEX(ranges[0].size), HEX(ranges[0].base), HEX(ranges[1].base));
	REFUSED(-ENXIO, "firmware", "region=auto");
	/* Somebody answers for it, so it is tried. */
	REFUSED(-EIO, "no memory behind", "region=%#llx@%#llx " FORCE,
		HEX(ranges[1].size), HEX(ranges[1].base));
	REFUSED(-EIO, "no memory behind", "region=%#llx@%#llx,4M@%#llx " FORCE,
		HEX(ranges[0].size), HEX(ranges[0].base), HEX(ranges[1].base));
	REFUSED(-EIO, "no memory behind", "region=auto " FORCE);
}

TEST_F(load, force_takes_one_word)
{
	static const char * const wrong[] = {
		"1", "yes", "y", "may", "may-overwrite", "may overwrite",
		FORCE_WORD "x", "may_overwrite_device_memory",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		REFUSED(-EINVAL, FORCE_WORD, "region=auto \"force=%s\"",
			wrong[i]);
	/* It answers for the firmware alone. */
	REFUSED(-EBUSY, "RAM", "region=64M@512M " FORCE);
	REFUSED(-ENXIO, "memmap", "region=64M@32G " FORCE);
}

TEST_F(load, parameters_that_make_no_sense)
{
	static const char * const bad[] = {
		"zones=NOWHERE:16M", "zones=DMA:16M,DMA:16M,NORMAL",
		"zones=DMA:16M,NORMAL,MOVABLE", "zones=DMA:1K,NORMAL",
		"zones=DMA:,NORMAL", "zones=DMA:3M,NORMAL",
		"zones=DMA:0,NORMAL", "zones=DMA:16M;NORMAL", "zones=:16M",
		"zones=DMA:64G,NORMAL", "watermark_scale_factor=3001",
		"min_free_kbytes=1000000000", "policy=none",
	};
	char region[64];
	size_t i;

	snprintf(region, sizeof(region), "region=%#llx@%#llx",
		 HEX(self->range.size), HEX(self->range.base));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		REFUSED(-EINVAL, bad[i], "%s %s", region, bad[i]);
}

TEST_HARNESS_MAIN
