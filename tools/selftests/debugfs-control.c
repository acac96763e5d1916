// SPDX-License-Identifier: GPL-2.0
/*
 * The files for root: check, state, drain, reset, watermarks.
 */
#include <signal.h>
#include <sys/stat.h>
#include "fixture.h"

/* What `state` said before the first test, right after loading. */
static char *pristine;

__attribute__((constructor)) static void remember_state(void)
{
	pristine = st_debugfs("state");
}

static char *drained_state(void)
{
	return st_drain() ? NULL : st_debugfs("state");
}

TEST_F(mirror, modes_say_who_may_read_and_write)
{
	static const struct {
		const char *name;
		mode_t mode;
	} files[] = {
		{ "buddyinfo", 0444 }, { "pagetypeinfo", 0444 },
		{ "zoneinfo", 0444 }, { "vmstat", 0444 },
		{ "check", 0400 }, { "state", 0400 }, { "memory", 0444 },
		{ "watermarks", 0600 }, { "drain", 0200 },
		{ "stat_refresh", 0200 }, { "reset", 0200 },
		{ "hwpoison", 0600 }, { "unpoison", 0200 },
	};
	char path[128];
	struct stat st;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(path, sizeof(path), ST_DEBUGFS "/%s", files[i].name);
		ASSERT_EQ(0, stat(path, &st));
		EXPECT_EQ(files[i].mode, st.st_mode & 07777) {
			TH_LOG("%s", files[i].name);
		}
		EXPECT_EQ(0, st.st_uid);
	}
}

TEST_F(mirror, check_is_clean_at_any_time)
{
	struct mirror_mm_alloc block;
	unsigned int i;

	EXPECT_EQ(NULL, st_check());
	for (i = 0; i < 60; i++) {
		ASSERT_EQ(0, st_alloc(self->fd, i % 11, i % 2 ? ST_GFP :
				      ST_GFP_MOVABLE, &block));
		if (i % 3 == 0)
			ASSERT_EQ(0, st_free(self->fd, block.id));
		if (i % 10 == 9)
			EXPECT_EQ(NULL, st_check());
	}
	ASSERT_EQ(0, st_drain());
	EXPECT_EQ(NULL, st_check());
}

/* Sum of a field over the pcp lines of the state. */
static long pcp_sum(const char *field)
{
	char *text = st_debugfs("state"), *rest = text, *line, *at;
	long sum = 0;

	while (rest && (line = st_line(&rest))) {
		at = strncmp(line, "pcp ", 4) ? NULL : strstr(line, field);
		sum += at ? atol(at + strlen(field)) : 0;
	}
	free(text);
	return sum;
}

/* A run of allocations makes the lists grow; a tick takes an eighth of it back. */
TEST_F(mirror, stat_refresh_lets_the_lists_shrink)
{
	struct mirror_mm_alloc block;
	long before, after;
	unsigned int i;

	ASSERT_EQ(0, st_write("/sys/class/misc/mirror_mm/stat_interval", "100000"));
	/* A tick by the old interval may still be on its way. */
	sleep(2);
	for (i = 0; i < 20000; i++)
		ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP_MOVABLE, &block));
	before = pcp_sum(" high ");
	EXPECT_EQ(before, pcp_sum(" high "));
	ASSERT_EQ(0, st_debugfs_write("stat_refresh", "1"));
	after = pcp_sum(" high ");
	EXPECT_LT(after, before);
	ASSERT_EQ(0, st_debugfs_write("stat_refresh", "1"));
	EXPECT_LT(pcp_sum(" high "), after);
}

TEST_F(mirror, drain_empties_the_per_cpu_lists)
{
	struct mirror_mm_alloc block;
	char *text;
	int i;

	for (i = 0; i < 4; i++)
		ASSERT_EQ(0, st_alloc(self->fd, i, ST_GFP, &block));
	text = st_debugfs("state");
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, "\npcplist "));
	free(text);
	ASSERT_EQ(0, st_drain());
	text = st_debugfs("state");
	ASSERT_NE(NULL, text);
	EXPECT_EQ(NULL, strstr(text, "\npcplist "));
	free(text);
}

/* The free list of an order and type, as "state" prints it; NULL if empty. */
static char *free_list(char *text, const char *type, unsigned int order)
{
	char head[64], *at;

	snprintf(head, sizeof(head), "\nfree 0 Normal %s %u:", type, order);
	at = strstr(text, head);
	return at ? at + strlen(head) : NULL;
}

static unsigned long count_list(const char *list)
{
	unsigned long nr = 0, pfn;
	int step;

	while (*list && *list != '\n' && sscanf(list, "%lu%n", &pfn, &step) == 1) {
		list += step;
		nr++;
	}
	return nr;
}

