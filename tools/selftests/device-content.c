// SPDX-License-Identifier: GPL-2.0
/*
 * Whose data a block shows: zeros to a new holder, however it looks first, and
 * afterwards what was written, however it is read.
 */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include "fixture.h"
#include "loader.h"

/* Allocates until that frame comes along. What else comes stays allocated. */
static int take_frame(int fd, unsigned int order, unsigned int flags,
		      uint64_t pfn, struct mirror_mm_alloc *block)
{
	int ret;

	do {
		ret = st_alloc_flags(fd, order, ST_GFP_MOVABLE, flags, block);
	} while (!ret && block->pfn != pfn);
	return ret;
}

/* Writes all over a block of a file that is closed then; the frame it had. */
static uint64_t leave_dirt(unsigned int order, uint64_t tag)
{
	struct mirror_mm_alloc block;
	uint64_t pfn = 0;
	int fd = st_open();
	void *addr;

	if (fd < 0 || st_alloc(fd, order, ST_GFP_MOVABLE, &block))
		return 0;
	addr = st_map(fd, &block);
	if (addr != MAP_FAILED) {
		st_fill(addr, st_block_size(&block), tag);
		pfn = block.pfn;
		munmap(addr, st_block_size(&block));
	}
	st_free(fd, block.id);
	close(fd);
	return pfn;
}

TEST_F(mirror, next_holder_sees_zeros_at_every_order)
{
	struct mirror_mm_alloc block;
	unsigned int order;
	uint64_t pfn;
	void *addr;
	int fd;

	for (order = 0; order <= self->info.max_order; order++) {
		pfn = leave_dirt(order, order);
		ASSERT_NE(0, pfn);
		fd = st_open();
		ASSERT_GE(fd, 0);
		ASSERT_EQ(0, take_frame(fd, order, 0, pfn, &block));
		addr = st_map(fd, &block);
		ASSERT_NE(MAP_FAILED, addr);
		EXPECT_EQ(0, st_not_zero(addr, st_block_size(&block))) {
			TH_LOG("order %u", order);
		}
		ASSERT_EQ(0, munmap(addr, st_block_size(&block)));
		ASSERT_EQ(0, close(fd));
	}
}

/* A holder that maps nothing in between neither shows nor cleans anything. */
TEST_F(mirror, zeros_after_a_holder_that_never_looked)
{
	uint64_t pfn = leave_dirt(5, 1);
	struct mirror_mm_alloc block;
	int fd = st_open();
	void *addr;

	ASSERT_NE(0, pfn);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, take_frame(fd, 5, 0, pfn, &block));
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, take_frame(self->fd, 5, 0, pfn, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(0, st_not_zero(addr, st_block_size(&block)));
}

