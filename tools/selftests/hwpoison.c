// SPDX-License-Identifier: GPL-2.0
/*
 * Pages reported as bad are never handed out again, wherever they were when the
 * report came. Each test takes its reports back, so that the mirror is as after
 * loading in the end.
 */
#include <limits.h>
#include <signal.h>
#include <pthread.h>
#include <stdatomic.h>
#include "fixture.h"

#define BATCH	1024

/* Root's reserves as well: every page there is. */
#define EVERY	(ST_GFP_MOVABLE | __MIRROR_GFP_MEMALLOC)

static int write_pfn(const char *name, uint64_t pfn)
{
	char text[32];

	snprintf(text, sizeof(text), "%#llx", (unsigned long long)pfn);
	return st_debugfs_write(name, text);
}

static int report(uint64_t pfn)
{
	return write_pfn("hwpoison", pfn);
}

static int take_back(uint64_t pfn)
{
	return write_pfn("unpoison", pfn);
}

/* What the file says of a page, "" for nothing; static storage. */
static const char *said_of(uint64_t pfn)
{
	static char found[128];
	char *text = st_debugfs("hwpoison"), *rest = text, *line;
	unsigned long long at;
	int skip;

	found[0] = '\0';
	while (rest && (line = st_line(&rest)))
		if (sscanf(line, "%llx %n", &at, &skip) == 1 && at == pfn)
			snprintf(found, sizeof(found), "%s", line + skip);
	free(text);
	return found;
}

/* Pages of the mirror, a byte each: how often they were handed out. */
struct taken {
	uint8_t *times;
	uint64_t *ids;
	uint64_t nr;
};

/* Every page there is, as single ones; 0, or what went wrong. */
static int take_everything(int fd, const struct mirror_mm_info *info,
			   struct taken *t)
{
	struct mirror_mm_op ops[BATCH];
	bool left = true;
	int i;

	t->times = calloc(info->nr_pages, 1);
	t->ids = calloc(info->nr_pages, sizeof(*t->ids));
	t->nr = 0;
	if (!t->times || !t->ids || st_drain())
		return -ENOMEM;
	while (left) {
		for (i = 0; i < BATCH; i++)
			st_op_alloc(&ops[i], 0, EVERY);
		if (st_submit(fd, ops, BATCH) != BATCH)
			return -EINTR;
		for (i = 0; i < BATCH; i++) {
			if (ops[i].result) {
				left = false;
				continue;
			}
			t->times[ops[i].alloc.pfn - info->start_pfn]++;
			t->ids[t->nr++] = ops[i].alloc.id;
		}
	}
	return 0;
}

static int give_everything_back(int fd, struct taken *t)
{
	struct mirror_mm_op ops[BATCH];
	int i, nr, bad = 0;

	while (t->nr) {
		nr = t->nr < BATCH ? t->nr : BATCH;
		for (i = 0; i < nr; i++)
			st_op_free(&ops[i], t->ids[--t->nr]);
		if (st_submit(fd, ops, nr) != nr)
			return -EINTR;
		for (i = 0; i < nr; i++)
			bad += !!ops[i].result;
	}
	free(t->times);
	free(t->ids);
	return bad;
}

/* All pages are handed out once but for those of @pfns, which are not. */
static void expect_all_but(struct __test_metadata *_metadata, int fd,
			   const struct mirror_mm_info *info,
			   const uint64_t *pfns, uint64_t nr)
{
	uint64_t i, once = 0;
	struct taken t;

	EXPECT_EQ(0, take_everything(fd, info, &t));
	for (i = 0; i < info->nr_pages; i++)
		once += t.times[i] == 1;
	EXPECT_EQ(info->nr_pages - nr, t.nr);
	EXPECT_EQ(info->nr_pages - nr, once);
	for (i = 0; i < nr; i++)
		EXPECT_EQ(0, t.times[pfns[i] - info->start_pfn]) {
			TH_LOG("pfn %#llx", (unsigned long long)pfns[i]);
		}
	EXPECT_EQ(NULL, st_check());
	EXPECT_EQ(0, give_everything_back(fd, &t));
	EXPECT_EQ(NULL, st_check());
}

TEST_F(mirror, free_page)
{
	uint64_t pfn = self->info.start_pfn + 12345;

	ASSERT_EQ(0, report(pfn));
	EXPECT_STREQ("isolated", said_of(pfn));
	EXPECT_EQ(self->info.nr_free - 1, st_nr_free(self->fd));
	expect_all_but(_metadata, self->fd, &self->info, &pfn, 1);
	EXPECT_EQ(0, take_back(pfn));
	EXPECT_STREQ("", said_of(pfn));
	expect_all_but(_metadata, self->fd, &self->info, NULL, 0);
}

