// SPDX-License-Identifier: GPL-2.0
/*
 * Claim, use, release, claim again: by every way to get memory and with every way
 * to divide it, in any order. Afterwards the machine is as it was: no range, no
 * mapping, no thread, no file, no state of CPU hotplug, and no memory.
 */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include "refuse.h"

#define MIB	0x100000ull
#define ROUNDS	50

/* the ways ------------------------------------------------------------------ */

#define MAX_WAYS	16

/**
 * struct ways - parameters to load with
 * @nr: how many
 * @text: each
 */
struct ways {
	unsigned int nr;
	char text[MAX_WAYS][160];
};

static __printf(2, 3) void add(struct ways *ways, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ways->text[ways->nr++], sizeof(ways->text[0]), format, args);
	va_end(args);
}

static void region_ways(struct ways *ways, const struct st_range *r)
{
	uint64_t base = r->base;

	add(ways, "region=%#llx@%#llx", HEX(r->size), HEX(base));
	add(ways, "region=auto");
	add(ways, "region=4M@%#llx", HEX(base + 8 * MIB));
	add(ways, "region=64M@%#llx,32M@%#llx,4M@%#llx", HEX(base),
	    HEX(base + 128 * MIB), HEX(base + 100 * MIB));
	add(ways, "region=64M@%#llx:0,64M@%#llx:1", HEX(base),
	    HEX(base + 64 * MIB));
	add(ways, "region=128M@%#llx zones=DMA:16M,DMA32:32M,NORMAL:64M,MOVABLE",
	    HEX(base));
	add(ways, "region=128M@%#llx:3,128M@%#llx zones=MOVABLE:64M,NORMAL",
	    HEX(base), HEX(base + 128 * MIB));
	add(ways, "region=test:16G");
	add(ways, "region=test:1G:1,%#llx@%#llx,test:64M zones=NORMAL:64M,MOVABLE",
	    HEX(r->size), HEX(base));
}

static void cma_ways(struct ways *ways, const struct st_range *r)
{
	uint64_t base = r->base;

	add(ways, "cma=64M");
	add(ways, "cma=16M:1,32M zones=DMA:16M,NORMAL");
	add(ways, "cma=32M region=%#llx@%#llx", HEX(r->size), HEX(base));
	add(ways, "cma=64M:1 region=64M@%#llx zones=NORMAL:32M,MOVABLE",
	    HEX(base));
	add(ways, "cma=16M,16M region=test:1G,4M@%#llx", HEX(base));
}

/* MIRROR_MM_WAYS=cma leaves out those that other guests with this kernel try. */
static void all_ways(struct ways *ways, const struct st_range *r)
{
	const char *only = getenv("MIRROR_MM_WAYS");

	ways->nr = 0;
	if (!only || strcmp(only, "cma"))
		region_ways(ways, r);
	if (st_meminfo("CmaTotal:") >= 200 * 1024)
		cma_ways(ways, r);
}

/* what is left ------------------------------------------------------------------ */

/* Kernel threads and workers with our name in theirs. */
static unsigned int threads(void)
{
	char path[64], *comm;
	unsigned int nr = 0;
	struct dirent *entry;
	DIR *dir = opendir("/proc");

	while (dir && (entry = readdir(dir))) {
		if (!isdigit(entry->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/comm", entry->d_name);
		comm = st_read(path);
		nr += comm && strstr(comm, "mirror");
		free(comm);
	}
	if (dir)
		closedir(dir);
	return nr;
}

static void expect_unnamed(struct __test_metadata *_metadata, const char *path)
{
	char *text = st_read(path);

	EXPECT_TRUE(!text || !strstr(text, "mirror_mm")) {
		TH_LOG("mirror_mm is in %s", path);
	}
	free(text);
}

static unsigned int named_in(const char *path)
{
	unsigned int nr = 0;
	struct dirent *entry;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)))
		nr += !strncmp(entry->d_name, "mirror", 6);
	if (dir)
		closedir(dir);
	return nr;
}

