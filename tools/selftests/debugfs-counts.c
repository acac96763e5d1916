// SPDX-License-Identifier: GPL-2.0
/*
 * What the debugfs files count is what is there, and they agree.
 */
#include "fixture.h"

/* Sums of pagetypeinfo's columns over all types. */
static bool sum_types(unsigned long *sums, unsigned int nr_orders)
{
	char *text = st_debugfs("pagetypeinfo"), *rest = text, *line;
	char zone[16], type[16];
	unsigned int rows = 0, order;
	unsigned long nr;
	int node, at, step;

	memset(sums, 0, nr_orders * sizeof(*sums));
	while (rest && (line = st_line(&rest))) {
		if (sscanf(line, "Node %d, zone %15[^,], type %15s%n", &node,
			   zone, type, &at) != 3)
			continue;
		rows++;
		for (order = 0; order < nr_orders; order++) {
			if (sscanf(line + at, "%lu%n", &nr, &step) != 1)
				return false;
			at += step;
			sums[order] += nr;
		}
	}
	free(text);
	return rows >= 5;
}

/* Pageblocks of a type, by the name in the header line; -1 for none such. */
static long pageblocks(const char *want)
{
	char *text = st_debugfs("pagetypeinfo"), *rest = text, *line;
	long column = -1, value = -1;
	char name[16];
	int at = 0, step;

	while (rest && (line = st_line(&rest))) {
		if (column < 0 && !strncmp(line, "Number of blocks type ", 22)) {
			for (at = 22, column = 0;
			     sscanf(line + at, "%15s%n", name, &step) == 1 &&
			     strcmp(name, want); column++)
				at += step;
			continue;
		}
		if (column < 0 || sscanf(line, "Node %*d, zone %15s%n", name,
					 &at) != 1)
			continue;
		for (; column >= 0; column--) {
			if (sscanf(line + at, "%ld%n", &value, &step) != 1)
				break;
			at += step;
		}
		break;
	}
	free(text);
	return column < 0 ? value : -1;
}

/* Pages on all per-CPU lists, by zoneinfo. */
static long pages_on_lists(void)
{
	char *text = st_debugfs("zoneinfo"), *rest = text, *line;
	long sum = 0, nr;

	while (rest && (line = st_line(&rest)))
		if (sscanf(line, " count: %ld", &nr) == 1)
			sum += nr;
	free(text);
	return sum;
}

static long long vmstat(const char *name)
{
	char *text = st_debugfs("vmstat");
	long long value = text ? st_number(text, name) : -1;

	free(text);
	return value;
}

/* Some blocks of every kind, so that there is something to count. */
static int hold_some(int fd)
{
	static const unsigned int gfps[] = {
		ST_GFP, ST_GFP_MOVABLE, ST_GFP_RECLAIM,
	};
	struct mirror_mm_alloc block;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < 300 && !ret; i++)
		ret = st_alloc(fd, i % 7, gfps[i % 3], &block);
	return ret;
}

TEST_F(mirror, pagetypeinfo_adds_up_to_buddyinfo)
{
	unsigned long sums[ST_MAX_ORDERS];
	struct st_buddyinfo buddy;
	unsigned int order, nr = self->info.max_order + 1;

	ASSERT_EQ(0, hold_some(self->fd));
	ASSERT_EQ(0, st_buddyinfo(&buddy));
	ASSERT_EQ(1, buddy.nr_rows);
	ASSERT_TRUE(sum_types(sums, nr));
	for (order = 0; order < nr; order++)
		EXPECT_EQ(buddy.row[0].nr[order], sums[order]);
	EXPECT_EQ(st_nr_free(self->fd), st_free_pages(&buddy));
	EXPECT_EQ(self->info.nr_pages,
		  st_free_pages(&buddy) + st_held_pages(self->fd));
}