TEST_F(mirror, page_on_a_per_cpu_list)
{
	struct mirror_mm_alloc block;
	uint64_t pfn;

	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	pfn = block.pfn;
	ASSERT_EQ(0, st_free(self->fd, block.id));
	ASSERT_EQ(0, report(pfn));
	EXPECT_STREQ("isolated", said_of(pfn));
	expect_all_but(_metadata, self->fd, &self->info, &pfn, 1);
	EXPECT_EQ(0, take_back(pfn));
}

/* A touch of the page gives SIGBUS; the others keep their content, seen before or not. */
TEST_F(mirror, page_of_a_mapped_block)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	char *addr, *again, byte = 1;
	unsigned int i;

	ASSERT_EQ(0, st_alloc(self->fd, 3, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, 8 * ST_PAGE, 5);
	again = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, again);
	ASSERT_EQ(0, report(block.pfn + 3));
	ASSERT_EQ(0, st_info(self->fd, &info));
	EXPECT_EQ(1, info.bad_pages);
	for (i = 0; i < 8; i++) {
		EXPECT_EQ(i == 3, st_count_signal(addr + i * ST_PAGE, ST_PAGE, SIGBUS));
		EXPECT_EQ(i == 3, st_count_signal(again + i * ST_PAGE, ST_PAGE, SIGBUS));
	}
	EXPECT_EQ(0, st_differs(addr, 3 * ST_PAGE, 5));
	EXPECT_EQ(0, memcmp(addr + 4 * ST_PAGE, again + 4 * ST_PAGE, 4 * ST_PAGE));
	EXPECT_EQ(-EIO, st_proc_mem(getpid(), addr + 3 * ST_PAGE, &byte, 1, false));
	EXPECT_EQ(1, st_proc_mem(getpid(), addr + 4 * ST_PAGE, &byte, 1, false));
	ASSERT_EQ(0, munmap(addr, 8 * ST_PAGE));
	ASSERT_EQ(0, munmap(again, 8 * ST_PAGE));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(0, take_back(block.pfn + 3));
}

/* A block that nobody has seen would have to be cleared first: none of it is shown. */
TEST_F(mirror, page_of_a_block_that_was_not_seen)
{
	struct mirror_mm_alloc block;
	char *addr;

	ASSERT_EQ(0, st_alloc(self->fd, 2, ST_GFP, &block));
	ASSERT_EQ(0, report(block.pfn + 1));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(4, st_count_signal(addr, 4 * ST_PAGE, SIGBUS));
	ASSERT_EQ(0, munmap(addr, 4 * ST_PAGE));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(0, take_back(block.pfn + 1));
}

/* Held, then freed: only then is it isolated, and the rest of its block is free. */
TEST_F(mirror, page_of_a_block_of_every_order)
{
	struct mirror_mm_alloc block;
	unsigned int order;
	uint64_t pfn;
	char want[64];

	for (order = 0; order <= self->info.max_order; order++) {
		ASSERT_EQ(0, st_alloc(self->fd, order, ST_GFP, &block));
		pfn = block.pfn + (1u << order) / 2;
		ASSERT_EQ(0, report(pfn));
		snprintf(want, sizeof(want), "in-use head %#llx order %u file ",
			 (unsigned long long)block.pfn, order);
		EXPECT_EQ(0, strncmp(said_of(pfn), want, strlen(want))) {
			TH_LOG("%s: %s", want, said_of(pfn));
		}
		/* Behind the file's number, which is nobody else's business: the slot. */
		snprintf(want, sizeof(want), " block %u", (uint32_t)block.id);
		EXPECT_STREQ(want, strstr(said_of(pfn), " block "));
		EXPECT_EQ(-EBUSY, take_back(pfn));
		EXPECT_EQ(NULL, st_check());
		EXPECT_EQ(0, st_free(self->fd, block.id));
		EXPECT_STREQ("isolated", said_of(pfn));
		ASSERT_EQ(0, st_drain());
		EXPECT_EQ(self->info.nr_free - 1, st_nr_free(self->fd));
		if (order % 3 == 0)
			expect_all_but(_metadata, self->fd, &self->info, &pfn, 1);
		EXPECT_EQ(0, take_back(pfn));
	}
}

/* By whichever way the block goes. */
TEST_F(mirror, page_of_a_file_that_is_closed)
{
	struct mirror_mm_alloc block;
	int fd = st_open();

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, st_alloc(fd, 4, ST_GFP_MOVABLE, &block));
	ASSERT_EQ(0, report(block.pfn + 15));
	ASSERT_EQ(0, close(fd));
	EXPECT_STREQ("isolated", said_of(block.pfn + 15));
	EXPECT_EQ(0, take_back(block.pfn + 15));
}

