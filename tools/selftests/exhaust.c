// SPDX-License-Identifier: GPL-2.0
/*
 * Until nothing is left, and back: no page is handed out twice, none is lost,
 * and a request that failed has taken nothing.
 */
#include "fixture.h"

#define BATCH	1024

/* The free pages that watermarks are compared with may be off by this much. */
static long drift(void)
{
	return 125 * sysconf(_SC_NPROCESSORS_ONLN);
}

/* One bit a page frame. */
struct frames {
	uint64_t first;
	uint64_t nr;
	uint64_t *bits;
};

static int frames_init(struct frames *f, const struct mirror_mm_info *info)
{
	f->first = info->start_pfn;
	f->nr = info->end_pfn - info->start_pfn;
	f->bits = calloc((f->nr + 63) / 64, sizeof(*f->bits));
	return f->bits ? 0 : -ENOMEM;
}

/* Marks a block as taken; false where a page of it is already, or is none. */
static bool frames_take(struct frames *f, uint64_t pfn, unsigned int order)
{
	uint64_t i, frame = pfn - f->first;

	if (pfn < f->first || frame + (1ull << order) > f->nr)
		return false;
	for (i = frame; i < frame + (1ull << order); i++) {
		if (f->bits[i / 64] & 1ull << i % 64)
			return false;
		f->bits[i / 64] |= 1ull << i % 64;
	}
	return true;
}

/* What a run has got, and the ids to give it back with. */
struct loot {
	uint64_t *ids;
	uint64_t nr;
	uint64_t twice;
};

/* Allocates one order until ENOMEM; 0, or an unexpected error. */
static int take_all(int fd, unsigned int order, unsigned int gfp,
		    struct frames *f, struct loot *loot)
{
	struct mirror_mm_op ops[BATCH];
	bool left = true;
	int i, done;

	while (left) {
		for (i = 0; i < BATCH; i++)
			st_op_alloc(&ops[i], order, gfp);
		done = st_submit(fd, ops, BATCH);
		if (done != BATCH)
			return done < 0 ? done : -EINTR;
		for (i = 0; i < BATCH; i++) {
			if (ops[i].result == -ENOMEM) {
				left = false;
				continue;
			}
			if (ops[i].result)
				return ops[i].result;
			loot->twice += !frames_take(f, ops[i].alloc.pfn, order);
			loot->ids[loot->nr++] = ops[i].alloc.id;
		}
	}
	return 0;
}

static int give_back(int fd, struct loot *loot)
{
	struct mirror_mm_op ops[BATCH];
	int i, nr;

	while (loot->nr) {
		nr = loot->nr < BATCH ? loot->nr : BATCH;
		for (i = 0; i < nr; i++)
			st_op_free(&ops[i], loot->ids[--loot->nr]);
		if (st_submit(fd, ops, nr) != nr)
			return -EINTR;
		for (i = 0; i < nr; i++)
			if (ops[i].result)
				return ops[i].result;
	}
	return 0;
}

/* What may remain: below the min mark no ordinary request goes. */
static void exhaust_order(struct __test_metadata *_metadata, int fd,
			  unsigned int order, unsigned int gfp,
			  const struct mirror_mm_info *info)
{
	uint64_t min = st_zoneinfo_number("min"), left;
	struct loot loot = { .nr = 0 };
	struct frames f;

	ASSERT_EQ(0, frames_init(&f, info));
	loot.ids = calloc(info->nr_pages, sizeof(*loot.ids));
	ASSERT_NE(NULL, loot.ids);
	ASSERT_EQ(0, take_all(fd, order, gfp, &f, &loot));
	left = st_nr_free(fd);
	EXPECT_EQ(0, loot.twice);
	EXPECT_EQ(loot.nr, st_held_blocks(fd));
	EXPECT_EQ(loot.nr << order, st_held_pages(fd));
	EXPECT_EQ(info->nr_pages, left + (loot.nr << order));
	EXPECT_LE(left, min + (1u << order) + drift()) {
		TH_LOG("order %u", order);
	}
	EXPECT_EQ(NULL, st_check());
	EXPECT_EQ(0, give_back(fd, &loot));
	EXPECT_EQ(0, st_held_blocks(fd));
	EXPECT_EQ(info->nr_free, st_nr_free(fd));
	free(f.bits);
	free(loot.ids);
}

