// SPDX-License-Identifier: GPL-2.0
/*
 * Somebody wrote over a descriptor. The mirror notices when it next comes across
 * it, says so once with all it knows, and goes out of service instead of handing
 * out memory that it is not sure of. It can still be looked at and unloaded.
 */
#include <signal.h>
#include "harness.h"
#include "loader.h"

/* First block on the list that the next large movable request is served from. */
static unsigned long next_block(void)
{
	char *text = st_debugfs("state"), *at;
	unsigned long pfn = 0;

	at = text ? strstr(text, "\nfree 0 Normal Movable 10: ") : NULL;
	if (at)
		pfn = strtoul(strchr(at, ':') + 1, NULL, 10);
	free(text);
	return pfn;
}

static void expect_out_of_service(struct __test_metadata *_metadata, int fd,
				  uint64_t held_id)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_info info;
	struct mirror_mm_op op;
	unsigned int order;
	int fresh;

	for (order = 0; order <= 10; order++)
		EXPECT_EQ(-EIO, st_alloc(fd, order, ST_GFP, &block));
	EXPECT_EQ(-EIO, st_free(fd, held_id));
	st_op_alloc(&op, 0, ST_GFP);
	EXPECT_EQ(-EIO, st_submit(fd, &op, 1));
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(MIRROR_MM_OUT_OF_SERVICE, info.state);
	EXPECT_NE(0, info.nr_pages);
	EXPECT_EQ(2, info.held_blocks);
	/* Who comes later is told the same. */
	fresh = st_open();
	ASSERT_LE(0, fresh);
	ASSERT_EQ(0, st_info(fresh, &info));
	EXPECT_EQ(MIRROR_MM_OUT_OF_SERVICE, info.state);
	EXPECT_EQ(-EIO, st_alloc(fresh, 0, ST_GFP, &block));
	ASSERT_EQ(0, close(fresh));
}

/* What the log has since the last call. */
static void read_log(struct st_log *log, unsigned int *warnings,
		     unsigned int *ours)
{
	char text[1024];
	int level;

	*warnings = 0;
	*ours = 0;
	while (st_log_next(log, &level, text, sizeof(text))) {
		*warnings += !!strstr(text, "WARNING:");
		*ours += strstr(text, "mirror_mm: ") && level <= 4;
	}
}

static void expect_files_answer(struct __test_metadata *_metadata)
{
	static const char * const names[] = {
		"buddyinfo", "pagetypeinfo", "zoneinfo", "vmstat", "state",
		"watermarks", "check",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		char *text = st_debugfs(names[i]);

		EXPECT_NE(NULL, text);
		free(text);
	}
}

TEST(a_damaged_descriptor_takes_the_mirror_out_of_service)
{
	struct mirror_mm_alloc kept, mapped, block;
	struct mirror_mm_info info;
	char parameters[64], *addr;
	unsigned int warnings, ours;
	struct st_log log;
	int fd = st_open();

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_alloc(fd, 0, ST_GFP, &kept));
	ASSERT_EQ(0, st_alloc(fd, 10, ST_GFP_MOVABLE, &mapped));
	addr = st_map(fd, &mapped);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, st_block_size(&mapped), 1);
	EXPECT_EQ(NULL, st_check());

	ASSERT_EQ(0, st_log_open(&log));
	snprintf(parameters, sizeof(parameters), "pfn=%lu", next_block());
	ASSERT_EQ(0, st_insmod("mirror_mm_break", parameters));
	/* The validator sees it before anybody stumbles over it. */
	EXPECT_NE(NULL, st_check());
	EXPECT_EQ(-EIO, st_alloc(fd, 10, ST_GFP_MOVABLE, &block));
	expect_out_of_service(_metadata, fd, kept.id);
	EXPECT_NE(NULL, st_check());
	expect_files_answer(_metadata);
	read_log(&log, &warnings, &ours);
	EXPECT_EQ(1, warnings);
	EXPECT_LE(1, ours);

	/* What was handed out before is still its holder's. */
	if (!st_peek_pages(addr, st_block_size(&mapped)))
		EXPECT_EQ(0, st_differs(addr, st_block_size(&mapped), 1));
	ASSERT_EQ(0, munmap(addr, st_block_size(&mapped)));
	ASSERT_EQ(0, close(fd));
	read_log(&log, &warnings, &ours);
	EXPECT_EQ(0, warnings);
	st_log_close(&log);

	/* It can be unloaded, and a new mirror on the same range is sound. */
	ASSERT_EQ(0, st_rmmod("mirror_mm_break"));
	ASSERT_EQ(0, st_rmmod("mirror_mm"));
	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(MIRROR_MM_IN_SERVICE, info.state);
	EXPECT_EQ(info.nr_pages, info.nr_free);
	EXPECT_EQ(0, st_alloc(fd, 10, ST_GFP_MOVABLE, &block));
	EXPECT_EQ(NULL, st_check());
}

TEST_HARNESS_MAIN
