// SPDX-License-Identifier: GPL-2.0
/*
 * One file in several hands: after fork, dup and SCM_RIGHTS, through a second
 * device node, and when its descriptor is gone while a mapping stays.
 */
#include <signal.h>
#include <sys/socket.h>
#include "fixture.h"

#define ORDER	3
#define PAGES	8ul
#define SIZE	(PAGES * ST_PAGE)

/* A pair of pipes by which parent and child take turns. */
struct turns {
	int to_child[2];
	int to_parent[2];
};

static int turns_init(struct turns *t)
{
	return pipe(t->to_child) || pipe(t->to_parent) ? -errno : 0;
}

static void signal_turn(int pipe_fd)
{
	if (write(pipe_fd, "x", 1) != 1)
		_exit(99);
}

static int wait_turn(int pipe_fd)
{
	char c;

	return read(pipe_fd, &c, 1) == 1 ? 0 : -EPIPE;
}

TEST_F(mirror, child_shares_memory_and_sees_the_free)
{
	struct mirror_mm_alloc block;
	struct turns t;
	char *addr;
	pid_t pid;

	ASSERT_EQ(0, turns_init(&t));
	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, SIZE / 2, 1);
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (st_differs(addr, SIZE / 2, 1))
			_exit(1);
		st_fill(addr + SIZE / 2, SIZE / 2, 2);
		signal_turn(t.to_parent[1]);
		if (wait_turn(t.to_child[0]))
			_exit(2);
		_exit(st_count_signal(addr, SIZE, SIGBUS) == PAGES ? 0 : 3);
	}
	ASSERT_EQ(0, wait_turn(t.to_parent[0]));
	EXPECT_EQ(0, st_differs(addr + SIZE / 2, SIZE / 2, 2));
	EXPECT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
	signal_turn(t.to_child[1]);
	EXPECT_EQ(0, st_wait(pid));
}

/* What nobody touched before the fork is one memory all the same. */
TEST_F(mirror, child_touches_first)
{
	struct mirror_mm_alloc block;
	char *addr;
	pid_t pid;

	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (st_not_zero(addr, SIZE))
			_exit(1);
		st_fill(addr, SIZE, 5);
		_exit(0);
	}
	EXPECT_EQ(0, st_wait(pid));
	EXPECT_EQ(0, st_differs(addr, SIZE, 5));
}

TEST_F(mirror, child_frees_and_the_parent_sees_it)
{
	struct mirror_mm_alloc block;
	char *addr;
	pid_t pid;

	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, SIZE, 5);
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(st_free(self->fd, block.id) ? 1 : 0);
	EXPECT_EQ(0, st_wait(pid));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
	EXPECT_EQ(-ENOENT, st_free(self->fd, block.id));
}

/* A child that exits takes nothing with it. */
TEST_F(mirror, exit_of_a_child_leaves_the_block)
{
	struct mirror_mm_alloc block, more;
	char *addr;
	pid_t pid;
	int i;

	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	addr = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, SIZE, 6);
	for (i = 0; i < 5; i++) {
		pid = st_fork();
		ASSERT_GE(pid, 0);
		if (!pid) {
			if (st_alloc(self->fd, 0, ST_GFP, &more))
				_exit(1);
			_exit(st_differs(addr, SIZE, 6) ? 2 : 0);
		}
		EXPECT_EQ(0, st_wait(pid));
	}
	EXPECT_EQ(6, st_held_blocks(self->fd));
	EXPECT_EQ(0, st_differs(addr, SIZE, 6));
	/* And the parent's mapping is still known, so that it goes with it. */
	ASSERT_EQ(0, st_free(self->fd, block.id));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
}

TEST_F(mirror, dup_is_the_same_file)
{
	int fd = dup(self->fd);
	struct mirror_mm_alloc block;
	char *addr;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	ASSERT_EQ(0, close(self->fd));
	EXPECT_EQ(PAGES, st_held_pages(fd));
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, SIZE, 7);
	EXPECT_EQ(0, st_differs(addr, SIZE, 7));
	EXPECT_EQ(0, st_free(fd, block.id));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
}

static int send_fd(int socket, int fd)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec byte = { .iov_base = "x", .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
	return sendmsg(socket, &message, 0) == 1 ? 0 : -errno;
}