TEST_F(mirror, every_order_until_nothing_is_left)
{
	unsigned int order;

	for (order = 0; order <= self->info.max_order; order++)
		exhaust_order(_metadata, self->fd, order, ST_GFP_MOVABLE,
			      &self->info);
}

TEST_F(mirror, every_order_of_unmovable_until_nothing_is_left)
{
	unsigned int order;

	for (order = 0; order <= self->info.max_order; order += 3)
		exhaust_order(_metadata, self->fd, order, ST_GFP, &self->info);
}

/* Smaller and smaller blocks of changing type fill the gaps. */
TEST_F(mirror, all_orders_at_once_until_nothing_is_left)
{
	static const unsigned int gfps[] = {
		ST_GFP, ST_GFP_MOVABLE, ST_GFP_RECLAIM,
	};
	struct loot loot = { .nr = 0 };
	struct frames f;
	int order;

	ASSERT_EQ(0, frames_init(&f, &self->info));
	loot.ids = calloc(self->info.nr_pages, sizeof(*loot.ids));
	ASSERT_NE(NULL, loot.ids);
	/* Pages here and there, so that the larger ones have gaps between. */
	for (order = 0; order < 300; order++) {
		struct mirror_mm_alloc block;

		ASSERT_EQ(0, st_alloc(self->fd, order % 4, gfps[order % 3],
				      &block));
		EXPECT_TRUE(frames_take(&f, block.pfn, block.order));
		loot.ids[loot.nr++] = block.id;
	}
	for (order = self->info.max_order; order >= 0; order--)
		ASSERT_EQ(0, take_all(self->fd, order, gfps[order % 3], &f,
				      &loot));
	EXPECT_EQ(0, loot.twice);
	EXPECT_LE(st_nr_free(self->fd), st_zoneinfo_number("min") + drift());
	EXPECT_EQ(self->info.nr_pages,
		  st_nr_free(self->fd) + st_held_pages(self->fd));
	EXPECT_EQ(NULL, st_check());
	EXPECT_EQ(0, give_back(self->fd, &loot));
}

/* With the right to the reserves, every page there is, each one once. */
TEST_F(mirror, reserves_can_be_used_up_to_the_last_page)
{
	struct loot loot = { .nr = 0 };
	struct mirror_mm_alloc block;
	struct frames f;
	int other;

	ASSERT_EQ(0, frames_init(&f, &self->info));
	loot.ids = calloc(self->info.nr_pages, sizeof(*loot.ids));
	ASSERT_NE(NULL, loot.ids);
	ASSERT_EQ(0, take_all(self->fd, 0, ST_GFP | __MIRROR_GFP_MEMALLOC, &f,
			      &loot));
	EXPECT_EQ(0, loot.twice);
	EXPECT_EQ(self->info.nr_pages, loot.nr);
	EXPECT_EQ(0, st_nr_free(self->fd));
	EXPECT_EQ(NULL, st_check());
	/* Another file gets nothing, and what it is refused costs nothing. */
	other = st_open();
	ASSERT_GE(other, 0);
	EXPECT_EQ(-ENOMEM, st_alloc(other, 0, ST_GFP, &block));
	EXPECT_EQ(-ENOMEM, st_alloc(other, 10, ST_GFP_MOVABLE, &block));
	EXPECT_EQ(-ENOMEM, st_alloc(other, 0, MIRROR_GFP_ATOMIC, &block));
	EXPECT_EQ(0, st_held_blocks(other));
	EXPECT_EQ(0, give_back(self->fd, &loot));
	EXPECT_EQ(0, st_alloc(other, 10, ST_GFP_MOVABLE, &block));
}

/* Sets the zone's marks, in pages, and tells what they were. */
static int set_marks(const char *marks, char *old, size_t size)
{
	char *text = st_debugfs("watermarks"), zone[16];
	unsigned long mark[4];
	int node, ret = -EINVAL;

	if (text && sscanf(text, "# %*[^\n] %d %15s %lu %lu %lu %lu", &node, zone,
			   &mark[0], &mark[1], &mark[2], &mark[3]) == 6) {
		snprintf(old, size, "%lu %lu %lu %lu", mark[0], mark[1],
			 mark[2], mark[3]);
		free(text);
		if (asprintf(&text, "%d %s %s", node, zone, marks) < 0)
			return -ENOMEM;
		ret = st_debugfs_write("watermarks", text);
	}
	free(text);
	return ret;
}

