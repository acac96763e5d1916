// SPDX-License-Identifier: GPL-2.0
/*
 * What a file may do: how it was opened, and what was given up since. A right that is
 * dropped is gone for everybody who holds the file, and for good.
 */
#include <dirent.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include "fixture.h"

#define PARAMETERS	"/sys/module/mirror_mm/parameters"

/* each call, and what it gives -------------------------------------------------------- */

static int set_policy(int fd)
{
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_SET_MEMPOLICY };

	return st_ioctl(fd, MIRROR_MM_CTL, &arg);
}

static int get_policy(int fd)
{
	struct mirror_mm_ctl arg = { .cmd = MIRROR_MM_CTL_GET_MEMPOLICY };

	return st_ioctl(fd, MIRROR_MM_CTL, &arg);
}

/* 0 or the errno of an ALLOC, also as an operation; the blocks are kept. */
static int alloc_both_ways(int fd, unsigned int gfp, unsigned int flags)
{
	struct mirror_mm_alloc block;
	struct mirror_mm_op op;
	int ret = st_alloc_flags(fd, 0, gfp, flags, &block);

	st_op_alloc(&op, 0, gfp);
	op.alloc.flags = flags;
	if (st_submit(fd, &op, 1) != 1 || op.result != ret)
		return -EPROTO;
	return ret;
}

/* The same for FREE, of a block each. */
static int free_both_ways(int fd, const struct mirror_mm_alloc block[2])
{
	struct mirror_mm_op op;
	int ret = st_free(fd, block[0].id);

	st_op_free(&op, block[1].id);
	if (st_submit(fd, &op, 1) != 1 || op.result != ret)
		return -EPROTO;
	return ret;
}

/* 0 or the errno; the descriptor is closed. */
static int grant(int fd, uint64_t id, unsigned int flags)
{
	int ret = st_grant(fd, id, flags);

	if (ret < 0)
		return ret;
	close(ret);
	return 0;
}

static int map_errno(int fd, uint64_t offset, int prot)
{
	return st_map_errno(fd, offset, ST_PAGE, prot, MAP_SHARED);
}

/* what a file of certain rights can do --------------------------------------------------- */

/* 0 where the file has the right, or else what it gets. */
static int want(uint64_t rights, uint64_t right)
{
	return rights & right ? 0 : -EPERM;
}

static void expect_rights(struct __test_metadata *_metadata, int fd, uint64_t rights,
			  struct mirror_mm_alloc block[3])
{
	struct mirror_mm_info info;
	bool alloc = rights & MIRROR_MM_RIGHT_ALLOC;
	int may_alloc = want(rights, MIRROR_MM_RIGHT_ALLOC);
	int may_grant = want(rights, MIRROR_MM_RIGHT_GRANT);
	int may_write = rights & MIRROR_MM_RIGHT_WRITE ? 0 : EACCES;
	/* Both rights are wanted for these. */
	int special = want(alloc ? rights : 0, MIRROR_MM_RIGHT_ADMIN);

	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(rights, info.rights);
	EXPECT_EQ(!(rights & MIRROR_MM_RIGHT_ADMIN), info.start_pfn == MIRROR_MM_PFN_HIDDEN);
	EXPECT_EQ(!(rights & MIRROR_MM_RIGHT_ADMIN), info.end_pfn == MIRROR_MM_PFN_HIDDEN);
	EXPECT_EQ(0, get_policy(fd));
	EXPECT_EQ(may_alloc, set_policy(fd));
	EXPECT_EQ(may_alloc, alloc_both_ways(fd, ST_GFP, 0));
	EXPECT_EQ(special, alloc_both_ways(fd, ST_GFP, MIRROR_MM_ALLOC_NOZERO));
	EXPECT_EQ(special, alloc_both_ways(fd, MIRROR_GFP_ATOMIC, 0));
	EXPECT_EQ(special, alloc_both_ways(fd, ST_GFP | __MIRROR_GFP_MEMALLOC, 0));
	EXPECT_EQ(may_grant, grant(fd, block[0].id, 0));
	EXPECT_EQ(may_grant ? may_grant : -may_write,
		  grant(fd, block[0].id, MIRROR_MM_GRANT_WRITE));
	EXPECT_EQ(0, map_errno(fd, block[0].offset, PROT_READ));
	EXPECT_EQ(may_write, map_errno(fd, block[0].offset, PROT_READ | PROT_WRITE));
	EXPECT_EQ(want(rights, MIRROR_MM_RIGHT_FREE), free_both_ways(fd, &block[1]));
}

