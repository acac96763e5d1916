// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says of an allocation that fails: the request by names, then a
 * picture of memory that agrees with buddyinfo; and when it says nothing.
 *
 * The module reports once in ten seconds, so all that is reported is in the last
 * test; those before it must not use that up.
 */
#include <sys/prctl.h>
#include "fixture.h"
#include "loader.h"

#define FAILURE	"page allocation failure"

/* Takes all blocks of the largest order; what fails in the end says nothing. */
static int exhaust(int fd, unsigned int order)
{
	struct mirror_mm_alloc block;
	int ret;

	do
		ret = st_alloc(fd, order, ST_GFP | __MIRROR_GFP_NOWARN, &block);
	while (!ret);
	return ret;
}

/* How many lines with @words the module has logged from @log on. */
static unsigned int logged(struct st_log *log, const char *words)
{
	char text[1024];
	unsigned int nr = 0;
	int level;

	while (st_log_next(log, &level, text, sizeof(text)))
		nr += !strncmp(text, "mirror_mm: ", 11) && strstr(text, words);
	return nr;
}

TEST_F(mirror, nowarn_is_silent)
{
	struct st_log log;

	ASSERT_EQ(0, st_log_open(&log));
	ASSERT_EQ(-ENOMEM, exhaust(self->fd, self->info.max_order));
	EXPECT_EQ(0, logged(&log, ""));
	st_log_close(&log);
}

/* As the kernel, which says nothing of a zone that the machine does not have. */
TEST_F(mirror, dma_without_such_a_zone_is_silent)
{
	struct mirror_mm_alloc block;
	struct st_buddyinfo now;
	struct st_log log;
	unsigned int i;

	ASSERT_EQ(0, st_buddyinfo(&now));
	for (i = 0; i < now.nr_rows; i++)
		if (!strcmp(now.row[i].zone, "DMA"))
			SKIP(return, "there is a DMA zone");
	ASSERT_EQ(0, st_log_open(&log));
	EXPECT_EQ(-ENOMEM, st_alloc(self->fd, 0, ST_GFP | MIRROR_GFP_DMA, &block));
	EXPECT_EQ(0, logged(&log, ""));
	st_log_close(&log);
}

/**
 * struct said - what was logged of one failure
 * @failures: lines that name a request
 * @request: the first of them
 * @nr_free: lines about free blocks that agree with buddyinfo
 * @nr_marks: lines with marks
 * @others: lines about free blocks that do not agree
 */
struct said {
	unsigned int failures;
	char request[512];
	unsigned int nr_free;
	unsigned int nr_marks;
	unsigned int others;
};

/* "Node 0 Normal: 3*4kB (UM) 0*8kB = 12kB" is this row of buddyinfo. */
static bool is_row(const char *line, const struct st_row *row)
{
	unsigned long nr, kib, sum = 0;
	unsigned int order;
	char begin[48];
	int length;

	snprintf(begin, sizeof(begin), "Node %d %s:", row->node, row->zone);
	if (strncmp(line, begin, strlen(begin)))
		return false;
	line += strlen(begin);
	for (order = 0; order < row->nr_orders; order++) {
		if (sscanf(line, " %lu*%lukB%n", &nr, &kib, &length) != 2 ||
		    nr != row->nr[order] || kib != (ST_PAGE << order) / 1024)
			return false;
		line += length;
		/* Where there are blocks, there are their types. */
		if (!!nr != !strncmp(line, " (", 2))
			return false;
		if (nr)
			line = strchr(line, ')') + 1;
		sum += nr * kib;
	}
	return sscanf(line, " = %lukB", &kib) == 1 && kib == sum;
}

static void sort_line(const char *line, const struct st_buddyinfo *now,
		      struct said *said)
{
	unsigned int i;

	if (strstr(line, FAILURE)) {
		if (!said->failures++)
			snprintf(said->request, sizeof(said->request), "%s", line);
	} else if (strstr(line, " free:") && strstr(line, " min:") &&
		   strstr(line, " managed:") && strstr(line, " free_cma:")) {
		said->nr_marks++;
	} else if (!strncmp(line, "Node ", 5)) {
		for (i = 0; i < now->nr_rows; i++)
			if (is_row(line, &now->row[i]))
				break;
		if (i < now->nr_rows)
			said->nr_free++;
		else
			said->others++;
	}
}

static struct said read_report(struct st_log *log, const struct st_buddyinfo *now)
{
	struct said said = { .failures = 0 };
	char text[1024];
	int level;

	while (st_log_next(log, &level, text, sizeof(text)))
		if (!strncmp(text, "mirror_mm: ", 11))
			sort_line(text + 11, now, &said);
	return said;
}

TEST_F(mirror, failure_is_reported_once_with_a_picture)
{
	struct mirror_mm_alloc block;
	struct st_buddyinfo now;
	struct said said;
	struct st_log log;
	char want[96];
	char *text;

	ASSERT_EQ(-ENOMEM, exhaust(self->fd, self->info.max_order));
	ASSERT_EQ(0, st_drain());
	ASSERT_EQ(0, prctl(PR_SET_NAME, "two\nlines"));
	ASSERT_EQ(0, st_log_open(&log));
	EXPECT_EQ(-ENOMEM, st_alloc(self->fd, self->info.max_order, ST_GFP, &block));
	EXPECT_EQ(-ENOMEM, st_alloc(self->fd, self->info.max_order, ST_GFP, &block));
	text = st_debugfs("buddyinfo");
	ASSERT_NE(NULL, text);
	ASSERT_EQ(0, st_parse_buddyinfo(text, &now));
	free(text);
	said = read_report(&log, &now);
	st_log_close(&log);

	EXPECT_EQ(1, said.failures);
	snprintf(want, sizeof(want),
		 "two?lines: " FAILURE ": order:%u, mode:%#x(MIRROR_GFP_KERNEL), node:",
		 self->info.max_order, ST_GFP);
	EXPECT_EQ(0, strncmp(want, said.request, strlen(want))) {
		TH_LOG("want %s, have %s", want, said.request);
	}
	EXPECT_NE(NULL, strstr(said.request, "nodemask=(null)"));
	EXPECT_EQ(now.nr_rows, said.nr_free);
	EXPECT_EQ(now.nr_rows, said.nr_marks);
	EXPECT_EQ(0, said.others);
}

TEST_HARNESS_MAIN
