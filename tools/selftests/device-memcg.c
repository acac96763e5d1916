// SPDX-License-Identifier: GPL-2.0
/*
 * Who pays for what the kernel keeps of blocks: the memory cgroup of the process that
 * opened the file, whoever uses it then; and all of it comes back.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include "fixture.h"

#define ROOT	"/tmp/mirror_mm.cgroup"
#define GROUP	ROOT "/tenant"

/* What the kernel may charge ahead for each CPU, in pages. */
#define AHEAD	64

FIXTURE(memcg)
{
	int fd;			/* opened outside of the group */
	struct mirror_mm_info info;
};

static int set_limit(const char *text)
{
	return st_write(GROUP "/memory.max", text);
}

static long long charged(void)
{
	char *text = st_read(GROUP "/memory.current");
	long long value = text ? strtoll(text, NULL, 10) : -1;

	free(text);
	return value;
}

/* This process into the group, or out of it. */
static int enter(const char *folder)
{
	char path[128], pid[16];

	snprintf(path, sizeof(path), "%s/cgroup.procs", folder);
	snprintf(pid, sizeof(pid), "%d", getpid());
	return st_write(path, pid);
}

/* A file of the group; this process is outside of it again. */
static int open_in_group(void)
{
	int fd = enter(GROUP);

	if (fd)
		return fd;
	fd = st_open();
	return enter(ROOT) ? -EIO : fd;
}

/* Less than @most, or what it is after a patient while: tables shrink in the background. */
static long long charged_below(long long most)
{
	int patience = 300;

	while (charged() >= most && patience--)
		usleep(100000);
	return charged();
}

/* An error in what the kernel says is charged, for each figure. */
static long long slack(void)
{
	return AHEAD * (long long)ST_PAGE * sysconf(_SC_NPROCESSORS_ONLN);
}

static long long slab_number(const char *name)
{
	char path[64], *text;
	long long number;

	snprintf(path, sizeof(path), "/sys/kernel/slab/kmalloc-cg-4k/%s", name);
	text = st_read(path);
	number = text ? atoll(text) : 0;
	free(text);
	return number;
}

/*
 * A kernel that debugs its slabs pads each object. How much of the kernel's memory
 * 4096 bytes take, in 4096ths.
 */
static long long padded(long long bytes)
{
	long long objects = slab_number("objs_per_slab");
	long long slab = (long long)ST_PAGE << slab_number("order");

	return objects ? bytes * (slab / objects) / 4096 : bytes;
}

static int make_group(void)
{
	mkdir(ROOT, 0700);
	if (mount("none", ROOT, "cgroup2", 0, NULL))
		return -errno;
	if (st_write(ROOT "/cgroup.subtree_control", "+memory"))
		return -ENODEV;
	return mkdir(GROUP, 0700) && errno != EEXIST ? -errno : 0;
}

FIXTURE_SETUP(memcg)
{
	if (make_group() || charged() < 0)
		SKIP(return, "this kernel has no memory cgroups of version 2");
	ASSERT_EQ(0, set_limit("max"));
	self->fd = st_open();
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, st_info(self->fd, &self->info));
}

FIXTURE_TEARDOWN(memcg)
{
	enter(ROOT);
	st_unmap_all();
	st_close_all();
	EXPECT_EQ(NULL, st_check());
	/* Fails where something is still charged to it in the kernel's eyes; it is tidy. */
	rmdir(GROUP);
	umount(ROOT);
	rmdir(ROOT);
}

/* Single pages, until it says no; how many. */
static unsigned int alloc_pages_of(int fd, unsigned int most, int *error)
{
	struct mirror_mm_alloc block;
	unsigned int nr = 0;

	while (nr < most && !(*error = st_alloc(fd, 0, ST_GFP_MOVABLE, &block)))
		nr++;
	return nr;
}