static void expect_no_trace(struct __test_metadata *_metadata,
			    const struct st_before *before)
{
	static const char * const lists[] = {
		"/proc/modules", "/proc/iomem", "/proc/vmallocinfo",
		"/proc/misc", "/proc/slabinfo", "/proc/filesystems",
		"/proc/mounts", "/proc/kallsyms", "/proc/timer_list",
		"/sys/devices/system/cpu/hotplug/states",
	};
	static const char * const folders[] = {
		"/dev", "/sys/module", "/sys/class/misc", "/sys/devices/platform",
		"/sys/bus/platform/devices", "/sys/bus/platform/drivers",
		"/sys/bus/workqueue/devices", "/sys/kernel/debug",
		"/sys/kernel/slab", "/sys/kernel/debug/tracing/events",
	};
	size_t i;

	st_expect_gone(_metadata, before);
	for (i = 0; i < ARRAY_SIZE(lists); i++)
		expect_unnamed(_metadata, lists[i]);
	for (i = 0; i < ARRAY_SIZE(folders); i++)
		EXPECT_EQ(0, named_in(folders[i])) {
			TH_LOG("something of ours is in %s", folders[i]);
		}
	EXPECT_EQ(0, threads());
}

/* using it ---------------------------------------------------------------------- */

/* test: lies behind all that a machine can address. */
static bool has_memory(const struct mirror_mm_alloc *block)
{
	return block->pfn < 1ull << 40;
}

/* Some blocks of all orders, mapped and written; half of them freed again. */
static void use(struct __test_metadata *_metadata, uint64_t *seed)
{
	struct mirror_mm_alloc block;
	int fd = st_open();
	unsigned int i;
	char *addr;

	ASSERT_LE(0, fd);
	for (i = 0; i < 24; i++) {
		unsigned int gfp = i % 3 ? ST_GFP : ST_GFP_MOVABLE;

		if (st_alloc(fd, st_below(seed, 9), gfp, &block))
			continue;
		addr = st_map(fd, &block);
		/* Blocks of test: are names without memory. */
		ASSERT_TRUE(addr != MAP_FAILED || !has_memory(&block));
		if (addr != MAP_FAILED) {
			st_mark(addr, st_block_size(&block), i);
			EXPECT_EQ(0, st_unmarked(addr, st_block_size(&block),
						 i));
			ASSERT_EQ(0, munmap(addr, st_block_size(&block)));
		}
		if (i % 2)
			EXPECT_EQ(0, st_free(fd, block.id));
	}
	EXPECT_EQ(NULL, st_check());
	ASSERT_EQ(0, close(fd));
}

TEST_F(load, every_way_leaves_nothing)
{
	uint64_t seed = st_seed();
	struct ways ways;
	unsigned int i;

	all_ways(&ways, &self->range);
	ASSERT_LT(0, ways.nr);
	for (i = 0; i < ways.nr; i++) {
		ASSERT_EQ(0, st_insmod("mirror_mm", ways.text[i])) {
			TH_LOG("%s", ways.text[i]);
		}
		use(_metadata, &seed);
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
		expect_no_trace(_metadata, &self->before);
	}
}

/* KiB that the kernel holds for itself and that a module can make it hold. */
struct held {
	long long vmalloc;
	long long percpu;
	long long available;
};

static struct held held_now(void)
{
	/* What was freed with a delay is counted as free then. */
	sleep(1);
	return (struct held){
		st_meminfo("VmallocUsed:"), st_meminfo("Percpu:"),
		st_meminfo("MemAvailable:"),
	};
}

static void load_at_random(struct __test_metadata *_metadata,
			   const struct ways *ways, uint64_t *seed)
{
	const char *way = ways->text[st_below(seed, ways->nr)];

	ASSERT_EQ(0, st_insmod("mirror_mm", way)) {
		TH_LOG("%s", way);
	}
	if (!st_below(seed, 3))
		use(_metadata, seed);
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
}

/*
 * A page or a block of vmalloc lost by a load shows in the first two, exactly; the
 * descriptors or the memory itself would be hundreds of times the third's limit.
 * KASAN keeps what was freed for a while, and there is kmemleak beside it.
 */
TEST_F(load, many_loads_lose_no_memory)
{
	bool slow = !access("/sys/kernel/debug/kmemleak", F_OK);
	unsigned int rounds = slow ? ROUNDS / 5 : ROUNDS;
	uint64_t seed = st_seed();
	struct held before, after;
	struct ways ways;
	unsigned int i;

	all_ways(&ways, &self->range);
	ASSERT_LT(0, ways.nr);
	for (i = 0; i < 5; i++)
		load_at_random(_metadata, &ways, &seed);
	before = held_now();
	for (i = 0; i < rounds; i++)
		load_at_random(_metadata, &ways, &seed);
	after = held_now();
	TH_LOG("KiB after %u loads: vmalloc %+lld, percpu %+lld, available %+lld",
	       rounds, after.vmalloc - before.vmalloc,
	       after.percpu - before.percpu, after.available - before.available);
	expect_no_trace(_metadata, &self->before);
	if (slow)
		SKIP(return, "only seen to end: kmemleak looks for what is lost");
	EXPECT_GE(4 * ROUNDS / 2, after.vmalloc - before.vmalloc);
	EXPECT_GE(4 * ROUNDS / 2, after.percpu - before.percpu);
	/* The host frees some of it later: that went up and down by 12 MiB. */
	EXPECT_LE(-512 * (long long)rounds, after.available - before.available);
}

