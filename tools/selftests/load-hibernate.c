// SPDX-License-Identifier: GPL-2.0
/*
 * Hibernation is refused while a block of reserved memory is held, and only then:
 * before anything is done, and again once programs are frozen. The kernel's device
 * for programs that write the image themselves lets a test stop in between. No
 * image leaves the memory here; scripts/memory-hibernate.sh goes all the way.
 */
#include <linux/suspend_ioctls.h>
#include "load.h"

#define STATE		"/sys/power/state"
#define SNAPSHOT	"/dev/snapshot"
#define TAG		0x68696265

/* Refused by the kernel itself, whoever holds what. */
static bool can_hibernate(void)
{
	char *text = st_read(STATE);
	bool can = text && strstr(text, "disk") && !access(SNAPSHOT, F_OK);

	free(text);
	return can;
}

/* Reserved memory on node 0, and 64 MiB without memory on node 1. */
static int load_both(const struct st_range *range)
{
	char params[128];

	snprintf(params, sizeof(params), "region=32M@%#llx,32M@%#llx,test:64M:1",
		 (unsigned long long)range->base,
		 (unsigned long long)range->base + (64 << 20));
	return st_insmod("mirror_mm", params);
}

static int alloc_on(int fd, unsigned int order, int node,
		    struct mirror_mm_alloc *block)
{
	*block = (struct mirror_mm_alloc){
		.order = order,
		.gfp = ST_GFP_MOVABLE | __MIRROR_GFP_THISNODE,
		.node = node,
	};
	return st_ioctl(fd, MIRROR_MM_ALLOC, block);
}

/* What our lines said since the log was opened; the last one is in @text. */
static int count_errors(struct st_log *log, char *text, size_t size)
{
	char line[1024];
	int level, nr = 0;

	while (st_log_next(log, &level, line, sizeof(line))) {
		if (level > 3 || !strstr(line, "mirror_mm: "))
			continue;
		snprintf(text, size, "%s", line);
		nr++;
	}
	return nr;
}

/* Makes an image and throws it away; 0, or minus the errno. */
static int make_image(int snapshot)
{
	int ret, made = 0;

	if (ioctl(snapshot, SNAPSHOT_FREEZE))
		return -errno;
	ret = ioctl(snapshot, SNAPSHOT_CREATE_IMAGE, &made) ? -errno : 0;
	if (!ret && !made)
		ret = -EPROTO;
	ioctl(snapshot, SNAPSHOT_FREE);
	if (ioctl(snapshot, SNAPSHOT_UNFREEZE))
		return -errno;
	return ret;
}

static int hibernate_once(void)
{
	int snapshot = open(SNAPSHOT, O_RDONLY | O_CLOEXEC), ret;

	if (snapshot < 0)
		return -errno;
	ret = make_image(snapshot);
	close(snapshot);
	return ret;
}

TEST_F(load, held_blocks_refuse_before_anything_is_done)
{
	struct mirror_mm_alloc block;
	struct st_log log;
	char said[1024] = "";
	char *addr;
	int fd;

	if (!can_hibernate())
		SKIP(return, "this kernel cannot hibernate");
	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_alloc(fd, 9, ST_GFP_MOVABLE, &block));
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, st_block_size(&block), TAG);
	ASSERT_EQ(0, st_log_open(&log));
	EXPECT_EQ(-EBUSY, st_write(STATE, "disk"));
	EXPECT_EQ(1, count_errors(&log, said, sizeof(said)));
	EXPECT_NE(NULL, strstr(said, "hibernation refused: 512 page(s) in 1 block(s)"));
	EXPECT_EQ(-EBUSY, hibernate_once());
	EXPECT_EQ(1, count_errors(&log, said, sizeof(said)));
	st_log_close(&log);
	EXPECT_EQ(0, st_differs(addr, st_block_size(&block), TAG));
	EXPECT_EQ(NULL, st_check());
}

TEST_F(load, a_block_taken_after_the_first_look_refuses)
{
	struct mirror_mm_alloc block;
	struct st_log log;
	char said[1024] = "";
	int fd, snapshot;

	if (!can_hibernate())
		SKIP(return, "this kernel cannot hibernate");
	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	snapshot = open(SNAPSHOT, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, snapshot);
	ASSERT_EQ(0, st_alloc(fd, 0, ST_GFP, &block));
	ASSERT_EQ(0, st_log_open(&log));
	EXPECT_EQ(-EBUSY, make_image(snapshot));
	EXPECT_EQ(1, count_errors(&log, said, sizeof(said)));
	EXPECT_NE(NULL, strstr(said, "1 page(s) in 1 block(s)"));
	st_log_close(&log);
	ASSERT_EQ(0, st_free(fd, block.id));
	EXPECT_EQ(0, make_image(snapshot));
	close(snapshot);
	EXPECT_EQ(NULL, st_check());
}