static int alloc_three(int fd, struct mirror_mm_alloc block[3])
{
	return st_alloc(fd, 0, ST_GFP, &block[0]) || st_alloc(fd, 0, ST_GFP, &block[1]) ||
	       st_alloc(fd, 0, ST_GFP, &block[2]);
}

TEST_F(mirror, every_set_of_rights_can_be_dropped)
{
	struct mirror_mm_alloc block[3];
	uint64_t set;
	int fd;

	self->reserves = true;
	for (set = 0; set <= MIRROR_MM_RIGHTS; set++) {
		fd = st_open();
		ASSERT_GE(fd, 0);
		ASSERT_EQ(0, alloc_three(fd, block));
		ASSERT_EQ(0, st_drop_rights(fd, set));
		expect_rights(_metadata, fd, MIRROR_MM_RIGHTS & ~set, block);
		ASSERT_EQ(0, close(fd));
	}
}

TEST_F(mirror, rights_go_one_by_one_and_stay_away)
{
	struct mirror_mm_alloc block[3];
	uint64_t rights = MIRROR_MM_RIGHTS, bit;
	struct mirror_mm_info info;

	ASSERT_EQ(0, alloc_three(self->fd, block));
	for (bit = 1; bit < MIRROR_MM_RIGHTS; bit <<= 1) {
		rights &= ~bit;
		ASSERT_EQ(0, st_drop_rights(self->fd, bit));
		/* What is not there any more is passed over; nothing comes back. */
		ASSERT_EQ(0, st_drop_rights(self->fd, bit));
		ASSERT_EQ(0, st_drop_rights(self->fd, 0));
		ASSERT_EQ(0, st_info(self->fd, &info));
		EXPECT_EQ(rights, info.rights);
	}
	expect_rights(_metadata, self->fd, 0, block);
}

TEST_F(mirror, unprivileged_file_has_all_rights_but_one)
{
	int fd = st_open_unprivileged();
	struct mirror_mm_alloc block[3];

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, alloc_three(fd, block));
	expect_rights(_metadata, fd, MIRROR_MM_RIGHTS & ~MIRROR_MM_RIGHT_ADMIN, block);
}

TEST_F(mirror, drop_of_unknown_rights_is_EINVAL_and_drops_nothing)
{
	struct mirror_mm_ctl arg;
	struct mirror_mm_info info;
	unsigned int bit;
	size_t i;

	for (bit = 0; bit < 64; bit++) {
		if (1ull << bit & MIRROR_MM_RIGHTS)
			continue;
		EXPECT_EQ(-EINVAL, st_drop_rights(self->fd, 1ull << bit));
		EXPECT_EQ(-EINVAL, st_drop_rights(self->fd, MIRROR_MM_RIGHTS | 1ull << bit));
	}
	for (i = sizeof(arg.drop_rights); i < sizeof(arg.reserved); i++) {
		memset(&arg, 0, sizeof(arg));
		arg.cmd = MIRROR_MM_CTL_DROP_RIGHTS;
		arg.drop_rights.rights = MIRROR_MM_RIGHTS;
		((char *)arg.reserved)[i] = 1;
		EXPECT_EQ(-EINVAL, st_ioctl(self->fd, MIRROR_MM_CTL, &arg));
	}
	memset(&arg, 0, sizeof(arg));
	arg.cmd = MIRROR_MM_CTL_DROP_RIGHTS;
	arg.flags = 1;
	arg.drop_rights.rights = MIRROR_MM_RIGHTS;
	EXPECT_EQ(-EINVAL, st_ioctl(self->fd, MIRROR_MM_CTL, &arg));
	ASSERT_EQ(0, st_info(self->fd, &info));
	EXPECT_EQ(MIRROR_MM_RIGHTS, info.rights);
}