TEST_F(mirror, state_lists_every_free_block)
{
	static const char * const types[] = {
		"Unmovable", "Movable", "Reclaimable", "HighAtomic", "CMA",
		"Isolate",
	};
	struct mirror_mm_alloc block;
	struct st_buddyinfo buddy;
	unsigned int order, type;
	char *text, *list;

	for (order = 0; order < 10; order++)
		ASSERT_EQ(0, st_alloc(self->fd, order, order % 2 ? ST_GFP :
				      ST_GFP_MOVABLE, &block));
	ASSERT_EQ(0, st_buddyinfo(&buddy));
	text = st_debugfs("state");
	ASSERT_NE(NULL, text);
	for (order = 0; order <= self->info.max_order; order++) {
		unsigned long nr = 0;

		for (type = 0; type < ARRAY_SIZE(types); type++) {
			list = free_list(text, types[type], order);
			nr += list ? count_list(list) : 0;
		}
		EXPECT_EQ(buddy.row[0].nr[order], nr);
	}
	free(text);
}

/* The list is in the order in which it is used: what is first is taken next. */
TEST_F(mirror, state_tells_what_comes_next)
{
	struct mirror_mm_alloc block;
	unsigned long first = 0;
	char *text, *list;
	int i;

	ASSERT_EQ(0, st_debugfs_write("reset", "1"));
	for (i = 0; i < 8; i++) {
		text = st_debugfs("state");
		ASSERT_NE(NULL, text);
		list = free_list(text, "Movable", 10);
		ASSERT_NE(NULL, list);
		first = strtoul(list, NULL, 10);
		free(text);
		ASSERT_EQ(0, st_alloc(self->fd, 10, ST_GFP_MOVABLE, &block));
		EXPECT_EQ(first, block.pfn);
	}
}

TEST_F(mirror, reset_is_refused_while_something_is_held)
{
	struct mirror_mm_alloc block;
	struct st_buddyinfo buddy;
	void *addr;

	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, ST_PAGE, 1);
	EXPECT_EQ(-EBUSY, st_debugfs_write("reset", "1"));
	EXPECT_EQ(0, st_differs(addr, ST_PAGE, 1));
	EXPECT_EQ(NULL, st_check());
	ASSERT_EQ(0, st_buddyinfo(&buddy));
	EXPECT_EQ(self->info.nr_pages - 1, st_free_pages(&buddy));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	/* A mapping that is left of a block holds no memory. */
	EXPECT_EQ(0, st_debugfs_write("reset", "1"));
	EXPECT_EQ(1, st_count_signal(addr, ST_PAGE, SIGBUS));
	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	EXPECT_EQ(1, st_count_signal(addr, ST_PAGE, SIGBUS));
}

/* Mixes types and orders until nothing is as it was. */
static int disturb(int fd, uint64_t seed)
{
	static const unsigned int gfps[] = {
		ST_GFP, ST_GFP_MOVABLE, ST_GFP_RECLAIM,
	};
	struct mirror_mm_alloc block[400];
	unsigned int i;
	int ret = 0;

	for (i = 0; i < 400 && !ret; i++)
		ret = st_alloc(fd, st_below(&seed, 8), gfps[st_below(&seed, 3)],
			       &block[i]);
	for (i = 0; i < 400 && !ret; i++)
		ret = st_free(fd, block[i].id);
	return ret;
}

/* Says where the first difference is. */
static bool same_lines(const char *a, const char *b)
{
	char *x = strdup(a), *y = strdup(b), *rest_x = x, *rest_y = y;
	char *line_x, *line_y;
	bool same = true;

	do {
		line_x = st_line(&rest_x);
		line_y = st_line(&rest_y);
		same = line_x && line_y ? !strcmp(line_x, line_y) :
					  line_x == line_y;
	} while (same && line_x);
	if (!same)
		printf("# '%s'\n# '%s'\n", line_x ? line_x : "(end)",
		       line_y ? line_y : "(end)");
	free(x);
	free(y);
	return same;
}

TEST_F(mirror, reset_brings_the_pristine_state_back)
{
	uint64_t seed = st_seed();
	char *text;

	ASSERT_NE(NULL, pristine);
	ASSERT_EQ(0, disturb(self->fd, seed));
	text = drained_state();
	ASSERT_NE(NULL, text);
	/* Otherwise this shows nothing. */
	EXPECT_NE(0, strcmp(pristine, text));
	free(text);
	ASSERT_EQ(0, st_debugfs_write("reset", "1"));
	text = st_debugfs("state");
	ASSERT_NE(NULL, text);
	EXPECT_TRUE(same_lines(pristine, text));
	free(text);
	EXPECT_EQ(NULL, st_check());
}