/*
 * Takes all single pages that a request may have. What lies on per-CPU lists cannot
 * be had below a mark, and counters lag by what CPUs have not added yet, so both
 * are put right until that helps no more.
 */
static int take_to_the_mark(int fd, uint32_t gfp, struct frames *f,
			    struct loot *loot)
{
	size_t before;

	do {
		before = loot->nr;
		if (take_all(fd, 0, gfp, f, loot) || st_drain() ||
		    st_debugfs_write("stat_refresh", "1"))
			return -1;
	} while (loot->nr > before);
	return 0;
}

/* Requests with more rights go deeper, in this order, each to a mark of its own. */
TEST_F(mirror, reserves_are_for_those_who_may)
{
	static const struct {
		uint32_t gfp;
		uint64_t mark;
	} rights[] = {
		{ ST_GFP, 512 },
		{ ST_GFP | __MIRROR_GFP_HIGH, 512 / 2 },
		{ MIRROR_GFP_ATOMIC, 512 / 2 - 512 / 8 },
		{ ST_GFP | __MIRROR_GFP_MEMALLOC, 0 },
	};
	struct loot loot = { .nr = 0 };
	char old[128], now[128];
	uint64_t left;
	struct frames f;
	size_t i;

	ASSERT_EQ(0, frames_init(&f, &self->info));
	loot.ids = calloc(self->info.nr_pages, sizeof(*loot.ids));
	ASSERT_NE(NULL, loot.ids);
	ASSERT_EQ(0, set_marks("512 640 768 896", old, sizeof(old)));
	for (i = 0; i < ARRAY_SIZE(rights); i++) {
		ASSERT_EQ(0, take_to_the_mark(self->fd, rights[i].gfp, &f, &loot));
		left = st_nr_free(self->fd);
		TH_LOG("gfp %#x leaves %llu pages", rights[i].gfp,
		       (unsigned long long)left);
		EXPECT_LE(left, rights[i].mark);
		EXPECT_GE(left + drift(), rights[i].mark);
	}
	EXPECT_EQ(0, loot.twice);
	EXPECT_EQ(0, set_marks(old, now, sizeof(now)));
	EXPECT_EQ(0, give_back(self->fd, &loot));
}

/* Every second page given back is no larger block, until its buddy comes. */
TEST_F(mirror, scattered_pages_are_no_large_block)
{
	struct loot loot = { .nr = 0 }, odd = { .nr = 0 };
	struct mirror_mm_alloc block;
	uint64_t pages;

	loot.ids = calloc(self->info.nr_pages, sizeof(*loot.ids));
	odd.ids = calloc(self->info.nr_pages, sizeof(*odd.ids));
	ASSERT_TRUE(loot.ids && odd.ids);
	pages = self->info.nr_pages;
	while (pages--) {
		ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP_MOVABLE |
				      __MIRROR_GFP_MEMALLOC, &block));
		if (block.pfn % 2)
			odd.ids[odd.nr++] = block.id;
		else
			loot.ids[loot.nr++] = block.id;
	}
	EXPECT_EQ(self->info.nr_pages / 2, odd.nr);
	EXPECT_EQ(self->info.nr_pages / 2, loot.nr);
	ASSERT_EQ(0, give_back(self->fd, &odd));
	EXPECT_EQ(-ENOMEM, st_alloc(self->fd, 1, ST_GFP_MOVABLE, &block));
	EXPECT_EQ(-ENOMEM, st_alloc(self->fd, 5, ST_GFP, &block));
	EXPECT_EQ(0, st_alloc(self->fd, 0, ST_GFP_MOVABLE, &block));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	ASSERT_EQ(0, give_back(self->fd, &loot));
	EXPECT_EQ(0, st_alloc(self->fd, 10, ST_GFP_MOVABLE, &block));
}

TEST_HARNESS_MAIN
