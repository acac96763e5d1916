// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings that userfaultfd watches. A kernel that can protect any memory puts marks
 * into page tables where there is no page yet. A touch of such a page must end, with a
 * page or with a signal; a fault that finds the mark in its way and comes again for
 * ever is counted by the kernel, and that is what is looked at here.
 */
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/userfaultfd.h>
#include "fixture.h"

#ifndef UFFD_FEATURE_WP_UNPOPULATED
#define UFFD_FEATURE_WP_UNPOPULATED	0x2000
#endif
#ifndef UFFD_FEATURE_WP_ASYNC
#define UFFD_FEATURE_WP_ASYNC		0x8000
#endif

#define ORDER	4
#define PAGES	16ul
#define SIZE	(PAGES * ST_PAGE)
/* One for each page and a few of the child's own would do. */
#define MOST_FAULTS	20000

/* A descriptor, or minus the errno where the kernel cannot do it. */
static int open_uffd(uint64_t features)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (!ioctl(fd, UFFDIO_API, &api))
		return fd;
	close(fd);
	return -EINVAL;
}

/* 0, or minus the errno. */
static int protect(int uffd, void *addr, size_t size, bool on)
{
	struct uffdio_writeprotect arg = {
		.range = { (uintptr_t)addr, size },
		.mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return ioctl(uffd, UFFDIO_WRITEPROTECT, &arg) ? -errno : 0;
}

static int watch(int uffd, void *addr, size_t size)
{
	struct uffdio_register arg = {
		.range = { (uintptr_t)addr, size },
		.mode = UFFDIO_REGISTER_MODE_WP,
	};

	return ioctl(uffd, UFFDIO_REGISTER, &arg) ? -errno : protect(uffd, addr, size, true);
}

/* Faults of a process so far; -1 when it is gone. */
static long faults_of(pid_t pid)
{
	char path[32], *text, *at;
	long faults = -1;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	text = st_read(path);
	at = text ? strrchr(text, ')') : NULL;
	if (at && at[2] != 'Z')
		sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %ld", &faults);
	free(text);
	return faults;
}

/* Exit code of the child, or -1 where it faulted so often that it was ended. */
static int wait_counting(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, WNOHANG) == 0) {
		if (faults_of(pid) > MOST_FAULTS) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return -1;
		}
		usleep(1000);
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What the child does with the mapping; exit codes. */
enum { FINE, CANNOT, NO_MEMORY, WRONG_CONTENT, WRONG_SIGNAL };

static int touch_watched(int fd, const struct mirror_mm_alloc *block, bool write, bool before)
{
	char *addr = st_map(fd, block), *other = st_map(fd, block);
	int uffd = open_uffd(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED), sig;
	uint64_t value;
	size_t page;

	if (addr == MAP_FAILED || other == MAP_FAILED)
		return NO_MEMORY;
	if (uffd < 0)
		return CANNOT;
	if (before && st_peek_pages(addr, SIZE))
		return WRONG_SIGNAL;
	if (watch(uffd, addr, SIZE))
		return CANNOT;
	for (page = 0; page < PAGES; page++) {
		char *at = addr + page * ST_PAGE;

		sig = write ? st_poke(at, page + 1) : st_peek(at, &value);
		if (sig == SIGBUS)
			continue;
		if (sig)
			return WRONG_SIGNAL;
		if (st_peek(at, &value) || value != (write ? page + 1 : 0))
			return WRONG_CONTENT;
		if (*(uint64_t *)(other + page * ST_PAGE) != value)
			return WRONG_CONTENT;
	}
	return FINE;
}

static void expect_an_end(struct __test_metadata *_metadata, int fd, bool write, bool before)
{
	struct mirror_mm_alloc block;
	pid_t pid;
	int code;

	ASSERT_EQ(0, st_alloc(fd, ORDER, ST_GFP, &block));
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(touch_watched(fd, &block, write, before));
	code = wait_counting(pid);
	if (code == CANNOT)
		SKIP(return, "this kernel does not watch such memory");
	EXPECT_EQ(FINE, code);
	ASSERT_EQ(0, st_free(fd, block.id));
}

TEST_F(mirror, reading_a_marked_page_ends)
{
	expect_an_end(_metadata, self->fd, false, false);
}

TEST_F(mirror, writing_a_marked_page_ends)
{
	expect_an_end(_metadata, self->fd, true, false);
}

TEST_F(mirror, writing_a_page_that_was_there_before_the_mark_ends)
{
	expect_an_end(_metadata, self->fd, true, true);
}

/* The mark is in the way of nobody who has the block after it was freed, or frees it. */
TEST_F(mirror, marked_pages_of_a_freed_block_are_gone)
{
	struct mirror_mm_alloc block;
	int uffd = open_uffd(UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED), code;
	char *addr;
	pid_t pid;

	if (uffd < 0)
		SKIP(return, "this kernel does not watch such memory");
	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	if (watch(uffd, addr, SIZE))
		SKIP(return, "this kernel does not watch such memory");
	ASSERT_EQ(0, st_free(self->fd, block.id));
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(st_count_signal(addr, SIZE, SIGBUS) == PAGES ? FINE : WRONG_SIGNAL);
	code = wait_counting(pid);
	EXPECT_EQ(FINE, code);
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
}

TEST_HARNESS_MAIN