/* The same requests after a reset get the same frames in the same order. */
TEST_F(mirror, reset_makes_requests_repeatable)
{
	uint64_t seed = st_seed(), random, pfn[200];
	struct mirror_mm_alloc block;
	int round, i, fd;

	for (round = 0; round < 2; round++) {
		ASSERT_EQ(0, st_debugfs_write("reset", "1"));
		fd = st_open();
		ASSERT_GE(fd, 0);
		random = seed;
		for (i = 0; i < 200; i++) {
			/* Orders that no per-CPU list holds. */
			ASSERT_EQ(0, st_alloc(fd, 4 + st_below(&random, 5),
					      st_below(&random, 2) ? ST_GFP :
					      ST_GFP_MOVABLE, &block));
			if (!round)
				pfn[i] = block.pfn;
			else
				ASSERT_EQ(pfn[i], block.pfn);
			if (st_below(&random, 3) == 0)
				ASSERT_EQ(0, st_free(fd, block.id));
		}
		ASSERT_EQ(0, close(fd));
	}
}

static int read_marks(unsigned long *marks)
{
	char *text = st_debugfs("watermarks"), *rest = text, *line;
	int nr = 0;

	while (rest && (line = st_line(&rest)))
		if (*line != '#')
			nr = sscanf(line, "0 Normal %lu %lu %lu %lu", &marks[0],
				    &marks[1], &marks[2], &marks[3]);
	free(text);
	return nr;
}

static int write_marks(const unsigned long *marks)
{
	char text[128];

	snprintf(text, sizeof(text), "0 Normal %lu %lu %lu %lu\n", marks[0],
		 marks[1], marks[2], marks[3]);
	return st_debugfs_write("watermarks", text);
}

TEST_F(mirror, watermarks_are_those_of_zoneinfo)
{
	unsigned long marks[4];

	ASSERT_EQ(4, read_marks(marks));
	EXPECT_EQ(st_zoneinfo_number("min"), marks[0]);
	EXPECT_EQ(st_zoneinfo_number("low"), marks[1]);
	EXPECT_EQ(st_zoneinfo_number("high"), marks[2]);
	EXPECT_EQ(st_zoneinfo_number("promo"), marks[3]);
}

TEST_F(mirror, watermarks_can_be_set_and_count)
{
	const unsigned long want[4] = { 50000, 51000, 52000, 53000 };
	unsigned long old[4], now[4];
	struct mirror_mm_alloc block;
	int ret;

	ASSERT_EQ(4, read_marks(old));
	ASSERT_EQ(0, write_marks(want));
	ASSERT_EQ(4, read_marks(now));
	EXPECT_EQ(0, memcmp(want, now, sizeof(want)));
	EXPECT_EQ(50000, st_zoneinfo_number("min"));
	do {
		ret = st_alloc(self->fd, 6, ST_GFP_MOVABLE, &block);
	} while (!ret);
	EXPECT_EQ(-ENOMEM, ret);
	/* Give or take what the CPUs have not told the zone's counter yet. */
	EXPECT_GE(st_nr_free(self->fd), 50000 - 250);
	EXPECT_LE(st_nr_free(self->fd), 50000 + 250 + 64);
	EXPECT_EQ(0, write_marks(old));
	EXPECT_EQ(0, st_alloc(self->fd, 6, ST_GFP_MOVABLE, &block));
}

TEST_F(mirror, watermarks_refuse_what_makes_no_sense)
{
	static const char * const bad[] = {
		"x", "0 Normal 1 2 3", "0 Normal 4 3 2 1",
		"7 Normal 10 20 30 40", "0 Nowhere 10 20 30 40",
		"0 DMA 10 20 30 40", "0 Normal 10 20 30 99999999999",
		"-1 Normal 10 20 30 40",
	};
	unsigned long old[4], now[4];
	size_t i;

	ASSERT_EQ(4, read_marks(old));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EINVAL, st_debugfs_write("watermarks", bad[i])) {
			TH_LOG("'%s'", bad[i]);
		}
	ASSERT_EQ(4, read_marks(now));
	EXPECT_EQ(0, memcmp(old, now, sizeof(old)));
}

TEST_F(mirror, files_for_looking_cannot_be_written)
{
	static const char * const names[] = {
		"buddyinfo", "pagetypeinfo", "zoneinfo", "vmstat", "check", "state",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_GT(0, st_debugfs_write(names[i], "1")) {
			TH_LOG("%s", names[i]);
		}
	EXPECT_EQ(NULL, st_debugfs("drain"));
	EXPECT_EQ(NULL, st_debugfs("reset"));
	EXPECT_EQ(NULL, st_check());
}

TEST_HARNESS_MAIN