static int receive_fd(int socket)
{
	union {
		char space[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	char c;
	struct iovec byte = { .iov_base = &c, .iov_len = 1 };
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(socket, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

/* The sender exits; its file lives on, first in the socket, then here. */
TEST_F(mirror, file_passed_through_a_socket_keeps_its_blocks)
{
	struct mirror_mm_alloc *block = mmap(NULL, ST_PAGE,
					     PROT_READ | PROT_WRITE,
					     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int pair[2], fd;
	char *addr;
	pid_t pid;

	ASSERT_NE(MAP_FAILED, block);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		SKIP(return, "this kernel has no Unix sockets");
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		fd = st_open();
		if (fd < 0 || st_alloc(fd, ORDER, ST_GFP, block))
			_exit(1);
		addr = st_map(fd, block);
		if (addr == MAP_FAILED)
			_exit(2);
		st_fill(addr, SIZE, 8);
		_exit(send_fd(pair[0], fd) ? 3 : 0);
	}
	ASSERT_EQ(0, st_wait(pid));
	EXPECT_EQ(self->info.nr_free - PAGES, st_nr_free(self->fd));
	EXPECT_EQ(-ENOENT, st_free(self->fd, block->id));
	fd = receive_fd(pair[1]);
	ASSERT_GE(fd, 0);
	addr = st_map(fd, block);
	ASSERT_NE(MAP_FAILED, addr);
	EXPECT_EQ(0, st_differs(addr, SIZE, 8));
	EXPECT_EQ(0, st_free(fd, block->id));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
}

/* A descriptor that is never received goes with its socket. */
TEST_F(mirror, file_lost_in_a_socket_is_released)
{
	struct mirror_mm_alloc block;
	int pair[2], fd = st_open();

	ASSERT_GE(fd, 0);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		SKIP(return, "this kernel has no Unix sockets");
	ASSERT_EQ(0, st_alloc(fd, ORDER, ST_GFP, &block));
	ASSERT_EQ(0, send_fd(pair[0], fd));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(self->info.nr_free - PAGES, st_nr_free(self->fd));
	ASSERT_EQ(0, close(pair[0]));
	ASSERT_EQ(0, close(pair[1]));
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

TEST_F(mirror, mapping_outlives_the_descriptor)
{
	int fd = st_open();
	struct mirror_mm_alloc block, lost;
	char *addr, *part, copy[ST_PAGE];

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, st_alloc(fd, ORDER, ST_GFP, &block));
	ASSERT_EQ(0, st_alloc(fd, ORDER, ST_GFP, &lost));
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	part = st_map_at(fd, block.offset + ST_PAGE, ST_PAGE);
	ASSERT_NE(MAP_FAILED, part);
	st_fill(addr, SIZE / 2, 9);
	ASSERT_EQ(0, close(fd));
	/* The file is still in use, with all that it holds. */
	EXPECT_EQ(self->info.nr_free - 2 * PAGES, st_nr_free(self->fd));
	EXPECT_EQ(0, st_differs(addr, SIZE / 2, 9));
	EXPECT_EQ(0, st_not_zero(addr + SIZE / 2, SIZE / 2));
	st_fill(addr, SIZE, 10);
	memcpy(copy, addr + ST_PAGE, ST_PAGE);
	ASSERT_EQ(0, munmap(addr, SIZE));
	EXPECT_EQ(0, memcmp(part, copy, ST_PAGE));
	EXPECT_EQ(self->info.nr_free - 2 * PAGES, st_nr_free(self->fd));
	ASSERT_EQ(0, munmap(part, ST_PAGE));
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
}

static int open_second_node(void)
{
	int fd, ret = st_make_node(0600);

	if (ret)
		return ret;
	fd = open(ST_NODE, O_RDWR | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/* Its inode is another one; what is mapped through it goes all the same. */
TEST_F(mirror, second_device_node_works_like_the_first)
{
	struct mirror_mm_alloc block, other;
	char *addr, *kept;
	int fd = open_second_node();

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &other));
	ASSERT_EQ(0, st_alloc(fd, ORDER, ST_GFP, &block));
	EXPECT_NE(other.offset, block.offset);
	kept = st_map(self->fd, &other);
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, kept);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(kept, SIZE, 11);
	st_fill(addr, SIZE, 12);
	EXPECT_EQ(-ENOENT, st_free(self->fd, block.id));
	EXPECT_EQ(-ENOENT, st_free(fd, other.id));
	EXPECT_EQ(0, st_free(fd, block.id));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
	EXPECT_EQ(0, st_differs(kept, SIZE, 11));
	EXPECT_EQ(0, st_free(self->fd, other.id));
	EXPECT_EQ(PAGES, st_count_signal(kept, SIZE, SIGBUS));
	EXPECT_EQ(0, unlink(ST_NODE));
}

/* A node that is gone while its file and mapping are still in use. */
TEST_F(mirror, free_after_the_second_node_is_deleted)
{
	struct mirror_mm_alloc block;
	int fd = open_second_node();
	char *addr;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, st_alloc(fd, ORDER, ST_GFP, &block));
	addr = st_map(fd, &block);
	ASSERT_NE(MAP_FAILED, addr);
	st_fill(addr, SIZE, 13);
	ASSERT_EQ(0, unlink(ST_NODE));
	EXPECT_EQ(0, st_differs(addr, SIZE, 13));
	EXPECT_EQ(0, st_free(fd, block.id));
	EXPECT_EQ(PAGES, st_count_signal(addr, SIZE, SIGBUS));
}

/* Opening a descriptor again by its name in /proc gives a file of its own. */
TEST_F(mirror, reopened_descriptor_is_another_file)
{
	struct mirror_mm_alloc block;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->fd);
	ASSERT_EQ(0, st_alloc(self->fd, ORDER, ST_GFP, &block));
	fd = open(path, O_RDWR | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(0, st_held_blocks(fd));
	EXPECT_EQ(-ENOENT, st_free(fd, block.id));
	EXPECT_EQ(ENXIO, st_map_errno(fd, block.offset, SIZE, PROT_READ,
				      MAP_SHARED));
	EXPECT_EQ(0, st_free(self->fd, block.id));
}

TEST_HARNESS_MAIN