/* who keeps it ------------------------------------------------------------------- */

TEST_F(load, held_in_every_way)
{
	struct mirror_mm_alloc block;
	struct ways ways;
	unsigned int i;
	char *addr;
	int fd;

	all_ways(&ways, &self->range);
	ASSERT_LT(0, ways.nr);
	for (i = 0; i < ways.nr; i++) {
		ASSERT_EQ(0, st_insmod("mirror_mm", ways.text[i]));
		fd = st_open();
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, st_alloc(fd, 5, ST_GFP, &block));
		EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
		addr = has_memory(&block) ? st_map(fd, &block) : NULL;
		ASSERT_NE(MAP_FAILED, addr);
		if (addr)
			st_fill(addr, st_block_size(&block), i);
		ASSERT_EQ(0, close(fd));
		EXPECT_EQ(addr ? -EWOULDBLOCK : 0, st_rmmod("mirror_mm"));
		if (addr) {
			EXPECT_EQ(0, st_differs(addr, st_block_size(&block), i));
			ASSERT_EQ(0, munmap(addr, st_block_size(&block)));
			ASSERT_EQ(0, st_rmmod("mirror_mm"));
		}
		expect_no_trace(_metadata, &self->before);
	}
}

TEST_F(load, kept_by_a_module)
{
	struct ways ways;
	unsigned int i;

	all_ways(&ways, &self->range);
	ASSERT_LT(0, ways.nr);
	for (i = 0; i < ways.nr; i += 3) {
		ASSERT_EQ(0, st_insmod("mirror_mm", ways.text[i]));
		ASSERT_EQ(0, st_insmod("mirror_mm_hold", "pages=100"));
		EXPECT_EQ(-EWOULDBLOCK, st_rmmod("mirror_mm"));
		EXPECT_EQ(NULL, st_check());
		ASSERT_EQ(0, st_rmmod("mirror_mm_hold"));
		ASSERT_EQ(0, st_rmmod("mirror_mm"));
		expect_no_trace(_metadata, &self->before);
	}
}

/* loads that fail on the way --------------------------------------------------------- */

/* After the claim: what the core and the sizes object to. */
TEST_F(load, failed_after_the_claim)
{
	static const char * const wrong[] = {
		"zones=DMA:64G,NORMAL", "min_free_kbytes=100000000",
	};
	struct ways ways;
	unsigned int i, j;

	all_ways(&ways, &self->range);
	ASSERT_LT(0, ways.nr);
	for (i = 0; i < ways.nr; i++) {
		for (j = 0; j < ARRAY_SIZE(wrong); j++) {
			/* One with zones of its own gets no second list. */
			if (j == 0 && strstr(ways.text[i], "zones="))
				continue;
			REFUSED(-EINVAL, wrong[j], "%s %s", ways.text[i],
				wrong[j]);
		}
	}
	expect_no_trace(_metadata, &self->before);
}

/* At the very end: the device's name is taken. */
TEST_F(load, failed_at_the_device)
{
	struct ways ways;
	unsigned int i;

	all_ways(&ways, &self->range);
	ASSERT_LT(0, ways.nr);
	for (i = 0; i < ways.nr; i++) {
		ASSERT_EQ(0, st_insmod("mirror_mm_squat", "device=1"));
		EXPECT_EQ(-EBUSY, st_insmod("mirror_mm", ways.text[i])) {
			TH_LOG("%s", ways.text[i]);
		}
		EXPECT_FALSE(st_loaded_module("mirror_mm"));
		EXPECT_EQ(0, st_iomem("mirror_mm", &(struct st_range){ 0 }, 1));
		ASSERT_EQ(0, st_rmmod("mirror_mm_squat"));
		expect_no_trace(_metadata, &self->before);
	}
}

TEST_HARNESS_MAIN
