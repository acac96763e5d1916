// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors that map one block and can do nothing else: what whoever gets one can
 * see, what he cannot reach, and what becomes of the block.
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include "fixture.h"

#define ORDER	3
#define PAGES	8ul
#define SIZE	(PAGES * ST_PAGE)

/* Two blocks of the file: one to hand out, and one that must not be seen. */
struct blocks {
	struct mirror_mm_alloc given;
	struct mirror_mm_alloc kept;
	char *given_at;
	char *kept_at;
};

static int make_blocks(int fd, struct blocks *b)
{
	if (st_alloc(fd, ORDER, ST_GFP, &b->given) || st_alloc(fd, ORDER, ST_GFP, &b->kept))
		return -1;
	b->given_at = st_map(fd, &b->given);
	b->kept_at = st_map(fd, &b->kept);
	if (b->given_at == MAP_FAILED || b->kept_at == MAP_FAILED)
		return -1;
	st_fill(b->given_at, SIZE, 1);
	st_fill(b->kept_at, SIZE, 2);
	return 0;
}

static int count_fds(void)
{
	int fd, nr = 0;

	for (fd = 0; fd < 64; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

TEST_F(mirror, granted_descriptor_shows_the_block_and_nothing_else)
{
	struct blocks b;
	char *map, *part;
	int fd;

	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fd = st_grant(self->fd, b.given.id, MIRROR_MM_GRANT_WRITE);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	map = st_map_at(fd, 0, SIZE);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, st_differs(map, SIZE, 1));
	st_fill(map, SIZE, 3);
	EXPECT_EQ(0, st_differs(b.given_at, SIZE, 3));
	part = st_map_at(fd, 5 * ST_PAGE, 2 * ST_PAGE);
	ASSERT_NE(MAP_FAILED, part);
	EXPECT_EQ(0, memcmp(part, map + 5 * ST_PAGE, 2 * ST_PAGE));
	EXPECT_EQ(0, st_differs(b.kept_at, SIZE, 2));
	EXPECT_EQ(0, st_waiting_blocks(self->fd));
	EXPECT_EQ(2, st_held_blocks(self->fd));
}

/* Refused, by this module or, where offsets have fewer bits, by the kernel. */
static bool no_such_offset(int fd, uint64_t offset)
{
	int error = st_map_errno(fd, offset, ST_PAGE, PROT_READ, MAP_SHARED);

	return error == EINVAL || error == EOVERFLOW;
}

TEST_F(mirror, granted_descriptor_maps_within_the_block_only)
{
	struct blocks b;
	uint64_t bit;
	int fd;

	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fd = st_grant(self->fd, b.given.id, MIRROR_MM_GRANT_WRITE);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(EINVAL, st_map_errno(fd, 0, SIZE + ST_PAGE, PROT_READ, MAP_SHARED));
	EXPECT_EQ(EINVAL, st_map_errno(fd, SIZE - ST_PAGE, 2 * ST_PAGE, PROT_READ,
				       MAP_SHARED));
	EXPECT_EQ(EINVAL, st_map_errno(fd, 0, ST_PAGE, PROT_READ, MAP_PRIVATE));
	for (bit = SIZE; bit < (sizeof(long) == 8 ? 1ull << 62 : 1ull << 44); bit <<= 1)
		EXPECT_TRUE(no_such_offset(fd, bit)) {
			TH_LOG("offset %#llx", (unsigned long long)bit);
		}
	/* Offsets of the file that it came from mean nothing here. */
	EXPECT_TRUE(no_such_offset(fd, b.kept.offset));
	EXPECT_TRUE(no_such_offset(fd, b.given.offset));
	EXPECT_TRUE(no_such_offset(fd, -b.given.offset));
}

TEST_F(mirror, granted_descriptor_for_reading_is_no_more)
{
	struct blocks b;
	char path[32];
	char *map;
	int fd;

	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fd = st_grant(self->fd, b.given.id, 0);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(EACCES, st_map_errno(fd, 0, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED));
	EXPECT_EQ(EACCES, st_map_errno(fd, 0, SIZE, PROT_WRITE, MAP_SHARED));
	map = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, st_differs(map, SIZE, 1));
	EXPECT_EQ(-1, mprotect(map, SIZE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_GT(0, st_proc_mem(getpid(), map, &b, 8, true));
	/* Nor is there a way to open it anew. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	EXPECT_EQ(-1, open(path, O_RDWR | O_CLOEXEC));
	EXPECT_EQ(0, st_differs(b.given_at, SIZE, 1));
}

TEST_F(mirror, granted_descriptor_answers_no_request)
{
	static const unsigned long requests[] = {
		MIRROR_MM_INFO, MIRROR_MM_ALLOC, MIRROR_MM_FREE, MIRROR_MM_SUBMIT,
		MIRROR_MM_CTL,
	};
	static char arg[256];
	struct blocks b;
	size_t i;
	int fd;

	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fd = st_grant(self->fd, b.given.id, MIRROR_MM_GRANT_WRITE);
	ASSERT_GE(fd, 0);
	for (i = 0; i < ARRAY_SIZE(requests); i++)
		EXPECT_EQ(-ENOTTY, st_ioctl(fd, requests[i], arg));
	EXPECT_EQ(-ENOTTY, st_free(fd, b.given.id));
	EXPECT_EQ(-ENOTTY, st_grant(fd, b.given.id, 0));
	EXPECT_GT(0, read(fd, arg, sizeof(arg)));
	EXPECT_GT(0, write(fd, arg, sizeof(arg)));
	EXPECT_EQ(2, st_held_blocks(self->fd));
}

TEST_F(mirror, grant_of_what_is_not_there)
{
	struct mirror_mm_alloc theirs;
	struct mirror_mm_ctl arg;
	int other = st_open(), fds;
	struct blocks b;
	unsigned int bit;
	size_t i;

	ASSERT_GE(other, 0);
	ASSERT_EQ(0, make_blocks(self->fd, &b));
	ASSERT_EQ(0, st_alloc(other, 0, ST_GFP, &theirs));
	fds = count_fds();
	EXPECT_EQ(-ENOENT, st_grant(self->fd, 0, 0));
	EXPECT_EQ(-ENOENT, st_grant(self->fd, UINT64_MAX, 0));
	EXPECT_EQ(-ENOENT, st_grant(self->fd, theirs.id, 0));
	EXPECT_EQ(-ENOENT, st_grant(other, b.given.id, 0));
	for (bit = 0; bit < 64; bit++)
		EXPECT_EQ(-ENOENT, st_grant(other, theirs.id ^ 1ull << bit, 0));
	for (bit = 1; bit < 32; bit++)
		EXPECT_EQ(-EINVAL, st_grant(self->fd, b.given.id, 1u << bit));
	for (i = offsetof(struct mirror_mm_grant, fd); i < sizeof(arg.reserved); i++) {
		memset(&arg, 0, sizeof(arg));
		arg.cmd = MIRROR_MM_CTL_GRANT;
		arg.grant.id = b.given.id;
		((char *)arg.reserved)[i] = 1;
		EXPECT_EQ(-EINVAL, st_ioctl(self->fd, MIRROR_MM_CTL, &arg)) {
			TH_LOG("byte %zu", i);
		}
	}
	ASSERT_EQ(0, munmap(b.given_at, SIZE));
	ASSERT_EQ(0, st_free(self->fd, b.given.id));
	EXPECT_EQ(-ENOENT, st_grant(self->fd, b.given.id, 0));
	EXPECT_EQ(fds, count_fds());
}

/* A descriptor that nobody is told of must not stay open, nor hold the block. */
TEST_F(mirror, grant_that_cannot_be_told_leaves_nothing)
{
	struct mirror_mm_ctl *arg = mmap(NULL, ST_PAGE, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct rlimit limit, none;
	struct blocks b;
	int fds;

	ASSERT_NE(MAP_FAILED, arg);
	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fds = count_fds();
	arg->cmd = MIRROR_MM_CTL_GRANT;
	arg->grant.id = b.given.id;
	ASSERT_EQ(0, mprotect(arg, ST_PAGE, PROT_READ));
	EXPECT_EQ(-EFAULT, st_ioctl(self->fd, MIRROR_MM_CTL, arg));
	EXPECT_EQ(fds, count_fds());
	ASSERT_EQ(0, getrlimit(RLIMIT_NOFILE, &limit));
	none = limit;
	none.rlim_cur = 0;
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(-EMFILE, st_grant(self->fd, b.given.id, 0));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &limit));
	ASSERT_EQ(0, munmap(b.given_at, SIZE));
	ASSERT_EQ(0, st_free(self->fd, b.given.id));
	EXPECT_EQ(0, st_waiting_blocks(self->fd));
}

/* moving a mapping to other offsets ---------------------------------------------------------- */

/* remap_file_pages() is mmap() of the same file at another offset. */
TEST_F(mirror, remap_file_pages_stays_within_the_block)
{
	unsigned long targets[80], offset;
	size_t i, page, nr = 0;
	struct blocks b;
	uint64_t value;
	char *map;
	int fd;

	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fd = st_grant(self->fd, b.given.id, MIRROR_MM_GRANT_WRITE);
	ASSERT_GE(fd, 0);
	for (i = 1; i <= 64; i++)
		targets[nr++] = i * PAGES;
	for (offset = 1; nr < ARRAY_SIZE(targets) - 2; offset <<= 2)
		targets[nr++] = PAGES + offset;
	targets[nr++] = b.kept.offset / ST_PAGE;
	targets[nr++] = b.given.offset / ST_PAGE;
	for (i = 0; i < nr; i++) {
		map = st_map_at(fd, 0, SIZE);
		ASSERT_NE(MAP_FAILED, map);
		EXPECT_EQ(-1, remap_file_pages(map, SIZE, 0, targets[i], 0));
		EXPECT_EQ(-1, remap_file_pages(map, ST_PAGE, 0, targets[i], 0));
		for (page = 0; page < PAGES; page++) {
			if (st_peek(map + page * ST_PAGE, &value))
				continue;
			EXPECT_EQ(*(uint64_t *)(b.given_at + page * ST_PAGE), value);
		}
		munmap(map, SIZE);
	}
	EXPECT_EQ(0, st_differs(b.kept_at, SIZE, 2));
}

TEST_F(mirror, mremap_of_a_granted_mapping_moves_and_does_not_grow)
{
	char *room = mmap(NULL, SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct blocks b;
	char *map;
	int fd;

	ASSERT_NE(MAP_FAILED, room);
	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fd = st_grant(self->fd, b.given.id, MIRROR_MM_GRANT_WRITE);
	ASSERT_GE(fd, 0);
	map = st_map_at(fd, ST_PAGE, 3 * ST_PAGE);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(MAP_FAILED, mremap(map, 3 * ST_PAGE, SIZE, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(room, mremap(map, 3 * ST_PAGE, 3 * ST_PAGE,
			       MREMAP_MAYMOVE | MREMAP_FIXED, room));
	EXPECT_EQ(0, memcmp(room, b.given_at + ST_PAGE, 3 * ST_PAGE));
	ASSERT_EQ(0, st_free(self->fd, b.given.id));
	EXPECT_EQ(3, st_count_signal(room, 3 * ST_PAGE, SIGBUS));
}

/* the block's life, and whose it is -------------------------------------------------------- */

TEST_F(mirror, free_ends_the_block_for_the_grantee)
{
	struct blocks b;
	char *map, *late;
	int fd;

	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fd = st_grant(self->fd, b.given.id, MIRROR_MM_GRANT_WRITE);
	ASSERT_GE(fd, 0);
	map = st_map_at(fd, 0, SIZE);
	ASSERT_NE(MAP_FAILED, map);
	ASSERT_EQ(0, st_peek_pages(map, SIZE));
	ASSERT_EQ(0, munmap(b.given_at, SIZE));
	ASSERT_EQ(0, st_free(self->fd, b.given.id));
	EXPECT_EQ(PAGES, st_count_signal(map, SIZE, SIGBUS));
	EXPECT_EQ(SIGBUS, st_poke(map, 1));
	/* A mapping that is made afterwards is refused, or shows nothing either. */
	late = st_map_at(fd, 0, SIZE);
	if (late != MAP_FAILED) {
		EXPECT_EQ(PAGES, st_count_signal(late, SIZE, SIGBUS));
		ASSERT_EQ(0, munmap(late, SIZE));
	}
	/* Its pages are free at once; its slot waits for mapping and descriptor. */
	EXPECT_EQ(self->info.nr_free - PAGES, st_nr_free(self->fd));
	EXPECT_EQ(1, st_waiting_blocks(self->fd));
	ASSERT_EQ(0, munmap(map, SIZE));
	EXPECT_EQ(1, st_waiting_blocks(self->fd));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(0, st_waiting_blocks(self->fd));
}

/* Who was handed a block keeps none of what the file had from others. */
TEST_F(mirror, blocks_end_with_their_file_whoever_has_a_grant)
{
	int owner = st_open(), fd, unmapped;
	struct blocks b;
	char *map;

	ASSERT_GE(owner, 0);
	ASSERT_EQ(0, make_blocks(owner, &b));
	fd = st_grant(owner, b.given.id, MIRROR_MM_GRANT_WRITE);
	ASSERT_GE(fd, 0);
	unmapped = st_grant(owner, b.kept.id, 0);
	ASSERT_GE(unmapped, 0);
	map = st_map_at(fd, 0, SIZE);
	ASSERT_NE(MAP_FAILED, map);
	EXPECT_EQ(0, st_differs(map, SIZE, 1));
	ASSERT_EQ(0, munmap(b.given_at, SIZE));
	ASSERT_EQ(0, munmap(b.kept_at, SIZE));
	EXPECT_EQ(self->info.nr_free - 2 * PAGES, st_nr_free(self->fd));
	ASSERT_EQ(0, close(owner));
	EXPECT_EQ(self->info.nr_free, st_nr_free(self->fd));
	EXPECT_EQ(PAGES, st_count_signal(map, SIZE, SIGBUS));
	EXPECT_EQ(ENXIO, st_map_errno(fd, 0, SIZE, PROT_READ, MAP_SHARED));
	EXPECT_EQ(ENXIO, st_map_errno(unmapped, 0, SIZE, PROT_READ, MAP_SHARED));
	ASSERT_EQ(0, close(fd));
	EXPECT_EQ(PAGES, st_count_signal(map, SIZE, SIGBUS));
	ASSERT_EQ(0, munmap(map, SIZE));
	ASSERT_EQ(0, close(unmapped));
}

/* Over a socket, to a process that may not even open the device. */
static int use_as_nobody(int socket)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char byte, *map;
	struct iovec iov = { &byte, 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	int fd;

	if (st_become_nobody() || st_open() != -EACCES)
		return 1;
	if (recvmsg(socket, &message, 0) != 1 || !CMSG_FIRSTHDR(&message))
		return 2;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	map = st_map_at(fd, 0, SIZE);
	if (map == MAP_FAILED || st_differs(map, SIZE, 1))
		return 3;
	st_fill(map, SIZE, 5);
	return 0;
}

TEST_F(mirror, another_user_maps_what_he_was_handed)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec iov = { "", 1 };
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct blocks b;
	int pair[2], fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		SKIP(return, "this kernel has no Unix sockets");
	/* Before there is anything to inherit. */
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(use_as_nobody(pair[1]));
	ASSERT_EQ(0, make_blocks(self->fd, &b));
	fd = st_grant(self->fd, b.given.id, MIRROR_MM_GRANT_WRITE);
	ASSERT_GE(fd, 0);
	control.head = (struct cmsghdr){
		CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	ASSERT_EQ(1, sendmsg(pair[0], &message, 0));
	EXPECT_EQ(0, st_wait(pid));
	EXPECT_EQ(0, st_differs(b.given_at, SIZE, 5));
	EXPECT_EQ(0, st_differs(b.kept_at, SIZE, 2));
}

#define MANY	10000

TEST_F(mirror, thousands_of_grants_leave_nothing_behind)
{
	struct rlimit limit = { MANY + 100, MANY + 100 };
	static int fds[MANY];
	struct blocks b;
	int i;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		SKIP(return, "so many descriptors are not allowed");
	ASSERT_EQ(0, make_blocks(self->fd, &b));
	for (i = 0; i < MANY; i++) {
		fds[i] = st_grant(self->fd, b.given.id, i % 2);
		ASSERT_GE(fds[i], 0);
	}
	ASSERT_EQ(0, munmap(b.given_at, SIZE));
	ASSERT_EQ(0, st_free(self->fd, b.given.id));
	EXPECT_EQ(1, st_waiting_blocks(self->fd));
	for (i = 0; i < MANY; i++)
		ASSERT_EQ(0, close(fds[i]));
	EXPECT_EQ(0, st_waiting_blocks(self->fd));
	EXPECT_EQ(self->info.nr_free - PAGES, st_nr_free(self->fd));
	EXPECT_EQ(0, st_differs(b.kept_at, SIZE, 2));
}

TEST_HARNESS_MAIN