TEST_F(memcg, blocks_are_charged_to_the_opener_and_come_back)
{
	unsigned int nr = self->info.nr_pages * 9 / 10, got;
	long long before, held, after, wanted;
	int fd = open_in_group(), error = 0;

	ASSERT_GE(fd, 0);
	before = charged();
	got = alloc_pages_of(fd, nr, &error);
	ASSERT_EQ(nr, got);
	wanted = (long long)nr * 32;
	if (wanted < 2 * slack())
		SKIP(return, "so few blocks do not show in the kernel's figures");
	held = charged();
	TH_LOG("%u blocks: %lld bytes charged", nr, held - before);
	EXPECT_GT(held - before, wanted - slack());
	EXPECT_LT(held - before, padded((long long)nr * self->info.block_bytes) + slack() +
		  (1 << 18));
	ASSERT_EQ(0, close(fd));
	after = charged_below(before + slack());
	EXPECT_LT(after, before + slack());
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

/* The table shrinks while the file is open: with the blocks, their memory goes. */
TEST_F(memcg, freed_blocks_cost_nothing_any_more)
{
	unsigned int nr = self->info.nr_pages * 9 / 10, i;
	struct mirror_mm_op *ops = calloc(nr, sizeof(*ops));
	int fd = open_in_group();
	long long before;

	ASSERT_GE(fd, 0);
	ASSERT_NE(NULL, ops);
	if ((long long)nr * 32 < 2 * slack())
		SKIP(return, "so few blocks do not show in the kernel's figures");
	before = charged();
	for (i = 0; i < nr; i++)
		st_op_alloc(&ops[i], 0, ST_GFP_MOVABLE);
	for (i = 0; i < nr; i += 4096)
		st_submit(fd, ops + i, nr - i < 4096 ? nr - i : 4096);
	ASSERT_EQ(nr, st_held_blocks(fd));
	EXPECT_GT(charged() - before, (long long)nr * 32 - slack());
	for (i = 0; i < nr; i++)
		st_op_free(&ops[i], ops[i].alloc.id);
	for (i = 0; i < nr; i += 4096)
		st_submit(fd, ops + i, nr - i < 4096 ? nr - i : 4096);
	ASSERT_EQ(0, st_held_blocks(fd));
	/* But for a length of the table, which has eight bytes for each page of slots. */
	EXPECT_LT(charged_below(before + slack() + (1 << 16)), before + slack() + (1 << 16));
	TH_LOG("%lld bytes stay", charged() - before);
}

/* Nobody is in the group any more: it is the opener's all the same. */
TEST_F(memcg, a_group_without_room_gets_ENOMEM_and_nobody_else)
{
	struct mirror_mm_alloc block;
	unsigned int nr, more = 0;
	int fd = open_in_group(), error = 0;
	char limit[32];

	ASSERT_GE(fd, 0);
	if ((long long)self->info.nr_pages * 32 < 4 * slack())
		SKIP(return, "so few blocks do not reach a limit");
	snprintf(limit, sizeof(limit), "%lld", charged() + slack() / 2);
	ASSERT_EQ(0, set_limit(limit));
	nr = alloc_pages_of(fd, self->info.nr_pages, &error);
	EXPECT_EQ(-ENOMEM, error);
	TH_LOG("%u blocks, then %d", nr, error);
	EXPECT_LT(nr, self->info.nr_pages * 9 / 10);
	EXPECT_LT(0, nr);
	EXPECT_EQ(nr, st_held_blocks(fd));
	/* Its blocks are all there, and what has no room is not half there. */
	EXPECT_EQ(self->info.nr_free - nr, st_nr_free(self->fd));
	more = alloc_pages_of(self->fd, self->info.nr_pages / 20, &error);
	EXPECT_EQ(self->info.nr_pages / 20, more);
	EXPECT_EQ(-ENOMEM, st_alloc(fd, 0, ST_GFP_MOVABLE, &block));
	/* With room it goes on. */
	ASSERT_EQ(0, set_limit("max"));
	EXPECT_EQ(0, st_alloc(fd, 0, ST_GFP_MOVABLE, &block));
}

/* In an array the operations that find room are done, and the others say why not. */
TEST_F(memcg, a_group_without_room_gets_ENOMEM_in_an_array)
{
	struct mirror_mm_alloc first;
	int fd = open_in_group(), error = 0, i;
	struct mirror_mm_op ops[8];
	unsigned int nr;
	char limit[32];

	ASSERT_GE(fd, 0);
	if ((long long)self->info.nr_pages * 32 < 4 * slack())
		SKIP(return, "so few blocks do not reach a limit");
	ASSERT_EQ(0, st_alloc(fd, 0, ST_GFP_MOVABLE, &first));
	snprintf(limit, sizeof(limit), "%lld", charged() + slack() / 2);
	ASSERT_EQ(0, set_limit(limit));
	nr = alloc_pages_of(fd, self->info.nr_pages, &error) + 1;
	ASSERT_EQ(-ENOMEM, error);
	ASSERT_LT(nr, self->info.nr_pages * 9 / 10);
	for (i = 0; i < 8; i++)
		st_op_alloc(&ops[i], 0, ST_GFP_MOVABLE);
	st_op_free(&ops[3], first.id);
	ASSERT_EQ(8, st_submit(fd, ops, 8));
	/* The place of the one that was freed is that of the one behind it. */
	for (i = 0; i < 8; i++)
		EXPECT_EQ(i == 3 || i == 4 ? 0 : -ENOMEM, ops[i].result) {
			TH_LOG("operation %d", i);
		}
	EXPECT_EQ(nr, st_held_blocks(fd));
	EXPECT_EQ(self->info.nr_free - nr, st_nr_free(self->fd));
	ASSERT_EQ(0, set_limit("max"));
}

TEST_HARNESS_MAIN