TEST_F(mirror, many_pages_at_random)
{
	enum { NR = 300 };
	uint64_t pfns[NR], state = st_seed();
	struct mirror_mm_alloc block[NR];
	int i, nr = 0;

	for (i = 0; i < NR; i++)
		ASSERT_EQ(0, st_alloc(self->fd, st_below(&state, 4), ST_GFP, &block[i]));
	while (nr < NR) {
		pfns[nr] = self->info.start_pfn +
			   st_below(&state, nr % 2 ? 2 * NR : self->info.nr_pages);
		i = report(pfns[nr]);
		ASSERT_TRUE(!i || i == -EHWPOISON);
		nr += !i;
	}
	EXPECT_EQ(NULL, st_check());
	for (i = 0; i < NR; i++)
		EXPECT_EQ(0, st_free(self->fd, block[i].id));
	expect_all_but(_metadata, self->fd, &self->info, pfns, NR);
	for (i = 0; i < NR; i++)
		EXPECT_EQ(0, take_back(pfns[i]));
}

/* Others allocate and free meanwhile, the same pages again and again. */
struct churn {
	int fd;
	atomic_bool stop;
	int error;
};

static void *churn(void *arg)
{
	struct churn *c = arg;
	struct mirror_mm_op ops[64];
	int i;

	while (!c->stop) {
		for (i = 0; i < 64; i++)
			st_op_alloc(&ops[i], i % 4, i % 2 ? ST_GFP : ST_GFP_MOVABLE);
		if (st_submit(c->fd, ops, 64) != 64)
			c->error = 1;
		for (i = 0; i < 64; i++) {
			c->error |= ops[i].result;
			st_op_free(&ops[i], ops[i].alloc.id);
		}
		if (st_submit(c->fd, ops, 64) != 64)
			c->error = 1;
		for (i = 0; i < 64; i++)
			c->error |= ops[i].result;
	}
	return NULL;
}

TEST_F(mirror, pages_of_busy_users)
{
	enum { NR = 64, USERS = 2 };
	struct churn users[USERS] = {};
	struct mirror_mm_alloc block;
	pthread_t threads[USERS];
	uint64_t pfns[NR];
	int i;

	/* About there the others are. */
	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	for (i = 0; i < USERS; i++) {
		users[i].fd = st_open();
		ASSERT_GE(users[i].fd, 0);
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, churn, &users[i]));
	}
	for (i = 0; i < NR; i++) {
		pfns[i] = (block.pfn & ~255ull) + 3 * i;
		EXPECT_EQ(0, report(pfns[i]));
		usleep(1000);
	}
	for (i = 0; i < USERS; i++) {
		users[i].stop = true;
		ASSERT_EQ(0, pthread_join(threads[i], NULL));
		EXPECT_EQ(0, users[i].error);
	}
	EXPECT_EQ(0, st_free(self->fd, block.id));
	for (i = 0; i < NR; i++)
		EXPECT_STREQ("isolated", said_of(pfns[i]));
	expect_all_but(_metadata, self->fd, &self->info, pfns, NR);
	for (i = 0; i < NR; i++)
		EXPECT_EQ(0, take_back(pfns[i]));
}

TEST_F(mirror, reset_keeps_them)
{
	uint64_t pfns[] = { self->info.start_pfn, self->info.start_pfn + 4097,
			    self->info.end_pfn - 1 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pfns); i++)
		ASSERT_EQ(0, report(pfns[i]));
	EXPECT_EQ(0, st_debugfs_write("reset", "1"));
	EXPECT_EQ(NULL, st_check());
	expect_all_but(_metadata, self->fd, &self->info, pfns, ARRAY_SIZE(pfns));
	for (i = 0; i < ARRAY_SIZE(pfns); i++)
		EXPECT_EQ(0, take_back(pfns[i]));
}

TEST_F(mirror, reports_that_make_no_sense)
{
	static const char * const bad[] = { "", "x", "0x", "-1", "1 2", "0x1g",
					    "pfn" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, st_debugfs_write("hwpoison", bad[i])) {
			TH_LOG("'%s'", bad[i]);
		}
		EXPECT_EQ(-EINVAL, st_debugfs_write("unpoison", bad[i]));
	}
	EXPECT_EQ(-ERANGE, st_debugfs_write("hwpoison", "0x10000000000000000"));
	EXPECT_EQ(-ENXIO, report(self->info.start_pfn - 1));
	EXPECT_EQ(-ENXIO, report(self->info.end_pfn));
	EXPECT_EQ(-ENXIO, report(0));
	EXPECT_EQ(-ENXIO, report(ULONG_MAX));
	EXPECT_EQ(-ENXIO, take_back(ULONG_MAX));
	EXPECT_EQ(-EBUSY, take_back(self->info.start_pfn));
	ASSERT_EQ(0, report(self->info.start_pfn));
	EXPECT_EQ(-EHWPOISON, report(self->info.start_pfn));
	EXPECT_EQ(0, take_back(self->info.start_pfn));
	EXPECT_EQ(-EBUSY, take_back(self->info.start_pfn));
}

TEST_HARNESS_MAIN