TEST_F(mirror, pageblocks_are_counted_by_type)
{
	long all = self->info.nr_pages >> self->info.pb_order;
	struct mirror_mm_alloc block;

	ASSERT_EQ(0, st_debugfs_write("reset", "1"));
	EXPECT_EQ(all, pageblocks("Movable"));
	EXPECT_EQ(0, pageblocks("Unmovable"));
	EXPECT_EQ(0, pageblocks("Reclaimable"));
	EXPECT_EQ(0, pageblocks("HighAtomic"));
	EXPECT_EQ(0, pageblocks("Isolate"));
	/* Requests of another type take over as much as they broke up. */
	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	EXPECT_EQ(MIRROR_MIGRATE_UNMOVABLE, block.migratetype);
	EXPECT_LT(0, pageblocks("Unmovable"));
	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP_RECLAIM, &block));
	EXPECT_EQ(MIRROR_MIGRATE_RECLAIMABLE, block.migratetype);
	EXPECT_LT(0, pageblocks("Reclaimable"));
	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP_MOVABLE, &block));
	EXPECT_EQ(MIRROR_MIGRATE_MOVABLE, block.migratetype);
	EXPECT_EQ(all, pageblocks("Movable") + pageblocks("Unmovable") +
		       pageblocks("Reclaimable"));
}

TEST_F(mirror, zoneinfo_knows_the_size_of_the_zone)
{
	EXPECT_EQ(self->info.nr_pages, st_zoneinfo_number("spanned"));
	EXPECT_EQ(self->info.nr_pages, st_zoneinfo_number("present"));
	EXPECT_EQ(self->info.nr_pages, st_zoneinfo_number("managed"));
	EXPECT_EQ(self->info.start_pfn, st_zoneinfo_number("start_pfn:"));
	EXPECT_LT(0, st_zoneinfo_number("min"));
	EXPECT_LT(st_zoneinfo_number("min"), st_zoneinfo_number("low"));
	EXPECT_LT(st_zoneinfo_number("low"), st_zoneinfo_number("high"));
	EXPECT_LT(st_zoneinfo_number("high"), st_zoneinfo_number("promo"));
}

TEST_F(mirror, pages_are_on_per_cpu_lists_or_in_the_buddy_lists)
{
	struct st_buddyinfo buddy;
	char *text;

	ASSERT_EQ(0, hold_some(self->fd));
	text = st_debugfs("buddyinfo");
	ASSERT_NE(NULL, text);
	ASSERT_EQ(0, st_parse_buddyinfo(text, &buddy));
	free(text);
	EXPECT_LT(0, pages_on_lists());
	EXPECT_EQ(st_nr_free(self->fd),
		  st_free_pages(&buddy) + pages_on_lists());
	ASSERT_EQ(0, st_drain());
	EXPECT_EQ(0, pages_on_lists());
}

/* The counter lags behind by what each CPU has not told yet. */
TEST_F(mirror, counters_of_free_pages_follow)
{
	/* No threshold is larger than 125. */
	long drift = sysconf(_SC_NPROCESSORS_ONLN) * 125;
	long free_pages;

	ASSERT_EQ(0, hold_some(self->fd));
	ASSERT_EQ(0, st_drain());
	free_pages = st_nr_free(self->fd);
	EXPECT_LE(free_pages - drift, vmstat("nr_free_pages"));
	EXPECT_GE(free_pages + drift, vmstat("nr_free_pages"));
	EXPECT_LE(free_pages - drift, st_zoneinfo_number("free"));
	EXPECT_GE(free_pages + drift, st_zoneinfo_number("free"));
}