/* Pages of another module, which has no file; they go with it. */
TEST_F(load, pages_of_a_module_refuse)
{
	struct st_log log;
	char said[1024] = "";

	if (!can_hibernate())
		SKIP(return, "this kernel cannot hibernate");
	ASSERT_EQ(0, st_insmod_default());
	ASSERT_EQ(0, st_insmod("mirror_mm_hold", "pages=7"));
	ASSERT_EQ(0, st_log_open(&log));
	EXPECT_EQ(-EBUSY, hibernate_once());
	EXPECT_EQ(1, count_errors(&log, said, sizeof(said)));
	EXPECT_NE(NULL, strstr(said, "7 page(s) in 7 block(s)"));
	st_log_close(&log);
	EXPECT_EQ(0, st_rmmod("mirror_mm_hold"));
	EXPECT_EQ(0, hibernate_once());
	EXPECT_EQ(NULL, st_check());
}

/* The notifiers have been called, and ours was not there yet. */
TEST_F(load, a_module_loaded_after_the_first_look_refuses)
{
	struct mirror_mm_alloc block;
	int fd, snapshot;

	if (!can_hibernate())
		SKIP(return, "this kernel cannot hibernate");
	snapshot = open(SNAPSHOT, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, snapshot);
	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_alloc(fd, 3, ST_GFP, &block));
	EXPECT_EQ(-EBUSY, make_image(snapshot));
	ASSERT_EQ(0, st_free(fd, block.id));
	EXPECT_EQ(0, make_image(snapshot));
	close(snapshot);
}

/* Used and freed, on every kind of list; then the state is as it was. */
TEST_F(load, an_image_is_made_while_nothing_is_held)
{
	struct mirror_mm_alloc block;
	int fd, i;

	if (!can_hibernate())
		SKIP(return, "this kernel cannot hibernate");
	ASSERT_EQ(0, st_insmod_default());
	EXPECT_EQ(0, hibernate_once());
	fd = st_open();
	ASSERT_LE(0, fd);
	for (i = 0; i <= 10; i++) {
		ASSERT_EQ(0, st_alloc(fd, i, ST_GFP, &block));
		ASSERT_EQ(0, st_free(fd, block.id));
	}
	EXPECT_EQ(0, hibernate_once());
	EXPECT_EQ(NULL, st_check());
}

TEST_F(load, blocks_of_two_ranges_are_added_up)
{
	struct mirror_mm_alloc block;
	struct st_log log;
	char said[1024] = "", where[32];
	int fd, i;

	if (!can_hibernate())
		SKIP(return, "this kernel cannot hibernate");
	ASSERT_EQ(0, load_both(&self->range));
	fd = st_open();
	ASSERT_LE(0, fd);
	for (i = 0; i < 12; i++)
		ASSERT_EQ(0, alloc_on(fd, 10, 0, &block));
	ASSERT_EQ(0, st_log_open(&log));
	EXPECT_EQ(-EBUSY, hibernate_once());
	EXPECT_EQ(1, count_errors(&log, said, sizeof(said)));
	st_log_close(&log);
	EXPECT_NE(NULL, strstr(said, "12288 page(s) in 12 block(s) are held here and in other")) {
		TH_LOG("%s", said);
	}
	snprintf(where, sizeof(where), "%#llx",
		 (unsigned long long)self->range.base);
	EXPECT_TRUE(strstr(said, where) || strstr(said, "@4G")) {
		TH_LOG("%s", said);
	}
}

/* There is nothing to lose where no memory stands behind a block. */
TEST_F(load, blocks_without_memory_refuse_nothing)
{
	struct mirror_mm_alloc bare, real;
	int fd;

	if (!can_hibernate())
		SKIP(return, "this kernel cannot hibernate");
	ASSERT_EQ(0, load_both(&self->range));
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, alloc_on(fd, 4, 1, &bare));
	EXPECT_EQ(0, hibernate_once());
	ASSERT_EQ(0, alloc_on(fd, 4, 0, &real));
	EXPECT_EQ(-EBUSY, hibernate_once());
	ASSERT_EQ(0, st_free(fd, real.id));
	EXPECT_EQ(0, hibernate_once());
	EXPECT_EQ(NULL, st_check());
}

/* This kernel would be given up with all its programs, as somebody wants. */
TEST_F(load, held_blocks_do_not_keep_an_image_from_being_read)
{
	struct mirror_mm_alloc block;
	int fd, snapshot;

	if (!can_hibernate())
		SKIP(return, "this kernel cannot hibernate");
	ASSERT_EQ(0, st_insmod_default());
	fd = st_open();
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, st_alloc(fd, 3, ST_GFP, &block));
	snapshot = open(SNAPSHOT, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, snapshot);
	close(snapshot);
	/* And that is over then. */
	EXPECT_EQ(-EBUSY, hibernate_once());
}

TEST_HARNESS_MAIN