/* What is mapped for writing stays so; its protection comes back, too. */
TEST_F(mirror, mappings_outlive_the_right_to_make_them)
{
	struct mirror_mm_alloc block;
	char *writing, *reading;

	ASSERT_EQ(0, st_alloc(self->fd, 1, ST_GFP, &block));
	writing = st_map(self->fd, &block);
	ASSERT_NE(MAP_FAILED, writing);
	ASSERT_EQ(0, st_drop_rights(self->fd, MIRROR_MM_RIGHTS));
	st_fill(writing, st_block_size(&block), 1);
	ASSERT_EQ(0, mprotect(writing, ST_PAGE, PROT_READ));
	ASSERT_EQ(0, mprotect(writing, ST_PAGE, PROT_READ | PROT_WRITE));
	reading = mmap(NULL, st_block_size(&block), PROT_READ, MAP_SHARED, self->fd,
		       block.offset);
	ASSERT_NE(MAP_FAILED, reading);
	EXPECT_EQ(0, st_differs(reading, st_block_size(&block), 1));
	EXPECT_EQ(-1, mprotect(reading, ST_PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_GT(0, st_proc_mem(getpid(), reading, &block, 8, true));
	EXPECT_EQ(0, st_differs(writing, st_block_size(&block), 1));
}

/* how the file was opened ------------------------------------------------------------------ */

TEST_F(mirror, file_open_for_reading_changes_nothing)
{
	struct mirror_mm_alloc block[2] = { { .id = 1 }, { .id = 2 } };
	int fd = st_open_mode(O_RDONLY);
	struct mirror_mm_info info;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EBADF, alloc_both_ways(fd, ST_GFP, 0));
	EXPECT_EQ(-EBADF, free_both_ways(fd, block));
	EXPECT_EQ(-EBADF, set_policy(fd));
	EXPECT_EQ(-EBADF, grant(fd, 1, 0));
	EXPECT_EQ(0, get_policy(fd));
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(self->info.start_pfn, info.start_pfn);
	EXPECT_EQ(0, info.held_blocks);
	EXPECT_EQ(0, st_drop_rights(fd, MIRROR_MM_RIGHT_ADMIN));
	ASSERT_EQ(0, st_info(fd, &info));
	EXPECT_EQ(MIRROR_MM_PFN_HIDDEN, info.start_pfn);
	EXPECT_EQ(self->info.nr_free, info.nr_free);
}

/* As for any file, what maps has to be readable. */
TEST_F(mirror, file_open_for_writing_allocates_and_maps_nothing)
{
	struct mirror_mm_alloc block[3];
	int fd = st_open_mode(O_WRONLY);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, alloc_three(fd, block));
	EXPECT_EQ(EACCES, map_errno(fd, block[0].offset, PROT_READ));
	EXPECT_EQ(EACCES, map_errno(fd, block[0].offset, PROT_WRITE));
	EXPECT_EQ(0, free_both_ways(fd, block));
}

/* An open that is not allowed the file's own mode for all is not asked for its rights. */
TEST_F(mirror, reopening_for_reading_gives_a_file_for_reading)
{
	struct mirror_mm_alloc block;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", self->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EBADF, st_alloc(fd, 0, ST_GFP, &block));
}

/* everybody who holds the file ---------------------------------------------------------------- */