TEST_F(mirror, vmstat_counts_pages_allocated_and_freed)
{
	long long allocated = vmstat("pgalloc_normal"), freed = vmstat("pgfree");
	long long hit = vmstat("numa_hit"), local = vmstat("numa_local");
	struct mirror_mm_alloc block[110];
	unsigned int i;

	ASSERT_LE(0, allocated);
	ASSERT_LE(0, freed);
	ASSERT_LE(0, hit);
	for (i = 0; i < 110; i++)
		ASSERT_EQ(0, st_alloc(self->fd, i % 11, ST_GFP_MOVABLE, &block[i]));
	EXPECT_EQ(allocated + 10 * 2047, vmstat("pgalloc_normal"));
	EXPECT_EQ(freed, vmstat("pgfree"));
	EXPECT_EQ(hit + 110, vmstat("numa_hit"));
	EXPECT_EQ(local + 110, vmstat("numa_local"));
	for (i = 0; i < 110; i++)
		ASSERT_EQ(0, st_free(self->fd, block[i].id));
	EXPECT_EQ(allocated + 10 * 2047, vmstat("pgalloc_normal"));
	EXPECT_EQ(freed + 10 * 2047, vmstat("pgfree"));
	EXPECT_EQ(0, vmstat("pgalloc_dma"));
	EXPECT_EQ(0, vmstat("pgalloc_movable"));
}

TEST_F(mirror, buddyinfo_shows_a_split_and_a_merge)
{
	struct st_buddyinfo before, now;
	struct mirror_mm_alloc block;
	unsigned int order, max = self->info.max_order;

	ASSERT_EQ(0, st_debugfs_write("reset", "1"));
	ASSERT_EQ(0, st_buddyinfo(&before));
	EXPECT_EQ(self->info.nr_pages >> max, before.row[0].nr[max]);
	for (order = 0; order < max; order++)
		EXPECT_EQ(0, before.row[0].nr[order]);
	/* Order 5 does not go through the per-CPU lists. */
	ASSERT_EQ(0, st_alloc(self->fd, 5, ST_GFP_MOVABLE, &block));
	ASSERT_EQ(0, st_buddyinfo(&now));
	for (order = 0; order < max; order++)
		EXPECT_EQ(order >= 5, now.row[0].nr[order]);
	EXPECT_EQ(before.row[0].nr[max] - 1, now.row[0].nr[max]);
	ASSERT_EQ(0, st_free(self->fd, block.id));
	ASSERT_EQ(0, st_buddyinfo(&now));
	EXPECT_TRUE(st_same_buddyinfo(&before, &now));
}

static int set_marks(unsigned long min, unsigned long low, unsigned long high,
		     unsigned long promo)
{
	char text[128];

	snprintf(text, sizeof(text), "0 Normal %lu %lu %lu %lu", min, low, high,
		 promo);
	return st_debugfs_write("watermarks", text);
}

/*
 * Below the low mark, a request of a high order that must not wait leaves a
 * pageblock behind for the next of its kind.
 */
TEST_F(mirror, high_order_atomic_request_reserves_a_pageblock)
{
	unsigned long min = st_zoneinfo_number("min");
	unsigned long low = st_zoneinfo_number("low");
	unsigned long high = st_zoneinfo_number("high");
	unsigned long promo = st_zoneinfo_number("promo");
	unsigned long nr = self->info.nr_pages;
	struct mirror_mm_alloc block;

	self->reserves = true;
	ASSERT_EQ(0, st_debugfs_write("reset", "1"));
	ASSERT_EQ(0, st_alloc(self->fd, 4, ST_GFP_MOVABLE, &block));
	ASSERT_EQ(0, st_alloc(self->fd, 4, MIRROR_GFP_ATOMIC, &block));
	EXPECT_EQ(0, pageblocks("HighAtomic"));
	ASSERT_EQ(0, set_marks(min, nr - 8, nr - 6, nr - 4));
	EXPECT_EQ(0, st_alloc(self->fd, 4, MIRROR_GFP_ATOMIC, &block));
	EXPECT_EQ(1, pageblocks("HighAtomic"));
	EXPECT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(0, set_marks(min, low, high, promo));
	/* It stays, and ordinary requests find their memory elsewhere. */
	EXPECT_EQ(0, st_alloc(self->fd, 4, ST_GFP, &block));
	EXPECT_NE(MIRROR_MIGRATE_HIGHATOMIC, block.migratetype);
	EXPECT_EQ(1, pageblocks("HighAtomic"));
}

TEST_HARNESS_MAIN