/* A block split off a larger one that was dirty, and one merged from such. */
TEST_F(mirror, zeros_at_another_order_than_the_last_holder_had)
{
	uint64_t pfn = leave_dirt(6, 2);
	struct mirror_mm_alloc block;
	int fd = st_open();
	void *addr;

	ASSERT_NE(0, pfn);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, take_frame(fd, 4, 0, pfn, &block));
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(0, st_not_zero(addr, st_block_size(&block)));
	st_fill(addr, st_block_size(&block), 3);
	ASSERT_EQ(0, munmap(addr, st_block_size(&block)));
	ASSERT_EQ(0, close(fd));
	ASSERT_EQ(0, take_frame(self->fd, 7, 0, pfn & ~127ull, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(0, st_not_zero(addr, st_block_size(&block)));
}

TEST_F(mirror, zeros_for_another_block_of_the_same_file)
{
	struct mirror_mm_alloc block;
	uint64_t pfn;
	void *addr;

	ASSERT_EQ(0, st_alloc(self->fd, 4, ST_GFP_MOVABLE, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, st_block_size(&block), 4);
	pfn = block.pfn;
	ASSERT_EQ(0, st_free(self->fd, block.id));
	ASSERT_EQ(0, take_frame(self->fd, 4, 0, pfn, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(0, st_not_zero(addr, st_block_size(&block)));
}

/* A debugger that looks before the program does gets no old data either. */
TEST_F(mirror, zeros_through_proc_mem_before_any_touch)
{
	uint64_t pfn = leave_dirt(3, 5);
	struct mirror_mm_alloc block;
	char buf[8 * ST_PAGE];
	char *addr;

	ASSERT_NE(0, pfn);
	ASSERT_EQ(0, take_frame(self->fd, 3, 0, pfn, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	memset(buf, 0xa5, sizeof(buf));
	EXPECT_EQ(sizeof(buf), st_proc_mem(getpid(), addr, buf, sizeof(buf),
					   false));
	EXPECT_EQ(0, st_not_zero(buf, sizeof(buf)));
	/* A write to one page only: the rest is still zeros, the page not. */
	st_fill(buf, ST_PAGE, 6);
	EXPECT_EQ(ST_PAGE, st_proc_mem(getpid(), addr + 5 * ST_PAGE, buf,
				       ST_PAGE, true));
	EXPECT_EQ(0, st_not_zero(addr, 5 * ST_PAGE));
	EXPECT_EQ(0, st_differs(addr + 5 * ST_PAGE, ST_PAGE, 6));
	EXPECT_EQ(0, st_not_zero(addr + 6 * ST_PAGE, 2 * ST_PAGE));
}

/* Pages are touched in every order; what is written must not be wiped again. */
TEST_F(mirror, first_touch_of_one_page_leaves_the_others)
{
	const unsigned int steps[] = { 1, 3, 7, 11, 13, 31 };
	struct mirror_mm_alloc block;
	size_t i, at, page, pages = 32;
	char *addr;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		ASSERT_NE(0, leave_dirt(5, i));
		ASSERT_EQ(0, st_alloc(self->fd, 5, ST_GFP_MOVABLE, &block));
		addr = st_map(self->fd, &block);
		ASSERT_NE(MAP_FAILED, addr);
		for (at = 0; at < pages; at++) {
			page = at * steps[i] % pages;
			st_fill(addr + page * ST_PAGE, ST_PAGE, page);
		}
		for (page = 0; page < pages; page++)
			EXPECT_EQ(0, st_differs(addr + page * ST_PAGE, ST_PAGE,
						page));
		ASSERT_EQ(0, st_free(self->fd, block.id));
	}
}

TEST_F(mirror, nozero_shows_what_the_last_holder_left)
{
	uint64_t pfn = leave_dirt(4, 7);
	struct mirror_mm_alloc block;
	char *addr, *again;

	ASSERT_NE(0, pfn);
	ASSERT_EQ(0, take_frame(self->fd, 4, MIRROR_MM_ALLOC_NOZERO, pfn,
				&block));
	addr = st_map(self->fd, &block);
	again = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_NE(MAP_FAILED, again);
	EXPECT_EQ(0, st_differs(addr, st_block_size(&block), 7));
	EXPECT_EQ(0, st_differs(again, st_block_size(&block), 7));
	/* And the next one without the flag sees nothing of it. */
	ASSERT_EQ(0, st_free(self->fd, block.id));
	ASSERT_EQ(0, take_frame(self->fd, 4, 0, pfn, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(0, st_not_zero(addr, st_block_size(&block)));
}

TEST_F(mirror, proc_mem_reads_and_writes_a_mapping)
{
	struct mirror_mm_alloc block;
	char buf[4 * ST_PAGE], *addr;
	size_t size;

	ASSERT_EQ(0, st_alloc(self->fd, 3, ST_GFP, &block));
	size = 4 * ST_PAGE;
	addr = st_map_at(self->fd, block.offset + 2 * ST_PAGE, size);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, size, 1);
	EXPECT_EQ(size, st_proc_mem(getpid(), addr, buf, size, false));
	EXPECT_EQ(0, st_differs(buf, size, 1));
	/* Across a page boundary, at odd addresses. */
	memset(buf, 0, sizeof(buf));
	EXPECT_EQ(701, st_proc_mem(getpid(), addr + ST_PAGE - 333, buf, 701,
				   false));
	EXPECT_EQ(0, memcmp(buf, addr + ST_PAGE - 333, 701));
	memset(buf, 0x77, sizeof(buf));
	EXPECT_EQ(701, st_proc_mem(getpid(), addr + 2 * ST_PAGE - 7, buf, 701,
				   true));
	EXPECT_EQ(0, memcmp(buf, addr + 2 * ST_PAGE - 7, 701));
	EXPECT_NE(0x77, addr[2 * ST_PAGE - 8]);
	EXPECT_NE(0x77, addr[2 * ST_PAGE - 7 + 701]);
}

TEST_F(mirror, proc_mem_stops_at_a_freed_block)
{
	struct mirror_mm_alloc block;
	uint64_t word = 1;
	char *addr;

	ASSERT_EQ(0, st_alloc(self->fd, 1, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, st_block_size(&block), 1);
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(-EIO, st_proc_mem(getpid(), addr, &word, sizeof(word), false));
	EXPECT_EQ(-EIO, st_proc_mem(getpid(), addr, &word, sizeof(word), true));
	EXPECT_EQ(1, word);
}

/* Not even a debugger writes through a descriptor that maps for reading only. */
TEST_F(mirror, proc_mem_does_not_write_where_the_file_may_not)
{
	struct mirror_mm_alloc block;
	uint64_t word = 1;
	char *addr;
	int fd;

	ASSERT_EQ(0, st_alloc(self->fd, 0, ST_GFP, &block));
	fd = st_grant(self->fd, block.id, 0);
	ASSERT_GE(fd, 0);
	addr = mmap(NULL, ST_PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_GT(0, st_proc_mem(getpid(), addr, &word, sizeof(word), true));
	EXPECT_EQ(0, st_not_zero(addr, ST_PAGE));
	EXPECT_EQ(sizeof(word), st_proc_mem(getpid(), addr, &word, sizeof(word),
					    false));
	EXPECT_EQ(0, word);
}

TEST_F(mirror, ptrace_reads_and_writes_a_mapping)
{
	struct mirror_mm_alloc block;
	const unsigned long before = ~0ul / 0xff * 0x5a;
	const unsigned long after = ~0ul / 0xff * 0xc3;
	unsigned long *addr;
	int status;
	pid_t pid;

	ASSERT_EQ(0, st_alloc(self->fd, 2, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		addr[777] = before;
		if (ptrace(PTRACE_TRACEME, 0, 0, 0))
			_exit(1);
		raise(SIGSTOP);
		_exit(addr[778] == after ? 0 : 2);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFSTOPPED(status));
	errno = 0;
	EXPECT_EQ(before, (unsigned long)ptrace(PTRACE_PEEKDATA, pid,
						&addr[777], 0));
	EXPECT_EQ(0, errno);
	EXPECT_EQ(0, ptrace(PTRACE_POKEDATA, pid, &addr[778], after));
	EXPECT_EQ(0, ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_EQ(0, st_wait(pid));
	EXPECT_EQ(after, addr[778]);
}

/* A pipe is written from and read into the memory, as by any system call. */
TEST_F(mirror, system_calls_use_the_memory)
{
	struct mirror_mm_alloc block;
	char *addr, buf[ST_PAGE];
	int ends[2];

	ASSERT_EQ(0, st_alloc(self->fd, 1, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(0, pipe(ends));
	st_fill(addr, ST_PAGE, 3);
	ASSERT_EQ(ST_PAGE, write(ends[1], addr, ST_PAGE));
	ASSERT_EQ(ST_PAGE, read(ends[0], buf, ST_PAGE));
	EXPECT_EQ(0, st_differs(buf, ST_PAGE, 3));
	ASSERT_EQ(ST_PAGE, write(ends[1], buf, ST_PAGE));
	ASSERT_EQ(ST_PAGE, read(ends[0], addr + ST_PAGE, ST_PAGE));
	EXPECT_EQ(0, st_differs(addr + ST_PAGE, ST_PAGE, 3));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(-1, write(ends[1], addr, ST_PAGE));
	EXPECT_EQ(EFAULT, errno);
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

TEST_F(mirror, one_fault_brings_neighbours)
{
	struct mirror_mm_alloc block;
	long before, after;
	char *addr;

	ASSERT_EQ(0, st_alloc(self->fd, 4, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	before = faults();
	ASSERT_EQ(0, st_peek_pages(addr, 16 * ST_PAGE));
	after = faults();
	TH_LOG("16 pages touched with %ld faults", after - before);
	EXPECT_GT(after, before);
	EXPECT_LT(after, before + 16);
	/* All are there now. */
	before = faults();
	EXPECT_EQ(0, st_poke(addr + 15 * ST_PAGE, 1));
	EXPECT_EQ(0, st_poke(addr, 1));
	EXPECT_EQ(before, faults());
}

/* A part of a large block, across several windows of pages that come with a fault. */
TEST_F(mirror, neighbours_are_those_of_the_mapped_part)
{
	struct mirror_mm_alloc block;
	size_t first = 100, nr = 1024 - 2 * first, page;
	char *whole, *part;
	long before;

	ASSERT_EQ(0, st_alloc(self->fd, 10, ST_GFP, &block));
	whole = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, whole);
	part = st_map_at(self->fd, block.offset + first * ST_PAGE, nr * ST_PAGE);
	ASSERT_NE(MAP_FAILED, part);
	before = faults();
	/* In the middle first: the window reaches to both sides. */
	ASSERT_EQ(0, st_poke(part + nr / 2 * ST_PAGE, nr / 2 + 1));
	for (page = 0; page < nr; page++)
		ASSERT_EQ(0, st_poke(part + page * ST_PAGE, page + 1));
	/* Three windows at most, and whatever the program itself had not touched yet. */
	EXPECT_LE(faults() - before, 16);
	EXPECT_EQ(0, st_not_zero(whole, first * ST_PAGE));
	for (page = 0; page < nr; page++)
		ASSERT_EQ(page + 1, *(uint64_t *)(whole + (first + page) * ST_PAGE));
	EXPECT_EQ(0, st_not_zero(whole + (first + nr) * ST_PAGE, first * ST_PAGE));
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(nr, st_count_signal(part, nr * ST_PAGE, SIGBUS));
}

#define MEMORY_TYPES	"/sys/kernel/debug/x86/pat_memtype_list"

/* Cache modes of all entries that touch a range, from the kernel's table. */
static void memory_types(uint64_t base, uint64_t end, int *write_back,
			 int *other)
{
	char *text = st_read(MEMORY_TYPES);
	char *rest = text, *line;

	*write_back = 0;
	*other = 0;
	while (rest && (line = st_line(&rest))) {
		unsigned long long first, last;
		char type[32];

		if (sscanf(line, "PAT: [mem 0x%llx-0x%llx] %31s", &first, &last,
			   type) != 3)
			continue;
		if (last <= base || first >= end)
			continue;
		if (strcmp(type, "write-back"))
			(*other)++;
		else if (first <= base && last >= end)
			(*write_back)++;
	}
	free(text);
}

TEST_F(mirror, user_mappings_are_write_back)
{
	struct mirror_mm_alloc block;
	int write_back, other;
	void *addr;

	if (access(MEMORY_TYPES, F_OK))
		SKIP(return, "this kernel has no table of memory types");
	ASSERT_EQ(0, st_alloc(self->fd, 10, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	ASSERT_EQ(0, st_peek_pages(addr, st_block_size(&block)));
	memory_types(self->info.start_pfn * ST_PAGE,
		     self->info.end_pfn * ST_PAGE, &write_back, &other);
	EXPECT_EQ(0, other);
	/* RAM, from CMA, is write-back where the table says nothing. */
	if (st_is_ram(self->info.start_pfn))
		return;
	/* A 32-bit kernel has no entry for HIGHMEM; see device-memtype. */
	if (sizeof(long) == 4)
		memory_types(block.pfn * ST_PAGE,
			     block.pfn * ST_PAGE + st_block_size(&block),
			     &write_back, &other);
	EXPECT_LT(0, write_back);
}

TEST_HARNESS_MAIN