static int send_and_receive(int fd)
{
	union {
		struct cmsghdr head;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec byte = { "", 1 };
	struct msghdr message = {
		.msg_iov = &byte, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	char got;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return -1;
	control.head = (struct cmsghdr){
		CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	if (sendmsg(pair[0], &message, 0) != 1)
		return -1;
	byte.iov_base = &got;
	if (recvmsg(pair[1], &message, 0) != 1)
		return -1;
	memcpy(&fd, CMSG_DATA(&control.head), sizeof(fd));
	close(pair[0]);
	close(pair[1]);
	return fd;
}

TEST_F(mirror, rights_go_for_all_descriptors_of_the_file)
{
	int copy = dup(self->fd), sent = send_and_receive(self->fd);
	struct mirror_mm_alloc block;
	pid_t pid;

	ASSERT_GE(copy, 0);
	ASSERT_GE(sent, 0);
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(st_drop_rights(copy, MIRROR_MM_RIGHT_ALLOC | MIRROR_MM_RIGHT_ADMIN) ?
		      1 : 0);
	ASSERT_EQ(0, st_wait(pid));
	EXPECT_EQ(-EPERM, st_alloc(self->fd, 0, ST_GFP, &block));
	EXPECT_EQ(-EPERM, st_alloc(copy, 0, ST_GFP, &block));
	EXPECT_EQ(-EPERM, st_alloc(sent, 0, ST_GFP, &block));
	/* And for no other file, whose opener has all of them. */
	copy = st_open();
	ASSERT_GE(copy, 0);
	EXPECT_EQ(0, st_alloc(copy, 0, ST_GFP, &block));
	EXPECT_NE(MIRROR_MM_PFN_HIDDEN, block.pfn);
}

struct racer {
	int fd;
	bool dropped;
	bool stop;
	unsigned int before;
	unsigned int after;
	unsigned int odd;
};

/* Whatever begins after the drop has returned must fail. */
static void *race_with_drop(void *data)
{
	struct racer *r = data;
	struct mirror_mm_op op;
	bool late;

	while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE)) {
		late = __atomic_load_n(&r->dropped, __ATOMIC_ACQUIRE);
		st_op_alloc(&op, 0, ST_GFP);
		if (st_submit(r->fd, &op, 1) != 1)
			__atomic_add_fetch(&r->odd, 1, __ATOMIC_RELAXED);
		else if (!op.result)
			__atomic_add_fetch(late ? &r->after : &r->before, 1, __ATOMIC_RELAXED);
		else if (op.result != -EPERM)
			__atomic_add_fetch(&r->odd, 1, __ATOMIC_RELAXED);
		if (!op.result && st_free(r->fd, op.alloc.id))
			__atomic_add_fetch(&r->odd, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

TEST_F(mirror, nothing_works_once_drop_has_returned)
{
	unsigned int round, i, total = 0;
	pthread_t thread[3];

	for (round = 0; round < 20; round++) {
		struct racer r = { .fd = st_open() };

		ASSERT_GE(r.fd, 0);
		for (i = 0; i < 3; i++)
			ASSERT_EQ(0, pthread_create(&thread[i], NULL, race_with_drop, &r));
		while (__atomic_load_n(&r.before, __ATOMIC_RELAXED) < 50)
			sched_yield();
		ASSERT_EQ(0, st_drop_rights(r.fd, MIRROR_MM_RIGHT_ALLOC));
		__atomic_store_n(&r.dropped, true, __ATOMIC_RELEASE);
		for (i = 0; i < 200; i++)
			sched_yield();
		__atomic_store_n(&r.stop, true, __ATOMIC_RELEASE);
		for (i = 0; i < 3; i++)
			ASSERT_EQ(0, pthread_join(thread[i], NULL));
		EXPECT_EQ(0, r.after);
		EXPECT_EQ(0, r.odd);
		EXPECT_EQ(0, st_held_blocks(r.fd));
		total += r.before;
		ASSERT_EQ(0, close(r.fd));
	}
	TH_LOG("%u blocks before, none after", total);
}

/* the module's own secrets ------------------------------------------------------ */

/* Physical addresses are hidden in INFO, and have to be here as well. */
TEST_F(mirror, region_is_for_root_only)
{
	struct stat st;
	pid_t pid;

	if (stat(PARAMETERS "/region", &st))
		SKIP(return, "the module has no parameters in sysfs");
	EXPECT_EQ(0400, st.st_mode & 07777);
	pid = st_fork();
	ASSERT_GE(pid, 0);
	if (!pid)
		_exit(st_become_nobody() || st_read(PARAMETERS "/region") || errno != EACCES);
	EXPECT_EQ(0, st_wait(pid));
}

/* Nor does any other parameter have an address in it. */
TEST_F(mirror, parameters_that_all_may_read_have_no_address)
{
	struct dirent *entry;
	DIR *dir = opendir(PARAMETERS);
	char path[300], *text;
	struct stat st;

	if (!dir)
		SKIP(return, "the module has no parameters in sysfs");
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), PARAMETERS "/%s", entry->d_name);
		ASSERT_EQ(0, stat(path, &st));
		if (!(st.st_mode & 0077))
			continue;
		text = st_read(path);
		ASSERT_NE(NULL, text);
		EXPECT_EQ(NULL, strchr(text, '@')) {
			TH_LOG("%s: %s", entry->d_name, text);
		}
		free(text);
	}
	closedir(dir);
}

TEST_HARNESS_MAIN
