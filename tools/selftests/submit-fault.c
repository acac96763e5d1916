// SPDX-License-Identifier: GPL-2.0
/*
 * SUBMIT on memory that gives out: what was done is counted and can be found in
 * the array; what could not be told was undone.
 */
#include <signal.h>
#include "fixture.h"

#define OP_SIZE		sizeof(struct mirror_mm_op)
#define PER_PAGE	(ST_PAGE / OP_SIZE)

/* Two pages of memory; the tests take rights away from one of them. */
static char *two_pages(void)
{
	char *pages = mmap(NULL, 2 * ST_PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

static struct mirror_mm_op *fill_allocs(void *array, unsigned int nr)
{
	struct mirror_mm_op *ops = array;
	unsigned int i;

	for (i = 0; i < nr; i++)
		st_op_alloc(&ops[i], i % 3, ST_GFP_MOVABLE);
	return ops;
}

static uint64_t allocated(const struct mirror_mm_op *ops, unsigned int nr)
{
	uint64_t pages = 0;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (!ops[i].result)
			pages += 1u << ops[i].alloc.order;
	return pages;
}

/* The array ends @lead bytes into a page that cannot even be read. */
static int run_into_hole(struct __test_metadata *_metadata, int fd, size_t lead)
{
	char *pages = two_pages();
	unsigned int nr = PER_PAGE / 2, fit = nr - !!lead;
	struct mirror_mm_op *ops;
	int done;

	ASSERT_NE(NULL, pages);
	ops = fill_allocs(pages + ST_PAGE + lead - nr * OP_SIZE, nr);
	ASSERT_EQ(0, mprotect(pages + ST_PAGE, ST_PAGE, PROT_NONE));
	done = st_submit(fd, ops, nr + (lead ? 0 : 5));
	EXPECT_EQ(fit, done) {
		TH_LOG("lead %zu", lead);
	}
	EXPECT_EQ(allocated(ops, fit), st_held_pages(fd));
	EXPECT_EQ(fit, st_held_blocks(fd));
	ASSERT_EQ(0, munmap(pages, 2 * ST_PAGE));
	return done;
}

TEST_F(mirror, array_runs_into_a_hole)
{
	size_t lead;
	int fd;

	for (lead = 0; lead < OP_SIZE; lead += 4) {
		fd = st_open();
		ASSERT_GE(fd, 0);
		run_into_hole(_metadata, fd, lead);
		ASSERT_EQ(0, close(fd));
	}
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

TEST_F(mirror, array_begins_in_a_hole)
{
	char *pages = two_pages();

	ASSERT_NE(NULL, pages);
	fill_allocs(pages, 2 * PER_PAGE);
	ASSERT_EQ(0, mprotect(pages, ST_PAGE, PROT_NONE));
	EXPECT_EQ(-EFAULT, st_submit(self->fd, (void *)pages, 2 * PER_PAGE));
	EXPECT_EQ(-EFAULT, st_submit(self->fd,
				     (void *)(pages + ST_PAGE - OP_SIZE / 2),
				     PER_PAGE));
	EXPECT_EQ(0, st_held_blocks(self->fd));
	EXPECT_EQ(PER_PAGE, st_submit(self->fd, (void *)(pages + ST_PAGE),
				      PER_PAGE));
}

TEST_F(mirror, alloc_whose_answer_cannot_be_written_is_undone)
{
	struct mirror_mm_op *ops;
	char *pages = two_pages();
	unsigned int i;

	ASSERT_NE(NULL, pages);
	ops = fill_allocs(pages, 2 * PER_PAGE);
	ASSERT_EQ(0, mprotect(pages + ST_PAGE, ST_PAGE, PROT_READ));
	EXPECT_EQ(PER_PAGE, st_submit(self->fd, ops, 2 * PER_PAGE));
	EXPECT_EQ(allocated(ops, PER_PAGE), st_held_pages(self->fd));
	EXPECT_EQ(PER_PAGE, st_held_blocks(self->fd));
	for (i = PER_PAGE; i < 2 * PER_PAGE; i++)
		EXPECT_EQ(ST_NOT_DONE, ops[i].result);
	/* Not even one. */
	EXPECT_EQ(-EFAULT, st_submit(self->fd, ops + PER_PAGE, PER_PAGE));
	EXPECT_EQ(PER_PAGE, st_held_blocks(self->fd));
	EXPECT_EQ(self->info.nr_free - st_held_pages(self->fd),
		  st_nr_free(self->fd));
}

/* Half of the element can be written: that is not a result either. */
TEST_F(mirror, alloc_across_the_end_of_writable_memory_is_undone)
{
	struct mirror_mm_op *ops;
	char *pages = two_pages();
	unsigned int nr = PER_PAGE / 2;

	ASSERT_NE(NULL, pages);
	ops = fill_allocs(pages + ST_PAGE + 16 - nr * OP_SIZE, nr);
	ASSERT_EQ(0, mprotect(pages + ST_PAGE, ST_PAGE, PROT_READ));
	EXPECT_EQ(nr - 1, st_submit(self->fd, ops, nr));
	EXPECT_EQ(nr - 1, st_held_blocks(self->fd));
	EXPECT_EQ(allocated(ops, nr - 1), st_held_pages(self->fd));
}

TEST_F(mirror, free_whose_answer_cannot_be_written_is_undone)
{
	struct mirror_mm_alloc block[3];
	struct mirror_mm_op *ops;
	char *addr[3], *pages = two_pages();
	int i;

	ASSERT_NE(NULL, pages);
	ops = (struct mirror_mm_op *)(pages + ST_PAGE) - 1;
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, st_alloc(self->fd, 2, ST_GFP_MOVABLE, &block[i]));
		addr[i] = st_map(self->fd, &block[i]);
		ASSERT_NE(MAP_FAILED, addr[i]);
		st_fill(addr[i], 4 * ST_PAGE, i);
		st_op_free(&ops[i], block[i].id);
	}
	ASSERT_EQ(0, mprotect(pages + ST_PAGE, ST_PAGE, PROT_READ));
	EXPECT_EQ(1, st_submit(self->fd, ops, 3));
	EXPECT_EQ(0, ops[0].result);
	EXPECT_EQ(4, st_count_signal(addr[0], 4 * ST_PAGE, SIGBUS));
	EXPECT_EQ(8, st_held_pages(self->fd));
	for (i = 1; i < 3; i++) {
		EXPECT_EQ(ST_NOT_DONE, ops[i].result);
		ASSERT_EQ(0, st_peek_pages(addr[i], 4 * ST_PAGE));
		EXPECT_EQ(0, st_differs(addr[i], 4 * ST_PAGE, i));
		ASSERT_EQ(0, munmap(addr[i], 4 * ST_PAGE));
		addr[i] = st_map(self->fd, &block[i]);
		ASSERT_NE(MAP_FAILED, addr[i]);
		EXPECT_EQ(0, st_differs(addr[i], 4 * ST_PAGE, i));
		EXPECT_EQ(0, st_free(self->fd, block[i].id));
	}
}

/* A block of order 1 as the array's home. */
static struct mirror_mm_op *array_in_mirror(int fd, struct mirror_mm_alloc *home)
{
	if (st_alloc(fd, 1, ST_GFP, home))
		return MAP_FAILED;
	return st_map(fd, home);
}

TEST_F(mirror, array_in_a_mapping_of_the_mirror)
{
	struct mirror_mm_alloc home;
	struct mirror_mm_op *ops = array_in_mirror(self->fd, &home);
	unsigned int i, nr = 2 * PER_PAGE;

	ASSERT_NE(MAP_FAILED, ops);
	fill_allocs(ops, nr);
	ASSERT_EQ(nr, st_submit(self->fd, ops, nr));
	for (i = 0; i < nr; i++)
		ASSERT_EQ(0, ops[i].result);
	EXPECT_EQ(nr + 1, st_held_blocks(self->fd));
	for (i = 0; i < nr; i++)
		st_op_free(&ops[i], ops[i].alloc.id);
	ASSERT_EQ(nr, st_submit(self->fd, ops, nr));
	EXPECT_EQ(1, st_held_blocks(self->fd));
}

/* The call itself is the first to touch the array's pages: all NOPs. */
TEST_F(mirror, array_in_a_mapping_that_nobody_touched)
{
	struct mirror_mm_alloc home;
	struct mirror_mm_op *ops = array_in_mirror(self->fd, &home);

	ASSERT_NE(MAP_FAILED, ops);
	EXPECT_EQ(2 * PER_PAGE, st_submit(self->fd, ops, 2 * PER_PAGE));
	EXPECT_EQ(1, st_held_blocks(self->fd));
}

/*
 * The array frees its own block. Its result has no place then, so either that
 * operation was undone and the memory is still there, or it was told just in
 * time; nothing behind it can have been done.
 */
static void free_own_home(struct __test_metadata *_metadata, int fd,
			  unsigned int at)
{
	struct mirror_mm_alloc home;
	struct mirror_mm_op *ops = array_in_mirror(fd, &home);
	unsigned int nr = 2 * PER_PAGE;
	int done;

	ASSERT_NE(MAP_FAILED, ops);
	fill_allocs(ops, nr);
	st_op_free(&ops[at], home.id);
	done = st_submit(fd, ops, nr);
	if (done == -EFAULT)
		done = 0;
	if (done == at) {
		EXPECT_EQ(at + 1, st_held_blocks(fd));
		ASSERT_EQ(0, st_peek_pages(ops, st_block_size(&home)));
		EXPECT_EQ(allocated(ops, at) + 2, st_held_pages(fd));
		EXPECT_EQ(0, st_free(fd, home.id));
	} else {
		EXPECT_EQ(at + 1, done);
		EXPECT_EQ(at, st_held_blocks(fd));
	}
	EXPECT_EQ(2, st_count_signal(ops, st_block_size(&home), SIGBUS));
	ASSERT_EQ(0, munmap(ops, st_block_size(&home)));
}

TEST_F(mirror, array_that_frees_its_own_memory)
{
	const unsigned int places[] = {
		0, 1, 2, PER_PAGE - 1, PER_PAGE, 2 * PER_PAGE - 1,
	};
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		fd = st_open();
		ASSERT_GE(fd, 0);
		free_own_home(_metadata, fd, places[i]);
		ASSERT_EQ(0, close(fd));
	}
}

/* The argument of the call itself lies in the block that is freed. */
TEST_F(mirror, argument_in_the_block_that_is_freed)
{
	struct mirror_mm_alloc home;
	struct mirror_mm_free *arg;
	int ret;

	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &home));
	arg = st_map(self->fd, &home);
	ASSERT_NE(MAP_FAILED, arg);
	arg->id = home.id;
	ret = st_ioctl(self->fd, MIRROR_MM_FREE, arg);
	if (ret == -EFAULT) {
		EXPECT_EQ(1, st_held_blocks(self->fd));
		EXPECT_EQ(home.id, arg->id);
	} else {
		EXPECT_EQ(0, ret);
		EXPECT_EQ(0, st_held_blocks(self->fd));
		EXPECT_EQ(1, st_count_signal(arg, ST_PAGE, SIGBUS));
	}
}

TEST_HARNESS_MAIN
