// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings of the device and faults in them, while each allocation of the kernel for it
 * fails once.
 */
#include <sys/wait.h>
#include "fail-device.h"

/* Addresses that are nobody's. */
static int have_target(const struct fail_op *op)
{
	int ret = have_touched(op);

	w.target = mmap(NULL, BLOCK_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return ret ? ret : w.target == MAP_FAILED ? -errno : 0;
}

/* mappings ---------------------------------------------------------------------------- */

static int run_map(const struct fail_op *op)
{
	w.addr = st_map(w.fd, &w.block);
	return w.addr == MAP_FAILED ? -errno : 0;
}

static int run_unmap(const struct fail_op *op)
{
	return munmap(w.addr, BLOCK_SIZE) ? -errno : 0;
}

/* Out of its middle: one mapping becomes two. */
static int run_unmap_middle(const struct fail_op *op)
{
	return munmap(w.addr + ST_PAGE, ST_PAGE) ? -errno : 0;
}

static int run_protect_middle(const struct fail_op *op)
{
	return mprotect(w.addr + ST_PAGE, ST_PAGE, PROT_READ) ? -errno : 0;
}

static int run_move(const struct fail_op *op)
{
	char *to = mremap(w.addr, BLOCK_SIZE, BLOCK_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
			  w.target);

	if (to == MAP_FAILED)
		return -errno;
	w.addr = to;
	return 0;
}

static const char *settle_move(const struct fail_op *op)
{
	const char *said = settle_content(op);

	munmap(w.target, BLOCK_SIZE);
	return said;
}

static int run_fork(const struct fail_op *op)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(0);
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		;
	return status;
}

TEST_F_TIMEOUT(mirror, mappings, FAIL_TIME)
{
	static const struct fail_op ops[] = {
		{ "mmap", have_block, run_map, settle },
		{ "munmap", have_touched, run_unmap, settle },
		{ "munmap-middle", have_touched, run_unmap_middle, settle_content },
		{ "mprotect-middle", have_touched, run_protect_middle, settle_content },
		{ "mremap", have_target, run_move, settle_move },
		{ "fork", have_touched, run_fork, settle_content, .errors = { -EAGAIN } },
	};
	size_t i;

	ASSERT_EQ(0, fail_prepare());
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		fail_sweep(_metadata, &ops[i]);
}

/* faults ------------------------------------------------------------------------------- */

static int have_lonely_mapping(const struct fail_op *op)
{
	int ret = have_block(op);

	if (ret)
		return ret;
	w.addr = mmap(lonely(), BLOCK_SIZE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_FIXED_NOREPLACE, w.fd, w.block.offset);
	return w.addr == MAP_FAILED ? -errno : 0;
}

/* The kernel tries a fault of a program again that had no memory. */
static int run_read(const struct fail_op *op)
{
	uint64_t value = 1;

	return st_peek(w.addr, &value) ?: (int)value;
}

static int run_write(const struct fail_op *op)
{
	return st_poke(w.addr, 1);
}

static int run_granted_write(const struct fail_op *op)
{
	return st_poke(w.addr, 1);
}

static int have_granted_mapping(const struct fail_op *op)
{
	int ret = have_granted(op);

	return ret ? ret : run_map_granted(op);
}

/* And a fault of its own it does not. */
static int run_read_file(const struct fail_op *op)
{
	ssize_t got = read(w.zero, w.addr, ST_PAGE);

	return got < 0 ? -errno : got == ST_PAGE ? 0 : -EFAULT;
}

static int run_mem_read(const struct fail_op *op)
{
	uint64_t value = 1;
	ssize_t got = pread(w.mem, &value, sizeof(value), (uintptr_t)w.addr);

	return got < 0 ? -errno : got != sizeof(value) || value;
}

static int run_mem_write(const struct fail_op *op)
{
	const uint64_t value = 1;
	ssize_t got = pwrite(w.mem, &value, sizeof(value), (uintptr_t)w.addr);

	return got < 0 ? -errno : got != sizeof(value);
}

TEST_F_TIMEOUT(mirror, faults, FAIL_TIME)
{
	static const struct fail_op ops[] = {
		{ "fault-read", have_lonely_mapping, run_read, settle },
		{ "fault-write", have_lonely_mapping, run_write, settle_content },
		{ "fault-granted", have_granted_mapping, run_granted_write, settle_content },
		{ "fault-kernel", have_lonely_mapping, run_read_file, settle,
		  .errors = { -EFAULT } },
		{ "mem-read", have_lonely_mapping, run_mem_read, settle,
		  .errors = { -EIO } },
		{ "mem-write", have_lonely_mapping, run_mem_write, settle,
		  .errors = { -EIO } },
	};
	size_t i;

	w.zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	w.mem = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, w.zero);
	ASSERT_LE(0, w.mem);
	ASSERT_EQ(0, fail_prepare());
	for (i = 0; i < ARRAY_SIZE(ops); i++)
		fail_sweep(_metadata, &ops[i]);
}

TEST_HARNESS_MAIN
